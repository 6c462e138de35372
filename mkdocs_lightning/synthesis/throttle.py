"""Limits the number of requests in flight to what the account allows, which is not known beforehand.

The sources name 1, 10 and about 15 as an account's limit. The throttle finds it: the limit rises
while requests succeed, falls when some are refused for too many requests, and is remembered from then on.
"""

from __future__ import annotations

import threading
import time
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_WAIT = 0.5
MAX_WAIT = 30.0
"""Seconds: the back-off that the service's documentation asks for."""

FIRST_PROBE = 100
"""Successes at a limit that was found before the throttle probes one more request. The number doubles after each probe
that fails, and halves after each that succeeds: then other programs are using less of the account."""

SOONEST_PROBE = 10
"""The least number of successes before a probe."""


class RequestOutcome(Enum):
    """How one request ended, as far as the throttle is concerned."""

    SUCCEEDED = "succeeded"
    """The service answered with audio: the limit may rise."""

    RATE_LIMITED = "refused for too many requests"
    """The service wants fewer requests: the limit falls."""

    FAILED = "failed for another reason"
    """Says nothing about the limit."""


class Throttle:
    """Hands out permits, one for each request in flight, to the threads that use one account. Thread-safe.

    The states of the limit:

        searching: each success adds a permit, so that the limit doubles with each round
          │ rate-limited
          ▼
        found ──`FIRST_PROBE` successes or more──► probing one more permit ──as many again──► probing another …
          ▲                                          │
          └────────────── rate-limited ──────────────┘

    Args:
        ceiling: Maximum number of permits, ever.
        start: Number of permits to begin with.
        requests_per_minute: Maximum rate at which permits are handed out; None for no limit.
    """

    def __init__(self, ceiling: int, start: int, requests_per_minute: int | None = None) -> None:
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        self._has_place = threading.Condition(lock)
        self._ceiling = ceiling
        self._limit = min(start, ceiling)
        self._begun = 0  # sentences that have a place
        self._in_flight = 0
        self._most_in_flight = 0
        self._interval = 60 / requests_per_minute if requests_per_minute else 0.0
        self._next_at = 0.0
        self._has_found_limit = False
        self._is_probing = False
        self._successes = 0
        self._probe_after = FIRST_PROBE
        self._consecutive_refusals = 0  # of requests that were alone in flight

    @property
    def in_flight(self) -> int:
        """Number of permits in use now."""
        return self._in_flight

    @property
    def limit(self) -> int:
        """Number of permits that may be in use at once now."""
        return self._limit

    def acquire(self, is_stopped: Callable[[], bool]) -> int:
        """Wait for a permit.

        Args:
            is_stopped: Whether to give up; called before a permit is handed out, and after each `wake`.

        Returns:
            The number of permits in use, this one included; 0 if there is none because of `is_stopped`.
        """
        with self._changed:
            while not is_stopped():
                now = time.monotonic()
                if now < self._next_at:
                    self._changed.wait(self._next_at - now)
                elif self._in_flight >= self._limit:
                    self._changed.wait()
                else:
                    self._in_flight += 1
                    self._most_in_flight = max(self._most_in_flight, self._in_flight)
                    self._next_at = max(self._next_at, now + self._interval)
                    return self._in_flight
            self._changed.notify()  # this thread may have been woken for a permit that another one can use
            return 0

    def release(self, outcome: RequestOutcome, in_flight: int, retry_after: float | None = None) -> None:
        """Give a permit back.

        Args:
            outcome: How its request ended.
            in_flight: What `acquire` returned for it.
            retry_after: Seconds for which the service wants no request at all.
        """
        with self._changed:
            if outcome is RequestOutcome.SUCCEEDED:
                self._raise_limit()
            elif outcome is RequestOutcome.RATE_LIMITED:
                self._lower_limit(max(in_flight, self._in_flight))
                retry_after = retry_after or self._back_off()
            if retry_after:
                self._next_at = max(self._next_at, time.monotonic() + retry_after)
            self._in_flight -= 1
            self._changed.notify(max(1, self._limit - self._in_flight))

    def enter(self, is_stopped: Callable[[], bool]) -> bool:
        """Wait until one more sentence may be begun: there are as many places as permits.

        Who has entered finds a permit soon, and may claim its sentence. Who waits here holds nothing, so that other
        builds do not wait for it.

        Args:
            is_stopped: As for `acquire`.

        Returns:
            Whether there is a place, which `leave` gives back; False because of `is_stopped`.
        """
        with self._changed:
            while not is_stopped():
                if self._begun < self._limit:
                    self._begun += 1
                    return True
                self._has_place.wait()
            self._has_place.notify()  # as in `acquire`
            return False

    def leave(self) -> None:
        """Give a place back: when the sentence's first request has ended, or when it needs none."""
        with self._changed:
            self._begun -= 1
            self._has_place.notify(max(1, self._limit - self._begun))

    def wake(self) -> None:
        """Make all waiting threads check `is_stopped` again."""
        with self._changed:
            self._changed.notify_all()
            self._has_place.notify_all()

    def _raise_limit(self) -> None:
        self._consecutive_refusals = 0
        self._successes += 1
        needed = self._probe_after if self._has_found_limit else 1  # while searching, each success adds a permit
        # No more than twice what was ever in flight: permits that were never used prove nothing about the account.
        if self._successes < needed or self._limit >= min(self._ceiling, 2 * self._most_in_flight):
            return
        if self._is_probing:
            self._probe_after = max(SOONEST_PROBE, self._probe_after // 2)
        self._is_probing = self._has_found_limit
        self._successes = 0
        self._limit += 1

    def _lower_limit(self, in_flight: int) -> None:
        """Take one permit for each refused request, as each was one too many; and leave no more than were in flight."""
        if self._is_probing:
            self._probe_after = max(FIRST_PROBE, 2 * self._probe_after)
        self._is_probing = False
        self._has_found_limit = True
        self._successes = 0
        self._limit = max(1, min(self._limit - 1, in_flight))

    def _back_off(self) -> float:
        """Seconds to wait after a refusal that names no time: none if our own other requests explain the refusal."""
        if self._in_flight > 1:
            return 0.0
        self._consecutive_refusals += 1
        return min(MAX_WAIT, FIRST_WAIT * 2.0 ** (self._consecutive_refusals - 1))


class HeldPlace:
    """The place that a worker has entered, until a sentence's first request has ended. Left once, by whatever exit."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._is_held = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._is_held:
            self._is_held = False
            self._throttle.leave()
