"""Every file of a finished cache, damaged in every way: the next build makes it again, and pays only if it must."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries, usages, verify
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.reliability.conftest import use_bare_theme
from tests.reliability.layouts import make
from tests.reliability.test_crash import Build
from tests.support.commands import run
from tests.support.service import Service
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.mark import ParameterSet

    Figure = Callable[[str, object], None]

# Three clips of three, two and one sentences; one sentence stands in two of them.
SHARED = "This sentence stands in two of the three blocks of the site."
BLOCKS = (
    (
        "The first block begins with this sentence, which is in no other.",
        SHARED,
        "With this one the first block is over.",
    ),
    (SHARED, "The second block goes on with a sentence that is nowhere else, and then it ends."),
    ("The third block is on a page of its own.",),
)
VOICE = VoiceSettings(sample_rate=8000, speed=2.0)
SEGMENTS = {text: Segment("lightning", resolve_voice(VOICE), text) for block in BLOCKS for text in block}
KINDS = {
    "sentence": "segments/*/*",
    "clip": "clips/*/*.mp3",
    "record": "clips/*/*.json",
    "usage": "usage/*",
    "captions": "captions/*/*",
}


def speak(*sentences: str) -> str:
    return f"\n:::speak\n{' '.join(sentences)}\n:::\n"


def cache_of(site: Site) -> Path:
    return site.root / ".cache/plugin/lightning"


def write_pages(site: Site) -> None:
    """The blocks, on two pages."""
    site.options |= {"sample_rate": 8000, "speed": 2.0}
    use_bare_theme(site)
    site.write(
        {"index.md": f"# Home\n{speak(*BLOCKS[0])}{speak(*BLOCKS[1])}", "other.md": f"# Other\n{speak(*BLOCKS[2])}"}
    )


def published(site: Site) -> dict[str, bytes]:
    """All that readers get, without the site's map, which has the day on which it was built."""
    return {name: data for name, data in files(site.root / "site").items() if "sitemap" not in name}


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class Finished(NamedTuple):
    """A cache that a build has filled, and what that build has published."""

    cache: Path
    site: dict[str, bytes]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    with Service() as service:
        site = Site(tmp_path_factory.mktemp("finished"), {"api_key": KEY, "base_url": service.url})
        write_pages(site)
        site.build(strict=True)
        assert sorted(service.spoken) == sorted(SEGMENTS)
    return Finished(cache_of(site), published(site))


@pytest.fixture(scope="module")
def tally() -> Counter[str]:
    """How many files were damaged, by kind."""
    return Counter()


@pytest.fixture
def site(site: Site) -> Site:
    write_pages(site)
    return site


def restore(site: Site, finished: Finished) -> None:
    """The cache as it was when it was finished."""
    shutil.rmtree(cache_of(site), ignore_errors=True)
    shutil.copytree(finished.cache, cache_of(site))
    (record,) = (cache_of(site) / "usage").iterdir()  # that of a site in another folder
    usage = json.loads(record.read_bytes())
    usage["site"] = usage["site"].replace(str(finished.cache.parents[2]), str(site.root))
    digest = hashlib.sha256(usage["site"].encode()).hexdigest()
    record.with_name(f"{digest[:16]}.json").write_text(json.dumps(usage, indent=0))
    record.unlink()


# Damages ------------------------------------------------------------------------------------------


def flipped(place: float) -> Callable[[Path], None]:
    """One bit, of the byte at so many bytes, or at such a part of the file."""

    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        at = int(place) if place >= 1 or place == 0 else int(place * len(data))
        data[min(at, len(data) - 1)] ^= 1 << random.Random(f"{path.name} {place}").randrange(8)
        path.write_bytes(data)

    return flip


def replaced(data: bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(data))


def void(_result: object) -> None:
    """For a call whose result nobody wants."""


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def to_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").touch()


def to_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere/at/all")


def to_endless_link(path: Path) -> None:
    """What cannot even be looked at, also not by root."""
    path.unlink()
    path.symlink_to(path)


def to_another_s(path: Path) -> None:
    """The same place in another one's file of the same kind."""
    others = sorted(path.parents[1].glob(f"*/*{path.suffix}"))
    shutil.copy(others[(others.index(path) + 1) % len(others)], path)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a bit flipped in its first byte": flipped(0),
    "a bit flipped in its header": flipped(20),
    "a bit flipped in its first quarter": flipped(0.25),
    "a bit flipped in its middle": flipped(0.5),
    "a bit flipped in its last byte": flipped(1e9),
    "cut to its half": halve,
    "cut to nothing": replaced(b""),
    "zeros": zero,
    "a web page": replaced(b"<!DOCTYPE html><html><body>Not found</body></html>"),
    "brackets without an end": replaced(b"[" * 100_000),
    "a directory": to_directory,
    "a dangling link": to_dangling_link,
    "an endless link": to_endless_link,
    "another one's file": to_another_s,
}
CERTAIN = [name for name in DAMAGES if name not in {"another one's file", "brackets without an end"}]


def of_kind(kind: str, cache: Path) -> list[Path]:
    return sorted(path for path in cache.glob(KINDS[kind]) if path.is_file())


def cases() -> Iterator[ParameterSet]:
    """Each kind of file with each damage."""
    for kind in KINDS:
        for name in DAMAGES:
            if (kind, name) == ("usage", "another one's file"):  # there is but one
                continue
            yield pytest.param(kind, name, id=f"{kind}: {name}")


# One file at a time -------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "damage"), list(cases()))
def test_a_damaged_file_is_made_again(  # noqa: PLR0917
    site: Site, service: Service, finished: Finished, tally: Counter[str], kind: str, damage: str
) -> None:
    """A damaged clip, or its record, asks for nothing; a damaged segment does when the clip must be made again."""
    restore(site, finished)
    names = [path.relative_to(cache_of(site)) for path in of_kind(kind, cache_of(site))]
    for name in names:
        restore(site, finished)
        service.clear()
        before = json.loads((cache_of(site) / name).read_bytes()) if kind == "usage" else {}
        DAMAGES[damage](cache_of(site) / name)

        site.build(strict=True)

        assert service.requests == [], f"{name}: it has asked for what it had"
        assert published(site) == finished.site, f"{name}: something else is published"
        if kind == "sentence":  # nobody has needed it so far
            shutil.rmtree(cache_of(site) / "clips")
            site.build(strict=True)
            lost = {text for text, segment in SEGMENTS.items() if segment.key == name.stem}
            is_harmless = service.spoken == [] and damage.startswith("a bit flipped")  # such as one of a comment
            assert is_harmless or set(service.spoken) == lost, f"{name}: {service.spoken}"
            assert published(site) == finished.site, f"{name}: something else is published"
        assert whole(site), f"{name}: it is still damaged"
        if kind == "usage":  # a flipped bit may be in a name that was in use, which is then one more of the former
            after = json.loads((cache_of(site) / name).read_bytes())
            assert (after["site"], after["current"]) == (before["site"], before["current"])
    tally[kind] += len(names)


def whole(site: Site) -> bool:
    """Whether all files of the finished cache are there, and as they were written."""
    cache = Cache(cache_of(site))
    return verify(cache) == [] and Counter(entry.kind for entry in entries(cache)) == {"sentence": 5, "clip": 3}


def test_no_flipped_bit_of_a_record_is_ever_shown(finished: Finished, tmp_path: Path) -> None:
    """It says when a sentence is heard, and how long a clip lasts."""
    shutil.copytree(finished.cache, tmp_path / "cache")
    cache = Cache(tmp_path / "cache")
    segments = tuple(SEGMENTS[text] for text in BLOCKS[0])
    clip = Clip(segments, (0.2, 0.2), OutputFormat.MP3)  # at twice the speed
    good = cache.find_clip(clip)
    assert good
    record = good.path.with_suffix(".json")
    written = {path: path.read_bytes() for path in (good.path, record)}
    wrong = []
    times = written[record].index(b"duration")
    places = [(place, 0) for place in range(times)]  # a name, a checksum
    places += [(place, bit) for place in range(times, len(written[record])) for bit in range(8)]
    for place, bit in places:
        data = bytearray(written[record])
        data[place] ^= 1 << bit
        record.write_bytes(data)
        if cache.find_clip(clip) not in {None, good}:
            wrong.append(bytes(data))
        for path, content in written.items():
            path.write_bytes(content)
    assert wrong == []


@pytest.mark.parametrize("value", ["NaN", "1e999", "-1", "1" * 400, "9.5"], ids=lambda value: value[:9])
@pytest.mark.parametrize("name", ["duration", "lengths"])
def test_times_that_cannot_be_are_not_shown(site: Site, finished: Finished, name: str, value: str) -> None:
    restore(site, finished)
    for record in of_kind("record", cache_of(site)):
        text = record.read_text()
        pattern = r'(?<="duration": )[\d.]+' if name == "duration" else r'(?<="lengths": \[)[\d.]+'
        record.write_text(re.sub(pattern, value, text))
        assert record.read_text() != text

    site.build(strict=True)

    assert published(site) == finished.site


def test_a_clip_with_its_record_in_another_one_s_place_is_found_out(site: Site) -> None:
    """Two clips of a sentence each, and each has the other's files: all of them are whole."""
    site.write({"more.md": f"# More\n{speak('This is one more clip, and it has but one sentence.')}"})
    site.build(strict=True)
    good = published(site)
    ones = [path for path in of_kind("record", cache_of(site)) if len(json.loads(path.read_bytes())["lengths"]) == 1]
    first, second = ones
    for one, other in ((first, second), (first.with_suffix(".mp3"), second.with_suffix(".mp3"))):
        data = one.read_bytes(), other.read_bytes()
        one.write_bytes(data[1])
        other.write_bytes(data[0])

    site.build(strict=True)

    assert published(site) == good


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a web page", "a web page"),
        ("a web page", "a directory"),
        ("a directory", "a web page"),
        ("a directory", "a directory"),
    ],
)
@pytest.mark.parametrize("kind", ["sentence", "clip", "record", "usage"])
def test_a_file_that_is_damaged_a_second_time_is_made_again_once_more(  # noqa: PLR0917
    site: Site, service: Service, finished: Finished, kind: str, first: str, second: str
) -> None:
    """What was set aside the first time is not in the way."""
    restore(site, finished)
    victim = of_kind(kind, cache_of(site))[0]
    for damage in (first, second):
        service.clear()
        DAMAGES[damage](victim)
        if kind == "sentence":
            shutil.rmtree(cache_of(site) / "clips")
        site.build(strict=True)
        assert len(service.requests) == (kind == "sentence")
        assert published(site) == finished.site
        assert victim.is_file()
    service.clear()
    site.build(strict=True)
    assert service.requests == [], "it pays each time"


@pytest.mark.parametrize("damage", ["a web page", "a directory", "a dangling link", "an endless link"])
def test_a_damaged_lock_is_in_nobody_s_way(site: Site, service: Service, finished: Finished, damage: str) -> None:
    for lock in sorted(path.relative_to(finished.cache) for path in finished.cache.glob("locks/*"))[:2]:
        restore(site, finished)
        service.clear()
        shutil.rmtree(cache_of(site) / "clips")
        lost = [path for path in of_kind("sentence", cache_of(site)) if path.name.startswith(lock.stem)]
        for path in lost:
            path.unlink()
        DAMAGES[damage](cache_of(site) / lock)

        site.build(strict=True)

        assert len(service.spoken) == len(lost) == 1
        assert published(site) == finished.site


# Many at once -------------------------------------------------------------------------------------


def damage_at_random(cache: Path, chance: random.Random) -> dict[str, set[str]]:
    """Damage about half of all files; the names of those that were, by kind."""
    damaged: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind in KINDS:
        for path in of_kind(kind, cache):
            if chance.random() < 0.5:
                DAMAGES[chance.choice([name for name in CERTAIN if not name.startswith("a bit flipped")])](path)
                damaged[kind].add(path.name)
    return damaged


def needed_again(finished: Finished, damaged: dict[str, set[str]]) -> set[str]:
    """The sentences that are lost, and stand in a clip that is lost too."""
    clips = {len(json.loads(path.read_bytes())["lengths"]): path for path in of_kind("record", finished.cache)}
    lost: set[str] = set()
    for block in BLOCKS:
        record = clips[len(block)]
        if record.name in damaged["record"] or record.with_suffix(".mp3").name in damaged["clip"]:
            lost |= {text for text in block if f"{SEGMENTS[text].key}.flac" in damaged["sentence"]}
    return lost


@pytest.mark.parametrize("seed", range(8))
def test_only_what_cannot_be_made_again_is_paid_for_again(  # noqa: PLR0917
    site: Site, service: Service, finished: Finished, tally: Counter[str], seed: int, figure: Figure
) -> None:
    restore(site, finished)
    damaged = damage_at_random(cache_of(site), random.Random(seed))

    if seed:
        site.build(strict=True)
    else:  # as it is run
        build = Build.start(site)
        said = build.end()
        assert (build.process.returncode, "WARNING" in said, "Traceback" in said) == (0, False, False), said

    assert sorted(service.spoken) == sorted(needed_again(finished, damaged))
    figure(
        "sentences asked for again, all of them lost with their clip",
        f"{len(service.spoken)}, {sum(map(len, damaged.values()))} files being damaged",
    )
    assert published(site) == finished.site
    assert all(duration(clip) > 1 for clip in (*site.clips("index.html"), *site.clips("other/index.html")))
    service.clear()
    site.build(strict=True)
    assert service.requests == []
    tally["at once"] += sum(map(len, damaged.values()))


def test_every_kind_of_file_has_been_damaged(tally: Counter[str], figure: Figure) -> None:
    if len(tally) < len(KINDS) + 1:
        pytest.skip("the tests before it have not all been run")
    figure("files damaged, each in a real build", f"{tally.total()} ({len(DAMAGES)} ways)")


# Where nothing may be asked for -------------------------------------------------------------------


@pytest.mark.parametrize("damage", CERTAIN)
def test_a_damaged_clip_is_made_again_without_a_key(
    site: Site, service: Service, finished: Finished, damage: str
) -> None:
    restore(site, finished)
    for path in of_kind("clip", cache_of(site)):
        DAMAGES[damage](path)
    del site.options["api_key"]

    site.build(strict=True, synthesize="never")

    assert published(site) == finished.site
    assert service.requests == []


@pytest.mark.parametrize("synthesize", ["never", "build"])
@pytest.mark.parametrize("damage", CERTAIN)
def test_a_clip_that_would_have_a_gap_is_not_published_without_a_key(  # noqa: PLR0917
    site: Site,
    finished: Finished,
    caplog: pytest.LogCaptureFixture,
    expect_warning: Callable[[str], None],
    damage: str,
    synthesize: str,
) -> None:
    """One sentence of the first block is damaged, and all clips are gone."""
    caplog.set_level("INFO")
    if synthesize == "build":
        expect_warning(r"1 sentence missing: there is no API key; .*\n    index\.md:3 'The first block")
    restore(site, finished)
    shutil.rmtree(cache_of(site) / "clips")
    name = f"{SEGMENTS[BLOCKS[0][0]].key}.flac"
    DAMAGES[damage](cache_of(site) / f"segments/{name[:2]}/{name}")
    del site.options["api_key"]

    site.build(synthesize=synthesize)

    assert "1 sentence missing: " in caplog.text
    assert len(site.clips("index.html")) == 1
    assert len(site.clips("other/index.html")) == 1
    assert BLOCKS[0][0] in site.html("index.html")
    clips = {path: data for path, data in published(site).items() if path.endswith(".mp3")}
    assert clips == {path: data for path, data in finished.site.items() if path in clips}
    assert len(clips) == 2


# Layouts ------------------------------------------------------------------------------------------

LAYOUTS = Path(make.__file__).parent
LAYOUT = LAYOUTS / "1"
REMOTE_LAYOUT = LAYOUTS / "remote-1"
DIGESTS = {
    "1": "d249eea132f077efd4ff3902aa9afbd3b10e5baa47bb1e892de51b021096f361",
    "remote-1": "84c67dee83e42ed11a9179cc07f18a1436d2c057fdeadbf531b9a327a1a3a26f",
}
"""Of all names and bytes: what was released is kept as it was."""


def test_no_layout_that_is_kept_has_changed(figure: Figure) -> None:
    found = {}
    for directory in LAYOUTS.iterdir():
        if directory.is_dir() and directory.name != "__pycache__":
            digest = hashlib.sha256()
            for name, data in sorted(files(directory).items()):
                digest.update(f"{name} {len(data)}\n".encode() + data)
            found[directory.name] = digest.hexdigest()
    assert found == DIGESTS
    figure("layouts of caches that are kept", ", ".join(sorted(found)))


@pytest.mark.parametrize("lacks", ["nothing", "clips"])
def test_a_remote_cache_of_layout_1_is_played(tmp_path: Path, service: Service, lacks: str, figure: Figure) -> None:
    """From a machine that may read it alone, and has nothing of its own."""
    remote = tmp_path / "remote"
    shutil.copytree(REMOTE_LAYOUT, remote, ignore=shutil.ignore_patterns(lacks))
    before = files(remote)
    site = make.site_in(tmp_path, service)

    site.build(strict=True, remote_cache=remote.as_uri(), remote_cache_mode="read")

    (clip,) = site.clips("index.html")
    assert service.requests == []
    assert duration(clip) == pytest.approx(1.458625 + 0.2 + 1.19125, abs=0.1)
    assert 'data-starts="0.000 1.659"' in site.html("index.html")
    assert files(remote) == before
    figure("sentences paid for with a remote cache of layout 1", f"none (it lacks {lacks})")


@pytest.fixture
def kept(tmp_path: Path, service: Service) -> Site:
    """The site of the layouts, with the cache of layout 1."""
    shutil.copytree(LAYOUT, tmp_path / ".cache/plugin/lightning")
    return make.site_in(tmp_path, service)


def kept_files(site: Site) -> dict[str, bytes]:
    """All of the cache but what a build puts there anew: the captions, and the record of what this site uses."""
    (used,) = (usage for usage in usages(Cache(cache_of(site))) if str(site.root) in usage.site)
    own = hashlib.sha256(used.site.encode()).hexdigest()[:16]
    kept = files(cache_of(site)).items()
    return {name: data for name, data in kept if not name.startswith(("captions/", f"usage/{own}"))}


def test_a_cache_of_layout_1_is_played_as_it_is(kept: Site, service: Service, figure: Figure) -> None:
    kept.build(strict=True)

    assert service.requests == []
    (clip,) = kept.clips("index.html")
    (path,) = LAYOUT.glob("clips/*/*.mp3")
    assert (clip.name, clip.read_bytes()) == (path.name, path.read_bytes())
    assert 'data-starts="0.000 1.659"' in kept.html("index.html")
    assert kept_files(kept) == files(LAYOUT)
    figure("sentences paid for with a cache of layout 1", "none")


def test_the_segments_of_layout_1_are_still_of_use(kept: Site, service: Service) -> None:
    shutil.rmtree(cache_of(kept) / "clips")

    kept.build(strict=True)

    assert service.requests == []
    (clip,) = kept.clips("index.html")
    assert duration(clip) == pytest.approx(1.458625 + 0.2 + 1.19125, abs=0.1)
    assert 'data-starts="0.000 1.659"' in kept.html("index.html")


def change_records(site: Site, change: Callable[[dict[str, object]], dict[str, object]]) -> None:
    for path in of_kind("record", cache_of(site)):
        path.write_text(json.dumps(change(json.loads(path.read_bytes()))))


def test_a_cache_of_layout_0_is_made_new_from_its_segments(kept: Site, service: Service, figure: Figure) -> None:
    """As it was before the first release: a record knew no lengths."""
    change_records(kept, lambda record: {name: record[name] for name in ("sha256", "duration")})

    kept.build(strict=True)

    assert service.requests == []
    assert 'data-starts="0.000 1.659"' in kept.html("index.html")
    assert whole_layout(kept)
    figure("sentences paid for with a cache of layout 0", "none")


def whole_layout(site: Site) -> bool:
    cache = Cache(cache_of(site))
    return verify(cache) == [] and Counter(entry.kind for entry in entries(cache)) >= Counter(sentence=2, clip=1)


LATER = {
    "index.json": b'{"layout": 7}',
    "packs/00/later.pack": b"a pack of segments",
    "segments/index.bin": b"an index",
    f"segments/00/{'0' * 64}.flac": b"fLaC, in a way that is not known yet",
    f"segments/00/{'0' * 64}.opus": b"a segment in another format",
    f"segments/v2/00/{'0' * 96}.flac": b"fLaC, under a longer key",
    f"clips/00/{'0' * 32}.jxa": b"a clip in another format",
    f"clips/00/{'0' * 32}.json": b'{"version": 7, "blake3": "00"}',
    "clips/index.bin": b"an index",
    "usage/later/site.json": b"{}",
    "locks/later.lock": b"",
}


def test_a_cache_of_a_later_layout_is_left_alone(kept: Site, service: Service, figure: Figure) -> None:
    """Another version, with directories, files and keys of its own, has used the same cache."""
    for name, data in LATER.items():
        path = cache_of(kept) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    before = files(cache_of(kept))

    kept.build(strict=True)
    assert (service.requests, len(kept.clips("index.html"))) == ([], 1)
    assert kept_files(kept) == before

    shutil.rmtree(cache_of(kept) / "clips/10")
    kept.build(strict=True)
    assert (service.requests, len(kept.clips("index.html"))) == ([], 1)
    assert {name: data for name, data in files(cache_of(kept)).items() if name in LATER} == LATER

    assert run(kept, "cache", "stats").exit_code == 0
    printed = run(kept, "cache", "verify")
    assert (printed.exit_code, "Traceback" in printed.output) == (1, False)
    after = files(cache_of(kept))
    assert {data for name, data in LATER.items() if name not in after} <= set(after.values()), "something was deleted"
    figure("files of a later layout that were left alone or set aside", len(LATER))


def test_a_record_of_a_later_layout_is_put_aside_and_not_believed(kept: Site, service: Service) -> None:
    change_records(kept, lambda record: {**record, "version": 7, "duration": {"samples": 9, "rate": 3}})
    (later,) = (path.read_bytes() for path in of_kind("record", cache_of(kept)))

    kept.build(strict=True)

    assert service.requests == []
    assert 'data-starts="0.000 1.659"' in kept.html("index.html")
    assert [path.read_bytes() for path in (cache_of(kept) / "damaged").iterdir()] == [later]
    assert whole_layout(kept)
