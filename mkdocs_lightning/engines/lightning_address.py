"""Checks of the API key and the base URL, apart from the modules that send requests, which take time to load."""

from __future__ import annotations

from urllib.parse import urlsplit

from mkdocs_lightning.base.address import is_loopback
from mkdocs_lightning.base.errors import SettingError


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
    except ValueError:  # the port or the host is malformed
        is_safe = is_plain = False
    if not is_safe or not is_plain or not parts.hostname:
        shown = base_url.rpartition("@")[2]  # a password before the @ must not be logged
        raise SettingError("base_url", f"{shown!r} is not an https URL (plain http is for this machine itself only)")
    return base_url.rstrip("/")
