"""The pages that a book has besides those of the site: its title, and its table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from mkdocs_lightning.exports.book.chapter import DOCTYPE, XHTML_TYPE, document
from mkdocs_lightning.exports.book.model import Item
from mkdocs_lightning.exports.xml_text import EPUB, XHTML, to_xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.exports.book.chapter import Chapter
    from mkdocs_lightning.exports.book.model import Metadata

TITLE_PAGE = "title.xhtml"
CONTENTS = "contents.xhtml"


def title_page(metadata: Metadata, *, is_read: bool) -> Item:
    """The first page: what the book is, and that a machine reads it.

    Args:
        metadata: Of the book.
        is_read: Whether any page is read aloud.
    """
    body = Element(f"{XHTML}body", {"class": "speak-title-page"})
    SubElement(body, f"{XHTML}h1").text = metadata.title
    lines = {
        "author": metadata.author,
        "description": metadata.description,
        "disclosure": metadata.disclosure if is_read else "",
        "rights": metadata.rights,
    }
    for name, text in lines.items():
        if text:
            SubElement(body, f"{XHTML}p", {"class": f"speak-{name}"}).text = text
    page = document(metadata.title, metadata.language, body)
    return Item("title", TITLE_PAGE, XHTML_TYPE, to_xml(page, DOCTYPE))


def contents_page(metadata: Metadata, chapters: Sequence[Chapter]) -> Item:
    """The navigation document (EPUB 3.3, section 7): the site's navigation, with the sections of each page."""
    body = Element(f"{XHTML}body")
    nav = SubElement(body, f"{XHTML}nav", {f"{EPUB}type": "toc", "role": "doc-toc", "id": "toc"})
    SubElement(nav, f"{XHTML}h1").text = metadata.title
    _fill(SubElement(nav, f"{XHTML}ol"), chapters)
    landmarks = SubElement(body, f"{XHTML}nav", {f"{EPUB}type": "landmarks", "hidden": "hidden"})
    points = SubElement(landmarks, f"{XHTML}ol")
    for kind, name, title in (("titlepage", TITLE_PAGE, metadata.title), ("bodymatter", *_start_of(chapters))):
        _link(SubElement(points, f"{XHTML}li"), name, title).set(f"{EPUB}type", kind)
    page = document(metadata.title, metadata.language, body)
    return Item("contents", CONTENTS, XHTML_TYPE, to_xml(page, DOCTYPE), frozenset(["nav"]))


def _start_of(chapters: Sequence[Chapter]) -> tuple[str, str]:
    return chapters[0].name, chapters[0].page.title


def _fill(contents: Element, chapters: Sequence[Chapter]) -> None:
    lists = [contents]  # of the open sections, the outermost first
    path: tuple[str, ...] = ()
    for chapter in chapters:
        shared = _shared(path, chapter.page.sections)
        del lists[shared + 1 :]
        path = chapter.page.sections
        for title in path[shared:]:
            lists.append(_section(lists[-1], title))
        entry = SubElement(lists[-1], f"{XHTML}li")
        _link(entry, chapter.name, chapter.page.title)
        if sections := chapter.sections:
            below = SubElement(entry, f"{XHTML}ol")
            for id_, title in sections:
                _link(SubElement(below, f"{XHTML}li"), f"{chapter.name}#{quote(id_)}", title)


def _section(parent: Element, title: str) -> Element:
    """Add a section of the navigation; the list for what is in it."""
    entry = SubElement(parent, f"{XHTML}li")
    SubElement(entry, f"{XHTML}span").text = title or "-"
    return SubElement(entry, f"{XHTML}ol")


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first elements two paths share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (name, second) in pairs if name != second), min(len(one), len(other)))


def _link(parent: Element, target: str, title: str) -> Element:
    link = SubElement(parent, f"{XHTML}a", {"href": target})
    link.text = title or "-"
    return link


def reading_order(chapters: Sequence[Chapter]) -> Iterator[str]:
    """The ids of the items that are read one after the other."""
    yield "title"
    yield from (f"page-{number}" for number, _ in enumerate(chapters, start=1))
