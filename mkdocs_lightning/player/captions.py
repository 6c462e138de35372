"""Captions: the time of each sentence in its clip.

It is exact, as the length of each segment is known, but for short sentences that were synthesized together:
`phrase_times.py` finds their times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate, islice
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.player.word_marks import WordMark
    from mkdocs_lightning.reading.segment import WordTimes
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
    pauses: Sequence[float],
    silences: Sequence[Silences] = (),
    words: Sequence[WordTimes] = (),
) -> tuple[Cue, ...]:
    """The cues of a script.

    Args:
        sentences: The script.
        lengths: The seconds of each segment. There is one for each part of each sentence.
        pauses: The seconds of silence between the segments.
        silences: The silences in each segment, in seconds from its start; empty if they are unknown.
        words: The words of each segment; empty if they are unknown, or nobody wants to know them.
    """
    cues = _cues(sentences, sentence_times(sentences, lengths, pauses), iter(silences))
    if not any(words):
        return tuple(cues)
    from mkdocs_lightning.player.word_marks import mark_cues

    return tuple(mark_cues(cues, sentences, part_times(lengths, pauses), words))


def part_times(lengths: Sequence[float], pauses: Sequence[float]) -> list[float]:
    """When each segment begins, in seconds from the start of its clip; as `sentence_times`."""
    return list(accumulate((length + pause for length, pause in zip(lengths, pauses, strict=False)), initial=0.0))


def sentence_times(
    sentences: Iterable[Sentence], lengths: Iterable[float], pauses: Sequence[float]
) -> Iterator[tuple[float, float]]:
    """When each sentence of a script begins and ends, in seconds from the start of its clip.

    Args:
        sentences: The script.
        lengths: The seconds of each segment. There is one for each part of each sentence.
        pauses: The seconds of silence between the segments.
    """
    rest = zip(lengths, (*pauses, 0.0), strict=True)
    start = 0.0
    for sentence in sentences:
        end = following = start
        for length, pause in islice(rest, len(sentence.parts)):
            end = following + length
            following = end + pause
        yield start, end
        start = following


def _cues(
    sentences: Sequence[Sentence], times: Iterable[tuple[float, float]], silences: Iterator[Silences]
) -> Iterator[Cue]:
    row: list[Cue] = []
    for sentence, (start, end) in zip(sentences, times, strict=True):
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
    from mkdocs_lightning.player.phrase_times import find_phrase_times

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
