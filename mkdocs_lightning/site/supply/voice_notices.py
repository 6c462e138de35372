"""Warnings of voices, each with the first place that needs the voice: told before anything is sent in it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mkdocs_lightning.engines import voice_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.site.spoken_block import BlockUse

_log = logging.getLogger("mkdocs_lightning")
"""Not MkDocs' own: the audio is paid for and the site complete, so that `--strict` must not fail."""


def voice_notices(engine: Engine, missing: Iterable[Segment], uses: Sequence[BlockUse]) -> Mapping[str, str]:
    """The warnings of the voices of some missing segments, in alphabetical order; each with its whole text.

    Args:
        engine: Knows the voices.
        missing: What is to be sent.
        uses: The blocks that need them, as far as they are known.
    """
    found: dict[str, str] = {}
    for voice in dict.fromkeys(segment.voice for segment in missing):
        for warning in voice_warnings(engine, [voice]):
            place = _place_of(voice, uses)
            found.setdefault(warning, f"{warning}; needed first in {place}" if place else warning)
    return dict(sorted(found.items()))


def _place_of(voice: Voice, uses: Sequence[BlockUse]) -> str:
    return next((str(use.location) for use in uses if any(s.voice == voice for s in use.block.clip.segments)), "")


class VoiceNotices:
    """Tells of each warning once, on standard error.

    Args:
        engine: Knows the voices.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: set[str] = set()

    def tell(self, missing: Iterable[Segment], uses: Sequence[BlockUse]) -> None:
        """Tell of the voices of some segments that are sent next; as `voice_notices`."""
        notices = voice_notices(self._engine, missing, uses)
        for warning in notices.keys() - self._told:
            _log.warning("%s", notices[warning])
        self._told |= notices.keys()
