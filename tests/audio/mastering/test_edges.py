"""Silence around a sentence goes; breath, weak consonants and all that is inside stay."""

from __future__ import annotations

import numpy as np
import pytest

from mkdocs_lightning.audio.mastering.edges import MARGIN, trim_edges
from mkdocs_lightning.audio.samples import Audio
from tests.support.speech import speech, with_silence

RATES = (8000, 16000, 22050, 24000, 44100, 48000)
FRAME = 0.005


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize(("before", "after"), [(0.3, 0.45), (0.05, 0.0), (0.0, 2.0), (4.0, 4.0)])
def test_silence_around_a_sentence_goes_to_a_few_milliseconds(sample_rate: int, before: float, after: float) -> None:
    sound = speech(1.2, sample_rate=sample_rate)

    trimmed = trim_edges(with_silence(sound, before, after))

    allowed = (min(before, MARGIN + FRAME) + min(after, MARGIN + FRAME)) + 2 / sample_rate
    assert 0 <= trimmed.duration - sound.duration <= allowed
    assert trimmed.sample_rate == sample_rate


@pytest.mark.parametrize("decibels", [-3, -30, -45])
def test_the_level_of_the_sentence_decides_what_is_silent(decibels: float) -> None:
    """A soft voice is trimmed as a loud one is, and its noise is not kept for being louder than some number."""
    sound = speech(1.0, decibels)
    noise = 32767 * 10 ** ((decibels - 70) / 20)

    assert trim_edges(with_silence(sound, 0.5, 0.5, noise)).duration == pytest.approx(sound.duration, abs=0.03)


@pytest.mark.parametrize("below", [30, 40])
def test_breath_and_a_weak_consonant_stay(below: float) -> None:
    """Breath is 30 to 40 dB below speech, and so is how an "f" begins."""
    sound = speech(1.0, -6)
    level = float(np.sqrt(np.mean(sound.samples.astype(float) ** 2)))
    breath = np.random.default_rng(3).normal(0, level * 10 ** (-below / 20), 24000 // 4).astype(np.int16)
    breathing = Audio(np.concatenate((breath, np.zeros(2400, np.int16), sound.samples)), 24000)

    trimmed = trim_edges(with_silence(breathing, 0.4, 0.4))

    assert trimmed.duration >= breathing.duration
    assert trimmed.duration == pytest.approx(breathing.duration, abs=0.03)


def test_what_is_inside_stays() -> None:
    sound = speech(0.5)
    whole = Audio(np.concatenate((sound.samples, np.zeros(24000, np.int16), sound.samples)), 24000)

    np.testing.assert_array_equal(trim_edges(whole).samples, whole.samples)


@pytest.mark.parametrize("samples", [[], [5], [0] * 24000, [9] * 119])
def test_what_is_nothing_or_only_silence_stays(samples: list[int]) -> None:
    audio = Audio(np.array(samples, np.int16), 24000)

    np.testing.assert_array_equal(trim_edges(audio).samples, audio.samples)


def test_a_click_in_silence_is_no_sentence_that_is_cut() -> None:
    """Almost all is silent, so the level of the sentence is none: then nothing but zeros may go."""
    samples = np.zeros(24000, np.int16)
    samples[12000:12100] = 3000

    assert 3000 in trim_edges(Audio(samples, 24000)).samples
