"""A store of files that many machines share: whatever fsspec reaches, such as S3, behind four verbs.

A store may be slow, down or full, or return garbage. Nothing here raises for that: a store that fails several times in
a row gets a `failure_reason` and is not asked again. What is read is bytes, and the caller verifies them.

The store's own library finds its credentials (environment, profiles, roles). No address holds one, and no message
repeats what a library says, as that may hold one.
"""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.background import BackgroundPool
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


SEGMENTS, CLIPS = "segments", "clips"
"""The kinds of files: the directories of the store."""

SHARDS = "0123456789abcdef"
"""The directories below each of them, by the first digit of a file's name."""

TRANSFERS = 16
"""Calls at once."""

_GIVE_UP_AFTER = 3  # failures in a row

Done = TypeVar("Done")


class Remote:
    """The store at one address; safe to use from several threads.

        reading  ── 3 failures in a row ──► failed (`failure_reason`): neither read nor written any more
        writing  ── access denied ──► read-only; in mode `write` with a `write_failure_reason`
                 ── 3 failures in a row, or no such bucket ──► failed (`write_failure_reason`): still read

    Args:
        url: Such as `s3://bucket/directory`.
        mode: What may be done with it.

    Attributes:
        url: Without a slash at its end.
        failure_reason: Why the store is no longer used; None while it is.
        write_failure_reason: Why it is no longer written; None while it is, and where writing is not expected.

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
        self._opening = threading.Lock()
        self._file_system: AbstractFileSystem | None = None
        self._failures = 0
        self._write_failures = 0

    @property
    def address(self) -> tuple[str, RemoteMode]:
        """What tells one store from another: the URL, and what may be done with it."""
        return self.url, self._mode

    @property
    def expects_writes(self) -> bool:
        """Whether a file that was not stored is worth a warning: not where a build may only read, as a fork's."""
        return self._may_write or self.write_failure_reason is not None

    @property
    def may_write(self) -> bool:
        """Whether writing is allowed and has not failed."""
        return self._may_write and self.failure_reason is None and self.write_failure_reason is None

    def names(self, kind: str, shards: Iterable[str]) -> frozenset[str] | None:
        """Names of the stored files of one kind: as first listed, plus our own writes. None if the store cannot list.

        A shard that cannot be listed is tried again, as what counts as missing is paid for. After too many failures
        there is a `failure_reason`, and the shard's files are left out.

        Args:
            kind: A directory, such as `segments`.
            shards: Those of `SHARDS` that are needed.
        """
        if not self._can_list:
            return None
        shards = set(shards)
        unlisted = {shard for shard in shards if (kind, shard) not in self._listings}
        while unlisted and self.failure_reason is None:
            for shard, names in self._each(lambda shard: self._list(kind, shard), sorted(unlisted)):
                if names is not None:
                    unlisted.discard(shard)
                    self._listings[kind, shard] = set(names)
        return frozenset().union(*(self._listings[kind, shard] for shard in shards - unlisted))

    def existing(self, kind: str, names: Collection[str]) -> Iterator[str]:
        """Which of some files exist, for a store that cannot list; nothing is transferred."""
        found = self._each(lambda name: self._exists(kind, name), names)
        yield from (name for name, exists in found if exists)

    def read(self, kind: str, names: Collection[str]) -> Iterator[tuple[str, bytes | None]]:
        """Names and bytes of files, in the order in which they arrive; None for one that could not be read."""
        return self._each(lambda name: self._read(kind, name), names)

    def write(self, kind: str, name: str, data: bytes) -> bool:
        """Store a file, in place of an existing one.

        Returns:
            Whether nothing is lost: the file is stored, or too large for any remote cache.
        """
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
        except FileNotFoundError as error:  # a write creates directories, but no bucket
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
        with self._opening:  # once, though several threads may be the first
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
        """The paths of a directory's files; those of S3 page by page.

        s3fs would keep every detail of every file in memory until the last page, and a million files take longer than
        the timeout of one call. So each page is a call of its own.
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
            if error.errno == errno.EINVAL:  # S3's answer to a range of an empty file
                return b""
            raise
        assert isinstance(data, bytes)
        return data

    def _write(self, path: str, data: bytes) -> None:
        system = self._system
        if self._protocol != "file":
            system.pipe_file(path, data, **call_options(system))
            return
        # Other stores show a file only when it is complete; fsspec's directories show it while it is written.
        target = Path(system._strip_protocol(path))  # noqa: SLF001 - fsspec has no public way
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(target, data)

    def _each(self, call: Callable[[str], Done], names: Collection[str]) -> Iterator[tuple[str, Done | None]]:
        """Call a function with each name, several at once; None where it failed, or there is no such file."""
        pool = BackgroundPool(TRANSFERS, "lightning-remote")
        return pool.map(lambda name: (name, self._try(call, name)), names)

    def _try(self, call: Callable[[str], Done], name: str) -> Done | None:
        if self.failure_reason is not None:
            return None
        try:
            value = call(name)
        except FileNotFoundError:
            value = None
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self._failures += 1
            if self._failures >= _GIVE_UP_AFTER:
                self.failure_reason = describe_failure(error)
            return None
        self._failures = 0
        return value
