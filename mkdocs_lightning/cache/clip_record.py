"""Records in the cache: that of a clip, with the checksum that proves its file intact, and a segment's word times.

    words/ab/ab12….json      named as the segment; {"sha256", "words": [[index in the text, second], …]}

Only `highlight: word` asks for word times. Their checksum covers the segment's key, its samples and the times: they do
not hold for a segment that was synthesized anew, which may sound different. They cost nothing, so a damaged file is
quarantined and made again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.cache.files import is_pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip, Segment, WordTimes

Silences: TypeAlias = "tuple[tuple[tuple[float, float], ...], ...]"
"""For each segment of a clip, the start and the end of each silence."""

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading a damaged JSON record raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTimes:
    """What is known of a clip's sound.

    Attributes:
        duration: Seconds.
        lengths: Of its segments, in seconds, without the pauses between them.
        silences: In each segment: their starts and ends in seconds from its start. Empty if they are unknown.
        words: Of each segment; None if nobody has looked for them.
    """

    duration: float
    lengths: tuple[float, ...]
    silences: Silences = ()
    words: tuple[WordTimes, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedClip(ClipTimes):
    """An intact clip in the cache.

    Attributes:
        path: The file that the site serves.
        size: Bytes.
    """

    path: Path
    size: int

    @classmethod
    def of(cls, path: Path, data: bytes, times: ClipTimes) -> CachedClip:
        """The clip whose file has these bytes."""
        return cls(
            path=path,
            size=len(data),
            duration=times.duration,
            lengths=times.lengths,
            silences=times.silences,
            words=times.words,
        )


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """The record beside a clip's file.

    Attributes:
        sha256: Of the file's name, the times, and the file's bytes.
        times: What it says of the clip.
    """

    sha256: str
    times: ClipTimes

    @classmethod
    def of(cls, name: str, data: bytes, times: ClipTimes) -> ClipRecord:
        """The record of a file with this name and these bytes."""
        lengths, silences = [float(length) for length in times.lengths], times.silences
        facts = [name, float(times.duration), lengths, *([silences] if silences else [])]
        if times.words is not None:
            facts.append({"words": times.words})
        checksum = hashlib.sha256(json.dumps(facts).encode())
        checksum.update(data)
        return cls(checksum.hexdigest(), times)

    @classmethod
    def parse(cls, data: bytes) -> ClipRecord:
        """Read a record. One without silences or words is valid.

        Raises:
            Exception: One of `UNREADABLE`: the record is damaged, or was written by another version of this package.
        """
        facts = json.loads(data)
        sha256 = str(facts.pop("sha256"))
        times = ClipTimes(**facts)
        lengths = tuple(float(length) for length in times.lengths)
        silences = tuple(
            tuple((float(start), float(end)) for start, end in of_segment)
            for of_segment, _ in zip(times.silences, lengths if times.silences else (), strict=True)
        )
        words = None if times.words is None else _parsed_words(times.words, len(lengths))
        return cls(sha256, ClipTimes(duration=float(times.duration), lengths=lengths, silences=silences, words=words))

    def to_json(self) -> bytes:
        """The record as `parse` reads it."""
        times = self.times
        facts = {"sha256": self.sha256, "duration": times.duration, "lengths": times.lengths}
        silences = {"silences": times.silences} if times.silences else {}
        words = {} if times.words is None else {"words": times.words}
        return json.dumps(facts | silences | words).encode()

    def clip_of(self, path: Path, data: bytes) -> CachedClip | None:
        """The clip, if the record was made for a file of this name and with these bytes."""
        if ClipRecord.of(path.name, data, self.times).sha256 != self.sha256:
            return None
        return CachedClip.of(path, data, self.times)


def _parsed_words(raw: Sequence[WordTimes], count: int) -> tuple[WordTimes, ...]:
    """The words of `count` segments, as they were read from JSON.

    Raises:
        Exception: One of `UNREADABLE`: the record is damaged.
    """
    return tuple(_parsed_times(times) for times, _ in zip(raw, range(count), strict=True))


def _parsed_times(raw: WordTimes) -> WordTimes:
    """The words of one segment, as they were read from JSON; raises as `_parsed_words`."""
    return tuple((int(start), float(second)) for start, second in raw)


def read_word_times(cache: Cache, segment: Segment, audio: Audio) -> WordTimes | None:
    """The words of a segment; None if nobody has looked for them in this audio."""
    path = words_path(cache, segment.key)
    data = cache.files.read(path)
    if data is None:
        return None
    try:
        record = json.loads(data)
        times = _parsed_times(record["words"])
        is_intact = record["sha256"] == _checksum(segment, audio, times)
    except UNREADABLE:
        cache.files.quarantine(path)
        return None
    return times if is_intact else None


def store_word_times(cache: Cache, segment: Segment, audio: Audio, times: WordTimes) -> None:
    """Store the words of a segment.

    Raises:
        StoreError: The cache cannot be written.
    """
    record = {"sha256": _checksum(segment, audio, times), "words": times}
    cache.files.write(words_path(cache, segment.key), json.dumps(record).encode(), is_durable=False)


def has_clip(cache: Cache, name: str, segments: int) -> bool:
    """Whether a clip is cached, or Git LFS left a pointer in its place.

    Args:
        cache: Where to look.
        name: Of the clip's file.
        segments: How many it is made of.
    """
    path = cache.files.root / "clips" / name[:2] / name
    if is_pointer(path) or is_pointer(path.with_suffix(".json")):
        return True
    cached = cache.read_clip_file(path)
    return cached is not None and len(cached.lengths) == segments


def add_words(cache: Cache, clip: Clip, cached: CachedClip, words: tuple[WordTimes, ...]) -> CachedClip:
    """Add the words of its segments to a clip that was built without.

    Returns:
        The clip with its words; as it was, if its file is gone.

    Raises:
        StoreError: The cache cannot be written.
    """
    data = cache.files.read(cached.path)
    if data is None:
        return cached
    return cache.store_clip(clip, data, replace(cached, words=words))


def words_path(cache: Cache, key: str) -> Path:
    """The file of the words of the segment with this key."""
    return cache.files.root / "words" / key[:2] / f"{key}.json"


def _checksum(segment: Segment, audio: Audio, times: WordTimes) -> str:
    checksum = hashlib.sha256(json.dumps([segment.key, times]).encode())
    checksum.update(audio.samples.tobytes())
    return checksum.hexdigest()


def segment_name(segment: Segment) -> str:
    """The name of a segment's file."""
    return f"{segment.key}.flac"


def names_of(clips: Iterable[Clip]) -> Iterator[str]:
    """The names of the files of clips and of their segments."""
    for clip in clips:
        yield clip.file_name
        yield from map(segment_name, clip.segments)
