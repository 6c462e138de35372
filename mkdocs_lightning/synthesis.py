"""Running the missing segments through an engine: at once, again after a passing failure, and to a clean end.

Each worker thread takes a segment, waits for its turn, asks the engine, checks what came and hands it on to be
kept, before it takes the next. A run that is broken off, at any moment, keeps all that had arrived.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.audio import Audio, AudioError, check
from mkdocs_lightning.engines import BusyError, EngineStoppedError, TransientError, VoiceRefusedError
from mkdocs_lightning.errors import LightningError
from mkdocs_lightning.throttle import FIRST_WAIT, MAX_WAIT, Throttle, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.segment import Segment
    from mkdocs_lightning.voice import Voice

PATIENCE = 300.0
"""Seconds after its first try in which a segment may be tried again."""

MAX_ASKED_WAIT = 120.0
"""Seconds: a service that asks for a longer wait ends the run; nobody watches a build that long."""

GIVE_UP_AFTER = 3
"""Segments that fail one after the other, each in all its tries, before the service counts as down."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard synthesis may try.

    Attributes:
        concurrency: Most requests in flight; 1 is the synchronous mode; None finds the account's limit.
        retries: Further tries of one segment after a transient failure; being refused for too many requests
            is no failure.
        requests_per_minute: A pace to keep; None for any.
    """

    concurrency: int | None = None
    retries: int = 5
    requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What became of one segment: its audio, checked and kept, or why there is none."""

    segment: Segment
    audio: Audio | None = None
    error: LightningError | None = None


class KeepError(LightningError):
    """What was synthesized cannot be stored; the run stops, for it would pay for nothing."""


class Synthesizer:
    """Speaks segments with one engine; what it learns of the account's limit lasts as long as it does."""

    def __init__(self, engine: Engine, effort: Effort) -> None:
        self._engine = engine
        self._retries = effort.retries
        self._ceiling = effort.concurrency or engine.max_concurrency
        self._refused_voices: dict[Voice, VoiceRefusedError] = {}
        self.throttle = Throttle(self._ceiling, effort.concurrency or 1, effort.requests_per_minute)

    def run(
        self, segments: Sequence[Segment], keep: Callable[[Segment, Audio], None] = lambda _segment, _audio: None
    ) -> Iterator[Result]:
        """Speak all segments, as many at once as go well; one result for each, in the order in which they end.

        To close the iterator, or to leave it by an exception such as Ctrl-C, starts nothing more.

        Args:
            segments: Each once; started in this order.
            keep: Stores one segment's audio as soon as it has arrived; called from several threads.
        """
        run = _Run(segments, self._speak, keep)
        working = min(self._ceiling, len(segments))
        for number in range(working):  # daemons: a program that is told to end does not wait for a slow reply
            threading.Thread(target=run.work, daemon=True, name=f"lightning-{number}").start()
        untold = dict.fromkeys(segments)
        ending: LightningError | None = None
        failed_in_a_row = 0
        try:
            while working:
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
                elif failed_in_a_row == GIVE_UP_AFTER:
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
        patience_ends = time.monotonic() + PATIENCE
        failures = 0
        while self.throttle.enter(stopped):
            try:
                return self._ask(segment)
            except TransientError as error:
                failures += not isinstance(error, BusyError)
                if failures > self._retries or time.monotonic() > patience_ends:
                    raise
                if (error.retry_after or 0) > MAX_ASKED_WAIT:
                    raise EngineStoppedError(
                        f"{error}; it asks to wait {error.retry_after:.0f} s", error.request_id
                    ) from error
            if failures:
                stopped.wait(random.uniform(0, min(MAX_WAIT, FIRST_WAIT * 2**failures)))  # noqa: S311 - full jitter
        return None

    def _ask(self, segment: Segment) -> Audio:
        """One try, in one turn."""
        turn, wait = Turn.FAILED, None
        try:
            if segment.voice in self._refused_voices:
                raise self._refused_voices[segment.voice]
            audio = self._engine.synthesize(segment.text, segment.voice)
            check(audio, text=segment.text, sample_rate=segment.voice.sample_rate, speed=segment.voice.speed)
            turn = Turn.WENT_WELL
        except TransientError as error:
            turn = Turn.REFUSED if isinstance(error, BusyError) else Turn.FAILED
            wait = min(error.retry_after or 0.0, MAX_ASKED_WAIT)
            raise
        except VoiceRefusedError as error:
            self._refused_voices[segment.voice] = error
            raise
        except AudioError as error:
            raise TransientError(f"the audio that came was refused: {error}") from error
        finally:
            self.throttle.leave(turn, wait)
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
    ) -> None:
        self.ended: queue.SimpleQueue[Result | Exception | None] = queue.SimpleQueue()
        self.stopped = threading.Event()
        self._waiting: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        for segment in segments:
            self._waiting.put(segment)
        self._speak = speak
        self._keep = keep

    def work(self) -> None:
        """Speak segments until none is waiting, or the run stops."""
        while not self.stopped.is_set():
            try:
                segment = self._waiting.get_nowait()
            except queue.Empty:
                break
            try:
                audio = self._speak(segment, self.stopped)
                if audio is not None:
                    self._keep(segment, audio)
                    self.ended.put(Result(segment, audio))
            except LightningError as error:
                if isinstance(error, EngineStoppedError | KeepError):
                    self.stopped.set()  # before anybody takes another
                self.ended.put(Result(segment, error=error))
            except Exception as error:  # noqa: BLE001 - raised again by run(), on the caller's thread
                self.ended.put(error)
        self.ended.put(None)
