"""Slots that last: what they say is read back whole, or refused in words, and pages are never cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.grammar.block import BlockOptions, TextMode
from mkdocs_lightning.reading.sentences import Heading, Pause, Sentence, spoken_text
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.site.lasting_slot import Slot, around, as_text, map_lasting_slots
from tests.reading.test_script import load_cases, read
from tests.support.pages import slots_in

FIRST = Sentence('A "first" sentence, <b>so</b> & so.', ('A "first" sentence, <b>so</b> & so.',), Pause.SENTENCE)
LONG = Sentence("Kubectl runs.", ("kube control", "runs."), Pause.PARAGRAPH)
OTHERS = (
    Sentence("Of Sophie.", ("Of Sophie.",), 1500, VoiceSettings(voice_id="sophie", speed=0.9, math_notation=False)),
    Sentence("Of her.", ("of", "her."), Pause.CUT, VoiceSettings(language="hi", pronunciation_dicts=("1" * 24,))),
)
MERGED = Sentence(
    "Yes. No. 你好。再见。", ("Yes. No. 你好。再见。",), Pause.SENTENCE, phrases=("Yes.", "No.", "你好。", "再见。")
)
TITLE = Sentence("A title?", ("A title?",), Pause.SENTENCE, heading=Heading("A title? A <long> one", "a-title"))
CELL = Sentence("A cell", ("A cell",), Pause.SENTENCE, VoiceSettings(speed=2.0), joins_next=True)
SLOT = Slot(
    (FIRST, MERGED, TITLE, CELL, LONG),
    BlockOptions(
        VoiceSettings(voice_id="sophie", speed=1.25, pronunciation_dicts=("0" * 24,), math_notation=False),
        title="O'Brien's \"title\"",
        text=TextMode.COLLAPSE,
        id="intro",
        classes=("wide", "first"),
    ),
    "offline",
    OutputFormat.OPUS,
    ("speed", "math_notation"),
)


@pytest.mark.parametrize(
    "slot",
    [SLOT, Slot((FIRST,), BlockOptions()), Slot(OTHERS, BlockOptions())],
    ids=["full", "bare", "several speakers"],
)
def test_a_slot_is_read_back_as_it_was_written(slot: Slot) -> None:
    (found,) = slots_in(slot.holding("<p>Text</p>"))
    assert found == slot
    assert [s.heading.anchor for s in found.sentences if s.heading] == [
        s.heading.anchor for s in slot.sentences if s.heading
    ]


def test_the_sentences_that_were_merged_take_little_room() -> None:
    script = json.loads(Slot((MERGED,), BlockOptions()).to_json())["script"]
    assert script == [[MERGED.written, Pause.SENTENCE, {"phrases": [4, 3, 3, 3]}]]


@pytest.mark.parametrize(
    "facts",
    [
        {"phrases": [4, 3]},
        {"phrases": [4, 3, 3, 3, 1]},
        {"phrases": [4, 3, 3, 4]},
        {"phrases": [0, 4, 3, 3, 3]},
        {"phrases": [-1]},
        {"phrases": ["Yes."]},
        {"phrases": 13},
        {"phrases": None},
        {"joins_next": 1},
        {"heading": "A title"},
        {"heading": ["A title"]},
        {"heading": ["A title", None]},
        {"joins_next": "yes"},
        {"rows": True},
    ],
)
def test_facts_that_do_not_fit_the_sentence_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        Slot.parse(json.dumps({"script": [[MERGED.written, Pause.SENTENCE, facts]]}))


def test_what_is_not_set_takes_no_room() -> None:
    assert json.loads(Slot((FIRST,), BlockOptions()).to_json()) == {"script": [[FIRST.written, Pause.SENTENCE]]}


@pytest.mark.parametrize(("configs", "language", "sources", "spoken"), load_cases())
def test_every_script_survives(
    configs: dict[str, dict[str, Any]], language: str, sources: list[str], spoken: list[str]
) -> None:
    """What the grammar and the reader make of real Markdown is what a slot may hold."""
    for source in sources:
        sentences = tuple(read(source, configs, language))
        assert not spoken or Slot.parse(Slot(sentences, BlockOptions()).to_json()).sentences == sentences


# Always the same texts, however long the machine takes to make and to read them.
@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.text(min_size=1, max_size=80).filter(lambda text: text == spoken_text(text) and text.strip()))
def test_any_text_that_can_be_spoken_survives(text: str) -> None:
    slot = Slot((Sentence(text, (text,), Pause.PARAGRAPH),), BlockOptions(title=text))
    assert slots_in(slot.holding("")) == [slot]


def test_a_slot_may_be_quoted_otherwise() -> None:
    """As a minifier does, when there are many quotation marks in it."""
    script = Slot((LONG,), BlockOptions()).to_json()
    html = f"<speak-slot data-script='{script}'>Text</speak-slot>"
    assert map_lasting_slots(html, lambda found, text: f"[{found == script} {text}]") == "[True Text]"


def test_the_text_is_found_in_a_player_and_within_other_blocks() -> None:
    inner = around("2", f"<b>Play</b>{as_text('inner')}<script></script>")
    text = as_text(f"outer {inner}")
    html = f"<p>{around('1', f'<i>Play</i><div>{text}</div>')}</p>"
    taken: list[tuple[str, str]] = []

    def take(script: str, text: str) -> str:
        taken.append((script, text))
        return f"({script})"

    assert map_lasting_slots(html, take) == "<p>(1)</p>"
    assert taken == [("2", "inner"), ("1", "outer (2)")]


def test_marks_are_no_part_of_the_text() -> None:
    marked = (
        '<p><span class="speak-cue" data-cue="a 0"><span class="speak-cue" data-cue="b 1">One</span></span> two</p>'
    )
    assert map_lasting_slots(around("1", as_text(marked)), lambda _script, text: text) == "<p>One two</p>"


@pytest.mark.parametrize(
    "html",
    [
        '<speak-slot data-script="1">never closed',
        "</speak-slot> closed, and never opened",
        "<speak-text>of somebody else</speak-text>",
        "<speak-slot>without a script</speak-slot>",
        "<speak-slot data-script=1>unquoted</speak-slot>",
    ],
)
def test_what_is_no_slot_stays(html: str) -> None:
    assert map_lasting_slots(html, lambda _script, _text: "") == html


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not an object"),
        ("{}", "no script"),
        ('{"script": []}', "no script"),
        ('{"script": "text"}', "no script"),
        ('{"script": ["text"]}', "not a sentence"),
        ('{"script": [["text"]]}', "not a sentence"),
        ('{"script": [["text", "never"]]}', "not a sentence"),
        ('{"script": [["text", -1]]}', "can be spoken"),
        ('{"script": [["text", 10001]]}', "can be spoken"),
        ('{"script": [["text", 1e999]]}', "not a sentence"),
        ('{"script": [["text", 60, []]]}', "can be spoken"),
        ('{"script": [["text", 60, [1]]]}', "can be spoken"),
        ('{"script": [["text", 60, {"voice": "sophie"}]]}', "unknown option 'voice'"),
        ('{"script": [["text", 60, {"speed": "fast"}]]}', "'fast' is not a number"),
        ('{"script": [["text", 60, ["text"], {"sample_rate": 8000}]]}', "sample_rate=8000 cannot be set"),
        ('{"script": [["", 60]]}', "can be spoken"),
        ('{"script": [["two  spaces", 60]]}', "can be spoken"),
        (json.dumps({"script": [["a" * 251, 60]]}), "can be spoken"),
        ('{"script": [["text", 60]], "voice": "sophie"}', "no voice"),
        ('{"script": [["text", 60]], "voice": {"voice": "sophie"}}', "unknown option 'voice'"),
        ('{"script": [["text", 60]], "voice": {"speed": "fast"}}', "'fast' is not a number"),
        ('{"script": [["text", 60]], "inherited": "speed"}', "not a list of settings"),
        ('{"script": [["text", 60]], "inherited": [["speed"]]}', "not a list of settings"),
        ('{"script": [["text", 60]], "text": "show me"}', "show me"),
        ('{"script": [["text", 60]], "format": "midi"}', "midi"),
        (r'{"script": [["t\ud800", 60]]}', "half of a character"),
        (r'{"script": [["text", 60, ["t\udfff"]]]}', "half of a character"),
        (r'{"script": [["t\ude00\ud83d", 60, ["text"]]]}', "half of a character"),
        (r'{"script": [["text", 60]], "title": "t\ud83d"}', "half of a character"),
        (r'{"script": [["text", 60]], "voice": {"voice_id": "\ud83d"}}', "half of a character"),
        (r'{"script": [["text", 60]], "\ud83d": 1}', "half of a character"),
        ('{"script": [["text", 60]], "title": 1}', "1 is not text"),
        ('{"script": [["text", 60]], "engine": {}}', "is not text"),
        ('{"script": [["text", 60]], "id": "a b"}', "cannot be a name"),
        ('{"script": [["text", 60]], "classes": "wide"}', "not a list"),
        ('{"script": [["text", 60]], "classes": ["x onclick=y"]}', "cannot be a name"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(script: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as caught:
        Slot.parse(script)
    assert len(str(caught.value)) < 1500
