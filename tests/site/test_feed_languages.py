"""The podcast of a site in several languages under `publish`: one language a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import feedparser
import pytest
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from mkdocs_lightning.player.ui_strings import ui_strings_for
from tests.support.published import FIRST, SECOND
from tests.support.sites import KEY

if TYPE_CHECKING:
    from tests.support.plain_program import Program

SITE = "https://press.example.org/"
RSS = "application/rss+xml"


def write(program: Program, **languages: str) -> None:
    """Write pages, by the beginnings of their names, each in a language; `de_x` is `de/x.html`."""
    for name, language in languages.items():
        uri = f"{name.replace('_', '/')}.html"
        html = f'<html lang="{language}">' if language else "<html>"
        text = FIRST if language.startswith("en") else SECOND
        head = f'<head><title>{name}</title><link rel="canonical" href="{SITE}{uri}"></head>'
        program.write(uri, f"<!DOCTYPE html>{html}{head}<body><main><h1>{name}</h1><p>{text}</p></main></body></html>")


def feed_of(program: Program, uri: str = "podcast.xml") -> Any:
    return feedparser.parse(program.html(uri))


def test_a_feed_has_the_pages_in_its_language(empty_program: Program) -> None:
    """Those of any region, and those without a language. The others keep their players, and do not link to it."""
    write(empty_program, index="en-GB", a_b="en-US", a_c="", de_index="de", fr_index="fr")
    empty_program.configure(feed=True, narrate=["**"])

    result = empty_program.publish()

    assert result.exit_code == 0
    feed = feed_of(empty_program)
    assert feed.feed.language == "en-GB"
    assert [entry.title for entry in feed.entries] == ["index", "a_b", "a_c"]
    assert (
        "INFO    -  mkdocs_lightning: feed: the language of podcast.xml is 'en-GB', so 2 pages in another language "
        "have no episode, only a player: de/index.html, fr/index.html. For a feed in that language, publish its folder "
        "by itself afterward, with a site_url of its own\n"
    ) in result.stderr
    pages = ("index.html", "a/b.html", "a/c.html", "de/index.html", "fr/index.html")
    assert [RSS in empty_program.html(uri) for uri in pages] == [True, True, True, False, False]
    assert all(len(empty_program.clips(uri)) == 1 for uri in pages)


@pytest.mark.parametrize("home", ["en", "en-US", "it", ""])
def test_the_home_page_decides_the_language_also_if_it_is_silent(empty_program: Program, home: str) -> None:
    """If no episode is in its language, the first page does."""
    write(empty_program, index=home, de_a="de", posts_a="en")
    empty_program.configure(feed=True, narrate=["de/*", "posts/*"])

    assert empty_program.publish().exit_code == 0

    feed = feed_of(empty_program)
    assert [(feed.feed.language, entry.title) for entry in feed.entries] == [
        ("en", "posts_a") if home.startswith("en") else ("de", "de_a")
    ]


def test_a_language_is_the_same_in_two_and_in_three_letters(empty_program: Program) -> None:
    write(empty_program, index="deu-AT", a="de", b="ger", c="eng")
    empty_program.configure(feed=True, narrate=["**"])

    assert empty_program.publish().exit_code == 0

    feed = feed_of(empty_program)
    assert (feed.feed.language, [entry.title for entry in feed.entries]) == ("de-AT", ["index", "a", "b"])


def test_spaces_around_a_language_do_not_count(empty_program: Program) -> None:
    write(empty_program, index=" deu", a="de", b="\nger-AT ")
    empty_program.configure(feed=True, narrate=["**"])

    assert empty_program.publish().exit_code == 0

    feed = feed_of(empty_program)
    assert (feed.feed.language, [entry.title for entry in feed.entries]) == ("de", ["index", "a", "b"])
    assert ui_strings_for("de").listen_to_page in empty_program.html("index.html")


@pytest.mark.parametrize(("home", "language"), [("de", "de"), ("", "en")])
def test_the_home_page_has_the_language_of_pages_that_name_none(
    empty_program: Program, home: str, language: str
) -> None:
    write(empty_program, index=home, posts_a="", posts_b="")
    empty_program.configure(feed=True, narrate=["posts/*"])

    assert empty_program.publish().exit_code == 0

    feed = feed_of(empty_program)
    assert (feed.feed.language, [entry.title for entry in feed.entries]) == (language, ["posts_a", "posts_b"])


def test_a_home_page_that_leads_elsewhere_decides_nothing(empty_program: Program) -> None:
    write(empty_program, de_a="de", en_a="en")
    refresh = '<html lang="en"><head><meta http-equiv="refresh" content="0; url=de/"></head></html>'
    empty_program.write("index.html", refresh)
    empty_program.configure(feed=True, narrate=["de/*", "en/*"])

    assert empty_program.publish().exit_code == 0

    assert feed_of(empty_program).feed.language == "de"


def test_a_site_in_one_language_is_told_nothing(empty_program: Program) -> None:
    write(empty_program, a="", index="en", b="en-AU")
    empty_program.configure(feed=True, narrate=["**"])

    assert "feed: the language" not in empty_program.publish().stderr
    assert len(feed_of(empty_program).entries) == 3


def test_each_language_has_a_feed_if_its_folder_is_published_by_itself(empty_program: Program) -> None:
    """As docs/how-to/podcast.md describes it, from the cache that the site has."""
    write(empty_program, index="en", a="en", de_index="de", de_a="de")
    empty_program.configure(feed=True, narrate=["**"])
    assert empty_program.publish().exit_code == 0
    english, asked = empty_program.html("podcast.xml"), empty_program.asked()
    config = empty_program.root / "mkdocs.yml"
    german = config.read_text(encoding="utf-8").replace("Elsewhere", f"Anderswo\nsite_url: {SITE}de/")
    config.with_name("mkdocs.de.yml").write_text(german, encoding="utf-8")
    arguments = ["publish", str(empty_program.output / "de"), "-f", "mkdocs.de.yml"]

    result = CliRunner(env={"SMALLEST_API_KEY": KEY}).invoke(main, arguments)

    assert (result.exit_code, result.stderr) == (0, "")
    assert empty_program.asked() == asked
    assert empty_program.html("podcast.xml") == english
    feed = feed_of(empty_program, "de/podcast.xml")
    assert (feed.feed.title, feed.feed.language, feed.feed.link) == ("Anderswo", "de", f"{SITE}de/")
    assert [entry.link for entry in feed.entries] == [f"{SITE}de/index.html", f"{SITE}de/a.html"]
    for entry in feed.entries:
        audio = entry.enclosures[0].href.removeprefix(SITE)
        assert (empty_program.output / audio).stat().st_size == int(entry.enclosures[0].length)
    html = empty_program.html("de/a.html")
    assert f'<link rel="alternate" type="{RSS}" title="Anderswo" href="podcast.xml">' in html
    assert html.count(RSS) == 1
