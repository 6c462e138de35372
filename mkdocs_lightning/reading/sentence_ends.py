"""Where the sentences of a paragraph end.

`sentencex` splits a paragraph. It also splits inside names, after abbreviations and after code, so each of its ends is
looked at again. A wrong end is worse than a missing one: it breaks the melody of two requests, and a missing one only
makes a sentence long.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import sentencex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

EVERY_LANGUAGE = "all"

CODE_STOP = "\ufdd0"
"""Marks a stop that belongs to inline code, such as `pip install .`. A noncharacter: no text has it."""

_STOP_IN_CODE = re.compile(r"[.!?\u2026]+(?=\s|$)")

_LATIN_STOPS = ".!?\u2026;"  # a semicolon is the question mark of Greek
_OTHER_STOPS = "\u3002\uff01\uff1f\uff0e\uff61\u0964\u0965\u061f\u06d4\u104b\u1362\u17d4"
"""Stops of scripts that need no space after them."""

_STOPS = _LATIN_STOPS + _OTHER_STOPS

_QUOTES = "\"'\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a\u300c\u300d\u300e\u300f"
_AROUND = _QUOTES + "*_()[]{}<>\uff08\uff09\u00bf\u00a1\u3008\u3009\u300a\u300b\u3010\u3011"
"""Brackets, quotation marks, and other signs around a sentence."""

_BEFORE_SENTENCE = _AROUND + " "  # in French, a space follows a quotation mark

_INSIDE = ",;:!?)]}%=|\\\u2026\u2013\u2014\u3001\uff0c"
"""Signs that begin no sentence."""

_SPACELESS = "\u0e00\u0eff \u1000\u109f \u1780\u17ff \u3005\u30ff \u3400\u9fff \uf900\ufaff \uff66\uff9f".split()
"""The first and the last letters of scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana and Han."""

_PARTICLE = re.compile("[とってはがをのにでもへやか、]")  # goes on after a quotation in Japanese

_CLOSING = re.compile("[\u00bb\u2019\u201d\u203a\u300b\u3009\u300d\u300f\u3011)\uff09]+ ?")
_TITLE_ENDS = ("\u300b", "\u3009")  # of the brackets around a title in Chinese

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_LIST_NUMBER = re.compile(r"(?:\d{1,9}|[^\W\d_]|[ivxlcdm]{1,7}|[IVXLCDM]{1,7})\.")
_SINGLE_LETTERS = re.compile(r"(?:[^\W\d_]\.){2,}")
_HYPHENATED = re.compile(r"(?:[^\W\d_]+\.-)+[^\W\d_]{1,4}\.")
"""Such as Dr.-Ing., Lt.-Col. and J.-J., but neither St.-Denis nor T-Shirt."""
_ITEM_NUMBER = re.compile(r"\d{1,2}\.")
_SHORT_WORD = re.compile(r"[^\W\d_]{1,5}\.")
_INITIAL = re.compile(r"[^\W\d_]")
_STREET = re.compile(r"[^\W\d_]{3,}(?:str|gt)\.")
_AND = "\u0648"  # is written with the next word in Arabic
_ORDINAL = re.compile(r"\d{1,3}\.")
_SLASHED = re.compile(r"\w+\./\w+\.")
"""Such as req./min."""
_ELISION = re.compile(r"\b(?!aujourd)[^\W\d_]+['\u2019](?=\w)")
_NUMBER = re.compile(r"[#\u00a7]?\d|[IVXLC]+\b|[B-DF-HJ-NP-TVX](?![\w'\u2019])")
"""The letter of an appendix, too, but none that is a word by itself or before an apostrophe."""
_WORD = re.compile(r"[^\W\d_]+")
_SPACE_AFTER_PERIOD = re.compile(r"(?<=\.) ")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:(?<=\w\w)|(?=['\u2019]| [^\W\d_][^\W\d_]))\b")
"""The first word of a sentence; not an initial, nor the letter of an appendix."""
_LINKS = frozenset(["and", "or", "nor", "und", "oder", "et", "ou", "y", "o", "e", "en", "och", "og"])

_ENGLISH = frozenset(["en", "auto"])
_ELIDING = frozenset(["ca", "fr", "it", "pt"])
"""Languages that write short words together with the next one, as in l'art. 6."""

_WINDOW = 80  # characters on each side of an end that are looked at


class _Kind(Enum):
    """How a sentence may end after an abbreviation; the names are those of `abbreviations.json`."""

    NEVER = "never"
    OFTEN = "often"  # unless a small letter or a number follows
    SELDOM = "seldom"  # before a word that often begins a sentence
    NUMBERS = "numbers"  # always, unless a number follows: it is also a word


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The abbreviations of one language.

    Attributes:
        kinds: By the abbreviation, with its period.
        openings: For each beginning of an abbreviation of several words, what may follow.
        closing: Those after which a sentence ends before a starter, even if `sentencex` finds no end there.
        starters: Words that often begin a sentence.
    """

    kinds: Mapping[str, _Kind]
    openings: Mapping[str, tuple[str, ...]]
    closing: frozenset[str]
    starters: frozenset[str]


def has_words(text: str) -> bool:
    """Whether a text has a letter or digit."""
    return _LETTER_OR_DIGIT.search(text) is not None


def mark_code(text: str) -> str:
    """The text of inline code, with a mark after each stop at which no sentence ends; `find_sentences` removes it."""
    return _STOP_IN_CODE.sub(rf"\g<0>{CODE_STOP}", text)


def find_sentences(text: str, language: str, more_abbreviations: tuple[str, ...] = ()) -> list[str]:
    """Split a paragraph into sentences. Each has the space that follows it.

    Args:
        text: The paragraph, with single spaces.
        language: A language code. For `auto` and for codes that `sentencex` does not know, the rules of English apply.
        more_abbreviations: Those of the author.
    """
    abbreviations = abbreviations_of(language, more_abbreviations)
    ends = accumulate(map(len, sentencex.segment(language, _with_words_for_closing(text, abbreviations))), initial=0)
    pieces = [text[start:end] for start, end in pairwise(ends)]
    if len(pieces) > 1:
        pieces = _with_words(_joined(text, pieces, language, abbreviations))
    return [piece.replace(CODE_STOP, "") for piece in pieces] if CODE_STOP in text else pieces


def _with_words_for_closing(text: str, abbreviations: Abbreviations) -> str:
    """A text of the same length, with a word in place of each closing abbreviation before a starter.

    `sentencex` takes many of them for the middle of a sentence in any case, such as `usw.`.
    """
    parts, done = [], 0
    for space in _SPACE_AFTER_PERIOD.finditer(text):
        first = _FIRST_WORD.match(text, space.end())
        if first is None or first[0] not in abbreviations.starters:
            continue
        if size := _closing_size(text[max(0, space.start() - _WINDOW) : space.start()], abbreviations):
            parts += [text[done : space.start() - size], "q" * (size - 1)]
            done = space.start() - 1
    return "".join([*parts, text[done:]])


def _closing_size(before: str, abbreviations: Abbreviations) -> int:
    """The length of the closing abbreviation at the end of a text; 0 if there is none."""
    words = before.rsplit(" ", 3)[-3:]
    tails = (" ".join(words[number:]).lstrip(_AROUND) for number in range(len(words)))
    return next((len(tail) for tail in tails if tail in abbreviations.closing), 0)


def _with_words(sentences: Iterable[str]) -> list[str]:
    """Join what has neither letters nor digits to the sentence before it, or to the first."""
    joined: list[list[str]] = []
    has_word = False  # the last one
    for sentence in sentences:
        is_word = has_words(sentence)
        if joined and not (is_word and has_word):
            joined[-1].append(sentence)
            has_word = has_word or is_word
        else:
            joined.append([sentence])
            has_word = is_word
    return ["".join(parts) for parts in joined]


def _joined(text: str, pieces: list[str], language: str, abbreviations: Abbreviations) -> Iterator[str]:
    start = end = 0
    for piece in pieces[:-1]:
        end += len(piece)
        stop = _past_closing(text, end)
        before, after = text[max(start, stop - _WINDOW) : stop], text[stop : stop + _WINDOW]
        if stop > start and after and _is_end(before, after, language, abbreviations):
            yield text[start:stop]
            start = stop
    yield text[start:]


def _past_closing(text: str, end: int) -> int:
    """Where a sentence ends whose last signs were left to the next one, such as the bracket that closes a title."""
    closing = None if text[end - 1].isspace() else _CLOSING.match(text, end)
    return closing.end() if closing else end


def _is_end(before: str, after: str, language: str, abbreviations: Abbreviations) -> bool:
    """Whether a sentence ends between two texts.

    Args:
        before: The sentence, or its last characters.
        after: What follows; not empty.
        language: A language code.
        abbreviations: Those of the language.
    """
    ended = before.rstrip()
    body = ended.rstrip(_AROUND)
    is_quoted = body != ended
    if ended == before:
        return not ended.endswith(_TITLE_ENDS) and _is_end_without_space(body, after, is_quoted=is_quoted)
    if body[-1:] in _OTHER_STOPS:
        return True
    if body.endswith(CODE_STOP) or after[0] in _INSIDE or _LIST_NUMBER.fullmatch(ended):
        return False
    if language in _ELIDING:
        body = _ELISION.sub("", body)
    word = body.rsplit(" ", 1)[-1].lstrip(_AROUND)
    if not word.rstrip(_STOPS):
        return _begins_sentence(after, after_question=body[-1] in "!?")
    if _begins_lowercase(after) and _is_cased(word):
        is_item = _ITEM_NUMBER.fullmatch(word) and _next_word(after).capitalize() in abbreviations.starters
        if is_quoted or is_item or _goes_on(body, word, after, language):
            return False
    is_abbreviated = _is_abbreviated(body, after, abbreviations) or (
        language not in _ENGLISH
        and (_is_ordinal(word, after, language, abbreviations) or _is_initial(word, after, abbreviations))
    )
    return is_quoted or not is_abbreviated


def _goes_on(body: str, word: str, after: str, language: str) -> bool:
    """Whether a sentence goes on before a small letter. In English it may be the name of a program, after any word."""
    is_short = language not in _ENGLISH and _SHORT_WORD.fullmatch(word) is not None
    is_sign = word.endswith("+.") or _SLASHED.fullmatch(word) is not None  # such as Ctrl+.
    return is_short or is_sign or body[-1] != "." or _next_word(after) in _LINKS


def _is_end_without_space(body: str, after: str, *, is_quoted: bool) -> bool:
    """Whether a sentence ends where no white space follows: only in scripts that have none, and not in a number."""
    if body[-2:-1].isdigit() and after[0].isdigit():
        return False
    if body[-1:] in _OTHER_STOPS:
        return not (is_quoted and _PARTICLE.match(after))
    letter = body.rstrip(_LATIN_STOPS)[-1:]
    return not after[0].isascii() and any(both[0] <= letter <= both[1] for both in _SPACELESS)


def _is_abbreviated(body: str, after: str, abbreviations: Abbreviations) -> bool:
    """Whether a text ends with an abbreviation that does not end its sentence."""
    words = body.rsplit(" ", 3)[-3:]
    for number in range(len(words)):
        tail = " ".join(words[number:]).lstrip(_AROUND)
        if any(after.startswith(rest) for rest in abbreviations.openings.get(tail, ())):
            return True
        kind = abbreviations.kinds.get(tail) or abbreviations.kinds.get(tail.removeprefix(_AND))
        if kind is None and number == len(words) - 1 and _is_made_of_abbreviations(tail):
            kind = _Kind.SELDOM
        if kind is not None:
            return _continues(kind, after, abbreviations)
    return after[0].isdigit() and _STREET.fullmatch(words[-1]) is not None


def _is_made_of_abbreviations(word: str) -> bool:
    """Whether a word consists of letters with a period after each, or of abbreviations with hyphens between them."""
    letters = "".join(each for each in word if not unicodedata.category(each).startswith("M"))  # the vowels of Hindi
    return _SINGLE_LETTERS.fullmatch(letters) is not None or _HYPHENATED.fullmatch(letters) is not None


def _continues(kind: _Kind, after: str, abbreviations: Abbreviations) -> bool:
    match kind:
        case _Kind.NEVER:
            return True
        case _Kind.OFTEN:
            return _begins_lowercase(after) or after[0].isdigit()
        case _Kind.SELDOM:
            return _next_word(after) not in abbreviations.starters
        case _Kind.NUMBERS:
            return _NUMBER.match(after) is not None


def _is_ordinal(word: str, after: str, language: str, abbreviations: Abbreviations) -> bool:
    """Whether a word such as `3.` is an ordinal number, or part of a date. English has none of this form."""
    if not _ORDINAL.fullmatch(word):
        return False
    is_short = len(word) <= len("31.")
    is_in_date = is_short and after[0].isdigit()
    return (
        is_in_date
        or _begins_lowercase(after)
        or (language == "de" and is_short and _next_word(after) not in abbreviations.starters)
    )


def _is_initial(word: str, after: str, abbreviations: Abbreviations) -> bool:
    """Whether a word is one letter that stands for a name or a title. In English, `sentencex` knows those."""
    letter = word.removeprefix(_AND)[:-1]
    is_one = _INITIAL.fullmatch(letter) is not None and (letter.isupper() or "\u0620" <= letter <= "\u064a")
    return is_one and _next_word(after) not in abbreviations.starters


def _begins_sentence(text: str, *, after_question: bool) -> bool:
    """Whether a text looks like the start of a sentence, after a sign that stands alone and may be a stop or not."""
    first = text.lstrip(_BEFORE_SENTENCE)[:1]
    if after_question:  # French has a space before these signs, and Hindi may have
        return first.isalpha() and not first.islower()
    return first.isupper() and text[0] not in "([{"


def _begins_lowercase(text: str) -> bool:
    return text.lstrip(_BEFORE_SENTENCE)[:1].islower()


def _is_cased(word: str) -> bool:
    """Whether a word has no letters of a script without capital letters."""
    return not any(character.isalpha() and character.lower() == character.upper() for character in word)


def _next_word(text: str) -> str:
    found = _WORD.match(text.lstrip(_BEFORE_SENTENCE))
    return found[0] if found else ""


@cache
def abbreviations_of(language: str, more: tuple[str, ...] = ()) -> Abbreviations:
    """The abbreviations of a language: those of every language, its own, and more. For `auto`, those of English.

    Args:
        language: A language code.
        more: Those of the author. A sentence seldom ends after them.
    """
    table = _table()
    own = table.get("en" if language == "auto" else language, {})
    kinds: dict[str, _Kind] = {}
    closing = {*own.get("closing", ()), *table[EVERY_LANGUAGE]["often"], *own.get("often", ())}
    for source in (table[EVERY_LANGUAGE], own, {_Kind.SELDOM.value: more}):
        for kind in _Kind:
            for abbreviation in source.get(kind.value, ()):
                kinds |= dict.fromkeys(_spellings(abbreviation), kind)
    return Abbreviations(
        kinds,
        _openings(kinds),
        frozenset(spelling for abbreviation in closing for spelling in (abbreviation, _closed_up(abbreviation))),
        frozenset(own.get("starters", ())),
    )


@cache
def _table() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The package's own abbreviations: language, kind, abbreviations; those of `all` count in every language.

    They are those after which `sentencex` ends a sentence. The kinds are those of `_Kind`. `closing` has those of the
    kind `seldom` that stand at the end of a sentence and before no name, as they are written: "A. C." may be initials,
    and "a. C." is none. All of the kind `often` are closing, too.
    `starters` are words that often begin a sentence, and that no abbreviation has as its next word. Abbreviations of
    single letters, such as "U.S." or "d.w.z.", need not be listed: they count as `seldom`. Each may begin with a
    capital letter, and "p. ej." is also found as "p.ej.".
    """
    text = resources.files("mkdocs_lightning.reading").joinpath("abbreviations.json").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, tuple[str, ...]]] = json.loads(unicodedata.normalize("NFC", text))
    return table


def _spellings(abbreviation: str) -> set[str]:
    """An abbreviation as it may be written: with and without spaces, and at the start of a sentence."""
    spellings = {abbreviation, _closed_up(abbreviation)}
    return spellings | {spelling[:1].upper() + spelling[1:] for spelling in spellings}


def _closed_up(abbreviation: str) -> str:
    """An abbreviation without its spaces."""
    return abbreviation.replace(". ", ".")


def _openings(abbreviations: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    openings: dict[str, tuple[str, ...]] = {}
    for abbreviation in abbreviations:
        for space in re.finditer(" ", abbreviation):
            opening = abbreviation[: space.start()]
            openings[opening] = (*openings.get(opening, ()), abbreviation[space.end() :])
    return openings
