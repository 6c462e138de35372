"""Finding an account's limit, step by step, in one thread."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.synthesis.throttle import (
    FIRST_PROBE,
    FIRST_WAIT,
    MAX_WAIT,
    SOONEST_PROBE,
    RequestOutcome,
    Throttle,
)
from tests.support.waiting import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

CEILING = 32


def go_on() -> bool:
    return False


class Account:
    """Takes so many requests at once; each round fills the throttle, refuses what is too much, and answers the rest."""

    def __init__(self, throttle: Throttle, limit: int) -> None:
        self.throttle = throttle
        self.limit = limit
        self.sent = 0
        self.refused = 0

    def round(self) -> None:
        permits = []
        while self.throttle.in_flight < self.throttle.limit:
            permits.append(self.throttle.acquire(go_on))
        self.sent += len(permits)
        for in_flight in permits[self.limit :]:
            self.refused += 1
            self.throttle.release(RequestOutcome.RATE_LIMITED, in_flight)
        for in_flight in permits[: self.limit]:
            self.throttle.release(RequestOutcome.SUCCEEDED, in_flight)

    def rounds_until(self, holds: Callable[[], bool]) -> int:
        for number in range(1000):
            if holds():
                return number
            self.round()
        raise AssertionError("never")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 10, 15, 20, 31, 32, 100])
def test_any_limit_is_found_and_kept(limit: int) -> None:
    account = Account(Throttle(CEILING, 2), limit)
    found = min(limit, CEILING)
    for _ in range(7):
        account.round()
    assert account.throttle.limit == found
    refused = account.refused
    assert refused <= limit  # the numbers double, so that no more than half of one round is too much
    while account.sent < 2000:
        account.round()
        assert account.throttle.limit in {found, found + 1}
    assert account.refused - refused <= 5
    assert account.throttle.in_flight == 0


def test_a_probe_that_fails_makes_the_next_one_rarer() -> None:
    account = Account(Throttle(CEILING, 2), 1)
    account.round()
    assert (account.throttle.limit, account.refused) == (1, 1)
    for successes in (FIRST_PROBE, 2 * FIRST_PROBE, 4 * FIRST_PROBE):
        account.sent = 0
        account.rounds_until(lambda: account.throttle.limit == 2)
        assert account.sent == pytest.approx(successes, abs=2)
        account.round()
        assert account.throttle.limit == 1


def test_what_others_leave_to_us_is_taken() -> None:
    account = Account(Throttle(CEILING, 2), 1)
    account.round()
    account.limit, account.sent = 10, 0
    account.rounds_until(lambda: account.throttle.limit == 10)
    assert account.sent < FIRST_PROBE * 3 + SOONEST_PROBE * 10  # 100, 100, 50, 25, 12, 10, …
    assert account.refused == 1


def test_what_others_take_is_left_to_them() -> None:
    account = Account(Throttle(CEILING, 2), 10)
    account.rounds_until(lambda: account.throttle.limit == 10)
    account.limit = 4
    account.rounds_until(lambda: account.throttle.limit == 4)
    assert account.throttle.limit == 4


def test_a_fixed_number_is_a_ceiling_from_the_start() -> None:
    throttle = Throttle(4, 4)
    account = Account(throttle, 100)
    account.round()
    assert (account.sent, throttle.limit) == (4, 4)
    account.limit = 2
    account.round()
    assert throttle.limit == 2


def test_one_is_one_for_ever() -> None:
    account = Account(Throttle(1, 1), 100)
    for _ in range(500):
        account.round()
        assert account.throttle.limit == 1
    assert account.sent == 500


def test_single_requests_do_not_raise_the_limit_out_of_sight() -> None:
    throttle = Throttle(CEILING, 2)
    for _ in range(100):
        throttle.release(RequestOutcome.SUCCEEDED, throttle.acquire(go_on))
    assert throttle.limit == 2


def test_other_failures_say_nothing_about_the_limit() -> None:
    throttle = Throttle(CEILING, 2)
    for _ in range(100):
        throttle.release(RequestOutcome.FAILED, throttle.acquire(go_on))
    assert throttle.limit == 2


def test_a_late_refusal_counts_what_was_in_flight_when_it_was_sent() -> None:
    throttle = Throttle(8, 8)
    permits = [throttle.acquire(go_on) for _ in range(8)]
    assert permits == [1, 2, 3, 4, 5, 6, 7, 8]
    for in_flight in permits[:6]:
        throttle.release(RequestOutcome.SUCCEEDED, in_flight)
    for in_flight in permits[6:]:
        throttle.release(RequestOutcome.RATE_LIMITED, in_flight)
    assert throttle.limit == 6


def test_a_stop_ends_the_waiting() -> None:
    throttle = Throttle(1, 1)
    assert throttle.acquire(go_on) == 1
    stopped, waiting = threading.Event(), threading.Event()
    given: list[int] = []

    def is_stopped() -> bool:
        waiting.set()
        return stopped.is_set()

    thread = threading.Thread(target=lambda: given.append(throttle.acquire(is_stopped)))
    thread.start()
    assert waiting.wait(60)
    stopped.set()
    throttle.wake()
    thread.join(60)
    assert given == [0]
    assert throttle.in_flight == 1


def test_who_waits_gets_the_permit_that_is_released() -> None:
    throttle = Throttle(1, 1)
    in_flight = throttle.acquire(go_on)
    waiting = threading.Event()
    given: list[int] = []

    def is_stopped() -> bool:
        waiting.set()
        return False

    thread = threading.Thread(target=lambda: given.append(throttle.acquire(is_stopped)))
    thread.start()
    assert waiting.wait(60)
    assert given == []
    throttle.release(RequestOutcome.FAILED, in_flight)
    thread.join(60)
    assert given == [1]


def test_who_leaves_the_queue_lets_the_next_one_in() -> None:
    throttle = Throttle(1, 1)
    in_flight = throttle.acquire(go_on)
    stopped = threading.Event()
    given: list[int] = []
    threads = []
    for is_stopped in (stopped.is_set, go_on):  # in this order: who asks holds the lock until it waits
        has_asked = threading.Event()

        def ask(is_stopped: Callable[[], bool] = is_stopped, has_asked: threading.Event = has_asked) -> bool:
            has_asked.set()
            return is_stopped()

        threads.append(threading.Thread(target=lambda ask=ask: given.append(throttle.acquire(ask)), daemon=True))
        threads[-1].start()
        assert has_asked.wait(60)
    stopped.set()
    throttle.release(RequestOutcome.SUCCEEDED, in_flight)
    for thread in threads:
        thread.join(60)
    assert given == [0, 1]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The throttle's own, so that a wait is exactly as long as it should be, also on a slow machine."""
    clock = Clock()
    monkeypatch.setattr("mkdocs_lightning.synthesis.throttle.time", clock)
    return clock


def is_let_in(throttle: Throttle) -> bool:
    """Whether there is a permit now; who has to wait gives up after the first wait."""
    gives_up = iter((False, True))
    return throttle.acquire(lambda: next(gives_up)) > 0


def lets_in_after(throttle: Throttle, clock: Clock, seconds: float) -> bool:
    """Whether a permit comes when so many seconds have passed, and none a moment earlier."""
    clock.now += seconds
    if seconds:
        clock.now -= 0.01
        if is_let_in(throttle):
            return False
        clock.now += 0.01
    return is_let_in(throttle)


@pytest.mark.parametrize("outcome", RequestOutcome)
def test_an_asked_wait_holds_everyone(clock: Clock, outcome: RequestOutcome) -> None:
    throttle = Throttle(8, 8)
    first, second = throttle.acquire(go_on), throttle.acquire(go_on)
    throttle.release(outcome, first, 20)
    throttle.release(outcome, second, 1)  # a shorter one does not shorten it
    assert lets_in_after(throttle, clock, 20)


def test_a_refusal_beside_others_asks_for_no_wait(clock: Clock) -> None:
    throttle = Throttle(8, 8)
    permits = [throttle.acquire(go_on) for _ in range(8)]
    for in_flight in permits[:7]:
        throttle.release(RequestOutcome.RATE_LIMITED, in_flight)
    assert throttle.limit == 1
    throttle.release(RequestOutcome.SUCCEEDED, permits[7])
    assert lets_in_after(throttle, clock, 0)


def test_a_refusal_alone_waits_and_longer_each_time(clock: Clock) -> None:
    throttle = Throttle(8, 8)
    throttle.release(RequestOutcome.RATE_LIMITED, throttle.acquire(go_on))
    for doubled in (1, 2, 4, 8, 16, 32):
        assert lets_in_after(throttle, clock, doubled * FIRST_WAIT)
        throttle.release(RequestOutcome.RATE_LIMITED, 1)
    assert lets_in_after(throttle, clock, MAX_WAIT)
    throttle.release(RequestOutcome.SUCCEEDED, 1)
    assert lets_in_after(throttle, clock, 0)
    throttle.release(RequestOutcome.RATE_LIMITED, 1)
    assert lets_in_after(throttle, clock, FIRST_WAIT)


def test_a_pace_is_kept(clock: Clock) -> None:
    throttle = Throttle(8, 8, requests_per_minute=60)
    for seconds in (0, 1, 1, 1):
        assert lets_in_after(throttle, clock, seconds)
    clock.now += 10
    assert lets_in_after(throttle, clock, 0)
    assert lets_in_after(throttle, clock, 1), "what was not used is not saved up"


def test_who_waits_for_a_time_is_let_in_when_it_has_come() -> None:
    throttle = Throttle(8, 8)
    throttle.release(RequestOutcome.FAILED, throttle.acquire(go_on), 0.2)
    begun = time.monotonic()
    assert throttle.acquire(go_on)
    assert time.monotonic() - begun > 0.1
