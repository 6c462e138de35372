"""A run: segments are synthesized on worker threads, more may be added meanwhile, and results come as they finish."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, StoreError
from mkdocs_lightning.base.interruptible import CHECK_INTERVAL, get_interruptibly
from mkdocs_lightning.engines import BusyError, DefectError, EngineStoppedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.segment import Segment


_log = logging.getLogger("mkdocs_lightning")


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """How one segment ended: with audio, checked and stored, or with an error.

    Attributes:
        audio: None where there is an error, and in runs that do not return audio.
        error: Why there is no audio.
        was_cached: Whether another build had stored it in the meantime, so that nothing was sent.
    """

    segment: Segment
    audio: Audio | None = None
    error: LightningError | None = None
    was_cached: bool = False


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How far a run has come.

    Attributes:
        synthesized: Number of segments that were synthesized, and stored.
        in_work: Number of segments that are being synthesized. In a run that was stopped, they wait for a reply.
    """

    synthesized: int
    in_work: int


ProcessSegment = Callable[["Segment", threading.Event], "Result | None"]
"""Does all that one segment needs; returns None if the event was set first. Called from several threads."""


class Run:
    """Segments that are being synthesized, and a queue of more. All methods belong to one thread.

    A segment:  queued ──► in work ──► finished ──► reported (by `take` or `results`)
    The run:    running ──`stop`, `abort`, or an error that ends it──► stopping ──last worker ends──► idle

    A run that is stopped starts no further segment. Those in work finish, and are stored, but may never be reported.

    Args:
        process: Does all that one segment needs. If it raises a `LightningError`, this is why the segment has no audio.
        max_workers: Tells how many worker threads are useful now.
        give_up_after: Consecutive segments that fail before the service counts as down.
        wake: Makes workers that wait for a permit check whether the run was stopped.
        enter: Waits until one more segment may be begun; False if the function that it is given becomes true before.
        leave: Called instead of `process`, which leaves by itself, if there was no segment to begin.
        notify: Called by a worker thread whenever `take` or `is_idle` may say something new.
    """

    def __init__(  # noqa: PLR0913 - what a run needs of a throttle, which one on a cluster has not
        self,
        process: ProcessSegment,
        *,
        max_workers: Callable[[], int],
        give_up_after: int,
        wake: Callable[[], None],
        enter: Callable[[Callable[[], bool]], bool] = lambda _is_stopped: True,
        leave: Callable[[], None] = lambda: None,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        self._process = process
        self._max_workers = max_workers
        self._give_up_after = give_up_after
        self._wake = wake
        self._enter = enter
        self._leave = leave
        self._notify = notify
        self._stopped = threading.Event()
        self._queued: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        self._finished: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._unreported: dict[Segment, None] = {}  # a set that keeps its order
        self._lock = threading.Lock()  # guards the fields below
        self._workers = 0
        self._consecutive_failures = 0
        self._synthesized = 0
        self._abort_reason: LightningError | None = None

    def add(self, segments: Iterable[Segment]) -> None:
        """Queue more segments; each at most once in a run."""
        for segment in segments:
            self._unreported[segment] = None
            self._queued.put(segment)
        self._start_workers()

    def take(self) -> Generator[Result, None, None]:
        """Report the results that have arrived so far, without waiting."""
        while not self._finished.empty():
            yield from self._reported(self._finished.get())

    def results(self) -> Generator[Result, None, None]:
        """Report all results that are left, as they arrive; one for each segment. Nothing may be added any more.

        Closing the generator, or leaving it by an exception such as Ctrl-C, stops the run.
        """
        try:
            yield from self.results_until(lambda: False)
        finally:
            self.stop()
        yield from self.unstarted()

    def results_of(self, segments: Iterable[Segment]) -> Generator[Result, None, None]:
        """As `add`, when the first result is asked for, and then `results`."""
        self.add(segments)
        yield from self.results()

    def unstarted(self) -> list[Result]:
        """Report the segments of an idle run that were not started, each with the error that has ended the run."""
        left = [Result(segment, error=self._abort_reason) for segment in self._unreported]
        self._unreported.clear()
        return left

    def results_until(self, is_enough: Callable[[], bool]) -> Generator[Result, None, None]:
        """Report results as they arrive, until it is enough or no segment is in work any more; the run goes on."""
        while self._unreported and not self.is_idle and not is_enough():
            yield from self._reported(get_interruptibly(self._finished))

    @property
    def is_idle(self) -> bool:
        """Whether nothing more will arrive. A worker puts None when it ends, so that a waiting thread checks again."""
        with self._lock:
            return not self._workers and not self._has_work and self._finished.empty()

    def stop(self) -> None:
        """Start no further segment; those in work may still finish, and are stored."""
        self._stopped.set()
        self._wake()

    def abort(self, reason: LightningError) -> None:
        """Stop because of an error that would fail every further request.

        Args:
            reason: The error of all segments that were not started; the first reason counts.
        """
        with self._lock:
            self._abort_reason = self._abort_reason or reason
        self.stop()

    def wait(self, seconds: float) -> RunStatus:
        """Wait until no segment is in work, for the given time at most; drops the results.

        Returns:
            How far the run has come then.
        """
        deadline = time.monotonic() + seconds
        while not self.is_idle and (left := deadline - time.monotonic()) > 0:
            with suppress(queue.Empty):
                self._finished.get(timeout=min(left, CHECK_INTERVAL))
        with self._lock:
            return RunStatus(self._synthesized, self._workers)

    def _reported(self, finished: Result | BaseException | None) -> Generator[Result, None, None]:
        if isinstance(finished, BaseException):
            raise finished
        if finished is not None:
            del self._unreported[finished.segment]
            yield finished

    @property
    def _has_work(self) -> bool:
        return not (self._stopped.is_set() or self._queued.empty())

    def _start_workers(self) -> None:
        """Start as many workers as are useful now; more when the throttle has found more permits."""
        for _ in range(self._count_new_workers()):  # without the lock: on a busy machine, starting one takes long
            # A daemon, so that the program can exit without waiting for a slow reply.
            threading.Thread(target=self._work, daemon=True, name="lightning").start()

    def _count_new_workers(self) -> int:
        """Take places for some new workers."""
        with self._lock:
            wanted = min(self._max_workers() - self._workers, self._queued.qsize()) if self._has_work else 0
            number = max(0, wanted)
            self._workers += number
        return number

    def _work(self) -> None:
        """Process segments until none is queued, or the run is stopped."""
        try:
            while self._has_work and self._enter(lambda: not self._has_work):
                self._finish(self._result_of(self._next()))
                self._start_workers()
        except queue.Empty:
            pass  # another worker took the last segment
        except BaseException as error:  # noqa: BLE001 - raised again on the thread that reads the results
            self.stop()
            self._put(error)
        finally:
            with self._lock:
                self._workers -= 1
            self._put(None)
            self._start_workers()  # a segment may have been added since the queue was empty

    def _next(self) -> Segment:
        try:
            return self._queued.get_nowait()
        except queue.Empty:
            self._leave()
            raise

    def _result_of(self, segment: Segment) -> Result | None:
        try:
            return self._process(segment, self._stopped)
        except LightningError as error:
            return Result(segment, error=error)

    def _finish(self, result: Result | None) -> None:
        """Pass a result on, and abort the run if its error says that no other segment can succeed."""
        if result is None:
            return
        with self._lock:
            self._consecutive_failures = (
                self._consecutive_failures + 1 if isinstance(result.error, TransientError) else 0
            )
            self._synthesized += result.error is None and not result.was_cached
            is_down = self._consecutive_failures == self._give_up_after
        if isinstance(result.error, EngineStoppedError | StoreError):
            self.abort(result.error)
        elif is_down:
            self.abort(EngineStoppedError(f"the service seems to be down: {result.error}"))
        self._put(result)

    def _put(self, finished: Result | BaseException | None) -> None:
        self._finished.put(finished)
        self._notify()


class FailureNotice:
    """Tells once in a run of a failure after which a segment is tried again: a program would wait without a word.

    A build shows its progress meanwhile, so this is no warning. Thread-safe.

    Args:
        retries: How often a segment is tried again.
        patience: Seconds for which it is tried.
    """

    def __init__(self, retries: int, patience: float) -> None:
        self._retries = retries
        self._patience = patience
        self._lock = threading.Lock()  # guards the field below
        self._has_told = False

    def tell(self, error: TransientError) -> None:
        """Tell of a failure, if it is the first; not of a refusal or a defect, with which the service is there."""
        if isinstance(error, BusyError | DefectError):
            return
        with self._lock:
            is_news, self._has_told = not self._has_told, True
        if is_news:
            _log.info("%s. Trying again: retries is %d, and patience is %.0f s", error, self._retries, self._patience)
