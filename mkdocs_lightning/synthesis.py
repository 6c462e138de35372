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
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.audio import Audio, AudioError, check
from mkdocs_lightning.engines import BusyError, EngineStoppedError, TransientError, VoiceRefusedError
from mkdocs_lightning.errors import LightningError, SettingError
from mkdocs_lightning.throttle import FIRST_WAIT, MAX_WAIT, Throttle, Turn

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.segment import Segment
    from mkdocs_lightning.voice import Voice

PATIENCE = 300.0
"""Seconds after its first try in which a segment may be tried again."""

MAX_ASKED_WAIT = 120.0
"""Seconds: a service that asks for a longer wait ends the run; nobody watches a build that long."""

GIVE_UP_AFTER = 3
"""Segments that fail one after the other, each in all its tries, before the service counts as down."""

_START = 2  # in flight, where the limit is to be found: an account that takes only one refuses one, at once or later
_WORKERS_A_TURN = 2  # one waits out a failure, or has its audio stored, while the other asks


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard synthesis may try.

    Attributes:
        concurrency: Most requests in flight; 1 is the synchronous mode; None finds the account's limit.
        retries: Further tries of one segment after a transient failure; being refused for too many requests
            is no failure.
        requests_per_minute: A pace to keep; None for any.
        give_up_after: Segments that fail one after the other before the service counts as down.

    Raises:
        SettingError: A number that is too low.
    """

    concurrency: int | None = None
    retries: int = 5
    requests_per_minute: int | None = None
    give_up_after: int = GIVE_UP_AFTER

    def __post_init__(self) -> None:
        least = {"concurrency": 1, "retries": 0, "requests_per_minute": 1}
        for name, number in least.items():
            value = getattr(self, name)
            if value is not None and value < number:
                raise SettingError(name, f"{value!r} is not a whole number of {number} or more")


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


class KeepError(LightningError):
    """What was synthesized cannot be stored; the run stops, for it would pay for nothing."""


Claim = Callable[["Segment", threading.Event], AbstractContextManager[Audio | None]]
"""Keeps others from speaking a segment at the same time; gives its audio where another was faster."""


def _nobody_else(_segment: Segment, _stopped: threading.Event) -> AbstractContextManager[None]:
    return nullcontext()


class Synthesizer:
    """Speaks segments with one engine; what it learns of the account's limit lasts as long as it does."""

    def __init__(self, engine: Engine, effort: Effort) -> None:
        self._engine = engine
        self._retries = effort.retries
        self._give_up_after = effort.give_up_after
        self._ceiling = effort.concurrency or engine.max_concurrency
        self._refused_voices: dict[Voice, VoiceRefusedError] = {}
        self.throttle = Throttle(self._ceiling, effort.concurrency or _START, effort.requests_per_minute)

    def run(
        self,
        segments: Sequence[Segment],
        keep: Callable[[Segment, Audio], None] = lambda _segment, _audio: None,
        claim: Claim = _nobody_else,
    ) -> Generator[Result, None, None]:
        """Speak all segments, as many at once as go well; one result for each, in the order in which they end.

        To close the generator, or to leave it by an exception such as Ctrl-C, starts nothing more.

        Args:
            segments: Each once; started in this order.
            keep: Stores one segment's audio as soon as it has arrived; called from several threads.
            claim: Held while a segment is spoken and kept, so that several builds at once pay for it once.
        """
        run = _Run(segments, self._speak, keep, claim)
        untold = dict.fromkeys(segments)
        ending: LightningError | None = None
        working = failed_in_a_row = 0
        try:
            while True:
                while run.has_work and working < min(self._ceiling, _WORKERS_A_TURN * self.throttle.limit):
                    # A daemon: a program that is told to end does not wait for a slow reply.
                    threading.Thread(target=run.work, daemon=True, name="lightning").start()
                    working += 1
                if not working:
                    break
                ended = run.ended.get()
                if ended is None:
                    working -= 1
                    continue
                if not isinstance(ended, Result):
                    raise ended
                del untold[ended.segment]
                yield ended
                failed_in_a_row = failed_in_a_row + 1 if isinstance(ended.error, TransientError) else 0
                if isinstance(ended.error, EngineStoppedError | KeepError):
                    ending = ending or ended.error
                elif failed_in_a_row == self._give_up_after:
                    ending = ending or EngineStoppedError(f"the service seems to be down: {ended.error}")
                if ending:
                    self._stop(run)  # what is in flight may still arrive, and is kept
        finally:
            self._stop(run)
        for segment in untold:
            yield Result(segment, error=ending)

    def _stop(self, run: _Run) -> None:
        run.stopped.set()
        self.throttle.wake()

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


class _Run:
    """What the workers of one run share.

    Attributes:
        ended: A result for each segment that is done; None for each worker that has ended; an exception that is
            no message, to be raised where the run was asked for.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        speak: Callable[[Segment, threading.Event], Audio | None],
        keep: Callable[[Segment, Audio], None],
        claim: Claim,
    ) -> None:
        self.ended: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self.stopped = threading.Event()
        self._waiting: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        for segment in segments:
            self._waiting.put(segment)
        self._speak = speak
        self._keep = keep
        self._claim = claim

    @property
    def has_work(self) -> bool:
        """Whether a further worker would find a segment."""
        return not (self.stopped.is_set() or self._waiting.empty())

    def work(self) -> None:
        """Speak segments until none is waiting, or the run stops."""
        try:
            while self.has_work:
                self._work_on(self._waiting.get_nowait())
        except queue.Empty:
            pass  # another worker was faster
        except BaseException as error:  # noqa: BLE001 - raised again by run(), on the caller's thread
            self.stopped.set()
            self.ended.put(error)
        finally:
            self.ended.put(None)

    def _work_on(self, segment: Segment) -> None:
        try:
            with self._claim(segment, self.stopped) as stored:
                audio = stored or self._speak(segment, self.stopped)
                if audio is not None and stored is None:
                    self._keep(segment, audio)
            if audio is not None:
                self.ended.put(Result(segment, audio, is_new=stored is None))
        except LightningError as error:
            if isinstance(error, KeepError):
                self.stopped.set()  # before anybody pays for what cannot be kept either
            self.ended.put(Result(segment, error=error))
