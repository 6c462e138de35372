"""The image of a podcast: what is read of it, and what directories would refuse."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.exports.artwork import Image, ImageKind, artwork_reason, read_image
from tests.support.images import jpeg, png, segment

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = "podcast directories accept 1400 x 1400 to 3000 x 3000"
OTHER = "is neither a JPEG nor a PNG image, or it is damaged; podcast directories accept no other kind"


@pytest.mark.parametrize(
    ("data", "kind", "color"),
    [
        (png(1400, 1500), ImageKind.PNG, "RGB"),
        (png(1400, 1500, 3), ImageKind.PNG, "RGB"),
        (png(1400, 1500, 0), ImageKind.PNG, "gray"),
        (png(1400, 1500, 4), ImageKind.PNG, "gray"),
        (png(1400, 1500, 6), ImageKind.PNG, "RGB with transparency"),
        (jpeg(1400, 1500), ImageKind.JPEG, "RGB"),
        (jpeg(1400, 1500, frame=0xC2), ImageKind.JPEG, "RGB"),
        (jpeg(1400, 1500, 1), ImageKind.JPEG, "gray"),
        (jpeg(1400, 1500, 4), ImageKind.JPEG, "CMYK"),
        (jpeg(1400, 1500, before=segment(0xE1, b"\xff\xc0" * 30000) * 5), ImageKind.JPEG, "RGB"),  # a thumbnail, say
        (jpeg(1400, 1500, before=segment(0xC4, b"\0" * 19)), ImageKind.JPEG, "RGB"),  # a table, and no frame
        (jpeg(1400, 1500, before=b"\xff\xff\xff\x01\xff\xd0"), ImageKind.JPEG, "RGB"),  # fill, and bare markers
    ],
)
def test_what_an_image_says_of_itself(data: bytes, kind: ImageKind, color: str) -> None:
    assert read_image(data) == Image(kind, 1400, 1500, color)


@pytest.mark.parametrize("whole", [png(1400, 1400)[:60], jpeg(1400, 1400)])
def test_what_ends_too_early_is_no_image(whole: bytes) -> None:
    least = 26 if whole.startswith(b"\x89") else whole.index(b"\xff\xc0") + 10
    assert [read_image(whole[:size]) for size in range(least)] == [None] * least
    assert read_image(whole[:least]) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"<svg/>",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + bytes(99),
        jpeg(9, 9)[:20],
    ],
)
def test_what_is_none_of_these_kinds(data: bytes) -> None:
    assert read_image(data) is None


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.png", png(1400, 1400), None),
        ("a.PNG", png(3000, 3000), None),
        ("a.jpg", jpeg(2048, 2048), None),
        ("a.jpeg", jpeg(1400, 1400), None),
        ("a.png", png(1399, 1399), f"has 1399 x 1399 pixels; {SQUARE}"),
        ("a.jpg", jpeg(3001, 3001), f"has 3001 x 3001 pixels; {SQUARE}"),
        ("a.jpg", jpeg(3000, 1500), "has 3000 x 1500 pixels; a podcast's image must be square"),
        ("a.png", png(1400, 1400, 6), "is in RGB with transparency; save it in RGB, without transparency"),
        ("a.jpg", jpeg(1400, 1400, 4), "is in CMYK; save it in RGB, without transparency"),
        ("a.jpg", jpeg(1400, 1400, 1), "is in gray; save it in RGB, without transparency"),
        ("a.jpg", png(1400, 1400), "is a PNG image, so its name has to end in .png"),
        ("a.png", jpeg(1400, 1400), "is a JPEG image, so its name has to end in .jpg"),
        ("a.png", b"GIF89a", OTHER),
        ("a.png", b"", OTHER),
    ],
)
def test_what_directories_refuse(tmp_path: Path, name: str, data: bytes, reason: str | None) -> None:
    (tmp_path / name).write_bytes(data)
    assert artwork_reason(tmp_path / name) == reason


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert artwork_reason(tmp_path / "none.png") == "cannot be read (No such file or directory)"
    (tmp_path / "folder.png").mkdir()
    assert str(artwork_reason(tmp_path / "folder.png")).startswith("cannot be read (")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert artwork_reason(tmp_path / "pipe.png") == "cannot be read (Invalid argument)"
