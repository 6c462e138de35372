"""What differs between file systems: files that others hold open, long paths, one file under several spellings."""

from __future__ import annotations

import ntpath
import time
import unicodedata
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path, PurePath

PATIENCE = 2.0
"""Seconds to wait for a file that somebody has open on Windows: another build reads it, or a virus scanner looks at it.
Those that are waited count, not those that a busy machine takes: there are as many tries on any."""

_FIRST_WAIT = 0.01  # seconds; each further one is twice as long
_IN_USE = frozenset([32, 33])  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
_DENIED = 5  # ERROR_ACCESS_DENIED: what Windows also says where a file that is open is to be replaced or removed
_MOST_CHARACTERS = 259  # of a path, where Windows was not told otherwise (its MAX_PATH, without the zero at the end)
_ROOM = 150  # characters for what we put below a directory: 64 of a key, and what stands around it

Done = TypeVar("Done")
AnyPath = TypeVar("AnyPath", bound="PurePath")


def retry_while_open(act: Callable[[], Done], *, is_change: bool = False) -> Done:
    """Do something with a file, and try again for `PATIENCE` while Windows says that another program has it open.

    Args:
        act: What is to be done.
        is_change: Whether a file is replaced or removed, which Windows then calls forbidden. Not so for reading, where
            that is what it says of a directory, and of a file that nobody may read.

    Raises:
        OSError: As `act` did, at the last.
    """
    waited, wait = 0.0, _FIRST_WAIT
    while True:
        try:
            return act()
        except PermissionError as error:
            may_pass = is_in_use(error) or (is_change and _code_of(error) == _DENIED)
            if not may_pass or waited + wait > PATIENCE:
                raise
        time.sleep(wait)
        waited += wait
        wait *= 2


def is_in_use(error: OSError) -> bool:
    """Whether the file is as it should be, and only open elsewhere."""
    return _code_of(error) in _IN_USE


def long_path(directory: AnyPath) -> AnyPath:
    r"""A directory in a form in which Windows takes paths of any length below it, where that may be needed.

    Its own limit is 260 characters for a whole path, unless an administrator has lifted it; behind `\\?\` there is
    none. That form has no `/`, no `.` and no `..`, so it is for paths that are whole.
    """
    text = str(directory)
    if not isinstance(directory, PureWindowsPath) or len(text) + _ROOM <= _MOST_CHARACTERS:
        return directory
    if not directory.is_absolute() or text.startswith(("\\\\?\\", "\\\\.\\")):
        return directory
    text = ntpath.normpath(text)
    return type(directory)(f"\\\\?\\UNC{text[1:]}" if text.startswith("\\\\") else f"\\\\?\\{text}")


def is_within(path: Path, directory: Path) -> bool:
    """Whether a path, which need not exist yet, is a directory or below it; however the two are spelled.

    Where the file system takes `Docs` and `docs` for one, or both ways to write an `é`, so does this.
    """
    path, directory = path.resolve(), directory.resolve()
    return path.is_relative_to(directory) or any(is_same_file(above, directory) for above in (path, *path.parents))


def is_same_file(path: Path, other: Path) -> bool:
    """Whether two paths lead to one file or directory, which is there."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def other_spelling(directory: str, uris: Iterable[str]) -> str | None:
    """The folder of a site that differs from a directory, or from one above it, in case alone; None if none does.

    Args:
        directory: Within the site, with slashes.
        uris: The site's files.
    """
    parts = directory.split("/")
    ours = {"/".join(parts[:depth]).casefold(): "/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    for uri in uris:
        folders = uri.split("/")[:-1]
        for depth in range(1, min(len(folders), len(parts)) + 1):
            folder = "/".join(folders[:depth])
            if ours.get(folder.casefold(), folder) != folder:
                return folder
    return None


def composed(name: str) -> str:
    """A name as keyboards type it: macOS may have it with its accents as characters of their own (Unicode's NFD)."""
    return unicodedata.normalize("NFC", name)


def _code_of(error: OSError) -> object:
    return getattr(error, "winerror", None)  # Windows alone has it
