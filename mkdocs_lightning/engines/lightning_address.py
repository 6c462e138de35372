"""Where requests may go, and with which key: checked before anything is loaded that could send one."""

from __future__ import annotations

from urllib.parse import urlsplit

from mkdocs_lightning.base.address import is_loopback
from mkdocs_lightning.base.errors import SettingError


def checked_api_key(api_key: str | None) -> str | None:
    """A key that can stand in a header, None for an empty one; the message never shows it.

    Raises:
        SettingError: No header can hold it.
    """
    api_key = (api_key or "").strip()
    if not api_key:
        return None
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        raise SettingError("api_key", "the API key holds a space or a character that no key has; copy it again")
    return api_key


def checked_base_url(base_url: str) -> str:
    """A URL that protects the key, without the slash at its end.

    Raises:
        SettingError: It does not, or is none.
    """
    base_url = base_url.strip()
    try:
        parts = urlsplit(base_url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.port == 0)
    except ValueError:  # no port, or no address
        is_safe = is_plain = False
    if not is_safe or not is_plain or not parts.hostname:
        shown = base_url.rpartition("@")[2]  # what may stand before it is not for a log
        raise SettingError("base_url", f"{shown!r} is not an https URL (plain http is for this machine itself only)")
    return base_url.rstrip("/")
