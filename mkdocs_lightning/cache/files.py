"""The cache's files: read and written as a whole, and quarantined when damaged. Knows no segments and no clips."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import uuid
from stat import S_ISREG
from typing import TYPE_CHECKING

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.errors import StoreError, count
from mkdocs_lightning.base.file_system import long_path, may_be_intact, open_regular, read_regular, retry_while_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


MAX_FILE_BYTES = 2**30
"""The largest file that is read: six hours of a WAV of 24 kHz. A cache that others wrote may hold anything."""

_TRIAL_BYTES = 100_000
"""What is written to find out whether the disk has room: a sentence has about as much."""

_POINTER = b"version https://git-lfs.github.com/spec/"
_POINTER_BYTES = 1024  # no pointer has as many, by its specification

_FOLDERS = ("segments", "clips", "words", "captions", "usage", "damaged", "locks")
"""All that `local.py` describes."""


def folders_of(root: Path) -> list[Path]:
    """A cache's directory, and all directories directly below it."""
    return [root, *(root / folder for folder in _FOLDERS)]


class CacheFiles:
    """The files below one directory; safe to use from several threads and builds at once.

    Args:
        root: The directory; the first write creates it.
        setting: What names it, for messages.

    Attributes:
        damaged: Names of the files that this object has quarantined: moved to `damaged/`.
        unmovable: Damaged files that could not be moved there. They count as missing until they are written again.
    """

    def __init__(self, root: Path, *, setting: str = "cache_dir") -> None:
        self.root = long_path(root)
        self._setting = setting
        self.damaged: list[str] = []
        self.unmovable: set[Path] = set()
        self._is_known_writable = False
        self._known_folders: set[Path] = set()  # files can be written in these

    def read(self, path: Path) -> bytes | None:
        """A file's bytes; None if it does not exist or cannot be read.

        What cannot be read, is no regular file, or has more than `MAX_FILE_BYTES`, is quarantined.
        """
        try:
            return retry_while_open(lambda: read_regular(path, MAX_FILE_BYTES))
        except FileNotFoundError:
            return None
        except OSError as error:
            if not may_be_intact(error):  # else it stays, because it has been paid for
                self.quarantine(path)
            return None

    def write(
        self,
        path: Path,
        data: bytes,
        *,
        is_durable: bool = True,
        is_good_enough: Callable[[bytes], bool] | None = None,
    ) -> None:
        """Write a file beside its place and rename it, so that no build ever reads half of one.

        Args:
            path: Its place; missing directories are created.
            data: The whole file.
            is_durable: Flush it to the disk before the rename. Not needed for a file that costs nothing to get again.
            is_good_enough: Whether the file already in place will do if it cannot be replaced, as on Windows while
                another program has it open. By default only equal bytes will do.

        Raises:
            StoreError: The directory cannot be written, or the disk is full.
        """

        def write() -> None:
            atomic_write(path, data, is_durable=is_durable, is_good_enough=is_good_enough)

        try:
            try:
                write()
            except (FileNotFoundError, NotADirectoryError):
                self._make_directory(path.parent)
                write()
            except OSError:
                if not path.is_dir():  # a directory in the file's place cannot be replaced
                    raise
                self.quarantine(path)
                write()
        except OSError as error:
            raise self._store_error(error) from error
        self.unmovable.discard(path)

    def delete(self, path: Path) -> None:
        """Delete a file, if it exists.

        Raises:
            StoreError: It cannot be deleted.
        """
        try:
            retry_while_open(lambda: path.unlink(missing_ok=True), is_change=True)
        except OSError as error:
            raise self._store_error(error) from error

    def quarantine(self, path: Path, *, moves_pointer: bool = False) -> None:
        """Move a damaged file to `damaged/`, or remember that it cannot be moved.

        A pointer of Git LFS stays, unless `moves_pointer`: `git lfs pull` puts the file itself in its place.
        """
        if not moves_pointer and is_pointer(path):
            return
        target = self.root / "damaged" / path.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir() or (path.is_dir() and target.exists()):  # cannot be replaced by a rename
                target = target.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
            retry_while_open(lambda: path.replace(target))
            self.damaged.append(path.name)
        except FileNotFoundError:
            pass  # another build has moved it
        except OSError:
            self.unmovable.add(path)

    def check_writable(self) -> None:
        """Check, by a trial, that files can be written, before anything is paid for; a trial that went well is enough.

        Raises:
            StoreError: They cannot: there is no permission, or no room.
        """
        if self._is_known_writable:
            return
        try:
            for directory in folders_of(self.root):
                _check_is_no_file(directory)
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root) as file:
                file.write(os.urandom(_TRIAL_BYTES))  # zeros may take no room
                file.flush()
                os.fsync(file.fileno())  # some disks notice only now that they are full
        except OSError as error:
            raise self._store_error(error) from error
        self._is_known_writable = True

    def check_folder(self, folder: Path) -> None:
        """Check, by a trial, that files can be written in one folder: it may be another user's, or no folder at all.

        Raises:
            StoreError: They cannot.
        """
        if folder in self._known_folders:
            return
        try:
            self._make_directory(folder)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise self._store_error(error, folder) from error
        self._known_folders.add(folder)

    def check_room(self, wanted: int) -> None:
        """Check that the disk has room for so many bytes more, as far as the system tells.

        Raises:
            StoreError: It has not.
        """
        try:
            usage = shutil.disk_usage(self.root)
        except OSError:
            return  # no directory yet, or a system that does not tell
        if usage.total and usage.free < wanted:
            raise self._store_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _make_directory(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):  # a file, or a link that leads nowhere, is in the way
            if directory.parent.parent == self.root:  # not beside our folders: that is not ours
                self.quarantine(directory)
            directory.mkdir(parents=True, exist_ok=True)

    def _store_error(self, error: OSError, folder: Path | None = None) -> StoreError:
        place = folder or self.root
        return StoreError(f"the cache {place} cannot be written ({error.strerror}); see {self._setting}")


def _check_is_no_file(directory: Path) -> None:
    """Check that no file has the name of a directory that may be needed.

    Raises:
        OSError: One has.
    """
    if os.path.lexists(directory) and not directory.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"'{directory.name}' is a file, not a directory", str(directory))


def ends_of(path: str, first: int, last: int) -> tuple[bytes, bytes]:
    """A regular file's first and last bytes, so many of each, or all; none if there is no file that can be read."""
    try:
        file = open_regular(path)
    except OSError:
        return b"", b""
    try:
        head = os.read(file, first)
        os.lseek(file, max(0, os.fstat(file).st_size - last), os.SEEK_SET)
        return head, os.read(file, last)
    except OSError:  # a damaged disk
        return b"", b""
    finally:
        os.close(file)


def is_pointer(path: Path) -> bool:
    """Whether a file is what Git LFS leaves where a checkout does not fetch the file itself."""
    try:
        return read_regular(path, _POINTER_BYTES).startswith(_POINTER)
    except OSError:  # such as a larger file
        return False


def pointer_notice(names: Iterable[str]) -> str:
    """What to do about pointers of Git LFS in a cache, by their names."""
    return (
        f"Git LFS has left pointers in place of {count(len(set(names)), 'file')} of the cache: run 'git lfs pull' (in "
        "GitHub Actions, set lfs: true for actions/checkout). The audio in these files is paid for, so it is not "
        "requested again, and stays missing"
    )


def stat_file(path: Path) -> os.stat_result | None:
    """The status of a regular file; None if there is none, as when another build has just moved it."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status if S_ISREG(status.st_mode) else None
