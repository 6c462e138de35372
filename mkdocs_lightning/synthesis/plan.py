"""Which sentences a build needs, which of them are missing, what those cost, and how several jobs share them."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.reading.settings.voice import Voice

_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Plan:
    """What some clips need; each clip and each segment once, in the order of first use.

    Attributes:
        missing: Those of the segments that are not cached.
    """

    clips: tuple[Clip, ...]
    segments: tuple[Segment, ...]
    missing: tuple[Segment, ...]

    @property
    def cached(self) -> int:
        """Number of segments that need no request."""
        return len(self.segments) - len(self.missing)

    @property
    def characters(self) -> int:
        """Number of characters in the missing segments: what a build would send and pay for."""
        return sum(len(segment.text) for segment in self.missing)

    def price(self, per_character: Callable[[Voice], float | None]) -> float | None:
        """Price of the missing segments in US dollars; None if the price of any of them is unknown.

        Args:
            per_character: An engine's price of one character in a voice.
        """
        rates = ((per_character(segment.voice), len(segment.text)) for segment in self.missing)
        price = total_price(None if rate is None else rate * characters for rate, characters in rates)
        return None if price is None else float(f"{price:.10g}")  # rounds float noise off


def total_price(prices: Iterable[float | None]) -> float | None:
    """The sum of some prices; None if one of them is not known."""
    total = 0.0
    for price in prices:
        if price is None:
            return None
        total += price
    return total


def make_plan(
    clips: Iterable[Clip],
    cached_segments: Container[str],
    cached_clips: Container[str] = frozenset(),
) -> Plan:
    """Work out what some clips need.

    Args:
        clips: In the order of the site; duplicates are allowed.
        cached_segments: Keys of the segments whose audio is cached.
        cached_clips: Keys of the clips that are cached as files, and so need none of their segments.
    """
    distinct = {clip.key: clip for clip in clips}.values()
    segments = {segment.key: segment for clip in distinct for segment in clip.segments}
    needed = {segment.key: segment for clip in distinct if clip.key not in cached_clips for segment in clip.segments}
    missing = tuple(segment for segment in needed.values() if segment.key not in cached_segments)
    return Plan(tuple(distinct), tuple(segments.values()), missing)


def characters_within(parts: Mapping[str, Iterable[Segment]], max_characters: int | None) -> dict[str, int | None]:
    """The characters that a run would send for each part, within its budget: of each all that is missing, or nothing.

    Args:
        parts: The missing segments of each language, in the order in which a run reads them.
        max_characters: The budget of the run; None for any number.

    Returns:
        The characters of each part; None for one that does not fit into what the others before it leave.
    """
    sent: set[str] = set()
    found: dict[str, int | None] = {}
    left = max_characters
    for name, part in parts.items():
        new = {segment.key: len(segment.text) for segment in part if segment.key not in sent}
        characters = sum(new.values())
        if left is not None and characters > left:
            found[name] = None
            continue
        sent |= new.keys()
        found[name] = characters
        left = None if left is None else left - characters
    return found


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of a site's sentences, for one of several independent jobs.

    The part that a sentence falls into depends only on the set of all sentences of the site: not on what is cached,
    which differs between jobs that start at different times, nor on the order of the pages. Sentences are dealt out
    longest first, each to the part with the fewest characters so far; ties are broken by key and part number.

    Attributes:
        number: From 1 to `of`.
        of: Number of parts.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a shard written as `2/5`.

        Raises:
            SettingError: The text is not of this form, or the number is out of range.
        """
        found = _SHARD.fullmatch(text.strip())
        number, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not of:
            raise SettingError("--shard", f"{text!r} is not a part such as 2/5, the second of five")
        if not 1 <= number <= of:
            raise SettingError("--shard", f"{text!r} is not a part: the first of {of} is 1/{of}, the last {of}/{of}")
        return cls(number, of)

    def __str__(self) -> str:
        return f"part {self.number} of {self.of}"

    def keys(self, segments: Iterable[Segment]) -> frozenset[str]:
        """Keys of the segments that fall into this part.

        Args:
            segments: All segments of the site, cached or not, in any order; duplicates count once.
        """
        lengths = {segment.key: len(segment.text) for segment in segments}
        loads = [(0, number) for number in range(1, self.of + 1)]  # a heap: the lightest part first
        keys = []
        for key in sorted(lengths, key=lambda key: (-lengths[key], key)):
            load, number = loads[0]
            heapq.heapreplace(loads, (load + lengths[key], number))
            if number == self.number:
                keys.append(key)
        return frozenset(keys)
