"""How hard a build may try to have its sentences spoken."""

from __future__ import annotations

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
