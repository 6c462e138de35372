"""A page's HTML as an element tree that knows where each element stands in the page, as a browser would build it.

A parser of HTML gives a tree, and no offsets; but a page of another program has to stay as it is outside of what is
added. So this tree is built of the tags that the scanner finds. Of what HTML allows authors to leave out or to nest
wrongly, it mends what matters to selectors: the end of the head, the body, and ends of paragraphs, items, cells and
rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from mkdocs_lightning.base.html_scanner import HEAD_TAGS, VOID_TAGS, Tag, tags
from mkdocs_lightning.reading.elements.page_tree import tag_ended_by

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDS_PARAGRAPH = frozenset(
    "address article aside blockquote center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section table ul".split()
)
_PARAGRAPH_LIMITS = frozenset("button caption html object table td template th".split())
_SECTIONS_OF_TABLE = frozenset(["tbody", "tfoot", "thead"])
_BEFORE_ROWS = ("caption", "colgroup")
_OUTSIDE_BODY = HEAD_TAGS | {"body", "head"}
_FORMATTING = frozenset("a b big code em font i nobr s small span strike strong tt u".split())
_FOREIGN = frozenset(["math", "svg"])
MAX_DEPTH = 500
"""How many elements may be inside one another. What is deeper is beside the last of them, as in browsers."""

_MOST_LOOKED_AT = 100  # open elements: a page may be nested without end


@dataclass(frozen=True, slots=True)
class Span:
    """Where an element stands in its page.

    Attributes:
        start: The offset of its start tag.
        content_start: The offset after its start tag.
        content_end: The offset of its end tag, or of where it ends without one.
        end: The offset after its end tag.
    """

    start: int
    content_start: int
    content_end: int
    end: int


@dataclass(frozen=True, slots=True)
class PageTree:
    """A page's elements.

    Attributes:
        root: Holds all elements of the page; `<html>`, or an element of that name if the page leaves it out. A body
            that is left out is there, too.
        spans: Where each element stands; the root is left out if the page does not have it.
        parents: The element that holds each element.
    """

    root: Element
    spans: dict[Element, Span] = field(default_factory=dict)
    parents: dict[Element, Element] = field(default_factory=dict)

    def ancestors(self, element: Element) -> Iterator[Element]:
        """The elements that hold an element, from the inside out."""
        above = self.parents.get(element)
        while above is not None:
            yield above
            above = self.parents.get(above)


def read_tree(html: str) -> PageTree:
    """Build the tree of a page, in time linear in its length."""
    builder = _Builder(html)
    for tag in tags(html):
        builder.add(tag)
    return builder.finish()


class _Builder:
    """Builds a tree of tags.

    Attributes:
        tree: As far as it is built.
    """

    def __init__(self, html: str) -> None:
        self._html = html
        self._open: list[tuple[Element, Tag | None]] = [(Element("html"), None)]
        self._text_start = 0
        self._foreign = 0  # how many of the open elements are drawings or formulas
        self._counts: dict[str, int] = {}  # of the open elements, by their tags
        self._body: Element | None = None
        self._last: Element | None = None  # the child that was added last to the innermost open element
        self.tree = PageTree(self._open[0][0])

    def add(self, tag: Tag) -> None:
        """Read the next tag."""
        self._add_text(tag.start)
        self._text_start = tag.end
        if tag.is_end:
            self._end(tag)
        else:
            self._start(tag)

    def finish(self) -> PageTree:
        """End all that is open."""
        self._add_text(len(self._html))
        while len(self._open) > 1:
            self._close(len(self._html), len(self._html))
        return self.tree

    def _add_text(self, end: int) -> None:
        """Note text as far as selectors ask for it: whether there is any."""
        if self._text_start < end and not self._html[self._text_start : end].isspace():
            if self._last is None:
                self._open[-1][0].text = "text"
            else:
                self._last.tail = "text"

    def _start(self, tag: Tag) -> None:
        if tag.name == "html" and len(self._open) == 1 and self.tree.root not in self.tree.spans:
            self.tree.root.attrib.update(tag.attributes)
            self._open[0] = (self.tree.root, tag)
            self.tree.spans[self.tree.root] = Span(tag.start, tag.end, len(self._html), len(self._html))
            return
        if tag.name == "body" and self._body is not None:
            self._body.attrib.update({**tag.attributes, **self._body.attrib})
            return
        self._end_what_it_ends(tag)
        if len(self._open) == 1 and self._body is None and tag.name not in _OUTSIDE_BODY:
            self._begin(Tag("body", is_end=False, start=tag.start, end=tag.start, written=""))
        self._begin(tag)

    def _begin(self, tag: Tag) -> None:
        """Add an element, which stays open if it can hold anything."""
        parent = self._open[-1][0]
        element = SubElement(parent, tag.name, dict(tag.attributes))
        self.tree.parents[element] = parent
        self._last = element
        if tag.name == "body" and self._body is None:
            self._body = element
        is_too_deep = len(self._open) >= MAX_DEPTH
        if (
            is_too_deep
            or tag.name in VOID_TAGS
            or (tag.written.endswith("/") and (self._foreign or tag.name in _FOREIGN))
        ):
            self.tree.spans[element] = Span(tag.start, tag.end, tag.end, tag.end)
            return
        self._open.append((element, tag))
        self._last = None
        self._counts[tag.name] = self._counts.get(tag.name, 0) + 1
        self._foreign += tag.name in _FOREIGN

    def _end_what_it_ends(self, tag: Tag) -> None:
        """End the elements whose end tags may be left out before this start tag."""
        if self._open[-1][0].tag == "head" and tag.name not in HEAD_TAGS:
            self._close(tag.start, tag.start)
        if tag.name in _ENDS_PARAGRAPH and self._counts.get("p"):
            self._end_named("p", tag.start, _PARAGRAPH_LIMITS)
        if tag.name == "tr" or tag.name in _SECTIONS_OF_TABLE:
            for cell in ("td", "th", "tr", *_BEFORE_ROWS):
                self._end_named(cell, tag.start, frozenset(["table"]))
        if tag.name in _SECTIONS_OF_TABLE:
            for section in _SECTIONS_OF_TABLE:
                self._end_named(section, tag.start, frozenset(["table"]))
        if (name := tag_ended_by(tag.name, (element.tag for element, _ in reversed(self._open)))) is not None:
            self._end_named(name, tag.start, frozenset())

    def _end_named(self, name: str, offset: int, limits: frozenset[str]) -> None:
        """End the innermost open element of a name, unless one of the limits is inside it."""
        if not self._counts.get(name):
            return
        for depth, (element, _) in enumerate(reversed(self._open[-_MOST_LOOKED_AT:])):
            if element.tag == name:
                for _ in range(depth + 1):
                    self._close(offset, offset)
                return
            if element.tag in limits:
                return

    def _end(self, tag: Tag) -> None:
        """Read an end tag; one of a format ends nothing if whole paragraphs are open inside it."""
        if not self._counts.get(tag.name):
            return
        if tag.name in _FORMATTING and not self._is_within_formats(tag.name):
            return
        while self._open[-1][0].tag != tag.name:
            self._close(tag.start, tag.start)
        self._close(tag.start, tag.end)

    def _is_within_formats(self, name: str) -> bool:
        for element, _ in reversed(self._open[-_MOST_LOOKED_AT:]):
            if element.tag == name:
                return True
            if element.tag not in _FORMATTING:
                return False
        return False

    def _close(self, content_end: int, end: int) -> None:
        element, tag = self._open.pop()
        assert tag is not None  # only the root has none
        self.tree.spans[element] = Span(tag.start, tag.end, content_end, end)
        self._counts[tag.name] -= 1
        self._foreign -= tag.name in _FOREIGN
        self._last = element
