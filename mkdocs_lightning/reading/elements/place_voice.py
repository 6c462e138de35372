"""The voice of a place in a text: what the elements around it set, and the languages that they say they are in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.settings.languages import language_code
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Callable


def _nobody_speaks(_settings: VoiceSettings) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class PlaceVoice:
    """The voice settings at one place of a text; by default, at its start.

    Attributes:
        text_language: The language of the whole text: a code, or `auto`.
        speaks: Whether there is a voice for the settings of an element. If not, `lang` has no effect there.
        own: The voice settings of the elements around the place, the innermost over the others.
        lang: The language that `lang` of one of them sets; None if nothing does, or a setting inside it does.
    """

    text_language: str
    speaks: Callable[[VoiceSettings], bool] = _nobody_speaks
    own: VoiceSettings = NO_SETTINGS
    lang: str | None = None

    @property
    def settings(self) -> VoiceSettings:
        """The voice settings, which differ from those of the whole text."""
        if self.lang is None:
            return self.own
        changed = replace(self.own, language=self.lang)
        return changed if self.speaks(changed) else self.own

    @property
    def language(self) -> str:
        """The language, as a code or `auto`."""
        return self.settings.language or self.text_language

    def with_settings(self, settings: VoiceSettings) -> PlaceVoice:
        """Those inside an element with settings of its own."""
        return replace(self, own=settings.over(self.own), lang=None if settings.language else self.lang)

    def with_lang(self, lang: str) -> PlaceVoice:
        """Those inside an element with this attribute `lang`."""
        language, around = language_code(lang), self.language
        if language in {None, around} or around == "auto":  # which detects the language of each sentence
            return self
        return replace(self, lang=language)

    def of_block(self, settings: VoiceSettings) -> PlaceVoice:
        """Those inside a block of the page, whose own player knows nothing of the elements around it."""
        return replace(self, own=settings, lang=None)
