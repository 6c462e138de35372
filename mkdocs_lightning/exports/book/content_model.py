"""Repairs elements that stand where HTML does not allow them: browsers show anything, reading systems need not.

Only the parts of a table are moved. Any other element in a wrong place becomes a `div` or a `span`.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from mkdocs_lightning.exports.xml_text import XHTML, XML

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def _tags(names: str) -> frozenset[str]:
    return frozenset(f"{XHTML}{name}" for name in names.split())


DIV, SPAN = f"{XHTML}div", f"{XHTML}span"
_A, _P, _LI, _DL, _DT, _DD = (f"{XHTML}{name}" for name in ("a", "p", "li", "dl", "dt", "dd"))
_DETAILS, _SUMMARY, _FIGURE, _FIGCAPTION, _TABLE = (
    f"{XHTML}{name}" for name in ("details", "summary", "figure", "figcaption", "table")
)

HEADINGS = _tags("h1 h2 h3 h4 h5 h6")
_LISTS = _tags("ul ol")
_SECTIONS = _tags("article aside section")
BLOCKS = (
    HEADINGS
    | _LISTS
    | _SECTIONS
    | _tags(
        "blockquote caption col colgroup dd details div dl dt figcaption figure hr li p pre summary table tbody td "
        "tfoot th thead tr"
    )
)
"""Elements that cannot stand within a line of text."""
_TRANSPARENT = _tags("a ins del")
_PHRASING = (
    _tags("abbr b bdi bdo cite code dfn em i kbd mark q rp rt ruby s samp small span strong sub sup u var")
    | _TRANSPARENT
)
_TEXT_ONLY = HEADINGS | _tags("pre summary")
"""Blocks that hold no other block."""
_OF_TABLES = _tags("table caption colgroup col thead tbody tfoot tr td th")
_GLOBAL_ATTRIBUTES = frozenset(["id", "class", "lang", f"{XML}lang", "dir", "title"])
_TABLE_ORDER = {f"{XHTML}{name}": rank for rank, name in enumerate(("caption", "colgroup", "thead", "tbody", "tfoot"))}


def repair(body: Element) -> None:
    """Change, in place, the tags of elements that stand where HTML does not allow them."""
    _repair_inline(body)
    for element in list(body.iter()):
        if element.tag in _TEXT_ONLY:
            _make_inline(element)
        elif element.tag in (_DT, f"{XHTML}th"):
            _rename_within(element, HEADINGS | _SECTIONS, DIV)
        elif element.tag == f"{XHTML}caption":
            _rename_within(element, _OF_TABLES, DIV)
        elif element.tag == _A:
            _rename_within(element, frozenset([_A]), SPAN)
            _rename_within(element, frozenset([_DETAILS]), DIV)
    for parent in list(body.iter()):
        _repair_children(parent)


def _repair_inline(body: Element) -> None:
    """Make a block of each inline element that holds one, and of a paragraph, too."""
    holders: set[Element] = set()
    for element in reversed(list(body.iter())):  # children before their parents
        holds_block = any(child.tag in BLOCKS or child in holders for child in element)
        if not holds_block or element.tag not in _PHRASING | {_P}:
            continue
        if element.tag in _TRANSPARENT:
            holders.add(element)
        else:
            element.tag = DIV


def _make_inline(element: Element) -> None:
    """Make what an element holds part of its text."""
    for inner in element.iter():
        if inner is element or inner.tag not in BLOCKS:
            continue
        inner.tag = f"{XHTML}br" if inner.tag == f"{XHTML}hr" else SPAN
        inner.attrib = _attributes_of_any(inner)


def _attributes_of_any(element: Element) -> dict[str, str]:
    """Those attributes of an element that any other may have."""
    return {name: value for name, value in element.attrib.items() if name in _GLOBAL_ATTRIBUTES}


def _rename_within(element: Element, tags: frozenset[str], tag: str) -> None:
    for inner in element.iter():
        if inner is not element and inner.tag in tags:
            inner.tag = tag
            inner.attrib = _attributes_of_any(inner)


def _repair_children(parent: Element) -> None:
    """Repair the relation of a parent and its children, after all its ancestors were repaired."""
    if parent.tag in _LISTS:
        _wrap_strays(parent)
    if parent.tag == _DL and not _is_valid_list_of_terms(parent):
        parent.tag = DIV
    if parent.tag == _DETAILS and not (len(parent) and parent[0].tag == _SUMMARY and not (parent.text or "").strip()):
        parent.tag = DIV
        parent.attrib.pop("open", None)
    if parent.tag == _TABLE:
        _order_table(parent)
    for number, child in enumerate(parent):
        if not _may_stand(child, number, parent):
            child.tag = DIV
            child.attrib.pop("value", None)


def _may_stand(child: Element, number: int, parent: Element) -> bool:
    if child.tag == _LI:
        return parent.tag in _LISTS
    if child.tag in (_DT, _DD):
        return parent.tag == _DL
    if child.tag == _SUMMARY:
        return parent.tag == _DETAILS and number == 0
    if child.tag == _FIGCAPTION:
        return parent.tag == _FIGURE and number in (0, len(parent) - 1) and _is_only_caption(child, parent)
    return True


def _is_only_caption(caption: Element, figure: Element) -> bool:
    return next(child for child in figure if child.tag == _FIGCAPTION) is caption


def _wrap_strays(parent: Element) -> None:
    """Put what stands in a list, but in no item, into items."""
    items: list[Element] = []
    if (parent.text or "").strip():
        items.append(Element(_LI))
        items[-1].text, parent.text = parent.text, None
    for child in list(parent):
        item = child if child.tag == _LI else Element(_LI)
        if item is not child:
            item.append(child)
            item.tail, child.tail = child.tail, None
        items.append(item)
        if (item.tail or "").strip():
            items.append(Element(_LI))
            items[-1].text, item.tail = item.tail, None
    parent[:] = items
    for item in items:
        if parent.tag != f"{XHTML}ol":
            item.attrib.pop("value", None)


def _is_valid_list_of_terms(element: Element) -> bool:
    """Whether a `dl` holds terms, each group with at least one description, and nothing else."""
    if any(text and text.strip() for text in _texts_between(element)):
        return False
    kinds = [tag for tag, _ in itertools.groupby(child.tag for child in element)]
    pairs = [kinds[at : at + 2] for at in range(0, len(kinds), 2)]
    return bool(pairs) and all(pair == [_DT, _DD] for pair in pairs)


def _texts_between(element: Element) -> Iterator[str | None]:
    yield element.text
    yield from (child.tail for child in element)


def _order_table(table: Element) -> None:
    """Put the parts of a table into their order, with one head and one foot."""
    parts: Sequence[Element] = sorted(table, key=lambda part: _TABLE_ORDER.get(part.tag, 3))
    seen: set[str] = set()
    for part in parts:
        if part.tag in seen and part.tag in _tags("thead tfoot"):
            part.tag = f"{XHTML}tbody"
        seen.add(part.tag)
    table[:] = sorted(parts, key=lambda part: _TABLE_ORDER.get(part.tag, 3))
