"""Files of the cache in the site: the same file under a second name where the file system has that, else a copy."""

from __future__ import annotations

import os
import shutil
from filecmp import cmp
from typing import TYPE_CHECKING

from mkdocs_lightning.base.file_system import retry_while_open

if TYPE_CHECKING:
    from pathlib import Path


def place(source: Path | str, target: Path) -> None:
    """Have a file of the cache in the site, whatever is in its place there.

    A site may have gigabytes of sound, of which a build changes little. Whoever changes a file of the site in place
    changes the cache as well, which finds that out by its checksum, and makes the clip anew.

    Args:
        source: The file, or the text of one that the cache does not have.
        target: Where the site has it; its directory is there.

    Raises:
        OSError: The site cannot be written.
    """
    if isinstance(source, str):
        _remove(target)  # and is not written over: it may be a name of another file that counts
        target.write_text(source, encoding="utf-8", newline="")
        return
    try:
        os.link(source, target)
    except FileExistsError:
        if target.samefile(source):
            return
        if _is_free(target, source):
            place(source, target)
    except (OSError, NotImplementedError):  # another file system, one without links, or too many of them
        if _is_free(target, source):
            shutil.copyfile(source, target)


def _is_free(target: Path, source: Path) -> bool:
    """Whether a place could be made free; not where the same stands there, and is open on Windows: it is heard."""
    try:
        _remove(target)
    except PermissionError:
        if target.is_file() and cmp(source, target, shallow=False):
            return False
        raise
    return True


def _remove(target: Path) -> None:
    retry_while_open(lambda: target.unlink(missing_ok=True), is_change=True)
