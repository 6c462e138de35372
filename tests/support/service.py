"""A local stand-in for the Lightning v3.1 text-to-speech service: what it promises, kept over real sockets.

`with Service() as service:` serves on loopback until the block ends; every attribute of `Service` is a knob
that may be turned while it runs.

For people and benchmarks: `python -m tests.support.service --port 8765 --latency 0.3 --limit 3`.
"""

from __future__ import annotations

import argparse
import contextlib
import enum
import functools
import gzip
import hashlib
import http.client
import io
import itertools
import json
import re
import socket
import struct
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from http import HTTPStatus
from typing import Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from tests.support.http_server import Exchange, HttpServer
from tests.support.repository import ROOT

Json: TypeAlias = dict[str, object]
Samples: TypeAlias = npt.NDArray[np.int16]

UNIFIED: Final = "/waves/v1/tts"
LEGACY: Final = "/waves/v1/lightning-v3.1/get_speech"
STANDARD: Final = "lightning_v3.1"
PRO: Final = "lightning_v3.1_pro"
RETIRED_ROUTES: Final = ("/waves/v1/lightning-v2/", "/waves/v1/lightning-large/")
VOICE_LISTS: Final = {
    "/waves/v1/lightning-v3.1/get_voices": STANDARD,
    "/waves/v1/lightning-v3.1-pro/get_voices": PRO,
}

CLONES: Final = "/waves/v1/voice-cloning"

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
MODELS: Final = (STANDARD, PRO, f"{PRO}_07_26", f"{PRO}_10_26")
SAMPLE_RATES: Final = (8000, 16000, 24000, 44100)
FORMATS: Final = ("wav", "ulaw", "alaw", "pcm", "mp3")
MAX_TEXT: Final = 8000
SPEECH_RATE: Final = 15
"""Characters a second at speed 1."""

LANGUAGE_NAMES: Final = {
    "en": "english", "es": "spanish", "fr": "french", "de": "german", "it": "italian", "nl": "dutch",
    "sv": "swedish", "pt": "portuguese", "pl": "polish", "ru": "russian", "hi": "hindi", "mr": "marathi",
    "gu": "gujarati", "pa": "punjabi", "bn": "bengali", "or": "odia", "ta": "tamil", "te": "telugu",
    "kn": "kannada", "ml": "malayalam", "el": "greek", "fi": "finnish", "no": "norwegian", "zh": "chinese",
    "ja": "japanese", "ko": "korean", "id": "indonesian", "ms": "malay", "vi": "vietnamese", "tr": "turkish",
    "ar": "arabic",
}  # fmt: skip
LANGUAGES: Final = {STANDARD: ("auto", *list(LANGUAGE_NAMES)[:20]), PRO: ("auto", *LANGUAGE_NAMES)}
"""What each pool speaks."""
KNOWN_LANGUAGES: Final = (*LANGUAGES[PRO], "he")
"""What the request's schema lets through; Hebrew is in it, and in no pool."""


# Answers ------------------------------------------------------------------------------------------


class Fault(enum.Enum):
    """What may go wrong on the way from the service to its client."""

    RESET = "the connection is reset instead of an answer"
    HANG = "no answer, until the client closes or the server stops"
    SLOW = "good audio, dripping in; `Service.drip` seconds before each of 16 pieces"
    ENDLESS = "audio, chunked, that never ends"
    EMPTY = "200 and no body"
    TRUNCATED_LENGTH = "Content-Length says more than comes before the connection closes"
    TRUNCATED_WAV = "half the audio in a well-formed response: only the WAV header knows"
    TRUNCATED_CLOSE = "half the audio, no Content-Length, its end is the connection's"
    JSON_200 = "an error in JSON, with status 200"
    HTML_200 = "a page, with status 200"
    SILENCE = "the right length of zeros"
    TOO_SHORT = "0.05 s of sound, whatever the text"
    WRONG_RATE = "another sample rate than asked for"
    STEREO = "two channels"
    GZIP_BOMB = "1 MB of gzip that unpacks to 1 GiB"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back to the client, and what befalls it on the way."""

    status: int
    content_type: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    chunked: bool = False

    @property
    def good(self) -> bool:
        """Whether the client gets what it asked for."""
        return self.status == HTTPStatus.OK and self.fault in {None, Fault.SLOW}


def json_answer(status: int, payload: object) -> Answer:
    """An answer in JSON."""
    body = json.dumps(payload).encode()
    return Answer(status=status, content_type="application/json; charset=utf-8", body=body)


@dataclass(frozen=True)
class Received:
    """One request, as the server saw it.

    Attributes:
        headers: By lower-case name.
        status: None where no answer was given (a reset, a hang).
        started: When it had been read, by `time.monotonic`.
        ended: When its answer, or the lack of one, was settled: just before the first byte goes out.
        good: Whether it was answered with what it asked for.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: Json | None
    status: int | None
    started: float
    ended: float
    good: bool = False


class Shape(enum.Enum):
    """The forms of an error's body."""

    A = "list of issues, as Zod makes it"
    B = "status, message, error_code"
    C = "error type and message"
    D = "error text and details"
    E = "a gateway's HTML"
    F = "an object with code and message"


# Faults -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """An error answer, such as `Failure(503)` or `Failure(502, shape=Shape.E)`."""

    status: int
    _: KW_ONLY
    shape: Shape = Shape.B
    message: str = ""
    error_code: str | None = None
    issues: tuple[Json, ...] = ()
    retry_after: str | None = None
    recommended_endpoint: str | None = None

    def answer(self, request_id: str) -> Answer:
        """The answer on the wire."""
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        if self.shape is Shape.E:
            page = f"<html><body><h1>{self.status} {self._phrase}</h1></body></html>".encode()
            return Answer(status=self.status, content_type="text/html", body=page, headers=headers)
        return replace(json_answer(self.status, self._payload(request_id)), headers=headers)

    def _payload(self, request_id: str) -> Json:
        message = self.message or self._phrase
        if self.shape is Shape.A:
            return {"error": list(self.issues) or [issue("custom", (), message)]}
        if self.shape is Shape.C:
            return {"error": self._phrase, "message": message}
        if self.shape is Shape.F:
            return {"error": {"code": self.error_code or "error", "message": message}}
        if self.shape is Shape.D:
            return {"error": message, "details": list(self.issues)}
        extra = {"error_code": self.error_code, "recommended_endpoint": self.recommended_endpoint}
        said = {name: value for name, value in extra.items() if value is not None}
        return {"status": "error", "message": message, **said, "request_id": request_id}

    @property
    def _phrase(self) -> str:
        return http.client.responses.get(self.status, "Error")


@dataclass(frozen=True)
class Redirect:
    """A redirect to somewhere else."""

    location: str
    status: int = 307


AnyFault: TypeAlias = Fault | Failure | Redirect
Faults: TypeAlias = Callable[[int, Json], AnyFault | None]
"""Decides what befalls a request from its number (the first that was admitted is 1) and its body."""


def every(n: int, fault: AnyFault) -> Faults:
    """The fault befalls each n-th synthesis."""
    return lambda number, _body: fault if number % n == 0 else None


def first(k: int, fault: AnyFault) -> Faults:
    """The fault befalls the first k syntheses."""
    return lambda number, _body: fault if number <= k else None


class Refusal(Exception):  # noqa: N818 - not an error of this program, but of the request
    """A request is not granted; carries what to answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def retired(what: str) -> Refusal:
    """The refusal of a model or route that is no more (status 410)."""
    message = f"{what} has been deprecated. Use POST {UNIFIED}."
    return Refusal(Failure(410, message=message, error_code="MODEL_DEPRECATED", recommended_endpoint=UNIFIED))


# The request's schema -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A synthesis request that keeps to the schema, defaults filled in."""

    text: str
    voice_id: str
    model: str
    speed: float
    sample_rate: int
    output_format: str
    language: str
    number_language: str
    math_notation: bool
    wav_header: bool
    dictionaries: tuple[str, ...]
    session_id: str
    request_id: str

    @property
    def seed(self) -> str:
        """Equal for two requests that are to sound alike."""
        return repr(replace(self, session_id="", request_id=""))

    @property
    def pool(self) -> str:
        """The pool of voices that the model speaks with; dated checkpoints share their model's."""
        return PRO if self.model.startswith(PRO) else STANDARD


def issue(code: str, path: tuple[str | int, ...], message: str, **details: object) -> Json:
    """One entry of error shape A."""
    return {"code": code, **details, "path": list(path), "message": message}


def kind(value: object) -> str:
    """A JSON value's type, by its name in JavaScript."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


class Form:
    """Reads a request's fields one by one and collects what is wrong with them, as Zod does."""

    def __init__(self, body: Json) -> None:
        self.body = body
        self.issues: list[Json] = []

    def add(self, code: str, name: str, message: str, **details: object) -> None:
        """Note an issue with a field."""
        self.issues.append(issue(code, (name,), message, **details))

    def field(self, name: str, expected: str) -> object:
        """The field's value; None if it is absent, or, with an issue, if it is not of the expected type."""
        if name not in self.body:
            return None
        value = self.body[name]
        if kind(value) == expected:
            return value
        message = f"Expected {expected}, received {kind(value)}"
        self.add("invalid_type", name, message, expected=expected, received=kind(value))
        return None

    def required(self, name: str) -> str:
        """A string that must be there."""
        if name not in self.body:
            self.add("invalid_type", name, "Required", expected="string", received="undefined")
        return str(self.field(name, "string") or "")

    def text(self, name: str) -> str:
        """The text to speak: trimmed, then 1 to 8000 characters."""
        text = self.required(name).strip()
        if isinstance(self.body.get(name), str):
            self._bound(name, len(text), "string", 1, MAX_TEXT)
        return text

    def identifier(self, name: str) -> str:
        """A client's own id, to be echoed."""
        value = str(self.field(name, "string") or "")
        self._bound(name, len(value), "string", 0, 128)
        if not re.fullmatch(r"[\w.-]*", value, re.ASCII):
            self.add("invalid_string", name, "Invalid", validation="regex")
        return value

    def choice(self, name: str, options: tuple[str, ...] | tuple[int, ...], default: str | int) -> str | int:
        """One of the options, or the default."""
        value = self.field(name, kind(default))
        if value is None:
            return default
        for option in options:
            if value == option:
                return option
        expected = " | ".join(f"'{option}'" for option in options)
        message = f"Invalid enum value. Expected {expected}, received '{value}'"
        self.add("invalid_enum_value", name, message, received=value, options=list(options))
        return default

    def number(self, name: str, low: float, high: float, default: float) -> float:
        """A number in a range, or the default."""
        value = self.field(name, "number")
        if not isinstance(value, int | float):
            return default
        self._bound(name, value, "number", low, high)
        return value

    def flag(self, name: str) -> bool:
        """True or false; false by default."""
        return self.field(name, "boolean") is True

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; none by default."""
        values = self.field(name, "array")
        if not isinstance(values, list):
            return ()
        for index, value in enumerate(values):
            if not isinstance(value, str):
                message = f"Expected string, received {kind(value)}"
                details = {"expected": "string", "received": kind(value)}
                self.issues.append(issue("invalid_type", (name, index), message, **details))
        return tuple(str(value) for value in values)

    def check(self) -> None:
        """Raise a Refusal if anything was wrong so far."""
        if self.issues:
            raise Refusal(Failure(400, shape=Shape.A, issues=tuple(self.issues)))

    def _bound(self, name: str, size: float, of: str, low: float, high: float) -> None:
        least, most = BOUND_MESSAGES[of]
        if size < low:
            self.add("too_small", name, least.format(low), minimum=low, type=of, inclusive=True)
        if size > high:
            self.add("too_big", name, most.format(high), maximum=high, type=of, inclusive=True)


BOUND_MESSAGES: Final = {
    "string": ("String must contain at least {} character(s)", "String must contain at most {} character(s)"),
    "number": ("Number must be greater than or equal to {}", "Number must be less than or equal to {}"),
}


def read_wish(form: Form, models: tuple[str, ...]) -> Wish:
    """The request's fields, each checked alone; unknown ones are ignored."""
    number_language = str(form.choice("number_pronunciation_language", KNOWN_LANGUAGES, "auto"))
    wish = Wish(
        text=form.text("text"),
        voice_id=form.required("voice_id"),
        model=str(form.choice("model", models, STANDARD)),
        speed=form.number("speed", 0.5, 2, 1),
        sample_rate=int(form.choice("sample_rate", SAMPLE_RATES, 44100)),
        output_format=str(form.choice("output_format", FORMATS, "pcm")),
        language=str(form.choice("language", KNOWN_LANGUAGES, number_language)),
        number_language=number_language,
        math_notation=form.flag("math_notation"),
        wav_header=form.flag("add_wav_header"),
        dictionaries=form.texts("pronunciation_dicts"),
        session_id=form.identifier("session_id"),
        request_id=form.identifier("request_id"),
    )
    form.check()
    return wish


def check_together(form: Form, wish: Wish, pools: Mapping[str, str]) -> None:
    """What depends on more than one field: voice and language must fit the model."""
    if wish.voice_id and wish.voice_id not in pools:
        form.add("custom", "voice_id", "Invalid Voice ID")
    elif pools.get(wish.voice_id) != wish.pool:
        message = f"Voice '{wish.voice_id}' is not available on the {wish.model} model"
        form.add("custom", "voice_id", message)
    spoken = LANGUAGES[wish.pool]
    codes = {"language": wish.language, "number_pronunciation_language": wish.number_language}
    for name, code in codes.items():
        if code not in spoken and name in form.body:
            supported = ", ".join(spoken)
            message = f"Language '{code}' is not supported by the {wish.model} model. Supported: {supported}"
            form.add("custom", name, message)
    form.check()


def blocked(body: Json, words: set[str]) -> bool:
    """Whether the request asks for a content filter that rejects, and holds one of its words (section 2)."""
    asked = body.get("content_filter")
    if not isinstance(asked, dict) or asked.get("enabled") is not True or asked.get("action") == "flag":
        return False
    spoken = set(re.findall(r"\w+", str(body.get("text")).lower()))
    return not spoken.isdisjoint(word.lower() for word in words)


@functools.cache
def catalogue() -> dict[str, Json]:
    """The voices of the package's data file, by id."""
    file = ROOT / "mkdocs_lightning/reading/settings/voices.json"
    voices: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    return voices


def listed_voice(voice_id: str, voice: Json) -> Json:
    """A voice as the catalog endpoints show it."""
    codes = voice["languages"]
    languages = [LANGUAGE_NAMES[code] for code in codes] if isinstance(codes, list) else []
    tags: Json = {"language": languages, "age": "adult", "emotions": [], "usecases": ["narration"]}
    tags |= {name: value for name, value in voice.items() if name in {"accent", "gender"}}
    return {"voiceId": voice_id, "displayName": voice_id.capitalize(), "tags": tags}


def cloned_voice(voice_id: str, model: str) -> Json:
    """A cloned voice as its endpoint shows it."""
    return {"voiceId": voice_id, "displayName": voice_id.capitalize(), "modelIds": [model.replace("_", "-")]}


# Audio --------------------------------------------------------------------------------------------


class WavHeader(enum.Enum):
    """Variants of the WAV header: its sizes, or chunks around the data."""

    TRUE = "true sizes, 44 bytes"
    UNKNOWN_FF = 0xFFFFFFFF
    UNKNOWN_7F = 0x7FFFFFFF
    ZERO = 0
    EXTRA_CHUNK = "a LIST chunk of odd length before the data, another after it"


class Mp3Start(enum.Enum):
    """What an MP3 body begins with (not known for sure)."""

    PLAIN = "a frame of sound"
    ID3 = "an ID3v2 tag"
    INFO = "an Info frame"


@dataclass(frozen=True)
class Sound:
    """Samples, 16 bits each, one column a channel, and their rate."""

    samples: Samples
    rate: int


def generator(seed: str) -> np.random.Generator:
    """Random numbers that depend on the seed alone."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))


def tone(seed: str, seconds: float, rate: int) -> Samples:
    """Something like speech: a voiced buzz of the seed's own pitch and melody, in syllables."""
    numbers = generator(seed)
    at = np.arange(min(rate, max(1, round(seconds * rate)))) / rate
    melody = numbers.uniform(90, 220) * at + numbers.uniform(0.5, 2) * np.sin(2 * np.pi * numbers.uniform(0.4, 1) * at)
    buzz = sum(np.sin(2 * np.pi * n * melody) * numbers.uniform(0.3, 1) / n for n in (1, 2, 3, 5))
    syllables = np.interp(at * 5, np.arange(7), numbers.uniform(0.15, 1, 7))
    voiced = np.asarray(8000 * buzz * syllables, dtype=np.int16)
    return np.resize(voiced, round(seconds * rate))


def encode(sound: Sound, output_format: str, header: WavHeader, start: Mp3Start) -> bytes:
    """The sound in one of the service's formats."""
    if output_format == "wav":
        return wav(sound, header)
    if output_format == "mp3":
        return mp3(sound, start)
    if output_format == "pcm":
        return sound.samples.astype("<i2").tobytes()
    return written(sound, format="RAW", subtype=output_format.upper())


def wav(sound: Sound, header: WavHeader) -> bytes:
    """A WAV file with the canonical header of 44 bytes, or a variant of it."""
    data = sound.samples.astype("<i2").tobytes()
    channels = sound.samples.ndim
    form = struct.pack("<HHIIHH", 1, channels, sound.rate, sound.rate * channels * 2, channels * 2, 16)
    extra = b""
    if header is WavHeader.EXTRA_CHUNK:
        made_by = b"INFOISFT" + struct.pack("<I", 5) + b"local"
        extra = b"LIST" + struct.pack("<I", len(made_by)) + made_by + b"\0"
    size = header.value if isinstance(header.value, int) else None
    riff_size = 36 + len(data) + 2 * len(extra) if size is None else size
    data_size = len(data) if size is None else size
    head = b"RIFF" + struct.pack("<I", riff_size) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return head + extra + b"data" + struct.pack("<I", data_size) + data + extra


# By sample rate: libsndfile's compression level, the kbit/s that it gives, bytes a frame for each of them.
MP3_RATES: Final = {
    8000: (0.0, 64, 72),
    16000: (0.2, 128, 72),
    24000: (0.2, 128, 72),
    44100: (0.667, 128, 144),
}


def mp3(sound: Sound, start: Mp3Start) -> bytes:
    """MPEG Layer III at a constant bit rate; the encoder's Info frame is kept only if asked for."""
    level, kbits, factor = MP3_RATES[sound.rate]
    encoded = written(sound, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=level)
    if start is Mp3Start.INFO:
        return encoded
    frames = encoded[factor * kbits * 1000 // sound.rate :]
    if start is Mp3Start.PLAIN:
        return frames
    encoder = b"TSSE" + struct.pack(">IH", 7, 0) + b"\x03local\0"
    return b"ID3\x04\0\0" + struct.pack(">I", len(encoder)) + encoder + frames


def written(sound: Sound, **options: object) -> bytes:
    """What libsndfile writes."""
    file = io.BytesIO()
    soundfile.write(file, sound.samples, sound.rate, **options)
    return file.getvalue()


@functools.cache
def bomb() -> bytes:
    """A gzip stream that begins like a WAV file and unpacks to 1 GiB of zeros."""
    start = wav(Sound(np.zeros(0, np.int16), 24000), WavHeader.UNKNOWN_FF)
    return gzip.compress(start) + 1024 * gzip.compress(bytes(1 << 20))


# The service --------------------------------------------------------------------------------------


@dataclass(eq=False)
class Service:
    """The service, as a context manager. Its fields are knobs, and may be turned while it runs."""

    port: int = 0  # 0: any that is free
    keys: set[str] = field(default_factory=lambda: {"sk_test_key"})  # Bearer keys that are accepted
    quota_keys: dict[str, int] = field(default_factory=dict)  # keys without credit; 402 or 403 says so
    latency: float = 0.0  # seconds a synthesis takes
    error_latency: float = 0.0  # seconds an error answer takes
    limit: int | None = None  # syntheses at one time for the whole account; 429 for more
    requests_per_minute: int | None = None  # syntheses within `minute`, a sliding window; 429 for more
    minute: float = 60.0  # seconds
    retry_after: str | None = None  # the Retry-After header of those answers of status 429
    unified_route: int = 200  # or the status that it answers with instead
    legacy_route: int = 200  # likewise
    clones_route: int = 200  # likewise, but only whether it exists
    retired_models: dict[str, int] = field(default_factory=dict)  # each with how it fails: 410 or 400
    content_filter_words: set[str] = field(default_factory=set)  # what a request's filter rejects
    faults: Faults | None = None  # what befalls which synthesis; see `every` and `first`
    drip: float = 0.05  # seconds before each of the 16 pieces of a Fault.SLOW body
    wav_header: WavHeader = WavHeader.TRUE
    mp3_start: Mp3Start = Mp3Start.PLAIN
    content_length: bool = True  # of audio; chunked otherwise
    gains: dict[str, float] = field(default_factory=dict)  # by voice id: how much louder it speaks, as a factor
    unstable: bool = False  # whether each call gives audio of another length
    dictionaries: dict[str, Json] = field(default_factory=dict)  # by id: 24 hexadecimal digits
    cloned: dict[str, str] = field(default_factory=dict)  # voice ids, each with the model it was cloned for

    requests: list[Received] = field(default_factory=list, init=False)  # since `clear`, as they were answered
    peak: int = field(default=0, init=False)  # most syntheses that ran at one time since `clear`
    offered: int = field(default=0, init=False)  # most that were asked for at one time, one that was refused included
    url: str = field(default="", init=False)  # where it is, once it runs
    stopping: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _running: int = field(default=0, init=False)
    _admitted: int = field(default=0, init=False)
    _admissions: deque[float] = field(default_factory=deque, init=False, repr=False)

    def __enter__(self) -> Self:
        self.stopping.clear()
        self._server = HttpServer(functools.partial(_serve, self), port=self.port, methods=METHODS).__enter__()
        self.url = self._server.url
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop at once: whoever waits for an answer loses the connection."""
        self.stopping.set()
        self._server.__exit__()

    @property
    def connections(self) -> int:
        """Accepted so far."""
        return self._server.connections

    def clear(self) -> None:
        """Forget what was received, and count from the start."""
        with self._lock:
            self.requests.clear()
            self._admissions.clear()
            self._admitted = 0
            self.peak = self.offered = self._running

    @property
    def spoken(self) -> list[str]:
        """The texts that were answered with good audio, in the order of completion."""
        with self._lock:
            return [str(each.body["text"]) for each in self.requests if each.good and each.body]

    def respond(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> Answer:
        """Answer a request, and keep the record."""
        started = time.monotonic()
        body = _json_object(raw)
        request_id = str(uuid.uuid4())
        try:
            answer = self._route(method, path, headers, body)
        except Refusal as refusal:
            self.stopping.wait(self.error_latency)
            answer = refusal.failure.answer(request_id)
        status = None if answer.fault in {Fault.HANG, Fault.RESET} else answer.status
        received = Received(method, path, headers, body, status, started, time.monotonic(), answer.good)
        with self._lock:
            self.requests.append(received)
        return replace(answer, headers={"X-Request-Id": request_id, **answer.headers})

    def _route(self, method: str, path: str, headers: dict[str, str], body: Json | None) -> Answer:
        """Find what is asked for."""
        path = path.partition("?")[0]
        if path.startswith(RETIRED_ROUTES):
            raise retired(path)
        if method == "GET" and path in VOICE_LISTS:
            self._check_key(headers)
            return json_answer(200, {"voices": self._voices(VOICE_LISTS[path])})
        if method == "GET" and path == CLONES and self.clones_route == HTTPStatus.OK:
            self._check_key(headers)
            return json_answer(200, {"data": [cloned_voice(*each) for each in self.cloned.items()]})
        status = {UNIFIED: self.unified_route, LEGACY: self.legacy_route}.get(path, 404)
        if method != "POST" and status == HTTPStatus.OK:
            status = 404
        if status == HTTPStatus.GONE:
            raise retired(path)
        if status != HTTPStatus.OK:
            raise Refusal(Failure(status, shape=Shape.C, message=f"Cannot {method} {path}"))
        key = self._check_key(headers)
        if key in self.quota_keys:
            message = "The quota of your workspace is used up"
            raise Refusal(Failure(self.quota_keys[key], message=message, error_code="quota_exceeded"))
        return self._synthesize(headers, body)

    def _check_key(self, headers: dict[str, str]) -> str:
        """The request's key (status 401)."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or key not in self.keys | self.quota_keys.keys():
            raise Refusal(Failure(401, message="Missing or invalid API key", error_code="unauthenticated"))
        return key

    def _voices(self, pool: str) -> list[Json]:
        voices = dict(catalogue())
        for name, model in self.cloned.items():
            voices[name] = {"model": model, "languages": []}
        return [listed_voice(name, voice) for name, voice in voices.items() if voice["model"] == pool]

    def _synthesize(self, headers: dict[str, str], body: Json | None) -> Answer:
        wish = self._checked(body)
        with self._admission() as number:
            fault = self.faults(number, body or {}) if self.faults else None
            if isinstance(fault, Failure):
                raise Refusal(fault)
            stopped = self.stopping.wait(self.latency)
            answer = self._spoken_answer(wish, number, Fault.RESET if stopped else fault)
        echoed = {
            "X-Session-Id": str(uuid.uuid4()),
            "X-External-Session-Id": wish.session_id,
            "X-External-Request-Id": wish.request_id,
        }
        expiry = {"x-content-expiry": "not-entitled"} if "x-expire-content" in headers else {}
        return replace(answer, headers={**echoed, **expiry, **answer.headers})

    def _checked(self, body: Json | None) -> Wish:
        """The request, validated."""
        if body is None:
            raise Refusal(Failure(400, shape=Shape.A, issues=(issue("invalid_type", (), "Required"),)))
        model = str(body.get("model", STANDARD))
        if self.retired_models.get(model) == HTTPStatus.GONE:
            raise retired(model)
        form = Form({"model": STANDARD, **body})
        wish = read_wish(form, tuple(name for name in MODELS if name not in self.retired_models))
        pools = {name: str(voice["model"]) for name, voice in catalogue().items()}
        check_together(form, wish, {**pools, **self.cloned})
        known = (re.fullmatch("[0-9a-fA-F]{24}", name) and name in self.dictionaries for name in wish.dictionaries)
        if not all(known):
            raise Refusal(Failure(400, shape=Shape.D, message="Invalid input data"))
        if blocked(body, self.content_filter_words):
            message = "The text was blocked by the content filter"
            raise Refusal(Failure(400, message=message, error_code="CONTENT_FILTER_BLOCKED"))
        return wish

    @contextlib.contextmanager
    def _admission(self) -> Iterator[int]:
        """Let a synthesis in, if the account's limits allow it, and give its number.

        It is over before its answer's first byte goes out: a client that has its answer never finds its own
        shadow in the way of its next request.
        """
        with self._lock:
            self.offered = max(self.offered, self._running + 1)
            self._check_limits()
            self._admitted += 1
            number = self._admitted
            self._running += 1
            self.peak = max(self.peak, self._running)
        try:
            yield number
        finally:
            with self._lock:
                self._running -= 1

    def _check_limits(self) -> None:
        now = time.monotonic()
        while self._admissions and self._admissions[0] <= now - self.minute:
            self._admissions.popleft()
        full = self.limit is not None and self._running >= self.limit
        fast = self.requests_per_minute is not None and len(self._admissions) >= self.requests_per_minute
        if full or fast:
            message = "Concurrency limit reached" if full else "Too many requests in a minute"
            code = "rate_limit_exceeded"
            raise Refusal(Failure(429, message=message, error_code=code, retry_after=self.retry_after))
        self._admissions.append(now)

    def _spoken_answer(self, wish: Wish, number: int, fault: Fault | Redirect | None) -> Answer:
        """Status 200 with audio, or what the fault makes of it."""
        match fault:
            case Redirect(location, status):
                return Answer(status=status, content_type="text/plain", headers={"Location": location})
            case Fault.EMPTY | Fault.HANG | Fault.RESET:
                return Answer(status=200, content_type="audio/wav", fault=fault)
            case Fault.GZIP_BOMB:
                packed = {"Content-Encoding": "gzip"}
                return Answer(status=200, content_type="audio/wav", body=bomb(), headers=packed, fault=fault)
            case Fault.JSON_200 | Fault.HTML_200:
                shape = Shape.B if fault is Fault.JSON_200 else Shape.E
                return replace(Failure(500, shape=shape).answer(str(uuid.uuid4())), status=200, fault=fault)
            case _:
                body = self._audio(wish, number, fault)
                chunked = not self.content_length
                return Answer(status=200, content_type="audio/wav", body=body, fault=fault, chunked=chunked)

    def _audio(self, wish: Wish, number: int, fault: Fault | None) -> bytes:
        header = WavHeader.UNKNOWN_FF if fault is Fault.ENDLESS else self.wav_header
        output_format = "wav" if wish.wav_header and wish.output_format == "pcm" else wish.output_format
        body = encode(self._sound(wish, number, fault), output_format, header, self.mp3_start)
        truncated = fault in {Fault.TRUNCATED_WAV, Fault.TRUNCATED_CLOSE}
        return body[: len(body) // 4 * 2] if truncated else body

    def _sound(self, wish: Wish, number: int, fault: Fault | None) -> Sound:
        """The text's sound: 15 characters a second, give or take 6 percent."""
        seed = f"{wish.seed} {number}" if self.unstable else wish.seed
        jitter = generator(f"length of {seed}").uniform(0.94, 1.06)
        seconds = len(wish.text) / SPEECH_RATE / wish.speed * jitter
        rate = wish.sample_rate
        if fault is Fault.WRONG_RATE:
            rate = 16000 if rate != 16000 else 8000
        samples = tone(seed, 0.05 if fault is Fault.TOO_SHORT else seconds, rate)
        if wish.voice_id in self.gains:
            samples = np.clip(samples * self.gains[wish.voice_id], -32767, 32767).astype(np.int16)
        if fault is Fault.SILENCE:
            samples = np.zeros_like(samples)
        if fault is Fault.STEREO:
            samples = np.column_stack((samples, samples))
        return Sound(samples, rate)


def _json_object(raw: bytes) -> Json | None:
    with contextlib.suppress(ValueError):
        body = json.loads(raw)
        return body if isinstance(body, dict) else None
    return None


# HTTP ---------------------------------------------------------------------------------------------


def _serve(service: Service, exchange: Exchange) -> None:
    """Answer one request."""
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    answer = service.respond(exchange.command, exchange.path, headers, exchange.body())
    if answer.fault is Fault.HANG:
        _hang(exchange)
    elif answer.fault is Fault.RESET:
        _reset(exchange)
    else:
        _send(service, exchange, answer)


def _send(service: Service, exchange: Exchange, answer: Answer) -> None:
    chunked = (answer.chunked or answer.fault is Fault.ENDLESS) and answer.fault is not Fault.TRUNCATED_CLOSE
    if chunked:
        length = {"Transfer-Encoding": "chunked"}
    elif answer.fault is Fault.TRUNCATED_CLOSE:
        length = {"Connection": "close"}
    else:
        length = {"Content-Length": str(len(answer.body))}
    exchange.start(answer.status, {"Content-Type": answer.content_type, **answer.headers, **length})
    for piece in _pieces(service, answer):
        exchange.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
    if answer.fault in {Fault.TRUNCATED_LENGTH, Fault.ENDLESS} or service.stopping.is_set():
        exchange.close_connection = True
    if chunked and not exchange.close_connection:
        exchange.wfile.write(b"0\r\n\r\n")


def _pieces(service: Service, answer: Answer) -> Iterator[bytes]:
    """The parts of the body, each when its time has come."""
    body, size = answer.body, -(-len(answer.body) // 16) or 1
    sixteenths = (body[at : at + size] for at in range(0, len(body), size))
    match answer.fault:
        case Fault.TRUNCATED_LENGTH:
            yield body[: len(body) // 2]
        case Fault.SLOW:
            yield from itertools.takewhile(lambda _: not service.stopping.wait(service.drip), sixteenths)
        case Fault.ENDLESS:
            while not service.stopping.wait(0.001):
                yield body
        case _:
            yield from sixteenths if answer.chunked else (body,)


def _hang(exchange: Exchange) -> None:
    exchange.close_connection = True
    exchange.connection.recv(1)  # returns when the client closes, or when the server cuts the connection


def _reset(exchange: Exchange) -> None:
    exchange.close_connection = True
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.rfile.close()  # the last other user of the socket, which now closes with a reset
    exchange.connection.close()


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="tests.support.service", description="A local Lightning v3.1 service.")
    parser.add_argument("--port", type=int, default=8765, help="0 for any free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a synthesis takes")
    parser.add_argument("--limit", type=int, help="syntheses at one time; more are refused with 429")
    parser.add_argument("--key", default="sk_test_key", help="the Bearer key that is accepted")
    args = parser.parse_args()
    service = Service(port=args.port, latency=args.latency, limit=args.limit, keys={args.key})
    with service, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"{service.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
