"""What `publish` does with the cache: it pays for nothing that another one has, and loses nothing that is paid for."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import contents, printed
from tests.support.plain_program import HOME
from tests.support.published import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.plain_program import Program
    from tests.support.sites import Site


@pytest.fixture
def published(program: Program) -> Program:
    """A site that is published, before it is published from another folder."""
    assert program.publish().exit_code == 0
    program.service.clear()
    return program


@pytest.fixture
def elsewhere(published: Program, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The same in another folder, which has the same options, but no cache."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(published.root / "mkdocs.yml", folder)
    monkeypatch.chdir(folder)
    return published


def test_a_site_with_players_is_not_paid_for_because_the_cache_is_elsewhere(elsewhere: Program) -> None:
    before = contents(elsewhere.output)
    result = elsewhere.publish()
    assert (result.exit_code, elsewhere.service.requests) == (1, [])
    assert "' is empty, but 2 pages already have players: all of their audio would be paid for" in result.stderr
    assert contents(elsewhere.output) == before
    assert elsewhere.publish("--new-cache").exit_code == 0
    assert len(elsewhere.service.requests) == 3
    assert elsewhere.publish().exit_code == 0


def test_nor_are_narrated_pages(
    elsewhere: Program, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None]
) -> None:
    """To take their players away costs nothing, and needs no cache."""
    here = elsewhere.root / "mkdocs.yml"
    shutil.rmtree(elsewhere.output)
    elsewhere.write("index.html", f"<main><h1>Title</h1><p>{FIRST}</p></main>")
    with monkeypatch.context() as patch:
        patch.chdir(here.parent)
        assert elsewhere.publish("--select", "main").exit_code == 0
    elsewhere.service.clear()
    result = elsewhere.publish("--select", "main")
    assert (result.exit_code, elsewhere.service.requests) == (1, [])
    assert "but 1 page already has players" in result.stderr
    elsewhere.service.clear()
    expect_warning("1 page is no longer narrated, and loses its player")
    assert elsewhere.publish().exit_code == 0
    assert "<audio" not in elsewhere.html("index.html")


def test_a_dry_run_tells_of_it(elsewhere: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("is empty, but 2 pages already have players")
    result = elsewhere.publish("--dry-run", key=None)
    assert result.exit_code == 0
    assert "Missing: " in result.stdout


def test_what_costs_nothing_and_what_was_never_published_needs_no_cache(elsewhere: Program) -> None:
    assert elsewhere.publish("--engine", "offline").exit_code == 0
    assert elsewhere.service.requests == []
    shutil.rmtree(elsewhere.output)
    elsewhere.build({"index.html": HOME}, embed=False)
    assert elsewhere.publish().exit_code == 0
    assert elsewhere.service.requests


@pytest.mark.parametrize("has_config", [True, False])
def test_a_rebuilt_site_is_not_paid_for_because_its_options_and_cache_are_elsewhere(
    published: Program,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
    *,
    has_config: bool,
) -> None:
    """Its pages have no players any more that would tell of the cache."""
    shutil.rmtree(published.output)
    published.build({"index.html": HOME}, embed=False)
    config, here = published.root / "mkdocs.yml", tmp_path_factory.mktemp("elsewhere")
    text = config.read_text(encoding="utf-8")
    if not has_config:
        config.write_text("site_name: Another plugin's\nplugins: [search]\n", encoding="utf-8")
    monkeypatch.chdir(here)
    result = published.publish()
    assert (result.exit_code, published.service.requests, [*here.iterdir()]) == (1, [], [])
    way = f"To use them, add -f '{config}'" if has_config else f"Run the command in '{published.root}'"
    assert f"{way}. To pay for it, add --new-cache. Nothing was sent, and no page was changed" in result.stderr

    expect_warning("all audio would be paid for, perhaps again")
    assert published.publish("--dry-run").exit_code == 0
    config.write_text(text, encoding="utf-8")
    result = published.publish("-f", str(config))
    assert (result.exit_code, published.service.requests) == (0, [])
    config.unlink()
    here.joinpath("mkdocs.yml").write_text(text, encoding="utf-8")
    assert published.publish("--new-cache").exit_code == 0
    assert published.service.requests


def test_a_site_that_cannot_be_written_is_uploaded_all_the_same(
    program: Program, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program.configure(remote_cache=(tmp_path / "shared").as_uri())
    program.write("assets", "A file in the place of the folder of the audio.")
    result = program.publish()
    assert result.exit_code == 1
    assert "cannot be published: " in result.stderr
    assert len(program.service.requests) == 3
    assert len([*(tmp_path / "shared").rglob("*.flac")]) == 3
    assert re.search("remote cache: 0 files? fetched, [0-9]+ stored", caplog.text)  # it has waited for the last one


def test_what_pages_use_that_cannot_be_read_is_not_pruned(
    published: Program, site: Site, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("index.html cannot be read")
    index = published.output / "index.html"
    intact = index.read_bytes()
    index.write_bytes(intact.replace(b"Home", "Über".encode("latin-1")))
    assert published.publish().exit_code == 1
    options = {"cache_dir": str(published.root / ".lightning")}
    site.write({"index.md": "# No block\n"})
    assert "0 files removed" in printed(site, "cache", "prune", "--days", "0", **options)
    index.write_bytes(intact)
    assert published.publish().exit_code == 0
    assert published.service.requests == []
