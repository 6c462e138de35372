"""Finds the words of a lexicon that have no effect, as the site has them in another case, or nowhere."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.lexicon import is_whole
from mkdocs_lightning.reading.sentence_ends import EVERY_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mkdocs_lightning.reading.lexicon import Lexicon

_START = re.compile(r"\w+")
"""The first letters and digits of a word."""


@dataclass(frozen=True, slots=True)
class OtherCase:
    """A word of a lexicon that no sentence has, but in another case.

    Attributes:
        word: As the lexicon has it.
        written: As a sentence has it.
        index: Of the first such sentence.
    """

    word: str
    written: str
    index: int


def words_in_other_case(lexicon: Lexicon, sentences: Sequence[tuple[str, str]]) -> Iterator[OtherCase]:
    """The words of a lexicon that have no effect, because all sentences have them in another case.

    Not those that are likely to be another word there: "IT" is not "It", and "Go" is not "go".

    Args:
        lexicon: Whose words.
        sentences: All of the site as they are written, each with its language.
    """
    everywhere = lexicon.words.get(EVERY_LANGUAGE, {})
    for language, words in lexicon.words.items():
        own = [(i, text) for i, (text, spoken) in enumerate(sentences) if language in {EVERY_LANGUAGE, spoken}]
        yield from _in_other_case(words, words.keys() | everywhere.keys(), own)


def words_on_no_page(lexicon: Lexicon, sentences: Iterable[tuple[str, str]]) -> list[str]:
    """The words of a lexicon that no sentence has, in whatever case or language; not those of languages of no sentence.

    Args:
        lexicon: Whose words.
        sentences: All of the site as they are written, each with its language.
    """
    spoken = list(sentences)
    languages = {language for _, language in spoken} | ({EVERY_LANGUAGE} if spoken else set())
    text = "\n".join(text.lower() for text, _ in spoken)
    of_site = (words for language, words in lexicon.words.items() if language in languages)
    return [word for words in of_site for word in words if word.lower() not in text]


def _in_other_case(
    words: Iterable[str], known: Collection[str], sentences: Iterable[tuple[int, str]]
) -> Iterator[OtherCase]:
    """As `words_in_other_case`, for one language; `known` are all words that have an effect there."""
    starts: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for word in sorted(words, key=len, reverse=True):  # as of several, the longest wins
        if start := _START.search(word):
            starts[start[0].lower()].append((start.start(), word))
    effective: set[str] = set()
    others: dict[str, OtherCase] = {}
    for index, sentence in sentences:
        end = 0
        for start in (each for each in _START.finditer(sentence) if each[0].lower() in starts):
            if start.start() < end:
                continue
            found = [*_at(starts[start[0].lower()], sentence, start.start())]
            if exact := next((word for word, written in found if word == written), None):
                effective.add(exact)
                end = start.start() + len(exact)
                continue
            for word, written in found:
                if written not in known and not (written.islower() or word.isupper()):
                    others.setdefault(word, OtherCase(word, written, index))
    yield from (other for word, other in others.items() if word not in effective)


def _at(words: Iterable[tuple[int, str]], sentence: str, start: int) -> Iterator[tuple[str, str]]:
    """Those of some words that a sentence has at a place, whatever their case, each as it is written there.

    Args:
        words: Each with the place of its first letter or digit.
        sentence: The sentence.
        start: Where their first letter or digit is.
    """
    for offset, word in words:
        first = start - offset
        written = sentence[max(0, first) : first + len(word)]
        if written.lower() == word.lower() and is_whole(written, sentence, first):
            yield word, written
