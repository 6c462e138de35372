"""The Markdown of `plan`: it shows every sentence as it is, and no sentence does anything on GitHub or GitLab."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mkdocs_lightning.base.errors import printable
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cli.changes.markdown import markdown_of_changes
from mkdocs_lightning.cli.changes.markdown_text import differing, plain
from mkdocs_lightning.cli.changes.repository import Repository, Revision
from mkdocs_lightning.cli.changes.since import ChangesSince
from mkdocs_lightning.cli.changes.text import text_of_changes
from mkdocs_lightning.cli.site_report import make_report
from mkdocs_lightning.engines import EngineOptions, make_engine
from mkdocs_lightning.exports.changes.compare import compare_narrations
from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript, SiteScript
from mkdocs_lightning.reading.segment import Segment
from tests.support.commands import printed, run
from tests.support.segments import VOICE

if TYPE_CHECKING:
    from tests.support.sites import Site

HOSTILE = [
    "Ask @alice or @org/team, and see #12, GH-12, org/repo#3, !4, $5, %6, ~bug, &7 and *iteration:8.",
    "<script>alert(1)</script> <b>bold</b> <img src=x onerror=y> </details></td></table><!-- comment",
    "A | cell || and \\| a \\\\| backslash \\",
    "[a](https://example.com) ![b](c.png) <https://example.com> [d]: e [[wiki]] [[_TOC_]]",
    "See https://example.com/a?b=c, ftp://example.com, www.example.com, mail a.b@example.com and mailto:a@b.de now.",
    "**bold** __bold__ *it* _it_ ~~gone~~ `code` ``co`de`` $math$ $`math`$ $$more$$ ==mark== ^sup^ {+add+} {-del-}",
    "Emoji :smile: :+1: :-1: and hashes 0123456 da39a3ee5e6b4b0d3255bfef95601890afd80709 AbCdEf0123.",
    "# Heading, - item, + item, 1. item, > quote, --- rule, ```fence",
    "&lt;b&gt; &#64;alice &commat;alice &nbsp; & && &copy;",
    "Of group/project> and a/b.c/d-e>, JIRA_2-12, AB2-3 and http:/x.",
    "/close /assign @me and TICKET-123 with deadbeef-12",
    "Tabs\tand\nlines\r\nand \x1b[31mcolors\x00, and \u202eturned around\u2066.",
    "WWW.EXAMPLE.COM http:example xmpp:a@b.c/d data:text/html,x javascript:alert(1)",
]
ACTS = {
    "a mention": r"@\w",
    "a reference": r"[#!$%~&^*]\w",
    "an address": r"\w:/+\w|(?i:\bwww\.\w)|\b(?:mailto|xmpp|javascript|data):\w",
    "an emoji": r":[\w+-]+:",
    "a commit": r"(?i:\b[0-9a-f]{7,40}\b)",
    "a ticket": r"\b[A-Z]\w*-\d",
    "a project": r"\w/[\w./-]+>",
}
"""What a host looks for in the finished text: by what it would become."""

RENDERED = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class _Page(HTMLParser):
    """The elements of a page, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.cells: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.elements[tag] += 1
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.cells:
            self.cells[-1] += data.strip("\n")


def rendered(markdown: str) -> _Page:
    return _Page(RENDERED.render(markdown))


def shown(text: str) -> str:
    """What a reader is to see of a text."""
    text = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "\N{REPLACEMENT CHARACTER}", printable(text))
    return text.strip()


def check_cell(markdown: str, text: str) -> None:
    """As a cell of a table, it is one cell, shows the text, and has no other element than marks of changes."""
    page = rendered(f"| a | b |\n| :-- | :-- |\n| {markdown} | next |\n")
    assert [cell.replace("\u200b", "") for cell in page.cells] == [text.replace("\u200b", ""), "next"]
    assert set(page.elements) <= set("table thead tbody tr th td ins del".split())
    assert not {what for what, pattern in ACTS.items() for found in page.texts if re.search(pattern, found)}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_only_shown(text: str) -> None:
    check_cell(plain(text), shown(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_change_is_only_shown(text: str) -> None:
    words = text.split()
    other = " ".join([*words[: len(words) // 2], "other", *words[len(words) // 2 + 2 :]])
    for markdown, version in zip(differing(text, other), (text, other), strict=True):
        check_cell(markdown, shown(version))


@pytest.mark.parametrize("name", ["tutorial/2026-11-28-rate_limits.md", "item_id", "v2.3.1", "main.py", "a-b/c--d.x"])
def test_a_name_can_be_found_and_copied(name: str) -> None:
    assert rendered(f"| a |\n| :-- |\n| {plain(name)} |\n").cells == [name]


@given(st.text(alphabet=st.one_of(st.sampled_from("@#:/.-_*`|<>&\\[]()!~$ wa1fé\u200b"), st.characters()), max_size=60))
def test_any_text_is_only_shown(text: str) -> None:
    sentence = " ".join(shown(text).split())
    if sentence:
        check_cell(plain(sentence), sentence)


@pytest.mark.parametrize(
    ("before", "after"), [("wwwX.org", "www.org"), ("dead X beef1", "deadbeef1"), ("@ Xal", "@al")]
)
def test_a_text_does_nothing_where_a_part_was_deleted(before: str, after: str) -> None:
    check_cell(differing(before, after)[1], after)


@pytest.mark.parametrize("text", ["www.</b>", "www. and", "WWW.x", "www."])
def test_an_address_without_a_scheme_is_not_begun(text: str) -> None:
    """GitHub's parser takes `www.` for one whatever follows, which the one used here does not."""
    assert "www." not in plain(text).lower()


def test_what_differs_is_marked_as_a_whole() -> None:
    before, after = differing("The cat sat on the old mat.", "The cat lay down on the mat.")
    assert before == "The cat <del>sat</del> on the <del>old</del> mat."
    assert after == "The cat <ins>lay down</ins> on the mat."


def script(*texts: str, page: str = "index.md") -> SiteScript:
    sentences = tuple(Segment("lightning", VOICE, text) for text in texts)
    return SiteScript(
        (PageScript(PageName(page), (PlayerScript("", 3, is_page=False, sentences=sentences),)),) if texts else ()
    )


def changes(before: SiteScript, after: SiteScript) -> ChangesSince:
    revision = Revision(Repository(Path(), Path()), "main", "0123456789")
    missing = after.pages_by_key.keys()
    return ChangesSince(revision, compare_narrations(before, after, missing, lambda _: False, lambda _: 0.00001))


def markdown(found: ChangesSince, tmp_path: Path) -> str:
    engine = make_engine("lightning", EngineOptions())
    return markdown_of_changes(found, make_report({}, Cache(tmp_path), engine, None), engine)


@pytest.mark.parametrize(
    ("before", "text", "cell"),
    [
        (
            script("First.", "Second.", "Third."),
            "~ (moved within the page) Third.",
            "| *moved within the page* | Third.",
        ),
        (
            SiteScript(script("First.", "Second.").pages + script("Third.", page="b.md").pages),
            "~ (from b.md) Third.",
            "| *moved from b&#46;md* | Third.",
        ),
    ],
)
def test_where_a_sentence_was_before_is_told(before: SiteScript, text: str, cell: str, tmp_path: Path) -> None:
    found = changes(before, script("Third.", "First.", "Second."))

    assert text in text_of_changes(found)
    assert cell in markdown(found, tmp_path)


def test_the_commit_can_be_copied_and_is_no_reference(tmp_path: Path) -> None:
    text = markdown(changes(script("First."), script("Second.")), tmp_path)

    assert text.startswith("### Narration\n\nSince main (`0123456`): 1 sentence added, 1 removed.\n")


def test_the_sections_are_whole_and_open_if_they_are_short(tmp_path: Path) -> None:
    text = markdown(changes(script(*HOSTILE[:4]), script(*HOSTILE[4:10], page="a|b`@c.md")), tmp_path)
    page = rendered(text)
    assert set(page.elements) <= set("h3 p code table thead tbody tr th td strong em details summary ins del".split())
    assert text.count("<details open><summary>") == text.count("</details>") == 2
    assert "a|b`@c.md (new): 6 changes" in "".join(page.texts).replace("\u200b", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a/rather/long/name/of|a/page-{}.md", "{}"])
@pytest.mark.parametrize("text", [f"{'|*@#' * 30} is sentence {{}} here.", "S {}"])
@pytest.mark.parametrize("pages", [1, 3_000])
def test_the_length_is_bounded_and_what_is_left_out_is_told(pages: int, text: str, name: str, tmp_path: Path) -> None:
    sentences = [text.format(number) for number in range(3_000)]
    if pages == 1:
        after = script(*sentences, page=name)
    else:
        single = (script(text, page=name.format(number)).pages[0] for number, text in enumerate(sentences))
        after = SiteScript(tuple(single))
    found = markdown(changes(SiteScript(), after), tmp_path)
    assert len(found) < 65_000
    assert found.count("<details>") == found.count("</details>") > 0
    assert re.search(r"\n… [\d,]+ more rows: `mkdocs-lightning plan` with `--format json` has all\.\n", found)
    assert ("more pages" in found) == (pages > 1)
    lengths = {line.count("|") for line in found.splitlines() if line.startswith("|")}
    assert lengths == {5, 9}, "each row is whole"


def test_many_sentences_in_another_voice_are_told_as_one(tmp_path: Path) -> None:
    texts = [f"Sentence {number} is the same as it has always been." for number in range(40)]
    before = script(*texts)
    after = script(*texts)
    (page,) = after.pages
    revoiced = tuple(
        Segment("lightning", replace(VOICE, voice_id="sophie", speed=1.5), sentence.text) for sentence in page.sentences
    )
    after = SiteScript((PageScript(page.name, (replace(page.players[0], sentences=revoiced),)),))
    found = changes(before, after)
    assert "kaitlyn → sophie, speed 1.0 → 1.5" in "".join(rendered(markdown(found, tmp_path)).texts).replace(
        "\u200b", ""
    )
    told = text_of_changes(found)
    assert (
        "  ~ (kaitlyn → sophie, speed 1.0 → 1.5) Sentence 0 is the same as it has always been. … and 39 more sentences"
        in told
    )


def test_the_text_has_what_languages_share_once_and_names_them_otherwise() -> None:
    pages = {
        (uri, locale): script(text).pages[0].players
        for uri, locale, text in [
            *[("one.md", "en", "The same sentence everywhere."), ("one.md", "de", "The same sentence everywhere.")],
            *[("two.md", "en", "It is an English sentence."), ("two.md", "de", "Das ist ein deutscher Satz.")],
        ]
    }
    after = SiteScript(tuple(PageScript(PageName(*name), players) for name, players in pages.items()))
    told = text_of_changes(changes(SiteScript(), after)).splitlines()
    assert told.count("  + The same sentence everywhere.") == 1
    assert {"one.md:3", "two.md:3 [en]", "two.md:3 [de]"} < {*told}


def test_the_text_is_short_and_has_no_control_characters() -> None:
    sentences = [f"Sentence {number} has an escape \x1b[31m in it." for number in range(500)]
    told = text_of_changes(changes(SiteScript(), script(*sentences)))
    assert len(told.splitlines()) < 80
    assert "\x1b" not in told
    assert "… 441 more lines; '--format json' has all" in told


def test_nothing_that_is_heard_has_changed(tmp_path: Path) -> None:
    found = changes(script("One sentence."), script("One sentence."))
    assert text_of_changes(found) == "Since main (0123456), nothing that is heard has changed."
    assert "nothing that is heard has changed" in markdown(found, tmp_path)


@pytest.mark.parametrize("move", [(), ("--voice-id", "sophie")])
def test_the_plan_of_a_site_as_markdown(site: Site, move: tuple[str, ...]) -> None:
    site.write({"a.md": f":::speak\n{HOSTILE[0]} And this sentence is a harmless one.\n:::\n"})
    text = printed(site, "plan", "--format", "markdown", *move)
    page = rendered(text)
    assert [cell.replace("\u200b", "") for cell in page.cells[:3]] == ["a.md", "1", "2"]
    assert "And this sentence is a harmless one." in page.cells
    assert ("kaitlyn would be replaced by sophie." in text) == bool(move)
    assert not [found for found in page.texts if re.search(ACTS["a mention"], found)]


@pytest.mark.parametrize("options", [("--json", "--format", "markdown"), ("--since", "HEAD", "--voice-id", "sophie")])
def test_options_that_exclude_one_another(site: Site, options: tuple[str, ...]) -> None:
    site.write({"a.md": "# A\n"})
    result = run(site, "plan", *options)
    assert (result.exit_code, "cannot be combined" in result.stderr) == (2, True)
