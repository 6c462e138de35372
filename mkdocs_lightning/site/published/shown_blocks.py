"""Blocks that a page shows as text, because the program that built it does not have the Markdown extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.base.html_scanner import VOID_TAGS, HtmlReader
from mkdocs_lightning.reading.elements.silence import is_silent
from mkdocs_lightning.reading.grammar.colon_lines import OPENER

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE_TAGS = frozenset(["code", "kbd", "samp", "tt", "var"])
_INLINE_TAGS = frozenset("a abbr b bdi bdo cite dfn em font i img label mark q small span strong sub sup u wbr".split())
_CODE = "\ufffc"  # in place of code, so that no line begins behind it


def shows_block(html: str) -> bool:
    """Whether the text of a page has a line that would open a block; code shows such lines, and means none."""
    if ":::" not in html:
        return False
    text = _Text()
    text.feed(html)
    return OPENER.search("".join(text.pieces)) is not None


class _Text(HtmlReader):
    """Collects the lines of text that are neither code nor silent."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._skipped: str | None = None  # the tag of the element that is left out
        self._depth = 0  # of elements with this tag inside each other

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped is not None:
            self._depth += tag == self._skipped
        elif tag not in VOID_TAGS and _is_skipped(tag, dict(attrs)):
            self._skipped, self._depth = tag, 1
            self.pieces.append(_CODE)
        else:
            self._end_line(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._skipped is None:
            self._end_line(tag)
        elif tag == self._skipped:
            self._depth -= 1
            self._skipped = self._skipped if self._depth else None

    def handle_data(self, data: str) -> None:
        if self._skipped is None:
            self.pieces.append(data)

    def _end_line(self, tag: str) -> None:
        if tag not in _INLINE_TAGS:
            self.pieces.append("\n")


def _is_skipped(tag: str, attributes: Mapping[str, str | None]) -> bool:
    return tag in _CODE_TAGS or is_silent(tag, attributes)
