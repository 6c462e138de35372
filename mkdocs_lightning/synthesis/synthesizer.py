"""Running the missing segments through an engine: at once, again after a passing failure, and to a clean end.

Each worker thread takes a segment, waits for its turn, asks the engine, checks what came and hands it on to be
kept, before it takes the next. A run that is broken off, at any moment, keeps all that had arrived.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.samples import Audio, AudioError, check
from mkdocs_lightning.engines import BusyError, EngineStoppedError, TransientError, VoiceRefusedError
from mkdocs_lightning.synthesis.run import Result, Run
from mkdocs_lightning.synthesis.throttle import FIRST_WAIT, MAX_WAIT, RequestOutcome, Throttle

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.voice import Voice
    from mkdocs_lightning.synthesis.policy import Policy

PATIENCE = 300.0
"""Seconds after its first try in which a segment may be tried again."""

MAX_ASKED_WAIT = 120.0
"""Seconds: a service that asks for a longer wait ends the run; nobody watches a build that long."""

_START = 2  # in flight, where the limit is to be found: an account that takes only one refuses one, at once or later
_WORKERS_A_TURN = 2  # one waits out a failure, or has its audio stored, while the other asks


Store = Callable[["Segment", Audio], None]
"""Stores one segment's audio as soon as it has arrived; called from several threads."""

Claim = Callable[["Segment", threading.Event], AbstractContextManager[Audio | None]]
"""Keeps others from speaking a segment at the same time; gives its audio where another was faster."""


def _store_nothing(_segment: Segment, _audio: Audio) -> None:
    pass


def _nobody_else(_segment: Segment, _stopped: threading.Event) -> AbstractContextManager[None]:
    return nullcontext()


class Synthesizer:
    """Speaks segments with one engine; what it learns of the account's limit lasts as long as it does."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._retries = policy.retries
        self._give_up_after = policy.give_up_after
        self._ceiling = policy.concurrency or engine.max_concurrency
        self._refused_voices: dict[Voice, VoiceRefusedError] = {}
        self.throttle = Throttle(self._ceiling, policy.concurrency or _START, policy.requests_per_minute)

    def run(
        self, segments: Sequence[Segment], store: Store = _store_nothing, claim: Claim = _nobody_else
    ) -> Generator[Result, None, None]:
        """Speak all segments, as many at once as go well; one result for each, in the order in which they end.

        To close the generator, or to leave it by an exception such as Ctrl-C, starts nothing more.

        Args:
            segments: Each once; started in this order.
            store: Stores one segment's audio as soon as it has arrived; called from several threads.
            claim: Held while a segment is spoken and kept, so that several builds at once pay for it once.
        """
        run = self.start(store, claim)
        run.add(segments)
        yield from run.results()

    def start(self, store: Store = _store_nothing, claim: Claim = _nobody_else, *, with_audio: bool = True) -> Run:
        """A run to which segments are added as they become known; see `run`.

        Args:
            store: As for `run`.
            claim: As for `run`.
            with_audio: Whether results hold what was kept; those that wait to be taken would fill the memory with it.
        """

        def most_workers() -> int:
            return min(self._ceiling, _WORKERS_A_TURN * self.throttle.limit)

        def work_on(segment: Segment, stopped: threading.Event) -> Result | None:
            with claim(segment, stopped) as stored:
                audio = stored or self._speak(segment, stopped)
                if audio is not None and stored is None:
                    store(segment, audio)
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
        turn, wait = RequestOutcome.FAILED, None
        try:
            audio = self._engine.synthesize(segment.text, segment.voice)
            turn = RequestOutcome.WENT_WELL
        except TransientError as error:
            turn = RequestOutcome.REFUSED if isinstance(error, BusyError) else RequestOutcome.FAILED
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
