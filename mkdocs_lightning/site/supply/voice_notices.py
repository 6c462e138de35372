"""Warnings of voices, each with the first place that needs the voice: told before anything is sent in it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, printable_path
from mkdocs_lightning.engines import costs_nothing, voice_warnings
from mkdocs_lightning.reading.settings.catalogue import RETIRES_ON
from mkdocs_lightning.reading.settings.languages import language_code
from mkdocs_lightning.reading.settings.voice_settings import as_written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.site.spoken_block import BlockUse, SourcePage

VOICE_LOGGER = logging.getLogger("mkdocs_lightning.voices")
"""Not MkDocs' own: the audio is paid for and the site complete, so that `--strict` must not fail."""


def voice_notices(
    engine: Engine, missing: Sequence[Segment], uses: Sequence[BlockUse], spoken: Iterable[Segment] = ()
) -> Mapping[str, str]:
    """Each warning of the voices of some missing segments, in alphabetical order, with the place that needs it first.

    Args:
        engine: Knows the voices.
        missing: What is to be sent.
        uses: The blocks that need them, as far as they are known.
        spoken: What else is warned of if its model retires, though it is cached, as the next edit may be refused.
    """
    found: dict[str, str] = {}
    retiring = (segment for segment in spoken if segment.voice.model in RETIRES_ON)
    for voice in dict.fromkeys(segment.voice for segment in (*missing, *retiring)):
        for warning in voice_warnings(engine, [voice]):
            place = place_of_voice(voice, uses)
            found.setdefault(warning, f"{warning}; needed first in {place}" if place else warning)
    for warning, place in _detected_languages(engine, missing, uses).items():
        found[warning] = f"{warning}; needed first in {place}"
    return dict(sorted(found.items()))


def _detected_languages(engine: Engine, missing: Iterable[Segment], uses: Sequence[BlockUse]) -> Mapping[str, str]:
    """Each warning of pages that the site's `language: auto` takes from their native voices, with the first such page.

    Native voices would speak these pages: whoever sets `language: auto` for pages in one more language loses them all.
    """
    detected = {each for each in missing if each.voice.language == "auto" and not costs_nothing(engine, each.voice)}
    found: dict[str, str] = {}
    for use in uses if detected else ():
        page = use.location.page
        if page is None or (settings := page.settings) is None or (locale := settings.locale) is None:
            continue
        if language_code(locale) is None or use.block.voice.language != "auto":
            continue
        is_of_site = use.block.options.voice.language is None and settings.voice.language is None
        if is_of_site and not detected.isdisjoint(use.block.clip.segments):
            speaker = use.block.voice.voice_id
            found.setdefault(
                f"pages have language: auto from the site's options: voice_id {speaker!r} speaks them, in the "
                "language that the service detects. If only some pages are in a language that Lightning does not "
                f"speak, remove language: auto from the site's options, and {page.way_to_language}",
                str(use.location),
            )
    return found


def place_of_voice(voice: Voice, uses: Sequence[BlockUse]) -> str:
    """The first place that needs a voice; on a narrated page the line of the first element that asks for it.

    Args:
        voice: The voice.
        uses: All blocks and narrated pages, as far as they are known.
    """
    use = next((use for use in uses if any(s.voice == voice for s in use.block.clip.segments)), None)
    if use is None:
        return ""
    page = use.location.page
    if page and use.block.is_page and (line := _line_of_element(voice, use.block.voice, page)):
        return f"{printable_path(page.uri)}:{line}"
    return str(use.location)


def _line_of_element(voice: Voice, usual: Voice, page: SourcePage) -> int | None:
    """The line of the first element of a page that sets what a voice has and the page's own has not."""
    different = [name for name in ("voice_id", "language") if getattr(voice, name) != getattr(usual, name)]
    if not different:
        return None
    from mkdocs_lightning.reading.grammar.setting_lines import find_setting

    errors = (SettingError(name, "", written=as_written(name, getattr(voice, name))) for name in different)
    source = page.read_source()
    return next((line for error in errors if (line := find_setting(source, error))), None)


class VoiceNotices:
    """Tells of each warning once, on standard error.

    Args:
        engine: Knows the voices.
        told: The warnings that were told already; those that this tells are added.
    """

    def __init__(self, engine: Engine, told: set[str]) -> None:
        self._engine = engine
        self._told = told

    def tell(self, missing: Sequence[Segment], uses: Sequence[BlockUse]) -> None:
        """Tell of the voices of some segments that are sent next; as `voice_notices`."""
        notices = voice_notices(self._engine, missing, uses)
        for warning, notice in notices.items():
            if warning not in self._told:
                VOICE_LOGGER.warning("%s", notice)
        self._told.update(notices)
