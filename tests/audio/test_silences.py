"""Silences in speech."""

from __future__ import annotations

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.audio.silences import find_silences

RATES = [8000, 16000, 22050, 24000, 44100]


def speech(sample_rate: int, *spans: float, level: int = 8000, noise: int = 0) -> Audio:
    """Sound and silence in turn, each for so many seconds."""
    pieces = []
    for number, seconds in enumerate(spans):
        count = round(seconds * sample_rate)
        tone = np.sin(np.arange(count) * 2 * np.pi * 220 / sample_rate)
        pieces.append(tone * (level if number % 2 == 0 else noise))
    return Audio(np.concatenate(pieces).astype(np.int16), sample_rate)


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("level", [200, 3000, 30000])
def test_a_silence_is_found_at_its_place_whatever_the_level(sample_rate: int, level: int) -> None:
    audio = speech(sample_rate, 1.0, 0.3, 0.5, 0.2, 1.0, level=level, noise=level // 50)

    silences = find_silences(audio)

    assert np.array(silences) == pytest.approx(np.array([(1.0, 1.3), (1.8, 2.0)]), abs=0.015)


def test_what_is_short_is_no_silence() -> None:
    assert find_silences(speech(16000, 1.0, 0.08, 1.0)) == ()
    assert len(find_silences(speech(16000, 1.0, 0.13, 1.0))) == 1


def test_silences_at_both_ends_count() -> None:
    audio = speech(16000, 0.0, 0.4, 1.0, 0.5)

    assert np.array(find_silences(audio)) == pytest.approx(np.array([(0.0, 0.4), (1.4, 1.9)]), abs=0.015)


def test_what_is_less_quiet_is_no_silence() -> None:
    assert find_silences(speech(16000, 1.0, 0.3, 1.0, level=8000, noise=800)) == ()


@pytest.mark.parametrize("count", [0, 1, 79])
def test_what_is_too_short_has_none(count: int) -> None:
    assert find_silences(Audio(np.zeros(count, np.int16), 8000)) == ()
