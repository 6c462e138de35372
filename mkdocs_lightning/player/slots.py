"""Slots in a page's HTML: insert them, find them, and replace them with players."""

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


def block_slot(html: str, slot: str) -> str:
    """Wrap a block's HTML in its slot, in the form that the Markdown extension produces."""
    return f'<{SLOT_TAG} data-speak="{slot}">{html}</{SLOT_TAG}>'


def page_slot(html: str, slot: str) -> str:
    """Wrap a page's content in its slot. It consists of comments, as Material's search would index an element twice."""
    return f"<!--{SLOT_TAG} {slot}-->{html}<!--/{SLOT_TAG}-->"


def insert_under_title(html: str, player: str) -> str:
    """Insert a page's player after the first `<h1>`, or at the start."""
    title_end = html.find("</h1>")
    index = 0 if title_end < 0 else title_end + len("</h1>")
    return f"{html[:index]}\n{player}{html[index:]}"


def with_script(player: str, url: str) -> str:
    """A player with the script element for `player.js`.

    The script is in the content, not in the head. A theme that replaces the content without loading the page anew
    (Material's instant navigation) runs scripts in the content only.
    """
    return f'{player}\n<script src="{escape(url)}" defer></script>'


def style_sheet_link(url: str) -> str:
    """The link to the style sheet, for the head. The URL is relative to the page."""
    return f'<link rel="stylesheet" href="{escape(url)}">\n'


def has_slots(html: str) -> bool:
    """Whether some HTML has a slot."""
    return f"<{SLOT_TAG} " in html or f"<!--{SLOT_TAG} " in html


def fill_slots(html: str, render: Callable[[str, str], str]) -> str:
    """Replace each slot with what `render` returns, inner slots first.

    Args:
        html: A page, or a part of one.
        render: Called with a slot's name and the HTML inside it.
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
    return "".join("".join(piece) for piece in pieces)  # a slot without an end keeps its text
