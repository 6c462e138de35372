"""How long a store that hiccups is waited for: what it has is paid for, and would have to be paid for again."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.cache.remote_stores import describe_failure, is_lasting

if TYPE_CHECKING:
    from collections.abc import Callable

READ_SECONDS = 20.0
"""Seconds for which a call that reads is tried again."""

WRITE_SECONDS = 5.0
"""Seconds for which a call that writes is tried again: what it does not store is still in the local cache."""

NOTICE_SECONDS = 5.0
"""Seconds of waiting after which it is told."""

_FIRST_WAIT = 0.25  # seconds
_MAX_WAIT = 4.0  # seconds
_CALLS = 16  # that may wait at once: together as long as each of them alone

Done = TypeVar("Done")
_log = logging.getLogger("mkdocs_lightning")


class Patience:
    """Tries calls again while they fail for a reason that may pass. Thread-safe.

    All calls together wait as long as 16 of them would at once. So a store in which each file fails for as long as it
    is asked does not hold up a build for hours.

    Args:
        where: The store, for messages.
        seconds: For which one call is tried again.
    """

    def __init__(self, where: str, seconds: float) -> None:
        self._where = where
        self._seconds = seconds
        self._lock = threading.Lock()  # guards the fields below
        self._left = seconds * _CALLS
        self._succeeded_at = 0.0
        self._has_told = False

    def call(self, function: Callable[[], Done]) -> Done:
        """Call a function, and again if that may help.

        Raises:
            Exception: What the last call has raised.
        """
        began = time.monotonic()
        wait = _FIRST_WAIT
        while True:
            try:
                value = function()
            except Exception as error:
                pause = random.uniform(wait / 2, wait)  # noqa: S311 - so that not all threads come back at once
                if is_lasting(error) or not self._may_wait(began, pause, error):
                    raise
            else:
                self._succeeded_at = time.monotonic()
                return value
            time.sleep(pause)
            wait = min(2 * wait, _MAX_WAIT)

    def has_succeeded_since(self, moment: float) -> bool:
        """Whether any call has gone well since then, by `time.monotonic`."""
        return self._succeeded_at >= moment

    def _may_wait(self, began: float, pause: float, error: Exception) -> bool:
        waited = time.monotonic() - began
        with self._lock:
            if waited + pause > self._seconds or pause > self._left:
                return False
            self._left -= pause
            is_told = self._has_told or waited < NOTICE_SECONDS
            self._has_told = self._has_told or not is_told
        if not is_told:
            _log.warning("%s: %s. Retrying for up to %.0f s", self._where, describe_failure(error), self._seconds)
        return True
