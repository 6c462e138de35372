"""The local cache with a remote one behind it: fetches what other machines have stored, and stores what is new.

    segments/a/ab12….flac    a segment's file, as in the local cache
    clips/a/ab12….mp3        a clip's record as a line of JSON, then its file

A remote cache is trusted as little as a disk. Every file is verified when it arrives: a segment by its key, the MD5 of
its samples and a length that its text can have, a clip by its checksum. An invalid file counts as missing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mkdocs_lightning.cache.clip_record import segment_name
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries
from mkdocs_lightning.cache.remote import CLIPS, SEGMENTS, Unread
from mkdocs_lightning.cache.transfers import Downloads, TransferReport, Uploads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.clip_record import CachedClip, ClipTimes
    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.reading.segment import Clip, Segment


UPLOAD_SECONDS = 120.0
"""Seconds that the end of a build waits for uploads."""

_LOCAL_ENGINES = frozenset(["offline"])  # free on any machine, so their audio is not worth sharing


class SharedCache(Cache):
    """A local cache that fetches from a remote one, and stores there what is synthesized here.

    The remote cache is first asked when something is missing here. It is listed once, also under `serve`, so files
    that others add later are not seen.

    Args:
        root: Of the local cache.
        remote: May serve several caches, one after the other.
    """

    def __init__(self, root: Path, remote: Remote) -> None:
        super().__init__(root)
        self._remote = remote
        self._uploads = Uploads(remote)
        self._downloads = Downloads(self.fetch)
        self._known: dict[str, set[str]] = {SEGMENTS: set(), CLIPS: set()}  # names of files in the remote cache
        self._listed: dict[str, set[str]] = {SEGMENTS: set(), CLIPS: set()}  # shards
        self._withheld: dict[str, Segment] = {}  # by name: those that are there, and could not be fetched
        self._unknown: dict[str, Segment] = {}  # likewise, where nobody can list: they may be there
        self._is_blind = False  # whether some of what the remote cache has could not be looked up
        self._fetched = 0
        self._invalid: list[str] = []
        remote.revive()

    @property
    def remote(self) -> Remote:
        """As `Cache.remote`."""
        return self._remote

    def has_segment(self, segment: Segment) -> bool:
        """Whether it is in the local cache, or known to be in the remote one, also if that does not give it now.

        Such a segment stays missing in this build: it is paid for, and is not to be paid for again.
        """
        name = segment_name(segment)
        return name in self._known[SEGMENTS] or name in self._withheld or super().has_segment(segment)

    def look_up(self, clips: Iterable[Clip]) -> None:
        """As `Cache.look_up`."""
        missing = self._missing_here(clips).keys()
        if missing and not self._list(SEGMENTS, missing):
            self._known[SEGMENTS] |= set(self._remote.existing(SEGMENTS, missing))

    def prefetch(self, clips: Iterable[Clip]) -> Sequence[tuple[Clip, CachedClip | None]]:
        """As `Cache.prefetch`."""
        self._downloads.add(list(clips))
        return [(clip, self.find_clip(clip)) for clip in self._downloads.take()]

    def fetch_all(self, clips: Sequence[Clip], /) -> Iterable[Clip]:
        """As `Cache.fetch_all`."""
        self._downloads.add(clips)
        return self._downloads.finish()

    def fetch(self, clips: Collection[Clip]) -> None:
        """Copy what the remote cache has of some clips to the local one: a clip's file, else those of its segments.

        Args:
            clips: Whose files are missing in the local cache.

        Raises:
            StoreError: The local cache cannot be written.
        """
        missing = {clip.file_name: clip for clip in clips if _is_shareable(clip.segments[0])}
        withheld = []
        for name, data in self._download(CLIPS, set(missing)):
            if isinstance(data, Unread):
                withheld.append(missing[name])
                continue
            line, _, file = data.partition(b"\n")
            is_valid = self.store_fetched_clip(missing[name], line, file)
            self._count_fetched(CLIPS, name, is_valid=is_valid)
            if is_valid:
                self._give_back(missing.pop(name).segments)
        segments = self._missing_here(missing.values())
        unread = self._fetch_segments(segments)
        # If a clip is there, its segments were paid for, also those that nobody keeps any more.
        paid = (segment for clip in withheld for segment in clip.segments)
        unread |= {name: segments[name] for name in map(segment_name, paid) if self._is_lost(segments.get(name))}
        self._note_unread(unread)

    def _missing_here(self, clips: Iterable[Clip]) -> dict[str, Segment]:
        """The segments of some clips that the local cache does not have, and another machine may have, by name."""
        return {
            segment_name(segment): segment
            for clip in clips
            for segment in clip.segments
            if _is_shareable(segment) and not super(SharedCache, self).has_segment(segment)
        }

    def _fetch_segments(self, segments: Mapping[str, Segment]) -> dict[str, Segment]:
        """Copy what the remote cache has of some segments to the local one.

        Returns:
            Those that it may have, and did not give.

        Raises:
            StoreError: The local cache cannot be written.
        """
        unread = {}
        for name, data in self._download(SEGMENTS, set(segments)):
            if isinstance(data, Unread):
                unread[name] = segments[name]
                continue
            is_valid = self.store_fetched_segment(segments[name], data)
            self._count_fetched(SEGMENTS, name, is_valid=is_valid)
            self._give_back([segments[name]])
        return unread

    def _note_unread(self, unread: Mapping[str, Segment]) -> None:
        if self._remote.can_list:
            self._withheld |= unread
        else:
            self._unknown |= unread

    def _is_lost(self, segment: Segment | None) -> bool:
        """Whether a segment that was wanted is not here, and not in the remote cache's listing either."""
        return segment is not None and not self.has_segment(segment)

    def _give_back(self, segments: Iterable[Segment]) -> None:
        """Count segments as withheld or unknown no longer."""
        for segment in segments:
            self._withheld.pop(segment_name(segment), None)
            self._unknown.pop(segment_name(segment), None)

    def store_segment(self, segment: Segment, audio: Audio) -> None:
        """Store a segment's samples, and upload them in the background.

        Raises:
            StoreError: The local cache cannot be written.
        """
        super().store_segment(segment, audio)
        if _is_shareable(segment):
            self._upload(SEGMENTS, self._segment_path(segment))

    def store_clip(self, clip: Clip, data: bytes, times: ClipTimes) -> CachedClip:
        """Store a clip's file as `Cache.store_clip` does, and upload it in the background.

        Raises:
            StoreError: The local cache cannot be written.
        """
        cached = super().store_clip(clip, data, times)
        if _is_shareable(clip.segments[0]):
            self._upload(CLIPS, cached.path)
        return cached

    def push(self) -> TransferReport:
        """Upload all that the local cache has and the remote one has not, however long that takes."""
        for kind, of_kind in ((SEGMENTS, "sentence"), (CLIPS, "clip")):
            paths = {entry.name: entry.path for entry in entries(self) if entry.kind == of_kind}
            self._list(kind, paths)
            for name in sorted(paths.keys() - self._known[kind]):
                self._upload(kind, paths[name])
        return self.finish(float("inf"))

    def pull(self, clips: Iterable[Clip], /) -> TransferReport:
        """As `Cache.pull`.

        Raises:
            StoreError: The local cache cannot be written.
            SettingError: The remote cache does not exist.
        """
        distinct = {clip.key: clip for clip in clips}.values()
        self.fetch([clip for clip in distinct if self.find_clip(clip) is None])
        self._note_unread(self._fetch_segments(self._missing_here(distinct)))
        return replace(self.finish(0), missing=len(self._missing_here(distinct)))

    def finish(self, seconds: float = UPLOAD_SECONDS) -> TransferReport:
        """Wait for uploads, at most so many seconds.

        Returns:
            The counts of this cache's transfers.
        """
        stored, lost = self._uploads.finish(seconds)
        withheld = sum(not super(SharedCache, self).has_segment(segment) for segment in list(self._withheld.values()))
        return TransferReport(
            self._remote,
            self._fetched,
            stored,
            lost,
            tuple(self._invalid),
            withheld,
            unknown=len(self._unknown),
            is_blind=self._is_blind,
        )

    def _list(self, kind: str, names: Collection[str]) -> bool:
        """List the shards that these names belong to.

        Returns:
            Whether the remote cache can be listed.

        Raises:
            SettingError: The remote cache does not exist.
        """
        shards = {name[0] for name in names} - self._listed[kind]
        listed = self._remote.names(kind, shards)
        if listed is None:
            return False
        self._known[kind] |= listed
        unlisted = {shard for shard in shards if not self._remote.has_listed(kind, shard)}
        self._is_blind = self._is_blind or bool(unlisted)
        self._listed[kind] |= shards - unlisted
        return True

    def _download(self, kind: str, names: set[str]) -> Iterator[tuple[str, bytes | Unread]]:
        """Those of some files that the remote cache has, or may have: `Unread.FAILED` for what it does not give."""
        if self._list(kind, names):
            names &= self._known[kind]
        for name, data in self._remote.read(kind, names):
            if data is Unread.ABSENT:
                self._known[kind].discard(name)
            else:
                yield name, data

    def _count_fetched(self, kind: str, name: str, *, is_valid: bool) -> None:
        if is_valid:
            self._fetched += 1
        else:
            self._known[kind].discard(name)  # so that it is made again, and replaced in the remote cache
            self._invalid.append(name)

    def _upload(self, kind: str, path: Path) -> None:
        if path.name not in self._known[kind]:
            self._uploads.add(kind, path)


def _is_shareable(segment: Segment) -> bool:
    return segment.engine not in _LOCAL_ENGINES
