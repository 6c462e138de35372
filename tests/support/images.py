"""Images as small files, made without an imaging library: their heads are right, and the rest is as short as can be."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, color: int = 2) -> bytes:
    """A PNG of one color.

    Args:
        width: Pixels.
        height: Pixels.
        color: As the format has it: 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.
    """
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rows = zlib.compress((b"\0" * (1 + width * samples)) * height, 1)
    palette = [(b"PLTE", b"\0\0\0")] if color == 3 else []
    head = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    chunks = [(b"IHDR", head), *palette, (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def jpeg(width: int, height: int, components: int = 3, *, frame: int = 0xC0, before: bytes = b"") -> bytes:
    """The head of a JPEG, up to its first scan.

    Args:
        width: Pixels.
        height: Pixels.
        components: 1 gray, 3 YCbCr, 4 CMYK.
        frame: The second byte of the frame's marker: 0xC0 baseline, 0xC2 progressive.
        before: Segments before the frame, such as a profile.
    """
    planes = b"".join(bytes([number + 1, 0x11, 0]) for number in range(components))
    body = struct.pack(">BHHB", 8, height, width, components) + planes
    jfif = segment(0xE0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0")
    return b"\xff\xd8" + jfif + before + segment(frame, body) + segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
