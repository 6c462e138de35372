"""`mkdocs-lightning publish --select`: what CSS selectors name in pages of any program is narrated."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

import feedparser
import pytest

from mkdocs_lightning.player.ui_strings import ui_strings_for
from mkdocs_lightning.site.published.selection import Choice, select, spoken_part, with_player
from mkdocs_lightning.site.published.selectors import Selector
from tests.support.commands import contents
from tests.support.published import FIRST, SECOND
from tests.support.repository import DOCS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program
    from tests.support.sites import Site

ARTICLE = f"""\
<h1>The press</h1>
<p>{FIRST} {SECOND}</p>
<h2 id="how">How it <em>works</em></h2>
<ol start="3">
<li>Lift the lid with both hands.</li>
<li>Put the sheet on the bed of the press.</li>
</ol>
<table><tr><th>Part of it</th><th>Weight of it</th></tr><tr><td>The lid</td><td>Two kilos</td></tr></table>
<pre><code>make press</code></pre>
<p>Then close it<sup class="note">12</sup>, and wait.</p>
"""
PAGE = f"""\
<!DOCTYPE html>
<html lang="en">
<head><meta charset=utf-8><title>The press - Handbook</title></head>
<body>
<nav><p>Menu of the whole site.</p></nav>
<main><article>
{ARTICLE}</article></main>
<footer><p>All rights are reserved here.</p></footer>
</body>
</html>
"""


@pytest.fixture
def plain(empty_program: Program) -> Program:
    """A site of plain HTML with one page."""
    empty_program.write("index.html", PAGE)
    return empty_program


def without_ours(html: str) -> str:
    """A page without what was added to it."""
    html = re.sub(r"<!--speak-head-->.*?<!--/speak-head-->\n", "", html, flags=re.DOTALL)
    html = re.sub(r"<!--speak-page-->.*?<!--/speak-page-->", "", html, flags=re.DOTALL)
    return re.sub(r'<span class="speak-cue"[^>]*>(.*?)</span>', r"\1", html, flags=re.DOTALL)


def published(program: Program, *arguments: str) -> str:
    result = program.publish(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def selected(html: str, *selectors: str, skip: tuple[str, ...] = ()) -> str:
    """All text that is spoken of a page, with single spaces."""
    choice = Choice(
        tuple(Selector.parse("--select", each) for each in selectors),
        tuple(Selector.parse("--skip", each) for each in skip),
    )
    selection, _ = select(html, choice)
    if selection is None:
        return ""
    marked = selection.marked(html)
    spoken = spoken_part(marked)
    assert len(spoken) == len(marked)
    assert with_player(marked, "") == html
    return " ".join(re.sub(r"<s> *</s>|<[^>]*>", " ", spoken).split())


@pytest.mark.parametrize("title", ["<h1 title='</h1>' id=\"a>b\">{}", "<h1>{}<!-- > -->", "<h1><a title='>'>{}</a>"])
def test_the_title_is_what_readers_see(title: str) -> None:
    selection, _ = select(f"<main>{title.format('Is a < b &amp; c?')}</h1><p>Text.</p></main>", Choice())
    assert selection is not None
    assert selection.title == "Is a < b & c?"


def test_what_is_selected_gets_one_player_under_the_title_and_nothing_else_changes(plain: Program) -> None:
    said = published(plain, "--select", "article p")
    assert "1 page changed" in said
    assert plain.asked() == sorted([FIRST, SECOND, "Then close it¹², and wait."])
    html = plain.html("index.html")
    assert without_ours(html) == PAGE
    assert html.count("<audio") == 1
    assert re.search(r"</h1><!--speak-page-->\s*<div class=\"speak\"", html)
    assert len(re.findall(r'data-cue="speak-page \d+"', html)) >= 3
    assert "player.css" in html[: html.index("</head>")]
    assert "application/ld+json" in html
    assert [clip.is_file() for clip in plain.clips("index.html")] == [True]
    assert 'data-heading="The press"' in html


def test_publishing_again_gives_the_same_bytes_and_asks_for_nothing(plain: Program) -> None:
    published(plain, "--select", "article")
    before = contents(plain.output)
    plain.service.clear()
    assert "0 pages changed" in published(plain, "--select", "article")
    assert contents(plain.output) == before
    assert plain.asked() == []


def test_another_selector_replaces_the_player_and_none_takes_it_away(
    plain: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("1 page is no longer narrated")
    expect_warning("no page in .* has a block")
    published(plain, "--select", "article p")
    published(plain, "--select", "li")
    html = plain.html("index.html")
    assert html.count("<audio") == 1
    assert without_ours(html) == PAGE
    assert "3. Lift the lid with both hands." in plain.asked()
    last = plain.publish()
    assert "1 page changed" in last.stdout
    assert "1 page is no longer narrated, and loses its player: index.html. To prevent this," in last.stderr
    assert plain.html("index.html") == PAGE
    assert "no longer narrated" not in plain.publish().stderr


def test_what_is_skipped_is_neither_read_nor_highlighted(plain: Program) -> None:
    published(plain, "--select", "article p", "--skip", ".note")
    assert "Then close it, and wait." in plain.asked()
    assert not re.search(r'<span class="speak-cue"[^>]*>[^<]*12', plain.html("index.html"))
    published(plain, "--select", "article p", "--skip", ".note")
    assert without_ours(plain.html("index.html")) == PAGE


def test_the_same_words_as_mkdocs_asks_for(plain: Program, site: Site) -> None:
    """The same article in a theme of MkDocs, narrated there, is cached for `publish`."""
    site.write({"index.md": f"---\nlightning: {{narrate: true}}\n---\n{ARTICLE}"})
    site.build(strict=True)
    sentences = len(plain.asked())
    assert sentences > 5
    plain.service.clear()
    said = published(plain, "--select", "article")
    assert plain.asked() == []
    assert f"{sentences} cached, 0 synthesized" in said


def test_selectors_add_up_and_name_only_what_readers_see() -> None:
    page = '<main><p>One.<p>Two.<div hidden><p>No.</div><ul><li><p>Three.</ul><aside class="x"><p>Four.</aside></main>'
    assert selected(page, "p") == "One. Two. Three. Four."
    assert selected(page, "li", ".x") == "Three. Four."
    assert selected(page, "p", skip=("aside",)) == "One. Two. Three."
    assert selected(page, "main > p") == "One. Two."
    assert selected(page, "p:not(aside p)", ".y") == "One. Two. Three."
    assert selected(page, "nav") == ""


@pytest.mark.parametrize(
    "page",
    [
        "<p>One.<p>Two.",
        "<p>One.</p></b></div></p><p>Two.</p>",
        "<b><p>One.</b><p>Two.</p>",
        "<table><tr><td><p>One.<td><p>Two.</table>",
        "<svg><title>t</title><path/></svg><p>One.</p><br/><p>Two.</p>",
        "<!-- <p>No.</p> --><p>One.</p><script>'<p>No.</p>'</script><p>Two.",
        "<P>One.</P><p\n>Two.</p\n>",
    ],
)
def test_html_may_be_as_browsers_take_it(page: str) -> None:
    assert selected(page, "p") == "One. Two."


@pytest.mark.parametrize(
    "page",
    [
        "<head><meta charset=utf-8><title>x</title><body><main><p>One.</p></main>",
        "<head><title>x</title><main><p>One.</p></main>",
        "<head><noscript><img src=a></noscript><template><p>No.</template><main><p>One.</main>",
        "<title>x</title><main><p>One.</main>",
        "<head><title>x</title></head><script>a</script><main class=a><p>One.</main></html>",
        "<BODY id=b><MAIN><P>One.<BODY class=c></MAIN></BODY></HTML>",
    ],
)
@pytest.mark.parametrize("around", ["{}", "<!-- a --><!doctype html>{}", "<!doctype html><html lang=en><!-- a -->{}"])
def test_head_and_body_may_be_left_out(page: str, around: str) -> None:
    page = around.format(page)
    assert selected(page, "main") == selected(page) == selected(page, "html > body > main p") == "One."
    assert selected(page, "body", skip=("head",)) == "One."


@pytest.mark.parametrize(
    "page",
    [
        "<dl><dt>a<dd><i>One.</i><dt>b<dd><i>Two.</i></dl>",
        "<ul><li><i>One.</i><ul><li>a</ul><li><i>Two.</i></ul>",
        "<table><caption>a<colgroup><col><tbody><tr><td><i>One.</i><tbody><tr><th>b<td><i>Two.</i></table>",
    ],
)
def test_items_and_cells_may_be_left_open(page: str) -> None:
    assert selected(page, "dl > dd > i, ul > li > i, table > tbody > tr > td > i") == "One. Two."


TABS = '<div class="tabs"><input type="radio" checked><label>npm</label><input type="radio"><label>yarn</label></div>'
LABEL = '<button class="copy"></button><span class="lang">sh</span>'
AROUND_CODE = [
    f'<div class="language-sh vp-adaptive-theme">{LABEL}{{}}</div>',
    f'<div class="vp-code-group">{TABS}<div class="blocks"><div class="language-sh">{LABEL}{{}}</div></div></div>',
    '<div class="language-sh theme-code-block"><div class="codeBlockTitle_Ktv7">a.sh</div><div>{}</div></div>',
    '<div class="hextra-code-block"><div class="hextra-code-filename">a.sh</div><div>{}</div></div>',
    '<div class="expressive-code"><figure><figcaption><span>a.sh</span></figcaption>{}</figure></div>',
    '<ul role="tablist"><li role="tab">npm</li><li role="tab">yarn</li></ul><div role="tabpanel">{}</div>',
]


@pytest.mark.parametrize("code", AROUND_CODE)
def test_what_stands_around_code_is_silent(plain: Program, code: str) -> None:
    """As VitePress, Docusaurus, Hextra (a theme of Hugo) and Starlight write it."""
    block = code.format("<pre><code>npm run press</code></pre>")
    plain.write("index.html", f'<main><p>{FIRST}</p>{block}<p><span class="lang">{SECOND}</span></p></main>')
    published(plain, "--select", "main")
    assert plain.asked() == [SECOND, FIRST]


def test_the_main_content_is_the_article_or_main() -> None:
    aside = "<header><p>Logo.</p></header><nav>Menu.</nav>"
    for page in (
        f"{aside}<main><nav>x</nav><article><p>Text.</p><footer>Edit.</footer></article></main>",
        f"{aside}<div role=main><p>Text.</p></div>",
        f"{aside}<article><p>Text.<a class=headerlink href=#>#</a></p></article>",
    ):
        assert selected(page) == "Text."
    assert selected("<main><article>One.</article><article>Two.</article></main>") == "One. Two."
    assert selected("<p>No main content.</p>") == ""


def test_a_section_without_an_element_of_its_own_is_left_out_as_the_documentation_says() -> None:
    section = "<h2 id=see-also>See also</h2><p>Two.</p><h3>Sub</h3><ul><li>Item</ul>"
    page = f"<main><h2 id=a>A</h2><p>One.</p>{section}<h2 id=b>B</h2><p>Three.</p></main>"
    skip = "#see-also, #see-also ~ :not(#see-also ~ h2, #see-also ~ h2 ~ *)"
    assert skip in (DOCS / "how-to/any-generator.md").read_text(encoding="utf-8")
    assert selected(page, "main", skip=(skip,)) == "A One. B Three."


@pytest.mark.parametrize(
    ("part", "spoken"),
    [
        ('<div><h2 id="why">Why</h2><a href="#why"><span class="sr-only">Section “Why”</span></a></div>', "Why"),
        ('<h2 id="why">Why</h2> <a href="#why">Link to this section</a><p>So.</p>', "Why So."),
        ('<h2 id="why">Why</h2><a href="#how">See below</a><p>So.</p>', "Why See below So."),
        (
            '<h2 id="why">Why</h2>As it says, <a href="#why">this section</a> tells.',
            "Why As it says, this section tells.",
        ),
        ('<h2 id="why">Why</h2><a href="#why">This section</a> tells.', "Why This section tells."),
        ('<h2>Why</h2><a href="#None">This section</a>', "Why This section"),
        ('<h2 id="why"><a href="#why">Why</a></h2><p>So.</p>', "Why So."),
        ('<a href="#why">Why</a><h2 id="why">Why</h2><p>So.</p>', "Why Why So."),
        ('<p id="why">So <a href="#why">far</a>.</p>', "So far ."),
    ],
)
def test_links_to_a_heading_behind_it_are_silent(part: str, spoken: str) -> None:
    assert selected(f"<main>{part}</main>") == spoken


@pytest.mark.parametrize(
    ("page", "around"),
    [
        ("<body><p>Text here.</p>", "<body>|<p>"),
        ("<body><article><p>Text here.</p></article>", "<article>|<p>"),
        ("<body><ul><li>x<li><p>Text here.</p></ul>", "<li>|<p>"),
        ("<body><table><tr><td>x<tr><td><p>Text here.</p></table>", "<td>|<p>"),
        ("<body><div><span><a><p>Text here.</p></a></span></div>", "<div>|<span>"),
        ("<body><header><h1>The site</h1></header><main><p>Text here.</p><h1>Late</h1></main>", "<main>|<p>"),
        ("<body><main><header><h1><a>A title</a></h1><i>by me</i></header><p>Text here.</p>", "</header>|<p>"),
        ("<body><main><h1 hidden>No</h1><p>Text here.</p></main>", "</h1>|<p>"),
    ],
)
def test_the_player_stands_where_html_allows_it(page: str, around: str) -> None:
    selection, _ = select(page, Choice((Selector.parse("--select", "p"),)))
    assert selection is not None
    before, after = around.split("|")
    assert page[: selection.player].endswith(before)
    assert page[selection.player :].startswith(after)


@pytest.mark.parametrize("option", ["--select", "--skip"])
@pytest.mark.parametrize("selector", ["p:[", "", "p::before", ":no-such-thing", "article >", "(" * 5000])
def test_a_wrong_selector_is_bad_usage(plain: Program, option: str, selector: str) -> None:
    result = plain.publish(option, selector)
    assert result.exit_code == 2
    assert option in result.stderr
    assert "<" not in result.stderr
    assert "Traceback" not in result.output
    assert plain.html("index.html") == PAGE


def test_a_dry_run_shows_pages_and_sends_nothing(plain: Program) -> None:
    said = published(plain, "--select", "article p", "--dry-run")
    assert re.search(r"^index\.html +1 +3 +0 +3 ", said, re.MULTILINE)
    assert plain.html("index.html") == PAGE
    assert plain.asked() == []


def test_a_budget_is_kept_and_the_page_stays_as_it_is(plain: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("max_characters")
    result = plain.publish("--select", "article p", "--max-characters", "10")
    assert result.exit_code == 1
    assert plain.html("index.html") == PAGE
    assert plain.asked() == []


def test_narrate_names_pages_and_select_their_parts(plain: Program) -> None:
    plain.write("guide/index.html", PAGE.replace(FIRST, "Another page says this instead."))
    plain.configure(narrate=["guide.md"])
    published(plain)
    assert "Another page says this instead." in plain.asked()
    assert "3. Lift the lid with both hands." in plain.asked()
    assert plain.html("index.html") == PAGE
    assert "data-chapters" in plain.html("guide/index.html")

    published(plain, "--select", "article p")
    assert plain.html("index.html") == PAGE
    assert "data-chapters" not in plain.html("guide/index.html")


def test_a_page_may_say_itself_that_it_is_narrated_and_how(plain: Program) -> None:
    meta = '<meta name="lightning" content="narrate: {}; speed: 1.2">'
    plain.write("index.html", PAGE.replace("<title>", meta.format("true") + "<title>"))
    plain.write("no.html", PAGE.replace("<title>", meta.format("false") + "<title>"))
    published(plain)
    assert {(received.body or {})["speed"] for received in plain.service.requests} == {1.2}
    assert plain.html("index.html").count("<audio") == 1
    published(plain, "--select", "article p")
    assert "<audio" not in plain.html("no.html")


def test_a_page_that_says_it_wrongly_is_told(plain: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning('<meta name="lightning">')
    expect_warning("no page in .* is narrated")
    plain.write("index.html", PAGE.replace("<title>", '<meta name="lightning" content="narrate: maybe"><title>'))
    result = plain.publish("--select", "article p")
    assert "index.html: <meta name=\"lightning\">: narrate: 'maybe' is neither true nor false" in result.stderr
    assert "<audio" not in plain.html("index.html")


@pytest.mark.parametrize("language", ["de-CH", "deu", "ger-CH"])
def test_each_language_has_its_voice(plain: Program, language: str) -> None:
    plain.write("de/index.html", PAGE.replace('lang="en"', f'lang="{language}"'))
    plain.configure(voices={"de": {"voice_id": "petra"}})
    published(plain, "--select", "article p")
    voices = {
        ((received.body or {})["language"], (received.body or {})["voice_id"]) for received in plain.service.requests
    }
    assert voices == {("en", "kaitlyn"), ("de", "petra")}
    assert ui_strings_for("de").listen_to_page in plain.html("de/index.html")


def test_a_page_in_a_language_that_nobody_speaks_stays_text(
    plain: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("pages in 'he-IL', such as 'he/index.html', are shown without players: Lightning does not speak")
    expect_warning('To have them spoken anyway, add <meta name="lightning" content="language: auto"> to their heads$')
    plain.write("he/index.html", PAGE.replace('lang="en"', 'lang="he-IL"'))
    plain.publish("--select", "article p")
    assert "<audio" in plain.html("index.html")
    assert "<audio" not in plain.html("he/index.html")
    auto = '<meta name="lightning" content="language: auto"></head>'
    plain.write("he/index.html", plain.html("he/index.html").replace("</head>", auto))
    published(plain, "--select", "article p")
    assert "<audio" in plain.html("he/index.html")
    plain.write("he/index.html", PAGE.replace('lang="en"', 'lang="he-IL"'))
    plain.configure(language="auto")
    published(plain, "--select", "article p")
    assert "<audio" in plain.html("he/index.html")


def test_a_narrated_page_speaks_its_blocks_as_they_speak_themselves(plain: Program) -> None:
    block = ":::speak language=fr speed=0.9\nUn bloc & son texte. Et la suite du bloc.\n:::\n"
    plain.build({"index.html": f"Before it.\n\n{block}\nAfter it.\n"}, "<main><h1>Home</h1>{content}</main>")
    for _ in range(2):
        published(plain, "--select", "main")
    said = {
        body["text"]: (body["language"], body["voice_id"]) for each in plain.service.requests if (body := each.body)
    }
    assert said == {
        "Home": ("en", "kaitlyn"),
        "Before it.": ("en", "kaitlyn"),
        "Un bloc & son texte. Et la suite du bloc.": ("fr", "manon"),
        "After it.": ("en", "kaitlyn"),
    }
    assert len(plain.service.requests) == len(said)
    assert len(plain.clips("index.html")) == 2


def test_blocks_keep_their_players_beside_that_of_the_page(
    plain: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("1 page is no longer narrated")
    block = f":::speak\n{FIRST}\n:::\n\nAfter the block comes this.\n"
    plain.build({"index.html": block}, frame="<html><body><main>{content}</main></body></html>")
    published(plain, "--select", "main")
    html = plain.html("index.html")
    assert html.count("<audio") == 2
    published(plain, "--select", "main")
    assert plain.html("index.html") == html
    assert plain.publish().exit_code == 0
    assert plain.html("index.html").count("<audio") == 1
    assert 'data-cue="speak-page' not in plain.html("index.html")


def test_words_of_ours_that_others_wrote_stay(plain: Program) -> None:
    page = PAGE.replace(
        "<h2", "<!--speak-page--><p>Mine is this.</p><!--/speak-page--><!--speak-part on--><!--speak-player--><h2"
    )
    plain.write("index.html", page)
    published(plain, "--select", "article p")
    html = plain.html("index.html")
    assert "<!--speak-page--><p>" in html
    assert "<!--speak-part on--><!--speak-player--><h2" in html
    published(plain, "--select", "article p")
    assert plain.html("index.html") == html


def test_a_page_of_mkdocs_with_players_is_told_and_stays(plain: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("has a player that 'publish' cannot replace. If MkDocs built it, set narrate in the plugin")
    page = PAGE.replace("<h2", '<speak-player class="speak-player"></speak-player><h2')
    plain.write("index.html", page)
    plain.publish("--select", "article p")
    assert plain.html("index.html") == page


def test_narrated_pages_are_a_podcast(plain: Program) -> None:
    canonical = '<link rel="canonical" href="https://press.example.org/docs/{}">'
    for url, text in (("index.html", FIRST), ("guide/start.html", SECOND)):
        page = PAGE.replace(FIRST, text).replace(
            "<title>", canonical.format(url.removesuffix("index.html")) + "<title>"
        )
        plain.write(url, page)
    plain.configure(feed={"email": "a@example.org"}, narrate=True)
    published(plain)
    feed = feedparser.parse(plain.html("podcast.xml"))
    assert feed.feed.title == "Elsewhere"
    assert [entry.link for entry in feed.entries] == [
        "https://press.example.org/docs/",
        "https://press.example.org/docs/guide/start.html",
    ]
    for entry in feed.entries:
        audio = entry.enclosures[0].href.removeprefix("https://press.example.org/docs/")
        assert (plain.output / audio).stat().st_size == int(entry.enclosures[0].length)
    chapters = re.findall(r'<podcast:chapters url="https://press.example.org/docs/([^"]+)"', plain.html("podcast.xml"))
    assert [json.loads(plain.html(url))["chapters"][0]["title"] for url in chapters] == ["The press"] * 2
    html = plain.html("guide/start.html")
    assert '<link rel="alternate" type="application/rss+xml" title="Elsewhere" href="../podcast.xml">' in html
    assert 'property="og:audio" content="https://press.example.org/docs/assets/' in html

    before = contents(plain.output)
    published(plain)
    assert contents(plain.output) == before


def test_a_feed_needs_an_address(plain: Program) -> None:
    plain.configure(feed=True, narrate=True)
    result = plain.publish()
    assert (result.exit_code, "feed needs site_url" in result.stderr) == (2, True)
    assert plain.asked() == []


def test_a_feed_at_another_host_than_its_pages_is_told(plain: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning(
        "feed: its audio is at https://new.example.org/docs/, but the canonical link of 1 page leads to another host: b"
    )
    canonical = '<link rel="canonical" href="https://{}"><title>'
    plain.write("a.html", PAGE.replace("<title>", canonical.format("NEW.example.org/latest/a.html")))
    plain.write("b.html", PAGE.replace("<title>", canonical.format("old.example.org/docs/b.html")))
    plain.configure(feed={"email": "a@example.org"}, narrate=True)
    with (plain.root / "mkdocs.yml").open("a", encoding="utf-8") as options:
        options.write("site_url: https://new.example.org/docs/\n")
    assert plain.publish("--dry-run").exit_code == 0


def test_a_feed_of_the_site_itself_stays(plain: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("podcast.xml is a file of your own site")
    plain.write(
        "index.html", PAGE.replace("<title>", '<link rel="canonical" href="https://press.example.org/"><title>')
    )
    plain.write("podcast.xml", "<rss>mine</rss>")
    plain.configure(feed=True, narrate=True)
    assert plain.publish().exit_code == 0
    assert plain.html("podcast.xml") == "<rss>mine</rss>"
    assert "rss+xml" not in plain.html("index.html")


def test_whatever_a_page_is_like_it_is_taken_apart_and_put_together() -> None:
    tags = "p /p div /div ul li /ul table tr td /table article /article main /main h1 /h1 svg /svg br body"
    pieces = [f"<{tag}>" for tag in tags.split()] + ["text ", "<!--", "-->", "<", "<p hidden>", "<td", "<script>", "\0"]
    choices = random.Random(1)
    for _ in range(500):
        page = "".join(choices.choices(pieces, k=40))
        for selectors in ((), ("p",), ("article", "td"), ("*",)):
            selected(page, *selectors, skip=("b",))
    assert selected("<main>" + "<div>" * 5000 + "<p>Deep.", "main") == "Deep."


def test_a_page_that_a_script_takes_over_is_not_changed_inside(plain: Program) -> None:
    page = f'<html lang=en><body><div id="__docusaurus"><main>{ARTICLE}</main></div><script>go()</script></body></html>'
    plain.write("index.html", page)
    published(plain, "--select", "main p")
    html = plain.html("index.html")
    inside = page[: page.index("<script>")]
    assert html.count('<div class="speak-dock">') == 1
    assert f"{inside}<!--speak-page-->" in re.sub(r"<!--speak-head-->.*<!--/speak-head-->\n", "", html, flags=re.DOTALL)
    assert "speak-cue" not in html
    assert (plain.output / "assets/lightning/dock.js").is_file()
    assert without_ours(html) == page
    published(plain, "--select", "main p")
    assert plain.html("index.html") == html
