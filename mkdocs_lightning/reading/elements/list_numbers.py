"""The numbers of ordered lists, which HTML does not have as text, as a browser shows them."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTEGER = re.compile(r"\s*([+-]?\d{1,9})(?!\d)")  # browsers count no further
_LIST_TAG = re.compile(r"<(/?)(ol|ul|menu|li)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_REVERSED = re.compile(r"\sreversed\b", re.IGNORECASE)

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 3999


@dataclass(slots=True)
class _List:
    next: int
    step: int
    style: str
    is_numbered: bool


class ListNumbers:
    """Counts the items of the lists that are open.

    A list that counts down begins with the number of its items, which only who sees all of it can tell: `expect` says
    so before that list starts.
    """

    def __init__(self) -> None:
        self._lists: list[_List] = []
        self._expected: deque[int] = deque()

    def expect(self, html: str) -> None:
        """Count the items of all lists in some HTML that count down, before it is read."""
        if "reversed" in html:
            self._expected = deque(_counts(html))

    def expect_items(self, count: int) -> None:
        """The next list that counts down has so many items."""
        self._expected = deque([count])

    def start_list(self, attributes: Mapping[str, str | None], *, is_numbered: bool = True) -> None:
        """An ordered list starts. One that is not numbered has items without text before them."""
        is_reversed = "reversed" in attributes
        first = self._expected.popleft() if is_reversed and self._expected else 1
        start = _integer(attributes.get("start"))
        step = -1 if is_reversed else 1
        self._lists.append(_List(first if start is None else start, step, attributes.get("type") or "", is_numbered))

    def end_list(self) -> None:
        """The innermost list ends."""
        if self._lists:
            self._lists.pop()

    def next_item(self, attributes: Mapping[str, str | None]) -> str:
        """The text before an item of the innermost list, such as `3. ` or `c. `; empty if there is none."""
        if not self._lists:
            return ""
        within = self._lists[-1]
        value = _integer(attributes.get("value"))
        number = within.next if value is None else value
        within.next = number + within.step
        return f"{_shown(number, attributes.get('type') or within.style)}. " if within.is_numbered else ""


def _integer(text: str | None) -> int | None:
    found = _INTEGER.match(text or "")
    return int(found[1]) if found else None


def _shown(number: int, style: str) -> str:
    """A number in a list's style: `1`, `a`, `A`, `i` or `I`."""
    if style in ("a", "A") and number > 0:
        text = _letters(number)
    elif style in ("i", "I") and 0 < number <= _MOST_ROMAN:
        text = _roman(number)
    else:
        return str(number)
    return text if style.islower() else text.upper()


def _letters(number: int) -> str:
    text = ""
    while number:
        number, letter = divmod(number - 1, 26)
        text = chr(ord("a") + letter) + text
    return text


def _roman(number: int) -> str:
    text = ""
    for value, numeral in _ROMAN:
        count, number = divmod(number, value)
        text += numeral * count
    return text


def _counts(html: str) -> list[int]:
    """The number of items of each list that counts down, in the order of their start tags."""
    counts: list[int] = []
    opened: list[int | None] = []  # for each open list its index in `counts`; None if it does not count down
    for is_end, tag, text in ((found[1], found[2].lower(), found[0]) for found in _LIST_TAG.finditer(html)):
        if tag != "li":
            if is_end:
                del opened[-1:]
            elif tag == "ol" and _REVERSED.search(text):
                opened.append(len(counts))
                counts.append(0)
            else:
                opened.append(None)
        elif not is_end and opened and (index := opened[-1]) is not None:
            counts[index] += 1
    return counts
