"""Chapters: which headings become one, when each begins, and where it leads."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.player.chapters import Chapter, make_chapters, to_json
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.script import read_page_script
from mkdocs_lightning.reading.sentences import Heading, Pause, Sentence

if TYPE_CHECKING:
    from tests.support.sites import Site

SCRIPT = (
    Sentence("Title", ("Title",), Pause.PARAGRAPH, heading=Heading("Title", "title")),
    Sentence("A long one.", ("A", "long", "one."), Pause.PARAGRAPH),
    Sentence("Part", ("Part",), Pause.PARAGRAPH, heading=Heading("Part")),
    Sentence("The end.", ("The end.",), Pause.PARAGRAPH),
)


def headings(source: str) -> list[tuple[str, str, str]]:
    """Of a page: the text of the sentence that each begins with, and its own title and id."""
    return [
        (sentence.written, sentence.heading.title, sentence.heading.anchor)
        for sentence in read_page_script(source, PlaceVoice("en"))
        if sentence.heading
    ]


def chapters_in(page: str) -> list[list[list[object]]]:
    """The chapters of each player of a page that has some."""
    return [json.loads(html.unescape(found)) for found in re.findall(r'data-chapters="([^"]*)"', page)]


def test_a_chapter_begins_with_its_heading() -> None:
    chapters = make_chapters(SCRIPT, (1.0, 0.5, 0.25, 0.75, 1.0, 2.0), (0.6, 0.06, 0.06, 0.6, 0.6))

    assert chapters == (Chapter(0.0, "Title", "title"), Chapter(3.82, "Part", ""))
    assert to_json(chapters) == '[[0.0,"Title","title"],[3.82,"Part",""]]'


@pytest.mark.parametrize("count", [0, 1], ids=["none", "one"])
def test_fewer_than_two_headings_are_no_chapters(count: int) -> None:
    script = SCRIPT[:2] if count else SCRIPT[1:2]
    assert make_chapters(script, [1.0] * 4, [0.6] * 3) == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<h1 id="a">One</h1><p>Text.</p><h6>Two</h6>', [("One", "One", "a"), ("Two", "Two", "")]),
        ("<h2>One</h2><h2>Two</h2>", [("One", "One", ""), ("Two", "Two", "")]),
        (
            "<h2>Is this a question that is asked of the reader? It certainly is one of the longer ones.</h2>",
            [
                (
                    "Is this a question that is asked of the reader?",
                    "Is this a question that is asked of the reader? It certainly is one of the longer ones.",
                    "",
                )
            ],
        ),
        ('<h2 id="b"><code>run.py</code> <a class="headerlink" href="#b">¶</a></h2>', [("run.py", "run.py", "b")]),
        ("<h2>First<br>second line</h2>", [("First second line", "First second line", "")]),
        ('<h2 class="nospeak">One</h2><p>Text.</p>', []),
        ("<h2>★</h2><p>Text.</p>", []),
        ('<div class="nospeak"><h2>One</h2></div><h3>Two</h3>', [("Two", "Two", "")]),
        ('<h2 id="c" data-say="As it is said">One</h2>', [("As it is said", "As it is said", "c")]),
        ("<blockquote><h2>One</blockquote><p>Text.</p>", [("One", "One", "")]),
        ("<table><tr><td><h3>One</h3></td><td>Cell</td></tr></table>", [("One", "One", "")]),
        ("<p>Text.</p>", []),
    ],
    ids=[
        "any level",
        "one after the other",
        "of several sentences",
        "with code and a link to itself",
        "of two lines",
        "silent",
        "without words",
        "inside what is silent",
        "said otherwise",
        "without an end",
        "in a row",
        "none",
    ],
)
def test_each_heading_that_is_spoken_is_noted_with_its_id(source: str, expected: list[tuple[str, str, str]]) -> None:
    assert headings(source) == expected


PAGE = """\
---
lightning: {narrate: true}
---
# The title

A sentence that stands before all the parts of this page.

## A "quoted" part & more

The first part has this sentence, and no other one.

:::speak
### Inside a block

The block has this sentence, which belongs to it alone.

### Inside a block

The block has this one, too, which is its last sentence.
:::
"""


def test_the_chapters_of_pages_and_blocks_are_in_the_site(site: Site) -> None:
    site.write({"index.md": PAGE, "other.md": ":::speak\n## The only one\n\nA block with one heading has none.\n:::"})

    site.build(strict=True)

    page, block = chapters_in(site.html("index.html"))
    assert [row[1:] for row in page] == [
        ["The title", "the-title"],
        ['A "quoted" part & more', "a-quoted-part-more"],
        ["Inside a block", "inside-a-block"],
        ["Inside a block", "inside-a-block_1"],
    ]
    assert block[0] == [0.0, "Inside a block", "inside-a-block"]
    assert [row[2] for row in block] == ["inside-a-block", "inside-a-block_1"]
    for rows in (page, block):
        assert all(earlier[0] < later[0] for earlier, later in pairwise(rows))  # type: ignore[operator]
    for anchor in {str(row[2]) for row in page}:
        assert f'id="{anchor}"' in site.html("index.html")
    assert chapters_in(site.html("other/index.html")) == []


def test_a_chapter_leads_to_the_heading_of_its_own_block(site: Site) -> None:
    block = ":::speak\n## One\n\nThe same words twice on a page.\n\n## Two\n\nAnd these words twice as well.\n:::\n\n"
    site.write({"index.md": block * 2})

    site.build(strict=True)

    anchors = [[row[2] for row in rows] for rows in chapters_in(site.html("index.html"))]
    assert anchors == [["one", "two"], ["one_1", "two_1"]]
