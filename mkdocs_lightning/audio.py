"""Sound as samples: decode what an engine sends, check it, join it, encode it once for the site."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.output_format import OutputFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

Samples = NDArray[np.int16]

MOST_SECONDS = 1800.0
"""That a file may last where its text is not known: a megabyte of FLAC unpacks to gigabytes, if somebody likes."""

FADE_SECONDS = 0.005
"""At both ends of every joined part, so that no seam clicks."""

_LOUDEST = 32767
_SILENCE = 33  # of 32767: -60 dBFS; below it nothing is heard
_FASTEST = 60.0  # letters and digits a second at speed 1; English is near 15
_SLOWEST = 0.6  # seconds a character at speed 1; spelled-out digits are near 0.5
_LONGEST_EDGE = 4.0  # seconds of silence and breath beside the words
_UNKNOWN_SIZE = 0x7FFFF000  # bytes; this and more, or none, is what those write who do not know yet
_RAW_SUBTYPES = {"pcm": "PCM_16", "ulaw": "ULAW", "alaw": "ALAW"}
_LEAST_WHOLE = 0.95  # of the promised samples: for an MP3 that does not say, libsndfile guesses, a little too high
_HIGHEST_RATE = 48000  # Hz, that counts for the bound of a file: a header may say anything
_FRACTIONS = frozenset(["FLOAT", "DOUBLE"])
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


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


def decode(data: bytes, wire_format: str = "wav", sample_rate: int = 0, *, most_seconds: float = MOST_SECONDS) -> Audio:
    """Mono samples of a whole audio file of any kind that libsndfile reads, or of raw samples.

    A WAV whose header does not know its length is read to its end; a file that holds less than it promises is
    refused.

    Args:
        data: The file.
        wire_format: `pcm`, `ulaw` or `alaw` for bytes without a header; for others the bytes speak for themselves.
        sample_rate: Hz, of raw samples.
        most_seconds: Of what lasts longer, no more is unpacked.

    Raises:
        AudioError: Not audio, cut short, too long, or not mono.
    """
    raw: dict[str, str | int] = {}
    if data[:4] == b"RIFF":
        data = _with_true_sizes(data)
    elif wire_format in _RAW_SUBTYPES:
        if wire_format == "pcm" and len(data) % 2:
            raise AudioError(f"the audio is cut short: {len(data)} bytes are no whole number of 16-bit samples")
        raw = {"format": "RAW", "endian": "LITTLE", "subtype": _RAW_SUBTYPES[wire_format]}
        raw |= {"channels": 1, "samplerate": sample_rate}
    try:
        with soundfile.SoundFile(io.BytesIO(data), **raw) as file:
            if file.channels != 1:
                raise AudioError(f"the audio has {file.channels} channels instead of one")
            most = int(most_seconds * min(file.samplerate, _HIGHEST_RATE))
            samples = _read(file, most + 1)
            if len(samples) > most:
                raise AudioError(f"the audio lasts longer than {most_seconds:.0f} s")
            if len(samples) < _LEAST_WHOLE * file.frames:
                raise AudioError(f"the audio is cut short: {len(samples)} samples of the {file.frames} it promises")
            return Audio(samples, file.samplerate)
    except (soundfile.SoundFileError, ValueError, MemoryError) as error:
        # A damaged header may promise terabytes, or a codec of which no length is known.
        raise AudioError(f"the audio cannot be decoded ({len(data)} bytes, {_start_of(data)})") from error


def _read(file: soundfile.SoundFile, most: int) -> Samples:
    """So many samples at most; libsndfile alone would round those of a file of fractions, all below 1, to nothing."""
    if file.subtype in _FRACTIONS:
        fractions = file.read(most, dtype="float32")
        scaled: Samples = np.clip(np.rint(fractions * _LOUDEST), -_LOUDEST, _LOUDEST).astype(np.int16)
        return scaled
    samples: Samples = file.read(most, dtype="int16")
    return samples


def _start_of(data: bytes) -> str:
    return f"beginning {data[:16]!r}" if data else "empty"


def _with_true_sizes(wav: bytes) -> bytes:
    """Repair a WAV header that was written before its length was known (RIFF chunks, little-endian)."""
    if wav[8:12] != b"WAVE":
        raise AudioError(f"the audio is RIFF, but not WAVE ({len(wav)} bytes)")
    place = 12
    while place + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, place)
        rest = len(wav) - place - 8
        if name != b"data":
            place += 8 + size + size % 2
            continue
        if 0 < size < _UNKNOWN_SIZE:
            if size > rest:
                raise AudioError(f"the audio is cut short: {rest} bytes of the {size} that its header promises")
            return wav
        sizes = struct.pack("<I", len(wav) - 8), struct.pack("<I", rest)
        return wav[:4] + sizes[0] + wav[8 : place + 4] + sizes[1] + wav[place + 8 :]
    raise AudioError(f"the audio is a WAV without data ({len(wav)} bytes)")


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


def encode(audio: Audio, output_format: OutputFormat) -> bytes:
    """A whole file in the site's format."""
    encoding = output_format.encoding
    if output_format is OutputFormat.OPUS:  # knows only these rates
        audio = resample(audio, next(rate for rate in _OPUS_RATES if rate >= audio.sample_rate))
    file = io.BytesIO()
    soundfile.write(
        file,
        audio.samples,
        audio.sample_rate,
        format=encoding.container,
        subtype=encoding.subtype,
        bitrate_mode=encoding.bitrate_mode,
        compression_level=encoding.compression_level,
    )
    return file.getvalue()
