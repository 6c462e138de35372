"""Sound that has what loudness, edges and peaks depend on in speech: syllables, a weak start, noise, silence around."""

from __future__ import annotations

import numpy as np

from mkdocs_lightning.audio.samples import MAX_SAMPLE, Audio


def speech(seconds: float, decibels: float = -20.0, sample_rate: int = 24000, seed: int = 1) -> Audio:
    """A voice without words: a hum of 120 Hz with overtones, four syllables a second.

    Args:
        seconds: How long it lasts.
        decibels: Its peak, dBFS.
        sample_rate: Hz.
        seed: Another one, another voice.
    """
    at = np.arange(round(seconds * sample_rate)) / sample_rate
    random = np.random.default_rng(seed)
    tones = (np.sin(2 * np.pi * 120 * number * at + random.uniform(0, 6)) / number for number in range(1, 25))
    syllables = 0.15 + np.abs(np.sin(4 * np.pi * at + 1))
    wave = (sum(tones, np.zeros(len(at))) + random.normal(0, 0.05, len(at))) * syllables
    scaled = wave / np.abs(wave).max() * 10 ** (decibels / 20) * MAX_SAMPLE
    return Audio(np.rint(scaled).astype(np.int16), sample_rate)


def with_silence(audio: Audio, before: float, after: float, noise: float = 0.0) -> Audio:
    """The same audio with silence around it.

    Args:
        audio: What is heard.
        before: Seconds.
        after: Seconds.
        noise: The amplitude of its noise; of 32,767.
    """
    lengths = [round(seconds * audio.sample_rate) for seconds in (before, after)]
    random = np.random.default_rng(7)
    first, last = (np.rint(random.uniform(-noise, noise, length)).astype(np.int16) for length in lengths)
    return Audio(np.concatenate((first, audio.samples, last)), audio.sample_rate)
