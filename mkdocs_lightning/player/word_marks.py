"""Word marks: where the words of a cue are in its text, and when each is heard.

The voice may say another text than the page shows: the lexicon respells words, addresses are shortened. Words that are
the same in both are mapped one to one. Between them, as many words of the one are mapped to as many of the other, else
all that is shown there is one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.player.captions import Cue
    from mkdocs_lightning.reading.segment import WordTimes
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


def mark_cues(
    cues: Iterable[Cue], sentences: Sequence[Sentence], starts: Sequence[float], times: Sequence[WordTimes]
) -> Iterator[Cue]:
    """Cues with their words. A cue is a sentence, a phrase of one, or several sentences with spaces between them.

    Args:
        cues: Of the sentences.
        sentences: The script.
        starts: When each segment begins, in seconds from the start of the clip.
        times: The words of each segment.
    """
    return _in_order(_marked(cues, _marked_sentences(sentences, starts, times)))


def _marked(cues: Iterable[Cue], sentences: Iterator[tuple[str, tuple[WordMark, ...]]]) -> Iterator[Cue]:
    text = ""
    marks: tuple[WordMark, ...] = ()
    for cue in cues:
        is_rest = bool(text)
        while len(text) < len(cue.text):
            more, marks_of_more = next(sentences)
            marks = (*marks, *_moved(marks_of_more, len(text) + 1 if text else 0))
            text = f"{text} {more}" if text else more
        own = tuple(mark for mark in marks if mark.start < len(cue.text))
        yield replace(cue, start=own[0].second if is_rest and own else cue.start, words=own)
        following = text[len(cue.text) :].lstrip()
        marks = _moved(marks[len(own) :], len(following) - len(text))
        text = following


def _moved(marks: Iterable[WordMark], shift: int) -> tuple[WordMark, ...]:
    return tuple(replace(mark, start=mark.start + shift, end=mark.end + shift) for mark in marks)


def _in_order(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Cues that end where the next one begins, at the latest: a phrase begins with its first word."""
    last: Cue | None = None
    for cue in cues:
        if last is not None:
            yield replace(last, end=min(last.end, cue.start))
        last = cue
    if last is not None:
        yield last


def _marked_sentences(
    sentences: Sequence[Sentence], starts: Sequence[float], times: Sequence[WordTimes]
) -> Iterator[tuple[str, tuple[WordMark, ...]]]:
    """Each sentence as it is written, with its words."""
    first = 0
    for sentence in sentences:
        parts = slice(first, first + len(sentence.parts))
        first = parts.stop
        yield sentence.written, mark_words(sentence, starts[parts], times[parts])


def mark_words(sentence: Sentence, starts: Sequence[float], times: Sequence[WordTimes]) -> tuple[WordMark, ...]:
    """The words of a sentence as it is written; none if one of its parts has no times.

    Args:
        sentence: Which one.
        starts: When each of its parts begins, in seconds from the start of the clip.
        times: The words of each of its parts.
    """
    if not all(times):
        return ()
    spoken: list[WordMark] = []
    offset = 0
    for part, start, of_part in zip(sentence.parts, starts, times, strict=True):
        spoken += _spoken_words(part, of_part, offset, start)
        offset += len(part) + 1
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
    # As it is by default, difflib begins with no word that is frequent in a long text: else time grows by the cube
    for kind, first, last, from_place, to_place in SequenceMatcher(None, said, shown).get_opcodes():
        if first == last or from_place == to_place:
            continue
        if kind == "equal" or last - first == to_place - from_place:
            for word, (start, end) in zip(spoken[first:last], places[from_place:to_place], strict=True):
                yield WordMark(start, end, word.second)
        else:
            yield WordMark(places[from_place][0], places[to_place - 1][1], spoken[first].second)
