"""What the reader sees: each slot in a page's HTML becomes a player with its text.

The player is the Jinja2 template `lightning/player.html`, which a theme's `custom_dir` may replace. It gets one
variable, `block`: a `PlayerView`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader

from mkdocs_lightning.markdown import SLOT_TAG, TextMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup

TEMPLATE = "lightning/player.html"
PLAYER_MARK = 'class="speak-player"'
"""What a page has in it that needs the style sheet; a replaced template keeps it, or brings its own styles."""

STYLESHEET = Path(__file__).parent / "assets" / "player.css"

_RIGHT_TO_LEFT = frozenset(["ar"])  # of the service's languages

_SLOT_EDGE = re.compile(rf'<{SLOT_TAG} data-speak="(?P<slot>\w+)">|</{SLOT_TAG}>')


@dataclass(frozen=True, slots=True)
class PlayerView:
    """What the template shows.

    Attributes:
        id: The element's id, unique in its page.
        classes: The author's own.
        title: The author's label, or None.
        label: The accessible name.
        text: How the text stands beside the player.
        text_html: The block's text as HTML.
        url: The clip, relative to the page; None where there is nothing to play: the text stands alone.
        media_type: Of the clip.
        duration: Of the clip, in seconds; 0 without one.
        language: Of the text, where the author named one; None where it is the page's.
        is_draft: Whether the clip is the offline voice's, for an author who is still writing.
        is_awaited: Whether that author should be told how the block will get its clip.
    """

    id: str
    classes: tuple[str, ...]
    title: str | None
    label: str
    text: TextMode
    text_html: Markup
    url: str | None
    media_type: str
    duration: float
    language: str | None = None
    is_draft: bool = False
    is_awaited: bool = False

    @property
    def clock(self) -> str:
        """The duration as a reader writes it: 1:05, or 1:01:05."""
        minutes, seconds = divmod(max(1, round(self.duration)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def text_attributes(self) -> Mapping[str, str]:
        """The attributes of the text: its language, so that a browser and a screen reader do it justice."""
        if self.language is None or self.language == "auto":
            return {}
        return {"lang": self.language, "dir": "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"}


class PlayerTemplate:
    """The template as it is found for one site.

    Args:
        template_dirs: Looked through before this package's own; a theme's directories.
    """

    def __init__(self, template_dirs: Sequence[str]) -> None:
        loaders = ChoiceLoader([FileSystemLoader(template_dirs), PackageLoader("mkdocs_lightning")])
        environment = Environment(loader=loaders, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.get_template(TEMPLATE)

    def render(self, view: PlayerView) -> str:
        """The HTML of one block."""
        return self._template.render(block=view).strip()


def put_slot_under_title(html: str, slot: str) -> str:
    """A page's content with an empty slot after its first heading of the first level, or at its start."""
    title = html.find("</h1>")
    place = 0 if title < 0 else title + len("</h1>")
    return f'{html[:place]}\n<{SLOT_TAG} data-speak="{slot}"></{SLOT_TAG}>{html[place:]}'


def has_slots(html: str) -> bool:
    """Whether there is anything to fill."""
    return f"<{SLOT_TAG} " in html


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
        if edge["slot"]:
            open_slots.append(edge["slot"])
            pieces.append([])
        elif open_slots:
            inner = "".join(pieces.pop())
            pieces[-1].append(render(open_slots.pop(), inner))
    pieces[-1].append(html[end:])
    return "".join("".join(piece) for piece in pieces)  # what was never closed keeps its text
