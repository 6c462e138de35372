"""Write a file as a whole: readers see the old content or the new, never a part, and a crash leaves one of the two."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mkdocs_lightning.base.file_system import retry_while_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_TEMPORARY_NAME = re.compile(r"\.[0-9a-f]{32}\.tmp")


def is_temporary_name(name: str) -> bool:
    """Whether a file's name is one that `atomic_write` gives: a killed process leaves such a file behind."""
    return bool(_TEMPORARY_NAME.fullmatch(name))


def atomic_write(
    path: Path,
    data: bytes,
    *,
    is_durable: bool = False,
    keeps_mode: bool = False,
    is_good_enough: Callable[[bytes], bool] | None = None,
) -> None:
    """Write a temporary file beside `path`, then rename it.

    Args:
        path: The file to write or replace. Its directory exists.
        data: The whole content.
        is_durable: Whether the data is on the disk (fsync) before the file counts.
        keeps_mode: Whether a file that is replaced keeps its permissions.
        is_good_enough: Tells from the present content whether it may stay when Windows does not let us replace it,
            because another program has it open. By default only the same content may.

    Raises:
        OSError: The file cannot be written. The old one, if any, is as it was.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    descriptor = os.open(temporary, _NEW, 0o666)  # less what the umask forbids
    try:
        _write(descriptor, data, is_durable=is_durable)
        if keeps_mode and path.exists():
            shutil.copymode(path, temporary)
        is_replaced = _replace(temporary, path, is_good_enough or data.__eq__)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if not is_replaced:
        temporary.unlink(missing_ok=True)


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """A temporary file beside `path`, to be written by the caller, which takes its place at the end.

    Raises:
        OSError: The file cannot be written. The old one, if any, is as it was.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        yield temporary
        retry_while_open(lambda: temporary.replace(path), is_change=True)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write(descriptor: int, data: bytes, *, is_durable: bool) -> None:
    """Write a whole file, and close it. A file object would make more calls, and each may wait in a busy program."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if is_durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(temporary: Path, path: Path, is_good_enough: Callable[[bytes], bool]) -> bool:
    """Rename a file.

    Returns:
        Whether it was, or the present one may stay.
    """

    def replace() -> bool:
        try:
            temporary.replace(path)
        except PermissionError:
            with suppress(OSError):
                if is_good_enough(path.read_bytes()):
                    return False
            raise
        return True

    return retry_while_open(replace, is_change=True)
