"""Limits on synthesis: how many requests at once, how many retries, how many characters, which defects."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, SettingError, shown
from mkdocs_lightning.engines import EngineError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

GIVE_UP_AFTER = 3
"""Consecutive segments that fail, each after all its retries, before the service counts as down."""

PATIENCE = 300.0
"""Seconds in which a text is tried again: as long as a build may wait for a busy service."""

_LONGEST_PATIENCE = 24 * 3600


@dataclass(frozen=True, slots=True)
class Policy:
    """How synthesis sends its requests.

    Attributes:
        concurrency: Maximum number of requests in flight; 1 is the synchronous mode; None finds the account's limit.
        retries: Further tries of one segment after a transient failure. A request refused for too many requests does
            not count as a failure.
        requests_per_minute: Maximum rate of requests; None for no limit.
        patience: Seconds after the start of a segment's first try in which a further one may start, after a failure or
            a refusal. A service that takes no request for that long ends the run.
        give_up_after: Consecutive segments that fail before the service counts as down.

    Raises:
        SettingError: A value is not a whole number (for `patience`, a number), or too low.
    """

    concurrency: int | None = None
    retries: int = 5
    requests_per_minute: int | None = None
    patience: float = PATIENCE
    give_up_after: int = GIVE_UP_AFTER

    def __post_init__(self) -> None:
        if self.concurrency is not None:
            _check_whole_number("concurrency", self.concurrency, 1)
        if self.requests_per_minute is not None:
            _check_whole_number("requests_per_minute", self.requests_per_minute, 1)
        _check_whole_number("retries", self.retries, 0)
        _check_seconds("patience", self.patience)


def _check_whole_number(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SettingError(name, f"{shown(value)} is not a whole number of {least} or more")


def _check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_PATIENCE:
        raise SettingError(name, f"{shown(value)} is not a number of seconds from 0 to {_LONGEST_PATIENCE}")


class BudgetSpentError(LightningError):
    """A request was not sent, because the run would have sent more characters than its budget has."""


class Budget:
    """The characters that one run may send, over all its languages, rounds and tries. Thread-safe.

    Args:
        max_characters: None for no limit.

    Raises:
        SettingError: It is not a whole number of 0 or more.
    """

    def __init__(self, max_characters: int | None = None) -> None:
        if max_characters is not None:
            _check_whole_number("max_characters", max_characters, 0)
        self._max_characters = max_characters
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self._max_characters is not None

    def refusal_reason(self, characters: int) -> str | None:
        """Why this many more characters may not be sent; None if they may. Takes nothing."""
        if self._max_characters is None or self._taken + characters <= self._max_characters:
            return None
        before = f", of which this run has sent {self._taken}" if self._taken else ""
        return f"{characters} characters to send, and max_characters is {self._max_characters}{before}"

    def take(self, characters: int) -> None:
        """Take characters for a request, before it is sent.

        Raises:
            BudgetSpentError: They may not be sent; none are taken.
        """
        with self._lock:
            if self.refusal_reason(characters):
                raise BudgetSpentError(f"another request would exceed max_characters, {self._max_characters}")
            self._taken += characters

    def give_back(self, characters: int) -> None:
        """Give the characters of a request back that costs nothing, because it will not be answered with audio."""
        with self._lock:
            self._taken -= characters


class Spending:
    """What some runs of requests send and get, out of one budget. Thread-safe.

    Args:
        budget: By default without a limit.

    Attributes:
        answered: Characters that the service answered with audio, which it charges for.
        refused: Those of them whose audio could not be used.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self.answered = 0
        self.refused = 0
        self._budget = budget or Budget()
        self._lock = threading.Lock()

    @contextmanager
    def request(self, characters: int) -> Iterator[None]:
        """Hold one request's characters while it is sent and its audio is checked.

        What was answered with audio stays spent, whatever becomes of it. So does what was not answered in time, or
        fails in another way than an engine's errors: nobody knows what it costs.

        Args:
            characters: Of the request's text.

        Raises:
            BudgetSpentError: The request may not be sent.
        """
        self._budget.take(characters)
        try:
            yield
        except EngineError as error:
            if isinstance(error, TransientError) and error.was_answered:
                self.add(characters, characters)
            elif not (isinstance(error, TransientError) and error.is_pending):
                self._budget.give_back(characters)
            raise
        self.add(characters, 0)

    def add(self, answered: int, refused: int) -> None:
        """Count characters that were answered with audio, and those of them that were refused."""
        with self._lock:
            self.answered += answered
            self.refused += refused


class DefectCounter:
    """Counts the sentences in a row whose audio had the same kind of defect. Thread-safe.

    A sentence may have other sentences beside it, in flight at the same time; what counts is the order of arrival.
    """

    def __init__(self) -> None:
        self._sentences: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, key: str) -> int:
        """Count a defect.

        Args:
            kind: Of the defect.
            key: Of the segment.

        Returns:
            The number of different sentences that have had this kind since there was good audio.
        """
        with self._lock:
            sentences = self._sentences.setdefault(kind, set())
            sentences.add(key)
            return len(sentences)

    def clear(self) -> None:
        """There was good audio."""
        with self._lock:
            self._sentences.clear()
