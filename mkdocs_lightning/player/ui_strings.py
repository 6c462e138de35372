"""What the player says to the reader, and to assistive technology: each language's words, and how it is written.

Source of the words: `ui_strings.json`, every language that the service speaks (contract section 2.1).
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
"""What else the table's languages are called: both written Norwegians, and Indonesian until 1989."""

_RIGHT_TO_LEFT = frozenset("ar he iw fa ur ps sd ug yi dv ckb".split())
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab aran hebr mand nkoo rohg samr syrc thaa".split())

_SCRIPT = re.compile(r"[a-z]{4}")


@dataclass(frozen=True, slots=True)
class UiStrings:
    """The player's words in one language: the reader's, which need not be the one that is spoken.

    Attributes:
        play: The button that starts, or goes on.
        pause: The same button while it plays.
        position: The slider that seeks.
        speed: The choice of a speed.
        more: The button that opens the rest.
        previous: To the clip before.
        next: To the clip after.
        back: Ten seconds back.
        forward: Ten seconds on.
        play_page: To play all clips of the page, one after the other.
        copy_link: To copy an address that starts here.
        link_copied: Said once that is done.
        download: To save the clip.
        close: To close the player.
        player: The name of the region.
        failed: Said where a clip cannot be played.
        listen: What a player without a title of its own invites to.
        transcript: The text of what is said.
        this_page: The title of the player that speaks the whole page.
        draft: The mark on the offline voice.
        synthetic: The disclosure that no human reads.
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
    """The words in a language, or in English where there are none.

    Args:
        language: A BCP 47 tag, such as `pt-BR`; `de_CH`, `auto` and None will do.
    """
    return pick_ui_strings(_tables(), language)


def pick_ui_strings(tables: Mapping[str, Mapping[str, str]], language: str | None) -> UiStrings:
    """A language's words out of some tables; English where the language, or a word of it, is missing.

    Args:
        tables: For a language's code, its words by name; English has them all.
        language: As for `ui_strings_for`.
    """
    return UiStrings(**{**tables[ENGLISH], **tables.get(_code(language or ENGLISH), {})})


def is_same_language(tag: str, other: str) -> bool:
    """Whether two tags name one language, in whatever region it is spoken."""
    return _code(tag) == _code(other)


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left, in its tag's script where that names one."""
    primary, *rest = _subtags(language)
    for subtag in rest:
        if len(subtag) == 1:  # an extension follows, such as that of the digits in `ar-u-nu-latn`
            break
        if _SCRIPT.fullmatch(subtag):
            return subtag in _RIGHT_TO_LEFT_SCRIPTS
    return primary in _RIGHT_TO_LEFT


def primary_subtag(tag: str) -> str:
    """A tag's language without its region and the rest: `pt` of `pt-BR` and of `PT_br`."""
    return _subtags(tag)[0]


def _code(tag: str) -> str:
    """A tag's language as the table calls it."""
    code = primary_subtag(tag)
    return _OTHER_CODES.get(code, code)


def _subtags(tag: str) -> list[str]:
    return tag.lower().replace("_", "-").split("-")


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("mkdocs_lightning.player").joinpath("ui_strings.json").read_text(encoding="utf-8")
    tables: Mapping[str, Mapping[str, str]] = json.loads(text)
    return tables
