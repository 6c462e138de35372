"""Sends requests to the service: one pool of connections to one host, so that the key goes nowhere else.

It follows no redirect, takes no credentials from ~/.netrc, and lets no slow reply exceed the timeout.
"""

from __future__ import annotations

import io
import ssl
import time
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, SSLError

from mkdocs_lightning.engines import TransientError
from mkdocs_lightning.engines.lightning_reply import HIDDEN, Reply, read_body

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

_CONNECT_SECONDS = 10.0


class Transport:
    """Connections to one address, with one key. Thread-safe.

    Args:
        base_url: As `checked_base_url` returned it.
        api_key: As `checked_api_key` returned it.
        timeout: Seconds from the last byte of the request to the last byte of the reply.
        connections: Number of connections to keep open.
    """

    def __init__(self, base_url: str, api_key: str, timeout: float, connections: int) -> None:
        self._path = urlsplit(base_url).path
        self._api_key = api_key
        self._timeout = Timeout(connect=min(timeout, _CONNECT_SECONDS), read=timeout)
        self._pool = _make_pool(base_url, connections)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: str | None, max_bytes: int) -> Reply:
        """Send one request, and read its reply.

        Args:
            method: `GET` or `POST`.
            path: Below the base URL.
            headers: Without the key's, which is added.
            body: JSON.
            max_bytes: Maximum size of the reply's body.

        Raises:
            TransientError: There was no reply, or it was larger.
        """
        try:
            with self._pool.urlopen(
                method,
                self._path + path,
                body=body,
                headers={**headers, "Authorization": f"Bearer {self._api_key}"},
                retries=False,
                redirect=False,
                timeout=self._timeout,
                preload_content=False,
            ) as response:
                return Reply(response.status, response.headers, read_body(response, max_bytes), self._api_key)
        except HTTPError as error:
            # `from None`, as the cause may show what the service sent, and that may contain the key.
            raise TransientError(_connection_message(error).replace(self._api_key, HIDDEN)) from None

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def _make_pool(base_url: str, connections: int) -> HTTPConnectionPool:
    """Make a pool for any number of threads, which keeps the given number of connections open.

    It uses the environment's proxy and certificates, as requests does; but no proxy for plain http, which only goes to
    this machine. Requests are sent straight to the pool: with many at once, the work that requests does on each
    (cookies, redirects, hooks) would take more time than anything else here.
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
    """Make one context for all connections, as loading the certificates takes longer than connecting."""
    path = Path(bundle if isinstance(bundle, str) else DEFAULT_CA_BUNDLE_PATH)
    return ssl.create_default_context(capath=path) if path.is_dir() else ssl.create_default_context(cafile=path)


class _PromptReader(io.RawIOBase):
    """Reads from a socket within its timeout, which limits the sum of all reads instead of each single one."""

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
    """A reply whose head and body together are read within the read timeout, however slowly the bytes arrive."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as http.client has it
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_PromptReader(self.fp.detach(), sock))

    def begin(self) -> None:
        """Read the head, and refuse malformed headers: urllib3 would log them, and with them perhaps the key."""
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
    """The adapter of requests, with connections whose replies keep to the timeout."""

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


def _connection_message(error: HTTPError) -> str:
    """What went wrong with a connection, and what to do about it."""
    causes = list(_causes(error))
    cause = causes[-1]
    if isinstance(cause, TimeoutError):
        return "the service did not answer in time; see timeout"
    if any(isinstance(each, IncompleteRead) for each in causes):
        return "the service's reply was cut short"
    if isinstance(error, SSLError):
        return f"the connection to the service is not secure: {cause}"
    return f"the connection to the service failed, check the network and base_url: {cause}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes; the last one has the system's message, unwrapped."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
