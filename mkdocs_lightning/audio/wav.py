"""WAV, read where its bytes are (RIFF chunks, little-endian), without a library and without a copy."""

from __future__ import annotations

import re
import struct

import numpy as np

from mkdocs_lightning.audio.samples import Audio, AudioDefect, AudioError

_UNKNOWN_SIZE = 10**9
"""Bytes: encoders that stream do not know the size yet, and write 0, 2,000,000,000, 0x7FFFFFFF or 0xFFFFFFFF. No audio
that is decoded here has a gigabyte."""

_TRAILING_CHUNKS = (b"LIST", b"ID3 ", b"id3 ", b"fact", b"PEAK", b"JUNK", b"cue ", b"smpl", b"bext", b"iXML", b"_PMX")
"""Names of the chunks of a WAV that may follow its samples."""
_MAX_TRAILING = 8  # such chunks
_MAX_CHUNK = 64 * 2**10  # bytes of one
_NAME = re.compile(rb"[ -~]{4}")
_MAX_UNCLAIMED = 0.01  # of the samples' bytes: what follows them and is no chunk may be padding

_FORMAT = struct.Struct("<HHIIHH")  # kind, channels, Hz, bytes a second, bytes of a sample of all channels, bits
_PCM = 1


def is_wav(data: bytes) -> bool:
    """Whether a file begins as a WAV does."""
    return data[:4] == b"RIFF"


def states_its_length(data: bytes) -> bool:
    """Whether a file says how long it is, so that one that was cut off is found out: a WAV with its true size."""
    return is_wav(data) and 0 < _chunks(data)[b"data"][1] < _UNKNOWN_SIZE


def with_true_sizes(wav: bytes) -> bytes:
    """A WAV whose header was written before the length was known, with its true sizes; any other as it is.

    Raises:
        AudioError: It has no samples, fewer than its header promises, or more.
    """
    start, size = _chunks(wav)[b"data"]
    if 0 < size < _UNKNOWN_SIZE:
        if size > len(wav) - start:
            message = f"the audio is cut short: {len(wav) - start} bytes of the {size} that its header promises"
            raise AudioError(message, AudioDefect.CUT_SHORT)
        if (rest := _unclaimed(wav, start + size + size % 2)) > size * _MAX_UNCLAIMED:
            message = f"the audio is cut short: its header promises {size} bytes, and {rest} more follow"
            raise AudioError(message, AudioDefect.CUT_SHORT)
        return wav
    end = _end_of_samples(wav, start)
    sizes = struct.pack("<I", end - 8), struct.pack("<I", end - start)
    return wav[:4] + sizes[0] + wav[8 : start - 4] + sizes[1] + wav[start:end]


def pcm_of(wav: bytes) -> Audio | None:
    """The samples of a WAV with its true sizes, in its own memory; None if they are not mono, or not 16-bit numbers."""
    chunks = _chunks(wav)
    at, length = chunks.get(b"fmt ", (0, 0))
    if length < _FORMAT.size:
        return None
    kind, channels, sample_rate, _, width, bits = _FORMAT.unpack_from(wav, at)
    if (kind, channels, width, bits) != (_PCM, 1, 2, 16) or not sample_rate:
        return None
    start, size = chunks[b"data"]
    return Audio(np.frombuffer(wav, "<i2", size // 2, start).astype(np.int16, copy=False), sample_rate)


def _chunks(wav: bytes) -> dict[bytes, tuple[int, int]]:
    """Where each chunk begins, up to the samples, and how many bytes its header promises. There are samples.

    Raises:
        AudioError: There are none.
    """
    if wav[8:12] != b"WAVE":
        raise AudioError(f"the audio is RIFF, but not WAVE ({len(wav)} bytes)", AudioDefect.NOT_AUDIO)
    chunks: dict[bytes, tuple[int, int]] = {}
    offset = 12
    while offset + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, offset)
        chunks[name] = offset + 8, size
        if name == b"data":
            return chunks
        offset += 8 + size + size % 2
    raise AudioError(f"the audio is a WAV without data ({len(wav)} bytes)", AudioDefect.NOT_AUDIO)


def _unclaimed(wav: bytes, offset: int) -> int:
    """How many bytes follow that are no chunk: more samples, or another WAV, as an encoder that streams may send."""
    while offset + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, offset)
        is_chunk = _NAME.fullmatch(name) and name not in {b"RIFF", b"data"}
        if not is_chunk or offset + 8 + size > len(wav):
            break
        offset += 8 + size + size % 2
    return max(0, len(wav) - offset)


def _end_of_samples(wav: bytes, start: int) -> int:
    """Where the samples of unknown size end: at the end of the file, without chunks that follow them."""
    end = len(wav)
    for _ in range(_MAX_TRAILING):
        starts = (wav.rfind(name, max(start, end - _MAX_CHUNK), end - 7) for name in _TRAILING_CHUNKS)
        end_of = {at: at + 8 + struct.unpack_from("<I", wav, at + 4)[0] for at in starts if at >= 0}
        end = min((at for at in end_of if end - end_of[at] in {0, 1}), default=end)
    return end
