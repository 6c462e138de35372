"""What every engine has to keep, as tests: for the test suite of whoever writes one.

    from mkdocs_lightning.testing import EngineConformance

    class TestRobot(EngineConformance):
        def make_engine(self):
            return Robot("http://127.0.0.1:8000")

Needs pytest. Each test speaks a sentence or two, so give it an engine that costs nothing, such as one before a local
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
from mkdocs_lightning.reading.voice import VoiceSettings, resolve_voice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.voice import Voice

SENTENCE = "The quick brown fox jumps over the lazy dog."
LONG_SENTENCE = "It is a long way, and there is nobody who would go it alone, or so they say. " * 3
ODD_TEXTS = ("Ja.", "2 x 3 = 6", "naïve “so”", "नमस्ते दुनिया", "a/b <c> & \"d\" 'e'", "👋 hello")


class EngineConformance:
    """Subclass it, say how your engine is made, and let pytest run it.

    Attributes:
        settings: Of a voice that the engine has.
        is_built_in: Of our own engines alone.
    """

    settings = VoiceSettings()
    is_built_in = False

    def make_engine(self) -> Engine:
        """A new engine that can speak."""
        raise NotImplementedError

    def make_broken_engine(self) -> Engine | None:
        """One that reaches nobody, such as one for a port where nobody listens; None where that cannot be."""
        return None

    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        """The engine, closed afterwards."""
        engine = self.make_engine()
        yield engine
        engine.close()

    @pytest.fixture
    def voice(self, engine: Engine) -> Voice:
        """The voice as the engine normalizes it."""
        return engine.normalize_voice(resolve_voice(self.settings))

    def test_its_name_is_one_that_an_author_can_write(self, engine: Engine) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", engine.name), "name: lower-case letters, digits, _ and -"
        assert (engine.name in BUILT_IN) == self.is_built_in, "name: another than those of this package"

    def test_it_says_what_it_can_do(self, engine: Engine, voice: Voice) -> None:
        assert engine.unavailable_reason is None, "unavailable_reason: None for an engine that can speak"
        assert engine.max_concurrency >= 1, "max_concurrency: at least 1"
        price = engine.price_per_character(voice)
        assert price is None or price >= 0, "price_per_character: dollars, or None where it is not known"
        assert engine.voice_warning(voice) is None or engine.voice_warning(voice), "voice_warning: words, or None"
        assert engine.prices_listed_in is None or engine.prices_listed_in, "prices_listed_in: words, or None"

    def test_normalizing_a_voice_twice_changes_nothing(self, engine: Engine, voice: Voice) -> None:
        assert engine.normalize_voice(voice) == voice, (
            "normalize_voice: its result is normalized already; the key of a sentence depends on it"
        )

    def test_a_normalized_voice_keeps_what_the_author_hears(self, engine: Engine) -> None:
        wanted = resolve_voice(self.settings)
        slower = engine.normalize_voice(replace(wanted, speed=0.8))
        if slower != engine.normalize_voice(wanted):
            assert slower.speed == 0.8, "normalize_voice: a speed that counts is kept as it is"  # noqa: PLR2004

    def test_a_sentence_is_mono_at_the_rate_of_its_voice(self, engine: Engine, voice: Voice) -> None:
        audio = engine.synthesize(SENTENCE, voice)
        assert audio.samples.dtype == np.int16, "samples: 16 bit"
        assert audio.samples.ndim == 1, "samples: mono"
        _check(audio, SENTENCE, voice)

    def test_the_longest_text_is_spoken_whole(self, engine: Engine, voice: Voice) -> None:
        short, long = engine.synthesize(SENTENCE, voice), engine.synthesize(LONG_SENTENCE, voice)
        _check(long, LONG_SENTENCE, voice)
        assert long.duration > 2 * short.duration, "a text of five times the length takes at least twice as long"

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_an_odd_text_is_spoken_or_refused_in_words(self, engine: Engine, voice: Voice, text: str) -> None:
        try:
            audio = engine.synthesize(text, voice)
        except EngineError as error:
            assert str(error), "an error says in words what is wrong"
        else:
            assert audio.sample_rate == voice.sample_rate, "the rate is the voice's, whatever the text"

    def test_several_threads_may_speak_at_once(self, engine: Engine, voice: Voice) -> None:
        texts = [SENTENCE, LONG_SENTENCE] * 4
        with ThreadPoolExecutor(min(8, engine.max_concurrency)) as pool:
            spoken = list(pool.map(lambda text: engine.synthesize(text, voice), texts))
        for text, audio in zip(texts, spoken, strict=True):
            _check(audio, text, voice)
        short, long = spoken[::2], spoken[1::2]
        assert max(audio.duration for audio in short) < min(audio.duration for audio in long), "each has its own text"

    def test_it_may_be_closed_twice(self, engine: Engine) -> None:
        engine.close()
        engine.close()

    def test_a_service_that_is_away_is_a_passing_failure(self) -> None:
        engine = self.make_broken_engine()
        if engine is None:
            pytest.skip("make_broken_engine gives none")
        try:
            with pytest.raises(TransientError):
                engine.synthesize(SENTENCE, engine.normalize_voice(resolve_voice(self.settings)))
        finally:
            engine.close()


def _check(audio: Audio, text: str, voice: Voice) -> None:
    """What a build checks before it keeps anything."""
    check(audio, text=text, sample_rate=voice.sample_rate, speed=voice.speed)
