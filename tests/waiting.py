"""Waiting in tests: for what is so in the end, with the patience of a slow machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which what was to come counts as not coming."""


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Look again and again whether something is so.

    Raises:
        AssertionError: It is not, for a long time.
    """
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.005)
