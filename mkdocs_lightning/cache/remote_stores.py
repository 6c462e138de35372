"""What differs between remote stores: their addresses, the packages that reach them, the options those need."""

from __future__ import annotations

import errno
import os
import unicodedata
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mkdocs_lightning.base.address import is_loopback
from mkdocs_lightning.base.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fsspec import AbstractFileSystem


TIMEOUT = 20.0
"""Seconds for one call, where the store's library supports timeouts."""

MAX_FILE_BYTES = 32 * 2**20
"""The largest file that is read or written: an hour of MP3. A longer clip is built from its segments."""

LISTING_SECONDS = 300.0
"""Seconds that all listings of one build may take."""

_TRIES = 2  # of each call, in each layer of s3fs


class EndlessListingError(Exception):
    """A store lists more than it can have, or the same again and again."""


_FAILURES = {
    errno.EFBIG: f"it sends more than the {MAX_FILE_BYTES / 2**20:.0f} MB that a file may have",
    errno.EXDEV: "it redirects to an address that is not https",
    errno.ENOSPC: "its disk is full",
    errno.EDQUOT: "the quota on its disk is used up",
    errno.EROFS: "it is read-only",
}
_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (FileNotFoundError, "there is no such bucket or directory"),
    (TimeoutError, "it did not answer within {timeout:.0f} s"),
    (EndlessListingError, "its listing never ends"),
    (ValueError, "its library cannot use this address ({name})"),
    (ImportError, "its library cannot use this address ({name})"),
)
_IMPOSSIBLE = frozenset(
    [errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.ENOSYS, errno.EOPNOTSUPP]
)  # of a new directory, below one that exists
_REFUSALS = frozenset([errno.EROFS, errno.EACCES, errno.EPERM])

_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "http": "aiohttp", "https": "aiohttp",
}  # fmt: skip


class RemoteMode(StrEnum):
    """What a build may do with the store."""

    AUTO = "auto"
    """Read, and write for as long as the store allows it."""
    READ = "read"
    WRITE = "write"
    """Read and write, and warn where writing is not allowed."""


def checked_url(url: str, mode: RemoteMode) -> str:
    """An address in its normal form, without a slash at its end.

    Raises:
        SettingError: It is malformed, holds credentials, or names a store that this machine cannot use in this mode.
    """
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        has_secret = bool(parts.password or parts.query or parts.fragment)
        host = parts.hostname or ""
    except ValueError:
        raise SettingError("remote_cache", "this is not an address, such as s3://bucket/directory") from None
    protocol = protocol_of(url)
    if has_secret or (parts.username and protocol in {"http", "https", "s3"}):
        raise SettingError(
            "remote_cache",
            "an address is written to files and logs: remove what follows '?' and the name before '@', "
            "and give credentials in the environment",
        )
    is_text = not any(unicodedata.category(character) in {"Cc", "Cs"} for character in url)
    if not protocol or not (host or parts.path.strip("/")) or not is_text or " " in host:
        raise SettingError("remote_cache", f"{url!r} is not an address, such as s3://bucket/directory")
    if protocol == "http" and not is_loopback(host):
        raise SettingError("remote_cache", f"{url!r} is not https (plain http is allowed only for this machine)")
    if protocol in {"http", "https"} and mode is RemoteMode.WRITE:
        raise SettingError("remote_cache_mode", f"{url!r} can only be read: set it to 'auto' or 'read'")
    _check_installed(protocol)
    return url


def protocol_of(url: str) -> str:
    """The protocol of an address in lower case; empty if it has none."""
    protocol, separator, _ = url.partition("://")
    return protocol.lower() if separator else ""


def open_file_system(url: str) -> AbstractFileSystem:
    """The file system of fsspec for an address, with the options that its library needs."""
    import fsspec

    options = _OPTIONS.get(_PACKAGES.get(protocol_of(url), ""), dict)()
    # fsspec's own listings cache is off: other machines write to the store, and `Remote` caches what it needs.
    file_system, _ = fsspec.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **options)
    # Each of s3fs's default tries has five tries inside: a dead server would hold up a build for minutes.
    file_system.retries = _TRIES
    return file_system


def call_options(file_system: AbstractFileSystem, *, is_listing: bool = False) -> dict[str, float]:
    """The keyword arguments of every call: a timeout, for the file systems that know one."""
    timeout = LISTING_SECONDS if is_listing else TIMEOUT
    return {"timeout": timeout} if file_system.async_impl else {}


def describe_failure(error: Exception) -> str:
    """What failed, without the library's own message: that may hold an address with a token."""
    if isinstance(error, OSError) and error.errno in _FAILURES:
        return _FAILURES[error.errno]
    if is_refusal(error):
        return "access is denied; check the credentials"
    if _is_about_credentials(error):
        return f"there are no credentials for it ({type(error).__name__})"
    words = (words for kind, words in _KINDS if isinstance(error, kind))
    return next(words, "it cannot be reached, or failed ({name})").format(name=type(error).__name__, timeout=TIMEOUT)


def is_refusal(error: Exception) -> bool:
    """Whether the store may not be used in this way, which is a no, and no failure."""
    return isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno in _REFUSALS)


def is_lasting(error: Exception) -> bool:
    """Whether a call that failed will fail again."""
    if isinstance(error, OSError):
        is_known = error.errno in _FAILURES
        return is_known or is_refusal(error) or isinstance(error, FileNotFoundError | FileExistsError)
    return isinstance(error, ValueError | ImportError | EndlessListingError) or _is_about_credentials(error)


def is_name_refused(error: Exception) -> bool:
    """Whether there can be no bucket of this name: so says S3, or its library before it asks."""
    response = getattr(error.__cause__, "response", None)  # s3fs keeps botocore's error there
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return code == "InvalidBucketName" or type(error).__name__ == "ParamValidationError"


def unusable_reason(directory: Path, folder: str) -> str | None:
    """Why there can be no files in a directory; None if there can, also if they may not be stored, or have no room now.

    Some directories take nothing, whatever their permissions say, such as /proc. Leaves no trace.

    Args:
        directory: Need not exist; the one above it does.
        folder: The name of the first directory that a store makes below it.
    """
    try:
        missing = next((path for path in (directory, directory / folder) if not path.is_dir()), None)
        if missing is None:
            return None
        if missing.exists():
            return f"{missing} is not a directory"
        missing.mkdir()
    except FileExistsError:  # another build has just made it
        return None
    except OSError as error:
        return error.strerror if error.errno in _IMPOSSIBLE else None
    with suppress(OSError):  # another build is already using it
        missing.rmdir()
    return None


def _is_about_credentials(error: Exception) -> bool:
    """As each library has a class of its own for missing ones."""
    name = type(error).__name__
    return "Credential" in name or name == "ProfileNotFound"


def _check_installed(protocol: str) -> None:
    """Report a missing package early, without importing the large ones.

    Raises:
        SettingError: The package is not installed, or fsspec does not know the protocol.
    """
    for package in ("fsspec", _PACKAGES.get(protocol, "fsspec")):
        if find_spec(package) is None:
            raise SettingError(
                "remote_cache",
                f"{protocol}:// needs the package {package}: pip install 'mkdocs-lightning[remote]' {package}",
            )
    if protocol in {*_PACKAGES, "file", "memory"}:
        return
    from fsspec import get_filesystem_class

    try:
        get_filesystem_class(protocol)
    except ValueError:
        raise SettingError("remote_cache", f"fsspec does not support {protocol}://") from None
    except ImportError as error:
        raise SettingError("remote_cache", f"{protocol}:// needs a package that is not installed: {error}") from None


def _s3_options() -> dict[str, object]:
    """Options of s3fs: timeouts, and a faster parser for dates.

    botocore parses dates with dateutil, which takes four fifths of the time of a listing. All dates of S3 have one
    form, which the standard library reads.
    """
    from aiobotocore.session import AioSession
    from botocore.utils import parse_timestamp

    def parse(value: object) -> object:
        if isinstance(value, str) and value.endswith("Z"):
            with suppress(ValueError):
                return datetime.fromisoformat(value)
        return parse_timestamp(value)

    session = AioSession()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse)
    return {
        "session": session,
        "config_kwargs": {"connect_timeout": 5, "read_timeout": TIMEOUT, "retries": {"max_attempts": 0}},
        "max_concurrency": 1,  # per file: with more, s3fs first asks for the size of each file
    }


def _http_options() -> dict[str, object]:
    """Options of aiohttp, which bound what a server may send: endless data, or a megabyte that unpacks to a gigabyte.

    fsspec reads a response to its end, even when its caller no longer waits, and only then looks at the status.
    """
    import aiohttp

    class BoundedResponse(aiohttp.ClientResponse):
        """A response that fails when its body is larger than `MAX_FILE_BYTES`."""

        async def read(self) -> bytes:
            content = bytearray()
            async for piece in self.content.iter_any():
                content += piece
                if len(content) > MAX_FILE_BYTES:
                    self.close()
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            return bytes(content)

    async def check_final_url(response: aiohttp.ClientResponse) -> None:
        """Apply the rule for addresses to the end of a chain of redirects, too."""
        if response.url.scheme != "https" and not is_loopback(response.url.host or ""):
            response.close()
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    client = {
        "response_class": BoundedResponse,
        "raise_for_status": check_final_url,
        "auto_decompress": False,
        "headers": {"Accept-Encoding": "identity"},
        "timeout": aiohttp.ClientTimeout(total=TIMEOUT),
    }
    return {"client_kwargs": client}


_OPTIONS: dict[str, Callable[[], dict[str, object]]] = {"s3fs": _s3_options, "aiohttp": _http_options}  # by package
