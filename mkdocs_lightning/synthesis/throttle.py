"""How many requests may be in flight: as many as the account takes, which nobody knows beforehand.

The sources name 1, 10 and about 15 for an account's limit (contract section 5). So it is found: the number rises
while all goes well, falls to what went well when requests are refused, and is remembered from then on.
"""

from __future__ import annotations

import threading
import time
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_WAIT = 0.5
MAX_WAIT = 30.0
"""Seconds: the back-off that the service's documentation asks for (contract section 4.3)."""

FIRST_PROBE = 100
"""Successes at a found limit before one more request at once is tried: twice as many after each time that this
fails, half as many after each time that it does not, for then somebody else has left the account to us."""

SOONEST_PROBE = 10


class RequestOutcome(Enum):
    """How a request ended, as far as the throttle is concerned."""

    WENT_WELL = "went well"
    REFUSED = "refused for too many requests"
    FAILED = "failed for another reason"


class Throttle:
    """Gives out turns, one a request, to the threads of one account.

    Args:
        ceiling: Most requests in flight, ever.
        start: How many to begin with.
        requests_per_minute: The pace at which requests begin; None for any.
    """

    def __init__(self, ceiling: int, start: int, requests_per_minute: int | None = None) -> None:
        self._changed = threading.Condition()
        self._ceiling = ceiling
        self._limit = min(start, ceiling)
        self._in_flight = 0
        self._most_in_flight = 0
        self._interval = 60 / requests_per_minute if requests_per_minute else 0.0
        self._next_at = 0.0
        self._has_found_limit = False
        self._is_probing = False
        self._successes = 0
        self._probe_after = FIRST_PROBE
        self._refusals_alone = 0

    @property
    def in_flight(self) -> int:
        """Turns that are taken now."""
        return self._in_flight

    @property
    def limit(self) -> int:
        """Turns that may be taken at once now."""
        return self._limit

    def enter(self, is_stopped: Callable[[], bool]) -> int:
        """Wait for a turn.

        Args:
            is_stopped: Asked before each turn is given, and whenever `wake` is called.

        Returns:
            How many turns are now taken, with this one; 0 when there is none because of `is_stopped`.
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
            self._changed.notify()  # the turn that this one was woken for is somebody else's
            return 0

    def leave(self, turn: RequestOutcome, taken: int, asked_to_wait: float | None = None) -> None:
        """End a turn.

        Args:
            turn: How it went.
            taken: What `enter` returned for it.
            asked_to_wait: Seconds for which the service wants no request at all.
        """
        with self._changed:
            if turn is RequestOutcome.WENT_WELL:
                self._rise()
            elif turn is RequestOutcome.REFUSED:
                self._fall(max(taken, self._in_flight))
                asked_to_wait = asked_to_wait or self._own_wait()
            if asked_to_wait:
                self._next_at = max(self._next_at, time.monotonic() + asked_to_wait)
            self._in_flight -= 1
            self._changed.notify(max(1, self._limit - self._in_flight))

    def wake(self) -> None:
        """Let those who wait see that they were stopped."""
        with self._changed:
            self._changed.notify_all()

    def _rise(self) -> None:
        self._refusals_alone = 0
        self._successes += 1
        needed = self._probe_after if self._has_found_limit else 1  # one each: they double with each round
        # Twice what was ever in flight at once is enough to go on from, when a small run is followed by a large one.
        if self._successes < needed or self._limit >= min(self._ceiling, 2 * self._most_in_flight):
            return
        if self._is_probing:
            self._probe_after = max(SOONEST_PROBE, self._probe_after // 2)
        self._is_probing = self._has_found_limit
        self._successes = 0
        self._limit += 1

    def _fall(self, at_once: int) -> None:
        """One less for each that was refused, for each was one too many; and not more than there were at once."""
        if self._is_probing:
            self._probe_after = max(FIRST_PROBE, 2 * self._probe_after)
        self._is_probing = False
        self._has_found_limit = True
        self._successes = 0
        self._limit = max(1, min(self._limit - 1, at_once))

    def _own_wait(self) -> float:
        """Seconds to wait after a refusal without a word: none where our other requests were the reason."""
        if self._in_flight > 1:
            return 0.0
        self._refusals_alone += 1
        return min(MAX_WAIT, FIRST_WAIT * 2.0 ** (self._refusals_alone - 1))
