"""The Lightning engine keeps its half of the contract, seen by the local service over real sockets."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from email.utils import formatdate
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.base.errors import LightningError, SettingError
from mkdocs_lightning.engines import (
    BusyError,
    DefectError,
    EngineError,
    EngineOptions,
    EngineStoppedError,
    KeyRefusedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
    make_engine,
)
from mkdocs_lightning.engines.lightning import MAX_CONCURRENCY, LightningEngine, retirement_warning
from mkdocs_lightning.engines.lightning_reply import MAX_MESSAGE
from mkdocs_lightning.engines.lightning_request import RequestExtras
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL, STANDARD_MODEL
from mkdocs_lightning.reading.settings.voice import Voice, resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.http_server import answering, http_reply, nobody
from tests.support.service import (
    LEGACY,
    UNIFIED,
    Failure,
    Fault,
    Mp3Start,
    Redirect,
    Service,
    Shape,
    Sound,
    WavHeader,
    encode,
    every,
    first,
    issue,
)
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mkdocs_lightning.engines.lightning_reply import WireFormat

TEXT = "The quick brown fox jumps over a lazy dog."
VOICE = resolve_voice(VoiceSettings())
SECRET = "sk_0123456789abcdef0123456789abcdef"
DICTIONARY = "0123456789abcdef01234567"
BASIC = {"text", "model", "voice_id", "language", "speed", "sample_rate", "output_format"}


@pytest.fixture
def engine(service: Service) -> Iterator[LightningEngine]:
    engine = LightningEngine(KEY, service.url)
    yield engine
    engine.close()


def refused(engine: LightningEngine, voice: Voice = VOICE, text: str = TEXT) -> EngineError:
    with pytest.raises(EngineError) as raised:
        engine.synthesize(text, voice)
    return raised.value


def sent(service: Service) -> dict[str, object]:
    """The body of the only request."""
    (request,) = service.requests
    assert request.body is not None
    return request.body


# The request ------------------------------------------------------------------------------------------


def test_a_request_leaves_nothing_to_the_services_defaults(service: Service, engine: LightningEngine) -> None:
    engine.synthesize(TEXT, VOICE)
    assert sent(service) == {
        "text": TEXT,
        "model": "lightning_v3.1_pro",
        "voice_id": "kaitlyn",
        "language": "en",
        "speed": 1.0,
        "sample_rate": 24000,
        "output_format": "wav",
    }
    (request,) = service.requests
    assert (request.method, request.path) == ("POST", UNIFIED)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "audio/wav"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["x-source"] == "mkdocs-lightning"
    assert "x-expire-content" not in request.headers
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        (VoiceSettings(model=STANDARD_MODEL), {"model": "lightning_v3.1", "voice_id": "magnus"}),
        (VoiceSettings(model=f"{PRO_MODEL}_07_26"), {"model": "lightning_v3.1_pro_07_26", "voice_id": "kaitlyn"}),
        (VoiceSettings(voice_id="olivia"), {"model": "lightning_v3.1", "voice_id": "olivia"}),
        (
            VoiceSettings(voice_id="voice_mine", model=PRO_MODEL),
            {"model": "lightning_v3.1_pro", "voice_id": "voice_mine"},
        ),
        (VoiceSettings(speed=0.5), {"speed": 0.5}),
        (VoiceSettings(speed=2.0), {"speed": 2.0}),
        *((VoiceSettings(sample_rate=rate), {"sample_rate": rate}) for rate in (8000, 16000, 24000, 44100)),
        (VoiceSettings(language="hi"), {"language": "hi"}),
        (VoiceSettings(language="auto"), {"language": "auto"}),
        (VoiceSettings(number_pronunciation_language="de"), {"number_pronunciation_language": "de"}),
        (VoiceSettings(math_notation=True), {"math_notation": True}),
        (VoiceSettings(math_notation=False), {}),
        (VoiceSettings(pronunciation_dicts=(DICTIONARY,)), {"pronunciation_dicts": [DICTIONARY]}),
    ],
)
def test_voice_settings_are_sent(
    service: Service, engine: LightningEngine, settings: VoiceSettings, fields: dict[str, object]
) -> None:
    service.dictionaries, service.cloned = {DICTIONARY: {}}, {"voice_mine": PRO_MODEL}
    voice = resolve_voice(settings)
    audio = engine.synthesize(TEXT, voice)
    check(audio, text=TEXT, sample_rate=voice.sample_rate, speed=voice.speed)
    body = sent(service)
    assert body == {**body, **fields}
    assert body.keys() == BASIC | fields.keys()


@pytest.mark.parametrize(
    ("extras", "fields"),
    [
        (RequestExtras(session_id="s-1", request_id="r.1_"), {"session_id": "s-1", "request_id": "r.1_"}),
        (RequestExtras(save_history=True), {"save_history": True}),
        (RequestExtras(content_filter="flag"), {"content_filter": {"enabled": True, "action": "flag"}}),
        (RequestExtras(content_filter="reject"), {"content_filter": {"enabled": True, "action": "reject"}}),
        (RequestExtras(expire_content=True, source="a test"), {}),
    ],
)
def test_extras_are_sent(service: Service, extras: RequestExtras, fields: dict[str, object]) -> None:
    LightningEngine(KEY, service.url, extras=extras).synthesize(TEXT, VOICE)
    body = sent(service)
    assert body == {**body, **fields}
    assert body.keys() == BASIC | fields.keys()
    headers = service.requests[0].headers
    assert headers["x-source"] == extras.source
    assert headers.get("x-expire-content") == ("true" if extras.expire_content else None)


@pytest.mark.parametrize("name", ["session_id", "request_id"])
@pytest.mark.parametrize("value", ["", "a b", "é", "x" * 129, "line\n"])
def test_ids_that_the_service_would_refuse(name: str, value: str) -> None:
    with pytest.raises(SettingError, match="is not an id") as raised:
        RequestExtras(**{name: value})  # type: ignore[arg-type]
    assert raised.value.setting == name


@pytest.mark.parametrize("source", ["line\nbreak", "naïve"])
def test_a_source_that_no_header_can_hold(source: str) -> None:
    with pytest.raises(SettingError, match="printable ASCII"):
        RequestExtras(source=source)


@pytest.mark.parametrize("text", ["", " \n", "x" * 8001])
def test_a_text_of_the_wrong_length_is_not_sent(service: Service, engine: LightningEngine, text: str) -> None:
    assert "1 to 8,000 characters" in str(refused(engine, text=text))
    assert service.requests == []


def test_the_longest_text_is_spoken(engine: LightningEngine) -> None:
    voice = resolve_voice(VoiceSettings(sample_rate=8000, speed=0.5))
    assert engine.synthesize(" " + "word " * 1600, voice).duration > 900


@pytest.mark.parametrize("model", [STANDARD_MODEL, PRO_MODEL])
def test_every_language_of_a_model(engine: LightningEngine, model: str) -> None:
    codes = LANGUAGES[model]
    assert len(codes) == {STANDARD_MODEL: 21, PRO_MODEL: 32}[model]
    for code in codes:
        engine.synthesize("Hi you.", resolve_voice(VoiceSettings(model=model, language=code, sample_rate=8000)))


def test_without_a_key_nothing_is_sent(service: Service) -> None:
    engine = LightningEngine(None, service.url)
    assert engine.unavailable_reason == "there is no API key; set the environment variable SMALLEST_API_KEY"
    assert type(refused(engine)) is KeyRefusedError
    assert service.requests == []


@pytest.mark.parametrize("key", ["", " \n"])
def test_an_empty_key_is_told_from_none(service: Service, key: str) -> None:
    engine = LightningEngine.from_options(EngineOptions(api_key=key, base_url=service.url))
    assert str(engine.unavailable_reason).endswith("SMALLEST_API_KEY is set but empty")
    assert type(refused(engine)) is KeyRefusedError
    assert service.requests == []


def test_the_engine_is_found_by_its_name(service: Service) -> None:
    engine = make_engine("auto", EngineOptions(api_key=KEY, base_url=service.url))
    assert isinstance(engine, LightningEngine)
    assert engine.normalize_voice(VOICE) is VOICE
    assert engine.unavailable_reason is None
    assert isinstance(make_engine("auto", EngineOptions(api_key=" \n", base_url=service.url)), LightningEngine)


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (
            date(2026, 11, 29),
            "will reportedly be retired on 2026-11-30; move to ",
        ),
        (
            date(2026, 11, 30),
            "was reportedly retired on 2026-11-30, so the service may ",
        ),
        (
            date(2027, 1, 1),
            "was reportedly retired on 2026-11-30, so the service may ",
        ),
    ],
)
def test_the_warning_of_a_model_that_retires_follows_the_date(today: date, words: str) -> None:
    warning = retirement_warning(resolve_voice(VoiceSettings(model=STANDARD_MODEL)), today)
    assert str(warning).startswith(f"model lightning_v3.1 of voice_id 'magnus' {words}")
    assert "kaitlyn (cached audio keeps playing)" in str(warning)
    assert retirement_warning(VOICE, today) is None


def test_the_model_that_retires_is_warned_of(engine: LightningEngine) -> None:
    assert "2026-11-30" in str(engine.voice_warning(resolve_voice(VoiceSettings(model=STANDARD_MODEL))))
    assert engine.voice_warning(VOICE) is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"voice_id": "KAITLIN"}, "voice_id 'KAITLIN' is not a voice that this version knows (did you mean 'kaitlyn'"),
        ({"voice_id": "qqqq"}, "voice_id 'qqqq' is not a voice that this version knows; trying it with model "),
        ({"voice_id": "qqqq", "model": PRO_MODEL}, "voice_id 'qqqq' is not a voice that this version knows"),
        ({"voice_id": "qqqq", "model": STANDARD_MODEL}, "(cached audio keeps playing). voice_id 'qqqq' is not a"),
        ({"voice_id": "qqqq", "model": "another"}, None),
        ({"voice_id": "voice_1", "model": PRO_MODEL}, None),
        ({"voice_id": "willow"}, None),
        ({"voice_id": "petra", "language": "fr"}, "voice_id 'petra' is a voice for de, but the language is fr"),
        ({"model": STANDARD_MODEL, "language": "fr"}, "voice_id 'magnus' is a voice for en, but the language is fr"),
        ({"model": STANDARD_MODEL, "language": "es", "voice_id": "alba"}, "such as martina (cached"),
        ({"voice_id": "aarini", "language": "en"}, None),  # a Hindi voice that speaks English as well
        ({"voice_id": "qqqq", "language": "fr", "model": "another"}, None),
    ],
)
def test_a_voice_that_the_catalogue_lacks_or_has_for_others_is_warned_of(
    engine: LightningEngine, settings: dict[str, object], words: str | None
) -> None:
    warning = engine.voice_warning(resolve_voice(VoiceSettings.parse(settings)))
    assert (warning is None) if words is None else (words in str(warning))


def test_a_model_that_the_account_may_not_use_is_no_wrong_key(service: Service, engine: LightningEngine) -> None:
    service.faults = first(1, Failure(403, shape=Shape.F, message="Beta", error_code="model_access_denied"))
    error = refused(engine)
    assert isinstance(error, VoiceRefusedError)
    assert f"'model_access_denied; Beta': the account has no access to model {PRO_MODEL}; set another" in str(error)


def test_cloned_voices(service: Service, engine: LightningEngine) -> None:
    service.cloned = {"voice_1": STANDARD_MODEL, "voice_2": PRO_MODEL}
    assert [(voice.voice_id, voice.name, voice.model) for voice in engine.cloned_voices()] == [
        ("voice_1", "Voice_1", STANDARD_MODEL),
        ("voice_2", "Voice_2", PRO_MODEL),
    ]


@pytest.mark.parametrize(
    ("raw", "models"),
    [
        (
            b'[{"voiceId": "voice_1", "modelIds": ["lightning-v3.1", "lightning-v3.1-pro"]}]',
            [STANDARD_MODEL, PRO_MODEL],
        ),
        (b'{"voices": [{"voiceId": "voice_1"}]}', ["unknown"]),
        (b'{"data": [{"voiceId": "voice_1", "modelIds": [7]}, {"voiceId": 8}, "voice_2"]}', ["unknown"]),
    ],
)
def test_the_models_of_a_cloned_voice(raw: bytes, models: list[str]) -> None:
    with answering(http_reply("200 OK", raw)) as url:
        assert [voice.model for voice in LightningEngine(KEY, url).cloned_voices()] == models


def test_what_a_service_says_of_a_model_is_printable_and_without_the_key() -> None:
    raw = b'[{"voiceId": "voice_1", "modelIds": ["\\u001b[31m\\nv9 sk-test-key"]}]'
    with answering(http_reply("200 OK", raw)) as url:
        (voice,) = LightningEngine("sk-test-key", url).cloned_voices()
    assert voice.model == "[31m v9 [the key]"


# The response -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_length", [True, False])
@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100])
@pytest.mark.parametrize("wire_format", ["wav", "pcm", "mp3", "ulaw", "alaw"])
def test_formats(service: Service, wire_format: WireFormat, rate: int, *, content_length: bool) -> None:
    service.content_length = content_length
    voice = resolve_voice(VoiceSettings(sample_rate=rate))
    audio = LightningEngine(KEY, service.url, wire_format=wire_format).synthesize(TEXT, voice)
    assert sent(service)["output_format"] == wire_format
    check(audio, text=TEXT, sample_rate=rate, speed=1)
    padding = 0.2 if wire_format == "mp3" else 0.0
    assert audio.duration == pytest.approx(len(TEXT) / 15, abs=0.061 * len(TEXT) / 15 + padding)


@pytest.mark.parametrize("header", WavHeader)
def test_wav_headers(service: Service, engine: LightningEngine, header: WavHeader) -> None:
    plain = engine.synthesize(TEXT, VOICE)
    service.wav_header = header
    assert engine.synthesize(TEXT, VOICE).samples.tolist() == plain.samples.tolist()


@pytest.mark.parametrize("start", Mp3Start)
def test_mp3_starts(service: Service, start: Mp3Start) -> None:
    service.mp3_start = start
    audio = LightningEngine(KEY, service.url, wire_format="mp3").synthesize(TEXT, VOICE)
    assert audio.duration == pytest.approx(len(TEXT) / 15, rel=0.061, abs=0.2)


@pytest.mark.parametrize("start", [b"{\xff", b"<\x00", b"[\x80", b"{ab\xf0"])
def test_raw_samples_may_begin_like_text(start: bytes) -> None:
    samples = start + b"\x80\x10" * 8000
    with answering(http_reply("200 OK", samples)) as url:
        engine = LightningEngine(KEY, url, wire_format="ulaw")
        assert len(engine.synthesize(TEXT, VOICE).samples) == len(samples)


@pytest.mark.parametrize("wire_format", ["wav", "pcm", "mp3", "ulaw", "alaw"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty body"),
        (b'{"status": "error", "message": "Broken"}', "'Broken'"),
        (b' {"error": "Broken", "padding": "' + b"x" * 3000 + b'"}', "'Broken'"),
        (b"<!DOCTYPE html>\n<html><body>Bad <b>gateway</b></body></html>", "'Bad gateway'"),
        ('{"message": "Kein Geräusch"}'.encode(), "'Kein Geräusch'"),
        (f'{{"message": "{"音" * 30}"}}'.encode(), f"'{'音' * 30}'"),
    ],
)
def test_status_200_without_audio(wire_format: WireFormat, content: bytes, words: str) -> None:
    with answering(http_reply("200 OK", content, "Content-Type: audio/wav", "X-Request-Id: r-7")) as url:
        error = refused(LightningEngine(KEY, url, wire_format=wire_format))
    assert type(error) is TransientError
    assert str(error) == f"the service sent {words} instead of audio"
    assert error.request_id == "r-7"


GOOD_SOUND = Sound(np.full(24000, 3000, np.int16), 24000)
GOOD_WAV = encode(GOOD_SOUND, "wav", WavHeader.TRUE, Mp3Start.PLAIN)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "206 Partial Content"])
@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(GOOD_WAV, mtime=0),
        b"RF64" + GOOD_WAV[4:],
        b"RIFX" + GOOD_WAV[4:],
        b"\n" + GOOD_WAV,
        b"fLaC\0\0\0\x22" + bytes(100),
        b"OggS\0\2" + bytes(100),
        GOOD_SOUND.samples.tobytes(),
        b"\x81\x92\xa3\xb4" * 100,
    ],
    ids=["gzip", "RF64", "RIFX", "late", "FLAC", "Ogg", "samples", "companded"],
)
def test_audio_that_nobody_asked_for_is_charged_for(status: str, content: bytes) -> None:
    with answering(http_reply(status, content)) as url:
        error = refused(LightningEngine(KEY, url))
    assert isinstance(error, TransientError)
    assert error.was_answered
    assert isinstance(error, DefectError) == (status == "200 OK")


INTERIM = ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n", "HTTP/1.1 102 Processing\r\n", "HTTP/1.1 100 Continue\r\n"]


@pytest.mark.parametrize(
    "interim", [INTERIM[:1], INTERIM[1:2], INTERIM, INTERIM * 40], ids=["103", "102", "all", "many"]
)
def test_an_interim_reply_is_not_the_reply(interim: list[str]) -> None:
    """Taken for it, it would leave the real one on the connection, as the answer to the next sentence."""
    head = "".join(f"{each}\r\n" for each in interim).encode()
    with answering(head, http_reply("200 OK", GOOD_WAV)) as url:
        assert LightningEngine(KEY, url).synthesize(TEXT, VOICE).duration == 1


def test_a_service_that_switches_protocols_has_not_answered() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
    with answering(head, http_reply("200 OK", GOOD_WAV)) as url:
        error = refused(LightningEngine(KEY, url))
    assert type(error) is TransientError
    assert "the service switched to another protocol" in str(error)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.RESET, "the connection to the service failed; check .*: .*reset"),
        (Fault.EMPTY, "the service sent an empty body instead of audio"),
        (Fault.TRUNCATED_LENGTH, "the service's reply was cut short"),
        (Fault.TRUNCATED_WAV, "reply is damaged: the audio is cut short"),
        (Fault.TRUNCATED_CLOSE, "reply is damaged: the audio is cut short"),
        (Fault.JSON_200, "the service sent 'Internal Server Error' instead of audio"),
        (Fault.HTML_200, "the service sent '500 Internal Server Error' instead of audio"),
        (Fault.STEREO, "reply is damaged: the audio has 2 channels"),
        (Fault.GZIP_BOMB, "the service sent [0-9,]+ bytes of something else instead of audio"),
        (Fault.ENDLESS, "the service's reply is larger than 3 MB"),
    ],
)
@pytest.mark.parametrize("content_length", [True, False])
def test_faults_are_transient(
    service: Service, engine: LightningEngine, fault: Fault, words: str, *, content_length: bool
) -> None:
    service.faults, service.content_length = first(1, fault), content_length
    with pytest.raises(TransientError, match=words) as raised:
        engine.synthesize(TEXT, VOICE)
    assert not isinstance(raised.value, BusyError)
    assert engine.synthesize(TEXT, VOICE).duration > 1


HEADS = {
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Type: audio/wav\r\n\r\n",
    "close": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "malformed length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("wire_format", ["wav", "pcm", "mp3", "ulaw", "alaw"])
def test_a_body_whose_end_nobody_knows_proves_nothing(wire_format: WireFormat, head: str) -> None:
    """It may be half of the sentence, and would be published for good."""
    sound = Sound(np.full(24000, 3000, np.int16), 24000)
    body = encode(sound, wire_format, WavHeader.UNKNOWN_FF, Mp3Start.PLAIN)
    with answering(HEADS[head], body) as url:
        error = refused(LightningEngine(KEY, url, wire_format=wire_format))
    assert type(error) is DefectError
    assert "neither the reply nor the audio says where it ends" in str(error)
    assert error.was_answered


@pytest.mark.parametrize("head", HEADS)
def test_a_body_that_states_its_length_needs_no_other(head: str) -> None:
    body = encode(Sound(np.full(24000, 3000, np.int16), 24000), "wav", WavHeader.TRUE, Mp3Start.PLAIN)
    with answering(HEADS[head], body) as url:
        assert LightningEngine(KEY, url).synthesize(TEXT, VOICE).duration == 1


# Errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Shape.A, "'Because of this'"),
        (Shape.B, "'some_code; Because of this'"),
        (Shape.C, "'{phrase}; Because of this'"),
        (Shape.D, "'Because of this'"),
        (Shape.E, "'{status} {phrase}'"),
        (Shape.F, "'some_code; Because of this'"),
    ],
)
def test_every_shape_is_put_in_words(
    service: Service, engine: LightningEngine, shape: Shape, words: str, status: int
) -> None:
    phrases = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests"}
    phrase = phrases.get(status, "Internal Server Error")
    service.faults = first(1, Failure(status, shape=shape, message="Because of this", error_code="some_code"))
    error = refused(engine)
    assert f"the service answered {status}, {words.format(status=status, phrase=phrase)}" in str(error)
    assert len(str(error.request_id)) == 36


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (Failure(429), BusyError, "answered 429"),
        *(
            (Failure(status), TransientError, f"answered {status}")
            for status in (408, 409, 425, 500, 502, 503, 504, 529)
        ),
        (Failure(502, shape=Shape.E), TransientError, "answered 502, '502 Bad Gateway'"),
        (Failure(401), KeyRefusedError, "check the API key in SMALLEST_API_KEY"),
        (Failure(402), EngineStoppedError, "no credit"),
        (Failure(403), EngineStoppedError, "limit is used up"),
        (Failure(400, error_code="CONTENT_FILTER_BLOCKED"), TextRefusedError, "CONTENT_FILTER_BLOCKED"),
        (Failure(400, shape=Shape.D, message="Invalid input data"), TextRefusedError, "Invalid input data"),
        (Failure(413, shape=Shape.E), TextRefusedError, "answered 413"),
        (Failure(422), TextRefusedError, "answered 422"),
        (
            Failure(400, shape=Shape.A, issues=(issue("too_small", ("text",), "Too short"),)),
            TextRefusedError,
            "'text: Too short'",
        ),
        (
            Failure(400, shape=Shape.A, issues=(issue("custom", ("voice_id",), "Invalid Voice ID"),)),
            VoiceRefusedError,
            "'voice_id: Invalid Voice ID': choose a voice_id of model lightning_v3.1_pro",
        ),
        (
            Failure(400, shape=Shape.C, message=f"Voice 'kaitlyn' is not available on the {PRO_MODEL} model"),
            VoiceRefusedError,
            "choose a voice_id of model lightning_v3.1_pro",
        ),
        (
            Failure(400, shape=Shape.A, issues=(issue("custom", ("language",), "Language 'en' …. Supported: hi"),)),
            VoiceRefusedError,
            "Supported: hi': set language to one that model lightning_v3.1_pro speaks",
        ),
        (
            Failure(400, shape=Shape.A, issues=(issue("invalid_enum_value", ("model",), "Invalid enum value"),)),
            VoiceRefusedError,
            "set model to another if lightning_v3.1_pro is retired",
        ),
        (
            Failure(400, shape=Shape.A, issues=(issue("invalid_enum_value", ("sample_rate",), "Invalid"),)),
            VoiceRefusedError,
            "'sample_rate: Invalid'",
        ),
        (
            Failure(410, error_code="MODEL_DEPRECATED", message="Gone", recommended_endpoint=UNIFIED),
            EngineStoppedError,
            f"'MODEL_DEPRECATED; Gone; {UNIFIED}': model lightning_v3.1_pro is retired; set model to another",
        ),
    ],
)
def test_situations(
    service: Service, engine: LightningEngine, failure: Failure, kind: type[EngineError], words: str
) -> None:
    service.faults = every(1, failure)
    error = refused(engine)
    assert type(error) is kind
    assert words in str(error)
    assert len(str(error.request_id)) == 36


@pytest.mark.parametrize(
    ("voice", "kind", "words"),
    [
        (Voice(model=PRO_MODEL, voice_id="nobody"), VoiceRefusedError, "voice_id: Invalid Voice ID"),
        (Voice(model="lightning_v9", voice_id="kaitlyn"), VoiceRefusedError, "model: Invalid enum value"),
        (
            Voice(model=PRO_MODEL, voice_id="kaitlyn", pronunciation_dicts=("f" * 24,)),
            TextRefusedError,
            "Invalid input data",
        ),
    ],
)
def test_what_the_service_itself_refuses(
    engine: LightningEngine, voice: Voice, kind: type[EngineError], words: str
) -> None:
    error = refused(engine, voice)
    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize("status", [402, 403])
def test_no_quota(service: Service, status: int) -> None:
    service.quota_keys = {"sk_poor": status}
    error = refused(LightningEngine("sk_poor", service.url))
    assert type(error) is EngineStoppedError
    assert "The quota of your workspace is used up" in str(error)


def test_a_wrong_key(service: Service) -> None:
    error = refused(LightningEngine("sk_wrong", service.url))
    assert type(error) is KeyRefusedError
    assert "answered 401, 'unauthenticated; Missing or invalid API key': check the API key" in str(error)


def test_the_request_id_of_the_body_serves_where_no_header_has_one() -> None:
    body = json.dumps({"status": "error", "message": "Broken", "request_id": "r-9"}).encode()
    with answering(http_reply("500 Oops", body)) as url:
        assert refused(LightningEngine(KEY, url)).request_id == "r-9"


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "206 Partial Content"])
def test_a_success_that_is_none(status: str) -> None:
    with answering(http_reply(status, b"")) as url:
        assert type(refused(LightningEngine(KEY, url))) is TransientError


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None), ("7", 7), ("0.5", 0.5), ("0", 0), ("86400", 86400), ("soon", None), ("-5", None), ("", None),
        ("Mon, 99 Nov 2026 99:00:00 GMT", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(
    service: Service, engine: LightningEngine, status: int, value: str | None, seconds: float | None
) -> None:
    service.faults = every(1, Failure(status, retry_after=value))
    error = refused(engine)
    assert isinstance(error, TransientError)
    assert error.retry_after == seconds


def test_retry_after_as_a_date(service: Service, engine: LightningEngine) -> None:
    service.faults = every(1, Failure(429, retry_after=formatdate(time.time() + 60, usegmt=True)))
    error = refused(engine)
    assert isinstance(error, BusyError)
    assert error.retry_after == pytest.approx(60, abs=5)


def test_words_are_few_and_on_one_line(service: Service, engine: LightningEngine) -> None:
    service.faults = every(1, Failure(500, message="a\x1b[31m\n\tb" + "c" * 5000))
    words = str(refused(engine))
    assert "'a [31m bccc" in words
    assert len(words) < MAX_MESSAGE + 50


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"error": ' * 500 + b"1" + b"}" * 500, b"\xff\xfe", b"null", b'"x"']
)
def test_error_bodies_of_any_kind(body: bytes) -> None:
    with answering(http_reply("500 Oops", body)) as url:
        assert "the service answered 500, " in str(refused(LightningEngine(KEY, url)))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_no_http_is_transient(raw: bytes) -> None:
    with answering(raw) as url:
        assert type(refused(LightningEngine(KEY, url, 5))) is TransientError


def test_nobody_there() -> None:
    with nobody() as url:
        error = refused(LightningEngine(KEY, url))
    assert type(error) is TransientError
    assert "the connection to the service failed" in str(error)
    assert "refused" in str(error)


# Routes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 405, 410])
def test_the_older_route_serves_where_the_current_one_is_missing(
    service: Service, engine: LightningEngine, status: int
) -> None:
    service.unified_route = status
    for _ in range(2):
        engine.synthesize(TEXT, VOICE)
    assert [request.path for request in service.requests] == [UNIFIED, LEGACY, LEGACY]
    assert service.requests[0].body == service.requests[1].body


def test_a_route_that_spoke_is_not_left(service: Service, engine: LightningEngine) -> None:
    engine.synthesize(TEXT, VOICE)
    service.unified_route = 404
    assert isinstance(refused(engine), EngineStoppedError)
    assert [request.path for request in service.requests] == [UNIFIED, UNIFIED]


@pytest.mark.parametrize("status", [404, 405])
def test_where_both_routes_are_missing_the_address_is_wrong(
    service: Service, engine: LightningEngine, status: int
) -> None:
    service.unified_route = service.legacy_route = status
    error = refused(engine)
    assert type(error) is EngineStoppedError
    assert f"Cannot POST {UNIFIED}'" in str(error)
    assert "check base_url" in str(error)


@pytest.mark.parametrize(("status", "kind"), [(410, EngineStoppedError), (400, VoiceRefusedError)])
def test_a_retired_model(service: Service, engine: LightningEngine, status: int, kind: type[EngineError]) -> None:
    service.retired_models = {STANDARD_MODEL: status}
    error = refused(engine, resolve_voice(VoiceSettings(model=STANDARD_MODEL)))
    assert type(error) is kind
    assert "lightning_v3.1" in str(error)
    assert "set model to another" in str(error)
    assert engine.synthesize(TEXT, VOICE).duration > 1


def test_a_base_url_may_have_a_path(service: Service) -> None:
    error = refused(LightningEngine(KEY, service.url + "/proxy/"))
    assert "check base_url" in str(error)
    assert service.requests[0].path == f"/proxy{UNIFIED}"


# The key ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["{other}/waves/v1/tts", "{own}/elsewhere", "file:///etc/hostname", "//x", ":", ""])
def test_no_redirect_is_followed(service: Service, engine: LightningEngine, status: int, target: str) -> None:
    with Service() as other:
        location = target.format(other=other.url, own=service.url)
        service.faults = every(1, Redirect(location, status))
        error = refused(engine)
        assert other.requests == []
    assert type(error) is TransientError
    assert str(error) == f"the service redirects to {location!r}, which is not followed"
    assert [request.path for request in service.requests] == [UNIFIED]


def test_the_body_of_a_redirect_is_bounded() -> None:
    head = b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:9/\r\n\r\n"
    with answering(head, *[bytes(2**20)] * 100) as url, pytest.raises(TransientError, match="larger than"):
        LightningEngine(KEY, url).synthesize(TEXT, VOICE)


def shown(error: BaseException) -> str:
    """All that a person or a log gets to see of an error."""
    everything = [str(error), repr(error), *traceback.format_exception(error)]
    return "\n".join([*everything, str(getattr(error, "request_id", ""))])


ESCAPED = "".join(f"\\u{ord(character):04x}" for character in SECRET)


@pytest.mark.parametrize(
    "raw",
    [
        http_reply(
            "401 No", json.dumps({"status": "error", "message": f"Bad key {SECRET}", "request_id": SECRET}).encode()
        ),
        http_reply("401 No", f'{{"message": "Bad key {ESCAPED}"}}'.encode()),
        http_reply("401 No", f"<p>{SECRET}</p>".encode(), f"X-Request-Id: {SECRET}"),
        http_reply("400 No", ("x" * (MAX_MESSAGE - 10) + SECRET).encode()),
        http_reply("400 No", ("<i>" * MAX_MESSAGE * 3 + "x" * (MAX_MESSAGE - 20) + SECRET).encode()),
        http_reply("307 Go", b"", f"Location: http://127.0.0.1:9/{'x' * (MAX_MESSAGE - 30)}{SECRET}"),
        http_reply("200 OK", f"Bearer {SECRET}".encode()),
        http_reply("200 OK", f'{{"key": "{SECRET}"}}'.encode()),
        http_reply("200 OK", SECRET.encode() + bytes(100)),
        http_reply("200 OK", b"RIFF1234" + SECRET.encode()),
        f"HTTP/1.1 {SECRET}\r\n\r\n".encode(),
        f"{SECRET}\r\n\r\n".encode(),
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n".encode(),
        f"HTTP/1.1 200 OK\r\nContent-Length: 1{SECRET}, 2\r\n\r\n".encode(),
    ],
)
def test_the_key_is_never_shown(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with answering(raw) as url:
        error = refused(LightningEngine(SECRET, url))
    assert str(error)
    for part in (SECRET, SECRET[:12]):
        assert part not in shown(error)
        assert part not in caplog.text


def test_the_key_is_not_in_any_repr(service: Service) -> None:
    engine = LightningEngine(SECRET, service.url)
    assert SECRET not in repr(engine) + repr(EngineOptions(SECRET)) + str(refused(engine))
    assert service.url in repr(engine)


def test_a_key_of_one_letter_does_no_harm_to_sound(service: Service) -> None:
    plain = LightningEngine(KEY, service.url).synthesize(TEXT, VOICE)
    service.keys.add("R")
    assert LightningEngine("R", service.url).synthesize(TEXT, VOICE).samples.tolist() == plain.samples.tolist()


@pytest.mark.parametrize("key", [f"{SECRET}\n", f" {SECRET} ", f"\t{SECRET}\r\n"])
def test_a_key_is_stripped(service: Service, key: str) -> None:
    service.keys = {SECRET}
    assert LightningEngine(key, service.url).synthesize(TEXT, VOICE).duration > 1


@pytest.mark.parametrize("key", [f"{SECRET}\nX-Evil: 1", f"{SECRET} {SECRET}", f"{SECRET}é", f"\x00{SECRET}"])
def test_a_key_that_no_header_can_hold(service: Service, key: str) -> None:
    with pytest.raises(SettingError) as raised:
        LightningEngine(key, service.url)
    assert raised.value.setting == "api_key"
    assert SECRET[:12] not in shown(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.smallest.ai",
        "https://x:8443/a/",
        "https://bücher.example",
        "https://my_host.",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:80",
    ],
)
def test_base_urls_that_protect_the_key(url: str) -> None:
    assert url.rstrip("/") in repr(LightningEngine(KEY, f" {url}\n"))


@pytest.mark.parametrize(
    "url",
    [
        "", "api.smallest.ai", "http://api.smallest.ai", "http://127.0.0.1.example.org", "http://10.0.0.1",
        "ftp://127.0.0.1", "file:///etc/passwd", "https://", "https://host/?a=b", "https://host/#a",
        "https://host/?key=secret", "https://u:x@host/#secret", "https://host?secret#a",
        "https://user@host", "https://user:secret@host", "http://evil.example\\@127.0.0.1", "http://127.0.0.1@evil",
        "https://ho\nst", "https://host/a\tb", "https://host/a b", "https://host\x00", "https://host/\u200b",
        "https://ho\\st", "https://a..b", "https://.host", f"https://{'h' * 64}.org", "https://ho%st", "https://h*st",
        "https://host:port", "https://host:99999", "http://[::1", "http://[127.0.0.1]",
    ],
)  # fmt: skip
def test_base_urls_that_do_not(url: str) -> None:
    with pytest.raises(SettingError, match="is not an https URL") as raised:
        LightningEngine(KEY, url)
    assert raised.value.setting == "base_url"
    assert "secret" not in str(raised.value)


def test_netrc_is_not_used(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password other\ndefault login me password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    LightningEngine(KEY, service.url).synthesize(TEXT, VOICE)
    assert service.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_proxy_serves_https_alone(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://me:se%20cret@127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")
        LightningEngine(KEY, service.url).synthesize(TEXT, VOICE)
        asked: list[bytes] = []

        def answer() -> None:
            connection, _ = proxy.accept()
            with connection:
                asked.append(connection.recv(4096))

        answering = threading.Thread(target=answer)
        answering.start()
        error = refused(LightningEngine(KEY, "https://outside.example"))
        answering.join()

    assert type(error) is TransientError
    assert asked[0].startswith(b"CONNECT outside.example:443 ")
    assert KEY.encode() not in asked[0]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of a server that nobody vouches for, with its key."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test".split()
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", *options, *names], check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    return certificate


def test_only_a_server_that_is_vouched_for_gets_the_key(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    with answering(http_reply("503 Busy", b"Busy"), tls=tls) as url:
        error = refused(LightningEngine(KEY, url))
        assert "the connection to the service is not secure: " in str(error)
        assert "self-signed certificate" in str(error).replace("self signed", "self-signed")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert "the service answered 503, 'Busy'" in str(refused(LightningEngine(KEY, url)))


def test_a_server_that_is_not_secure(service: Service) -> None:
    error = refused(LightningEngine(KEY, service.url.replace("http", "https")))
    assert type(error) is TransientError
    assert "is not secure" in str(error)
    assert service.requests == []


# Time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_timeout_is_some_seconds(service: Service, timeout: float) -> None:
    with pytest.raises(SettingError, match="is not a number of seconds"):
        LightningEngine(KEY, service.url, timeout)


MANY = 75
"""Pieces of a drip: a quarter of a minute of them."""

DRIP = [b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * MANY]


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"HTTP"],
        [b"H", b"T", b"T", b"P", *[b"/"] * MANY],
        DRIP,
        [*DRIP[:1], b"\r\n", *[b"RIFF"] * MANY],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * MANY,
        [b"HTTP/1.1 103 Early Hints\r\n\r\n"] * MANY,
        [*DRIP[:1], b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nR\r\n"] * MANY],
    ],
    ids=["nothing", "no line", "letters", "headers", "body", "continue", "hints", "chunks"],
)
def test_a_slow_answer_does_not_outlast_its_timeout(pieces: list[bytes]) -> None:
    with answering(*pieces, *[b""] * MANY, pause=0.2) as url:
        begun = time.monotonic()
        error = refused(LightningEngine(KEY, url, 0.5))
        spent = time.monotonic() - begun
    assert type(error) is TransientError
    assert str(error) == "the service did not answer in time; see timeout"
    assert 0.4 < spent < 10


def test_a_late_beginning_does_not_start_the_time_anew() -> None:
    with answering(b"", b"HTTP/1.1 200 OK\r\n", b"", b"", b"", pause=1.9) as url:
        begun = time.monotonic()
        error = refused(LightningEngine(KEY, url, 2))
        spent = time.monotonic() - begun
    assert "did not answer in time" in str(error)
    assert 1.9 < spent < 3.8


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.SLOW])
def test_the_service_takes_too_long(service: Service, fault: Fault) -> None:
    service.faults, service.drip = first(1, fault), 0.2
    engine = LightningEngine(KEY, service.url, 1.5)
    assert "did not answer in time" in str(refused(engine))
    assert engine.synthesize(TEXT, VOICE).duration > 1


def test_slow_but_in_time(service: Service, engine: LightningEngine) -> None:
    service.faults, service.drip = every(1, Fault.SLOW), 0.01
    assert engine.synthesize(TEXT, VOICE).duration > 1


# Voices, threads --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "path", "count", "one"),
    [
        (STANDARD_MODEL, "/waves/v1/lightning-v3.1/get_voices", 73, "magnus"),
        (PRO_MODEL, "/waves/v1/lightning-v3.1-pro/get_voices", 194, "meher"),
    ],
)
def test_voices(  # noqa: PLR0917
    service: Service, engine: LightningEngine, model: str, path: str, count: int, one: str
) -> None:
    service.cloned = {"voice_1": model}
    voices = {voice.voice_id: voice for voice in engine.voices(model)}
    assert service.requests[0].path == path
    assert service.requests[0].headers["accept"] == "application/json"
    assert len(voices) == count + 1
    assert (voices[one].name, voices[one].model) == (one.capitalize(), model)
    assert "english" in voices[one].languages
    assert voices["voice_1"].languages == ()


@pytest.mark.parametrize("wrapped", ["[%s]", '{"voices": [%s]}', '{"data": [%s]}'])
def test_wrappings_of_the_list(wrapped: str) -> None:
    entry = '{"voiceId": "a", "displayName": "A", "tags": {"language": ["english"], "accent": "us"}}, {"voiceId": 7}, 8'
    with answering(http_reply("200 OK", (wrapped % entry).encode())) as url:
        (voice,) = LightningEngine(KEY, url).voices(PRO_MODEL)
    assert (voice.voice_id, voice.name, voice.languages, voice.accent) == ("a", "A", ("english",), "us")


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (
            http_reply("200 OK", b"<html>Hello</html>"),
            TransientError,
            "the service sent 'Hello' instead of a list of voices",
        ),
        (
            http_reply("200 OK", b'{"message": "Soon"}'),
            TransientError,
            "the service sent 'Soon' instead of a list of voices",
        ),
        (http_reply("503 Busy", b""), TransientError, "the service answered 503, an empty body"),
        (http_reply("401 No", b""), KeyRefusedError, "check the API key"),
        (http_reply("404 No", b""), EngineStoppedError, "check base_url"),
    ],
)
def test_no_voices(raw: bytes, kind: type[EngineError], words: str) -> None:
    with answering(raw) as url, pytest.raises(EngineError, match=words) as raised:
        LightningEngine(KEY, url).voices(PRO_MODEL)
    assert type(raised.value) is kind


def test_threads_share_connections(service: Service, engine: LightningEngine) -> None:
    service.latency = 0.01
    with ThreadPoolExecutor(8) as pool:
        durations = list(pool.map(lambda number: engine.synthesize(f"Sentence {number}.", VOICE).duration, range(64)))
    assert len(durations) == 64
    assert 1 <= service.connections <= 8


def test_all_threads_keep_their_connections(service: Service, engine: LightningEngine) -> None:
    together = threading.Barrier(MAX_CONCURRENCY, timeout=20)

    def wait_for_all(_number: int, _body: object) -> None:
        together.wait()

    service.faults = wait_for_all
    with ThreadPoolExecutor(MAX_CONCURRENCY) as pool:
        for _ in range(3):
            list(pool.map(lambda _: engine.synthesize("Hello.", VOICE), range(MAX_CONCURRENCY)))
    assert service.connections == MAX_CONCURRENCY


@pytest.mark.parametrize("failure", [Failure(500), Failure(429), Failure(400), Redirect("http://127.0.0.1:9")])
def test_a_refusal_costs_no_connection(service: Service, engine: LightningEngine, failure: Failure) -> None:
    service.faults = every(2, failure)
    for _ in range(6):
        with contextlib.suppress(LightningError):
            engine.synthesize(TEXT, VOICE)
    assert service.connections == 1


def test_closing_an_engine_that_never_spoke() -> None:
    closing: Callable[[], None] = LightningEngine(KEY).close
    closing()
