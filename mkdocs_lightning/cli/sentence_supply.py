"""Fills the cache with some of a site's sentences, without building clips: for a shard, or a cluster."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.site.report import SynthesisReport, finish_sharing, tell_of_files, warn_of_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.site.spoken_block import BlockUse
    from mkdocs_lightning.synthesis.plan import Plan
    from mkdocs_lightning.synthesis.policy import Spending
    from mkdocs_lightning.synthesis.run import Result


@dataclass(frozen=True, slots=True)
class SentenceSupply:
    """Fills the cache with some sentences of a site, without building clips: what a shard or a cluster does.

    Attributes:
        uses: All blocks of the site, to name them in warnings.
        plan: Of the whole site.
        keys: Of the segments that are wanted.
        cache: Stores them.
        log: Receives warnings on what is missing, and why.
    """

    uses: Sequence[BlockUse]
    plan: Plan
    keys: frozenset[str]
    cache: Cache
    log: Log

    def complete(
        self,
        synthesize: Callable[[Sequence[Segment]], Generator[Result, None, None]],
        in_flight: Callable[[], int],
        spending: Spending,
        hold_reason: str | None,
        waits_until: Callable[[], float | None] = lambda: None,
    ) -> SynthesisReport:
        """Synthesize the wanted sentences that are missing, and warn of those that stay missing.

        Args:
            synthesize: Yields one result for each segment.
            in_flight: The number of requests in flight, for the progress.
            spending: What `synthesize` counts in.
            hold_reason: Why nothing may be sent; None if it may.
            waits_until: When a wait for the service ends at the latest, for the progress; None if there is none.
        """
        from mkdocs_lightning.synthesis.progress import RunOutcome, follow

        begun = time.monotonic()
        missing = [segment for segment in self.plan.missing if segment.key in self.keys]
        outcome = RunOutcome()
        if missing:
            hold_reason = hold_reason or self._store_failure_reason()
            outcome = (
                RunOutcome(missing={hold_reason: missing})
                if hold_reason
                else follow(synthesize(missing), missing, in_flight, self.log, waits_until)
            )
        for reason, failed in outcome.missing.items():
            warn_of_missing(self.uses, failed, reason, self.log)
        tell_of_files(self.cache, self.log)
        finish_sharing(self.cache, self.log)
        unfetched = len(self.keys & self.cache.pointers.keys())
        return SynthesisReport(
            sentences=len(self.keys),
            cached=len(self.keys) - len(missing) - unfetched + outcome.found,
            synthesized=outcome.synthesized,
            characters=spending.answered,
            refused=spending.refused,
            missing=sum(map(len, outcome.missing.values())) + unfetched,
            seconds=time.monotonic() - begun,
        )

    def _store_failure_reason(self) -> str | None:
        """Why the cache cannot be written; None if it can."""
        try:
            self.cache.check_writable()
        except StoreError as error:
            return str(error)
        return None
