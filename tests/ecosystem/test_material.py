"""Beside the plugins that come with Material for MkDocs: what each of them must leave alone, and what it must find.

That they bear each other in any order: `test_neighbours.py`. A blog's excerpts: `tests/plugin/test_build.py`. Instant
navigation: `tests/browser/test_listener.py`.
"""

from __future__ import annotations

import os
import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import ImageFont
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS, PATIENCE, Guard, find_chromium, judge
from tests.ecosystem.neighbourhood import (
    MATERIAL,
    SAYS,
    SITE_URL,
    Document,
    Neighbour,
    neighbourhood,
    read_page,
    read_site,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.sites import Site

THEME = {"name": "material", "font": False}


def material_site(root: Path, *plugins: str) -> Site:
    """A site with some of Material's plugins, and ours behind them."""
    return neighbourhood(root, [*plugins, "lightning"], MATERIAL, THEME, root / ".cache/lightning")


def test_privacy_takes_nothing_of_ours_for_a_file_from_elsewhere(
    tmp_path: Path, expect_warning: Callable[[str], None]
) -> None:
    """It warns of each, and there is one, so that it is seen to look; what we say in whole addresses stays as it is."""
    expect_warning(r"^External file: https://elsewhere\.example/picture\.png")
    site = material_site(tmp_path, "privacy")
    site.write({"index.md": "# Home\n\n![](https://elsewhere.example/picture.png)\n\n:::speak\nThis is spoken.\n:::\n"})

    site.build()

    page = read_page(site, "index.html")
    assert [clip.url for clip in page.clips] == [f"{SITE_URL}assets/lightning/{page.players[0].clip}"]
    assert read_site(site).keys() == SAYS.keys()
    assert f'<enclosure url="{SITE_URL}assets/lightning/' in site.html("podcast.xml")
    assert not (site.root / "site/assets/external").exists()


def test_tags_are_listed_without_a_trace_of_what_is_spoken(tmp_path: Path) -> None:
    site = material_site(tmp_path, "tags")

    site.build(strict=True)

    html = site.html("tags.html")
    assert "tagged.html" in [found.get("href") for tag, found in Document(html).elements if tag == "a"]
    assert "speak" not in html
    (player,) = read_page(site, "tagged.html").players
    assert player.captions == ("This page is found by its tag as well.",)


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site to be read from a disk."""
    site = material_site(tmp_path_factory.mktemp("offline"), "search", "offline")
    site.build(strict=True)
    return site


def test_an_offline_site_plays_from_a_disk(offline: Site) -> None:
    with sync_playwright() as playwright:
        executable = find_chromium(playwright.chromium.executable_path)
        with playwright.chromium.launch(executable_path=executable, args=[*FLAGS]) as browser:
            context = browser.new_context()
            context.set_default_timeout(PATIENCE)
            guard = Guard(context)
            tab = context.new_page()
            tab.goto((offline.root / "site/index.html").as_uri())
            # So that it is still heard whenever somebody looks.
            tab.locator("#intro audio").evaluate("audio => { audio.loop = true; }")
            tab.locator("#intro speak-player").get_by_role("button", name=re.compile("^Play")).click()
            tab.wait_for_function("document.querySelector('#intro audio').currentTime > 0.5")
            expect(tab.locator("#intro .speak-now")).to_have_text("Every page of this site is read aloud.")
            source, seconds = tab.locator("#intro audio").evaluate("audio => [audio.currentSrc, audio.duration]")
            errors = list(guard.errors())

    intro = read_page(offline, "index.html").players[0]
    assert source == (offline.root / "site/assets/lightning" / intro.clip).as_uri()
    assert seconds == pytest.approx(intro.duration, abs=0.1)
    judge(errors, [r"/sitemap\.xml"])  # which Material asks for, and a browser does not give it


def test_the_search_of_an_offline_site_finds_the_texts_alone(offline: Site) -> None:
    index = (offline.root / "site/search/search_index.js").read_text(encoding="utf-8")

    for players in SAYS.values():
        assert index.count(players[-1][-1]) == 1
    assert not re.search(r"speak-|data-speak|Play\|Pause|<!--", index)


@pytest.fixture
def with_cairo() -> None:
    """Cards are drawn by a library of the system; without it the test is skipped, but fails in CI."""
    try:
        import cairosvg  # noqa: F401, PLC0415 - it looks for the library when it is imported
    except OSError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"apt-get install libcairo2: {error}")


@pytest.mark.usefixtures("with_cairo")
@pytest.mark.parametrize("order", [("social", "lightning"), ("lightning", "social")], ids="-".join)
def test_a_page_has_its_social_card_and_its_players(tmp_path: Path, order: tuple[str, str]) -> None:
    """With a font in its cache, as it would have fetched one."""
    fonts = tmp_path / "cards/fonts/Roboto"
    fonts.mkdir(parents=True)
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, BytesIO)
    for style in ("Regular", "Bold"):
        (fonts / f"{style}.ttf").write_bytes(font.path.getvalue())
    social = {"social": Neighbour(options={"cache_dir": str(tmp_path / "cards")})}
    site = neighbourhood(tmp_path, order, social, THEME, tmp_path / ".cache/lightning")

    site.build(strict=True)

    page = read_page(site, "index.html")
    assert [player.captions for player in page.players] == [tuple(said) for said in SAYS["index.html"]]
    metas = [dict(found) for tag, found in Document(site.html("index.html")).elements if tag == "meta"]
    (card,) = [str(meta["content"]) for meta in metas if meta.get("property") == "og:image"]
    assert card.startswith(SITE_URL)
    assert (tmp_path / "site" / card.removeprefix(SITE_URL)).read_bytes().startswith(b"\x89PNG")
    assert len(page.clips) == len(page.players)
