"""Downloads and uploads in the background of a build."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from mkdocs_lightning.base.interruptible import CHECK_INTERVAL, get_interruptibly
from mkdocs_lightning.cache.remote import CLIPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.cache.shared import (
        SharedCache,
    )
    from mkdocs_lightning.reading.segment import Clip


_UPLOADS = 8  # at once


class Fetching:
    """Fetches in the background, while pages are still read: all that is wanted by then in one go."""

    def __init__(self, cache: SharedCache) -> None:
        self._cache = cache
        self._wanted: queue.SimpleQueue[Sequence[Clip]] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Sequence[Clip] | BaseException] = queue.SimpleQueue()
        self._awaited = 0
        self._thread: threading.Thread | None = None

    def add(self, clips: Sequence[Clip]) -> None:
        """Fetch what there is of these, too."""
        if not clips:
            return
        self._awaited += 1
        self._wanted.put(clips)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True, name="lightning-fetch")
            self._thread.start()

    def take(self) -> Iterator[Clip]:
        """The clips that were dealt with by now; those that are taken are not told again.

        Raises:
            StoreError: The local cache cannot be written.
        """
        while not self._ended.empty():
            yield from self._next()

    def finish(self) -> Iterator[Clip]:
        """Wait for all that was added; the clips that were not taken.

        Raises:
            StoreError: The local cache cannot be written.
        """
        while self._awaited:
            yield from self._next()

    def _next(self) -> Sequence[Clip]:
        ended = get_interruptibly(self._ended)
        self._awaited -= 1
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def _work(self) -> None:
        while True:
            groups = [self._wanted.get()]
            while not self._wanted.empty():
                groups.append(self._wanted.get())
            ended: list[Sequence[Clip] | BaseException] = [*groups]
            try:
                self._cache.fetch([clip for group in groups for clip in group])
            except BaseException as error:  # noqa: BLE001 - raised again on the thread of who asked
                ended[0] = error
            for each in ended:
                self._ended.put(each)


class Uploads:
    """Stores files in the remote cache, in the background: nobody waits for it but the end of a build."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._waiting: deque[tuple[str, Path]] = deque()
        self._changed = threading.Condition()  # over what follows
        self._working = 0
        self._failed = 0
        self._stored = 0

    def add(self, kind: str, path: Path) -> None:
        """Store a file of the local cache; it is read when its turn comes."""
        with self._changed:
            if not self._remote.may_write:
                self._failed += 1
                return
            self._waiting.append((kind, path))
            if self._working < _UPLOADS:
                self._working += 1
                threading.Thread(target=self._work, daemon=True, name="lightning-share").start()

    def finish(self, seconds: float) -> tuple[int, int]:
        """Wait, for so many seconds at most; how many files were stored, and how many could not be."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._working and (left := until - time.monotonic()) > 0:
                self._changed.wait(min(left, CHECK_INTERVAL))
            left_over = len(self._waiting) + self._working
            self._waiting.clear()
            return self._stored, self._failed + left_over

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._working -= 1
                    self._changed.notify_all()
                    return
                kind, path = self._waiting.popleft()
            is_stored = self._store(kind, path)
            with self._changed:
                self._stored += is_stored
                self._failed += not is_stored

    def _store(self, kind: str, path: Path) -> bool:
        try:
            data = path.read_bytes()
            if kind == CLIPS:
                data = path.with_suffix(".json").read_bytes() + b"\n" + data
        except OSError:  # taken away meanwhile, such as by `cache prune`
            return True
        return self._remote.write(kind, path.name, data)
