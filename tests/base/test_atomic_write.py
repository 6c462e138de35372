"""Writing a file as a whole: the old content or the new, and nothing left over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mkdocs_lightning.base.atomic_write import atomic_write, is_temporary_name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_new_file_is_written_and_an_old_one_replaced(path: Path) -> None:
    atomic_write(path, b"one")
    assert path.read_bytes() == b"one"
    atomic_write(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["page.html"]


def test_another_name_of_the_old_file_keeps_its_content(path: Path) -> None:
    path.write_bytes(b"one")
    other = path.with_name("other.html")
    other.hardlink_to(path)
    atomic_write(path, b"two")
    assert (path.read_bytes(), other.read_bytes()) == (b"two", b"one")


def test_a_failure_leaves_the_old_file_and_no_temporary_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path.write_bytes(b"one")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(path, b"two", is_durable=True)
    assert path.read_bytes() == b"one"
    assert names(path.parent) == ["page.html"]


def test_a_missing_directory_is_an_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_write(path.parent / "missing" / "page.html", b"one")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_permissions_are_kept_where_asked_for(path: Path) -> None:
    path.write_bytes(b"one")
    path.chmod(0o640)
    atomic_write(path, b"two", keeps_mode=True)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_replaced_may_be_good_enough(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    path.write_bytes(b"one")
    monkeypatch.setattr(Path, "replace", refuse)
    atomic_write(path, b"one")
    atomic_write(path, b"two", is_good_enough=lambda present: present == b"one")
    with pytest.raises(PermissionError):
        atomic_write(path, b"two")
    assert path.read_bytes() == b"one"
    assert names(path.parent) == ["page.html"]


def test_temporary_files_can_be_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "unlink", lambda *_arguments, **_options: None)  # as if the process were killed
    monkeypatch.setattr(Path, "replace", lambda *_arguments: None)
    atomic_write(path, b"one")
    assert [found.read_bytes() for found in path.parent.iterdir() if is_temporary_name(found.name)] == [b"one"]
    assert not is_temporary_name(".unsaved-draft.tmp")
