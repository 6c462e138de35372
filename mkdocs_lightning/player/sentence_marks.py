"""Finds the sentences of a script again in the HTML of their page, and marks them there.

A page may have changed since its script was read: other plugins add to it, a player stands in it. So each sentence
is looked for by its letters and digits alone, in what a listener would hear of the page. What is not found has no
mark; no text is ever changed, moved or lost.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape
from itertools import accumulate, compress
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.element_text import ParagraphReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.reading.sentences import Pause

CUE_CLASS = "speak-cue"

_SURE = 8  # letters: a sentence that has so many is none that stands just anywhere
_OPENING = frozenset(["Ps", "Pi"])  # Unicode's categories of opening brackets and quotation marks
_ASCII_SIGNS = dict.fromkeys(number for number in range(128) if not chr(number).isalnum())
_PLAIN_PARAGRAPHS = re.compile(r"\s*+(?:<p>[^<&]*+</p>\s*+)*+")
_TAG_OR_TEXT = re.compile(r"</?p>|[^<]+")
_MARK = re.compile(rf"""<span class=["']?{CUE_CLASS}["']? data-cue=(?:"[^"]*"|'[^']*')>([^<]*)</span>""")


def highlight_sentences(html: str, sentences: Sequence[str], player_id: str, *, is_page: bool = False) -> str:
    """HTML with each sentence in `<span class="speak-cue" data-cue="PLAYER NUMBER">`, in several where markup cuts it.

    Args:
        html: Of a block, or of a page.
        sentences: As written, in the order of the script; they are numbered from 0.
        player_id: The id of the player that speaks them.
        is_page: Whether the script is that of a whole page.
    """
    heard = _Heard(html, is_page=is_page)
    pieces: list[str] = []
    end = 0
    for number, (start, stop) in heard.spans_of(heard.find(sentences)):
        mark = f'<span class="{CUE_CLASS}" data-cue="{escape(player_id)} {number}">'
        pieces += [html[end:start], mark, html[start:stop], "</span>"]
        end = stop
    return "".join(pieces) + html[end:]


def without_highlights(html: str) -> str:
    """HTML as it was before its sentences were marked."""
    number = 1
    while number:  # those of a block within a block stand in one another
        html, number = _MARK.subn(r"\1", html)
    return html


class _Heard(ParagraphReader):
    """What is heard of some HTML, character by character, and where in the HTML each of them stands.

    Attributes:
        characters: As they come; a line break stands between paragraphs.
        starts: For each character, where in the HTML it begins.
        ends: Likewise where it ends; that is where it begins when it is no text of the HTML.
        texts: Where in the HTML visible text begins and ends, in pieces without a tag.
    """

    def __init__(self, html: str, *, is_page: bool) -> None:
        super().__init__(is_page=is_page)
        self.convert_charrefs = False  # each is handed over by itself: it has a place of its own
        self.characters: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.texts: list[tuple[int, int]] = []
        self._html = html
        self._lines = [0, *accumulate(len(line) + 1 for line in html.split("\n"))]
        self._said_from = 0
        if _PLAIN_PARAGRAPHS.fullmatch(html):
            self._read_plain_paragraphs()
        else:
            self.feed(html)
            self.close()
        text = "".join(self.characters)
        self._letters, self._indices = _letters(text), _indices(text)

    def find(self, sentences: Iterable[str]) -> Iterator[tuple[int, int, int]]:
        """The number of each sentence that was found, and where in the HTML it begins and ends."""
        wanted = [_letters(sentence) for sentence in sentences]
        if not wanted:
            return
        found: dict[int, int] = {}
        end = 0
        for number, sentence in enumerate(wanted):
            if len(sentence) < _SURE:
                continue
            place = self._find(sentence, end, len(self._letters))
            if place < 0:  # it may be spoken after what it stands before, such as the label of a tab
                place = self._find(sentence, 0, end)
            if place >= 0:
                found[number] = place
                end = max(end, place + len(sentence))
        self._find_between(wanted, found)
        for number, place in found.items():
            last = place + len(wanted[number]) - 1
            yield number, *self._with_signs(self._indices[place], self._indices[last])

    def _find_between(self, wanted: Sequence[str], found: dict[int, int]) -> None:
        """Find the short sentences, which may stand in many places, between their neighbours."""
        ends = [len(self._letters)]
        for number in range(len(wanted) - 1, 0, -1):
            ends.append(found.get(number, ends[-1]))
        start = 0
        for number, (sentence, end) in enumerate(zip(wanted, reversed(ends), strict=True)):
            if number not in found and sentence:
                place = self._find(sentence, start, end if end > start else len(self._letters))
                if place >= 0:
                    found[number] = place
            if number in found:
                start = found[number] + len(sentence)

    def spans_of(self, found: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, tuple[int, int]]]:
        """What is to be marked, in the order of the HTML: the visible text within each sentence that was found."""
        texts = iter(self.texts)
        text = next(texts, None)
        end = 0
        for number, start, stop in sorted(found, key=lambda sentence: sentence[1]):
            while text is not None and text[0] < stop:
                end = max(end, start, text[0])
                if end < min(stop, text[1]):
                    yield number, (end, min(stop, text[1]))
                    end = min(stop, text[1])
                if text[1] > stop:
                    break
                text = next(texts, None)

    def _find(self, wanted: str, start: int, end: int) -> int:
        """Where among the letters a sentence begins: at the start, else wherever it stands alone; -1 if nowhere."""
        if self._letters.startswith(wanted, start, end) and self._ends_word(self._indices[start + len(wanted) - 1]):
            return start
        place = self._letters.find(wanted, start, end)
        while place >= 0 and not self._stands_alone(self._indices[place], self._indices[place + len(wanted) - 1]):
            place = self._letters.find(wanted, place + 1, end)
        return place

    def _ends_word(self, last: int) -> bool:
        after = self.characters[last + 1 : last + 2]
        return not (after and after[0].isalnum())

    def _stands_alone(self, first: int, last: int) -> bool:
        """Whether there is a sign or the edge of a paragraph on both sides, and not just another word."""
        before = self.characters[first - 1 : first]
        if before == [" "]:
            before = self.characters[first - 2 : first - 1]
        after = self.characters[last + 1 : last + 2]
        is_followed = bool(after) and after != ["\n"] and (after[0].isspace() or after[0].isalnum())
        return not (before and before[0].isalnum()) and not is_followed

    def _with_signs(self, first: int, last: int) -> tuple[int, int]:
        """Where a sentence begins and ends with the signs around its letters, such as quotation marks."""
        while last + 1 < len(self.characters) and self._ends_sentence(self.characters[last + 1]):
            last += 1
        start = first
        while start > 0 and not (self.characters[start - 1].isspace() or self.characters[start - 1].isalnum()):
            start -= 1
        if start > 0 and not self.characters[start - 1].isspace():  # what is between two sentences is of both
            start = first
            while unicodedata.category(self.characters[start - 1]) in _OPENING:
                start -= 1
        return self.starts[start], self.ends[last]

    @staticmethod
    def _ends_sentence(character: str) -> bool:
        return not (character.isspace() or character.isalnum() or unicodedata.category(character) in _OPENING)

    def _read_plain_paragraphs(self) -> None:
        """Hear what most blocks are, text in `<p>`: the parser would need ten times as long for the same."""
        for part in _TAG_OR_TEXT.finditer(self._html):
            if part[0].startswith("<"):
                self.characters.append("\n")
                self.starts.append(part.start())
                self.ends.append(part.start())
            else:
                self._read_data(part[0], part.start())

    def handle_data(self, data: str) -> None:
        self._read_data(data, self._place())

    def _read_data(self, data: str, start: int) -> None:
        end = start + len(data)
        self._read_source(data, range(start, end), range(start + 1, end + 1))

    def handle_entityref(self, name: str) -> None:
        self._read_reference(len(f"&{name}"))

    def handle_charref(self, name: str) -> None:
        self._read_reference(len(f"&#{name}"))

    def _read_reference(self, length: int) -> None:
        start = self._place()
        end = start + length
        end += self._html[end : end + 1] == ";"
        text = unescape(self._html[start:end])
        self._read_source(text, [start] * len(text), [end] * len(text))

    def _read_source(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> None:
        is_silent = self._silent_from is not None
        if is_silent and not self._is_replaced:
            return
        if self.texts and self.texts[-1][1] == starts[0]:
            self.texts[-1] = (self.texts[-1][0], ends[-1])
        else:
            self.texts.append((starts[0], ends[-1]))
        if not is_silent:
            self.characters += text
            self.starts += starts
            self.ends += ends

    def _say(self, text: str) -> None:
        """Words that are no text of the page, such as those of an attribute."""
        if self._silent_from is None:
            self._said_from = len(self.characters)
            self.characters += text
            self._stay(len(text))

    def _end(self, tag: str) -> None:
        was_replaced = self._silent_from is not None and self._is_replaced
        super()._end(tag)
        if was_replaced and self._silent_from is None:  # what was said instead stands for all that it replaced
            said = len(self.characters) - self._said_from
            self.starts[self._said_from :] = self.starts[self._said_from : self._said_from + 1] * said
            self.ends[self._said_from :] = [self._place()] * said

    def _end_paragraph(self, _pause: Pause) -> None:
        if self._silent_from is None:
            self.characters.append("\n")
            self._stay(1)

    def _stay(self, number: int) -> None:
        """Give so many characters that are no text of the HTML the place that was reached."""
        places = [self._place()] * number
        self.starts += places
        self.ends += places

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def _letters(text: str) -> str:
    """The letters and digits of a text in their plainest form."""
    if text.isascii():
        return text.translate(_ASCII_SIGNS)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text)))


def _indices(text: str) -> list[int]:
    """For each of the letters and digits of a text, the number of the character that it is from."""
    if text.isascii():
        return list(compress(range(len(text)), map(str.isalnum, text)))
    return [index for index, character in enumerate(text) for _ in _letters(character)]
