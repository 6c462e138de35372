"""Files for libsndfile that it reads and writes by itself.

Given a file object, libsndfile calls back into Python for each piece, some 40 times for a sentence. Each call needs the
interpreter's lock, for which a thread may wait 5 ms while another one computes. A real file needs no such call, and
Linux has real files in memory. Elsewhere, it reads a temporary file, or, where none can be written, a file object. It
never writes a temporary file: on a full disk, libsndfile leaves out the end of a file and does not say so.
"""

from __future__ import annotations

import io
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CFile: TypeAlias = int | str | io.BytesIO
"""What `soundfile` opens: a descriptor (it is not to close it), a path, or a file object."""


@contextmanager
def readable_by_c(data: bytes) -> Iterator[CFile]:
    """A file with some content."""
    with _descriptor() as descriptor:
        if descriptor is not None:
            _write(descriptor, data)
            os.lseek(descriptor, 0, os.SEEK_SET)  # what is before the position would not count
            yield descriptor
            return
    with _temporary(data) as path:
        yield path or io.BytesIO(data)


def written_by_c(write: Callable[[CFile], object]) -> bytes:
    """What `write` writes to the empty file that it is given."""
    with _descriptor() as descriptor:
        if descriptor is not None:
            write(descriptor)
            return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    file = io.BytesIO()
    write(file)
    return file.getvalue()


@contextmanager
def _descriptor() -> Iterator[int | None]:
    """The descriptor of a file in memory; None where there are none."""
    descriptor = None
    if hasattr(os, "memfd_create"):
        with suppress(OSError):  # a sandbox may forbid it
            descriptor = os.memfd_create("lightning")
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def _temporary(data: bytes) -> Iterator[str | None]:
    """The path of a temporary file; None if none can be written."""
    try:
        descriptor, path = tempfile.mkstemp(prefix="lightning-")
    except OSError:
        yield None
        return
    try:
        yield path if _is_written(descriptor, data) else None
    finally:
        with suppress(OSError):
            Path(path).unlink()


def _is_written(descriptor: int, data: bytes) -> bool:
    """Write a whole file, and close it; whether there was room for it."""
    try:
        _write(descriptor, data)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
