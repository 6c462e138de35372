"""How requests reach the service: one pool of connections to one host, so that the key goes nowhere else.

Nothing here follows a redirect, finds another key in ~/.netrc, or lets a slow answer outlast its timeout.
"""

from __future__ import annotations

import io
import ipaddress
import ssl
import time
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from mkdocs_lightning.errors import SettingError

if TYPE_CHECKING:
    import socket


def make_pool(base_url: str, connections: int) -> HTTPConnectionPool:
    """A pool for any number of threads, which keeps so many connections open.

    It takes the environment's proxy and certificates, as requests does; but plain http goes to this machine itself,
    and so by no proxy. What is sent goes straight to the pool: with many requests at once, requests' own work on
    each, all of it about what we do without, takes more time than anything else here.
    """
    session = requests.Session()
    session.trust_env = urlsplit(base_url).scheme == "https"
    settings = session.merge_environment_settings(base_url, {}, stream=None, verify=None, cert=None)
    context = _make_context(settings["verify"]) if session.trust_env else None
    request = requests.Request("POST", base_url).prepare()
    adapter = _PromptAdapter(connections, context)
    pool = adapter.get_connection_with_tls_context(request, verify=True, proxies=settings["proxies"])
    assert isinstance(pool, HTTPConnectionPool)
    return pool


def _make_context(bundle: object) -> ssl.SSLContext:
    """One for all connections: to load the certificates takes longer than to connect."""
    path = Path(bundle if isinstance(bundle, str) else DEFAULT_CA_BUNDLE_PATH)
    return ssl.create_default_context(capath=path) if path.is_dir() else ssl.create_default_context(cafile=path)


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
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.port == 0)
    except ValueError:  # no port, or no address
        is_safe = is_plain = False
    if not is_safe or not is_plain or not parts.hostname:
        shown = base_url.rpartition("@")[2]  # what may stand before it is not for a log
        raise SettingError("base_url", f"{shown!r} is not an https URL (plain http is for this machine itself only)")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _PromptReader(io.RawIOBase):
    """Reads from a socket until its timeout is over: in all, where the socket itself allows that for each read."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._ends_at = time.monotonic() + (sock.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any buffer, as io has it
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PromptResponse(HTTPResponse):
    """An answer whose head and body together are read within the read timeout: a drip cannot hold it up."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as http.client has it
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_PromptReader(self.fp.detach(), sock))

    def begin(self) -> None:
        """Read the head, and refuse one with lines that are no headers: urllib3 would log them, key and all."""
        super().begin()
        if self.msg.defects or self.msg.get_payload():
            raise HTTPException("damaged headers")


class _HttpConnection(HTTPConnection):
    response_class = _PromptResponse


class _HttpsConnection(HTTPSConnection):
    response_class = _PromptResponse


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class _PromptAdapter(HTTPAdapter):
    """requests' own adapter, with connections whose answers keep to the timeout."""

    def __init__(self, connections: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        _use_prompt_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:  # noqa: ANN401 - as requests has it
        manager: ProxyManager = super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)
        _use_prompt_pools(manager)
        return manager


def _use_prompt_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
