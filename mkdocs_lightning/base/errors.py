"""Errors with messages for authors: what is wrong, and what to do; what messages are made of, and where they go."""

from __future__ import annotations

import re
import reprlib
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable
    from logging import Logger, LoggerAdapter

    Log: TypeAlias = Logger | LoggerAdapter[Logger]

PROGRESS = "is_progress_of_synthesis"
"""What marks a log record that a command prints although it is no warning."""

_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")
_LEAST_BEGINNING = 2  # letters that tell what is meant
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 1000


class LightningError(Exception):
    """Base class of all errors that this package raises on purpose. Their text is meant for users."""


class SettingError(LightningError):
    """A setting has a value that cannot be used.

    Attributes:
        setting: The setting's name, as authors write it in a block, in front matter and in mkdocs.yml.
        written: For a part of a page, what its author wrote: all of it, or `name=value`. None if it is not known.
        fix: What to do; by default to correct the setting.
    """

    def __init__(self, setting: str, message: str, *, written: str | None = None, fix: str | None = None) -> None:
        super().__init__(setting, message)  # what a copy is made of, in another process
        self.fix = fix or f"Correct {setting}"
        self.setting = setting
        self.written = written

    def __str__(self) -> str:
        return str(self.args[1])

    def named(self) -> SettingError:
        """The same error with a message that names the setting, for where nothing else does."""
        if self.setting in str(self):
            return self
        return SettingError(self.setting, f"{self.setting}: {self}", written=self.written, fix=self.fix)


class StoreError(LightningError):
    """The cache cannot be written. Nothing more is synthesized, as it would have to be paid for again."""


def shown(value: object) -> str:
    """A value for a message, as YAML writes it: its `repr`, shortened, as YAML can nest lists without end."""
    if isinstance(value, bool | date):
        return str(value).lower()
    try:
        return _REPR.repr(value)
    except ValueError:  # Python does not write integers of more than some thousand digits
        return "a number of very many digits"


def printable(text: str) -> str:
    """What an author wrote, for a terminal and a log: without control characters, which could forge a line there."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def printable_path(path: str) -> str:
    """A page's path at the start of a line: `printable`, and no command to GitHub Actions, as `::error::` would be."""
    path = printable(path)
    return f"./{path}" if path.lstrip().startswith("::") else path


_OTHER_NAMES = {
    "voice": "voice_id",
    "voiceid": "voice_id",
    "speaker": "voice_id",
    "lang": "language",
    "locale": "language",
    "rate": "speed",
    "speaking_rate": "speed",
    "tempo": "speed",
    "format": "output_format",
    "codec": "output_format",
    "key": "api_key",
    "token": "api_key",
    "url": "base_url",
    "endpoint": "base_url",
    "host": "base_url",
    "budget": "max_characters",
    "limit": "max_characters",
    "max_chars": "max_characters",
    "workers": "concurrency",
    "max_workers": "concurrency",
    "num_workers": "concurrency",
    "threads": "concurrency",
    "max_threads": "concurrency",
    "num_threads": "concurrency",
    "jobs": "concurrency",
    "n_jobs": "concurrency",
    "parallel": "concurrency",
    "semaphore": "concurrency",
    "max_concurrency": "concurrency",
    "max_connections": "concurrency",
    "max_requests": "concurrency",
    "max_retries": "retries",
    "max_tries": "retries",
    "max_attempts": "retries",
    "attempts": "retries",
    "rpm": "requests_per_minute",
    "rate_limit": "requests_per_minute",
    "max_wait": "patience",
    "deadline": "patience",
    "max_time": "patience",
    "cache": "cache_dir",
    "dictionary": "lexicon",
    "pronunciation": "lexicon",
    "podcast": "feed",
    "rss": "feed",
    "strict": "on_error",
    "pages": "narrate",
}
"""What other programs, or other people, call our options."""


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The message for an option that does not exist; it lists those that do, if none of them is like it."""
    known = sorted(known)
    meant = meant_name(name, known)
    return f"unknown option {name!r}" + (f" (did you mean {meant!r}?)" if meant else f"; use one of {listed(known)}")


def meant_name(name: str, known: Iterable[str]) -> str | None:
    """The option that is probably meant by the name of one that does not exist; None if none is like it."""
    known = sorted(known)
    other = _OTHER_NAMES.get(name.lower())
    return other if other in known else _meant(name, known, likeness=0.6)


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """' (did you mean …?)' with the first known word that begins like this, or else the most similar one; or empty.

    Args:
        word: What is written.
        known: What may be meant, the likeliest first.
        likeness: How similar a known word must be that does not begin like this, from 0 to 1.
    """
    meant = _meant(word, list(known), likeness=likeness)
    return f" (did you mean {meant!r}?)" if meant else ""


def _meant(word: str, known: list[str], *, likeness: float) -> str | None:
    return _begun(word, known) or most_similar(word, known, likeness=likeness)


def _begun(start: str, known: Iterable[str]) -> str | None:
    """The first known word that begins with at least two letters, whatever their case; None if none does."""
    begun = (each for each in known if len(start) >= _LEAST_BEGINNING and each.lower().startswith(start.lower()))
    return min(begun, key=lambda each: len(each) > len(start), default=None)


def most_similar(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The known word that is most similar, whatever its case; None if none is so similar, from 0 to 1."""
    import difflib

    spellings = {each.lower(): each for each in known}
    close = difflib.get_close_matches(word.lower(), spellings, n=1, cutoff=likeness)
    return spellings[close[0]] if close else None


def listed(values: Iterable[object]) -> str:
    """Values for a message, separated by commas."""
    return ", ".join(str(value) for value in values)


def count(number: int, noun: str) -> str:
    """A number with its noun in the singular or the plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def has_surrogate(text: str) -> bool:
    """Whether a text has half of a character, as JSON and YAML can write it; it can be neither sent nor stored."""
    return any("\ud800" <= character <= "\udfff" for character in text)
