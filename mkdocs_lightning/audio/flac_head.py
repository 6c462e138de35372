"""The two ends of a segment's FLAC file (RFC 9639, sections 8.2 and 9.1), read without decoding.

They tell whether a file may be whole: it has the head of its own segment, and its last frame is there.
"""

from __future__ import annotations

import re

HEAD_BYTES = 512
"""At the start of a file: they hold what it says of itself, and the comment with its key."""

TAIL_BYTES = 16 * 2**10
"""At the end of a file: they hold its last frame."""

KEY_COMMENT = re.compile(
    rb"comment=([0-9a-f]{64})", re.IGNORECASE
)  # follows STREAMINFO; files of early versions have none

_START = b"fLaC\x00\x00\x00\x22"  # the marker, and the length of STREAMINFO; of the last block, the first bit is set
_STREAM_INFO_END = 42
_FRAME_START = b"\xff\xf8"  # of a frame whose block has the size of all others; its number is 4 bytes after
_MAX_NUMBER = 0xD800  # of the frames whose numbers are written as UTF-8 has them


def may_be_whole(head: bytes, tail: bytes, key: str, sample_rate: int) -> bool:
    """Whether a file may be a whole segment.

    Args:
        head: The first `HEAD_BYTES` of the file, or all of it.
        tail: The last `TAIL_BYTES` of the file, or all of it.
        key: Of the segment.
        sample_rate: Of the segment's voice, in Hz.
    """
    if len(head) < _STREAM_INFO_END or bytes([*head[:4], head[4] & 0x7F, *head[5:8]]) != _START:
        return False
    comment = KEY_COMMENT.search(head)
    if comment and comment[1].decode() != key:
        return False
    min_block, max_block = _number(head[8:10]), _number(head[10:12])
    numbers = _number(head[18:26])  # 20 bits of sample rate, 3 of channels, 5 of width, 36 of samples
    samples = numbers & (1 << 36) - 1
    if numbers >> 44 != sample_rate or not samples or not max_block:
        return False
    last = -(-samples // max_block) - 1
    max_frame = _number(head[15:18])
    if min_block != max_block or not 0 < max_frame <= TAIL_BYTES or last >= _MAX_NUMBER:
        return True  # none of our own files; only its samples can tell
    return _has_frame(tail, last)


def _has_frame(tail: bytes, number: int) -> bool:
    """Whether a frame begins in the tail: the last one, if it has that number."""
    coded = chr(number).encode()
    at = tail.rfind(_FRAME_START)
    while at >= 0 and tail[at + 4 : at + 4 + len(coded)] != coded:
        at = tail.rfind(_FRAME_START, 0, at)
    return at >= 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
