"""The neural voice, for real: `pytest -m neural`, where the extras neural and offline are installed.

The other tests run where it is not: their English has the plain voice, which starts quicker. `.ci/packages` runs these,
in an environment of their own.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from mkdocs_lightning.audio.mastering.edges import trim_edges
from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.engines import EngineStoppedError, TextRefusedError, VoiceRefusedError
from mkdocs_lightning.engines.offline import _NEURAL_TEXT, MODEL, NEURAL_MODEL, NEURAL_PROCESSES, OfflineEngine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES, resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.offline_engine import OfflineConformance

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from mkdocs_lightning.audio.samples import Samples
    from mkdocs_lightning.reading.settings.voice import Voice
    from tests.support.sites import Site

pytestmark = pytest.mark.neural

TEXT = "Documentation that speaks: put a block around a paragraph, and the page has a player for it."
OTHER = "It is a long way, and there is nobody who would go it alone, or so they say."


@pytest.fixture
def fresh() -> Iterator[OfflineEngine]:
    """An engine that has not started a process yet."""
    engine = OfflineEngine()
    yield engine
    engine.close()


def voice(engine: OfflineEngine, **settings: object) -> Voice:
    return engine.normalize_voice(resolve_voice(VoiceSettings.parse(settings)))


class TestNeural(OfflineConformance):
    """As `TestOffline`, with the neural voice."""


# Which voice ---------------------------------------------------------------------------------------


def test_it_speaks_english_and_no_other_language(engine: OfflineEngine) -> None:
    assert {voice(engine, language=language).model for language in ("en", "auto")} == {NEURAL_MODEL}
    assert {voice(engine, language=language).model for language in ("de", "hi", "zh")} == {MODEL}
    assert engine.normalize_voice(voice(engine)) == voice(engine)
    assert engine.voice_warning(voice(engine)) is None


def test_its_sentences_have_keys_of_their_own(engine: OfflineEngine) -> None:
    """One that changes makes everybody speak anew what they had."""
    assert (
        Segment("offline", voice(engine), "Hello.").key
        == "129f56d8ac39a74afc2331d1e0f19500213a7c2e2c57bd4e2b97de5c5ed4e6ae"
    )
    assert (
        Segment("offline", voice(engine, language="de"), "Hello.").key
        == "27ac9ed333eae0ff75c1b202a708a14c9e7cb4296130400a9f8a50a1550083e6"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Say नमस्ते to them.",
        "Привет, world.",
        "That is Ω and β.",
        "From 20 ≤ 30 on.",
        "All *.md files.",
        "Set $HOME now.",
        r"See C:\notes there.",
    ],
)
def test_what_it_would_pass_over_is_spoken_by_the_plain_voice(engine: OfflineEngine, text: str) -> None:
    plain = replace(voice(engine), model=MODEL, voice_id="en-us")
    np.testing.assert_array_equal(
        engine.synthesize(text, voice(engine)).samples, engine.synthesize(text, plain).samples
    )


def test_it_passes_over_no_letter_number_or_symbol_that_it_is_given(engine: OfflineEngine) -> None:
    signs = [chr(code) for code in range(0xA1, 0x3000) if unicodedata.category(chr(code))[0] in "LNS"]
    given = [sign for sign in signs if _NEURAL_TEXT.fullmatch(f"x{sign}")]
    without = engine.synthesize("take rem", voice(engine)).samples
    heard = {
        sign
        for sign in given
        if not np.array_equal(engine.synthesize(f"take {sign}rem {sign}", voice(engine)).samples, without)
    }
    assert len(given) > 100
    assert [sign for sign in given if sign not in heard] == []


@pytest.mark.parametrize("text", ["...", "—", " ", "?!", "_"])
def test_a_text_without_words_is_refused(engine: OfflineEngine, text: str) -> None:
    with pytest.raises(TextRefusedError, match="cannot pronounce this text"):
        engine.synthesize(text, voice(engine))


# How it sounds -------------------------------------------------------------------------------------


def is_voiced(frame: Samples, sample_rate: int) -> bool:
    """Whether a frame repeats itself at the pitch of a human voice (80 to 400 Hz)."""
    wave = frame - frame.mean()
    similar = np.correlate(wave, wave, "full")[len(wave) - 1 :]
    return bool(similar[sample_rate // 400 : sample_rate // 80].max() > 0.5 * similar[0] > 0)


@pytest.mark.parametrize("text", [TEXT, OTHER])
def test_it_sounds_like_speech(engine: OfflineEngine, text: str) -> None:
    audio = engine.synthesize(text, voice(engine))
    check(audio, text=text, sample_rate=24000, speed=1)
    assert 12 < len(text) / audio.duration < 20

    frames = audio.samples[: len(audio.samples) // 720 * 720].reshape(-1, 720).astype(float)  # of 30 ms
    loudness = np.sqrt((frames**2).mean(axis=1)) / 32768
    assert 0.02 < np.sqrt((loudness**2).mean()) < 0.2
    assert np.percentile(loudness, 90) > 10 * np.percentile(loudness, 10)  # syllables, and gaps between them
    assert 0.4 < np.mean([is_voiced(frame, audio.sample_rate) for frame in frames]) < 0.95  # vowels, and s and t


def test_the_same_text_sounds_the_same_in_every_process_whatever_else_is_installed(
    engine: OfflineEngine, fresh: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [engine.synthesize(text, voice(engine)).samples for text in (TEXT, OTHER)]
    (tmp_path / "scipy").mkdir()  # with which hibari-tts would give other samples
    for name in ("__init__", "fft"):
        (tmp_path / f"scipy/{name}.py").write_text("import numpy\nrfft = irfft = numpy.zeros", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for text, samples in zip((TEXT, OTHER, TEXT), [*expected, expected[0]], strict=True):
        np.testing.assert_array_equal(fresh.synthesize(text, voice(fresh)).samples, samples)
    assert not np.array_equal(expected[0][:24000], expected[1][:24000])


def test_speed_is_heard(engine: OfflineEngine) -> None:
    half, once, twice = (engine.synthesize(TEXT, voice(engine, speed=speed)).duration for speed in (0.5, 1, 2))
    assert once / half == pytest.approx(0.5, abs=0.1)
    assert twice / once == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
def test_every_rate_of_the_service_is_there(engine: OfflineEngine, sample_rate: int) -> None:
    audio = engine.synthesize(TEXT, voice(engine, sample_rate=sample_rate))
    assert audio.sample_rate == sample_rate
    assert audio.duration == pytest.approx(engine.synthesize(TEXT, voice(engine)).duration, abs=0.001)


def test_what_stands_like_a_link_is_no_list_of_phonemes(engine: OfflineEngine) -> None:
    assert engine.synthesize("One [two](/x/) three.", voice(engine)).duration > 1.5


# Processes -----------------------------------------------------------------------------------------


def test_no_more_processes_than_memory_is_meant_for(
    fresh: OfflineEngine, started: list[subprocess.Popen[bytes]]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fresh.synthesize(TEXT, voice(fresh)), range(16)))
    assert 1 <= len(started) <= min(fresh.max_concurrency, NEURAL_PROCESSES)
    fresh.close()
    assert all(process.poll() is not None for process in started)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what a process has open")
def test_nobody_is_told_and_nothing_is_kept(
    fresh: OfflineEngine, started: list[subprocess.Popen[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its runtime would keep an id of the device in the user's cache, and report to its maker."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR", "HIBARI_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    fresh.synthesize(TEXT, voice(fresh))
    opened = [str(link.readlink()) for link in Path(f"/proc/{started[0].pid}/fd").iterdir()]
    assert opened
    assert not [name for name in opened if name.startswith("socket:")]
    assert not list(tmp_path.rglob("*"))


def test_a_voice_that_is_not_in_the_wheel_is_not_fetched(fresh: OfflineEngine) -> None:
    with pytest.raises(EngineStoppedError, match=r"^the offline voice cannot be used: FileNotFoundError: .*bf_emma"):
        fresh.synthesize(TEXT, replace(voice(fresh), voice_id="emma"))


def test_a_runtime_that_cannot_be_loaded_stops_the_run(
    fresh: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('no such processor')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineStoppedError, match=r"^the offline voice cannot be used: ImportError: no such processor$"):
        fresh.synthesize(TEXT, voice(fresh))


# Alone ---------------------------------------------------------------------------------------------


@pytest.fixture
def _no_espeak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As if the extra offline were not installed, nor espeak-ng itself."""
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("_no_espeak")
def test_alone_it_speaks_english_and_names_the_extra_for_the_rest(engine: OfflineEngine) -> None:
    assert engine.unavailable_reason is None
    assert engine.synthesize(TEXT, voice(engine)).duration > 3
    advice = 'run pip install "mkdocs-lightning[offline]", or install espeak-ng'
    with pytest.raises(VoiceRefusedError) as refused:
        engine.synthesize("Guten Tag.", voice(engine, language="de"))
    assert str(refused.value) == f"the neural voice speaks English only; for 'de' {advice}"
    with pytest.raises(TextRefusedError) as refused_text:
        engine.synthesize("From 20 ≤ 30 on.", voice(engine))
    assert str(refused_text.value) == f"the neural voice cannot read all of this text, but the plain one may: {advice}"


# A site --------------------------------------------------------------------------------------------


def test_a_site_speaks_with_it_and_a_build_with_nothing_to_say_starts_nothing(
    site: Site, engine: OfflineEngine, started: list[subprocess.Popen[bytes]]
) -> None:
    site.options = {"engine": "offline", "output_format": "wav", "loudness": "none"}
    site.write(
        {"index.md": f"# Home\n\n:::speak\n{TEXT}\n:::\n\n::: speak {{language=de}}\nGuten Tag allerseits.\n:::\n"}
    )
    site.build(strict=True)
    programs = {re.sub(r".*/", "", str(process.args[-1])) for process in started if isinstance(process.args, list)}
    assert programs == {"espeak_worker.py", "hibari_worker.py"}
    neural, _ = site.clips("index.html")
    samples, sample_rate = soundfile.read(neural, dtype="int16")
    assert sample_rate == 24000
    described = re.findall(r'"digitalSourceType": "https://schema.org/(\w+)"', site.html("index.html"))
    assert described == ["TrainedAlgorithmicMediaDigitalSource", "AlgorithmicMediaDigitalSource"]
    expected = trim_edges(engine.synthesize(TEXT, voice(engine))).samples
    np.testing.assert_array_equal(samples[240:-240], expected[240:-240])  # its ends are faded

    started.clear()
    site.build(strict=True)
    assert not started
    assert not {"hibari", "onnxruntime"} & set(sys.modules)
