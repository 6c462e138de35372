"""What `publish` reads and writes: regular files, and only inside the site, whatever stands there."""

from __future__ import annotations

import os
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from mkdocs.exceptions import Abort

from mkdocs_lightning.cli.command import main
from mkdocs_lightning.site.published import built_site
from tests.support.commands import contents
from tests.support.plain_program import HOME
from tests.support.published import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program
    from tests.support.service import Service
    from tests.support.sites import Site

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need permission, and there are no pipes")

FOREIGN = "Somebody else's."


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A file of somebody else, beside the site."""
    path = tmp_path / "elsewhere/foreign.txt"
    path.parent.mkdir()
    path.write_text(FOREIGN, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["player.js", "player.css"])
def test_a_link_in_the_place_of_a_file_of_ours_gives_way(program: Program, foreign: Path, name: str) -> None:
    place = program.output / "assets/lightning" / name
    place.parent.mkdir(parents=True)
    place.symlink_to(foreign)
    assert program.publish().exit_code == 0
    assert foreign.read_text(encoding="utf-8") == FOREIGN
    assert place.is_file()
    assert not place.is_symlink()


def test_a_link_in_the_place_of_a_clip_gives_way(program: Program, foreign: Path) -> None:
    assert program.publish().exit_code == 0
    (clip,) = program.clips("index.html")
    before = clip.read_bytes()
    clip.unlink()
    clip.symlink_to(foreign)
    assert program.publish().exit_code == 0
    assert foreign.read_text(encoding="utf-8") == FOREIGN
    assert clip.read_bytes() == before


@pytest.mark.parametrize("name", ["assets", "assets/lightning"])
def test_a_folder_that_leads_out_of_the_site_is_refused_before_anything_is_sent(
    program: Program, foreign: Path, name: str
) -> None:
    link = program.output / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(foreign.parent)
    for arguments in ([], ["--dry-run"]):
        result = program.publish(*arguments)
        assert result.exit_code == 2
        assert f"audio_dir: {link} points outside the site, to {foreign.parent}; nothing" in result.stderr
    assert program.service.requests == []
    assert list(foreign.parent.iterdir()) == [foreign]


@pytest.mark.parametrize("name", ["assets", "assets/lightning"])
def test_a_build_refuses_a_folder_that_leads_out_of_the_site(
    site: Site, service: Service, foreign: Path, expect_warning: Callable[[str], None], name: str
) -> None:
    """MkDocs leaves a link to a directory where it is, unless it is in a folder that it removes."""
    site.write({"index.md": f":::speak\n{FIRST}\n:::\n"})
    link = site.root / "site" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(foreign.parent)
    is_left = name == "assets"
    if is_left:
        expect_warning(
            f"option 'audio_dir': {link} points outside the site, to {foreign.parent}; nothing is written there"
        )
    with pytest.raises(Abort) if is_left else nullcontext():
        site.build()
    assert len(service.requests) == (not is_left)
    assert list(foreign.parent.iterdir()) == [foreign]


def test_a_build_writes_through_links_within_the_site_and_of_the_site_itself(site: Site, tmp_path: Path) -> None:
    site.write({"index.md": f":::speak\n{FIRST}\n:::\n"})
    (tmp_path / "public/.files").mkdir(parents=True)
    (tmp_path / "site").symlink_to("public")
    (tmp_path / "public/assets").symlink_to(".files")
    site.build(strict=True)
    (clip,) = site.clips("index.html")
    assert clip.is_relative_to(tmp_path / "public/.files/lightning")


@pytest.mark.parametrize("cache_dir", ["public", "public/cache", "link/cache"])
def test_a_cache_inside_the_site_is_refused(program: Program, cache_dir: str) -> None:
    (program.root / "link").symlink_to("public")
    program.configure(cache_dir=cache_dir)
    for arguments in ([], ["--dry-run"]):
        result = program.publish(*arguments)
        assert result.exit_code == 2
        assert "cache_dir: " in result.stderr
        assert "is inside the site, so the program that builds it may delete it" in result.stderr
    assert program.service.requests == []


def test_in_its_own_folder_a_site_is_told_where_to_publish_it(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.output)
    result = program.publish()
    assert result.exit_code == 2
    assert (
        "Run the command in the folder above the site, or set cache_dir in mkdocs.yml to a folder outs" in result.stderr
    )


def test_a_plugin_that_is_not_enabled_publishes_nothing(program: Program) -> None:
    program.configure(enabled=False, feed=True, narrate=True)
    before = contents(program.output)
    result = program.publish("--select", "p")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "is not enabled in " in result.stdout
    assert (contents(program.output), program.service.requests) == (before, [])


@pytest.mark.parametrize("kind", ["device", "pipe", "file"])
def test_what_is_no_directory_is_no_site(program: Program, tmp_path: Path, kind: str) -> None:
    path = Path("/dev/null") if kind == "device" else tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "file":
        path.write_bytes(b"")
    result = CliRunner().invoke(main, ["publish", str(path)])
    assert result.exit_code == 2
    assert re.search(rf"'{path}' is (a file|not a directory)", result.stderr)
    assert program.service.requests == []


def test_links_within_the_site_stay(program: Program) -> None:
    """As mike makes for its aliases; what they lead to is published by its own name."""
    (program.output / "assets").mkdir()
    (program.output / "files").mkdir()
    (program.output / "assets/lightning").symlink_to(program.output / "files")
    (program.output / "start.html").symlink_to("index.html")
    (program.output / "latest").symlink_to("guide", target_is_directory=True)
    result = program.publish()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("; 2 pages changed\n")
    assert (program.output / "start.html").readlink().name == "index.html"
    assert program.html("start.html") == program.html("index.html")
    assert (program.output / "files/player.js").is_file()


def test_a_page_that_is_a_link_out_of_the_site_is_told_and_stays(
    program: Program, foreign: Path, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("x.html is a link to a place outside the site")
    foreign.write_text(program.html("index.html"), encoding="utf-8")
    before = foreign.read_bytes()
    link = program.output / "x.html"
    link.symlink_to(foreign)
    result = program.publish()
    assert result.exit_code == 1
    assert f"x.html is a link to a place outside the site, {foreign.resolve()}. It stays as it is" in result.stderr
    assert link.readlink() == foreign
    assert foreign.read_bytes() == before
    assert len(program.clips("index.html")) == 1


def test_a_page_without_blocks_may_be_a_link(program: Program, foreign: Path) -> None:
    (program.output / "x.html").symlink_to(foreign)
    assert program.publish().stderr == ""


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "it is not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is not a regular file"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("gone"), "No such file or directory"),
        (lambda path: path.write_bytes(b" " * 60_000 + b"<speak-slot>"), "it has more than 0 MB"),
        (lambda path: path.write_bytes(b"<speak-slot>\xf6"), "it is not UTF-8 (byte 13); save it as UTF-8"),
    ],
    ids=["pipe", "device", "link to itself", "link to nothing", "large", "Latin-1"],
)
def test_only_regular_files_of_some_size_are_read(
    program: Program,
    expect_warning: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], object],
    reason: str,
) -> None:
    monkeypatch.setattr(built_site, "MAX_PAGE_BYTES", 50_000)
    expect_warning("f.html cannot be read")
    make(program.output / "f.html")
    result = program.publish()
    assert result.exit_code == 1
    assert f"f.html cannot be read: {reason}. It stays as it is" in result.stderr
    assert len(program.clips("index.html")) == 1


def test_a_folder_with_the_name_of_a_page_is_none(program: Program) -> None:
    program.build({"v1.html/index.html": HOME})
    assert program.publish().stderr == ""
    assert len(program.clips("v1.html/index.html")) == 1


def test_a_page_that_shares_its_file_with_another_name_leaves_that_as_it_is(program: Program, foreign: Path) -> None:
    page = program.output / "index.html"
    foreign.unlink()
    os.link(page, foreign)
    before = foreign.read_bytes()
    assert program.publish().exit_code == 0
    assert foreign.read_bytes() == before != page.read_bytes()


def test_two_sites_with_a_folder_of_one_name_are_two_users_of_a_cache(program: Program, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    program.configure(cache_dir=str(cache))
    assert program.publish().exit_code == 0
    other = type(program)(tmp_path / "other", program.service)
    other.root.mkdir()
    other.build({"index.html": ":::speak\nWhat stands here is another site's.\n:::\n"})
    assert other.publish("-f", str(program.root / "mkdocs.yml")).exit_code == 0
    names = [path.read_text(encoding="utf-8") for path in cache.glob("usage/*.json")]
    assert len(names) == 2
    for root in (program.root, other.root):
        assert sum(f"published {(root / 'public').resolve()}" in name for name in names) == 1


def test_a_site_that_mkdocs_has_built_is_told(
    program: Program, site: Site, expect_warning: Callable[[str], None]
) -> None:
    for theme in ("mkdocs", "readthedocs", "material"):
        for synthesize in ("build", "never"):
            expect_warning("MkDocs has built this site")
            site.config = {"theme": {"name": theme}}
            site.write({"index.md": HOME})
            site.build(synthesize=synthesize)
            (program.root / "public").rename(program.root / f"before-{theme}-{synthesize}")
            (site.root / "site").rename(program.output)
            result = program.publish()
            assert result.exit_code == 0
            assert "no page in" in result.stderr
            assert "'publish' is not needed" in result.stderr
