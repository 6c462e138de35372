"""Filling the cache with what a site that was read lacks, or with a part of it: sentences alone, no clips."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.cache.shared import finish_sharing
from mkdocs_lightning.site.narration import count, tell_unvoiced
from mkdocs_lightning.synthesis.progress import RunOutcome, follow

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from logging import Logger, LoggerAdapter

    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.site.narration import Use
    from mkdocs_lightning.synthesis.plan import Plan
    from mkdocs_lightning.synthesis.run import Result


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done, for the last line.

    Attributes:
        sentences: How many it was about.
        characters: Sent and answered with audio.
        unvoiced: Sentences without audio.
        seconds: That it took.
        is_shared: Whether all that was spoken is where others find it, as far as that was the aim.
    """

    sentences: int
    cached: int
    new: int
    characters: int
    unvoiced: int
    seconds: float
    is_shared: bool = True

    def __str__(self) -> str:
        missing = f", {self.unvoiced:,} not voiced" if self.unvoiced else ""
        return (
            f"{count(self.sentences, 'sentence')}: {self.cached:,} cached, {self.new:,} new "
            f"({count(self.characters, 'character')}){missing}, {self.seconds:.1f} s"
        )


@dataclass(frozen=True, slots=True)
class Filling:
    """Some sentences of a site, and how they come to be spoken.

    Attributes:
        uses: All blocks of the site, for the places in messages.
        plan: Of the whole site.
        keys: Of the segments that this is about.
        cache: Is to have them, or to keep what no other takes.
        log: Where an author is told what happened.
    """

    uses: Sequence[Use]
    plan: Plan
    keys: frozenset[str]
    cache: Cache
    log: Logger | LoggerAdapter[Logger]

    def run(
        self,
        speak: Callable[[Sequence[Segment]], Generator[Result, None, None]],
        in_flight: Callable[[], int],
        reason: str | None,
    ) -> Tally:
        """Have what is missing spoken, and tell what could not be.

        Args:
            speak: Speaks segments; one result for each.
            in_flight: How many requests there are now.
            reason: Why nothing may be sent; None where it may.
        """
        begun = time.monotonic()
        missing = [segment for segment in self.plan.missing if segment.key in self.keys]
        outcome = self._spoken(missing, speak, in_flight, reason) if missing else RunOutcome()
        for why, failed in outcome.missing.items():
            tell_unvoiced(self.uses, failed, why, self.log)
        finish_sharing(self.cache, self.log)
        return Tally(
            sentences=len(self.keys),
            cached=len(self.keys) - len(missing) + outcome.found,
            new=outcome.synthesized,
            characters=outcome.characters,
            unvoiced=sum(map(len, outcome.missing.values())),
            seconds=time.monotonic() - begun,
        )

    def _spoken(
        self,
        missing: Sequence[Segment],
        speak: Callable[[Sequence[Segment]], Generator[Result, None, None]],
        in_flight: Callable[[], int],
        reason: str | None,
    ) -> RunOutcome:
        try:
            self.cache.check_writable()
        except StoreError as error:
            reason = reason or str(error)
        if reason:
            return RunOutcome(missing={reason: missing})
        return follow(speak(missing), missing, in_flight, self.log)
