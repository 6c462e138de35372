"""A store of files that many machines share: whatever fsspec reaches, such as S3, behind four verbs.

It may be slow, down, full, or give back nonsense. Nothing here raises for that: what did not work is told as a
`trouble`, and a store that fails several times in a row is left alone. What came is bytes: whoever asked proves it.

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
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from mkdocs_lightning.base.address import is_loopback
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.file_system import patiently
from mkdocs_lightning.base.interruptible import next_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from fsspec import AbstractFileSystem

TRANSFERS = 16
"""At once."""

SHARDS = "0123456789abcdef"
"""The directories that the files of one kind are spread over, by the first digit of their names."""

_TIMEOUT = 20.0  # seconds for one file, where the library has timeouts
_LISTING_TIMEOUT = 300.0  # seconds for all files of a directory, where they cannot be asked for by the page
_GIVE_UP_AFTER = 3  # failures in a row
_TRIES = 2  # of each call, in each layer of s3fs
_MOST_BYTES = 32 * 2**20  # of one file: an hour of MP3; whatever is longer is put together from its segments
_REFUSED = {
    errno.EFBIG: f"it sends more than the {_MOST_BYTES / 2**20:.0f} MB that a file may have",
    errno.EXDEV: "it redirects to an address that is not https",
}
_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "http": "aiohttp", "https": "aiohttp",
}  # fmt: skip

Done = TypeVar("Done")


class RemoteMode(StrEnum):
    """What a build may do with the store."""

    AUTO = "auto"
    """Read; write as long as it is allowed to."""
    READ = "read"
    WRITE = "write"
    """Read and write, and warn where it may not."""


class Remote:
    """The store at one address; safe to use from several threads.

    Args:
        url: Such as `s3://bucket/directory`.
        mode: What may be done with it.

    Attributes:
        url: Without a slash at its end.
        trouble: Why it is not read any more; None while it is.
        write_trouble: Why it is not written any more; None while it is, and where nobody minds.

    Raises:
        SettingError: The address cannot be used.
    """

    def __init__(self, url: str, mode: RemoteMode = RemoteMode.AUTO) -> None:
        self.url = _checked_url(url, mode)
        self.trouble: str | None = None
        self.write_trouble: str | None = None
        self._mode = mode
        self._protocol = _protocol_of(self.url)
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
    def minds(self) -> bool:
        """Whether it matters that something was not stored: not where a build may only read, as forks do."""
        return self._may_write or self.write_trouble is not None

    @property
    def may_write(self) -> bool:
        """Whether there is any use in trying."""
        return self._may_write and self.trouble is None and self.write_trouble is None

    def names(self, kind: str, shards: Iterable[str]) -> frozenset[str] | None:
        """What there was of some kind when it was first asked for, and was written since; None if nobody can say.

        A part of it that cannot be listed is tried again: what is taken for missing is paid for. After too many tries
        there is a `trouble`.

        Args:
            kind: A directory, such as `segments`.
            shards: Those of `SHARDS` that are of interest.
        """
        if not self._can_list:
            return None
        shards = set(shards)
        waiting = {shard for shard in shards if (kind, shard) not in self._listings}
        while waiting and self.trouble is None:
            for shard, names in self._each(lambda shard: self._list(kind, shard), sorted(waiting)):
                if names is not None:
                    waiting.discard(shard)
                    self._listings[kind, shard] = set(names)
        return frozenset().union(*(self._listings[kind, shard] for shard in shards - waiting))

    def existing(self, kind: str, names: Collection[str]) -> Iterator[str]:
        """Which of some files there are, for a store that cannot list; nothing is transferred."""
        found = self._each(lambda name: bool(self._system.exists(self._path(kind, name), **self._patience)), names)
        yield from (name for name, is_there in found if is_there)

    def read(self, kind: str, names: Collection[str]) -> Iterator[tuple[str, bytes | None]]:
        """Files' bytes, as they come; None for one that is not there, or could not be had."""
        yield from self._each(lambda name: self._read(kind, name), names)

    def write(self, kind: str, name: str, data: bytes) -> bool:
        """Store a file, in place of one that is there; whether that is done. What is too large is nobody's."""
        if not self.may_write:
            return False
        if len(data) > _MOST_BYTES:
            return True
        try:
            self._write(self._path(kind, name), data)
        except PermissionError as error:
            self._may_write = False
            if self._mode is RemoteMode.WRITE:
                self.write_trouble = _words(error)
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self._write_failures += 1
            if self._write_failures >= _GIVE_UP_AFTER:
                self.write_trouble = _words(error)
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
                import fsspec  # noqa: PLC0415 - takes a while, and a build that has all of its files needs none of it

                options = _OPTIONS.get(_PACKAGES.get(self._protocol, ""), dict)()
                # What it remembers of its listings is of no use: others write there, and we remember what we need.
                system, _ = fsspec.url_to_fs(self.url, use_listings_cache=False, skip_instance_cache=True, **options)
                # s3fs's tries, each with five further tries within, would hold a build for minutes where nobody is.
                system.retries = _TRIES
                self._file_system = system
            return self._file_system

    @property
    def _patience(self) -> dict[str, float]:
        """What each call is told: fsspec's own wait, for the file systems that work in the background."""
        return {"timeout": _TIMEOUT} if self._system.async_impl else {}

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
            yield system.find(directory, **({"timeout": _LISTING_TIMEOUT} if system.async_impl else {}))
            return
        bucket, prefix, _ = system.split_path(directory)
        query = {**system.req_kw, "Bucket": bucket, "Prefix": f"{prefix}/"}
        while True:
            page = system.call_s3("list_objects_v2", **query, **self._patience)
            yield [entry["Key"] for entry in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return
            query["ContinuationToken"] = page["NextContinuationToken"]

    def _read(self, kind: str, name: str) -> bytes:
        try:
            data = self._system.cat_file(self._path(kind, name), start=0, end=_MOST_BYTES, **self._patience)
        except OSError as error:
            if error.errno == errno.EINVAL:  # an empty file, of which S3 has no first byte to give
                return b""
            raise
        assert isinstance(data, bytes)
        return data

    def _write(self, path: str, data: bytes) -> None:
        system = self._system
        if self._protocol != "file":
            system.pipe_file(path, data, **self._patience)
            return
        # Every other store shows a file when all of it is there; a directory has to be helped.
        path = system._strip_protocol(path)  # noqa: SLF001 - its `mv` does not replace a file on Windows, but writes over it
        temporary = f"{path}.{uuid.uuid4().hex}.tmp"  # several machines may write the same
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        system.pipe_file(temporary, data)
        patiently(lambda: os.replace(temporary, path), is_change=True)  # noqa: PTH105 - as text, as fsspec has it

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
                ended = next_of(done)
                room.release()
                yield ended
        finally:
            waiting.clear()
            room.release(TRANSFERS)  # so that all see that nothing is left

    def _try(self, do: Callable[[str], Done], name: str) -> Done | None:
        if self.trouble is not None:
            return None
        try:
            value = do(name)
        except FileNotFoundError:
            value = None
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            self._failures += 1
            if self._failures >= _GIVE_UP_AFTER:
                self.trouble = _words(error)
            return None
        self._failures = 0
        return value


def _checked_url(url: str, mode: RemoteMode) -> str:
    """An address without credentials, of a kind that can be reached here.

    Raises:
        SettingError: It is none.
    """
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        has_secret = bool(parts.password or parts.query or parts.fragment)
        host = parts.hostname or ""
    except ValueError:
        raise SettingError("remote_cache", "this is not an address, such as s3://bucket/directory") from None
    protocol = _protocol_of(url)
    if has_secret or (parts.username and protocol in {"http", "https", "s3"}):
        raise SettingError(
            "remote_cache",
            "an address is stored in files and logs: take what follows '?', and the name before '@', from it, "
            "and give credentials by the environment",
        )
    if not protocol or not (host or parts.path.strip("/")):
        raise SettingError("remote_cache", f"{url!r} is not an address, such as s3://bucket/directory")
    if protocol == "http" and not is_loopback(host):
        raise SettingError("remote_cache", f"{url!r} is not https (plain http is for this machine itself only)")
    if protocol in {"http", "https"} and mode is RemoteMode.WRITE:
        raise SettingError("remote_cache_mode", f"{url!r} can only be read: set it to 'auto' or 'read'")
    _check_installed(protocol)
    return url


def _check_installed(protocol: str) -> None:
    """Find out early what is missing; the packages that most stores need are not loaded for that.

    Raises:
        SettingError: It is not there, or nobody knows such a store.
    """
    for package in ("fsspec", _PACKAGES.get(protocol, "fsspec")):
        if find_spec(package) is None:
            raise SettingError(
                "remote_cache",
                f"{protocol}:// needs the package {package}: pip install 'mkdocs-lightning[remote]' {package}",
            )
    if protocol in {*_PACKAGES, "file", "memory"}:
        return
    from fsspec import get_filesystem_class  # noqa: PLC0415 - as below

    try:
        get_filesystem_class(protocol)
    except ValueError:
        raise SettingError("remote_cache", f"{protocol}:// is no store that fsspec knows") from None
    except ImportError as error:
        raise SettingError("remote_cache", f"{protocol}:// needs a package that is not here: {error}") from None


def _s3_options() -> dict[str, object]:
    """What s3fs is told: how long to wait, and to have dates read by the standard library.

    botocore leaves dates to dateutil. That is four fifths of the time that a listing takes, for nothing: all have one
    form, and nobody looks at them.
    """
    from aiobotocore.session import AioSession  # noqa: PLC0415 - as with fsspec
    from botocore.utils import parse_timestamp  # noqa: PLC0415 - likewise

    def parse(value: object) -> object:
        if isinstance(value, str) and value.endswith("Z"):
            with suppress(ValueError):
                return datetime.fromisoformat(value)
        return parse_timestamp(value)

    session = AioSession()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse)
    return {
        "session": session,
        "config_kwargs": {"connect_timeout": 5, "read_timeout": _TIMEOUT, "retries": {"max_attempts": 0}},
        "max_concurrency": 1,  # of one file; for more it would ask for each file's size first
    }


def _http_options() -> dict[str, object]:
    """What aiohttp is told. A server sends what it likes: for ever, or packed so that a megabyte becomes a gigabyte.

    fsspec reads an answer to its end, goes on with that when nobody waits any more, and then looks at the status.
    """
    import aiohttp  # noqa: PLC0415 - as with fsspec

    class Bounded(aiohttp.ClientResponse):
        """An answer of which no more is read than a file may have."""

        async def read(self) -> bytes:
            content = bytearray()
            async for piece in self.content.iter_any():
                content += piece
                if len(content) > _MOST_BYTES:
                    self.close()
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            return bytes(content)

    async def check_place(answer: aiohttp.ClientResponse) -> None:
        """Whether redirects have led to where an address may lead, too."""
        if answer.url.scheme != "https" and not is_loopback(answer.url.host or ""):
            answer.close()
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    client = {
        "response_class": Bounded,
        "raise_for_status": check_place,
        "auto_decompress": False,
        "headers": {"Accept-Encoding": "identity"},
        "timeout": aiohttp.ClientTimeout(total=_TIMEOUT),
    }
    return {"client_kwargs": client}


_OPTIONS: dict[str, Callable[[], dict[str, object]]] = {"s3fs": _s3_options, "aiohttp": _http_options}
"""What a store's library is told, by its package."""


def _protocol_of(url: str) -> str:
    protocol, separator, _ = url.partition("://")
    return protocol.lower() if separator else ""


def _words(error: Exception) -> str:
    """What went wrong, without the library's own words: they may hold an address with a token."""
    if isinstance(error, PermissionError):
        return "it does not let this build in; check its credentials"
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket or directory"
    if isinstance(error, TimeoutError):
        return f"it did not answer within {_TIMEOUT:.0f} s"
    if isinstance(error, OSError) and error.errno in _REFUSED:
        return _REFUSED[error.errno]
    if isinstance(error, ValueError | ImportError):
        return f"its library cannot use this address ({type(error).__name__})"
    return f"it cannot be reached, or failed ({type(error).__name__})"
