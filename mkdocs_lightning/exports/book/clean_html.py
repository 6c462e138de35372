"""Reads the HTML of a page, and keeps what a book may hold: no scripts, forms, frames or custom elements.

HTML of any quality becomes a tree, as in a browser (tinyhtml5). Then each element is kept, renamed, taken off around
its content, or dropped with it, and each attribute kept or dropped.
"""

from __future__ import annotations

import re
from html import escape
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder

from mkdocs_lightning.exports.xml_text import MATHML, SVG, XHTML, XLINK, XML, namespace_of, walk
from mkdocs_lightning.player.ui_strings import direction_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CUE_ATTRIBUTE = "data-cue"
"""Kept until the cues have their elements."""

_KEPT = frozenset(
    "a abbr article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub "
    "summary sup table tbody td tfoot th thead tr u ul var wbr ruby rp rt".split()
)
_RENAMED = {
    **dict.fromkeys("main nav address header footer center hgroup fieldset legend search".split(), "div"),
    **dict.fromkeys("label font big time data output".split(), "span"),
    **dict.fromkeys("listing xmp plaintext".split(), "pre"),
    "acronym": "abbr",
    "dir": "ul",
    "menu": "ul",
    "strike": "s",
    "tt": "code",
}
"""What a book has no use for, or may hold only in places and with attributes that no author of a page cares about."""
_DROPPED = frozenset(
    "applet area audio base button canvas datalist dialog embed form frame frameset iframe input link map math-field "
    "meta meter noframes option optgroup param progress script select source speak-player style template textarea "
    "title track video".split()
)
_DROPPED_CLASSES = frozenset(["headerlink"])
"""Of links that only a mouse can use."""

_GLOBAL = frozenset(["id", "class", "title", "aria-hidden", "aria-label"])
_ATTRIBUTES = {
    "a": ["href"],
    "bdo": [],
    "img": ["src", "alt", "width", "height"],
    "ol": ["start", "reversed"],
    "li": ["value"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
    "col": ["span"],
    "colgroup": ["span"],
    "span": [CUE_ATTRIBUTE],
}
_WHOLE_NUMBERS = frozenset(["width", "height", "start", "value", "colspan", "rowspan", "span"])
_BOOLEAN = frozenset(["reversed"])
_SCOPES = frozenset(["row", "col", "rowgroup", "colgroup"])
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8})*")
_XML_NAME = re.compile(r"[a-zA-Z_][\w.-]*", re.ASCII)
_ALIGNMENT = re.compile(r"text-align: *(left|right|center)")

_DRAWING = {SVG, MATHML}
_DROPPED_IN_DRAWINGS = frozenset(["script", "foreignObject", "handler", "annotation-xml", "set"])
_OTHER_RESOURCE = re.compile(r"\\|@import|url\((?!\s*['\"]?#)|image-set|src\(", re.IGNORECASE)
"""What CSS would get from elsewhere, or write with a backslash so that it cannot be read here."""

_ADDRESSES = frozenset(["href", "src", "altimg"])
_TEXTS = frozenset(["alttext", "aria-label", "title"])
"""Attributes that are no CSS, and may have backslashes, as LaTeX has."""
_ANIMATIONS = frozenset(["animate", "animateColor", "animateMotion", "animateTransform"])
_MOST_DIGITS = 5  # of a number of pixels or cells


def read_html(html: str) -> Element:
    """The content of a page as an element `body` that holds only what a book may hold.

    Links and images still have their own addresses, and `data-cue` names the cues.
    """
    import tinyhtml5  # of the extra `book`

    builder = TreeBuilder()
    builder.start(f"{XHTML}body", {})
    _keep(tinyhtml5.parse(StringIO(f"<!DOCTYPE html><body>{html}")), builder)
    builder.end(f"{XHTML}body")
    return builder.close()


def clean_drawing(root: Element) -> Element:
    """An SVG drawing without scripts, and without what it would get from elsewhere."""
    builder = TreeBuilder()
    _keep(root, builder)
    return builder.close()


def _keep(root: Element, builder: TreeBuilder) -> None:
    """Build a copy of a tree that has only what may stay."""
    tags: list[str | None] = []  # of the open elements; None for one whose tags are taken off
    dropped = 0  # open elements within a dropped one, itself included
    for is_start, element in walk(root):
        if is_start and (dropped or _is_dropped(element)):
            dropped += 1
        elif is_start:
            tags.append(_start(element, builder))
        elif dropped:
            dropped -= 1
            if not dropped:
                builder.data(element.tail or "")
        else:
            if tag := tags.pop():
                builder.end(tag)
            if element is not root:
                builder.data(element.tail or "")


def _start(element: Element, builder: TreeBuilder) -> str | None:
    """Begin an element; its tag, or None if only its content stays."""
    tag = _new_tag(element)
    if tag:
        builder.start(tag, dict(_attributes(element, tag)))
    builder.data(_checkbox(element) + (element.text or ""))
    return tag


def _is_dropped(element: Element) -> bool:
    if callable(element.tag):  # a comment
        return True
    namespace, name = namespace_of(element.tag), _local(element.tag)
    if namespace in _DRAWING:
        return name in _DROPPED_IN_DRAWINGS or not _XML_NAME.fullmatch(name) or _fetches(element)
    if namespace != XHTML:
        return True
    if name == "input":
        return not _checkbox(element)
    return name in _DROPPED or not _DROPPED_CLASSES.isdisjoint(element.get("class", "").split())


def _fetches(element: Element) -> bool:
    """Whether an element of a drawing gets something from elsewhere."""
    name = _local(element.tag)
    if name == "style":
        return bool(_OTHER_RESOURCE.search("".join(element.itertext())))
    if name in _ANIMATIONS and element.get("attributeName", "").rpartition(":")[2] in _ADDRESSES:
        return True
    href = element.get(f"{XLINK}href") or element.get("href")
    return name not in ("a", "g", "svg", "math") and href is not None and not href.startswith("#")


def _new_tag(element: Element) -> str | None:
    """The tag that an element gets; None if only its content stays."""
    namespace, name = namespace_of(element.tag), _local(element.tag)
    if namespace in _DRAWING:
        return f"{SVG}g" if element.tag == f"{SVG}a" else element.tag
    if name in _KEPT:
        return None if name == "a" and _is_line_anchor(element) else element.tag
    renamed = _RENAMED.get(name)
    return f"{XHTML}{renamed}" if renamed else None


def _checkbox(element: Element) -> str:
    """The sign for an item of a task list; empty for any other element."""
    if _local(element.tag) != "input" or element.get("type") != "checkbox":
        return ""
    return "\N{BALLOT BOX WITH CHECK}" if "checked" in element.attrib else "\N{BALLOT BOX}"


def _is_line_anchor(element: Element) -> bool:
    """Whether this is what pymdownx puts before each line of code, so that others can link to it."""
    return (element.get("id") or element.get("href") or "").removeprefix("#").startswith("__codelineno")


def _attributes(element: Element, tag: str) -> Iterator[tuple[str, str]]:
    if namespace_of(element.tag) in _DRAWING:
        yield from _drawing_attributes(element)
        return
    name = _local(tag)
    known = _GLOBAL.union(_ATTRIBUTES.get(name, ()))
    for key, value in element.attrib.items():
        if key in known and _is_valid(key, value):
            yield key, value.strip() if key in _WHOLE_NUMBERS else "reversed" if key in _BOOLEAN else value
        elif key == "lang" and _LANGUAGE.fullmatch(value):
            yield from language_attributes(value).items()
        elif key == "dir" and value.lower() in ("ltr", "rtl", "auto") and "lang" not in element.attrib:
            yield "dir", value.lower()
    if name in ("td", "th") and (alignment := _ALIGNMENT.search(element.get("style") or "")):
        yield "style", alignment[0]
    if name == "details":
        yield "open", "open"  # what is read aloud is shown
    if name == "img" and "alt" not in element.attrib:
        yield "alt", ""
    if name == "bdo" and "dir" not in element.attrib:
        yield "dir", "auto"


def language_attributes(language: str) -> dict[str, str]:
    """The attributes of an element whose text is in a language."""
    return {"lang": language, f"{XML}lang": language, "dir": direction_of(language)}


def language_element(html: str, language: str) -> str:
    """Some HTML whose text is in another language than what is around it."""
    return f'<div lang="{escape(language)}">{html}</div>'


def _is_valid(key: str, value: str) -> bool:
    if key in _WHOLE_NUMBERS:
        digits = value.strip()
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
        return is_number and not (key == "colspan" and int(digits) == 0)
    if key == "id":
        return bool(value) and not re.search(r"\s", value)
    if key == "scope":
        return value in _SCOPES
    return key != "aria-hidden" or value in ("true", "false")


def _drawing_attributes(element: Element) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        namespace, name = namespace_of(key), key[len(namespace_of(key)) :]
        is_named = bool(_XML_NAME.fullmatch(name)) and namespace in ("", XLINK, XML)
        is_fetched = name not in _TEXTS and _OTHER_RESOURCE.search(value)
        is_harmless = not name.startswith(("on", "data-")) and not is_fetched
        is_link = name in _ADDRESSES and not value.startswith("#")
        if is_named and is_harmless and not is_link and name != "base" and _is_valid_id(name, value):
            yield key, value


def _is_valid_id(name: str, value: str) -> bool:
    return name != "id" or _is_valid("id", value)


def _local(tag: str) -> str:
    return tag[len(namespace_of(tag)) :]
