"""The engine for Smallest AI's Lightning, over its REST API: one text in, one audio file out.

Source: the service's documentation of its routes, its request and response, and its voices, November 2026.
"""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError, did_you_mean, listed
from mkdocs_lightning.engines import (
    API_KEY_VARIABLE,
    CatalogueVoice,
    DefectError,
    Engine,
    EngineOptions,
    KeyRefusedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.engines.lightning_request import (
    RequestExtras,
    checked_api_key,
    checked_base_url,
    no_key_reason,
)
from mkdocs_lightning.reading.settings.catalogue import (
    DEFAULT_VOICES,
    PRO_MODEL,
    RETIRES_ON,
    catalogue,
    default_voice,
    is_cloned,
    pool_of_model,
    speaks,
    voice_pools,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.engines.lightning_reply import Reply, WireFormat
    from mkdocs_lightning.engines.lightning_transport import Transport
    from mkdocs_lightning.reading.settings.voice import Voice

BASE_URL = "https://api.smallest.ai"

ROUTES = ("/waves/v1/tts", "/waves/v1/lightning-v3.1/get_speech")
"""The unified route, and the older one of a single model, which is tried if the first does not exist."""

MAX_CONCURRENCY = 32
PRICES_USD = {"lightning_v3.1_pro": 0.0000195, "lightning_v3.1": 0.0000175}
"""List price of one character; the prices of other models are not known."""

PRICES_LISTED_IN = "September 2026"

MAX_TEXT = 8000
"""Maximum number of characters of one request."""

UNKNOWN_MODEL = "unknown"
"""Stands for the model of a cloned voice of which the service does not say it."""

_ROUTE_MISSING = frozenset([404, 405, 410])
_MAX_LIST = 16 * 2**20  # bytes of a list of voices


class LightningEngine(Engine):
    """Synthesizes through the Lightning REST API, one text a request. Thread-safe.

    Args:
        api_key: Sent to `base_url` only, and never shown. Without it, the engine can plan but not synthesize. An empty
            one counts as missing; `unavailable_reason` tells the two apart.
        base_url: https, or plain http to this machine.
        timeout: Seconds from the last byte of the request to the last byte of the reply.
        wire_format: Format of the replies. The cache is built from `wav`, the only one that states its sample rate and
            length.
        extras: Fields of each request besides the text and the voice.
        key_source: The name of the option or variable that the key was read from, for messages.

    Raises:
        SettingError: The key cannot be sent in a header, the base URL would send it unprotected, or the timeout is not
            a positive number.
    """

    name = "lightning"
    prices_listed_in = PRICES_LISTED_IN
    max_concurrency = MAX_CONCURRENCY

    def __init__(  # noqa: PLR0913 - one argument a setting
        self,
        api_key: str | None,
        base_url: str = BASE_URL,
        timeout: float = 60.0,
        wire_format: WireFormat = "wav",
        extras: RequestExtras | None = None,
        *,
        key_source: str = API_KEY_VARIABLE,
    ) -> None:
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
            raise SettingError("timeout", f"{timeout!r} is not a number of seconds above 0")
        self._key_source = key_source
        self._has_empty_key = api_key is not None and not api_key.strip()
        self._api_key = checked_api_key(api_key)
        self._base_url = checked_base_url(base_url)
        self._timeout = timeout
        self._wire_format = wire_format
        self._extras = extras or RequestExtras()
        self._routes: tuple[str, ...] = ROUTES
        self._transport: Transport | None = None  # made for the first request, as loading it takes time
        self._transport_lock = threading.Lock()
        self._process = os.getpid()

    @classmethod
    def from_options(cls, options: EngineOptions) -> Self:
        """Make the engine for a site."""
        base_url = options.base_url or BASE_URL
        return cls(options.api_key, base_url, options.timeout, key_source=options.key_source)

    def __repr__(self) -> str:
        return f"LightningEngine(base_url={self._base_url!r})"

    @property
    def unavailable_reason(self) -> str | None:
        """Why the engine cannot synthesize: without a request, only a missing key is known."""
        if self._api_key:
            return None
        return no_key_reason(self._key_source if self._has_empty_key else None)

    def voice_warning(self, voice: Voice) -> str | None:
        """Warn of a model that retires, or looks misspelled, and of a voice that is unknown, or for other languages."""
        warnings = (
            retirement_warning(voice, datetime.now(UTC).date()),
            misspelled_model_warning(voice.model),
            unknown_voice_warning(voice),
            foreign_voice_warning(voice),
        )
        return ". ".join(filter(None, warnings)) or None

    def price_per_character(self, voice: Voice) -> float | None:
        """The list price; an account may have another."""
        return PRICES_USD.get(voice.model)

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Synthesize one text, in one try.

        Args:
            text: 1 to 8000 characters; up to 250 sound best.
            voice: Sent completely: nothing is left to the service's defaults.

        Raises:
            TransientError: Another try may succeed; `BusyError` if there are too many requests.
            TextRefusedError: The service refuses this text; `VoiceRefusedError` if it refuses any in this voice.
            EngineStoppedError: The service refuses all requests with this key; `KeyRefusedError` if it is wrong, or if
                there is none.
        """
        if not 0 < len(text.strip()) <= MAX_TEXT:
            raise TextRefusedError(f"a text must have 1 to {MAX_TEXT:,} characters, not {len(text.strip()):,}")
        max_bytes = 2**20 + int(2 * voice.sample_rate * len(text) / voice.speed)  # 1 s a character, and 1 MB of tags
        reply = self._post({**self._body(text, voice), **self._extras.fields()}, max_bytes)
        from mkdocs_lightning.audio.samples import AudioError
        from mkdocs_lightning.engines.lightning_reply import audio_bytes

        content = audio_bytes(reply, voice.model, self._wire_format, self._key_source)
        try:
            return self._decoded(content, text, voice, has_length=reply.has_length)
        except AudioError as error:
            shows_key = reply.secret.encode() in content  # the error's text shows the first bytes
            message = f"the service's reply is damaged: {'it repeats the key' if shows_key else error}"
            raise DefectError(message, reply.request_id, kind=error.defect.value) from None if shows_key else error

    def voices(self, model: str) -> tuple[CatalogueVoice, ...]:
        """The voices that the service lists for a model now.

        Raises:
            EngineError: As for `synthesize`.
        """
        reply = self._list(f"/waves/v1/{model.replace('_', '-')}/get_voices", model)
        return tuple(_listed_voices(_list_in(reply), model, reply.quotable))

    def cloned_voices(self) -> tuple[CatalogueVoice, ...]:
        """The voices that the account has cloned, each once for each model that speaks it.

        Raises:
            EngineError: As for `synthesize`.
        """
        reply = self._list("/waves/v1/voice-cloning")
        return tuple(
            voice
            for entry in _list_in(reply)
            for model in _models_of(entry, reply.quotable)
            for voice in _listed_voices([entry], model, reply.quotable)
        )

    def _list(self, path: str, model: str = "") -> Reply:
        """Ask for a list of voices.

        Args:
            path: Where the service has it.
            model: Whose voices these are; empty for all models.

        Raises:
            EngineError: As for `synthesize`.
        """
        reply = self._send("GET", path, None, _MAX_LIST)
        if reply.status == HTTPStatus.NOT_FOUND and model and not pool_of_model(model):
            raise VoiceRefusedError(f"the service lists no voices of model {model!r}", reply.request_id)
        if not reply.is_ok:
            from mkdocs_lightning.engines.lightning_reply import refusal

            raise refusal(reply, model, self._key_source)
        return reply

    def close(self) -> None:
        """Close the connections."""
        if self._transport:
            self._transport.close()

    def _decoded(self, content: bytes, text: str, voice: Voice, *, has_length: bool) -> Audio:
        """The audio of a reply.

        Raises:
            AudioError: It is not audio, or nobody knows whether it is all of it.
        """
        from mkdocs_lightning.audio.codec import decode
        from mkdocs_lightning.audio.samples import AudioDefect, AudioError, max_duration
        from mkdocs_lightning.audio.wav import states_its_length

        audio = decode(content, self._wire_format, voice.sample_rate, max_seconds=max_duration(text, voice.speed))
        if not has_length and not states_its_length(content):
            raise AudioError(
                "neither the reply nor the audio says where it ends, so it may be cut short", AudioDefect.CUT_SHORT
            )
        return audio

    def _body(self, text: str, voice: Voice) -> dict[str, object]:
        """The body of a request; complete, so that nothing depends on the service's defaults."""
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

    def _post(self, body: Mapping[str, object], max_bytes: int) -> Reply:
        """Send a text to the first route that exists; a route that worked is used for all later texts."""
        missing = None
        for route in self._routes:
            reply = self._send("POST", route, body, max_bytes)
            if reply.is_ok:
                self._routes = (route,)
            if reply.status not in _ROUTE_MISSING:
                return reply
            missing = missing or reply  # if no route exists, report the reply of the current one
        assert missing, "there is always a route"
        return missing

    def _send(self, method: str, path: str, body: Mapping[str, object] | None, max_bytes: int) -> Reply:
        """Send one request, and read its reply."""
        if self._api_key is None:
            raise KeyRefusedError(str(self.unavailable_reason))
        headers = {
            "Accept": "audio/wav" if body else "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "mkdocs-lightning",
            **self._extras.headers(),
        }
        return self._connections(self._api_key).send(
            method, path, headers, json.dumps(body) if body else None, max_bytes
        )

    def _connections(self, api_key: str) -> Transport:
        """The connections of this process: one that was forked would take the replies to the texts of the other."""
        if self._process != os.getpid():
            self._process, self._transport, self._transport_lock = os.getpid(), None, threading.Lock()
        with self._transport_lock:
            if self._transport is None:
                from mkdocs_lightning.engines.lightning_transport import Transport

                self._transport = Transport(self._base_url, api_key, self._timeout, MAX_CONCURRENCY)
            return self._transport


def retirement_warning(voice: Voice, today: date) -> str | None:
    """Warn of a voice whose model reportedly is, or will be, retired; None for any other.

    Args:
        voice: Authors may have named it without its model.
        today: Decides between the two.
    """
    if (day := RETIRES_ON.get(voice.model)) is None:
        return None
    model = f"model {voice.model} of voice_id {voice.voice_id!r}"
    advice = f"move to {PRO_MODEL} and one of its voices, such as {default_voice(PRO_MODEL, voice.language)}"
    if today < day:
        return f"{model} will reportedly be retired on {day}; {advice} (cached audio keeps playing)"
    return (
        f"{model} was reportedly retired on {day}, so the service may refuse what is missing; {advice} "
        "(cached audio keeps playing)"
    )


def misspelled_model_warning(model: str) -> str | None:
    """Warn of a model that this package does not know, and whose name is like that of one it knows; None otherwise."""
    meant = did_you_mean(model, DEFAULT_VOICES) if pool_of_model(model) is None else ""
    return f"model {model!r} is not a model that this version knows{meant}; its price is unknown" if meant else None


def unknown_voice_warning(voice: Voice) -> str | None:
    """Warn of a voice that the catalog does not have, though the service may have it by now; None for any other.

    Nothing is known of cloned voices, nor of the voices of a model that this package does not know.
    """
    known = voice_pools()
    if voice.voice_id in known or is_cloned(voice.voice_id) or pool_of_model(voice.model) is None:
        return None
    return (
        f"voice_id {voice.voice_id!r} is not a voice that this version knows{did_you_mean(voice.voice_id, known)}; "
        f"trying it with model {voice.model}. If the service refuses it, correct it: "
        "'mkdocs-lightning voices --live' lists the current voices"
    )


def foreign_voice_warning(voice: Voice) -> str | None:
    """Warn of a voice that the catalog has for other languages only, where it has one for this; None for any other."""
    if speaks(voice.voice_id, voice.language):
        return None
    return (
        f"voice_id {voice.voice_id!r} is a voice for {listed(catalogue()[voice.voice_id].languages)}, but the language "
        f"is {voice.language}; 'mkdocs-lightning voices --language {voice.language}' lists those for {voice.language}"
    )


def _list_in(reply: Reply) -> list[object]:
    """The voices in a reply, in the service's own form.

    Raises:
        TransientError: It has none.
    """
    body = reply.json
    if isinstance(body, dict):
        body = body.get("voices", body.get("data"))
    if not isinstance(body, list):
        raise TransientError(f"the service sent {reply.message} instead of a list of voices", reply.request_id)
    return body


def _models_of(entry: object, quotable: Callable[[str], str]) -> tuple[str, ...]:
    """The models that speak a cloned voice, as requests name them; one that says nothing has `unknown`."""
    ids = entry.get("modelIds") if isinstance(entry, dict) else None
    names = [quotable(name) for name in ids if isinstance(name, str)] if isinstance(ids, list) else []
    return tuple(name.replace("-", "_") for name in names) or (UNKNOWN_MODEL,)


def _listed_voices(entries: list[object], model: str, quotable: Callable[[str], str]) -> Iterator[CatalogueVoice]:
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("voiceId"), str):
            continue
        tags = entry.get("tags")
        tags = tags if isinstance(tags, dict) else {}
        languages = tags.get("language")
        yield CatalogueVoice(
            voice_id=quotable(entry["voiceId"]),
            name=quotable(str(entry.get("displayName") or entry["voiceId"])),
            model=model,
            languages=tuple(quotable(str(language)) for language in languages) if isinstance(languages, list) else (),
            accent=quotable(str(tags.get("accent") or "")) or None,
            gender=quotable(str(tags.get("gender") or "")) or None,
        )
