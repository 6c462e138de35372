"""Loudness as ITU-R BS.1770-4 and EBU R128 define it, of mono audio, for the whole or for parts of it.

The audio is weighted as the ear weights it (K-weighting), its power is averaged over blocks of 400 ms that begin each
100 ms, and the blocks that are silent, or 10 LU below the others, do not count.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from mkdocs_lightning.audio.samples import Audio

Span: TypeAlias = tuple[int, int]
"""The first sample, or frame, of a part of the audio, and the one after its last."""

_FRAMES_A_SECOND = 100
_BLOCK = 40  # frames
_STEP = 10  # frames
_SILENCE = -70.0  # LUFS; a block below it never counts
_BELOW = 10.0  # LU that a block may be below the mean of the others
_OFFSET = -0.691  # so that a sine of 1 kHz at full scale has -3.01 LUFS
_FULL_SCALE = 32768.0
_FFT = 8192  # samples in a piece that is filtered: the fastest
_AT_ONCE = 4  # pieces
_RING = 0.05  # seconds until the filter's response is below -100 dB


class LoudnessMeter:
    """Measures the loudness of parts of some audio. It weights the audio once, so measuring again costs little.

    Parts are rounded to frames of 10 ms. A part shorter than a block of 400 ms counts as one block.

    Args:
        audio: At 8,000 Hz or more.
        spans: The parts that can be heard, in samples; what is between them is silent.
    """

    def __init__(self, audio: Audio, spans: Sequence[Span]) -> None:
        self._count = max(1, math.ceil(len(audio.samples) * _FRAMES_A_SECOND / audio.sample_rate))
        self._power = _power_of_frames(audio, self._count)
        self._gains = np.ones(self._count)
        self._frames_of = [_frames_of(span, audio.sample_rate) for span in spans]

    def set_gain(self, part: int, decibels: float) -> None:
        """Measure from now on as if a part were louder by some decibels.

        Args:
            part: The number of its span.
            decibels: Of the amplitude; may be negative.
        """
        start, stop = self._frames_of[part]
        self._gains[start:stop] = 10 ** (decibels / 10)

    def of_parts(self, parts: Iterable[int]) -> float | None:
        """The loudness of some parts together, in LUFS; None if none of it is louder than -70 LUFS.

        Args:
            parts: The numbers of their spans.
        """
        return self._measure([self._frames_of[part] for part in parts])

    def of_all(self) -> float | None:
        """The loudness of the whole audio with its pauses, in LUFS; None if none of it is louder than -70 LUFS."""
        return self._measure([(0, self._count)])

    def _measure(self, spans: Sequence[Span]) -> float | None:
        total = np.concatenate(([0.0], np.cumsum(self._power * self._gains)))
        blocks = [block for span in spans for block in _blocks_in(span)]
        power = np.array([(total[stop] - total[start]) / (stop - start) for start, stop in blocks])
        power = power[power > _power(_SILENCE)]
        if not len(power):
            return None
        power = power[power > _power(_loudness(float(power.mean())) - _BELOW)]
        return _loudness(float(power.mean()))


def _frames_of(span: Span, sample_rate: int) -> Span:
    start, stop = (round(sample * _FRAMES_A_SECOND / sample_rate) for sample in span)
    return start, max(start + 1, stop)


def _blocks_in(span: Span) -> Iterator[Span]:
    start, stop = span
    if stop - start < _BLOCK:
        yield span
    for first in range(start, stop - _BLOCK + 1, _STEP):
        yield first, first + _BLOCK


def _loudness(power: float) -> float:
    return _OFFSET + 10 * math.log10(power)


def _power(loudness: float) -> float:
    return float(10 ** ((loudness - _OFFSET) / 10))


def _power_of_frames(audio: Audio, count: int) -> NDArray[np.float64]:
    """The mean power of each frame, weighted. Shape (count,)."""
    weighted = _weighted_power(audio)
    edges = np.round(np.arange(count + 1) * audio.sample_rate / _FRAMES_A_SECOND).astype(np.intp)
    starts = np.minimum(edges[:-1], len(weighted) - 1)
    power: NDArray[np.float64] = np.add.reduceat(weighted, starts) / (np.diff(edges) * _FULL_SCALE**2)
    return power


def _weighted_power(audio: Audio) -> NDArray[np.float64]:
    """The square of each sample after the filter (of one zero, if there are none).

    By overlap-save: pieces of `_FFT` samples are filtered, of which the first few belong to the piece before, and are
    dropped. As many are filtered at once as a processor's cache can hold.
    """
    samples, overlap = audio.samples, round(_RING * audio.sample_rate)
    kept = _FFT - overlap
    count = max(1, -(-len(samples) // kept))
    padded = np.zeros(overlap + count * kept)
    padded[overlap : overlap + len(samples)] = samples
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::kept]
    power = np.empty((count, kept))
    for start in range(0, count, _AT_ONCE):
        spectra = np.fft.rfft(pieces[start : start + _AT_ONCE], axis=1)
        spectra *= _response(audio.sample_rate)
        filtered = np.fft.irfft(spectra, _FFT, axis=1)[:, overlap:]
        np.multiply(filtered, filtered, out=power[start : start + _AT_ONCE])
    return power.reshape(-1)[: max(1, len(samples))]


@lru_cache(maxsize=8)
def _response(sample_rate: int) -> NDArray[np.complex128]:
    """The filter at the frequencies of an FFT: a shelf for the head, and a high-pass.

    The standard gives coefficients for 48,000 Hz only; these parameters give the same, and serve all rates.
    """
    z = np.exp(-2j * np.pi * np.arange(_FFT // 2 + 1) / _FFT)
    shelf_gain, shelf_middle = 1.584864701130855, 1.258720930232562
    k, quality = math.tan(math.pi * 1681.974450955533 / sample_rate), 0.7071752369554196
    shelf = (
        (shelf_gain + shelf_middle * k / quality + k * k)
        + 2 * (k * k - shelf_gain) * z
        + (shelf_gain - shelf_middle * k / quality + k * k) * z * z
    ) / ((1 + k / quality + k * k) + 2 * (k * k - 1) * z + (1 - k / quality + k * k) * z * z)
    k, quality = math.tan(math.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    scale = 1 + k / quality + k * k
    high_pass = scale * (1 - 2 * z + z * z) / (scale + 2 * (k * k - 1) * z + (1 - k / quality + k * k) * z * z)
    response: NDArray[np.complex128] = shelf * high_pass
    return response
