"""The podcast, as the programs that read podcasts have it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import feedparser
import podcastparser
import pytest

from mkdocs_lightning.exports.podcast import Channel, Episode, chapters_json, make_feed, one_line
from mkdocs_lightning.exports.podcast_settings import FeedSettings
from mkdocs_lightning.player.chapters import Chapter
from tests.support.podcast_rules import ATOM, ITUNES, PODCAST, complaints

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANNEL = Channel(
    title="The Handbook",
    url="https://docs.example.org/",
    feed_url="https://docs.example.org/podcast.xml",
    description="All of the handbook, read aloud.",
    author="The authors",
    language="en-GB",
    copyright="© 2026 The authors",
)
EPISODE = Episode(
    title="Getting started",
    url="https://docs.example.org/start/",
    audio_url="https://docs.example.org/assets/lightning/start.mp3",
    size=123456,
    media_type="audio/mpeg",
    duration=65.4,
    transcript_url="https://docs.example.org/assets/lightning/start.vtt",
    transcript_language="de",
    summary="What to install, and why.",
    published=datetime(2026, 3, 1, 14, 30, 5, tzinfo=timezone(timedelta(hours=2))),
)
FULL_CHANNEL = replace(
    CHANNEL,
    image_url="https://docs.example.org/cover ü.png",
    settings=FeedSettings.parse(
        {
            "email": "podcast@example.org",
            "category": ["How To", "Technology", "Courses"],
            "explicit": True,
            "funding": {"url": "https://example.org/give", "text": "Give & take"},
            "locked": True,
        }
    ),
)
FULL_EPISODE = replace(EPISODE, chapters_url="https://docs.example.org/start.chapters.json", author="Jane Doe")
BARE_CHANNEL = replace(CHANNEL, description="", author="", language=None, copyright=None)
BARE_EPISODE = replace(EPISODE, transcript_language=None, summary="", published=None)

HOSTILE = [
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("</title></item></channel>", "</title></item></channel>"),
    ("List<int> & Map<str, int>", "List<int> & Map<str, int>"),
    ("Escaping &amp; and &#65;", "Escaping &amp; and &#65;"),
    ("<![CDATA[ a ]]> b ]]>", "<![CDATA[ a ]]> b ]]>"),
    ("<?xml version='1.0'?><!-- --> \"'", "<?xml version='1.0'?><!-- --> \"'"),
    ("a\x00b\x08c\x0bd\x0ce\x1bf\x1f", "abcdef"),
    ("a\ud800b\udfffc\ufffed\uffffe", "abcde"),
    ("\U0001f600 \U0001f469\u200d\U0001f4bb \U0010ffff", "\U0001f600 \U0001f469\u200d\U0001f4bb \U0010ffff"),
    ("\u202eسبت\u202c, שבת", "\u202eسبت\u202c, שבת"),
    ("\n  Around it \t", "Around it"),
]
LINES = [("Two\nlines,  and\r\nmore", "Two lines, and more"), ("x" * 2000, "x" * 254 + "…")]
URLS = [
    ("https://docs.example.org/a b/", "https://docs.example.org/a%20b/"),
    ("https://docs.example.org/größe/日本/", "https://docs.example.org/gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC/"),
    ("https://docs.example.org/?a=1&b=2;c=%26", "https://docs.example.org/?a=1&b=2;c=%26"),
    (
        "https://docs.example.org/a%20b/gr%C3%B6%C3%9Fe/~x_y-z.w",
        "https://docs.example.org/a%20b/gr%C3%B6%C3%9Fe/~x_y-z.w",
    ),
    ('https://docs.example.org/"<>{}|\\^`/', "https://docs.example.org/%22%3C%3E%7B%7D%7C%5C%5E%60/"),
    ("http://[::1]:8000/it's/(a),b+c=d!$*@e", "http://[::1]:8000/it's/(a),b+c=d!$*@e"),
    ("https://docs.example.org/\x00a\n", "https://docs.example.org/a"),
]


class _Text(HTMLParser):
    """Collects a page's text."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(autouse=True)
def _no_complaint(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not caplog.get_records("call")


def read(*episodes: Episode, channel: Channel = CHANNEL) -> Any:
    """The feed as feedparser has it."""
    parsed = feedparser.parse(make_feed(channel, episodes).encode())
    assert parsed.bozo is False
    assert "bozo_exception" not in parsed
    assert parsed.version == "rss20"
    return parsed


def listen(*episodes: Episode, channel: Channel = CHANNEL) -> Any:
    """The feed as podcastparser has it."""
    return podcastparser.parse(channel.feed_url, BytesIO(make_feed(channel, episodes).encode()))


def elements(*episodes: Episode, channel: Channel = CHANNEL) -> ET.Element:
    """The channel as it stands in the file."""
    found = ET.fromstring(make_feed(channel, episodes)).find("channel")
    assert found is not None
    return found


def shown(html: str) -> str:
    """The text that a browser shows."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return reader.text


def test_all_that_is_known_of_the_site_arrives() -> None:
    channel = read(EPISODE).feed

    assert channel.title == "The Handbook"
    assert channel.link == "https://docs.example.org/"
    assert channel.subtitle == "All of the handbook, read aloud."
    assert channel.author == "The authors"
    assert channel.language == "en-GB"
    assert channel.rights == "© 2026 The authors"
    assert channel.generator == "mkdocs-lightning"
    assert channel.itunes_type == "serial"
    self_links = [link for link in channel.links if link.rel == "self"]
    assert self_links == [
        {"rel": "self", "type": "application/rss+xml", "href": "https://docs.example.org/podcast.xml"},
    ]


def test_all_that_is_known_of_a_page_arrives() -> None:
    [entry] = read(EPISODE).entries

    assert entry.title == "Getting started"
    assert entry.link == entry.id == "https://docs.example.org/start/"
    assert shown(entry.summary) == "What to install, and why."
    assert entry.published == "Sun, 01 Mar 2026 14:30:05 +0200"
    assert entry.published_parsed[:6] == (2026, 3, 1, 12, 30, 5)  # in UTC
    assert entry.enclosures == [
        {
            "href": "https://docs.example.org/assets/lightning/start.mp3",
            "length": "123456",
            "type": "audio/mpeg",
        }
    ]
    assert entry.itunes_duration == "65"
    assert entry.itunes_episode == "1"
    assert entry.podcast_transcript == {
        "url": "https://docs.example.org/assets/lightning/start.vtt",
        "type": "text/vtt",
        "rel": "captions",
        "language": "de",
    }


def test_a_podcast_program_has_the_same() -> None:
    podcast = listen(EPISODE)
    [episode] = podcast.pop("episodes")

    assert podcast == {
        "title": "The Handbook",
        "link": "https://docs.example.org/",
        "description": "All of the handbook, read aloud.",
        "language": "en-GB",
        "generator": "mkdocs-lightning",
        "itunes_author": "The authors",
        "explicit": False,
        "type": "serial",
    }
    assert EPISODE.published is not None
    assert episode == {
        "title": "Getting started",
        "link": "https://docs.example.org/start/",
        "guid": "https://docs.example.org/start/",
        "description": "What to install, and why.",
        "description_html": "<p>What to install, and why.</p>",
        "published": EPISODE.published.timestamp(),
        "total_time": 65,
        "number": 1,
        "explicit": False,
        "payment_url": None,
        "enclosures": [
            {
                "url": "https://docs.example.org/assets/lightning/start.mp3",
                "file_size": 123456,
                "mime_type": "audio/mpeg",
            }
        ],
    }


def test_nothing_else_is_in_it() -> None:
    """Such as the time of the build, which would make every build a new feed."""
    channel = elements(EPISODE)
    item = channel.find("item")
    assert item is not None
    assert [element.tag for element in channel] == [
        *("title", "link", "description", "language", "copyright", "generator"),
        *(f"{ATOM}link", f"{ITUNES}author", f"{ITUNES}explicit", f"{ITUNES}type"),
        *(f"{PODCAST}guid", f"{PODCAST}medium", f"{PODCAST}person", "item"),
    ]
    assert [element.tag for element in item] == [
        *("title", "link", "guid", "description", "pubDate", "enclosure"),
        *(f"{ITUNES}duration", f"{ITUNES}episode", f"{ITUNES}explicit", f"{PODCAST}transcript"),
    ]
    assert channel.findtext(f"{ITUNES}explicit") == item.findtext(f"{ITUNES}explicit") == "false"
    assert [element.attrib for element in item.iter("guid")] == [{"isPermaLink": "true"}]


def test_the_same_input_gives_the_same_bytes() -> None:
    episodes = [EPISODE, BARE_EPISODE]
    feed = make_feed(CHANNEL, episodes)
    assert feed == make_feed(replace(CHANNEL), [replace(episode) for episode in episodes])
    assert feed.splitlines()[0] == "<?xml version='1.0' encoding='utf-8'?>"
    assert feed.endswith("</rss>\n")


def test_what_is_not_known_is_left_out() -> None:
    channel = elements(BARE_EPISODE, channel=BARE_CHANNEL)
    item = channel.find("item")
    assert item is not None
    assert not {"language", "copyright", f"{ITUNES}author"} & {element.tag for element in channel}
    assert not {"description", "pubDate"} & {element.tag for element in item}
    assert [element.attrib for element in item.iter(f"{PODCAST}transcript")] == [
        {"url": EPISODE.transcript_url, "type": "text/vtt", "rel": "captions"}
    ]
    assert read(BARE_EPISODE, channel=BARE_CHANNEL).entries[0].title == "Getting started"
    assert listen(BARE_EPISODE, channel=BARE_CHANNEL)["episodes"][0]["published"] == 0


@pytest.mark.parametrize("description", ["", " \n", "\x00"])
def test_a_channel_without_description_is_described_by_its_title(description: str) -> None:
    channel = replace(CHANNEL, description=description)
    assert read(channel=channel).feed.subtitle == listen(channel=channel)["description"] == "The Handbook"


def test_a_site_without_narrated_pages() -> None:
    assert read().entries == listen()["episodes"] == []
    assert read().feed.title == listen()["title"] == "The Handbook"


def test_the_order_of_the_site_numbers_the_episodes() -> None:
    titles = ["Second thoughts", "A first step", "Conclusion"]
    episodes = [replace(BARE_EPISODE, title=title, url=f"https://example.org/{title[0]}/") for title in titles]

    entries = read(*episodes).entries
    assert [(entry.itunes_episode, entry.title) for entry in entries] == list(zip("123", titles, strict=True))
    podcast = listen(*episodes)
    assert [(episode["number"], episode["title"]) for episode in podcast["episodes"]] == [*enumerate(titles, start=1)]


def _dated(**days: int | None) -> list[Episode]:
    """An episode for each title, on a day of March; at nine by a clock an hour behind."""
    zone = timezone(timedelta(hours=-1))
    return [
        replace(EPISODE, title=title, published=datetime(2026, 3, day, 9, 0, 0, tzinfo=zone) if day else None)
        for title, day in days.items()
    ]


def test_the_newest_episode_of_an_episodic_podcast_comes_first_and_the_oldest_is_the_first() -> None:
    channel = replace(CHANNEL, settings=FeedSettings(type="episodic"))
    utc = replace(EPISODE, title="half an hour before the third", published=datetime(2026, 3, 3, 9, 30, tzinfo=UTC))

    entries = read(*_dated(second=2, third=3, first=1, also_second=2), utc, channel=channel).entries

    assert [(entry.title, entry.itunes_episode) for entry in entries] == [
        ("third", "5"),
        ("half an hour before the third", "4"),
        ("second", "2"),
        ("also_second", "3"),
        ("first", "1"),
    ]


@pytest.mark.parametrize(("kind", "day"), [("serial", 1), ("episodic", None)])
def test_another_podcast_keeps_the_order_of_the_site(kind: str, day: int | None) -> None:
    """Also an episodic one without a date for each episode."""
    entries = read(*_dated(b=2, c=3, a=day), channel=replace(CHANNEL, settings=FeedSettings(type=kind))).entries

    assert [(entry.title, entry.itunes_episode) for entry in entries] == [("b", "1"), ("c", "2"), ("a", "3")]


@pytest.mark.parametrize(("given", "kept"), HOSTILE)
def test_hostile_texts(given: str, kept: str) -> None:
    channel = replace(CHANNEL, title=given, author=given, copyright=given)
    episode = replace(EPISODE, title=given, transcript_language=given)

    parsed = read(episode, EPISODE, channel=channel)
    assert [entry.title for entry in parsed.entries] == [kept, "Getting started"]
    assert parsed.entries[0].podcast_transcript["language"] == kept
    assert (parsed.feed.title, parsed.feed.author, parsed.feed.rights) == (kept, kept, kept)
    podcast = listen(episode, EPISODE, channel=channel)
    assert [found["title"] for found in podcast["episodes"]] == [kept, "Getting started"]
    assert (podcast["title"], podcast["itunes_author"]) == (kept, kept)


@pytest.mark.parametrize(("given", "kept"), HOSTILE)
def test_hostile_summaries(given: str, kept: str) -> None:
    """A summary is text, and what is read as HTML shows that text."""
    [entry] = read(replace(EPISODE, summary=given)).entries
    assert shown(entry.summary) == kept
    assert listen(replace(EPISODE, summary=given))["episodes"][0]["description_html"] == entry.summary


def test_quotes_arrive_where_few_escapes_are_known() -> None:
    summary = '"Why", and what\'s next & last'
    assert listen(replace(EPISODE, summary=summary))["episodes"][0]["description"] == summary


@pytest.mark.parametrize(("given", "kept"), URLS)
def test_urls(given: str, kept: str) -> None:
    channel = replace(CHANNEL, url=given, feed_url=given)
    episode = replace(EPISODE, url=given, audio_url=given, transcript_url=given)

    parsed = read(episode, channel=channel)
    [entry] = parsed.entries
    assert [link.href for link in parsed.feed.links] == [kept, kept]
    assert (entry.link, entry.id, entry.enclosures[0].href, entry.podcast_transcript["url"]) == (kept,) * 4
    [heard] = listen(episode)["episodes"]
    assert (heard["link"], heard["guid"], heard["enclosures"][0]["url"]) == (kept,) * 3


@pytest.mark.parametrize(("duration", "seconds"), [(0, 1), (0.4, 1), (1.6, 2), (59.96, 60), (3725.25, 3725)])
def test_durations(duration: float, seconds: int) -> None:
    episode = replace(EPISODE, duration=duration)
    assert read(episode).entries[0].itunes_duration == str(seconds)
    assert listen(episode)["episodes"][0]["total_time"] == seconds


# The whole podcast, for directories ----------------------------------------------------------------


def test_directories_accept_it() -> None:
    assert complaints(make_feed(FULL_CHANNEL, [FULL_EPISODE])) == []
    assert complaints(make_feed(FULL_CHANNEL, [])) == []


@pytest.mark.parametrize(("given", "kept"), [*HOSTILE, *LINES])
def test_directories_accept_hostile_texts(given: str, kept: str) -> None:
    channel = replace(FULL_CHANNEL, title=given, author=given, copyright=given, description=given * 100)
    episode = replace(FULL_EPISODE, title=given, summary=given * 1000, author=given)
    assert complaints(make_feed(channel, [episode])) == []
    assert read(episode, channel=channel).entries[0].title == kept


BREAKS = {
    "no itunes:image": ("<itunes:image href=.*?/>", "", "no image"),
    "a picture of another kind": (r"cover%20%C3%BC\.png", "cover.webp", "no image"),
    "no category": (
        "(?s)<itunes:category.*(?=<itunes:explicit>true</itunes:explicit>\\s*<itunes:type)",
        "",
        "no category",
    ),
    "no itunes:explicit": ("<itunes:explicit>true</itunes:explicit>(?=\\s*<itunes:type)", "", "explicit is neither"),
    "explicit as it was": (">true<", ">yes<", "explicit is neither"),
    "no language": ("<language>.*</language>", "", "no language"),
    "a language that is none": ("<language>en-GB<", "<language>English (UK)<", "its language is none"),
    "no self": ('rel="self"', 'rel="alternate"', "no atom:link to itself"),
    "another guid": ("<podcast:guid>[0-9a-f]{8}", "<podcast:guid>", "podcast:guid is no UUID"),
    "another medium": (">podcast</podcast:medium>", ">book</podcast:medium>", "podcast:medium is none"),
    "two titles": ("<title>The Handbook</title>", "<title>a</title><title>b</title>", "more than one title"),
    "a long title": ("<title>Getting", f"<title>{'x' * 255}", "title: 2"),
    "space around a title": ("<title>Getting", "<title> Getting", "white space at an end"),
    "no number": ("<itunes:episode>.*</itunes:episode>", "", "serial: an item has no number"),
    "no date": ("serial|<pubDate>.*</pubDate>", "episodic", "episodic: an item has no date"),
    "a date of another kind": ("Sun, 01 Mar 2026 14:30:05 .0200", "2026-03-01", "is no date of RFC 2822"),
    "a wrong day": ("Sun, 01 Mar", "Mon, 01 Mar", "is no date of RFC 2822"),
    "a clip of no length": ('length="123456"', 'length="0"', "its length is no number"),
    "a clip that Apple does not play": (r"start\.mp3", "start.opus", "Apple does not accept"),
    "a relative URL": ('url="https://docs.example.org/assets/lightning/start.mp3"', 'url="start.mp3"', "Apple does"),
    "no transcript": ("<podcast:transcript [^>]*/>", "", "no transcript"),
    "chapters of another type": ("json.chapters", "json", "its chapters have no URL, or another type"),
    "funding without URL": ('url="https://example.org/give"', 'url="give"', "podcast:funding has no URL"),
    "a long link": ("Give &amp; take", "x" * 129, "129 characters"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_checker_has_a_complaint_for_each_rule(name: str) -> None:
    pattern, replacement, complaint = BREAKS[name]
    feed = make_feed(FULL_CHANNEL, [FULL_EPISODE])
    broken = re.sub(pattern, replacement, feed)
    assert broken != feed
    assert any(complaint in found for found in complaints(broken))


def test_the_checker_finds_what_two_items_share() -> None:
    found = complaints(make_feed(FULL_CHANNEL, [FULL_EPISODE, FULL_EPISODE]))
    assert found == ["two items have one guid", "two items have one enclosure"]


def test_programs_read_what_directories_ask_for() -> None:
    parsed = read(FULL_EPISODE, channel=FULL_CHANNEL).feed
    assert parsed.image.href == "https://docs.example.org/cover%20%C3%BC.png"
    assert [tag.term for tag in parsed.tags] == ["Education", "How To", "Courses", "Technology"]
    assert parsed.publisher_detail.email == "podcast@example.org"
    podcast = listen(FULL_EPISODE, channel=FULL_CHANNEL)
    assert podcast["cover_url"] == "https://docs.example.org/cover%20%C3%BC.png"
    assert podcast["itunes_categories"] == [["Education", "How To", "Courses"], ["Technology"]]
    assert podcast["itunes_owner"] == {"name": "The authors", "email": "podcast@example.org"}
    assert podcast["explicit"] is podcast["episodes"][0]["explicit"] is True


@pytest.mark.parametrize(
    ("feed_url", "guid"),
    [  # the examples of the specification
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://podnews.net/rss//", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
    ],
)
def test_the_identity_of_a_podcast(feed_url: str, guid: str) -> None:
    assert elements(channel=replace(CHANNEL, feed_url=feed_url)).findtext(f"{PODCAST}guid") == guid
    moved = replace(CHANNEL, settings=FeedSettings(guid=guid))
    assert elements(channel=moved).findtext(f"{PODCAST}guid") == guid


@pytest.mark.parametrize(("locked", "written"), [(True, ["yes"]), (False, ["no"]), (None, [])])
def test_whether_others_may_import_it(*, locked: bool | None, written: list[str]) -> None:
    channel = elements(channel=replace(CHANNEL, settings=FeedSettings(locked=locked)))
    assert [element.text for element in channel.iter(f"{PODCAST}locked")] == written


def test_who_wrote_it() -> None:
    channel = elements(EPISODE, FULL_EPISODE)
    people = [(item.text, item.attrib) for item in channel.iter(f"{PODCAST}person")]
    assert people == [(name, {"role": "author", "group": "writing"}) for name in ("The authors", "Jane Doe")]


@pytest.mark.parametrize("text", ["&" * 5000, "ä" * 5000, "<b>" * 2000, "short"])
def test_a_description_has_as_many_bytes_as_it_may(text: str) -> None:
    channel = elements(replace(EPISODE, summary=text), channel=replace(CHANNEL, description=text))
    for description in channel.iter("description"):
        size = len((description.text or "").encode())
        assert size <= 4000
        assert size > 3900 or text == "short"


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n b\t\x00c", "a b c"), ("x" * 255, "x" * 255), ("x" * 256, "x" * 254 + "…"), ("\ud800", ""), ("", "")],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_chapters() -> None:
    chapters = [Chapter(0.0, "Getting\nstarted", ""), Chapter(12.345, "Größe & <b>", "größe-b")]
    assert json.loads(chapters_json(chapters, " A title ", "https://docs.example.org/start/")) == {
        "version": "1.2.0",
        "title": "A title",
        "chapters": [
            {"startTime": 0.0, "title": "Getting started"},
            {
                "startTime": 12.345,
                "title": "Größe & <b>",
                "url": "https://docs.example.org/start/#gr%C3%B6%C3%9Fe-b",
            },
        ],
    }
