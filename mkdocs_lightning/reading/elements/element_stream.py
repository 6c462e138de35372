"""An element tree, and the raw HTML behind its placeholders, as one stream of tags and text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from html import unescape
from typing import TYPE_CHECKING

from markdown.util import HTML_PLACEHOLDER_RE, STX

from mkdocs_lightning.base.html_scanner import VOID_TAGS, HtmlReader
from mkdocs_lightning.reading.elements.list_numbers import ListNumbers
from mkdocs_lightning.reading.elements.page_tree import children, tag_ended_by

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element


class ElementStream(HtmlReader, ABC):
    """Passes the tags and the text of an element tree, or of HTML, to `start_tag`, `add_text` and `end_tag`.

    The tree and the raw HTML behind its placeholders become one stream, so that a raw `<span class="nospeak">` also
    silences the Markdown inside it.

    Args:
        raw_html: What stands behind Python-Markdown's placeholders, by number.

    Attributes:
        numbers: Counts the items of ordered lists.
    """

    def __init__(self, raw_html: Sequence[str] = ()) -> None:
        super().__init__()
        self._raw_html = raw_html
        self._open: list[str] = []  # the tags of the open elements, from the outside in
        self.numbers = ListNumbers()

    @abstractmethod
    def start_tag(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Read the start of an element, and add it to the open ones."""

    @abstractmethod
    def end_tag(self, tag: str) -> None:
        """Read the end of an element, and of those that are open inside it."""

    @abstractmethod
    def add_text(self, text: str) -> None:
        """Read some text."""

    def read_children(self, element: Element) -> None:
        """Read the content of an element."""
        # Not recursive: raw HTML may be nested deeper than Python's call stack.
        stack = [(element.tag, iter(children(element)))]
        while stack:
            tag, parts = stack[-1]
            for part in parts:
                if isinstance(part, str):
                    self._read_text(part)
                else:
                    if part.tag == "ol" and "reversed" in part.attrib:
                        self.numbers.expect_items(len(part.findall("li")))
                    self.start_tag(part.tag, part.attrib)
                    stack.append((part.tag, iter(children(part))))
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
        self.numbers.expect(raw)
        self.feed(raw)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by `HtmlReader` for a start tag."""
        if ended := tag_ended_by(tag, reversed(self._open)):
            self.end_tag(ended)
        self.start_tag(tag, dict(attrs))
        if tag in VOID_TAGS:
            self.end_tag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Called by `HtmlReader` for an end tag."""
        self.end_tag(tag)

    def handle_data(self, data: str) -> None:
        """Called by `HtmlReader` for text."""
        self.add_text(data)
