"""The attribute `lang` of an element acts as the setting `language` where it means another one, and nowhere else."""

from __future__ import annotations

import pytest

from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.script import read_page_script
from mkdocs_lightning.reading.settings.voice import is_usable
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

BLOCKS = (
    *("<p {}>x</p>", "<div {}><p>x</p></div>", "<section {}>x</section>", "<blockquote {}><p>x</p></blockquote>"),
    *("<ul {}><li>x</li></ul>", "<ol><li {}>x</li></ol>", "<dl><dt>A</dt><dd {}>x</dd></dl>", "<h2 {}>x</h2>"),
    *("<figure {}>x</figure>", "<table><tr><td>A</td><td {}>x</td></tr></table>", "<article {}>x</article>"),
)
INLINE = (
    "<em {}>x</em>",
    "<i {}>x</i>",
    "<span {}>x</span>",
    '<a href="b" {}>x</a>',
    "<q {}>x</q>",
    "<code {}>x</code>",
)


def voices(html: str, language: str = "en", settings: VoiceSettings | None = None) -> dict[str, VoiceSettings]:
    """The voice settings of each sentence."""
    outer = settings or VoiceSettings(language=language)
    script = read_page_script(html, PlaceVoice(language, lambda of_element: is_usable(of_element.over(outer))))
    return {sentence.written: sentence.voice for sentence in script}


@pytest.mark.parametrize("element", BLOCKS)
def test_lang_of_a_block_level_element_sets_its_language(element: str) -> None:
    found = voices(f"<p>Before.</p>{element.replace('{}', 'lang=de-CH').replace('x', 'Hallo.')}<p>After.</p>")
    before, *_, foreign, after = found.values()
    assert foreign == VoiceSettings(language="de")
    assert before == after == VoiceSettings()


@pytest.mark.parametrize("lang", ["deu", "ger", "DEU-at"])
def test_lang_may_have_three_letters(lang: str) -> None:
    assert voices(f"<p>Before.</p><p lang={lang}>Hallo.</p>")["Hallo."] == VoiceSettings(language="de")
    assert voices("<p>Before.</p><p lang=eng>Hello.</p>")["Hello."] == VoiceSettings()


@pytest.mark.parametrize("element", INLINE)
def test_lang_of_an_inline_element_does_not_cut_its_sentence(element: str) -> None:
    assert voices(f"<p>Before {element.replace('{}', 'lang=de')} after.</p>") == {"Before x after.": VoiceSettings()}


@pytest.mark.parametrize("lang", ["", "la", "und", "x-foo", "he", "en", "en-GB", "EN", "-", "d e"])
def test_another_value_changes_nothing(lang: str) -> None:
    assert voices(f'<p>Before.</p><p lang="{lang}">Within.</p>') == voices("<p>Before.</p><p>Within.</p>")


def test_a_page_whose_language_is_detected_keeps_its_voice() -> None:
    assert voices("<p lang=de>Hallo.</p>", "auto") == {"Hallo.": VoiceSettings()}


def test_a_language_that_the_model_does_not_speak_changes_nothing() -> None:
    standard = VoiceSettings(model="lightning_v3.1", language="en")
    assert voices("<p lang=fi>Hei.</p>", settings=standard) == {"Hei.": VoiceSettings()}
    assert voices("<p lang=fi>Hei.</p>") == {"Hei.": VoiceSettings(language="fi")}


def test_language_on_the_same_element_wins_and_other_settings_are_kept() -> None:
    assert voices("<p lang=de data-speak-voice=language=fr>Bonjour.</p>") == {"Bonjour.": VoiceSettings(language="fr")}
    assert voices("<p lang=de data-speak-voice=speed=0.9>Hallo.</p>") == {
        "Hallo.": VoiceSettings(language="de", speed=0.9)
    }


def test_the_innermost_language_counts_and_the_outer_one_comes_back() -> None:
    html = "<div lang=de><p>Eins.</p><p lang=en>Two.</p><p lang=de-AT>Drei.</p></div><p>Four.</p>"
    assert [voice.language for voice in voices(html).values()] == ["de", "en", "de", None]


def test_lang_changes_nothing_where_an_inner_voice_does_not_speak_the_language() -> None:
    html = "<div lang=fi><p>Yksi.</p><p data-speak-voice=voice_id=magnus>Two.</p><p>Kolme.</p></div><p>Four.</p>"
    finnish = VoiceSettings(language="fi")
    assert list(voices(html).values()) == [finnish, VoiceSettings(voice_id="magnus"), finnish, VoiceSettings()]


def test_the_word_of_a_checkbox_is_in_the_language_of_its_task() -> None:
    item = "<li><input type=checkbox disabled checked>Sache</li>"
    assert list(voices(f"<ul lang=de>{item}</ul><ul>{item}</ul>")) == ["erledigt: Sache", "done: Sache"]


def test_lang_decides_where_sentences_end() -> None:
    assert list(voices("<p lang=de>Das ist am 3. Mai.</p>")) == ["Das ist am 3. Mai."]


def test_lang_of_the_whole_page_and_of_code_is_not_that_of_an_element() -> None:
    html = '<body lang="de"><p>Before.</p><pre lang="pl"><code data-say="Code.">x</code></pre></body>'
    assert set(voices(html).values()) == {VoiceSettings()}
