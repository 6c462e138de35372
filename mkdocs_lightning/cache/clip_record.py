"""What is known of a clip's file, and the proof that the file is the one that was written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class CachedClip:
    """A whole clip in the cache.

    Attributes:
        path: The file that the site serves.
        size: Bytes.
        duration: Seconds.
        lengths: Of its segments, in seconds, without the pauses between them.
    """

    path: Path
    size: int
    duration: float
    lengths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """What is known of a clip's file.

    Attributes:
        sha256: Of the file's name, of all else that stands here, and of the file.
    """

    sha256: str
    duration: float
    lengths: Sequence[float]

    @classmethod
    def of(cls, name: str, data: bytes, duration: float, lengths: Sequence[float]) -> ClipRecord:
        """The record of a file."""
        checksum = hashlib.sha256(json.dumps([name, float(duration), [float(length) for length in lengths]]).encode())
        checksum.update(data)
        return cls(checksum.hexdigest(), duration, lengths)

    def clip_of(self, path: Path, data: bytes) -> CachedClip | None:
        """The clip, if its file is the one that the record was made for."""
        if ClipRecord.of(path.name, data, self.duration, self.lengths).sha256 != self.sha256:
            return None
        return CachedClip(path, len(data), self.duration, tuple(self.lengths))

    @classmethod
    def parse(cls, data: bytes) -> ClipRecord:
        """Read a record.

        Raises:
            Exception: One of `UNREADABLE`: it is damaged, or of another version of this package.
        """
        record = cls(**json.loads(data))
        return cls(str(record.sha256), float(record.duration), [float(length) for length in record.lengths])
