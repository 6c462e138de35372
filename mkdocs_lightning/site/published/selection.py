"""Which parts of a finished page are spoken, and where its player goes: what selectors name, or the main content.

    page ─► select ─► Selection ─► marked page ─► (players are added) ─► spoken_part ─► script, highlights

The marks are comments. They hold while players are put into the page, and are gone when it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from mkdocs_lightning.base.html_scanner import HtmlReader, tags
from mkdocs_lightning.reading.elements.silence import classes_of, is_hidden, is_not_prose
from mkdocs_lightning.site.published.html_tree import read_tree
from mkdocs_lightning.site.published.selectors import find_elements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from xml.etree.ElementTree import Element

    from mkdocs_lightning.base.html_scanner import Tag
    from mkdocs_lightning.site.published.html_tree import PageTree, Span
    from mkdocs_lightning.site.published.selectors import Selector

_STRUCTURE = frozenset(
    "address article aside blockquote dd details div dl dt fieldset figcaption figure footer header hgroup li main "
    "menu nav ol p section summary table tbody td tfoot th thead tr ul".split()
)
"""Elements whose edges separate what is spoken, also where they are not spoken themselves."""

_NUMBERING = frozenset(["reversed", "start", "type", "value"])
"""Attributes of lists that say how their items are numbered."""

_CONTENT_TAGS = frozenset(["article", "main"])
_FLOW = _CONTENT_TAGS | frozenset("aside blockquote body dd details div figure footer header li section td th".split())
"""Elements that a player may stand in."""

_CONTAINERS = _CONTENT_TAGS | frozenset(["body"])
_AROUND_TITLE = frozenset(["a", "b", "em", "header", "hgroup", "span", "strong"])
_UNSEEN_TAGS = frozenset("dialog head iframe noscript object script select style svg template textarea".split())
_ASIDE_TAGS = frozenset(["footer"])
_OF_CODE = "language-"
"""What the class of a code block begins with in HTML."""

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LINKS_TO_HEADING = frozenset(["anchor", "anchor-link", "hash-link", "header-anchor", "heading-anchor", "headerlink"])

_APP_IDS = frozenset(["__docusaurus", "__next", "__nuxt", "___gatsby"])
"""What programs call the element whose content a script of theirs takes over, beside those of Vue, which say `app`."""

_MARK = f"speak-part-{token_hex(8)}"  # which nobody can have written
_ON, _OFF, _PLACE = (f"<!--{_MARK} {state}-->" for state in ("on", "off", "player"))
_MARKS = re.compile(rf"<!--{_MARK} (on|off)-->")
_LISTS = frozenset(["li", "ol"])
_SILENT = "<s>", "</s>"
"""Around what is blank: an element that is never spoken, so that neither words nor highlights run across it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a page is spoken, by offsets in its HTML.

    Attributes:
        parts: The start and the end of each part that is spoken, in order, none within another.
        player: Where the player goes.
        title: The page's heading as plain text; empty if it has none.
        is_docked: Whether a script of the site takes the page over when it has loaded. It would remove what it does not
            expect, and more: so nothing may change in what it takes over, and the player stands behind that.
    """

    parts: tuple[tuple[int, int], ...]
    player: int
    title: str
    is_docked: bool = False

    def marked(self, html: str) -> str:
        """The page with marks for `spoken_part` and `with_player`; for the latter alone if the player is docked."""
        return self._marked(html, () if self.is_docked else self.parts)

    def script_of(self, html: str) -> str:
        """The page's HTML, as `spoken_part` returns it, to be read."""
        return spoken_part(self._marked(html, self.parts))

    def _marked(self, html: str, parts: Iterable[tuple[int, int]]) -> str:
        marks = [(self.player, _PLACE)]
        for start, end in parts:
            marks += [(start, _ON), (end, _OFF)]
        pieces = []
        position = 0
        for offset, mark in sorted(marks, key=lambda each: each[0]):
            pieces += [html[position:offset], mark]
            position = offset
        return "".join(pieces) + html[position:]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be spoken of every page.

    Attributes:
        select: What is spoken; nothing for the main content of a page.
        skip: What is left out of it.
    """

    select: tuple[Selector, ...] = ()
    skip: tuple[Selector, ...] = ()


def select(html: str, choice: Choice) -> tuple[Selection | None, Sequence[bool]]:
    """Find what is spoken of a page.

    Args:
        html: The page, without players.
        choice: Which elements are meant.

    Returns:
        What is spoken; None if the page has nothing of it that readers see. And whether each of the choice's
        selectors names anything on the page: first those of `select`, then those of `skip`.
    """
    tree = read_tree(html)
    named = find_elements(tree, (*choice.select, *choice.skip))
    count = len(choice.select)
    matches = [bool(elements) for elements in named]
    chosen = {element for elements in named[:count] for element in elements}
    unseen = _with_all_inside(tree, filter(_is_unseen, tree.root.iter()))
    if not count:
        chosen = _main_content(tree, unseen)
    silent = unseen | _with_all_inside(tree, (element for elements in named[count:] for element in elements))
    outer = [element for element in _outermost(tree, chosen) if element not in silent and element in tree.spans]
    if not outer:
        return None, matches
    silent |= _with_all_inside(tree, _aside(html, tree, outer, chosen))
    title = _find_title(tree, outer[0], silent)
    app = _app_around(tree, outer[0])
    selection = Selection(
        parts=tuple(_parts(tree, outer, silent)),
        player=_player_place(tree, outer[0], title) if app is None else tree.spans[app].end,
        title="" if title is None else _text_of(html, tree, title),
        is_docked=app is not None,
    )
    return selection, matches


def spoken_part(html: str) -> str:
    """A marked page with spaces in the place of all that is not spoken, so that all offsets stay.

    Edges of paragraphs, lists and tables stay as well, and so do the numbers of their items.
    """
    edges = iter([tag for tag in tags(html) if tag.name in _STRUCTURE])
    edge = next(edges, None)
    pieces: list[str] = []
    position = 0
    for start, end in _spoken_ranges(html):
        blank = []
        while edge is not None and edge.start < end:
            if edge.start < start:
                blank.append(edge)
            edge = next(edges, None)
        pieces += [*_blank(position, start, blank), html[start:end]]
        position = end
    return "".join(pieces) + "".join(_blank(position, len(html), filter(None, (edge, *edges))))


def with_player(html: str, player: str) -> str:
    """A marked page without marks, and with its player."""
    before, _, after = _MARKS.sub("", html).partition(_PLACE)
    return f"{before}{player}{after}"


def _spoken_ranges(html: str) -> Iterator[tuple[int, int]]:
    """The start and the end of each part between two marks."""
    start = 0
    for mark in _MARKS.finditer(html):
        if mark[1] == "on":
            start = mark.end()
        else:
            yield start, mark.start()


def _blank(start: int, end: int, edges: Iterable[Tag]) -> Iterator[str]:
    """What stands in the place of a part of a page that is not spoken."""
    for edge in edges:
        yield _space(edge.start - start)
        yield _bare(edge)
        start = edge.end
    yield _space(end - start)


def _space(length: int) -> str:
    before, after = _SILENT
    room = length - len(before + after)
    return f"{before}{' ' * room}{after}" if room >= 0 else " " * length


def _bare(edge: Tag) -> str:
    """A tag without attributes, unless they number items, and without what makes all inside silent; as long."""
    length = edge.end - edge.start
    name = "div" if edge.name == "nav" else edge.name
    if edge.written.endswith("/"):
        return " " * length
    keeps = edge.name in _LISTS and _NUMBERING.issuperset(edge.attributes)
    slash, written = "/" * edge.is_end, edge.written if keeps else ""
    return f"<{slash}{name}{written}".ljust(length - 1) + ">"


def _is_unseen(element: Element) -> bool:
    """Whether readers do not see an element when they open the page."""
    if element.tag == "dialog" and "open" in element.attrib:
        return False
    return element.tag in _UNSEEN_TAGS or is_hidden(element.attrib)


def _with_all_inside(tree: PageTree, elements: Iterable[Element]) -> set[Element]:
    """Some elements, with all that they hold."""
    found = set(elements)
    if found:
        for element in tree.root.iter():
            if tree.parents.get(element) in found:
                found.add(element)
    return found


def _outermost(tree: PageTree, elements: Collection[Element]) -> list[Element]:
    """Those of some elements that are not within another of them, in the order of the page."""
    covered: set[Element] = set()
    outer = []
    for element in tree.root.iter():
        if tree.parents.get(element) in covered:
            covered.add(element)
        elif element in elements:
            covered.add(element)
            outer.append(element)
    return outer


def _main_content(tree: PageTree, unseen: Collection[Element]) -> set[Element]:
    """The element that holds what a page is about: its only article, else its `<main>`; nothing if it has neither."""
    seen = [element for element in tree.root.iter() if element not in unseen]
    mains = [element for element in seen if element.tag == "main" or element.get("role") == "main"][:1]
    inside = _with_all_inside(tree, mains) if mains else seen
    articles = _outermost(tree, {element for element in inside if element.tag == "article"})
    return {articles[0]} if len(articles) == 1 else set(mains)


def _aside(html: str, tree: PageTree, outer: Iterable[Element], chosen: Collection[Element]) -> Iterator[Element]:
    """Elements within what is spoken that are no part of the text, unless a selector names them."""
    inside = _with_all_inside(tree, outer)
    links = _links_behind_headings(html, tree)
    for element in tree.root.iter():
        if element in inside and element not in chosen and (element in links or _is_aside(tree, element)):
            yield element


def _is_aside(tree: PageTree, element: Element) -> bool:
    is_link = element.tag == "a" and not _LINKS_TO_HEADING.isdisjoint(classes_of(element.attrib))
    return is_link or element.tag in _ASIDE_TAGS or _is_control(tree, element)


def _links_behind_headings(html: str, tree: PageTree) -> set[Element]:
    """The links to a heading that stand right behind it, and before no text, as Starlight writes them."""
    return {
        link
        for around in tree.root.iter()
        for before, link, after in zip(around, around[1:], [*around[2:], None], strict=False)
        if before.tag in _HEADINGS
        and link.tag == "a"
        and before.get("id")
        and link.get("href") == f"#{before.get('id')}"
        and _is_by_itself(html, tree, before, link, after)
    }


def _is_by_itself(html: str, tree: PageTree, before: Element, element: Element, after: Element | None) -> bool:
    """Whether there is no text between an element and those beside it."""
    span, around = tree.spans[element], tree.spans.get(tree.parents[element])
    end_of_parent = around.content_end if around else len(html)  # the page may leave its <body> out
    end = end_of_parent if after is None else tree.spans[after].start
    return not html[tree.spans[before].end : span.start].strip() and not html[span.end : end].strip()


def _is_control(tree: PageTree, element: Element) -> bool:
    """Whether an element is the row of tabs above what they show, or the language that VitePress writes on code."""
    if element.get("role") == "tablist":
        return True
    around = tree.parents.get(element)
    is_label = element.tag == "span" and "lang" in classes_of(element.attrib)
    return is_label and around is not None and any(each.startswith(_OF_CODE) for each in classes_of(around.attrib))


def _parts(tree: PageTree, outer: Iterable[Element], silent: Collection[Element]) -> Iterator[tuple[int, int]]:
    """The parts of a page that are spoken: elements without the silent ones that they hold."""
    gaps = [tree.spans[element] for element in _outermost(tree, silent) if element in tree.spans]
    number = 0
    for element in outer:
        start, end = _extent(element, tree.spans[element])
        while number < len(gaps) and gaps[number].start < end:
            if gaps[number].start >= start:
                yield start, gaps[number].start
                start = gaps[number].end
            number += 1
        yield start, end


def _extent(element: Element, span: Span) -> tuple[int, int]:
    """An element with its tags, or its content alone if its tags would silence it although a selector names it."""
    if is_not_prose(element.tag, element.attrib):
        return span.content_start, span.content_end
    return span.start, span.end


def _app_around(tree: PageTree, element: Element) -> Element | None:
    """The element that a script of the site takes over, if it holds what is spoken."""
    has_module = any(script.get("type", "").lower() == "module" for script in tree.root.iter("script"))
    for around in tree.ancestors(element):
        name = around.get("id")
        if name in _APP_IDS or (name == "app" and (has_module or "data-server-rendered" in around.attrib)):
            return around
    return None


def _find_title(tree: PageTree, first: Element, silent: Collection[Element]) -> Element | None:
    """The heading of the page: the first in the first element that is spoken, else the last before it."""
    found = None
    span = tree.spans[first]
    for heading in _content_around(tree, first).iter("h1"):
        if heading in silent or tree.spans[heading].start >= span.end:
            continue
        found = heading
        if tree.spans[heading].start >= span.start:
            break
    return found


def _content_around(tree: PageTree, element: Element) -> Element:
    """The innermost article or the like that holds an element, or that it is; else the whole page."""
    for around in (element, *tree.ancestors(element)):
        if around.tag in _CONTENT_TAGS or around.get("role") == "main":
            return around
    return tree.root


def _player_place(tree: PageTree, first: Element, title: Element | None) -> int:
    """Under the title, else before the first element that is spoken, and where HTML allows an element like a player."""
    if title is not None:
        return tree.spans[_within_flow(tree, title, _AROUND_TITLE, tree.spans[first].start)].end
    if first.tag in _CONTAINERS:
        return tree.spans[first].content_start
    return tree.spans[_outside_of_text(tree, first)].start


def _within_flow(tree: PageTree, title: Element, around: Collection[str], start: int) -> Element:
    """The outermost element that is there for the title alone, without the text that starts at `start`."""
    for element in tree.ancestors(title):
        span = tree.spans.get(element)
        if element.tag not in around or span is None or span.start <= start < span.end:
            break
        title = element
    return title


def _outside_of_text(tree: PageTree, element: Element) -> Element:
    """The innermost element, from this one outwards, before which a player may stand."""
    for around in tree.ancestors(element):
        if around.tag in _FLOW or around not in tree.spans:
            break
        element = around
    return element


def _text_of(html: str, tree: PageTree, element: Element) -> str:
    """An element's text without its markup, and without what readers do not see or do not read."""
    silent = {each for each in element.iter() if _is_unseen(each)} | set(_aside(html, tree, [element], ()))
    text = _Text()
    for start, end in _parts(tree, [element], silent):
        text.feed(html[start:end])
    return " ".join("".join(text.pieces).split())


class _Text(HtmlReader):
    """Collects the text of what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
