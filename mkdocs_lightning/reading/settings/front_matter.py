"""Front matter from which a site gets no settings, although its author wrote some: its form, or its place, is wrong.

MkDocs reads YAML between two lines of `---`, from the first line on, and ignores or prints what it cannot read. Without
such lines, it takes lines such as `name: text` for meta data of MultiMarkdown, whose values are texts.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import yaml

from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

META_KEY = "lightning"
OURS_ALONE = frozenset(["narrate", "voice_id"])
"""Settings whose names nobody else uses: by themselves, without `lightning:` above them, they are a mistake."""
PAGE_SETTINGS = frozenset([*SETTING_NAMES, "narrate"])
"""What may stand below `lightning:`."""
_OF_OTHER_THINGS = frozenset(["model", "speed"])
"""Settings whose names the lamps and the weather of other plugins may have, too."""

_HEAD = 2000  # characters in which unread front matter is looked for
_YAML = re.compile(r"\s*-{3}[ \t]*\n(?P<yaml>.*?\n)(?:-{3}|\.{3})[ \t]*(?:\n|\Z)", re.DOTALL)
_UNCLOSED = re.compile(r"\s*-{3}[ \t]*\n(?P<yaml>(?:[ \t]*[^\s`~].*\n)+)")
_OWN_KEY = re.compile(rf"""^[ \t]*["']?{META_KEY}["']?[ \t]*:""", re.IGNORECASE | re.MULTILINE)
_META_LINES = re.compile(r"(?:-{3}(?:[ \t].*)?\n)?(?:(?: {0,3}[\w-]+:|(?: {4}|\t)[ \t]*\S).*(?:\n|\Z))+", re.ASCII)
"""Meta data as the extension `meta` of Python-Markdown reads them, with or without a line of `---` above."""
_PAIRS_LINE = re.compile(
    rf"^ {{0,3}}{META_KEY}:[ \t]*(?P<pairs>[\w-]+[ \t]*:.*)$(?!\n(?: {{4}}|\t))", re.IGNORECASE | re.MULTILINE
)
_OF_PELICAN = re.compile(
    r"^ {0,3}(?:authors?|category|date|modified|slug|status|summary):", re.IGNORECASE | re.MULTILINE
)
_CODE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_CUTOFF = 0.8

_BELOW_THE_FIRST_LINE = (
    "front matter: it has to begin on the first line of the file. Delete what is above or before its first ---"
)
_WITHOUT_END = "front matter: it has no closing --- line. Write one below it"
_WITHOUT_LINES = "front matter: it has no --- lines. Write one above it, and one below it"


def has_unread_settings(text: str, meta: Mapping[str, object]) -> bool:
    """Whether a page may have front matter that `mistake_in` finds; takes no time on most pages.

    Args:
        text: What MkDocs converts: front matter that it cannot read is still in it.
        meta: What it has read.
    """
    if isinstance(meta.get(META_KEY), str) or misspelt_key(meta):
        return True
    head = text[:_HEAD].lstrip()
    return head.startswith("---") and _OWN_KEY.search(head) is not None


def mistake_in(source: str, meta: Mapping[str, object]) -> tuple[int, str] | None:
    """The line, from 1, and what is wrong there, with how to correct it; None if nothing is.

    Args:
        source: The whole text of a page, with line feeds alone.
        meta: What MkDocs has read.
    """
    if name := misspelt_key(meta):
        line = _line_of(re.compile(rf"^\W*{re.escape(name)}\b", re.MULTILINE), source)
        return line, f"front matter: {name}: has no effect; write lightning:"
    if not source.lstrip().startswith("---"):
        return (_line_of(_OWN_KEY, source), _WITHOUT_LINES) if isinstance(meta.get(META_KEY), str) else None
    if META_KEY in meta:
        return None
    found = _YAML.match(source)
    return _mistake_between(found, source) if found else _mistake_without_end(source)


def settings_as_pairs(source: str, meta: Mapping[str, object]) -> tuple[int, str] | None:
    """The line, from 1, of settings such as `Lightning: narrate: true; speed: 1.1`, and those; None if there are none.

    MkDocs ignores them, but Pelican can write them into a page. So other meta data of Pelican's have to be beside them.

    Args:
        source: The whole text of a page, with line feeds alone.
        meta: What MkDocs has read.
    """
    if source.startswith("---") and meta:
        return None  # what is between the lines is YAML
    lines = _META_LINES.match(source)
    found = _PAIRS_LINE.search(lines[0]) if lines and _OF_PELICAN.search(lines[0]) else None
    return (source.count("\n", 0, found.start()) + 1, found["pairs"].strip()) if found else None


def _mistake_between(lines: re.Match[str], source: str) -> tuple[int, str] | None:
    """What is wrong with settings between two lines of `---`, which MkDocs has not read."""
    text = lines["yaml"]
    if not _OWN_KEY.search(text) or _CODE.search(text):
        return None
    if error := _yaml_error(text):
        line = source.count("\n", 0, lines.start("yaml")) + error[0]
        return line, f"the front matter is not YAML, so MkDocs ignores its settings ({error[1]}). Correct it"
    return None if source.startswith("---") else (1, _BELOW_THE_FIRST_LINE)


def _mistake_without_end(source: str) -> tuple[int, str] | None:
    found = _UNCLOSED.match(source)
    return (_line_of(_OWN_KEY, source), _WITHOUT_END) if found and _OWN_KEY.search(found["yaml"]) else None


def misspelt_key(meta: Mapping[str, object]) -> str | None:
    """The name in front matter or a `.meta.yml` that was meant as ours: in capitals, or nearly ours above settings."""
    for name, value in meta.items():
        if name != META_KEY and str(name).lower() == META_KEY:
            return str(name)
        is_like_ours = name != META_KEY and _is_ours(value)
        if is_like_ours and SequenceMatcher(None, str(name).lower(), META_KEY).ratio() >= _CUTOFF:
            return str(name)
    return None


def _is_ours(value: object) -> bool:
    """Whether a value can only be meant as settings of a page."""
    if not isinstance(value, dict) or not value:
        return False
    is_about_speech = PAGE_SETTINGS.issuperset(value) and not _OF_OTHER_THINGS.issuperset(value)
    return not OURS_ALONE.isdisjoint(value) or is_about_speech


def misplaced_keys(meta: Mapping[str, object]) -> list[str]:
    """The settings that stand beside `lightning:` instead of below it.

    If nothing stands below it, those of any name are meant for it; otherwise other plugins may have some of them.
    """
    ours = PAGE_SETTINGS if META_KEY in meta and meta[META_KEY] is None else OURS_ALONE
    return sorted(ours & meta.keys())


def _line_of(pattern: re.Pattern[str], source: str) -> int:
    found = pattern.search(source)
    return source.count("\n", 0, found.end()) + 1 if found else 1


def _yaml_error(text: str) -> tuple[int, str] | None:
    """The line of a text on which YAML cannot be read, from 1, and why; None if it can be."""
    try:
        yaml.load(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        is_tab = "'\\t'" in str(error.problem)
        return line, "a tab in the indentation; use spaces" if is_tab else str(error.problem)
    except RecursionError:
        return 1, "it is nested too deeply"
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        # PyYAML does not wrap every error: ValueError for the date 2024-13-45, KeyError for `!!bool x`.
        return 1, " ".join(str(error).split()) or type(error).__name__
    return None
