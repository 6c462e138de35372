"""Whole builds, as listeners and their programs have them: players, captions, feeds, and a site otherwise untouched."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from mkdocs_lightning.player.ui_strings import ui_strings_for
from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service

THEMES = ("mkdocs", "readthedocs", "material")
SITE_URL = "https://docs.example.org/book/"
FIRST = "The first sentence of this page is here."
SECOND = "And this is the second one, a little longer."
PAGE = f"# Title\n\n:::speak\n{FIRST} {SECOND}\n:::\n"
NARRATE = "---\nlightning: {narrate: true}\n---\n"
NARRATED = f"{NARRATE}# Narrated\n\n{FIRST}\n\n{SECOND}\n"

Attributes = dict[str, str | None]


class _Reader(HTMLParser):
    """Collects a page's elements, its visible text, and what its scripts hold."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.data: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.data.append((self.elements[-1][0] if self.elements else "", data))


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def attributes(html: str, tag: str) -> list[Attributes]:
    return [found for name, found in read(html).elements if name == tag]


def with_class(html: str, class_: str) -> list[Attributes]:
    return [found for _, found in read(html).elements if class_ in (found.get("class") or "").split()]


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


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def pages_of(site: Site) -> list[str]:
    """The built pages that have a player."""
    root = site.root / "site"
    pages = [str(path.relative_to(root)) for path in root.rglob("*.html")]
    return sorted(page for page in pages if "<audio" in site.html(page))


def data_of(site: Site, page: str) -> list[dict[str, Any]]:
    """What a page says of its clips in JSON-LD."""
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', site.html(page), re.DOTALL)
    graphs = [json.loads(script) for script in scripts]
    assert all(graph["@context"] == "https://schema.org" for graph in graphs)
    return [clip for graph in graphs for clip in graph["@graph"]]


def published(site: Site, url: str) -> Path:
    """The file that is behind a whole address of the site."""
    assert url.startswith(SITE_URL)
    return site.root / "site" / url.removeprefix(SITE_URL)


def tracks_of(site: Site, page: str) -> list[str]:
    """The WebVTT that each player of a page links to, in their order; each link is followed as a browser does."""
    folder = (site.root / "site" / page).parent
    return [
        (folder / (found["src"] or "")).read_text(encoding="utf-8") for found in attributes(site.html(page), "track")
    ]


def cues_of(track: str) -> list[tuple[float, float, str]]:
    """The cues of a WebVTT file: start, end, text."""
    head, *blocks = track.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    cues = []
    for block in blocks:
        times, text = block.split("\n")
        start, end = (re.fullmatch(r"(\d\d+):(\d\d):(\d\d\.\d{3})", time) for time in times.split(" --> "))
        assert start
        assert end
        seconds = [int(time[1]) * 3600 + int(time[2]) * 60 + float(time[3]) for time in (start, end)]
        cues.append((*seconds, text))
    return cues  # type: ignore[return-value]


def starts_of(player: Attributes) -> list[float]:
    return [float(start) for start in (player["data-starts"] or "").split()]


# The rest of the site


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


CHINESE = "这是一句很长的话"
SEARCHED = {
    "index.md": f"# Home\n\nBefore.\n\n:::speak\n{FIRST} {SECOND}\n\n- An *item* & `more`.\n:::\n\nAfter.\n",
    "hidden.md": f"# Hidden\n\n:::speak text=hide title=Zebra\n{FIRST}\n:::\n\n## Part\n\n:::speak\n{SECOND}\n:::\n",
    "shut.md": f"# Collapsed\n\n- Item\n\n    :::speak text=collapse title=Zebra\n    {FIRST}\n    :::\n\nAfter.\n",
    "nested.md": f"# Nested\n\n::::speak\n{FIRST}\n\n:::speak language=de\n{SECOND}\n:::\n\nEnd.\n::::\n",
    "narrated.md": NARRATED,
    "both.md": f"{NARRATE}No title.\n\n:::speak\n{FIRST}\n:::\n\n## Part\n\n{SECOND}\n",
    "chinese.md": f"# 中文\n\n:::speak\n{CHINESE * 4}。{CHINESE * 5}。\n:::\n\n## 第二\n\n日本語の文です。\n",
    "thai.md": f"{NARRATE}# ไทย\n\nนี่คือประโยคแรกของย่อหน้านี้\n",
}


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
    visible = " ".join(text for tag, text in read(html).data if tag not in {"script", "style", "title"})
    assert FIRST in visible
    assert not re.search(r"Zebra|Listen|Transcript|0:0\d", visible)
    index = (site.root / "site/search/search_index.json").read_text(encoding="utf-8")
    assert not re.search(r"Zebra|Listen|Transcript|0:0\d", index)


# Captions and marks


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("use_directory_urls", [True, False])
def test_every_player_has_captions_that_end_with_its_clip(site: Site, theme: str, use_directory_urls: bool) -> None:
    site.config = {"theme": {"name": theme}, "use_directory_urls": use_directory_urls}
    site.write(SEARCHED)

    site.build(strict=True, output_format="wav")

    pages = pages_of(site)
    assert len(pages) == len(SEARCHED)
    for page in pages:
        html, clips, tracks = site.html(page), site.clips(page), tracks_of(site, page)
        players = attributes(html, "speak-player")
        assert len(players) == len(clips) == len(tracks) > 0
        for player, clip, track in zip(players, clips, tracks, strict=True):
            cues = cues_of(track)
            assert cues[-1][1] == pytest.approx(duration(clip), abs=0.001)
            assert float(player["data-duration"] or 0) == pytest.approx(duration(clip), abs=0.001)
            assert starts_of(player) == [start for start, _, _ in cues]
            times = [time for start, end, _ in cues for time in (start, end)]
            assert times == sorted(times)
            assert times[0] == 0.0


def test_the_captions_are_what_stands_on_the_page(site: Site) -> None:
    site.write({
        "index.md": ":::speak\nRun `a < b` &mdash; *now*; it is\nthe first. And this, at last, is the other 🎉.\n:::\n",
        "all.md": f"{NARRATE}# Title\n\nText & more.\n\n1. One.\n2. Two.\n",
    })  # fmt: skip

    site.build(strict=True)

    (track,) = tracks_of(site, "index.html")
    assert [text for _, _, text in cues_of(track)] == [
        "Run a &lt; b — now; it is the first.",
        "And this, at last, is the other.",
    ]
    (track,) = tracks_of(site, "all/index.html")
    assert [text for _, _, text in cues_of(track)] == ["Title", "Text &amp; more.", "1. One.", "2. Two."]


def test_every_sentence_of_the_captions_is_marked_on_the_page(site: Site) -> None:
    site.write(SEARCHED)

    site.build(strict=True)

    for page in pages_of(site):
        html = site.html(page)
        ids = [found["id"] for found in with_class(html, "speak")]
        wanted = {
            f"{name} {number}"
            for name, player in zip(ids, attributes(html, "speak-player"), strict=True)
            for number in range(len(starts_of(player)))
        }
        assert {found["data-cue"] for found in with_class(html, "speak-cue")} == wanted


def test_a_long_sentence_is_spoken_in_parts_and_is_one_caption(site: Site, service: Service) -> None:
    long = "This sentence goes on, and on, " * 12 + "until it ends."
    site.write({"index.md": f":::speak\n{long} {SECOND}\n:::\n"})

    site.build(strict=True, output_format="wav")

    assert len(service.spoken) == 3
    first, second = cues_of(tracks_of(site, "index.html")[0])
    parts = sorted(duration(path) for path in (site.root / ".cache").rglob("*.flac"))
    assert first[2] == long
    lengths = sum(parts) + 0.06 + 0.25
    assert second[1] == pytest.approx(lengths, abs=0.002)
    assert second[0] - first[1] == pytest.approx(0.25, abs=0.002)


def test_a_lexicon_changes_what_is_spoken_and_not_what_is_read(site: Site, service: Service) -> None:
    (site.root / "lexicon.yml").write_text("en: {SQL: sequel}\n", encoding="utf-8")
    site.config["site_url"] = SITE_URL
    site.write({"index.md": ":::speak\nAsk the database in SQL for all that it has.\n:::\n"})
    site.build(strict=True, lexicon="lexicon.yml")

    assert service.spoken == ["Ask the database in sequel for all that it has."]
    written = "Ask the database in SQL for all that it has."
    assert [text for _, _, text in cues_of(tracks_of(site, "index.html")[0])] == [written]
    assert [clip["transcript"] for clip in data_of(site, "index.html")] == [written]
    assert "sequel" not in site.html("index.html")
    assert len(with_class(site.html("index.html"), "speak-cue")) == 1


def test_two_texts_that_sound_alike_have_captions_of_their_own(site: Site, service: Service) -> None:
    (site.root / "lexicon.yml").write_text("en: {SQL: sequel}\n", encoding="utf-8")
    text = "Ask the database in {} for all that it has."
    site.write(
        {name: f":::speak\n{text.format(word)}\n:::\n" for name, word in {"a.md": "SQL", "b.md": "sequel"}.items()}
    )

    site.build(strict=True, lexicon="lexicon.yml")

    assert len(service.requests) == 1
    assert site.clips("a/index.html") == site.clips("b/index.html")
    for page, word in {"a/index.html": "SQL", "b/index.html": "sequel"}.items():
        assert [cue[2] for cue in cues_of(tracks_of(site, page)[0])] == [text.format(word)]


@pytest.mark.parametrize("change", ["older", "shorter", "damaged"])
def test_a_record_without_lengths_is_made_again_and_nothing_is_asked_for(
    site: Site, service: Service, change: str
) -> None:
    site.write({"index.md": PAGE})
    site.build(strict=True)
    tracks, clips = tracks_of(site, "index.html"), contents(site.root / "site/assets")
    service.clear()
    (path,) = (site.root / ".cache").rglob("clips/*/*.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    assert len(record["lengths"]) == 2
    if change == "older":
        del record["lengths"]
    else:
        record["lengths"] = record["lengths"][:1] if change == "shorter" else ["a", "b"]
    path.write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(site.root / "site")

    site.build(strict=True)

    assert service.requests == []
    assert tracks_of(site, "index.html") == tracks
    assert contents(site.root / "site/assets") == clips
    assert len(json.loads(path.read_text(encoding="utf-8"))["lengths"]) == 2


# Languages


def languages_of(site: Site, page: str = "index.html") -> list[tuple[str | None, str | None]]:
    return [(found.get("lang"), found.get("dir")) for found in with_class(site.html(page), "speak-text")]


@pytest.mark.parametrize(
    ("theme", "options", "front_matter", "block", "expected"),
    [
        ({"name": "mkdocs"}, {}, "", "", (None, None)),
        ({"name": "mkdocs"}, {}, "", "language=en", (None, None)),
        ({"name": "mkdocs"}, {}, "", "language=hi", ("hi", "ltr")),
        ({"name": "mkdocs"}, {}, "", "language=ar", ("ar", "rtl")),
        ({"name": "mkdocs"}, {}, "language: ar", "", ("ar", "rtl")),
        ({"name": "mkdocs"}, {}, "language: ar", "language=en", (None, None)),
        ({"name": "mkdocs"}, {"language": "ar"}, "", "", ("ar", "rtl")),
        ({"name": "mkdocs"}, {"language": "ar"}, "language: hi", "", ("hi", "ltr")),
        ({"name": "mkdocs", "locale": "de"}, {}, "", "language=de", (None, None)),
        ({"name": "mkdocs", "locale": "de"}, {}, "", "language=en", ("en", "ltr")),
        ({"name": "mkdocs", "locale": "pt_BR"}, {}, "", "language=pt", (None, None)),
        ({"name": "readthedocs", "locale": "de"}, {}, "", "language=de", (None, None)),
        ({"name": "material", "language": "de"}, {"language": "de"}, "", "", (None, None)),
        ({"name": "material", "language": "ar"}, {}, "", "language=ar", (None, None)),
        ({"name": "material", "language": "ar"}, {}, "", "language=de", ("de", "ltr")),
        ({"name": "material", "language": "nb"}, {}, "", "language=no", (None, None)),
        ({"name": "material", "language": "de"}, {}, "", "", (None, None)),
    ],
)
def test_a_text_in_another_language_than_its_page_says_so(  # noqa: PLR0917
    site: Site, theme: dict[str, str], options: dict[str, object], front_matter: str, block: str, expected: object
) -> None:
    site.config["theme"] = theme
    site.write({"index.md": f"---\nlightning: {{{front_matter}}}\n---\n# Title\n\n:::speak {block}\n{FIRST}\n:::\n"})

    site.options |= options
    site.build(strict=True)

    assert languages_of(site) == [expected]


@pytest.mark.parametrize("where", ["block", "page", "site"])
def test_a_language_that_nobody_knows_is_not_said(site: Site, where: str) -> None:
    front_matter = "---\nlightning: {language: auto, narrate: true}\n---\n" if where == "page" else ""
    block = "language=auto" if where == "block" else ""
    site.config["site_url"] = SITE_URL
    site.write({"index.md": f"{front_matter}# Title\n\n:::speak {block}\n{FIRST}\n:::\n"})

    site.build(strict=True, feed=where == "page", language="auto" if where == "site" else None)

    assert languages_of(site) == [(None, None)]
    assert {track["srclang"] for track in attributes(site.html("index.html"), "track")} == {"en"}
    assert not [clip for clip in data_of(site, "index.html") if "inLanguage" in clip]
    assert '"auto"' not in site.html("index.html")
    if where == "page":
        assert '"auto"' not in (site.root / "site/podcast.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("theme", "language"),
    [
        ({"name": "mkdocs"}, "en"),
        ({"name": "mkdocs", "locale": "de"}, "de"),
        ({"name": "mkdocs", "locale": "pt_BR"}, "pt"),
        ({"name": "readthedocs", "locale": "fr"}, "fr"),
        ({"name": "material"}, "en"),
        ({"name": "material", "language": "ar"}, "ar"),
        ({"name": "material", "language": "pt-BR"}, "pt"),
        ({"name": "material", "language": "nb"}, "no"),
        ({"name": "material", "language": "is"}, "en"),
    ],
)
def test_the_player_speaks_the_reader_s_language(site: Site, theme: dict[str, str], language: str) -> None:
    words = ui_strings_for(language)
    assert language in {"en", "is"} or words != ui_strings_for("en")
    site.config |= {"theme": theme, "site_url": SITE_URL}
    site.write({"index.md": f"{NARRATE}# Title\n\n:::speak text=collapse\n{FIRST}\n:::\n"})

    site.build(strict=True)

    html = site.html("index.html")
    assert [found["data-text"] for found in with_class(html, "speak-title")] == [words.this_page, words.listen]
    assert [found["data-text"] for found in with_class(html, "speak-summary")] == [words.transcript]
    assert {found["label"] for found in attributes(html, "track")} == {words.transcript}
    labels = [found["aria-label"] or "" for found in attributes(html, "audio")]
    assert [label.rsplit(",", 1)[0] for label in labels] == [f"{words.listen}: Title", f"{words.listen}: {FIRST}"]
    assert {(found["data-words"] or "").split("|")[0] for found in attributes(html, "speak-player")} == {words.play}
    assert {clip["description"] for clip in data_of(site, "index.html")} == {words.synthetic}


# What programs learn


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("output_format", ["mp3", "opus", "wav"])
def test_every_page_describes_its_clips(site: Site, theme: str, output_format: str) -> None:
    site.config = {"theme": {"name": theme}, "site_url": SITE_URL, "site_name": "</script> & Co."}
    site.write({"index.md": PAGE, "deep/er/page.md": NARRATED + f"\n:::speak title='<b>&</b>'\n{FIRST}\n:::\n"})

    site.build(strict=True, output_format=output_format)

    for page in ("index.html", "deep/er/page/index.html"):
        described = data_of(site, page)
        clips = site.clips(page)
        assert [published(site, clip["contentUrl"]) for clip in described] == clips or len(clips) > 1
        assert sorted(published(site, clip["contentUrl"]) for clip in described) == sorted(clips)
        for clip in described:
            file = published(site, clip["contentUrl"])
            assert clip["contentSize"] == f"{file.stat().st_size} B"
            assert (
                clip["encodingFormat"] == {"mp3": "audio/mpeg", "opus": "audio/ogg", "wav": "audio/wav"}[output_format]
            )
            assert clip["inLanguage"] == "en"
            seconds = re.fullmatch(r"PT0H0M(\d+)S", clip["duration"])
            assert seconds
            assert int(seconds[1]) == pytest.approx(duration(file), abs=0.6)
    assert [clip["transcript"] for clip in data_of(site, "index.html")] == [f"{FIRST} {SECOND}"]
    assert {clip["name"] for clip in data_of(site, "deep/er/page/index.html")} == {"Narrated", "<b>&</b>"}


def test_without_a_site_url_nothing_is_made_up(site: Site) -> None:
    site.write({"index.md": PAGE})

    site.build(strict=True)

    for clip in data_of(site, "index.html"):
        assert not urlsplit(clip["contentUrl"]).netloc


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


def test_the_script_comes_once_to_a_page_with_players(site: Site) -> None:
    site.config["theme"] = {"name": "material", "features": ["navigation.instant"]}
    site.write({"index.md": NARRATED + f"\n:::speak\n{FIRST}\n:::\n" * 2, "silent.md": "# Silent\n"})

    site.build(strict=True)

    html = site.html("index.html")
    (script,) = [found for found in attributes(html, "script") if (found.get("src") or "").endswith("player.js")]
    assert "defer" in script
    assert len(site.clips("index.html")) == 3
    article = html[html.index("<article") : html.index("</article>")]
    assert "player.js" in article, "Material's instant navigation runs no other script"
    assert "player.js" not in site.html("silent/index.html")
    assert "speak" not in site.html("silent/index.html")


# The podcast


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
def test_the_feed_has_the_narrated_pages_in_their_order(feed_site: Site, output_format: str) -> None:
    feed_site.build(strict=True, feed=True, output_format=output_format)

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
    expect_warning(r"mkdocs\.yml, plugin 'lightning', option 'feed': a feed needs site_url.*set it in mkdocs\.yml")
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
        assert [found["data-text"] for found in with_class(html, "speak-title")] == [ui_strings_for(language).this_page]
        assert parsed(site, f"podcast.{language}.xml").feed.language == language
    assert not (site.root / "site/podcast.xml").exists()
    for page in ("other/index.html", "de/other/index.html"):  # which nobody has translated
        assert [found["data-text"] for found in with_class(site.html(page), "speak-title")] == [
            ui_strings_for("en").listen
        ]
        assert languages_of(site, page) == [(None, None)]
