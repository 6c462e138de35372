"""Cached clips without word times: they were built before `highlight: word` was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.engines import make_word_finder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.reading.segment import Clip


class UntimedClips:
    """The clips of a site whose word times are still to be found, where that is possible on this machine.

    Args:
        is_wanted: Whether word times are asked for; if not, there are no such clips.

    Attributes:
        finder: Finds the word times; None if they are not asked for.
        keys: Of the clips that `take` has returned.
    """

    def __init__(self, *, is_wanted: bool) -> None:
        self.finder = make_word_finder() if is_wanted else None
        self.keys: set[str] = set()

    def take(self, clips: Iterable[Clip], cached: Mapping[str, CachedClip]) -> list[Clip]:
        """Those of some clips whose word times are to be found, each once.

        Args:
            clips: Some of the site's.
            cached: The cached clips, by their keys.
        """
        if self.finder is None:
            return []
        untimed = {clip.key: clip for clip in clips if self._is_untimed(clip, cached.get(clip.key))}
        found = [clip for key, clip in untimed.items() if key not in self.keys]
        self.keys |= untimed.keys()
        return found

    def _is_untimed(self, clip: Clip, cached: CachedClip | None) -> bool:
        if self.finder is None or cached is None or cached.words is not None:
            return False
        return any(map(self.finder.can_time, clip.segments))

    def missing_extras(self, clips: Iterable[Clip]) -> list[str]:
        """The extras of this package that would find words of some clips, sorted."""
        if self.finder is None:
            return []
        extras = {self.finder.missing_extra(segment) for clip in clips for segment in clip.segments}
        return sorted(extra for extra in extras if extra)

    def close(self) -> None:
        """End the processes that find words."""
        if self.finder is not None:
            self.finder.close()
