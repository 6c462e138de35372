"""Finds the lines of a page's source on which its blocks open.

Python-Markdown knows no lines: other extensions insert, remove and indent text before a block is parsed. So all lines
that may open a block are listed, and matched with the openers that the parser has met, by their words. Where the two
lists disagree, as a snippet or a macro makes them, no line is better than a wrong one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.grammar.colon_lines import visible
from mkdocs_lightning.reading.grammar.stray_openers import STRAY_OPENER, STRAY_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mkdocs_lightning.reading.grammar.block import Words

_QUOTES = re.compile(r"(?:[ ]*>[ ]?)*")
_ITEM = re.compile(r"(?:[-*+:]|\d+[.)]|\[\^[^\]]+\]:)(?:[ ]+|$)")
_OPENS_CONTAINER = re.compile(r"!!!|\?\?\?|===")
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_RAW = {"<!--": "-->", "<pre": "</pre", "<script": "</script", "<style": "</style", "<textarea": "</textarea"}
_CHANGEABLE = re.compile(r"\{[{%+~=>-]|--?8<-?-|;-*8<-*|<|&|`{3}|~{3}|\x02")
_LEVEL = 4  # columns of indentation


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the source.

    Attributes:
        text: Without the markers of the containers around it.
        indent: Columns before the text, without quotes and the markers of items.
        quotes: How many quotes it is in.
        items: How many list items, definitions or footnotes begin on it.
    """

    text: str
    indent: int
    quotes: int
    items: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line that may open a block.

    Attributes:
        number: From 1.
        words: Its own, and those of the next line that is not empty.
        is_hidden: Whether it is in something that looks like code or a comment.
        is_last: Whether the next line may be outside of the container that this one is in.
    """

    number: int
    words: Words
    is_hidden: bool
    is_last: bool = False


def find_lines(source: str, met: Sequence[Words]) -> tuple[int | None, ...]:
    """The lines on which blocks open, from 1; None for a block that is not in this source, or cannot be told apart.

    Takes time in proportion to the length of the source, and the number of blocks.

    Args:
        source: The whole file.
        met: The openers that the parser has met, each with the first line of its block, in order.
    """
    found: dict[int, int] = {}
    candidates = _candidates(source)
    visible = [candidate for candidate in candidates if not candidate.is_hidden]
    blocks = list(enumerate(met))
    _match(blocks, visible, found, _comparable)
    cut = [replace(each, words=(each.words[0], "")) if each.is_last else each for each in visible]
    _match(blocks, cut, found, _comparable)
    _match(blocks, candidates, found, _comparable)
    # Other extensions may have changed the first line of a block, so that only its opener is the same.
    _match(blocks, [each for each in visible if _is_changeable(each.words)], found, itemgetter(0))
    _match([(index, words) for index, words in blocks if _is_changeable(words)], visible, found, itemgetter(0))
    return tuple(found.get(index) for index in range(len(met)))


def unique_lines(source: str) -> Mapping[str, int]:
    """The numbers, from 1, of the lines whose text is on no other line, by that text.

    Args:
        source: The whole file.

    Returns:
        The texts are without the containers around them, and without space at their ends.
    """
    numbers: dict[str, int] = {}
    repeated: set[str] = set()
    for number, line in enumerate(source.splitlines(), 1):
        text = _read_line(line).text
        if numbers.setdefault(text, number) != number:
            repeated.add(text)
    return {text: number for text, number in numbers.items() if text not in repeated}


def without_fenced_code(source: str, stand_in_of: Callable[[str], str]) -> str:
    """A source with a word on each line of its fenced code, at the indentation of the fence; all other lines stay.

    Args:
        source: The whole file.
        stand_in_of: The word, by the line that opens the fence.
    """
    lines = source.split("\n")
    read = [_read_line(line) for line in lines]
    verbatim = _Verbatim(read)
    index = 0
    while index < len(lines):
        if (end := verbatim.end_of(index)) is not None and _FENCE.match(read[index].text):
            line = lines[index].expandtabs(_LEVEL).rstrip()
            before = line.removesuffix(read[index].text)
            stand_in = stand_in_of(read[index].text)
            beside = re.sub(r"[^>]", " ", before)  # the markers of items are on the first line alone
            lines[index : end + 1] = [before + stand_in, *[beside + stand_in] * (end - index)]
        index = index + 1 if end is None else end + 1
    return "\n".join(lines)


def _match(
    blocks: Iterable[tuple[int, Words]],
    candidates: Iterable[_Candidate],
    found: dict[int, int],
    key_of: Callable[[Words], Words | str],
) -> None:
    """Match blocks without a line with lines of no block, where there are as many of each that share a key."""
    taken = set(found.values())
    lines: defaultdict[Words | str, list[int]] = defaultdict(list)
    for candidate in candidates:
        if candidate.number not in taken:
            lines[key_of(candidate.words)].append(candidate.number)
    indices: defaultdict[Words | str, list[int]] = defaultdict(list)
    for index, words in blocks:
        if index not in found:
            indices[key_of(words)].append(index)
    for key in indices.keys() & lines.keys():
        if len(indices[key]) == len(lines[key]):
            found.update(zip(indices[key], lines[key], strict=True))


def _comparable(words: Words) -> Words:
    """The words, without a first line that ends the block, or comes after one that ends on its opener's line."""
    opener, first_line = words
    return opener, "" if first_line.startswith(":::") or opener.endswith(":::") else first_line


def _is_changeable(words: Words) -> bool:
    return _CHANGEABLE.search(words[1]) is not None


def _candidates(source: str) -> list[_Candidate]:
    lines = [_read_line(line) for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    hidden = _hidden_lines(lines)
    following = _Line("", 0, 0, 0)  # the next line that is not empty
    candidates: list[_Candidate] = []
    for index in reversed(range(len(lines))):
        line, text = lines[index], lines[index].text
        if text.startswith("::"):
            is_last = following.indent < line.indent or following.quotes < line.quotes
            candidates.append(_Candidate(index + 1, (text, following.text), index in hidden, is_last))
        elif ":::" in text:
            strays = visible(STRAY_OPENER, text)
            candidates += [_Candidate(index + 1, STRAY_WORDS, index in hidden) for _ in strays]
        following = line if text else following
    return candidates[::-1]


def _read_line(line: str) -> _Line:
    line = line.expandtabs(_LEVEL).rstrip()
    quotes = _QUOTES.match(line)
    assert quotes, "the pattern matches nothing, too"
    rest = line[quotes.end() :]
    text = rest.lstrip(" ")
    indent = len(quotes[0]) - len(quotes[0].lstrip(" ")) + len(rest) - len(text)
    items = start = 0
    while item := _ITEM.match(text, start):
        items, start = items + 1, item.end()
    return _Line(text[start:], indent, quotes[0].count(">"), items)


def _hidden_lines(lines: Sequence[_Line]) -> set[int]:
    """The indices of lines that seem to be in code, in comments or in raw HTML."""
    verbatim = _Verbatim(lines)
    hidden: set[int] = set()
    allowed = 0  # columns to which the containers here are indented
    index = 0
    while index < len(lines):
        line = lines[index]
        if (end := verbatim.end_of(index)) is not None:
            hidden.update(range(index + 1, end))
            index = end
        elif line.text and line.indent >= allowed + _LEVEL:
            hidden.add(index)
        elif line.text or line.items:
            opened = line.items + (1 if _OPENS_CONTAINER.match(line.text) else 0)
            allowed = (line.indent // _LEVEL + opened) * _LEVEL
        index += 1
    return hidden


class _Verbatim:
    """Where fenced code, comments and raw HTML end.

    Args:
        lines: Of the source.
    """

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._ends: defaultdict[str, list[int]] = defaultdict(list)
        self._outside: dict[tuple[int, int], int] = {}
        for index, line in enumerate(lines):
            if _FENCE.fullmatch(line.text):
                self._ends[line.text].append(index)
            for end in _RAW.values():
                if end in line.text:
                    self._ends[end].append(index)

    def end_of(self, index: int) -> int | None:
        """The index of the last line of what a line opens; None if it opens nothing, or nothing that ends."""
        text = self._lines[index].text
        if fence := _FENCE.match(text):
            end = self._next(fence[0], index)
            return end if end is not None and end < self._first_outside(index) else None
        start = next((start for start in _RAW if text.startswith(start)), None)
        return None if start is None or _RAW[start] in text else self._next(_RAW[start], index)

    def _next(self, end: str, index: int) -> int | None:
        known = self._ends[end]
        position = bisect_right(known, index)
        return known[position] if position < len(known) else None

    def _first_outside(self, index: int) -> int:
        """The index of the first line that is outside of the container in which a fence begins."""
        container = self._lines[index].indent, self._lines[index].quotes
        outside = self._outside.get(container, 0)
        if outside <= index:
            outside = index + 1
            while outside < len(self._lines) and self._is_inside(self._lines[outside], *container):
                outside += 1
            self._outside[container] = outside
        return outside

    @staticmethod
    def _is_inside(line: _Line, indent: int, quotes: int) -> bool:
        return (line.indent >= indent and line.quotes >= quotes) or not (line.text or line.items)
