"""The list INFO of a WAV (Multimedia Programming Interface, 1991), after its samples."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.tags.tags import COMMENT, ENCODER, as_bytes

if TYPE_CHECKING:
    from mkdocs_lightning.audio.tags.tags import Tags

_SIZE = slice(4, 8)


def wav_with_tags(wav: bytes, tags: Tags) -> bytes:
    """A WAV with this list at its end. Texts are UTF-8, as most programs read them. The list cannot hold chapters."""
    named = [
        (b"INAM", tags.title),
        (b"IPRD", tags.site),
        (b"ILNG", tags.language),
        (b"ISRC", tags.url),
        (b"ICMT", COMMENT),
        (b"ISFT", ENCODER),
    ]
    info = b"INFO" + b"".join(_chunk(name, as_bytes(text) + b"\0") for name, text in named if text)
    whole = _even(wav) + _chunk(b"LIST", info)
    size = struct.pack("<I", len(whole) - 8)
    return whole[: _SIZE.start] + size + whole[_SIZE.stop :]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + _even(content)


def _even(content: bytes) -> bytes:
    return content + bytes(len(content) % 2)
