"""Word times beside the segments of the local cache, for the option `highlight: word`.

    words/ab/ab12….json      named as the segment; {"sha256", "words": [[index in the text, second], …]}

The checksum covers the segment's key, its samples and the words: a segment that was synthesized anew, and so may sound
different, has none. They cost nothing, so a damaged file is quarantined, and made again.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from mkdocs_lightning.cache.clip_record import UNREADABLE, parsed_times

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.audio.word_times import WordTimes
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip, Segment


def read_word_times(cache: Cache, segment: Segment, audio: Audio) -> WordTimes | None:
    """The words of a segment; None if nobody has looked for them in this audio."""
    path = words_path(cache, segment.key)
    data = cache.files.read(path)
    if data is None:
        return None
    try:
        record = json.loads(data)
        times = parsed_times(record["words"])
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
