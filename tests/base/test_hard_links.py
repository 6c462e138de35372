"""Files of the cache in the site: one file with two names, or a copy; the cache is never written through the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.base.hard_links import link_or_copy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "cache.mp3"
    path.write_bytes(b"sound")
    return path


def test_it_is_the_same_file_and_takes_no_room(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp3"
    link_or_copy(source, target)
    link_or_copy(source, target)  # again, as another language of the site does
    assert target.samefile(source)
    assert target.read_bytes() == b"sound"


def test_what_stands_in_its_place_is_replaced_and_not_written_over(source: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.mp3"
    theirs.write_bytes(b"what somebody has under two names")
    target = tmp_path / "clip.mp3"
    target.hardlink_to(theirs)

    link_or_copy(source, target)

    assert target.read_bytes() == b"sound"
    assert theirs.read_bytes() == b"what somebody has under two names"


def test_a_text_is_written_anew_and_not_into_the_cache(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "clip.vtt"
    target.hardlink_to(source)
    link_or_copy(b"WEBVTT\n", target)
    assert target.read_bytes() == b"WEBVTT\n"
    assert source.read_bytes() == b"sound"


@pytest.mark.parametrize("error", [OSError(18, "Invalid cross-device link"), NotImplementedError()])
def test_it_is_a_copy_where_there_are_no_links(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("os.link", refuse)
    target = tmp_path / "clip.mp3"
    link_or_copy(source, target)
    assert target.read_bytes() == b"sound"
    assert not target.samefile(source)


def test_a_clip_that_was_changed_in_the_site_is_made_anew_for_nothing(site: Site, service: Service) -> None:
    site.write({"index.md": ":::speak\nThis sentence is in the site, and in the cache.\n:::\n"})
    site.build(strict=True)
    (clip,) = site.clips("index.html")
    whole = clip.read_bytes()
    with clip.open("r+b") as file:
        file.write(b"ID3 tags, say")

    site.build(strict=True)

    assert [clip.read_bytes() for clip in site.clips("index.html")] == [whole]
    assert len(service.requests) == 1


def test_a_file_of_the_author_s_own_stands(site: Site) -> None:
    """A style sheet of the same name, say; and this package's own file is not written over."""
    site.write({"index.md": ":::speak\nThis sentence is in the site, and in the cache.\n:::\n"})
    site.write({"assets/lightning/player.css": "/* the author's */"})
    site.build(strict=True)
    site.build(strict=True)
    assert (site.root / "site/assets/lightning/player.css").read_text() == "/* the author's */"


def test_a_site_that_cannot_be_written_ends_the_build_in_words(
    site: Site, expect_warning: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write({"index.md": ":::speak\nThis sentence is in the site, and in the cache.\n:::\n"})
    site.build(strict=True)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.link", refuse)
    monkeypatch.setattr("shutil.copyfile", refuse)
    expect_warning(r"the site's directory .* cannot be written \(No space left on device\)")
    with pytest.raises(Abort):
        site.build()


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_a_file_that_mkdocs_writes_as_well_is_no_link(
    site: Site, service: Service, expect_warning: Callable[[str], None], spelling: Callable[[str], str]
) -> None:
    """Somebody has copied a clip into the docs directory: MkDocs would write it through the link, into the cache."""
    site.write({"index.md": ":::speak\nThis sentence is in the cache, and the site plays it.\n:::\n"})
    site.build(strict=True)
    (clip,) = site.clips("index.html")
    cached = next((site.root / ".cache").rglob(clip.name))
    before = cached.read_bytes()
    own = site.root / "docs" / "assets/lightning" / spelling(clip.name)
    own.parent.mkdir(parents=True)
    own.write_bytes(b"what an author has put there")
    for _ in range(2):
        expect_warning(f"the site has files of its own with the names of clips in 'assets/lightning', .+'{clip.name}'")
        site.build()
        assert cached.read_bytes() == before
        assert not clip.samefile(cached)
    own.unlink()
    site.build(strict=True)
    assert clip.samefile(cached)
    assert len(service.requests) == 1
