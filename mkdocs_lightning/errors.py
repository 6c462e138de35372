"""The errors that a person is meant to read: what is wrong, and what to do."""

from __future__ import annotations

import reprlib

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


class KeepError(LightningError):
    """What was made cannot be stored; nothing more is asked for, as it would be paid for in vain."""


def shown(value: object) -> str:
    """A value as a message shows it: short, whatever YAML has made of it, such as lists within lists within lists."""
    try:
        return _REPR.repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "a number of very many digits"
