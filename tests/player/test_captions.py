"""When each sentence is heard, and the WebVTT that says so."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.player.captions import Cue, make_cues, to_webvtt
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.reading.sentences import Pause, Sentence
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

SCRIPT = (
    Sentence("First.", ("First.",), Pause.SENTENCE),
    Sentence("A long one, in three parts.", ("A long one,", "in three", "parts."), Pause.PARAGRAPH),
    Sentence("Second last.", ("2nd last.",), Pause.SENTENCE),
    Sentence("Last.", ("Last.",), Pause.PARAGRAPH),
)
LENGTHS = (1.0, 2.0, 0.5, 0.25, 4.0, 8.0)
PAUSES = (0.25, 0.06, 0.06, 0.6, 0.25)


def test_a_sentence_is_heard_from_its_first_part_to_its_last() -> None:
    cues = make_cues(SCRIPT, LENGTHS, PAUSES)

    assert [cue.text for cue in cues] == ["First.", "A long one, in three parts.", "Second last.", "Last."]
    assert [cue.start for cue in cues] == pytest.approx([0.0, 1.25, 1.25 + 2.75 + 0.12 + 0.6, 8.97])
    assert [cue.end for cue in cues] == pytest.approx([1.0, 4.12, 8.72, 16.97])


def test_the_last_cue_ends_with_the_clip() -> None:
    voices = [resolve_voice(VoiceSettings())] * len(SCRIPT)
    clip = make_clip(SCRIPT, "lightning", voices, OutputFormat.WAV)

    assert make_cues(SCRIPT, LENGTHS, clip.pauses)[-1].end == pytest.approx(sum(LENGTHS) + sum(clip.pauses))


def test_short_sentences_that_were_sent_together_have_a_cue_each() -> None:
    merged = "Yes, it is. No, it is not. Maybe. 你好。再见。"
    phrases = ("Yes, it is.", "No, it is not.", "Maybe.", "你好。", "再见。")
    script = (SCRIPT[0], Sentence(merged, (merged,), Pause.SENTENCE, phrases=phrases), SCRIPT[2])
    silences = [[], [(0.7, 1.0), (1.9, 2.2)], []]

    cues = make_cues(script, (1.0, 4.0, 0.5), (0.25, 0.25), silences)

    assert [(round(cue.start, 3), round(cue.end, 3), cue.text) for cue in cues] == [
        (0.0, 1.0, "First."),
        (1.25, 1.95, "Yes, it is."),
        (2.25, 3.15, "No, it is not."),
        (3.45, 4.245, "Maybe."),
        (4.245, 4.748, "你好。"),
        (4.748, 5.25, "再见。"),
        (5.5, 6.0, "Second last."),
    ]
    unheard = make_cues(script, (1.0, 4.0, 0.5), (0.25, 0.25))
    assert [cue.text for cue in unheard] == [cue.text for cue in cues], "their silences are not known"


def test_short_sentences_that_a_lexicon_made_long_have_one_cue() -> None:
    sentence = Sentence("A. B.", ("A is", "B."), Pause.SENTENCE, phrases=("A.", "B."))

    assert make_cues([sentence], (1.0, 1.0), (0.06,), [[(0.5, 0.8)], []]) == (Cue(0.0, 2.06, "A. B."),)


def test_a_row_has_one_cue() -> None:
    cells = [replace(sentence, joins_next=number in {0, 1}) for number, sentence in enumerate(SCRIPT)]

    cues = make_cues(cells, LENGTHS, PAUSES)

    assert [cue.text for cue in cues] == ["First. A long one, in three parts. Second last.", "Last."]
    assert [(cue.start, cue.end) for cue in cues] == [(0.0, pytest.approx(8.72)), (pytest.approx(8.97), 16.97)]
    assert make_cues([cells[0]], (1.0,), ())[0].text == "First."  # though nothing follows


def test_what_has_no_sentence_has_no_cue() -> None:
    assert make_cues((), (), ()) == ()
    assert to_webvtt(()) == "WEBVTT\n"


def test_webvtt() -> None:
    cues = [Cue(0.0, 1.0, "First."), Cue(1.25, 3725.0624, "Second."), Cue(360000.0, 360001.9999, "Third.")]

    assert to_webvtt(cues) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.000\nFirst.\n\n"
        "00:00:01.250 --> 01:02:05.062\nSecond.\n\n"
        "100:00:00.000 --> 100:00:02.000\nThird.\n"
    )


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0004, "00:00:00.000"),
        (0.0006, "00:00:00.001"),
        (59.9996, "00:01:00.000"),
        (3599.9996, "01:00:00.000"),
        (9.9999, "00:00:10.000"),
    ],
)
def test_what_is_rounded_up_carries_over(seconds: float, written: str) -> None:
    (line,) = re.findall(".*-->.*", to_webvtt([Cue(seconds, seconds, "x")]))

    assert line == f"{written} --> {written}"


@pytest.mark.parametrize("text", ["a < b && c > d", "1 --> 2", "<i>not italic</i>", "&lt;", "\u202eسبت\u202c \"'"])
def test_a_text_ends_no_cue_and_is_no_markup(text: str) -> None:
    """Section 4.1: in a cue's text no line may hold `-->`, and `<` and `&` are not themselves."""
    lines = to_webvtt([Cue(0.0, 1.0, text)]).split("\n")

    assert lines[:3] == ["WEBVTT", "", "00:00:00.000 --> 00:00:01.000"]
    assert lines[4:] == [""]
    assert unescape(lines[3]) == text
    assert "<" not in lines[3]
    assert "-->" not in lines[3]
