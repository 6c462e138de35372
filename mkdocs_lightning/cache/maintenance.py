"""Looking after the cache: what is stored, what is damaged, what no site uses any more.

Each build records what its site uses, by site, version and language: what one of them no longer uses another one may
still use. A file that nothing uses is kept for a grace period, in case somebody returns to an older branch.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.atomic_write import is_temporary_name
from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.cache.clip_record import UNREADABLE, words_path
from mkdocs_lightning.cache.files import stat_file
from mkdocs_lightning.cache.local import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from mkdocs_lightning.cache.files import CacheFiles
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip

_SUFFIXES = "|".join(re.escape(output_format.suffix) for output_format in OutputFormat)
# The names that this package gives. Others may put files of their own beside ours, as with `cache_dir: .`.
_SEGMENT_NAME = re.compile(r"[0-9a-f]{64}\.flac")
_CLIP_NAME = re.compile(rf"[0-9a-f]{{32}}(?:{_SUFFIXES})")
_RECORD_NAME = re.compile(r"[0-9a-f]{32}\.json")
_FOLDER_OF_SITE = re.compile(r"(?:published |.* in )((?:/|[A-Za-z]:\\|\\\\).*)", re.DOTALL)
_FOLDERS = (
    "segments/[0-9a-f][0-9a-f]",
    "clips/[0-9a-f][0-9a-f]",
    "captions/[0-9a-f][0-9a-f]",
    "words/[0-9a-f][0-9a-f]",
    "usage",
    "locks",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The file of a sentence or a clip, or what a killed build left of one.

    Attributes:
        size: Bytes; a clip's with its record.
        created: The day on which it was written.
    """

    name: str
    kind: Literal["sentence", "clip", "leftover"]
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
    for path in _files_in(cache, _FOLDERS[0], _SEGMENT_NAME):
        if status := stat_file(path):
            yield Entry(path.name, "sentence", path, status.st_size, _day_of(status.st_mtime))
    for path in _files_in(cache, _FOLDERS[1], _CLIP_NAME):
        record = stat_file(path.with_suffix(".json"))
        if record and (status := stat_file(path)):
            yield Entry(path.name, "clip", path, status.st_size + record.st_size, _day_of(status.st_mtime))


def _files_in(cache: Cache, folders: str, name: re.Pattern[str]) -> Iterator[Path]:
    """The files of the cache with a name of ours, each in the folder where this package puts it; sorted."""
    for path in sorted(cache.files.root.glob(f"{folders}/*")):
        if name.fullmatch(path.name) and path.name.startswith(path.parent.name):
            yield path


def stats_of(cache: Cache) -> Stats:
    """Count what is stored."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in entries(cache):
        files[entry.kind] += 1
        sizes[entry.kind] += entry.size
    return Stats(files, sizes, tuple(sorted(usage.site for usage in usages(cache))))


def verify(cache: Cache) -> list[Entry]:
    """Check every file, and quarantine the damaged ones.

    Returns:
        The damaged ones.
    """
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
        The files that were removed or, with `dry_run`, would be; also what killed builds left before today.

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
    for entry in (*entries(cache), *leftovers(cache, before=today)):
        last_days = [usage.former[entry.name] for usage in recorded if entry.name in usage.former]
        is_unused = entry.name not in used and today - max(last_days, default=entry.created) >= grace
        if is_unused or entry.kind == "leftover":
            removed.append(entry)
            if not dry_run:
                remove(cache, entry)
    return removed


def remove(cache: Cache, entry: Entry) -> None:
    """Delete a file and what belongs to it: captions, words, and first a clip's record, so that none looks intact.

    Raises:
        StoreError: It cannot be deleted.
    """
    if entry.kind == "clip":
        cache.files.delete(entry.path.with_suffix(".json"))
        for captions in cache.files.root.glob(f"captions/{entry.name[:2]}/{entry.path.stem}-{'[0-9a-f]' * 8}.vtt"):
            cache.files.delete(captions)
    elif entry.kind == "sentence":
        cache.files.delete(words_path(cache, entry.path.stem))
    cache.files.delete(entry.path)


def leftovers(cache: Cache, before: date) -> Iterator[Entry]:
    """What killed builds left before a day: temporary files, clips without a record, records without a clip.

    Only files with names that this package gives, in its own folders.
    """
    for path in (*_temporary_files(cache), *_halves(cache)):
        status = stat_file(path)
        if status and _day_of(status.st_mtime) < before:
            yield Entry(path.name, "leftover", path, status.st_size, _day_of(status.st_mtime))


def _temporary_files(cache: Cache) -> Iterator[Path]:
    for folders in _FOLDERS:
        for path in sorted(cache.files.root.glob(f"{folders}/.*.tmp")):
            if is_temporary_name(path.name):
                yield path


def _halves(cache: Cache) -> Iterator[Path]:
    """Clips without a record, and records that no file belongs to, of whatever format."""
    for path in _files_in(cache, _FOLDERS[1], _CLIP_NAME):
        if not path.with_suffix(".json").exists():
            yield path
    for path in _files_in(cache, _FOLDERS[1], _RECORD_NAME):
        if not any(other != path for other in path.parent.glob(f"{path.stem}.*")):
            yield path


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
    path = cache.files.root / usage_name(site)
    before = _read_usage(cache.files, path)
    after = replace(before or Usage(site), site=site).after_build(names_of(clips), today)
    if after != before:
        former = {name: day.isoformat() for name, day in after.former.items()}
        record = {"site": site, "current": sorted(after.current), "former": former}
        cache.files.write(path, json.dumps(record, indent=0).encode())


def usage_name(site: str) -> str:
    """The path within the cache of a site's usage record."""
    digest = hashlib.sha256(site.encode(errors="surrogatepass")).hexdigest()  # a path may hold any bytes
    return f"usage/{digest[:16]}.json"


def is_gone(site: str) -> bool:
    """Whether the description of a site, as `store_usage` got it, ends with a folder that is not on this machine.

    It was moved or deleted, or it is on another machine that uses the same cache.
    """
    folder = _FOLDER_OF_SITE.fullmatch(site)
    try:
        return folder is not None and not Path(folder[1]).is_dir()
    except OSError:  # such as a name that is too long here
        return True


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
