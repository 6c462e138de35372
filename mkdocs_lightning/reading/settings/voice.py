"""Voices: everything besides the text that changes how a sentence sounds, with the values that the service allows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, listed
from mkdocs_lightning.reading.settings.catalogue import (
    LANGUAGES,
    PRO_MODEL,
    STANDARD_MODEL,
    check_model_spelling,
    default_voice,
    is_cloned,
    pool_of_model,
    voice_pools,
)
from mkdocs_lightning.reading.settings.languages import language_advice, language_code
from mkdocs_lightning.reading.settings.voice_settings import as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

SAMPLE_RATES = (8000, 16000, 24000, 44100)
"""Hz; what the service can produce."""

SPEED_RANGE = (0.5, 2.0)

_DICTIONARY_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)
_VOICE_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,127}")
_LIVE_MODEL = re.compile(r"lightning[_-]v4(?:[_-].*)?", re.IGNORECASE)
_LIVE_VOICES = frozenset(["brannock", "rhodes"])
"""Voices of `lightning_v4`."""
_LIVE_ONLY = "is offered over a WebSocket only, not over the REST API, which takes whole sentences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A complete and checked voice: everything besides the text that decides how a segment sounds.

    Attributes:
        model: The model, whether this package knows it or not.
        voice_id: A voice of the catalog, a cloned voice, or one that this package does not know.
        language: A language code, or `auto`.
        speed: Speed multiplier, 0.5 to 2.
        sample_rate: Hz.
        pronunciation_dicts: Ids of the service's pronunciation dictionaries, 24 hexadecimal digits each.
        number_pronunciation_language: A language code; None for that of the text.
        math_notation: Whether formulas are spoken.

    Raises:
        SettingError: The service would refuse a value.
    """

    model: str
    voice_id: str
    language: str = "en"
    speed: float = 1.0
    sample_rate: int = 24000
    pronunciation_dicts: tuple[str, ...] = ()
    number_pronunciation_language: str | None = None
    math_notation: bool = False

    def __post_init__(self) -> None:
        pool = pool_of_model(self.model)
        if _LIVE_MODEL.fullmatch(self.model):
            raise SettingError("model", f"{self.model!r} {_LIVE_ONLY}: set model to {PRO_MODEL}")
        check_model_spelling(self.model)
        if not _VOICE_ID.fullmatch(self.voice_id):
            raise SettingError(
                "voice_id", f"{self.voice_id!r} is not a voice_id: it may have letters, digits, '_', '-' and '.'"
            )
        if pool and self.voice_id in _LIVE_VOICES:
            raise SettingError(
                "voice_id",
                f"voice {self.voice_id!r} belongs to lightning_v4, which {_LIVE_ONLY}: choose a voice of {self.model}, "
                f"such as {default_voice(self.model, self.language)!r}",
            )
        owner = voice_pools().get(self.voice_id)
        if pool and owner and owner != pool:
            raise SettingError(
                "voice_id",
                f"voice {self.voice_id!r} belongs to {owner}, not to {self.model}: "
                f"set model to {owner}, or choose a voice of {self.model}, "
                f"such as {default_voice(self.model, self.language)!r}",
            )
        known = sorted(LANGUAGES.get(pool or PRO_MODEL, ()))
        self._check_language("language", self.language, known)
        if self.number_pronunciation_language is not None:
            self._check_language("number_pronunciation_language", self.number_pronunciation_language, known)
        low, high = SPEED_RANGE
        if not low <= self.speed <= high:
            raise SettingError("speed", f"{self.speed} is out of range: {low} to {high}")
        if self.sample_rate not in SAMPLE_RATES:
            raise SettingError("sample_rate", f"{self.sample_rate} is not one of {listed(SAMPLE_RATES)} (Hz)")
        for dictionary in self.pronunciation_dicts:
            if not _DICTIONARY_ID.fullmatch(dictionary):
                raise SettingError("pronunciation_dicts", f"{dictionary!r} is not an id of 24 hexadecimal digits")

    def _check_language(self, setting: str, language: str, known: Collection[str]) -> None:
        if language not in known:
            is_detected = setting == "language" and language_code(language) is None
            spoken = [each for each in known if each != "auto"]
            otherwise = "write 'auto' to have it detected, or one of" if is_detected else "its languages are"
            advice = language_advice(language, spoken, otherwise)
            raise SettingError(setting, f"{language!r} is not a language of {self.model}; {advice}")


def check_alone(settings: VoiceSettings) -> None:
    """Check the values that no setting of another place could make right, such as a speed that no voice has.

    Raises:
        SettingError: The service would refuse one.
    """
    resolve_voice(replace(settings, voice_id=None, language=None, number_pronunciation_language=None))


@lru_cache(maxsize=256)  # a site has few voices, and each of its blocks holds one
def resolve_voice(settings: VoiceSettings) -> Voice:
    """The voice for some settings.

    A missing model is derived from the voice_id, and a missing voice_id from model and language.

    Raises:
        SettingError: The service would refuse a value.
    """
    model = settings.model or _model_of_voice(settings.voice_id)
    language = settings.language or "en"
    return Voice(
        model=model,
        voice_id=settings.voice_id or default_voice(model, language),
        language=language,
        speed=1.0 if settings.speed is None else settings.speed,
        sample_rate=24000 if settings.sample_rate is None else settings.sample_rate,
        pronunciation_dicts=settings.pronunciation_dicts or (),
        number_pronunciation_language=settings.number_pronunciation_language,
        math_notation=settings.math_notation or False,
    )


def is_usable(settings: VoiceSettings) -> bool:
    """Whether there is a voice for some settings: the service would refuse none of their values."""
    try:
        resolve_voice(settings)
    except SettingError:
        return False
    return True


def move_voice(voice: Voice, model: str, voice_id: str | None = None) -> Voice:
    """The voice that takes the place of another when a site moves to a model.

    Args:
        voice: Of today.
        model: To move to.
        voice_id: Who speaks from then on; None to keep a voice that the model has, or may have, and to have any other
            replaced by the model's default.

    Raises:
        SettingError: The model does not speak the voice's language, or does not have the voice_id.
    """
    owner, pool = voice_pools().get(voice.voice_id), pool_of_model(model)
    is_kept = owner is None or pool is None or owner == pool
    kept = voice.voice_id if is_kept else default_voice(model, voice.language)
    return replace(voice, model=model, voice_id=voice_id or kept)


def resolve_voices(
    overrides: Iterable[VoiceSettings],
    settings: VoiceSettings,
    complete: Callable[[VoiceSettings], VoiceSettings] = lambda settings: settings,
) -> tuple[Voice, ...]:
    """The voice for each of some settings over others, such as those of a block's sentences over the block's.

    Args:
        overrides: Those over the others.
        settings: The others.
        complete: Adds what the site sets.

    Raises:
        SettingError: The service would refuse a value; if it is an override's, the error has it.
    """
    voices: dict[VoiceSettings, Voice] = {}  # as most sentences of a script have the same
    resolved = []
    for override in overrides:
        if override not in voices:
            try:
                voices[override] = resolve_voice(complete(override.over(settings)))
            except SettingError as error:
                value = getattr(override, error.setting)
                written = None if value is None else as_written(error.setting, value)
                raise SettingError(error.setting, str(error), written=written, fix=error.fix) from error
        resolved.append(voices[override])
    return tuple(resolved)


def _model_of_voice(voice_id: str | None) -> str:
    if voice_id is None:
        return PRO_MODEL
    if is_cloned(voice_id):
        raise SettingError(
            "voice_id",
            f"{voice_id!r} is a cloned voice, which works only with the model that it was cloned for, and its name "
            f"does not say which model that is: set model as well, to {STANDARD_MODEL} or {PRO_MODEL}; "
            "'mkdocs-lightning voices --live' lists your cloned voices with their models",
            fix="Set model",
        )
    return voice_pools().get(voice_id, PRO_MODEL)  # new voices are voices of the newest model
