"""A whole build whose podcast is for directories, and what its pages say of their clips."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin
from xml.etree import ElementTree as ET

import feedparser
import podcastparser
import pytest
from mkdocs.exceptions import Abort

from tests.support.html import Page, attributes
from tests.support.images import jpeg, png
from tests.support.podcast_rules import ITUNES, PODCAST, complaints
from tests.support.published import FIRST, NARRATE, NARRATED, PAGE, SECOND, SITE_URL, published
from tests.support.sites import three_languages

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.support.service import Service
    from tests.support.sites import Site

FEED = {
    "title": "The Book, read aloud",
    "description": "All of the book.",
    "author": "Its authors",
    "email": "podcast@example.org",
    "image": "img/cover ü.png",
    "category": ["How To", "technology"],
    "funding": "https://example.org/give",
    "locked": True,
}
CHAPTERS = f"{NARRATE}# Home & more\n\n{FIRST}\n\n## Größe\n\n{SECOND}\n\n## No anchor {{: #own }}\n\n{FIRST}\n"
META = ("og:audio", "og:audio:secure_url", "og:audio:type")


@pytest.fixture
def book(site: Site) -> Site:
    site.config = {
        "site_url": SITE_URL,
        "nav": ["index.md", "a b/1.md", "spoken.md"],
        "markdown_extensions": ["attr_list", {"toc": {"permalink": True}}],
    }
    site.options |= {"sample_rate": 8000}
    site.write({"index.md": CHAPTERS, "a b/1.md": NARRATED, "spoken.md": PAGE})
    (site.root / "docs/img").mkdir()
    (site.root / "docs/img/cover ü.png").write_bytes(png(1400, 1400))
    return site


def feed_of(site: Site, name: str = "podcast.xml") -> str:
    return (site.root / "site" / name).read_text(encoding="utf-8")


def channel_of(site: Site, name: str = "podcast.xml") -> ET.Element:
    channel = ET.fromstring(feed_of(site, name).encode()).find("channel")
    assert channel is not None
    return channel


def head_of(site: Site, page: str) -> tuple[list[dict[str, str | None]], dict[str | None, str | None]]:
    """The links to other forms of a page, and its metadata for Open Graph."""
    head = site.html(page).partition("</head>")[0]
    links = [found for found in attributes(head, "link") if "alternate" in (found.get("rel") or "").split()]
    metadata = [found for found in attributes(head, "meta") if found.get("property") in META]
    return (
        [found for found in links if (found.get("type") or "").startswith("audio/")],
        {found["property"]: found["content"] for found in metadata},
    )


def test_directories_accept_the_podcast(book: Site) -> None:
    book.build(strict=True, feed=FEED)

    assert complaints(feed_of(book)) == []
    channel = channel_of(book)
    assert channel.findtext("title") == "The Book, read aloud"
    assert (channel.findtext("description") or "").startswith("All of the book. ")
    image = channel.find(f"{ITUNES}image")
    assert image is not None
    assert (book.root / "site" / unquote(image.attrib["href"]).removeprefix(SITE_URL)).read_bytes() == png(1400, 1400)
    (link,) = [found for found in attributes(book.html("index.html"), "link") if "rss" in (found.get("type") or "")]
    assert link["title"] == "The Book, read aloud"
    parsed = feedparser.parse(feed_of(book).encode())
    assert not parsed.bozo
    assert [entry.title for entry in parsed.entries] == ["Home & more", "Narrated"]
    with (book.root / "site/podcast.xml").open("rb") as stream:
        assert len(podcastparser.parse(f"{SITE_URL}podcast.xml", stream)["episodes"]) == 2


def test_the_chapters_of_an_episode_are_those_of_its_player(book: Site) -> None:
    book.build(strict=True, feed=FEED)

    whole, without = channel_of(book).findall("item")
    assert without.find(f"{PODCAST}chapters") is None  # with one heading
    (chapters,) = whole.findall(f"{PODCAST}chapters")
    found: dict[str, Any] = json.loads(published(book, unquote(chapters.attrib["url"])).read_text(encoding="utf-8"))
    assert (found["version"], found["title"]) == ("1.2.0", "Home & more")
    (player,) = [each["data-chapters"] for _, each in Page(book.html("index.html")).elements if "data-chapters" in each]
    assert [(each["startTime"], each["title"]) for each in found["chapters"]] == [
        (start, title) for start, title, _ in json.loads(player or "")
    ]
    ids = re.findall(r'\bid="([^"]+)"', book.html("index.html"))
    for each in found["chapters"]:
        page, _, anchor = each["url"].partition("#")
        assert page == SITE_URL
        assert unquote(anchor) in ids


def test_the_same_build_gives_the_same_podcast(book: Site, service: Service) -> None:
    book.build(strict=True, feed=FEED)
    first = {
        path.name: path.read_bytes() for path in (book.root / "site").rglob("*") if path.suffix in {".xml", ".json"}
    }
    service.clear()

    book.build(strict=True, feed=FEED)

    again = {
        path.name: path.read_bytes() for path in (book.root / "site").rglob("*") if path.suffix in {".xml", ".json"}
    }
    assert {name: again[name] for name in first if "chapters" in name or name == "podcast.xml"} == {
        name: first[name] for name in first if "chapters" in name or name == "podcast.xml"
    }
    assert service.requests == []


@pytest.mark.parametrize("structure", ["suffix", "folder"])
def test_each_language_has_a_podcast_of_its_own_with_one_image(book: Site, structure: str) -> None:
    book.config = {"site_url": SITE_URL, "plugins": [three_languages(structure)]}
    if structure == "folder":
        for page in ("index.md", "a b/1.md", "spoken.md"):
            (book.root / "docs" / page).unlink()
    names = {
        "suffix": {"index.md": "Home", "index.de.md": "Heim", "index.es.md": "Inicio"},
        "folder": {"en/index.md": "Home", "de/index.md": "Heim", "es/index.md": "Inicio"},
    }
    book.write(
        {name: f"{NARRATE}# {title}\n\n{FIRST}\n\n## More\n\n{SECOND}\n" for name, title in names[structure].items()}
    )

    guid = "9b024349-ccf0-5f69-a609-6b82873eab3c"
    book.build(strict=True, feed=FEED | {"guid": guid})

    channels = {code: channel_of(book, f"podcast.{code}.xml") for code in ("en", "de", "es")}
    assert [complaints(feed_of(book, f"podcast.{code}.xml")) for code in channels] == [[]] * 3
    guids = [channel.findtext(f"{PODCAST}guid") for channel in channels.values()]
    assert guids[0] == guid
    assert len(set(guids)) == 3  # podcasts with one guid would be one show to a directory
    for code, channel in channels.items():
        assert channel.findtext("language") == code
        image, chapters = channel.find(f"{ITUNES}image"), channel.find(f"item/{PODCAST}chapters")
        assert image is not None
        assert chapters is not None
        for url in (image.attrib["href"], chapters.attrib["url"]):
            assert published(book, unquote(url)).is_file()


@pytest.mark.parametrize(
    ("feed", "message"),
    [
        ({"titel": "x"}, r"unknown option 'titel' \(did you mean 'title'\?\)"),
        ({"image": "img/none.png"}, r"image: there is no 'img/none.png' in docs_dir"),
        ({"image": "../cover.png"}, r"image: '../cover.png' is not in docs_dir"),
        (
            {"image": "img/small.jpg"},
            r"image: 'img/small.jpg' has 1399 x 1399 pixels; podcast directories accept 1400 x 1400",
        ),
        ({"image": "img/text.png"}, r"image: 'img/text.png' is neither a JPEG nor a PNG image"),
        ({"image": "img/hidden.png"}, r"image: 'img/hidden.png' is not a file of the site: 'exclude_docs'"),
        ({"category": "Tecnology"}, r"category: 'Tecnology' is not in Apple's list .*'Technology'"),
        ({"title": "x" * 2000}, r"title: it has 2,000 characters"),
        ({"email": "me"}, r"email: 'me' is not an e-mail address"),
        ("sometimes", r"'feed': true or a mapping is expected, not text"),
    ],
)
def test_what_directories_would_refuse_stops_the_build_before_anything_is_sent(
    book: Site, service: Service, expect_warning: Callable[[str], None], feed: object, message: str
) -> None:
    folder = book.root / "docs/img"
    (folder / "small.jpg").write_bytes(jpeg(1399, 1399))
    (folder / "hidden.png").write_bytes(png(1400, 1400))
    (folder / "text.png").write_text("no image", encoding="utf-8")
    (book.root / "cover.png").write_bytes(png(1400, 1400))
    book.config["exclude_docs"] = "hidden.png"
    expect_warning(message)

    with pytest.raises((Abort, SystemExit)):
        book.build(feed=feed)

    assert service.requests == []


@pytest.mark.parametrize(
    ("site_url", "message"),
    [("", "a feed needs site_url"), ("https://:8000/", "site_url: 'https://:8000/' is not a URL")],
)
def test_a_site_without_an_address(
    book: Site, service: Service, expect_warning: Callable[[str], None], site_url: str, message: str
) -> None:
    book.config["site_url"] = site_url
    expect_warning(message)
    with pytest.raises(Abort):
        book.build(feed=True)
    assert service.requests == []


def test_a_title_that_is_too_long_is_cut_in_the_feed_alone(book: Site, expect_warning: Callable[[str], None]) -> None:
    title = "word " * 400
    expect_warning(
        "feed: the title of 'a b/1.md' has 1,999 characters, and podcast directories accept 255: it is truncated "
        "in the feed"
    )
    book.write({"a b/1.md": f"---\ntitle: {title}\nlightning: {{narrate: true}}\n---\n{FIRST}\n"})

    book.build(feed=FEED)

    assert complaints(feed_of(book)) == []
    assert title.strip() in book.html("a b/1/index.html")


@pytest.mark.parametrize("is_dated", [True, False])
def test_an_episodic_podcast_needs_dates(book: Site, expect_warning: Callable[[str], None], *, is_dated: bool) -> None:
    date = "date: 2026-03-01\n" if is_dated else ""
    book.write({"index.md": CHAPTERS.replace("---\n", f"---\n{date}", 1)})
    book.write({"a b/1.md": NARRATED.replace("---\n", "---\ndate: 2026-03-02\nauthor: Jane Doe\n", 1)})
    if not is_dated:
        expect_warning(
            "feed: type 'episodic' sorts episodes by date, but 'index.md' has none, so the feed has no dates"
        )

    book.build(feed=FEED | {"type": "episodic"})

    assert complaints(feed_of(book)) == [] if is_dated else ["episodic: an item has no date"] * 2
    numbers = [number.text for number in channel_of(book).iter(f"{ITUNES}episode")]
    assert numbers == (["2", "1"] if is_dated else ["1", "2"])
    people = [person.text for person in channel_of(book).iter(f"{PODCAST}person")]
    assert people == ["Its authors", "Jane Doe"]


# The pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output_format", "media_type"), [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("pcm", "audio/wav")]
)
@pytest.mark.parametrize("site_url", [SITE_URL, "http://docs.example.org/", ""])
def test_a_narrated_page_names_its_clip(book: Site, output_format: str, media_type: str, site_url: str) -> None:
    book.config["site_url"] = site_url
    book.build(strict=True, output_format=output_format)

    for page, url, title in (("index.html", "", "Home & more"), ("a b/1/index.html", "a%20b/1/", "Narrated")):
        links, metadata = head_of(book, page)
        (link,) = links
        assert (link["type"], link["title"]) == (media_type, title)
        (clip,) = book.clips(page)
        assert (book.root / "site" / page).parent.joinpath(unquote(link["href"] or "")).resolve() == clip
        absolute = urljoin(site_url + url, link["href"])
        secure = {"og:audio:secure_url": absolute} if site_url.startswith("https:") else {}
        assert metadata == ({"og:audio": absolute, **secure, "og:audio:type": media_type} if site_url else {})
    assert head_of(book, "spoken/index.html") == ([], {})


def test_a_page_without_a_clip_names_none(book: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning("sentences missing")
    book.build(max_characters=0)
    assert head_of(book, "index.html") == ([], {})


def test_a_draft_is_named_nowhere(book: Site) -> None:
    book.build("serve")
    assert book.clips("index.html")
    assert head_of(book, "index.html") == ([], {})


def test_what_a_theme_says_for_open_graph_stays(book: Site) -> None:
    theme = book.root / "theme"
    theme.mkdir()
    (theme / "main.html").write_text(
        '{% extends "base.html" %}{% block extrahead %}'
        '<meta property="og:audio" content="https://a.org/own.mp3">{% endblock %}',
        encoding="utf-8",
    )
    book.config["theme"] = {"name": "mkdocs", "custom_dir": "theme"}
    book.build(strict=True)
    links, metadata = head_of(book, "index.html")
    assert len(links) == 1
    assert metadata == {"og:audio": "https://a.org/own.mp3"}
