"""The models of the service, their voices and languages, as this version knows them.

Source: the service's documentation of its request, its languages and its voices, November 2026.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDARD_MODEL = "lightning_v3.1"
PRO_MODEL = "lightning_v3.1_pro"
RETIRES_ON = {STANDARD_MODEL: date(2026, 11, 30)}
"""The models that will reportedly be retired, with the day."""

DEFAULT_VOICES = {PRO_MODEL: "kaitlyn", STANDARD_MODEL: "magnus"}

LANGUAGE_VOICES = {
    "en": "kaitlyn", "es": "martina", "fr": "manon", "de": "hanna", "it": "silvia", "pt": "juliana", "pl": "ewa",
    "ru": "anastasia", "hi": "meher", "mr": "mrunal", "gu": "krupa", "pa": "jasleen", "bn": "rajib", "or": "sasmita",
    "ta": "malar", "te": "sravani", "kn": "spoorthi", "ml": "parvathy", "el": "katerina", "fi": "aino", "no": "solveig",
    "zh": "hazel", "ja": "aria", "ko": "june", "id": "nora", "ms": "sasha", "vi": "kai", "tr": "beau", "ar": "layla",
}  # fmt: skip
"""A native voice of the catalog for each language; there is none for Dutch and Swedish."""

_STANDARD_LANGUAGES = "en es fr de it nl sv pt pl ru hi mr gu pa bn or ta te kn ml".split()
LANGUAGES = {
    STANDARD_MODEL: (*_STANDARD_LANGUAGES, "auto"),
    PRO_MODEL: (*_STANDARD_LANGUAGES, *"el fi no zh ja ko id ms vi tr ar".split(), "auto"),
}
"""The language codes of each pool of voices."""

_CLONE_PREFIX = "voice_"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVoice:
    """A voice of the catalogue.

    Attributes:
        model: The model whose pool owns it.
        languages: Codes, that of its home first.
        accent: Such as `british`; None if it is not known.
        gender: Likewise.
    """

    model: str
    languages: tuple[str, ...]
    accent: str | None = None
    gender: str | None = None


@cache
def catalogue() -> Mapping[str, KnownVoice]:
    """The voices that this version knows, by voice_id."""
    table = resources.files("mkdocs_lightning.reading.settings").joinpath("voices.json").read_text(encoding="utf-8")
    return {
        voice_id: KnownVoice(**{**entry, "languages": tuple(entry["languages"])})
        for voice_id, entry in json.loads(table).items()
    }


@cache
def voice_pools() -> Mapping[str, str]:
    """For each voice_id of the catalog, the model whose pool owns it."""
    return {voice_id: voice.model for voice_id, voice in catalogue().items()}


def speaks(voice_id: str, language: str) -> bool:
    """Whether a voice may speak a language as a native: false only if the catalogue has others that do."""
    voice = catalogue().get(voice_id)
    return voice is None or language in voice.languages or language not in LANGUAGE_VOICES


def pool_of_model(model: str) -> str | None:
    """The pool of voices that a model uses; None for a model that this package does not know."""
    if model == STANDARD_MODEL:
        return STANDARD_MODEL
    return PRO_MODEL if model.startswith(PRO_MODEL) else None  # dated checkpoints share the pool


def check_model_spelling(model: str) -> None:
    """Check that a model that this package knows is spelled as in requests; addresses have `lightning-v3.1`.

    Raises:
        SettingError: It is not.
    """
    spelling = model.strip().lower().replace("-", "_")
    if spelling != model and pool_of_model(spelling):
        raise SettingError("model", f"{model!r} is not a model; write {spelling!r}")


def is_cloned(voice_id: str) -> bool:
    """Whether a voice_id names a cloned voice, of which no table knows."""
    return voice_id.startswith(_CLONE_PREFIX)


def default_voice(model: str, language: str) -> str:
    """The voice_id where nobody names one: a native voice of the language, if the catalog has one for the model."""
    pool = pool_of_model(model)
    native = LANGUAGE_VOICES.get(language) if pool == PRO_MODEL else None
    return native or DEFAULT_VOICES[pool or PRO_MODEL]
