"""Split paragraphs into sentences, merge short ones, cut long ones, and remove what cannot be spoken."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from html import unescape
from typing import TYPE_CHECKING

import sentencex
from markdown.util import AMP_SUBSTITUTE, ETX, STX

from mkdocs_lightning.reading.lexicon import NO_LEXICON, Lexicon
from mkdocs_lightning.reading.voice import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_SENTENCE = 250
"""Characters of the longest text that the service is sure to speak well (contract section 7)."""

MIN_SENTENCE = 30
"""Characters; a shorter sentence is merged with a neighbour, for a natural melody and fewer requests."""

_UNSPEAKABLE = re.compile(
    r" ?(?:(?:[\U0001f004\U0001f0cf\U0001f170-\U0001f251\U0001f300-\U0001faff\u231a\u231b\u23e9-\u23fa\u25b6\u25c0"
    r"\u2600-\u266c\u2670-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\ufffc]"
    r"[\U0001f3fb-\U0001f3ff\u200d\U000e0020-\U000e007f]*) ?)+"
)

_OPENING = "([{\u00ab\u2039\u201c\u2018\u201e\u201a\u00bf\u00a1"

_CLOSING = ".,;:!?\u2026)]}\u00bb\u203a\u201d\u2019\u3002\uff0c\u3001\uff1b\uff1a\uff01\uff1f\u0964\u060c\u061b\u061f"

_ESCAPED_ENTITY = re.compile(AMP_SUBSTITUTE + r"(#?\w+;)")  # Python-Markdown hides e-mail addresses so

_PLACEHOLDER = re.compile(f"{STX}[^{STX}{ETX}]*{ETX}")  # of extensions that have their own stash

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\u20e3\ufeff\x00-\x08\x0e-\x1b\x7f]"
)

_CLAUSE_END = re.compile(r"[;:,\u061b\u060c](?=\s)|[\uff1b\uff1a\uff0c\u3001]")  # Arabic and full-width forms too

_JOINERS = "\u200c\u200d"

_VIRAMA = 9  # the combining class of signs that join two consonants


class Pause(IntEnum):
    """The usual silences after a sentence, in milliseconds."""

    CUT = 60
    SENTENCE = 250
    PARAGRAPH = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a script.

    Attributes:
        written: The text as on the page, with replacements by `say`, without emoji and the like, in NFC and with
            single spaces.
        parts: The text as it is spoken, after the lexicon. Several if it is too long for one request: each has 1 to
            250 characters, and `Pause.CUT` follows all but the last.
        pause: The silence after it, in milliseconds, unless it is the last of its clip.
        voice: The voice settings of the elements that it is in. They win over those of its block or page.
    """

    written: str
    parts: tuple[str, ...]
    pause: int
    voice: VoiceSettings = NO_SETTINGS


def split_paragraph(
    text: str, language: str, lexicon: Lexicon = NO_LEXICON, pause: int = Pause.PARAGRAPH
) -> list[Sentence]:
    """Split one paragraph into sentences that are neither too long nor too short to be spoken by themselves.

    Args:
        text: A paragraph, as `spoken_text` returns it.
        language: A language code. For `auto` and for codes that `sentencex` does not know, the rules of English apply.
        lexicon: Respells words of each sentence before it is cut.
        pause: Milliseconds of silence after the last sentence.
    """
    found = [sentence.strip() for sentence in _merge_short(sentencex.segment(language, text))]
    pauses: list[int] = [*[Pause.SENTENCE] * (len(found) - 1), pause]
    return [
        Sentence(written, tuple(_cut_long(lexicon.apply(written, language))), pause_after)
        for written, pause_after in zip(found, pauses, strict=False)  # pauses has one item even if nothing is found
    ]


def _merge_short(sentences: list[str]) -> list[str]:
    """Merge short sentences with a neighbour. Each sentence ends with the space that follows it."""
    merged: list[str] = []
    for sentence in sentences:
        is_short = bool(merged) and min(len(merged[-1].strip()), len(sentence.strip())) < MIN_SENTENCE
        if is_short and len((merged[-1] + sentence).strip()) <= MAX_SENTENCE:
            merged[-1] += sentence
        else:
            merged.append(sentence)
    return merged


def _cut_long(sentence: str) -> Iterator[str]:
    while len(sentence) > MAX_SENTENCE:
        end = _cut_index(sentence)
        yield sentence[:end].rstrip()
        sentence = sentence[end:].lstrip()
    yield sentence


def _cut_index(sentence: str) -> int:
    """The index at which to cut a long sentence: after a clause, else at a space, else between two characters."""
    longest = min(MAX_SENTENCE, len(sentence) - MIN_SENTENCE)  # so that the rest is not too short either
    window = sentence[: longest + 1]
    clauses = [found.end() for found in _CLAUSE_END.finditer(window) if MIN_SENTENCE <= found.end() <= longest]
    if clauses:
        return clauses[-1]
    space = window.rfind(" ")
    if space >= MIN_SENTENCE:
        return space
    index = longest
    while index > MIN_SENTENCE and _is_one_character(sentence[index - 1], sentence[index]):
        index -= 1
    return index if index > MIN_SENTENCE else longest  # hundreds of combining marks in a row: cut anywhere


def _is_one_character(first: str, second: str) -> bool:
    """Whether two code points belong to one visible character."""
    if unicodedata.category(second).startswith("M") or second in _JOINERS:
        return True
    return first in _JOINERS or unicodedata.combining(first) == _VIRAMA


def spoken_text(text: str) -> str:
    """A text as it is sent and hashed: in NFC, with single spaces, without emoji and invisible characters."""
    plain = " ".join(text.split())
    if plain.isascii() and plain.isprintable():  # as most texts are: then nothing below applies
        return plain
    text = _ESCAPED_ENTITY.sub(lambda entity: unescape("&" + entity[1]), text)
    text = _INVISIBLE.sub("", _PLACEHOLDER.sub("", text))
    text = _UNSPEAKABLE.sub(_gap_between, " ".join(text.split()))
    return unicodedata.normalize("NFC", text)


def _gap_between(unspeakable: re.Match[str]) -> str:
    """The replacement of an emoji and the like: a space between two words, and nothing before a full stop."""
    text, start, end = unspeakable.string, unspeakable.start(), unspeakable.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if not before or not after or before in _OPENING or after in _CLOSING:
        return ""
    is_attached = not unspeakable[0].endswith(" ")
    return "" if is_attached and not (after.isalnum() or after in _OPENING) else " "
