"""The player's texts for readers and assistive technology, in each language, and the direction of languages.

The texts are in `ui_strings.json`, for every language of the service.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH = "en"

_OTHER_CODES = {"nb": "no", "nn": "no", "in": "id"}
"""Other codes of the table's languages: the two forms of Norwegian, and Indonesian until 1989."""

_RIGHT_TO_LEFT = frozenset("ar he iw fa ur ps sd ug yi dv ckb".split())
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab aran hebr mand nkoo rohg samr syrc thaa".split())

_SCRIPT = re.compile(r"[a-z]{4}")


@dataclass(frozen=True, slots=True)
class UiStrings:
    """The player's texts in the language of the page, which may differ from that of the clip.

    Attributes:
        play: The button that starts or resumes.
        pause: The same button while it plays.
        position: The slider.
        speed: The list of speeds.
        more: The button that opens the menu.
        previous: The button for the clip before.
        next: The button for the clip after.
        back: The button that skips ten seconds back.
        forward: The button that skips ten seconds forward.
        play_page: Plays all clips of the page in turn.
        copy_link: Copies a link to this moment.
        link_copied: Shown when the link is copied.
        download: Downloads the clip.
        close: Closes the bar.
        player: The accessible name of the bar.
        failed: Shown when a clip cannot be played.
        listen: The title of a player whose block has none.
        transcript: The label of the text.
        this_page: The title of the player of the whole page.
        draft: The note on a clip by the offline voice, under `mkdocs serve`.
        synthetic: The disclosure that the voice is synthetic.
    """

    play: str
    pause: str
    position: str
    speed: str
    more: str
    previous: str
    next: str
    back: str
    forward: str
    play_page: str
    copy_link: str
    link_copied: str
    download: str
    close: str
    player: str
    failed: str
    listen: str
    transcript: str
    this_page: str
    draft: str
    synthetic: str


@cache
def ui_strings_for(language: str | None) -> UiStrings:
    """The texts in a language, or in English if there are none.

    Args:
        language: A BCP 47 tag such as `pt-BR`. `de_CH`, `auto` and None are allowed.
    """
    return pick_ui_strings(_tables(), language)


def pick_ui_strings(tables: Mapping[str, Mapping[str, str]], language: str | None) -> UiStrings:
    """A language's texts from some tables. What is missing is in English.

    Args:
        tables: For each language code, its texts by name. English has all of them.
        language: As for `ui_strings_for`.
    """
    return UiStrings(**{**tables[ENGLISH], **tables.get(_code(language or ENGLISH), {})})


def is_same_language(tag: str, other: str) -> bool:
    """Whether two tags name the same language, of any region."""
    return _code(tag) == _code(other)


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left. A script in its tag decides, if there is one."""
    primary, *rest = _subtags(language)
    for subtag in rest:
        if len(subtag) == 1:  # the rest is an extension, such as that for digits in `ar-u-nu-latn`
            break
        if _SCRIPT.fullmatch(subtag):
            return subtag in _RIGHT_TO_LEFT_SCRIPTS
    return primary in _RIGHT_TO_LEFT


def primary_subtag(tag: str) -> str:
    """The language of a tag, in lower case: `pt` for `pt-BR` and `PT_br`."""
    return _subtags(tag)[0]


def _code(tag: str) -> str:
    """The code that the tables have for a tag's language."""
    code = primary_subtag(tag)
    return _OTHER_CODES.get(code, code)


def _subtags(tag: str) -> list[str]:
    return tag.lower().replace("_", "-").split("-")


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("mkdocs_lightning.player").joinpath("ui_strings.json").read_text(encoding="utf-8")
    tables: Mapping[str, Mapping[str, str]] = json.loads(text)
    return tables
