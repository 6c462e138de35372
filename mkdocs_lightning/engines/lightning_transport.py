"""Sends requests to the service with one session of requests, which has the key for this one address.

Three things are more than requests does by itself, and each keeps a promise:

- `_PromptResponse` reads head and body within one timeout. The timeout of requests is for each single read, so a head
  that comes a letter at a time, or `100 Continue` without end, would last for ever.
- It also skips interim replies, and refuses malformed headers, which urllib3 would write into its log, and with them
  perhaps the key.
- `_Session` takes no reply for a redirect. Even where redirects are not allowed, requests prepares the next request,
  and for that reads the whole body of this reply, however long.
"""

from __future__ import annotations

import io
import time
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectTimeout, ProxyError, RequestException, SSLError
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from mkdocs_lightning.engines import DefectError, EngineError, EngineStoppedError, TransientError
from mkdocs_lightning.engines.lightning_reply import Reply, quotable, read_body
from mkdocs_lightning.engines.lightning_request import certificates_variable, environment_error, proxy_variable

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

_CONNECT_SECONDS = 10.0
_PROMPT = "PromptConnection"


class Transport:
    """Connections to one address, with one key. Thread-safe.

    Args:
        base_url: As `checked_base_url` returned it.
        api_key: As `checked_api_key` returned it.
        timeout: Seconds from the last byte of the request to the last byte of the reply.
        connections: Number of connections to keep open.
    """

    def __init__(self, base_url: str, api_key: str, timeout: float, connections: int) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._timeouts = (min(timeout, _CONNECT_SECONDS), timeout)
        self._session = _make_session(base_url, api_key, connections)
        self._environment_error = environment_error(base_url) if self._session.trust_env else None

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
            EngineStoppedError: The environment has a proxy or certificates that cannot be used.
        """
        if self._environment_error:
            raise EngineStoppedError(self._environment_error)
        reply = self._exchange(method, path, headers, body, max_bytes)
        if isinstance(reply, EngineError):
            raise reply
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None, max_bytes: int
    ) -> Reply | EngineError:
        """As `send`. An error is returned: raised here, it would lead to one of requests, which holds the key."""
        was_answered = False
        try:
            with self._session.request(
                method,
                self._base_url + path,
                data=body.encode() if body else None,
                headers=headers,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                was_answered = response.status_code == HTTPStatus.OK
                has_length = response.raw.chunked or response.raw.length_remaining is not None
                content = read_body(response.raw, max_bytes)
                if content is None:
                    message = f"the service's reply is larger than {max_bytes / 2**20:.0f} MB"
                    return DefectError(message, kind="too large", was_answered=was_answered)
                return Reply(response.status_code, response.headers, content, self._api_key, has_length=has_length)
        except (RequestException, HTTPError, OSError, ValueError) as error:
            # True also where a proxy or the handshake is silent: they look the same from here.
            is_late = isinstance([*_causes(error)][-1], TimeoutError)
            is_pending = is_late and not was_answered and not isinstance(error, ConnectTimeout)
            return TransientError(self._failure_message(error), was_answered=was_answered, is_pending=is_pending)

    def _failure_message(self, error: Exception) -> str:
        """What went wrong with a connection, and what to do about it."""
        causes = list(_causes(error))
        if isinstance(causes[-1], TimeoutError):
            return "the service did not answer in time; see timeout"
        if any(isinstance(each, IncompleteRead) for each in causes):
            return "the service's reply was cut short"
        cause = quotable(str(causes[-1]), self._api_key)
        if isinstance(error, ProxyError) and (variable := proxy_variable()):
            return f"the connection to the service failed; check the proxy that {variable} names: {cause}"
        if isinstance(error, SSLError):
            bundle = certificates_variable()
            source = f" (the certificates are those of {bundle})" if bundle else ""
            return f"the connection to the service is not secure: {cause}{source}"
        return f"the connection to the service failed; check the network and base_url: {cause}"


def _make_session(base_url: str, api_key: str, connections: int) -> requests.Session:
    """A session for any number of threads: they share nothing that changes but its connections.

    It uses the environment's proxy and certificates; but none for plain http, which only goes to this machine. With an
    `auth` of its own it takes no credentials from ~/.netrc.
    """
    session = _Session()
    session.trust_env = urlsplit(base_url).scheme == "https"
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = _KeyAuth(api_key)
    session.mount(base_url, _PromptAdapter(pool_connections=1, pool_maxsize=connections))
    return session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: no reply redirects."""


class _KeyAuth(requests.auth.AuthBase):
    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class _PromptAdapter(HTTPAdapter):
    """Has the connections of each pool, whatever their class, read their replies as a `_PromptResponse`."""

    def get_connection_with_tls_context(  # each connection of a proxy is made here, too
        self,
        *args: Any,  # noqa: ANN401 - as requests has it
        **kwargs: Any,  # noqa: ANN401
    ) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        assert isinstance(pool, HTTPConnectionPool)
        if pool.ConnectionCls.__name__ != _PROMPT:
            pool.ConnectionCls = type(_PROMPT, (pool.ConnectionCls,), {"response_class": _PromptResponse})
        return pool


class _PromptReader(io.RawIOBase):
    """Reads from a socket within its timeout, which limits the sum of all reads instead of each single one.

    The last read may end later, by a fiftieth of the timeout: to set the socket's own for each would be a call more.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._timeout = sock.gettimeout() or 0.0  # as the socket has it
        self._tolerance = self._timeout / 50
        self._ends_at = time.monotonic() + self._timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any buffer, as io has it
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if left < self._timeout - self._tolerance:
            self._sock.settimeout(left)
            self._timeout = left
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
        """Read the head, skip the interim ones before it (RFC 9110, section 15.2), and refuse malformed headers.

        http.client skips `100 Continue` alone. Another one would pass for the reply, and the reply that follows for
        that of the next request on this connection: the audio of one sentence for that of another.
        """
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = self.msg = None  # type: ignore[assignment]  # so that it reads another head
            super().begin()
        if self.status == HTTPStatus.SWITCHING_PROTOCOLS:
            raise HTTPException("the service switched to another protocol")
        if self.msg.defects or self.msg.get_payload():
            raise HTTPException("damaged headers")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes; the last one has the system's message, unwrapped."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
