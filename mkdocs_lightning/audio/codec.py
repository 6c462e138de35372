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
    AudioDefect,
    AudioError,
    Samples,
    resample,
)

MAX_SECONDS = 1800.0
"""Limit for a file whose text is not known: a crafted megabyte of FLAC unpacks to gigabytes."""

_UNKNOWN_SIZE = 10**9
"""Bytes: encoders that stream do not know the size yet, and write 0, 2,000,000,000, 0x7FFFFFFF or 0xFFFFFFFF. No audio
that is decoded here has a gigabyte."""

_TRAILING_CHUNKS = (b"LIST", b"ID3 ", b"id3 ", b"fact", b"PEAK", b"JUNK", b"cue ", b"smpl", b"bext", b"iXML", b"_PMX")
"""Names of the chunks of a WAV that may follow its samples."""
_MAX_TRAILING = 8  # such chunks
_MAX_CHUNK = 64 * 2**10  # bytes of one

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
            message = f"the audio is cut short: {len(data)} bytes are not a whole number of 16-bit samples"
            raise AudioError(message, AudioDefect.CUT_SHORT)
        raw = {"format": "RAW", "endian": "LITTLE", "subtype": _RAW_SUBTYPES[wire_format]}
        raw |= {"channels": 1, "samplerate": sample_rate}
    try:
        with soundfile.SoundFile(io.BytesIO(data), **raw) as file:
            if file.channels != 1:
                raise AudioError(f"the audio has {file.channels} channels instead of one", AudioDefect.CHANNELS)
            max_samples = int(max_seconds * min(file.samplerate, _MAX_RATE))
            samples = _read(file, max_samples + 1)
            if len(samples) > max_samples:
                raise AudioError(f"the audio lasts longer than {max_seconds:.0f} s", AudioDefect.DURATION)
            if len(samples) < _MIN_COMPLETE * file.frames:
                message = f"the audio is cut short: {len(samples)} samples of the {file.frames} it promises"
                raise AudioError(message, AudioDefect.CUT_SHORT)
            return Audio(samples, file.samplerate)
    except (soundfile.SoundFileError, ValueError, MemoryError) as error:
        # A damaged header may promise terabytes, or name a codec without a known length.
        message = f"the audio cannot be decoded ({len(data)} bytes, {_start_of(data)})"
        raise AudioError(message, AudioDefect.NOT_AUDIO) from error


def states_its_length(data: bytes) -> bool:
    """Whether a file says how long it is, so that one that was cut off is found out: a WAV with its true size."""
    return data[:4] == b"RIFF" and 0 < _data_chunk(data)[1] < _UNKNOWN_SIZE


def _read(file: soundfile.SoundFile, max_samples: int) -> Samples:
    """Read as int16. Floats are scaled here: libsndfile would round all of them, being below 1, to 0."""
    if file.subtype in _FLOAT_SUBTYPES:
        floats = file.read(max_samples, dtype="float32")
        if not np.isfinite(floats).all():
            raise AudioError("the audio has samples that are not numbers", AudioDefect.NOT_AUDIO)
        scaled: Samples = np.clip(np.rint(floats * MAX_SAMPLE), -MAX_SAMPLE, MAX_SAMPLE).astype(np.int16)
        return scaled
    samples: Samples = file.read(max_samples, dtype="int16")
    return samples


def _start_of(data: bytes) -> str:
    return f"beginning {data[:16]!r}" if data else "empty"


def _with_true_sizes(wav: bytes) -> bytes:
    """Fix the sizes in a WAV header that was written before the length was known (RIFF chunks, little-endian)."""
    start, size = _data_chunk(wav)
    if 0 < size < _UNKNOWN_SIZE:
        if size > len(wav) - start:
            message = f"the audio is cut short: {len(wav) - start} bytes of the {size} that its header promises"
            raise AudioError(message, AudioDefect.CUT_SHORT)
        return wav
    end = _end_of_samples(wav, start)
    sizes = struct.pack("<I", end - 8), struct.pack("<I", end - start)
    return wav[:4] + sizes[0] + wav[8 : start - 4] + sizes[1] + wav[start:end]


def _data_chunk(wav: bytes) -> tuple[int, int]:
    """Where the samples of a WAV begin, and how many bytes its header promises of them.

    Raises:
        AudioError: There is no chunk of samples.
    """
    if wav[8:12] != b"WAVE":
        raise AudioError(f"the audio is RIFF, but not WAVE ({len(wav)} bytes)", AudioDefect.NOT_AUDIO)
    offset = 12
    while offset + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, offset)
        if name == b"data":
            return offset + 8, size
        offset += 8 + size + size % 2
    raise AudioError(f"the audio is a WAV without data ({len(wav)} bytes)", AudioDefect.NOT_AUDIO)


def _end_of_samples(wav: bytes, start: int) -> int:
    """Where the samples of unknown size end: at the end of the file, without chunks that follow them."""
    end = len(wav)
    for _ in range(_MAX_TRAILING):
        starts = (wav.rfind(name, max(start, end - _MAX_CHUNK), end - 7) for name in _TRAILING_CHUNKS)
        end_of = {at: at + 8 + struct.unpack_from("<I", wav, at + 4)[0] for at in starts if at >= 0}
        end = min((at for at in end_of if end - end_of[at] in {0, 1}), default=end)
    return end


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
