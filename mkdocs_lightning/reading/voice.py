"""Voice settings: everything besides the text that changes how a sentence sounds, and the values that are allowed.

Source of the tables: the service's documentation of its request, its languages and its voices, November 2026.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError, listed, shown, unknown_name
from mkdocs_lightning.reading.languages import language_advice, language_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

STANDARD_MODEL = "lightning_v3.1"
PRO_MODEL = "lightning_v3.1_pro"
DEFAULT_VOICES = {PRO_MODEL: "kaitlyn", STANDARD_MODEL: "magnus"}

LANGUAGE_VOICES = {
    "en": "kaitlyn", "es": "martina", "fr": "manon", "de": "hanna", "it": "silvia", "pt": "juliana", "pl": "ewa",
    "ru": "anastasia", "hi": "meher", "mr": "mrunal", "gu": "krupa", "pa": "jasleen", "bn": "rajib", "or": "sasmita",
    "ta": "malar", "te": "sravani", "kn": "spoorthi", "ml": "parvathy", "el": "katerina", "fi": "aino", "no": "solveig",
    "zh": "hazel", "ja": "aria", "ko": "june", "id": "nora", "ms": "sasha", "vi": "kai", "tr": "beau", "ar": "layla",
}  # fmt: skip
"""A native voice of the catalogue for each language; there is none for Dutch and Swedish."""

SAMPLE_RATES = (8000, 16000, 24000, 44100)
"""Hz; what the service can produce."""

SPEED_RANGE = (0.5, 2.0)

_STANDARD_LANGUAGES = "en es fr de it nl sv pt pl ru hi mr gu pa bn or ta te kn ml".split()
LANGUAGES = {
    STANDARD_MODEL: (*_STANDARD_LANGUAGES, "auto"),
    PRO_MODEL: (*_STANDARD_LANGUAGES, *"el fi no zh ja ko id ms vi tr ar".split(), "auto"),
}
"""The language codes of each pool of voices."""

_DICTIONARY_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)
_VOICE_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,127}")
_LIVE_MODEL = re.compile(r"lightning[_-]v4(?:[_-].*)?", re.IGNORECASE)
_LIVE_VOICES = frozenset(["brannock", "rhodes"])
"""Voices of `lightning_v4`."""
_LIVE_ONLY = "is offered over a WebSocket only, not over the REST API, which takes whole sentences"
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
    table = resources.files("mkdocs_lightning.reading").joinpath("voices.json").read_text(encoding="utf-8")
    return {
        voice_id: KnownVoice(**{**entry, "languages": tuple(entry["languages"])})
        for voice_id, entry in json.loads(table).items()
    }


@cache
def voice_pools() -> Mapping[str, str]:
    """For each voice_id of the catalogue, the model whose pool owns it."""
    return {voice_id: voice.model for voice_id, voice in catalogue().items()}


def pool_of_model(model: str) -> str | None:
    """The pool of voices that a model uses; None for a model that this package does not know."""
    if model == STANDARD_MODEL:
        return STANDARD_MODEL
    return PRO_MODEL if model.startswith(PRO_MODEL) else None  # dated checkpoints share the pool


def is_cloned(voice_id: str) -> bool:
    """Whether a voice_id names a cloned voice, of which no table knows."""
    return voice_id.startswith(_CLONE_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """The voice settings made in one place: a block, a page, a folder or mkdocs.yml. None means not set."""

    model: str | None = None
    voice_id: str | None = None
    language: str | None = None
    speed: float | None = None
    sample_rate: int | None = None
    pronunciation_dicts: tuple[str, ...] | None = None
    number_pronunciation_language: str | None = None
    math_notation: bool | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Check settings from YAML (with types) or from a block's opening line (all text).

        Raises:
            SettingError: A name is unknown, or a value has the wrong type.
        """
        for name in raw:
            if name not in SETTING_NAMES:
                raise SettingError(name, unknown_name(name, SETTING_NAMES))
        return cls(
            model=_text(raw, "model"),
            voice_id=_text(raw, "voice_id"),
            language=_text(raw, "language"),
            speed=_number(raw, "speed"),
            sample_rate=_whole_number(raw, "sample_rate"),
            pronunciation_dicts=_texts(raw, "pronunciation_dicts"),
            number_pronunciation_language=_text(raw, "number_pronunciation_language"),
            math_notation=_flag(raw, "math_notation"),
        )

    def over(self, other: VoiceSettings) -> VoiceSettings:
        """Merge two settings; these win."""
        if self == NO_SETTINGS:
            return other
        if other == NO_SETTINGS:
            return self
        merged = {
            name: getattr(other, name) if getattr(self, name) is None else getattr(self, name) for name in SETTING_NAMES
        }
        return VoiceSettings(**merged)


SETTING_NAMES = tuple(field.name for field in fields(VoiceSettings))
NO_SETTINGS = VoiceSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A complete and checked voice: everything besides the text that decides how a segment sounds.

    Attributes:
        model: The model, whether this package knows it or not.
        voice_id: A voice of the catalogue, a cloned voice, or one that this package does not know.
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
        if not _VOICE_ID.fullmatch(self.voice_id):
            raise SettingError(
                "voice_id", f"{self.voice_id!r} is not a voice_id: it may have letters, digits, '_', '-' and '.'"
            )
        if pool and self.voice_id in _LIVE_VOICES:
            raise SettingError(
                "voice_id",
                f"voice {self.voice_id!r} belongs to lightning_v4, which {_LIVE_ONLY}: choose a voice of {self.model}, "
                f"such as {DEFAULT_VOICES[pool]!r}",
            )
        owner = voice_pools().get(self.voice_id)
        if pool and owner and owner != pool:
            raise SettingError(
                "voice_id",
                f"voice {self.voice_id!r} belongs to {owner}, not to {self.model}: "
                f"set model to {owner}, or choose a voice of {self.model}, such as {DEFAULT_VOICES[pool]!r}",
            )
        self._check_language("language", self.language, LANGUAGES.get(pool or PRO_MODEL, ()))
        if self.number_pronunciation_language is not None:
            spoken = LANGUAGES.get(pool or PRO_MODEL, ())
            self._check_language("number_pronunciation_language", self.number_pronunciation_language, spoken)
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
            advice = language_advice(language, known) or f"its languages are {listed(sorted(known))}"
            raise SettingError(setting, f"{language!r} is not a language of {self.model}; {advice}")


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


def default_voice(model: str, language: str) -> str:
    """The voice_id where nobody names one: a native voice of the language, if the catalogue has one for the model."""
    pool = pool_of_model(model)
    native = LANGUAGE_VOICES.get(language) if pool == PRO_MODEL else None
    return native or DEFAULT_VOICES[pool or PRO_MODEL]


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


def resolve_voices(overrides: Iterable[VoiceSettings], settings: VoiceSettings) -> tuple[Voice, ...]:
    """The voice for each of some settings over others, such as those of a block's sentences over the block's.

    Raises:
        SettingError: The service would refuse a value; if it is an override's, the error has it.
    """
    voices: dict[VoiceSettings, Voice] = {}  # as most sentences of a script have the same
    resolved = []
    for override in overrides:
        if override not in voices:
            try:
                voices[override] = resolve_voice(override.over(settings))
            except SettingError as error:
                value = getattr(override, error.setting)
                written = None if value is None else as_written(error.setting, value)
                raise SettingError(error.setting, str(error), written=written) from error
        resolved.append(voices[override])
    return tuple(resolved)


def as_written(name: str, value: object) -> str:
    """A setting as `name=value`, in one form for all spellings of a number or a list."""
    try:
        return f"{name}={float(str(value))}"
    except ValueError:
        texts = value if isinstance(value, tuple) else (str(value),)
        return f"{name}={','.join(texts).replace(' ', '').lower()}"


def settings_for_locale(locale: str, site: VoiceSettings, own: Mapping[str, VoiceSettings]) -> VoiceSettings:
    """The settings for pages of one language, which may differ from the site's. Settings of a page or block win.

    Args:
        locale: The page's language, such as `de` or `pt-BR`.
        site: The site's settings.
        own: The site's settings for single languages, by code (the option `voices`).
    """
    language = language_code(locale)
    if language is None:
        return NO_SETTINGS
    chosen = own.get(language, NO_SETTINGS)
    if (site.language or "en") not in {"auto", language}:
        voice_id = LANGUAGE_VOICES.get(language) if chosen.model is None and _may_change(site) else None
        chosen = chosen.over(VoiceSettings(language=language, voice_id=voice_id))
    if chosen.voice_id and chosen.model is None and site.model:  # which may not own this voice
        pool = voice_pools().get(chosen.voice_id)
        chosen = replace(chosen, model=None if pool == pool_of_model(site.model) else pool)
    return chosen


def _may_change(site: VoiceSettings) -> bool:
    """Whether another voice may be chosen: not in place of a cloned one, nor for a model that we do not know."""
    return not is_cloned(site.voice_id or "") and (site.model is None or pool_of_model(site.model) is not None)


def _model_of_voice(voice_id: str | None) -> str:
    if voice_id is None:
        return PRO_MODEL
    if is_cloned(voice_id):
        raise SettingError(
            "voice_id",
            f"{voice_id!r} is a cloned voice, which only the model speaks that it was cloned for, and its name does "
            f"not say which: set model, too, to {STANDARD_MODEL} or {PRO_MODEL}; 'mkdocs-lightning voices --live' "
            "lists your cloned voices with their models",
        )
    return voice_pools().get(voice_id, PRO_MODEL)  # new voices are voices of the newest model


def _text(raw: Mapping[str, object], name: str) -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if value is False and name.endswith("language"):  # YAML 1.1 reads the code of Norwegian, `no`, as a boolean
        return "no"
    if not isinstance(value, str) or not value.strip() or not value.strip().isprintable():
        raise SettingError(name, f"{shown(value)} is not a name")
    return value.strip()


def _texts(raw: Mapping[str, object], name: str) -> tuple[str, ...] | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise SettingError(name, f"{shown(value)} is not a list of ids")
    return tuple(value)


def _number(raw: Mapping[str, object], name: str) -> float | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass  # raised below
    raise SettingError(name, f"{shown(value)} is not a number")


def _whole_number(raw: Mapping[str, object], name: str) -> int | None:
    value = _number(raw, name)
    if value is None:
        return None
    if not value.is_integer():
        raise SettingError(name, f"{shown(raw[name])} is not a whole number")
    return int(value)


def _flag(raw: Mapping[str, object], name: str) -> bool | None:
    value = raw.get(name)
    if value is None or isinstance(value, bool):
        return value
    flags = {"true": True, "false": False}
    if isinstance(value, str) and value.lower() in flags:
        return flags[value.lower()]
    raise SettingError(name, f"{shown(value)} is neither true nor false")
