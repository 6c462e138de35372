"""Time in tests: waiting for what is so in the end, with the patience of a slow machine; and a clock that is set."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which what was to come counts as not coming."""
BUILD_PATIENCE = 600.0
"""Seconds for a whole build in a process of its own, which nobody waits but where something hangs."""


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Look again and again whether something is so: for what other programs do, which set no event of ours.

    Raises:
        AssertionError: It is not, for a long time.
    """
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.005)


class Clock:
    """Takes the place of the module `time`; stands still until it is set.

    Attributes:
        now: Seconds.
    """

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return self.now
