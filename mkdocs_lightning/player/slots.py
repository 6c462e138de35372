"""Slots in a page's HTML: insert them, find them, and replace them with players."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_lightning.base.html_scanner import visible_title_end
from mkdocs_lightning.reading.grammar.block import SLOT_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence

MAX_NESTING = 20
"""How many slots may hold one another: the text of each is read again for every one around it."""

_PLAYER_PLACE = "<!--speak-player-->"
"""Where the player of a narrated page belongs."""

_EDGE = re.compile(
    rf'<{SLOT_TAG}(?=[\s/>])(?: data-speak="(?P<block>\w+)")?[^<>]*>|(?P<block_end></{SLOT_TAG}\s*>)'
    rf"|<!--{SLOT_TAG} (?P<page>\w+)-->|(?P<page_end><!--/{SLOT_TAG}-->)"
)


class Filled(NamedTuple):
    """Some HTML whose slots were filled.

    Attributes:
        unfinished: Start tags that are none of ours, so that somebody wrote them, and that have no end.
    """

    html: str
    unfinished: tuple[str, ...]


def block_slot(html: str, slot: str) -> str:
    """Wrap a block's HTML in its slot, in the form that the Markdown extension produces."""
    return f'<{SLOT_TAG} data-speak="{slot}">{html}</{SLOT_TAG}>'


def page_slot(html: str, slot: str) -> str:
    """Wrap a page's content, whose slots are not filled yet, in a slot, and note where the page's player belongs.

    That is under the title, or at the start if readers may not see the title, as in a block whose text is hidden. The
    slot consists of comments, as Material's search would index an element twice.
    """
    place = visible_title_end(html, SLOT_TAG) or 0
    return f"<!--{SLOT_TAG} {slot}-->{html[:place]}{_PLAYER_PLACE}{html[place:]}<!--/{SLOT_TAG}-->"


def whole_page_slot(html: str, slot: str) -> str:
    """As `page_slot`, around a page of which another says where the player belongs."""
    return f"<!--{SLOT_TAG} {slot}-->{html}<!--/{SLOT_TAG}-->"


def insert_page_player(html: str, player: str) -> str:
    """Insert a page's player into what the page's slot holds."""
    before, place, after = html.partition(_PLAYER_PLACE)
    return f"{before}\n{player}{after}" if place else f"\n{player}{html}"


def has_slots(html: str) -> bool:
    """Whether some HTML has a slot."""
    return f"<{SLOT_TAG} " in html or f"<!--{SLOT_TAG} " in html


def slot_names(html: str) -> set[str]:
    """The names of the slots in some HTML, as far as they have one; some may be of another build."""
    return {_name(edge) for edge in _edges(html) if _name(edge)}


def fill_slots(html: str, names: Container[str], render: Callable[[str, str], str]) -> Filled:
    """Replace slots with what `render` returns, inner slots first. Of other slots only the tags are removed.

    Args:
        html: A page, or a part of one.
        names: Of the slots to fill. Others are of another build, or somebody wrote them.
        render: Called with a slot's name and the HTML inside it; not for a slot inside `MAX_NESTING` others.
    """
    edges = list(_edges(html))
    filled, unfinished = _slots_of(edges, names)
    pieces: list[list[str]] = [[]]
    end = 0
    for number, edge in enumerate(edges):
        pieces[-1].append(html[end : edge.start()])
        end = edge.end()
        if number in filled and _is_end(edge):
            inner = "".join(pieces.pop())
            pieces[-1].append(render(filled[number], inner))
        elif number in filled:
            pieces.append([])
    pieces[-1].append(html[end:])
    return Filled("".join(pieces[0]), tuple(edges[number][0] for number in unfinished))


def _edges(html: str) -> Iterator[re.Match[str]]:
    """The starts and ends of slots, as `_EDGE.finditer` would find them: it would stop at each `<` of a page."""
    end = 0
    while (tag := html.find(SLOT_TAG, end)) != -1:
        start = html.rfind("<", end, tag)
        edge = _EDGE.match(html, start) if start != -1 else None
        end = edge.end() if edge else tag + len(SLOT_TAG)
        if edge:
            yield edge


def _slots_of(edges: Sequence[re.Match[str]], names: Container[str]) -> tuple[Mapping[int, str], Sequence[int]]:
    """The edges of the slots to fill, by their index, each with its slot's name; and the unfinished start tags.

    A start tag that somebody wrote and did not end would take the end of a slot of ours. If a slot has no end because
    of that, only slots of ours count.
    """
    others = [number for number, edge in enumerate(edges) if not _is_end(edge) and _name(edge) not in names]
    pairs, open_starts = _pair(edges, ())
    unfinished = sorted(open_starts.intersection(others))
    if others and len(unfinished) < len(open_starts):
        pairs_of_ours, still_open = _pair(edges, frozenset(others))
        if len(still_open) < len(open_starts) - len(unfinished):
            pairs, unfinished = pairs_of_ours, others
    return _at_most_nested(
        edges, {start: end for start, end in pairs.items() if _name(edges[start]) in names}
    ), unfinished


def _pair(edges: Sequence[re.Match[str]], ignored: Collection[int]) -> tuple[Mapping[int, int], set[int]]:
    """The index of the end of each start, and the indices of the starts without an end."""
    pairs: dict[int, int] = {}
    unended: set[int] = set()
    open_starts: list[int] = []
    pages = 0  # among the open starts
    for number, edge in enumerate(edges):
        is_page = edge["page"] is not None or edge["page_end"] is not None
        if number in ignored:
            continue
        if not _is_end(edge):
            open_starts.append(number)
            pages += is_page
            continue
        while is_page and pages and edges[open_starts[-1]]["page"] is None:  # a page's end ends all blocks in it
            unended.add(open_starts.pop())
        if open_starts and (edges[open_starts[-1]]["page"] is not None) == is_page:
            pairs[open_starts.pop()] = number
            pages -= is_page
    return pairs, unended.union(open_starts)


def _at_most_nested(edges: Sequence[re.Match[str]], pairs: Mapping[int, int]) -> Mapping[int, str]:
    """The starts and ends of the outer `MAX_NESTING` slots at each place, each with its slot's name."""
    filled: dict[int, str] = {}
    depth = 0
    for number in range(len(edges)):
        if number in filled:
            depth -= 1
        elif number in pairs and depth < MAX_NESTING:
            filled[number] = filled[pairs[number]] = _name(edges[number])
            depth += 1
    return filled


def _is_end(edge: re.Match[str]) -> bool:
    return edge["block_end"] is not None or edge["page_end"] is not None


def _name(edge: re.Match[str]) -> str:
    """The name that a start tag has; empty if it has none."""
    return edge["block"] or edge["page"] or ""
