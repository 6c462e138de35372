"""Running the missing segments through an engine: at once, again after a passing failure, and to a clean end.

Each worker thread takes a segment, waits for its turn, asks the engine, checks what came and hands it on to be
kept, before it takes the next. A run that is broken off, at any moment, keeps all that had arrived.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from mkdocs_lightning.audio import Audio, AudioError, check
from mkdocs_lightning.engines import BusyError, EngineStoppedError, TransientError
from mkdocs_lightning.errors import LightningError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.segment import Segment

FIRST_DELAY = 0.5
MAX_DELAY = 30.0
"""Seconds: the back-off that the service's documentation asks for (contract section 4.3)."""

MAX_BUSY_SECONDS = 300.0
"""How long one segment may be refused for too many requests before that counts as a failure."""

GIVE_UP_AFTER = 3
"""Segments that fail one after the other, each in all its tries, before the service counts as down."""

FIRST_PROBE = 64
"""Successes at a found limit before one more request at once is tried; doubled each time that fails."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a run may try.

    Attributes:
        concurrency: Most requests in flight; None lets the run find the account's limit.
        retries: Further tries of one segment after a transient failure.
    """

    concurrency: int | None = None
    retries: int = 5


@dataclass(slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        done: How many segments were synthesized and kept.
        failures: What became of the others, in the engine's words.
        stopped: Why the run ended before all were tried, if it did.
    """

    done: int = 0
    failures: dict[Segment, str] = field(default_factory=dict)
    stopped: str | None = None


class KeepError(LightningError):
    """What was synthesized cannot be stored; the run stops, for it would pay for nothing."""


class _Turn(Enum):
    """How a request ended, as far as the throttle is concerned."""

    WENT_WELL = "went well"
    REFUSED = "refused for too many requests"
    FAILED = "failed for another reason"


class Throttle:
    """Lets as many requests go at once as the service takes, and finds out how many that is.

    The limit doubles with every round of successes until a first refusal; then it is what went well, and one
    more is tried only now and then, ever more rarely. A wait that the service asks for holds all requests.

    Args:
        ceiling: Most requests in flight, ever.
        start: How many to begin with.
    """

    def __init__(self, ceiling: int, start: int) -> None:
        self._changed = threading.Condition()
        self._ceiling = ceiling
        self._limit = min(start, ceiling)
        self._in_flight = 0
        self._open_at = 0.0
        self._has_found_limit = False
        self._successes = 0
        self._refusals_alone = 0
        self._probe_after = FIRST_PROBE
        self._is_closed = False

    def enter(self) -> bool:
        """Wait for a turn; False when the run was closed instead."""
        with self._changed:
            while not self._is_closed:
                wait = self._open_at - time.monotonic()
                if wait <= 0 and self._in_flight < self._limit:
                    self._in_flight += 1
                    return True
                self._changed.wait(wait if wait > 0 else None)
            return False

    def leave(self, turn: _Turn, asked_to_wait: float | None = None) -> None:
        """End a turn, and let others have theirs; `asked_to_wait` is in seconds."""
        with self._changed:
            if turn is _Turn.WENT_WELL:
                self._rise()
            elif turn is _Turn.REFUSED:
                self._fall()
                asked_to_wait = asked_to_wait or self._own_wait()
            if asked_to_wait:
                self._open_at = max(self._open_at, time.monotonic() + asked_to_wait)
            self._in_flight -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody enter any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _rise(self) -> None:
        self._refusals_alone = 0
        self._successes += 1
        needed = self._probe_after if self._has_found_limit else 1
        if self._limit < self._ceiling and self._successes >= needed:
            self._successes = 0
            self._limit += 1

    def _fall(self) -> None:
        if self._has_found_limit:
            self._probe_after *= 2
        self._has_found_limit = True
        self._successes = 0
        self._limit = max(1, min(self._limit, self._in_flight) - 1)

    def _own_wait(self) -> float:
        """Seconds to wait after a refusal without a word: none where our other requests were the reason."""
        if self._in_flight > 1:
            return 0.0
        self._refusals_alone += 1
        return min(MAX_DELAY, FIRST_DELAY * 2.0 ** (self._refusals_alone - 1))


def synthesize(
    segments: Sequence[Segment],
    engine: Engine,
    keep: Callable[[Segment, Audio], None],
    effort: Effort,
    progress: Callable[[Segment], None] = lambda _segment: None,
) -> Outcome:
    """Speak all segments, as many at once as go well.

    Args:
        segments: Each once; started in this order.
        engine: Called from several threads.
        keep: Stores one segment's checked audio; called from several threads, raises `KeepError` if it cannot.
        effort: How hard to try.
        progress: Called on this thread after each segment that is done or has failed.
    """
    outcome = Outcome()
    ceiling = min(effort.concurrency or engine.max_concurrency, len(segments))
    run = _Run(segments, engine, keep, effort, Throttle(ceiling, start=effort.concurrency or 1))
    working = ceiling
    failed_in_a_row = 0
    for number in range(working):  # daemons: a program that is told to end does not wait for a slow reply
        threading.Thread(target=run.work, daemon=True, name=f"lightning-{number}").start()
    try:
        while working:
            segment, error = run.ended.get()
            if segment is None:
                working -= 1
            elif error is None:
                outcome.done += 1
                failed_in_a_row = 0
                progress(segment)
            elif isinstance(error, EngineStoppedError | KeepError):
                outcome.stopped = outcome.stopped or str(error)
                run.stop()  # what is in flight may still arrive, and is kept
            elif isinstance(error, LightningError):
                outcome.failures[segment] = str(error)
                progress(segment)
                failed_in_a_row += isinstance(error, TransientError)
                if failed_in_a_row >= GIVE_UP_AFTER:
                    outcome.stopped = outcome.stopped or str(error)
                    run.stop()
            else:
                raise error
    finally:
        run.stop()
    return outcome


class _Run:
    """What the workers of one run share.

    Attributes:
        ended: Each segment that is done, with what went wrong; (None, None) for each worker that has ended.
    """

    def __init__(
        self,
        segments: Iterable[Segment],
        engine: Engine,
        keep: Callable[[Segment, Audio], None],
        effort: Effort,
        throttle: Throttle,
    ) -> None:
        self.ended: queue.SimpleQueue[tuple[Segment | None, Exception | None]] = queue.SimpleQueue()
        self._waiting: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        for segment in segments:
            self._waiting.put(segment)
        self._engine = engine
        self._keep = keep
        self._retries = effort.retries
        self._throttle = throttle
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped.set()
        self._throttle.close()

    def work(self) -> None:
        """Speak segments until none is waiting, or the run stops."""
        while not self._stopped.is_set():
            try:
                segment = self._waiting.get_nowait()
            except queue.Empty:
                break
            try:
                if self._speak(segment):
                    self.ended.put((segment, None))
            except Exception as error:  # noqa: BLE001 - told on the main thread, which raises what is no message
                self.ended.put((segment, error))
        self.ended.put((None, None))

    def _speak(self, segment: Segment) -> bool:
        """Speak one segment and keep it, in as many tries as it may have; False when the run stopped first."""
        failures = 0
        patience_ends = None
        while self._throttle.enter():
            try:
                audio = self._ask(segment)
            except BusyError:
                patience_ends = patience_ends or time.monotonic() + MAX_BUSY_SECONDS
                if time.monotonic() > patience_ends:
                    raise
            except TransientError:
                failures += 1
                if failures > self._retries:
                    raise
                self._stopped.wait(random.uniform(0, min(MAX_DELAY, FIRST_DELAY * 2**failures)))  # noqa: S311
            else:
                self._keep(segment, audio)
                return True
        return False

    def _ask(self, segment: Segment) -> Audio:
        """One try, within one turn."""
        turn, wait = _Turn.FAILED, None
        try:
            audio = self._engine.synthesize(segment.text, segment.voice)
            check(audio, text=segment.text, sample_rate=segment.voice.sample_rate, speed=segment.voice.speed)
            turn = _Turn.WENT_WELL
        except BusyError as error:
            turn, wait = _Turn.REFUSED, error.retry_after
            raise
        except TransientError as error:
            wait = error.retry_after
            raise
        except AudioError as error:
            raise TransientError(str(error)) from error
        finally:
            self._throttle.leave(turn, wait)
        return audio
