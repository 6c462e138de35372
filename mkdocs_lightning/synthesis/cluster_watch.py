"""Which workers of a Dask cluster still answer: one that hangs, or was stopped, would be waited for in silence."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

WATCH_SECONDS = 5.0
"""Between two looks at the workers."""

SILENT_SECONDS = 20.0
"""After which a worker that the scheduler does not hear from counts as silent. Its leases are lost before.

A worker reports each half second, and on a cluster of 2,000 workers every eleven seconds.
"""

_log = logging.getLogger("mkdocs_lightning")


class WorkerWatch:
    """Looks now and then at which workers the scheduler hears from. Thread-safe.

    Args:
        client: Of distributed, connected to the scheduler.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - distributed's own
        self._client = client
        self._lock = threading.Lock()  # guards the fields below
        self._looked_at = 0.0
        self._last_seen: dict[str, tuple[float, float]] = {}  # by worker: by the scheduler's clock, when that was new
        self._tasks: dict[str, list[str]] = {}  # by worker: keys
        self._told: set[str] = set()  # workers

    def others_than_the_silent_one(self, key: str) -> list[str] | None:
        """The workers that answer, if the one that has a task does not.

        Args:
            key: The task's.

        Returns:
            Addresses; None if the task's worker answers, or is not known, or no other one does.
        """
        with self._lock:
            if time.monotonic() - self._looked_at >= WATCH_SECONDS:
                self._look()
            silent = {worker for worker in self._last_seen if self._is_silent(worker)}
            holders = {worker for worker in silent if key in self._tasks.get(worker, ())}
            others = sorted(self._last_seen.keys() - silent)
            if holders:
                self._tell(holders, has_others=bool(others))
            return others or None if holders else None

    def _look(self) -> None:
        now = self._looked_at = time.monotonic()
        workers = self._client.sync(self._client.scheduler.identity)["workers"]
        seen = {address: float(worker["last_seen"]) for address, worker in workers.items()}
        before = self._last_seen
        self._last_seen = {
            address: before[address] if before.get(address, (None,))[0] == moment else (moment, now)
            for address, moment in seen.items()
        }
        self._tasks = {worker: [str(key) for key in keys] for worker, keys in self._client.processing().items()}

    def _is_silent(self, worker: str) -> bool:
        return self._looked_at - self._last_seen[worker][1] >= SILENT_SECONDS

    def _tell(self, workers: set[str], *, has_others: bool) -> None:
        what = "its sentences are given to others" if has_others else "there is no other one to give its sentences to"
        for worker in sorted(workers - self._told):
            _log.warning("worker %s has not answered for %.0f s; %s", worker, SILENT_SECONDS, what)
        self._told |= workers
