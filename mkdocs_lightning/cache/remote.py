"""A store of files that many machines share: whatever fsspec reaches, such as S3, behind four verbs.

A store may be slow, down or full, or return garbage. Calls are tried again for a while (`patience.py`); after that
nothing here raises: a store that stays away gets a `failure_reason` and is not asked again. What is read is bytes, and
the caller verifies them. Only a store that does not exist is an error, as each machine would pay for everything.

The store's own library finds its credentials (environment, profiles, roles). No address holds one, and no message
repeats what a library says, as that may hold one.
"""

from __future__ import annotations

import errno
import re
import threading
import time
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.base.atomic_write import atomic_write, is_temporary_name
from mkdocs_lightning.base.background import BackgroundPool
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.file_system import read_regular
from mkdocs_lightning.cache import patience, remote_stores
from mkdocs_lightning.cache.remote_stores import (
    MAX_FILE_BYTES,
    EndlessListingError,
    RemoteMode,
    call_options,
    checked_url,
    describe_failure,
    is_lasting,
    is_name_refused,
    is_refusal,
    open_file_system,
    protocol_of,
    unusable_reason,
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

RETRY_AFTER = 60.0
"""Seconds after which a process that lasts, as `serve`, asks a store again that has failed."""

_DAY = 86_400.0  # seconds
_GIVE_UP_AFTER = 3  # failures in a row
_MAX_NAMES = 1_000_000  # of one kind in one shard
_MAX_BARREN_PAGES = 100  # of a listing, in a row, without a new name
_NAME = re.compile(r"[0-9a-f]+\.[0-9a-z]{1,8}")  # of a file; a store may have others, which nobody asks for

Done = TypeVar("Done")


class Unread(Enum):
    """Why there are no bytes of a file."""

    ABSENT = "the store does not have it"
    FAILED = "the store may have it, and did not give it"


class Remote:
    """The store at one address; safe to use from several threads.

        reading  ── a call fails for as long as it is tried, and no other goes well ──► failed (`failure_reason`):
                    neither read nor written any more, only listed, until it is `revived`
        writing  ── access denied ──► read-only; in mode `write` with a `write_failure_reason`
                 ── 3 failures in a row, no room, or no such bucket ──► failed (`write_failure_reason`): still read

    Args:
        url: Such as `s3://bucket/directory`.
        mode: What may be done with it.

    Attributes:
        url: Without a slash at its end.
        failure_reason: Why the store is no longer used; None while it is.
        read_failure_reason: Why a file could not be read, the last time that happened; None if it never did.
        write_failure_reason: Why it is no longer written; None while it is, and where writing is not expected.

    Raises:
        SettingError: The address cannot be used.
    """

    def __init__(self, url: str, mode: RemoteMode = RemoteMode.AUTO) -> None:
        self.url = checked_url(url, mode)
        self.failure_reason: str | None = None
        self.read_failure_reason: str | None = None
        self.write_failure_reason: str | None = None
        self._failed_at = 0.0
        self._may_list = True
        self._absence: str | None = None  # what is wrong with the address: there can be no store
        self._mode = mode
        self._protocol = protocol_of(self.url)
        self._may_write = mode is not RemoteMode.READ and self.can_list
        self._listings: dict[tuple[str, str], set[str]] = {}  # by kind and shard
        self._opening = threading.Lock()
        self._file_system: AbstractFileSystem | None = None
        self._reading = patience.Patience(f"remote_cache {self.url}", patience.READ_SECONDS)
        self._writing = patience.Patience(f"remote_cache {self.url}", patience.WRITE_SECONDS)
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

    def revive(self) -> None:
        """Forget a failure that is a while ago: another build begins in this process."""
        if self.failure_reason is not None and time.monotonic() > self._failed_at + RETRY_AFTER:
            self.failure_reason = None
            self._may_list = True
            self._reading = patience.Patience(f"remote_cache {self.url}", patience.READ_SECONDS)

    def names(self, kind: str, shards: Iterable[str]) -> frozenset[str] | None:
        """Names of the stored files of one kind: as first listed, plus our own writes. None if the store cannot list.

        A shard that cannot be listed is tried again, as what counts as missing is paid for. If it fails for too long
        there is a `failure_reason`, and the shard's files are left out.

        Args:
            kind: A directory, such as `segments`.
            shards: Those of `SHARDS` that are needed.

        Raises:
            SettingError: The store does not exist, or cannot.
        """
        if not self.can_list:
            return None
        shards = set(shards)
        unlisted = {shard for shard in shards if (kind, shard) not in self._listings}
        if unlisted and self._may_list:
            self._check_directory()
            until = time.monotonic() + remote_stores.LISTING_SECONDS
            for shard, names in self._each(
                lambda shard: self._list_unless_failed(kind, shard, until), sorted(unlisted)
            ):
                if isinstance(names, Unread):
                    self._may_list = False
                    self._fail(self.read_failure_reason)
                else:
                    self._listings[kind, shard] = names
        if self._absence:
            raise SettingError("remote_cache", f"{self._absence}; nothing was sent")
        return frozenset().union(*(self._listings.get((kind, shard), ()) for shard in shards))

    def has_listed(self, kind: str, name: str) -> bool:
        """Whether the part of the store that a file belongs to could be listed."""
        return (kind, name[0]) in self._listings

    def existing(self, kind: str, names: Collection[str]) -> Iterator[str]:
        """Which of some files exist, for a store that cannot list; nothing is transferred."""
        found = self._each(lambda name: self._unless_failed(lambda: self._exists(kind, name)), names)
        yield from (name for name, exists in found if exists is True)

    def read(self, kind: str, names: Collection[str]) -> Iterator[tuple[str, bytes | Unread]]:
        """Names and bytes of files, in the order in which they arrive."""
        return self._each(lambda name: self._unless_failed(lambda: self._read(kind, name)), names)

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
            self._writing.call(lambda: self._write(self._path(kind, name), data))
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self._count_write_failure(error)
            return False
        self._write_failures = 0
        if (kind, name[0]) in self._listings:
            self._listings[kind, name[0]].add(name)
        return True

    def _count_write_failure(self, error: Exception) -> None:
        self._write_failures += 1
        if is_refusal(error):
            self._may_write = False
            if self._mode is RemoteMode.WRITE:
                self.write_failure_reason = describe_failure(error)
        # A write creates directories, but no bucket; and what has no room now will have none in a moment.
        elif is_lasting(error) or self._write_failures >= _GIVE_UP_AFTER:
            self.write_failure_reason = describe_failure(error)

    @property
    def can_list(self) -> bool:
        """Whether the store tells which files it has; a web server does not."""
        return self._protocol not in {"http", "https"}

    @property
    def _directory(self) -> Path | None:
        """The store as a directory of this machine; None if it is none."""
        if self._protocol not in {"file", "local"}:
            return None
        return Path(self._system._strip_protocol(self.url))  # noqa: SLF001 - fsspec has no public way

    def _check_directory(self) -> None:
        """Look whether a store that is a directory exists or, if it may be written, whether it can be made."""
        directory = self._directory
        if directory is None:
            return
        needed = directory if self._mode is RemoteMode.READ else directory.parent
        try:
            is_there = needed.is_dir()
            reason = unusable_reason(directory, SEGMENTS) if is_there and self.may_write else None
        except OSError as error:  # there may be one, and nobody may look
            self._fail(describe_failure(error))
            return
        self._absence = None  # somebody may have made it meanwhile, under `serve`
        if not is_there:
            self._absence = f"the directory {needed} of {self.url} does not exist"
        elif reason:
            self._absence = f"the directory {directory} of {self.url} cannot be used ({reason})"

    @property
    def _system(self) -> AbstractFileSystem:
        with self._opening:  # once, though several threads may be the first
            if self._file_system is None:
                self._file_system = open_file_system(self.url)
            return self._file_system

    def _path(self, kind: str, name: str) -> str:
        return f"{self.url}/{kind}/{name[0]}/{name}"

    def _list_unless_failed(self, kind: str, shard: str, until: float) -> set[str] | Unread:
        """As `_list`, also where files cannot be read: what is known to be there is not paid for again."""
        if not self._may_list:
            return Unread.FAILED
        return self._try(lambda: self._list(kind, shard, until))

    def _list(self, kind: str, shard: str, until: float) -> set[str]:
        """The names of a shard's files.

        Raises:
            EndlessListingError: It has no end, or none in time.
        """
        if self._directory is not None and self.may_write:
            _remove_leftovers(self._directory / kind / shard)
        names: set[str] = set()
        barren_pages = 0
        for page in self._pages(f"{self.url}/{kind}/{shard}"):
            before = len(names)
            listed = (path.rpartition("/")[2] for path in page)
            names.update(name for name in listed if name.startswith(shard) and _NAME.fullmatch(name))
            barren_pages = 0 if len(names) > before else barren_pages + 1
            is_late = time.monotonic() > until
            if is_late or barren_pages > _MAX_BARREN_PAGES or len(names) > _MAX_NAMES:
                raise EndlessListingError
        return names

    def _pages(self, directory: str) -> Iterator[list[str]]:
        """The paths of a directory's files; those of S3 page by page.

        s3fs would keep every detail of every file in memory until the last page, and a million files take longer than
        the timeout of one call. So each page is a call of its own.
        """
        system = self._system
        if hasattr(system, "call_s3"):
            yield from self._pages_of_s3(system, directory)
            return
        try:
            yield system.find(directory, **call_options(system, is_listing=True))
        except FileNotFoundError:
            is_remote = self._directory is None and self._protocol != "memory"
            if is_remote and not system.exists(_bucket_of(self.url), **call_options(system)):
                self._absence = f"the bucket or container of {self.url} does not exist"

    def _pages_of_s3(self, system: AbstractFileSystem, directory: str) -> Iterator[list[str]]:
        bucket, prefix, _ = system.split_path(directory)
        query = {**system.req_kw, "Bucket": bucket, "Prefix": f"{prefix}/"}
        tokens: set[str] = set()
        while True:
            try:
                page = system.call_s3("list_objects_v2", **query, **call_options(system))
            except FileNotFoundError:  # a prefix always exists
                self._absence = f"the bucket of {self.url} does not exist"
                return
            except Exception as error:
                if not is_name_refused(error):
                    raise
                self._absence = f"the bucket of {self.url} has a name that the store does not allow"
                return
            yield [entry["Key"] for entry in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return
            token = page["NextContinuationToken"]
            if token in tokens:
                raise EndlessListingError
            tokens.add(token)
            query["ContinuationToken"] = token

    def _exists(self, kind: str, name: str) -> bool:
        system = self._system
        return bool(system.exists(self._path(kind, name), **call_options(system)))

    def _read(self, kind: str, name: str) -> bytes:
        system, path = self._system, self._path(kind, name)
        try:
            if self._directory is not None:
                return read_regular(self._local_path(path), MAX_FILE_BYTES)
            data = system.cat_file(path, start=0, end=MAX_FILE_BYTES, **call_options(system))
        except OSError as error:
            # EINVAL: S3's answer to a range of an empty file, or no regular file in a directory.
            if error.errno == errno.EINVAL or (error.errno == errno.EFBIG and self._directory is not None):
                return b""
            raise
        assert isinstance(data, bytes)
        return data

    def _write(self, path: str, data: bytes) -> None:
        system, directory = self._system, self._directory
        if directory is None:
            system.pipe_file(path, data, **call_options(system))
            return
        # Other stores show a file only when it is complete; fsspec's directories show it while it is written.
        target = self._local_path(path)
        directory.mkdir(exist_ok=True)  # but not the one above: that may be a disk which is not there now
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(target, data)

    def _local_path(self, path: str) -> Path:
        return Path(self._system._strip_protocol(path))  # noqa: SLF001 - fsspec has no public way

    def _each(self, call: Callable[[str], Done], names: Collection[str]) -> Iterator[tuple[str, Done]]:
        """Call a function with each name, several at once."""
        pool = BackgroundPool(TRANSFERS, "lightning-remote")
        return pool.map(lambda name: (name, call(name)), names)

    def _unless_failed(self, call: Callable[[], Done]) -> Done | Unread:
        """Try a call, unless the store has failed."""
        return Unread.FAILED if self.failure_reason is not None else self._try(call)

    def _try(self, call: Callable[[], Done]) -> Done | Unread:
        began = time.monotonic()
        try:
            return self._reading.call(call)
        except FileNotFoundError:
            return Unread.ABSENT
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self.read_failure_reason = describe_failure(error)
            # One file that is refused, or that fails, is no dead store.
            if not is_refusal(error) and not self._reading.has_succeeded_since(began):
                self._fail(self.read_failure_reason)
            return Unread.FAILED

    def _fail(self, reason: str | None) -> None:
        self.failure_reason = self.failure_reason or reason
        self._failed_at = time.monotonic()


def _remove_leftovers(directory: Path) -> None:
    """Delete what killed builds have left in a directory more than a day ago; what cannot be deleted stays."""
    with suppress(OSError):
        for path in directory.glob(".*.tmp"):
            if is_temporary_name(path.name) and path.stat().st_mtime < time.time() - _DAY:
                path.unlink()


def _bucket_of(url: str) -> str:
    protocol, _, path = url.partition("://")
    return f"{protocol}://{path.partition('/')[0]}"
