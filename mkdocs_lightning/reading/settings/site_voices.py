"""Who speaks on a site, where its blocks, pages and folders do not say it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.settings.catalogue import LANGUAGE_VOICES, is_cloned, pool_of_model, voice_pools
from mkdocs_lightning.reading.settings.languages import language_code
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SiteVoices:
    """Who speaks on a site, where blocks, pages and folders do not say it.

    Attributes:
        everywhere: The site's settings.
        by_language: Those for single languages, by code (the option `voices`).
    """

    everywhere: VoiceSettings = NO_SETTINGS
    by_language: Mapping[str, VoiceSettings] = field(default_factory=dict)

    def complete(self, settings: VoiceSettings, locale: str | None = None) -> VoiceSettings:
        """The settings of one place with those of the site below them.

        The site's voice for a language speaks where a nearer place sets the language, but neither a voice nor a model.

        Args:
            settings: What is set there and around it: at the element, in the block, on the page and in its folders.
            locale: The language that the page is written in, such as `de` or `pt-BR`, if that is known: it counts
                where no language is set.
        """
        is_set = settings.language not in {None, "auto"}
        of_language = self.of(settings.language if is_set else locale or self.everywhere.language or "en")
        names_speaker = settings.voice_id is not None or settings.model is not None
        is_of_another_model = of_language.model is not None and settings.language not in self.by_language
        if names_speaker or (is_set and is_of_another_model):  # the site's own model speaks the language, too
            of_language = replace(of_language, voice_id=None, model=None)
        return settings.over(of_language).over(self.everywhere)

    def merge(self, settings: VoiceSettings, locale: str | None = None) -> VoiceSettings:
        """The settings of one place over the site's, without a voice where one for their language speaks.

        For a page that is read again by a program that knows the option `voices`.

        Args:
            settings: As in `complete`.
            locale: Likewise, but it does not count against a language that the site sets.
        """
        merged = settings.over(self.everywhere)
        completed = self.complete(settings, None if self.everywhere.language else locale)
        if merged.voice_id == completed.voice_id:
            return merged
        return replace(merged, voice_id=None, model=merged.model if merged.model == completed.model else None)

    def of(self, locale: str | None) -> VoiceSettings:
        """The settings for one language, as far as they differ from the site's.

        Args:
            locale: Such as `de` or `pt-BR`.
        """
        language = language_code(locale or "")
        if language is None:
            return NO_SETTINGS
        chosen = self.by_language.get(language, NO_SETTINGS)
        if (self.everywhere.language or "en") not in {"auto", language}:
            voice_id = LANGUAGE_VOICES.get(language) if chosen.model is None and self._may_change else None
            chosen = chosen.over(VoiceSettings(language=language, voice_id=voice_id))
        return self._with_model(chosen)

    @property
    def _may_change(self) -> bool:
        """Whether another voice may be chosen: not in place of a cloned one, nor for a model that we do not know."""
        model = self.everywhere.model
        return not is_cloned(self.everywhere.voice_id or "") and (model is None or pool_of_model(model) is not None)

    def _with_model(self, chosen: VoiceSettings) -> VoiceSettings:
        """Settings of a language, with their voice's model where the site's model does not have this voice."""
        model = self.everywhere.model
        if not chosen.voice_id or chosen.model is not None or not model:
            return chosen
        pool = voice_pools().get(chosen.voice_id)
        return replace(chosen, model=None if pool == pool_of_model(model) else pool)
