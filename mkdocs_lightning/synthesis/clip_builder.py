"""In the background, while pages are still read: what clips lack is spoken, and each is made when it lacks nothing."""

from __future__ import annotations

import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from mkdocs_lightning.synthesis.clip import find_or_make_clip
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from concurrent.futures import Future

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.synthesis.policy import Policy
    from mkdocs_lightning.synthesis.run import Result, Run
    from mkdocs_lightning.synthesis.throttle import Throttle

_SECONDS_TO_ARRIVE = 10.0  # for what is in flight when a build fails: it is paid for


class ClipBuilder:
    """Has segments spoken, and makes each clip as soon as nothing of it is awaited any more.

    All but the speaking and the encoding itself belongs to one thread.

    Args:
        engine: Speaks.
        policy: How hard it tries.
        cache: Where segments and clips are kept.
    """

    def __init__(self, engine: Engine, policy: Policy, cache: Cache) -> None:
        self._cache = cache
        self._synthesizer = Synthesizer(engine, policy)
        self._run: Run | None = None
        self._results: list[Result] = []  # that nobody was told yet
        self._awaited: set[str] = set()  # keys of segments
        self._lacking: dict[str, set[str]] = {}  # by the key of a clip: keys of the segments that it waits for
        self._users: defaultdict[str, list[Clip]] = defaultdict(list)  # by the key of a segment that is awaited
        self._being_made: dict[str, Future[CachedClip | None]] = {}  # by the key of the clip, as what follows
        self._made: dict[str, CachedClip | None] = {}  # without a future each, which is much larger
        self._errors: list[BaseException] = []
        self._pool = ThreadPoolExecutor(os.cpu_count())  # the encoder lets go of the interpreter's lock

    @property
    def throttle(self) -> Throttle:
        """How many requests are in flight."""
        return self._synthesizer.throttle

    def ask(self, clips: Iterable[Clip], missing: Iterable[Segment]) -> None:
        """Have clips made, once what is missing of them has been spoken.

        Args:
            clips: Those that were asked for before count once.
            missing: Segments of theirs that are not in the cache; likewise.
        """
        new = [segment for segment in missing if segment.key not in self._awaited]
        self._awaited |= {segment.key for segment in new}
        for clip in clips:
            if clip.key in self._being_made or clip.key in self._made or clip.key in self._lacking:
                continue
            lacking = {segment.key for segment in clip.segments} & self._awaited
            if lacking:
                self._lacking[clip.key] = lacking
                for key in lacking:
                    self._users[key].append(clip)
            else:
                self._make(clip)
        if new:
            self._run = self._run or self._synthesizer.start(
                self._cache.store_segment, self._cache.claim, with_audio=False
            )
            self._run.add(new)

    def look(self) -> None:
        """Go on with what has arrived by now."""
        if self._run is not None:
            for result in self._run.take():
                self._note(result)
                self._results.append(result)

    def results(self) -> Generator[Result, None, None]:
        """Wait for all that was asked for; one result for each segment, in the order in which they came."""
        yield from self._results
        self._results = []
        if self._run is not None:
            for result in self._run.results():
                self._note(result)
                yield result
            self._run = None

    def collect(self, made: dict[str, CachedClip]) -> None:
        """Wait for the clips whose segments are all here, and put their files into `made`, by the key of the clip.

        Raises:
            StoreError: One cannot be written; all that can be are in `made`.
        """
        for key in list(self._being_made):
            self._end(key)
        made |= {key: stored for key, stored in self._made.items() if stored}
        errors, self._made, self._errors = self._errors, {}, []
        if errors:
            raise errors[0]

    def close(self, *, is_urgent: bool) -> None:
        """Start nothing more; what is in flight may arrive for a moment, unless somebody waits for the end."""
        if self._run is not None:
            self._run.stop()
            self._run.wait(0.0 if is_urgent else _SECONDS_TO_ARRIVE)
            self._run = None
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _note(self, result: Result) -> None:
        """Make the clips that this was the last segment for."""
        self._awaited.discard(result.segment.key)
        for clip in self._users.pop(result.segment.key, []):
            lacking = self._lacking.get(clip.key)
            if lacking is None:
                continue
            lacking.discard(result.segment.key)
            if result.error or not lacking:
                del self._lacking[clip.key]
            if not result.error and not lacking:
                self._make(clip)

    def _make(self, clip: Clip) -> None:
        while self._being_made and self._being_made[first := next(iter(self._being_made))].done():
            self._end(first)
        self._being_made[clip.key] = self._pool.submit(find_or_make_clip, clip, self._cache)

    def _end(self, key: str) -> None:
        """Wait for a clip."""
        made = self._being_made.pop(key)
        if error := made.exception():
            self._errors.append(error)
        else:
            self._made[key] = made.result()
