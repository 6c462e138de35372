"""Loudness as EBU R128 defines it: the signals of EBU Tech 3341, other implementations, and what is too short."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from mkdocs_lightning.audio.mastering.loudness import LoudnessMeter
from mkdocs_lightning.audio.samples import Audio
from tests.support.speech import speech

RATES = (8000, 11025, 16000, 22050, 24000, 44100, 48000)


def loudness(audio: Audio) -> float | None:
    return LoudnessMeter(audio, [(0, len(audio.samples))]).of_all()


def sine(sections: list[tuple[float, float]], sample_rate: int = 48000, hertz: float = 1000) -> Audio:
    """Sections of a sine, each of a level in dBFS and so many seconds."""
    levels = np.concatenate([np.full(round(seconds * sample_rate), 10 ** (level / 20)) for level, seconds in sections])
    wave = levels * np.sin(2 * np.pi * hertz * np.arange(len(levels)) / sample_rate)
    return Audio(np.rint(wave * 32767).astype(np.int16), sample_rate)


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
)
def test_the_signals_of_ebu_tech_3341(sections: list[tuple[float, float]], expected: float) -> None:
    """Cases 1 to 5. They are stereo: a mono file of the same level is 3.01 LU softer."""
    assert loudness(sine(sections)) == pytest.approx(expected - 3.01, abs=0.1)


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("seconds", [0.5, 1.23, 9.876])
def test_it_is_what_pyloudnorm_says_with_the_standard_s_filter(sample_rate: int, seconds: float) -> None:
    audio = speech(seconds, sample_rate=sample_rate)
    whole = int(seconds * 10) * sample_rate // 10  # it counts a last block that is not whole
    audio = Audio(audio.samples[:whole], sample_rate)

    theirs = pyloudnorm.Meter(sample_rate, filter_class="DeMan").integrated_loudness(audio.samples / 32768)

    assert loudness(audio) == pytest.approx(theirs, abs=0.05)


@pytest.mark.parametrize("sample_rate", RATES)
def test_a_tone_has_one_loudness_at_every_rate(sample_rate: int) -> None:
    assert loudness(sine([(-20, 3)], sample_rate)) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.3, 5.0])
def test_silence_has_none(seconds: float) -> None:
    assert loudness(Audio(np.zeros(round(seconds * 24000), np.int16), 24000)) is None


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.399, 0.4, 0.41])
def test_what_is_shorter_than_a_block_is_measured_as_a_whole(seconds: float) -> None:
    assert loudness(sine([(-20, seconds)], 24000)) == pytest.approx(-23.0, abs=0.3)


def test_parts_are_measured_together_and_what_is_between_them_is_not() -> None:
    loud, soft = sine([(-20, 2.0)]), sine([(-26, 2.0)])
    gap = sine([(-3, 1.0)])
    audio = Audio(np.concatenate((loud.samples, gap.samples, soft.samples)), 48000)
    spans = [(0, 96000), (144000, 240000)]
    meter = LoudnessMeter(audio, spans)

    assert meter.of_parts([0]) == pytest.approx(-23.0, abs=0.1)
    assert meter.of_parts([1]) == pytest.approx(-29.0, abs=0.1)
    mean = 10 * np.log10((10**-2.3 + 10**-2.9) / 2)
    assert meter.of_parts([0, 1]) == pytest.approx(mean, abs=0.1)
    meter.set_gain(1, 6.0)
    assert meter.of_parts([0, 1]) == pytest.approx(-23.0, abs=0.1)
