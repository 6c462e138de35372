"""The cache's files: read and written as a whole, and quarantined when damaged. Knows no segments and no clips."""

from __future__ import annotations

import os
import tempfile
import uuid
from stat import S_ISREG
from typing import TYPE_CHECKING

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.base.file_system import is_in_use, long_path, retry_while_open

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class CacheFiles:
    """The files below one directory; safe to use from several threads and builds at once.

    Args:
        root: The directory; the first write creates it.

    Attributes:
        damaged: Names of the files that this object has quarantined: moved to `damaged/`.
        unmovable: Damaged files that could not be moved there. They count as missing until they are written again.
    """

    def __init__(self, root: Path) -> None:
        self.root = long_path(root)
        self.damaged: list[str] = []
        self.unmovable: set[Path] = set()

    def read(self, path: Path) -> bytes | None:
        """A file's bytes; None if it does not exist or cannot be read. An unreadable file is quarantined."""
        try:
            return retry_while_open(path.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            if not is_in_use(error):  # a file that another program has open may be intact, and has been paid for
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
        try:
            self._make_directory(path.parent)
            atomic_write(path, data, is_durable=is_durable, is_good_enough=is_good_enough)
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

    def quarantine(self, path: Path) -> None:
        """Move a damaged file to `damaged/`, or remember that it cannot be moved."""
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
        """Check that files can be written, before anything is paid for.

        Raises:
            StoreError: They cannot.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise self._store_error(error) from error

    def _make_directory(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):  # a file is in the way, in the cache or above it
            for path in (directory.parent, directory):
                if path != self.root and path.is_file():
                    self.quarantine(path)
            directory.mkdir(parents=True, exist_ok=True)

    def _store_error(self, error: OSError) -> StoreError:
        return StoreError(f"the cache {self.root} cannot be written ({error.strerror}); see cache_dir")


def ends_of(path: str, first: int, last: int) -> tuple[bytes, bytes]:
    """A file's first and last bytes, so many of each, or all; none if there is no file that can be read."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return b"", b""
    try:
        head = os.read(file, first)
        os.lseek(file, max(0, os.fstat(file).st_size - last), os.SEEK_SET)
        return head, os.read(file, last)
    except OSError:  # a directory, or a damaged disk
        return b"", b""
    finally:
        os.close(file)


def stat_file(path: Path) -> os.stat_result | None:
    """The status of a regular file; None if there is none, as when another build has just moved it."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status if S_ISREG(status.st_mode) else None
