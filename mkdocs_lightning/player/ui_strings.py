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

    Some have placeholders, which whoever shows them fills in: `{time}` is a clock such as 1:05, `{title}` that of a
    clip or chapter, `{number}` a whole number.

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
        draft: The note on a clip by the offline voice, under `mkdocs serve`.
        synthetic: The disclosure that the voice is synthetic.
        follow: The button that scrolls to the sentence being heard and follows the voice again.
        resume: The button that continues where the reader stopped, at `{time}`.
        from_start: The button beside it that begins anew.
        loading: Shown while a clip is on its way.
        play_on: The switch to go on with the next page when this one ends.
        chapters: The title of the list of chapters.
        chapter_of: Names the chapter that is heard, by its `{title}`.
        keys: The title of the list of keys.
        copy_this: The label of a link that the browser did not let the script copy.
        click_to_play: Shown where a link to a moment may not start the clip by itself.
        no_seek: Shown when the server sends a clip only whole.
        play_from_here: The button that starts at a sentence.
        play_clip: The accessible name of a clip's button that starts or resumes, with its `{title}`.
        pause_clip: The same while it plays.
        time_left: The button that shows how much is left of a clip.
        time_total: The same button, which goes back to the duration.
        listen_to_page: The title of the player of the whole page.
        minutes: Its duration beside it, as a `{number}` of minutes.
        key_play: What a key does: start or stop.
        key_skip: What two keys do: skip a `{number}` of seconds.
        key_sentence: What two keys do: go from sentence to sentence.
        key_speed: What two keys do: change the speed.
        key_player: What a key does: move the focus to the player.
        key_help: What a key does: show the list of keys.
        retry: Shown when the network failed.
        volume: The slider of the volume.
        repeat: The switch to play a clip again and again.
        muted: Shown while nothing is heard, as the reader has muted the players.
        key_mute: What a key does: mute the players, or not.
        key_tenth: What ten keys do: go to a tenth of the clip.
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
    draft: str
    synthetic: str
    follow: str
    resume: str
    from_start: str
    loading: str
    play_on: str
    chapters: str
    chapter_of: str
    keys: str
    copy_this: str
    click_to_play: str
    no_seek: str
    play_from_here: str
    play_clip: str
    pause_clip: str
    time_left: str
    time_total: str
    listen_to_page: str
    minutes: str
    key_play: str
    key_skip: str
    key_sentence: str
    key_speed: str
    key_player: str
    key_help: str
    retry: str
    volume: str
    repeat: str
    muted: str
    key_mute: str
    key_tenth: str

    def page_title(self, seconds: float) -> str:
        """The title of the player of a whole page, such as "Listen to this page · 5 min"."""
        minutes = self.minutes.replace("{number}", str(max(1, round(seconds / 60))))
        return f"{self.listen_to_page} · {minutes}"


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


def direction_of(language: str) -> str:
    """`rtl` for a language that is written from right to left, else `ltr`."""
    return "rtl" if is_right_to_left(language) else "ltr"


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
