"""Slots in a page's HTML: putting them in, finding them, and filling them with players."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.block import SLOT_TAG

if TYPE_CHECKING:
    from collections.abc import Callable


_SLOT_EDGE = re.compile(
    rf'<{SLOT_TAG} data-speak="(?P<slot>\w+)">|</{SLOT_TAG}>|<!--{SLOT_TAG} (?P<page_slot>\w+)-->|<!--/{SLOT_TAG}-->'
)


def in_element(html: str, slot: str) -> str:
    """A block's text in a slot, as the grammar leaves it."""
    return f'<{SLOT_TAG} data-speak="{slot}">{html}</{SLOT_TAG}>'


def in_slot(html: str, slot: str) -> str:
    """A whole page's content in a slot; of comments, as in an element Material's search would index it twice."""
    return f"<!--{SLOT_TAG} {slot}-->{html}<!--/{SLOT_TAG}-->"


def put_under_title(html: str, player: str) -> str:
    """A page's content with its player after the first heading of the first level, or at the start."""
    title = html.find("</h1>")
    place = 0 if title < 0 else title + len("</h1>")
    return f"{html[:place]}\n{player}{html[place:]}"


def with_script(player: str, url: str) -> str:
    """A player that brings its JavaScript.

    It stands in the content, not in the head: where a theme replaces the content without loading the page anew
    (Material's instant navigation), scripts in it are run, and those that come into the head are not.
    """
    return f'{player}\n<script src="{escape(url)}" defer></script>'


def style_sheet_link(url: str) -> str:
    """What the head of a page with players has, with the style sheet's URL relative to the page."""
    return f'<link rel="stylesheet" href="{escape(url)}">\n'


def has_slots(html: str) -> bool:
    """Whether there is anything to fill."""
    return f"<{SLOT_TAG} " in html or f"<!--{SLOT_TAG} " in html


def fill_slots(html: str, render: Callable[[str, str], str]) -> str:
    """Put what `render` makes in the place of every slot, the inner ones first.

    Args:
        html: A page, or a part of one.
        render: Takes a slot's name and the HTML inside it.
    """
    open_slots: list[str] = []
    pieces: list[list[str]] = [[]]
    end = 0
    for edge in _SLOT_EDGE.finditer(html):
        pieces[-1].append(html[end : edge.start()])
        end = edge.end()
        if slot := edge["slot"] or edge["page_slot"]:
            open_slots.append(slot)
            pieces.append([])
        elif open_slots:
            inner = "".join(pieces.pop())
            pieces[-1].append(render(open_slots.pop(), inner))
    pieces[-1].append(html[end:])
    return "".join("".join(piece) for piece in pieces)  # what was never closed keeps its text
