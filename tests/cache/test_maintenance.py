"""The cache kept in order: what is counted, what is set aside, what goes and what must not."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.base.errors import LightningError, StoreError
from mkdocs_lightning.cache.clip_record import ClipTimes, names_of
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import (
    Usage,
    damaged_usages,
    entries,
    prune,
    stats_of,
    store_usage,
    usage_name,
    usages,
)
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.commands import contents, printed, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.service import Service
    from tests.support.sites import Site

OLD = "This sentence was on the page some time ago."
NEW = "This sentence is on the page from now on."
BOTH = "This sentence is on the page at any time."
TODAY = date(2026, 6, 30)
VOICE = resolve_voice(VoiceSettings(sample_rate=8000))
SOUND = Audio(np.random.default_rng(1).integers(-9000, 9000, 80, np.int16), 8000)


def page(*sentences: str) -> dict[str, str]:
    return {"index.md": f"# Home\n\n:::speak\n{' '.join(sentences)}\n:::\n"}


@pytest.fixture
def quick(site: Site) -> Site:
    """A site that is quickly spoken."""
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    return site


def used_now(*clips: Clip) -> Usage:
    return Usage("Site as it is now", frozenset(names_of(clips)))


def root_of(site: Site) -> Path:
    return site.root / ".cache/plugin/lightning"


def set_age(paths: Iterable[Path], days: int, today: date | None = None) -> None:
    noon = datetime.combine(today or datetime.now(UTC).date(), time(12), UTC) - timedelta(days=days)
    for path in paths:
        os.utime(path, (noon.timestamp(), noon.timestamp()))


def make_old(site: Site) -> None:
    set_age((path for path in root_of(site).rglob("*") if path.is_file()), 400)


def names(root: Path) -> set[str]:
    """The files of the cache without what is recorded about it."""
    return {path.name for path in root.rglob("*") if path.is_file() and path.parent.name != "usage"}


class TestStats:
    def test_an_empty_cache(self, quick: Site) -> None:
        quick.write(page())
        assert printed(quick, "cache", "stats") == "0 sentences, 0.0 kB\n0 clips, 0.0 kB\n"
        assert not root_of(quick).exists()

    def test_numbers_and_sites(self, quick: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        quick.write(page(OLD, NEW))
        quick.build()
        monkeypatch.setenv("MIKE_DOCS_VERSION", "2.0")
        quick.build()

        lines = printed(quick, "cache", "stats").splitlines()

        sizes = [
            sum(path.stat().st_size for path in (root_of(quick) / part).rglob("*.*")) for part in ("segments", "clips")
        ]
        assert stats_of(Cache(root_of(quick))).sizes == dict(zip(("sentence", "clip"), sizes, strict=True))
        assert lines[:2] == [f"2 sentences, {sizes[0] / 1000:.1f} kB", f"1 clip, {sizes[1] / 1000:.1f} kB"]
        assert len(lines) == 4
        assert all(re.fullmatch(r"used by Test site .+: usage/[0-9a-f]{16}\.json", line) for line in lines[2:])
        assert all((root_of(quick) / line.rpartition(": ")[2]).is_file() for line in lines[2:])
        assert sum("2.0" in line for line in lines) == 1


def test_a_site_whose_folder_is_gone_is_named_with_its_record(quick: Site, tmp_path: Path) -> None:
    quick.write(page(OLD))
    quick.build()
    cache = Cache(root_of(quick))
    today = datetime.now(UTC).date()
    moved = [f"Old handbook in use in {tmp_path}/moved", f"published {tmp_path}/gone in 2025"]
    for site in (*moved, f"In use in {tmp_path}", f"published {tmp_path}", "a site of long ago"):
        store_usage(cache, site, [], today)
    for command in (["stats"], ["prune", "--dry-run"]):
        lines = run(quick, "cache", *command).stderr.splitlines()
        assert sorted(line.partition("'")[2].partition("'")[0] for line in lines) == sorted(moved)
        for line in lines:
            record = root_of(quick) / line.partition("delete ")[2].partition(" in cache_dir")[0]
            assert json.loads(record.read_text())["site"] in line


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


class TestVerify:
    @pytest.mark.parametrize(
        ("pattern", "kind", "paid"), [("*.flac", "sentence", 0), ("*.wav", "clip", 0), ("*/??/*.json", "clip", 0)]
    )
    def test_what_is_damaged_is_set_aside_and_made_again(
        self, quick: Site, service: Service, pattern: str, kind: str, paid: int
    ) -> None:
        quick.write(page(OLD, NEW))
        quick.build()
        service.clear()
        assert printed(quick, "cache", "verify") == "No damaged files.\n"
        victim = min(root_of(quick).rglob(pattern))
        flip(victim)

        result = run(quick, "cache", "verify")

        assert result.exit_code == 1
        name = victim.with_suffix(".wav" if kind == "clip" else ".flac").name
        assert result.stdout == f"damaged: {kind} {name}\n1 file damaged and moved to damaged/\n"
        assert (root_of(quick) / "damaged" / victim.name).exists() or kind == "clip"
        assert list((root_of(quick) / "damaged").iterdir())
        assert printed(quick, "cache", "verify") == "No damaged files.\n"
        quick.build(strict=True)
        assert len(service.requests) == paid
        assert len(quick.clips("index.html")) == 1


class TestDamagedUsage:
    """While a usage record is damaged, nothing is removed, and only a build of its site moves it."""

    @pytest.mark.parametrize("whose", ["another site's", "the site's own"])
    def test_is_told_by_each_command_until_it_is_repaired_and_deleted(self, quick: Site, whose: str) -> None:
        quick.write(page(OLD))
        quick.build()
        (record,) = root_of(quick).glob("usage/*.json")
        record.write_bytes(b"{")
        quick.write(page(NEW))
        if whose == "another site's":
            quick.config["site_name"] = "Another site"
            quick.build()
            quick.write(page(BOTH))
        make_old(quick)
        before = contents(root_of(quick))

        for command, code in ("stats", 0), ("verify", 1), ("prune --days=0", 1), ("prune --days=0 --dry-run", 1):
            result = run(quick, "cache", *command.split())
            assert result.exit_code == code
            assert f"usage/{record.name} in cache_dir, a usage record, is damaged. Build every" in result.stderr
            assert "No damaged files" not in result.stdout
            assert contents(root_of(quick)) == before

        if whose == "another site's":
            del quick.config["site_name"]
            quick.write(page(OLD))
        quick.build()
        moved = root_of(quick) / "damaged" / record.name
        assert moved.read_bytes() == b"{"
        make_old(quick)
        assert f"damaged/{record.name} in cache_dir is a damaged usage record" in run(quick, "cache", "stats").stderr
        for command in ("verify", "prune --days=0"):
            assert run(quick, "cache", *command.split()).exit_code == 1
        moved.unlink()
        removed = {"another site's": 0, "the site's own": 2}[whose]
        assert f"{removed} files removed" in printed(quick, "cache", "prune", "--days", "0")
        assert printed(quick, "cache", "verify") == "No damaged files.\n"

    @pytest.mark.parametrize(
        "damage",
        [
            *(b"", b"{", b"[]", b"\xff\xfe", b'{"site": "x"}'),
            b'{"site": "x", "current": [], "former": {"a": "June"}}',
            *("a directory", "a link to nowhere", "a folder that is a file", "a folder that links to nowhere"),
        ],
    )
    def test_removes_nothing(self, cache: Cache, damage: bytes | str) -> None:
        stored(cache, OLD, 400)
        store_usage(cache, "Site", [], days_before(300))
        record = cache.files.root / usage_name("Site")
        if isinstance(damage, bytes):
            record.write_bytes(damage)
        elif damage.startswith("a folder that"):
            shutil.rmtree(record.parent)
            record.parent.touch() if damage.endswith("file") else record.parent.symlink_to("nowhere")
        else:
            record.unlink()
            record.mkdir() if damage == "a directory" else record.symlink_to("nowhere")
        before = sorted(cache.files.root.rglob("*"))

        for look in damaged_usages, usages, stats_of:
            look(cache)
        with pytest.raises(LightningError, match=r"^nothing was removed\. usage"):
            prune(cache, [], GRACE, TODAY, dry_run=False)

        assert sorted(cache.files.root.rglob("*")) == before

    def test_is_not_overwritten_where_it_cannot_be_moved(self, cache: Cache) -> None:
        stored(cache, OLD, 400)
        record = cache.files.root / usage_name("Site")
        record.parent.mkdir()
        record.write_bytes(b"{")
        (cache.files.root / "damaged").write_bytes(b"what somebody keeps here")

        with pytest.raises(StoreError, match=r"\.json can be neither read nor moved to damaged/"):
            store_usage(cache, "Site", [], TODAY)
        with pytest.raises(LightningError, match="nothing was removed"):
            prune(cache, [], GRACE, TODAY, dry_run=False)
        assert record.read_bytes() == b"{"

    def test_is_none_that_another_program_wrote(self, cache: Cache) -> None:
        stored(cache, OLD, 400)
        for name in "usage/notes.json", "usage/readme", f"damaged/{'0' * 32}.json", "damaged/notes.json":
            (cache.files.root / name).parent.mkdir(exist_ok=True)
            (cache.files.root / name).write_bytes(b"{")
        assert damaged_usages(cache) == []
        assert len(prune(cache, [], GRACE, TODAY, dry_run=False).removed) == 2


class TestPruneOfASite:
    """In real builds, whose files are made to look old."""

    def test_what_is_used_no_more(self, quick: Site, service: Service) -> None:
        quick.write(page(OLD, BOTH))
        quick.build()
        quick.write(page(BOTH, NEW))
        quick.build()
        make_old(quick)
        before = contents(root_of(quick))

        removed, kept = printed(quick, "cache", "prune").splitlines()
        assert removed == "0 files removed, 0.0 kB"
        assert kept.startswith("2 unused files kept, ")
        assert kept.endswith(": used or created in the last 30 days; --days 0 removes them, too")
        dry = printed(quick, "cache", "prune", "--days", "0", "--dry-run").splitlines()
        assert contents(root_of(quick)) == before
        said = printed(quick, "cache", "prune", "--days", "0").splitlines()

        gone = set(before) - set(contents(root_of(quick)))
        sizes = sum(len(before[name][0]) for name in gone if not name.startswith("captions"))
        assert sorted(name.split("/")[0] for name in gone) == ["captions", "clips", "clips", "segments"]
        assert said[:-1] == dry[:-1]
        assert [line.split()[:2] for line in said[:-1]] == [
            [kind, Path(name).name]
            for kind, part in (("sentence", "segments"), ("clip", "clips"))
            for name in gone
            if name.startswith(part) and not name.endswith(".json")
        ]
        assert dry[-1] == f"2 files would be removed, {sizes / 1000:.1f} kB"
        assert said[-1] == f"2 files removed, {sizes / 1000:.1f} kB"
        service.clear()
        quick.build(strict=True)
        assert service.requests == []

    def test_what_a_mistake_silences_stays(
        self, quick: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        quick.write(page(OLD))
        quick.build()
        make_old(quick)
        for broken in (":::speak speed=fast\n", ":::speek\n", "---\nlightning: {speed: fast}\n---\n\n:::speak\n"):
            quick.write(
                {"index.md": f"# Home\n\n{broken}{OLD}\n:::\n" if broken[0] == ":" else f"{broken}{OLD}\n:::\n"}
            )
            before = contents(root_of(quick))

            result = run(quick, "cache", "prune", "--days", "0")

            assert (result.exit_code, result.stdout) == (1, "")
            assert "mkdocs-lightning: nothing was removed: the blocks and pages" in result.stderr
            assert result.stderr.endswith("Correct them, or use --days 1 or more\n")
            assert contents(root_of(quick)) == before
        expect_warning(r"index\.md:")
        service.clear()
        quick.write(page(OLD))
        quick.build(strict=True)
        assert service.requests == []

    def test_a_dry_run_writes_nothing_and_lists_what_would_go(self, quick: Site) -> None:
        quick.write(page(OLD))
        quick.build()
        quick.write(page(NEW))
        before = contents(root_of(quick))

        dry = printed(quick, "cache", "prune", "--days", "0", "--dry-run").splitlines()

        assert contents(root_of(quick)) == before
        assert printed(quick, "cache", "prune", "--days", "0").splitlines()[:-1] == dry[:-1]
        assert len(dry) == 3

    @pytest.mark.parametrize("other", ["version", "site"])
    def test_what_others_use_stays(
        self, quick: Site, service: Service, monkeypatch: pytest.MonkeyPatch, other: str
    ) -> None:
        def turn_to(number: int) -> None:
            if other == "version":
                monkeypatch.setenv("MIKE_DOCS_VERSION", f"{number}.0")
            else:
                quick.config["site_name"] = f"Site {number}"
            quick.write(page((OLD, NEW)[number]))

        for number in (0, 1):
            turn_to(number)
            quick.build()
        make_old(quick)

        removed, kept = printed(quick, "cache", "prune", "--days", "0").splitlines()
        assert removed == "0 files removed, 0.0 kB"
        assert re.match(
            r"2 files kept, \d+\.\d kB: only other sites, versions or languages, or this site in another folder, ",
            kept,
        )
        turn_to(0)
        service.clear()
        quick.build(strict=True)
        assert service.requests == []

        quick.write(page(NEW))
        quick.build()
        assert "2 files removed" in printed(quick, "cache", "prune", "--days", "0")

    @pytest.fixture
    def bilingual(self, quick: Site) -> Site:
        languages = [{"locale": "en", "name": "English", "default": True}, {"locale": "fr", "name": "Français"}]
        quick.config = {"plugins": [{"i18n": {"languages": languages}}]}
        quick.write({**page(OLD), "index.fr.md": page(NEW)["index.md"]})
        quick.build()
        make_old(quick)
        return quick

    def test_the_languages_of_the_site_stay(self, bilingual: Site) -> None:
        assert printed(bilingual, "cache", "prune", "--days", "0") == "0 files removed, 0.0 kB\n"

    def test_the_languages_of_another_site_stay(self, bilingual: Site) -> None:
        bilingual.config = {"site_name": "Another site"}
        bilingual.write(page(BOTH))
        removed, kept = printed(bilingual, "cache", "prune", "--days", "0").splitlines()
        assert (removed, kept[:12]) == ("0 files removed, 0.0 kB", "4 files kept")

    def test_what_is_needed_stays_even_if_no_build_has_recorded_it(self, quick: Site) -> None:
        """As after a build that was killed."""
        quick.write(page(OLD))
        quick.build()
        shutil.rmtree(root_of(quick) / "usage")
        make_old(quick)
        assert printed(quick, "cache", "prune", "--days", "0") == "0 files removed, 0.0 kB\n"

    def test_a_record_is_rewritten_only_when_it_changes(self, quick: Site) -> None:
        def record() -> tuple[int, int]:
            (path,) = root_of(quick).glob("usage/*.json")
            return path.stat().st_ino, path.stat().st_mtime_ns

        quick.write(page(OLD))
        quick.build()
        make_old(quick)
        before = record()
        quick.build()
        printed(quick, "synth")
        printed(quick, "cache", "prune")
        assert record() == before
        quick.write(page(NEW))
        quick.build()
        assert record() != before


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def stored(cache: Cache, text: str, days_old: int) -> Clip:
    """A clip of one segment, both made some days before today."""
    segment = Segment("lightning", VOICE, text)
    clip = Clip((segment,), (), OutputFormat.WAV)
    cache.store_segment(segment, SOUND)
    cache.store_clip(clip, b"the whole file", ClipTimes(duration=1.0, lengths=(1.0,)))
    for entry in entries(cache):
        if entry.name in {clip.file_name, f"{segment.key}.flac"}:
            set_age([entry.path], days_old, TODAY)
    return clip


def days_before(days: int) -> date:
    return TODAY - timedelta(days=days)


GRACE = timedelta(days=30)


class TestGrace:
    @pytest.mark.parametrize(
        ("made", "ended", "is_removed"),
        [
            (29, (), False),  # never used: counted from when it was made
            (30, (), True),
            (400, (29,), False),  # used once: from the build that first did without it
            (400, (30,), True),
            (400, (200, 29), False),  # by two sites: from the later one
            (400, (200, 30), True),
            (5, (40,), True),  # made again, yet used by nobody for long
        ],
    )
    def test_counts_from_the_last_use(self, cache: Cache, made: int, ended: tuple[int, ...], is_removed: bool) -> None:
        clip = stored(cache, OLD, made)
        for number, days in enumerate(ended):
            store_usage(cache, f"Site {number}", [clip], days_before(300))
            store_usage(cache, f"Site {number}", [], days_before(days))

        removed = prune(cache, [], GRACE, TODAY, dry_run=False).removed

        assert {entry.kind for entry in removed} == ({"sentence", "clip"} if is_removed else set())
        assert cache.has_segment(clip.segments[0]) != is_removed
        assert (cache.find_clip(clip) is None) == is_removed

    def test_begins_anew_with_each_use(self, cache: Cache) -> None:
        """A branch that comes back, and goes again."""
        clip = stored(cache, OLD, 400)
        for clips, days in ([clip], 300), ([], 200), ([clip], 100):
            store_usage(cache, "Site", clips, days_before(days))
        assert [(len(usage.current), usage.former) for usage in usages(cache)] == [(2, {})]
        store_usage(cache, "Site", [], days_before(10))
        assert prune(cache, [], GRACE, TODAY, dry_run=False).removed == ()
        assert len(prune(cache, [], timedelta(days=10), TODAY, dry_run=False).removed) == 2

    @pytest.mark.parametrize("way", ["recorded", "needed"])
    def test_what_is_used_has_no_age(self, cache: Cache, way: str) -> None:
        clip = stored(cache, OLD, 4000)
        if way == "recorded":
            store_usage(cache, "Site", [clip], days_before(3000))
        assert (
            prune(cache, [used_now(clip)] if way == "needed" else [], timedelta(0), TODAY, dry_run=False).removed == ()
        )
        assert cache.find_clip(clip)

    def test_a_segment_that_another_clip_shares_stays(self, cache: Cache) -> None:
        clip = stored(cache, OLD, 400)
        store_usage(cache, "Site", [Clip(clip.segments, (), OutputFormat.MP3)], TODAY)
        assert [entry.kind for entry in prune(cache, [], GRACE, TODAY, dry_run=False).removed] == ["clip"]
        assert cache.has_segment(clip.segments[0])


class TestLeftovers:
    @pytest.mark.parametrize(("age", "dry_run"), [(1, False), (0, False), (1, True)])
    @pytest.mark.parametrize(
        "name",
        [
            *(f"{folder}/.{'0' * 32}.tmp" for folder in ("segments/ab", "clips/ab", "captions/ab", "usage", "locks")),
            f"clips/ab/ab{'0' * 30}.wav",
            f"clips/ab/ab{'0' * 30}.json",
        ],
    )
    def test_of_killed_writes_go_on_the_next_day(
        self, cache: Cache, tmp_path: Path, name: str, age: int, dry_run: bool
    ) -> None:
        clip = stored(cache, OLD, 400)
        left = tmp_path / "cache" / name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"{}")
        set_age([left], age, TODAY)

        removed = prune(cache, [used_now(clip)], timedelta(0), TODAY, dry_run=dry_run).removed

        assert [(entry.kind, entry.path) for entry in removed] == ([("leftover", left)] if age else [])
        assert left.exists() == (age == 0 or dry_run)
        assert cache.find_clip(clip)
        assert cache.read_segment(clip.segments[0])


FOREIGN = [
    "notes/.unsaved-draft.tmp",
    f"notes/.{'0' * 32}.tmp",
    f".{'0' * 32}.tmp",
    "clips/ab/my-song.mp3",
    "clips/ab/my-song.json",
    "clips/my-song.mp3",
    f"clips/cd/ab{'0' * 30}.mp3",
    f"clips/ab/ab{'0' * 30}.MP3",
    "segments/ab/field-recording.flac",
    f"segments/cd/ab{'0' * 62}.flac",
    "segments/ab/.draft.tmp",
    "captions/ab/.draft.tmp",
    "usage/.draft.tmp",
    "damaged/keep.flac",
    "locks/.draft.tmp",
]


def test_what_is_not_ours_is_not_touched(quick: Site) -> None:
    """With the site's own directory as the cache, where an author has folders of the same names."""
    quick.options["cache_dir"] = "."
    quick.write(page(OLD))
    quick.build()
    for name in FOREIGN:
        (quick.root / name).parent.mkdir(parents=True, exist_ok=True)
        (quick.root / name).write_bytes(b"an author's own")
    set_age((path for path in quick.root.rglob("*") if path.is_file()), 400)
    stats = printed(quick, "cache", "stats")

    assert printed(quick, "cache", "prune", "--days", "0") == "0 files removed, 0.0 kB\n"
    assert printed(quick, "cache", "verify") == "No damaged files.\n"

    assert {name for name in FOREIGN if (quick.root / name).read_bytes() == b"an author's own"} == set(FOREIGN)
    assert stats.startswith("1 sentence, ")
    assert "\n1 clip, " in stats


def test_leftovers_are_told_and_told_before(quick: Site) -> None:
    quick.write(page(OLD))
    quick.build()
    left = root_of(quick) / f"segments/ab/.{'0' * 32}.tmp"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(bytes(100))
    set_age([left], 2)
    day = datetime.now(UTC).date() - timedelta(days=2)
    line = f"leftover {left.name} of {day}\n"
    assert printed(quick, "cache", "prune", "--dry-run") == f"{line}1 file would be removed, 0.1 kB\n"
    assert left.exists()
    assert printed(quick, "cache", "prune") == f"{line}1 file removed, 0.1 kB\n"
    assert not left.exists()


@pytest.mark.parametrize("days", ["99999999999", "-1", "1e3", "9" * 5000])
def test_a_number_of_days_that_cannot_be_is_told(quick: Site, days: str) -> None:
    quick.write(page(OLD))
    result = run(quick, "cache", "prune", f"--days={days}")
    assert result.exit_code == 2
    assert "Invalid value for '--days'" in result.stderr


@pytest.mark.parametrize("command", ["synth", "plan", "check", "cache stats", "cache prune", "cache verify"])
def test_a_cache_that_each_build_deletes_is_refused_by_commands_too(
    quick: Site, service: Service, command: str
) -> None:
    quick.write(page(OLD))
    result = run(quick, *command.split(), cache_dir="site/voice")
    assert result.exit_code == 2
    assert re.match(r"mkdocs-lightning: cache_dir: '.+voice' is inside site_dir, so each build", result.stderr)
    assert service.requests == []


def test_what_cannot_be_removed_is_said(quick: Site, monkeypatch: pytest.MonkeyPatch, cache: Cache) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    stored(cache, OLD, 400)
    quick.write(page(OLD))
    quick.build()
    quick.write(page(NEW))
    make_old(quick)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match=r"cannot be written \(Permission denied\)"):
        prune(cache, [], GRACE, TODAY, dry_run=False)
    result = run(quick, "cache", "prune", "--days", "0")
    assert result.exit_code == 1
    assert re.fullmatch(r"mkdocs-lightning: the cache .+ cannot be written .+; see cache_dir\n", result.stderr)


def test_an_unknown_usage_is_an_error_to_callers_too(cache: Cache, tmp_path: Path) -> None:
    stored(cache, OLD, 400)
    store_usage(cache, "Site", [], TODAY)
    (record,) = (tmp_path / "cache/usage").iterdir()
    record.write_bytes(b"{")
    with pytest.raises(LightningError, match="Build every site that shares this cache"):
        prune(cache, [], GRACE, TODAY, dry_run=False)
