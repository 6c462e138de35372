"""Decode and encode audio files with libsndfile, without trusting what a header promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

from mkdocs_lightning.audio.formats import MP3_SETTINGS, OutputFormat, named_format
from mkdocs_lightning.audio.memory_file import readable_by_c, written_by_c
from mkdocs_lightning.audio.samples import (
    MAX_SAMPLE,
    Audio,
    AudioDefect,
    AudioError,
    Samples,
    resample,
)
from mkdocs_lightning.audio.tags.id3 import id3
from mkdocs_lightning.audio.tags.riff import wav_with_tags
from mkdocs_lightning.audio.tags.vorbis import flac_with_tags, opus_with_tags
from mkdocs_lightning.audio.wav import is_wav, pcm_of, with_true_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_lightning.audio.tags.tags import Tags

MAX_SECONDS = 1800.0
"""Limit for a file whose text is not known: a crafted megabyte of FLAC unpacks to gigabytes."""

_RAW_SUBTYPES = {"ulaw": "ULAW", "alaw": "ALAW"}

_MIN_COMPLETE = 0.95  # of the promised samples: for an MP3 without a length, libsndfile guesses slightly too high

_MAX_RATE = 48000  # Hz: a header may claim any rate, but a higher one does not raise the limit of samples

_PIECE = 2**20  # samples: most sentences are one piece

_FLOAT_SUBTYPES = frozenset(["FLOAT", "DOUBLE"])

_SAMPLE_RATES = {OutputFormat.MP3: tuple(MP3_SETTINGS), OutputFormat.OPUS: (8000, 12000, 16000, 24000, 48000)}
"""Hz, ascending; other formats know any."""


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
    audio = None
    if is_wav(data):
        data = with_true_sizes(data)
        audio = pcm_of(data)
    elif wire_format == "pcm":
        audio = _raw_pcm(data, sample_rate)
    if audio is None:
        audio = _decoded_by_libsndfile(data, _raw_format(data, wire_format, sample_rate), max_seconds)
    if len(audio.samples) > _max_samples(max_seconds, audio.sample_rate):
        raise AudioError(f"the audio lasts longer than {max_seconds:.0f} s", AudioDefect.DURATION)
    return audio


def _max_samples(max_seconds: float, sample_rate: int) -> int:
    return int(max_seconds * min(sample_rate, _MAX_RATE))


def _raw_pcm(data: bytes, sample_rate: int) -> Audio:
    if len(data) % 2:
        message = f"the audio is cut short: {len(data)} bytes are not a whole number of 16-bit samples"
        raise AudioError(message, AudioDefect.CUT_SHORT)
    return Audio(np.frombuffer(data, "<i2").astype(np.int16, copy=False), sample_rate)


def _raw_format(data: bytes, wire_format: str, sample_rate: int) -> dict[str, str | int]:
    """What libsndfile has to be told about raw samples; nothing for a file with a header."""
    if is_wav(data) or wire_format not in _RAW_SUBTYPES:
        return {}
    return {"format": "RAW", "subtype": _RAW_SUBTYPES[wire_format], "channels": 1, "samplerate": sample_rate}


def _decoded_by_libsndfile(data: bytes, raw: dict[str, str | int], max_seconds: float) -> Audio:
    """Decode one sample more than may be, at most.

    Raises:
        AudioError: As `decode`, but for the length.
    """
    try:
        with readable_by_c(data) as source, soundfile.SoundFile(source, closefd=False, **raw) as file:
            if file.channels != 1:
                raise AudioError(f"the audio has {file.channels} channels instead of one", AudioDefect.CHANNELS)
            max_samples = _max_samples(max_seconds, file.samplerate)
            samples = _read(file, max_samples + 1)
            if len(samples) <= max_samples and len(samples) < _MIN_COMPLETE * file.frames:
                message = f"the audio is cut short: {len(samples)} samples of the {file.frames} it promises"
                raise AudioError(message, AudioDefect.CUT_SHORT)
            return Audio(samples, file.samplerate)
    except (soundfile.SoundFileError, ValueError) as error:
        # A damaged header may name a codec without a known length.
        message = f"the audio cannot be decoded ({len(data)} bytes, {_start_of(data)})"
        raise AudioError(message, AudioDefect.NOT_AUDIO) from error


def _read(file: soundfile.SoundFile, max_samples: int) -> Samples:
    """Read as int16, in pieces: a damaged header may promise more samples than any memory holds."""
    pieces: list[Samples] = []
    while not pieces or (len(pieces[-1]) == _PIECE and max_samples):
        pieces.append(_read_piece(file, min(_PIECE, max_samples)))
        max_samples -= len(pieces[-1])
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _read_piece(file: soundfile.SoundFile, max_samples: int) -> Samples:
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


def encode(audio: Audio, output_format: OutputFormat | str, tags: Tags | None = None) -> bytes:
    """Encode audio as a complete file.

    Audio whose sample rate a format does not know is resampled to the next higher one that it knows.

    Args:
        audio: What to encode. Without samples, an MP3 is empty.
        output_format: Of the file; also by its name, such as `mp3`.
        tags: What the file says of itself; None for nothing.

    Raises:
        SettingError: There is no such format.
    """
    output_format = named_format(output_format)
    if output_format in _SAMPLE_RATES:
        audio = resample(audio, _rate_for(audio.sample_rate, _SAMPLE_RATES[output_format]))
    if output_format is OutputFormat.MP3:
        from mkdocs_lightning.audio.mp3 import to_mp3

        frames = to_mp3(audio)
        return id3(tags) + frames if tags and frames else frames
    encoding = output_format.encoding
    settings = {"format": encoding.container, "subtype": encoding.subtype, "closefd": False}
    data = written_by_c(lambda file: soundfile.write(file, audio.samples, audio.sample_rate, **settings))
    if encoding.container == "OGG":
        return opus_with_tags(data, tags)
    if tags is None:
        return data
    return flac_with_tags(data, tags) if encoding.container == "FLAC" else wav_with_tags(data, tags)


def _rate_for(sample_rate: int, known: Sequence[int]) -> int:
    return next((rate for rate in known if rate >= sample_rate), known[-1])
