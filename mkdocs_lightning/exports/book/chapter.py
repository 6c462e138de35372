"""Makes the files of one page: its text as XHTML, and its overlay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from mkdocs_lightning.exports.book.clean_html import language_attributes, read_html
from mkdocs_lightning.exports.book.content_model import DIV, HEADINGS, repair
from mkdocs_lightning.exports.book.cue_elements import mark_cues
from mkdocs_lightning.exports.book.links import bring_images
from mkdocs_lightning.exports.book.model import STYLE_SHEET, Item
from mkdocs_lightning.exports.book.overlay import phrases_of, to_smil
from mkdocs_lightning.exports.xml_text import MATHML, SVG, XHTML, clean, to_xml
from mkdocs_lightning.player.sentence_highlights import CUE_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.exports.book.links import Images
    from mkdocs_lightning.exports.book.model import Page
    from mkdocs_lightning.exports.book.overlay import Phrase

_H1, _H2 = f"{XHTML}h1", f"{XHTML}h2"
XHTML_TYPE = "application/xhtml+xml"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page on its way into the book.

    Attributes:
        page: The page of the site.
        name: Its file in the book.
        body: Its content, whose links still are those of the site.
        ids: Of all its elements.
        phrases: What is heard; empty for a page that is only read.
    """

    page: Page
    name: str
    body: Element
    ids: frozenset[str]
    phrases: Sequence[Phrase]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """The ids and the titles of its headings of the second level, for the table of contents."""
        found = ((element.get("id"), plain(element)) for element in self.body.iter(_H2))
        return [(id_, title) for id_, title in found if id_ and title]


def make_chapter(page: Page, number: int, disclosure: str, images: Images) -> Chapter:
    """Make a chapter of a page.

    Args:
        page: The page.
        number: From 1, which names the chapter's file.
        disclosure: Is shown at the start of a page that is read aloud, in the language of that page.
        images: Those of the book; the page's are added to it.
    """
    body = read_html(page.html)
    _arrange_tabs(body)
    bring_images(body, page.url, images)
    repair(body)
    taken = _unique_ids(body)
    cues = mark_cues(body)
    phrases = [
        phrase
        for at, reading in enumerate(page.readings)
        for phrase in phrases_of(at, reading, audio_name(reading.clip.name), cues)
    ]
    if not any(element.tag == _H1 for element in body.iter()):
        _insert_title(body, page.title)
    if phrases:
        _insert_disclosure(body, disclosure)
    return Chapter(page, f"page-{number:04}.xhtml", body, taken.union(cues.values()), phrases)


def audio_name(name: str) -> str:
    """The file of the book that has a clip."""
    return f"audio/{quote(name)}"


def items_of(chapter: Chapter, number: int) -> Iterator[Item]:
    """The page, and its overlay if it has one."""
    overlay = f"overlay-{number}" if chapter.phrases else None
    text = document(chapter.page.title, chapter.page.language, chapter.body)
    yield Item(f"page-{number}", chapter.name, XHTML_TYPE, to_xml(text, DOCTYPE), _properties(chapter.body), overlay)
    if overlay:
        smil = to_smil(chapter.name, chapter.phrases)
        duration = sum(phrase.end - phrase.begin for phrase in chapter.phrases)
        yield Item(overlay, f"page-{number:04}.smil", "application/smil+xml", smil, duration=duration)


DOCTYPE = "<!DOCTYPE html>\n"


def document(title: str, language: str, body: Element) -> Element:
    """An XHTML document around a body."""
    html = Element(f"{XHTML}html", language_attributes(language))
    head = SubElement(html, f"{XHTML}head")
    SubElement(head, f"{XHTML}title").text = title or "-"  # a title may not be empty
    SubElement(head, f"{XHTML}link", {"rel": "stylesheet", "type": "text/css", "href": STYLE_SHEET})
    html.append(body)
    return html


def plain(element: Element) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def _properties(body: Element) -> frozenset[str]:
    """What a manifest has to say of a page."""
    tags = {element.tag for element in body.iter()}
    return frozenset(name for name, tag in (("svg", f"{SVG}svg"), ("mathml", f"{MATHML}math")) if tag in tags)


def _unique_ids(body: Element) -> frozenset[str]:
    """Take off ids that an element before has, and those that are for cues; the ones that stay."""
    taken: set[str] = set()
    for element in body.iter():
        id_ = element.get("id")
        if id_ is None:
            continue
        if id_ in taken or id_.startswith(CUE_CLASS) or clean(id_) != id_:
            del element.attrib["id"]
        else:
            taken.add(id_)
    return frozenset(taken)


def _insert_title(body: Element, title: str) -> None:
    heading = Element(_H1)
    heading.text, heading.tail, body.text = title, body.text, "\n"
    body.insert(0, heading)


def _insert_disclosure(body: Element, text: str) -> None:
    """Put the disclosure under the title, or where the page begins if the title stands within something."""
    line = Element(f"{XHTML}p", {"class": "speak-disclosure"})
    line.text = text
    place = next((at for at, child in enumerate(body) if child.tag in HEADINGS), None)
    if place is None:
        line.tail, body.text = body.text, "\n"
        body.insert(0, line)
    else:
        line.tail, body[place].tail = body[place].tail, "\n"
        body.insert(place + 1, line)


def _arrange_tabs(body: Element) -> None:
    """Put the labels of pymdownx's tabs, which are all shown in a book, each above what it opens."""
    for tabs in body.iter(DIV):
        if "tabbed-set" not in tabs.get("class", "").split():
            continue
        labels = _child_of_class(tabs, "tabbed-labels")
        content = _child_of_class(tabs, "tabbed-content")
        if labels is None or content is None or len(labels) != len(content):
            continue
        for label, block in zip(labels, content, strict=True):
            label.tag, label.tail = f"{XHTML}p", "\n"
            label.set("class", "speak-tab")
            block.insert(0, label)
        tabs.remove(labels)


def _child_of_class(parent: Element, name: str) -> Element | None:
    return next((child for child in parent if name in child.get("class", "").split()), None)
