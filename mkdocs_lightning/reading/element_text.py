"""The spoken text of an element tree: which elements are silent, and where paragraphs end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from html import escape, unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.util import HTML_PLACEHOLDER_RE, STX

from mkdocs_lightning.reading.element_settings import MARK_TAG, pause_of_mark, voice_of_mark
from mkdocs_lightning.reading.lexicon import as_said
from mkdocs_lightning.reading.sentence_ends import mark_code
from mkdocs_lightning.reading.sentences import Pause, spoken_text
from mkdocs_lightning.reading.voice import NO_SETTINGS, VoiceSettings

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
"""Classes of code blocks. On `<code>` they colour inline code, which is spoken."""

_PARAGRAPH_TAGS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section speak-block speak-slot summary table tbody tfoot "
    "thead tr ul".split()
)

_CELL_TAGS = frozenset(["td", "th", "label"])

_CODE_TAGS = frozenset(["code", "kbd", "samp", "var"])
"""Inline code and the like, in which no sentence ends."""

_NOT_PROSE_TAGS = frozenset(["nav"])

_NOT_PROSE_CLASSES = frozenset(["footnote", "toc"])

_VOID_TAGS = frozenset("area base br col embed hr img input link meta source track wbr".split())

_SUPERSCRIPTS = str.maketrans(
    "0123456789+-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b"
)

_SILENCE = "\ufffc"  # stands for a silent element until `spoken_text` removes it with the spaces around it

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")

_LEADING_SIGNS = re.compile(
    r"[.,;:!?\u2026)\]}\u00bb\u201d\u0964]+(?=\s|$)|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]+"
)

_LIST_NUMBER = re.compile(r"\d{1,9}")  # browsers count no further


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that no sentence crosses the edge of.

    Attributes:
        text: As `spoken_text` returns it.
        pause: The silence after it, in milliseconds.
        voice: The voice settings of the elements that it is in, the innermost over the others.
        continues_row: Whether the next paragraph is in the same row of a table.
    """

    text: str
    pause: int
    voice: VoiceSettings = NO_SETTINGS
    continues_row: bool = False


class ParagraphReader(HTMLParser):
    """Reads the spoken paragraphs of an element tree, or of HTML.

    The tree and the raw HTML behind its placeholders become one stream of tags and text, so that a raw
    `<span class="nospeak">` also silences the Markdown inside it.

    Each tag and text passes through `start_tag`, `add_text`, `end_paragraph` and `end_tag`, which a subclass may
    extend. The reader is in one of these states:

        speaking --start of a silent element--> silent
        speaking --start of an element with `say`, or an image with `alt`--> silent and replaced
        silent, replaced --end of that element--> speaking

    Args:
        raw_html: What stands behind Python-Markdown's placeholders, by number.
        is_page: Whether this is a whole page. Then footnotes and navigation are silent, and list numbers are spoken.

    Attributes:
        silent_depth: How many tags were open when the present silence began; None while speaking.
        is_replaced: Whether the reader is silent because it spoke another text (`say`, `alt`) instead.
    """

    def __init__(self, raw_html: Sequence[str] = (), *, is_page: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self._raw_html = raw_html
        self._is_page = is_page
        self._paragraphs: list[Paragraph] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._row_start: int | None = None  # the number of the first paragraph of the present row
        self._numbers: list[int] = []  # the next item's number, for each open ordered list
        self._voice = NO_SETTINGS
        self._outer_voices: list[tuple[int, VoiceSettings]] = []  # with the depth of the element that changed them
        self._is_after_cut = False
        self._is_code_block = False  # whether the present silence is that of a code block
        self.silent_depth: int | None = None
        self.is_replaced = False

    def read_children(self, element: Element) -> None:
        """Read the content of an element."""
        # Not recursive: raw HTML may be nested deeper than Python's call stack.
        stack = [(element.tag, iter(_children(element)))]
        while stack:
            tag, parts = stack[-1]
            for part in parts:
                if isinstance(part, str):
                    self._read_text(part)
                else:
                    self.start_tag(part.tag, part.attrib)
                    stack.append((part.tag, iter(_children(part))))
                    break  # its content comes first
            else:
                stack.pop()
                if stack:
                    self.end_tag(tag)

    def _read_text(self, text: str) -> None:
        if STX not in text:
            self.add_text(text)
            return
        end = 0
        for placeholder in HTML_PLACEHOLDER_RE.finditer(text):
            self.add_text(text[end : placeholder.start()])
            self._read_raw_html(self._raw_html_of(placeholder))
            end = placeholder.end()
        self.add_text(text[end:])

    def _raw_html_of(self, placeholder: re.Match[str]) -> str:
        """What a placeholder stands for, with its own placeholders resolved, such as a code block in a raw `<div>`."""
        number = int(placeholder[1])
        raw = self._raw_html[number] if number < len(self._raw_html) else ""
        return HTML_PLACEHOLDER_RE.sub(self._raw_html_of, raw)

    def _read_raw_html(self, raw: str) -> None:
        if "<" not in raw:  # an entity, or what an extension put in its place
            self.add_text(unescape(raw))
            return
        self.feed(raw)
        self.close()
        self.reset()

    def start_tag(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Read the start of an element.

        Raises:
            SettingError: The element marks settings or a pause that cannot be used.
        """
        if tag in _PARAGRAPH_TAGS:
            self.end_paragraph(Pause.PARAGRAPH)
        elif tag in _CELL_TAGS:
            self.end_paragraph(Pause.SENTENCE)
        if tag == "tr":
            self._row_start = len(self._paragraphs)
        self._read_mark(tag, attributes)
        if tag == "br":
            self.add_text(" ")
        if self._is_page:
            self._add_list_number(tag, attributes)
        is_silent = _is_silent(tag, attributes) or (self._is_page and _is_not_prose(tag, attributes))
        replacement = as_said(attributes.get("say") or attributes.get("data-say") or "")
        if tag == "img" and not is_silent:
            replacement = replacement or unescape(attributes.get("alt") or "")
        if replacement and tag == "code" and self._is_code_block and not self.is_replaced:
            self._replace_code_block(replacement)
        elif replacement:
            self._read_text(replacement)
        elif is_silent or tag == "img":
            self.add_text(_SILENCE)
        self._open.append(tag)
        if self.silent_depth is None and (replacement or is_silent):
            self.silent_depth = len(self._open)
            self.is_replaced = bool(replacement)
            self._is_code_block = _is_code_block(tag, attributes)

    def _replace_code_block(self, replacement: str) -> None:
        """Speak a text for a code block: `fenced_code` gives the attributes of a fence to the inner element."""
        depth, self.silent_depth = self.silent_depth, None
        self._read_text(replacement)
        self.silent_depth, self.is_replaced = depth, True

    def _add_list_number(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Add the number of an item of an ordered list, which HTML does not have as text."""
        if tag == "ol":
            start = attributes.get("start") or "1"
            self._numbers.append(int(start) if _LIST_NUMBER.fullmatch(start) else 1)
        elif tag == "li" and self._open[-1:] == ["ol"]:
            self.add_text(f"{self._numbers[-1]}. ")
            self._numbers[-1] += 1

    def end_tag(self, tag: str) -> None:
        """Read the end of an element."""
        if tag not in self._open:  # raw HTML may close what it never opened
            return
        closed = ""
        while closed != tag:
            closed = self._open.pop()
            if closed == "ol" and self._numbers:
                self._numbers.pop()
        if self.silent_depth is not None and len(self._open) < self.silent_depth:
            self.silent_depth = None
            self._is_code_block = False
        if tag in _PARAGRAPH_TAGS:
            self.end_paragraph(Pause.PARAGRAPH)
        elif tag in _CELL_TAGS:
            self.end_paragraph(Pause.SENTENCE)
        if tag == "tr":
            self._row_start = None
        while self._outer_voices and len(self._open) < self._outer_voices[-1][0]:
            self._cut(Pause.CUT)
            self._voice = self._outer_voices.pop()[1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by `HTMLParser` for a start tag."""
        self.start_tag(tag, dict(attrs))
        if tag in _VOID_TAGS:
            self.end_tag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Called by `HTMLParser` for an end tag."""
        self.end_tag(tag)

    def handle_data(self, data: str) -> None:
        """Called by `HTMLParser` for text."""
        self.add_text(data)

    def add_text(self, text: str) -> None:
        """Add text to the present paragraph, unless it is silent."""
        if self.silent_depth is not None:
            return
        if self._open[-1:] == ["sup"] and not text.strip("0123456789+-"):
            text = text.translate(_SUPERSCRIPTS)  # 10^3^ is not 103
        if text:
            self._text.append(text if _CODE_TAGS.isdisjoint(self._open) else mark_code(text))

    def end_paragraph(self, pause: int) -> None:
        """End the present paragraph, unless it is silent; one without a letter or digit is dropped."""
        if self.silent_depth is not None:
            return
        text = spoken_text("".join(self._text)) if self._text else ""
        self._text.clear()
        if self._is_after_cut:
            text = self._give_back_signs(text)
        self._is_after_cut = False
        if _LETTER_OR_DIGIT.search(text):
            if self._row_start is not None and len(self._paragraphs) > self._row_start:
                self._paragraphs[-1] = replace(self._paragraphs[-1], continues_row=True)
            self._paragraphs.append(Paragraph(text, pause, self._voice))
        elif self._paragraphs and pause > self._paragraphs[-1].pause:  # such as the end of a row
            self._paragraphs[-1] = replace(self._paragraphs[-1], pause=pause)

    def _read_mark(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Make a marked pause, or speak in another voice until the end of the element that starts."""
        if tag == MARK_TAG:
            self._cut(pause_of_mark(attributes))
        if settings := voice_of_mark(attributes):
            self._cut(Pause.CUT)
            self._outer_voices.append((len(self._open) + 1, self._voice))
            self._voice = settings.over(self._voice)

    def _cut(self, pause: int) -> None:
        """End a piece in the middle of a paragraph."""
        count = len(self._paragraphs)
        self.end_paragraph(pause)
        self._is_after_cut = len(self._paragraphs) > count

    def _give_back_signs(self, text: str) -> str:
        """Move the full stop or comma at the start of a piece, whose word was cut off, to the end of that word."""
        signs = _LEADING_SIGNS.match(text)
        if signs:
            last = self._paragraphs[-1]
            self._paragraphs[-1] = replace(last, text=last.text + signs[0])
            text = text[signs.end() :].lstrip()
        return text

    def finish(self) -> list[Paragraph]:
        """End the last paragraph, and return all of them."""
        self.silent_depth = None
        self.end_paragraph(Pause.PARAGRAPH)
        return self._paragraphs


def parse_page(html: str) -> Element:
    """A page's HTML as an element tree, in the form that Python-Markdown gives a block."""
    builder = _TreeBuilder()
    builder.feed(html)
    builder.close()
    return builder.root


class _TreeBuilder(HTMLParser):
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
            data = escape(data)  # as Python-Markdown does
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data


def _children(element: Element) -> Sequence[Element | str]:
    """An element's content in the order in which it is read."""
    if tabs := _tabs(element):
        return tabs
    text = element.text or ""
    children: list[Element | str] = [unescape(text) if element.tag == "code" else text]  # Markdown escapes code early
    for child in element:
        children += (child, child.tail or "")
    return children


def _tabs(element: Element) -> list[Element]:
    """For a set of tabs, whose HTML has all labels first: each label followed by its content. Else nothing."""
    classes = element.get("class")
    if not classes or "tabbed-alternate" not in classes.split():
        return []
    labels, contents = element.findall("div/label"), element.findall("div/div")
    return [part for tab in zip(labels, contents, strict=False) for part in tab]


def _is_silent(tag: str, attributes: Mapping[str, str | None]) -> bool:
    if tag in SILENT_TAGS:
        return True
    return bool(attributes) and (_is_code_block(tag, attributes) or _is_silenced(attributes))


def _is_code_block(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether a silent element is a code block, and would not be silent otherwise."""
    has_class = tag != "code" and not CODE_CLASSES.isdisjoint((attributes.get("class") or "").split())
    return (tag == "pre" or has_class) and not _is_silenced(attributes)


def _is_silenced(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element's attributes silence it, whatever its tag."""
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    return not SILENT_CLASSES.isdisjoint((attributes.get("class") or "").split())


def _is_not_prose(tag: str, attributes: Mapping[str, str | None]) -> bool:
    return tag in _NOT_PROSE_TAGS or not _NOT_PROSE_CLASSES.isdisjoint((attributes.get("class") or "").split())
