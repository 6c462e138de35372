"""Finds `:::speak` behind other text on its line, where it opens no block, as in the cell of a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown.util import AtomicString

from mkdocs_lightning.reading.grammar.capture import NearMiss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

STRAY_OPENER = re.compile(r"(?<=[^\s:])[ \t]*:{3,}[ \t]*speak\b")

STRAY_WORDS = "…:::speak", ""
"""Stand for any of them where their lines are looked for: a cell of a table is not its line."""

_CELLS = frozenset(["td", "th"])
_REJECTION = (
    "this :::speak does not open a block, because its line has other text",
    "Write it on a line of its own, with an empty line before it. A table cell cannot hold a block",
)


def stray_openers(root: Element) -> Iterator[NearMiss]:
    """Those in a tree after inline processing, in the order of the page. Code has none."""
    for element in root.iter():
        start = "|" if element.tag in _CELLS else ""  # the bar before a cell is other text, too
        for text in _shown(element.text, start), _shown(element.tail, ">"):
            for _ in STRAY_OPENER.finditer(text):
                yield NearMiss(*STRAY_WORDS, _REJECTION)


def _shown(text: str | None, before: str) -> str:
    """A text with colons, and what is before it on its line; empty for code, and for any other text."""
    return before + text if text and ":::" in text and not isinstance(text, AtomicString) else ""
