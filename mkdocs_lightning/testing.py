"""Tests that every engine has to pass, for the test suites of engines.

    from mkdocs_lightning.testing import EngineConformance

    class TestRobot(EngineConformance):
        def make_engine(self):
            return Robot("http://127.0.0.1:8000")

Needs pytest. Most tests synthesize some sentences, so use an engine that costs nothing, such as one that calls a local
server.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.engines import BUILT_IN, EngineError, TransientError
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.settings.voice import Voice

SENTENCE = "The quick brown fox jumps over the lazy dog."
LONG_SENTENCE = "It is a long way, and there is nobody who would go it alone, or so they say. " * 3
ODD_TEXTS = ("Ja.", "2 x 3 = 6", "naïve “so”", "नमस्ते दुनिया", "a/b <c> & \"d\" 'e'", "👋 hello")


class EngineConformance:
    """The tests. Subclass it and implement `make_engine`; pytest does the rest.

    Attributes:
        settings: The settings of a voice that the engine has.
        is_built_in: Whether the engine belongs to this package.
    """

    settings = VoiceSettings()
    is_built_in = False

    def make_engine(self) -> Engine:
        """A new engine that is ready to synthesize."""
        raise NotImplementedError

    def make_broken_engine(self) -> Engine | None:
        """A new engine whose service cannot be reached, such as on a closed port; None if the engine has no service."""
        return None

    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        """A new engine for each test, closed afterward."""
        engine = self.make_engine()
        yield engine
        engine.close()

    @pytest.fixture
    def voice(self, engine: Engine) -> Voice:
        """The voice of `settings`, normalized by the engine."""
        return engine.normalize_voice(resolve_voice(self.settings))

    def test_its_name_can_be_written_in_mkdocs_yml(self, engine: Engine) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", engine.name), "name: lower-case letters, digits, _ and -"
        assert (engine.name in BUILT_IN) == self.is_built_in, "name: must differ from those of this package"

    def test_its_attributes_are_valid(self, engine: Engine, voice: Voice) -> None:
        assert engine.unavailable_reason is None, "unavailable_reason: None for an engine that is ready"
        assert engine.max_concurrency >= 1, "max_concurrency: at least 1"
        price = engine.price_per_character(voice)
        assert price is None or price >= 0, "price_per_character: dollars, or None if unknown"
        assert engine.voice_warning(voice) is None or engine.voice_warning(voice), "voice_warning: text, or None"
        assert engine.prices_listed_in is None or engine.prices_listed_in, "prices_listed_in: text, or None"

    def test_normalizing_a_voice_twice_changes_nothing(self, engine: Engine, voice: Voice) -> None:
        assert engine.normalize_voice(voice) == voice, (
            "normalize_voice: a normalized voice must not change again, as keys depend on it"
        )

    def test_a_normalized_voice_keeps_what_can_be_heard(self, engine: Engine) -> None:
        wanted = resolve_voice(self.settings)
        slower = engine.normalize_voice(replace(wanted, speed=0.8))
        if slower != engine.normalize_voice(wanted):
            assert slower.speed == 0.8, "normalize_voice: a speed that has an effect must be kept"  # noqa: PLR2004

    def test_a_sentence_is_mono_at_the_rate_of_its_voice(self, engine: Engine, voice: Voice) -> None:
        audio = engine.synthesize(SENTENCE, voice)
        assert audio.samples.dtype == np.int16, "samples: 16 bit"
        assert audio.samples.ndim == 1, "samples: mono"
        _check(audio, SENTENCE, voice)

    def test_a_long_text_is_synthesized_completely(self, engine: Engine, voice: Voice) -> None:
        short, long = engine.synthesize(SENTENCE, voice), engine.synthesize(LONG_SENTENCE, voice)
        _check(long, LONG_SENTENCE, voice)
        assert long.duration > 2 * short.duration, "a text of five times the length must last at least twice as long"

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_an_odd_text_is_synthesized_or_rejected_with_a_message(
        self, engine: Engine, voice: Voice, text: str
    ) -> None:
        try:
            audio = engine.synthesize(text, voice)
        except EngineError as error:
            assert str(error), "an error must say what is wrong"
        else:
            assert audio.sample_rate == voice.sample_rate, "the sample rate must be the voice's, whatever the text"

    def test_several_threads_may_synthesize_at_once(self, engine: Engine, voice: Voice) -> None:
        texts = [SENTENCE, LONG_SENTENCE] * 4
        with ThreadPoolExecutor(min(8, engine.max_concurrency)) as pool:
            results = list(pool.map(lambda text: engine.synthesize(text, voice), texts))
        for text, audio in zip(texts, results, strict=True):
            _check(audio, text, voice)
        short, long = results[::2], results[1::2]
        assert max(audio.duration for audio in short) < min(audio.duration for audio in long), (
            "each thread must get the audio of its own text"
        )

    def test_it_may_be_closed_twice(self, engine: Engine) -> None:
        engine.close()
        engine.close()

    def test_an_unreachable_service_is_a_transient_error(self) -> None:
        engine = self.make_broken_engine()
        if engine is None:
            pytest.skip("make_broken_engine returns None")
        try:
            with pytest.raises(TransientError):
                engine.synthesize(SENTENCE, engine.normalize_voice(resolve_voice(self.settings)))
        finally:
            engine.close()


def _check(audio: Audio, text: str, voice: Voice) -> None:
    """Check the audio as a build does before it stores it."""
    check(audio, text=text, sample_rate=voice.sample_rate, speed=voice.speed)
