"""The directory of a review: nothing in it is touched that a review has not put there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.exports.review.directory import ReviewDirectory

if TYPE_CHECKING:
    from pathlib import Path

NAME = "0123456789abcdef" * 2
FILES = {"review.css": "body {}", "index.html": "<p>One.</p>"}


def made(path: Path, *clips: Path) -> ReviewDirectory:
    directory = ReviewDirectory(path)
    directory.begin()
    directory.write(FILES, [directory.add_clip(clip) for clip in clips])
    return directory


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / f"{NAME}.mp3"
    path.write_bytes(b"sound")
    return path


def test_a_new_one_is_made_with_its_parents_and_has_what_it_plays(tmp_path: Path, clip: Path) -> None:
    made(tmp_path / "a" / "b", clip)

    root = tmp_path / "a" / "b"
    assert (root / "audio" / clip.name).read_bytes() == b"sound"
    assert (root / "index.html").read_text() == FILES["index.html"]


def test_what_is_not_ours_stays_and_clips_that_are_not_played_go(tmp_path: Path, clip: Path) -> None:
    root = tmp_path / "review"
    directory = made(root, clip)
    scratch = directory.parts.files.root / "clips" / "01"
    scratch.mkdir(parents=True)
    for name in (f"{NAME}.mp3", f"{NAME}.json"):
        (scratch / name).write_text("old")
    for name in ("notes.txt", "audio/mine.mp3"):
        (root / name).write_text("mine")

    made(root)

    left = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert left == [".mkdocs-lightning-review", "audio/mine.mp3", "index.html", "notes.txt", "review.css"]
    assert clip.read_bytes() == b"sound"


def test_a_part_stays_with_its_record_while_it_is_played(tmp_path: Path) -> None:
    root = tmp_path / "review"
    directory = made(root)
    part = directory.parts.files.root / "clips" / "01" / f"{NAME}.mp3"
    part.parent.mkdir(parents=True)
    for path in (part, part.with_suffix(".json")):
        path.write_text("new")

    directory = made(root, part)

    assert directory.add_clip(part) == f"parts/clips/01/{NAME}.mp3"
    assert part.is_file()
    assert part.with_suffix(".json").is_file()


def test_a_directory_with_files_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(LightningError, match="do not belong to a review"):
        ReviewDirectory(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LightningError, match="is not a directory"):
        ReviewDirectory(tmp_path / "file")


@pytest.mark.skipif(os.name == "nt", reason="links need a permission there")
@pytest.mark.parametrize("name", ["audio", "parts"])
def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{NAME}.mp3").write_text("mine")
    root = tmp_path / "review"
    root.mkdir()
    (root / ".mkdocs-lightning-review").touch()
    (root / name).symlink_to(elsewhere)

    with pytest.raises(LightningError, match="points outside the review"):
        ReviewDirectory(root)

    assert (elsewhere / f"{NAME}.mp3").is_file()


@pytest.mark.parametrize("inner", ["docs", "docs/review", "cache/a/b"])
def test_it_may_not_be_where_a_build_reads_or_writes(tmp_path: Path, inner: str) -> None:
    taken = {"docs_dir": tmp_path / "docs", "cache_dir": tmp_path / "cache"}

    with pytest.raises(LightningError, match="outside of it"):
        ReviewDirectory(tmp_path / inner).check_apart(taken)
    ReviewDirectory(tmp_path / "docs-review").check_apart(taken)
