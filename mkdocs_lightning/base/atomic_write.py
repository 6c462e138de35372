"""Write a file as a whole: readers see the old content or the new, never a part, and a crash leaves one of the two."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from mkdocs_lightning.base.file_system import retry_while_open

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    try:
        with temporary.open("xb") as file:
            file.write(data)
            if is_durable:
                file.flush()
                os.fsync(file.fileno())
        if keeps_mode and path.exists():
            shutil.copymode(path, temporary)
        _replace(temporary, path, is_good_enough or data.__eq__)
    finally:
        temporary.unlink(missing_ok=True)


def _replace(temporary: Path, path: Path, is_good_enough: Callable[[bytes], bool]) -> None:
    def replace() -> None:
        try:
            temporary.replace(path)
        except PermissionError:
            with suppress(OSError):
                if is_good_enough(path.read_bytes()):
                    return
            raise

    retry_while_open(replace, is_change=True)
