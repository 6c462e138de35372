"""Voice settings as they are written in one place: some of them, of the right kinds, not yet a voice."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError, shown, unknown_name

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


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

    def set_names(self) -> tuple[str, ...]:
        """The names of those that are set."""
        return tuple(name for name in SETTING_NAMES if getattr(self, name) is not None)

    @property
    def choose_speaker(self) -> bool:
        """Whether they say who speaks: by a voice, by a model, or by a language, which has a voice."""
        return bool(self.voice_id or self.model or self.language)

    def only(self, names: Container[str]) -> VoiceSettings:
        """Those of some names."""
        return VoiceSettings(**{name: getattr(self, name) for name in SETTING_NAMES if name in names})

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


def as_written(name: str, value: object) -> str:
    """A setting as `name=value`, in one form for all spellings of a number or a list."""
    try:
        return f"{name}={float(str(value))}"
    except ValueError:
        texts = value if isinstance(value, tuple) else (str(value),)
        return f"{name}={','.join(texts).replace(' ', '').lower()}"


def _text(raw: Mapping[str, object], name: str) -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if value is False and name.endswith("language"):  # YAML 1.1 reads the code of Norwegian, `no`, as a boolean
        return "no"
    if isinstance(value, list | dict):
        kind = "a list" if isinstance(value, list) else "a mapping"
        raise SettingError(name, f"{shown(value)} is {kind}; one name is expected")
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
