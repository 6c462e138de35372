"""Where two sequences differ, and which items of two differing runs are versions of one another."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_Item = TypeVar("_Item")

_CHUNK = 32
"""Items of a run that are compared with each of the other run: so the time grows with the length, not its square."""


class Run(NamedTuple):
    """A place where two sequences differ; one of the two parts may be empty.

    Attributes:
        before: Of the first sequence.
        after: Of the second, in its place.
    """

    before: slice
    after: slice


def differing_runs(before: Sequence[str], after: Sequence[str]) -> Iterator[Run]:
    """The places where two sequences of keys differ, in order.

    Keys that both have once are looked at first, which takes a time that grows with the length; only what is between
    them is left to difflib, whose time may grow with the square.
    """
    start, other_start = 0, 0
    for index, other_index in (*_anchors(before, after), (len(before), len(after))):
        yield from _runs_between(before, after, Run(slice(start, index), slice(other_start, other_index)))
        start, other_start = index + 1, other_index + 1


def _runs_between(before: Sequence[str], after: Sequence[str], within: Run) -> Iterator[Run]:
    old, new = before[within.before], after[within.after]
    if old == new:
        return
    for tag, start, end, other_start, other_end in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield Run(
                slice(within.before.start + start, within.before.start + end),
                slice(within.after.start + other_start, within.after.start + other_end),
            )


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The longest series of keys that both sequences have once and in the same order: their indices."""
    places = {key: index for index, key in enumerate(before)}
    times, other_times = Counter(before), Counter(after)
    both = [(places[key], index) for index, key in enumerate(after) if times[key] == other_times[key] == 1]
    return _longest_increasing(both)


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest series of pairs, whose second numbers increase, in which the first ones do, too."""
    ends: list[int] = []  # for each length, the smallest first number that ends a series of it
    last: list[int] = []  # and the pair's place
    previous: list[int] = []  # for each pair, the one before it in its series; -1 for none
    for place, (number, _) in enumerate(pairs):
        length = bisect_left(ends, number)
        previous.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(number)
            last.append(place)
        else:
            ends[length], last[length] = number, place
    series = []
    place = last[-1] if last else -1
    while place >= 0:
        series.append(pairs[place])
        place = previous[place]
    return series[::-1]


def pair_up(
    before: Sequence[_Item], after: Sequence[_Item], likeness: Callable[[_Item, _Item], float]
) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Pair the items of two sequences that are most alike, without crossing; all others stay alone.

    Args:
        before: The first sequence.
        after: The second.
        likeness: From 0 to 1, of two items; 0 for those that are not versions of one another.

    Yields:
        All items in order. Between two pairs, those of the first sequence come first.
    """
    chunks = max(1, -(-max(len(before), len(after)) // _CHUNK))
    for number in range(chunks):
        yield from _pair_chunk(_part(before, number, chunks), _part(after, number, chunks), likeness)


def _part(items: Sequence[_Item], number: int, of: int) -> Sequence[_Item]:
    return items[len(items) * number // of : len(items) * (number + 1) // of]


def _pair_chunk(
    before: Sequence[_Item], after: Sequence[_Item], likeness: Callable[[_Item, _Item], float]
) -> Iterator[tuple[_Item | None, _Item | None]]:
    alike = [[likeness(old, new) for new in after] for old in before]
    best = _best_sums(alike, len(after))
    row = column = 0
    while row < len(before) or column < len(after):
        if row < len(before) and best[row][column] == best[row + 1][column]:
            yield before[row], None
            row += 1
        elif column < len(after) and best[row][column] == best[row][column + 1]:
            yield None, after[column]
            column += 1
        else:
            yield before[row], after[column]
            row, column = row + 1, column + 1


def _best_sums(alike: Sequence[Sequence[float]], width: int) -> list[list[float]]:
    """For each row and column, the largest sum of a way from there to the end, which only goes down and right."""
    best = [[0.0] * (width + 1) for _ in range(len(alike) + 1)]
    for row in range(len(alike) - 1, -1, -1):
        for column in range(width - 1, -1, -1):
            paired = alike[row][column] + best[row + 1][column + 1] if alike[row][column] else 0.0
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    return best
