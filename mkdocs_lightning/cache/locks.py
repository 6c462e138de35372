"""Locks between the builds that share a cache."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.file_system import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTICE_SECONDS = 5.0
"""Seconds after which a build that waits for another one says so."""

_CHECK_INTERVAL = 0.5  # seconds after which a build that waits for a lock checks whether it is to stop
_MAX_HOLDER_BYTES = 300
_log = logging.getLogger("mkdocs_lightning")


class SharedLock:
    """A lock on a file between processes. All threads of this process share it: a build requests no segment twice.

    free ──(first thread enters)──► held ──(last thread leaves)──► free

    Who holds it stands in a file beside it, for those who wait: the lock's own file is emptied by each that tries.
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
                    with suppress(OSError):
                        _holder_file(path).unlink(missing_ok=True)
                    self._lock.release()


def _acquire(path: Path, stopped: threading.Event) -> FileLock | None:
    """A file's lock; None if the build is to stop, or the lock cannot be had."""
    began, is_told = time.monotonic(), False
    try:
        lock = FileLock(path, thread_local=False)  # it makes missing directories
        while not stopped.is_set():
            with suppress(Timeout):
                lock.acquire(timeout=_CHECK_INTERVAL)
                _name_holder(path)
                return lock
            if not is_told and time.monotonic() - began >= NOTICE_SECONDS:
                is_told = True
                _log.warning(
                    "waiting for %s, which is synthesizing a sentence that this build also needs, and holds the lock "
                    "file %s. If that process is suspended, resume it or end it; Ctrl-C ends this build",
                    _holder_of(path),
                    path,
                )
    except (OSError, NotImplementedError):
        pass  # no file locks here, or a cache that cannot be written, which is reported elsewhere
    return None


def _holder_file(path: Path) -> Path:
    return path.with_suffix(".holder")


def _name_holder(path: Path) -> None:
    with suppress(OSError):  # then those who wait do not hear for whom
        # Not written in place, as a cache that others filled may have a link there.
        atomic_write(_holder_file(path), f"process {os.getpid()} on {socket.gethostname()}".encode())


def _holder_of(path: Path) -> str:
    try:
        name = read_regular(_holder_file(path), _MAX_HOLDER_BYTES).decode("ascii", "replace")
    except OSError:
        name = ""
    return f"another build ({name})" if name.isprintable() and name else "another build"
