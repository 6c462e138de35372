"""Segments on worker threads: more may be added while they are synthesized, results come as they end."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, StoreError
from mkdocs_lightning.base.interruptible import get_interruptibly
from mkdocs_lightning.engines import EngineStoppedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.segment import Segment


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What became of one segment: its audio, checked and kept, or why there is none.

    Attributes:
        is_new: Whether it was asked for; False where another build had stored it meanwhile.
    """

    segment: Segment
    audio: Audio | None = None
    error: LightningError | None = None
    is_new: bool = True


WorkOn = Callable[["Segment", threading.Event], "Result | None"]
"""Does all that one segment needs; None when the run was stopped first. Called from several threads."""


class Run:
    """Segments that are being spoken, and more that may be added; all but the workers belongs to one thread.

    Args:
        work_on: Does all that one segment needs; a `LightningError` is why it has no audio.
        most_workers: How many of them are of use now.
        give_up_after: Segments that fail one after the other before the service counts as down.
        wake: Has those who wait for their turn look whether the run was stopped.
    """

    def __init__(
        self,
        work_on: WorkOn,
        *,
        most_workers: Callable[[], int],
        give_up_after: int,
        wake: Callable[[], None],
    ) -> None:
        self._work_on = work_on
        self._most_workers = most_workers
        self._give_up_after = give_up_after
        self._wake = wake
        self._stopped = threading.Event()
        self._waiting: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._untold: dict[Segment, None] = {}
        self._lock = threading.Lock()  # over what follows
        self._working = 0
        self._failed_in_a_row = 0
        self._ending: LightningError | None = None

    def add(self, segments: Iterable[Segment]) -> None:
        """Have these spoken, too; each once in a run."""
        for segment in segments:
            self._untold[segment] = None
            self._waiting.put(segment)
        self._hire()

    def take(self) -> Generator[Result, None, None]:
        """The results that are there by now; those that are taken are not told again."""
        while not self._ended.empty():
            yield from self._told(self._ended.get())

    def results(self) -> Generator[Result, None, None]:
        """All results that were not taken, as they come; nothing may be added any more.

        To close the generator, or to leave it by an exception such as Ctrl-C, starts nothing more.
        """
        try:
            while self._untold and not self._is_idle():
                yield from self._told(get_interruptibly(self._ended))
        finally:
            self.stop()
        yield from [Result(segment, error=self._ending) for segment in self._untold]

    def stop(self) -> None:
        """Start nothing more; what is in flight may still arrive, and is kept."""
        self._stopped.set()
        self._wake()

    def end(self, reason: LightningError) -> None:
        """Stop, before anybody pays in vain; what was not begun has no audio for this reason, or for an earlier one."""
        with self._lock:
            self._ending = self._ending or reason
        self.stop()

    def wait(self, seconds: float) -> None:
        """Let what is in flight arrive, for so many seconds at most."""
        until = time.monotonic() + seconds
        with suppress(queue.Empty):
            while not self._is_idle():
                self._ended.get(timeout=max(0.0, until - time.monotonic()))

    def _told(self, ended: Result | BaseException | None) -> Generator[Result, None, None]:
        if isinstance(ended, BaseException):
            raise ended
        if ended is not None:
            del self._untold[ended.segment]
            yield ended

    @property
    def _has_work(self) -> bool:
        return not (self._stopped.is_set() or self._waiting.empty())

    def _is_idle(self) -> bool:
        """Whether nothing more will come; each worker says at its end that there is one fewer."""
        with self._lock:
            return not self._working and not self._has_work and self._ended.empty()

    def _hire(self) -> None:
        """Have as many workers as are of use: where more turns were found, more than before."""
        with self._lock:
            while self._has_work and self._working < self._most_workers():
                self._working += 1
                # A daemon: a program that is told to end does not wait for a slow reply.
                threading.Thread(target=self._work, daemon=True, name="lightning").start()

    def _work(self) -> None:
        """Speak segments until none is waiting, or the run stops."""
        try:
            while self._has_work:
                self._tell(self._result_of(self._waiting.get_nowait()))
                self._hire()
        except queue.Empty:
            pass  # another worker was faster
        except BaseException as error:  # noqa: BLE001 - raised again on the thread of who asked
            self.stop()
            self._ended.put(error)
        finally:
            with self._lock:
                self._working -= 1
            self._ended.put(None)
            self._hire()  # for what was added a moment ago

    def _result_of(self, segment: Segment) -> Result | None:
        try:
            return self._work_on(segment, self._stopped)
        except LightningError as error:
            return Result(segment, error=error)

    def _tell(self, result: Result | None) -> None:
        if result is None:
            return
        with self._lock:
            self._failed_in_a_row = self._failed_in_a_row + 1 if isinstance(result.error, TransientError) else 0
            is_down = self._failed_in_a_row == self._give_up_after
        if isinstance(result.error, EngineStoppedError | StoreError):
            self.end(result.error)
        elif is_down:
            self.end(EngineStoppedError(f"the service seems to be down: {result.error}"))
        self._ended.put(result)
