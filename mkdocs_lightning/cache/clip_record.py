"""What the cache knows about a clip, and the checksum that proves its file intact."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading a damaged JSON record raises."""


@dataclass(frozen=True, slots=True)
class CachedClip:
    """An intact clip in the cache.

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
    """The record beside a clip's file.

    Attributes:
        sha256: Of the file's name, the other fields of this record, and the file's bytes.
        duration: Seconds.
        lengths: Of the clip's segments, in seconds.
    """

    sha256: str
    duration: float
    lengths: Sequence[float]

    @classmethod
    def of(cls, name: str, data: bytes, duration: float, lengths: Sequence[float]) -> ClipRecord:
        """The record of a file with this name and these bytes."""
        checksum = hashlib.sha256(json.dumps([name, float(duration), [float(length) for length in lengths]]).encode())
        checksum.update(data)
        return cls(checksum.hexdigest(), duration, lengths)

    @classmethod
    def parse(cls, data: bytes) -> ClipRecord:
        """Read a record.

        Raises:
            Exception: One of `UNREADABLE`: the record is damaged, or was written by another version of this package.
        """
        record = cls(**json.loads(data))
        return cls(str(record.sha256), float(record.duration), [float(length) for length in record.lengths])

    def to_json(self) -> bytes:
        """The record as `parse` reads it."""
        return json.dumps(asdict(self)).encode()

    def clip_of(self, path: Path, data: bytes) -> CachedClip | None:
        """The clip, if the record was made for a file of this name and with these bytes."""
        if ClipRecord.of(path.name, data, self.duration, self.lengths).sha256 != self.sha256:
            return None
        return CachedClip(path, len(data), self.duration, tuple(self.lengths))
