"""Put files of the cache into the site: as a hard link where the file system has them, else as a copy."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from mkdocs_lightning.base.file_system import is_same_file, retry_while_open

if TYPE_CHECKING:
    from pathlib import Path


def link_or_copy(source: Path | bytes, target: Path) -> None:
    """Give the site a file of the cache, in place of whatever `target` is now.

    A site may have gigabytes of audio, of which one build changes little; links cost no disk space. If somebody edits
    the file in the site, the linked file in the cache changes with it. The cache notices that by its checksum and
    makes the clip again.

    Args:
        source: The file, or the content of one that is not in the cache.
        target: The path in the site. Its directory exists.

    Raises:
        OSError: The site cannot be written.
    """
    if isinstance(source, bytes):
        _remove(target)  # not overwritten: it may be a hard link to a file of the cache
        target.write_bytes(source)
        return
    try:
        os.link(source, target)
    except FileExistsError:
        if is_same_file(target, source):  # not so for a link that leads nowhere
            return
        if _is_free(target, source):
            link_or_copy(source, target)
    except (OSError, NotImplementedError):  # another file system, one without links, or too many links to one file
        if _is_free(target, source):
            shutil.copyfile(source, target)


def copy_over(source: Path | bytes, target: Path) -> None:
    """As `link_or_copy`, but never as a link: for a name that another program writes, which would write the cache.

    Raises:
        OSError: The site cannot be written.
    """
    if isinstance(source, bytes):
        link_or_copy(source, target)
    elif _is_free(target, source):
        shutil.copyfile(source, target)


def _is_free(target: Path, source: Path) -> bool:
    """Remove `target`.

    Returns:
        False if Windows does not allow it, as the file is open, and the content is the same anyway.
    """
    try:
        _remove(target)
    except PermissionError:
        from filecmp import cmp

        if target.is_file() and cmp(source, target, shallow=False):
            return False
        raise
    return True


def _remove(target: Path) -> None:
    retry_while_open(lambda: target.unlink(missing_ok=True), is_change=True)
