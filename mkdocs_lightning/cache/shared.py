"""The local cache with a remote one behind it: what others have paid for is fetched, what was made here is shared.

    segments/a/ab12….flac    a segment's file, as in the local cache
    clips/a/ab12….mp3        a clip's record as a line of JSON, then its file

A remote cache is believed as little as a disk: each file is proven when it comes, a segment by its key, the MD5 of its
samples and a length that its text can have, a clip by its checksum. What does not hold is not taken, and made anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.cache.local import Cache, segment_name
from mkdocs_lightning.cache.maintenance import entries
from mkdocs_lightning.cache.remote import CLIPS, SEGMENTS
from mkdocs_lightning.cache.transfers import Fetching, Uploads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from logging import Logger, LoggerAdapter
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.reading.segment import Clip, Segment


SECONDS_TO_STORE = 120.0
"""For what is still on its way to the remote cache when a build ends."""

_OWN_ENGINES = frozenset(["offline"])  # what any machine makes for nothing is no use to others


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What a build and a remote cache had to do with one another.

    Attributes:
        fetched: How many files came from there.
        stored: How many were stored there.
        lost: How many should have been.
        refused: Names of files that came from there and were not what they should be.
    """

    remote: Remote
    fetched: int
    stored: int
    lost: int
    refused: tuple[str, ...]

    def __str__(self) -> str:
        return f"remote cache: {self.fetched:,} files fetched, {self.stored:,} stored"

    @property
    def failure_reasons(self) -> list[str]:
        """What did not work, a sentence each, where it matters to anybody."""
        place = f"remote_cache {self.remote.url}"
        failure_reasons = []
        if self.remote.failure_reason:
            failure_reasons.append(
                f"{place}: {self.remote.failure_reason}. What was not fetched by then was taken for missing"
            )
        if self.refused:
            failure_reasons.append(
                f"{place}: {len(self.refused):,} of its files were not what they should be, such as "
                f"'{self.refused[0]}'. They were not used"
            )
        if self.lost and self.remote.expects_writes:
            reason = (
                self.remote.write_failure_reason
                or self.remote.failure_reason
                or "it is too slow, or fails now and then"
            )
            failure_reasons.append(
                f"{place}: {self.lost:,} files were not stored there: {reason}. They are in cache_dir; "
                "'mkdocs-lightning cache push' tries again"
            )
        return failure_reasons


class SharedCache(Cache):
    """A local cache that fetches from a remote one, and stores there what is made.

    The remote one is first asked when something is not here. What it has is listed once, also under `serve`: a store
    that is added to meanwhile is believed to be as it was.

    Args:
        root: Of the local cache.
        remote: May serve several caches, one after the other.

    """

    def __init__(self, root: Path, remote: Remote) -> None:
        super().__init__(root)
        self._remote = remote
        self._uploads = Uploads(remote)
        self._fetching = Fetching(self)
        self._known: dict[str, set[str]] = {SEGMENTS: set(), CLIPS: set()}
        self._listed: dict[str, set[str]] = {SEGMENTS: set(), CLIPS: set()}
        self._fetched = 0
        self._refused: list[str] = []

    @property
    def address(self) -> str:
        """Of the remote cache."""
        return self._remote.url

    @property
    def may_store(self) -> bool:
        """Whether there is any use in storing there."""
        return self._remote.may_write

    def look_up(self, clips: Iterable[Clip]) -> None:
        """Find out which segments of some clips the remote cache has; `has_segment` knows from then on."""
        lacking = {
            segment_name(segment)
            for clip in clips
            for segment in clip.segments
            if _is_shared(segment) and not super(SharedCache, self).has_segment(segment)
        }
        if lacking and not self._list(SEGMENTS, lacking):
            self._known[SEGMENTS] |= set(self._remote.existing(SEGMENTS, lacking))

    def prefetch(self, clips: Sequence[Clip]) -> None:
        """As `Cache.prefetch`."""
        self._fetching.add(clips)

    def take_fetched(self) -> Iterator[Clip]:
        """As `Cache.take_fetched`."""
        return self._fetching.take()

    def await_fetched(self) -> Iterator[Clip]:
        """As `Cache.await_fetched`."""
        return self._fetching.finish()

    def has_segment(self, segment: Segment) -> bool:
        """Whether it is here, or known to be in the remote cache."""
        return segment_name(segment) in self._known[SEGMENTS] or super().has_segment(segment)

    def fetch(self, clips: Collection[Clip]) -> None:
        """Have here what the remote cache has of some clips: their files, or what segments of them there are.

        Args:
            clips: Whose files are not here.

        Raises:
            StoreError: The local cache cannot be written.
        """
        lacking = {clip.file_name: clip for clip in clips if _is_shared(clip.segments[0])}
        for name, data in self._download(CLIPS, set(lacking)):
            if self._take_clip(lacking[name], data):
                del lacking[name]
        segments = {
            segment_name(segment): segment
            for clip in lacking.values()
            for segment in clip.segments
            if not super(SharedCache, self).has_segment(segment)
        }
        for name, data in self._download(SEGMENTS, set(segments)):
            self._take_segment(segments[name], data)

    def store_segment(self, segment: Segment, audio: Audio) -> None:
        """Keep a segment's samples, and share them.

        Raises:
            StoreError: The disk does not take them.
        """
        super().store_segment(segment, audio)
        if _is_shared(segment):
            self._share(SEGMENTS, self._segment_path(segment))

    def store_clip(self, clip: Clip, data: bytes, duration: float, lengths: Sequence[float]) -> CachedClip:
        """Keep a clip's file, and share it; as `Cache.store_clip`.

        Raises:
            StoreError: The disk does not take it.
        """
        stored = super().store_clip(clip, data, duration, lengths)
        if _is_shared(clip.segments[0]):
            self._share(CLIPS, stored.path)
        return stored

    def share_all(self) -> int:
        """Have all that is here, and is not there, stored in the remote cache; how many files."""
        number = 0
        for kind, of_kind in ((SEGMENTS, "segment"), (CLIPS, "clip")):
            paths = {entry.path.name: entry.path for entry in entries(self) if entry.kind == of_kind}
            self._list(kind, paths)
            for name in sorted(paths.keys() - self._known[kind]):
                self._share(kind, paths[name])
                number += 1
        return number

    def finish(self, seconds: float = SECONDS_TO_STORE) -> TransferReport:
        """Wait, for so many seconds at most, for what is being stored in the remote cache."""
        stored, lost = self._uploads.finish(seconds)
        return TransferReport(self._remote, self._fetched, stored, lost, tuple(self._refused))

    def _list(self, kind: str, names: Collection[str]) -> bool:
        """List what may be of use; whether the remote cache can be listed."""
        shards = {name[0] for name in names} - self._listed[kind]
        listed = self._remote.names(kind, shards)
        if listed is None:
            return False
        self._known[kind] |= listed
        self._listed[kind] |= shards
        return True

    def _download(self, kind: str, names: set[str]) -> Iterator[tuple[str, bytes]]:
        """The files of the remote cache among some."""
        if self._list(kind, names):
            names &= self._known[kind]
        for name, data in self._remote.read(kind, names):
            if data is None:
                self._known[kind].discard(name)
            else:
                yield name, data

    def _take_clip(self, clip: Clip, data: bytes) -> bool:
        line, _, file = data.partition(b"\n")
        return self._note(CLIPS, clip.file_name, is_taken=self.store_fetched_clip(clip, line, file))

    def _take_segment(self, segment: Segment, data: bytes) -> bool:
        return self._note(SEGMENTS, segment_name(segment), is_taken=self.store_fetched_segment(segment, data))

    def _note(self, kind: str, name: str, *, is_taken: bool) -> bool:
        self._fetched += is_taken
        if not is_taken:
            self._known[kind].discard(name)  # so that it is made anew, and stored in its place
            self._refused.append(name)
        return is_taken

    def _share(self, kind: str, path: Path) -> None:
        if path.name not in self._known[kind]:
            self._uploads.add(kind, path)


def finish_sharing(cache: Cache, log: Logger | LoggerAdapter[Logger]) -> None:
    """Wait for what is still being stored in a remote cache, if there is one, and say what did not work there."""
    sharing = cache.finish(SECONDS_TO_STORE)
    if sharing is None:
        return
    if sharing.fetched or sharing.stored:
        log.info("%s", sharing)
    for failure_reason in sharing.failure_reasons:
        log.warning("%s", failure_reason)


def _is_shared(segment: Segment) -> bool:
    return segment.engine not in _OWN_ENGINES
