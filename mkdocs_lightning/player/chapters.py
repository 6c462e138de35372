"""Chapters: the headings of a page or block, with the time at which each is spoken in its clip."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.player.captions import sentence_times
from mkdocs_lightning.reading.segment import FEWEST_CHAPTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_lightning.reading.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a clip that begins with a heading, and ends where the next one begins.

    Attributes:
        start: Seconds from the start of the clip, in whole milliseconds. That of the first may be above 0.
        title: The heading's text.
        anchor: The id of the heading on its page; empty if it has none.
    """

    start: float
    title: str
    anchor: str


def make_chapters(
    sentences: Sequence[Sentence], lengths: Sequence[float], pauses: Sequence[float]
) -> tuple[Chapter, ...]:
    """The chapters of a script: none, or at least two.

    Args:
        sentences: The script.
        lengths: The seconds of each segment. There is one for each part of each sentence.
        pauses: The seconds of silence between the segments.
    """
    times = zip(sentences, sentence_times(sentences, lengths, pauses), strict=True)
    chapters = tuple(
        Chapter(round(start, 3), sentence.heading.title, sentence.heading.anchor)
        for sentence, (start, _) in times
        if sentence.heading
    )
    return chapters if len(chapters) >= FEWEST_CHAPTERS else ()


def to_json(chapters: Sequence[Chapter]) -> str:
    """The chapters as `player.js` reads them: `[[seconds, "title", "anchor"], …]`."""
    rows = [(chapter.start, chapter.title, chapter.anchor) for chapter in chapters]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
