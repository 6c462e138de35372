"""The image of a podcast: whether directories accept it, read from the first bytes of the file.

Apple's directory and PSP-1 ask for the same: square, 1400 to 3000 pixels, JPEG or PNG, in RGB, without transparency,
with the ending of its kind. See https://podcasters.apple.com/support/896-artwork-requirements.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from mkdocs_lightning.base.file_system import read_regular

if TYPE_CHECKING:
    from pathlib import Path

LEAST_PIXELS, MOST_PIXELS = 1400, 3000

_MAX_BYTES = 32 * 2**20
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_MARKER = 0xFF
"""The first byte of each marker of JPEG."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset([0x01, *range(0xD0, 0xD9)])
_START_OF_SCAN = 0xDA
_RGB_COMPONENTS = 3  # in JPEG as YCbCr; 1 is gray, 4 is CMYK
_PNG_COLORS = {0: "gray", 4: "gray", 6: "RGB with transparency"}
"""Kinds of color by their number in PNG, without those that are RGB: 2, and 3 with a palette."""


class ImageKind(Enum):
    """A format that directories accept, with the endings of its files."""

    JPEG = (".jpg", ".jpeg")
    PNG = (".png",)


ENDINGS = tuple(ending for kind in ImageKind for ending in kind.value)


@dataclass(frozen=True, slots=True)
class Image:
    """What an image says of itself.

    Attributes:
        width: Pixels.
        height: Pixels.
        color: `RGB`, or what it is instead.
    """

    kind: ImageKind
    width: int
    height: int
    color: str


def artwork_reason(path: Path) -> str | None:
    """Why an image cannot be that of a podcast, in words that follow its name; None if it can."""
    try:
        image = read_image(read_regular(path, _MAX_BYTES))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if image is None:
        return "is neither a JPEG nor a PNG image, or it is damaged; podcast directories accept no other kind"
    if path.suffix.lower() not in image.kind.value:
        return f"is a {image.kind.name} image, so its name has to end in {image.kind.value[0]}"
    return _look_reason(image)


def _look_reason(image: Image) -> str | None:
    size = f"{image.width} x {image.height} pixels"
    if image.width != image.height:
        return f"has {size}; a podcast's image must be square"
    if not LEAST_PIXELS <= image.width <= MOST_PIXELS:
        sizes = f"{LEAST_PIXELS} x {LEAST_PIXELS} to {MOST_PIXELS} x {MOST_PIXELS}"
        return f"has {size}; podcast directories accept {sizes}"
    if image.color != "RGB":
        return f"is in {image.color}; save it in RGB, without transparency"
    return None


def read_image(data: bytes) -> Image | None:
    """What the head of an image says; None if it is not one of these kinds, or ends too early."""
    try:
        if data.startswith(_PNG):
            return _read_png(data)
        return _read_jpeg(data) if data.startswith(_JPEG) else None
    except (struct.error, IndexError):
        return None


def _read_png(data: bytes) -> Image | None:
    """The first chunk of a PNG has its size (https://www.w3.org/TR/png-3/#11IHDR)."""
    name, width, height, _depth, color = struct.unpack_from(">4sIIBB", data, len(_PNG) + 4)
    return Image(ImageKind.PNG, width, height, _PNG_COLORS.get(color, "RGB")) if name == b"IHDR" else None


def _read_jpeg(data: bytes) -> Image | None:
    """The size stands in the first frame, after any number of segments (https://www.w3.org/Graphics/JPEG/itu-t81.pdf)."""
    place = len(_JPEG)
    while True:
        if data[place] != _MARKER:
            return None
        while data[place] == _MARKER:  # any number of them may fill
            place += 1
        marker = data[place]
        place += 1
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == _START_OF_SCAN:
            return None
        (length,) = struct.unpack_from(">H", data, place)
        if marker in _FRAMES:
            height, width, components = struct.unpack_from(">HHB", data, place + 3)
            return Image(ImageKind.JPEG, width, height, _jpeg_color(components))
        place += length


def _jpeg_color(components: int) -> str:
    return "RGB" if components == _RGB_COMPONENTS else "gray" if components == 1 else "CMYK"
