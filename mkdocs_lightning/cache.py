"""The store of what was synthesized and encoded: one file a segment, one file and one record a clip.

    segments/ab/ab12….flac   a segment's samples, lossless, named by the segment's key
    clips/ab/ab12….mp3       a clip as the site serves it, named by the clip's key
    clips/ab/ab12….json      written last: the clip's size, checksum and duration
    damaged/                 what was found damaged, kept for a look

A file is written beside its place and renamed, so that no build ever sees half of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile

from mkdocs_lightning.audio import Audio, Samples
from mkdocs_lightning.synthesis import KeepError

if TYPE_CHECKING:
    from mkdocs_lightning.segment import Clip, Segment

_MD5_PLACE = slice(26, 42)  # of the unencoded samples, in STREAMINFO (RFC 9639, section 8.2)


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A whole clip in the cache.

    Attributes:
        path: The file that the site serves.
        duration: Seconds.
    """

    path: Path
    duration: float


@dataclass(frozen=True, slots=True)
class _ClipRecord:
    sha256: str
    size: int
    duration: float


class Cache:
    """Keeps segments and clips under one directory; safe to use from several threads and builds at once.

    Attributes:
        damaged: Names of the files that this cache found damaged and set aside.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.damaged: list[str] = []

    def has_segment(self, segment: Segment) -> bool:
        """Whether there is a file for it; it is checked when it is read."""
        return self._segment_path(segment).is_file()

    def read_segment(self, segment: Segment) -> Audio | None:
        """A segment's samples, if they are here and undamaged; what is damaged is set aside."""
        path = self._segment_path(segment)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            samples, sample_rate = soundfile.read(io.BytesIO(data), dtype="int16")
        except soundfile.LibsndfileError:
            self._set_aside(path)
            return None
        if sample_rate != segment.voice.sample_rate or data[_MD5_PLACE] != _md5_of(samples):
            self._set_aside(path)
            return None
        return Audio(samples, sample_rate)

    def write_segment(self, segment: Segment, audio: Audio) -> None:
        """Keep a segment's samples.

        Raises:
            KeepError: The disk does not take them.
        """
        file = io.BytesIO()
        soundfile.write(file, audio.samples, audio.sample_rate, format="FLAC", subtype="PCM_16")
        self._write(self._segment_path(segment), file.getvalue())

    def find_clip(self, clip: Clip) -> StoredClip | None:
        """A clip's file, if it is here and as it was written; what is damaged is set aside."""
        path = self._clip_path(clip)
        record_path = path.with_suffix(".json")
        try:
            record = _ClipRecord(**json.loads(record_path.read_bytes()))
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            self._set_aside(record_path)
            return None
        if hashlib.sha256(data).hexdigest() != record.sha256:
            self._set_aside(path)
            return None
        return StoredClip(path, record.duration)

    def write_clip(self, clip: Clip, data: bytes, duration: float) -> StoredClip:
        """Keep a clip's file.

        Args:
            clip: Names the file.
            data: The whole file.
            duration: Seconds.

        Raises:
            KeepError: The disk does not take it.
        """
        path = self._clip_path(clip)
        record = _ClipRecord(hashlib.sha256(data).hexdigest(), len(data), duration)
        self._write(path, data)
        self._write(path.with_suffix(".json"), json.dumps(asdict(record)).encode())
        return StoredClip(path, duration)

    def check_writable(self) -> None:
        """Find out before anything is paid for whether it can be kept.

        Raises:
            KeepError: It cannot.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root):
                pass
        except OSError as error:
            raise self._keep_error(error) from error

    def _segment_path(self, segment: Segment) -> Path:
        return self._root / "segments" / segment.key[:2] / f"{segment.key}.flac"

    def _clip_path(self, clip: Clip) -> Path:
        return self._root / "clips" / clip.key[:2] / clip.file_name

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except OSError:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            raise self._keep_error(error) from error

    def _keep_error(self, error: OSError) -> KeepError:
        return KeepError(f"the cache {self._root} cannot be written ({error.strerror}); see cache_dir")

    def _set_aside(self, path: Path) -> None:
        self.damaged.append(path.name)
        aside = self._root / "damaged" / path.name
        with contextlib.suppress(FileNotFoundError):  # another build was faster
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)


def _md5_of(samples: Samples) -> bytes:
    return hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).digest()
