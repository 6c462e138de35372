"""The script: the right words, and sentences that can be spoken."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import markdown
import pytest
import yaml
from markdown.util import HTML_PLACEHOLDER

from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.sentences import MAX_SENTENCE, MIN_SENTENCE, Pause, Sentence, split_paragraph, spoken_text
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.reading.grammar.block import Block

SCRIPT = Path(__file__).parent / "script"


def load_cases() -> list[Any]:
    """Every case of every file: its extensions and language, one or more sources, what is spoken for each of them."""
    cases = []
    for path in sorted(SCRIPT.glob("*.yml")):
        topic = yaml.unsafe_load(path.read_text(encoding="utf-8"))  # as MkDocs reads mkdocs.yml, with !!python/name
        configs = {name: config or {} for name, config in topic.get("extensions", {}).items()}
        for name, case in topic["cases"].items():
            sources = case["source"] if isinstance(case["source"], list) else [case["source"]]
            language = case.get("language", "en")
            cases.append(pytest.param(configs, language, sources, case["spoken"], id=f"{path.stem}: {name}"))
    return cases


def parts(sentences: Iterable[Sentence]) -> list[str]:
    """What is spoken at once, one after the other."""
    return [part for sentence in sentences for part in sentence.parts]


def read(source: str, configs: dict[str, dict[str, Any]] | None = None, language: str = "en") -> list[Sentence]:
    """The sentences of a block that holds some Markdown."""
    sentences: list[Sentence] = []

    def on_block(block: Block) -> None:
        sentences.extend(read_script(block.body, block.raw_html, PlaceVoice(language)))

    markdown.markdown(
        f"::::::speak\n{source}\n::::::",
        extensions=[*(configs or {}), SpeakExtension(on_block)],
        extension_configs=configs or {},
    )
    return sentences


@pytest.mark.parametrize(("configs", "language", "sources", "spoken"), load_cases())
def test_script(configs: dict[str, dict[str, Any]], language: str, sources: list[str], spoken: list[str]) -> None:
    for source in sources:
        assert parts(read(source, configs, language)) == spoken


def test_pauses_follow_the_structure() -> None:
    long = "This sentence has a first part, " * 8 + "and an end."
    table, items = "| a | b |\n|---|---|\n| c | d |\n| e | f |", "- one\n    1. deep\n    2. deeper\n- two"
    source = f"# Title\n\nFirst sentence of this paragraph. {long}\n\n{table}\n\n{items}\n\nEnd."

    pauses = [(sentence.written[:14], sentence.pause) for sentence in read(source, {"tables": {}})]

    assert pauses == [
        ("Title", Pause.HEADING),
        ("First sentence", Pause.SENTENCE),
        ("This sentence ", Pause.PARAGRAPH),
        ("a", Pause.SENTENCE),
        ("b", Pause.PARAGRAPH),
        ("c", Pause.SENTENCE),
        ("d", Pause.ITEM),
        ("e", Pause.SENTENCE),
        ("f", Pause.PARAGRAPH),
        ("one", Pause.ITEM),
        ("deep", Pause.ITEM),
        ("deeper", Pause.ITEM),
        ("two", Pause.PARAGRAPH),
        ("End.", Pause.PARAGRAPH),
    ]


def test_reading_leaves_the_block_as_it_is() -> None:
    scripts: list[object] = []

    def on_block(block: Block) -> None:
        scripts.extend(read_script(block.body, block.raw_html, PlaceVoice("en")) for _ in range(2))

    source = ':::speak\nThe `x`{say="unknown"} &mdash; ![a](b.png)\n:::'
    html = markdown.markdown(source, extensions=["attr_list", SpeakExtension(on_block)])

    assert scripts[0] == scripts[1]
    assert '<p>The <code data-say="unknown">x</code> &mdash; <img alt="a" src="b.png" /></p>' in html


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Use a release, e.g. v3.1 or 3.2.1, with Node.js here.", "Dr. Smith of the U.S. office wrote it."]),
        ("en", ["Is this the question that you wanted to ask me?", "Yes, and it is the last one, I promise you!"]),
        ("de", ["Das ist z. B. am 3. Mai bei Prof. Dr. Müller so gewesen.", "Danach kam aber der zweite Satz."]),
        ("hi", ["यह इस पैराग्राफ का पहला और लंबा वाक्य है।", "और यह इस पैराग्राफ का दूसरा लंबा वाक्य है।"]),
        ("ta", ["இது இந்தப் பத்தியின் முதல் நீளமான வாக்கியம்.", "இது இந்தப் பத்தியின் இரண்டாவது வாக்கியம்."]),
        ("ar", ["هل هذا هو السؤال الأول الطويل في هذه الفقرة؟", "نعم، وهذه هي الجملة الثانية في هذه الفقرة."]),
        ("auto", ["Use a release, e.g. v3.1 or 3.2.1, with Node.js here.", "Dr. Smith of the office wrote it."]),
        ("auto", ["The language of this sentence is found out.", "यह इस पैराग्राफ का दूसरा और लंबा वाक्य है।"]),
    ],
)
def test_sentences_end_where_their_language_says(language: str, sentences: list[str]) -> None:
    assert parts(split_paragraph(" ".join(sentences), language)) == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("zh", ["这是这一段" + "很" * 30 + "长的第一句。", "这是第二句" + "很" * 30 + "\uff01"]),
        ("ja", ["これは" + "とても" * 10 + "長い文です。", "「はい」と" + "とても" * 10 + "言った。"]),
    ],
)  # fmt: skip
def test_sentences_without_spaces_between_them(language: str, sentences: list[str]) -> None:
    assert parts(split_paragraph("".join(sentences), language)) == sentences


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Yes. No. Maybe. Who knows?"),
        ("en", "Stop! This sentence is long enough to stand alone."),
        ("zh", "你好。再见!是吗?"),  # no space comes between them
    ],
)
def test_a_short_sentence_joins_its_neighbour(language: str, text: str) -> None:
    assert parts(split_paragraph(text, language)) == [text]


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("zh", "请先把水烧开再倒进茶壶。然后让绿茶泡上两到三分钟。", 2),
        ("zh", "请先把水烧开再倒进茶壶。很好。", 1),
        ("ja", "お湯を沸かしてから急須に注ぎます。緑茶は二分ほど蒸らしてください。", 2),
        ("ko", "먼저 주전자에 물을 끓이세요. 그리고 녹차를 이 분간 우리세요.", 2),
        ("ko", "물을 끓이세요. 그리고 녹차를 이 분간 우리세요.", 1),
    ],
)
def test_a_sentence_of_few_but_wide_characters_is_not_short(language: str, text: str, count: int) -> None:
    assert len(split_paragraph(text, language)) == count


def test_a_short_sentence_stays_alone_where_the_two_would_be_too_long() -> None:
    long = "A" + " word" * 48 + " ends."
    assert len(long) < MAX_SENTENCE < len(long) + len("Stop now. ")

    assert parts(split_paragraph(f"Stop now. {long}", "en")) == ["Stop now.", long]


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("word " * 40 + "word; " + "word, " + "word " * 20 + "end.", "word " * 40 + "word; word,"),
        ("word " * 40 + "word; " + "word " * 20 + "end.", "word " * 40 + "word;"),
        ("one, " + "word " * 60 + "end.", ("one, " + "word " * 49).strip()),  # a comma too early to breathe at
        ("word " * 30 + "1,000:00 " + "word " * 30, ("word " * 30 + "1,000:00 " + "word " * 18).strip()),
        ("字" * 200 + "、" + "字" * 100, "字" * 200 + "、"),
        ("كلمة " * 40 + "كلمة، " + "كلمة " * 20, "كلمة " * 40 + "كلمة،"),
        ("م" * 250 + "\u200c" + "م" * 100, "م" * 249),  # neither before a joiner
        ("م" * 249 + "\u200c" + "م" * 100, "م" * 248),  # nor behind it
        ("x" * 400, "x" * 250),
        ("x" * 260, "x" * 230),  # what is left is not too short either
        ("x" * 249 + "e" + "\u0323\u0302" * 3 + "x" * 100, "x" * 249),  # before the letter that signs belong to
        ("क" * 248 + "क\u094dषि" + "क" * 100, "क" * 248),  # before a conjunct
        ("ন" * 249 + "নি" + "ন" * 100, "ন" * 249),  # before a letter with its vowel
    ],
)
def test_a_long_sentence_is_cut_where_a_speaker_would_breathe(sentence: str, first: str) -> None:
    (cut,) = split_paragraph(sentence.strip(), "en")

    assert cut.written == sentence.strip()
    assert cut.parts[0] == first
    assert len(cut.parts) > 1


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        # before or after brackets, and inside only where they are too long
        (
            "word " * 20 + "(one, two, " + "word " * 20 + "three) " + "word " * 20,
            ("word " * 20 + "(one, two, " + "word " * 20 + "three)"),
        ),
        ("word " * 20 + "(one, two, " + "word " * 30 + "three) " + "word " * 20, "word " * 20),
        ("word " * 20 + "(one, two) " + "word " * 40, "word " * 20 + "(one, two)"),
        ("word " * 20 + "(one, two), " + "word " * 40, "word " * 20 + "(one, two),"),
        ("word " * 20 + "word, (one, two) " + "word " * 40, "word " * 20 + "word,"),
        ("word (" + "word " * 30 + "one, " + "word " * 40 + ") word", "word (" + "word " * 30 + "one,"),
        ("word [" + "word " * 90 + "] word", ("word [" + "word " * 49).strip()),
        (":( " + "word " * 30 + "one, " + "word " * 40, ":( " + "word " * 30 + "one,"),  # no pair
        # neither inside a number nor inside an address
        ("a" * 40 + " " + "b" * 203 + " 10 000 " + "word " * 20, "a" * 40 + " " + "b" * 203),
        ("word " * 45 + "1,000,000.55 2:30:00 " + "word " * 30, "word " * 45 + "1,000,000.55 2:30:00 word"),
        ("word " * 40 + "me@example.org/a,b;c:" + "d" * 60 + " " + "word " * 20, "word " * 40),
    ],
)
def test_a_cut_spares_brackets_and_numbers(sentence: str, first: str) -> None:
    (cut,) = split_paragraph(sentence.strip(), "en")

    assert cut.parts[0] == first.strip()


def test_merged_sentences_are_remembered_apart() -> None:
    sentences = split_paragraph("Yes. No, it is not. (Maybe!) This is a sentence that stands by itself for long.", "en")

    assert [sentence.written for sentence in sentences] == [
        "Yes. No, it is not. (Maybe!) This is a sentence that stands by itself for long."
    ]
    assert sentences[0].phrases[:2] == ("Yes.", "No, it is not.")
    assert " ".join(sentences[0].phrases) == sentences[0].written
    (alone,) = split_paragraph("This is a sentence that stands by itself.", "en")
    assert alone.phrases == ()
    (chinese,) = split_paragraph("你好。再见。", "zh")
    assert chinese.phrases == ("你好。", "再见。")


def test_a_sign_alone_is_no_phrase() -> None:
    (sentence,) = split_paragraph("Yes. \u2328! \u2328 No.", "en")
    assert all(any(map(str.isalnum, phrase)) for phrase in sentence.phrases)


def test_what_is_left_out_takes_nothing_else_with_it() -> None:
    digest = "0123456789" * 5
    sentences = split_paragraph(f"The first sentence is of a good length. {digest * 2}", "en", pause=700)
    assert [(sentence.parts, sentence.pause) for sentence in sentences] == [
        (("The first sentence is of a good length.",), 700)
    ]
    assert split_paragraph(digest, "en") == []
    (short,) = split_paragraph(f"See https://example.org/{digest} and more.", "en")
    assert short.written == f"See https://example.org/{digest} and more."
    assert short.parts == ("See example.org and more.",)


TABLE = """
| a | b |
| - | - |
| c. And much more of that, in two sentences. | d |
| e |   |
|   | f |

End.
"""


def test_the_cells_of_a_row_belong_together() -> None:
    sentences = read(TABLE, {"tables": {}})

    rows: list[list[str]] = [[]]
    for sentence in sentences:
        rows[-1].append(sentence.written)
        if not sentence.joins_next:
            rows.append([])
    assert rows == [["a", "b"], ["c. And much more of that, in two sentences.", "d"], ["e"], ["f"], ["End."], []]


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        ("<table><tr><td>a<td>b<tr><td>c</table><p>End.", [["a", "b"], ["c"], ["End."]]),
        ("<table><tr><td>a<td>b</table><p>End.</p><p>End.", [["a", "b"], ["End."], ["End."]]),
        ("<table><tr><th>a</th><td><p>b</p><p>c</p></td></tr></table>", [["a", "b", "c"]]),
        ("<table><tr><td>a</td><td>" + "0123456789" * 5 + "</td></tr><tr><td>b</td></tr></table>", [["a"], ["b"]]),
        ("<td>a</td><td>b</td>", [["a"], ["b"]]),
    ],
)
def test_rows_of_other_html(html: str, rows: list[list[str]]) -> None:
    found: list[list[str]] = [[]]
    for sentence in read_page_script(html, PlaceVoice("en")):
        found[-1].append(sentence.written)
        if not sentence.joins_next:
            found.append([])
    assert found == [*rows, []]


@pytest.mark.parametrize(
    ("html", "spoken"),
    [
        ("<p>How are you.\n:::</p>", ["How are you."]),
        ("<p>:::\nHow are you,\n ::::: \nmy friend?</p>", ["How are you, my friend?"]),
        ("<p>:::</p><p>How ::: are you?</p>", ["How ::: are you?"]),
    ],
)
def test_a_line_of_colons_that_closes_nothing_is_silent(html: str, spoken: list[str]) -> None:
    assert [sentence.written for sentence in read_page_script(html, PlaceVoice("en"))] == spoken


LETTERS = {
    "en": "e t a o i n s h r d l u",
    "hi": "क ख गि की कु क्ष ज्ञा",
    "ta": "க ங சி ஞீ டு க்ஷ ணா",
    "zh": "的 一 是 不 了 人 我 在 有 他",
    "ja": "あ い う え お が き く け こ",
    "ar": "ل ب تَ ث جِ ح خُ د ذ رّ",
    "vi": "a ă â ê ơ ư đ x\u0323\u0302",
}
STOPS = '. |! |? |… |; |, |: |। |\u3002|\uff01|\u3001|\uff0c| e.g. | v3.1 | "|" | (|) | '.split("|")


@pytest.mark.parametrize("language", LANGUAGES[PRO_MODEL])
def test_every_sentence_can_be_spoken_and_no_word_is_lost(language: str) -> None:
    choose = random.Random(language)
    letters = LETTERS.get(language, " ".join(LETTERS.values())).split()
    for _ in range(60):
        pieces = []
        for _ in range(choose.randrange(1, 40)):
            pieces += [*choose.choices(letters, k=choose.choice([1, 5, 20, 90])), choose.choice(STOPS)]
        text = spoken_text("".join(pieces))

        sentences = split_paragraph(text, language)

        spoken = parts(sentences)
        assert "".join(spoken).replace(" ", "") == text.replace(" ", "")
        assert all(sentence == spoken_text(sentence) for sentence in spoken)
        assert all(0 < len(sentence) <= MAX_SENTENCE for sentence in spoken)
        assert not any(unicodedata.category(sentence[0]).startswith("M") for sentence in spoken)
        assert all(len(part) >= MIN_SENTENCE - 1 for sentence in sentences for part in sentence.parts[:-1])
        assert " ".join(sentence.written for sentence in sentences).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("  two \n\t lines\u00a0and\u2003more ", "two lines and more"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffword\u2060s", "softhyphen zerowidth words"),
        ("\u200eleft \u202aright\u202c", "left right"),
        ("Cafe\u0301 A\u030angstro\u0308m", "Café Ångström"),
        ("م\u200cی\u200cشود क्\u200dष", "م\u200cی\u200cشود क्\u200dष"),  # joiners are spelling
        ("Done 🎉.", "Done."),
        ("Done 🎉🎉 and 👩‍👩‍👧‍👦 over", "Done and over"),
        ("🚀 Start here", "Start here"),
        ("thumbs👍🏽up", "thumbs up"),
        ("(🚀 start)", "(start)"),
        ("“🚀 Start 🚀”", "“Start”"),
        ('"Start 🚀"', '"Start"'),
        ("Up 🚀 - down", "Up - down"),
        ("Ready 🚀 (really)", "Ready (really)"),
        ("Warning ⚠️: hot ☕️, or 1️⃣ cold ❄", "Warning: hot, or 1 cold"),
        ("🇮🇳 India, ⏰ on time, ⬆️ up, ▶️ play", "India, on time, up, play"),
        ("F♯ and B♭, 5 € → 6 $, 20 °C, ½, №, ™", "F♯ and B♭, 5 € → 6 $, 20 °C, ½, №, ™"),
        ("中文😀。", "中文。"),
        ("Use 🎉 .NET, 9.5.0 \ufffc.zip, v1 🎉.", "Use .NET, 9.5.0 .zip, v1."),
    ],
)  # fmt: skip
def test_spoken_text(text: str, spoken: str) -> None:
    assert spoken_text(text) == spoken


def test_a_respelling_changes_what_is_said_not_what_is_written() -> None:
    (first, second) = split_paragraph(
        "The first sentence of two speaks of kubectl. The second one says nothing about it at all.",
        "en",
        Lexicon({"en": {"kubectl": "kube control"}}),
    )

    assert first.written == "The first sentence of two speaks of kubectl."
    assert first.parts == ("The first sentence of two speaks of kube control.",)
    assert second.parts == (second.written,)


def test_a_placeholder_without_its_html_says_nothing() -> None:
    body = Element("div")
    body.text = HTML_PLACEHOLDER % 7 + " Text."

    assert parts(read_script(body, (), PlaceVoice("en"))) == ["Text."]


def test_nothing_has_no_sentences() -> None:
    assert split_paragraph("", "en") == []
