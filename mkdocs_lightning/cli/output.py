"""What the command prints, and how it ends: messages on standard error, exit codes, JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.plugins import get_plugin_logger
from mkdocs.utils import is_markdown_file

from mkdocs_lightning.base.errors import PROGRESS, LightningError, SettingError
from mkdocs_lightning.plugin.annotations import Annotations, Level, annotate, place_of
from mkdocs_lightning.plugin.option_types import CONFIG_LOGGER
from mkdocs_lightning.reading.segment import audible_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mkdocs_lightning.reading.segment import Segment

FAILED = 1
"""The exit code where something could not be done, or is missing."""
BAD_USAGE = 2
"""The exit code of a wrong command line or configuration."""
INTERRUPTED = 130
"""The exit code after Ctrl-C."""

WITHOUT_DOCS = (
    "this command reads the pages of an MkDocs site. If another program builds the site, 'publish SITE_DIR --dry-run' "
    "shows what is cached and missing, and there is no book, review or transcript; for the cache commands, set "
    "cache_dir: .lightning"
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON object for programs.")

log = get_plugin_logger("mkdocs_lightning.cli")
"""Where the commands warn; `warnings_shown` prints it."""


def accept_any_character() -> None:
    """Let the standard streams print escapes for characters that they cannot encode, as is common on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def fail(message: str, code: int) -> NoReturn:
    """End the command with a message on standard error; on GitHub also as an annotation of the run."""
    click.echo(f"mkdocs-lightning: {message}", err=True)
    annotate(Level.ERROR, message)
    sys.exit(code)


def warn(message: str) -> None:
    """Print a warning on standard error; on GitHub also as an annotation of the run."""
    click.echo(f"WARNING -  {message}", err=True)
    annotate(Level.WARNING, message)


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
        with _config_errors() as told:
            yield
    except SettingError as error:
        fail(f"{error.setting}: {error}", BAD_USAGE)
    except Abort as error:
        advice = [WITHOUT_DOCS] if any(each.startswith("Config value 'docs_dir': The path '") for each in told) else []
        fail("\nmkdocs-lightning: ".join([*told, *advice]) or str(error), BAD_USAGE)
    except (LightningError, MkDocsException) as error:
        fail(str(error), BAD_USAGE)


class _Listener(logging.Handler):
    """Collects the messages of errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@contextmanager
def _config_errors() -> Iterator[list[str]]:
    """The messages in which MkDocs and the plugin refuse a configuration from now on."""
    listener = _Listener()
    logger = logging.getLogger(CONFIG_LOGGER)
    logger.addHandler(listener)
    try:
        yield listener.told
    finally:
        logger.removeHandler(listener)


@contextmanager
def warnings_shown(pages: Collection[str] = ()) -> Iterator[None]:
    """Print the warnings of MkDocs and its plugins, and the progress, on standard error.

    On GitHub, our warnings are also annotations.

    Args:
        pages: Print no warnings of ours about other pages than these; by default those about all pages.
    """
    handler = logging.StreamHandler()
    if pages:
        handler.addFilter(lambda record: not _is_about_another(record, pages))
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or hasattr(record, PROGRESS))
    handler.addFilter(lambda record: record.name != CONFIG_LOGGER or record.levelno < logging.ERROR)  # they end it
    handler.setFormatter(logging.Formatter("%(levelname)-7s -  %(message)s"))  # as MkDocs prints them
    loggers = [logging.getLogger(name) for name in ("mkdocs", "properdocs")]
    annotations = Annotations()
    annotations.attach()
    for logger in loggers:
        logger.addHandler(handler)
    ours = get_plugin_logger("mkdocs_lightning").logger
    level = ours.level
    ours.setLevel(logging.INFO)  # for the progress
    try:
        yield
    finally:
        ours.setLevel(level)
        annotations.detach()
        for logger in loggers:
            logger.removeHandler(handler)


def _is_about_another(record: logging.LogRecord, pages: Collection[str]) -> bool:
    """Whether a message begins with a page that is not among some, which may be given with the docs directory."""
    place = place_of(record)
    if place is None or not is_markdown_file(place[0]):
        return False
    paths = [Path(page).as_posix() for page in pages]
    return not any(path == place[0] or path.endswith(f"/{place[0]}") for path in paths)


def print_json(found: object) -> None:
    """Print an object for programs; with escapes where the output is not UTF-8, as they would misread it."""
    is_utf_8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    click.echo(json.dumps(found, indent=2, ensure_ascii=not is_utf_8))


def sentence_as_json(segment: Segment) -> dict[str, object]:
    """A sentence for programs; with its `settings` as arguments, `Lightning.synthesize` has the same key."""
    return {"text": segment.text, "engine": segment.engine, "settings": audible_settings(segment.voice)}


def size_text(size: int) -> str:
    """A number of bytes in kB or MB."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"  # noqa: PLR2004
