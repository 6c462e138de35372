"""What the reader sees: each slot in a page's HTML becomes a player with its text.

The player is the Jinja2 template `lightning/player.html`, which a theme's `custom_dir` may replace. It gets one
variable, `block`: a `PlayerView`. It plays without JavaScript; `assets/player.js` adds to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader

from mkdocs_lightning.player.ui_strings import UiStrings, is_right_to_left, ui_strings_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_lightning.player.captions import Cue
    from mkdocs_lightning.reading.block import TextMode

TEMPLATE = "lightning/player.html"
PLAYER_CLASS = 'class="speak-player"'
"""What a page has in it that needs the style sheet; a replaced template keeps it, or brings its own styles."""

ASSETS = Path(__file__).parent / "assets"
STYLESHEET = ASSETS / "player.css"
SCRIPT = ASSETS / "player.js"

CONTROL_STRINGS = (
    "play pause position speed more previous next back forward play_page copy_link link_copied download close player "
    "failed".split()
)
"""The words that `player.js` needs, in the order in which it takes them."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """The page that a player stands in.

    Attributes:
        site_name: As listeners know the site.
        title: Of the page, as plain text.
        language: Of the page, as a BCP 47 tag.
        url: Of the page, absolute; empty where the site does not know where it is published.
        script: The URL of the player's JavaScript, relative to the page.
    """

    site_name: str = ""
    title: str = ""
    language: str = "en"
    url: str = ""
    script: str = ""

    @property
    def words(self) -> UiStrings:
        """The player's words in the language of the page."""
        return ui_strings_for(self.language)


@dataclass(frozen=True, slots=True)
class PlayerView:
    """What the template shows.

    Attributes:
        id: The element's id, unique in its page.
        classes: The author's own.
        title: The author's label, or the word that stands for one.
        heading: What is heard, for a lock screen: the author's label, the page's title, or the first words.
        label: The accessible name.
        text: How the text stands beside the player.
        text_html: The block's text as HTML.
        url: The clip, relative to the page; None where there is nothing to play: the text stands alone.
        captions_url: The clip's cues as WebVTT, relative to the page.
        media_type: Of the clip.
        duration: Of the clip, in seconds; 0 without one.
        cues: When each sentence is heard.
        language: Of the text, where it is not the page's; None where it is, or is not known.
        context: The page.
        is_page: Whether the clip is that of the whole page.
        is_draft: Whether the clip is the offline voice's, for an author who is still writing.
        is_awaited: Whether that author should be told how the block will get its clip.
    """

    id: str
    classes: tuple[str, ...]
    title: str
    heading: str
    label: str
    text: TextMode
    text_html: Markup
    url: str | None
    captions_url: str
    media_type: str
    duration: float
    cues: tuple[Cue, ...] = ()
    language: str | None = None
    context: PageContext = field(default_factory=PageContext)
    is_page: bool = False
    is_draft: bool = False
    is_awaited: bool = False

    @property
    def words(self) -> UiStrings:
        """The player's words in the language of the page."""
        return self.context.words

    @property
    def clock(self) -> str:
        """The duration as a reader writes it: 1:05, or 1:01:05."""
        minutes, seconds = divmod(max(1, round(self.duration)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def data(self) -> Mapping[str, str]:
        """What the player's JavaScript needs to know, as attributes: it loads nothing, and asks nobody."""
        page = {"data-page": ""} if self.is_page else {}
        return page | {
            "data-duration": f"{self.duration:.3f}",
            "data-starts": " ".join(f"{cue.start:.3f}" for cue in self.cues),
            "data-heading": self.heading,
            "data-site": self.context.site_name,
            "data-words": _control_strings(self.context.language),
        }

    @property
    def text_attributes(self) -> Mapping[str, str]:
        """The attributes of the text: its language, so that a browser and a screen reader do it justice."""
        if self.language is None:
            return {}
        return {"lang": self.language, "dir": "rtl" if is_right_to_left(self.language) else "ltr"}

    @property
    def captions_attributes(self) -> Mapping[str, str]:
        """The attributes of the `<track>`."""
        language = self.language or self.context.language
        return {"kind": "captions", "src": self.captions_url, "srclang": language, "label": self.words.transcript}


class PlayerTemplate:
    """The template as it is found for one site.

    Args:
        template_dirs: Looked through before this package's own; a theme's directories.
    """

    def __init__(self, template_dirs: Sequence[str]) -> None:
        loaders = ChoiceLoader([FileSystemLoader(template_dirs), PackageLoader("mkdocs_lightning.player")])
        environment = Environment(loader=loaders, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.get_template(TEMPLATE)

    def render(self, view: PlayerView) -> str:
        """The HTML of one block."""
        return self._template.render(block=view).strip()


@cache
def _control_strings(language: str) -> str:
    """What every player of a page has in `data-words`."""
    words = ui_strings_for(language)
    return "|".join(getattr(words, name) for name in CONTROL_STRINGS)
