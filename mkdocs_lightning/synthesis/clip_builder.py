"""Builds clips in the background, while pages are still being read. What is done for each is in `clip_file.py`.

Modules that handle audio are imported once the first requests are under way: those take longer to be answered.
"""

from __future__ import annotations

import os
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.base.interruptible import ending_on_sigterm
from mkdocs_lightning.synthesis.clip_file import find_or_build_clip
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from concurrent.futures import Future

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine, WordFinder
    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.synthesis.policy import Policy, Spending
    from mkdocs_lightning.synthesis.run import Result, Run, RunStatus
    from mkdocs_lightning.synthesis.throttle import Throttle

_MAX_ARRIVED = 8 * 2**20  # bytes of samples: clips wait for a few sentences each, so this is seldom reached
_SECONDS_TO_ARRIVE = 10.0  # for requests in flight when a build fails: they are paid for
SECONDS_AFTER_SIGNAL = 5.0
"""Seconds for the same after a signal: GitHub sends another one 7.5 s after the first."""


class ArrivedAudio:
    """Audio that has just been synthesized, for the clips that wait for it: they need not read it back. Thread-safe.

    Args:
        max_bytes: Of all samples together.
    """

    def __init__(self, max_bytes: int = _MAX_ARRIVED) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()  # guards the next three
        self._wanted: Counter[str] = Counter()  # clips that wait, by the key of a segment
        self._audio: dict[str, Audio] = {}
        self._bytes = 0

    def want(self, clip: Clip) -> None:
        """A clip waits for its segments from now on."""
        with self._lock:
            self._wanted.update({segment.key for segment in clip.segments})

    def add(self, segment: Segment, audio: Audio) -> None:
        """A segment has arrived, and is stored: hold its audio, if a clip waits for it and there is room."""
        with self._lock:
            has_room = self._bytes + audio.samples.nbytes <= self._max_bytes
            if segment.key in self._wanted and segment.key not in self._audio and has_room:
                self._audio[segment.key] = audio
                self._bytes += audio.samples.nbytes

    def take(self, clip: Clip) -> Mapping[str, Audio]:
        """A clip waits no longer: what is held of it, by the keys of its segments.

        What no other clip waits for is let go.
        """
        keys = {segment.key for segment in clip.segments}
        with self._lock:
            taken = {key: self._audio[key] for key in keys if key in self._audio}
            self._wanted.subtract(keys)
            for key in keys:
                if self._wanted[key] <= 0:
                    del self._wanted[key]
                    audio = self._audio.pop(key, None)
                    self._bytes -= audio.samples.nbytes if audio else 0
        return taken


@dataclass(frozen=True, slots=True)
class Built:
    """The clips that were built since the last call of `ClipBuilder.collect`.

    Attributes:
        clips: By the key of the clip. A clip that a damaged or missing segment has stopped is not among them.
        error: Why one or more clips could not be written; None if all could.
    """

    clips: Mapping[str, CachedClip] = field(default_factory=dict)
    error: StoreError | None = None


class ClipBuilder:
    """Synthesizes missing segments, and builds each clip as soon as its last segment is there.

    The states of a clip:

        requested ──a sentence is missing──► waiting for sentences ──one failed──► dropped
            │                                     │ all arrived
            │ all are cached                      ▼
            └──────────────────────────────► encoding ──a segment is damaged, or the cache not writable──► dropped
                                                  │
                                                  ▼
                                                built ──`collect`──► returned

    A clip that was dropped or returned may be requested again, but a segment that has failed is not synthesized again:
    pages that share it would pay for it again and again. All methods belong to one thread; only synthesis and
    encoding use others.

    Args:
        engine: Synthesizes the segments.
        policy: How it sends its requests.
        cache: Stores segments and clips.
        spending: Asked before each request; by default without a limit.
        finder: Finds when the words of the clips are heard; None if that is not asked for.

    Attributes:
        failed: Keys of the segments whose synthesis has failed.
    """

    def __init__(
        self,
        engine: Engine,
        policy: Policy,
        cache: Cache,
        spending: Spending | None = None,
        *,
        finder: WordFinder | None = None,
    ) -> None:
        self._cache = cache
        self._finder = finder
        self._synthesizer = Synthesizer(engine, policy, spending)
        self._run: Run | None = None
        self._while_running = ExitStack()
        self._results: list[Result] = []  # arrived, but not yet returned by `results`
        self._pending: set[str] = set()  # keys of the segments in synthesis
        self.failed: set[str] = set()
        self._waiting: dict[str, set[str]] = {}  # by the key of a clip: keys of the segments that it waits for
        self._clips_of: defaultdict[str, list[Clip]] = defaultdict(list)  # by the key of a pending segment
        self._encoding: dict[str, Future[CachedClip | None]] = {}  # by the key of the clip
        self._built: dict[str, CachedClip | None] = {}  # likewise; without the future, which takes much more memory
        self._error: StoreError | None = None
        self._arrived = ArrivedAudio()
        self._pool = ThreadPoolExecutor(os.cpu_count())  # threads are enough: the encoder releases the GIL

    @property
    def is_busy(self) -> bool:
        """Whether sentences are in synthesis, or clips are being encoded."""
        return bool(self._pending or self._encoding)

    @property
    def throttle(self) -> Throttle:
        """Tells how many requests are in flight."""
        return self._synthesizer.throttle

    def waits_until(self) -> float | None:
        """As `Synthesizer.waits_until`."""
        return self._synthesizer.waits_until()

    def request(self, clips: Iterable[Clip], missing: Iterable[Segment]) -> None:
        """Have clips built, once their missing segments are synthesized.

        Args:
            clips: A clip that was requested before is not requested again.
            missing: Those of their segments that are not cached; likewise.
        """
        more = [each for each in missing if each.key not in self._pending and each.key not in self.failed]
        self._pending |= {segment.key for segment in more}
        for clip in clips:
            if clip.key in self._encoding or clip.key in self._built or clip.key in self._waiting:
                continue
            keys = {segment.key for segment in clip.segments}
            if keys & self.failed:
                continue
            waits_for = keys & self._pending
            self._arrived.want(clip)
            if waits_for:
                self._waiting[clip.key] = waits_for
                for key in waits_for:
                    self._clips_of[key].append(clip)
            else:
                self._encode(clip)
        if more:
            self._run = self._run or self._start_run()
            self._run.add(more)
            _load_audio_modules()
        self.poll()

    def poll(self) -> None:
        """Start encoding the clips whose last segment has arrived. Does not wait."""
        if self._run is not None:
            for result in self._run.take():
                self._advance_clips(result)
                self._results.append(result)

    def results(self) -> Generator[Result, None, None]:
        """Wait for all requested segments; yields one result for each, without audio, in the order of arrival."""
        yield from self._results
        self._results = []
        if self._run is not None:
            for result in self._run.results():
                self._advance_clips(result)
                yield result
            self._end_run()

    def results_for(self, clips: set[str]) -> Generator[Result, None, None]:
        """As `results`, but only until no sentence of some clips is awaited any more; then those that have arrived.

        Args:
            clips: Their keys.
        """
        self.poll()
        yield from self._results
        self._results = []
        if self._run is not None:
            for result in self._run.results_until(lambda: self._waiting.keys().isdisjoint(clips)):
                self._advance_clips(result)
                yield result

    def finish(self, clips: set[str]) -> Mapping[str, CachedClip]:
        """Wait for those of some clips that are being encoded.

        Args:
            clips: Their keys.

        Returns:
            Those that were built, by their keys; `collect` returns them again.
        """
        for key in clips & self._encoding.keys():
            self._finish(key)
        return {key: clip for key in clips if (clip := self._built.get(key))}

    @property
    def built(self) -> Mapping[str, CachedClip]:
        """The clips that are built by now, by their keys; `collect` returns them again."""
        return {key: clip for key, clip in self._built.items() if clip}

    def collect(self) -> Built:
        """Wait for the clips that are being encoded.

        Returns:
            All that were built since the last call.
        """
        for key in list(self._encoding):
            self._finish(key)
        built = Built(self.built, self._error)
        self._built, self._error = {}, None
        return built

    def close(self, *, is_urgent: bool) -> RunStatus | None:
        """Start no further request. Wait up to 10 s for those in flight, or up to 5 s if `is_urgent`.

        Returns:
            How far the run that this stops has come; None if there was none.
        """
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._run is None:
            return None
        self._run.stop()
        try:
            return self._run.wait(SECONDS_AFTER_SIGNAL if is_urgent else _SECONDS_TO_ARRIVE)
        finally:
            self._end_run()

    def _start_run(self) -> Run:
        self._while_running.enter_context(ending_on_sigterm())
        return self._synthesizer.start(self._store, self._cache.claim, with_audio=False)

    def _end_run(self) -> None:
        self._run = None
        self._while_running.close()

    def _store(self, segment: Segment, audio: Audio) -> None:
        """Store a segment that has arrived; called from the worker threads."""
        self._cache.store_segment(segment, audio)
        self._arrived.add(segment, audio)

    def _advance_clips(self, result: Result) -> None:
        """Encode the clips for which this was the last segment; drop all its clips if it failed."""
        self._pending.discard(result.segment.key)
        if result.error:
            self.failed.add(result.segment.key)
        for clip in self._clips_of.pop(result.segment.key, []):
            waits_for = self._waiting.get(clip.key)
            if waits_for is None:  # dropped before
                continue
            waits_for.discard(result.segment.key)
            if result.error:
                self._arrived.take(clip)
            elif not waits_for:
                self._encode(clip)
            if result.error or not waits_for:
                del self._waiting[clip.key]

    def _encode(self, clip: Clip) -> None:
        while self._encoding and self._encoding[first := next(iter(self._encoding))].done():
            self._finish(first)
        self._encoding[clip.key] = self._pool.submit(self._find_or_build, clip)

    def _find_or_build(self, clip: Clip) -> CachedClip | None:
        """Called on a thread of the pool; what has arrived is held until then, so that it is bounded while it waits."""
        return find_or_build_clip(clip, self._cache, self._arrived.take(clip), self._finder)

    def _finish(self, key: str) -> None:
        """Wait for a clip that is being encoded.

        Raises:
            Exception: Anything but a `StoreError` is a bug, and comes out as it is.
        """
        try:
            self._built[key] = self._encoding.pop(key).result()
        except StoreError as error:
            self._error = self._error or error


def _load_audio_modules() -> None:
    """Import what a reply needs. A worker thread would take longer, beside this one that renders pages."""
    for name in ("codec", "flac", "mastering.finish", "mp3", "silences"):
        import_module(f"mkdocs_lightning.audio.{name}")
