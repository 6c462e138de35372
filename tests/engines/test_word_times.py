"""When each word is heard: from espeak-ng itself, and found in the audio of others."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.engines.words.phones import ENGLISH, SaidWord, said_words
from mkdocs_lightning.engines.words.times import WordTimer
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_lightning.engines.offline import OfflineEngine

TEXT = "Run mkdocs build, e.g. with 10,000 pages, and read __init__.py."
WORDS = {
    "en": (TEXT, ["Run", "mkdocs", "build,", "with", "10,000", "pages,", "and", "read", "__init__.py."]),
    "de": ("Öffnen Sie die Datei.", ["Öffnen", "Sie", "die", "Datei."]),
    "hi": ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया।"]),
    "ar": ("الصفحة جاهزة.", ["الصفحة", "جاهزة."]),
}


@pytest.fixture
def timer() -> Iterator[WordTimer]:
    timer = WordTimer()
    yield timer
    timer.close()


def plain(engine: OfflineEngine, text: str, language: str = "en", speed: float = 1.0) -> Segment:
    voice = engine.normalize_voice(resolve_voice(VoiceSettings(language=language, speed=speed)))
    return Segment("offline", voice, text)


def of_service(segment: Segment) -> Segment:
    """The same sentence, as if the service had spoken it."""
    return Segment("lightning", replace(segment.voice, model="lightning_v3.1_pro"), segment.text)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("speed", [1.0, 1.7])
def test_espeak_tells_the_times_of_its_own_words(
    engine: OfflineEngine, timer: WordTimer, language: str, speed: float
) -> None:
    text, words = WORDS[language]
    segment = plain(engine, text, language, speed)
    audio = engine.synthesize(text, segment.voice)

    times = timer.find(segment, audio) or ()

    found = [text[start:].split()[0] for start, _ in times]
    assert [word for word in found if word in words] == words
    seconds = [second for _, second in times]
    assert all(earlier < later for earlier, later in pairwise([*seconds, audio.duration]))


def test_chinese_has_no_spaces_and_words_all_the_same(engine: OfflineEngine, timer: WordTimer) -> None:
    segment = plain(engine, "页面准备好了。", "zh")
    times = timer.find(segment, engine.synthesize(segment.text, segment.voice)) or ()
    assert len(times) > 3


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_words_of_another_engine_are_found_in_its_audio(
    engine: OfflineEngine, timer: WordTimer, language: str
) -> None:
    text = {"en": TEXT, "fr": "Ouvrez le fichier mkdocs.yml, puis lancez la commande."}[language]
    segment = plain(engine, text, language)
    audio = engine.synthesize(text, segment.voice)
    late = Audio(np.concatenate([np.zeros(12_000, np.int16), audio.samples]), audio.sample_rate)

    exact, found = dict(timer.find(segment, audio) or ()), dict(timer.find(of_service(segment), late) or ())

    assert found.keys() == exact.keys()
    errors = sorted(abs(found[start] - 0.5 - exact[start]) for start in exact if start)
    assert errors[len(errors) // 2] < 0.04
    assert errors[-1] < 0.25


def test_where_no_model_is_there_are_no_words(engine: OfflineEngine, timer: WordTimer) -> None:
    german = of_service(plain(engine, "Die Seite ist fertig.", "de"))
    assert not timer.can_time(german)
    assert timer.missing_extra(german) is None
    assert timer.find(german, Audio(np.zeros(24_000, np.int16), 24_000)) == ()


def test_audio_of_another_version_of_espeak_is_no_longer_exact(engine: OfflineEngine, timer: WordTimer) -> None:
    """German has no model either, so there are none at all."""
    segment = plain(engine, "Die Seite ist fertig.", "de")
    audio = engine.synthesize(segment.text, segment.voice)
    longer = Audio(np.concatenate([audio.samples, audio.samples[:2400]]), audio.sample_rate)

    assert timer.find(segment, audio)
    assert timer.find(segment, longer) == ()


@pytest.mark.parametrize("samples", [np.zeros(24_000, np.int16), np.zeros(0, np.int16)], ids=["silence", "nothing"])
def test_audio_without_speech_has_no_words_or_some_in_order(
    engine: OfflineEngine, timer: WordTimer, samples: np.ndarray
) -> None:
    times = timer.find(of_service(plain(engine, TEXT)), Audio(samples, 24_000)) or ()
    assert all(earlier <= later for (_, earlier), (_, later) in pairwise(times))


def test_a_process_that_fails_leaves_the_sentence(
    engine: OfflineEngine, timer: WordTimer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "worker.py"
    broken.write_text("", encoding="utf-8")
    monkeypatch.setattr("mkdocs_lightning.engines.words.times._ESPEAK_WORKER", broken)
    segment = plain(engine, TEXT)

    assert timer.find(segment, engine.synthesize(TEXT, segment.voice)) is None


def test_a_number_is_one_word_and_what_is_said_together_is_one_too() -> None:
    events: list[tuple[int | str, int]] = [(0, 0), ("ɪ", 1), ("n", 5), (7, 10), ("t", 11), (10, 20), ("θ", 21)]
    words = said_words("in the 10,000", events, 10)

    assert words == [SaidWord(0, 0.0, ["ɪ", "n"]), SaidWord(7, 1.0, ["t", "θ"])]
    assert [word.phones(ENGLISH) for word in words] == ["IH N", "T TH"]


@pytest.mark.parametrize(
    ("phoneme", "phones"),
    [("ˈoʊ", "OW"), ("tʃ", "CH"), ("ɑːɹ", "AA R"), ("n̩", "AH N"), ("(fr)", ""), ("ə-", "AH"), ("☃", "")],
)
def test_a_phoneme_of_espeak_becomes_the_model_s_phones(phoneme: str, phones: str) -> None:
    assert SaidWord(0, 0.0, [phoneme]).phones(ENGLISH) == phones


def test_an_event_beyond_the_text_is_none() -> None:
    assert said_words("one", [(-1, 0), ("w", 1), (0, 2), (9, 3)], 10) == [SaidWord(0, 0.2)]
