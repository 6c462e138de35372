"""Supplies the clips of a site: from the cache, from a remote cache, by synthesis, or, for drafts, offline.

    want ─► want ─► … ─► complete ─► close

`want` is called for each page that was read, so that clips are fetched and synthesized while other pages are read.
`complete` waits for the rest and returns what it found; it changes nothing but the cache.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, StoreError, count
from mkdocs_lightning.cache.shared import finish_sharing
from mkdocs_lightning.engines import normalize_voices, voice_warnings
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.site.report import BuildReport, SynthesisReport, warn_of_missing
from mkdocs_lightning.synthesis.plan import make_plan
from mkdocs_lightning.synthesis.policy import Budget, Policy, Spending

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.site.spoken_block import BlockUse, SpokenBlock
    from mkdocs_lightning.synthesis.clip_builder import ClipBuilder
    from mkdocs_lightning.synthesis.plan import Plan
    from mkdocs_lightning.synthesis.progress import RunOutcome
    from mkdocs_lightning.synthesis.run import Result

_ROUNDS = 2  # the second synthesizes again what the first found damaged


@dataclass(frozen=True, slots=True)
class SupplySettings:
    """What a supply may do.

    Attributes:
        policy: Concurrency and retries.
        budget: Of the run, which all languages of a site share.
        hold_reason: Why nothing may be synthesized in this build; None if it may.
        is_early: Whether sentences are requested while other pages are still read. A limited budget waits for all
            pages, as its sum has to be known first.
    """

    policy: Policy = field(default_factory=Policy)
    budget: Budget = field(default_factory=Budget)
    hold_reason: str | None = None
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """The clips that a build can publish.

    Attributes:
        cached: Whole clips, by the key of the clip.
        drafts: By the key of a clip that is missing: a clip of the same text from the draft engine.
        report: What was done to get them.
    """

    cached: Mapping[str, CachedClip] = field(default_factory=dict)
    drafts: Mapping[str, CachedClip] = field(default_factory=dict)
    report: BuildReport = field(default_factory=BuildReport)

    def clip_of(self, block: SpokenBlock) -> CachedClip | None:
        """What the block's player plays: its clip, else a draft, else nothing."""
        return self.cached.get(block.clip.key) or self.drafts.get(block.clip.key)

    def is_draft(self, block: SpokenBlock) -> bool:
        """Whether the block's player plays a draft."""
        return block.clip.key not in self.cached and block.clip.key in self.drafts


class ClipSupply:
    """The clips of one site in one language; see the head of this module.

    Args:
        settings: What it may do.
        engine: Synthesizes what is missing.
        cache: Stores sentences and clips.
        log: Receives warnings on what is missing, and why.
    """

    def __init__(self, settings: SupplySettings, engine: Engine, cache: Cache, log: Log) -> None:
        self._settings = settings
        self._engine = engine
        self._cache = cache
        self._log = log
        self._cached: dict[str, CachedClip] = {}
        self._builder: ClipBuilder | None = None  # loads what only a build with missing clips needs
        self._prefetched: set[str] = set()  # keys of clips
        self._requested: set[str] = set()  # keys of the segments that were requested early
        self._warned_of: set[str] = set()  # warnings of voices
        self._seconds = 0.0  # that `want` has taken
        self._outcomes: list[RunOutcome] = []
        self._spending = Spending(settings.budget)

    @property
    def cached(self) -> Mapping[str, CachedClip]:
        """The clips that were found or built so far, by the key of the clip."""
        return self._cached

    def want(self, clips: Sequence[Clip]) -> None:
        """Supply the clips of a page that was read, as far as that can begin before all pages are read."""
        begun = time.monotonic()
        if self._builder is not None:
            self._builder.poll()
        if self._settings.is_early:
            self._begin(clips)
        self._seconds += time.monotonic() - begun

    def find_cached(self, clips: Iterable[Clip]) -> Sequence[Clip]:
        """Look for the files of some clips in the cache; those that have none."""
        missing = []
        for clip in clips:
            if clip.key in self._cached:
                continue
            if found := self._cache.find_clip(clip):
                self._cached[clip.key] = found
            else:
                missing.append(clip)
        return missing

    def complete(self, uses: Sequence[BlockUse], draft_engine: Engine | None = None) -> Supply:
        """Wait until everything that can be supplied is there, and warn of the rest.

        Args:
            uses: All blocks of the site.
            draft_engine: Synthesizes, at no cost, what stays missing: for an author who is still writing.
        """
        begun = time.monotonic()
        clips = [use.block.clip for use in uses]
        self.find_cached(clips)
        self._fetch_all([clip for clip in clips if clip.key not in self._prefetched])
        plan = self._plan_of(clips)
        requested = {segment.key for segment in plan.missing} | self._requested
        try:
            for _ in range(_ROUNDS):
                if not self._build_clips(plan, uses):
                    break
                self._fetch_all(plan.clips)
                plan = self._plan_of(plan.clips)
        except StoreError as error:
            self._log.warning("%s. Sentences that are not in it stay missing", error)
        drafts = self._make_drafts(uses, draft_engine) if draft_engine else {}
        if self._cache.damaged:
            self._log.info("%s of the cache moved to damaged/", count(len(self._cache.damaged), "damaged file"))
        report = BuildReport(
            clips=len(plan.clips),
            sentences=len(plan.segments),
            cached=len(plan.segments) - len(requested) + sum(outcome.found for outcome in self._outcomes),
            synthesized=sum(outcome.synthesized for outcome in self._outcomes),
            characters=self._spending.answered,
            refused=self._spending.refused,
            missing=len(self._without_file(plan.clips)),
            has_failed=any(outcome.missing for outcome in self._outcomes),
            seconds=self._seconds + time.monotonic() - begun,
        )
        return Supply(dict(self._cached), drafts, report)

    def close(self, *, is_urgent: bool) -> None:
        """Start no further request. Wait up to 10 s for those in flight, or not at all if `is_urgent`."""
        if self._builder is not None:
            self._builder.close(is_urgent=is_urgent)
            self._builder = None

    def _begin(self, clips: Sequence[Clip]) -> None:
        missing = self.find_cached(clips)
        self._prefetched |= {clip.key for clip in clips}
        try:
            done = self._cache.prefetch(missing)
            self._cached |= {clip.key: fetched for clip, fetched in done if fetched}
            if still_missing := [clip for clip, fetched in done if not fetched]:
                self._request_early(still_missing)
        except (StoreError, SettingError):
            return  # `complete` meets it again

    def _without_file(self, clips: Iterable[Clip]) -> list[Clip]:
        return [clip for clip in clips if clip.key not in self._cached]

    def _plan_of(self, clips: Collection[Clip]) -> Plan:
        return make_plan(clips, self._cache.cached_segments(self._without_file(clips)), self._cached)

    def _fetch_all(self, clips: Collection[Clip]) -> None:
        """Fetch what a remote cache has of some clips, and wait for that and for all that was prefetched."""
        try:
            self.find_cached(self._cache.fetch_all(self._without_file(clips)))
        except StoreError as error:
            self._log.warning("%s. What a remote cache has was not fetched", error)
            self.find_cached(clips)  # some may have been

    def _request_early(self, clips: Collection[Clip]) -> None:
        """Request what some clips without a file need, unless more has to be known before anything is sent.

        Raises:
            StoreError: The cache cannot be written.
        """
        may_send = self._settings.hold_reason is None and not self._settings.budget.is_limited
        if not may_send or self._engine.unavailable_reason:
            return
        plan = self._plan_of(clips)
        self._request(plan.clips, plan.missing)
        self._requested |= {segment.key for segment in plan.missing}

    def _build_clips(self, plan: Plan, uses: Sequence[BlockUse]) -> bool:
        """Build the clips of a plan that have no file yet.

        Returns:
            Whether one of them turned out to have a damaged segment, so that it was not built.

        Raises:
            StoreError: The cache cannot be written.
        """
        clips = self._without_file(plan.clips)
        missing = self._synthesize(plan, clips, uses) if plan.missing or self._requested else set()
        ready = [clip for clip in clips if not any(segment.key in missing for segment in clip.segments)]
        if not ready:
            return False
        self._request(ready, [])
        built = self._ready_builder().collect()
        self._cached |= built.clips
        if built.error:
            raise built.error
        return bool(self._without_file(ready))

    def _synthesize(self, plan: Plan, clips: Iterable[Clip], uses: Sequence[BlockUse]) -> set[str]:
        """Synthesize the missing segments of a plan; the keys of those that stay missing."""
        if self._settings.hold_reason:
            self._log.info("%s missing: %s", count(len(plan.missing), "sentence"), self._settings.hold_reason)
            return {segment.key for segment in plan.missing}
        if reason := self._engine.unavailable_reason or self._settings.budget.refusal_reason(plan.characters):
            warn_of_missing(uses, plan.missing, reason, self._log)
            return {segment.key for segment in plan.missing}
        requested, self._requested = self._requested, set()
        early = [segment for segment in plan.segments if segment.key in requested]
        late = [segment for segment in plan.missing if segment.key not in requested]
        self._request(clips, late)
        outcome = self._follow([*early, *late])
        self._outcomes.append(outcome)
        for reason, failed in outcome.missing.items():
            warn_of_missing(uses, failed, reason, self._log)
        return {segment.key for failed in outcome.missing.values() for segment in failed}

    def _request(self, clips: Iterable[Clip], missing: Sequence[Segment]) -> None:
        """Have clips built as soon as their missing segments are synthesized.

        Raises:
            StoreError: The cache cannot be written.
        """
        builder = self._ready_builder()
        if missing:
            self._cache.check_writable()
            warnings = voice_warnings(self._engine, (segment.voice for segment in missing))
            for warning in (warning for warning in warnings if warning not in self._warned_of):
                self._log.warning("%s", warning)
                self._warned_of.add(warning)
        builder.request(clips, missing)

    def _ready_builder(self) -> ClipBuilder:
        from mkdocs_lightning.synthesis.clip_builder import ClipBuilder

        self._builder = self._builder or ClipBuilder(self._engine, self._settings.policy, self._cache, self._spending)
        return self._builder

    def _follow(self, segments: Sequence[Segment]) -> RunOutcome:
        """Wait for segments that were requested, and show the progress."""
        from mkdocs_lightning.synthesis.progress import follow

        builder = self._ready_builder()
        return follow(builder.results(), segments, lambda: builder.throttle.in_flight, self._log)

    def _make_drafts(self, uses: Sequence[BlockUse], engine: Engine) -> Mapping[str, CachedClip]:
        """Synthesize drafts of what is missing; a text that the draft engine cannot pronounce has none."""
        if engine.unavailable_reason:
            return {}
        from mkdocs_lightning.synthesis.clip_builder import ClipBuilder

        missing = {use.block.clip.key: use.block for use in uses if use.block.clip.key not in self._cached}
        drafts = {key: _draft_of(block, engine) for key, block in missing.items()}
        plan = make_plan(drafts.values(), self._cache.cached_segments(drafts.values()))
        is_free = all(engine.price_per_character(segment.voice) == 0 for segment in plan.missing)
        builder = ClipBuilder(engine, Policy(), self._cache, None if is_free else self._spending)
        builder.request(drafts.values(), plan.missing)
        failed = Counter(str(result.error) for result in builder.results() if result.error)
        if failed:
            self._log.info("%s without a draft: %s", count(failed.total(), "sentence"), next(iter(failed)))
        built = builder.collect()
        if built.error:
            self._log.info("%s. Some drafts are missing", built.error)
        builder.close(is_urgent=False)
        engine.close()
        return {key: built.clips[draft.key] for key, draft in drafts.items() if draft.key in built.clips}


def _draft_of(block: SpokenBlock, engine: Engine) -> Clip:
    voices = normalize_voices(engine, block.voices)
    return make_clip(block.sentences, engine.name, voices, block.clip.output_format)


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
    ) -> SynthesisReport:
        """Synthesize the wanted sentences that are missing, and warn of those that stay missing.

        Args:
            synthesize: Yields one result for each segment.
            in_flight: The number of requests in flight, for the progress.
            spending: What `synthesize` counts in.
            hold_reason: Why nothing may be sent; None if it may.
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
                else follow(synthesize(missing), missing, in_flight, self.log)
            )
        for reason, failed in outcome.missing.items():
            warn_of_missing(self.uses, failed, reason, self.log)
        finish_sharing(self.cache, self.log)
        return SynthesisReport(
            sentences=len(self.keys),
            cached=len(self.keys) - len(missing) + outcome.found,
            synthesized=outcome.synthesized,
            characters=spending.answered,
            refused=spending.refused,
            missing=sum(map(len, outcome.missing.values())),
            seconds=time.monotonic() - begun,
        )

    def _store_failure_reason(self) -> str | None:
        """Why the cache cannot be written; None if it can."""
        try:
            self.cache.check_writable()
        except StoreError as error:
            return str(error)
        return None
