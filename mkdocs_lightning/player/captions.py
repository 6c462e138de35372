"""Captions: the time of each sentence in its clip.

It is exact, as the length of each segment is known, but for short sentences that were synthesized together:
`phrase_times.py` finds their times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.player.phrase_times import find_phrase_times
from mkdocs_lightning.player.word_marks import WordMark, mark_words
from mkdocs_lightning.reading.sentences import Pause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.audio.word_times import WordTimes
    from mkdocs_lightning.reading.sentences import Sentence

    Silences: TypeAlias = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Cue:
    """What is highlighted at once: a sentence, or a row of a table.

    Attributes:
        start: Seconds from the start of the clip.
        end: Seconds from the start of the clip, without the pause that follows.
        text: The text as it is written on the page.
        words: The words in the text, as far as their times are known.
    """

    start: float
    end: float
    text: str
    words: tuple[WordMark, ...] = ()

    @property
    def words_from_start(self) -> tuple[WordMark, ...]:
        """The words, with their seconds from the start of the cue."""
        return tuple(replace(word, second=word.second - self.start) for word in self.words)


def make_cues(
    sentences: Sequence[Sentence],
    lengths: Sequence[float],
    silences: Sequence[Silences] = (),
    words: Sequence[WordTimes] = (),
) -> tuple[Cue, ...]:
    """The cues of a script.

    Args:
        sentences: The script.
        lengths: The seconds of each segment. There is one for each part of each sentence.
        silences: The silences in each segment, in seconds from its start; empty if they are unknown.
        words: The words of each segment; empty if they are unknown, or nobody wants to know them.
    """
    cues = _cues(sentences, lengths, iter(silences))
    return tuple(_in_order(_with_words(cues, sentences, lengths, words)) if any(words) else cues)


def _with_words(
    cues: Iterable[Cue], sentences: Sequence[Sentence], lengths: Sequence[float], words: Sequence[WordTimes]
) -> Iterator[Cue]:
    """Cues with their words. A cue is a sentence, a phrase of one, or several sentences with spaces between them."""
    marked = _marked_sentences(sentences, lengths, words)
    text, marks = "", ()
    for cue in cues:
        is_rest = bool(text)
        while len(text) < len(cue.text):
            more, marks_of_more = next(marked)
            shift = len(text) + 1 if text else 0
            marks = (*marks, *_moved(marks_of_more, shift))
            text = f"{text} {more}" if text else more
        own = tuple(mark for mark in marks if mark.start < len(cue.text))
        yield replace(cue, start=own[0].second if is_rest and own else cue.start, words=own)
        following = text[len(cue.text) :].lstrip()
        marks = _moved(marks[len(own) :], len(following) - len(text))
        text = following


def _moved(marks: Iterable[WordMark], shift: int) -> tuple[WordMark, ...]:
    return tuple(replace(mark, start=mark.start + shift, end=mark.end + shift) for mark in marks)


def _in_order(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Cues that end where the next one begins, at the latest."""
    for cue, following in pairwise([*cues, Cue(inf, inf, "")]):
        yield replace(cue, end=min(cue.end, following.start))


def _marked_sentences(
    sentences: Sequence[Sentence], lengths: Sequence[float], words: Sequence[WordTimes]
) -> Iterator[tuple[str, tuple[WordMark, ...]]]:
    """Each sentence as it is written, with its words."""
    first = 0
    for sentence, (start, _) in zip(sentences, sentence_times(sentences, lengths), strict=True):
        parts = slice(first, first + len(sentence.parts))
        first = parts.stop
        yield sentence.written, mark_words(sentence, start, lengths[parts], words[parts])


def sentence_times(sentences: Iterable[Sentence], lengths: Iterable[float]) -> Iterator[tuple[float, float]]:
    """When each sentence of a script begins and ends, in seconds from the start of its clip.

    Args:
        sentences: The script.
        lengths: The seconds of each segment. There is one for each part of each sentence.
    """
    rest = iter(lengths)
    start = 0.0
    for sentence in sentences:
        parts = [next(rest) for _ in sentence.parts]
        end = start + sum(parts) + (len(parts) - 1) * Pause.CUT / 1000
        yield start, end
        start = end + sentence.pause / 1000


def _cues(sentences: Sequence[Sentence], lengths: Sequence[float], silences: Iterator[Silences]) -> Iterator[Cue]:
    row: list[Cue] = []
    for sentence, (start, end) in zip(sentences, sentence_times(sentences, lengths), strict=True):
        silences_of_parts = [next(silences, ()) for _ in sentence.parts]
        if row or sentence.joins_next:
            row.append(Cue(start, end, sentence.written))
            if not sentence.joins_next:
                yield _joined(row)
                row = []
        elif sentence.phrases and len(sentence.parts) == 1:
            yield from _phrase_cues(sentence, start, end - start, silences_of_parts[0])
        else:
            yield Cue(start, end, sentence.written)
    if row:
        yield _joined(row)


def _joined(cues: Sequence[Cue]) -> Cue:
    return Cue(cues[0].start, cues[-1].end, " ".join(cue.text for cue in cues))


def _phrase_cues(sentence: Sentence, start: float, length: float, silences: Silences) -> Iterator[Cue]:
    """A cue for each of some short sentences that were synthesized together."""
    times = find_phrase_times(sentence.phrases, length, silences)
    for phrase, time in zip(sentence.phrases, times, strict=True):
        yield Cue(start + time.start, start + time.end, phrase)


def to_webvtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file (W3C WebVTT, section 4), with times in milliseconds."""
    blocks = [f"{_timestamp(cue.start)} --> {_timestamp(cue.end)}\n{escape(cue.text, quote=False)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _timestamp(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds / 1000:06.3f}"
