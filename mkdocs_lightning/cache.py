"""The store of what was synthesized and encoded: one file a segment, one file and one record a clip.

    segments/ab/ab12….flac   a segment's samples, lossless, named by the segment's key
    clips/ab/ab12….mp3       a clip as the site serves it, named by the clip's key
    clips/ab/ab12….json      written last: the clip's size, checksum and duration
    damaged/                 what was found damaged, kept for a look

A file is written beside its place and renamed, so that no build ever sees half of one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import soundfile

from mkdocs_lightning.audio import AudioError, decode
from mkdocs_lightning.synthesis import KeepError

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_lightning.audio import Audio, Samples
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
        self._stuck: set[Path] = set()  # damaged, and could not be moved

    def has_segment(self, segment: Segment) -> bool:
        """Whether there is a file for it; it is checked when it is read."""
        path = self._segment_path(segment)
        try:
            return path not in self._stuck and path.is_file()
        except OSError:  # a directory that may not be entered
            return False

    def read_segment(self, segment: Segment) -> Audio | None:
        """A segment's samples, if they are here and undamaged; what is damaged is set aside."""
        path = self._segment_path(segment)
        data = self._read(path)
        if data is None:
            return None
        try:
            audio = decode(data)
        except AudioError:
            self._set_aside(path)
            return None
        if audio.sample_rate != segment.voice.sample_rate or data[_MD5_PLACE] != _md5_of(audio.samples):
            self._set_aside(path)
            return None
        return audio

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
        record_data, data = self._read(record_path), self._read(path)
        if record_data is None or data is None:
            return None
        try:
            record = _ClipRecord(**json.loads(record_data))
            duration = float(record.duration)
        except (ValueError, TypeError):
            self._set_aside(record_path)
            return None
        if hashlib.sha256(data).hexdigest() != record.sha256:
            self._set_aside(path)
            return None
        return StoredClip(path, duration)

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

    def _read(self, path: Path) -> bytes | None:
        """A file's bytes; None where there is none, and where it cannot be read."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self._set_aside(path)
            return None

    def _write(self, path: Path, data: bytes) -> None:
        temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise self._keep_error(error) from error
        self._stuck.discard(path)

    def _keep_error(self, error: OSError) -> KeepError:
        return KeepError(f"the cache {self._root} cannot be written ({error.strerror}); see cache_dir")

    def _set_aside(self, path: Path) -> None:
        aside = self._root / "damaged" / path.name
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)
            self.damaged.append(path.name)
        except FileNotFoundError:
            pass  # another build was faster
        except OSError:
            self._stuck.add(path)


def _md5_of(samples: Samples) -> bytes:
    return hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).digest()
