"""From segments to a clip: joined as samples, encoded once, and only whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.samples import join

if TYPE_CHECKING:
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip


def find_or_make_clip(clip: Clip, cache: Cache) -> CachedClip | None:
    """The clip's file; made if all of its segments are here, None if one is not.

    Raises:
        StoreError: The cache cannot be written.
    """
    stored = cache.find_clip(clip)
    if stored is not None:
        return stored
    # All are read, also after a missing one, so that every damaged one is found at once.
    parts = [part for segment in clip.segments if (part := cache.read_segment(segment)) is not None]
    if len(parts) < len(clip.segments):
        return None
    whole = join(parts, clip.pauses)
    lengths = tuple(part.duration for part in parts)
    return cache.store_clip(clip, encode(whole, clip.output_format), whole.duration, lengths)
