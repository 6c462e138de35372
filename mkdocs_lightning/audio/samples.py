"""Sound as samples: decode what an engine sends, check it, join it, encode it once for the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soxr
from numpy.typing import NDArray

from mkdocs_lightning.base.errors import LightningError

if TYPE_CHECKING:
    from collections.abc import Sequence

Samples = NDArray[np.int16]


FADE_SECONDS = 0.005
"""At both ends of every joined part, so that no seam clicks."""

_LOUDEST = 32767
_SILENCE = 33  # of 32767: -60 dBFS; below it nothing is heard
_FASTEST = 60.0  # letters and digits a second at speed 1; English is near 15
_SLOWEST = 0.6  # seconds a character at speed 1; spelled-out digits are near 0.5
_LONGEST_EDGE = 4.0  # seconds of silence and breath beside the words


class AudioError(LightningError):
    """Bytes that are no sound, or sound that cannot be the text's."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Mono 16-bit samples.

    Attributes:
        samples: Shape (frames,), int16.
        sample_rate: Hz.
    """

    samples: Samples
    sample_rate: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing in it that could be heard."""
        return not (np.abs(self.samples.astype(np.int32)) >= _SILENCE).any()


def longest(text: str, speed: float) -> float:
    """Seconds that a text spoken can last; a bound that every language stays within."""
    return _LONGEST_EDGE + len(text) * _SLOWEST / speed


def check(audio: Audio, *, text: str, sample_rate: int, speed: float) -> None:
    """Refuse what cannot be the text spoken; bounds that every language and speed stays within.

    Raises:
        AudioError: Wrong rate, silence, or a length that does not fit the text.
    """
    if audio.sample_rate != sample_rate:
        raise AudioError(f"the audio has {audio.sample_rate} Hz instead of {sample_rate} Hz")
    if audio.is_silent:
        raise AudioError(f"the audio is silent ({audio.duration:.2f} s for {len(text)} characters)")
    shortest = sum(character.isalnum() for character in text) / (_FASTEST * speed)
    if not shortest <= audio.duration <= longest(text, speed):
        raise AudioError(f"the audio lasts {audio.duration:.2f} s, which {len(text)} characters cannot")


def resample(audio: Audio, sample_rate: int) -> Audio:
    """The same sound at another rate, in Hz."""
    if audio.sample_rate == sample_rate:
        return audio
    return Audio(soxr.resample(audio.samples, audio.sample_rate, sample_rate), sample_rate)


def join(parts: Sequence[Audio], pauses: Sequence[float]) -> Audio:
    """One sound of several of the same rate.

    Args:
        parts: At least one.
        pauses: Seconds of silence between them, one fewer than parts.
    """
    sample_rate = parts[0].sample_rate
    pieces: list[Samples] = [_faded(parts[0])]
    for pause, part in zip(pauses, parts[1:], strict=True):
        pieces += [np.zeros(round(pause * sample_rate), np.int16), _faded(part)]
    return Audio(np.concatenate(pieces), sample_rate)


def _faded(audio: Audio) -> Samples:
    length = min(round(FADE_SECONDS * audio.sample_rate), len(audio.samples) // 2)
    if length == 0:
        return audio.samples
    ramp = np.arange(length) / length
    samples = audio.samples.copy()
    samples[:length] = samples[:length] * ramp
    samples[-length:] = samples[-length:] * ramp[::-1]
    return samples
