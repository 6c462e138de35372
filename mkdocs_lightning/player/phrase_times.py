"""When each of several short sentences is heard that were synthesized together.

The audio has no marks. But a voice pauses between sentences, and how long each takes is nearly proportional to its
letters. So each sentence ends at a silence near its proportional place. Where there is none, it ends at that place: a
reader who sees the highlight move some tenths of a second off finds the line more easily than one who sees three
sentences highlighted for eight seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.lexicon import NO_LEXICON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Found with espeak-ng in English and German: 0.3 to 1.5 s, a quarter of the speech, find each of 300 ends.
_NEAR = 0.25  # of the length of the speech: a silence within it may be the one that is looked for
_NEAR_SECONDS = (0.3, 1.5)  # but at least and at most
_SENTENCE_PAUSE = 0.4  # seconds: a longer silence is not a better one
_PAUSE_COUNTS = 0.8  # how much a long silence counts, next to one at the place that was expected
_NONE_COSTS = 1.0  # as much as a silence as far away as one may be
_EDGE = 0.02  # seconds: silences are measured in frames, so those at both ends may not reach them

_TOKEN = re.compile(r"\d|[^\W\d_]+|[^\w\s]|_")
_SPOKEN_SIGNS = frozenset("/._@#=<>+-")
_DIGIT = _SPELLED = _SIGN = 3.5  # letters that a digit, a letter of an abbreviation, and a sign take
_SYLLABLE = 2.5  # what a sign of Chinese, Japanese or Korean takes
_FIRST_SYLLABLE = "\u2e80"
_LONGEST_SPELLED = 5  # letters in a row in capitals


@dataclass(frozen=True, slots=True)
class PhraseTime:
    """When one phrase is heard, in seconds from the start of the audio."""

    start: float
    end: float


def find_phrase_times(
    phrases: Sequence[str], length: float, silences: Sequence[tuple[float, float]]
) -> list[PhraseTime]:
    """When each phrase is heard.

    Args:
        phrases: One or more, as on the page.
        length: Seconds of the audio.
        silences: Start and end in seconds, in order, those at both ends of the audio among them; empty if unknown.
    """
    total = length - sum(end - start for start, end in silences)
    weights = list(accumulate(map(_weight, phrases)))
    expected = [total * weight / weights[-1] for weight in weights[:-1]]
    places = _places(length, silences)
    near = min(max(_NEAR * total, _NEAR_SECONDS[0]), _NEAR_SECONDS[1])
    chosen = [None if place is None else places[place] for place in _nearest(expected, places, near)]
    ends = [
        place or _place_of(speech, silences)
        for place, speech in zip(chosen, _speech_until(chosen, weights, total), strict=True)
    ]
    starts = [0.0, *(place.end for place in ends)]
    stops = [*(place.start for place in ends), length]
    return [PhraseTime(start, stop) for start, stop in zip(starts, stops, strict=True)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one phrase ends and the next begins: a silence between two words, or a moment.

    Attributes:
        start: Seconds from the start of the audio.
        end: Seconds from the start of the audio.
        speech: Seconds of speech before it.
    """

    start: float
    end: float
    speech: float


def _places(length: float, silences: Sequence[tuple[float, float]]) -> list[_Place]:
    places: list[_Place] = []
    silent = 0.0
    for start, end in silences:
        if start > _EDGE and end < length - _EDGE:
            places.append(_Place(start, end, start - silent))
        silent += end - start
    return places


def _speech_until(chosen: Sequence[_Place | None], weights: Sequence[float], total: float) -> Iterator[float]:
    """The seconds of speech before the end of each phrase but the last: in proportion between the chosen silences.

    Args:
        chosen: The silence at which each of them ends; None where it ends at none.
        weights: Of all phrases, each with those before it.
        total: Seconds of speech.
    """
    known = [(0.0, 0.0), *((weight, place.speech) for weight, place in zip(weights, chosen, strict=False) if place)]
    known.append((weights[-1], total))
    place = 0
    for weight in weights[:-1]:
        while known[place + 1][0] < weight:
            place += 1
        (before, start), (after, end) = known[place], known[place + 1]
        yield start + (end - start) * (weight - before) / (after - before)


def _place_of(speech: float, silences: Sequence[tuple[float, float]]) -> _Place:
    """The moment before which there are so many seconds of speech."""
    moment = speech
    for start, end in silences:
        if start >= moment:
            break
        moment += end - start
    return _Place(moment, moment, speech)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice of silences for the first of the expected places.

    Attributes:
        chosen: For each of these places the index of a silence; None for none.
        cost: The less, the better.
    """

    chosen: tuple[int | None, ...] = ()
    cost: float = 0.0

    def and_none(self) -> _Choice:
        """This choice, and no silence for the next place."""
        return _Choice((*self.chosen, None), self.cost + _NONE_COSTS)

    def and_silence(self, index: int, cost: float) -> _Choice:
        """This choice, and a silence for the next place."""
        return _Choice((*self.chosen, index), self.cost + cost)


def _nearest(expected: Sequence[float], places: Sequence[_Place], near: float) -> tuple[int | None, ...]:
    """For each expected place the index of a silence, in order; None where no silence is near enough.

    Of all choices, it is the one that costs the least. Of those that end at the same silence, only the cheapest can
    become it.
    """
    cheapest = {-1: _Choice()}  # by the last silence that is chosen
    for wanted in expected:
        following = {last: choice.and_none() for last, choice in cheapest.items()}
        for index, place in enumerate(places):
            cost = _cost(place, wanted, near)
            if cost is None:
                continue
            before = min((choice for last, choice in cheapest.items() if last < index), key=attrgetter("cost"))
            if index not in following or before.cost + cost < following[index].cost:
                following[index] = before.and_silence(index, cost)
        cheapest = following
    return min(cheapest.values(), key=attrgetter("cost")).chosen


def _cost(place: _Place, wanted: float, near: float) -> float | None:
    """The square of a silence's distance from an expected place, less what its length counts; None if it is too far."""
    distance = abs(place.speech - wanted) / near
    if distance > 1:
        return None
    return distance * distance - _PAUSE_COUNTS * min(1.0, (place.end - place.start) / _SENTENCE_PAUSE)


def _weight(phrase: str) -> float:
    """About how many letters a phrase takes to be said."""
    spoken = NO_LEXICON.spoken(phrase, "en")
    return max(1.0, spoken.count(" ") + 1 + sum(map(_weight_of_token, _TOKEN.findall(spoken))))


def _weight_of_token(token: str) -> float:
    if token.isdigit():
        return _DIGIT
    if token[0].isalpha():
        is_spelled = token.isupper() and 1 < len(token) <= _LONGEST_SPELLED
        return (
            len(token) * _SPELLED if is_spelled else sum(_SYLLABLE if sign >= _FIRST_SYLLABLE else 1 for sign in token)
        )
    return _SIGN if token in _SPOKEN_SIGNS else 0.0
