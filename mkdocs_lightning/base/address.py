"""Addresses: of this machine itself, and in ASCII."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote

_INDEX = "index.html"
_URI = "%:/?#[]@!$&'()*+,;="
"""Characters that stay in a URL besides letters, digits and -._~ (RFC 3986, 2.2), and % of what is encoded already."""


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address means this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ascii_url(url: str) -> str:
    """A URL in ASCII (RFC 3987, 3.1). What is encoded already stays as it is."""
    return quote(url, safe=_URI)


def without_index(path: str) -> str:
    """A page's path as addresses have it: that of its folder if its file is the folder's `index.html`."""
    return path.removesuffix(_INDEX) if f"/{path}".endswith(f"/{_INDEX}") else path


def as_base(url: str) -> str:
    """An address to which relative ones can be joined: with a slash at its end; empty if it is."""
    return f"{url.rstrip('/')}/" if url else ""
