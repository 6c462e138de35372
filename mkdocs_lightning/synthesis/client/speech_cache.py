"""The plugin's cache as a client uses it: the same files with the same keys, so neither pays for what the other has."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.base.interruptible import CHECK_INTERVAL
from mkdocs_lightning.cache.local import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.segment import Segment


class NoCache:
    """Stands for no cache."""

    is_there = False

    def has(self, _segment: Segment) -> bool:
        """Whether a segment is cached: it is not."""
        return False

    def find(self, _segment: Segment) -> Audio | None:
        """A segment's audio: there is none."""
        return None

    def check_writable(self) -> None:
        """Nothing is written."""

    def claim(self, _segment: Segment, _stopped: threading.Event) -> AbstractContextManager[Audio | None]:
        """Nobody shares what is not stored."""
        return nullcontext()

    def store(self, segment: Segment, audio: Audio) -> None:
        """Nothing is stored."""

    def rescued(self, _segment: Segment) -> Audio | None:
        """Nothing can fail to be stored."""
        return None


class SpeechCache(NoCache):
    """A folder with what was synthesized. Thread-safe.

    Args:
        folder: The first write creates it.
    """

    is_there = True

    def __init__(self, folder: Path) -> None:
        self._cache = Cache(folder, setting="cache")
        self._locks = _KeyLocks()
        self._rescued: dict[str, Audio] = {}

    def has(self, segment: Segment) -> bool:
        """Whether a segment is cached, after a look at both ends of its file."""
        return self._cache.has_segment(segment)

    def find(self, segment: Segment) -> Audio | None:
        """A segment's audio; None if it is missing."""
        return self._cache.read_segment(segment)

    def check_writable(self) -> None:
        """Check that audio can be stored, before it is paid for.

        Raises:
            StoreError: It cannot.
        """
        self._cache.check_writable()

    @contextmanager
    def claim(self, segment: Segment, stopped: threading.Event) -> Iterator[Audio | None]:
        """As `Cache.claim`, which keeps other processes from requesting a segment; this one also keeps other threads.

        Raises:
            StoreError: As for `Cache.claim`.
        """
        with self._locks.held(segment.key, stopped), self._cache.claim(segment, stopped) as audio:
            yield audio

    def store(self, segment: Segment, audio: Audio) -> None:
        """Store a segment's audio, or keep it for `rescued`, as it is paid for.

        Raises:
            StoreError: It could not be stored.
        """
        try:
            self._cache.store_segment(segment, audio)
        except StoreError:
            self._rescued[segment.key] = audio
            raise

    def rescued(self, segment: Segment) -> Audio | None:
        """The audio of a segment that could not be stored, once."""
        return self._rescued.pop(segment.key, None)


class _KeyLocks:
    """A lock for each key that is in use. Thread-safe."""

    def __init__(self) -> None:
        self._guard = threading.Lock()  # of the next
        self._locks: dict[str, tuple[threading.Lock, int]] = {}  # with the number of threads that hold or want it

    @contextmanager
    def held(self, key: str, stopped: threading.Event) -> Iterator[None]:
        """Hold a key's lock; without it, if `stopped` is set before it can be had."""
        with self._guard:
            lock, users = self._locks.get(key) or (threading.Lock(), 0)
            self._locks[key] = (lock, users + 1)
        is_held = False
        try:
            while not is_held and not stopped.is_set():
                is_held = lock.acquire(timeout=CHECK_INTERVAL)
            yield
        finally:
            if is_held:
                lock.release()
            with self._guard:
                users = self._locks[key][1] - 1
                self._locks[key] = (lock, users)
                if not users:
                    del self._locks[key]
