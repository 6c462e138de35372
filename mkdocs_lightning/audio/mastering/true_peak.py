"""Hold the true peaks of audio, which lie between its samples (ITU-R BS.1770-4, annex 2), below a ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from mkdocs_lightning.audio.samples import MAX_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mkdocs_lightning.audio.mastering.loudness import Span

CEILING = -2.0
"""dBTP. One decibel below what is promised of a file, as MP3 and Opus raise peaks by up to as much."""

_OVERSAMPLING = 4
_HIGHER = 1.5  # times as high as the samples around it a true peak may be, at most
_SECONDS = 0.005  # over which the gain is lowered before a peak, and raised after it
_CHUNK = 512  # samples
_CONTEXT = 64  # samples around a piece, so that its ends are interpolated as well
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
    steps: NDArray[np.int32] | None = None
    for start, stop in _loud_pieces(samples, ceiling):
        peaks = _true_peaks(samples, start, stop)
        if float(peaks.max()) > ceiling:
            if steps is None:
                steps = np.full(len(samples), _STEPS, np.int32)
            steps[start:stop] = ceiling * _STEPS / np.maximum(peaks, ceiling)  # rounds down
    if steps is not None:
        for start, stop in _limited_pieces(steps, 2 * width):
            samples[start:stop] *= _smooth(steps[start:stop], width)


def _loud_pieces(samples: NDArray[np.float32], ceiling: float) -> Iterator[Span]:
    """The pieces in which there may be a peak: the others need no closer look."""
    starts = np.arange(0, len(samples), _CHUNK)
    highest = np.maximum.reduceat(np.abs(samples), starts) if len(starts) else np.zeros(0)
    for start, stop in _runs(highest > ceiling / _HIGHER):
        yield start * _CHUNK, min(stop * _CHUNK, len(samples))


def _limited_pieces(steps: NDArray[np.int32], around: int) -> Iterator[Span]:
    """The pieces in which some gain is below 1, with so many samples around them."""
    starts = np.arange(0, len(steps), around)
    is_limited = np.pad(np.minimum.reduceat(steps, starts) < _STEPS, 1)
    is_near = is_limited[:-2] | is_limited[1:-1] | is_limited[2:]
    for start, stop in _runs(is_near):
        yield start * around, min(stop * around, len(steps))


def _runs(flags: NDArray[np.bool_]) -> Iterator[Span]:
    """Where each run of true values starts and stops."""
    edges = np.flatnonzero(np.diff(np.pad(flags, 1).astype(np.int8))).tolist()
    yield from zip(edges[::2], edges[1::2], strict=True)


def _true_peaks(samples: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
    """How high the sound is between each sample of a piece and the next one, or at it."""
    before = min(_CONTEXT, start)
    piece = soxr.resample(samples[start - before : stop + _CONTEXT], 1, _OVERSAMPLING)
    between = np.abs(piece[before * _OVERSAMPLING : (before + stop - start) * _OVERSAMPLING])
    peaks: NDArray[np.float32] = np.maximum(between.reshape(-1, _OVERSAMPLING).max(axis=1), np.abs(samples[start:stop]))
    return peaks


def _smooth(steps: NDArray[np.int32], width: int) -> NDArray[np.float32]:
    """Gains that are nowhere above those in steps, and change over so many samples: the mean of the lowest around each.

    What is around a piece is taken to need no lower gain.
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
