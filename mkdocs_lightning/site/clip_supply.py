"""Supplies the clips of a site: from the cache, from a remote cache, by synthesis, or, for drafts, offline.

    want ─► want ─► … ─► request_all ─► wait_for ─► wait_for ─► … ─► complete ─► close

`want` is called for each page that was read, so that clips are fetched and synthesized while other pages are read.
`wait_for` waits for the clips of one page, so that this goes on while pages are written. `complete` waits for the rest
and returns what it found; it changes nothing but the cache.
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, StoreError, count
from mkdocs_lightning.engines import stand_in_reason
from mkdocs_lightning.site.report import BuildReport, tell_of_files, warn_of_missing, warn_of_stop
from mkdocs_lightning.site.spoken_block import Supply
from mkdocs_lightning.site.supply.drafts import make_drafts
from mkdocs_lightning.site.supply.untimed_clips import UntimedClips
from mkdocs_lightning.site.supply.voice_notices import VoiceNotices
from mkdocs_lightning.synthesis.plan import make_plan
from mkdocs_lightning.synthesis.policy import Budget, Policy, Spending

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.site.spoken_block import BlockUse
    from mkdocs_lightning.synthesis.clip_builder import ClipBuilder
    from mkdocs_lightning.synthesis.plan import Plan
    from mkdocs_lightning.synthesis.progress import Follower, RunOutcome


@dataclass(frozen=True, slots=True)
class SupplySettings:
    """What a supply may do.

    Attributes:
        policy: Concurrency and retries.
        budget: Of the run, which all languages of a site share.
        hold_reason: Why nothing may be synthesized in this build; None if it may.
        stand_in: Speaks what is missing, as the site's engine cannot; None if that can.
        is_early: Whether sentences are requested while other pages are still read. A limited budget waits for all
            pages, as its sum has to be known first.
        finds_words: Whether to find when each word is heard, where this machine can.
        told_voices: The warnings of voices that were told, in all languages of a site.
    """

    policy: Policy = field(default_factory=Policy)
    budget: Budget = field(default_factory=Budget)
    hold_reason: str | None = None
    stand_in: Engine | None = None
    is_early: bool = False
    finds_words: bool = False
    told_voices: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of synthesis. The second synthesizes again what the first has found damaged.

    Attributes:
        clips: Those that have no file yet.
        refused: Keys of the segments that may not be synthesized.
        follower: Of the segments that are; None if there are none.
    """

    clips: Sequence[Clip]
    refused: frozenset[str] = frozenset()
    follower: Follower | None = None


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
        self._engine = settings.stand_in or engine
        self._stand_in_reason = stand_in_reason(engine, settings.stand_in)
        self._cache = cache
        self._log = log
        self._cached: dict[str, CachedClip] = {}
        self._builder: ClipBuilder | None = None  # loads what only a build with missing clips needs
        self._prefetched: set[str] = set()  # keys of clips
        self._requested: set[str] = set()  # keys of the segments that were requested early
        self._needed: set[str] = set()  # keys of all segments that were, or would have to be, requested
        self._voice_notices = VoiceNotices(self._engine, settings.told_voices)
        self._uses: list[BlockUse] = []  # those of the pages that were read
        self._seconds = 0.0  # that the build has waited
        self._plan: Plan | None = None  # None until all pages were read
        self._round: _Round | None = None  # the one that goes on
        self._outcomes: list[RunOutcome] = []
        self._spending = Spending(settings.budget)
        self._untimed = UntimedClips(is_wanted=settings.finds_words)

    @property
    def cached(self) -> Mapping[str, CachedClip]:
        """The clips that were found or built so far, by the key of the clip."""
        return self._cached

    @property
    def is_pending(self) -> bool:
        """Whether clips that were requested are still being synthesized or encoded."""
        return self._builder is not None and self._builder.is_busy

    def want(self, uses: Sequence[BlockUse]) -> None:
        """Supply the blocks of a page that was read, as far as that can begin before all pages are read."""
        self._uses += uses
        with self._counting_seconds():
            if self._builder is not None:
                self._builder.poll()
            if self._settings.is_early:
                self._begin([use.block.clip for use in uses])

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

    def incomplete(self, clips: Sequence[Clip]) -> list[Clip]:
        """Fetch some clips; those of which neither the file nor all sentences are cached, here or in a remote cache."""
        with self._counting_seconds():
            self._fetch_all(self.find_cached(clips))
            missing = {segment.key for segment in self._plan_of(clips).missing}
        return [clip for clip in clips if not missing.isdisjoint(segment.key for segment in clip.segments)]

    def request_all(self, uses: Sequence[BlockUse]) -> None:
        """Fetch what is still missing of a site that was read, and request the rest, without waiting for its synthesis.

        Args:
            uses: All blocks of the site.
        """
        self._uses = [*uses]
        with self._counting_seconds():
            clips = [use.block.clip for use in uses]
            if self._builder is not None:  # what it has just written need not be read
                self._builder.poll()
                self._cached |= self._builder.built
            self.find_cached(clips)
            self._fetch_all([clip for clip in clips if clip.key not in self._prefetched])
            self._find_words(clips)
            self._plan = self._plan_of(clips)
            self._needed = self._requested.union(segment.key for segment in self._plan.missing)
            with self._warning_of_store_errors():
                self._round = self._begin_round(self._plan, uses)

    def wait_for(self, clips: Collection[Clip]) -> bool:
        """Wait for some clips, while others are still synthesized.

        Returns:
            Whether all of them are there. Otherwise only `complete` knows whether they can be.
        """
        wanted = {clip.key for clip in self._without_file(clips)}
        if self._builder is not None and self._round is not None:
            with self._counting_seconds():
                if self._round.follower is not None:
                    self._round.follower.add(self._builder.results_for(wanted))
                untimed = self._untimed.keys.intersection(clip.key for clip in clips)
                self._cached |= self._builder.finish(wanted | untimed)
        return wanted <= self._cached.keys()

    def complete(self, uses: Sequence[BlockUse], draft_engine: Engine | None = None) -> Supply:
        """Wait until everything that can be supplied is there, and warn of the rest.

        Args:
            uses: All blocks of the site.
            draft_engine: Synthesizes, at no cost, what stays missing: for an author who is still writing.
        """
        if self._plan is None:
            self.request_all(uses)
        with self._counting_seconds():
            with self._warning_of_store_errors():
                self._end_rounds(uses)
            if self._builder is not None:
                self._cached |= self._builder.finish(self._untimed.keys)
            drafts = self._make_drafts(uses, draft_engine) if draft_engine else {}
        plan = self._plan or self._plan_of([])
        for extra in self._untimed.missing_extras(plan.clips):
            self._log.warning(
                'highlight: sentences are highlighted, not words. Run pip install "mkdocs-lightning[%s]"', extra
            )
        report = BuildReport(
            clips=len(plan.clips),
            sentences=len(plan.segments),
            cached=len(plan.segments) - len(self._needed) + sum(outcome.found for outcome in self._outcomes),
            synthesized=sum(outcome.synthesized for outcome in self._outcomes),
            characters=self._spending.answered,
            refused=self._spending.refused,
            missing=len(self._without_file(plan.clips)),
            has_failed=any(outcome.missing for outcome in self._outcomes),
            seconds=self._seconds,
        )
        tell_of_files(self._cache, self._log)
        return Supply(dict(self._cached), drafts, report)

    def close(self, *, is_urgent: bool) -> None:
        """Start no further request. Wait up to 10 s for those in flight, or up to 5 s if `is_urgent`."""
        if self._round and self._round.follower:
            self._round.follower.close()
        builder, self._builder = self._builder, None
        if builder is not None and (stopped := builder.close(is_urgent=is_urgent)):
            warn_of_stop(stopped, self._log)
        self._untimed.close()

    def _begin(self, clips: Sequence[Clip]) -> None:
        missing = self.find_cached(clips)
        self._find_words(clips)
        self._prefetched |= {clip.key for clip in clips}
        try:
            done = self._cache.prefetch(missing)
            self._cached |= {clip.key: fetched for clip, fetched in done if fetched}
            if still_missing := [clip for clip, fetched in done if not fetched]:
                self._request_early(still_missing)
        except (StoreError, SettingError):
            return  # `complete` meets it again

    def _find_words(self, clips: Iterable[Clip]) -> None:
        """Have the word times found of cached clips that were built without them."""
        if untimed := self._untimed.take(clips, self._cached):
            self._ready_builder().request(untimed, [])

    def _without_file(self, clips: Iterable[Clip]) -> list[Clip]:
        return [clip for clip in clips if clip.key not in self._cached]

    def _plan_of(self, clips: Collection[Clip]) -> Plan:
        return make_plan(clips, self._cache.cached_segments(self._without_file(clips)), self._cached)

    def _fetch_all(self, clips: Collection[Clip]) -> None:
        """Fetch what a remote cache has of some clips, and wait for that and for all that was prefetched."""
        try:
            self.find_cached(self._cache.fetch_all(self._without_file(clips)))
        except StoreError as error:
            self._log.warning("%s. Nothing was fetched from the remote cache", error)
            self.find_cached(clips)  # some may have been

    def _request_early(self, clips: Collection[Clip]) -> None:
        """Request what some clips without a file need, unless more has to be known before anything is sent.

        Raises:
            StoreError: The cache cannot be written.
        """
        if self._settings.hold_reason or self._settings.budget.is_limited or self._engine.unavailable_reason:
            return
        plan = self._plan_of(clips)
        self._request(plan.clips, plan.missing)
        self._requested |= {segment.key for segment in plan.missing}

    def _begin_round(self, plan: Plan, uses: Sequence[BlockUse]) -> _Round:
        """Begin to build the clips of a plan that have no file yet.

        Raises:
            StoreError: The cache cannot be written.
        """
        clips = self._without_file(plan.clips)
        if not plan.missing and not self._requested:
            self._request(clips, [])
            return _Round(clips)
        refused = self._refused_of(plan, uses)
        if refused.issuperset(segment.key for segment in plan.missing) and not self._requested:
            self._request(_without(refused, clips), [])
            return _Round(clips, refused)
        requested, self._requested = self._requested, set()
        early = [segment for segment in plan.segments if segment.key in requested]
        late = [segment for segment in plan.missing if segment.key not in refused | requested]
        self._request(_without(refused, clips), late)
        return _Round(clips, refused, self._follow([*early, *late]))

    def _end_round(self, round_: _Round, uses: Sequence[BlockUse]) -> bool:
        """Wait for the clips of a round.

        Returns:
            Whether one of them turned out to have a damaged segment, so that it was not built.

        Raises:
            StoreError: The cache cannot be written.
        """
        missing = round_.refused | (self._end_synthesis(round_.follower, uses) if round_.follower else set())
        if not (ready := _without(missing, round_.clips)):
            return False
        builder = self._ready_builder()
        builder.request(ready, [])
        built = builder.collect()
        self._cached |= built.clips
        if built.error:
            raise built.error
        return bool(self._without_file(ready))

    def _end_rounds(self, uses: Sequence[BlockUse]) -> None:
        """Wait for the clips of the round that goes on; what was damaged, but not what failed, gets a second one.

        Raises:
            StoreError: The cache cannot be written.
        """
        for is_last in (False, True):
            if self._plan is None or self._round is None or not self._end_round(self._round, uses):
                return
            self._fetch_all(self._plan.clips)
            self._plan = self._plan_of(self._plan.clips)
            self._needed |= {segment.key for segment in self._plan.missing}  # with those that were damaged
            clips = _without(self._ready_builder().failed, self._plan.clips)
            self._round = None if is_last else self._begin_round(self._plan_of(clips), uses)

    def _refused_of(self, plan: Plan, uses: Sequence[BlockUse]) -> frozenset[str]:
        """The keys of the missing segments of a plan that may not be synthesized; says why."""
        if self._settings.hold_reason:
            self._log.info("%s missing: %s", count(len(plan.missing), "sentence"), self._settings.hold_reason)
            return frozenset(segment.key for segment in plan.missing)
        # Of a damaged clip, or where the stand-in is not installed.
        foreign = [segment for segment in plan.missing if segment.engine != self._engine.name]
        if foreign and self._stand_in_reason:
            warn_of_missing(uses, foreign, self._stand_in_reason, self._log)
        own = [segment for segment in plan.missing if segment.engine == self._engine.name]
        characters = sum(len(segment.text) for segment in own)
        reason = self._engine.unavailable_reason or self._settings.budget.refusal_reason(characters)
        if reason and own:
            warn_of_missing(uses, own, reason, self._log)
        return frozenset(segment.key for segment in (plan.missing if reason else foreign))

    def _end_synthesis(self, follower: Follower, uses: Sequence[BlockUse]) -> set[str]:
        """Wait for the segments of a round; the keys of those that stay missing."""
        with closing(follower), closing(self._ready_builder().results()) as results:
            follower.add(results)
        outcome = follower.outcome()
        self._outcomes.append(outcome)
        for reason, failed in outcome.missing.items():
            warn_of_missing(uses, failed, reason, self._log)
        return {segment.key for failed in outcome.missing.values() for segment in failed}

    def _request(self, clips: Sequence[Clip], missing: Sequence[Segment]) -> None:
        """Have clips built as soon as their missing segments are synthesized.

        Raises:
            StoreError: The cache cannot be written.
        """
        if not clips:
            return
        builder = self._ready_builder()
        if missing:
            self._cache.check_writable()
            self._voice_notices.tell(missing, self._uses)
        builder.request(clips, missing)

    def _ready_builder(self) -> ClipBuilder:
        from mkdocs_lightning.synthesis.clip_builder import ClipBuilder

        if self._builder is None:
            policy, finder = self._settings.policy, self._untimed.finder
            self._builder = ClipBuilder(self._engine, policy, self._cache, self._spending, finder=finder)
        return self._builder

    def _follow(self, segments: Sequence[Segment]) -> Follower:
        """Shows the progress of segments that were requested."""
        from mkdocs_lightning.synthesis.progress import Follower

        builder = self._ready_builder()
        return Follower(segments, lambda: builder.throttle.in_flight, self._log, builder.waits_until)

    @contextmanager
    def _counting_seconds(self) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self._seconds += time.monotonic() - begun

    @contextmanager
    def _warning_of_store_errors(self) -> Iterator[None]:
        """Warn of a cache that cannot be written, and go on."""
        try:
            yield
        except StoreError as error:
            self._log.warning("%s. Sentences that are not in it stay missing", error)

    def _make_drafts(self, uses: Sequence[BlockUse], engine: Engine) -> Mapping[str, CachedClip]:
        silent = {use.block.clip.key: use.block for use in uses if use.block.clip.key not in self._cached}
        return make_drafts(silent, engine, self._cache, finder=self._untimed.finder, log=self._log)


def _without(missing: Container[str], clips: Iterable[Clip]) -> list[Clip]:
    """Those of some clips that have none of these segments."""
    return [clip for clip in clips if not any(segment.key in missing for segment in clip.segments)]
