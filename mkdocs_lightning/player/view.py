"""Renders the player of a block or page, with its text.

The Jinja2 template is `lightning/player.html`, which a theme's `custom_dir` may replace. Its only variable is `block`,
a `PlayerView`. The player works without JavaScript; `assets/script/` enhances it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader

from mkdocs_lightning.player.chapters import to_json
from mkdocs_lightning.player.ui_strings import UiStrings, direction_of, ui_strings_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_lightning.player.captions import Cue
    from mkdocs_lightning.player.chapters import Chapter
    from mkdocs_lightning.reading.grammar.block import TextMode

TEMPLATE = "lightning/player.html"
PLAYER_CLASS = "speak-player"
PLAYER_ATTRIBUTE = f'class="{PLAYER_CLASS}"'
"""The text by which a page that needs the style sheet is recognized. A custom template may do without both."""

SCRIPT_STRINGS = (
    "play pause position speed more previous next back forward play_page copy_link link_copied download close player "
    "failed synthetic follow resume from_start loading play_on chapters chapter_of keys copy_this click_to_play "
    "no_seek play_clip pause_clip key_play key_skip key_sentence key_speed key_player key_help retry "
    "play_from_here time_left time_total volume repeat muted key_mute key_tenth".split()
)
"""The names of the strings that the script shows."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """The page that a player is on.

    Attributes:
        site_name: The name of the site.
        title: The page's title, as plain text.
        language: The page's language, as a BCP 47 tag.
        url: The page's absolute URL; empty if the site has no `site_url`.
        script: The URL of `player.js`, relative to the page.
        strings: The player's texts in the language of the page.
    """

    site_name: str = ""
    title: str = ""
    language: str = "en"
    url: str = ""
    script: str = ""
    strings: UiStrings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "strings", ui_strings_for(self.language))


@dataclass(frozen=True, slots=True)
class PlayerView:
    """One block or page, as the template shows it.

    Attributes:
        id: The element's id, unique on its page.
        classes: The classes that the author gave the block.
        title: The author's label, or the default such as "Listen".
        heading: A title for a lock screen: the author's label, the page's title, or the first words.
        label: The accessible name.
        text: How the text is shown with the player.
        text_html: The block's text as HTML; empty for a whole page.
        url: The URL of the clip, relative to the page; None if there is none, so that only the text is shown.
        captions_url: The URL of the WebVTT captions, relative to the page.
        media_type: The MIME type of the clip.
        duration: Seconds of the clip; 0 without one.
        cues: The time of each sentence.
        chapters: The headings with their times; empty if there are fewer than two.
        language: The language of the text, as a BCP 47 tag; None if it is the page's or unknown.
        context: The page.
        is_page: Whether this is the player of the whole page.
        is_draft: Whether the clip is a draft by the offline voice, under `mkdocs serve`.
        is_pending: Whether to tell the author, under `mkdocs serve`, how the block will get its clip.
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
    chapters: tuple[Chapter, ...] = ()
    language: str | None = None
    context: PageContext = field(default_factory=PageContext)
    is_page: bool = False
    is_draft: bool = False
    is_pending: bool = False

    @property
    def strings(self) -> UiStrings:
        """The player's texts in the language of the page."""
        return self.context.strings

    @property
    def clock(self) -> str:
        """The duration as text: 1:05, or 1:01:05."""
        minutes, seconds = divmod(max(1, round(self.duration)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def data(self) -> Mapping[str, str]:
        """The attributes of `<speak-player>`: all that `player.js` needs to know, as it loads no further data."""
        page = {"data-page": ""} if self.is_page else {}
        chapters = {"data-chapters": to_json(self.chapters)} if self.chapters else {}
        return page | {
            "data-duration": f"{self.duration:.3f}",
            "data-starts": " ".join(f"{round(cue.start * 1000) / 1000:.3f}" for cue in self.cues),  # as in the captions
            "data-heading": self.heading,
            "data-site": self.context.site_name,
            **chapters,
        }

    @property
    def text_attributes(self) -> Mapping[str, str]:
        """The attributes of the text: its language and direction where they differ from the page's."""
        if self.language is None:
            return {}
        return {"lang": self.language, "dir": direction_of(self.language)}

    @property
    def captions_attributes(self) -> Mapping[str, str]:
        """The attributes of the `<track>`."""
        language = self.language or self.context.language
        return {"kind": "captions", "src": self.captions_url, "srclang": language, "label": self.strings.transcript}


class PlayerTemplate:
    """The player's template for one site.

    Args:
        template_dirs: The theme's template directories, which are searched before this package's own.
    """

    def __init__(self, template_dirs: Sequence[str]) -> None:
        loaders = ChoiceLoader([FileSystemLoader(template_dirs), PackageLoader("mkdocs_lightning.player")])
        environment = Environment(loader=loaders, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.get_template(TEMPLATE)

    def render(self, view: PlayerView) -> str:
        """The HTML of one block or page."""
        return self._template.render(block=view).strip()


@cache
def script_strings(language: str) -> str:
    """The script's texts in a language, as a JSON object by their names."""
    strings = ui_strings_for(language)
    texts = {name: getattr(strings, name) for name in SCRIPT_STRINGS}
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
