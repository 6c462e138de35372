"""Vorbis comments (xiph.org) in FLAC and in Ogg Opus, in place of those that libsndfile wrote."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.tags.tags import COMMENT, ENCODER, as_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.audio.tags.tags import Tags

_FLAC_START = 4  # bytes of the marker
_IS_LAST = 0x80  # in the first byte of a block of FLAC
_COMMENTS = 4  # the kind of block
_OPUS_TAGS = b"OpusTags"
_MOST_BYTES = 255 * 255 - 1  # of a packet that one page can hold
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def flac_with_tags(flac: bytes, tags: Tags) -> bytes:
    """A FLAC file with these comments in place of its own (RFC 9639, section 8)."""
    blocks, at, is_last = [], _FLAC_START, False
    vendor = b""
    while not is_last:
        is_last = bool(flac[at] & _IS_LAST)
        kind, end = flac[at] & ~_IS_LAST, at + 4 + int.from_bytes(flac[at + 1 : at + 4], "big")
        if kind == _COMMENTS:
            vendor = _vendor(flac[at + 4 : end])
        else:
            blocks.append((kind, flac[at + 4 : end]))
        at = end
    blocks.insert(1, (_COMMENTS, _comments(vendor, tags, 2**24 - 1)))
    heads = [bytes([kind]) + len(block).to_bytes(3, "big") + block for kind, block in blocks]
    heads[-1] = bytes([heads[-1][0] | _IS_LAST]) + heads[-1][1:]
    return flac[:_FLAC_START] + b"".join(heads) + flac[at:]


def opus_with_tags(ogg: bytes, tags: Tags | None) -> bytes:
    """An Ogg Opus file with these comments (RFC 7845, section 5.2), and with 0 as the number of its stream.

    libsndfile numbers streams at random. With 0, the same samples give the same bytes.

    Args:
        ogg: A file with one stream.
        tags: None leaves its own comments.
    """
    pages = []
    for start, lengths, content in _pages(ogg):
        if tags is not None and content.startswith(_OPUS_TAGS):
            vendor = _vendor(content[len(_OPUS_TAGS) :])
            packet = _OPUS_TAGS + _comments(vendor, tags, _MOST_BYTES - len(_OPUS_TAGS))
            pages.append(_page(start, bytes([*[255] * (len(packet) // 255), len(packet) % 255]), packet))
        else:
            pages.append(_page(start, lengths, content))
    return b"".join(pages)


def _pages(ogg: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Each page: its head up to the checksum, the lengths of its segments, and its content (RFC 3533, section 6)."""
    at = 0
    while at < len(ogg):
        lengths = ogg[at + 27 : at + 27 + ogg[at + 26]]
        content = at + 27 + len(lengths)
        yield ogg[at : at + 22], lengths, ogg[content : content + sum(lengths)]
        at = content + sum(lengths)


def _page(start: bytes, lengths: bytes, content: bytes) -> bytes:
    start = start[:14] + bytes(4) + start[18:]
    rest = bytes([len(lengths)]) + lengths + content
    return start + _ogg_checksum(start + bytes(4) + rest) + rest


def _ogg_checksum(page: bytes) -> bytes:
    """CRC-32 as zlib's, but with the bits of each byte the other way round, and beginning with 0."""
    mirrored = zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return mirrored.to_bytes(4, "big").translate(_MIRROR)


def _vendor(comments: bytes) -> bytes:
    """The name of the library that encoded the file."""
    return comments[4 : 4 + int.from_bytes(comments[:4], "little")]


def _comments(vendor: bytes, tags: Tags, most: int) -> bytes:
    """All comments; without the chapters if the whole would take more than `most` bytes."""
    named = [
        ("TITLE", tags.title),
        ("ALBUM", tags.site),
        ("LANGUAGE", tags.language),
        ("CONTACT", tags.url),
        ("DESCRIPTION", COMMENT),
        ("COMMENT", COMMENT),
        ("ENCODER", ENCODER),
    ]
    chapters = []
    for number, chapter in enumerate(tags.chapters, start=1):
        chapters += [(f"CHAPTER{number:03}", _time(chapter.start)), (f"CHAPTER{number:03}NAME", chapter.title)]
    whole = _block(vendor, [*named, *chapters])
    return whole if len(whole) <= most else _block(vendor, named)


def _block(vendor: bytes, named: Sequence[tuple[str, str]]) -> bytes:
    entries = [f"{name}=".encode() + as_bytes(text) for name, text in named if text]
    sized = [struct.pack("<I", len(entry)) + entry for entry in (vendor, *entries)]
    return sized[0] + struct.pack("<I", len(entries)) + b"".join(sized[1:])


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds / 1000:06.3f}"
