"""The errors that a person is meant to read: what is wrong, and what to do."""

from __future__ import annotations

import difflib
import reprlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 1000


class LightningError(Exception):
    """Base of every error that this package raises on purpose; its text is a message, not a clue."""


class SettingError(LightningError):
    """A setting has a value that cannot be used.

    Attributes:
        setting: The setting's name, as it is written in a block, in front matter and in mkdocs.yml.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting


class StoreError(LightningError):
    """What was made cannot be stored; nothing more is asked for, as it would be paid for in vain."""


def shown(value: object) -> str:
    """A value as a message shows it: short, whatever YAML has made of it, such as lists within lists within lists."""
    try:
        return _REPR.repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "a number of very many digits"


def unknown_name(name: str, known: Iterable[str]) -> str:
    """What to say of a name that is none of the known ones."""
    known = sorted(known)
    return f"unknown option {name!r}{did_you_mean(name, known)}; known are {listed(known)}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' (did you mean …?)' where a known word is close, else nothing."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def listed(values: Iterable[object]) -> str:
    """Values as a message lists them."""
    return ", ".join(str(value) for value in values)
