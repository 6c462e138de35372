"""The cache's file format for a segment: FLAC with the segment's key in a comment and a checksum of the samples."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import soundfile

from mkdocs_lightning.audio.codec import MAX_SECONDS, decode
from mkdocs_lightning.audio.flac_head import HEAD_BYTES, KEY_COMMENT
from mkdocs_lightning.audio.memory_file import CFile, written_by_c
from mkdocs_lightning.audio.samples import AudioError

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio, Samples

_MD5_SLICE = slice(26, 42)  # where STREAMINFO has the MD5 of the unencoded samples (RFC 9639, section 8.2)


def to_flac(audio: Audio, key: str) -> bytes:
    """Encode a segment's audio losslessly.

    Args:
        audio: The segment's audio.
        key: The segment's key, which goes into a comment.
    """

    def write(file: CFile) -> None:
        with soundfile.SoundFile(file, "w", audio.sample_rate, 1, "PCM_16", format="FLAC", closefd=False) as flac:
            flac.comment = key
            flac.write(audio.samples)

    return written_by_c(write)


def from_flac(data: bytes, key: str, *, requires_key: bool = False, max_seconds: float = MAX_SECONDS) -> Audio | None:
    """Decode a segment's file; None if it is not audio, is damaged, or belongs to another segment.

    Args:
        data: The file.
        key: The segment's key.
        requires_key: Whether a file without a key, as early versions wrote it, is rejected.
        max_seconds: A longer file is rejected.
    """
    try:
        audio = decode(data, max_seconds=max_seconds)
    except AudioError:
        return None
    comment = KEY_COMMENT.search(data, 0, HEAD_BYTES)
    is_own = comment[1].decode() == key if comment else not requires_key
    return audio if is_own and data[_MD5_SLICE] == _md5_of(audio.samples) else None


def _md5_of(samples: Samples) -> bytes:
    return hashlib.md5(samples.astype("<i2", copy=False).data, usedforsecurity=False).digest()
