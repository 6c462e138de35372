"""A remote cache that is large, or fails now and then."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fsspec.implementations.local import LocalFileSystem

from mkdocs_lightning.base.file_system import read_regular
from mkdocs_lightning.cache.remote import SHARDS, TRANSFERS, Remote, Unread
from mkdocs_lightning.cache.remote_stores import RemoteMode
from mkdocs_lightning.cache.transfers import Uploads

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_lightning.cache.patience.READ_SECONDS", 1.0)
    monkeypatch.setattr("mkdocs_lightning.cache.patience.WRITE_SECONDS", 0.5)


def store_of(root: Path, names: list[str]) -> Remote:
    """A directory as a remote cache."""
    remote = Remote(f"file://{root}")
    assert all(remote.write("segments", name, name.encode()) for name in names)
    return remote


def failing(times: int) -> Callable[..., object]:
    """`LocalFileSystem.find` that fails so many times for the first digit a."""
    failures = iter(range(times))
    find = LocalFileSystem.find

    def call(system: LocalFileSystem, path: str) -> object:
        if path.endswith("/a") and next(failures, None) is not None:
            raise ConnectionError
        return find(system, path)

    return call


def test_a_part_that_could_not_be_listed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = store_of(tmp_path, ["a1.flac", "b1.flac"])
    monkeypatch.setattr(LocalFileSystem, "find", failing(2))

    assert remote.names("segments", SHARDS) == frozenset(["a1.flac", "b1.flac"])
    assert remote.failure_reason is None


def test_a_part_that_can_never_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = store_of(tmp_path, ["a1.flac", "b1.flac"])
    monkeypatch.setattr(LocalFileSystem, "find", failing(100))

    assert remote.names("segments", SHARDS) == frozenset(["b1.flac"])
    assert remote.failure_reason == "it cannot be reached, or failed (ConnectionError)"
    assert not remote.has_listed("segments", "a1.flac")


def test_what_is_not_taken_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large site's files come faster than they are proven and written: they do not pile up."""
    names = [f"a{number}.flac" for number in range(500)]
    remote = store_of(tmp_path, names)
    fetched: list[str] = []
    changed = threading.Condition()

    def count(path: Path, max_bytes: int) -> bytes:
        with changed:
            fetched.append(path.name)
            changed.notify_all()
        return read_regular(path, max_bytes)

    monkeypatch.setattr("mkdocs_lightning.cache.remote.read_regular", count)

    files = remote.read("segments", names)
    taken: dict[str, bytes | Unread] = {}
    for _ in range(100):
        taken.update([next(files)])
        with changed:  # they come as far as they may, and no further
            assert changed.wait_for(lambda: len(fetched) >= len(taken) + 2 * TRANSFERS, timeout=60)
            assert len(fetched) == len(taken) + 2 * TRANSFERS
    taken.update(files)
    assert taken == {name: name.encode() for name in names}


def test_what_is_not_read_to_its_end_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"a{number}.flac" for number in range(500)]
    remote = store_of(tmp_path, names)
    fetched: list[str] = []

    def fetch(path: Path, _max_bytes: int) -> bytes:
        fetched.append(path.name)
        return b""

    monkeypatch.setattr("mkdocs_lightning.cache.remote.read_regular", fetch)
    files = remote.read("segments", names)
    next(files)
    del files
    assert len(fetched) <= 1 + 2 * TRANSFERS


def test_uploads_that_take_too_long_are_lost_until_they_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a1.flac").write_bytes(b"a1")
    may_end = threading.Event()
    remote = Remote(f"file://{tmp_path}/store")
    monkeypatch.setattr(remote, "write", lambda *_: may_end.wait(60))
    uploads = Uploads(remote)
    for _ in range(30):
        uploads.add("segments", tmp_path / "a1.flac")
    assert uploads.finish(0.1) == (0, 30)
    may_end.set()
    stored, lost = uploads.finish(60)
    assert 0 < stored < 30, "those that had not begun are dropped"
    assert stored + lost == 30


def test_what_a_killed_build_left_in_a_directory_goes_after_a_day(tmp_path: Path) -> None:
    remote = store_of(tmp_path, ["a1.flac"])
    names = [f".{'0' * 32}.tmp", f".{'1' * 32}.tmp", ".draft.tmp"]
    for name in names:
        (tmp_path / "segments/a" / name).touch()
    for name in names[1:]:
        os.utime(tmp_path / "segments/a" / name, (0, 0))
    Remote(remote.url, RemoteMode.READ).names("segments", "a")
    assert len(list((tmp_path / "segments/a").iterdir())) == 4, "who may only read deletes nothing"
    Remote(remote.url).names("segments", "a")
    assert {path.name for path in (tmp_path / "segments/a").iterdir()} == {"a1.flac", names[0], names[2]}


def refuse_with(number: int) -> Callable[..., None]:
    """The last step of a write that ends with an error of the system."""

    def refuse(_path: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize(("number", "reason"), [(errno.ENOSPC, "its disk is full"), (errno.EROFS, None)])
@pytest.mark.parametrize("protocol", ["file", "local"])
def test_a_directory_that_takes_nothing_says_why_and_keeps_no_half_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, number: int, reason: str | None
) -> None:
    """A full disk is a failure, which ends the writing at once; one that is read-only is a no."""
    remote = Remote(f"{protocol}://{tmp_path}/store")
    assert remote.names("segments", "a") == frozenset()
    monkeypatch.setattr(Path, "replace", lambda *_: refuse_with(number)(0))
    assert not remote.write("segments", "a1.flac", b"a1")
    assert not remote.may_write
    assert (remote.write_failure_reason, remote.expects_writes) == (reason, reason is not None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    forced = Remote(f"{protocol}://{tmp_path}/store", RemoteMode.WRITE)
    assert not forced.write("segments", "a1.flac", b"a1")
    assert forced.write_failure_reason == (reason or "it is read-only")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in a directory")
def test_a_pipe_in_a_directory_is_no_file(tmp_path: Path) -> None:
    remote = store_of(tmp_path, ["a1.flac"])
    os.mkfifo(tmp_path / "segments/a/a2.flac")
    assert dict(remote.read("segments", ["a1.flac", "a2.flac", "a3.flac"])) == {
        "a1.flac": b"a1.flac",
        "a2.flac": b"",
        "a3.flac": Unread.ABSENT,
    }


def test_a_store_that_has_failed_is_asked_again_by_a_later_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under `serve`, where one process builds for hours."""
    remote = store_of(tmp_path, ["a1.flac", "b1.flac"])
    monkeypatch.setattr(LocalFileSystem, "find", failing(100))
    remote.names("segments", SHARDS)
    assert remote.failure_reason
    monkeypatch.undo()
    remote.revive()
    assert remote.failure_reason, "not at once"
    monkeypatch.setattr("mkdocs_lightning.cache.remote.RETRY_AFTER", 0.0)
    remote.revive()
    assert remote.names("segments", SHARDS) == frozenset(["a1.flac", "b1.flac"])
    assert remote.failure_reason is None
