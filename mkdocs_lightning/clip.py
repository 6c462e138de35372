"""From segments to a clip: joined as samples, encoded once, and only whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.audio import Audio, encode, join

if TYPE_CHECKING:
    from mkdocs_lightning.cache import Cache, StoredClip
    from mkdocs_lightning.segment import Clip


def find_or_make_clip(clip: Clip, cache: Cache) -> StoredClip | None:
    """The clip's file; made if all of its segments are here, None if one is not.

    Raises:
        KeepError: The cache cannot be written.
    """
    stored = cache.find_clip(clip)
    if stored is not None:
        return stored
    parts: list[Audio] = []
    for segment in clip.segments:
        part = cache.read_segment(segment)
        if part is None:
            return None
        parts.append(part)
    whole = join(parts, clip.pauses)
    return cache.write_clip(clip, encode(whole, clip.output_format), whole.duration)
