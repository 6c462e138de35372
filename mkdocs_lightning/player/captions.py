"""Captions: the time of each sentence in its clip. It is exact, as the length of each segment is known."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.sentences import Pause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.reading.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Cue:
    """One sentence in its clip.

    Attributes:
        start: Seconds from the start of the clip.
        end: Seconds from the start of the clip, without the pause that follows.
        text: The sentence as it is written on the page.
    """

    start: float
    end: float
    text: str


def make_cues(sentences: Sequence[Sentence], lengths: Sequence[float]) -> tuple[Cue, ...]:
    """The cues of a script.

    Args:
        sentences: The script.
        lengths: The seconds of each segment. There is one for each part of each sentence.
    """
    return tuple(_cues(sentences, iter(lengths)))


def _cues(sentences: Iterable[Sentence], lengths: Iterator[float]) -> Iterator[Cue]:
    start = 0.0
    for sentence in sentences:
        cuts = (len(sentence.parts) - 1) * Pause.CUT / 1000
        end = start + cuts + sum(next(lengths) for _ in sentence.parts)
        yield Cue(start, end, sentence.written)
        start = end + sentence.pause / 1000


def to_webvtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file (W3C WebVTT, section 4), with times in milliseconds."""
    blocks = [f"{_timestamp(cue.start)} --> {_timestamp(cue.end)}\n{escape(cue.text, quote=False)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _timestamp(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds / 1000:06.3f}"
