"""A remote cache that is large, or fails now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsspec.implementations.local import LocalFileSystem

from mkdocs_lightning.remote import SHARDS, Remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


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

    assert remote.names("segments", SHARDS) == {"a1.flac", "b1.flac"}
    assert remote.trouble is None


def test_a_part_that_can_never_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = store_of(tmp_path, ["a1.flac", "b1.flac"])
    monkeypatch.setattr(LocalFileSystem, "find", failing(100))

    assert remote.names("segments", SHARDS) == {"b1.flac"}
    assert remote.trouble == "it cannot be reached, or failed (ConnectionError)"
