"""Paragraphs to sentences: where they end, which are too short or too long, and what of a text can be spoken."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from html import unescape
from typing import TYPE_CHECKING

import sentencex
from markdown.util import AMP_SUBSTITUTE, ETX, STX

from mkdocs_lightning.reading.lexicon import NO_LEXICON, Lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_SENTENCE = 250
"""Characters: the longest text that the service is sure to speak well (contract section 7)."""

MIN_SENTENCE = 30
"""Characters: shorter sentences join a neighbour, for a natural melody and fewer requests."""

_UNSPEAKABLE = re.compile(
    r" ?(?:(?:[\U0001f004\U0001f0cf\U0001f170-\U0001f251\U0001f300-\U0001faff\u231a\u231b\u23e9-\u23fa\u25b6\u25c0"
    r"\u2600-\u266c\u2670-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\ufffc]"
    r"[\U0001f3fb-\U0001f3ff\u200d\U000e0020-\U000e007f]*) ?)+"
)

_OPENING = "([{\u00ab\u2039\u201c\u2018\u201e\u201a\u00bf\u00a1"

_CLOSING = ".,;:!?\u2026)]}\u00bb\u203a\u201d\u2019\u3002\uff0c\u3001\uff1b\uff1a\uff01\uff1f\u0964\u060c\u061b\u061f"

_ESCAPED_ENTITY = re.compile(AMP_SUBSTITUTE + r"(#?\w+;)")  # how Python-Markdown hides an e-mail address

_PLACEHOLDER = re.compile(f"{STX}[^{STX}{ETX}]*{ETX}")  # of extensions with a stash of their own

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\u20e3\ufeff\x00-\x08\x0e-\x1b\x7f]"
)

_CLAUSE_END = re.compile(r"[;:,\u061b\u060c](?=\s)|[\uff1b\uff1a\uff0c\u3001]")  # Arabic and full-width forms too

_JOINERS = "\u200c\u200d"

_VIRAMA = 9  # the combining class of signs that tie two consonants together


class Pause(Enum):
    """The silence after a sentence; its value is in milliseconds."""

    CUT = 60
    SENTENCE = 250
    PARAGRAPH = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a script.

    Attributes:
        written: As it stands on the page, but for white space, emoji and what else is not spoken, and with what
            `say` puts in its place.
        parts: As it is spoken, NFC, single spaces; several where it is too long for one breath. Each has 1 to 250
            characters, and `Pause.CUT` stands between them.
        pause: The silence that follows, unless this is the last.
    """

    written: str
    parts: tuple[str, ...]
    pause: Pause


def split_paragraph(
    text: str, language: str, lexicon: Lexicon = NO_LEXICON, pause: Pause = Pause.PARAGRAPH
) -> list[Sentence]:
    """The sentences of one paragraph, none too long to speak and none too short to stand alone.

    Args:
        text: One paragraph, its white space already collapsed.
        language: A code that `sentencex` knows; for others, and for `auto`, it takes the rules of English.
        lexicon: Its respellings are applied to each sentence, before it is cut.
        pause: What follows the last one.
    """
    found = [sentence.strip() for sentence in _join_short(sentencex.segment(language, text))]
    pauses = [*[Pause.SENTENCE] * (len(found) - 1), pause]
    return [
        Sentence(written, tuple(_cut_long(lexicon.apply(written, language))), pause_after)
        for written, pause_after in zip(found, pauses, strict=False)  # where nothing is found there is no last one
    ]


def _join_short(sentences: list[str]) -> list[str]:
    """Some sentences, each with the space that follows it, the short ones with a neighbour."""
    joined: list[str] = []
    for sentence in sentences:
        is_short = bool(joined) and min(len(joined[-1].strip()), len(sentence.strip())) < MIN_SENTENCE
        if is_short and len((joined[-1] + sentence).strip()) <= MAX_SENTENCE:
            joined[-1] += sentence
        else:
            joined.append(sentence)
    return joined


def _cut_long(sentence: str) -> Iterator[str]:
    while len(sentence) > MAX_SENTENCE:
        end = _cut_place(sentence)
        yield sentence[:end].rstrip()
        sentence = sentence[end:].lstrip()
    yield sentence


def _cut_place(sentence: str) -> int:
    """Where to cut a long sentence: after a clause, else at a space, else before a whole character."""
    longest = min(MAX_SENTENCE, len(sentence) - MIN_SENTENCE)  # what is left should not be too short either
    window = sentence[: longest + 1]
    clauses = [found.end() for found in _CLAUSE_END.finditer(window) if MIN_SENTENCE <= found.end() <= longest]
    if clauses:
        return clauses[-1]
    space = window.rfind(" ")
    if space >= MIN_SENTENCE:
        return space
    place = longest
    while place > MIN_SENTENCE and _is_one_character(sentence[place - 1], sentence[place]):
        place -= 1
    return place if place > MIN_SENTENCE else longest  # hundreds of marks on one letter are no character


def _is_one_character(first: str, second: str) -> bool:
    """Whether a reader sees two code points as one sign."""
    if unicodedata.category(second).startswith("M") or second in _JOINERS:
        return True
    return first in _JOINERS or unicodedata.combining(first) == _VIRAMA


def spoken_text(text: str) -> str:
    """A text as it is sent and hashed: NFC, no emoji, no invisible characters, single spaces."""
    plain = " ".join(text.split())
    if plain.isascii() and plain.isprintable():  # as most are: there is nothing of what is looked for below
        return plain
    text = _ESCAPED_ENTITY.sub(lambda entity: unescape("&" + entity[1]), text)
    text = _INVISIBLE.sub("", _PLACEHOLDER.sub("", text))
    text = _UNSPEAKABLE.sub(_gap_between, " ".join(text.split()))
    return unicodedata.normalize("NFC", text)


def _gap_between(unspeakable: re.Match[str]) -> str:
    """What is left of something unspeakable: the space between two words, and none before a full stop."""
    text, start, end = unspeakable.string, unspeakable.start(), unspeakable.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if not before or not after or before in _OPENING or after in _CLOSING:
        return ""
    is_glued = not unspeakable[0].endswith(" ")
    return "" if is_glued and not (after.isalnum() or after in _OPENING) else " "
