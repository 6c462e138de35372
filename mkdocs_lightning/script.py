"""From a block's element tree to its script: the sentences that are spoken, as plain text.

What a reader would say aloud is kept, what only the eye can use is left out. Markup, line breaks and entities
leave no trace, so that re-wrapping or re-styling the source changes no sentence and costs nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import sentencex
from markdown.util import AMP_SUBSTITUTE, HTML_PLACEHOLDER_RE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

MAX_SENTENCE = 250
"""Characters: the longest text that the service is sure to speak well (contract section 7)."""

MIN_SENTENCE = 30
"""Characters: shorter sentences join a neighbour, for a natural melody and fewer requests."""

SILENT_TAGS = frozenset(
    "audio button canvas embed head iframe input link math meta noscript object pre script select style svg "
    "template textarea title video".split()
)
SILENT_CLASSES = frozenset(
    "arithmatex emojione footnote-backref footnote-ref gemoji headerlink md-annotation mermaid nospeak twemoji".split()
)
CODE_CLASSES = frozenset(["codehilite", "codehilitetable", "highlight", "highlighttable"])
"""Classes of a block of code; on `<code>` they colour inline code, which is spoken."""

_PARAGRAPH_TAGS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p section speak-block summary table tbody tfoot thead tr "
    "ul".split()
)
_CELL_TAGS = frozenset(["td", "th", "label"])
_VOID_TAGS = frozenset("area base br col embed hr img input link meta source track wbr".split())

_EMOJI = (
    "(?:\\s*[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]"
    "[\U0001f3fb-\U0001f3ff\ufe0f\u200d\u20e3\U000e0020-\U000e007f]*|[\ufe0f\u20e3])+"
)
_EMOJI_BEFORE_WORD = re.compile(_EMOJI + r"(?=\w)")
_EMOJI_ELSEWHERE = re.compile(_EMOJI)
_ESCAPED_ENTITY = re.compile(AMP_SUBSTITUTE + r"(#?\w+;)")  # how Python-Markdown hides an e-mail address
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]")
_LETTER_OR_DIGIT = re.compile(r"\w")
_CLAUSE_END = re.compile(r"[;:,](?=\s)|[\uff1b\uff1a\uff0c\u3001]")  # and their full-width forms


class Pause(Enum):
    """The silence after a sentence; its value is in milliseconds."""

    CUT = 60
    SENTENCE = 250
    PARAGRAPH = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a script, or the part of one that was too long to be spoken at once.

    Attributes:
        text: NFC, single spaces, 1 to 250 characters.
        pause: The silence that follows, unless this is the last.
    """

    text: str
    pause: Pause


def read_script(body: Element, raw_html: Sequence[str], language: str) -> tuple[Sentence, ...]:
    """The sentences of a block, in reading order.

    Args:
        body: The block's element after inline processing.
        raw_html: What stands behind Python-Markdown's placeholders, by number.
        language: The code of the language, for the rules of where a sentence ends.
    """
    listener = _Listener(raw_html)
    listener.hear_children(body)
    sentences: list[Sentence] = []
    for paragraph in listener.finish():
        parts = split_paragraph(paragraph.text, language)
        sentences += [Sentence(part.text, part.pause) for part in parts[:-1]]
        sentences += [Sentence(part.text, paragraph.pause) for part in parts[-1:]]
    return tuple(sentences)


def split_paragraph(text: str, language: str) -> list[Sentence]:
    """The sentences of one paragraph, none too long to speak and none too short to stand alone.

    Args:
        text: One paragraph, its white space already collapsed.
        language: A code that `sentencex` knows; for others, and for `auto`, it falls back by itself.
    """
    found = [part.strip() for part in sentencex.segment("en" if language == "auto" else language, text)]
    sentences: list[Sentence] = []
    for sentence in _join_short([part for part in found if part]):
        *heads, tail = _cut_long(sentence)
        sentences += [Sentence(head, Pause.CUT) for head in heads]
        sentences.append(Sentence(tail, Pause.SENTENCE))
    return sentences


def _join_short(sentences: list[str]) -> list[str]:
    joined: list[str] = []
    for sentence in sentences:
        is_short = bool(joined) and min(len(joined[-1]), len(sentence)) < MIN_SENTENCE
        if is_short and len(joined[-1]) + 1 + len(sentence) <= MAX_SENTENCE:
            joined[-1] += " " + sentence
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
    window = sentence[: MAX_SENTENCE + 1]
    clauses = [found.end() for found in _CLAUSE_END.finditer(window) if MIN_SENTENCE <= found.end() <= MAX_SENTENCE]
    if clauses:
        return clauses[-1]
    space = window.rfind(" ")
    if space > 0:
        return space
    place = MAX_SENTENCE
    while place > 1 and unicodedata.combining(sentence[place]):
        place -= 1
    return place


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    pause: Pause


class _Listener(HTMLParser):
    """Hears a tree as a reader would: collects paragraphs, skips what is not for the ear.

    The tree and the raw HTML behind its placeholders arrive as one stream of tags and text, so that a raw
    `<span class="nospeak">` silences the Markdown inside it.
    """

    def __init__(self, raw_html: Sequence[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._raw_html = raw_html
        self._paragraphs: list[_Paragraph] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._silent_from: int | None = None  # how many tags were open when silence began

    def hear_children(self, element: Element) -> None:
        """Hear what is inside an element."""
        self._hear_text(element.text)
        for child in element:
            self._hear(child)
            self._hear_text(child.tail)

    def _hear(self, element: Element) -> None:
        self._start(element.tag, element.attrib)
        if "say" in element.attrib:
            element.set("data-say", element.attrib.pop("say"))  # what HTML allows
        self.hear_children(element)
        self._end(element.tag)

    def _hear_text(self, text: str | None) -> None:
        if not text:
            return
        end = 0
        for placeholder in HTML_PLACEHOLDER_RE.finditer(text):
            self.handle_data(text[end : placeholder.start()])
            number = int(placeholder[1])
            if number < len(self._raw_html):
                self._hear_raw(self._raw_html[number])
            end = placeholder.end()
        self.handle_data(text[end:])

    def _hear_raw(self, raw: str) -> None:
        if "<" not in raw:  # an entity, or what an extension put in its place
            self.handle_data(unescape(raw))
            return
        self.feed(raw)
        self.close()
        self.reset()

    def _start(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        if tag in _PARAGRAPH_TAGS:
            self._end_paragraph(Pause.PARAGRAPH)
        elif tag in _CELL_TAGS:
            self._end_paragraph(Pause.SENTENCE)
        if tag == "br":
            self.handle_data(" ")
        instead = attributes.get("say") or attributes.get("data-say")
        if instead:
            self.handle_data(instead)
        elif tag == "img" and not _is_silent(tag, attributes):
            self.handle_data(attributes.get("alt") or "")
        self._open.append(tag)
        if self._silent_from is None and (instead or _is_silent(tag, attributes)):
            self._silent_from = len(self._open)

    def _end(self, tag: str) -> None:
        if tag not in self._open:  # raw HTML may close what it never opened
            return
        while self._open.pop() != tag:
            pass
        if self._silent_from is not None and len(self._open) < self._silent_from:
            self._silent_from = None
        if tag in _PARAGRAPH_TAGS:
            self._end_paragraph(Pause.PARAGRAPH)
        elif tag in _CELL_TAGS:
            self._end_paragraph(Pause.SENTENCE)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, dict(attrs))
        if tag in _VOID_TAGS:
            self._end(tag)

    def handle_endtag(self, tag: str) -> None:
        self._end(tag)

    def handle_data(self, data: str) -> None:
        if self._silent_from is None and data:
            self._text.append(data)

    def _end_paragraph(self, pause: Pause) -> None:
        if self._silent_from is not None:
            return
        text = spoken_text("".join(self._text))
        self._text.clear()
        if _LETTER_OR_DIGIT.search(text):
            self._paragraphs.append(_Paragraph(text, pause))

    def finish(self) -> list[_Paragraph]:
        """All paragraphs heard."""
        self._silent_from = None
        self._end_paragraph(Pause.PARAGRAPH)
        return self._paragraphs


def _is_silent(tag: str, attributes: Mapping[str, str | None]) -> bool:
    if tag in SILENT_TAGS or "hidden" in attributes:
        return True
    classes = set((attributes.get("class") or "").split())
    if tag != "code" and not CODE_CLASSES.isdisjoint(classes):
        return True
    return not SILENT_CLASSES.isdisjoint(classes)


def spoken_text(text: str) -> str:
    """A text as it is sent and hashed: NFC, no emoji, no invisible characters, single spaces."""
    text = _ESCAPED_ENTITY.sub(lambda entity: unescape("&" + entity[1]), text).replace(AMP_SUBSTITUTE, "&")
    text = _EMOJI_ELSEWHERE.sub("", _EMOJI_BEFORE_WORD.sub(" ", text))
    text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", " ".join(text.split()))
