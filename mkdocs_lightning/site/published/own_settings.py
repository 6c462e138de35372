"""What a page of another program says in its `<meta name="lightning" content="narrate: true; speed: 1.1">`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.settings.page_settings import PageSettings
from mkdocs_lightning.site.lasting_slot import IN_SLOTS, text_in
from mkdocs_lightning.site.standalone_options import output_format_in

if TYPE_CHECKING:
    from mkdocs_lightning.audio.formats import OutputFormat

_PAIRS = re.compile(r";|,(?=\s*[a-z_]+\s*:)")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_FLAGS = {"true": True, "false": False}
_LIST = "pronunciation_dicts"
_OF_SITE = frozenset(["engine", "output_format"])
"""What a page may name, and all pages have to agree on."""


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """What a page says in its `<meta name="lightning">`.

    Attributes:
        of_page: Its voice, and whether it is narrated.
        of_blocks: The voice settings for its blocks that their slots do not have.
        engine: The engine of the whole site; None if the page names none.
        output_format: The format of the whole site; None likewise.
    """

    of_page: PageSettings
    of_blocks: PageSettings
    engine: str | None
    output_format: OutputFormat | None

    @classmethod
    def parse(cls, text: str) -> OwnSettings:
        """Read its `content`.

        Raises:
            SettingError: A setting is unknown, or has a value that it cannot have.
        """
        raw = _pairs(text)
        are_in_slots = raw.pop(IN_SLOTS, False) is True
        engine, output_format = text_in(raw, "engine") or None, output_format_in(raw)
        of_page = PageSettings.parse({name: value for name, value in raw.items() if name not in _OF_SITE})
        of_blocks = PageSettings() if are_in_slots else PageSettings(of_page.voice)
        return cls(of_page, of_blocks, engine, output_format)


def _pairs(text: str) -> dict[str, object]:
    """Settings as they stand in a `<meta>`: `name: value`, separated by semicolons or commas."""
    found: dict[str, object] = {}
    for pair in filter(str.strip, _PAIRS.split(text)):
        name, _, value = (part.strip() for part in pair.partition(":"))
        known: object = _FLAGS.get(value.lower(), _number(value))
        found[name] = value.split(",") if name == _LIST else known
    return found


def _number(text: str) -> float | str:
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
