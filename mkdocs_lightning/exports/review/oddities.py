"""Words that a voice may get wrong, and that a listener should hear before a site is published.

A filter that lets every sentence through is of no use. So ordinary numbers, and abbreviations that every voice knows,
do not count; nor does what the site's lexicon has, where a word that is said well can be put unchanged. And a sentence
is odd only for words that are in none before it, as one hearing of each will do.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from mkdocs_lightning.reading.lexicon import Lexicon


class OddKind(Enum):
    """Why a word may be said wrongly."""

    LETTERS = "foreign letters"
    DIGITS = "digits"
    SIGNS = "symbols and code"
    CAPITALS = "capitals"


@dataclass(frozen=True, slots=True)
class OddWord:
    """A word that a voice may get wrong.

    Attributes:
        text: The word, without the punctuation around it.
        kind: The first reason that applies.
        start: Its place in the text.
    """

    text: str
    kind: OddKind
    start: int


_TOKEN = re.compile(r"\S+")
# Quotation marks and dashes that look like others are written as escapes.
_PART = re.compile("[^\\s()\\[\\]{}<>/'\u2019\\-\u2013\u2014]+")
"""A word, or a part of one: each is said by itself."""
_AROUND = ".,;:!?…\"'()[]{}<>«»\u2039\u203a“”\u2018\u2019„\u201a-\u2013\u2014·•=~|/\\*"
"""Punctuation of many languages."""

_KNOWN = frozenset(
    "API APIs CD CPU CSS DVD EU FAQ GB GPU HTML HTTP HTTPS ID IDs IP IT KB MB NASA OK PC PDF PR QR RAM TB TV UI UK UN "
    "URL URLs US USA USB VIP VPN XML".split()
)
"""Capitals that voices of every language read as they should."""

_NUMBER = re.compile(r"[+-]?[$€£¥]?\d{1,4}(?:[.,]\d{1,3})?(?:%|°|€|\+|st|nd|rd|th|s)?")
"""A plain number, price, percentage, ordinal or decade."""

_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_FIGURES = re.compile(r"[\d.,:/–-]*\d[\d.,:/–-]*")  # noqa: RUF001 - also a date, a range, an address
_DIGIT = re.compile(r"\d")
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")  # such as e.g
_SIGN = re.compile(r"[_\\@#$^&*=+|~`]|::|(?<=\w)\.(?=\w)")

_SCRIPTS = {
    "ar": "ARABIC", "bn": "BENGALI", "el": "GREEK", "gu": "GUJARATI", "hi": "DEVANAGARI", "ja": "HIRAGANA KATAKANA CJK",
    "kn": "KANNADA", "ko": "HANGUL CJK", "ml": "MALAYALAM", "mr": "DEVANAGARI", "or": "ORIYA", "pa": "GURMUKHI",
    "ru": "CYRILLIC", "ta": "TAMIL", "te": "TELUGU", "zh": "CJK",
}  # fmt: skip
"""How names of letters begin in Unicode, by language; Latin is everywhere, and alone in languages that are not here."""

_FORMS = frozenset(["HALFWIDTH", "FULLWIDTH", "VERTICAL"])
_SHARED = {
    "KATAKANA-HIRAGANA": "KATAKANA", "KANA": "KATAKANA", "IDEOGRAPHIC": "CJK", "FEMININE": "LATIN",
    "MASCULINE": "LATIN",
}  # fmt: skip
"""How names of letters begin that several scripts or languages share, such as the long vowel mark, with a script."""


def odd_words(text: str, language: str, known: Container[str] = frozenset()) -> tuple[OddWord, ...]:
    """The words of a text that a voice may get wrong.

    Args:
        text: As it is sent to the voice.
        language: A language code.
        known: Words that are said well, as `words_of` a lexicon.
    """
    return tuple(_odd(text, language, known))


def _odd(text: str, language: str, known: Container[str]) -> Iterator[OddWord]:
    for start, word in _words(text):
        if word in known:
            continue
        kind = _kind(word, language)
        if kind is not None:
            yield OddWord(word, kind, start)


def _words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a text, each with its place; those with a hyphen are several, but a date is one."""
    for token in _TOKEN.finditer(text):
        whole = token[0].strip(_AROUND)
        if (whole.isascii() and whole.isalpha()) or _FIGURES.fullmatch(whole):
            yield token.start() + token[0].index(whole), whole
        else:
            for part in _PART.finditer(token[0]):
                if word := part[0].strip(_AROUND):
                    yield token.start() + part.start() + part[0].index(word), word


@lru_cache(maxsize=50_000)  # a site repeats most of its words
def _kind(word: str, language: str) -> OddKind | None:
    if _has_foreign_letter(word, language):
        return OddKind.LETTERS
    if _DIGIT.search(word):
        is_plain = _NUMBER.fullmatch(word) or _THOUSANDS.fullmatch(word)
        return None if is_plain else OddKind.DIGITS
    if _ABBREVIATION.fullmatch(word):
        return None
    if _SIGN.search(word):
        return OddKind.SIGNS
    return OddKind.CAPITALS if _has_odd_capitals(word) else None


def _has_odd_capitals(word: str) -> bool:
    return word not in _KNOWN and any(map(str.isupper, word[1:]))


def _has_foreign_letter(word: str, language: str) -> bool:
    """Whether a letter is of another script than the language's, or, in English, has an accent."""
    scripts = _SCRIPTS.get(language, "").split()
    for letter in filter(str.isalpha, word):
        if letter.isascii():
            continue
        script = _script(letter)
        is_own = script in scripts or (script == "LATIN" and language != "en")
        if not is_own:
            return True
    return False


@lru_cache(maxsize=10_000)
def _script(letter: str) -> str:
    first, *others = unicodedata.name(letter, "UNKNOWN").split()
    script = others[0] if first in _FORMS and others else first
    return _SHARED.get(script, script)


def words_of(lexicon: Lexicon) -> frozenset[str]:
    """The words that an author has decided on: those of the lexicon, and of its respellings."""
    entries = (entry for words in lexicon.words.values() for pair in words.items() for entry in pair)
    return frozenset(word.strip(_AROUND) for entry in entries for word in entry.split())


def count_odd(words: Iterable[OddWord]) -> dict[OddKind, list[tuple[str, int]]]:
    """The distinct words by kind, each with its number, the most frequent first."""
    counts = Counter((word.kind, word.text) for word in words)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0][1]))
    by_kind = {kind: [(text, number) for (of, text), number in ordered if of is kind] for kind in OddKind}
    return {kind: found for kind, found in by_kind.items() if found}
