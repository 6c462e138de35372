"""Smallest AI's Lightning over REST: one text in, one WAV out.

Source: the service's contract, sections 1 (routes), 2 (request), 3 (response) and 4 (errors), November 2026.
"""

from __future__ import annotations

import ipaddress
import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from mkdocs_lightning.audio import Audio, AudioError, decode
from mkdocs_lightning.engines import (
    BusyError,
    EngineError,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
)
from mkdocs_lightning.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_lightning.voice import Voice

ROUTES = ("/waves/v1/tts", "/waves/v1/lightning-v3.1/get_speech")
"""The unified route, and the older one of the model: tried where the first does not exist."""

MAX_REPLY = 64 * 2**20
"""Bytes: many times what the longest text at the highest rate needs."""

MAX_CONCURRENCY = 32

_ROUTE_MISSING = frozenset([404, 405, 410])
_TRANSIENT = frozenset([408, 409, 425, 500, 502, 503, 504])
_RUN_STOPPING = frozenset([401, 402, 403, 404, 405, 410])
_ADVICE = {
    401: "check the API key in SMALLEST_API_KEY",
    402: "the account is out of credit",
    403: "the key may not do this, or the account's limit is used up",
    404: "the service has no such address; check base_url",
    405: "the service has no such address; check base_url",
    410: "the service no longer has the model {model}; set model to another",
}
MAX_WORDS = 300
"""Characters of an error body that are worth repeating."""


class _BearerAuth(AuthBase):
    """Sends the key to the service, and keeps requests from sending another found in ~/.netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class LightningEngine:
    """Speaks through the Lightning REST API.

    Args:
        api_key: Sent to `base_url` only, and shown nowhere. Without it the engine can name segments, not speak.
        base_url: https, or plain http to this machine itself.
        timeout: Seconds for one request, from its start to the last byte of its reply.

    Raises:
        SettingError: A base URL that would send the key unprotected.
    """

    name = "lightning"
    max_concurrency = MAX_CONCURRENCY

    def __init__(self, api_key: str | None, base_url: str = "https://api.smallest.ai", timeout: float = 60.0) -> None:
        self._api_key = _checked_api_key(api_key)
        self._base_url = checked_base_url(base_url)
        self._timeout = timeout
        self._routes: tuple[str, ...] = ROUTES
        self._session = requests.Session()  # built here, on the main thread, and shared
        self._session.headers.update(
            {"Accept": "audio/wav", "Accept-Encoding": "identity", "User-Agent": "mkdocs-lightning"}
        )
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=MAX_CONCURRENCY)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @classmethod
    def from_options(cls, options: EngineOptions) -> Self:
        """Build the engine for a site."""
        return cls(options.api_key, options.base_url, options.timeout)

    def __repr__(self) -> str:
        return f"LightningEngine(base_url={self._base_url!r})"

    @property
    def unavailable(self) -> str | None:
        """Why it cannot speak: only the lack of a key is known beforehand."""
        if self._api_key:
            return None
        return "there is no API key: set the environment variable SMALLEST_API_KEY"

    def settle(self, voice: Voice) -> Voice:
        """Every setting counts here."""
        return voice

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text, in one try.

        Raises:
            TransientError: Worth another try; `BusyError` when the service has too much to do.
            TextRefusedError: The service will not speak this text.
            EngineStoppedError: The service will not speak for this key, or in this model, at all.
        """
        if self._api_key is None:
            raise EngineStoppedError(str(self.unavailable))
        try:
            return decode(self._ask(self._api_key, _body(text, voice)))
        except AudioError as error:
            raise TransientError(f"the service's reply is damaged: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(self, api_key: str, body: dict[str, object]) -> bytes:
        """The audio's bytes, from the first route that exists; what worked is kept for the next text."""
        missing = None
        for route in self._routes:
            reply = self._post(self._base_url + route, api_key, body)
            if reply.status in _ROUTE_MISSING:
                missing = missing or reply  # where neither exists, the current one's words count
                continue
            if reply.status == requests.codes.ok:
                self._routes = (route,)
            return _audio(reply, str(body["model"]))
        assert missing, "there is always a route"
        return _audio(missing, str(body["model"]))

    def _post(self, url: str, api_key: str, body: dict[str, object]) -> _Reply:
        """One request; never follows a redirect, so that the key goes to its own host only."""
        deadline = time.monotonic() + self._timeout
        try:
            with self._session.post(
                url,
                json=body,
                auth=_BearerAuth(api_key),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as reply:
                content = _read(reply, deadline, self._timeout)
                if not reply.ok:
                    content = content.replace(api_key.encode(), b"[the key]")  # whatever an error page echoes
                return _Reply(reply.status_code, reply.headers, content)
        except requests.RequestException as error:
            raise TransientError(_connection_words(error, self._timeout)) from error


class _Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]  # names in any case
    content: bytes


def _checked_api_key(api_key: str | None) -> str | None:
    """A key that can stand in a header; the message never shows it."""
    api_key = (api_key or "").strip()
    if not api_key:
        return None
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        raise SettingError("api_key", "the API key holds a space or a character that no key has; copy it again")
    return api_key


def checked_base_url(base_url: str) -> str:
    """A base URL that the key may be sent to, without its trailing slash.

    Raises:
        SettingError: Neither https nor plain http to a loopback address.
    """
    parts = urlsplit(base_url)
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return base_url.rstrip("/")
    if parts.scheme == "http" and parts.hostname and not parts.username and _is_loopback(parts.hostname):
        return base_url.rstrip("/")
    raise SettingError("base_url", f"{base_url!r} is not an https URL (plain http is for this machine itself only)")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _body(text: str, voice: Voice) -> dict[str, object]:
    """The request, always explicit (contract section 1.4): no default of the server's is relied on."""
    body: dict[str, object] = {
        "text": text,
        "model": voice.model,
        "voice_id": voice.voice_id,
        "language": voice.language,
        "speed": voice.speed,
        "sample_rate": voice.sample_rate,
        "output_format": "wav",  # segments are joined as samples, and encoded once
    }
    if voice.pronunciation_dicts:
        body["pronunciation_dicts"] = list(voice.pronunciation_dicts)
    if voice.number_pronunciation_language:
        body["number_pronunciation_language"] = voice.number_pronunciation_language
    if voice.math_notation:
        body["math_notation"] = True
    return body


def _read(reply: requests.Response, deadline: float, timeout: float) -> bytes:
    """The whole body, within the bounds of time and size."""
    content = bytearray()
    for chunk in reply.iter_content(64 * 1024):
        content += chunk
        if len(content) > MAX_REPLY:
            raise TransientError(f"the service's reply is larger than {MAX_REPLY // 2**20} MB")
        if time.monotonic() > deadline:
            raise TransientError(f"the service's reply took more than {timeout:g} s")
    return bytes(content)


def _audio(reply: _Reply, model: str) -> bytes:
    if reply.status != requests.codes.ok:
        raise _refusal(reply, model)
    if reply.content[:1] in (b"{", b"<", b""):
        raise TransientError(f"the service sent {_words(reply.content)!r} instead of audio")
    return reply.content


def _refusal(reply: _Reply, model: str) -> EngineError:
    """The error that a status stands for (contract section 4.2), in the service's own words."""
    said = f"the service answered {reply.status}, {_words(reply.content)!r}"
    if request_id := reply.headers.get("x-request-id"):
        said += f" (request {request_id})"
    if reply.status == requests.codes.too_many_requests:
        return BusyError(said, _retry_after(reply.headers))
    if reply.status in _TRANSIENT or reply.status >= 500:  # noqa: PLR2004 - the class of server errors
        return TransientError(said, _retry_after(reply.headers))
    if reply.status in _RUN_STOPPING:
        return EngineStoppedError(f"{said}: {_ADVICE[reply.status].format(model=model)}")
    if 300 <= reply.status < 400:  # noqa: PLR2004 - the class of redirects
        return EngineStoppedError(f"the service redirects to {reply.headers.get('location')!r}: check base_url")
    return TextRefusedError(said)


def _words(content: bytes) -> str:
    """What an error body says, in any of the shapes of contract section 4.1."""
    if not content.strip():
        return "an empty reply"
    try:
        body: object = json.loads(content)
    except ValueError:
        text = re.sub(r"<[^>]*>", " ", content[:2000].decode("utf-8", "replace"))
        return " ".join(text.split())[:MAX_WORDS]
    return "; ".join(_messages(body))[:MAX_WORDS] or json.dumps(body)[:MAX_WORDS]


def _messages(body: object) -> Iterator[str]:
    """The texts of an error body: lists of issues (A), message (B, C), error as text (C, D), details (D)."""
    if isinstance(body, list):
        for item in body:
            yield from _messages(item)
    elif isinstance(body, dict):
        path = body.get("path")
        where = ".".join(map(str, path)) + ": " if isinstance(path, list) and path else ""
        for name in ("error_code", "error", "message", "details", "recommended_endpoint"):
            yield from (where + words for words in _messages(body.get(name)))
    elif isinstance(body, str) and body:
        yield body


def _connection_words(error: requests.RequestException, timeout: float) -> str:
    if isinstance(error, requests.Timeout):
        return f"the service did not answer within {timeout:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return f"the connection to the service is not secure: {error}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the service's reply was cut short"
    return f"the connection to the service failed: {_root_cause(error)}"


def _root_cause(error: BaseException) -> BaseException:
    """The innermost error: the system's words, without a library's wrapping."""
    inner = error.__cause__ or error.__context__
    return _root_cause(inner) if inner else error


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass  # then it should be a date
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
