"""`cache pull`: the local cache gets all that the remote one has of a site, also where builds need only clips."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import contents, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

FIRST, SECOND, EDITED = (
    "The first sentence of this block is here.",
    "The second one follows it at once.",
    "The second one has been edited since.",
)


def write(site: Site, *sentences: str) -> None:
    site.write({"index.md": f":::speak\n{' '.join(sentences)}\n:::\n"})


def sentences_of(root: Path) -> list[Path]:
    return sorted(root.rglob("*.flac"))


@pytest.fixture
def shared(site: Site) -> Path:
    """A remote cache that another machine has filled; this one has nothing yet."""
    shared = site.root / "shared"
    site.options |= {"sample_rate": 8000, "remote_cache": shared.as_uri()}
    write(site, FIRST, SECOND)
    site.build()
    shutil.rmtree(site.root / ".cache")
    return shared


def test_sentences_are_fetched_also_where_the_clip_is_here(site: Site, shared: Path, service: Service) -> None:
    site.build()
    assert sentences_of(site.root / ".cache") == []
    service.clear()

    ended = run(site, "cache", "pull")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout == f"2 files fetched from {shared.as_uri()}\n"
    assert len(sentences_of(site.root / ".cache")) == 2
    assert run(site, "cache", "verify").exit_code == 0
    assert run(site, "cache", "pull").stdout == f"0 files fetched from {shared.as_uri()}\n"
    assert service.requests == []


def test_then_the_remote_cache_can_be_given_up(site: Site, shared: Path, service: Service) -> None:
    assert run(site, "cache", "pull").stdout == f"3 files fetched from {shared.as_uri()}\n"
    shutil.rmtree(shared)
    del site.options["remote_cache"]
    service.clear()
    site.build()
    assert service.requests == []
    write(site, FIRST, EDITED)
    site.build()
    assert [request.body["text"] for request in service.requests if request.body] == [EDITED]


def test_without_a_remote_cache_there_is_nothing_to_fetch(site: Site) -> None:
    write(site, FIRST)
    ended = run(site, "cache", "pull")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == "mkdocs-lightning: there is no remote cache: set remote_cache in mkdocs.yml\n"


def test_a_remote_cache_that_does_not_exist(site: Site) -> None:
    write(site, FIRST)
    ended = run(site, "cache", "pull", remote_cache=site.root.joinpath("none").as_uri(), remote_cache_mode="read")
    assert ended.exit_code == 2
    assert "does not exist" in ended.stderr


def test_what_neither_has_is_told(site: Site, shared: Path, service: Service) -> None:
    site.build()
    sentences_of(shared)[0].unlink()
    service.clear()
    ended = run(site, "cache", "pull")
    assert ended.exit_code == 1
    assert ended.stdout == f"1 file fetched from {shared.as_uri()}\n"
    assert f"neither cache_dir nor {shared.as_uri()} has 1 sentence of the site." in ended.stderr
    assert service.requests == []


def test_a_damaged_file_is_not_taken(site: Site, shared: Path) -> None:
    damaged = sentences_of(shared)[0]
    damaged.write_bytes(b"damaged")
    ended = run(site, "cache", "pull")
    assert ended.exit_code == 1
    assert f"1 file failed verification, such as '{damaged.name}'" in ended.stderr
    assert len(sentences_of(site.root / ".cache")) == 1


def test_a_local_cache_that_cannot_be_written(site: Site, shared: Path) -> None:
    before = contents(shared)
    (site.root / ".cache/plugin").mkdir(parents=True)
    (site.root / ".cache/plugin/lightning").write_bytes(b"")
    ended = run(site, "cache", "pull")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "cache_dir" in ended.stderr
    assert contents(shared) == before
