"""Running the missing segments through an engine: at once, again after a passing failure, and to a clean end.

Each worker thread takes a segment, waits for its turn, asks the engine, checks what came and hands it on to be
kept, before it takes the next. A run that is broken off, at any moment, keeps all that had arrived.
"""

from __future__ import annotations

import math
import queue
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.samples import Audio, AudioError, check
from mkdocs_lightning.base.errors import KeepError, LightningError
from mkdocs_lightning.base.interruptible import next_of
from mkdocs_lightning.engines import BusyError, EngineStoppedError, TransientError, VoiceRefusedError
from mkdocs_lightning.throttle import FIRST_WAIT, MAX_WAIT, Throttle, Turn

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from mkdocs_lightning.effort import Effort
    from mkdocs_lightning.engines import Speaker
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.voice import Voice

PATIENCE = 300.0
"""Seconds after its first try in which a segment may be tried again."""

MAX_ASKED_WAIT = 120.0
"""Seconds: a service that asks for a longer wait ends the run; nobody watches a build that long."""

_START = 2  # in flight, where the limit is to be found: an account that takes only one refuses one, at once or later
_WORKERS_A_TURN = 2  # one waits out a failure, or has its audio stored, while the other asks


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


Keep = Callable[["Segment", Audio], None]
"""Stores one segment's audio as soon as it has arrived; called from several threads."""

Claim = Callable[["Segment", threading.Event], AbstractContextManager[Audio | None]]
"""Keeps others from speaking a segment at the same time; gives its audio where another was faster."""


WorkOn = Callable[["Segment", threading.Event], "Result | None"]
"""Does all that one segment needs; None when the run was stopped first. Called from several threads."""


def _keep_nothing(_segment: Segment, _audio: Audio) -> None:
    pass


def _nobody_else(_segment: Segment, _stopped: threading.Event) -> AbstractContextManager[None]:
    return nullcontext()


class Synthesizer:
    """Speaks segments with one engine; what it learns of the account's limit lasts as long as it does."""

    def __init__(self, engine: Speaker, effort: Effort) -> None:
        self._engine = engine
        self._retries = effort.retries
        self._give_up_after = effort.give_up_after
        self._ceiling = effort.concurrency or engine.max_concurrency
        self._refused_voices: dict[Voice, VoiceRefusedError] = {}
        self.throttle = Throttle(self._ceiling, effort.concurrency or _START, effort.requests_per_minute)

    def run(
        self, segments: Sequence[Segment], keep: Keep = _keep_nothing, claim: Claim = _nobody_else
    ) -> Generator[Result, None, None]:
        """Speak all segments, as many at once as go well; one result for each, in the order in which they end.

        To close the generator, or to leave it by an exception such as Ctrl-C, starts nothing more.

        Args:
            segments: Each once; started in this order.
            keep: Stores one segment's audio as soon as it has arrived; called from several threads.
            claim: Held while a segment is spoken and kept, so that several builds at once pay for it once.
        """
        run = self.start(keep, claim)
        run.add(segments)
        yield from run.results()

    def start(self, keep: Keep = _keep_nothing, claim: Claim = _nobody_else, *, with_audio: bool = True) -> Run:
        """A run to which segments are added as they become known; see `run`.

        Args:
            keep: As for `run`.
            claim: As for `run`.
            with_audio: Whether results hold what was kept; those that wait to be taken would fill the memory with it.
        """

        def most_workers() -> int:
            return min(self._ceiling, _WORKERS_A_TURN * self.throttle.limit)

        def work_on(segment: Segment, stopped: threading.Event) -> Result | None:
            with claim(segment, stopped) as stored:
                audio = stored or self._speak(segment, stopped)
                if audio is not None and stored is None:
                    keep(segment, audio)
            if audio is None:
                return None
            return Result(segment, audio if with_audio else None, is_new=stored is None)

        return Run(work_on, most_workers=most_workers, give_up_after=self._give_up_after, wake=self.throttle.wake)

    def _speak(self, segment: Segment, stopped: threading.Event) -> Audio | None:
        """Speak one segment, in as many tries as it may have; None when the run stopped first."""
        voice = segment.voice
        patience_ends = math.inf
        failures = 0
        while taken := self.throttle.enter(lambda: stopped.is_set() or voice in self._refused_voices):
            patience_ends = min(patience_ends, time.monotonic() + PATIENCE)
            try:
                return self._ask(segment, taken, stopped)
            except TransientError as error:
                if (error.retry_after or 0) > MAX_ASKED_WAIT:
                    words = f"{error}; it asks to wait {error.retry_after:.0f} s"
                    raise EngineStoppedError(words, error.request_id) from error
                is_failure = not isinstance(error, BusyError)
                failures += is_failure
                if failures > self._retries or time.monotonic() > patience_ends:
                    raise
            if is_failure:
                stopped.wait(random.uniform(0, min(MAX_WAIT, FIRST_WAIT * 2 ** (failures - 1))))  # noqa: S311 - full jitter
        if refused := self._refused_voices.get(voice):
            raise VoiceRefusedError(str(refused), refused.request_id)
        return None

    def _ask(self, segment: Segment, taken: int, stopped: threading.Event) -> Audio:
        """One try, in one turn, which ends before the audio is checked."""
        turn, wait = Turn.FAILED, None
        try:
            audio = self._engine.synthesize(segment.text, segment.voice)
            turn = Turn.WENT_WELL
        except TransientError as error:
            turn = Turn.REFUSED if isinstance(error, BusyError) else Turn.FAILED
            wait = min(error.retry_after or 0.0, MAX_ASKED_WAIT)
            raise
        except VoiceRefusedError as error:
            self._refused_voices[segment.voice] = error
            raise
        except EngineStoppedError:
            stopped.set()  # before this turn ends, and another begins
            raise
        finally:
            self.throttle.leave(turn, taken, wait)
        try:
            check(audio, text=segment.text, sample_rate=segment.voice.sample_rate, speed=segment.voice.speed)
        except AudioError as error:
            raise TransientError(f"the audio that came was refused: {error}") from error
        return audio


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
                yield from self._told(next_of(self._ended))
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
        if isinstance(result.error, EngineStoppedError | KeepError):
            self.end(result.error)
        elif is_down:
            self.end(EngineStoppedError(f"the service seems to be down: {result.error}"))
        self._ended.put(result)
