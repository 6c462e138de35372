"""The text of an element tree as a listener should hear it: which elements are silent, where paragraphs end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.util import HTML_PLACEHOLDER_RE, STX

from mkdocs_lightning.reading.sentences import (
    Pause,
    spoken_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


SILENT_TAGS = frozenset(
    "audio button canvas del embed head iframe input link math meta noscript object pre rp rt s script select strike "
    "style svg template textarea title video".split()
)

SILENT_CLASSES = frozenset(
    "arithmatex emojione footnote-backref footnote-ref gemoji headerlink md-annotation mermaid nospeak twemoji".split()
)

CODE_CLASSES = frozenset(["codehilite", "codehilitetable", "highlight", "highlighttable"])
"""Classes of a block of code; on `<code>` they colour inline code, which is spoken."""

_PARAGRAPH_TAGS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section speak-block speak-slot summary table tbody tfoot "
    "thead tr ul".split()
)

_CELL_TAGS = frozenset(["td", "th", "label"])

_NOT_PROSE_TAGS = frozenset(["nav"])

_NOT_PROSE_CLASSES = frozenset(["footnote", "toc"])

_VOID_TAGS = frozenset("area base br col embed hr img input link meta source track wbr".split())

_RAISED = str.maketrans("0123456789+-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b")

_SILENCE = "\ufffc"  # stands where a silent element stood, so that it leaves no gap

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")

_LIST_NUMBER = re.compile(r"\d{1,9}")  # more than a browser counts to


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    pause: Pause


class ParagraphReader(HTMLParser):
    """Hears a tree as a reader would: collects paragraphs, skips what is not for the ear.

    The tree and the raw HTML behind its placeholders arrive as one stream of tags and text, so that a raw
    `<span class="nospeak">` silences the Markdown inside it.

    Args:
        raw_html: What stands behind Python-Markdown's placeholders, by number.
        is_page: Whether a whole page is heard: without what is not part of its prose, with the numbers of lists.
    """

    def __init__(self, raw_html: Sequence[str] = (), *, is_page: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self._raw_html = raw_html
        self._is_page = is_page
        self._paragraphs: list[_Paragraph] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._numbers: list[int] = []  # of the next item of each ordered list that is open
        self._silent_from: int | None = None  # how many tags were open when silence began
        self._is_replaced = False  # whether it is silent because something else was said instead

    def read_children(self, element: Element) -> None:
        """Hear what is inside an element."""
        # Not by recursion: raw HTML may be nested deeper than Python's calls.
        begun = [(element.tag, iter(_children(element)))]
        while begun:
            tag, parts = begun[-1]
            for part in parts:
                if isinstance(part, str):
                    self._read_text(part)
                else:
                    self._start(part.tag, part.attrib)
                    begun.append((part.tag, iter(_children(part))))
                    break  # to hear what is inside it first
            else:
                begun.pop()
                if begun:
                    self._end(tag)

    def _read_text(self, text: str) -> None:
        if STX not in text:
            self._say(text)
            return
        end = 0
        for placeholder in HTML_PLACEHOLDER_RE.finditer(text):
            self._say(text[end : placeholder.start()])
            self._read_raw(self._behind(placeholder))
            end = placeholder.end()
        self._say(text[end:])

    def _behind(self, placeholder: re.Match[str]) -> str:
        """The raw HTML that a placeholder stands for, and those within it, such as a code block in a raw `<div>`."""
        number = int(placeholder[1])
        raw = self._raw_html[number] if number < len(self._raw_html) else ""
        return HTML_PLACEHOLDER_RE.sub(self._behind, raw)

    def _read_raw(self, raw: str) -> None:
        if "<" not in raw:  # an entity, or what an extension put in its place
            self._say(unescape(raw))
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
            self._say(" ")
        if self._is_page:
            self._count(tag, attributes)
        is_silent = _is_silent(tag, attributes) or (self._is_page and _is_not_prose(tag, attributes))
        instead = attributes.get("say") or attributes.get("data-say")
        if tag == "img" and not is_silent:
            instead = instead or unescape(attributes.get("alt") or "")
        if instead:
            self._read_text(instead)
        elif is_silent or tag == "img":
            self._say(_SILENCE)
        self._open.append(tag)
        if self._silent_from is None and (instead or is_silent):
            self._silent_from = len(self._open)
            self._is_replaced = bool(instead)

    def _count(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Say the numbers of ordered lists, which a page does not have as text."""
        if tag == "ol":
            start = attributes.get("start") or "1"
            self._numbers.append(int(start) if _LIST_NUMBER.fullmatch(start) else 1)
        elif tag == "li" and self._open[-1:] == ["ol"]:
            self._say(f"{self._numbers[-1]}. ")
            self._numbers[-1] += 1

    def _end(self, tag: str) -> None:
        if tag not in self._open:  # raw HTML may close what it never opened
            return
        closed = ""
        while closed != tag:
            closed = self._open.pop()
            if closed == "ol" and self._numbers:
                self._numbers.pop()
        if self._silent_from is not None and len(self._open) < self._silent_from:
            self._silent_from = None
        if tag in _PARAGRAPH_TAGS:
            self._end_paragraph(Pause.PARAGRAPH)
        elif tag in _CELL_TAGS:
            self._end_paragraph(Pause.SENTENCE)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Hear a tag open."""
        self._start(tag, dict(attrs))
        if tag in _VOID_TAGS:
            self._end(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hear a tag close."""
        self._end(tag)

    def handle_data(self, data: str) -> None:
        """Hear some text."""
        self._say(data)

    def _say(self, text: str) -> None:
        if self._silent_from is not None:
            return
        if self._open[-1:] == ["sup"] and not text.strip("0123456789+-"):
            text = text.translate(_RAISED)  # 10^3^ is not 103
        if text:
            self._text.append(text)

    def _end_paragraph(self, pause: Pause) -> None:
        if self._silent_from is not None:
            return
        text = spoken_text("".join(self._text)) if self._text else ""
        self._text.clear()
        if _LETTER_OR_DIGIT.search(text):
            self._paragraphs.append(_Paragraph(text, pause))
        elif self._paragraphs and pause.value > self._paragraphs[-1].pause.value:  # such as the end of a row
            self._paragraphs[-1] = _Paragraph(self._paragraphs[-1].text, pause)

    def finish(self) -> list[_Paragraph]:
        """All paragraphs heard."""
        self._silent_from = None
        self._end_paragraph(Pause.PARAGRAPH)
        return self._paragraphs


class _TreeOfPage(HTMLParser):
    """Builds a page's element tree."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div")
        self._open = [self.root]
        self._tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SubElement(self._open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in _VOID_TAGS:
            self._open.append(element)
            self._tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        closed = "" if self._tags[tag] else tag
        while closed != tag:
            closed = self._open.pop().tag
            self._tags[closed] -= 1

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        if parent.tag == "code":
            data = escape(data)  # as Python-Markdown has it in its tree
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data


def _children(element: Element) -> Sequence[Element | str]:
    """What is inside an element, in the order in which it is read."""
    if tabs := _tabs(element):
        return tabs
    text = element.text or ""
    children: list[Element | str] = [unescape(text) if element.tag == "code" else text]  # Markdown escapes code early
    for child in element:
        children += (child, child.tail or "")
    return children


def _tabs(element: Element) -> list[Element]:
    """The parts of a set of tabs that has all its labels first, as they are read: each label before its content."""
    classes = element.get("class")
    if not classes or "tabbed-alternate" not in classes.split():
        return []
    labels, contents = element.findall("div/label"), element.findall("div/div")
    return [part for tab in zip(labels, contents, strict=False) for part in tab]


def _is_silent(tag: str, attributes: Mapping[str, str | None]) -> bool:
    if tag in SILENT_TAGS:
        return True
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    classes = set((attributes.get("class") or "").split())
    if tag != "code" and not CODE_CLASSES.isdisjoint(classes):
        return True
    return not SILENT_CLASSES.isdisjoint(classes)


def _is_not_prose(tag: str, attributes: Mapping[str, str | None]) -> bool:
    return tag in _NOT_PROSE_TAGS or not _NOT_PROSE_CLASSES.isdisjoint((attributes.get("class") or "").split())
