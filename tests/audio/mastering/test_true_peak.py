"""Peaks between samples are held below the ceiling, gently, and nothing else is touched."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import soxr

from mkdocs_lightning.audio.mastering.true_peak import CEILING, limit_peaks
from tests.support.speech import speech

RATE = 24000
HIGHEST = 32767 * 10 ** (CEILING / 20)


def true_peak(samples: np.ndarray) -> float:
    """dBTP, oversampled 16 times."""
    return float(20 * np.log10(np.abs(soxr.resample(samples.astype(np.float64), 1, 16, quality="VHQ")).max() / 32767))


def limited(samples: np.ndarray) -> np.ndarray:
    result = samples.astype(np.float32)
    limit_peaks(result, RATE)
    return result


@pytest.mark.parametrize("decibels", [-1.9, 0, 6, 20])
@pytest.mark.parametrize("seed", range(3))
def test_no_peak_is_above_the_ceiling(decibels: float, seed: int) -> None:
    loud = speech(3.0, 0, seed=seed).samples * 10 ** (decibels / 20)
    assert true_peak(limited(loud)) <= CEILING + 0.15


def test_a_peak_between_samples_is_found() -> None:
    """A sine of a quarter of the sample rate whose samples all are 3 dB below its peaks."""
    wave = 32767 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4) * 1.05
    assert np.abs(wave).max() < HIGHEST
    assert true_peak(wave) > CEILING + 1

    assert true_peak(limited(wave)[200:-200]) <= CEILING + 0.1


@pytest.mark.parametrize("decibels", [-30, -2.6])
def test_what_is_below_the_ceiling_is_as_it_was(decibels: float) -> None:
    samples = speech(2.0, decibels).samples.astype(np.float32)
    np.testing.assert_array_equal(limited(samples), samples)


@pytest.mark.parametrize("at", [0, 1, 100, 511, 512, 513, 12000, 23899, 23999])
def test_around_a_peak_the_gain_changes_slowly_and_further_away_it_does_not(at: int) -> None:
    samples = np.full(RATE, 1000.0)
    samples[at : at + 3] = 40000

    result = limited(samples)

    gain = result / samples
    assert np.abs(result).max() <= HIGHEST
    assert np.abs(np.diff(gain)).max() < 0.02
    far = np.abs(np.arange(RATE) - at) > 0.03 * RATE
    assert (gain[far] == 1).all()


@pytest.mark.parametrize("count", [0, 1, 2, 50, 511, 512, 513])
def test_a_few_samples_are_limited_as_well(count: int) -> None:
    result = limited(np.full(count, 60000.0))
    assert len(result) == count
    assert (np.abs(result) <= HIGHEST).all()


def test_memory_for_audio_that_is_loud_throughout_is_bounded() -> None:
    """What is around all of its samples at once would alone take more than ten times its size."""
    loud = np.random.default_rng(0).integers(-30000, 30000, 60 * RATE).astype(np.float32)
    tracemalloc.start()
    try:
        limit_peaks(loud, RATE)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 17 * loud.nbytes
    assert np.abs(loud).max() <= HIGHEST
