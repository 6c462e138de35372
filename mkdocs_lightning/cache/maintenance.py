"""Looking after the cache: what is stored, what is damaged, what no site uses any more.

Each build records what its site uses, by site, version and language: what one of them no longer uses another one may
still use. A file that nothing uses is kept for a grace period, in case somebody returns to an older branch.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.atomic_write import TEMPORARY_FILES
from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.cache.clip_record import UNREADABLE
from mkdocs_lightning.cache.files import stat_file
from mkdocs_lightning.cache.local import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta
    from pathlib import Path

    from mkdocs_lightning.cache.files import CacheFiles
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip

_CLIP_SUFFIXES = frozenset(output_format.suffix for output_format in OutputFormat)


@dataclass(frozen=True, slots=True)
class Entry:
    """The file of a sentence or a clip.

    Attributes:
        size: Bytes; a clip's with its record.
        created: The day on which it was written.
    """

    name: str
    kind: Literal["sentence", "clip"]
    path: Path
    size: int
    created: date


@dataclass(frozen=True, slots=True)
class Usage:
    """What one site, in one version and language, uses of the cache.

    Attributes:
        site: A description of the site.
        current: Names of the files that its last build used.
        former: Names of the files that only earlier builds used, each with the day of the first build without it.
    """

    site: str
    current: frozenset[str] = frozenset()
    former: Mapping[str, date] = field(default_factory=dict)

    def after_build(self, names: Iterable[str], today: date) -> Usage:
        """The usage after a build that used these files."""
        current = frozenset(names)
        former = {name: day for name, day in self.former.items() if name not in current}
        former |= dict.fromkeys(self.current - current, today)
        return Usage(self.site, current, former)


@dataclass(frozen=True, slots=True)
class Stats:
    """How much is stored, by kind (`sentence`, `clip`); sizes in bytes."""

    files: Mapping[str, int]
    sizes: Mapping[str, int]
    sites: tuple[str, ...]


def entries(cache: Cache) -> Iterator[Entry]:
    """All segments and clips in the cache; a clip without its record is none."""
    root = cache.files.root
    for path in sorted(root.glob("segments/??/*.flac")):
        if status := stat_file(path):
            yield Entry(path.name, "sentence", path, status.st_size, _day_of(status.st_mtime))
    for path in sorted(root.glob("clips/??/[!.]*")):
        record = stat_file(path.with_suffix(".json"))
        if path.suffix in _CLIP_SUFFIXES and record and (status := stat_file(path)):
            yield Entry(path.name, "clip", path, status.st_size + record.st_size, _day_of(status.st_mtime))


def stats_of(cache: Cache) -> Stats:
    """Count what is stored."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in entries(cache):
        files[entry.kind] += 1
        sizes[entry.kind] += entry.size
    return Stats(files, sizes, tuple(sorted(usage.site for usage in usages(cache))))


def verify(cache: Cache) -> list[Entry]:
    """Check every file; the damaged ones, which are quarantined."""
    return [entry for entry in entries(cache) if not is_intact(cache, entry)]


def is_intact(cache: Cache, entry: Entry) -> bool:
    """Whether a file is as it was written; if not, it is quarantined."""
    if entry.kind == "sentence":
        return cache.read_segment_file(entry.path) is not None
    return cache.read_clip_file(entry.path) is not None


def prune(cache: Cache, needed: Iterable[Clip], grace: timedelta, today: date, *, dry_run: bool) -> list[Entry]:
    """Remove the files that nothing uses and whose grace period is over.

    Args:
        cache: Its builds must have recorded their usage.
        needed: Clips that stay, with their segments, whatever the usage records say.
        grace: How long a file stays after its last use or, if no use was recorded, after it was created. Zero removes
            all that is unused now.
        today: The day on which the grace period must be over.
        dry_run: Remove nothing.

    Returns:
        The files that were removed or, with `dry_run`, would be.

    Raises:
        LightningError: A usage record is damaged, or a file cannot be removed.
    """
    recorded = list(usages(cache))
    if cache.damaged:
        raise LightningError(
            "a usage record was damaged, and was moved to damaged/ in cache_dir; nothing was removed. "
            "Build every site that shares this cache, then prune again"
        )
    used = set(names_of(needed)).union(*(usage.current for usage in recorded))
    removed = []
    for entry in entries(cache):
        last_days = [usage.former[entry.name] for usage in recorded if entry.name in usage.former]
        if entry.name not in used and today - max(last_days, default=entry.created) >= grace:
            removed.append(entry)
            if not dry_run:
                remove(cache, entry)
    if not dry_run:
        remove_leftovers(cache, before=today)
    return removed


def remove(cache: Cache, entry: Entry) -> None:
    """Delete a file; of a clip the record first, so that what is left never looks intact, and the captions.

    Raises:
        StoreError: It cannot be deleted.
    """
    if entry.kind == "clip":
        cache.files.delete(entry.path.with_suffix(".json"))
        for captions in cache.files.root.glob(f"captions/{entry.name[:2]}/{entry.path.stem}-*.vtt"):
            cache.files.delete(captions)
    cache.files.delete(entry.path)


def remove_leftovers(cache: Cache, before: date) -> None:
    """Delete what killed builds left before a day: temporary files, clips without a record, records without a clip.

    Raises:
        StoreError: They cannot be deleted.
    """
    root = cache.files.root
    complete = {path for entry in entries(cache) for path in (entry.path, entry.path.with_suffix(".json"))}
    ours = (path for path in root.glob("clips/??/[!.]*") if path.suffix in {".json", *_CLIP_SUFFIXES})
    halves = (path for path in ours if path not in complete)
    for path in (*root.rglob(TEMPORARY_FILES), *halves):
        status = stat_file(path)
        if status and _day_of(status.st_mtime) < before:
            cache.files.delete(path)


def usages(cache: Cache) -> Iterator[Usage]:
    """The usage records of all sites; a damaged one is quarantined, and left out."""
    for path in sorted(cache.files.root.glob("usage/*.json")):
        usage = _read_usage(cache.files, path)
        if usage is not None:
            yield usage


def store_usage(cache: Cache, site: str, clips: Iterable[Clip], today: date) -> None:
    """Record what a build of a site used; the file is written only if that has changed.

    Raises:
        StoreError: The cache cannot be written.
    """
    path = cache.files.root / "usage" / f"{hashlib.sha256(site.encode()).hexdigest()[:16]}.json"
    before = _read_usage(cache.files, path)
    after = replace(before or Usage(site), site=site).after_build(names_of(clips), today)
    if after != before:
        former = {name: day.isoformat() for name, day in after.former.items()}
        record = {"site": site, "current": sorted(after.current), "former": former}
        cache.files.write(path, json.dumps(record, indent=0).encode())


def _read_usage(files: CacheFiles, path: Path) -> Usage | None:
    data = files.read(path)
    if data is None:
        return None
    try:
        record = json.loads(data)
        former = {str(name): date.fromisoformat(day) for name, day in record["former"].items()}
        return Usage(str(record["site"]), frozenset(map(str, record["current"])), former)
    except UNREADABLE:
        files.quarantine(path)
        return None


def _day_of(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
