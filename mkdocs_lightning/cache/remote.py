"""A store of files that many machines share: whatever fsspec reaches, such as S3, behind four verbs.

It may be slow, down, full, or give back nonsense. Nothing here raises for that: what did not work is told as a
`failure_reason`, and a store that fails several times in a row is not asked again. What came is bytes: whoever asked
proves it.

Who may read and write is for the store's own library to find out (environment, profiles, roles): no credential
stands in an address, and no message repeats what a library said, as that may hold one.
"""

from __future__ import annotations

import errno
import os
import queue
import threading
import uuid
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.base.file_system import retry_while_open
from mkdocs_lightning.base.interruptible import get_interruptibly
from mkdocs_lightning.cache.remote_stores import (
    MAX_FILE_BYTES,
    RemoteMode,
    call_options,
    checked_url,
    describe_failure,
    open_file_system,
    protocol_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from fsspec import AbstractFileSystem


TRANSFERS = 16
"""At once."""

SHARDS = "0123456789abcdef"
"""The directories that the files of one kind are spread over, by the first digit of their names."""

_GIVE_UP_AFTER = 3  # failures in a row

Done = TypeVar("Done")


class Remote:
    """The store at one address; safe to use from several threads.

    Args:
        url: Such as `s3://bucket/directory`.
        mode: What may be done with it.

    Attributes:
        url: Without a slash at its end.
        failure_reason: Why it is not read any more; None while it is.
        write_failure_reason: Why it is not written any more; None while it is, and where nobody minds.

    Raises:
        SettingError: The address cannot be used.
    """

    def __init__(self, url: str, mode: RemoteMode = RemoteMode.AUTO) -> None:
        self.url = checked_url(url, mode)
        self.failure_reason: str | None = None
        self.write_failure_reason: str | None = None
        self._mode = mode
        self._protocol = protocol_of(self.url)
        self._may_write = mode is not RemoteMode.READ and self._can_list
        self._listings: dict[tuple[str, str], set[str]] = {}  # by kind and shard
        self._making = threading.Lock()
        self._file_system: AbstractFileSystem | None = None
        self._failures = 0
        self._write_failures = 0

    @property
    def address(self) -> tuple[str, RemoteMode]:
        """Where it is, and what may be done with it."""
        return self.url, self._mode

    @property
    def expects_writes(self) -> bool:
        """Whether it matters that something was not stored: not where a build may only read, as forks do."""
        return self._may_write or self.write_failure_reason is not None

    @property
    def may_write(self) -> bool:
        """Whether there is any use in trying."""
        return self._may_write and self.failure_reason is None and self.write_failure_reason is None

    def names(self, kind: str, shards: Iterable[str]) -> frozenset[str] | None:
        """What there was of some kind when it was first asked for, and was written since; None if nobody can say.

        A part of it that cannot be listed is tried again: what is taken for missing is paid for. After too many tries
        there is a `failure_reason`.

        Args:
            kind: A directory, such as `segments`.
            shards: Those of `SHARDS` that are of interest.
        """
        if not self._can_list:
            return None
        shards = set(shards)
        waiting = {shard for shard in shards if (kind, shard) not in self._listings}
        while waiting and self.failure_reason is None:
            for shard, names in self._each(lambda shard: self._list(kind, shard), sorted(waiting)):
                if names is not None:
                    waiting.discard(shard)
                    self._listings[kind, shard] = set(names)
        return frozenset().union(*(self._listings[kind, shard] for shard in shards - waiting))

    def existing(self, kind: str, names: Collection[str]) -> Iterator[str]:
        """Which of some files there are, for a store that cannot list; nothing is transferred."""
        found = self._each(lambda name: self._exists(kind, name), names)
        yield from (name for name, is_there in found if is_there)

    def read(self, kind: str, names: Collection[str]) -> Iterator[tuple[str, bytes | None]]:
        """Files' bytes, as they come; None for one that is not there, or could not be had."""
        yield from self._each(lambda name: self._read(kind, name), names)

    def write(self, kind: str, name: str, data: bytes) -> bool:
        """Store a file, in place of one that is there; whether that is done. What is too large is nobody's."""
        if not self.may_write:
            return False
        if len(data) > MAX_FILE_BYTES:
            return True
        try:
            self._write(self._path(kind, name), data)
        except PermissionError as error:
            self._may_write = False
            if self._mode is RemoteMode.WRITE:
                self.write_failure_reason = describe_failure(error)
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self._write_failures += 1
            if self._write_failures >= _GIVE_UP_AFTER:
                self.write_failure_reason = describe_failure(error)
        else:
            self._write_failures = 0
            if (kind, name[0]) in self._listings:
                self._listings[kind, name[0]].add(name)
            return True
        return False

    @property
    def _can_list(self) -> bool:
        return self._protocol not in {"http", "https"}

    @property
    def _system(self) -> AbstractFileSystem:
        with self._making:  # once, though many threads may be the first
            if self._file_system is None:
                self._file_system = open_file_system(self.url)
            return self._file_system

    def _path(self, kind: str, name: str) -> str:
        return f"{self.url}/{kind}/{name[0]}/{name}"

    def _list(self, kind: str, shard: str) -> list[str]:
        pages = self._pages(f"{self.url}/{kind}/{shard}")
        try:
            return [path.rpartition("/")[2] for page in pages for path in page]
        except FileNotFoundError:
            return []

    def _pages(self, directory: str) -> Iterator[list[str]]:
        """The paths of a directory's files; those of S3 a page at a time.

        s3fs would hold every detail of every file until the last page has come, and a million files take longer than
        one call may: so each page is a call, with a wait of its own.
        """
        system = self._system
        if not hasattr(system, "call_s3"):
            yield system.find(directory, **call_options(system, is_listing=True))
            return
        bucket, prefix, _ = system.split_path(directory)
        query = {**system.req_kw, "Bucket": bucket, "Prefix": f"{prefix}/"}
        while True:
            page = system.call_s3("list_objects_v2", **query, **call_options(system))
            yield [entry["Key"] for entry in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return
            query["ContinuationToken"] = page["NextContinuationToken"]

    def _exists(self, kind: str, name: str) -> bool:
        system = self._system
        return bool(system.exists(self._path(kind, name), **call_options(system)))

    def _read(self, kind: str, name: str) -> bytes:
        system = self._system
        try:
            data = system.cat_file(self._path(kind, name), start=0, end=MAX_FILE_BYTES, **call_options(system))
        except OSError as error:
            if error.errno == errno.EINVAL:  # an empty file, of which S3 has no first byte to give
                return b""
            raise
        assert isinstance(data, bytes)
        return data

    def _write(self, path: str, data: bytes) -> None:
        system = self._system
        if self._protocol != "file":
            system.pipe_file(path, data, **call_options(system))
            return
        # Every other store shows a file when all of it is there; a directory has to be helped.
        path = system._strip_protocol(path)  # noqa: SLF001 - its `mv` does not replace a file on Windows, but writes over it
        temporary = f"{path}.{uuid.uuid4().hex}.tmp"  # several machines may write the same
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        system.pipe_file(temporary, data)
        retry_while_open(lambda: os.replace(temporary, path), is_change=True)  # noqa: PTH105 - as text, as fsspec has it

    def _each(self, do: Callable[[str], Done], names: Collection[str]) -> Iterator[tuple[str, Done | None]]:
        """Do something with each name, several at a time; None where it failed, or there is no such file.

        On threads that end with the program: one that waits for a dead store does not hold it up. They do not run far
        ahead of who takes what comes: proving a file takes longer than fetching it.
        """
        waiting = deque(names)
        done: queue.SimpleQueue[tuple[str, Done | None]] = queue.SimpleQueue()
        room = threading.Semaphore(2 * TRANSFERS)

        def work() -> None:
            while room.acquire():
                try:
                    name = waiting.popleft()
                except IndexError:
                    return
                done.put((name, self._try(do, name)))

        for _ in range(min(TRANSFERS, len(waiting))):
            threading.Thread(target=work, daemon=True, name="lightning-remote").start()
        try:
            for _ in range(len(names)):
                ended = get_interruptibly(done)
                room.release()
                yield ended
        finally:
            waiting.clear()
            room.release(TRANSFERS)  # so that all see that nothing is left

    def _try(self, do: Callable[[str], Done], name: str) -> Done | None:
        if self.failure_reason is not None:
            return None
        try:
            value = do(name)
        except FileNotFoundError:
            value = None
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self._failures += 1
            if self._failures >= _GIVE_UP_AFTER:
                self.failure_reason = describe_failure(error)
            return None
        self._failures = 0
        return value


SEGMENTS, CLIPS = "segments", "clips"
