"""What elements of a page mean to a listener: numbers, tasks, labels, signs, formulas, lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import markdown
import pytest

from mkdocs_lightning.player.sentence_highlights import highlight_sentences, without_highlights
from mkdocs_lightning.reading.elements.accessible_names import checkbox_word, names_of_signs
from mkdocs_lightning.reading.elements.page_tree import parse_page
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.sentences import Pause
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL

if TYPE_CHECKING:
    from mkdocs_lightning.reading.sentences import Sentence

PAGE: dict[str, dict[str, Any]] = {
    "admonition": {},
    "attr_list": {},
    "md_in_html": {},
    "pymdownx.details": {},
    "pymdownx.superfences": {},
    "pymdownx.tasklist": {},
    "tables": {},
}
ALTERNATE = {"pymdownx.tabbed": {"alternate_style": True}}
SCRIPT = '<script type="math/tex'
CLASSIC: dict[str, dict[str, Any]] = {"pymdownx.tabbed": {}}


def read(html: str, language: str = "en", *, reads_math: bool = False) -> list[str]:
    """What is spoken of a page, after a look at whether its highlights change nothing else."""
    sentences = [sentence.written for sentence in read_page_script(html, PlaceVoice(language), reads_math=reads_math)]
    highlighted = highlight_sentences(html, sentences, "p", language=language, is_page=True, reads_math=reads_math)
    assert without_highlights(highlighted) == html
    return sentences


def rendered(source: str, more: dict[str, dict[str, Any]] | None = None) -> str:
    configs = PAGE | (more or {})
    return markdown.markdown(source, extensions=list(configs), extension_configs=configs)


def pauses(html: str) -> list[tuple[str, int]]:
    found: tuple[Sentence, ...] = read_page_script(html, PlaceVoice("en"))
    return [(sentence.written, sentence.pause) for sentence in found]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ("<ol><li><p>One</p><p>more</p></li><li><p>two</p></li></ol>", ["1. One", "more", "2. two"]),
        ("<ol type=a start=3><li>x<li>y</ol>", ["c. x", "d. y"]),
        ("<ol type=A start=26><li>x</li><li>y</li></ol>", ["Z. x", "AA. y"]),
        ("<ol type=i start=3><li>x</li><li>y</li></ol>", ["iii. x", "iv. y"]),
        ("<ol type=I start=1999><li>x</li></ol>", ["MCMXCIX. x"]),
        ("<ol type=I start=4000><li>x</li></ol>", ["4000. x"]),
        ("<ol type=a start=0><li>x</li><li>y</li></ol>", ["0. x", "a. y"]),
        ("<ol start=-1><li>x</li><li>y</li></ol>", ["-1. x", "0. y"]),
        ("<ol><li>x</li><li value=7>y</li><li>z</li></ol>", ["1. x", "7. y", "8. z"]),
        ("<ol><li type=a>x</li><li>y</li></ol>", ["a. x", "2. y"]),
        ("<ol reversed><li>x</li><li>y<ol reversed><li>p<li>q</ol></li></ol>", ["2. x", "1. y", "2. p", "1. q"]),
        ("<ol reversed start=9><li>x</li><li>y</li></ol>", ["9. x", "8. y"]),
        ("<ol start=abc><li value=>x</li></ol>", ["1. x"]),
        ("<ol start=99999999999><li>x</li></ol>", ["1. x"]),
        ("<ul><li value=7>x</li></ul>", ["x"]),
        ("<ol><li><pre>code</pre>text</li><li><pre>code</pre></li><li>y</li></ol>", ["1. text", "3. y"]),
        ("<ol><li><img src=x><h2>Title</h2></li><li>y</li></ol>", ["1. Title", "2. y"]),
        ("<ol><li><table><tr><td>a<td>b</table></li><li>y</li></ol>", ["1. a", "b", "2. y"]),
        ("<ol><li><ul><li>a</li><li>b</li></ul></li><li>y</li></ol>", ["1. a", "b", "2. y"]),
        ("<ol><li>“…”</li><li>—</li></ol><p>End.</p>", ["End."]),
    ],
)
def test_an_item_begins_with_its_number_as_shown(html: str, spoken: list[str]) -> None:
    assert read(html) == spoken


@pytest.mark.parametrize("custom_checkbox", [False, True])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_done_and_open_tasks_sound_different(custom_checkbox: bool, gap: str) -> None:
    source = f"- [x] One{gap}- [ ] two{gap}- three"
    html = rendered(source, {"pymdownx.tasklist": {"custom_checkbox": custom_checkbox}})

    assert read(html) == ["done: One", "to do: two", "three"]
    assert read(html, "de") == ["erledigt: One", "offen: two", "three"]


@pytest.mark.parametrize("code", ["a[&#39;b&#39;]", "<b>a</b>[&#39;b&#39;]", "a<i></i>[&#39;b<u>&#39;</u>]"])
def test_entities_in_code_are_read_as_characters_before_and_after_its_elements(code: str) -> None:
    assert read(f"<p>Type <code>{code}</code> here.</p>") == ["Type a['b'] here."]


def test_an_entity_that_code_shows_as_it_is_written_is_read_so() -> None:
    assert read("<p>Write <code><b>&amp;lt;</b>&amp;lt;</code> here.</p>") == ["Write &lt;&lt; here."]


def test_a_checkbox_of_a_form_is_silent() -> None:
    assert read("<form><ul><li><label><input type=checkbox> Send me mail</label></li></ul></form>") == ["Send me mail"]


@pytest.mark.parametrize("tabs", [ALTERNATE, CLASSIC])
def test_a_label_is_silent_where_all_beneath_it_is(tabs: dict[str, dict[str, Any]]) -> None:
    code = "\n\n    ```\n    ls\n    ```\n\n"
    source = (
        f'Run this:\n\n=== "Linux"{code}=== "Windows"\n\n    Text.\n\n??? note "Show the code"{code}'
        f'!!! tip "Code"{code}!!! tip "Text"\n\n    Text.\n\n!!! tip "A title alone"\n\nEnd.'
    )

    assert read(rendered(source, tabs)) == ["Run this:", "Windows", "Text.", "Text", "Text.", "A title alone", "End."]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ("<figure><pre>c</pre><figcaption>cap</figcaption></figure>End", ["End"]),
        ("<figure><img src=x><figcaption>cap</figcaption></figure>End", ["End"]),
        ("<figure><img src=x alt=Alt><figcaption>cap</figcaption></figure>End", ["Alt", "cap", "End"]),
        ("<table><caption>cap</caption><tr><td><pre>c</pre></table>End", ["End"]),
        ("<table><caption>cap</caption><tr><td>a</table>End", ["cap", "a", "End"]),
        ("<details><summary>S</summary><details><summary>T</summary><pre>c</pre></details></details>End", ["End"]),
        ("<details><summary>S</summary>Text<pre>c</pre></details>End", ["S", "Text", "End"]),
        ("<details><summary>S</summary></details>End", ["S", "End"]),
        ("<details><summary>S</summary><pre say='Lists files.'>ls</pre></details>End", ["S", "Lists files.", "End"]),
        ("<summary>S</summary><pre>c</pre>End", ["S", "End"]),
        ("<details><summary>S<pre>c", ["S"]),
        ("<table><tr><td>a<details><summary>S</summary><pre>c</pre></details><td>b</table>", ["a", "b"]),
    ],
)
def test_captions_and_summaries_are_labels(html: str, spoken: list[str]) -> None:
    assert read(html) == spoken


@pytest.mark.parametrize(
    ("cell", "spoken"),
    [
        ("✅", "yes"),
        ("✔️", "yes"),
        ("<p>❌</p>", "no"),
        ("⭐⭐⭐", "star star star"),
        ("<img class=twemoji alt=✅ title=:white_check_mark:>", "yes"),
        ("<span class=twemoji title=:material-close-circle:><svg><path d=M1/></svg></span>", "no"),
        ("<span class=twemoji title=:material-rocket-launch:><svg><path d=M1/></svg></span>", "rocket launch"),
        ("<i class='fa fa-check'></i>", "yes"),
        ("<i class='fa fa-check' title=Supported></i>", "Supported"),
        ("<svg><title>Supported</title><path d=M1/></svg>", "Supported"),
        ("<span role=img aria-label=Supported>✅</span>", "Supported"),
        ("✅ since 2.0", "since 2.0"),
    ],
)
def test_signs_are_spoken_where_a_cell_or_an_item_has_nothing_else(cell: str, spoken: str) -> None:
    assert read(f"<table><tr><td>Read<td>{cell}</table>") == ["Read", spoken]
    assert read(f"<ul><li>{cell}</li></ul>") == [spoken]


@pytest.mark.parametrize(
    "cell", ["", "🎉", "<span aria-hidden=true>✅</span>", "<b class=nospeak>✅</b>", "<img src=x>"]
)
def test_a_cell_may_say_nothing(cell: str) -> None:
    assert read(f"<table><tr><td>Read<td>{cell}</table>") == ["Read"]


def test_an_icon_of_material_is_known_by_its_shape() -> None:
    emoji = pytest.importorskip("material.extensions.emoji")
    config = {"pymdownx.emoji": {"emoji_index": emoji.twemoji, "emoji_generator": emoji.to_svg}}
    source = "| a | b |\n|---|---|\n| x | :material-check: |\n| y | :material-close: |\n\nThe :material-check: sign."

    assert read(rendered(source, config)) == ["a", "b", "x", "yes", "y", "no", "The sign."]


def test_every_language_has_words_for_signs_and_tasks() -> None:
    tasks = set()
    for language in LANGUAGES[PRO_MODEL]:
        of_signs = [name for sign in "✅❌⚠\u2139❓⭐🟢🟡🔴" for name in names_of_signs(sign, language)]
        of_tasks = [checkbox_word({}, language), checkbox_word({"checked": None}, language)]
        assert all(of_signs), language
        assert len(set(of_signs)) == 9, language
        assert all(of_tasks), language
        assert len(set(of_tasks)) == 2, language
        tasks.add(of_tasks[0])

    assert len(tasks) > len(LANGUAGES[PRO_MODEL]) / 2


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ("<p>It is <span role=img aria-label=done>✅</span> now.</p>", ["It is done now."]),
        ("<p>It is <svg role=img aria-label=done><title>no</title></svg> now.</p>", ["It is done now."]),
        ("<p>It is <svg><title>done</title><g><title>part</title></g></svg> now.</p>", ["It is done now."]),
        ("<p>It is <svg aria-hidden=true><title>done</title></svg> now.</p>", ["It is now."]),
        ("<p>It is <svg><text>done</text></svg> now ✅.</p>", ["It is now."]),
        ("<p>It is <svg><title>done", ["It is done"]),
    ],
)
def test_a_name_that_the_author_gave_is_spoken_in_a_sentence(html: str, spoken: list[str]) -> None:
    assert read(html) == spoken


@pytest.mark.parametrize(
    ("source", "config"),
    [
        ("Let $x < y$, then.\n\n$$\na+b\n$$\n\nDone.", {"pymdownx.arithmatex": {"generic": True}}),
        ("Let $x < y$, then.\n\n$$\na+b\n$$\n\nDone.", {"pymdownx.arithmatex": {"generic": False}}),
        ("Let $x < y$, then.\n\n$$\na+b\n$$\n\nDone.", {"pymdownx.arithmatex": {"generic": False, "preview": False}}),
        (f'Let {SCRIPT}">x < y</script>, then.\n\n{SCRIPT}; mode=display">a+b</script>\n\nDone.', {}),
    ],
)
def test_formulas_are_spoken_by_their_source_if_they_are_wanted(source: str, config: dict[str, dict[str, Any]]) -> None:
    html = rendered(source, config)

    assert read(html, reads_math=True) == ["Let x < y, then.", "a+b", "Done."]
    assert read(html) == ["Let, then.", "Done."]


def test_a_formula_in_mathml_is_spoken_by_its_annotation() -> None:
    html = (
        "<p>So <math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></semantics></math>."
    )

    assert read(html, reads_math=True) == ["So x^2."]
    assert read(html) == ["So."]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ("x<sup>n</sup> and a<sub>i</sub>", "x n and a i"),
        ("<i>x</i><sup><b>n</b></sup>y", "x n y"),
        ("x<sup>n-1</sup>, 10<sup>2n</sup>, 101<sub>2</sub>", "x n-1, 10 2n, 101 2"),
        ("10<sup>3</sup>, 10<sup>&minus;6</sup>, CO<sub>2</sub>e", "10³, 10⁻⁶, CO2e"),
        ("1<sup>st</sup>, k<sup>th</sup>, n<sup>o</sup> 5, XIX<sup>e</sup>", "1st, kth, no 5, XIXe"),
        ("M<sup>me</sup> Roux, n<sup>os</sup> 5, 2<sup>a</sup>", "Mme Roux, nos 5, 2a"),
        ("n <sup>stray and 2 more", "n stray and 2 more"),
        ("n</sup> text<sub></sub> 2", "n text 2"),
    ],
)  # fmt: skip
def test_letters_above_or_below_the_line_are_words_of_their_own(html: str, spoken: str) -> None:
    assert read(f"<p>{html}</p>") == [spoken]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>です。", ["漢字です。"]),
        ("A long<wbr>word and <q>a quotation</q>.", ["A longword and a quotation."]),
        ("<p style='color: red; Display : none'>x</p><p inert>y</p><p hidden=until-found>z</p>End", ["End"]),
        ("<p style='display: none-such'>x</p>", ["x"]),
        ("<dialog>x</dialog><dialog open>y</dialog>", ["y"]),
        ("A<span class='critic comment'>note</span>, <del class=critic>b</del><ins class=critic>c</ins>", ["A, c"]),
    ],
)  # fmt: skip
def test_what_nobody_sees_is_silent(html: str, spoken: list[str]) -> None:
    assert read(html) == spoken


def test_the_mark_of_an_annotation_is_silent_and_its_note_has_no_number() -> None:
    source = "Press the button (1) now.\n{ .annotate }\n\n1.  The green one.\n\nThen f(1) and (2).\n\n1.  One."

    assert read(rendered(source)) == ["Press the button now.", "The green one.", "Then f(1) and (2).", "1. One."]


@pytest.mark.parametrize(
    ("code", "is_explained"),
    [
        ("``` { .yaml .annotate }\nname: tea  # (1)\n```", True),
        ("``` yaml\nname: tea  # (1)!\n```", True),
        ("``` { .yaml .annotate linenums=1 }\nname: tea  # (1)\n```", True),
        ("``` python\nbrew(1)\n```", False),  # as nothing says that the list is about the code
        ("``` yaml\nname: tea  # (1)!\n```\n\nBut then:", False),
    ],
)
def test_a_list_that_a_code_block_shows_in_its_marks_is_silent(code: str, *, is_explained: bool) -> None:
    spoken = read(rendered(f"{code}\n\n1.  A note.\n\nThe end.\n\n1.  A step."))

    assert ("1. A note." not in spoken) == is_explained
    assert spoken[-2:] == ["The end.", "1. A step."]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        (
            "Main Street 5<br>12345 Town<br/>Germany",
            [("Main Street 5", Pause.SENTENCE), ("12345 Town", Pause.SENTENCE), ("Germany", Pause.PARAGRAPH)],
        ),
        ("One line<br>and another.", [("One line and another.", Pause.PARAGRAPH)]),
        ("One line:<br>and another.", [("One line:", Pause.SENTENCE), ("and another.", Pause.PARAGRAPH)]),
        (
            "This is a line of prose that goes on and on until<br>Berlin is reached by it.",
            [("This is a line of prose that goes on and on until Berlin is reached by it.", Pause.PARAGRAPH)],
        ),
        ("One<br><br>and two", [("One", Pause.PARAGRAPH), ("and two", Pause.PARAGRAPH)]),
        ("<br>One<br>", [("One", Pause.PARAGRAPH)]),
        ("<br><br><br>", []),
    ],
)
def test_lines_that_the_author_broke_have_a_short_pause_between_them(html: str, spoken: list[tuple[str, int]]) -> None:
    assert pauses(f"<p>{html}</p>") == spoken


@pytest.mark.parametrize("text", ["Take a < b.", "I <3 it.", "It ends in <", "<<< Back.", "Less <= more, <- left."])
def test_signs_that_are_no_tags(text: str) -> None:
    assert read(f"<h1>Title</h1><p>One {text}</p><p><em>Two {text}</em> Three.</p>")[0] == "Title"


@pytest.mark.parametrize("name", ["xmp", "listing", "noembed", "noframes", "plaintext"])
def test_elements_of_old_pages(name: str) -> None:
    """Their text looks like tags: it is not prose, and a tag in it would be shown."""
    assert read(f"<p>Before it.</p><{name}><b>make press</b> twice") == ["Before it."]


@pytest.mark.parametrize(
    "formula",
    [
        r'<div class="math notranslate nohighlight">\[x < y\]</div>',
        r'<div class="math notranslate"><span class="eqno">(1)<a class="headerlink">¶</a></span>\[x < y\]</div>',
        r'<p><span class="math notranslate nohighlight">\(x < y\)</span></p>',
        r'<p><span class="math inline">\(x &lt; y\)</span></p>',
        r'<p><span class="math display">\[x < y\]</span></p>',
    ],
)
def test_formulas_of_other_programs(formula: str) -> None:
    """Those of Sphinx and Pandoc are read as those of MkDocs: silent, or by their source."""
    html = f'<p>Before it.</p>{formula}<p class="math">After it.</p>'
    assert read(html) == ["Before it.", "After it."]
    assert read(html, reads_math=True) == ["Before it.", "x < y", "After it."]


@pytest.mark.parametrize(
    "mark",
    [
        '<a class="footnote-reference brackets" href="#f" role="doc-noteref"><span>[</span>12<span>]</span></a>',
        '<a class="footnote-reference brackets" href="#f">12</a>',
        '<sup id="fnref:1"><a href="#fn:1" class="footnote" rel="footnote" role="doc-noteref">12</a></sup>',
        '<sup class="footnote-ref"><a href="#fn1">[12]</a></sup>',
        '<sup><a href="#fn1">12</a></sup>',
        '<sup><a href="#fn1">[12]</a></sup>',
        '<a href="#fn1"><sup>12</sup></a>',
        '<a href="#fn1" id="r"><sup>(*)</sup></a>',
        '<sup id="r"><a href="#fn1">\u2020</a></sup>',
        '<a href="#fnref:1" class="reversefootnote" role="doc-backlink">↩</a>',
        '<a class="fn-backref" href="#id1">12</a>',
        '<a class="viewcode-link" href="_modules/a.html"><span class="viewcode-link"><span>[source]</span></span></a>',
        '<a class="viewcode-back" href="../a.html">[docs]</a>',
    ],
)
def test_marks_of_other_programs_and_by_hand(mark: str) -> None:
    html = f"<p>Before it {mark}, and after it.</p>"
    assert read(html) == ["Before it, and after it."]
    assert [each.written for each in read_script(parse_page(html), [], PlaceVoice("en"))] == [
        "Before it, and after it."
    ]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ('10<sup>3</sup> and <a href="#n">12</a>', "10³ and 12"),
        ('10<sup><a href="powers.html">3</a></sup>', "10³"),
        ('<a href="#powers">10</a><sup>3</sup>', "10³"),
        ('n<sup><a href="#ordinals">th</a></sup>', "nth"),
        ('<a href="#a">a</a><sup><a>1</a></sup>', "a¹"),
    ],
)
def test_what_only_resembles_the_mark_of_a_footnote_is_spoken(html: str, spoken: str) -> None:
    assert read(f"<p>It is {html}.</p>") == [f"It is {spoken}."]


def test_a_mark_of_a_footnote_parts_sentences_as_if_it_were_not_there() -> None:
    first, second = (
        "The first of the two sentences on this page is here.",
        "And the second one is here, which is longer.",
    )
    marked, plain = (
        [each.written for each in read_script(parse_page(f"<p>{first}{mark} {second}</p>"), [], PlaceVoice("en"))]
        for mark in ('<sup><a href="#fn1">1</a></sup>', "")
    )
    assert marked == plain == [first, second]


@pytest.mark.parametrize(
    "reference",
    [
        '<a class="reference internal" href="#knuth" id="id1"><span>[Knuth]</span></a>',
        '<span class="citation" data-cites="k"><a href="#ref-k" role="doc-biblioref">Knuth</a></span>',
    ],
)
def test_the_name_of_a_cited_work_is_a_word_of_its_sentence(reference: str) -> None:
    """As Sphinx and Pandoc write it; it often is the sentence's subject."""
    assert read(f"<p>{reference} says so.</p>") == [f"{'[Knuth]' if '[' in reference else 'Knuth'} says so."]


def test_headings_that_lead_back_to_a_table_of_contents_are_read() -> None:
    """As Sphinx writes them on a page with `.. contents::`."""
    link = '<a class="toc-backref" href="#id1" role="doc-backlink">First steps</a>'
    assert read(f"<h2>{link}</h2><p>Run it.</p>") == ["First steps", "Run it."]


@pytest.mark.parametrize(
    "part",
    [
        '<div class="toctree-wrapper compound"><ul><li class="toctree-l1"><a href="a">No</a></li></ul></div>',
        '<div role="navigation"><p>No.</p></div>',
        '<div class="footnotes" role="doc-endnotes"><ol><li>No.</li></ol></div>',
        '<section class="footnotes"><ol><li>No.</li></ol></section>',
        '<aside class="footnote brackets" role="doc-footnote"><p>No.</p></aside>',
        '<div role="list"><div class="citation" role="doc-biblioentry"><span>[No]</span><p>No.</p></div></div>',
        '<div class="literal-block-wrapper"><div class="code-block-caption">no.py</div><pre>no</pre></div>',
    ],
)
def test_what_is_no_prose_in_pages_of_other_programs(part: str) -> None:
    assert read(f"<p>Before it.</p>{part}<ul><li><a href=b>A link</a></li></ul>") == ["Before it.", "A link"]


@pytest.mark.parametrize("alt", ["../_images/harbour.png", "harbour.PNG", "https://example.org/a.svg"])
def test_an_image_whose_alt_text_is_its_path_is_silent(alt: str) -> None:
    html = f'<p>Before.</p><figure><img alt="{alt}" src="a.png"></figure><p><img alt="See map.png here">.</p>'
    assert [each.written for each in read_page_script(html, PlaceVoice("en"))] == ["Before.", "See map.png here."]
