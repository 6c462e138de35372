"""What decides on whole pages under `publish`: their own settings, patterns and selectors, with their mistakes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import feedparser
import pytest

from tests.support.commands import contents
from tests.support.published import FIRST, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program


PAGE = f"""\
<!DOCTYPE html>
<html lang="en">
<head><meta charset=utf-8>{{head}}<title>The press</title></head>
<body><main><h1>The press</h1><p>{FIRST} {SECOND}</p></main></body>
</html>
"""


@pytest.fixture
def plain(empty_program: Program) -> Program:
    """A site of plain HTML with one page."""
    write(empty_program)
    return empty_program


def write(program: Program, *urls: str, settings: str = "") -> None:
    """Write pages that are alike."""
    head = f'<meta name="lightning" content="{settings}">' if settings else ""
    for url in urls or ["index.html"]:
        program.write(url, PAGE.format(head=head))


def test_a_page_without_a_block_names_the_engine_and_the_format_of_its_site(plain: Program) -> None:
    write(plain, settings="engine: offline; output_format: wav; narrate: true")
    result = plain.publish()
    assert (result.exit_code, result.stderr, plain.service.requests) == (0, "", [])
    assert plain.clips("index.html")[0].suffix == ".wav"
    assert plain.publish("--engine", "lightning").exit_code == 0
    assert plain.service.requests


@pytest.mark.parametrize(
    ("setting", "others"), [("engine", ("offline", "lightning")), ("output_format", ("wav", "mp3"))]
)
def test_narrated_pages_and_blocks_have_to_agree(plain: Program, setting: str, others: tuple[str, str]) -> None:
    ours, theirs = others
    write(plain, settings=f"narrate: true; {setting}: {ours}")
    write(plain, "silent.html", settings=f"{setting}: {theirs}")  # nothing of it is spoken
    plain.build({"block.html": f":::speak\n{FIRST}\n:::\n"}, **{setting: theirs})
    result = plain.publish()
    assert (result.exit_code, plain.service.requests) == (2, [])
    assert f"{setting}: the pages were built with different values" in result.stderr
    plain.build({"block.html": f":::speak\n{FIRST}\n:::\n"}, **{setting: ours})
    assert plain.publish().exit_code == 0


@pytest.mark.parametrize(
    ("settings", "reason"),
    [("engine: 5", "5 is not text"), ("output_format: mp4", "'mp4' is not one of"), ("engin: offline", "'engin'")],
)
def test_what_a_page_says_wrongly_of_its_site_keeps_it_silent(
    plain: Program, settings: str, reason: str, expect_warning: Callable[[str], None]
) -> None:
    expect_warning('<meta name="lightning">')
    expect_warning("no page in .* is narrated")
    write(plain, settings=f"narrate: true; {settings}")
    plain.configure(narrate=True)
    assert reason in plain.publish().stderr
    assert plain.service.requests == []


@pytest.mark.parametrize("others", [["other.html"], []])
@pytest.mark.parametrize(
    ("old", "new"),
    [("<title>", '<meta name="lightning" content="voice: x"><title>'), ("<p>", '<p data-speak-voice="speed=x">')],
)
def test_a_page_whose_settings_are_wrong_keeps_its_player(
    plain: Program, expect_warning: Callable[[str], None], old: str, new: str, others: list[str]
) -> None:
    """Also where no other page is narrated."""
    expect_warning("Correct .*; until then the page (is not narrated|gets no new player)")
    expect_warning("1 page is not changed, to keep players that work: index.html")
    if not others and "meta" in new:
        expect_warning("no page in .* is narrated")
    write(plain, "index.html", *others)
    assert plain.publish("--select", "main").exit_code == 0
    before = plain.html("index.html").replace(old, new)
    plain.write("index.html", before)
    result = plain.publish("--select", "main")
    assert plain.html("index.html") == before
    assert "no longer narrated" not in result.stderr


@pytest.mark.parametrize(
    "script",
    [
        "<script>(self.__next_f=self.__next_f||[]).push([0])</script>",
        '<script nonce="x">self.__next_f.push([1,"a"])</script>',
        "<SCRIPT>\n window.__remixContext = {};</SCRIPT>",
        "<script>window.__reactRouterContext = {}</script>",
    ],
)
def test_a_page_that_a_script_takes_over_whole_is_not_paid_for(
    plain: Program, expect_warning: Callable[[str], None], script: str
) -> None:
    expect_warning(
        "a script takes over 1 page whole, as with the App Router of Next.js, and would remove the player, so nothing "
        "is narrated there: app.html"
    )
    write(plain, "index.html", "app.html", "prose.html")
    before = plain.html("app.html").replace("</body>", f"{script}</body>")
    plain.write("app.html", before)
    plain.write(
        "prose.html",
        plain.html("prose.html").replace(
            "</main>", "<p>It calls self.__next_f there.</p></main><!-- <script>self.__next_f.push([])</script> -->"
        ),
    )
    assert plain.publish("--select", "main").exit_code == 0
    assert plain.html("app.html") == before
    assert "<audio" in plain.html("index.html")
    assert "<audio" in plain.html("prose.html")


@pytest.mark.parametrize(
    ("frame", "is_docked"),
    [
        ('<div id="__docusaurus">{}</div>', True),
        ('<div id="___gatsby">{}</div>', True),
        ('<div id="app">{}</div><script type="module" src="app.js"></script>', True),
        ('<div id="app" data-server-rendered="true">{}</div>', True),
        ('<div id="app">{}</div><script src="app.js"></script>', False),
        ('<div id="main">{}</div><script type="module" src="app.js"></script>', False),
    ],
)
def test_where_a_script_takes_over_the_content_the_player_stands_behind_it(
    plain: Program, frame: str, *, is_docked: bool
) -> None:
    main = "<main><h1>Title</h1><p>It is heavy.</p></main>"
    plain.write("index.html", f'<html lang="en"><head><title>T</title></head><body>{frame.format(main)}</body></html>')
    assert plain.publish("--select", "main").exit_code == 0
    html = plain.html("index.html")
    assert (main in html, "speak-dock" in html) == (is_docked, is_docked)
    assert ("</div><!--speak-page-->" in html) is is_docked


BLOCK = ':::speak title="In short"\nIn short, it is heavy.\n:::'


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{BLOCK}</p>",
        f"<p>Text.\n{BLOCK}</p>",
        f"<ul><li>{BLOCK}</ul>",
        "<p>:::speak</p><p>It is heavy.</p><p>:::</p>",
        "<p>:::speak {title=&ldquo;In short&rdquo;}<br>It is heavy.</p>",
        "<pre>x</pre><img src=a><p>::::speak<br>It is heavy.</p>",
    ],
)
@pytest.mark.parametrize("arguments", [["--select", "main"], []])
def test_a_block_that_is_shown_as_text_is_not_paid_for(
    plain: Program, expect_warning: Callable[[str], None], arguments: list[str], body: str
) -> None:
    expect_warning(
        "':::speak' is on 1 page as text, so nothing is narrated there: block.html. Is mkdocs_lightning among the mark"
    )
    expect_warning("1 page is not changed, to keep players that work: block.html")
    write(plain, "index.html", "block.html")
    plain.configure(narrate=True)
    assert plain.publish(*arguments).exit_code == 0
    before = plain.html("block.html").replace("</main>", f"{body}</main>")
    plain.write("block.html", before)
    asked = plain.asked()
    assert plain.publish(*arguments).exit_code == 0
    assert (plain.html("block.html"), plain.asked()) == (before, asked)


@pytest.mark.parametrize(
    "body",
    [
        f"<pre><code>{BLOCK}</code></pre>",
        f"<pre>{BLOCK}</pre>",
        "<p><code>:::speak</code> opens a block.</p>",
        "<p><code>x</code>:::speak title</p>",
        "<p>A block begins with <b>:::speak</b> on a line of its own.</p>",
        "<p>:::speaker is no block of ours.</p>",
        f'<div class="highlight"><div><span>{BLOCK}</span></div></div>',
        f"<p class=nospeak>{BLOCK}</p>",
        f"<div hidden><p>{BLOCK}</p></div>",
    ],
)
def test_code_may_show_a_block(plain: Program, body: str) -> None:
    plain.write("index.html", PAGE.format(head="").replace("</main>", f"{body}</main>"))
    result = plain.publish("--select", "main")
    assert (result.exit_code, result.stderr) == (0, "")
    assert plain.clips("index.html")


def test_what_is_left_out_may_show_a_block(plain: Program) -> None:
    plain.write("index.html", PAGE.format(head="").replace("</main>", f"<aside>{BLOCK}</aside></main>"))
    result = plain.publish("--select", "main", "--skip", "aside")
    assert (result.exit_code, result.stderr) == (0, "")


WRONG = [
    (
        ["**", "!serach.html"],
        "'!serach.html' matches no page (did you mean '!search.html'?); patterns are relative to SITE_DIR",
    ),
    (["guide/old.md", "guid/start.md"], "'guid/start.md' matches no page (did you mean 'guide/start.md'?)"),
    (["guide/old.md", "guide/strat"], "'guide/strat' matches no page (did you mean 'guide/start.html'?)"),
    (["**", "!guide/old.rst"], "'!guide/old.rst' matches no page (did you mean '!guide/old/index.html'?)"),
    (["**", "guides/"], "'guides/' matches no page (did you mean 'guide/'?)"),
    (["**", "!guide/"], "'!guide/' excludes no page, because other patterns name its pages; write '!guide/**'"),
    (["!guide/old.md", "**"], "'!guide/old.md' excludes no page, because other patterns name its pages; move it below"),
    (["!search.html", "*.md"], "'!search.html' excludes no page"),
]


@pytest.mark.parametrize(("patterns", "warning"), WRONG)
def test_a_pattern_that_names_or_excludes_no_page_is_warned_of(
    plain: Program, patterns: list[str], warning: str, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("narrate: ")
    write(plain, "search.html", "guide/start.html", "guide/old/index.html")
    plain.configure(narrate=patterns)
    result = plain.publish("--dry-run")
    assert result.exit_code == 0
    assert result.stderr.count("narrate: ") == 1
    assert f"narrate: {warning}" in result.stderr


def test_what_an_ineffective_exclusion_means_is_not_narrated(
    plain: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"write '!guide/\*\*'\. Until you correct it, guide/ is not narrated either")
    write(plain, "search.html", "guide/start.html")
    plain.configure(narrate=["**", "!guide/"])
    assert plain.publish().exit_code == 0
    assert plain.clips("search.html")
    assert not plain.clips("guide/start.html")


@pytest.mark.parametrize("exclusion", ["!serach.html", "!serach.md", "!search.rst"])
def test_what_a_mistyped_exclusion_means_is_not_narrated(
    plain: Program, exclusion: str, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"Until you correct it, search\.(html|md) is not narrated either")
    write(plain, "search.html", "guide/start.html")
    plain.configure(narrate=["**", exclusion])
    assert plain.publish().exit_code == 0
    assert plain.clips("guide/start.html")
    assert not plain.clips("search.html")


def test_the_language_of_pages_of_other_programs_is_set_in_their_heads(
    plain: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"^pages have .* options, and add <meta name=\"lightning\" content=\"language: auto\"> to their")
    plain.write("german.html", f'<html lang="de"><main><p>{FIRST}</p></main></html>')
    plain.configure(narrate=True, language="auto", voices={"de": "petra"})
    assert plain.publish().exit_code == 0


@pytest.mark.parametrize(
    "patterns",
    [
        True,
        ["**", "!search.html", "!guide/old.md"],
        ["**", "!guide/**"],
        ["guide/start.md", "guide/old/index.md", "# search"],
        ["**", "!404.html"],
    ],
)
def test_other_patterns_are_not(plain: Program, patterns: object) -> None:
    write(plain, "search.html", "guide/start.html", "guide/old/index.html", "404.html")
    plain.configure(narrate=patterns)
    assert "narrate: " not in plain.publish("--dry-run").stderr


@pytest.mark.parametrize(
    "options",
    [("--select", ".typo"), ("--select", "p", "--select", ".typo"), ("--select", "p", "--skip", ".typo")],
)
@pytest.mark.parametrize("is_published", [False, True])
def test_a_selector_that_names_nothing_ends_it_before_anything_is_sent_or_changed(
    plain: Program, options: tuple[str, ...], expect_warning: Callable[[str], None], *, is_published: bool
) -> None:
    if is_published:
        assert plain.publish("--select", "h1").exit_code == 0
    before, asked = contents(plain.root), plain.asked()
    result = plain.publish(*options)
    assert result.exit_code == 1
    assert f"{options[-2]} '.typo' matches nothing on any page (1 page read). Nothing was sent" in result.stderr
    assert "no longer narrated" not in result.stderr
    assert (contents(plain.root), plain.asked()) == (before, asked)

    expect_warning("matches nothing")
    if is_published and ".typo" in options[:2]:
        expect_warning("no longer narrated")
    assert plain.publish(*options, "--dry-run").exit_code == 0


@pytest.mark.parametrize(
    ("patterns", "where"),
    [
        (["two.html"], "any page that is to be narrated (1 of 4). Nothing"),
        (["two.html", "one.html"], "any page that is to be narrated (2 of 4). Nothing"),
        (None, "any page that is to be narrated (3 of 4). Nothing"),
    ],
)
def test_a_selector_that_was_not_tried_on_all_pages_is_told_so(
    plain: Program, patterns: list[str] | None, where: str
) -> None:
    for uri in ("one.html", "two.html", "404.html"):
        plain.write(uri, f"<div><p>{FIRST}</p></div>")
    plain.write("index.html", f"<div class=hive><p>{FIRST}</p></div>")
    if patterns:
        plain.configure(narrate=patterns)
    result = plain.publish("--select", ".hive" if patterns else ".wax")
    assert (result.exit_code, plain.asked()) == (1, [])
    assert f"matches nothing on {where} was sent" in result.stderr


@pytest.mark.parametrize("patterns", [["guid/*"], ["**", "!*"]])
def test_a_published_site_does_not_lose_all_players_by_a_pattern(
    plain: Program, patterns: list[str], expect_warning: Callable[[str], None]
) -> None:
    plain.configure(narrate=True)
    assert plain.publish().exit_code == 0
    before = plain.html("index.html")
    plain.configure(narrate=patterns)
    expect_warning("no page in .* is narrated")
    if patterns == ["guid/*"]:
        expect_warning("matches no page")
    result = plain.publish()
    assert (result.exit_code, plain.html("index.html")) == (1, before)
    assert "1 page would lose its player. Nothing was sent, and no page was changed" in result.stderr


@pytest.mark.parametrize("options", [{"api_key": "sk_wrong"}, {"max_characters": 1}])
def test_a_feed_whose_pages_could_not_be_synthesized_is_not_told_to_be_without_pages(
    plain: Program, expect_warning: Callable[[str], None], options: dict[str, object]
) -> None:
    expect_warning("missing: ")
    page = PAGE.format(head='<link rel="canonical" href="https://press.example.org/docs/">')
    plain.output.joinpath("index.html").write_text(page, encoding="utf-8")
    plain.configure(feed=True, narrate=True, **options)
    result = plain.publish()
    assert result.exit_code == 1
    assert "no page is narrated" not in result.stderr


def test_pages_without_an_address_of_their_own_are_episodes_at_their_paths(plain: Program) -> None:
    write(plain, "guide/a b.html", "guide/index.html")
    page = PAGE.format(head='<link rel="canonical" href="https://press.example.org/docs/">')
    plain.output.joinpath("index.html").write_text(page, encoding="utf-8")
    plain.configure(feed=True, narrate=True)
    assert plain.publish().exit_code == 0
    entries = feedparser.parse(plain.html("podcast.xml")).entries
    paths = ["", "guide/", "guide/a%20b.html"]
    assert [entry.link for entry in entries] == [f"https://press.example.org/docs/{path}" for path in paths]
    assert len({entry.id for entry in entries}) == len(paths)


@pytest.mark.parametrize("uri", ["index.html", "sub/index.html", "reindex.html"])
def test_an_address_may_name_the_file_of_its_page(empty_program: Program, uri: str) -> None:
    head = f'<link rel="canonical" href="https://press.example.org/docs/{uri}">'
    empty_program.write(uri, PAGE.format(head=head))
    empty_program.configure(feed=True, narrate=True)
    assert empty_program.publish().exit_code == 0
    feed = feedparser.parse(empty_program.html("podcast.xml"))
    assert feed.feed.link == "https://press.example.org/docs/"
    assert [entry.link for entry in feed.entries] == [f"https://press.example.org/docs/{uri}"]


@pytest.mark.parametrize("kind", ["episodic", "serial"])
@pytest.mark.parametrize("is_dated", [False, True])
def test_an_episodic_podcast_needs_dates(
    empty_program: Program, expect_warning: Callable[[str], None], kind: str, *, is_dated: bool
) -> None:
    date = '<meta property="article:published_time" content="2026-04-01">'
    canonical = '<link rel="canonical" href="https://press.example.org/">'
    empty_program.write("a.html", PAGE.format(head=date if is_dated else ""))
    empty_program.write("index.html", PAGE.format(head=canonical + date))
    empty_program.configure(feed={"type": kind, "email": "a@b.org"}, narrate=True)
    if kind == "episodic" and not is_dated:
        expect_warning("feed: type 'episodic' sorts episodes by date, but 'a.html' has none, so the feed has no dates")
    assert empty_program.publish().exit_code == 0
    entries = feedparser.parse(empty_program.html("podcast.xml")).entries
    assert ["published" in entry for entry in entries] == [is_dated] * 2


def test_the_newest_page_is_the_first_episode_of_an_episodic_podcast(empty_program: Program) -> None:
    """Also where it is neither the first nor the last by its path."""
    for uri, day in (("a.html", 2), ("b.html", 3), ("c.html", 1)):
        date = f'<meta property="article:published_time" content="2026-04-0{day}">'
        canonical = f'<link rel="canonical" href="https://press.example.org/{uri}">'
        empty_program.write(uri, PAGE.format(head=canonical + date))
    empty_program.configure(feed={"type": "episodic", "email": "a@b.org"}, narrate=True)
    assert empty_program.publish().exit_code == 0
    entries = feedparser.parse(empty_program.html("podcast.xml")).entries
    assert [(entry.link[-6:], entry.itunes_episode) for entry in entries] == [
        ("b.html", "3"),
        ("a.html", "2"),
        ("c.html", "1"),
    ]


def test_an_address_that_does_not_end_with_its_path_is_not_that_of_the_site(plain: Program) -> None:
    page = PAGE.format(head='<link rel="canonical" href="https://press.example.org/start/">')
    plain.output.joinpath("index.html").unlink()
    plain.output.joinpath("start.html").write_text(page, encoding="utf-8")
    plain.configure(feed=True, narrate=True)
    result = plain.publish()
    assert (result.exit_code, plain.service.requests) == (2, [])
    assert "A canonical link can take its place, but only on a narrated page" in result.stderr


@pytest.mark.parametrize(
    ("page", "narrate", "arguments", "cause"),
    [
        (
            "<main hidden><p>Text.</p></main>",
            None,
            ["main"],
            "what --select matches is hidden on every page, or left out",
        ),
        (
            "<main><p>Text.</p></main>",
            None,
            ["p", "--skip", "main"],
            "what --select matches is hidden on every page, or ",
        ),
        (
            "<main><p>Text.</p></main>",
            ["guide/*", "!guide/*"],
            ["main"],
            "narrate names none of its pages, so --select",
        ),
        ("<div><p>Text.</p></div>", True, [], "narrate matches no page that has a <main>, or exactly one <article>"),
        (
            '<meta name=lightning content="narrate: false"><p>Text.</p>',
            None,
            ["p"],
            "--select was tried on none, because its pages are left out: 404.html, redirects, and those with",
        ),
        (
            '<meta http-equiv=refresh content="0; url=x.html"><p>Text.</p>',
            ["guide/*"],
            ["p"],
            "--select was tried on none, because its pages are left out: 404.html, redirects, and those with",
        ),
        (
            '<meta name=lightning content="narrate: false"><main><p>Text.</p></main>',
            True,
            [],
            "narrate names only pages that are left out: 404.html, redirects, and those with 'narrate: false'",
        ),
    ],
)
def test_a_silent_site_is_told_why(
    empty_program: Program,
    page: str,
    *,
    narrate: bool | list[str] | None,
    arguments: list[str],
    cause: str,
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning(f"is narrated: {cause}")
    if narrate is not None:
        empty_program.configure(narrate=narrate)
    empty_program.write("guide/index.html", page)
    result = empty_program.publish(*(["--select", *arguments] if arguments else []))
    assert result.exit_code == 1


@pytest.mark.parametrize("arguments", [["--select", "p"], []])
def test_no_reason_is_invented_for_a_site_whose_settings_are_wrong(
    plain: Program, arguments: list[str], expect_warning: Callable[[str], None]
) -> None:
    expect_warning("index.html: <meta name=\"lightning\">: unknown option 'voice'")
    expect_warning(r"no page in .* is narrated: see the warnings about its pages$")
    write(plain, settings="voice: sophie")
    plain.configure(narrate=True)
    assert plain.publish(*arguments).exit_code == 1


@pytest.mark.parametrize("base", ["/sub/", "../", "https://x.example.org/", "other/"])
def test_a_page_with_a_foreign_base_is_told_and_stays(
    empty_program: Program, expect_warning: Callable[[str], None], base: str
) -> None:
    expect_warning(f'^mkdocs_lightning: a/b.html: <base href="{base}"> would have browsers look')
    empty_program.write("a/b.html", f"<base href={base}><main><p>{FIRST}</p></main>")
    before = empty_program.html("a/b.html")
    assert empty_program.publish("--select", "main").exit_code == 1
    assert empty_program.html("a/b.html") == before


@pytest.mark.parametrize(
    "base",
    [
        "<base target=_blank>",
        "<base href='./'>",
        "<base href=/docs/a/><link rel=canonical href=https://x.org/docs/a/b.html>",
    ],
)
def test_a_base_that_changes_nothing_is_none(empty_program: Program, base: str) -> None:
    empty_program.write("a/b.html", f"{base}<main><p>{FIRST}</p></main>")
    assert empty_program.publish("--select", "main", "--dry-run").exit_code == 0


def test_pages_without_a_main_content_are_told(empty_program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning(
        "no <main>, and not exactly one <article>, on 2 pages, so nothing is narrated there: a.html, b.html. Use --sel"
    )
    empty_program.configure(narrate=["**", "!c.html"])
    for name in ("a.html", "b.html", "c.html"):
        empty_program.write(name, f"<div><p>{FIRST}</p></div>")
    empty_program.write("b.html", f"<article>{FIRST}</article><article>{SECOND}</article>")
    write(empty_program)
    assert empty_program.publish().exit_code == 0
    assert empty_program.html("index.html").count("<audio") == 1


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ([], "it has no <main>, and not exactly one <article>"),
        (["--select", "main"], "--select matches nothing that readers see"),
    ],
)
def test_a_page_that_asks_to_be_narrated_is_told_why_it_is_not(
    plain: Program, expect_warning: Callable[[str], None], arguments: list[str], cause: str
) -> None:
    expect_warning(f"two.html: nothing on this page is narrated, because {cause}$")
    plain.configure(narrate=["index.html"])
    meta = '<meta name="lightning" content="narrate: true">'
    plain.write("two.html", f"{meta}<article>{FIRST}</article><article>{SECOND}</article>")
    assert plain.publish(*arguments).exit_code == 0


@pytest.mark.parametrize("settings", ["", "narrate: true"])
@pytest.mark.parametrize(
    ("refresh", "players"),
    [("0; url=../new/", 0), (" 5,URL = '/new/'", 0), ("0;url=x", 0), ("300", 1), ("", 1), ("1800; url=x", 1)],
)
def test_a_page_that_leads_to_another_one_is_not_narrated(
    empty_program: Program, settings: str, refresh: str, players: int
) -> None:
    write(empty_program)
    meta = f'<meta http-equiv="Refresh" content="{refresh}"><meta name="lightning" content="{settings}">'
    empty_program.write("old/index.html", PAGE.format(head=meta))
    assert empty_program.publish("--select", "main").exit_code == 0
    assert empty_program.html("old/index.html").count("<audio") == players


def test_a_page_that_leads_elsewhere_without_scripts_is_narrated(empty_program: Program) -> None:
    head = '<noscript><meta http-equiv="refresh" content="0; url=/plain.html"></noscript>'
    empty_program.write("index.html", PAGE.format(head=head))
    assert empty_program.publish("--select", "main").exit_code == 0
    assert empty_program.html("index.html").count("<audio") == 1


def publish_and_minify(program: Program, minified: Callable[[str], str]) -> str:
    """Publish two pages, and write one of them anew without comments and as `minified` has it; its HTML."""
    write(program)
    write(program, "other.html")
    assert program.publish("--select", "main").exit_code == 0
    page = minified(re.sub("<!--.*?-->", "", program.html("index.html"), flags=re.DOTALL))
    program.write("index.html", page)
    return page


@pytest.mark.parametrize("minified", [str, lambda html: html.replace('"speak-player"', "speak-player")])
def test_a_page_whose_player_was_minified_is_told_and_stays(
    empty_program: Program, expect_warning: Callable[[str], None], minified: Callable[[str], str]
) -> None:
    expect_warning("index.html: not narrated, because it has a player that 'publish' cannot replace. If .* minified")
    page = publish_and_minify(empty_program, minified)
    assert empty_program.publish("--select", "main").exit_code == 0
    assert empty_program.html("index.html") == page


@pytest.mark.parametrize("minified", [str, lambda html: html.replace('"speak-player"', "speak-player")])
def test_a_minified_player_that_cannot_be_removed_is_told(
    empty_program: Program, expect_warning: Callable[[str], None], minified: Callable[[str], str]
) -> None:
    """Also beside a page from which the player can be removed."""
    expect_warning("1 page has a player that 'publish' can neither replace nor remove: index.html. If .* minified")
    expect_warning("1 page is no longer narrated, and loses its player: other.html")
    page = publish_and_minify(empty_program, minified)
    assert empty_program.publish().stderr.count("WARNING") == 2
    assert empty_program.publish().stderr.count("WARNING") == 1  # the other page has none by now
    assert empty_program.html("index.html") == page
    assert "<audio" not in empty_program.html("other.html")


@pytest.mark.parametrize("damage", [("<!--/speak-page-->", ""), ("<!--speak-page-->", "<!--speak-page-->damaged")])
def test_a_page_with_damaged_marks_is_told_of_that_alone_and_stays(
    empty_program: Program, expect_warning: Callable[[str], None], damage: tuple[str, str]
) -> None:
    expect_warning("index.html: not narrated, because it has a player that 'publish' cannot replace")
    write(empty_program)
    assert empty_program.publish("--select", "main").exit_code == 0
    page = empty_program.html("index.html").replace(*damage)
    empty_program.write("index.html", page)
    empty_program.service.clear()
    result = empty_program.publish("--select", "main")
    assert (result.exit_code, result.stderr.count("WARNING"), empty_program.service.requests) == (1, 1, [])
    assert empty_program.html("index.html") == page
    expect_warning("1 page has a player that 'publish' can neither replace nor remove: index.html")
    assert empty_program.publish().stderr.count("WARNING") == 1
    assert empty_program.html("index.html") == page


def test_no_other_cause_is_named_for_a_site_whose_players_were_minified(
    empty_program: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("index.html: not narrated, because it has a player that 'publish' cannot replace")
    expect_warning("feed: no page is narrated, so there is nothing to subscribe to; see the warnings about its pages")
    write(empty_program)
    assert empty_program.publish("--select", "main").exit_code == 0
    page = re.sub("<!--.*?-->", "", empty_program.html("index.html"), flags=re.DOTALL)
    empty_program.write("index.html", page.replace('"speak-player"', "speak-player"))
    empty_program.configure(narrate=["index.html"], feed={"title": "Press"})
    config = empty_program.root / "mkdocs.yml"
    config.write_text(f"site_url: https://press.example.org/\n{config.read_text('utf-8')}", encoding="utf-8")
    result = empty_program.publish("--select", "main")
    assert (result.exit_code, result.stderr.count("WARNING")) == (1, 2)


@pytest.mark.parametrize(
    ("narrate", "way"),
    [(None, "set narrate: ['**', '!search.html'] in mkdocs.yml"), (["*.html"], "add '!search.html' to narrate")],
)
def test_a_selected_page_without_words_is_told_how_to_leave_it_out(
    plain: Program, expect_warning: Callable[[str], None], narrate: list[str] | None, way: str
) -> None:
    expect_warning("there is nothing to narrate")
    plain.write("search.html", "<main><form></form></main>")
    plain.configure(**{"narrate": narrate} if narrate else {})
    result = plain.publish("--select", "main")
    assert f"search.html: there is nothing to narrate on this page. To leave it out, {way}\n" in result.stderr


def test_what_looks_like_a_player_in_code_is_none(empty_program: Program) -> None:
    empty_program.write("index.html", f'<main><p>{FIRST} Write <code>class="speak-player"</code> there.</p></main>')
    assert empty_program.publish("--select", "main").exit_code == 0
    assert empty_program.html("index.html").count("<audio") == 1


def test_a_dry_run_lists_the_missing_sentences_by_page(empty_program: Program) -> None:
    empty_program.write("a/b.html", f"<main><p>{FIRST}</p></main>")
    assert f"\na/b.html (kaitlyn, en)\n  {FIRST}\n" in empty_program.publish("--select", "main", "--dry-run").stdout
    assert empty_program.publish("--select", "main").exit_code == 0
    assert FIRST not in empty_program.publish("--select", "main", "--dry-run").stdout


def test_a_dry_run_names_who_speaks_each_missing_sentence(plain: Program) -> None:
    plain.configure(narrate=True, voices={"de": "petra"})
    plain.write(
        "about.html", f'<html lang="de"><main><p>{FIRST}</p><p data-speak-voice="language=en">{SECOND}</p></main>'
    )
    assert plain.publish().exit_code == 0
    extra = "<p data-speak-voice='language=fr'>A third one.</p></main>"
    for url in ("about.html", "index.html"):
        plain.write(url, plain.html(url).replace("</main>", f"<p>A new one.</p>{extra}"))
    assert plain.publish("--dry-run").stdout.endswith(
        "\nabout.html (petra, de)\n  A new one.\n  (manon, fr) A third one.\n"
        "index.html (kaitlyn, en)\n  A new one.\n  (manon, fr) A third one.\n"
    )
    assert plain.publish("--dry-run", "--engine", "offline").stdout.count("(offline de, de)") == 1


def test_a_dry_run_warns_of_voices_before_anything_is_sent_in_them(
    plain: Program, expect_warning: Callable[[str], None]
) -> None:
    notice = "voice_id 'petra' is a voice for de, but the language is en"
    expect_warning(notice)
    plain.configure(narrate=True, voice_id="petra")
    result = plain.publish("--dry-run")
    assert (result.exit_code, result.stderr.count(notice), plain.asked()) == (0, 1, [])
    assert result.stderr.endswith("; needed first in index.html\n")
    assert plain.publish().exit_code == 0
    assert plain.publish("--dry-run").stderr == ""


@pytest.mark.parametrize(("options", "others"), [(["--dry-run"], []), ([], ["max_characters"])])
def test_pages_that_the_option_language_reads_in_another_language_than_theirs_are_told(
    plain: Program, options: list[str], others: list[str], expect_warning: Callable[[str], None]
) -> None:
    write(plain, "about.html", "index.html")
    plain.write("start.html", PAGE.format(head="").replace('lang="en"', 'lang="de-AT"'))
    plain.configure(narrate=True, language="de", max_characters=0)
    told = (
        '2 pages say lang="en", but are read as de, because language is set: about.html, index.html. '
        "Leave language out, add voices: {en: …}, or correct <html lang>"
    )
    for warning in [re.escape(told), *others]:
        expect_warning(warning)
    assert plain.publish(*options).stderr.count(told) == 1
    assert plain.asked() == []


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ("", {"language": "en"}),
        ("", {"language": "auto"}),
        ("", {"language": "de", "voices": {"en": "kaitlyn"}}),
        ("language: de", {"language": "de"}),
        ("narrate: false", {"language": "de", "narrate": ["index.html", "start.html"]}),
    ],
)
def test_pages_in_the_language_that_somebody_chose_for_them_are_not(
    plain: Program, settings: str, options: dict[str, object]
) -> None:
    write(plain, settings=settings)
    plain.write("start.html", PAGE.format(head="").replace('lang="en"', f'lang="{options["language"]}"'))
    plain.configure(**{"narrate": True, **options})
    assert "because language is set" not in plain.publish("--dry-run").stderr
