"""Which segments a build needs, which of them are missing, and what those will cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.reading.voice import Voice


@dataclass(frozen=True, slots=True)
class Plan:
    """What some clips need; each clip and each segment once, in the order of its first use."""

    clips: tuple[Clip, ...]
    segments: tuple[Segment, ...]
    missing: tuple[Segment, ...]

    @property
    def cached(self) -> int:
        """How many segments need not be asked for."""
        return len(self.segments) - len(self.missing)

    @property
    def characters(self) -> int:
        """How many characters the missing segments would send."""
        return sum(len(segment.text) for segment in self.missing)

    def excess(self, max_characters: int | None) -> str | None:
        """Why nothing of it may be sent, where it is more than a limit allows; None where it may."""
        if max_characters is None or self.characters <= max_characters:
            return None
        return f"they have {self.characters} characters, and max_characters is {max_characters}"

    def price(self, per_character: Callable[[Voice], float | None]) -> float | None:
        """US dollars for the missing segments; None where the price of one is not known.

        Args:
            per_character: An engine's price of one character in a voice.
        """
        price = 0.0
        for segment in self.missing:
            rate = per_character(segment.voice)
            if rate is None:
                return None
            price += rate * len(segment.text)
        return price


def make_plan(
    clips: Iterable[Clip],
    cached_segments: Container[str],
    cached_clips: Container[str] = frozenset(),
) -> Plan:
    """What some clips need.

    Args:
        clips: In the order of the site; the same one may come several times.
        cached_segments: Keys of the segments whose audio is cached.
        cached_clips: Keys of the clips that are cached as files, and need none of their segments.
    """
    distinct = {clip.key: clip for clip in clips}.values()
    segments = {segment.key: segment for clip in distinct for segment in clip.segments}
    needed = {segment.key: segment for clip in distinct if clip.key not in cached_clips for segment in clip.segments}
    missing = tuple(segment for segment in needed.values() if segment.key not in cached_segments)
    return Plan(tuple(distinct), tuple(segments.values()), missing)
