"""Sends missing segments to an engine: several at once, with retries, and with a check of what comes back.

Each worker thread takes a segment, waits for a permit, calls the engine, checks the audio and stores it before it takes
the next one. A run that is interrupted at any moment has therefore stored every reply that it received.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.base.errors import has_surrogate
from mkdocs_lightning.engines import (
    BusyError,
    DefectError,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.synthesis.policy import BudgetSpentError, DefectCounter, Spending
from mkdocs_lightning.synthesis.run import FailureNotice, Result, Run
from mkdocs_lightning.synthesis.throttle import FIRST_WAIT, MAX_WAIT, HeldPlace, RequestOutcome, Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.synthesis.policy import Policy

MAX_RETRY_AFTER = 120.0
"""Seconds: if a service asks for a longer wait, the run ends instead of keeping a build waiting."""

_LONGEST_GAP = MAX_RETRY_AFTER + MAX_WAIT
"""Seconds between two requests that are sent as soon as they may be: a client of Python may be idle for longer."""

NOTICE_SECONDS = 5.0
"""After which a build that the service keeps waiting says so."""

_log = logging.getLogger("mkdocs_lightning")  # a wait is no fault of the site, so it does not fail `--strict`

_START = 2  # permits to begin the search for the limit with: even an account that allows only one refuses just one
_PERMITS_PER_SPARE_WORKER = 2
"""Workers beyond the permits: while one stores its audio or waits for a retry, another one sends."""


Store: TypeAlias = "Callable[[Segment, Audio], None]"
"""Stores one segment's audio as soon as it arrives; called from several threads."""

Claim: TypeAlias = "Callable[[Segment, threading.Event], AbstractContextManager[Audio | None]]"
"""Keeps other builds from synthesizing a segment at the same time; yields its audio if one of them was faster."""


def _store_nothing(_segment: Segment, _audio: Audio) -> None:
    pass


def _claim_nothing(_segment: Segment, _stopped: threading.Event) -> AbstractContextManager[None]:
    return nullcontext()


class Synthesizer:
    """Synthesizes segments with one engine. What it learns about the account's limit is kept from run to run.

    Args:
        engine: Turns one text into audio.
        policy: How requests are sent.
        spending: Asked before each request; by default without a limit.

    Attributes:
        spending: What was sent so far.
        throttle: Tells how many requests are in flight.
    """

    def __init__(self, engine: Engine, policy: Policy, spending: Spending | None = None) -> None:
        self.spending = spending or Spending()
        self._engine = engine
        self._retries = policy.retries
        self._patience = policy.patience
        self._give_up_after = policy.give_up_after
        self._ceiling = policy.concurrency or engine.max_concurrency
        self._refused_voices: dict[Voice, VoiceRefusedError] = {}
        self._defects = DefectCounter()
        self._refusals = _Refusals(policy.patience)
        self._waits_until: float | None = None
        self.throttle = Throttle(self._ceiling, policy.concurrency or _START, policy.requests_per_minute)

    def waits_until(self) -> float | None:
        """When the wait for a service that fails or refuses ends at the latest, by `time.monotonic`; None for none."""
        return self._waits_until

    def run(
        self,
        segments: Sequence[Segment],
        store: Store = _store_nothing,
        claim: Claim = _claim_nothing,
        spending: Spending | None = None,
    ) -> Generator[Result, None, None]:
        """Synthesize segments; yields one result for each, in the order in which they finish.

        Nothing is sent before the first result is asked for. Closing the generator, or leaving it by an exception such
        as Ctrl-C, starts no further request.

        Args:
            segments: Without duplicates; started in this order.
            store: Stores one segment's audio as soon as it arrives; called from several threads.
            claim: Held while a segment is synthesized and stored, so that concurrent builds pay for it once.
            spending: By default the synthesizer's own.
        """
        yield from self.start(store, claim, spending=spending).results_of(segments)

    def start(
        self,
        store: Store = _store_nothing,
        claim: Claim = _claim_nothing,
        *,
        with_audio: bool = True,
        spending: Spending | None = None,
        notify: Callable[[], None] = lambda: None,
    ) -> Run:
        """Start a run to which segments are added as they become known.

        Args:
            store: As for `run`.
            claim: As for `run`.
            with_audio: Whether results hold the audio. A caller that takes results late passes False, or they would
                fill the memory.
            spending: As for `run`.
            notify: As for `Run`.
        """
        out_of = spending or self.spending
        notice = FailureNotice(self._retries, self._patience)

        def max_workers() -> int:
            limit = self.throttle.limit
            is_synchronous = self._ceiling == 1
            return limit if is_synchronous else limit + math.ceil(limit / _PERMITS_PER_SPARE_WORKER)

        def process(segment: Segment, stopped: threading.Event) -> Result | None:
            with HeldPlace(self.throttle) as place, claim(segment, stopped) as cached:
                audio = cached or self._synthesize(segment, out_of, stopped, place, notice)
                if audio is not None and cached is None:
                    store(segment, audio)
            if audio is None:
                return None
            return Result(segment, audio if with_audio else None, was_cached=cached is not None)

        return Run(
            process,
            max_workers=max_workers,
            give_up_after=self._give_up_after,
            wake=self.throttle.wake,
            enter=self.throttle.enter,
            leave=self.throttle.leave,
            notify=notify,
        )

    def _synthesize(
        self, segment: Segment, spending: Spending, stopped: threading.Event, place: HeldPlace, notice: FailureNotice
    ) -> Audio | None:
        """Synthesize one segment, with retries.

        Returns:
            The audio; None if the run was stopped first.
        """
        if has_surrogate(segment.text):
            raise TextRefusedError("the text has an unpaired surrogate (half of a character), which cannot be sent")
        voice = segment.voice
        tries = _Tries(self._retries, self._patience)
        while in_flight := self.throttle.acquire(lambda: stopped.is_set() or voice in self._refused_voices):
            tries.begin()
            try:
                with place:
                    audio = self._try(segment, spending, in_flight, stopped)
            except BudgetSpentError as error:
                raise BudgetSpentError(f"{tries.spent_on}; {error}" if tries.spent_on else str(error)) from error
            except TransientError as error:
                self._stop_at_repeated_defect(error, segment, stopped)
                self._stop_at_lasting_refusal(error, stopped)
                wait = tries.wait_after(error)
                notice.tell(error)
                self._waits_until = max(self._waits_until or 0.0, tries.ends_at(error))
                stopped.wait(wait)
            else:
                self._waits_until = None
                self._defects.clear()
                self._refusals.clear()
                return audio
        if refused := self._refused_voices.get(voice):
            raise VoiceRefusedError(str(refused), refused.request_id)
        return None

    def _try(self, segment: Segment, spending: Spending, in_flight: int, stopped: threading.Event) -> Audio:
        """Send one request, with the permit that was acquired; it is released before the audio is checked.

        Args:
            segment: What to synthesize.
            spending: Asked before, and told after.
            in_flight: What `Throttle.acquire` returned for the permit.
            stopped: Set if no other segment can succeed, while the permit is still held: so no other request starts.
        """
        try:
            with spending.request(len(segment.text)):
                return _checked(self._ask(segment, in_flight, stopped), segment)
        except BudgetSpentError:
            self.throttle.release(RequestOutcome.FAILED, in_flight)
            raise

    def _ask(self, segment: Segment, in_flight: int, stopped: threading.Event) -> Audio:
        """Ask the engine, and release the permit."""
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
        return audio

    def _stop_at_repeated_defect(self, error: TransientError, segment: Segment, stopped: threading.Event) -> None:
        """End the run if several sentences in a row have had the same defect: each more would be paid for in vain."""
        if not isinstance(error, DefectError):
            return
        sentences = self._defects.add(error.kind, segment.key)
        if sentences >= self._give_up_after:
            stopped.set()
            raise EngineStoppedError(
                f"{error}. {sentences} sentences in a row had this defect, so nothing more was sent", error.request_id
            ) from error

    def _stop_at_lasting_refusal(self, error: TransientError, stopped: threading.Event) -> None:
        """End the run if the service has taken no request for too long: each segment would wait as long."""
        seconds = self._refusals.add(error)
        if isinstance(error, BusyError) and seconds >= self._patience:
            stopped.set()
            reason = "patience is 0, so nothing more was sent"
            if self._patience:
                reason = f"It has accepted no request for {self._patience:g} s, so nothing more was sent"
            raise EngineStoppedError(f"{error}. {reason}", error.request_id) from error


class _Refusals:
    """How long a service has taken no request, as there were too many. Thread-safe.

    Tells once of a wait that is long, or that the service says will be.

    Args:
        patience: Seconds after which the wait ends.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()  # guards the fields below
        self._began_at: float | None = None
        self._last_at = -math.inf
        self._has_told = False

    def add(self, error: TransientError) -> float:
        """Count an error.

        Returns:
            For a refusal, the seconds since the first one after which there was no audio; else 0. A refusal so long
            after the last one that nothing can have been asked meanwhile is a first one.
        """
        with self._lock:
            seconds = 0.0
            if isinstance(error, BusyError):
                now = time.monotonic()
                if self._began_at is None or now - self._last_at > _LONGEST_GAP:
                    self._began_at = now
                self._last_at = now
                seconds = now - self._began_at
            longest = min(MAX_RETRY_AFTER, self._patience)
            is_long = seconds >= NOTICE_SECONDS or NOTICE_SECONDS < (error.retry_after or 0) <= longest
            is_news = is_long and not self._has_told
            self._has_told = self._has_told or is_long
        if is_news:
            _log.warning(
                "%s. Retrying for up to %.0f s; see concurrency and requests_per_minute", error, self._patience
            )
        return seconds

    def clear(self) -> None:
        """There was audio."""
        with self._lock:
            self._began_at = None


class _Tries:
    """The tries of one segment, and when they end.

    Args:
        retries: Further tries after a failure.
        patience: Seconds after the start of the first try in which a further one may start.

    Attributes:
        spent_on: The failure of an earlier try that has spent characters in vain; None if there was none.
    """

    def __init__(self, retries: int, patience: float) -> None:
        self.spent_on: TransientError | None = None
        self._retries = retries
        self._patience = patience
        self._failures = 0
        self._until = math.inf
        self._defects: set[str] = set()
        self._was_answered = False  # whether an earlier reply had audio, which could not be used

    def begin(self) -> None:
        """A try begins; with the first, the time for all begins."""
        self._until = min(self._until, time.monotonic() + self._patience)

    def ends_at(self, error: TransientError) -> float:
        """When the last try begins at the latest, after this error, which was not the last one."""
        return max(self._until, time.monotonic() + (error.retry_after or 0.0))

    def wait_after(self, error: TransientError) -> float:
        """Seconds to wait before the next try.

        Raises:
            EngineError: There is no next try.
        """
        if (error.retry_after or 0) > min(MAX_RETRY_AFTER, self._patience):
            message = f"{error}; it asks for a wait of {error.retry_after:.0f} s"
            raise EngineStoppedError(message, error.request_id) from error
        if reason := self._vain_reason(error):
            kind = error.kind if isinstance(error, DefectError) else ""
            raise DefectError(f"{error}; {reason}", error.request_id, kind=kind) from error
        is_failure = not isinstance(error, BusyError)
        self._failures += is_failure
        left = self._until - time.monotonic()
        if self._failures > self._retries or left < 0:
            raise error
        longest = min(MAX_WAIT, FIRST_WAIT * 2 ** (self._failures - 1)) if is_failure else 0.0
        return min(random.uniform(0, longest), left)  # noqa: S311 - full jitter

    def _vain_reason(self, error: TransientError) -> str | None:
        """Why another try would probably be paid for in vain; None if it would not."""
        if isinstance(error, DefectError):
            if error.kind in self._defects:
                return "an earlier try had the same defect"
            self._defects.add(error.kind)
        if error.was_answered:
            if self._was_answered:
                return "an earlier reply could not be used either"
            self._was_answered = True
        if error.was_answered or error.is_pending:
            self.spent_on = error
        return None


def _checked(audio: Audio, segment: Segment) -> Audio:
    """The audio, if it can be that of the segment's text.

    Raises:
        DefectError: It cannot.
    """
    from mkdocs_lightning.audio.samples import AudioError, check

    try:
        check(audio, text=segment.text, sample_rate=segment.voice.sample_rate, speed=segment.voice.speed)
    except AudioError as error:
        raise DefectError(f"the audio was rejected: {error}", kind=error.defect.value) from error
    return audio
