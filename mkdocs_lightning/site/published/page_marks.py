"""What `publish` has put into a page and around its slots, so that it can be found, and taken out again."""

from __future__ import annotations

import re
from html import escape

from mkdocs_lightning.base.html_scanner import tags
from mkdocs_lightning.player.sentence_highlights import without_highlights
from mkdocs_lightning.player.view import PLAYER_CLASS
from mkdocs_lightning.reading.elements.silence import classes_of

PAGE_MARK = "<!--speak-page-->"
"""Before the player of a narrated page."""

_PAGE_END = "<!--/speak-page-->"
_PAGE_PLAYER = re.compile(rf"""{PAGE_MARK}\s*+<div class=["']?speak\b(?>(?:(?!<!--).)*){_PAGE_END}""", re.DOTALL)
_HEAD = re.compile(
    r"<!--speak-head-->"
    r"""(?>(?:\s|<(?:link|meta)\s[^<>]*>|<script\stype=["']?application/ld\+json["']?>[^<]*</script>)*)"""
    r"<!--/speak-head-->\n?"
)
"""What was put into a head, and nothing else that somebody may have written between such comments."""


def has_player(html: str) -> bool:
    """Whether a page has a player of ours, also one that something has minified."""
    return PLAYER_CLASS in html and any(PLAYER_CLASS in classes_of(tag.attributes) for tag in tags(html))


def page_player(player: str) -> str:
    """A narrated page's player, so that it is found when the page is published again."""
    return f"{PAGE_MARK}{player}{_PAGE_END}"


def docked_player(player: str, script: str) -> str:
    """The same for a page that a script of its site takes over.

    Args:
        player: The player.
        script: The URL of `dock.js`, relative to the page.
    """
    return page_player(f'<div class="speak-dock">{player}\n<script src="{escape(script)}" defer></script></div>')


def without_page_player(html: str) -> str:
    """A page without the player of the page as a whole, and without its highlights."""
    return without_highlights(_PAGE_PLAYER.sub("", html)) if PAGE_MARK in html else html


def head_part(elements: str) -> str:
    """Elements for the head, so that they are found when the page is published again."""
    return f"<!--speak-head-->{elements}<!--/speak-head-->\n"


def without_head_part(html: str) -> str:
    """A page without what was put into its head."""
    return _HEAD.sub("", html)
