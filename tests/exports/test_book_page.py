"""One page of a talking book: from HTML of any kind to what a book may hold, with one element for each cue."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from mkdocs_lightning.exports.book.chapter import make_chapter
from mkdocs_lightning.exports.book.links import Images, Links, relink
from mkdocs_lightning.exports.book.model import Page, Reading, SiteFiles
from mkdocs_lightning.exports.book.overlay import clock
from mkdocs_lightning.exports.xml_text import to_xml
from mkdocs_lightning.player.captions import Cue
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from tests.support.books import XHTML, text_of

if TYPE_CHECKING:
    from mkdocs_lightning.exports.book.chapter import Chapter

PNG = b"\x89PNG\r\n\x1a\n..."
FILES = {
    "img/a.png": PNG,
    "img/fake.png": b"<html>",
    "img/a.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script><a href="https://e.org/">'
    b'<image href="https://e.org/x.png"/><use href="#p"/></a><style>@import "https://e.org/"</style></svg>',
    "img/broken.svg": b"<svg",
}


def chapter(html: str, *sentences: str, site_url: str = "") -> Chapter:
    readings: tuple[Reading, ...] = ()
    if sentences:
        html = highlight_sentences(html, sentences, "0", is_page=True)
        cues = [Cue(float(at), at + 0.9, sentence) for at, sentence in enumerate(sentences)]
        readings = (Reading(Path("clip.mp3"), float(len(sentences)), cues),)
    page = Page("guide.md", "guide/", "A title", (), "en", html, readings)
    site = SiteFiles(site_url, {name: partial(bytes, data) for name, data in FILES.items()})
    return make_chapter(page, 1, "Read by a machine", Images(site))


def inner(made: Chapter) -> str:
    """The content of a page as XML, without the title that it did not have."""
    text = to_xml(made.body).decode().split("\n", 1)[1]
    ET.fromstring(text)
    text = re.sub(r' xmlns="http://www.w3.org/1999/xhtml"', "", text, count=1)
    return text.removeprefix("<body>").removesuffix("</body>\n").strip().removeprefix("<h1>A title</h1>").strip()


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>a &nbsp;&lt; &copy; b<br>c", "<p>a \xa0&lt; © b<br/>c</p>"),
        ("<p>a<script>b</script><style>c</style><iframe src=x></iframe>d", "<p>ad</p>"),
        ("<p>a<!-- b -->c<?d?>e", "<p>ace</p>"),
        ("<form><p>a<button>b</button></form>c", "c"),
        ("<x-y>a <b>b</b></x-y>", "a <b>b</b>"),
        ("<p onclick=x() style='color:red' class=k data-a=1>a", '<p class="k">a</p>'),
        ("<p>a<a class=headerlink href=#x>¶</a>", "<p>a</p>"),
        ("<main><center>a</center></main>", "<div><div>a</div></div>"),
        ("<p><font color=red>a</font><tt>b</tt>", "<p><span>a</span><code>b</code></p>"),
        ("<td>a", "a"),
        ("<details><summary>a</summary>b</details>", '<details open="open"><summary>a</summary>b</details>'),
        ("<details>b</details>", "<div>b</div>"),
        ("<summary>a</summary>", "<div>a</div>"),
        ("<li>a", "<div>a</div>"),
        ("<ul>a<b>b</b><li>c</ul>", "<ul><li>a</li><li><b>b</b></li><li>c</li></ul>"),
        ("<dl><dd>a</dl>", "<div><div>a</div></div>"),
        ("<dl><dt>a<dd>b<dt>c<dt>d<dd>e</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt><dt>d</dt><dd>e</dd></dl>"),
        ("<span><div>a</div></span>", "<div><div>a</div></div>"),
        ("<a><div>a</div></a>", "<a><div>a</div></a>"),
        ("<em><a><p>a</a></em>", "<em><a></a></em><p><em><a>a</a></em></p>"),
        ("<h2>a<div>b</div><hr></h2>", "<h2>a<span>b</span><br/></h2>"),
        ("<pre>\n a\n  b</pre>", "<pre> a\n  b</pre>"),
        ("<figure><figcaption>a</figcaption>b<figcaption>c</figcaption></figure>", None),
        ("<input type=checkbox checked>a <input type=checkbox>b <input value=c>", "☑a ☐b"),
        ("<ol start=3 reversed type=x><li value=x>a", '<ol start="3" reversed="reversed"><li>a</li></ol>'),
        ("<p id='a'>b<i id='a'>c</i><i id='d e'>f</i>", '<p id="a">b<i>c</i><i>f</i></p>'),
        ("<p lang=he>a", '<p lang="he" xml:lang="he" dir="rtl">a</p>'),
        ("<p>a\x0bb\ufffe&#x1;", "<p>ab</p>"),
        ("<table><tfoot><tr><td>a</tfoot><tr><td style='text-align: right; x: url(y)'>b</table>", None),
    ],
)
def test_what_a_book_may_not_hold_becomes_what_it_may(html: str, kept: str | None) -> None:
    made = inner(chapter(html))
    if kept is not None:
        assert made == kept


def test_the_parts_of_a_table_come_in_their_order() -> None:
    made = inner(chapter("<table><tfoot><tr><td>a</tfoot><tr><td style='text-align: right; x: url(y)'>b</table>"))
    assert made.index("<tbody>") < made.index("<tfoot>")
    assert '<td style="text-align: right">b</td>' in made


def test_labels_of_tabs_stand_above_what_they_open() -> None:
    html = (
        '<div class="tabbed-set"><input type="radio"><input type="radio"><div class="tabbed-labels"><label>One</label>'
        '<label>Two</label></div><div class="tabbed-content"><div class="tabbed-block"><p>First.</p></div>'
        '<div class="tabbed-block"><p>Second.</p></div></div></div>'
    )
    assert letters(text_of(chapter(html).body)) == "AtitleOneFirst.TwoSecond."


def test_drawings_and_formulas_stay_without_what_they_would_fetch() -> None:
    html = (
        '<p><svg viewbox="0 0 1 1" onload="x()"><script>x()</script><a href="https://e.org/"><path d="M0"/></a>'
        '<image href="https://e.org/a.png"/><use xlink:href="#p"/><foreignObject><p>x</p></foreignObject></svg>'
        "<math><mi>x</mi><annotation-xml><p>y</p></annotation-xml></math>"
    )
    made = to_xml(chapter(html).body).decode()
    assert 'viewBox="0 0 1 1"' in made
    assert '<use xlink:href="#p"/>' in made
    assert "<g><path" in made
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>' in made
    assert not re.search(r"script|onload|e\.org|foreignObject|annotation", made)


@pytest.mark.parametrize(
    "drawing",
    [
        "<svg><style>@\\69mport 'https://e.org/';</style></svg>",
        "<svg><style>a { fill: u\\72l(https://e.org/) }</style></svg>",
        '<svg><rect fill="u\\72l(https://e.org/)"/></svg>',
        '<svg><rect style="fill:ur\\6c (https://e.org/)"/></svg>',
        '<svg><image href="#a"><animate attributeName="href" to="https://e.org/"/></image></svg>',
        '<svg><use href="#a"><animate attributeName="xlink:href" values="#a;https://e.org/"/></use></svg>',
        '<svg href="https://e.org/"></svg>',
        '<math><mglyph src="https://e.org/"></mglyph></math>',
        '<math altimg="https://e.org/"><mi>x</mi></math>',
    ],
)
def test_a_drawing_or_formula_fetches_nothing_however_it_is_written(drawing: str) -> None:
    assert "e.org" not in to_xml(chapter(f"<p>{drawing}").body).decode()


def test_a_formula_keeps_its_text_in_latex() -> None:
    assert 'alttext="\\frac12"' in to_xml(chapter(r'<math alttext="\frac12"><mi>x</mi></math>').body).decode()


@pytest.mark.parametrize("name", ["colspan", "rowspan", "width"])
@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1e9", "\u0662"])
def test_a_number_that_is_none_or_endless_is_left_out(name: str, number: str) -> None:
    assert number not in inner(chapter(f'<table><tr><td {name}="{number}">a<img {name}="{number}" src="x">'))


@pytest.mark.parametrize("deep", [5, 5000])
def test_a_page_may_be_nested_as_deeply_as_it_likes(deep: int) -> None:
    assert inner(chapter("<div>" * deep + "a")).count("<div>") == deep


def letters(text: str) -> str:
    return "".join(text.split())


CUES = [
    ("<p>One. Two.</p>", ["One.", "Two."], None),
    ("<p>One <b>fat</b> word here. Two.</p>", ["One fat word here.", "Two."], None),
    ("<p>One and <em>two here. And three</em> are here.</p>", ["One and two here.", "And three are here."], None),
    (
        "<p>See <a href='#x'><b>this</b> one. That</a> <i>is <b>all</b></i>.</p>",
        ["See this one.", "That is all."],
        None,
    ),
    ("<table><tr><td>One cell</td><td>other <b>cell</b></td></tr></table>", ["One cell other cell"], None),
    ("<p>One sentence.</p><p>Other sentence.</p>", ["Not on the page.", "Other sentence."], ["Other sentence."]),
    ("<p>First sentence here.</p>", ["First sentence here.", "A picture of it."], ["First sentence here."]),
    ("<ul><li>One item</li><li>Two <code>items</code></li></ul>", ["One item", "Two items"], None),
]


@pytest.mark.parametrize(("html", "sentences", "shown"), CUES)
def test_each_sentence_is_one_element_and_the_whole_clip_is_heard(
    html: str, sentences: list[str], shown: list[str] | None
) -> None:
    made = chapter(html, *sentences)
    texts = {element.get("id"): text_of(element) for element in made.body.iter() if element.get("id")}
    heard = [letters(texts[phrase.element]) for phrase in made.phrases]
    assert heard == [letters(sentence) for sentence in shown or sentences]
    edges = [(phrase.begin, phrase.end) for phrase in made.phrases]
    assert edges[0][0] == 0
    assert edges[-1][1] == len(sentences) * 1000
    assert [end for _, end in edges[:-1]] == [begin for begin, _ in edges[1:]]


@pytest.mark.parametrize(("html", "sentences"), [case[:2] for case in CUES])
def test_no_word_of_a_page_is_lost_or_moved(html: str, sentences: list[str]) -> None:
    made = chapter(html, *sentences)
    assert letters(text_of(made.body)).endswith(letters(re.sub("<[^>]+>", "", html)))


def test_ids_that_an_author_wrote_stay_those_of_their_elements() -> None:
    made = chapter('<p>One and <em id="e">two here. And three</em> are.</p>', "One and two here.", "And three are.")
    (element,) = [element for element in made.body.iter() if element.get("id") == "e"]
    assert text_of(element) == "two here."
    assert len(made.ids) == len([element for element in made.body.iter() if element.get("id")])


def test_a_forged_cue_is_text() -> None:
    forged = '<span class="speak-cue" data-cue="0 99">a</span>. <span id="speak-cue-0-0">b</span>.'
    made = chapter(f"<p>{forged} One is here.</p>", "One is here.")
    assert [phrase.element for phrase in made.phrases] == ["speak-cue-0-0"]
    (element,) = [element for element in made.body.iter() if element.get("id") == "speak-cue-0-0"]
    assert text_of(element) == "One is here."


def test_the_disclosure_stands_under_the_title_of_a_page_that_is_read_aloud_only() -> None:
    assert text_of(chapter("<h1>Mine</h1><p>One.</p>", "One.").body) == "Mine Read by a machineOne."
    assert text_of(chapter("<h1>Mine</h1><p>One.</p>").body) == "MineOne."


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("../img/a.png", re.compile(r'<img alt="A &amp; b" src="images/[0-9a-f]{16}\.png"/>')),
        ("../img/a.png?x=1", re.compile(r'<img alt="A &amp; b" src="images/')),
        ("https://docs.example.org/book/img/a.png", re.compile(r'<img alt="A &amp; b" src="images/')),
        ("https://elsewhere.org/a.png", re.compile("<span>A &amp; b</span>")),
        ("../img/none.png", re.compile("<span>A &amp; b</span>")),
        ("../img/fake.png", re.compile("<span>A &amp; b</span>")),
        ("../img/broken.svg", re.compile("<span>A &amp; b</span>")),
        ("data:image/png;base64,AAAA", re.compile("<span>A &amp; b</span>")),
        ("http://[", re.compile("<span>A &amp; b</span>")),
        ("../img/a.png#only-dark", re.compile("<span></span>")),
    ],
)
def test_an_image_comes_along_or_becomes_its_text(source: str, becomes: re.Pattern[str]) -> None:
    made = chapter(f'<p><img src="{source}" alt="A &amp; b">', site_url="https://docs.example.org/book/")
    assert becomes.search(inner(made))


@pytest.mark.parametrize("root", [b"", b' xlink:href="https://e.org/"', b' href="https://e.org/"'])
def test_a_drawing_that_comes_along_is_harmless(root: bytes) -> None:
    drawing = FILES["img/a.svg"].replace(b"<svg", b'<svg xmlns:xlink="http://www.w3.org/1999/xlink"%s' % root)
    images = Images(SiteFiles("", {"img/a.svg": lambda: drawing}))
    name = images.name_of("img/a.svg", "")
    assert name
    data = images.items[name].data
    assert isinstance(data, bytes)
    assert b"<use" in data
    assert not re.search(rb"script|onload|e\.org", data)


LINKS = [
    ("../", "page-0001.xhtml"),
    ("../#a%20b", "page-0001.xhtml"),
    ("../#top", "page-0001.xhtml#top"),
    ("../index.html#top", "page-0001.xhtml#top"),
    ("#h%C3%A9", "page-0002.xhtml#h%C3%A9"),
    ("#none", None),
    ("../file.zip", "https://docs.example.org/book/file.zip"),
    ("https://docs.example.org/book/guide/#hé", "page-0002.xhtml#h%C3%A9"),
    ("https://e.org/a b?c=[1]#d#e", "https://e.org/a%20b?c=%5B1%5D#d%23e"),
    ("https://e.org/100%", "https://e.org/100%25"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("mailto:a@e.org", "mailto:a@e.org"),
    ("javascript:alert(1)", None),
    ("https://", None),
    ("http://[", None),
    ("http://e.org:port/", None),
]


@pytest.mark.parametrize("site_url", ["https://docs.example.org/book/", ""])
@pytest.mark.parametrize(("address", "target"), LINKS)
def test_a_link_leads_into_the_book_or_to_a_whole_address(address: str, target: str | None, site_url: str) -> None:
    links = Links(
        site_url,
        {"": "page-0001.xhtml", "guide/": "page-0002.xhtml"},
        {"page-0001.xhtml": {"top"}, "page-0002.xhtml": {"hé"}},
    )
    body = ET.Element("body")
    ET.SubElement(body, f"{XHTML}a", {"href": address})
    relink(body, "guide/", links)
    if not site_url and (target or "").startswith("https://docs."):
        target = None
    elif not site_url and address.startswith("https://docs."):
        target = "https://docs.example.org/book/guide/#h%C3%A9"
    assert body[0].get("href") == target


def test_times_are_written_as_smil_has_them() -> None:
    assert [clock(time) for time in (0, 59_999, 3_723_045)] == ["0:00:00.000", "0:00:59.999", "1:02:03.045"]
