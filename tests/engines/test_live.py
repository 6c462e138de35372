"""The contract against the real service: `SMALLEST_API_KEY=… pytest -m live`. Sends less than 500 characters.

It ends with a table: what differs from the contract, and what was seen where the contract does not know. With
SMALLEST_BASE_URL it asks another service, such as the local one (`python -m tests.support.service`).
"""

from __future__ import annotations

import base64
import json
import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mkdocs_lightning import Lightning
from mkdocs_lightning.audio.codec import decode
from mkdocs_lightning.audio.samples import Audio, AudioError, check
from mkdocs_lightning.engines.lightning import BASE_URL
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL, STANDARD_MODEL, voice_pools
from tests.support.repository import ROOT
from tests.support.service import FORMATS, LEGACY, MODELS, SAMPLE_RATES, UNIFIED, Service, WavHeader
from tests.support.sites import KEY as LOCAL_KEY
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.service import Json

MAX_CHARACTERS = 500
KEY = os.environ.get("SMALLEST_API_KEY", "")  # before conftest takes it away
URL = os.environ.get("SMALLEST_BASE_URL", BASE_URL).rstrip("/")
SENTENCE = "The quick brown fox jumps over a lazy dog."
SHORT = "Hi."
TWICE = "One, two, three."
WISH = {
    "model": PRO_MODEL,
    "voice_id": "kaitlyn",
    "language": "en",
    "sample_rate": 24000,
    "output_format": "wav",
}

needs_key = [pytest.mark.live, pytest.mark.skipif(not KEY, reason="SMALLEST_API_KEY is not set")]


@dataclass
class Contract:
    """Asks the service, and writes down what is not as expected."""

    differences: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    facts: int = 0
    characters: int = 0

    def post(
        self, text: object = SHORT, *, route: str = UNIFIED, key: str = KEY, headers: Any = (), **changes: Any
    ) -> requests.Response:
        """Ask for speech; `...` leaves a field out."""
        self.characters += len(str(text)) if text is not ... else 0
        assert self.characters < MAX_CHARACTERS
        body = {name: value for name, value in {"text": text, **WISH, **changes}.items() if value is not ...}
        sent = {"Authorization": f"Bearer {key}", "Accept": "audio/wav", **dict(headers)}
        return requests.post(URL + route, json=body, headers=sent, timeout=60, allow_redirects=False)

    def holds(self, fact: str, expected: object, seen: object) -> None:
        """Compare what the contract says with what is."""
        self.facts += 1
        if expected != seen:
            self.differences.append((fact, str(expected), str(seen)))

    def note(self, fact: str, seen: object) -> None:
        """Write down what the contract does not know."""
        self.notes.append((fact, str(seen)))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table, after all tests."""
        write = terminalreporter.write_line
        terminalreporter.section("lightning-api.md, and what the service does")
        rows = [("fact", "expected", "seen"), *self.differences] if self.differences else []
        for row in [*rows, *((fact, "?", seen) for fact, seen in self.notes)]:
            fact, expected, seen = (" ".join(cell.split())[:90] for cell in row)
            write(f"{fact:<44} | {expected:<28} | {seen}")
        write(f"{self.facts} facts, {len(self.differences)} differ; {self.characters} characters sent to {URL}")


@pytest.fixture(scope="session")
def _written(request: pytest.FixtureRequest) -> Contract:
    contract = Contract()
    request.config.pluginmanager.register(contract)
    return contract


@pytest.fixture
def contract(_written: Contract) -> Iterator[Contract]:
    """The table of the whole run; a test that adds to it fails."""
    before = len(_written.differences)
    yield _written
    assert _written.differences[before:] == []


def issue_of(answer: requests.Response) -> tuple[int, object, object]:
    """Status, code and path of the first issue (error shape A)."""
    try:
        issue = answer.json()["error"][0]
        return answer.status_code, issue.get("code"), issue.get("path")
    except (ValueError, LookupError, TypeError, AttributeError):
        return answer.status_code, "no shape A", answer.text[:200]


def sound(answer: requests.Response, wire_format: str = "wav", text: str = SENTENCE) -> Audio | str:
    """The audio, checked as a build checks it, or what is wrong with it."""
    try:
        audio = decode(answer.content, wire_format, 24000)
        check(audio, text=text, sample_rate=24000, speed=1.0)
    except AudioError as error:
        return str(error)
    return audio


class TestLive:
    pytestmark = needs_key

    def test_wav_and_headers(self, contract: Contract) -> None:
        ids = {"session_id": "live-1", "request_id": "live.2"}
        answer = contract.post(SENTENCE, headers={"x-expire-content": "true"}, **ids)
        wav, headers = answer.content, answer.headers
        contract.holds("status of a synthesis", 200, answer.status_code)
        contract.holds("Content-Type", "audio/wav", headers.get("Content-Type"))
        contract.holds("X-External-Session-Id is echoed", "live-1", headers.get("X-External-Session-Id"))
        contract.holds("X-External-Request-Id is echoed", "live.2", headers.get("X-External-Request-Id"))
        for name in ("X-Session-Id", "X-Request-Id"):
            contract.holds(f"{name} is a UUID", 36, len(headers.get(name, "")))
        contract.note("x-content-expiry, when asked for", headers.get("x-content-expiry"))
        contract.note("Content-Length or chunked", headers.get("Content-Length") or headers.get("Transfer-Encoding"))
        contract.note("rate-limit headers", [name for name in headers if "limit" in name.lower()])
        contract.holds("WAV begins", b"RIFF WAVEfmt ", wav[:4] + b" " + wav[8:16])
        if len(wav) > 44:
            contract.holds("RIFF size is true", len(wav) - 8, struct.unpack_from("<I", wav, 4)[0])
            contract.holds("data chunk at 36", b"data", wav[36:40])
            contract.holds("data size is true", len(wav) - 44, struct.unpack_from("<I", wav, 40)[0])
            contract.holds("PCM, mono, rate", (1, 1, 24000), struct.unpack_from("<HHI", wav, 20))
        audio = sound(answer)
        contract.holds("the audio passes our checks", "", audio if isinstance(audio, str) else "")
        if isinstance(audio, Audio):
            contract.holds("41 characters last 2 to 4 s", expected=True, seen=2 <= audio.duration <= 4)

    @pytest.mark.parametrize("wire_format", ["pcm", "mp3", "ulaw", "alaw"])
    def test_formats(self, contract: Contract, wire_format: str) -> None:
        answer = contract.post(output_format=wire_format)
        contract.holds(f"Content-Type of {wire_format}", "audio/wav", answer.headers.get("Content-Type"))
        audio = sound(answer, wire_format, SHORT)
        contract.holds(f"{wire_format} passes our checks", "", audio if isinstance(audio, str) else "")
        if wire_format == "mp3":
            contract.holds("mp3 begins", "fff3c4c4", answer.content[:4].hex())
            contract.note("mp3 has an Info frame", b"Info" in answer.content[:64] or b"Xing" in answer.content[:64])
        else:
            contract.holds(f"{wire_format} has no header", expected=False, seen=answer.content[:4] == b"RIFF")

    def test_fields_are_taken(self, contract: Contract) -> None:
        fields: dict[str, Any] = {"number_pronunciation_language": "en", "math_notation": True, "save_history": False}
        fields |= {"content_filter": {"enabled": True, "action": "flag"}}
        contract.holds("optional fields are taken", 200, contract.post("1+1", **fields).status_code)
        contract.holds("unknown fields are ignored", 200, contract.post(consistency=0.5).status_code)

    def test_speed(self, contract: Contract) -> None:
        fast = contract.post("The quick brown fox.", speed=2.0, output_format="pcm")
        slow = contract.post("The quick brown fox.", speed=0.5, output_format="pcm")
        contract.holds("speed 2 is shorter than 0.5", expected=True, seen=len(fast.content) * 2 < len(slow.content))

    def test_enums(self, contract: Contract) -> None:
        wrong: dict[str, tuple[Any, tuple[object, ...]]] = {
            "output_format": ("mulaw", FORMATS),
            "model": ("lightning_v0", MODELS),
            "sample_rate": (22050, SAMPLE_RATES),
        }
        for name, (value, options) in wrong.items():
            answer = contract.post(**{name: value})
            contract.holds(f"wrong {name}", (400, "invalid_enum_value", [name]), issue_of(answer))
            try:
                seen = sorted(map(str, answer.json()["error"][0]["options"]))
            except (ValueError, LookupError, TypeError):
                seen = []
            contract.holds(f"options of {name}", sorted(map(str, options)), seen)

    def test_refusals(self, contract: Contract) -> None:
        contract.holds("unknown voice", (400, "custom", ["voice_id"]), issue_of(contract.post(voice_id="nobody")))
        pool = contract.post(voice_id="magnus")
        words = "Voice 'magnus' is not available on the lightning_v3.1_pro model"
        contract.holds("voice of the other pool", (400, True), (pool.status_code, words in pool.text))
        contract.note("shape of that error", pool.text)
        contract.holds("blank text", (400, "too_small", ["text"]), issue_of(contract.post(" ")))
        contract.holds("no text", (400, "invalid_type", ["text"]), issue_of(contract.post(...)))
        contract.holds("speed 3", (400, "too_big", ["speed"]), issue_of(contract.post(speed=3)))
        language = contract.post(model=STANDARD_MODEL, voice_id="magnus", language="ja")
        contract.holds("language of no such model", (400, "custom", ["language"]), issue_of(language))
        dictionary = contract.post(pronunciation_dicts=["f" * 24])
        seen = dictionary.status_code, "Invalid input data" in dictionary.text
        contract.holds("unknown dictionary", (400, True), seen)

    def test_key_and_routes(self, contract: Contract) -> None:
        stranger = contract.post(key="sk_" + base64.b16encode(b"nobody").decode())
        contract.holds("wrong key", 401, stranger.status_code)
        contract.note("body for a wrong key", stranger.text)
        contract.holds("unknown route", 404, contract.post(route="/waves/v1/no-such-route").status_code)
        contract.holds(
            "route of lightning-v2", 410, contract.post(route="/waves/v1/lightning-v2/get_speech").status_code
        )
        contract.note(
            "older route, lightning_v3.1", contract.post(route=LEGACY, model=..., voice_id="magnus").status_code
        )
        standard = contract.post(model=STANDARD_MODEL, voice_id="magnus")
        contract.note("lightning_v3.1, to retire on 2026-11-30", f"{standard.status_code} {_start(standard)}")

    @pytest.mark.parametrize("model", [STANDARD_MODEL, PRO_MODEL])
    def test_voices(self, contract: Contract, model: str) -> None:
        with Lightning(api_key=KEY, base_url=URL) as lightning:
            listed = {voice.voice_id for voice in lightning.voices(model)}
        known = {voice_id for voice_id, owner in voice_pools().items() if owner == model}
        contract.holds(f"voices of {model} that are gone", [], sorted(known - listed))
        contract.note(f"voices of {model} that are new", sorted(listed - known))

    def test_two_at_once(self, contract: Contract) -> None:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: contract.post(TWICE), range(2)))
        refused = [answer for answer in answers if answer.status_code != requests.codes.ok]
        statuses = sorted(answer.status_code for answer in answers)
        contract.holds(
            "two at once: spoken, or refused with 429", expected=True, seen=statuses in ([200, 200], [200, 429])
        )
        contract.note("two at once", statuses)
        for answer in refused:
            contract.note("refused: Retry-After, body", f"{answer.headers.get('Retry-After')}, {answer.text}")

    def test_the_client(self, contract: Contract) -> None:
        with Lightning(api_key=KEY, base_url=URL) as lightning:
            contract.characters += len(SENTENCE)
            spoken = list(lightning.synthesize_all([SENTENCE], sample_rate=44100, language="en"))
        contract.holds("our client speaks", [None], [each.error for each in spoken])
        contract.holds("characters of this suite", expected=True, seen=contract.characters < MAX_CHARACTERS)


def _start(answer: requests.Response) -> str:
    return "audio" if answer.content[:4] == b"RIFF" else answer.text


# This suite itself, against the local service ------------------------------------------------------


def run_suite(service: Service, key: str = LOCAL_KEY) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-n0", "-m", "live", "-p", "no:cacheprovider", __file__]
    env = {**os.environ, "SMALLEST_API_KEY": key, "SMALLEST_BASE_URL": service.url}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_service_that_keeps_the_contract(service: Service) -> None:
    run = run_suite(service)
    assert run.returncode == 0, run.stdout
    assert "facts, 0 differ; " in run.stdout
    assert "older route, lightning_v3.1" in run.stdout
    texts = [str(request.body.get("text", "")) for request in service.requests if request.body]
    characters = sum(map(len, texts))
    assert f"; {characters} characters sent to {service.url}" in run.stdout
    assert 0 < characters < MAX_CHARACTERS
    assert LOCAL_KEY not in run.stdout


@pytest.mark.slow
def test_a_service_that_does_not(service: Service) -> None:
    service.wav_header = WavHeader.ZERO
    service.limit = 1

    def hold(_number: int, body: Json) -> None:
        """The first of two at once has no answer before the other is refused."""
        if body["text"] == TWICE:
            wait_until(lambda: any(request.status == 429 for request in service.requests), "the other is refused")

    service.faults = hold
    service.unified_route = 200
    service.retired_models = {STANDARD_MODEL: 410}
    run = run_suite(service)
    assert run.returncode == 1
    lines = {line.split(" | ")[0].strip(): line for line in run.stdout.splitlines() if " | " in line}
    assert lines["data size is true"].split(" | ")[2].strip() == "0"
    assert "410" in lines["lightning_v3.1, to retire on 2026-11-30"]
    assert "[200, 429]" in lines["two at once"]
    assert "Concurrency limit reached" in lines["refused: Retry-After, body"]
    options = json.dumps(sorted(MODELS)).replace('"', "'")
    assert options[:25] in lines["options of model"]


@pytest.mark.slow
def test_without_a_key_nothing_is_asked(service: Service) -> None:
    run = run_suite(service, key="")
    assert "skipped" in run.stdout
    assert service.requests == []
