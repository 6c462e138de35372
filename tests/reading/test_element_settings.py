"""Voice settings and pauses inside a block: what is spoken how, what the page shows, and what is refused."""

from __future__ import annotations

from dataclasses import asdict
from html import unescape
from typing import TYPE_CHECKING, TypeAlias

import markdown
import pytest

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.block import CurrentPage
from mkdocs_lightning.reading.grammar.element_settings import remove_marks
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.grammar.setting_lines import find_setting
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.sentences import Pause
from mkdocs_lightning.reading.settings.voice import resolve_voices
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, SETTING_NAMES, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_lightning.reading.grammar.block import Block
    from mkdocs_lightning.reading.sentences import Sentence

Spoken: TypeAlias = "list[tuple[str, dict[str, object], int]]"

EXTENSIONS = ("attr_list", "admonition", "def_list", "footnotes", "md_in_html", "tables", "toc", "pymdownx.superfences")
CUT, SENTENCE, ITEM, PARAGRAPH, HEADING = map(int, Pause)
SOPHIE: dict[str, object] = {"voice_id": "sophie"}
LEXICON = Lexicon({"en": {"SQL": "sequel"}, "de": {"SQL": "Es Ku El"}})


def convert(
    source: str, extensions: Sequence[str] = EXTENSIONS, *, is_narrated: bool = False
) -> tuple[str, list[tuple[Sentence, ...] | SettingError]]:
    """The HTML of some Markdown, and the script of each of its blocks, or why it has none."""
    scripts: list[tuple[Sentence, ...] | SettingError] = []

    def on_block(block: Block) -> str | None:
        try:
            scripts.append(read_script(block.body, block.raw_html, PlaceVoice("en"), LEXICON))
        except SettingError as error:
            scripts.append(error)
            return None
        return "slot"

    extension = SpeakExtension(on_block, page=CurrentPage(is_narrated))
    return markdown.markdown(source, extensions=[*extensions, extension]), scripts


def in_block(source: str) -> str:
    return f"::::::speak\n{source}\n::::::"


def spoken(sentences: tuple[Sentence, ...] | SettingError) -> Spoken:
    """What is spoken at once, with the voice settings of its elements, and the pause after it."""
    assert not isinstance(sentences, SettingError), sentences
    return [
        (
            " | ".join(sentence.parts),
            {name: value for name, value in asdict(sentence.voice).items() if value is not None},
            int(sentence.pause),
        )
        for sentence in sentences
    ]


VOICES: dict[str, tuple[str, Spoken]] = {
    "paragraph": (
        "First.\n\nSecond.\n{: voice_id=sophie speed=0.9 }\n\nThird.",
        [
            ("First.", {}, PARAGRAPH),
            ("Second.", {"voice_id": "sophie", "speed": 0.9}, PARAGRAPH),
            ("Third.", {}, PARAGRAPH),
        ],
    ),
    "heading": ("# Title { voice_id=sophie }\n\nText.", [("Title", SOPHIE, HEADING), ("Text.", {}, PARAGRAPH)]),
    "list item": (
        "- One.\n{: voice_id=sophie }\n- Two.",
        [("One.", SOPHIE, ITEM), ("Two.", {}, PARAGRAPH)],
    ),
    "loose item": (
        "- One.\n    {: voice_id=sophie }\n\n- Two.",
        [("One.", SOPHIE, PARAGRAPH), ("Two.", {}, PARAGRAPH)],
    ),
    "quotation": (
        "> Said so.\n> {: voice_id=sophie }\n\nText.",
        [("Said so.", SOPHIE, PARAGRAPH), ("Text.", {}, PARAGRAPH)],
    ),
    "cell": (
        "| A { voice_id=sophie } | B |\n| - | - |\n| c | d { voice_id=sophie } |",
        [("A", SOPHIE, SENTENCE), ("B", {}, PARAGRAPH), ("c", {}, SENTENCE), ("d", SOPHIE, PARAGRAPH)],
    ),
    "definition": (
        "Term { voice_id=sophie }\n:   Meaning.",
        [("Term", SOPHIE, ITEM), ("Meaning.", {}, PARAGRAPH)],
    ),
    "admonition": (
        "!!! note\n    One.\n    {: voice_id=sophie }\n\n    Two.",
        [("Note", {}, PARAGRAPH), ("One.", SOPHIE, PARAGRAPH), ("Two.", {}, PARAGRAPH)],
    ),
    "element around others": (
        '<div markdown voice_id="sophie">\nOne.\n\n- Two.\n</div>\n\nThree.',
        [("One.", SOPHIE, PARAGRAPH), ("Two.", SOPHIE, PARAGRAPH), ("Three.", {}, PARAGRAPH)],
    ),
    "inline element": (
        "He said *hello*{: voice_id=sophie } to us.",
        [("He said", {}, CUT), ("hello", SOPHIE, CUT), ("to us.", {}, PARAGRAPH)],
    ),
    "inline code": ("`SQL`{: voice_id=sophie } runs.", [("sequel", SOPHIE, CUT), ("runs.", {}, PARAGRAPH)]),
    "link": ("See [this](b.md){: voice_id=sophie }.", [("See", {}, CUT), ("this.", SOPHIE, PARAGRAPH)]),
    "image": ("![A cat](c.png){: voice_id=sophie }", [("A cat", SOPHIE, PARAGRAPH)]),
    "signs stay with their word": (
        "**Yes**{: voice_id=sophie }, *no*{: speed=2 }: and (*so*{: speed=2 }) on. *Item*{: speed=2 }.NET",
        [
            ("Yes,", SOPHIE, CUT),
            ("no:", {"speed": 2.0}, CUT),
            ("and (", {}, CUT),
            ("so)", {"speed": 2.0}, CUT),
            ("on.", {}, CUT),
            ("Item", {"speed": 2.0}, CUT),
            (".NET", {}, PARAGRAPH),
        ],
    ),
    "inner over outer": (
        "One *two*{: speed=2 } three.\n{: voice_id=sophie speed=0.5 }",
        [
            ("One", {"voice_id": "sophie", "speed": 0.5}, CUT),
            ("two", {"voice_id": "sophie", "speed": 2.0}, CUT),
            ("three.", {"voice_id": "sophie", "speed": 0.5}, PARAGRAPH),
        ],
    ),
    "language decides the words": (
        "SQL.\n\nSQL läuft z.B. hier.\n{: language=de }",
        [("sequel.", {}, PARAGRAPH), ("Es Ku El läuft z.B. hier.", {"language": "de"}, PARAGRAPH)],
    ),
    "with say": ('*x*{say="eks" voice_id=sophie } is.', [("eks", SOPHIE, CUT), ("is.", {}, PARAGRAPH)]),
    "silent": ("One *two*{.nospeak voice_id=sophie } three.", [("One", {}, CUT), ("three.", {}, PARAGRAPH)]),
    "every setting": (
        "*A.*{: model=m voice_id=v language=hi speed=1.5 pronunciation_dicts=d }\n{: MORE }".replace(
            "MORE", "number_pronunciation_language=en math_notation=true"
        ),
        [
            (
                "A.",
                {
                    "model": "m",
                    "voice_id": "v",
                    "language": "hi",
                    "speed": 1.5,
                    "number_pronunciation_language": "en",
                    "math_notation": True,
                    "pronunciation_dicts": ("d",),
                },
                PARAGRAPH,
            )
        ],
    ),
}

PAUSES: dict[str, tuple[str, Spoken]] = {
    "one second": ("One. {pause} Two.", [("One.", {}, 1000), ("Two.", {}, PARAGRAPH)]),
    "so many": ("One{pause=1.5} two.", [("One", {}, 1500), ("two.", {}, PARAGRAPH)]),
    "shortest and longest": (
        "One {pause=0.1} two {pause=10} three {pause=.5} four.",
        [("One", {}, 100), ("two", {}, 10_000), ("three", {}, 500), ("four.", {}, PARAGRAPH)],
    ),
    "in quotes, with a colon": (
        'One {pause="2"} two {: pause=2 } three.',
        [("One", {}, 2000), ("two", {}, 2000), ("three.", {}, PARAGRAPH)],
    ),
    "signs stay with their word": ("One{pause}, two.", [("One,", {}, 1000), ("two.", {}, PARAGRAPH)]),
    "at the end of a paragraph": ("One. {pause=2}\n\nTwo.", [("One.", {}, 2000), ("Two.", {}, PARAGRAPH)]),
    "on a last line": ("One.\n{pause=2}\n\nTwo.", [("One.", {}, 2000), ("Two.", {}, PARAGRAPH)]),
    "a paragraph of its own": ("One.\n\n{pause=2}\n\nTwo.", [("One.", {}, 2000), ("Two.", {}, PARAGRAPH)]),
    "never less than the usual pause": ("One. {pause=0.1}\n\nTwo.", [("One.", {}, PARAGRAPH), ("Two.", {}, PARAGRAPH)]),
    "the longest of several": ("One {pause=2}{pause=3} {pause} two.", [("One", {}, 3000), ("two.", {}, PARAGRAPH)]),
    "at both ends": ("{pause} One. {pause}", [("One.", {}, 1000)]),
    "after markup": ("**One**{pause=2} two.", [("One", {}, 2000), ("two.", {}, PARAGRAPH)]),
    "inside markup": ("**One {pause=2} two** three.", [("One", {}, 2000), ("two three.", {}, PARAGRAPH)]),
    "heading": ("# One {pause=2}\n\nTwo.", [("One", {}, 2000), ("Two.", {}, PARAGRAPH)]),
    "item": ("- One {pause=2}\n- Two", [("One", {}, 2000), ("Two", {}, PARAGRAPH)]),
    "cell": (
        "| A {pause=2} | B |\n| - | - |\n| c | d |",
        [("A", {}, 2000), ("B", {}, PARAGRAPH), ("c", {}, SENTENCE), ("d", {}, PARAGRAPH)],
    ),
    "beside attributes": (
        "One {pause=2} *two*{: voice_id=sophie }{pause=3} three.\n{: speed=2 }",
        [("One", {"speed": 2.0}, 2000), ("two", {**SOPHIE, "speed": 2.0}, 3000), ("three.", {"speed": 2.0}, PARAGRAPH)],
    ),
    "silent": ("One *two {pause=2} three*{.nospeak} four.", [("One four.", {}, PARAGRAPH)]),
    "code": ("Type `{pause}` here.", [("Type {pause} here.", {}, PARAGRAPH)]),
    "code block": ("One.\n\n    {pause=9}\n\nTwo.", [("One.", {}, PARAGRAPH), ("Two.", {}, PARAGRAPH)]),
    "fence": ("One.\n\n```\n{pause=9}\n```\n\nTwo.", [("One.", {}, PARAGRAPH), ("Two.", {}, PARAGRAPH)]),
    "escaped": (r"Type \{pause} here.", [("Type {pause} here.", {}, PARAGRAPH)]),
    "templates": (
        "Type {{ pause }} or {{pause}} or ${pause} or {% pause %} or {pause the build}.",
        [("Type {{ pause }} or {{pause}} or ${pause} or {% pause %} or {pause the build}.", {}, PARAGRAPH)],
    ),
}


@pytest.mark.parametrize(("source", "script"), VOICES.values(), ids=VOICES)
def test_an_element_has_a_voice_of_its_own(source: str, script: Spoken) -> None:
    html, scripts = convert(in_block(source))
    assert [spoken(each) for each in scripts] == [script]
    assert "voice" not in html
    assert "speed" not in html
    assert "speak-mark" not in html


@pytest.mark.parametrize(("source", "script"), PAUSES.values(), ids=PAUSES)
def test_a_pause_is_a_silence(source: str, script: Spoken) -> None:
    html, scripts = convert(in_block(source))
    assert [spoken(each) for each in scripts] == [script]
    assert "speak-mark" not in html
    assert ("pause" in html) == ("Type" in source or "9" in source)  # those that are code, escaped, or no pause


@pytest.mark.parametrize(("source", "script"), [*VOICES.values(), *PAUSES.values()], ids=[*VOICES, *PAUSES])
def test_a_narrated_page_is_read_as_a_block_and_shows_the_same(source: str, script: Spoken) -> None:
    html, _ = convert(source, is_narrated=True)

    assert spoken(read_page_script(html, PlaceVoice("en"), LEXICON)) == script
    shown, _ = convert(in_block(source))
    assert f'<speak-block data-speak="slot">\n{remove_marks(html)}\n</speak-block>' == shown


@pytest.mark.parametrize(
    "source", [source for source, _ in PAUSES.values() if "{: voice" not in source and ".nospeak" not in source]
)
def test_pauses_need_no_other_extension(source: str) -> None:
    alone, with_attributes = (convert(in_block(source), ("tables", *more)) for more in ((), ("attr_list",)))
    assert alone == with_attributes


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("One {pause} two.", "<p>One two.</p>"),
        ("One {pause}.", "<p>One.</p>"),
        ("One\n\n{pause}\n\n{pause} {pause=2}\n\ntwo", "<p>One</p>\n<p>two</p>"),
        ("नमस्ते।\n{: language=hi .wide }", '<p class="wide" lang="hi">नमस्ते।</p>'),
        ('नमस्ते।\n{: language=hi lang="hi-IN" }', '<p lang="hi-IN">नमस्ते।</p>'),
        ("Any.\n{: language=auto }", "<p>Any.</p>"),
        ("One *two*{: carousel=3 model=m data-x=1 }.", '<p>One <em carousel="3" data-x="1">two</em>.</p>'),
    ],
)
def test_what_the_page_shows(source: str, html: str) -> None:
    assert f"\n{html}\n" in convert(in_block(source))[0]


@pytest.mark.parametrize(
    "attributes",
    [".nosplit", ".nospace", ".noprint", ".note", '.a say="kube control" x', "say=kube hidden", "say=kube x=1 #y"],
)
def test_what_only_looks_like_a_mistake_is_spoken(attributes: str) -> None:
    _, sentences = convert(in_block(f"One *two*{{: {attributes} }}."))
    assert not isinstance(sentences[0], SettingError)


@pytest.mark.parametrize("is_narrated", [False, True])
def test_no_attribute_that_html_or_markdown_knows_is_taken_for_a_setting(*, is_narrated: bool) -> None:
    names = (
        "accesskey align autocomplete charset checked cite colspan controls data-lang data-language data-model "
        "data-speed decoding dir download draggable enterkeyhint fetchpriority height hidden hl_lines hreflang id "
        "inert itemprop itemscope itemtype lang linenums loading markdown media muted name open poster preload rel "
        "referrerpolicy reversed role rowspan sandbox scope sizes slot spellcheck src srclang srcset start style "
        "tabindex target title translate type usemap value width xml:lang"
    )
    source = "".join(f"*Words*{{: {name}=1 }}\n" for name in names.split()) + '<p lang="" markdown>Text.</p>'
    html, scripts = convert(source if is_narrated else in_block(source), is_narrated=is_narrated)
    assert read_page_script(html, PlaceVoice("en")) if is_narrated else spoken(scripts[0])


def test_nothing_is_touched_outside_of_blocks() -> None:
    source = (
        "One {pause} and {pause=abc}.\n{: speed=fast model=m voice=v }\n\n:::speak\nText.\n:::\n\n*x*{: language=py }"
    )
    html, _ = convert(source)
    assert '<p model="m" speed="fast" voice="v">One {pause} and {pause=abc}.</p>' in html
    assert '<em language="py">x</em>' in html


def test_a_table_of_contents_has_no_marks() -> None:
    md = markdown.Markdown(extensions=[*EXTENSIONS, SpeakExtension(page=CurrentPage(is_narrated=True))])
    html = md.convert("[TOC]\n\n# One {pause} *two*{: voice_id=sophie } three")
    (token,) = md.toc_tokens  # type: ignore[attr-defined]
    assert (token["id"], token["name"]) == ("one-two-three", "One two three")
    assert remove_marks(html).count("One two three") == 1  # in the list; the heading has markup


BAD = {
    "{pause=abc}": "{pause=abc} is not a pause",
    "{pause=}": "{pause=} is not a pause",
    "{pause=1e9}": "{pause=1e9} is not a pause",
    "{pause=0}": "{pause=0} is not a pause",
    "{pause=0.09}": "{pause=0.09} is not a pause",
    "{pause=10.1}": "{pause=10.1} is not a pause",
    "{pause=-1}": "{pause=-1} is not a pause",
    "{pause=nan}": "{pause=nan} is not a pause",
    "{pause=2s}": "{pause=2s} is not a pause",
    "{pause=1,5}": "{pause=1,5} is not a pause",
    "{pause=٣}": "{pause=٣} is not a pause",
    "{pause: 2}": "{pause: 2} is not a pause",
    "{pause 2}": "{pause 2} is not a pause",
    '{pause="2}': '{pause="2} is not a pause',
    "*x*{: .wide pause=2 }": "a pause has braces of its own",
    "*x*{: speed=fast }": "'fast' is not a number",
    "*x*{: speed }": "is not a number",
    "*x*{: math_notation=maybe }": "'maybe' is neither true nor false",
    "*x*{: sample_rate=8000 }": "sample_rate=8000 cannot be set on an element",
    "*x*{: voice=sophie }": "unknown option 'voice' (did you mean 'voice_id'?)",
    "*x*{: voiceid=sophie }": "unknown option 'voiceid' (did you mean 'voice_id'?)",
    "*x*{: Voice_ID=sophie }": "unknown option 'Voice_ID' (did you mean 'voice_id'?)",
    "*x*{: languge=hi }": "unknown option 'languge' (did you mean 'language'?)",
    "*x*{: langauge=fr }": "unknown option 'langauge' (did you mean 'language'?)",
    "*x*{: language=fr voice=louis }": "unknown option 'voice' (did you mean 'voice_id'?)",
    "*x*{: language: fr }": "unknown option 'language:' (did you mean 'language'?)",
    "*x*{: voice: louis }": "unknown option 'voice:' (did you mean 'voice_id'?)",
    "*x*{: lang = fr }": "lang has no value; write it without spaces, as in {: lang=fr }",
    "*x*{: sample-rate=8000 }": "unknown option 'sample-rate' (did you mean 'sample_rate'?)",
    "*x* {: voice_id=sophie } y": "{: voice_id=sophie } has no effect",
    "*x* {: speed=1 } y": "{: speed=1 } has no effect",
    "*x* {: .wide language=hi } y": "{: .wide language=hi } has no effect",
    "*x* {: lang=fr } y": "{: lang=fr } has no effect",
    '*x* {say="y"} y': '{say="y"} has no effect',
    "x{.nospeak} y": "{.nospeak} has no effect",
    "*x* {speed=1} y": "{speed=1} has no effect",
    "*x* {: .wide pause=2 } y": "a pause has braces of its own",
    "*x* {: .wide .nospeak } y": "{: .wide .nospeak } has no effect",
    "x {nospeak} y": "{nospeak} has no effect",
    "*x*{: nospeak }": "nospeak has no effect; write {.nospeak}",
    "*x*{: .wide nospeak }": "nospeak has no effect; write {.nospeak}",
    "*x*{: .no-speak }": ".no-speak has no effect; write {.nospeak}",
    "*x*{: .noSpeak }": ".noSpeak has no effect; write {.nospeak}",
    "*x*{: .nospeech }": ".nospeech has no effect; write {.nospeak}",
    "*x*{: say=hello world }": "say=hello ends at its first space; put quotes around the text",
    "*x*{: say=kube control .wide }": "say=kube ends at its first space",
}
ONLY_IN_BLOCKS = [
    "*x*{: .wide pause=2 }",
    "*x* {speed=1} y",
]
CONTAINERS = {
    "paragraph": "{}",
    "heading": "# {} y",
    "item": "- {} y\n- z",
    "quotation": "> {} y",
    "cell": "| A |\n| - |\n| {} y |",
    "definition": "Term\n:   {} y",
    "admonition": '!!! note "{} y"\n    Text.',
    "division": "<div markdown>\n{} y\n</div>",
    "markup": "**bold {} y**",
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_silences_its_block(mistake: str) -> None:
    html = check_refused(in_block(f"Text {mistake} more."), mistake)
    if mistake.startswith("{"):
        assert f"<p>Text {mistake} more.</p>" in html


@pytest.mark.parametrize("mistake", ["{pause=abc}", "*x*{: speed=fast }", '*x* {say="y"} y'])
@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_a_mistake_silences_its_block_wherever_it_is(container: str, mistake: str) -> None:
    check_refused(in_block(container.replace("{}", mistake)), mistake)
    check_refused(f"Text.[^1]\n\n[^1]:\n    ::::speak\n    {mistake} y\n    ::::", mistake)


def check_refused(source: str, mistake: str) -> str:
    """A block is not spoken, for the right reason, and the page shows what was written. Returns its HTML."""
    html, (error,) = convert(source)
    assert isinstance(error, SettingError)
    assert BAD[mistake] in str(error)
    assert "speak-mark" not in html
    assert "data-speak" not in html
    if "{:" not in mistake:
        assert mistake.removeprefix("*x* ") in unescape(html)
    return unescape(html)


@pytest.mark.parametrize(
    "braces",
    [
        *('{say="y"}', "{.nospeak}"),
        *(f"{opening} {name}=1 }}" for opening in ("{:", "{") for name in SETTING_NAMES),
        *("{: #id language=fr .wide }", "{: lang=fr }", '{: .wide lang="fr" }'),
    ],
)
@pytest.mark.parametrize("text", ["Text *x*{} more.", "Text.\n{}", "Text.\n\n> Text.\n> {}", "# Title {}\n\nText."])
@pytest.mark.parametrize("is_narrated", [False, True])
def test_settings_without_the_extension_that_reads_them_are_told_so(
    text: str, braces: str, *, is_narrated: bool
) -> None:
    source = text.format(braces)
    html, scripts = convert(source if is_narrated else in_block(source), (), is_narrated=is_narrated)
    if is_narrated:
        with pytest.raises(SettingError) as refused:
            read_page_script(html, PlaceVoice("en"))
    error = refused.value if is_narrated else scripts[0]
    assert isinstance(error, SettingError)
    assert str(error) == f"{braces} has no effect: the Markdown extension attr_list is not enabled"
    assert error.fix
    assert error.written == braces
    assert braces in unescape(remove_marks(html))


@pytest.mark.parametrize("mistake", [mistake for mistake in BAD if mistake not in ONLY_IN_BLOCKS])
def test_a_mistake_silences_its_narrated_page(mistake: str) -> None:
    html, _ = convert(f"# Title\n\nText {mistake} here.", is_narrated=True)
    with pytest.raises(SettingError) as refused:
        read_page_script(html, PlaceVoice("en"))
    assert BAD[mistake] in str(refused.value)
    assert "speak-mark" not in remove_marks(html)
    assert "data-speak" not in remove_marks(html)


@pytest.mark.parametrize("mistake", ONLY_IN_BLOCKS)
def test_on_a_narrated_page_other_attributes_may_be_the_sites_own(mistake: str) -> None:
    html, _ = convert(f"Text {mistake} here.", is_narrated=True)
    assert read_page_script(html, PlaceVoice("en"))
    assert remove_marks(html) == html


@pytest.mark.parametrize(
    "text",
    [
        *("Pass {model=x} to it.", 'See requests{language="fr"}.', "Is {speed=1}, or {{ speed=1 }}."),
        *("The template ends with {model=small}", "- Pattern: {language=python}", "{model=small} ends a name."),
        *("In Kramdown, {lang=fr} is for French.", "An empty one:\n\n{lang=fr}"),
        *("It ends with *this* {model=small}", "A line begins with\n{model=small} in it.", "# {model=small} and more"),
    ],
)
def test_braces_of_a_narrated_page_may_be_its_text_where_markdown_reads_none(text: str) -> None:
    for extensions in ((), EXTENSIONS):
        html, _ = convert(text, extensions, is_narrated=True)
        assert read_page_script(html, PlaceVoice("en"))
        assert remove_marks(html) == html


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# A\n\nB {pause=2}\n\nC {pause=abc}", 5),
        ("# A\n\nB {pause=2}\n\nC {: pause=99}", 5),
        ("A {pause}\n\nB {pause 2}", 3),
        ("a\n*x*{: voice_id=olivia }\n*y*{: .a voice_id=so/fie .b }", 3),
        ("*w*{: speed=1 }\n*x*{: voice_id='so fie' }", 2),
        ("*x*{: language=hi }\n*y*{: language=xx }", 2),
        ("*x*{: speed=1.9 }\n*y*{: speed=19 }\n*z*{: speed=9 }", 2),
        ("*x*{: speed=2 }\n*y*{: speed='3.50' }", 2),
        ("*x*{: speed=1 }\n*y*{: speed=fast }", 2),
        ("*x*{: math_notation=TRUE }\n*y*{: math_notation=Yes }", 2),
        ('*x*{: pronunciation_dicts="aa, bb" }', 1),
        ("*x*{: voice_id=olivia }\n*y*{: voice_id=magnus model=lightning_v3.1_pro }", 2),
        ("*x*{: speed=1 }\n*y*{: sample_rate=8000 }", 2),
        ("*x*{: .nospeak }\n*y*{: nospeak }", 2),
        ("*x*{: language=fr }\n*y*{: language: fr }", 2),
        ("*x*{: lang=fr }\n*y*{: lang = fr }", 2),
        ("*x*{: speed=1 }\n*y*{: speed }", 2),
        ("*x*{: .nospeak }\n*y*{: .wide .noSpeak }", 2),
        ('*x*{: say="kube control" }\n*y*{: say=kube control }', 2),
    ],
)
def test_the_line_of_a_mistake(source: str, line: int) -> None:
    html, _ = convert(source, is_narrated=True)
    with pytest.raises(SettingError) as refused:
        resolve_voices((sentence.voice for sentence in read_page_script(html, PlaceVoice("en"))), NO_SETTINGS)
    assert find_setting(source, refused.value) == line


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("Anna: Hi.\n{: voice_id=sophie }\n\nText.\n\nAnna: Thanks. {: voice_id=sophie }", 6),
        ("One.\n{.nospeak}\n\nTwo.\n\n{.nospeak}\n\nThree.", 6),
        ("> One.\n> {.nospeak}\n>\n> {.nospeak}", 4),
        ("One *two*{.nospeak} three.\n\nFour{.nospeak} five.", 3),
        ("# One {.nospeak}\n\n- Two {.nospeak}", 3),
        ("| A {.nospeak} |\n| - |\n| b |\n\n{.nospeak} Two.", 5),
        ("```\nOne {.nospeak}\n```\n\nTwo {.nospeak}", 5),
        ("One.\n{.nospeak}\n\nTwo (three){.nospeak}", None),  # which one has no effect is not clear
        ("One.\n{.nospeak}\nTwo.", 2),
        ("{.nospeak}\n\nOne.\n{.nospeak}", 1),
        ("One.\n{: lang=fr }\n\nTwo.\n\n{: lang=fr }", 6),
        ("One.\n{: lang=fr }\n\nTwo. {: lang=fr }", 4),
    ],
)
def test_the_line_of_braces_without_effect_is_no_line_where_they_have_one(source: str, line: int | None) -> None:
    html, _ = convert(source, is_narrated=True)
    with pytest.raises(SettingError) as refused:
        read_page_script(html, PlaceVoice("en"))
    assert "has no effect" in str(refused.value)
    assert find_setting(source, refused.value) == line


def test_a_setting_of_the_whole_page_is_on_no_line_of_an_element() -> None:
    site = VoiceSettings(voice_id="so/fie")
    with pytest.raises(SettingError) as refused:
        resolve_voices([VoiceSettings(speed=1)], site)
    assert find_setting("---\nlightning: {voice_id: so/fie}\n---\n*x*{: speed=1 }", refused.value) is None


def test_marks_in_pages_are_found_in_linear_time() -> None:
    of_html = ("<a ", '<p data-speak-voice="', "<speak-mark ", "<p><speak-mark x>")
    for piece in ("{pause", "{: ", "{: voice_id=", " {x", *of_html):
        text = piece * 5_000
        assert remove_marks(text)
        find_setting(text, SettingError("voice_id", "x", written="voice_id=x"))
        convert(in_block(text.replace("<", "")))
