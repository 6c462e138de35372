"""Finds the sentences of a script in the HTML of their page, and makes each an element that can be highlighted.

The page may have changed since its script was read: other plugins add to it, and it may hold a player. So each
sentence is looked for by its letters and digits alone, in the spoken text of the page. A sentence that is not found
gets no element. No text is ever changed, moved or lost.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from html import escape, unescape
from itertools import compress
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.element_text import ParagraphReader
from mkdocs_lightning.reading.elements.inline_text import LINE_BREAK
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.player.word_marks import WordMark

CUE_CLASS = "speak-cue"

_NO_TEXT_TAGS = frozenset(["dl", "ol", "table", "tbody", "tfoot", "thead", "tr", "ul"])
_SEARCHES = 100
"""How many times the length of a text may be searched for its sentences. Where a page has changed much since its script
was read, each sentence may be looked for in all of it."""

_MAX_SIGNS = 20  # around a sentence
_FIND_COST = 50  # characters that are searched in the time that a search takes to begin
_MIN_UNIQUE = 8  # letters and digits: a sentence with fewer may occur anywhere
_NO_MARKUP_TAGS = frozenset(
    (
        "audio canvas iframe math noembed noframes noscript object option plaintext script select style svg template "
        "textarea title video xmp"
    ).split()
)
"""Elements that cannot hold a `<span>`, even where a name is spoken for them."""

_OPENING = frozenset(["Ps", "Pi"])  # Unicode categories of opening brackets and quotation marks
_ASCII_SIGNS = dict.fromkeys(number for number in range(128) if not chr(number).isalnum())
_PLAIN_PARAGRAPHS = re.compile(r"\s*+(?>(?:<p>[^<&]*+</p>\s*+)*)")
_TAG_OR_TEXT = re.compile(r"</?p>|[^<]+")
_HIGHLIGHT_EDGE = re.compile(
    rf"""(?P<start><span class=["']?{CUE_CLASS}["']? data-cue=(?:"[^"]*"|'[^']*')"""
    r"""(?: data-times=(?:"[^"]*"|'[^']*'|\d+))?>)|(?P<end></span>)|<(?=[A-Za-z/!?])"""
)
"""Where a highlight may begin or end, and other markup. A `<` before anything else is text, as in `a < b`."""


def highlight_sentences(  # noqa: PLR0913 - what the script was read with
    html: str,
    sentences: Sequence[str],
    player_id: str,
    *,
    language: str = "en",
    is_page: bool = False,
    reads_math: bool = False,
    words: Sequence[Sequence[WordMark]] = (),
    spoken: str | None = None,
) -> str:
    """Put each sentence in `<span class="speak-cue" data-cue="PLAYER NUMBER">`, or in several where markup cuts it.

    Args:
        html: The HTML of a block or a page.
        sentences: The sentences as written, in the order of the script. They are numbered from 0.
        player_id: The id of the player that speaks them.
        language: The code of the script's language.
        is_page: Whether the script is that of a whole page.
        reads_math: Whether formulas are in the script.
        words: Those of each sentence, with their seconds from the start of the sentence; empty if they are not known.
            Each piece that has some gets `data-times="OFFSET LENGTH TIME …"`: UTF-16 units of its text, and hundredths
            of a second.
        spoken: The HTML with as many characters, of which those that are not spoken are blank; None for `html`.
    """
    text = _SpokenText(html if spoken is None else spoken, language=language, is_page=is_page, reads_math=reads_math)
    pieces: list[str] = []
    end = 0
    spans_of: dict[int, Sequence[tuple[int, int, float]]] = {}
    for number, (start, stop) in text.visible_spans(text.find(sentences)):
        if words and number not in spans_of:
            spans_of[number] = text.word_spans(number, sentences[number], words[number])
        times = _times_attribute(html, start, stop, spans_of.get(number, ()))
        tag = f'<span class="{CUE_CLASS}" data-cue="{escape(player_id)} {number}"{times}>'
        pieces += [html[end:start], tag, html[start:stop], "</span>"]
        end = stop
    return "".join(pieces) + html[end:]


def _times_attribute(html: str, start: int, stop: int, words: Sequence[tuple[int, int, float]]) -> str:
    """The attribute with the times of the words of a piece; nothing if it has none."""
    times = []
    for word_start, word_end, second in words:
        first, last = max(word_start, start), min(word_end, stop)
        if first < last:
            times.append(f"{_units(html[start:first])} {_units(html[first:last])} {max(0, round(second * 100))}")
    return f' data-times="{" ".join(times)}"' if times else ""


def _units(html: str) -> int:
    """How many UTF-16 units some text has, as a browser counts them."""
    return len(unescape(html).encode("utf-16-le", errors="surrogatepass")) // 2


def without_highlights(html: str) -> str:
    """Undo `highlight_sentences`."""
    pieces: list[str] = []
    starts: list[int] = []  # indices of the tags around this place, blocks within a block leave several
    end = 0
    for edge in _HIGHLIGHT_EDGE.finditer(html):
        pieces += [html[end : edge.start()], edge[0]]
        end = edge.end()
        if edge["start"]:
            starts.append(len(pieces) - 1)
        elif edge["end"] and starts:
            pieces[starts.pop()] = pieces[-1] = ""
        else:
            starts.clear()  # another tag: a highlight holds text alone
    return "".join(pieces) + html[end:]


class _SpokenText(ParagraphReader):
    """The spoken text of some HTML, with the offset of each character in the HTML.

    Attributes:
        characters: The spoken text, one character per item, with a line break between paragraphs.
        starts: For each character, the offset in the HTML where it begins.
        ends: For each character, the offset where it ends. It equals the start if the character is not text of the
            HTML, such as that of an attribute.
        texts: The start and end offsets of each piece of visible text without a tag.
    """

    def __init__(self, html: str, *, language: str, is_page: bool, reads_math: bool) -> None:
        super().__init__(voice=PlaceVoice(language), is_page=is_page, reads_math=reads_math)
        self.convert_charrefs = False  # so that each character reference is reported with its offset
        self.characters: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.texts: list[tuple[int, int]] = []
        self._html = html
        self._replacement_start = 0
        self._searched = 0
        if _PLAIN_PARAGRAPHS.fullmatch(html):
            self._read_plain_paragraphs()
        else:
            self.numbers.expect(html)
            self.feed(html)
        self._found: dict[int, int] = {}
        text = "".join(self.characters)
        self._letters, self._indices = _letters(text), _indices(text)

    def find(self, sentences: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """The number of each sentence that was found, and its start and end offsets in the HTML."""
        wanted = [_letters(sentence) for sentence in sentences]
        if not wanted:
            return
        found = self._found
        end = 0
        for number, sentence in enumerate(wanted):
            if len(sentence) < _MIN_UNIQUE:
                continue
            start = self._find(sentence, end, len(self._letters))
            if start < 0:  # it may come before the previous one in the HTML, such as the label of a tab
                start = self._find(sentence, 0, end)
            if start >= 0:
                found[number] = start
                end = max(end, start + len(sentence))
        self._find_between(wanted, found)
        for number, start in found.items():
            last = start + len(wanted[number]) - 1
            yield number, *self._with_signs(sentences[number], self._indices[start], self._indices[last])

    def word_spans(self, number: int, sentence: str, words: Iterable[WordMark]) -> Sequence[tuple[int, int, float]]:
        """The start and end offsets in the HTML, and the second, of each word of a sentence that `find` has found.

        Args:
            number: The sentence's.
            sentence: Its text.
            words: Its words.
        """
        first = self._found[number]
        letters = _indices(sentence)
        spans = []
        for word in words:
            start, end = bisect_left(letters, word.start), bisect_left(letters, word.end)
            if start < end:  # else it is a sign alone
                places = self._indices[first + start], self._indices[first + end - 1]
                spans.append((self.starts[places[0]], self.ends[places[1]], word.second))
        return spans

    def _find_between(self, wanted: Sequence[str], found: dict[int, int]) -> None:
        """Add the short sentences, which may occur in many places, where they occur between their neighbors."""
        ends = [len(self._letters)]
        for number in range(len(wanted) - 1, 0, -1):
            ends.append(found.get(number, ends[-1]))
        search_start = 0
        for number, (sentence, end) in enumerate(zip(wanted, reversed(ends), strict=True)):
            if number not in found and sentence:
                start = self._find(sentence, search_start, end if end > search_start else len(self._letters))
                if start >= 0:
                    found[number] = start
            if number in found:
                search_start = found[number] + len(sentence)

    def visible_spans(self, found: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, tuple[int, int]]]:
        """The number, and the start and end offsets, of each piece of visible text in the sentences, in HTML order."""
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
        """The index in the letters where a sentence begins: `start`, else the first where it stands alone; else -1."""
        if self._letters.startswith(wanted, start, end) and self._ends_word(self._indices[start + len(wanted) - 1]):
            return start
        while self._searched < _SEARCHES * len(self._letters):
            index = self._letters.find(wanted, start, end)
            self._searched += (index + 1 if index >= 0 else end) - start + _FIND_COST
            if index < 0 or self._stands_alone(self._indices[index], self._indices[index + len(wanted) - 1]):
                return index
            start = index + 1
        return -1

    def _ends_word(self, last: int) -> bool:
        after = self.characters[last + 1 : last + 2]
        return not (after and after[0].isalnum())

    def _stands_alone(self, first: int, last: int) -> bool:
        """Whether a sign or the edge of a paragraph is on both sides, and not just another word."""
        before = self.characters[first - 1 : first]
        if before == [" "]:
            before = self.characters[first - 2 : first - 1]
        after = self.characters[last + 1 : last + 2]
        is_followed = bool(after) and after != ["\n"] and (after[0].isspace() or after[0].isalnum())
        return not (before and before[0].isalnum()) and not is_followed

    def _with_signs(self, sentence: str, first: int, last: int) -> tuple[int, int]:
        """The start and end offsets of a sentence with the signs around its letters, such as quotation marks.

        Those are its own if they stand there as in the sentence, whatever the spaces, as in `fin ! »`. Whether a
        quotation mark opens or closes depends on the language. Where the page has other signs, their kind decides.
        """
        letters = _indices(sentence)
        own_start = self._match(sentence[letters[0] - 1 :: -1] if letters[0] else "", first, -1)
        own_last = self._match(sentence[letters[-1] + 1 :], last, 1)
        for following in self.characters[last + 1 : last + 1 + _MAX_SIGNS]:
            if not self._ends_sentence(following):
                break
            last += 1
        start = first
        for before in reversed(self.characters[max(0, first - _MAX_SIGNS) : first]):
            if before.isspace() or before.isalnum():
                break
            start -= 1
        if start > 0 and not self.characters[start - 1].isspace():  # signs between two sentences may belong to both
            start = first
            while start > max(0, first - _MAX_SIGNS) and unicodedata.category(self.characters[start - 1]) in _OPENING:
                start -= 1
        return self.starts[min(start, own_start)], self.ends[max(last, own_last)]

    def _match(self, signs: str, index: int, step: int) -> int:
        """The index of the last of some signs, as far as they stand beside a letter; that of the letter if none does.

        Args:
            signs: From the letter on; spaces do not count.
            index: Of the letter.
            step: 1 for signs after the letter, -1 for those before it.
        """
        found = index
        for sign in "".join(signs.split()):
            index += step
            while 0 <= index < len(self.characters) and self.characters[index].isspace():
                index += step
            if not 0 <= index < len(self.characters) or self.characters[index] != sign:
                break
            found = index
        return found

    @staticmethod
    def _ends_sentence(character: str) -> bool:
        return not (character.isspace() or character.isalnum() or unicodedata.category(character) in _OPENING)

    def _read_plain_paragraphs(self) -> None:
        """Read text in `<p>` alone, as most blocks are, ten times as fast as the parser: all is shown, and spoken."""
        for part in _TAG_OR_TEXT.finditer(self._html):
            if part[0].startswith("<"):
                self.characters.append("\n")
                self.starts.append(part.start())
                self.ends.append(part.start())
            else:
                self.texts.append(part.span())
                self.characters += part[0]
                self.starts += range(*part.span())
                self.ends += range(part.start() + 1, part.end() + 1)

    def handle_data(self, data: str) -> None:
        self._read_data(data, self.offset)

    def _read_data(self, data: str, start: int) -> None:
        end = start + len(data)
        self._read_source(data, range(start, end), range(start + 1, end + 1))

    def handle_entityref(self, name: str) -> None:
        self._read_reference(len(f"&{name}"))

    def handle_charref(self, name: str) -> None:
        self._read_reference(len(f"&#{name}"))

    def _read_reference(self, length: int) -> None:
        start = self.offset
        end = start + length
        end += self._html[end : end + 1] == ";"
        text = unescape(self._html[start:end])
        if not text:  # a code point that HTML does not allow
            return
        self._read_source(text, [start] * len(text), [end] * len(text))

    def _read_source(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> None:
        self.note_text(text)
        is_silent = self.silent_depth is not None
        if not is_silent and self.is_note_mark(text):
            return
        if is_silent and not (self.is_replaced and _NO_MARKUP_TAGS.isdisjoint(self._open)):
            return
        if text.isspace() and self._open[-1:] and self._open[-1] in _NO_TEXT_TAGS:
            pass  # a row's highlight crosses it, but no element may stand there
        elif self.texts and self.texts[-1][1] == starts[0]:
            self.texts[-1] = (self.texts[-1][0], ends[-1])
        else:
            self.texts.append((starts[0], ends[-1]))
        if not is_silent:
            for start, end in self.spoken_spans(text):
                self.characters += text[start:end]
                self.starts += starts[start:end]
                self.ends += ends[start:end]

    def add_text(self, text: str) -> None:
        """Add text that the page does not show, such as that of an attribute."""
        self.note_text(text)
        self._add_unshown("\n" if text == LINE_BREAK else text)

    def add_lead(self, text: str, _depth: int) -> None:
        """Add the number of an item at once: only its letters and digits are compared."""
        self._add_unshown(text)

    def _add_unshown(self, text: str) -> None:
        if self.silent_depth is None:
            self._replacement_start = len(self.characters)
            self.characters += text
            self._add_offset(len(text))

    def end_tag(self, tag: str) -> None:
        was_replaced = self.silent_depth is not None and self.is_replaced
        super().end_tag(tag)
        if was_replaced and self.silent_depth is None:  # the replacement stands for all that it replaced
            first = self._replacement_start
            count = len(self.characters) - first
            self.starts[first:] = self.starts[first : first + 1] * count
            self.ends[first:] = [self.offset] * count

    def end_paragraph(self, _pause: int) -> None:
        if self.silent_depth is None:
            self.characters.append("\n")
            self._add_offset(1)

    def _add_offset(self, count: int) -> None:
        """Give so many characters that are not text of the HTML the present offset."""
        offsets = [self.offset] * count
        self.starts += offsets
        self.ends += offsets


def _letters(text: str) -> str:
    """The letters and digits of a text, without accents and other variants."""
    if text.isascii():
        return text.translate(_ASCII_SIGNS)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text)))


def _indices(text: str) -> list[int]:
    """For each of a text's `_letters`, the index of the character that it comes from."""
    if text.isascii():
        return list(compress(range(len(text)), map(str.isalnum, text)))
    return [index for index, character in enumerate(text) for _ in _letters(character)]
