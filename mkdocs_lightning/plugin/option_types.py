"""Option types that MkDocs does not have, or whose messages name Python's types instead of what an author writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from mkdocs.config import config_options as c
from mkdocs.config.base import BaseConfigOption, ValidationError

from mkdocs_lightning.audio.formats import LOUDEST, SOFTEST
from mkdocs_lightning.base.errors import listed, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")

_KINDS = {
    type(None): "nothing",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}
"""What YAML can hold, in words."""


class Kind(c.OptionallyRequired[_T], Generic[_T]):
    """A value of a type, or of one of several types.

    Args:
        types: The type or the types.
        expected: What is expected, in words. A wrong value is not repeated, as it may be a key.
        default: The default; an option that has none must be given.
    """

    def __init__(self, types: type[_T] | tuple[type[_T], ...], expected: str, *, default: _T | None = None) -> None:
        super().__init__(default=default)
        self._types = types
        self._expected = expected

    def run_validation(self, value: object) -> _T:
        """The checked value."""
        if not isinstance(value, self._types):
            raise ValidationError(f"{self._expected} is expected, not {_KINDS.get(type(value), 'a date')}")
        return value


class OneOf(c.OptionallyRequired[str]):
    """One of a few words.

    Attributes:
        choices: These words.
    """

    def __init__(self, choices: Sequence[str], *, default: str) -> None:
        super().__init__(default=default)
        self.choices = choices

    def run_validation(self, value: object) -> str:
        """The checked value."""
        if not isinstance(value, str) or value not in self.choices:
            hint = f" (did you mean '{lower}'?)" if (lower := str(value).lower()) in self.choices else ""
            raise ValidationError(f"{shown(value)} is not one of {listed(self.choices)}{hint}")
        return value


class Directory(c.Dir):
    """The path of a directory, which need not exist."""

    def run_validation(self, value: object) -> str:
        """The checked value."""
        if not isinstance(value, str):
            raise ValidationError(f"a path is expected, not {_KINDS.get(type(value), 'a date')}")
        return super().run_validation(value)


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
