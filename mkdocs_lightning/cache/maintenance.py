"""Keeping the cache in order: what is stored, what is damaged, what no site uses any more.

Usage is recorded for each site, version and language, by the builds themselves: what one of them does not use may
still be in use by another. A file that nothing uses is kept for a time of grace, for the branch that comes back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.cache.local import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, timedelta

    from mkdocs_lightning.cache.local import Cache, Entry
    from mkdocs_lightning.reading.segment import Clip


@dataclass(frozen=True, slots=True)
class Stats:
    """How much is stored, by kind (`segment`, `clip`) and in total; sizes in bytes."""

    files: Mapping[str, int]
    sizes: Mapping[str, int]
    sites: tuple[str, ...]


def stats_of(cache: Cache) -> Stats:
    """Count what is stored."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in cache.entries():
        files[entry.kind] += 1
        sizes[entry.kind] += entry.size
    return Stats(files, sizes, tuple(sorted(usage.site for usage in cache.usages())))


def verify(cache: Cache) -> list[Entry]:
    """Check every file; the damaged ones are set aside, and answered."""
    return [entry for entry in cache.entries() if not cache.is_intact(entry)]


def prune(cache: Cache, needed: Iterable[Clip], grace: timedelta, today: date, *, dry_run: bool) -> list[Entry]:
    """Remove what nothing uses, and has not for a time.

    Args:
        cache: Its builds must have recorded what they use.
        needed: Clips that are kept with their segments, whatever was recorded.
        grace: How long a file is kept after its last use, or, if none was recorded, after it was made; nothing for
            a file that nothing uses now.
        today: The day from which that is counted.
        dry_run: Remove nothing.

    Returns:
        What was, or would be, removed.

    Raises:
        LightningError: It is not known what a site uses, or a file cannot be removed.
    """
    usages = list(cache.usages())
    if cache.damaged:
        raise LightningError(
            "a record of what a site uses was damaged, and is set aside; nothing is removed. "
            "Build every site that shares this cache, then prune again"
        )
    used = set(names_of(needed)).union(*(usage.current for usage in usages))
    removed = []
    for entry in cache.entries():
        last_days = [usage.former[entry.name] for usage in usages if entry.name in usage.former]
        if entry.name not in used and today - max(last_days, default=entry.made) >= grace:
            removed.append(entry)
            if not dry_run:
                cache.remove(entry)
    if not dry_run:
        cache.remove_leftovers(before=today)
    return removed
