"""`mkdocs build --dirty`, which reads only the pages that have changed."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.support.published import SITE_URL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.sites import Site

PAGES = {
    f"{name}.md": f"---\nlightning: {{narrate: true}}\n---\n# {name.title()}\n\nThis page tells of the {name}.\n"
    for name in ("sun", "moon", "stars")
}


def build_dirty(site: Site, **options: object) -> None:
    config = load_config(site.write_config(feed=True, **options))
    config.plugins.on_startup(command="build", dirty=True)
    try:
        build(config, dirty=True)
    finally:
        config.plugins.on_shutdown()


@pytest.fixture
def built(site: Site, expect_warning: Callable[[str], None]) -> Site:
    """A site with a podcast, built as a whole."""
    expect_warning("A 'dirty' build is being performed")
    site.config = {"site_url": SITE_URL}
    site.write(PAGES)
    site.build(feed=True)
    return site


def usage(site: Site) -> list[dict[str, object]]:
    return [json.loads(path.read_text("utf-8")) for path in site.root.glob(".cache/plugin/lightning/usage/*.json")]


@pytest.mark.parametrize("options", [{}, {"max_characters": 0}], ids=["synthesized", "missing"])
def test_the_feed_and_the_usage_of_the_other_pages_stay(
    built: Site, expect_warning: Callable[[str], None], options: dict[str, object]
) -> None:
    feed = built.root / "site/podcast.xml"
    before = feed.read_bytes(), usage(built)
    if options:
        expect_warning("1 sentence missing")
    built.write({"sun.md": PAGES["sun.md"] + "\nAnd this is a new sentence of it.\n"})

    build_dirty(built, **options)

    assert (feed.read_bytes(), usage(built)) == before
    assert ("podcast.xml" in built.html("sun/index.html")) == (not options)
    assert len(built.clips("sun/index.html")) == (not options)
    assert len(built.clips("moon/index.html")) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="links need permission")
def test_a_link_in_the_place_of_a_file_of_ours_gives_way(
    site: Site, expect_warning: Callable[[str], None], tmp_path: Path
) -> None:
    """MkDocs leaves it there, and would write to where it leads."""
    expect_warning("A 'dirty' build is being performed")
    site.config = {"site_url": SITE_URL}
    site.write(PAGES)
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("Somebody else's.", encoding="utf-8")
    os.utime(foreign, (1, 1))  # older than what takes its place
    links = [
        site.root / "site" / name for name in ("podcast.xml", *(f"assets/lightning/player.{x}" for x in ("js", "css")))
    ]
    for link in links:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(foreign)

    build_dirty(site)

    assert foreign.read_text(encoding="utf-8") == "Somebody else's."
    assert [link.is_file() and not link.is_symlink() for link in links] == [True] * 3


def test_a_first_build_is_whole_all_the_same(site: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning("A 'dirty' build is being performed")
    site.config = {"site_url": SITE_URL}
    site.write(PAGES)

    build_dirty(site)

    assert site.root.joinpath("site/podcast.xml").read_text("utf-8").count("<item>") == len(PAGES)
    assert len(usage(site)) == 1
