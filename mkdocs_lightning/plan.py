"""Which segments a build needs, which of them are missing, and how many characters those have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mkdocs_lightning.segment import Clip, Segment


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build needs; each segment once, in the order of its first use."""

    segments: tuple[Segment, ...]
    missing: tuple[Segment, ...]

    @property
    def characters(self) -> int:
        """How many characters the missing segments would send."""
        return sum(len(segment.text) for segment in self.missing)


def make_plan(clips: Iterable[Clip], is_stored: Callable[[Segment], bool]) -> Plan:
    """Look up every segment of some clips, once."""
    segments = tuple({segment.key: segment for clip in clips for segment in clip.segments}.values())
    return Plan(segments, tuple(segment for segment in segments if not is_stored(segment)))
