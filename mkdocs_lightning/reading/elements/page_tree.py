"""A page's HTML as an element tree, and the order in which elements are read."""

from __future__ import annotations

from collections import Counter
from html import escape, unescape
from itertools import islice
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from mkdocs_lightning.base.html_scanner import VOID_TAGS, HtmlReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TAB_TAG = "speak-tab"
"""An element that exists only while a script is read: a tab's label with its content."""

_LISTS = frozenset(["menu", "ol", "ul"])
_ENDED_BY = {
    "li": (frozenset(["li"]), _LISTS),
    "dt": (frozenset(["dt", "dd"]), frozenset(["dl"])),
    "dd": (frozenset(["dt", "dd"]), frozenset(["dl"])),
    "td": (frozenset(["td", "th"]), frozenset(["tr", "table"])),
    "th": (frozenset(["td", "th"]), frozenset(["tr", "table"])),
    "tr": (frozenset(["tr"]), frozenset(["table"])),
}
"""For a tag: which open elements it ends, and inside which others it does not look for them."""

_MOST_LOOKED_AT = 100  # open elements: a page may be nested without end


def parse_page(html: str) -> Element:
    """A page's HTML as an element tree, in the form that Python-Markdown gives a block."""
    builder = _TreeBuilder()
    builder.feed(html)
    return builder.root


def tag_ended_by(tag: str, opened: Iterable[str]) -> str | None:
    """The open element that a start tag ends, since HTML allows its end tag to be left out.

    Args:
        tag: The start tag.
        opened: The tags of the open elements, from the inside out.
    """
    if tag not in _ENDED_BY:
        return None
    ended, limits = _ENDED_BY[tag]
    for other in islice(opened, _MOST_LOOKED_AT):
        if other in ended:
            return other
        if other in limits:
            return None
    return None


class _TreeBuilder(HtmlReader):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("div")
        self._open = [self.root]
        self._tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ENDED_BY and (ended := tag_ended_by(tag, (element.tag for element in reversed(self._open)))):
            self.handle_endtag(ended)
        element = SubElement(self._open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID_TAGS:
            self._open.append(element)
            self._tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        closed = "" if self._tags[tag] else tag
        while closed != tag:
            closed = self._open.pop().tag
            self._tags[closed] -= 1

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        if parent.tag == "code" and not len(parent):
            data = escape(data)  # as Python-Markdown does: `children` takes it back, for this text alone
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data


def children(element: Element) -> Sequence[Element | str]:
    """An element's content in the order in which it is read."""
    if tabs := _tabs(element):
        return tabs
    parts: list[Element | str] = []
    if text := element.text:
        parts.append(unescape(text) if element.tag == "code" else text)  # Markdown escapes code early
    for child in element:
        parts.append(child)
        if child.tail:
            parts.append(child.tail)
    return parts


def _tabs(element: Element) -> list[Element]:
    """For a set of tabs: an element for each, with its label and its content. Else nothing."""
    classes = element.get("class")
    if not classes or "tabbed-set" not in classes.split():
        return []
    if "tabbed-alternate" in classes.split():  # its HTML has all labels first
        labels, contents = element.findall("div/label"), element.findall("div/div")
    else:
        labels, contents = element.findall("label"), element.findall("div")
    return [_tab(label, content) for label, content in zip(labels, contents, strict=False)]


def _tab(label: Element, content: Element) -> Element:
    tab = Element(TAB_TAG)
    tab.extend((label, content))
    return tab
