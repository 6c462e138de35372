"""How many requests may be in flight: as many as the account takes, which nobody knows beforehand.

The sources name 1, 10 and about 15 for an account's limit (contract section 5). So it is found: the number rises
while all goes well, falls to what went well when requests are refused, and is remembered from then on.
"""

from __future__ import annotations

import threading
import time
from enum import Enum

FIRST_WAIT = 0.5
MAX_WAIT = 30.0
"""Seconds: the back-off that the service's documentation asks for (contract section 4.3)."""

FIRST_PROBE = 100
"""Successes at a found limit before one more request at once is tried; doubled each time that fails."""

_DOUBLE_UNTIL = 4


class Turn(Enum):
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
        self._interval = 60 / requests_per_minute if requests_per_minute else 0.0
        self._next_at = 0.0
        self._has_found_limit = False
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

    def enter(self, stopped: threading.Event) -> bool:
        """Wait for a turn; False when `stopped` was set instead (and `wake` called)."""
        with self._changed:
            while not stopped.is_set():
                now = time.monotonic()
                if now < self._next_at:
                    self._changed.wait(self._next_at - now)
                elif self._in_flight >= self._limit:
                    self._changed.wait()
                else:
                    self._in_flight += 1
                    self._next_at = max(self._next_at, now + self._interval)
                    return True
            return False

    def leave(self, turn: Turn, asked_to_wait: float | None = None) -> None:
        """End a turn.

        Args:
            turn: How it went.
            asked_to_wait: Seconds for which the service wants no request at all.
        """
        with self._changed:
            if turn is Turn.WENT_WELL:
                self._rise()
            elif turn is Turn.REFUSED:
                self._fall()
                asked_to_wait = asked_to_wait or self._own_wait()
            if asked_to_wait:
                self._next_at = max(self._next_at, time.monotonic() + asked_to_wait)
            self._in_flight -= 1
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait see that they were stopped."""
        with self._changed:
            self._changed.notify_all()

    def _rise(self) -> None:
        self._refusals_alone = 0
        self._successes += 1
        needed = 1 if self._limit < _DOUBLE_UNTIL else 2
        if self._limit < self._ceiling and self._successes >= (self._probe_after if self._has_found_limit else needed):
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
        return min(MAX_WAIT, FIRST_WAIT * 2.0 ** (self._refusals_alone - 1))
