"""What differs between stores: their addresses, the packages that reach them, the options that those need."""

from __future__ import annotations

import errno
import os
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


_TIMEOUT = 20.0  # seconds for one file, where the library has timeouts

_MOST_BYTES = 32 * 2**20  # of one file: an hour of MP3; whatever is longer is put together from its segments

_REFUSED = {
    errno.EFBIG: f"it sends more than the {_MOST_BYTES / 2**20:.0f} MB that a file may have",
    errno.EXDEV: "it redirects to an address that is not https",
}

_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "http": "aiohttp", "https": "aiohttp",
}  # fmt: skip


class RemoteMode(StrEnum):
    """What a build may do with the store."""

    AUTO = "auto"
    """Read; write as long as it is allowed to."""
    READ = "read"
    WRITE = "write"
    """Read and write, and warn where it may not."""


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
    from fsspec import get_filesystem_class

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
        "config_kwargs": {"connect_timeout": 5, "read_timeout": _TIMEOUT, "retries": {"max_attempts": 0}},
        "max_concurrency": 1,  # of one file; for more it would ask for each file's size first
    }


def _http_options() -> dict[str, object]:
    """What aiohttp is told. A server sends what it likes: for ever, or packed so that a megabyte becomes a gigabyte.

    fsspec reads an answer to its end, goes on with that when nobody waits any more, and then looks at the status.
    """
    import aiohttp

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
