"""The work of one call of a client, step by step: neither knows whether threads or a loop wait between the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.engines import EngineStoppedError
from mkdocs_lightning.synthesis.run import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.synthesis.client.batch import Batch
    from mkdocs_lightning.synthesis.client.speech import Speech
    from mkdocs_lightning.synthesis.client.speech_cache import NoCache
    from mkdocs_lightning.synthesis.run import Run


class Call:
    """Texts that are synthesized for one call. All methods but `look_up` belong to one thread.

    Args:
        batch: The texts, and the speeches that are not yet handed out.
        cache: Where audio is looked for, and stored.
        run: Sends what is missing.
        before_sending: Called before each segment that is sent; may raise an error instead.
    """

    def __init__(self, batch: Batch, cache: NoCache, run: Run, before_sending: Callable[[], None]) -> None:
        self._batch = batch
        self._cache = cache
        self._run = run
        self._before_sending = before_sending

    @property
    def has_room(self) -> bool:
        """Whether another text may be read."""
        return self._batch.has_room

    @property
    def is_done(self) -> bool:
        """Whether all texts that were read are handed out."""
        return self._batch.is_done

    @property
    def read_count(self) -> int:
        """Number of texts that were read."""
        return self._batch.read_count

    @property
    def has_cache(self) -> bool:
        """Whether `look_up` reads files."""
        return self._cache.is_there

    def read(self, text: str) -> Segment | None:
        """Take the next text; what it returns goes through `look_up`, and then to `go_on`."""
        return self._batch.read(text)

    def look_up(self, segment: Segment) -> Result | None:
        """What the cache has for a segment; None if it has to be sent. Reads and writes files.

        Raises:
            StoreError: It is missing, and the cache cannot be written: so nothing is paid for.
        """
        if (audio := self._cache.find(segment)) is not None:
            return Result(segment, audio, was_cached=True)
        self._cache.check_writable()
        return None

    def go_on(self, segment: Segment, found: Result | None) -> None:
        """Take what `look_up` has found, or send the segment.

        Raises:
            RuntimeError: The client is closed.
        """
        if found:
            self._batch.finish(found)
        else:
            self._before_sending()
            self._run.add([segment])

    def collect(self) -> None:
        """Take the results that have arrived, without waiting."""
        for result in self._run.take():
            self._finish(result)
        if self._run.is_idle:
            for result in self._run.unstarted():
                self._finish(result)

    def wait(self) -> None:
        """Wait for one more result, and take all that have arrived."""
        for result in self._run.results_until(lambda: False):
            self._finish(result)
            break
        self.collect()

    def ready(self) -> Iterator[Speech]:
        """Hand out the speeches whose turn it is."""
        return self._batch.ready()

    def stop(self) -> None:
        """Send nothing more. Replies in flight are still stored, if there is a cache."""
        self._run.stop()

    def _finish(self, result: Result) -> None:
        """Take a result; what was paid for and could not be stored is handed out all the same."""
        if (rescued := self._cache.rescued(result.segment)) is not None:
            result = Result(result.segment, rescued)
        elif result.audio is None and result.error is None:
            result = Result(result.segment, error=EngineStoppedError("the client was closed before this was sent"))
        self._batch.finish(result)
