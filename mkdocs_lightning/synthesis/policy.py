"""Limits on synthesis: how many requests at once, how many retries, how many characters."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from mkdocs_lightning.base.errors import SettingError

GIVE_UP_AFTER = 3
"""Consecutive segments that fail, each after all its retries, before the service counts as down."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How synthesis sends its requests.

    Attributes:
        concurrency: Maximum number of requests in flight; 1 is the synchronous mode; None finds the account's limit.
        retries: Further tries of one segment after a transient failure. A request refused for too many requests does
            not count as a failure.
        requests_per_minute: Maximum rate of requests; None for no limit.
        give_up_after: Consecutive segments that fail before the service counts as down.

    Raises:
        SettingError: A number is too low.
    """

    concurrency: int | None = None
    retries: int = 5
    requests_per_minute: int | None = None
    give_up_after: int = GIVE_UP_AFTER

    def __post_init__(self) -> None:
        minimum = {"concurrency": 1, "retries": 0, "requests_per_minute": 1}
        for name, number in minimum.items():
            value = getattr(self, name)
            if value is not None and value < number:
                raise SettingError(name, f"{value!r} is not a whole number of {number} or more")


class Budget:
    """The characters that one run may send, over all its languages, rounds and retries. Thread-safe.

    Args:
        max_characters: None for no limit.
    """

    def __init__(self, max_characters: int | None = None) -> None:
        self._max_characters = max_characters
        self._sent = 0
        self._lock = threading.Lock()

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self._max_characters is not None

    def refusal_reason(self, characters: int) -> str | None:
        """Why this many more characters may not be sent; None if they may. Spends nothing."""
        if self._max_characters is None or self._sent + characters <= self._max_characters:
            return None
        before = f", of which this run has sent {self._sent}" if self._sent else ""
        return f"they have {characters} characters, and max_characters is {self._max_characters}{before}"

    def spend(self, characters: int) -> str | None:
        """Spend characters, before they are sent.

        Returns:
            Why they may not be sent, in which case none are spent; None if they may.
        """
        with self._lock:
            reason = self.refusal_reason(characters)
            self._sent += 0 if reason else characters
        return reason
