"""The podcast of a whole build: its pages, their order, their languages."""

from __future__ import annotations

import re
import shutil
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import feedparser
import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.player.ui_strings import ui_strings_for
from tests.support.html import attributes, with_class
from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
from tests.support.published import FIRST, NARRATED, PAGE, SECOND, SITE_URL, contents, cues_of, languages_of, published

FEED_PAGES = {
    "index.md": "# Home\n\nNot narrated.\n",
    "a b/1.md": f"---\nlightning: {{narrate: true}}\ndescription: Brief.\ndate: 2026-03-01\n---\n# 1 & 2\n\n{FIRST}\n",
    "second.md": f"---\nlightning: {{narrate: true, language: hi}}\ndate: 2026-04-01\n---\n# Second\n\n{SECOND}\n",
    "spoken.md": PAGE,
}


@pytest.fixture
def feed_site(site: Site) -> Site:
    site.config = {
        "site_url": SITE_URL,
        "site_name": "The Book & more",
        "site_author": "Its authors",
        "nav": ["index.md", "second.md", "a b/1.md", "spoken.md"],
    }
    site.write(FEED_PAGES)
    return site


def parsed(site: Site, name: str = "podcast.xml") -> Any:
    feed = feedparser.parse((site.root / "site" / name).read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


@pytest.mark.parametrize("output_format", ["mp3", "wav"])
def test_the_feed_has_the_narrated_pages_in_their_order(
    feed_site: Site, expect_warning: Callable[[str], None], output_format: str
) -> None:
    if output_format != "mp3":
        expect_warning(
            "feed: many podcast apps, Apple's among them, do not play output_format 'wav'. Set output_format"
        )
    feed_site.build(feed=True, output_format=output_format)

    feed = parsed(feed_site)
    assert (feed.feed.title, feed.feed.link, feed.feed.language) == ("The Book & more", SITE_URL, "en")
    assert ui_strings_for("en").synthetic in feed.feed.subtitle
    assert [entry.title for entry in feed.entries] == ["Second", "1 & 2"]
    assert [entry.id for entry in feed.entries] == [f"{SITE_URL}second/", f"{SITE_URL}a%20b/1/"]
    assert [entry.link for entry in feed.entries] == [entry.id for entry in feed.entries]
    assert "Brief." in feed.entries[1].summary
    assert [tuple(entry.published_parsed[:3]) for entry in feed.entries] == [(2026, 4, 1), (2026, 3, 1)]
    clips = [*feed_site.clips("second/index.html"), *feed_site.clips("a b/1/index.html")]
    for entry, clip in zip(feed.entries, clips, strict=True):
        (enclosure,) = entry.enclosures
        assert published(feed_site, enclosure.href) == clip
        assert int(enclosure.length) == clip.stat().st_size
        assert enclosure.type == {"mp3": "audio/mpeg", "wav": "audio/wav"}[output_format]
        assert int(entry.itunes_duration) == pytest.approx(duration(clip), abs=0.6)
    raw = (feed_site.root / "site/podcast.xml").read_text(encoding="utf-8")
    transcripts = re.findall(r'<podcast:transcript url="([^"]+)" type="text/vtt" rel="captions" language="(\w+)"', raw)
    assert [language for _, language in transcripts] == ["hi", "en"]
    texts = [cues_of(published(feed_site, url).read_text(encoding="utf-8"))[-1][2] for url, _ in transcripts]
    assert texts == [SECOND, FIRST]


def test_the_feed_has_the_order_that_others_give_to_the_site(feed_site: Site) -> None:
    """Also a plugin behind ours, or a hook, which makes a navigation of its own."""
    hook = feed_site.root / "hook.py"
    hook.write_text(
        "from mkdocs.structure.nav import Navigation\n"
        "def on_nav(nav, **_):\n"
        "    return Navigation(nav.items[::-1], nav.pages[::-1])\n",
        encoding="utf-8",
    )
    feed_site.config["hooks"] = [str(hook)]

    feed_site.build(strict=True, feed=True)

    assert [entry.title for entry in parsed(feed_site).entries] == ["1 & 2", "Second"]


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("# Title\n\nOne sentence of its text.\n", "One sentence of its text."),
        ("One sentence of its text.\n\nAnother one.\n", "One sentence of its text. Another one."),
        ("# Title\n\nOne sentence.\n\n## More\n\nAnother sentence.\n", "One sentence. Another sentence."),
        (
            "# A title that is long enough for one? And a second sentence, which is as long?\n\nThe text.\n",
            "The text.",
        ),
        ("# Title\n\nWhat to do\n\n- Wear gloves\n- Use the tool\n", "What to do. Wear gloves. Use the tool"),
        ('Bring:\n\n- gloves,\n- (the) *tool;*\n- "Time!"\n\nThen go', 'Bring: gloves, (the) tool; "Time!" Then go'),
        ("| tool | size |\n| --- | --- |\n| saw | big |\n| file | small |\n", "tool, size. saw, big. file, small"),
        ("Two\n\nThree -\n\nFour \u2010\n\nFive \u2212\n\nSix\n", "Two. Three - Four \u2010 Five \u2212 Six"),
        ("Wait /\n\nGo \uff0f\n\nOn\n", "Wait / Go \uff0f On"),
        ("\u03c4\u03af\u00b7\n\n\u03c4\u03af\u0387\n\nOn\n", "\u03c4\u03af\u00b7 \u03c4\u03af\u00b7 On"),
        ("He said *bonjour*{voice_id=sophie} and left\n\nThen she did", "He said bonjour and left. Then she did"),
        ("Ready, {pause} steady\n\n- Go\n", "Ready, steady. Go"),
        ("# Title\n\nTitle\n", "Title"),
        ("# Only a title\n", "Only a title"),
    ],
)
def test_an_episode_is_described_by_its_text_without_headings(site: Site, text: str, described: str) -> None:
    site.config |= {"site_url": SITE_URL, "markdown_extensions": ["attr_list"]}
    site.write({"index.md": f"---\nlightning: {{narrate: true}}\n---\n{text}"})
    site.build(strict=True, feed=True)
    [entry] = parsed(site).entries
    assert unescape(entry.summary) == f"<p>{described}</p>"


@pytest.mark.parametrize(
    ("language", "described"),
    [
        ("zh", "\u6234\u4e0a\u624b\u5957\u3002 \u4f7f\u7528\u5de5\u5177"),
        ("hi", "\u0930\u0941\u0915\u0947\u0902\u0964 \u091c\u093e\u090f\u0902"),
        ("ko", "\uba48\ucdb0. \uac00"),
    ],
)
def test_the_signs_in_a_description_are_those_of_the_language(site: Site, language: str, described: str) -> None:
    items = re.split("[\u3002\u0964.] ", described)
    site.config["site_url"] = SITE_URL
    front = f"lightning: {{narrate: true, language: {language}}}"
    site.write({"index.md": f"---\n{front}\n---\n" + "".join(f"- {item}\n" for item in items)})
    site.build(strict=True, feed=True)
    [entry] = parsed(site).entries
    assert entry.summary == f"<p>{described}</p>"


def test_a_page_with_a_player_says_where_the_feed_is(feed_site: Site) -> None:
    feed_site.build(strict=True, feed=True)

    def feeds(page: str) -> list[str]:
        links = [
            found for found in attributes(feed_site.html(page), "link") if found.get("type") == "application/rss+xml"
        ]
        assert all((found["rel"], found["title"]) == ("alternate", "The Book & more") for found in links)
        return [urljoin(SITE_URL + page, found["href"] or "") for found in links]

    assert feeds("second/index.html") == feeds("a b/1/index.html") == feeds("spoken/index.html")
    assert feeds("second/index.html") == [f"{SITE_URL}podcast.xml"]
    assert feeds("index.html") == []


def test_the_feed_is_the_same_in_every_build(feed_site: Site) -> None:
    feed_site.build(strict=True, feed=True)
    first = contents(feed_site.root / "site")
    shutil.rmtree(feed_site.root / "site")

    feed_site.build(strict=True, feed=True)

    again = contents(feed_site.root / "site")
    ours = [name for name in first if name == "podcast.xml" or name.startswith("assets/lightning/")]
    assert len(ours) == 1 + 2 + 3 * 2
    assert {name: again[name] for name in ours} == {name: first[name] for name in ours}


def test_dates_are_in_the_feed_only_where_all_pages_have_one(feed_site: Site) -> None:
    feed_site.write({"second.md": FEED_PAGES["second.md"].replace("date: 2026-04-01\n", "")})

    feed_site.build(strict=True, feed=True)

    assert [entry.get("published") for entry in parsed(feed_site).entries] == [None, None]


def test_a_feed_is_made_only_where_it_is_asked_for(feed_site: Site) -> None:
    feed_site.build(strict=True)

    assert not (feed_site.root / "site/podcast.xml").exists()
    assert "rss+xml" not in feed_site.html("second/index.html")


def test_a_feed_without_a_site_url_stops_the_build(
    site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"Plugin 'lightning' option 'feed': a feed needs site_url.*set it in mkdocs\.yml")
    site.write({"index.md": NARRATED})

    with pytest.raises(Abort):
        site.build(feed=True)

    assert service.requests == []


def test_a_feed_of_nothing_is_told(site: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning(r"^mkdocs_lightning: feed: no page is narrated.*see the option narrate$")
    site.config["site_url"] = SITE_URL
    site.write({"index.md": PAGE})

    site.build(feed=True)

    assert not (site.root / "site/podcast.xml").exists()
    assert "rss+xml" not in site.html("index.html")


def test_a_page_that_is_not_voiced_is_not_in_the_feed(
    feed_site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    feed_site.build(strict=True, feed=True)
    feed_site.write({"second.md": FEED_PAGES["second.md"] + "\nThese words are new, and nobody has voiced them.\n"})
    service.clear()
    expect_warning("1 sentence missing")

    feed_site.build(feed=True, max_characters=0)

    assert [entry.title for entry in parsed(feed_site).entries] == ["1 & 2"]
    assert "rss+xml" not in feed_site.html("second/index.html")
    assert "rss+xml" in feed_site.html("spoken/index.html")


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
@pytest.mark.parametrize("structure", ["suffix", "folder"])
def test_each_language_has_a_feed_and_words_of_its_own(site: Site, theme: str, structure: str) -> None:
    languages = [{"locale": "en", "name": "English", "default": True}, {"locale": "de", "name": "Deutsch"}]
    site.config = {
        "theme": {"name": theme},
        "site_url": SITE_URL,
        "plugins": [{"i18n": {"docs_structure": structure, "languages": languages}}],
    }
    home, heim, other = {
        "suffix": ("index.md", "index.de.md", "other.md"),
        "folder": ("en/index.md", "de/index.md", "en/other.md"),
    }[structure]
    german = NARRATED.replace("narrate: true", "narrate: true, language: de").replace("Narrated", "Vorgelesen")
    site.write({home: NARRATED, heim: german, other: PAGE})

    site.build(strict=True, feed=True)

    for language, page, title in (("en", "index.html", "Narrated"), ("de", "de/index.html", "Vorgelesen")):
        (entry,) = parsed(site, f"podcast.{language}.xml").entries
        assert entry.title == title
        assert published(site, entry.enclosures[0].href) == site.clips(page)[0]
        html = site.html(page)
        (link,) = [found for found in attributes(html, "link") if found.get("type") == "application/rss+xml"]
        assert urljoin(SITE_URL + page, link["href"] or "") == f"{SITE_URL}podcast.{language}.xml"
        assert [found["data-text"] for found in with_class(html, "speak-title")] == [
            ui_strings_for(language).page_title(0)
        ]
        assert parsed(site, f"podcast.{language}.xml").feed.language == language
    assert not (site.root / "site/podcast.xml").exists()
    for page in ("other/index.html", "de/other/index.html"):  # which nobody has translated
        assert [found["data-text"] for found in with_class(site.html(page), "speak-title")] == [
            ui_strings_for("en").listen
        ]
        assert languages_of(site, page) == [(None, None)]


@pytest.mark.parametrize("structure", ["suffix", "folder"])
def test_a_page_that_nobody_has_translated_is_in_the_feed_of_each_language(site: Site, structure: str) -> None:
    """And no language writes the feed of another."""
    languages = [
        {"locale": "en", "name": "English", "default": True},
        {"locale": "hi", "name": "Hindi"},
        {"locale": "es", "name": "Spanish"},
    ]
    site.config = {
        "site_url": SITE_URL,
        "theme": {"name": "material"},
        "nav": ["about.md", "index.md"],
        "plugins": [{"i18n": {"docs_structure": structure, "languages": languages}}],
    }
    home, inicio, about = {
        "suffix": ("index.md", "index.es.md", "about.md"),
        "folder": ("en/index.md", "es/index.md", "en/about.md"),
    }[structure]
    spanish = f"---\nlightning: {{narrate: true}}\n---\n# Inicio\n\n{SECOND}\n"
    site.write({home: NARRATED, inicio: spanish, about: NARRATED.replace("Narrated", "About")})

    site.build(strict=True, feed=True)

    assert sorted(path.name for path in (site.root / "site").rglob("podcast*.xml")) == [
        "podcast.en.xml",
        "podcast.es.xml",
        "podcast.hi.xml",
    ]
    for language, folder, titles in (
        ("en", "", ["About", "Narrated"]),
        ("hi", "hi/", ["About", "Narrated"]),
        ("es", "es/", ["About", "Inicio"]),
    ):
        feed = parsed(site, f"podcast.{language}.xml")
        assert (feed.feed.language, feed.feed.link) == (language, f"{SITE_URL}{folder}")
        assert [entry.title for entry in feed.entries] == titles
        assert [entry.link for entry in feed.entries] == [f"{SITE_URL}{folder}about/", f"{SITE_URL}{folder}"]
        assert f"podcast.{language}.xml" in site.html(f"{folder}about/index.html")
