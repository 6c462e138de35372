"""Looking after the cache: what is stored, what is damaged, what no site uses any more.

Each build records what its site uses, by site, version and language: what one of them no longer uses another one may
still use. A file that nothing uses is kept for a grace period, in case somebody returns to an older branch.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.atomic_write import is_temporary_name
from mkdocs_lightning.base.errors import LightningError, StoreError
from mkdocs_lightning.base.file_system import may_be_intact, read_regular, retry_while_open
from mkdocs_lightning.cache.clip_record import UNREADABLE, names_of, words_path
from mkdocs_lightning.cache.files import MAX_FILE_BYTES, is_pointer, stat_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip

_SUFFIXES = "|".join(re.escape(output_format.suffix) for output_format in OutputFormat)
# The names that this package gives. Others may put files of their own beside ours, as with `cache_dir: .`.
_SEGMENT_NAME = re.compile(r"[0-9a-f]{64}\.flac")
_CLIP_NAME = re.compile(rf"[0-9a-f]{{32}}(?:{_SUFFIXES})")
_RECORD_NAME = re.compile(r"[0-9a-f]{32}\.json")
_USAGE_NAME = re.compile(r"[0-9a-f]{16}\.json")
_MOVED_USAGE_NAME = re.compile(r"[0-9a-f]{16}\.json(\.[0-9a-f]{8})?")
_FOLDER_OF_SITE = re.compile(r"(?:(published )|.* in )((?:/|[A-Za-z]:\\|\\\\).*)", re.DOTALL)
_SEGMENTS, _CLIPS, _CAPTIONS, _WORDS = (
    f"{folder}/[0-9a-f][0-9a-f]" for folder in ("segments", "clips", "captions", "words")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The file of a sentence or a clip, or what a killed build left of one.

    Attributes:
        size: Bytes; a clip's with its record.
        created: The day on which it was written.
        is_pointer: Whether `verify` found a pointer of Git LFS instead of the file, or of a clip's record; it stays.
    """

    name: str
    kind: Literal["sentence", "clip", "leftover"]
    path: Path
    size: int
    created: date
    is_pointer: bool = False


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
class DamagedUsage:
    """A usage record that cannot be read. As long as there is one, nobody knows which files are unused.

    Attributes:
        name: Its path within the cache: in `usage/`, or in `damaged/`, where the next build of its site moves it. The
            folder `usage` itself, if its records cannot be listed.
        reason: Why the system does not read it; empty if its content is damaged.
    """

    name: str
    reason: str = ""

    def __str__(self) -> str:
        """What is wrong, and what to do."""
        if self.reason:
            return f"{self.name} in cache_dir, a usage record, cannot be read ({self.reason}). Make it readable"
        if self.name.startswith("damaged/"):
            return (
                f"{self.name} in cache_dir is a damaged usage record. When every site that shares this cache has been "
                "built again, delete it"
            )
        return (
            f"{self.name} in cache_dir, a usage record, is damaged. Build every site that shares this cache: the "
            "build of the site that the record belongs to moves it to damaged/. If no build does, delete it"
        )


@dataclass(frozen=True, slots=True)
class Stats:
    """How much is stored, by kind (`sentence`, `clip`); sizes in bytes."""

    files: Mapping[str, int]
    sizes: Mapping[str, int]
    sites: tuple[str, ...]


def entries(cache: Cache) -> Iterator[Entry]:
    """All segments and clips in the cache; a clip without its record is none."""
    for path in _files_in(cache, _SEGMENTS, _SEGMENT_NAME):
        if status := stat_file(path):
            yield Entry(path.name, "sentence", path, status.st_size, _day_of(status.st_mtime))
    for path in _files_in(cache, _CLIPS, _CLIP_NAME):
        record = stat_file(path.with_suffix(".json"))
        if record and (status := stat_file(path)):
            yield Entry(path.name, "clip", path, status.st_size + record.st_size, _day_of(status.st_mtime))


def is_empty(cache: Cache) -> bool:
    """Whether the cache has no segment and no clip, like a new one."""
    return not any(any(cache.files.root.glob(f"{folders}/*")) for folders in (_SEGMENTS, _CLIPS))


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
        The damaged ones, and those that Git LFS has not fetched.
    """
    damaged = []
    for entry in entries(cache):
        if not is_intact(cache, entry):
            stays = is_pointer(entry.path) or is_pointer(entry.path.with_suffix(".json"))
            damaged.append(replace(entry, is_pointer=stays))
    return damaged


def is_intact(cache: Cache, entry: Entry) -> bool:
    """Whether a file is as it was written; if not, it is quarantined."""
    if entry.kind == "sentence":
        return cache.read_segment_file(entry.path) is not None
    return cache.read_clip_file(entry.path) is not None


@dataclass(frozen=True, slots=True)
class Pruned:
    """What became of the files that nothing uses.

    Attributes:
        removed: Those that were removed or, in a dry run, would be; also what killed builds left before today.
        kept: Those whose grace period is not over.
        of_others: Those that only other sites, versions and languages use.
    """

    removed: tuple[Entry, ...]
    kept: tuple[Entry, ...]
    of_others: tuple[Entry, ...]


def prune(cache: Cache, present: Sequence[Usage], grace: timedelta, today: date, *, dry_run: bool) -> Pruned:
    """Remove the files that nothing uses and whose grace period is over.

    Args:
        cache: Its builds must have recorded their usage.
        present: What some sites use now; takes the place of their records.
        grace: How long a file stays after its last use or, if no use was recorded, after it was created. Zero removes
            all that is unused now.
        today: The day on which the grace period must be over.
        dry_run: Remove nothing.

    Raises:
        LightningError: A usage record is damaged, or a file cannot be removed.
    """
    check_usages(cache)
    known = [*({usage.site: usage for usage in usages(cache)} | {usage.site: usage for usage in present}).values()]
    own: set[str] = set().union(*(usage.current for usage in present))
    used = own.union(*(usage.current for usage in known))
    others = used - own
    removed: list[Entry] = []
    kept: list[Entry] = []
    of_others: list[Entry] = []
    for entry in entries(cache):
        if entry.name in others:
            of_others.append(entry)
        elif entry.name not in used:
            last_days = [usage.former[entry.name] for usage in known if entry.name in usage.former]
            is_over = today - max(last_days, default=entry.created) >= grace
            (removed if is_over else kept).append(entry)
    removed += leftovers(cache, before=today)
    for entry in removed if not dry_run else []:
        remove(cache, entry)
    return Pruned(tuple(removed), tuple(kept), tuple(of_others))


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
    for folders in (_SEGMENTS, _CLIPS, _CAPTIONS, _WORDS, "usage", "locks"):
        for path in sorted(cache.files.root.glob(f"{folders}/.*.tmp")):
            if is_temporary_name(path.name):
                yield path


def _halves(cache: Cache) -> Iterator[Path]:
    """Clips without a record, and records that no file belongs to, of whatever format."""
    for path in _files_in(cache, _CLIPS, _CLIP_NAME):
        if not path.with_suffix(".json").exists():
            yield path
    for path in _files_in(cache, _CLIPS, _RECORD_NAME):
        if not any(other != path for other in path.parent.glob(f"{path.stem}.*")):
            yield path


def usages(cache: Cache) -> list[Usage]:
    """The usage records of all sites, without damaged ones."""
    return [record for record in _records(cache) if isinstance(record, Usage)]


def damaged_usages(cache: Cache) -> list[DamagedUsage]:
    """The damaged usage records, whether a build has already moved them to `damaged/` or not. They stay in place."""
    damaged = [record for record in _records(cache) if isinstance(record, DamagedUsage)]
    moved = sorted(path.name for path in cache.files.root.glob("damaged/*"))
    return damaged + [DamagedUsage(f"damaged/{name}") for name in moved if _MOVED_USAGE_NAME.fullmatch(name)]


def check_usages(cache: Cache) -> None:
    """Check that it is known what every site uses, before anything is removed.

    Raises:
        LightningError: A usage record is damaged.
    """
    if damaged := damaged_usages(cache):
        raise LightningError(". ".join(["nothing was removed", *map(str, damaged)]))


def _records(cache: Cache) -> Iterator[Usage | DamagedUsage]:
    folder = cache.files.root / "usage"
    try:
        names = sorted(path.name for path in folder.iterdir())  # `glob` takes a folder that it cannot read for empty
    except OSError as error:
        if os.path.lexists(folder):
            yield DamagedUsage("usage", str(error.strerror))
        return
    for name in names:
        try:
            if name.endswith(".json") and (usage := _read_usage(folder / name)) is not None:
                yield usage
        except (OSError, *UNREADABLE) as error:
            if _USAGE_NAME.fullmatch(name):  # others may keep files of their own here
                yield DamagedUsage(f"usage/{name}", str(error.strerror) if isinstance(error, OSError) else "")


def store_usage(cache: Cache, site: str, clips: Iterable[Clip], today: date, *, is_whole: bool = True) -> None:
    """Record what a build of a site used; the file is written only if that has changed.

    Unless the site `is_whole`, what it has used before stays in use. A damaged record is moved to `damaged/`, because
    what earlier builds used is lost with it: `prune` must know.

    Raises:
        StoreError: The cache cannot be written, or the damaged record cannot be moved.
    """
    path = cache.files.root / usage_name(site)
    try:
        before = _read_usage(path)
    except (OSError, *UNREADABLE) as error:
        before = None
        _quarantine_usage(cache, path, error)
    after = _usage_after(before, site, clips, today, is_whole=is_whole)
    if after != before:
        former = {name: day.isoformat() for name, day in after.former.items()}
        record = {"site": site, "current": sorted(after.current), "former": former}
        cache.files.write(path, json.dumps(record, indent=0).encode())


def next_usage(cache: Cache, site: str, clips: Iterable[Clip], today: date) -> Usage:
    """What `store_usage` would record. An existing record must be readable."""
    return _usage_after(_read_usage(cache.files.root / usage_name(site)), site, clips, today)


def _usage_after(
    before: Usage | None, site: str, clips: Iterable[Clip], today: date, *, is_whole: bool = True
) -> Usage:
    known = replace(before or Usage(site), site=site)
    return known.after_build({*names_of(clips), *(() if is_whole else known.current)}, today)


def _quarantine_usage(cache: Cache, path: Path, error: Exception) -> None:
    """Move a record that raised this error when it was read to `damaged/`."""
    stays = isinstance(error, OSError) and may_be_intact(error)
    if not stays:
        cache.files.quarantine(path, moves_pointer=True)
    if stays or path in cache.files.unmovable:
        raise StoreError(f"the usage record {path} can be neither read nor moved to damaged/") from error


def usage_name(site: str) -> str:
    """The path within the cache of a site's usage record."""
    digest = hashlib.sha256(site.encode(errors="surrogatepass")).hexdigest()  # a path may hold any bytes
    return f"usage/{digest[:16]}.json"


def is_gone(site: str) -> bool:
    """Whether the description of a site, as `store_usage` got it, ends with a folder that is not on this machine.

    It was moved or deleted, or it is on another machine that uses the same cache.
    """
    folder, _ = place_of(site)
    try:
        return folder is not None and not folder.is_dir()
    except OSError:  # such as a name that is too long here
        return True


def place_of(site: str) -> tuple[Path | None, bool]:
    """The folder with which a site's description ends, if it names one; and whether `publish` has filled that."""
    found = _FOLDER_OF_SITE.fullmatch(site)
    return (Path(found[2]), bool(found[1])) if found else (None, False)


def _read_usage(path: Path) -> Usage | None:
    """A usage record; None if there is none, as when somebody has just deleted it.

    Raises:
        OSError: It cannot be read.
        Exception: One of `UNREADABLE`: it is damaged.
    """
    try:
        data = retry_while_open(lambda: read_regular(path, MAX_FILE_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise
        return None
    record = json.loads(data)
    former = {str(name): date.fromisoformat(day) for name, day in record["former"].items()}
    return Usage(str(record["site"]), frozenset(map(str, record["current"])), former)


def _day_of(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
