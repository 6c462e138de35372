"""How warnings are shown: each once in a run, and on GitHub as annotations, beside a line of a file or the run.

Warnings of voices look like all others, but do not count, as `--strict` must not fail for them.

A runner takes a line that begins with `::` for an order, so all that others may have written is escaped here.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from mkdocs.plugins import get_plugin_logger

from mkdocs_lightning.site.spoken_block import SourceLocation
from mkdocs_lightning.site.supply.voice_notices import VOICE_LOGGER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.base.errors import Log

OURS = "mkdocs-lightning"
"""The title of an annotation that has no other."""
_LOGGER = get_plugin_logger("mkdocs_lightning").logger  # above those of all modules, also in ProperDocs
_PREFIX = "mkdocs_lightning: "  # which MkDocs gives to each message
_PLACE = re.compile(r"(.+?)(?::([1-9][0-9]*))?")


class Level(StrEnum):
    """How GitHub Actions shows an annotation; only the exit code fails a job."""

    ERROR = "error"
    WARNING = "warning"


def is_on_github() -> bool:
    """Whether this runs within GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def github_annotation(
    level: Level, text: str, title: str = OURS, file: Path | None = None, line: int | None = None
) -> str:
    """The line of output that has GitHub Actions show a text: beside a line of a file or a file, or by itself."""
    where = f"title={title}"
    if file is not None:
        workspace = Path(os.environ.get("GITHUB_WORKSPACE", "")).absolute()
        at = f",line={line}" if line else ""
        where = f"file={_escaped(file_in(workspace, file), ':,')}{at},{where}"
    return f"::{level} {where}::{_escaped(text)}"


def file_in(workspace: PurePath, file: PurePath) -> str:
    """A file's path for an annotation: relative to the workspace, or absolute if it is outside, as on another drive."""
    return (file.relative_to(workspace) if file.is_relative_to(workspace) else file).as_posix()


def _escaped(text: str, further: str = "") -> str:
    """Text in a workflow command of GitHub Actions, where some characters have to be percent-encoded."""
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def annotate(level: Level, text: str, file: Path | None = None, line: int | None = None) -> None:
    """On GitHub, show a text that the log has, too: on standard error, and once in a job, whose steps read one site."""
    if is_on_github():
        annotation = github_annotation(level, text, file=file, line=line)
        if _is_first(annotation):
            sys.stderr.write(f"{annotation}\n")


def _is_first(annotation: str) -> bool:
    """Whether no other step of this job has shown an annotation; what was shown is noted beside the job."""
    if not (folder := os.environ.get("RUNNER_TEMP")):
        return True
    try:
        with Path(folder, "mkdocs-lightning-annotations").open("a+", encoding="utf-8", errors="replace") as noted:
            noted.seek(0)
            is_first = ascii(annotation) not in noted.read().split("\n")
            if is_first:
                noted.write(f"{annotation!a}\n")
            return is_first
    except OSError:  # rather twice than never
        return True


class Annotations:
    """What shows this package's warnings, of MkDocs' log, as annotations, from `attach` until `detach`.

    Warnings of voices are printed from `attach` on.

    Where two are attached, as by a command and by the plugin that it has MkDocs run, each warning is shown once.
    """

    def __init__(self) -> None:
        self._docs_dir: Path | None = None

    def attach(self, docs_dir: str | None = None) -> None:
        """Begin; annotations are shown on GitHub only.

        Args:
            docs_dir: Where the files are that warnings name.
        """
        VOICE_LOGGER.addHandler(_UNCOUNTED)
        VOICE_LOGGER.propagate = _reaches_root()
        self._docs_dir = Path(docs_dir) if docs_dir else None
        if is_on_github() and self not in _HANDLER.attached:
            _HANDLER.attached.append(self)
            _LOGGER.addHandler(_HANDLER)

    def detach(self) -> None:
        """End; does nothing the second time."""
        if self in _HANDLER.attached:
            _HANDLER.attached.remove(self)
        if not _HANDLER.attached:
            _LOGGER.removeHandler(_HANDLER)

    def show(self, record: logging.LogRecord) -> None:
        """Show a warning or an error."""
        level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
        annotate(level, record.getMessage().removeprefix(_PREFIX), *self._place_of(record))

    def _place_of(self, record: logging.LogRecord) -> tuple[Path | None, int | None]:
        """The file and the line that a message begins with; None where it does not, or where there is no such file."""
        if self._docs_dir is None or (place := place_of(record)) is None:
            return None, None
        name, line = place
        file = self._docs_dir / name
        with suppress(OSError):  # such as a name that is too long for a file
            if file.is_file():
                return file, line
        return None, None


def place_of(record: logging.LogRecord) -> tuple[str, int | None] | None:
    """The file in the docs directory and the line that a message begins with; None if it does not seem to do so."""
    named = record.args[0] if isinstance(record.args, tuple) and record.args else None
    if not str(record.msg).removeprefix(_PREFIX).startswith("%s"):
        return None
    if isinstance(named, SourceLocation):
        return named.page.uri if named.page else "", named.line
    if isinstance(named, str) and (found := _PLACE.fullmatch(named)):
        return found[1], int(found[2]) if found[2] else None
    return None


class _Handler(logging.Handler):
    """Has the one that was attached last show what is logged; MkDocs may copy a plugin, but no handler."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.attached: list[Annotations] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.attached[-1].show(record)


_HANDLER = _Handler()


class _RunLogger(logging.Logger):
    """Passes on each warning once. It is not registered with `logging`, so it goes with its run."""

    def __init__(self, parent: logging.Logger) -> None:
        super().__init__(parent.name)
        self.parent = parent
        self._warned: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is passed on."""
        text = record.getMessage()
        is_repeated = record.levelno >= logging.WARNING and text in self._warned
        self._warned.add(text)
        return not is_repeated


def run_log(name: str) -> Log:
    """A plugin's logger for one run, which builds a page anew for each language: it passes on each warning once.

    Args:
        name: As for `get_plugin_logger`.
    """
    log = get_plugin_logger(name)
    log.logger = _RunLogger(log.logger)
    return log


class _Uncounted(logging.Handler):
    """Has MkDocs print a record, past its counter of warnings; printed bare where nothing else prints it."""

    def emit(self, record: logging.LogRecord) -> None:
        printers: list[logging.Handler] = [*_printers()]
        if not printers and not logging.root.handlers and logging.lastResort:
            printers = [logging.lastResort]
        if _HANDLER.attached:
            _HANDLER.handle(record)
        labeled = logging.makeLogRecord({**vars(record), "msg": f"{_PREFIX}{record.getMessage()}", "args": ()})
        for printer in printers if _LOGGER.isEnabledFor(record.levelno) else ():
            if record.levelno >= printer.level:
                printer.handle(labeled)


def _printers() -> Iterator[logging.Handler]:
    """What prints MkDocs' log; not what reads the records of all programs."""
    logger: logging.Logger | None = _LOGGER
    while logger is not None and logger is not logging.root:
        yield from (handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler))
        logger = logger.parent


def _reaches_root() -> bool:
    """Whether what MkDocs logs is passed on to the handlers of all programs."""
    logger: logging.Logger | None = _LOGGER
    while logger is not None and logger.propagate:
        logger = logger.parent
    return logger is None


_UNCOUNTED = _Uncounted()
