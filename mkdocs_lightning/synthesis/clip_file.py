"""The file of one clip: found in the cache, or built of its segments.

A clip is its segments, joined as samples, with pauses, and encoded once. It is built only if all of them are there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.cache.clip_record import ClipTimes, add_words, read_word_times, store_word_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import WordFinder
    from mkdocs_lightning.reading.segment import Clip, Segment, WordTimes


def find_or_build_clip(
    clip: Clip, cache: Cache, arrived: Mapping[str, Audio] = MappingProxyType({}), finder: WordFinder | None = None
) -> CachedClip | None:
    """Find a clip in the cache, or build it from its segments; None if a segment is missing or damaged.

    Args:
        clip: Which one.
        cache: Has the segments.
        arrived: Audio of those segments that need not be read, by their keys.
        finder: Finds the word times, also of a clip that was built without; None if they are not asked for.

    Raises:
        StoreError: The cache cannot be written.
    """
    cached = cache.find_clip(clip)
    if cached is not None and (finder is None or cached.words is not None):
        return cached
    from mkdocs_lightning.audio.codec import encode
    from mkdocs_lightning.audio.mastering.finish import finish
    from mkdocs_lightning.audio.silences import find_silences

    # Read all segments even if one is missing, so that all damaged ones are found at once.
    found = (arrived.get(segment.key) or cache.read_segment(segment) for segment in clip.segments)
    parts = [part for part in found if part is not None]
    if len(parts) < len(clip.segments):
        return cached
    words = find_words(clip, parts, cache, finder) if finder else None
    if cached is not None:
        return cached if words is None else _with_words(clip, cached, words, cache)
    finished = finish(parts, clip.speakers, clip.pauses, clip.loudness)
    silences = tuple(map(find_silences, finished.sentences))
    data = encode(finished.audio, clip.output_format, clip.file_tags(finished.lengths))
    times = ClipTimes(duration=finished.audio.duration, lengths=finished.lengths, silences=silences, words=words)
    return cache.store_clip(clip, data, times)


def find_words(clip: Clip, parts: Sequence[Audio], cache: Cache, finder: WordFinder) -> tuple[WordTimes, ...] | None:
    """The word times of each segment of a clip, from the cache or found now.

    Args:
        clip: Which one.
        parts: The audio of its segments.
        cache: Has the times of segments that another clip has needed; receives those that are found.
        finder: Finds the others.

    Returns:
        None if no segment's can be found on this machine, or the search for one failed: the next build tries again.
    """
    if not any(map(finder.can_time, clip.segments)):
        return None
    found = [_times_of(segment, audio, cache, finder) for segment, audio in zip(clip.segments, parts, strict=True)]
    words = [_after_trimming(times, audio) for times, audio in zip(found, parts, strict=True) if times is not None]
    return tuple(words) if len(words) == len(found) else None


def _times_of(segment: Segment, audio: Audio, cache: Cache, finder: WordFinder) -> WordTimes | None:
    """The word times of a segment; None if the search failed."""
    cached = read_word_times(cache, segment, audio)
    if cached is not None or not finder.can_time(segment):
        return cached or ()
    found = finder.find(segment, audio)
    if found is not None:
        with suppress(StoreError):  # the next build finds them again
            store_word_times(cache, segment, audio, found)
    return found


def _after_trimming(times: WordTimes, audio: Audio) -> WordTimes:
    """The word times of a segment within its clip, where the silence around it is trimmed."""
    from mkdocs_lightning.audio.mastering.edges import find_edges

    start, stop = (edge / audio.sample_rate for edge in find_edges(audio))
    return tuple((word, round(min(max(second, start), stop) - start, 3)) for word, second in times)


def _with_words(clip: Clip, cached: CachedClip, words: tuple[WordTimes, ...], cache: Cache) -> CachedClip:
    """Add word times to a clip that was built without them. If the cache fails, only this build has them."""
    try:
        return add_words(cache, clip, cached, words)
    except StoreError:
        return replace(cached, words=words)
