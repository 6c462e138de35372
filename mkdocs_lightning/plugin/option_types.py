"""Option types that MkDocs does not have."""

from __future__ import annotations

from mkdocs.config import config_options as c
from mkdocs.config.base import BaseConfigOption, ValidationError

from mkdocs_lightning.audio.formats import LOUDEST, SOFTEST
from mkdocs_lightning.base.errors import shown


class WholeNumber(c.OptionallyRequired[int]):
    """A whole number of at least `least`, also as text, as `!ENV` gives it; true and false are refused."""

    def __init__(self, *, least: int, default: int | None = None) -> None:
        super().__init__(default=default)
        self.least = least

    def run_validation(self, value: object) -> int:
        """The checked value."""
        return _whole_number(value, self.least)


class Concurrency(c.OptionallyRequired[int | None]):
    """A whole number of 1 or more, or `auto`, whose value is None."""

    def run_validation(self, value: object) -> int | None:
        """The checked value."""
        return None if value == "auto" else _whole_number(value, 1, "'auto' or ")


def _whole_number(value: object, least: int, alternative: str = "") -> int:
    try:
        number = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or number < least:
        raise ValidationError(f"{shown(value)} is not {alternative}a whole number of {least} or more")
    return number


class Seconds(c.OptionallyRequired[float]):
    """A number of seconds above 0."""

    def run_validation(self, value: object) -> float:
        """The checked value."""
        try:
            seconds = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
        except (ValueError, OverflowError):
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            raise ValidationError(f"{shown(value)} is not a number of seconds")
        return seconds


class Loudness(c.OptionallyRequired[float | None]):
    """A loudness in LUFS that speech can have, also as text, as `!ENV` gives it; or `none`, whose value is None."""

    def run_validation(self, value: object) -> float | None:
        """The checked value."""
        if value == "none":
            return None
        try:
            loudness = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
        except (ValueError, OverflowError):
            loudness = 0.0
        if not SOFTEST <= loudness <= LOUDEST:
            raise ValidationError(f"{shown(value)} is not 'none' or a loudness from {SOFTEST:g} to {LOUDEST:g} LUFS")
        return loudness


class AnyValue(BaseConfigOption[object]):
    """Any value; `VoiceSettings` checks it, as it does for a block and for front matter."""
