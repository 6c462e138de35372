"""The player's files in a site: its style sheet and its script, and how a page links them.

The script's source is a module for each job, in `assets/script/`. A site has them as one file, joined here in a named
order and inside one scope, so that neither we nor users need a build step. They are not ES modules: browsers load none
from `file://`, where offline sites are read.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

STYLESHEET = "player.css"
SCRIPT = "player.js"
DOCK_SCRIPT = "dock.js"
"""Only for pages that a script of their site takes over: their players are outside of what it changes."""

ASSETS = (STYLESHEET, SCRIPT)
"""The names of the files, which are beside the clips in a site."""

SCRIPT_MODULES = (
    "core",
    "popup",
    "speed",
    "volume",
    "controls",
    "menu",
    "bar",
    "page_queue",
    "words",
    "next_page",
    "follow",
    "clicks",
    "here",
    "seeking",
    "links",
    "memory",
    "keys",
    "events",
    "media_session",
    "speak_player",
)
"""The script's modules, in the order in which they run: a function is known to those before it, a constant is not."""

SOURCES = Path(__file__).parent / "assets"

_HEADER = "/* mkdocs-lightning: player/assets/script/ */\n"
_IS_FIRST = 'if (!customElements.get("speak-player")) '
"""Some themes run the scripts again for each page that they show."""

_DEFINE = 'customElements.define("speak-player", SpeakPlayer);\n'
_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n|[ \t]*/\*.*?\*/", re.MULTILINE | re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*//.*\n|(?<=[;,{}()\[\]]) //.*$", re.MULTILINE)
_BLANKS = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|/(?![*/ ])(?:\\.|[^/\\\n])+/(?=[.,;)]))"""  # strings and patterns stay
    r"|^[ \t]+|^\n|(?<=[;{(\[,])\n| (?=[-+*/%=<>!&|?:,;(){}\[\]])|(?<=[-+*/%=<>!&|?:,;(){}\[\]]) ",
    re.MULTILINE,
)
_CSS_BLANKS = re.compile(r"""("[^"]*")|\s*([{};,])\s*|(?<=:)\s""")


@cache
def asset(name: str) -> str:
    """The text of a file of the player.

    Args:
        name: One of `ASSETS`, or `DOCK_SCRIPT`.
    """
    return _script() if name == SCRIPT else _CSS_BLANKS.sub(r"\1\2", _COMMENT.sub("", _source(name)))


def style_sheet_link(url: str) -> str:
    """The link to the style sheet, for the head. The URL is relative to the page."""
    return f'<link rel="stylesheet" href="{escape(url)}">\n'


def with_script(player: str, url: str, strings: str) -> str:
    """A player with the script element for `player.js`, which holds the texts of all players of the page.

    The script is in the content, not in the head. A theme that replaces the content without loading the page anew
    (Material's instant navigation) runs scripts in the content only.

    Args:
        player: The first player of a page.
        url: Of the script, relative to the page.
        strings: The script's texts in the language of the page, as JSON.
    """
    return f'{player}\n<script src="{escape(url)}" data-speak-strings="{escape(strings)}" defer></script>'


def _script() -> str:
    """The modules of the script as one, in a scope of its own, without comments and blanks: a third less to load."""
    source = "".join(_source(f"script/{module}.js") for module in SCRIPT_MODULES)
    code = _BLANKS.sub(r"\1", _COMMENT.sub("", _LINE_COMMENT.sub("", source)))
    return f'{_HEADER}"use strict";\n{_IS_FIRST}{{\n{code}{_DEFINE}}}\n'


def _source(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")
