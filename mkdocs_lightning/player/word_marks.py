"""Word marks: where the words of a cue are in its text, and when each is heard.

The voice may say another text than the page shows: the lexicon respells words, addresses are shortened. Words that are
the same in both are mapped one to one. Between them, as many words of the one are mapped to as many of the other, else
all that is shown there is one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.sentences import Pause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.audio.word_times import WordTimes
    from mkdocs_lightning.reading.sentences import Sentence

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class WordMark:
    """A word that is highlighted while it is heard.

    Attributes:
        start: Its index in the text.
        end: The index after it.
        second: When it begins, in seconds from the start of the clip.
    """

    start: int
    end: int
    second: float


def mark_words(
    sentence: Sentence, start: float, lengths: Sequence[float], times: Sequence[WordTimes]
) -> tuple[WordMark, ...]:
    """The words of a sentence as it is written; none if one of its parts has no times.

    Args:
        sentence: Which one.
        start: When it begins, in seconds from the start of the clip.
        lengths: The seconds of each of its parts.
        times: The words of each of its parts.
    """
    if not all(times):
        return ()
    spoken: list[WordMark] = []
    offset = 0
    for part, length, of_part in zip(sentence.parts, lengths, times, strict=True):
        spoken += _spoken_words(part, of_part, offset, start)
        offset += len(part) + 1
        start += length + Pause.CUT / 1000
    text = " ".join(sentence.parts)
    return tuple(spoken) if text == sentence.written else tuple(_mapped(spoken, text, sentence.written))


def _spoken_words(part: str, times: WordTimes, offset: int, start: float) -> Iterator[WordMark]:
    """The words of a part. Each ends where the next one begins, without the space between them."""
    for (first, second), (following, _) in pairwise([*times, (len(part), 0.0)]):
        yield WordMark(offset + first, offset + len(part[:following].rstrip()), start + second)


def _mapped(spoken: Sequence[WordMark], text: str, written: str) -> Iterator[WordMark]:
    """The words of a spoken text, in the text that is written."""
    places = [found.span() for found in _WORD.finditer(written)]
    said = [text[word.start : word.end] for word in spoken]
    shown = [written[start:end] for start, end in places]
    for kind, first, last, from_place, to_place in SequenceMatcher(None, said, shown, autojunk=False).get_opcodes():
        if first == last or from_place == to_place:
            continue
        if kind == "equal" or last - first == to_place - from_place:
            for word, (start, end) in zip(spoken[first:last], places[from_place:to_place], strict=True):
                yield WordMark(start, end, word.second)
        else:
            yield WordMark(places[from_place][0], places[to_place - 1][1], spoken[first].second)
