"""The cache on this machine: synthesized sentences as segments, and encoded clips.

    segments/ab/ab12….flac   a segment's samples, lossless; the name is the segment's key
    clips/ab/ab12….mp3       a clip as the site serves it; the name is the start of the clip's key
    clips/ab/ab12….json      the clip's record, written last: duration, lengths of its segments, checksum over all
    words/ab/ab12….json      when each word of a segment is heard (see clip_record.py)
    captions/ab/ab12….vtt    a clip's captions as the site serves them; rewritten where they differ
    usage/….json             what one site, in one version and language, uses (see maintenance.py)
    damaged/                 files that were found damaged, moved here for inspection
    locks/ab.lock            empty; locked while a segment whose key begins with these digits is requested
    locks/ab.holder          which process has locked it

Every file proves what it belongs to: a segment's names its key in a FLAC comment, a clip's checksum covers its name.
So an intact file in the place of another one is found out as well.

Modules that read audio or lock files are imported when they are needed: a build that finds all clips needs neither.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.flac_head import HEAD_BYTES, TAIL_BYTES, may_be_whole
from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.cache.clip_record import UNREADABLE, CachedClip, ClipRecord, ClipTimes, segment_name
from mkdocs_lightning.cache.files import CacheFiles, ends_of, is_pointer, pointer_notice

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.locks import SharedLock
    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.cache.transfers import TransferReport
    from mkdocs_lightning.reading.segment import Clip, Segment

_CHARACTERS_A_SECOND = 10  # of slow speech: FLAC takes half of what its samples take, so this is on the safe side


class Cache:
    """Segments and clips below one directory; safe to use from several threads and builds at once.

    Args:
        root: The directory; the first write creates it.
        setting: What names it, for messages.

    Attributes:
        files: The directory's files, for `maintenance`.
        lost: Segments that were synthesized and could not be stored.
        pointers: Names of the pointers of Git LFS that `cached_segments` has met, by the keys of their segments.
    """

    def __init__(self, root: Path, *, setting: str = "cache_dir") -> None:
        self.files = CacheFiles(root, setting=setting)
        self.lost: list[Segment] = []
        self.pointers: dict[str, str] = {}
        self._rooms_lock = threading.Lock()  # guards the next
        self._awaited_bytes = 0  # of the segments that are claimed, as far as that can be known
        self._segments = str(self.files.root / "segments")
        self._segment_locks: dict[str, SharedLock] = {}  # among builds; by the first two digits of a segment's key
        self._clip_locks: dict[str, threading.Lock] = {}  # among threads; by the first two digits of a clip's key

    @property
    def damaged(self) -> Sequence[str]:
        """Names of the files that this cache found damaged and moved to `damaged/`."""
        return self.files.damaged

    @property
    def remote(self) -> Remote | None:
        """The remote cache behind this one; None if there is none."""
        return None

    def has_segment(self, segment: Segment) -> bool:
        """Whether a segment's file has the two ends of a whole one; `read_segment` checks the rest."""
        if self.files.unmovable and self._segment_path(segment) in self.files.unmovable:
            return False
        # A large site asks a million times, and a `Path` takes three times as long as the disk.
        path = f"{self._segments}{os.sep}{segment.key[:2]}{os.sep}{segment_name(segment)}"
        return may_be_whole(*ends_of(path, HEAD_BYTES, TAIL_BYTES), segment.key, segment.voice.sample_rate)

    def cached_segments(self, clips: Iterable[Clip]) -> frozenset[str]:
        """The keys of the segments of some clips without a file that are cached, or of which Git LFS left a pointer."""
        distinct = {clip.key: clip for clip in clips}.values()
        segments = {segment.key: segment for clip in distinct for segment in clip.segments}
        cached = {key for key, segment in segments.items() if self.has_segment(segment)}
        pointers = self._pointers_of(distinct, cached)
        self.pointers |= pointers
        return frozenset(cached | pointers.keys())

    def _pointers_of(self, clips: Iterable[Clip], cached: Container[str]) -> dict[str, str]:
        """The pointers in the place of missing segments of some clips, or of the clips, by the segments' keys."""
        found: dict[str, str] = {}
        for clip in clips:
            if missing := [segment for segment in clip.segments if segment.key not in cached]:
                path = self._clip_path(clip)
                of_clip = next((each for each in (path, path.with_suffix(".json")) if is_pointer(each)), None)
                for segment in missing:
                    own = self._segment_path(segment)
                    if pointer := own if is_pointer(own) else of_clip:
                        found[segment.key] = pointer.name
        return found

    def read_segment(self, segment: Segment) -> Audio | None:
        """A segment's samples; None if it is missing. A damaged file is quarantined, and counts as missing."""
        path = self._segment_path(segment)
        audio = self.read_segment_file(path)
        if audio is not None and audio.sample_rate != segment.voice.sample_rate:
            self.files.quarantine(path)
            return None
        return audio

    def read_segment_file(self, path: Path) -> Audio | None:
        """The samples of a segment's file, without knowing the segment; otherwise as `read_segment`."""
        data = self.files.read(path)
        if data is None:
            return None
        from mkdocs_lightning.audio.flac import from_flac

        try:
            audio = from_flac(data, path.stem)
        except MemoryError:
            return None  # this says nothing about the file
        if audio is None:
            self.files.quarantine(path)
        return audio

    def store_segment(self, segment: Segment, audio: Audio) -> None:
        """Store a segment's samples.

        Raises:
            StoreError: The cache cannot be written.
        """
        from mkdocs_lightning.audio.flac import from_flac, to_flac

        try:
            self.files.write(
                self._segment_path(segment),
                to_flac(audio, segment.key),
                is_good_enough=lambda data: from_flac(data, segment.key) is not None,
            )
        except StoreError:
            self.lost.append(segment)
            raise

    @contextmanager
    def claim(self, segment: Segment, stopped: threading.Event) -> Iterator[Audio | None]:
        """Keep other builds from requesting a segment while this one does.

        The lock of a process that was killed is released by the system. On a file system without locks there is none.

        Args:
            segment: Which one; neighbors with the same first two digits of the key are claimed with it.
            stopped: Set when the build is to stop: it waits for no lock then.

        Yields:
            The segment's samples, if another build has stored them meanwhile.

        Raises:
            StoreError: The segment's folder cannot be written, or the disk has no room for this segment and the others
                that are claimed now; or Git LFS has not fetched its file.
        """
        from mkdocs_lightning.cache.locks import SharedLock

        start = segment.key[:2]
        lock = self._segment_locks.setdefault(start, SharedLock())  # atomic, so all threads get the same one
        with lock.held(self.files.root / "locks" / f"{start}.lock", stopped):
            audio = self.read_segment(segment)
            if audio is not None:
                yield audio
                return
            if is_pointer(self._segment_path(segment)):
                raise StoreError(pointer_notice([segment_name(segment)]))
            self.files.check_folder(self._segment_path(segment).parent)
            with self._room_for(segment):
                yield None

    @contextmanager
    def _room_for(self, segment: Segment) -> Iterator[None]:
        """Count a segment that is about to be requested; the disk must have room for all of them.

        Raises:
            StoreError: It has not.
        """
        room = _room_of(segment)
        with self._rooms_lock:
            self._awaited_bytes += room
        try:
            self.files.check_room(self._awaited_bytes)
            yield
        finally:
            with self._rooms_lock:
                self._awaited_bytes -= room

    def find_clip(self, clip: Clip) -> CachedClip | None:
        """A clip's file; None if it is missing. A damaged one is quarantined, and counts as missing."""
        path = self._clip_path(clip)
        cached = self.read_clip_file(path)
        if cached is not None and len(cached.lengths) != len(clip.segments):
            self.files.quarantine(path.with_suffix(".json"))
            return None
        return cached

    def read_clip_file(self, path: Path) -> CachedClip | None:
        """The clip in a file with its record, without knowing the `Clip`; otherwise as `find_clip`."""
        with self._clip_lock(path):
            return self._read_clip_and_record(path)

    def store_clip(self, clip: Clip, data: bytes, times: ClipTimes) -> CachedClip:
        """Store a clip's file and its record.

        Args:
            clip: Names the file.
            data: The whole file.
            times: What is known of its sound.

        Raises:
            StoreError: The cache cannot be written.
        """
        path = self._clip_path(clip)
        self._write_clip_and_record(path, data, ClipRecord.of(path.name, data, times).to_json())
        return CachedClip.of(path, data, times)

    def store_fetched_segment(self, segment: Segment, data: bytes) -> bool:
        """Store a segment's file that another machine wrote, if it is valid.

        Returns:
            Whether it was.

        Raises:
            StoreError: The cache cannot be written.
        """
        if not is_audio_of(segment, data):
            return False
        self.files.write(self._segment_path(segment), data, is_durable=False)
        return True

    def store_fetched_clip(self, clip: Clip, record: bytes, data: bytes) -> bool:
        """Store a clip's file and record that another machine wrote, if they are valid.

        Returns:
            Whether they were.

        Raises:
            StoreError: The cache cannot be written.
        """
        path = self._clip_path(clip)
        try:
            cached = ClipRecord.parse(record).clip_of(path, data)
        except UNREADABLE:
            return False
        if cached is None or len(cached.lengths) != len(clip.segments):
            return False
        self._write_clip_and_record(path, data, record)
        return True

    def store_captions(self, name: str, text: str) -> Path:
        """Store a clip's captions, unless the same text is stored already.

        Args:
            name: The file's name; begins with the clip's.
            text: The whole WebVTT file.

        Returns:
            The file that the site serves.

        Raises:
            StoreError: The cache cannot be written.
        """
        path = self.files.root.joinpath("captions", name[:2], name)
        data = text.encode()
        if self.files.read(path) != data:
            self.files.write(path, data, is_durable=False)
        return path

    def check_writable(self) -> None:
        """Check that the cache can be written, before anything is paid for.

        Raises:
            StoreError: It cannot.
        """
        self.files.check_writable()

    def look_up(self, clips: Iterable[Clip]) -> None:
        """Does nothing here; `SharedCache` asks the remote cache which segments of some clips it has."""

    def prefetch(self, clips: Iterable[Clip]) -> Sequence[tuple[Clip, CachedClip | None]]:
        """Start to fetch what the remote cache has of some clips, and return at once.

        Args:
            clips: Some that are missing here.

        Returns:
            The clips that are done by now, these and earlier ones, each once, with its file if the remote cache had it.
            Without a remote cache there is nothing to fetch, so these are done at once.

        Raises:
            StoreError: The cache cannot be written.
        """
        return [(clip, None) for clip in clips]

    def fetch_all(self, _clips: Sequence[Clip], /) -> Iterable[Clip]:
        """Fetch what the remote cache has of some clips, and wait for these and for all prefetched ones.

        Returns:
            The clips that may be here now, and that `prefetch` has not returned. Without a remote cache there are none.

        Raises:
            StoreError: The cache cannot be written.
        """
        return ()

    def push(self) -> TransferReport | None:
        """Upload all that the remote cache has not, and wait for it.

        Returns:
            The counts; None without a remote cache.
        """
        return None

    def pull(self, _clips: Iterable[Clip], /) -> TransferReport | None:
        """Fetch what the remote cache has of some clips and of all of their segments, and wait for it.

        Returns:
            The counts; None without a remote cache.
        """
        return None

    def finish(self, _seconds: float = 0.0) -> TransferReport | None:
        """Wait for uploads to the remote cache to end.

        Returns:
            The counts; None without a remote cache.
        """
        return None

    def _clip_lock(self, path: Path) -> threading.Lock:
        """Held so that no thread of this build reads a clip and its record while another one replaces them."""
        return self._clip_locks.setdefault(path.name[:2], threading.Lock())

    def _write_clip_and_record(self, path: Path, data: bytes, record: bytes) -> None:
        """Neither is flushed to the disk: a clip that a power failure damages does not match, and is made again."""
        with self._clip_lock(path):
            # The old record goes first: beside the new file it would look like damage.
            with suppress(OSError):  # there is none, or nothing can be written, which the next call reports
                path.with_suffix(".json").unlink()
            self.files.write(path, data, is_durable=False)
            self.files.write(path.with_suffix(".json"), record, is_durable=False)

    def _read_clip_and_record(self, path: Path) -> CachedClip | None:
        record_path = path.with_suffix(".json")
        record_data = self.files.read(record_path)
        data = self.files.read(path) if record_data is not None else None
        if record_data is None or data is None:
            return None
        try:
            record = ClipRecord.parse(record_data)
        except UNREADABLE:
            self.files.quarantine(record_path)
            return None
        cached = record.clip_of(path, data)
        if cached is None and self.files.read(record_path) == record_data:  # else another build is replacing the clip
            self.files.quarantine(path)
        return cached

    def _segment_path(self, segment: Segment) -> Path:
        return self.files.root.joinpath("segments", segment.key[:2], segment_name(segment))

    def _clip_path(self, clip: Clip) -> Path:
        return self.files.root.joinpath("clips", clip.key[:2], clip.file_name)


def _room_of(segment: Segment) -> int:
    """The bytes that a segment may take, before it is synthesized."""
    seconds = 1 + len(segment.text) / _CHARACTERS_A_SECOND / segment.voice.speed
    return int(seconds * segment.voice.sample_rate * 2)


def is_audio_of(segment: Segment, data: bytes) -> bool:
    """Whether a file that another machine wrote is intact, names the segment, and is as long as its text may be."""
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
