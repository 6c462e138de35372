"""How hard a build may try to have its sentences spoken."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from mkdocs_lightning.base.errors import SettingError

GIVE_UP_AFTER = 3
"""Segments that fail one after the other, each in all its tries, before the service counts as down."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How hard synthesis may try.

    Attributes:
        concurrency: Most requests in flight; 1 is the synchronous mode; None finds the account's limit.
        retries: Further tries of one segment after a transient failure; being refused for too many requests
            is no failure.
        requests_per_minute: A pace to keep; None for any.
        give_up_after: Segments that fail one after the other before the service counts as down.

    Raises:
        SettingError: A number that is too low.
    """

    concurrency: int | None = None
    retries: int = 5
    requests_per_minute: int | None = None
    give_up_after: int = GIVE_UP_AFTER

    def __post_init__(self) -> None:
        least = {"concurrency": 1, "retries": 0, "requests_per_minute": 1}
        for name, number in least.items():
            value = getattr(self, name)
            if value is not None and value < number:
                raise SettingError(name, f"{value!r} is not a whole number of {number} or more")


class Budget:
    """The characters that one run may send: all languages, rounds and tries together; safe to use from several threads.

    Args:
        max_characters: None for any number.
    """

    def __init__(self, max_characters: int | None = None) -> None:
        self._max_characters = max_characters
        self._sent = 0
        self._lock = threading.Lock()

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._max_characters is not None

    def refusal_reason(self, characters: int) -> str | None:
        """Why so many more characters may not be sent; None where they may."""
        if self._max_characters is None or self._sent + characters <= self._max_characters:
            return None
        before = f", of which this run has sent {self._sent}" if self._sent else ""
        return f"they have {characters} characters, and max_characters is {self._max_characters}{before}"

    def spend(self, characters: int) -> str | None:
        """Take characters from what is left, before they are sent.

        Returns:
            Why they may not be sent, and then none are taken; None where they may.
        """
        with self._lock:
            reason = self.refusal_reason(characters)
            self._sent += 0 if reason else characters
        return reason
