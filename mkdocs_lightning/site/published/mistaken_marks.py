"""Finds the element in a page's HTML whose `data-speak-voice` has a setting that cannot be used."""

from __future__ import annotations

from mkdocs_lightning.base.errors import SettingError, printable
from mkdocs_lightning.base.html_scanner import tags
from mkdocs_lightning.reading.grammar.element_settings import VOICE_ATTRIBUTE, settings_in_mark, written_in_mark

_LONGEST = 100


def find_mark(html: str, error: SettingError) -> tuple[SettingError, int | None]:
    """An error with a message that names the attribute as it is written, and its line in the HTML, from 1.

    Args:
        html: The page.
        error: What is wrong with a setting on it.

    Returns:
        The same error and None if no attribute has the setting.
    """
    for tag in tags(html):
        mark = tag.attributes.get(VOICE_ATTRIBUTE, "") if VOICE_ATTRIBUTE in tag.written.lower() else ""
        if any(written_in_mark(name, value) == error.written for name, value in settings_in_mark(mark).items()):
            message = f'data-speak-voice="{printable(mark[:_LONGEST])}": {error}'
            fix = "Correct data-speak-voice" if error.fix == f"Correct {error.setting}" else error.fix
            line = html.count("\n", 0, tag.start) + 1
            return SettingError(error.setting, message, written=error.written, fix=fix), line
    return error, None
