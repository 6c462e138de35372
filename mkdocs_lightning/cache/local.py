"""The store of what was synthesized and encoded: one file a segment, one file and one record a clip.

    segments/ab/ab12….flac   a segment's samples, lossless, named by the segment's key
    clips/ab/ab12….mp3       a clip as the site serves it, named by the clip's key
    clips/ab/ab12….json      written last: the clip's duration, the lengths of its segments, a checksum of all of it
    tracks/ab/ab12….vtt      a clip's cues as the site serves them; made anew, with no harm, where they differ
    usage/….json             what one site, in one version and language, uses
    damaged/                 what was found damaged, kept for a look
    locks/ab.lock            empty; locked while a segment whose key begins so is being asked for

A file is written beside its place and renamed, so that no build ever sees half of one. Each says whose it is: a
segment's in a FLAC comment, a clip's in its checksum. So a whole file in another's place is found out, too.

What reads sound and what waits for other builds is loaded when it is needed: a build that finds all clips has no use
for either.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import uuid
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from stat import S_ISREG
from typing import TYPE_CHECKING, Literal

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.base.file_system import is_in_use, long_path, retry_while_open
from mkdocs_lightning.cache.clip_record import UNREADABLE, CachedClip, ClipRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.locks import SharedLock
    from mkdocs_lightning.cache.shared import TransferReport
    from mkdocs_lightning.reading.segment import Clip, Segment

_FLAC = b"fLaC"
_CLIP_SUFFIXES = frozenset(output_format.suffix for output_format in OutputFormat)


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment's or a clip's file, whatever its key stands for.

    Attributes:
        size: Bytes; a clip's with its record.
        made: The day on which it was written.
    """

    name: str
    kind: Literal["segment", "clip"]
    path: Path
    size: int
    made: date


@dataclass(frozen=True, slots=True)
class Usage:
    """What one site, in one version and language, uses of the cache.

    Attributes:
        site: Which one, in words.
        current: Names of files that its last build used.
        former: Names of files that earlier builds used, each with the day on which one first did without it.
    """

    site: str
    current: frozenset[str] = frozenset()
    former: Mapping[str, date] = field(default_factory=dict)

    def after_build(self, names: Iterable[str], today: date) -> Usage:
        """The usage after a build that used these files."""
        current = frozenset(names)
        former = {name: day for name, day in self.former.items() if name not in current}
        former |= dict.fromkeys(self.current - current, today)
        return Usage(self.site, current, former)


class Cache:
    """Keeps segments and clips under one directory; safe to use from several threads and builds at once.

    Attributes:
        damaged: Names of the files that this cache found damaged and set aside.
    """

    def __init__(self, root: Path) -> None:
        self._root = long_path(root)
        self._segments = str(self._root / "segments")
        self.damaged: list[str] = []
        self._fetch_ended: deque[Clip] = deque()  # those whose fetching has ended
        self._unmovable: set[Path] = set()  # damaged, and could not be moved
        self._locks: dict[str, SharedLock] = {}  # by how a segment's key begins
        self._guards: dict[str, threading.Lock] = {}  # by how a clip's key begins: who looks does not see half a change

    def has_segment(self, segment: Segment) -> bool:
        """Whether there is a FLAC file for it, by its first bytes; the rest is checked when it is read."""
        if self._unmovable and self._segment_path(segment) in self._unmovable:
            return False
        # A large site asks a million times, and a `Path` takes three times as long as the disk.
        path = f"{self._segments}{os.sep}{segment.key[:2]}{os.sep}{segment_name(segment)}"
        return _begins_with(path, _FLAC)  # a pointer of git LFS, say, does not

    def cached_segments(self, clips: Iterable[Clip]) -> frozenset[str]:
        """The keys of those segments of some clips that are cached; each is looked up once, as in `has_segment`."""
        segments = {segment.key: segment for clip in clips for segment in clip.segments}
        return frozenset(key for key, segment in segments.items() if self.has_segment(segment))

    def look_up(self, clips: Iterable[Clip]) -> None:
        """Find out what a remote cache has of some clips' segments; without one there is nothing to find out."""

    def prefetch(self, clips: Sequence[Clip]) -> None:
        """Start to fetch what a remote cache has of some clips, and return at once.

        Without a remote cache there is nothing to fetch, so the fetching has ended at once.
        """
        self._fetch_ended += clips

    def take_fetched(self) -> Iterator[Clip]:
        """The clips whose fetching has ended by now, each once, whether something of them came or not.

        Raises:
            StoreError: The local cache cannot be written.
        """
        while self._fetch_ended:
            yield self._fetch_ended.popleft()

    def await_fetched(self) -> Iterator[Clip]:
        """Wait for all that was prefetched; the clips that were not taken before.

        Raises:
            StoreError: The local cache cannot be written.
        """
        return self.take_fetched()

    def finish(self, _seconds: float = 0.0) -> TransferReport | None:
        """Wait for transfers to a remote cache to end; what they were, or None where there is no remote cache."""
        return None

    def read_segment(self, segment: Segment) -> Audio | None:
        """A segment's samples, if they are here and undamaged; what is damaged is set aside."""
        path = self._segment_path(segment)
        audio = self._read_samples(path)
        if audio is not None and audio.sample_rate != segment.voice.sample_rate:
            self._quarantine(path)
            return None
        return audio

    def store_segment(self, segment: Segment, audio: Audio) -> None:
        """Keep a segment's samples.

        Raises:
            StoreError: The disk does not take them.
        """
        from mkdocs_lightning.audio.flac import from_flac, to_flac

        self._write(
            self._segment_path(segment),
            to_flac(audio, segment.key),
            is_as_good=lambda data: from_flac(data, segment.key) is not None,
        )

    @contextmanager
    def claim(self, segment: Segment, stopped: threading.Event) -> Iterator[Audio | None]:
        """Keep other builds from asking for a segment while this one does; its samples, if one was faster.

        The system lets go of the lock of a process that was killed. Where it knows no locks there are none.
        """
        from mkdocs_lightning.cache.locks import SharedLock

        start = segment.key[:2]
        lock = self._locks.setdefault(start, SharedLock())  # in one step, whatever the thread
        with lock.held(self._root / "locks" / f"{start}.lock", stopped):
            yield self.read_segment(segment)

    def find_clip(self, clip: Clip) -> CachedClip | None:
        """A clip's file, if it is here and as it was written; what is damaged is set aside."""
        path = self._clip_path(clip)
        stored = self._read_clip(path)
        if stored is not None and len(stored.lengths) != len(clip.segments):
            self._quarantine(path.with_suffix(".json"))
            return None
        return stored

    def store_clip(self, clip: Clip, data: bytes, duration: float, lengths: Sequence[float]) -> CachedClip:
        """Keep a clip's file.

        Args:
            clip: Names the file.
            data: The whole file.
            duration: Seconds.
            lengths: Of the segments, in seconds.

        Raises:
            StoreError: The disk does not take it.
        """
        path = self._clip_path(clip)
        record = ClipRecord.of(path.name, data, duration, lengths)
        self._write_clip_files(path, data, json.dumps(asdict(record)).encode())
        return CachedClip(path, len(data), duration, tuple(lengths))

    def store_fetched_segment(self, segment: Segment, data: bytes) -> bool:
        """Keep a segment's file that another machine made; whether it is what it should be, and was kept.

        Raises:
            StoreError: The disk does not take it.
        """
        if not is_audio_of(segment, data):
            return False
        self._write(self._segment_path(segment), data, is_lasting=False)
        return True

    def store_fetched_clip(self, clip: Clip, record: bytes, data: bytes) -> bool:
        """Keep a clip's file and its record, which another machine made; whether they are whole, and were kept.

        Raises:
            StoreError: The disk does not take them.
        """
        path = self._clip_path(clip)
        try:
            stored = ClipRecord.parse(record).clip_of(path, data)
        except UNREADABLE:
            return False
        if stored is None or len(stored.lengths) != len(clip.segments):
            return False
        self._write_clip_files(path, data, record, is_lasting=False)
        return True

    def store_captions(self, name: str, text: str) -> Path:
        """A file with a clip's cues, as the site serves it.

        Args:
            name: Begins with the clip's.
            text: The whole file; written only where the cache does not have it.

        Raises:
            StoreError: The disk does not take it.
        """
        path = self._root / "tracks" / name[:2] / name
        if self._read(path) != text.encode():
            self._write(path, text.encode(), is_lasting=False)
        return path

    def check_writable(self) -> None:
        """Find out before anything is paid for whether it can be kept.

        Raises:
            StoreError: It cannot.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root):
                pass
        except OSError as error:
            raise self._keep_error(error) from error

    def entries(self) -> Iterator[Entry]:
        """All segments and clips that are stored."""
        for path in sorted(self._root.glob("segments/??/*.flac")):
            if found := _stat(path):
                yield Entry(path.name, "segment", path, found.st_size, _day_of(found.st_mtime))
        for path in sorted(self._root.glob("clips/??/[!.]*")):
            record = _stat(path.with_suffix(".json"))
            if path.suffix in _CLIP_SUFFIXES and record and (found := _stat(path)):
                yield Entry(path.name, "clip", path, found.st_size + record.st_size, _day_of(found.st_mtime))

    def is_intact(self, entry: Entry) -> bool:
        """Whether a file is as it was written; it is set aside if not."""
        if entry.kind == "segment":
            return self._read_samples(entry.path) is not None
        return self._read_clip(entry.path) is not None

    def remove(self, entry: Entry) -> None:
        """Delete a file; a clip's record first, so that it is never taken for whole.

        Raises:
            StoreError: It cannot be deleted.
        """
        if entry.kind == "clip":
            self._delete(entry.path.with_suffix(".json"))
            for track in self._root.glob(f"tracks/{entry.name[:2]}/{entry.path.stem}-*.vtt"):
                self._delete(track)
        self._delete(entry.path)

    def remove_leftovers(self, before: date) -> None:
        """Delete what writes that were killed before a day have left: halves of files, and of clips.

        Raises:
            StoreError: They cannot be deleted.
        """
        whole = {half for entry in self.entries() for half in (entry.path, entry.path.with_suffix(".json"))}
        ours = (path for path in self._root.glob("clips/??/[!.]*") if path.suffix in {".json", *_CLIP_SUFFIXES})
        halves = (path for path in ours if path not in whole)
        for path in (*self._root.rglob(".*.tmp"), *halves):
            found = _stat(path)
            if found and _day_of(found.st_mtime) < before:
                self._delete(path)

    def usages(self) -> Iterator[Usage]:
        """What was recorded of the sites that use this cache."""
        for path in sorted(self._root.glob("usage/*.json")):
            usage = self._read_usage(path)
            if usage is not None:
                yield usage

    def store_usage(self, site: str, clips: Iterable[Clip], today: date) -> None:
        """Record what a build of a site used; writes only what has changed.

        Raises:
            StoreError: The disk does not take it.
        """
        path = self._root / "usage" / f"{hashlib.sha256(site.encode()).hexdigest()[:16]}.json"
        before = self._read_usage(path)
        after = replace(before or Usage(site), site=site).after_build(names_of(clips), today)
        if after != before:
            former = {name: day.isoformat() for name, day in after.former.items()}
            record = {"site": site, "current": sorted(after.current), "former": former}
            self._write(path, json.dumps(record, indent=0).encode())

    def _read_usage(self, path: Path) -> Usage | None:
        data = self._read(path)
        if data is None:
            return None
        try:
            record = json.loads(data)
            former = {str(name): date.fromisoformat(day) for name, day in record["former"].items()}
            return Usage(str(record["site"]), frozenset(map(str, record["current"])), former)
        except UNREADABLE:
            self._quarantine(path)
            return None

    def _read_samples(self, path: Path) -> Audio | None:
        data = self._read(path)
        if data is None:
            return None
        from mkdocs_lightning.audio.flac import from_flac

        audio = from_flac(data, path.stem)
        if audio is None:
            self._quarantine(path)
        return audio

    def _guard(self, path: Path) -> threading.Lock:
        return self._guards.setdefault(path.name[:2], threading.Lock())

    def _write_clip_files(self, path: Path, data: bytes, record: bytes, *, is_lasting: bool = True) -> None:
        """Write both files; the record of an earlier one goes first, or the new one might be taken for damaged."""
        with self._guard(path):
            with suppress(OSError):  # none, or a disk that takes nothing, as is found out next
                path.with_suffix(".json").unlink()
            self._write(path, data, is_lasting=is_lasting)
            self._write(path.with_suffix(".json"), record, is_lasting=is_lasting)

    def _read_clip(self, path: Path) -> CachedClip | None:
        with self._guard(path):
            return self._read_whole_clip(path)

    def _read_whole_clip(self, path: Path) -> CachedClip | None:
        record_path = path.with_suffix(".json")
        record_data, data = self._read(record_path), self._read(path)
        if record_data is None or data is None:
            return None
        try:
            record = ClipRecord.parse(record_data)
        except UNREADABLE:
            self._quarantine(record_path)
            return None
        stored = record.clip_of(path, data)
        if stored is None and self._read(record_path) == record_data:  # else another build is making it anew
            self._quarantine(path)
        return stored

    def _segment_path(self, segment: Segment) -> Path:
        return self._root / "segments" / segment.key[:2] / segment_name(segment)

    def _clip_path(self, clip: Clip) -> Path:
        return self._root / "clips" / clip.key[:2] / clip.file_name

    def _read(self, path: Path) -> bytes | None:
        """A file's bytes; None where there is none, and where it cannot be read."""
        try:
            return retry_while_open(path.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            if not is_in_use(error):  # else it may be whole: what was paid for stays where it is
                self._quarantine(path)
            return None

    def _write(
        self,
        path: Path,
        data: bytes,
        *,
        is_lasting: bool = True,
        is_as_good: Callable[[bytes], bool] | None = None,
    ) -> None:
        """Write a file as a whole; one that could not be made anew for nothing is on the disk before it counts.

        Args:
            path: Its place.
            data: All of it.
            is_lasting: Whether it is one that could not.
            is_as_good: Whether what is in its place already will do where it cannot be replaced, as on Windows while
                somebody has it open; by default, only the same.
        """
        temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            self._make_directory(path.parent)
            try:
                with temporary.open("xb") as file:
                    file.write(data)
                    if is_lasting:
                        file.flush()
                        os.fsync(file.fileno())
                self._put(temporary, path, is_as_good or data.__eq__)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise self._keep_error(error) from error
        self._unmovable.discard(path)

    @staticmethod
    def _put(temporary: Path, path: Path, is_as_good: Callable[[bytes], bool]) -> None:
        def replace() -> None:
            try:
                temporary.replace(path)
            except PermissionError:
                with suppress(OSError):
                    if is_as_good(path.read_bytes()):
                        return
                raise

        retry_while_open(replace, is_change=True)

    def _make_directory(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):  # a file is in the way, within the cache or above it
            for way in (directory.parent, directory):
                if way != self._root and way.is_file():
                    self._quarantine(way)
            directory.mkdir(parents=True, exist_ok=True)

    def _keep_error(self, error: OSError) -> StoreError:
        return StoreError(f"the cache {self._root} cannot be written ({error.strerror}); see cache_dir")

    def _delete(self, path: Path) -> None:
        try:
            retry_while_open(lambda: path.unlink(missing_ok=True), is_change=True)
        except OSError as error:
            raise self._keep_error(error) from error

    def _quarantine(self, path: Path) -> None:
        aside = self._root / "damaged" / path.name
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            if aside.is_dir() or (path.is_dir() and aside.exists()):  # what one cannot rename to the other
                aside = aside.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
            retry_while_open(lambda: path.replace(aside))
            self.damaged.append(path.name)
        except FileNotFoundError:
            pass  # another build was faster
        except OSError:
            self._unmovable.add(path)


def is_audio_of(segment: Segment, data: bytes) -> bool:
    """Whether a file that another machine made is a segment's, whole, and of a length that its text can have."""
    from mkdocs_lightning.audio.flac import from_flac
    from mkdocs_lightning.audio.samples import AudioError, check, max_duration

    voice = segment.voice
    audio = from_flac(data, segment.key, requires_key=True, max_seconds=max_duration(segment.text, voice.speed))
    if audio is None:
        return False
    try:
        check(audio, text=segment.text, sample_rate=voice.sample_rate, speed=voice.speed)
    except AudioError:
        return False
    return True


def names_of(clips: Iterable[Clip]) -> Iterator[str]:
    """The names of the files in which clips and their segments are kept."""
    for clip in clips:
        yield clip.file_name
        yield from map(segment_name, clip.segments)


def _begins_with(path: str, start: bytes) -> bool:
    """Whether there is a file that begins so."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.read(file, len(start)) == start
    except OSError:  # a directory, or a damaged disk
        return False
    finally:
        os.close(file)


def _stat(path: Path) -> os.stat_result | None:
    """A file's size and day; None where there is none, such as one that another build has just moved."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found if S_ISREG(found.st_mode) else None


def _day_of(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def segment_name(segment: Segment) -> str:
    """The name of the file in which a segment is kept."""
    return f"{segment.key}.flac"
