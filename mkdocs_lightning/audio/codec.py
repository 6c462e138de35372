"""Audio files to samples and back: libsndfile, with what it believes of a header checked."""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import (
    _LOUDEST,
    Audio,
    AudioError,
    Samples,
    resample,
)

MOST_SECONDS = 1800.0
"""That a file may last where its text is not known: a megabyte of FLAC unpacks to gigabytes, if somebody likes."""

_UNKNOWN_SIZE = 0x7FFFF000  # bytes; this and more, or none, is what those write who do not know yet

_RAW_SUBTYPES = {"pcm": "PCM_16", "ulaw": "ULAW", "alaw": "ALAW"}

_LEAST_WHOLE = 0.95  # of the promised samples: for an MP3 that does not say, libsndfile guesses, a little too high

_HIGHEST_RATE = 48000  # Hz, that counts for the bound of a file: a header may say anything

_FRACTIONS = frozenset(["FLOAT", "DOUBLE"])

_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


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
