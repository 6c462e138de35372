"""The local service keeps its promises: what each knob does, seen by a client over a real socket."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pytest
import requests
import soundfile

from tests.support.repository import ROOT
from tests.support.service import (
    LANGUAGES,
    LEGACY,
    MAX_TEXT,
    PRO,
    STANDARD,
    UNIFIED,
    Failure,
    Fault,
    Mp3Start,
    Redirect,
    Service,
    Shape,
    WavHeader,
    every,
    first,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.service import Json

TEXT = "The quick brown fox jumps over a lazy dog."
WISH: dict[str, Any] = {
    "text": TEXT,
    "voice_id": "meher",
    "model": PRO,
    "language": "en",
    "sample_rate": 24000,
    "output_format": "wav",
}
BEARER = {"Authorization": "Bearer sk_test_key"}
VOICES = "/waves/v1/lightning-v3.1/get_voices"
PRO_VOICES = "/waves/v1/lightning-v3.1-pro/get_voices"


class Client:
    """A session that knows where the service is."""

    def __init__(self, service: Service, session: requests.Session) -> None:
        self.service = service
        self.session = session

    def post(self, route: str = UNIFIED, *, key: str = "sk_test_key", **changes: object) -> requests.Response:
        """Ask for speech; `...` leaves a field out."""
        body = {name: value for name, value in {**WISH, **changes}.items() if value is not ...}
        headers = {"Authorization": f"Bearer {key}"}
        return self.session.post(
            self.service.url + route, json=body, headers=headers, timeout=20, allow_redirects=False
        )

    def get(self, route: str) -> requests.Response:
        return self.session.get(self.service.url + route, headers=BEARER, timeout=20)


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with requests.Session() as session:
        yield Client(service, session)


def decoded(audio: bytes) -> tuple[Any, int]:
    return soundfile.read(io.BytesIO(audio), dtype="int16")  # type: ignore[no-any-return]


def issue_of(answer: requests.Response) -> Json:
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json; charset=utf-8")
    (issue,) = answer.json()["error"]
    assert isinstance(issue, dict)
    return issue


# Success ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100])
def test_wav_is_mono_16_bit_at_15_characters_a_second(client: Client, rate: int) -> None:
    audio = client.post(sample_rate=rate).content
    assert audio[:4] + audio[8:16] == b"RIFFWAVEfmt "
    assert struct.unpack_from("<I", audio, 4)[0] == len(audio) - 8
    assert struct.unpack_from("<HHI", audio, 20) == (1, 1, rate)
    assert struct.unpack_from("<4sI", audio, 36) == (b"data", len(audio) - 44)
    samples, _ = decoded(audio)
    assert len(samples) / rate == pytest.approx(len(TEXT) / 15, rel=0.061)
    assert np.abs(samples).max() > 1000


@pytest.mark.parametrize(("output_format", "width"), [("pcm", 2), ("ulaw", 1), ("alaw", 1)])
def test_raw_formats_have_no_header(client: Client, output_format: str, width: int) -> None:
    seconds = len(client.post(output_format=output_format).content) / width / 24000
    assert seconds == pytest.approx(len(TEXT) / 15, rel=0.061)


@pytest.mark.parametrize("start", Mp3Start)
@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100])
def test_mp3(service: Service, client: Client, start: Mp3Start, rate: int) -> None:
    service.mp3_start = start
    audio = client.post(output_format="mp3", sample_rate=rate).content
    assert audio.startswith(b"ID3") == (start is Mp3Start.ID3)
    assert (b"Info" in audio[:64]) == (start is Mp3Start.INFO)
    if rate == 24000 and start is not Mp3Start.ID3:
        assert audio.startswith(b"\xff\xf3\xc4\xc4")  # what was recorded from the real service
        assert len(audio) % 384 == 0
    samples, decoded_rate = decoded(audio)
    assert decoded_rate == rate
    assert len(samples) / rate == pytest.approx(len(TEXT) / 15, rel=0.061, abs=0.2)  # and the encoder's padding


def test_defaults_are_the_servers(client: Client) -> None:
    answer = client.post(model=..., sample_rate=..., output_format=..., language=..., voice_id="magnus")
    assert len(answer.content) / 2 / 44100 == pytest.approx(len(TEXT) / 15, rel=0.061)


def test_headers(client: Client) -> None:
    answer = client.post(output_format="mp3", session_id="s-1", request_id="r.1")
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["X-External-Session-Id"] == "s-1"
    assert answer.headers["X-External-Request-Id"] == "r.1"
    assert UUID(answer.headers["X-Session-Id"]) != UUID(answer.headers["X-Request-Id"])
    assert client.post().headers["X-External-Request-Id"] == ""


def test_sound_depends_on_the_request_alone(service: Service, client: Client) -> None:
    usual = client.post().content
    assert client.post(request_id="other", text=f" {TEXT}\n", consistency=0.5).content == usual
    assert client.post(text=TEXT.upper()).content != usual
    assert client.post(voice_id="kaitlyn").content != usual
    assert len(client.post(speed=2).content) == pytest.approx(len(usual) / 2, rel=0.13)
    service.unstable = True
    assert len({client.post().content for _ in range(3)}) == 3


@pytest.mark.parametrize("header", [WavHeader.UNKNOWN_FF, WavHeader.UNKNOWN_7F, WavHeader.ZERO])
def test_wav_sizes_unknown(service: Service, client: Client, header: WavHeader) -> None:
    service.wav_header = header
    audio = client.post().content
    assert struct.unpack_from("<I", audio, 4) == struct.unpack_from("<I", audio, 40) == (header.value,)


def test_wav_extra_chunks(service: Service, client: Client) -> None:
    plain = client.post().content
    service.wav_header = WavHeader.EXTRA_CHUNK
    audio = client.post().content
    assert audio[36:40] == b"LIST"
    assert audio.count(b"LIST") == 2
    assert struct.unpack_from("<I", audio, 4)[0] == len(audio) - 8
    assert np.array_equal(decoded(audio)[0], decoded(plain)[0])


def test_chunked(service: Service, client: Client) -> None:
    whole = client.post()
    service.content_length = False
    chunked = client.post()
    assert whole.headers["Content-Length"] == str(len(whole.content))
    assert chunked.headers["Transfer-Encoding"] == "chunked"
    assert chunked.content == whole.content


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "path", "message"),
    [
        ({"text": ...}, "invalid_type", ["text"], "Required"),
        ({"text": 7}, "invalid_type", ["text"], "Expected string, received number"),
        ({"text": " \n"}, "too_small", ["text"], "at least 1 character"),
        ({"text": "x" * (MAX_TEXT + 1)}, "too_big", ["text"], "at most 8000 character"),
        ({"speed": 0.49}, "too_small", ["speed"], "greater than or equal to 0.5"),
        ({"speed": 2.01}, "too_big", ["speed"], "less than or equal to 2"),
        ({"speed": "1"}, "invalid_type", ["speed"], "Expected number, received string"),
        ({"speed": True}, "invalid_type", ["speed"], "Expected number, received boolean"),
        ({"output_format": "mulaw"}, "invalid_enum_value", ["output_format"], "received 'mulaw'"),
        ({"model": "lightning_v2"}, "invalid_enum_value", ["model"], PRO),
        ({"sample_rate": 22050}, "invalid_enum_value", ["sample_rate"], "44100"),
        ({"language": "xx"}, "invalid_enum_value", ["language"], "received 'xx'"),
        ({"language": None}, "invalid_type", ["language"], "received null"),
        ({"language": "he"}, "custom", ["language"], f"Language 'he' is not supported by the {PRO} model"),
        ({"model": STANDARD, "voice_id": "magnus", "language": "ja"}, "custom", ["language"], "en, es, fr"),
        ({"number_pronunciation_language": "he"}, "custom", ["number_pronunciation_language"], "'he'"),
        ({"math_notation": "yes"}, "invalid_type", ["math_notation"], "Expected boolean"),
        ({"session_id": "a b"}, "invalid_string", ["session_id"], "Invalid"),
        ({"request_id": "r" * 129}, "too_big", ["request_id"], "at most 128"),
        ({"pronunciation_dicts": [7]}, "invalid_type", ["pronunciation_dicts", 0], "Expected string"),
        ({"voice_id": ...}, "invalid_type", ["voice_id"], "Required"),
        ({"voice_id": "nobody"}, "custom", ["voice_id"], "Invalid Voice ID"),
        ({"voice_id": ""}, "custom", ["voice_id"], f"Voice '' is not available on the {PRO} model"),
        (
            {"voice_id": "magnus"},
            "custom",
            ["voice_id"],
            f"Voice 'magnus' is not available on the {PRO} model",
        ),
        ({"model": ...}, "custom", ["voice_id"], f"Voice 'meher' is not available on the {STANDARD} model"),
    ],
)
def test_validation(client: Client, changes: dict[str, Any], code: str, path: list[object], message: str) -> None:
    issue = issue_of(client.post(**changes))
    assert (issue["code"], issue["path"]) == (code, path)
    assert message in str(issue["message"])


def test_every_issue_is_listed(client: Client) -> None:
    issues = client.post(speed=9, output_format="ogg").json()["error"]
    assert [issue["path"] for issue in issues] == [["speed"], ["output_format"]]
    assert issues[1]["options"] == ["wav", "ulaw", "alaw", "pcm", "mp3"]


def test_longest_text_is_spoken(client: Client) -> None:
    assert client.post(text="x" * MAX_TEXT, sample_rate=8000).status_code == 200


@pytest.mark.parametrize(("model", "voice_id"), [(STANDARD, "magnus"), (PRO, "meher"), (f"{PRO}_07_26", "meher")])
def test_languages_of_a_pool(client: Client, model: str, voice_id: str) -> None:
    pool = STANDARD if model == STANDARD else PRO
    statuses = {
        client.post(text="Hi", model=model, voice_id=voice_id, language=code).status_code for code in LANGUAGES[pool]
    }
    assert statuses == {200}
    assert len(LANGUAGES[pool]) == {STANDARD: 21, PRO: 32}[pool]


@pytest.mark.parametrize(("known", "status"), [("0123456789abcdef01234567", 200), ("f" * 24, 400), ("short", 400)])
def test_dictionaries(service: Service, client: Client, known: str, status: int) -> None:
    service.dictionaries = {"0123456789abcdef01234567": {}, "short": {}}
    answer = client.post(pronunciation_dicts=[known])
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"] == "Invalid input data"


@pytest.mark.parametrize("header", [None, "sk_test_key", "Bearer ", "Bearer sk_other", "Basic sk_test_key"])
@pytest.mark.parametrize(("method", "route"), [("POST", UNIFIED), ("GET", VOICES)])
def test_wrong_key(service: Service, header: str | None, method: str, route: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = requests.request(method, service.url + route, json=WISH, headers=headers, timeout=20)
    assert answer.status_code == 401
    assert answer.json()["status"] == "error"


@pytest.mark.parametrize("status", [402, 403])
def test_quota(service: Service, client: Client, status: int) -> None:
    service.quota_keys = {"sk_poor": status}
    answer = client.post(key="sk_poor")
    assert answer.status_code == status
    assert answer.json()["status"] == "error"
    assert "quota" in answer.json()["message"]
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def test_content_filter(service: Service, client: Client) -> None:
    service.content_filter_words = {"Fox"}
    reject: Json = {"enabled": True, "action": "reject"}
    blocked = client.post(content_filter=reject)
    assert (blocked.status_code, blocked.json()["error_code"]) == (400, "CONTENT_FILTER_BLOCKED")
    assert client.post(content_filter={**reject, "action": "flag"}).status_code == 200
    assert client.post(content_filter=reject, text="Foxes").status_code == 200
    assert client.post().status_code == 200


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]"])
def test_body_is_no_object(service: Service, raw: bytes) -> None:
    answer = requests.post(service.url + UNIFIED, data=raw, headers=BEARER, timeout=20)
    assert issue_of(answer)["path"] == []
    assert service.requests[0].body is None


# Routes, models, voices ---------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "route"), [("POST", "/"), ("GET", UNIFIED), ("PUT", UNIFIED), ("POST", VOICES)])
def test_unknown_route(service: Service, method: str, route: str) -> None:
    answer = requests.request(method, service.url + route, headers=BEARER, timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (404, "Not Found")


@pytest.mark.parametrize("status", [200, 404, 405, 410])
@pytest.mark.parametrize(("route", "knob"), [(UNIFIED, "unified_route"), (LEGACY, "legacy_route")])
def test_routes_can_be_switched_off(service: Service, client: Client, route: str, knob: str, status: int) -> None:
    setattr(service, knob, status)
    answer = client.post(route)
    assert answer.status_code == status
    if status == 410:
        assert answer.json()["error_code"] == "MODEL_DEPRECATED"
        assert answer.json()["recommended_endpoint"] == UNIFIED


@pytest.mark.parametrize("model", ["lightning-v2", "lightning-large"])
def test_routes_of_retired_models(client: Client, model: str) -> None:
    gone = client.post(f"/waves/v1/{model}/get_speech")
    assert (gone.status_code, gone.json()["error_code"]) == (410, "MODEL_DEPRECATED")


def test_connections_are_counted(service: Service, client: Client) -> None:
    for _ in range(3):
        client.post(text="Hi")
    assert service.connections == 1
    requests.get(service.url + VOICES, headers=BEARER, timeout=20)
    assert service.connections == 2


def test_legacy_route_sounds_the_same(client: Client) -> None:
    assert client.post(LEGACY).content == client.post(UNIFIED).content


@pytest.mark.parametrize("model", [STANDARD, ...])
def test_retired_model(service: Service, client: Client, model: object) -> None:
    service.retired_models = {STANDARD: 410}
    gone = client.post(model=model, voice_id="magnus")
    assert (gone.status_code, gone.json()["error_code"]) == (410, "MODEL_DEPRECATED")
    service.retired_models = {STANDARD: 400}
    issue = issue_of(client.post(model=model, voice_id="magnus"))
    assert (issue["code"], issue["path"]) == ("invalid_enum_value", ["model"])
    assert client.post().status_code == 200


def test_voices(service: Service, client: Client) -> None:
    service.cloned = {"voice_1": PRO}
    standard, pro = (
        {voice["voiceId"]: voice for voice in client.get(route).json()["voices"]} for route in (VOICES, PRO_VOICES)
    )
    assert (len(standard), len(pro)) == (73, 195)
    assert pro["meher"]["displayName"] == "Meher"
    assert set(pro["meher"]["tags"]["language"]) == {"hindi", "english"}
    assert pro["meher"]["tags"]["accent"] == "indian"
    assert client.post(voice_id="voice_1").status_code == 200
    assert "not available" in str(issue_of(client.post(voice_id="voice_1", model=STANDARD))["message"])


# Limits and the record ----------------------------------------------------------------------------


@pytest.mark.parametrize("retry_after", [None, "2"])
def test_limit(service: Service, client: Client, retry_after: str | None) -> None:
    service.limit, service.retry_after = 2, retry_after
    inside, leave = threading.Barrier(3, timeout=20), threading.Event()

    def stay(_number: int, _body: Json) -> None:
        inside.wait()
        leave.wait(20)

    service.faults = stay
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(client.post, text=text) for text in ("One", "Two")]
        inside.wait()
        refused = client.post()
        leave.set()
        assert [each.result().status_code for each in running] == [200, 200]
    assert (refused.status_code, refused.json()["status"]) == (429, "error")
    assert refused.headers.get("Retry-After") == retry_after
    assert service.peak == 2
    assert sorted(service.spoken) == ["One", "Two"]
    assert service.requests[0].status == 429


def test_one_after_the_other_never_meets_the_limit(service: Service, client: Client) -> None:
    service.limit = 1
    assert {client.post(text="Hi").status_code for _ in range(50)} == {200}
    assert service.peak == 1


def test_requests_per_minute(service: Service, client: Client) -> None:
    service.requests_per_minute = 2
    assert [client.post().status_code for _ in range(3)] == [200, 200, 429]
    service.minute = 0
    assert client.post().status_code == 200


def test_record(service: Service, client: Client) -> None:
    service.latency = 0.05
    before = time.monotonic()
    client.post(text="One")
    client.post(text="Two", speed=9)
    client.get(VOICES)
    spoken, refused, listed = service.requests
    assert (spoken.method, spoken.path, spoken.status) == ("POST", UNIFIED, 200)
    assert spoken.headers["content-type"] == "application/json"
    assert spoken.body == {**WISH, "text": "One"}
    assert before <= spoken.started <= spoken.ended - 0.05
    assert (refused.status, listed.status, listed.body) == (400, 200, None)
    assert service.spoken == ["One"]
    service.clear()
    assert (service.requests, service.spoken, service.peak) == ([], [], 0)


# Faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "part"), [
    (Shape.A, '{"error": [{"code": "custom"'),
    (Shape.B, '{"status": "error", "message": "Busy"'),
    (Shape.C, '{"error": "Service Unavailable", "message": "Busy"}'),
    (Shape.D, '{"error": "Busy", "details": []}'),
    (Shape.E, "<html>"),
])  # fmt: skip
def test_failure_shapes(service: Service, client: Client, shape: Shape, part: str) -> None:
    service.faults = first(1, Failure(503, shape=shape, message="Busy", retry_after="1"))
    answer = client.post()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.text.startswith(part)
    assert answer.headers["Content-Type"].startswith("text/html" if shape is Shape.E else "application/json")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_failure_statuses(service: Service, client: Client, status: int) -> None:
    service.faults = first(1, Failure(status))
    assert [client.post().status_code for _ in range(2)] == [status, 200]


def test_helpers_count_what_was_admitted(service: Service, client: Client) -> None:
    service.faults = every(2, Failure(500))
    changes: list[dict[str, Any]] = [{}, {"speed": 9}, {}, {}, {}]
    assert [client.post(**change).status_code for change in changes] == [200, 400, 500, 200, 500]
    service.faults = first(2, Failure(500))
    service.clear()
    assert [client.post().status_code for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize("status", [302, 307, 308])
def test_redirect(service: Service, client: Client, status: int) -> None:
    service.faults = every(1, Redirect("http://127.0.0.1:9/elsewhere", status))
    answer = client.post()
    assert (answer.status_code, answer.headers["Location"]) == (status, "http://127.0.0.1:9/elsewhere")


def _half_of(body: bytes, usual: bytes) -> bool:
    return body == usual[: len(usual) // 4 * 2]


@pytest.mark.parametrize("content_length", [True, False])
@pytest.mark.parametrize(("fault", "holds"), [
    (Fault.EMPTY, lambda body, _: body == b""),
    (Fault.JSON_200, lambda body, _: b'"status": "error"' in body),
    (Fault.HTML_200, lambda body, _: body.startswith(b"<html>")),
    (Fault.TRUNCATED_WAV, _half_of),
    (Fault.TRUNCATED_CLOSE, _half_of),
    (Fault.SLOW, lambda body, usual: body == usual),
    (Fault.SILENCE, lambda body, usual: len(body) == len(usual) and not decoded(body)[0].any()),
    (Fault.TOO_SHORT, lambda body, _: len(decoded(body)[0]) == 1200),
    (Fault.WRONG_RATE, lambda body, _: decoded(body)[1] == 16000),
    (Fault.STEREO, lambda body, usual: decoded(body)[0].shape == (len(usual) // 2 - 22, 2)),
])  # fmt: skip
def test_bodies_with_status_200(
    service: Service,
    client: Client,
    fault: Fault,
    holds: Callable[[bytes, bytes], bool],
    *,
    content_length: bool,
) -> None:
    service.drip, service.content_length = 0.001, content_length
    usual = client.post().content
    service.faults = every(1, fault)
    answer = client.post()
    assert answer.status_code == service.requests[-1].status == 200
    assert holds(answer.content, usual)
    assert len(service.spoken) == (2 if fault is Fault.SLOW else 1)
    service.faults = None
    assert client.post().content == usual


@pytest.mark.parametrize(("fault", "error"), [
    (Fault.RESET, requests.ConnectionError),
    (Fault.HANG, requests.ReadTimeout),
    (Fault.TRUNCATED_LENGTH, requests.exceptions.ChunkedEncodingError),
])  # fmt: skip
def test_broken_connections(
    service: Service, client: Client, fault: Fault, error: type[requests.RequestException]
) -> None:
    service.limit, service.faults = 1, first(1, fault)
    with pytest.raises(error) as raised:
        client.session.post(
            service.url + UNIFIED, json=WISH, headers=BEARER, timeout=0.5 if fault is Fault.HANG else 20
        )
    assert ("Connection reset" in str(raised.value)) == (fault is Fault.RESET)
    assert service.requests[0].status == (200 if fault is Fault.TRUNCATED_LENGTH else None)
    assert service.spoken == []
    assert client.post().status_code == 200


@pytest.mark.parametrize(("fault", "wanted"), [(Fault.ENDLESS, 3_000_000), (Fault.GZIP_BOMB, 100_000_000)])
def test_bodies_without_measure(service: Service, client: Client, fault: Fault, wanted: int) -> None:
    service.faults = every(1, fault)
    with client.session.post(service.url + UNIFIED, json=WISH, headers=BEARER, timeout=20, stream=True) as answer:
        pieces = answer.iter_content(1 << 20)
        assert next(pieces).startswith(b"RIFF")
        size = 0
        while size < wanted:
            size += len(next(pieces))


def test_gzip_bomb_is_small_on_the_wire(service: Service, client: Client) -> None:
    service.faults = every(1, Fault.GZIP_BOMB)
    with client.session.post(service.url + UNIFIED, json=WISH, headers=BEARER, timeout=20, stream=True) as answer:
        packed = answer.raw.read(decode_content=False)
    assert len(packed) < 2_000_000
    assert zlib.decompressobj(wbits=31).decompress(packed).startswith(b"RIFF")


# Start and stop -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, Fault.HANG, Fault.SLOW, Fault.ENDLESS])
def test_close_waits_for_nobody(service: Service, client: Client, fault: Fault | None) -> None:
    arrived = threading.Event()

    def note(_number: int, _body: Json) -> Fault | None:
        arrived.set()
        return fault

    service.faults, service.drip, service.latency = note, 60, 0 if fault else 60
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(client.post)
        assert arrived.wait(20)
        before = time.monotonic()
        service.close()
        assert time.monotonic() - before < 30
        error = asked.exception(timeout=20)
    assert isinstance(error, requests.RequestException)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-C for one process alone")
def test_command() -> None:
    command = [sys.executable, "-m", "tests.support.service", "--port", "0", "--limit", "3"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = requests.get(url + PRO_VOICES, headers=BEARER, timeout=20)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert answer.status_code == 200
