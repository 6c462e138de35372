"""A site of which some pages speak is the same site otherwise: to the byte, in its search, in its excerpts."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_lightning.site import clip_supply
from tests.support.html import Page, attributes, with_class

if TYPE_CHECKING:
    from tests.support.sites import Site
from tests.support.published import (
    FIRST,
    NARRATED,
    PAGE,
    SEARCHED,
    SITE_URL,
    THEMES,
    contents,
    pages_of,
    starts_of,
    tracks_of,
)


def build_without_the_plugin(site: Site) -> None:
    """As somebody builds who has never heard of it."""
    path = Path(site.write_config())
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["plugins"] = [plugin for plugin in settings["plugins"] if "lightning" not in plugin]
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    config = load_config(str(path))
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    config.plugins.on_shutdown()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("site_url", [SITE_URL, ""])
def test_what_does_not_speak_is_the_same_to_the_byte(
    site: Site, monkeypatch: pytest.MonkeyPatch, theme: str, site_url: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    site.config = {"theme": {"name": theme}, "site_url": site_url, "markdown_extensions": ["admonition", "toc"]}
    rich = '# Silent\n\n!!! note\n    Text & <b>more</b>.\n\n```\n:::speak\ncode\n:::\n```\n\n<img src="/a.svg">\n'
    site.write(
        {"index.md": rich, "deep/er/silent.md": rich, "a.svg": "<svg/>", "spoken.md": PAGE, "narrated.md": NARRATED}
    )

    build_without_the_plugin(site)
    before = contents(site.root / "site")
    site.build(strict=True, feed=bool(site_url))
    after = contents(site.root / "site")

    added = {name for name in after if name.startswith("assets/lightning/") or name == "podcast.xml"}
    differing = {"spoken/index.html", "narrated/index.html"}
    assert len(added) == 2 * 2 + 2 + bool(site_url)
    assert after.keys() - added == before.keys()
    searched = {name for name in after if name.endswith("search_index.json")}  # in which the colons were seen
    assert {name for name in before if before[name] != after[name]} - searched == differing
    assert {"404.html", "sitemap.xml", "sitemap.xml.gz", "index.html", "deep/er/silent/index.html"} <= before.keys()


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_the_search_index_is_that_of_the_same_text_without_a_voice(
    site: Site, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")  # the date goes into the site map
    site.config = {"theme": {"name": theme}, "site_url": SITE_URL}
    site.write({name: re.sub(r"^ *:::.*\n", "", page, flags=re.MULTILINE) for name, page in SEARCHED.items()})
    build_without_the_plugin(site)
    plain = contents(site.root / "site")
    site.write(SEARCHED)

    site.build(strict=True)

    index = "search/search_index.json"
    spoken = contents(site.root / "site")
    assert json.loads(spoken[index]) == json.loads(plain[index])
    assert spoken["sitemap.xml"] == plain["sitemap.xml"]
    assert len(pages_of(site)) == len(SEARCHED)


def test_a_blog_s_excerpt_has_its_player_and_no_text_of_it(site: Site) -> None:
    site.config = {"theme": {"name": "material"}, "plugins": ["blog", "search"], "site_url": SITE_URL}
    post = f"---\ndate: 2026-01-01\n---\n# Post\n\n:::speak title=Zebra\n{FIRST}\n:::\n\n<!-- more -->\n\nMore.\n"
    site.write({"index.md": "# Home\n", "blog/index.md": "# Blog\n", "blog/posts/post.md": post})

    site.build(strict=True)

    of_post, of_blog = "blog/2026/01/01/post/index.html", "blog/index.html"
    assert pages_of(site) == sorted([of_post, of_blog, "blog/archive/2026/index.html"])
    assert site.clips(of_blog) == site.clips(of_post)
    assert tracks_of(site, of_blog) == tracks_of(site, of_post)
    html = site.html(of_blog)
    (player,) = attributes(html, "speak-player")
    assert len([found for found in attributes(html, "link") if (found.get("href") or "").endswith("player.css")]) == 1
    assert len([found for found in attributes(html, "script") if (found.get("src") or "").endswith("player.js")]) == 1
    assert [found["data-cue"] for found in with_class(html, "speak-cue")] == [f"{site.ids(of_blog)[0]} 0"]
    assert starts_of(player) == [0.0]
    visible = " ".join(text for tag, text in Page(html).data if tag not in {"script", "style", "title"})
    assert FIRST in visible
    assert not re.search(r"Zebra|Listen|Transcript|0:0\d", visible)
    index = (site.root / "site/search/search_index.json").read_text(encoding="utf-8")
    assert not re.search(r"Zebra|Listen|Transcript|0:0\d", index)


def test_where_there_are_no_clips_there_is_nothing_of_ours(site: Site) -> None:
    site.config["site_url"] = SITE_URL
    site.write({"index.md": PAGE, "narrated.md": NARRATED})

    site.build(synthesize="never")

    assert not (site.root / "site/assets").exists()
    for page in ("index.html", "narrated/index.html"):
        html = site.html(page)
        assert FIRST in html
        assert "player.js" not in html
        assert "player.css" not in html
        assert "speak-cue" not in html
        assert "speak-player" not in html
        assert "speak-block" not in html
        assert "ld+json" not in html


def test_the_report_counts_the_time_between_pages_too(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On a clock that ticks when it is looked at: for each of two pages, the rest, the first clip, and all clips."""
    ticks = itertools.count()
    monkeypatch.setattr(clip_supply, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    site.write({"index.md": "# Home\n\n:::speak\nOne sentence, to be spoken at once.\n:::\n", "page-2.md": "# Two\n"})

    with caplog.at_level("INFO"):
        site.build()

    assert ", 5.0 s" in caplog.text
