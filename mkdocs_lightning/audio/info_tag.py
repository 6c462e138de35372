"""The first frame of an MP3: it holds no sound, but tells a player how long the sound is and where it begins.

An encoder delays the sound, and fills up its last frame. This frame, the tag `Info` of Xing with LAME's extension,
tells by how much; without it, a browser would play all of that, and each cue would come 50 ms late. Its description is
published: "Mp3 Info Tag rev 1 specifications", and Xing's "VBR Header SDK" for what is before the extension. All
numbers are big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ENCODER_DELAY = 576
"""Samples by which LAME delays the sound. A decoder adds 529 of its own."""

_HEADER = 4  # bytes
_MONO = 0b11
_MPEG_1 = 0b11
_BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s, of MPEG-1
_LOW_BIT_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # of MPEG-2 and MPEG-2.5
_SAMPLE_RATES = (44100, 48000, 32000)  # Hz, of MPEG-1
_HAS_PADDING = 2  # in the third byte: the frame has a byte more
_RATE_DIVISORS = {_MPEG_1: 1, 0b10: 2, 0b00: 4}

_HAS_ALL = 0b1111  # the number of frames, that of bytes, the table of contents and the quality
_TOC_ENTRIES = 100
_TOC_SCALE = 256
_USUAL_TARGET = 4  # that LAME assumes where the bit rate is constant
_ENCODER = b"LAME3.100"  # as players know it; the version that was at work stands in the frames
_CONSTANT_BIT_RATE = 1  # in revision 0 of the tag
_MAX_LOWPASS = 20500  # Hz
_PSYCHOACOUSTICS = 0x14  # nspsytune, and the fourth kind of threshold of hearing
_NOISE_SHAPING = 2
_SOURCE_RATES = {44100: 1, 48000: 2}  # lower ones are 0
_UNUSUAL = 1 << 5  # as LAME calls a sample rate of 32,000 Hz or less
_MAX_PADDING = 0xFFF


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the header of a mono frame of Layer III says.

    Attributes:
        header: Its four bytes.
        version: The code of the version of MPEG.
        bit_rate: kbit/s.
        sample_rate: Hz.
    """

    header: bytes
    version: int
    bit_rate: int
    sample_rate: int

    @classmethod
    def parse(cls, header: bytes) -> Self:
        version = header[1] >> 3 & 3
        bit_rates = _BIT_RATES if version == _MPEG_1 else _LOW_BIT_RATES
        sample_rate = _SAMPLE_RATES[header[2] >> 2 & 3] // _RATE_DIVISORS[version]
        return cls(header, version, bit_rates[header[2] >> 4], sample_rate)

    @property
    def samples(self) -> int:
        return 1152 if self.version == _MPEG_1 else 576

    @property
    def length(self) -> int:
        """Bytes, without the one that is added where a bit rate needs it."""
        return self.samples // 8 * self.bit_rate * 1000 // self.sample_rate

    @property
    def side_information(self) -> int:
        """Bytes between the header and the sound of a mono frame."""
        return 17 if self.version == _MPEG_1 else 9


def info_frame(music: bytes, sample_count: int, quality: int, target: int | None = None) -> bytes:
    """The frame that has to stand before the frames of a mono file of one bit rate.

    Args:
        music: All frames, as LAME encoded them; one or more.
        sample_count: The number of samples that were encoded.
        quality: LAME's setting.
        target: LAME's setting for a variable bit rate, if that encoder was used.

    Raises:
        ValueError: `music` is something else, or does not hold so many samples.
    """
    frame = _Frame.parse(music[:_HEADER])
    starts = _frame_starts(music, frame)
    padding = len(starts) * frame.samples - ENCODER_DELAY - sample_count
    if not 0 <= padding <= _MAX_PADDING:
        message = f"{len(starts)} frames of {frame.samples} samples cannot hold {sample_count} samples"
        raise ValueError(message)
    size = frame.length + len(music)
    toc = _table_of_contents([frame.length + start for start in starts], size)
    xing = struct.pack(">4s3I", b"Info", _HAS_ALL, len(starts), size) + toc
    xing += struct.pack(">I", 100 - 10 * (_USUAL_TARGET if target is None else target) - quality)
    extension = struct.pack(
        ">9sBB8xBB3sBBHIH",
        _ENCODER,
        _CONSTANT_BIT_RATE,
        min(frame.sample_rate // 2, _MAX_LOWPASS) // 100,
        _PSYCHOACOUSTICS,
        min(frame.bit_rate, 255),
        (ENCODER_DELAY << 12 | padding).to_bytes(3, "big"),
        _miscellany(frame.sample_rate),
        0,  # no gain was applied
        frame.bit_rate,  # the preset
        size,
        crc16(music),
    )
    tag = _without_padding(frame.header) + frame.header[3:] + bytes(frame.side_information) + xing + extension
    return (tag + struct.pack(">H", crc16(tag))).ljust(frame.length, b"\0")


def _frame_starts(music: bytes, first: _Frame) -> list[int]:
    """Where each frame begins.

    Raises:
        ValueError: There is something else than mono frames of one bit rate.
    """
    starts, at = [], 0
    while at < len(music):
        header = music[at : at + _HEADER]
        if (
            len(header) < _HEADER
            or _without_padding(header) != _without_padding(first.header)
            or header[3] >> 6 != _MONO
        ):
            raise ValueError(f"there is no mono frame of the same bit rate at byte {at}")
        starts.append(at)
        at += first.length + bool(header[2] & _HAS_PADDING)
    if at != len(music):
        raise ValueError(f"the last frame ends at byte {at} of {len(music)}")
    return starts


def _without_padding(header: bytes) -> bytes:
    """What all frames have in common: version, layer, bit rate and sample rate."""
    return header[:2] + bytes(byte & ~_HAS_PADDING for byte in header[2:3])


def _table_of_contents(starts: Sequence[int], size: int) -> bytes:
    """For each hundredth of the duration, where its frame begins: 256ths of the file's size."""
    of_percent = (starts[percent * len(starts) // _TOC_ENTRIES] for percent in range(1, _TOC_ENTRIES))
    return bytes([0, *(_TOC_SCALE * start // size for start in of_percent)])


def _miscellany(sample_rate: int) -> int:
    is_unusual = sample_rate <= _SAMPLE_RATES[-1]
    return _SOURCE_RATES.get(sample_rate, 0) << 6 | is_unusual * _UNUSUAL | _NOISE_SHAPING


_BLOCK = 128  # bytes that are looked up at once
_BLOCKS = 4096  # at a time, for the sake of memory


def crc16(data: bytes) -> int:
    """CRC-16 with the polynomial 0x8005, bits reversed, beginning with 0: the checksum of LAME's tag.

    The checksum of a block of bytes is the exclusive or of what each byte adds by itself, at its place, so numpy can
    add all of them. What was before adds to the first two bytes.
    """
    added = _added_by_bytes()
    data = data.rjust(-(-len(data) // _BLOCK) * _BLOCK, b"\0")  # zeros at the beginning change nothing
    rows = np.frombuffer(data, np.uint8).reshape(-1, _BLOCK)
    first, second = added[0].tolist(), added[1].tolist()
    places = np.arange(_BLOCK)
    crc = 0
    for start in range(0, len(rows), _BLOCKS):
        blocks = np.bitwise_xor.reduce(added[places, rows[start : start + _BLOCKS]], axis=1)
        for block in blocks.tolist():
            crc = block ^ first[crc & 0xFF] ^ second[crc >> 8]
    return crc


@cache
def _added_by_bytes() -> NDArray[np.uint16]:
    """What each value of a byte adds to the checksum of its block, at each place. Shape (places, values)."""
    last = np.array([_crc_of_byte(value) for value in range(256)], np.uint16)
    added = [last]
    for _ in range(_BLOCK - 1):
        added.append(added[-1] >> 8 ^ last[added[-1] & 0xFF])
    return np.stack(added[::-1])


def _crc_of_byte(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (value & 1) * 0xA001
    return value
