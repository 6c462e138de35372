"""What requests need, checked: the API key, the base URL, further fields, and the environment's proxy and certificates.

Apart from the modules that send requests, which take time to load.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from mkdocs_lightning.base.address import is_loopback
from mkdocs_lightning.base.errors import SettingError, listed, shown
from mkdocs_lightning.engines import API_KEY_VARIABLE

_HOST = re.compile(r"[A-Za-z0-9._:-]+")  # a name, or an IP address
_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")

ContentFilter: TypeAlias = Literal["reject", "flag"]
"""What the service does with a text that has words from its list."""


def checked_api_key(api_key: str | None) -> str | None:
    """The key without surrounding white space; None for an empty one.

    Raises:
        SettingError: It cannot be sent in a header. The message does not show it.
    """
    api_key = (api_key or "").strip()
    if not api_key:
        return None
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        raise SettingError("api_key", "the API key contains a space or a character that no key has; copy it again")
    return api_key


def no_key_reason(empty: str | None) -> str:
    """Why there is no key, and what to do.

    Args:
        empty: The option or variable that is set to nothing; None if neither is set.
    """
    if empty is None:
        return "there is no API key; set the environment variable SMALLEST_API_KEY"
    if empty == API_KEY_VARIABLE:
        return "there is no API key; the environment variable SMALLEST_API_KEY is set but empty"
    return f"there is no API key; {empty} is empty, and the environment variable SMALLEST_API_KEY is empty or not set"


def checked_base_url(base_url: str) -> str:
    """The URL without a slash at its end.

    Raises:
        SettingError: It is not a URL, or would send the key unprotected.
    """
    base_url = base_url.strip()
    try:
        parts = urlsplit(base_url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.port == 0)
        is_host = bool(_HOST.fullmatch((parts.hostname or "").encode("idna").decode()))
    except ValueError:  # the port or the host is malformed
        is_safe = is_plain = is_host = False
    is_one_word = base_url.isprintable() and " " not in base_url  # `urlsplit` drops line breaks
    if not (is_safe and is_plain and is_host and is_one_word):
        # A password before the @ must not be logged, nor a key after the ? or the #.
        harmless = re.split("[?#]", base_url.rpartition("@")[2])[0]
        words = f"{harmless!r} is not an https URL (plain http is allowed only for this machine)"
        raise SettingError("base_url", words)
    return base_url.rstrip("/")


def environment_error(base_url: str) -> str | None:
    """Why the environment's proxy or certificates cannot be used for https; None if they can. Names the variable.

    Sends nothing. The value of a variable is not shown, as the address of a proxy may contain a password.
    """
    return _key_log_error() or _certificates_error() or _proxy_error(base_url)


def proxy_variable() -> str | None:
    """The environment variable that names the proxy for https; None if there is none."""
    return _first_set("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def certificates_variable() -> str | None:
    """The environment variable that names the certificates; None if there is none."""
    return _first_set("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def _first_set(*names: str) -> str | None:
    return next((name for name in names if os.environ.get(name)), None)


def _check_is_no_pipe(file: str) -> None:
    """Raise an OSError for a pipe: to open it waits for a program at its other end, and there may never be one."""
    if Path(file).is_fifo():
        raise OSError("it is a pipe")


def _key_log_error() -> str | None:
    """Why the file for the keys of TLS, which programs that watch the network read, cannot be written."""
    import ssl

    name = "SSLKEYLOGFILE"
    if not os.environ.get(name):
        return None
    try:
        _check_is_no_pipe(os.environ[name])
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = os.environ[name]
    except (OSError, ValueError) as error:
        return f"the file that the environment variable {name} names cannot be written; correct or unset it: {error}"
    return None


def _certificates_error() -> str | None:
    import ssl

    name = certificates_variable()
    if name is None or Path(os.environ[name]).is_dir():
        return None
    try:
        _check_is_no_pipe(os.environ[name])
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=os.environ[name])
    except (OSError, ValueError) as error:
        return (
            f"the certificates that the environment variable {name} names cannot be read; correct or unset it: {error}"
        )
    return None


def _proxy_error(base_url: str) -> str | None:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.utils import get_environ_proxies

    try:
        request = requests.Request("POST", base_url).prepare()
        HTTPAdapter().get_connection_with_tls_context(request, verify=True, proxies=get_environ_proxies(base_url))
    except requests.exceptions.InvalidSchema:
        advice = 'SOCKS needs the package PySocks: pip install "requests[socks]"'
    except (requests.RequestException, ValueError):
        advice = "correct or unset it"
    else:
        return None
    name = proxy_variable()
    if name is None:
        return f"the proxy that this system's settings name cannot be used: {advice}"
    return f"the proxy that the environment variable {name} names cannot be used: {advice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtras:
    """Fields of a request besides the text and the voice; none of them changes the audio.

    Attributes:
        session_id: Echoed by the service; up to 128 letters, digits, `_`, `-`, `.`.
        request_id: Likewise.
        save_history: Whether the request is saved in the account's history.
        content_filter: `reject` refuses texts with words from the service's list, `flag` only records them.
        expire_content: For Enterprise accounts: ask the service to delete the content.
        source: Identifies the caller to the service; printable ASCII.

    Raises:
        SettingError: A field has a value of another kind, or with characters that are not allowed.
    """

    session_id: str | None = None
    request_id: str | None = None
    save_history: bool = False
    content_filter: ContentFilter | None = None
    expire_content: bool = False
    source: str = "mkdocs-lightning"

    def __post_init__(self) -> None:
        _check_id("session_id", self.session_id)
        _check_id("request_id", self.request_id)
        _check_flag("save_history", self.save_history)
        _check_flag("expire_content", self.expire_content)
        _check_content_filter(self.content_filter)
        _check_source(self.source)

    def headers(self) -> dict[str, str]:
        """Those that are sent as headers."""
        return {"X-Source": self.source, **({"x-expire-content": "true"} if self.expire_content else {})}

    def fields(self) -> dict[str, object]:
        """Those that are sent in the body."""
        content_filter = {"enabled": True, "action": self.content_filter} if self.content_filter else None
        fields = {
            "session_id": self.session_id,
            "request_id": self.request_id,
            "save_history": self.save_history or None,
            "content_filter": content_filter,
        }
        return {name: value for name, value in fields.items() if value is not None}


def _check_id(name: str, value: object) -> None:
    if value is not None and not (isinstance(value, str) and _ID.fullmatch(value)):
        message = f"{name}: {shown(value)} is not an id: up to 128 letters, digits, '_', '-' and '.'"
        raise SettingError(name, message)


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise SettingError(name, f"{name}: {shown(value)} is neither True nor False")


def _check_content_filter(value: object) -> None:
    if value is not None and value not in get_args(ContentFilter):
        message = f"content_filter: {shown(value)} is not one of {listed(get_args(ContentFilter))}"
        raise SettingError("content_filter", message)


def _check_source(value: object) -> None:
    if not (isinstance(value, str) and value.isascii() and value.isprintable()):
        message = f"source: {shown(value)} cannot be sent in a header: only printable ASCII can"
        raise SettingError("source", message)
