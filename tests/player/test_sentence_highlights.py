"""A script's sentences, found again in the HTML of their page."""

# ruff: noqa: RUF001 - quotation marks of other languages

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import partial
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import markdown
import pytest
import yaml
from markupsafe import Markup

from mkdocs_lightning.player.captions import Cue
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from mkdocs_lightning.player.slots import fill_slots
from mkdocs_lightning.player.view import PlayerTemplate, PlayerView
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.block import Block, TextMode
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.script import read_page_script, read_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READING = Path(__file__).parents[1] / "reading"
CHILDREN_ONLY = frozenset("ul ol menu dl table thead tbody tfoot tr colgroup select optgroup datalist".split())
NO_MARKUP = frozenset("head iframe noscript option script style svg math textarea title".split())
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
NOWHERE = frozenset([
    "One two three.",  # between "two" and "three" the page has a comment, which the script never saw
    "Three four.",  # a script that is never closed swallows it
])  # fmt: skip
VIEW = PlayerView(
    id="",
    classes=(),
    title="Listen",
    heading="What stands in an attribute is no text",
    label="Listen: what stands in an attribute is no text",
    text=TextMode.SHOW,
    text_html=Markup(),
    url="1.mp3",
    captions_url="1.vtt",
    media_type="audio/mpeg",
    duration=1.0,
    cues=(Cue(0.0, 1.0, "Text."),),
)
TEMPLATE = PlayerTemplate([])


class _Marked(HTMLParser):
    """The marks of one player, each with the element that it stands in; HTML of old may lack closing tags."""

    def __init__(self, player_id: str) -> None:
        super().__init__()
        self.marks: list[tuple[int, str]] = []
        self._player_id = player_id
        self._open: list[str] = []
        self._is_marking = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not self._is_marking, f"<{tag}> within a mark"
        player_id, _, number = (dict(attrs).get("data-cue") or "").partition(" ")
        if player_id == self._player_id:
            assert not NO_MARKUP & set(self._open)
            assert not self._open or self._open[-1] not in CHILDREN_ONLY
            self.marks.append((int(number), ""))
            self._is_marking = True
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._is_marking:
            assert tag == "span", f"</{tag}> within a mark"
            self._is_marking = False
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._is_marking:
            number, text = self.marks[-1]
            self.marks[-1] = (number, text + data)

    def handle_comment(self, data: str) -> None:
        assert "data-cue" not in data
        assert not self._is_marking


def pattern(player_id: str) -> re.Pattern[str]:
    return re.compile(rf'<span class="speak-cue" data-cue="{player_id} (\d+)">(.*?)</span>', re.DOTALL)


def texts(html: str, marked: str, player_id: str = "p") -> dict[int, str]:
    """The text that is marked for each sentence, after a look at how it is marked."""
    assert pattern(player_id).sub(r"\2", marked) == html, "something else was changed than that there are marks"
    reader = _Marked(player_id)
    reader.feed(marked)
    reader.close()
    pieces = pattern(player_id).findall(marked)
    assert [(int(number), unescape(text)) for number, text in pieces] == reader.marks
    found: dict[int, str] = {}
    for number, text in reader.marks:
        assert text
        found[number] = found.get(number, "") + text
    return found


def letters(text: str) -> str:
    """All that a reader would miss if it were not marked; what is left out of it was tested with the script."""
    return "".join(character for character in unicodedata.normalize("NFKD", text) if character.isalnum())


def marked(html: str, sentences: Sequence[str], *, is_page: bool = False) -> list[str | None]:
    """For each sentence the text that is marked, its white space collapsed; None where it has no mark."""
    found = texts(html, highlight_sentences(html, sentences, "p", is_page=is_page))
    return [" ".join(found[number].split()) if number in found else None for number in range(len(sentences))]


def marks(html: str, language: str = "en") -> str:
    """A page's content, with its own sentences marked as [number:text]."""
    sentences = [sentence.written for sentence in read_page_script(html, PlaceVoice(language))]
    result = highlight_sentences(html, sentences, "p", is_page=True)
    texts(html, result)
    return pattern("p").sub(r"[\1:\2]", result)


# Everything that the script was tested with


def load_sources() -> Iterator[Any]:
    """The Markdown of every golden case."""
    for path in sorted(READING.glob("grammar/*.yml")):
        case = yaml.unsafe_load(path.read_text(encoding="utf-8"))  # as MkDocs reads mkdocs.yml, with !!python/name
        configs = {name: config or {} for name, config in case.get("extensions", {}).items()}
        yield pytest.param(configs, "en", [case["source"]], id=path.stem)
    for path in sorted(READING.glob("script/*.yml")):
        topic = yaml.unsafe_load(path.read_text(encoding="utf-8"))
        configs = {name: config or {} for name, config in topic.get("extensions", {}).items()}
        for name, case in topic["cases"].items():
            sources = case["source"] if isinstance(case["source"], list) else [case["source"]]
            in_blocks = [f"::::::speak\n{source}\n::::::" for source in sources]
            yield pytest.param(configs, case.get("language", "en"), in_blocks, id=f"{path.stem}: {name}")


def check(html: str, sentences: Sequence[str], player_id: str, *, is_page: bool = False) -> str:
    result = highlight_sentences(html, sentences, player_id, is_page=is_page)
    found = texts(html, result, player_id)
    says_otherwise = re.search(r"say=|<img ", html) is not None
    for number, sentence in enumerate(sentences):
        visible = re.sub(r"^(?:\d+\. ?)?(?:done: |to do: )?", "", sentence)  # what begins an item is no text
        if says_otherwise or not letters(visible) or sentence in NOWHERE:
            continue
        if number not in found:
            assert len(letters(visible)) < 8, f"no mark on {sentence!r}"  # too short to be sure where it stands
        else:
            assert letters(found[number]) in {letters(sentence), letters(visible)}
    return result


@pytest.mark.parametrize(("configs", "language", "sources"), list(load_sources()))
def test_what_is_spoken_is_marked_and_nothing_else_changes(
    configs: dict[str, dict[str, Any]], language: str, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(READING / "grammar")  # for snippets
    for source in sources:
        scripts: list[list[str]] = []

        def on_block(block: Block, scripts: list[list[str]]) -> str:
            scripts.append(
                [sentence.written for sentence in read_script(block.body, block.raw_html, PlaceVoice(language))]
            )
            return str(len(scripts) - 1)

        def render(slot: str, inner: str, scripts: list[list[str]]) -> str:
            text_html = check(inner, scripts[int(slot)], f"block-{slot}")
            return TEMPLATE.render(replace(VIEW, id=f"block-{slot}", text_html=Markup(text_html)))

        extension = SpeakExtension(partial(on_block, scripts=scripts), lambda _mistake: None)
        html = markdown.markdown(source, extensions=[*configs, extension], extension_configs=configs)
        filled = fill_slots(html, set(map(str, range(len(scripts)))), partial(render, scripts=scripts)).html

        of_page = [sentence.written for sentence in read_page_script(html, PlaceVoice(language))]
        check(filled, of_page, "page", is_page=True)  # with the players that stand in it by now


# By hand

LONG = "This is the first of the sentences here."
OTHER = "And here we have the second sentence."


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", f"<p>[0:{LONG}] [1:{OTHER}]</p>"),
        ("en", "<h1>[0:Title]</h1>\n<p>[1:Text.]</p>\n<hr>\n<p>[2:End.]</p>"),
        ("en", f"<p>[0:This ]<em>[0:is the first]</em>[0: of the ]<b>[0:sentences]</b>[0: here.] [1:{OTHER}]</p>"),
        ("en", f'<p>[0:This is the ]<a href="#">[0:first of the sentences here.]</a> [1:{OTHER}]</p>'),
        ("en", f'<p><a href="#">[0:{LONG}] [1:And here]</a>[1: we have the second sentence.]</p>'),
        ("en", "<p>[0:This sentence]<br />[0:\nhas three]<br>[0:lines of text.]</p>"),
        ("en", "<p>[0:This sentence\n  has three\n\tlines of text.] [1:And the second\nsentence has two.]</p>"),
        ("en", "<p>[0:Salt &amp; pepper &lt;b&gt; &mdash; caf&eacute; &#x41;&#66;C.]</p>"),
        ("en", "<p>[0:AT&T and R&D, &copy 2026, &nosuch; &#xD800; &#0; a < b, <3.]</p>"),
        ("en", f'<p>[0:First run ]<code say="kube control">[0:kubectl]</code>[0: and wait.] [1:{OTHER}]</p>'),
        ("en", '<p>[0:This one ends with the words ]<code say="kube control">[0:kubectl]</code>[0:.]</p>'),
        ("en", '<p>[0:This one ends with the words ]<code say="kube control">[0:kube]<b>[0:ctl]</b></code></p>'),
        ("en", '<p><code say="kube control">[0:kube]<b>[0:ctl]</b></code>[0: is it.]</p>\n<p>[1:Next.]</p>'),
        ("en", f"<p>[0:First run ]<code>[0:a &lt; b &amp;&amp; c]</code>[0: and wait for it.] [1:{OTHER}]</p>"),
        ("en", f'<p>[0:This one ]<b class="nospeak">not heard</b>[0: goes on and on and on.] [1:{OTHER}]</p>'),
        ("en", '<p>[0:A note here]<sup><a class="footnote-ref" href="#">1</a></sup>[0:, and so there is more.]</p>'),
        ("en", '<p>[0:A note here]<sup><a href="#n">1</a></sup>[0:, and so there is more.]</p>'),
        ("en", f'<p>[0:{LONG}]<a href="#n"><sup>[&#49;]</sup></a> [1:{OTHER}]</p>'),
        ("en", f'<p>[0:{LONG}]<sup><a href="#n">&dagger;</a></sup> [1:{OTHER}]</p>'),
        ("en", f"<p>[0:Smile \U0001f600 with me \U0001f469\u200d\U0001f4bb, will you please?] [1:{OTHER}]</p>"),
        ("en", "<p>[0:Hy\u00adphen\u00adat\u00adion and\u200b what else is in\u2060visible.]</p>"),
        ("en", "<p>[0:10]<sup>[0:3]</sup>[0: m]<sup>[0:2]</sup>[0: and \u00bd a cup, \ufb01rst of all.]</p>"),
        ("en", "<p>[0:“This is the very first of the two!”] <em>[1:(And here we have the second one.)]</em></p>"),
        ("de", "<p>[0:Er rief ihr zu: „Jetzt geht es los.“] [1:„Und wer kommt von euch allen mit?“]</p>"),
        ("sv", "<p>[0:Han sade »detta är slutet på allt.«] [1:»Och detta är nu början på alltihop.«]</p>"),
        ("fr", "<p>[0:Elle dit : « Ce n’est pas vrai du tout ! »] [1:« Et puis, où est-il parti\u00a0?\u00a0»]</p>"),
        ("fr", "<p>[0:Ce n’est vraiment pas du tout vrai\u202f!] [1:« Il est là », dit-elle à Paul&nbsp;!]</p>"),
        ("en", f"<p>[0:{LONG}] [1:{OTHER}]</p>\r\n<p>[2:The third\r\nis here.]</p>"),
        ("en", f"<ul>\n<li>[0:{LONG}]</li>\n<li>\n<p>[1:{OTHER}]</p>\n</li>\n</ul>"),
        ("en", f"<ul><li>[0:{LONG}]<li>[1:{OTHER}]</ul>"),
        ("en", "<table>\n<tr>\n<td>[0:a]</td>\n<td>[1:b]</td>\n</tr>\n</table>"),
        ("en", f"<div>[0:{LONG}]<pre><code>{LONG}</code></pre>[1:{OTHER}]</div>"),
        ("en", f"<p>[0:{LONG}]</p><!-- {OTHER} --><p>[1:{OTHER}]</p><!-- {LONG} -->"),
        ("en", f"<script>{LONG}</script><style>{LONG}</style><p>[0:{LONG}]</p><textarea>{LONG}</textarea>"),
        ("ja", "<p><ruby>[0:漢]<rp>(</rp><rt>kan</rt><rp>)</rp>[0:字]<rt>ji</rt></ruby>[0:を読むことができる。]</p>"),
        ("de", unicodedata.normalize("NFD", f"<p>[0:Größe überzeugt die Übersetzer in Málaga é.] [1:{OTHER}]</p>")),
        ("hi", "<p>[0:यह इस पैराग्राफ का पहला और लंबा वाक्य है की।] [1:और यह इस पैराग्राफ का दूसरा लंबा वाक्य की]</p>"),
        ("ta", "<p>[0:இது இந்தப் பத்தியின் முதல் நீண்ட வாக்கியம் கோ]<br></p>\n<p>[1:இது மற்றொரு வாக்கியம் கீ]</p>"),
        ("zh", f"<p>[0:{'这是一句长话' * 6}。][1:“{'这是第二句话' * 6}。”][2:「{'这是第三句话' * 6}。」]</p>"),
        ("ar", "<p>[0:هذه هي الجملة الأولى في هذه الفقرة.] [1:وهذه هي الجملة الثانية «في الفقرة» أيضًا؟]</p>"),
        ("he", "<p>[0:זה המשפט הראשון בפסקה הזאת, והוא ארוך.] [1:וזה המשפט השני בפסקה הזאת, גם הוא ארוך!]</p>"),
        ("th", "<p>[0:นี่คือประโยคแรกของย่อหน้านี้ซึ่งยาวมาก]</p><p>[1:นี่คือประโยคที่สองที่นี่]</p>"),
    ],
)  # fmt: skip
def test_marks_stand_where_the_sentence_stands(language: str, expected: str) -> None:
    html = re.sub(r"\[\d+:([^\[\]]*)\]", r"\1", expected)
    assert "[0:" not in html

    assert marks(html, language) == expected


def test_a_sentence_that_stands_there_twice_is_marked_where_it_is_spoken() -> None:
    assert marks(f"<p>{LONG} {OTHER} {LONG}</p><p>{LONG}</p>") == (
        f"<p>[0:{LONG}] [1:{OTHER}] [2:{LONG}]</p><p>[3:{LONG}]</p>"
    )
    assert marks("<p>Go.</p><p>Stop.</p><p>Go.</p><p>Stop.</p>") == (
        "<p>[0:Go.]</p><p>[1:Stop.]</p><p>[2:Go.]</p><p>[3:Stop.]</p>"
    )


@pytest.mark.parametrize("gone", range(4))
def test_what_another_plugin_changed_has_no_mark_and_the_rest_has(gone: int) -> None:
    sentences = [f"Sentence number {number} of four is this." for number in range(4)]
    changed = [
        sentence.replace("is this", "was that") if sentence == sentences[gone] else sentence for sentence in sentences
    ]
    html = "".join(f"<p>{sentence}</p>" for sentence in changed)

    assert marked(html, sentences) == [None if number == gone else text for number, text in enumerate(sentences)]


def test_what_another_plugin_added_is_not_marked() -> None:
    html = f'<p>Edit me.</p><p>{LONG} <abbr title="{OTHER}">Added.</abbr></p><p>{OTHER}</p><p>Last edited today.</p>'

    assert marked(html, [LONG, OTHER]) == [LONG, OTHER]


def test_words_that_are_gone_are_not_looked_for_inside_of_others() -> None:
    html = f"<p>NoInstallation.</p><p>{OTHER}</p>"

    assert marked(html, ["Installation", OTHER]) == [None, OTHER]


def test_one_place_is_marked_for_one_sentence() -> None:
    assert marked(f"<p>{LONG} {OTHER}</p>", [LONG, OTHER, LONG]) == [LONG, OTHER, None]


def test_short_sentences_are_marked_only_where_they_are_expected() -> None:
    html = f"<p>{LONG}</p><p>Changed.</p><p>No.</p><p>{OTHER}</p><p>Yes.</p>"

    assert marked(html, [LONG, "Yes.", OTHER, "Yes."]) == [LONG, None, OTHER, "Yes."]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LONG} <b>And <i>here we</b> have the second sentence.",
        f"</div></p>{LONG}</span> </p>{OTHER}</section>",
        f"<p>{LONG}<!-- never closed {OTHER}",
        f"<p>{LONG} <script>{OTHER}",
        f"<p>{LONG} <textarea>{OTHER}",
        f'<p>{LONG} {OTHER} <a href="never closed',
        f"<p>{LONG} <![CDATA[ {OTHER} ]]> <?php echo '{OTHER}' ?> <!DOCTYPE html> {OTHER}</p>",
        f"<p>{LONG} <span title='a > b' data-cue=\"p 0\">{OTHER}</span></p>",
        f'<p title="<b>{LONG}</b>">{LONG}</p><p {OTHER}>{OTHER}</p>',
        f"<P CLASS=a>{LONG}</P><BR/><P\n>{OTHER}</P\n>",
        f"<ul>{LONG}</ul><table>{OTHER}</table>",
        "<" * 50 + LONG + ">" * 50 + "&" * 50 + OTHER + "&#" * 50,
        f"<p>&#xb;&#1; {LONG} <b>&#xfffe;{OTHER}</b></p>",
        "&#x110000; &#99999999999; &#xD800; &#xDFFF; &#0; &#x; &; &a",
        "\x00\x0b\x0c\x1b\ufffe " + LONG,
        "",
        " \n\n ",
    ],
)  # fmt: skip
def test_no_html_is_too_bad(html: str) -> None:
    for is_page in (False, True):
        for sentences in (
            [],
            [LONG, OTHER],
            ["", " ", "…", LONG],
            [s.written for s in read_page_script(html, PlaceVoice("en"))],
        ):
            result = highlight_sentences(html, sentences, "p", is_page=is_page)

            assert (
                re.sub(r'<span class="speak-cue" data-cue="p \d+">(.*?)</span>', r"\1", result, flags=re.DOTALL) == html
            )


@pytest.mark.parametrize("html", [f"<p>{LONG} <textarea>{OTHER}", f"<p>{LONG} <script>{OTHER}"])
def test_what_no_reader_sees_is_not_marked(html: str) -> None:
    assert marked(html, [LONG, OTHER]) == [LONG, None]


def test_a_block_s_player_and_its_marks_may_stand_in_what_is_marked() -> None:
    block = highlight_sentences(f"<p>{OTHER}</p>", [OTHER], "block")
    player = TEMPLATE.render(replace(VIEW, id="block", title=LONG, text=TextMode.COLLAPSE, text_html=Markup(block)))
    html = f"<h1>Title</h1>\n{player}\n<p>{LONG}</p>"

    assert marked(html, ["Title", OTHER, LONG], is_page=True) == ["Title", OTHER, LONG]
    result = highlight_sentences(html, ["Title", OTHER, LONG], "p", is_page=True)
    assert f'data-cue="block 0"><span class="speak-cue" data-cue="p 1">{OTHER}</span></span></p>' in result


def test_what_is_no_prose_of_a_page_is_marked_in_a_block_alone() -> None:
    html = f'<div class="toc"><ul><li>{LONG}</li></ul></div><p>{LONG}</p><div class="footnote"><p>{OTHER}</p></div>'

    assert marks(html) == html.replace(f"<p>{LONG}</p>", f"<p>[0:{LONG}]</p>")
    result = highlight_sentences(html, [LONG, LONG, OTHER], "p")
    assert pattern("p").sub(r"[\1:\2]", result).count(":This is") == 2
    assert f'data-cue="p 2">{OTHER}</span>' in result


def test_the_numbers_of_a_list_are_spoken_and_are_no_text() -> None:
    html = f'<ol start="3"><li>{LONG}</li><li>Short.<ol><li>{OTHER}</li></ol></li><li>Last.</li></ol>'

    assert [sentence.written for sentence in read_page_script(html, PlaceVoice("en"))] == [
        f"3. {LONG}", "4. Short.", f"1. {OTHER}", "5. Last."
    ]  # fmt: skip
    assert marks(html) == (
        f'<ol start="3"><li>[0:{LONG}]</li><li>[1:Short.]<ol><li>[2:{OTHER}]</li></ol></li><li>[3:Last.]</li></ol>'
    )


def test_tabs_are_read_in_another_order_than_they_stand_in() -> None:
    source = f'=== "Green tea"\n\n    {LONG}\n\n=== "Black tea"\n\n    Short.\n'
    configs = {"pymdownx.tabbed": {"alternate_style": True}}
    html = markdown.markdown(source, extensions=["pymdownx.tabbed"], extension_configs=configs)
    sentences = [sentence.written for sentence in read_page_script(html, PlaceVoice("en"))]

    assert sentences == ["Green tea", LONG, "Black tea", "Short."]
    assert marked(html, sentences, is_page=True) == sentences


def test_a_player_s_id_is_escaped() -> None:
    result = highlight_sentences("<p>Text.</p>", ["Text."], '"><script>')

    assert result == '<p><span class="speak-cue" data-cue="&quot;&gt;&lt;script&gt; 0">Text.</span></p>'


def test_a_huge_page_is_marked_to_its_end() -> None:
    paragraphs = [
        f"<p>Paragraph <b>number {n}</b> has a sentence. And &amp; so there is one more in it.</p>" for n in range(4500)
    ]
    html = "\n".join(paragraphs)
    assert len(html) > 300_000
    sentences = [sentence.written for sentence in read_page_script(html, PlaceVoice("en"))]

    result = highlight_sentences(html, sentences, "p", is_page=True)

    assert len(texts(html, result)) == len(sentences) == 9000


@pytest.mark.parametrize(
    "html",
    [
        "<p>One sentence here. Another sentence there.</p>",
        "\n<p>One sentence here.\nAnother sentence\nthere.</p>\n<p>“Äußerst ﬁne” words. Another sentence there.</p>\n",
        "<p></p>\n\n<p> One sentence here (Another > sentence there.)</p>",
        "",
    ],
)
def test_plain_paragraphs_are_marked_as_the_parser_would(html: str) -> None:
    sentences = ["One sentence here.", "“Äußerst ﬁne” words.", "Another sentence there."]
    comment = "<!-- needs the parser -->"
    assert highlight_sentences(html, sentences, "a") + comment == highlight_sentences(html + comment, sentences, "a")


def test_what_cannot_hold_markup_stays_as_it_is_where_a_name_is_spoken_for_it() -> None:
    image = '<svg role="img" aria-label="done"><title>never</title><text>never</text></svg>'
    html = f"<p>The state is {image} for this job.</p>"

    assert marks(html) == f"<p>[0:The state is ]{image}[0: for this job.]</p>"
