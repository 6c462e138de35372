"""When short sentences are heard that were synthesized together."""

from __future__ import annotations

import random
import time

import pytest

from mkdocs_lightning.player.phrase_times import PhraseTime, find_phrase_times

PHRASES = ("This is the first one.", "This is the other one.")


def starts(times: list[PhraseTime]) -> list[float]:
    return [phrase.start for phrase in times]


def test_a_sentence_ends_at_the_silence_near_its_place() -> None:
    times = find_phrase_times(PHRASES, 4.4, [(0.5, 0.65), (1.8, 2.2), (3.5, 3.62)])

    assert times == [PhraseTime(0.0, 1.8), PhraseTime(2.2, 4.4)]


@pytest.mark.parametrize(
    ("silences", "start"),
    [
        ([(1.6, 1.72), (2.2, 2.6)], 2.6),  # nearly as near, and longer: commas have short ones
        ([(1.4, 1.8), (2.4, 2.54)], 1.8),
        ([(1.9, 2.2), (3.0, 3.4)], 2.2),
        ([(0.01, 0.4), (2.2, 2.5), (4.0, 4.39)], 2.5),  # those at both ends are none between words
    ],
)
def test_of_two_silences_the_likelier_one(silences: list[tuple[float, float]], start: float) -> None:
    assert starts(find_phrase_times(PHRASES, 4.4, silences)) == [0.0, start]


@pytest.mark.parametrize(
    ("silences", "end"),
    [
        ([], 2.2),
        ([(0.2, 0.6)], 2.4),  # of the speech, half comes before it
        ([(3.6, 4.2)], 1.9),
        ([(0.0, 2.0)], 3.2),
        ([(2.4, 4.39)], 1.205),
    ],
)
def test_without_a_silence_near_its_place_it_ends_in_proportion(
    silences: list[tuple[float, float]], end: float
) -> None:
    first, second = find_phrase_times(PHRASES, 4.4, silences)

    assert first.end == pytest.approx(end)
    assert [first, second] == [PhraseTime(0.0, first.end), PhraseTime(first.end, 4.4)]


def test_between_two_silences_the_rest_is_in_proportion() -> None:
    phrases = ("One and one.", "Two and two.", "Three and one.", "Four and one.")
    times = find_phrase_times(phrases, 4.4, [(1.0, 1.2), (3.2, 3.4)])

    assert times[:1] + times[3:] == [PhraseTime(0.0, 1.0), PhraseTime(3.4, 4.4)]
    assert times[1:3] == [PhraseTime(1.2, times[2].start), PhraseTime(times[2].start, 3.2)]
    assert times[2].start == pytest.approx(2.14, abs=0.01)


def test_arabic_sentences_without_a_pause_are_told_apart() -> None:
    times = find_phrase_times(("افتح الملف.", "احفظه الآن.", "ثم أغلقه."), 8.0, [(0.0, 0.2), (7.8, 8.0)])

    assert [time.end - time.start > 2 for time in times] == [True] * 3


@pytest.mark.parametrize(
    ("phrases", "silence"),
    [
        (("In 1984.", "It was a year."), (2.0, 2.4)),  # digits take long
        (("It was a year.", "In 1984."), (1.4, 1.8)),
        (("HTTP and SSL.", "A protocol."), (2.4, 2.8)),  # so do letters that are spelled
        (("See https://example.org/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y.", "All is there."), (2.6, 3.0)),
    ],
)
def test_what_takes_longer_than_its_letters(phrases: tuple[str, ...], silence: tuple[float, float]) -> None:
    decoys = [(0.4, 0.8), silence] if silence[0] > 2 else [silence, (3.0, 3.4)]

    assert starts(find_phrase_times(phrases, 4.4, decoys)) == [0.0, silence[1]]


def test_the_times_of_anything_follow_one_another() -> None:
    choose = random.Random(3)
    for _ in range(300):
        phrases = ["word " * choose.randrange(0, 5) + "." for _ in range(choose.randrange(1, 9))]
        edges = sorted(choose.uniform(0, 5) for _ in range(2 * choose.randrange(0, 9)))
        times = find_phrase_times(phrases, 5.0, list(zip(edges[::2], edges[1::2], strict=True)))

        assert len(times) == len(phrases)
        seconds = [second for each in times for second in (each.start, each.end)]
        assert seconds == sorted(seconds)
        assert (seconds[0], seconds[-1]) == (0.0, 5.0)


def test_many_phrases_and_silences_take_no_time() -> None:
    start = time.process_time()
    find_phrase_times(["A."] * 80, 60.0, [(number * 0.3, number * 0.3 + 0.15) for number in range(200)])
    assert time.process_time() - start < 2
