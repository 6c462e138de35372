"""Text inside silent elements that is spoken after all: the source of a formula, the title of an image."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.elements.silence import classes_of, is_formula, is_hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEX_TYPE = re.compile(r"(?:math|application/x)[/-]tex\b", re.IGNORECASE)
_DELIMITERS = ((r"\(", r"\)"), (r"\[", r"\]"), ("$$", "$$"), ("$", "$"))
_NO_SOURCE_CLASSES = frozenset(["MathJax_Preview", "eqno"])
"""Classes of what stands with the source of a formula: a preview, and the number that Sphinx gives an equation."""

_ALL = ""


class SpokenSource:
    """Collects the text of a silent element that is spoken where the element ends.

    Attributes:
        reads_math: Whether formulas are spoken, by their TeX source.
    """

    def __init__(self, *, reads_math: bool) -> None:
        self.reads_math = reads_math
        self._wanted: str | None = None  # the tag inside the element whose text is collected, or `_ALL`
        self._depth = 0  # of the silent element
        self._part_depth: int | None = None  # of the part that is collected, or left out if `_ALL` is wanted
        self._texts: list[str] = []
        self._is_script = False  # whether character references in it are text to the parser

    @property
    def is_open(self) -> bool:
        """Whether the present silence has text that may be spoken."""
        return self._wanted is not None

    def start(self, tag: str, attributes: Mapping[str, str | None], depth: int) -> None:
        """A silent element starts, inside which so many elements are open, with itself."""
        self._texts = []
        self._part_depth = None
        self._depth = depth
        self._is_script = tag == "script"
        self._wanted = None if is_hidden(attributes) else self._wanted_of(tag, attributes)

    def _wanted_of(self, tag: str, attributes: Mapping[str, str | None]) -> str | None:
        if tag == "svg":
            return "title"
        if not self.reads_math:
            return None
        if tag == "math":
            return "annotation"
        is_script = tag == "script" and _TEX_TYPE.match(attributes.get("type") or "")
        return _ALL if is_script or is_formula(attributes) else None

    def start_inside(self, tag: str, attributes: Mapping[str, str | None], depth: int) -> None:
        """An element inside it starts."""
        if self._part_depth is not None or self._wanted is None:
            return
        self._is_script = self._is_script or tag == "script"
        is_title = tag == "title" and depth == self._depth + 1  # deeper ones are of parts of a drawing
        is_source = tag == "annotation" and bool(_TEX_TYPE.match(attributes.get("encoding") or ""))
        is_no_source = not _NO_SOURCE_CLASSES.isdisjoint(classes_of(attributes))
        is_part = is_no_source if self._wanted == _ALL else is_title or is_source
        if is_part and (self._wanted in (_ALL, tag)):
            self._part_depth = depth

    def add(self, text: str) -> None:
        """Some text inside it."""
        if self._wanted is not None and (self._part_depth is None) == (self._wanted == _ALL):
            self._texts.append(text)

    def end(self, depth: int) -> str:
        """Some elements end, and so many remain open: the text of the silent element if it has ended, else empty."""
        if self._part_depth is not None and depth < self._part_depth:
            self._part_depth = None
        if self._wanted is None or depth >= self._depth:
            return ""
        self._wanted = None
        source = "".join(self._texts).strip()
        return _without_delimiters(unescape(source) if self._is_script else source)


def _without_delimiters(source: str) -> str:
    for start, end in _DELIMITERS:
        if len(source) > len(start + end) and source.startswith(start) and source.endswith(end):
            return source[len(start) : -len(end)].strip()
    return source
