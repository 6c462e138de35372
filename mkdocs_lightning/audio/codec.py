"""Decode and encode audio files with libsndfile, without trusting what a header promises."""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import (
    MAX_SAMPLE,
    Audio,
    AudioError,
    Samples,
    resample,
)

MAX_SECONDS = 1800.0
"""Limit for a file whose text is not known: a crafted megabyte of FLAC unpacks to gigabytes."""

_UNKNOWN_SIZE = 0x7FFFF000  # bytes: encoders that stream write such a large size, or 0, as they do not know it yet

_RAW_SUBTYPES = {"pcm": "PCM_16", "ulaw": "ULAW", "alaw": "ALAW"}

_MIN_COMPLETE = 0.95  # of the promised samples: for an MP3 without a length, libsndfile guesses slightly too high

_MAX_RATE = 48000  # Hz: a header may claim any rate, but a higher one does not raise the limit of samples

_FLOAT_SUBTYPES = frozenset(["FLOAT", "DOUBLE"])

_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


def decode(data: bytes, wire_format: str = "wav", sample_rate: int = 0, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """Decode a complete mono file of any kind that libsndfile reads, or raw samples.

    A WAV whose header does not know its length is read to its end. A file that holds less than it promises is an error.

    Args:
        data: The file.
        wire_format: `pcm`, `ulaw` or `alaw` for raw samples. Other formats are recognized by their header.
        sample_rate: Hz, of raw samples.
        max_seconds: Decoding stops with an error after so many seconds of audio.

    Raises:
        AudioError: The data is not audio, cut short, too long, or not mono.
    """
    raw: dict[str, str | int] = {}
    if data[:4] == b"RIFF":
        data = _with_true_sizes(data)
    elif wire_format in _RAW_SUBTYPES:
        if wire_format == "pcm" and len(data) % 2:
            raise AudioError(f"the audio is cut short: {len(data)} bytes are not a whole number of 16-bit samples")
        raw = {"format": "RAW", "endian": "LITTLE", "subtype": _RAW_SUBTYPES[wire_format]}
        raw |= {"channels": 1, "samplerate": sample_rate}
    try:
        with soundfile.SoundFile(io.BytesIO(data), **raw) as file:
            if file.channels != 1:
                raise AudioError(f"the audio has {file.channels} channels instead of one")
            max_samples = int(max_seconds * min(file.samplerate, _MAX_RATE))
            samples = _read(file, max_samples + 1)
            if len(samples) > max_samples:
                raise AudioError(f"the audio lasts longer than {max_seconds:.0f} s")
            if len(samples) < _MIN_COMPLETE * file.frames:
                raise AudioError(f"the audio is cut short: {len(samples)} samples of the {file.frames} it promises")
            return Audio(samples, file.samplerate)
    except (soundfile.SoundFileError, ValueError, MemoryError) as error:
        # A damaged header may promise terabytes, or name a codec without a known length.
        raise AudioError(f"the audio cannot be decoded ({len(data)} bytes, {_start_of(data)})") from error


def _read(file: soundfile.SoundFile, max_samples: int) -> Samples:
    """Read as int16. Floats are scaled here: libsndfile would round all of them, being below 1, to 0."""
    if file.subtype in _FLOAT_SUBTYPES:
        floats = file.read(max_samples, dtype="float32")
        scaled: Samples = np.clip(np.rint(floats * MAX_SAMPLE), -MAX_SAMPLE, MAX_SAMPLE).astype(np.int16)
        return scaled
    samples: Samples = file.read(max_samples, dtype="int16")
    return samples


def _start_of(data: bytes) -> str:
    return f"beginning {data[:16]!r}" if data else "empty"


def _with_true_sizes(wav: bytes) -> bytes:
    """Fix the sizes in a WAV header that was written before the length was known (RIFF chunks, little-endian)."""
    if wav[8:12] != b"WAVE":
        raise AudioError(f"the audio is RIFF, but not WAVE ({len(wav)} bytes)")
    offset = 12
    while offset + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, offset)
        rest = len(wav) - offset - 8
        if name != b"data":
            offset += 8 + size + size % 2
            continue
        if 0 < size < _UNKNOWN_SIZE:
            if size > rest:
                raise AudioError(f"the audio is cut short: {rest} bytes of the {size} that its header promises")
            return wav
        sizes = struct.pack("<I", len(wav) - 8), struct.pack("<I", rest)
        return wav[:4] + sizes[0] + wav[8 : offset + 4] + sizes[1] + wav[offset + 8 :]
    raise AudioError(f"the audio is a WAV without data ({len(wav)} bytes)")


def encode(audio: Audio, output_format: OutputFormat) -> bytes:
    """Encode audio as a complete file."""
    encoding = output_format.encoding
    if output_format is OutputFormat.OPUS:  # supports only these rates
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
