"""What can be read on a page, found without the package's own reader: text, names of pictures, labels."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_INVISIBLE = frozenset("del script style pre svg template noscript textarea".split())
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u "
    "var wbr ruby rt rp rb".split()
)
_UNREAD = frozenset("arithmatex footnote-ref footnote-backref headerlink".split())
_NAMES = ("alt", "title", "aria-label")


class _Name(str):
    """The name of a picture."""

    __slots__ = ()


@dataclass
class _Element:
    tag: str
    classes: list[str]
    parent: _Element | None
    text: list[str] = field(default_factory=list)
    children: list[_Element] = field(default_factory=list)

    @property
    def is_hidden(self) -> bool:
        """Whether no reader reads what is in it."""
        return self.tag in _INVISIBLE or not _UNREAD.isdisjoint(self.classes)

    @property
    def all_text(self) -> str:
        return "".join(self.text)


class PageText(HTMLParser):
    """The text of a page's content, without code blocks.

    Attributes:
        lines: The text with a line break between blocks, single spaces, and the names of pictures.
        lines_without_names: The same without these, as an emoji may be a picture.
        names: Texts of attributes that name a picture or a sign.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self._root = self._open = _Element("body", [], None)
        self._elements: list[_Element] = []
        self._hidden = 0
        self._pieces: list[str] = []
        self.names: list[str] = []
        self.feed(html)
        self.close()
        self.lines = _single_spaces("".join(self._pieces))
        self.lines_without_names = _single_spaces("".join(p for p in self._pieces if not isinstance(p, _Name)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.names += [name for key in _NAMES if (name := found.get(key))]
        if tag not in _INLINE:
            self._pieces.append("\n")
        if tag == "img" and not self._hidden:
            self._pieces.append(_Name(f"{found.get('alt') or ''}\n"))
        if tag in _VOID:
            return
        element = _Element(tag, (found.get("class") or "").split(), self._open)
        self._open.children.append(element)
        self._open = element
        self._elements.append(element)
        self._hidden += element.is_hidden

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self._pieces.append("\n")
        element: _Element | None = self._open
        while element and element.tag != tag:
            element = element.parent
        while element and self._open is not element.parent and self._open.parent:
            self._hidden -= self._open.is_hidden
            self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self._pieces.append(data)
        element: _Element | None = self._open
        while element:
            element.text.append(data)
            element = element.parent

    def silent_labels(self) -> Counter[str]:
        """The titles of admonitions, details and tabs that have nothing but code beneath them, and how many of each.

        A title with nothing at all beneath it is what its author has to say. A text that stands elsewhere on the page
        as well is not among them.
        """
        labels: list[_Element] = []
        for element in self._elements:
            if "admonition" in element.classes or element.tag == "details":
                labels += _silent_title(element)
            elif "tabbed-set" in element.classes:
                labels += _silent_tabs(element)
        found = Counter(_single_spaces(label.all_text) for label in labels)
        silent = {id(label) for label in labels}
        others = {_single_spaces(e.all_text) for e in self._elements if id(e) not in silent and not _is_in(e, silent)}
        return Counter({text: number for text, number in found.items() if text and text not in others})


def letters(text: str) -> str:
    """Letters and digits alone, a raised digit like any other."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


def _single_spaces(text: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text)).strip()


def _silent_title(element: _Element) -> list[_Element]:
    title = next((c for c in element.children if c.tag == "summary" or "admonition-title" in c.classes), None)
    rest = "".join(child.all_text for child in element.children if child is not title)
    has_content = any(child.children for child in element.children if child is not title)
    return [title] if title and has_content and not letters(rest) else []


def _silent_tabs(element: _Element) -> list[_Element]:
    labels = [label for c in element.children if "tabbed-labels" in c.classes for label in c.children]
    blocks = [block for c in element.children if "tabbed-content" in c.classes for block in c.children]
    return [
        label for label, block in zip(labels, blocks, strict=False) if block.children and not letters(block.all_text)
    ]


def _is_in(element: _Element, ids: set[int]) -> bool:
    parent = element.parent
    while parent:
        if id(parent) in ids:
            return True
        parent = parent.parent
    return any(id(child) in ids and child.all_text == element.all_text for child in element.children)
