"""Which words two versions of a text do not share."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A part of a text.

    Attributes:
        text: One or more words.
        differs: Whether the other version does not have it.
    """

    text: str
    differs: bool


def differences(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two versions of a text, cut where they differ; nothing is told apart where one is empty."""
    if not before or not after:
        return _whole(before), _whole(after)
    runs = _runs(_WORD.findall(before), _WORD.findall(after))
    return (
        tuple(_pieces((old, differs) for old, _, differs in runs)),
        tuple(_pieces((new, differs) for _, new, differs in runs)),
    )


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, differs=False),) if text else ()


def _runs(before: list[str], after: list[str]) -> list[tuple[str, str, bool]]:
    """The runs of words that two texts share, and of those that differ, with white space in between.

    Returns:
        Of each, its text before and after, and whether it differs.
    """
    runs: list[tuple[str, str, bool]] = []
    for tag, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[other_start:other_end])
        differs = tag != "equal" or bool(old.isspace() and runs and end < len(before))
        if runs and runs[-1][2] == differs:
            earlier, other_earlier, _ = runs.pop()
            old, new = earlier + old, other_earlier + new
        runs.append((old, new, differs))
    return runs


def _pieces(runs: Iterable[tuple[str, bool]]) -> Iterator[Piece]:
    """Runs of words; white space at the edges of one that differs is not shown as different."""
    for text, differs in runs:
        inner = text.strip()
        if not differs or not inner:
            parts = [Piece(text, differs=False)]
        else:
            start = text.index(inner)
            end = start + len(inner)
            parts = [Piece(text[:start], differs=False), Piece(inner, differs=True), Piece(text[end:], differs=False)]
        yield from (piece for piece in parts if piece.text)
