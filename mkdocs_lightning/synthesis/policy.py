"""Limits on synthesis: how many requests at once, how many retries, how many characters, which defects."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, SettingError
from mkdocs_lightning.engines import EngineError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class BudgetSpentError(LightningError):
    """A request was not sent, because the run would have sent more characters than its budget has."""


class Budget:
    """The characters that one run may send, over all its languages, rounds and tries. Thread-safe.

    Args:
        max_characters: None for no limit.
    """

    def __init__(self, max_characters: int | None = None) -> None:
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
        return f"they have {characters} characters, and max_characters is {self._max_characters}{before}"

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
        """Give the characters of a request back that was not answered with audio, so that it costs nothing."""
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

        What was answered with audio stays spent, whatever becomes of it. So does what fails in another way than an
        engine's errors, as nobody knows.

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
            else:
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
