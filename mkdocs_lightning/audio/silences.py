"""Silences in speech: where a voice pauses between sentences, and at commas."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio

Silence: TypeAlias = tuple[float, float]
"""Start and end, in seconds."""

SHORTEST = 0.12
"""Seconds; the closure of a plosive such as "t" is shorter."""

_FRAME = 0.01  # seconds over which the level is measured
_LOUD = 90  # percentile of the levels that counts as speech
_QUIET = 0.04  # of the level of speech (-28 dB): breath and noise are below, the weakest consonants above


def find_silences(audio: Audio) -> tuple[Silence, ...]:
    """The silences of one segment, in order, those at both ends among them. The level of its speech decides."""
    frame = max(1, round(_FRAME * audio.sample_rate))
    count = len(audio.samples) // frame
    if count == 0:
        return ()
    frames = audio.samples[: count * frame].reshape(count, frame).astype(np.float32)
    levels = np.sqrt(np.mean(frames * frames, axis=1))
    is_quiet = levels <= _QUIET * np.percentile(levels, _LOUD)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_quiet, [False])).astype(np.int8)))
    seconds = np.round(edges * frame / audio.sample_rate, 3).tolist()
    return tuple(
        (start, end) for start, end in zip(seconds[::2], seconds[1::2], strict=True) if end - start >= SHORTEST - 1e-9
    )
