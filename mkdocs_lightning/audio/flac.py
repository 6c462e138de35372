"""A segment's samples as the cache keeps them: a FLAC file that says whose it is, and proves that it is whole."""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING

import soundfile

from mkdocs_lightning.audio.codec import MOST_SECONDS, decode
from mkdocs_lightning.audio.samples import AudioError

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio, Samples

_MD5_PLACE = slice(26, 42)  # of the unencoded samples, in STREAMINFO (RFC 9639, section 8.2)
_KEY_COMMENT = re.compile(rb"comment=([0-9a-f]{64})", re.IGNORECASE)  # right after it; older files have none
_HEAD = 512  # bytes of a FLAC in which it stands


def to_flac(audio: Audio, key: str) -> bytes:
    """A whole file.

    Args:
        audio: Kept sample by sample.
        key: The segment's; stands in a comment.
    """
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", audio.sample_rate, 1, "PCM_16", format="FLAC") as flac:
        flac.comment = key
        flac.write(audio.samples)
    return file.getvalue()


def from_flac(data: bytes, key: str, *, must_name: bool = False, most_seconds: float = MOST_SECONDS) -> Audio | None:
    """The samples of a whole file; None where it is no audio, damaged, or another segment's.

    Args:
        data: The file.
        key: The segment's.
        must_name: Whether a file that does not say whose it is, as older ones do not, is refused.
        most_seconds: What lasts longer is no segment.
    """
    try:
        audio = decode(data, most_seconds=most_seconds)
    except AudioError:
        return None
    named = _KEY_COMMENT.search(data, 0, _HEAD)
    is_its_own = named[1].decode() == key if named else not must_name
    return audio if is_its_own and data[_MD5_PLACE] == _md5_of(audio.samples) else None


def _md5_of(samples: Samples) -> bytes:
    return hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).digest()
