"""Audio as samples: check that it fits its text, resample it, join it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import soxr
from numpy.typing import NDArray

from mkdocs_lightning.base.errors import LightningError

if TYPE_CHECKING:
    from collections.abc import Sequence

Samples = NDArray[np.int16]


FADE_SECONDS = 0.005
"""Length of the fade at both ends of each joined part, so that no seam clicks."""

MAX_SAMPLE = 32767
"""The largest value of a 16-bit sample."""

_SILENCE = 33  # -60 dBFS: what is below cannot be heard
_FEW = 250  # samples, spread over all of them
_FASTEST = 60.0  # letters and digits per second at speed 1; English has about 15
_SLOWEST = 0.6  # seconds per character at speed 1; spelled-out digits take about 0.5
_MAX_EDGE = 4.0  # seconds of silence and breath before and after the words, together


class AudioDefect(Enum):
    """Kinds of audio that cannot be used."""

    NOT_AUDIO = "is not audio"
    CUT_SHORT = "is cut short"
    CHANNELS = "is not mono"
    SAMPLE_RATE = "has another sample rate"
    SILENT = "is silent"
    DURATION = "has a length that its text cannot have"


class AudioError(LightningError):
    """The data is not audio, or the audio cannot be that of its text.

    Attributes:
        defect: The kind of what is wrong, whatever the message's numbers are.
    """

    def __init__(self, message: str, defect: AudioDefect) -> None:
        super().__init__(message)
        self.defect = defect


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
        """Whether no sample is loud enough to be heard (-60 dBFS)."""
        # Nearly always a few samples tell. So few, numpy looks at without letting go of the interpreter's lock.
        few = self.samples[:: max(1, len(self.samples) // _FEW)]
        return not (_is_loud(few) or _is_loud(self.samples))


def _is_loud(samples: Samples) -> bool:
    """Whether any sample can be heard. Without `abs`, as the absolute value of -32768 has more than 16 bits."""
    return bool(len(samples)) and (int(samples.max()) >= _SILENCE or int(samples.min()) <= -_SILENCE)


def max_duration(text: str, speed: float) -> float:
    """The seconds that a text can last at most, in any language."""
    return _MAX_EDGE + len(text) * _SLOWEST / speed


def check(audio: Audio, *, text: str, sample_rate: int, speed: float) -> None:
    """Raise an error if the audio cannot be that of the text. The bounds hold for every language and speed.

    Raises:
        AudioError: The sample rate is wrong, the audio is silent, or its duration does not fit the text.
    """
    if audio.sample_rate != sample_rate:
        raise AudioError(f"the audio has {audio.sample_rate} Hz instead of {sample_rate} Hz", AudioDefect.SAMPLE_RATE)
    if audio.is_silent:
        message = f"the audio is silent ({audio.duration:.2f} s for {len(text)} characters)"
        raise AudioError(message, AudioDefect.SILENT)
    shortest = sum(character.isalnum() for character in text) / (_FASTEST * speed)
    if not shortest <= audio.duration <= max_duration(text, speed):
        message = f"the audio lasts {audio.duration:.2f} s, which is impossible for {len(text)} characters"
        raise AudioError(message, AudioDefect.DURATION)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """The same audio at another sample rate, in Hz."""
    if audio.sample_rate == sample_rate:
        return audio
    return Audio(soxr.resample(audio.samples, audio.sample_rate, sample_rate), sample_rate)


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Parts that follow each other.

    Attributes:
        audio: All of them, with silence between.
        spans: Where each begins and ends, in samples.
    """

    audio: Audio
    spans: tuple[tuple[int, int], ...]


def join(parts: Sequence[Audio], pauses: Sequence[float]) -> Joined:
    """Concatenate audio, with silence between the parts, at the sample rate of the first.

    Args:
        parts: One or more. An engine may have a sample rate for each voice, so they may differ.
        pauses: Seconds of silence between the parts; one fewer than parts.
    """
    sample_rate = parts[0].sample_rate
    pieces = [resample(part, sample_rate).samples for part in parts]
    silences = [round(pause * sample_rate) for pause in pauses]
    joined = np.zeros(sum(map(len, pieces)) + sum(silences), np.int16)
    start = 0
    spans: list[tuple[int, int]] = []
    for piece, silence in zip(pieces, [*silences, 0], strict=True):
        place = joined[start : start + len(piece)]
        place[:] = piece
        _fade(place, round(FADE_SECONDS * sample_rate))
        spans.append((start, start + len(piece)))
        start += len(piece) + silence
    return Joined(Audio(joined, sample_rate), tuple(spans))


def _fade(samples: Samples, length: int) -> None:
    """Fade both ends, in place, over so many samples or half of them."""
    length = min(length, len(samples) // 2)
    if length:
        ramp = np.arange(length) / length
        samples[:length] = samples[:length] * ramp
        samples[-length:] = samples[-length:] * ramp[::-1]
