"""Windows, as far as Linux can show it: files that other programs have open.

What Windows says of an open file is an error with a code, which is raised here from `os.replace` and its like; nothing
of ours is replaced.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.base.file_system import retry_while_open
from mkdocs_lightning.base.hard_links import link_or_copy
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries, remove
from mkdocs_lightning.cache.remote import Remote
from tests.support.segments import OTHER_SOUND, SEGMENT, SOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site


DENIED, SHARING_VIOLATION = 5, 32
FOR_EVER = 1000


class OpenElsewhereError(PermissionError):
    """What Windows says of a file that another program has open."""

    def __init__(self, code: int) -> None:
        super().__init__(13, "The process cannot access the file because it is being used by another process")
        self.winerror = code


@dataclass
class Held:
    """Files that another program has open for some time, by the endings of their names.

    Attributes:
        refused: What was tried in vain.
    """

    refused: list[str] = field(default_factory=list)
    _times: dict[str, int] = field(default_factory=dict)
    _acts: tuple[str, ...] = ()

    def hold(self, ending: str, times: int, *acts: str) -> None:
        """Hold a file for so many attempts, of some kinds or of all."""
        self._times[ending] = times
        self._acts = acts or ("move", "replace", "remove", "read")

    def check(self, act: str, path: object, code: int) -> None:
        name = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
        for ending, times in self._times.items():
            if act in self._acts and str(name).endswith(ending) and times > 0:
                self._times[ending] -= 1
                self.refused.append(act)
                raise OpenElsewhereError(code)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """A system on which files can be held open, as Windows minds it."""
    held = Held()
    replace, unlink, open_file = os.replace, os.unlink, os.open

    def replacing(source: str, target: str) -> None:
        held.check("move", source, SHARING_VIOLATION)
        held.check("replace", target, DENIED)
        replace(source, target)

    def unlinking(path: str, **options: object) -> None:
        held.check("remove", path, DENIED)
        unlink(path, **options)  # type: ignore[arg-type]

    def opening(path: str, flags: int, *args: int, **options: object) -> int:
        if not flags & (os.O_WRONLY | os.O_RDWR):
            held.check("read", path, SHARING_VIOLATION)
        return open_file(path, flags, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", replacing)
    monkeypatch.setattr(os, "unlink", unlinking)
    monkeypatch.setattr(os, "open", opening)
    return held


def is_kept(cache: Cache) -> bool:
    """Whether the cache has the sentence as it was first spoken."""
    audio = cache.read_segment(SEGMENT)
    return audio is not None and np.array_equal(audio.samples, SOUND.samples)


class TestFilesThatOthersHaveOpen:
    """Another build, a browser that plays from `mkdocs serve`, a virus scanner."""

    def test_a_file_is_replaced_when_it_is_let_go(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_captions("ab.vtt", "WEBVTT\n")
        held.hold(".vtt", 3, "replace")

        path = cache.store_captions("ab.vtt", "WEBVTT\n\nchanged\n")

        assert path.read_text(encoding="utf-8") == "WEBVTT\n\nchanged\n"
        assert held.refused == ["replace"] * 3

    def test_a_whole_segment_in_its_place_is_as_good(self, tmp_path: Path, held: Held) -> None:
        """Another build was faster; a service does not speak the same twice."""
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        held.hold(".flac", FOR_EVER, "replace")
        cache.store_segment(SEGMENT, OTHER_SOUND)
        assert len(held.refused) == 1, "nothing to wait for"
        assert is_kept(cache)
        assert not [*tmp_path.rglob("*.tmp")]

    def test_a_damaged_one_is_not(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        (file,) = tmp_path.rglob("*.flac")
        file.write_bytes(file.read_bytes()[:-9])

        held.hold(".flac", FOR_EVER, "replace", "move")
        with pytest.raises(StoreError, match=r"cannot be written \(.*used by another process\); see cache_dir"):
            cache.store_segment(SEGMENT, SOUND)
        assert cache.read_segment(SEGMENT) is None
        assert not cache.has_segment(SEGMENT), "it cannot be moved, and counts no more"
        held.hold(".flac", 0)
        cache.store_segment(SEGMENT, SOUND)
        assert is_kept(cache)

    def test_what_cannot_be_read_for_a_while_is_neither_damaged_nor_paid_for_again(
        self, site: Site, service: Service, held: Held
    ) -> None:
        site.write({"index.md": ":::speak\nThis sentence is paid for once.\n:::\n"})
        site.build(strict=True)
        shutil.rmtree(site.root / ".cache/plugin/lightning/clips")  # so that the segment has to be read
        held.hold(".flac", 3)

        site.build(strict=True)

        assert held.refused == ["read"] * 3
        assert len(service.requests) == 1
        assert len(site.clips("index.html")) == 1
        assert not [*site.root.rglob("damaged/*")]

    def test_what_stays_open_is_left_where_it_is(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        held.hold(".flac", FOR_EVER, "read")
        assert cache.read_segment(SEGMENT) is None
        held.hold(".flac", 0)
        assert is_kept(cache)
        assert cache.damaged == []

    def test_what_is_damaged_is_set_aside_when_it_is_let_go(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        (file,) = tmp_path.rglob("*.flac")
        file.write_bytes(file.read_bytes()[:-9])
        held.hold(".flac", 2, "move")
        assert cache.read_segment(SEGMENT) is None
        assert held.refused == ["move", "move"]
        assert [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.flac")] == ["damaged"]

    def test_prune_removes_it_when_it_is_let_go(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        (entry,) = entries(cache)
        held.hold(".flac", 2)
        remove(cache, entry)
        assert not [*entries(cache)]

        cache.store_segment(SEGMENT, SOUND)
        held.hold(".flac", FOR_EVER)
        with pytest.raises(StoreError, match="used by another process"):
            remove(cache, entry)
        assert [*entries(cache)] == [entry]

    @pytest.mark.parametrize("has_links", [True, False])
    def test_a_clip_that_is_heard_stays_in_the_site(
        self, tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(18, "Invalid cross-device link")

        if not has_links:
            monkeypatch.setattr(os, "link", refuse)
        source, target = tmp_path / "cache.mp3", tmp_path / "clip.mp3"
        source.write_bytes(b"sound")
        target.write_bytes(b"sound")
        held.hold("clip.mp3", FOR_EVER, "remove")
        link_or_copy(source, target)
        held.hold("clip.mp3", 2, "remove")
        source.write_bytes(b"other")
        link_or_copy(source, target)
        assert target.read_bytes() == b"other"
        target.unlink()
        target.write_bytes(b"theirs")
        held.hold("clip.mp3", FOR_EVER, "remove")
        with pytest.raises(PermissionError):
            link_or_copy(source, target)

    def test_what_is_forbidden_for_good_is_told_at_once(self) -> None:
        tries: list[int] = []

        def forbidden(code: int | None) -> Callable[[], None]:
            def act() -> None:
                tries.append(1)
                raise PermissionError(13, "Permission denied") if code is None else OpenElsewhereError(code)

            return act

        with pytest.raises(PermissionError):
            retry_while_open(forbidden(None), is_change=True)  # neither Linux nor macOS minds an open file
        with pytest.raises(PermissionError):
            retry_while_open(forbidden(DENIED))  # of reading: a directory, or another's file
        assert len(tries) == 2

    def test_a_directory_that_machines_share_has_whole_files_only(self, tmp_path: Path, held: Held) -> None:
        """`os.rename` does not replace a file on Windows, and `shutil.move` then writes over it."""
        remote = Remote(f"file://{tmp_path}")
        assert remote.write("segments", "ab.flac", b"one")
        (tmp_path / "reader").hardlink_to(tmp_path / "segments/a/ab.flac")
        rename = os.rename

        def renaming(source: str, target: str) -> None:
            if os.path.exists(target):  # noqa: PTH110 - as it comes
                raise FileExistsError(17, "Cannot create a file when that file already exists")
            rename(source, target)

        with pytest.MonkeyPatch.context() as system:
            system.setattr(os, "rename", renaming)
            held.hold("ab.flac", 2)
            assert remote.write("segments", "ab.flac", b"another")

        assert (tmp_path / "reader").read_bytes() == b"one"
        assert dict(remote.read("segments", ["ab.flac"])) == {"ab.flac": b"another"}
        assert [path.name for path in (tmp_path / "segments/a").iterdir()] == ["ab.flac"]
