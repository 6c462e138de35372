"""Bring the sentences of a clip to one loudness."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from mkdocs_lightning.audio.mastering.loudness import LoudnessMeter
from mkdocs_lightning.audio.mastering.true_peak import limit_peaks
from mkdocs_lightning.audio.samples import Audio

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from mkdocs_lightning.audio.mastering.loudness import Span

_DRIFT = 0.4  # LU that a sentence may differ from its voice, so that neighbors are less than 1 LU apart
_PLACES = 2  # decimals of a gain in dB, so that it does not depend on the last bits of a machine's arithmetic


def level(audio: Audio, spans: Sequence[Span], voices: Sequence[Hashable], loudness: float) -> Audio:
    """The same audio at one loudness.

    Each voice gets one gain, by the gated mean of all that it says here, so that its own dynamics stay. Sentences are
    synthesized apart, so some are louder or softer than their voice: they are brought within 0.4 LU of it. Then the
    whole gets one more gain. Peaks are limited, even where that leaves the clip softer. What cannot be heard (below
    -70 LUFS) stays as it is. Only this audio counts, so the same sentences sound the same on every machine.

    Args:
        audio: All sentences, with pauses.
        spans: Where each sentence is, in samples.
        voices: Who speaks each sentence.
        loudness: LUFS.
    """
    meter = LoudnessMeter(audio, spans)
    gains = _gains(meter, voices, loudness)
    for number, gain in enumerate(gains):
        meter.set_gain(number, gain)
    whole = meter.of_all()
    rest = 0.0 if whole is None else loudness - whole
    leveled = np.zeros(len(audio.samples), np.float32)
    for (start, stop), gain in zip(spans, gains, strict=True):
        factor = np.float32(10 ** (round(gain + rest, _PLACES) / 20))
        np.multiply(audio.samples[start:stop], factor, out=leveled[start:stop])
    limit_peaks(leveled, audio.sample_rate)
    return Audio(np.rint(leveled, out=leveled).astype(np.int16), audio.sample_rate)


def _gains(meter: LoudnessMeter, voices: Sequence[Hashable], loudness: float) -> list[float]:
    """The gain of each sentence, in dB."""
    parts_of: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, voice in enumerate(voices):
        parts_of[voice].append(number)
    means = {voice: meter.of_parts(parts) for voice, parts in parts_of.items()}
    return [_gain(meter.of_parts([number]), means[voice], loudness) for number, voice in enumerate(voices)]


def _gain(sentence: float | None, voice: float | None, loudness: float) -> float:
    if sentence is None or voice is None:
        return 0.0
    drift = sentence - voice
    return loudness - voice + min(max(drift, -_DRIFT), _DRIFT) - drift
