"""Locks between the builds that share a cache."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHECK_INTERVAL = 0.5  # seconds after which a build that waits for a lock checks whether it is to stop


class SharedLock:
    """A lock on a file between processes. All threads of this process share it: a build requests no segment twice.

    free ──(first thread enters)──► held ──(last thread leaves)──► free
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()  # of the two below
        self._lock: FileLock | None = None
        self._holders = 0

    @contextmanager
    def held(self, path: Path, stopped: threading.Event) -> Iterator[None]:
        """Hold the lock, or go on without it where there are no file locks.

        Args:
            path: The file; its directory is created.
            stopped: Set when the build is to stop: it no longer waits for another build then.
        """
        with self._guard:  # held while waiting for another process: the other threads wait for the same lock
            if self._holders == 0:
                self._lock = _acquire(path, stopped)
            self._holders += 1
        try:
            yield
        finally:
            with self._guard:
                self._holders -= 1
                if self._holders == 0 and self._lock is not None:
                    self._lock.release()


def _acquire(path: Path, stopped: threading.Event) -> FileLock | None:
    """A file's lock; None if the build is to stop, or the lock cannot be had."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, thread_local=False)
        while not stopped.is_set():
            with suppress(Timeout):
                lock.acquire(timeout=_CHECK_INTERVAL)
                return lock
    except (OSError, NotImplementedError):
        pass  # no file locks here, or a cache that cannot be written, which is reported elsewhere
    return None
