"""The errors that a person is meant to read: what is wrong, and what to do."""

from __future__ import annotations


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
