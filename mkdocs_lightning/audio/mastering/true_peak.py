"""Keep the true peaks of audio, which lie between its samples (ITU-R BS.1770-4, annex 2), below a ceiling."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mkdocs_lightning.audio.samples import MAX_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mkdocs_lightning.audio.mastering.loudness import Span

CEILING = -2.0
"""dBTP. One decibel below what is promised of a file, as MP3 and Opus raise peaks by up to as much."""

_HIGHER = 2.0  # how many times as high as the samples beside it a true peak can be
_SECONDS = 0.005  # over which the gain is lowered before a peak, and raised after it
_HALF = 16  # samples at each side of which the sound between two samples is made
_AT_ONCE = 2**16  # places that are looked at: what is around all those of a loud hour would take gigabytes
_KAISER = 5.0  # the shape of the window over them
_STEPS = 2**14
"""Of the gain, counted in whole steps, so that it does not depend on the last bits of a machine's arithmetic."""


def limit_peaks(samples: NDArray[np.float32], sample_rate: int) -> None:
    """Lower the samples around each true peak above `CEILING`, in place and without a click.

    Args:
        samples: Shape (frames,); full scale is 32,767.
        sample_rate: Hz.
    """
    ceiling = MAX_SAMPLE * 10 ** (CEILING / 20)
    width = round(_SECONDS * sample_rate)
    loud = np.flatnonzero(np.abs(samples) > ceiling / _HIGHER)
    if not len(loud):
        return
    peaks = _true_peaks(samples, loud)
    is_over = peaks > ceiling
    if not is_over.any():
        return
    steps = np.full(len(samples), _STEPS, np.int32)
    steps[loud[is_over]] = ceiling * _STEPS / peaks[is_over]  # rounds down
    for start, stop in _limited_pieces(steps, 2 * width):
        samples[start:stop] *= _smooth(steps[start:stop], width)


def _limited_pieces(steps: NDArray[np.int32], around: int) -> Iterator[Span]:
    """The pieces in which some gain is below 1, each with `around` samples or more before and after it."""
    starts = np.arange(0, len(steps), around)
    is_limited = np.pad(np.minimum.reduceat(steps, starts) < _STEPS, 1)
    is_near = is_limited[:-2] | is_limited[1:-1] | is_limited[2:]
    for start, stop in _runs(is_near):
        yield start * around, min(stop * around, len(steps))


def _runs(flags: NDArray[np.bool_]) -> Iterator[Span]:
    """Where each run of true values starts and stops."""
    edges = np.flatnonzero(np.diff(np.pad(flags, 1).astype(np.int8))).tolist()
    yield from zip(edges[::2], edges[1::2], strict=True)


def _true_peaks(samples: NDArray[np.float32], places: NDArray[np.intp]) -> NDArray[np.float32]:
    """How high the sound is at some samples, or between them and the next ones, oversampled four times."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (_HALF - 1, _HALF)), 2 * _HALF)
    peaks: NDArray[np.float32] = np.abs(samples[places])
    for start in range(0, len(places), _AT_ONCE):
        between = np.abs(around[places[start : start + _AT_ONCE]] @ _interpolation()).max(axis=1)
        np.maximum(peaks[start : start + _AT_ONCE], between, out=peaks[start : start + _AT_ONCE])
    return peaks


@lru_cache(maxsize=1)
def _interpolation() -> NDArray[np.float32]:
    """What each sample around adds at the three points between two of them. Shape (samples, 3)."""
    distances = np.arange(1 - _HALF, _HALF + 1)[:, np.newaxis] - np.array([0.25, 0.5, 0.75])
    weights = np.sinc(distances) * np.i0(_KAISER * np.sqrt(1 - (distances / _HALF) ** 2))
    interpolation: NDArray[np.float32] = (weights / weights.sum(axis=0)).astype(np.float32)
    return interpolation


def _smooth(steps: NDArray[np.int32], width: int) -> NDArray[np.float32]:
    """Gains that change over `width` samples and never exceed `steps`: their running minimum, averaged twice.

    Outside the piece, the gain is taken to be 1.
    """
    half = max(1, width // 2)
    lowest = np.pad(steps, 4 * half, constant_values=_STEPS)
    reach = 1  # of the window over which it is the lowest so far
    while reach < 4 * half + 1:
        shift = min(reach, 4 * half + 1 - reach)
        lowest = np.minimum(lowest[:-shift], lowest[shift:])
        reach += shift
    total = np.cumsum(np.pad(lowest, (1, 0)), dtype=np.int64)
    once = total[2 * half + 1 :] - total[: -2 * half - 1]
    total = np.cumsum(np.pad(once, (1, 0)))
    twice = total[2 * half + 1 :] - total[: -2 * half - 1]
    gains: NDArray[np.float32] = (twice / (_STEPS * (2 * half + 1) ** 2)).astype(np.float32)
    return gains
