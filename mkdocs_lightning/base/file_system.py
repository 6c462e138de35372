"""Quirks of file systems: files that are open elsewhere, pipes and devices, long paths, one file, several spellings."""

from __future__ import annotations

import errno
import ntpath
import os
import stat
import time
import unicodedata
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.base.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import PurePath

MAX_SLEEP = 2.0
"""Seconds of sleep in total for a file that another program has open on Windows, such as another build or a virus
scanner. Time spent in the tries is not counted, so every machine makes the same number."""

_FIRST_SLEEP = 0.01  # seconds; each further one is twice as long
_IN_USE = frozenset([32, 33])  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
_EXHAUSTED = frozenset([errno.EMFILE, errno.ENFILE, errno.ENOMEM])
_DENIED = 5  # ERROR_ACCESS_DENIED: also what Windows says when an open file is to be replaced or removed
_MAX_PATH = 259  # characters of a path on Windows by default (its MAX_PATH, without the zero at the end)
_RESERVE = 150  # characters for what we put below a directory: 64 of a key, and the folders and suffixes around it

# Opening a pipe for reading waits for a writer; a device may do anything. Windows has neither in a directory.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

Result = TypeVar("Result")
AnyPath = TypeVar("AnyPath", bound="PurePath")


def retry_while_open(act: Callable[[], Result], *, is_change: bool = False) -> Result:
    """Call `act`, and again for up to `MAX_SLEEP` seconds while Windows reports that another program has the file open.

    Args:
        act: Reads, replaces or removes a file.
        is_change: Whether `act` replaces or removes it. Windows then reports an open file as "access denied". For
            reading, that error means a directory or missing permissions, and is not retried.

    Raises:
        OSError: The error of the last try.
    """
    slept, sleep = 0.0, _FIRST_SLEEP
    while True:
        try:
            return act()
        except PermissionError as error:
            may_pass = is_in_use(error) or (is_change and _windows_code(error) == _DENIED)
            if not may_pass or slept + sleep > MAX_SLEEP:
                raise
        time.sleep(sleep)
        slept += sleep
        sleep *= 2


def open_regular(path: Path | str) -> int:
    """Open a file for reading, if it is a regular one: no pipe, which never ends to be opened, and no device.

    Returns:
        The file descriptor, which the caller closes.

    Raises:
        OSError: The file cannot be opened; with EINVAL, it is not a regular file.
    """
    # Before it is opened, as that alone may have an effect on a device. A `Path` would take three times as long.
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    descriptor = os.open(path, _OPEN_FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # it was replaced meanwhile
        os.close(descriptor)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    return descriptor


def read_regular(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file.

    Raises:
        OSError: It cannot be read; with EINVAL, it is not a regular file; with EFBIG, it is larger than `max_bytes`.
    """
    descriptor = open_regular(path)
    try:
        size = os.fstat(descriptor).st_size
        if size > max_bytes:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return _read(descriptor, size)
    finally:
        os.close(descriptor)


def _read(descriptor: int, size: int) -> bytes:
    """The first bytes of an open file, or all of it if it is shorter; a file object would cost half as much again."""
    pieces = []
    while size > 0 and (piece := os.read(descriptor, size)):  # one piece, but for files of more than 2 GB
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def is_in_use(error: OSError) -> bool:
    """Whether an error only means that another program has the file open."""
    return _windows_code(error) in _IN_USE


def may_be_intact(error: OSError) -> bool:
    """Whether an error says nothing about the file itself: it is in use, or open files or memory are exhausted."""
    return is_in_use(error) or error.errno in _EXHAUSTED


def long_path(directory: AnyPath) -> AnyPath:
    r"""A directory, with the prefix `\\?\` if paths below it may exceed the 260 characters that Windows allows.

    With the prefix there is no limit, but no `/`, `.` or `..` either, so only absolute paths get it.
    """
    text = str(directory)
    if not isinstance(directory, PureWindowsPath) or len(text) + _RESERVE <= _MAX_PATH:
        return directory
    if not directory.is_absolute() or text.startswith(("\\\\?\\", "\\\\.\\")):
        return directory
    text = ntpath.normpath(text)
    return type(directory)(f"\\\\?\\UNC{text[1:]}" if text.startswith("\\\\") else f"\\\\?\\{text}")


def is_within(path: Path, directory: Path) -> bool:
    """Whether a path is a directory or below it. The path need not exist.

    Compares as the file system does, which may ignore case (`Docs`, `docs`) or how an `é` is encoded.
    """
    # Unlike `Path.resolve` before Python 3.13, `realpath` lets pass a link that leads to itself.
    path, directory = Path(os.path.realpath(path)), Path(os.path.realpath(directory))
    return path.is_relative_to(directory) or any(is_same_file(above, directory) for above in (path, *path.parents))


def link_out_of(directory: Path, path: Path) -> Path | None:
    """The link on the way from a directory to a path below it that leads out of it; None if all stays inside.

    Neither need exist.
    """
    steps = [path, *path.parents][: len(path.relative_to(directory).parts)]
    return next((step for step in reversed(steps) if not is_within(step, directory)), None)


def is_same_file(path: Path, other: Path) -> bool:
    """Whether two paths lead to the same existing file or directory."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def case_conflict(directory: str, uris: Iterable[str]) -> str | None:
    """The folder of a site that differs from `directory`, or from a parent of it, only in case; None if none does.

    Args:
        directory: Relative to the site, with slashes.
        uris: The site's files, likewise.
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


def to_nfc(name: str) -> str:
    """A file name in Unicode's NFC, as keyboards type it. macOS may report it in NFD, with accents apart."""
    return unicodedata.normalize("NFC", name)


def _windows_code(error: OSError) -> object:
    return getattr(error, "winerror", None)  # only on Windows


def folder_of_site(root: Path, name: str) -> Path:
    """The directory of a site's clips, which need not exist.

    Raises:
        SettingError: It is a link out of the site, or below one.
    """
    path = root / name
    if link := link_out_of(root, path):
        to = os.path.realpath(link)
        raise SettingError("audio_dir", f"{link} points outside the site, to {to}; nothing is written there")
    return path
