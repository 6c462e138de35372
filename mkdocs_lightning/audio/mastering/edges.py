"""Trim the silence at both ends of a sentence, so that the pause after it is as long as it says, in every voice."""

from __future__ import annotations

import numpy as np

from mkdocs_lightning.audio.samples import Audio

MARGIN = 0.01
"""Seconds that stay before the first sound and after the last, for the fades."""

_FRAME = 0.005  # seconds over which the level is measured
_LOUD = 90  # percentile of the levels that counts as speech
_AUDIBLE = 10 ** (-50 / 20)  # of the level of speech. A weak "f" begins at -40 dB and breath is louder than that; what
# neural voices put around a sentence, and espeak-ng before it, is below -60 dB


def trim_edges(audio: Audio) -> Audio:
    """A sentence without the silence around it, as `find_edges` finds it."""
    start, stop = find_edges(audio)
    return Audio(audio.samples[start:stop], audio.sample_rate)


def find_edges(audio: Audio) -> tuple[int, int]:
    """The first sample of a sentence that stays, and the first after it that does not.

    `MARGIN` stays around what is heard, and all if nothing or everything is silent. Breath stays: what counts as
    silence is 50 dB below the sentence's own level. A voice with more noise than that keeps its edges.
    """
    frame = max(1, round(_FRAME * audio.sample_rate))
    count = len(audio.samples) // frame
    if count == 0:
        return 0, len(audio.samples)
    frames = audio.samples[: count * frame].reshape(count, frame).astype(np.float32)
    power = np.einsum("ij,ij->i", frames, frames)
    audible = np.flatnonzero(power > np.percentile(power, _LOUD) * _AUDIBLE**2)
    if not len(audible):
        return 0, len(audio.samples)
    margin = round(MARGIN * audio.sample_rate)
    start, stop = int(audible[0]) * frame - margin, int(audible[-1] + 1) * frame + margin
    return max(0, start), min(stop, len(audio.samples))
