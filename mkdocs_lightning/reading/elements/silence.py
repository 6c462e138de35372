"""Which elements are silent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SILENT_TAGS = frozenset(
    "audio button canvas datalist del embed head iframe input link listing math meta meter noembed noframes noscript "
    "object plaintext pre progress rp rt rtc s script select strike style svg template textarea title video xmp".split()
)

ICON_CLASSES = frozenset(["emojione", "gemoji", "twemoji"])

SILENT_CLASSES = ICON_CLASSES | frozenset(
    "MathJax_Preview fn-backref footnote-backref footnote-ref footnote-reference headerlink md-annotation mermaid "
    "nospeak viewcode-back viewcode-link".split()
)

_SILENT_ROLES = frozenset(["doc-backlink", "doc-noteref"])
"""The marks of footnotes, and the links back to them, whichever program has written them."""

_BACKLINK_OF_HEADING = "toc-backref"  # of Docutils: the heading's own text, which leads back to a table of contents

_FORMULA_CLASS = "arithmatex"  # of PyMdown
_MATH_CLASSES = frozenset(["display", "inline", "notranslate"])
"""Beside `math`, the classes of formulas: of Pandoc and of Sphinx. `math` alone may be anything."""

CODE_CLASSES = frozenset(
    (
        "codehilite codehilitetable hextra-code-block highlight highlighttable literal-block-wrapper theme-code-block "
        "vp-code-group"
    ).split()
)
"""Classes of code blocks, with captions, file names and tabs. On `<code>` they color inline code, which is spoken."""

GAPLESS_TAGS = frozenset(["rp", "rt", "rtc"])
"""Reading aids, which stand in the middle of a word."""

_CONTROL_TAGS = frozenset("button head input link meta rp rt rtc s del script strike style template title".split())
"""Silent elements that are no content, so that a label above them does not announce anything."""

_NOT_PROSE_TAGS = frozenset(["nav"])
_NOT_PROSE_CLASSES = frozenset(["footnote", "footnotes", "toc", "toctree-wrapper"])
_NOT_PROSE_ROLES = frozenset(["doc-biblioentry", "doc-endnotes", "doc-footnote", "doc-toc", "navigation"])

_NO_CLASSES: frozenset[str] = frozenset()

_INVISIBLE_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))(?![\w-])", re.IGNORECASE
)


def is_silent(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is silent in every script."""
    if tag in SILENT_TAGS or (tag == "dialog" and "open" not in attributes):
        return True
    if not attributes:
        return False
    classes = classes_of(attributes)
    return (tag != "code" and not CODE_CLASSES.isdisjoint(classes)) or _is_silenced(attributes)


def is_code_block(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether a silent element is a code block, and would not be silent otherwise."""
    has_class = tag != "code" and not CODE_CLASSES.isdisjoint(classes_of(attributes))
    return (tag == "pre" or has_class) and not _is_silenced(attributes)


def is_icon(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether a silent element is an icon, whose name is spoken where there is nothing else."""
    return (tag == "svg" or not ICON_CLASSES.isdisjoint(classes_of(attributes))) and not is_hidden(attributes)


def is_formula(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element holds the source of a formula, by its classes."""
    classes = classes_of(attributes)
    return _FORMULA_CLASS in classes or ("math" in classes and not _MATH_CLASSES.isdisjoint(classes))


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Whether nobody can read an element, or its author has silenced it, whatever it is."""
    if "hidden" in attributes or "inert" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style and _INVISIBLE_STYLE.search(style)) or "nospeak" in classes_of(attributes)


def is_not_prose(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is no prose of a page: a table of contents, navigation, footnotes or cited works."""
    if tag in _NOT_PROSE_TAGS or attributes.get("role") in _NOT_PROSE_ROLES:
        return True
    return not _NOT_PROSE_CLASSES.isdisjoint(classes_of(attributes))


def is_silent_content(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether a silent element is something that a label may announce, such as a code block or an image."""
    return tag not in _CONTROL_TAGS and "headerlink" not in classes_of(attributes)


def classes_of(attributes: Mapping[str, str | None]) -> frozenset[str]:
    """The classes of an element."""
    classes = attributes.get("class")
    return _classes(classes) if classes else _NO_CLASSES


@lru_cache(maxsize=1024)  # the same few on every page
def _classes(attribute: str) -> frozenset[str]:
    return frozenset(attribute.split())


def _is_silenced(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element's attributes silence it, whatever its tag."""
    if is_hidden(attributes) or is_formula(attributes):
        return True
    classes = classes_of(attributes)
    if attributes.get("role") in _SILENT_ROLES and _BACKLINK_OF_HEADING not in classes:
        return True
    return not SILENT_CLASSES.isdisjoint(classes) or ("critic" in classes and "comment" in classes)
