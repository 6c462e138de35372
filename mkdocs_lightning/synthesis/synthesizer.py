"""Sends missing segments to an engine: several at once, with retries, and with a check of what comes back.

Each worker thread takes a segment, waits for a slot, calls the engine, checks the audio and stores it before it takes
the next one. A run that is interrupted at any moment has therefore stored every reply that it received.
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

RETRY_WINDOW = 300.0
"""Seconds after the start of a segment's first try in which a further try may start."""

MAX_RETRY_AFTER = 120.0
"""Seconds: if a service asks for a longer wait, the run ends instead of keeping a build waiting."""

_START = 2  # slots to begin the search for the limit with: even an account that allows only one refuses just one
_WORKERS_PER_SLOT = 2  # one sends while the other waits for a retry, or stores its audio


Store = Callable[["Segment", Audio], None]
"""Stores one segment's audio as soon as it arrives; called from several threads."""

Claim = Callable[["Segment", threading.Event], AbstractContextManager[Audio | None]]
"""Keeps other builds from synthesizing a segment at the same time; yields its audio if one of them was faster."""


def _store_nothing(_segment: Segment, _audio: Audio) -> None:
    pass


def _claim_nothing(_segment: Segment, _stopped: threading.Event) -> AbstractContextManager[None]:
    return nullcontext()


class Synthesizer:
    """Synthesizes segments with one engine. What it learns about the account's limit is kept from run to run."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._retries = policy.retries
        self._give_up_after = policy.give_up_after
        self._ceiling = policy.concurrency or engine.max_concurrency
        self._refused_voices: dict[Voice, VoiceRefusedError] = {}
        self.throttle = Throttle(self._ceiling, policy.concurrency or _START, policy.requests_per_minute)

    def run(
        self, segments: Sequence[Segment], store: Store = _store_nothing, claim: Claim = _claim_nothing
    ) -> Generator[Result, None, None]:
        """Synthesize segments; yields one result for each, in the order in which they finish.

        Nothing is sent before the first result is asked for. Closing the generator, or leaving it by an exception such
        as Ctrl-C, starts no further request.

        Args:
            segments: Without duplicates; started in this order.
            store: Stores one segment's audio as soon as it arrives; called from several threads.
            claim: Held while a segment is synthesized and stored, so that concurrent builds pay for it once.
        """
        run = self.start(store, claim)
        run.add(segments)
        yield from run.results()

    def start(self, store: Store = _store_nothing, claim: Claim = _claim_nothing, *, with_audio: bool = True) -> Run:
        """Start a run to which segments are added as they become known.

        Args:
            store: As for `run`.
            claim: As for `run`.
            with_audio: Whether results hold the audio. A caller that takes results late passes False, or they would
                fill the memory.
        """

        def max_workers() -> int:
            return min(self._ceiling, _WORKERS_PER_SLOT * self.throttle.limit)

        def process(segment: Segment, stopped: threading.Event) -> Result | None:
            with claim(segment, stopped) as cached:
                audio = cached or self._synthesize(segment, stopped)
                if audio is not None and cached is None:
                    store(segment, audio)
            if audio is None:
                return None
            return Result(segment, audio if with_audio else None, was_cached=cached is not None)

        return Run(process, max_workers=max_workers, give_up_after=self._give_up_after, wake=self.throttle.wake)

    def _synthesize(self, segment: Segment, stopped: threading.Event) -> Audio | None:
        """Synthesize one segment, with retries; None if the run was stopped first."""
        voice = segment.voice
        retry_until = math.inf
        failures = 0
        while in_flight := self.throttle.acquire(lambda: stopped.is_set() or voice in self._refused_voices):
            retry_until = min(retry_until, time.monotonic() + RETRY_WINDOW)
            try:
                return self._try(segment, in_flight, stopped)
            except TransientError as error:
                if (error.retry_after or 0) > MAX_RETRY_AFTER:
                    message = f"{error}; it asks to wait {error.retry_after:.0f} s"
                    raise EngineStoppedError(message, error.request_id) from error
                is_failure = not isinstance(error, BusyError)
                failures += is_failure
                if failures > self._retries or time.monotonic() > retry_until:
                    raise
            if is_failure:
                stopped.wait(random.uniform(0, min(MAX_WAIT, FIRST_WAIT * 2 ** (failures - 1))))  # noqa: S311 - full jitter
        if refused := self._refused_voices.get(voice):
            raise VoiceRefusedError(str(refused), refused.request_id)
        return None

    def _try(self, segment: Segment, in_flight: int, stopped: threading.Event) -> Audio:
        """Send one request, in the slot that was acquired; it is released before the audio is checked.

        Args:
            segment: What to synthesize.
            in_flight: What `Throttle.acquire` returned for the slot.
            stopped: Set if no other segment can succeed, while the slot is still held: so no other request starts.
        """
        outcome, retry_after = RequestOutcome.FAILED, None
        try:
            audio = self._engine.synthesize(segment.text, segment.voice)
            outcome = RequestOutcome.SUCCEEDED
        except TransientError as error:
            outcome = RequestOutcome.RATE_LIMITED if isinstance(error, BusyError) else RequestOutcome.FAILED
            retry_after = min(error.retry_after or 0.0, MAX_RETRY_AFTER)
            raise
        except VoiceRefusedError as error:
            self._refused_voices[segment.voice] = error
            raise
        except EngineStoppedError:
            stopped.set()
            raise
        finally:
            self.throttle.release(outcome, in_flight, retry_after)
        try:
            check(audio, text=segment.text, sample_rate=segment.voice.sample_rate, speed=segment.voice.speed)
        except AudioError as error:
            raise TransientError(f"the audio was rejected: {error}") from error
        return audio
