"""What the command prints, and how it ends: messages on standard error, exit codes, JSON, annotations for GitHub."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NoReturn

import click
from mkdocs.exceptions import MkDocsException
from mkdocs.plugins import get_plugin_logger

from mkdocs_lightning.base.errors import LightningError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILED = 1
"""The exit code where something could not be done, or is missing."""
BAD_USAGE = 2
"""The exit code of a wrong command line or configuration."""

log = get_plugin_logger("mkdocs_lightning.cli")
"""Where the commands warn; `warnings_shown` prints it."""


def accept_any_character() -> None:
    """Let the standard streams print escapes for characters that they cannot encode, as is common on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def fail(message: str, code: int) -> NoReturn:
    """End the command with a message on standard error."""
    click.echo(f"mkdocs-lightning: {message}", err=True)
    sys.exit(code)


def check_writable(output: Path) -> None:
    """End the command, before anything is paid for, if a file cannot be written. What is in it stays."""
    is_new = not os.path.lexists(output)
    try:
        if not is_new and not output.is_file():  # a pipe would wait for a reader, and a device is no file
            fail(f"'{output}' is not a regular file", FAILED)
        output.open("ab").close()
        if is_new:
            output.unlink()
    except OSError as error:
        fail(f"'{output}' cannot be written ({error.strerror})", FAILED)


@contextmanager
def usage_errors_shown() -> Iterator[None]:
    """End the command with `BAD_USAGE` if an option, an argument or a configuration cannot be used."""
    try:
        yield
    except SettingError as error:
        fail(f"{error.setting}: {error}", BAD_USAGE)
    except (LightningError, MkDocsException) as error:
        fail(str(error), BAD_USAGE)


@contextmanager
def warnings_shown() -> Iterator[None]:
    """Print the warnings of MkDocs and its plugins on standard error."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(levelname)-7s -  %(message)s"))  # as MkDocs prints them
    loggers = [logging.getLogger(name) for name in ("mkdocs", "properdocs")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def print_json(found: object) -> None:
    """Print an object for programs; with escapes where the output is not UTF-8, as they would misread it."""
    is_utf_8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    click.echo(json.dumps(found, indent=2, ensure_ascii=not is_utf_8))


def size_text(size: int) -> str:
    """A number of bytes in kB or MB."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"  # noqa: PLR2004


def is_on_github() -> bool:
    """Whether the command runs within GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def github_annotation(file: Path, line: int, title: str, text: str) -> str:
    """The line that has GitHub Actions show an error beside a line of a file."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE", "")).absolute()
    place = f"file={_escaped(file_in(workspace, file), ':,')},line={line},title={title}"
    return f"::error {place}::{_escaped(text)}"


def file_in(workspace: PurePath, file: PurePath) -> str:
    """A file's path for an annotation: relative to the workspace, or absolute if it is outside, as on another drive."""
    return (file.relative_to(workspace) if file.is_relative_to(workspace) else file).as_posix()


def _escaped(text: str, further: str = "") -> str:
    """Text in a workflow command of GitHub Actions, where some characters have to be percent-encoded."""
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
