"""Locks among the builds that share a cache."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOOK_UP = 0.5  # seconds after which a build that waits for another looks whether it is to stop


class SharedLock:
    """A lock on a file among processes; within this one it is shared, as a build asks for no segment twice."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._lock: FileLock | None = None
        self._holders = 0

    @contextmanager
    def held(self, path: Path, stopped: threading.Event) -> Iterator[None]:
        """Hold it; a build that is to stop does not wait for another."""
        with self._guard:  # nobody in here holds it when it has to be waited for
            if self._holders == 0:
                self._lock = _lock_file(path, stopped)
            self._holders += 1
        try:
            yield
        finally:
            with self._guard:
                self._holders -= 1
                if self._holders == 0 and self._lock is not None:
                    self._lock.release()


def _lock_file(path: Path, stopped: threading.Event) -> FileLock | None:
    """A file's lock, held; None where there is none to be had."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, thread_local=False)
        while not stopped.is_set():
            with suppress(Timeout):
                lock.acquire(timeout=_LOOK_UP)
                return lock
    except (OSError, NotImplementedError):
        pass  # no file locks here, or a cache that cannot be written, which is said elsewhere
    return None
