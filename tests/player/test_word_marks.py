"""Words in the text of a page: where a spoken word is written, and what a page notes of it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from mkdocs_lightning.player.captions import make_cues
from mkdocs_lightning.player.sentence_highlights import highlight_sentences, without_highlights
from mkdocs_lightning.player.word_marks import WordMark, mark_words
from mkdocs_lightning.reading.sentences import Pause, Sentence


def shown(sentence: Sentence, *times: tuple[tuple[int, float], ...]) -> list[tuple[str, float]]:
    """The words of a sentence as they are written, with their seconds; each part takes 10 s."""
    marks = mark_words(sentence, [10.0 * number for number in range(len(times))], times)
    return [(sentence.written[mark.start : mark.end], mark.second) for mark in marks]


@pytest.mark.parametrize(
    ("written", "spoken", "times", "expected"),
    [
        ("One two.", "One two.", ((0, 0.0), (4, 0.5)), [("One", 0.0), ("two.", 0.5)]),
        ("In the end.", "In the end.", ((0, 0.0), (7, 0.5)), [("In the", 0.0), ("end.", 0.5)]),
        (
            "Use SQL now.",
            "Use sequel now.",
            ((0, 0.0), (4, 0.5), (11, 1.0)),
            [("Use", 0.0), ("SQL", 0.5), ("now.", 1.0)],
        ),
        (
            "Run kubectl now.",
            "Run kube control now.",
            ((0, 0.0), (4, 0.5), (9, 0.7), (17, 1.0)),
            [("Run", 0.0), ("kubectl", 0.5), ("now.", 1.0)],
        ),
        (
            "See 1 2 3 here.",
            "See it here.",
            ((0, 0.0), (4, 0.5), (7, 1.0)),
            [("See", 0.0), ("1 2 3", 0.5), ("here.", 1.0)],
        ),
        ("Key abc ends.", "Key ends.", ((0, 0.0), (4, 0.5)), [("Key", 0.0), ("ends.", 0.5)]),
        ("Key ends.", "Key abc ends.", ((0, 0.0), (4, 0.5), (8, 1.0)), [("Key", 0.0), ("ends.", 1.0)]),
    ],
    ids=["as written", "said together", "respelled", "as several", "several as one", "not said", "not written"],
)
def test_a_spoken_word_is_found_where_it_is_written(
    written: str, spoken: str, times: tuple[tuple[int, float], ...], expected: list[tuple[str, float]]
) -> None:
    assert shown(Sentence(written, (spoken,), Pause.SENTENCE), times) == expected


def test_a_sentence_in_two_parts_has_the_words_of_both() -> None:
    sentence = Sentence("One two three.", ("One two", "three."), Pause.SENTENCE)
    assert shown(sentence, ((0, 0.0), (4, 0.5)), ((0, 0.25),)) == [("One", 0.0), ("two", 0.5), ("three.", 10.25)]
    assert shown(sentence, ((0, 0.0), (4, 0.5)), ()) == [], "half a sentence would stop in its middle"


def test_phrases_and_rows_have_the_words_of_their_own() -> None:
    script = (
        Sentence("Yes. No, no.", ("Yes. No, no.",), Pause.SENTENCE, phrases=("Yes.", "No, no.")),
        Sentence("One", ("One",), Pause.SENTENCE, joins_next=True),
        Sentence("two", ("two",), Pause.SENTENCE),
    )
    words = (((0, 0.0), (5, 1.4), (9, 2.0)), ((0, 0.1),), ((0, 0.2),))

    cues = make_cues(script, (3.0, 1.0, 1.0), (0.25, 0.25), (), words)

    assert [[(cue.text[word.start : word.end], round(word.second, 2)) for word in cue.words] for cue in cues] == [
        [("Yes.", 0.0)],
        [("No,", 1.4), ("no.", 2.0)],
        [("One", 3.35), ("two", 4.7)],
    ]
    assert [cue.start for cue in cues] == [0.0, 1.4, 3.25], "a phrase begins with its word"
    assert all(cue.end <= following.start for cue, following in pairwise(cues))


def test_a_sentence_of_a_few_words_that_come_again_and_again_takes_no_time() -> None:
    """Like a dump of bits, of which the page shows others than are said."""
    spoken, written = " ".join(["0", "1"] * 500), " ".join(["1", "0", "0"] * 333)
    sentence = Sentence(written, (spoken,), Pause.SENTENCE)
    words = tuple((2 * at, float(at)) for at in range(1000))
    started = time.process_time()

    marks = mark_words(sentence, [0.0], [words])

    assert time.process_time() - started < 1
    assert [mark.start for mark in marks] == sorted(mark.start for mark in marks)
    assert marks[-1].end <= len(written)


def test_the_words_of_a_piece_are_noted_in_the_units_of_a_browser() -> None:
    html = "<p>🙂 “One” t<em>w</em>o &amp; three.</p>"
    text = "“One” two & three."
    words = [WordMark(0, 5, 0.0), WordMark(6, 9, 0.5), WordMark(10, 11, 0.75), WordMark(12, 18, 1.234)]

    marked = highlight_sentences(html, [text], "p", words=[words])

    assert marked == (
        '<p>🙂 <span class="speak-cue" data-cue="p 0" data-times="1 3 0 6 1 50">“One” t</span><em>'
        '<span class="speak-cue" data-cue="p 0" data-times="0 1 50">w</span></em>'
        '<span class="speak-cue" data-cue="p 0" data-times="0 1 50 4 5 123">o &amp; three.</span></p>'
    )
    assert without_highlights(marked) == html
    assert "data-times" not in highlight_sentences(html, [text], "p")
