"""Records in the cache: that of a clip, with the checksum that proves its file intact, and a segment's word times.

    words/ab/ab12….json      named as the segment; {"sha256", "words": [[index in the text, second], …]}

Only `highlight: word` asks for word times. Their checksum covers the segment's key, its samples and the times: they do
not hold for a segment that was synthesized anew, which may sound different. They cost nothing, so a damaged file is
quarantined and made again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip, Segment, WordTimes

Silences: TypeAlias = "tuple[tuple[tuple[float, float], ...], ...]"
"""For each segment of a clip, the start and the end of each silence."""

_OPTIONAL = frozenset(["silences", "words"])  # facts that a record has only where they are known

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
        silences: In each segment: their starts and ends in seconds from its start. Empty if they are unknown.
        words: Of each segment; None if nobody has looked for them.
    """

    path: Path
    size: int
    duration: float
    lengths: tuple[float, ...]
    silences: Silences = ()
    words: tuple[WordTimes, ...] | None = None


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """The record beside a clip's file.

    Attributes:
        sha256: Of the file's name, the other fields of this record, and the file's bytes.
        duration: Seconds.
        lengths: Of the clip's segments, in seconds.
        silences: As in `CachedClip`. A record without them is valid.
        words: As in `CachedClip`. A record without them is valid.
    """

    sha256: str
    duration: float
    lengths: Sequence[float]
    silences: Silences = ()
    words: tuple[WordTimes, ...] | None = None

    @classmethod
    def of(  # noqa: PLR0913 - all that a record holds
        cls,
        name: str,
        data: bytes,
        duration: float,
        lengths: Sequence[float],
        silences: Silences = (),
        *,
        words: tuple[WordTimes, ...] | None = None,
    ) -> ClipRecord:
        """The record of a file with this name and these bytes."""
        facts = [name, float(duration), [float(length) for length in lengths], *([silences] if silences else [])]
        if words is not None:
            facts.append({"words": words})
        checksum = hashlib.sha256(json.dumps(facts).encode())
        checksum.update(data)
        return cls(checksum.hexdigest(), duration, lengths, silences, words)

    @classmethod
    def parse(cls, data: bytes) -> ClipRecord:
        """Read a record.

        Raises:
            Exception: One of `UNREADABLE`: the record is damaged, or was written by another version of this package.
        """
        record = cls(**json.loads(data))
        lengths = [float(length) for length in record.lengths]
        silences = tuple(
            tuple((float(start), float(end)) for start, end in of_segment)
            for of_segment, _ in zip(record.silences, lengths if record.silences else (), strict=True)
        )
        words = None if record.words is None else _parsed_words(record.words, len(lengths))
        return cls(str(record.sha256), float(record.duration), lengths, silences, words)

    def to_json(self) -> bytes:
        """The record as `parse` reads it."""
        facts = {
            name: value
            for name, value in asdict(self).items()
            if name not in _OPTIONAL or (value is not None and value != ())
        }
        return json.dumps(facts).encode()

    def clip_of(self, path: Path, data: bytes) -> CachedClip | None:
        """The clip, if the record was made for a file of this name and with these bytes."""
        intact = ClipRecord.of(path.name, data, self.duration, self.lengths, self.silences, words=self.words)
        if intact.sha256 != self.sha256:
            return None
        return CachedClip(path, len(data), self.duration, tuple(self.lengths), self.silences, self.words)


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
    return cache.store_clip(clip, data, cached.duration, cached.lengths, cached.silences, words=words)


def words_path(cache: Cache, key: str) -> Path:
    """The file of the words of the segment with this key."""
    return cache.files.root / "words" / key[:2] / f"{key}.json"


def _checksum(segment: Segment, audio: Audio, times: WordTimes) -> str:
    checksum = hashlib.sha256(json.dumps([segment.key, times]).encode())
    checksum.update(audio.samples.tobytes())
    return checksum.hexdigest()
