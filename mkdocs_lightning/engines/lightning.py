"""Smallest AI's Lightning over REST: one text in, one audio file out.

Source: the service's contract, sections 1 (routes), 2 (request), 3 (response) and 6 (voices), November 2026.
"""

from __future__ import annotations

import ipaddress
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from mkdocs_lightning.audio import Audio, AudioError, decode
from mkdocs_lightning.engines import EngineOptions, EngineStoppedError, TransientError
from mkdocs_lightning.engines.reply import Reply, audio_bytes, read_reply, refusal
from mkdocs_lightning.errors import SettingError
from mkdocs_lightning.voice import STANDARD_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_lightning.voice import Voice

BASE_URL = "https://api.smallest.ai"

ROUTES = ("/waves/v1/tts", "/waves/v1/lightning-v3.1/get_speech")
"""The unified route, and the older one of the model: tried where the first does not exist."""

MAX_CONCURRENCY = 32
MAX_TEXT = 8000
"""Characters of one request (contract section 2)."""

WireFormat = Literal["wav", "pcm", "mp3", "ulaw", "alaw"]

_ROUTE_MISSING = frozenset([404, 405, 410])
_CONNECT_SECONDS = 10.0
_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtras:
    """What a request may say beside the text and the voice; nothing of it can be heard (contract section 2).

    Attributes:
        session_id: Echoed by the service; up to 128 letters, digits, `_`, `-`, `.`.
        request_id: Likewise.
        save_history: Whether the account's history keeps the request.
        content_filter: `reject` refuses texts with words of the service's list, `flag` only records them.
        expire_content: For Enterprise accounts: let the service forget the content.
        source: Names the caller to the service.
    """

    session_id: str | None = None
    request_id: str | None = None
    save_history: bool = False
    content_filter: Literal["reject", "flag"] | None = None
    expire_content: bool = False
    source: str = "mkdocs-lightning"

    def __post_init__(self) -> None:
        for name in ("session_id", "request_id"):
            value = getattr(self, name)
            if value is not None and not _ID.fullmatch(value):
                raise SettingError(name, f"{value!r} is not an id: up to 128 letters, digits, '_', '-' and '.'")

    def headers(self) -> dict[str, str]:
        """The headers that say it."""
        return {"X-Source": self.source, **({"x-expire-content": "true"} if self.expire_content else {})}

    def fields(self) -> dict[str, object]:
        """The fields of the body that say it."""
        content_filter = {"enabled": True, "action": self.content_filter} if self.content_filter else None
        fields = {
            "session_id": self.session_id,
            "request_id": self.request_id,
            "save_history": self.save_history or None,
            "content_filter": content_filter,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class CatalogueVoice:
    """A voice as the service lists it (contract section 6.1).

    Attributes:
        languages: English names, such as `english`.
    """

    voice_id: str
    name: str
    model: str
    languages: tuple[str, ...] = ()
    accent: str | None = None
    gender: str | None = None


class LightningEngine:
    """Speaks through the Lightning REST API, one text at a time, from any thread.

    Args:
        api_key: Sent to `base_url` only, and shown nowhere. Without it the engine can name segments, not speak.
        base_url: https, or plain http to this machine itself.
        timeout: Seconds for one request, from its start to the last byte of its reply.
        wire_format: What the service is asked for. Segments are asked for as `wav`, the only one that tells its
            rate and its length.
        extras: What a request says beside the text and the voice.

    Raises:
        SettingError: A key that no header can hold, or a base URL that would send it unprotected.
    """

    name = "lightning"
    max_concurrency = MAX_CONCURRENCY

    def __init__(
        self,
        api_key: str | None,
        base_url: str = BASE_URL,
        timeout: float = 60.0,
        wire_format: WireFormat = "wav",
        extras: RequestExtras | None = None,
    ) -> None:
        self._api_key = _checked_api_key(api_key)
        self._base_url = _checked_base_url(base_url)
        self._timeout = timeout
        self._wire_format = wire_format
        self._extras = extras or RequestExtras()
        self._routes: tuple[str, ...] = ROUTES
        self._session = requests.Session()  # built here, on the main thread, and shared
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "mkdocs-lightning"})
        self._session.headers.update(self._extras.headers())
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=MAX_CONCURRENCY)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @classmethod
    def from_options(cls, options: EngineOptions) -> Self:
        """Build the engine for a site."""
        return cls(options.api_key, options.base_url or BASE_URL, options.timeout)

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

    def caution(self, voice: Voice) -> str | None:
        """The standard model is reported to end (contract section 1.2)."""
        if voice.model != STANDARD_MODEL:
            return None
        return (
            f"model {STANDARD_MODEL} is reported to retire on 2026-11-30; move to lightning_v3.1_pro and a voice of "
            "its own, such as kaitlyn (what is cached keeps playing)"
        )

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text, in one try.

        Args:
            text: 1 to 8000 characters; up to 250 are spoken best (contract section 7).
            voice: Sent as it is, with nothing left to the service's defaults.

        Raises:
            TransientError: Worth another try; `BusyError` when the service has too much to do.
            TextRefusedError: The service will not speak this text, or `VoiceRefusedError`: in this voice.
            EngineStoppedError: The service will not speak for this key at all.
        """
        if not text.strip() or len(text) > MAX_TEXT:
            raise SettingError("text", f"a text has 1 to {MAX_TEXT} characters, not {len(text.strip())}")
        content = self._ask({**self._body(text, voice), **self._extras.fields()}, voice.model)
        try:
            return decode(content, self._wire_format, voice.sample_rate)
        except AudioError as error:
            raise TransientError(f"the service's reply is damaged: {error}") from error

    def voices(self, model: str) -> tuple[CatalogueVoice, ...]:
        """The live catalogue of one model's voices.

        Raises:
            EngineError: As for `synthesize`.
        """
        reply = self._send("GET", f"/waves/v1/{model.replace('_', '-')}/get_voices")
        if not reply.is_ok:
            raise refusal(reply, model)
        try:
            return tuple(_listed_voices(json.loads(reply.content), model))
        except ValueError as error:
            raise TransientError("the service's list of voices is not JSON") from error

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _body(self, text: str, voice: Voice) -> dict[str, object]:
        """The request, always explicit (contract section 1.4): no default of the service is relied on."""
        optional = {
            "pronunciation_dicts": list(voice.pronunciation_dicts),
            "number_pronunciation_language": voice.number_pronunciation_language,
            "math_notation": voice.math_notation,
        }
        return {
            "text": text,
            "model": voice.model,
            "voice_id": voice.voice_id,
            "language": voice.language,
            "speed": voice.speed,
            "sample_rate": voice.sample_rate,
            "output_format": self._wire_format,
            **{name: value for name, value in optional.items() if value},
        }

    def _ask(self, body: Mapping[str, object], model: str) -> bytes:
        """The audio's bytes, from the first route that exists; what worked is kept for the next text."""
        missing = None
        for route in self._routes:
            reply = self._send("POST", route, body)
            if reply.status in _ROUTE_MISSING:
                missing = missing or reply  # where neither exists, the current one's words count
                continue
            if reply.is_ok:
                self._routes = (route,)
            return audio_bytes(reply, model)
        assert missing, "there is always a route"
        return audio_bytes(missing, model)

    def _send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Reply:
        """One request; follows no redirect, so that the key goes to its own host only."""
        if self._api_key is None:
            raise EngineStoppedError(str(self.unavailable))
        deadline = time.monotonic() + self._timeout
        try:
            with self._session.request(
                method,
                self._base_url + path,
                json=body,
                headers={"Accept": "audio/wav" if body else "application/json"},
                auth=_BearerAuth(self._api_key),
                timeout=(min(self._timeout, _CONNECT_SECONDS), self._timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                reply = read_reply(response, deadline)
        except (requests.RequestException, HTTPError) as error:
            raise TransientError(_connection_words(error)) from error
        if reply.is_ok:
            return reply
        return reply._replace(content=reply.content.replace(self._api_key.encode(), b"[the key]"))  # if it is echoed


class _BearerAuth(AuthBase):
    """Sends the key to the service, and keeps requests from sending another found in ~/.netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


def _checked_api_key(api_key: str | None) -> str | None:
    """A key that can stand in a header; the message never shows it."""
    api_key = (api_key or "").strip()
    if not api_key:
        return None
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        raise SettingError("api_key", "the API key holds a space or a character that no key has; copy it again")
    return api_key


def _checked_base_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise SettingError("base_url", f"{base_url!r} is not an https URL (plain http is for this machine itself only)")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connection_words(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "the service did not answer in time; see timeout"
    if isinstance(error, requests.exceptions.SSLError):
        return f"the connection to the service is not secure: {_root_cause(error)}"
    return f"the connection to the service failed: {_root_cause(error)}"


def _root_cause(error: BaseException) -> BaseException:
    """The innermost error: the system's words, without a library's wrapping."""
    inner = error.__cause__ or error.__context__
    return _root_cause(inner) if inner else error


def _listed_voices(body: object, model: str) -> Iterator[CatalogueVoice]:
    """The voices of a list, a list under `voices`, or one under `data`."""
    if isinstance(body, dict):
        body = body.get("voices", body.get("data"))
    for entry in body if isinstance(body, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("voiceId"), str):
            continue
        tags = entry.get("tags")
        tags = tags if isinstance(tags, dict) else {}
        languages = tags.get("language")
        yield CatalogueVoice(
            voice_id=entry["voiceId"],
            name=str(entry.get("displayName") or entry["voiceId"]),
            model=model,
            languages=tuple(map(str, languages)) if isinstance(languages, list) else (),
            accent=tags.get("accent") or None,
            gender=tags.get("gender") or None,
        )
