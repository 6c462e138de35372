"""Split paragraphs into sentences, merge short ones, cut long ones, and remove what cannot be spoken."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import IntEnum
from html import unescape
from typing import TYPE_CHECKING

from markdown.util import AMP_SUBSTITUTE, ETX, STX

from mkdocs_lightning.reading.lexicon import NO_LEXICON, Lexicon, unmarked
from mkdocs_lightning.reading.sentence_ends import find_sentences, has_words
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MAX_SENTENCE = 250
"""Characters of the longest text that the service is sure to speak well."""

MIN_SENTENCE = 30
"""Letters, as `_letters` counts them; a shorter sentence is merged with a neighbor, for a natural melody and fewer
requests."""

_LETTERS_IN_TWO_WIDE = 5
"""Two characters of Chinese, Japanese or Korean are spoken for as long as so many letters of an alphabet."""

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

_WIDE = "\u3000-\u303f\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f\U00020000-\U0003ffff"
"""Han, kana, and full-width signs; not Hangul, which is written with spaces."""

_SIGNS_OF_WIDE = "\u2014\u2018\u2019\u201c\u201d\u2026"
"""Signs of Chinese that other scripts have, too."""

_WRAP = re.compile(
    rf"(?<=[{_WIDE}])[^\S\n]*\n[^\S\n]*(?=[{_WIDE}{_SIGNS_OF_WIDE}])|"
    rf"(?<=[{_SIGNS_OF_WIDE}])[^\S\n]*\n[^\S\n]*(?=[{_WIDE}])"
)
"""A line break of the source where the script has no space between words."""

_CLAUSE_END = re.compile(r"[;:,\u061b\u060c](?=\s)|[\uff1b\uff1a\uff0c\u3001]")  # Arabic and full-width forms too

_BRACKET_EDGE = re.compile(r" (?=[(\[{])|[)\]}](?= )")  # a speaker breathes there, too

_SPACE = re.compile(r"(?<!\d) | (?!\d)")  # not the one in 10 000

_BRACKETS = {")": "(", "]": "[", "}": "{"}

_JOINERS = "\u200c\u200d"

_VIRAMA = 9  # the combining class of signs that join two consonants


class Pause(IntEnum):
    """The usual silences in milliseconds at speed 1, by what ends before them.

    An item is one of a list, or a row of a table.
    """

    CUT = 100
    SENTENCE = 400
    ITEM = 500
    PARAGRAPH = 700
    HEADING = 900


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page or block, where a chapter of its clip begins.

    Attributes:
        title: The text as it is written on the page.
        anchor: The element's id; empty if it has none. It may differ where the same text is repeated, so it does not
            count when two are compared.
    """

    title: str
    anchor: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a script.

    Attributes:
        written: The text as on the page, with replacements by `say`, without emoji and the like, in NFC and with
            single spaces.
        parts: The text as it is spoken, after the lexicon. Several if it is too long for one request: each has 1 to
            250 characters, and `Pause.CUT` follows all but the last.
        pause: The silence after it, in milliseconds at speed 1, unless it is the last of its clip.
        voice: The voice settings of the elements that it is in. They win over those of its block or page.
        phrases: If it was merged of several short sentences, these, as on the page; else empty.
        joins_next: Whether it is highlighted together with the next one, as the cells of a row are.
        is_pause_fixed: Whether an author has set the pause, so that it is as long at every speed.
        heading: The heading that begins with it; None if it is in no heading, or not the first of one.
    """

    written: str
    parts: tuple[str, ...]
    pause: int
    voice: VoiceSettings = NO_SETTINGS
    phrases: tuple[str, ...] = ()
    joins_next: bool = False
    is_pause_fixed: bool = False
    heading: Heading | None = None


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
    found = find_sentences(text, language, lexicon.abbreviations_of(language))
    groups = _merge_short(found)
    cuts = [*[False] * (len(groups) - 1), pause == Pause.CUT]
    forms = [_forms(group, language, lexicon, is_cut=is_cut) for group, is_cut in zip(groups, cuts, strict=False)]
    forms = [form for form in forms if has_words(form[1])]  # of others, such as a digest, nothing is left
    pauses: list[int] = [*[Pause.SENTENCE] * (len(forms) - 1), pause]
    return [
        Sentence(written, tuple(_cut_long(spoken)), pause_after, phrases=phrases)
        for (written, spoken, phrases), pause_after in zip(forms, pauses, strict=False)  # pauses has one even for none
    ]


def _forms(group: list[str], language: str, lexicon: Lexicon, *, is_cut: bool) -> tuple[str, str, tuple[str, ...]]:
    """Some sentences that are sent together: as on the page, as they are spoken, and each as on the page."""
    marked = group[0].strip() if len(group) == 1 else "".join(group).strip()
    phrases = tuple(unmarked(phrase.strip()) for phrase in group) if len(group) > 1 else ()
    return unmarked(marked), lexicon.spoken_together(group, language, is_cut=is_cut), phrases


def _merge_short(sentences: Iterable[str]) -> list[list[str]]:
    """Merge short sentences with a neighbor. Each sentence ends with the space that follows it."""
    merged: list[list[str]] = []
    last = ""  # the last group as one text
    for sentence in sentences:
        is_short = bool(merged) and min(_letters(last), _letters(sentence)) < MIN_SENTENCE
        if is_short and len(last) + len(sentence.rstrip()) <= MAX_SENTENCE:
            merged[-1].append(sentence)
            last += sentence
        else:
            merged.append([sentence])
            last = sentence
    return merged


def _letters(sentence: str) -> int:
    """How many letters of an alphabet are spoken for as long as a sentence."""
    text = sentence.rstrip()
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) - wide + wide * _LETTERS_IN_TWO_WIDE // 2


def _cut_long(sentence: str) -> Iterator[str]:
    while len(sentence) > MAX_SENTENCE:
        end = _cut_index(sentence)
        yield sentence[:end].rstrip()
        sentence = sentence[end:].lstrip()
    yield sentence


def _cut_index(sentence: str) -> int:
    """The index at which to cut a long sentence: after a clause, else at a space, else between two characters.

    Of the clauses, the last that is not inside brackets, else at a bracket, else inside; of the spaces likewise.
    """
    longest = min(MAX_SENTENCE, len(sentence) - MIN_SENTENCE)  # so that the rest is not too short either
    is_inside = _inside_brackets(sentence[: 2 * MAX_SENTENCE])
    clauses = [end for found in _CLAUSE_END.finditer(sentence, 0, longest + 1) if (end := found.end()) <= longest]
    edges = [end for found in _BRACKET_EDGE.finditer(sentence, 0, longest + 1) if (end := found.end()) <= longest]
    spaces = [found.start() for found in _SPACE.finditer(sentence, 0, longest + 2) if found.start() <= longest]
    for candidates, may_be_inside in (
        (clauses, False),
        (edges, False),
        (clauses, True),
        (spaces, False),
        (spaces, True),
    ):
        found = [index for index in candidates if index >= MIN_SENTENCE and (may_be_inside or not is_inside[index])]
        if found:
            return found[-1]
    index = longest
    while index > MIN_SENTENCE and _is_one_character(sentence[index - 1], sentence[index]):
        index -= 1
    return index if index > MIN_SENTENCE else longest  # hundreds of combining marks in a row: cut anywhere


def _inside_brackets(text: str) -> list[bool]:
    """For each index of a text, whether a cut before it would be inside a pair of brackets."""
    inside = [False] * (len(text) + 1)
    opened: list[int] = []
    for index, character in enumerate(text):
        if character in "([{":
            opened.append(index)
        elif opened and text[opened[-1]] == _BRACKETS.get(character):
            start = opened.pop()
            inside[start + 1 : index + 1] = [True] * (index - start)
    return inside


def _is_one_character(first: str, second: str) -> bool:
    """Whether two code points belong to one visible character."""
    if unicodedata.category(second).startswith("M") or second in _JOINERS:
        return True
    return first in _JOINERS or unicodedata.combining(first) == _VIRAMA


def spoken_text(text: str) -> str:
    """A text as it is sent and hashed: in NFC, with single spaces, without emoji and invisible characters.

    A line break is a space, too, but nothing between two characters of Chinese or Japanese.
    """
    plain = " ".join(text.split())
    if plain.isascii() and plain.isprintable():  # as most texts are: then nothing below applies
        return plain
    text = _ESCAPED_ENTITY.sub(lambda entity: unescape("&" + entity[1]), text)
    text = _INVISIBLE.sub("", _PLACEHOLDER.sub("", text))
    text = _UNSPEAKABLE.sub(_gap_between, " ".join(_WRAP.sub("", text).split()))
    return unicodedata.normalize("NFC", text)


def _gap_between(unspeakable: re.Match[str]) -> str:
    """The replacement of an emoji and the like: a space between two words, and nothing before a period."""
    text, start, end = unspeakable.string, unspeakable.start(), unspeakable.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if not before or not after or before in _OPENING:
        return ""
    if after == "." and text[end + 1 : end + 2].isalnum():  # such as in .NET
        return " "
    if after in _CLOSING:
        return ""
    is_attached = not unspeakable[0].endswith(" ")
    return "" if is_attached and not (after.isalnum() or after in _OPENING) else " "
