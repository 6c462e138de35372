"""What every engine has to keep: our own keep it, the documented one does, and whatever breaks it is noticed."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests
import soundfile

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.engines import (
    Engine,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
)
from mkdocs_lightning.engines.lightning import LightningEngine
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.testing import EngineConformance
from tests.support.http_server import Exchange, HttpServer, nobody
from tests.support.offline_engine import OfflineConformance
from tests.support.repository import DOCS
from tests.support.service import Service
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from mkdocs_lightning.reading.settings.voice import Voice
    from tests.support.sites import Site

RECIPES = DOCS / "how-to/recipes"


def recipe() -> ModuleType:
    """The engine that the documentation shows."""
    spec = importlib.util.spec_from_file_location("openai_speech", RECIPES / "openai_speech.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def openai_server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that speaks `/v1/audio/speech`; its address, and what it was asked for."""
    asked: list[dict[str, Any]] = []

    def answer(exchange: Exchange) -> None:
        order = json.loads(exchange.body())
        asked.append({**order, "authorization": exchange.headers.get("Authorization")})
        if exchange.path != "/v1/audio/speech" or "refuse" in order["input"]:
            exchange.reply(400 if "refuse" in order["input"] else 404)
            return
        length = round(24000 * len(order["input"]) / 15 / order["speed"])
        noise = np.random.default_rng(1).integers(-9000, 9000, length).astype(np.int16)
        sound = io.BytesIO()
        soundfile.write(sound, noise, 24000, format="WAV")
        exchange.reply(200, sound.getvalue())

    with HttpServer(answer) as server:
        yield server.url, asked


class TestLightning(EngineConformance):
    is_built_in = True

    @pytest.fixture(autouse=True)
    def _service(self) -> Iterator[None]:
        with Service() as self.service, nobody() as self.away:
            yield

    def make_engine(self) -> Engine:
        return LightningEngine(KEY, self.service.url)

    def make_broken_engine(self) -> Engine:
        return LightningEngine(KEY, self.away)


class TestOffline(OfflineConformance):
    """With the voices of espeak-ng."""


class TestOpenAISpeech(EngineConformance):
    settings = VoiceSettings(model="tts-1", voice_id="alloy")

    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with openai_server() as (self.url, _), nobody() as self.away:
            yield

    def make_engine(self) -> Engine:
        engine: Engine = recipe().OpenAISpeech(self.url, None, 60.0)
        return engine

    def make_broken_engine(self) -> Engine:
        engine: Engine = recipe().OpenAISpeech(self.away, None, 60.0)
        return engine

    def test_a_refusal_says_whom_it_concerns(self, engine: Engine, voice: Voice) -> None:
        with pytest.raises(TextRefusedError, match="400"):
            engine.synthesize("Please refuse this.", voice)
        with pytest.raises(EngineStoppedError, match="check base_url"):
            recipe().OpenAISpeech(f"{self.url}/nowhere", None, 60.0).synthesize("Hello.", voice)


class Robot(Engine):
    """The smallest engine that there can be."""

    name = "robot"

    def synthesize(self, text: str, voice: Voice) -> Audio:
        length = round(voice.sample_rate * len(text) / 15 / voice.speed)
        return Audio(np.random.default_rng(1).integers(-9000, 9000, length).astype(np.int16), voice.sample_rate)


class BrokenRobot(Robot):
    def synthesize(self, text: str, voice: Voice) -> Audio:
        raise TransientError(f"nobody has heard {text!r} in {voice.voice_id}")


class TestRobot(EngineConformance):
    def make_engine(self) -> Engine:
        return Robot()

    def make_broken_engine(self) -> Engine:
        return BrokenRobot()


def test_an_engine_needs_no_more_than_a_name_and_a_way_to_synthesize(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "robot-1.dist-info").mkdir()
    (tmp_path / "robot-1.dist-info/METADATA").write_text("Name: robot\nVersion: 1\n")
    (tmp_path / "robot-1.dist-info/entry_points.txt").write_text(
        "[mkdocs_lightning.engines]\nrobot = tests.engines.test_conformance:make_robot\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    site.write({"index.md": "# Home\n\n:::speak\nThis sentence is spoken by a robot.\n:::\n"})

    site.build(strict=True, engine="robot")

    assert len(site.clips("index.html")) == 1


def make_robot(_options: EngineOptions) -> Engine:
    return Robot()


def test_the_documented_engine_speaks_a_site(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    (installed / "openai_speech-1.dist-info").mkdir(parents=True)
    (installed / "openai_speech.py").write_bytes((RECIPES / "openai_speech.py").read_bytes())
    (installed / "openai_speech-1.dist-info/METADATA").write_text("Name: openai_speech\nVersion: 1\n")
    (installed / "openai_speech-1.dist-info/entry_points.txt").write_text(
        "[mkdocs_lightning.engines]\nopenai_speech = openai_speech:make_engine\n"
    )
    monkeypatch.syspath_prepend(str(installed))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    site.write({"index.md": "# Home\n\n:::speak\nThis sentence is spoken by a server of our own.\n:::\n"})
    site.options |= {"engine": "openai_speech", "model": "tts-1", "voice_id": "alloy"}
    with openai_server() as (url, asked):
        for _ in range(2):
            site.build(strict=True, base_url=url)
    assert [(order["model"], order["voice"]) for order in asked] == [("tts-1", "alloy")]
    assert [order["authorization"] for order in asked] == ["Bearer sk-other"]  # and never this service's key
    assert len(site.clips("index.html")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("stubs", ["of types-requests", "of requests itself"])
def test_the_documented_engine_has_no_type_error(stubs: str, tmp_path: Path) -> None:
    if stubs == "of requests itself":
        (tmp_path / "requests").symlink_to(Path(requests.__file__).parent)
    (tmp_path / "openai_speech.py").write_bytes((RECIPES / "openai_speech.py").read_bytes())
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\nstrict = true\nfollow_imports = silent\nignore_missing_imports = true\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "openai_speech.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


def test_the_documentation_shows_it() -> None:
    page = (RECIPES.parents[1] / "reference/python.md").read_text(encoding="utf-8")
    assert '\n--8<-- "docs/how-to/recipes/openai_speech.py"\n' in page


BREAKS = {
    "name": ("    name = 'Loud Robot'", "lower-case letters"),
    "the name of ours": ("    name = 'offline'", "must differ from those of this package"),
    "concurrency": ("    max_concurrency = 0", "max_concurrency"),
    "unavailable": ("    unavailable_reason = 'no'", "unavailable"),
    "price": ("    def price_per_character(self, _voice): return -1", "price_per_character"),
    "normalize": ("    def normalize_voice(self, voice): return replace(voice, speed=voice.speed * 0.9)", "normalized"),
    "rate": ("    def rate(self, voice): return 8000", "Hz instead of"),
    "stereo": ("    def shape(self, noise): return np.stack([noise, noise], 1)", "mono"),
    "floats": ("    def shape(self, noise): return noise.astype('float32')", "16 bit"),
    "cut": ("    def length(self, text): return super().length(text[:44])", "cannot|twice as long"),
    "silence": ("    def shape(self, noise): return noise * 0", "silent"),
    "errors": ("    def length(self, text): return len(text) / (15 if 'Ja' not in text else 0)", "ZeroDivisionError"),
    "threads": (
        """
    max_concurrency = 4
    newest, all_four = "", threading.Barrier(4)
    def synthesize(self, text, voice):
        self.newest = text
        if threading.current_thread() is not threading.main_thread():
            self.all_four.wait(60)  # as many as may have begun
            text = self.newest
            self.all_four.wait(60)  # and nobody begins anew before all have read that
        return super().synthesize(text, voice)
""",
        "cannot|its own text",
    ),
    "closing": (
        """
    is_open = True
    def close(self):
        assert self.is_open
        self.is_open = False
""",
        "is_open",
    ),
}
GOOD = """
import threading
from dataclasses import replace
import numpy as np
from mkdocs_lightning import Audio, Engine
from mkdocs_lightning.testing import EngineConformance

class Good(Engine):
    name = "robot"
    def rate(self, voice): return voice.sample_rate
    def length(self, text): return len(text) / 15
    def shape(self, noise): return noise
    def synthesize(self, text, voice):
        noise = np.random.default_rng(1).integers(-9000, 9000, round(voice.sample_rate * self.length(text)))
        return Audio(self.shape(noise.astype(np.int16)), self.rate(voice))

class Bad(Good):
{bad}

class TestIt(EngineConformance):
    def make_engine(self): return Bad()
"""


@pytest.mark.parametrize("name", ["none", *BREAKS])
def test_what_an_engine_does_not_keep_is_told(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bad, words = BREAKS.get(name, ("    pass", ""))
    pytester.makepyfile(test_it=GOOD.replace("{bad}", bad))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]")
    ended = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--tb=short")
    said = ended.stdout.str()
    assert ended.ret == (pytest.ExitCode.OK if name == "none" else pytest.ExitCode.TESTS_FAILED), said
    assert any(word in said for word in words.split("|"))
