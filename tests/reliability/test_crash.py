"""Builds that are killed, broken off, or cannot write: what had arrived is kept, and paid for once."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.cache import Cache
from mkdocs_lightning.segment import Segment
from mkdocs_lightning.upkeep import verify
from mkdocs_lightning.voice import VoiceSettings, resolve_voice
from tests.commands import plan
from tests.conftest import KEY, Site, duration
from tests.service import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.service import Service

PATIENCE = 120.0  # seconds
PAGES = 6
BLOCKS = 5
SENTENCES = 6  # a block
KILLS = 17  # for each seed: 51 in all
SECONDS_A_SENTENCE = 0.03


@dataclass
class Build:
    """One `mkdocs build` in a process of its own."""

    process: subprocess.Popen[str]
    began: float

    @classmethod
    def start(cls, site: Site, **options: object) -> Build:
        config = site.write_config(**options)
        program = Path(sys.executable).with_name("mkdocs")
        environment = {**os.environ, "SMALLEST_API_KEY": KEY}
        process = subprocess.Popen(
            [program, "build", "--strict", "-f", config], env=environment, stderr=subprocess.PIPE, text=True
        )
        return cls(process, time.monotonic())

    def end(self) -> str:
        """Wait for it; what it said."""
        return self.process.communicate(timeout=PATIENCE)[1]


def sentence(page: int, block: int, number: int) -> str:
    return f"On page {page}, in block {block}, this is the sentence that has the number {number}."


@pytest.fixture
def big_site(site: Site, service: Service) -> Site:
    """180 sentences on six pages."""
    service.latency = SECONDS_A_SENTENCE
    for page in range(PAGES):
        blocks = [" ".join(sentence(page, block, number) for number in range(SENTENCES)) for block in range(BLOCKS)]
        text = "\n\n".join(f":::speak\n{block}\n:::" for block in blocks)
        site.write({f"page-{page}.md" if page else "index.md": f"# Page {page}\n\n{text}\n"})
    site.options |= {"concurrency": 4, "sample_rate": 8000}
    return site


def stored(site: Site) -> set[str]:
    """The names of all segments in the cache, each a whole file."""
    cache = Cache(site.root / ".cache/plugin/lightning")
    assert verify(cache) == []
    return {entry.name for entry in cache.entries() if entry.kind == "segment"}


def killed_at_random(build: Build, service: Service, chance: random.Random) -> None:
    """End a build with SIGKILL: at any time of its start, or after some more answers, at any moment of the next."""
    seen = len(service.requests)
    answers = seen + chance.choice([0, 0, 1, 2, 5, 9])
    at_least = build.began + (chance.uniform(0, 1.5) if answers == seen else 0)
    while build.process.poll() is None and (len(service.requests) < answers or time.monotonic() < at_least):
        time.sleep(0.001)
    time.sleep(chance.uniform(0, SECONDS_A_SENTENCE))  # not to wait for something, but to be anywhere
    build.process.kill()
    build.end()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_build_that_is_killed_at_any_moment_loses_nothing_and_pays_for_nothing_twice(
    big_site: Site, service: Service, seed: int, figure: Callable[[str, object], None]
) -> None:
    chance = random.Random(seed)
    keys = [f"sk_of_build_{number}" for number in range(KILLS + 1)]  # tells whose a request was, also one that is late
    service.keys |= {*keys}
    kept: list[set[str]] = [set()]  # before each build, and in the end
    for key in keys[:-1]:
        build = Build.start(big_site, api_key=key)
        killed_at_random(build, service, chance)
        kept.append(stored(big_site))
        assert kept[-2] <= kept[-1], "a kill has lost what was stored"
    missing = plan(big_site)["missing"]

    said = Build.start(big_site, api_key=keys[-1]).end()

    kept.append(stored(big_site))
    asked = [Counter(map(name_of, requests_of(service, key))) for key in keys]
    assert asked[-1].total() == missing, said
    for number, names in enumerate(asked):
        assert max(names.values(), default=1) == 1, "one build has asked twice for a sentence"
        assert not names.keys() & kept[number], "what was stored is paid for again"
        assert len(names.keys() - kept[number + 1]) <= 8, "more was lost than can be in flight"
    sentences = PAGES * BLOCKS * SENTENCES
    assert len(kept[-1]) == sentences
    paid_twice = sum(names.total() for names in asked) - sentences
    clips = [clip for page in (big_site.root / "site").rglob("index.html") for clip in site_clips(big_site, page)]
    assert len(clips) == PAGES * BLOCKS
    assert all(duration(clip) > SENTENCES for clip in clips)
    figure("kills survived", KILLS)
    figure("sentences asked for again, all of them in flight at a kill", f"{paid_twice} of {sentences}")


def requests_of(service: Service, key: str) -> list[str]:
    """The texts that were asked for with a key."""
    return [
        str(each.body["text"])
        for each in service.requests
        if each.body and each.headers["authorization"].endswith(f" {key}")
    ]


def name_of(text: str) -> str:
    """The file in which a sentence is kept."""
    return f"{Segment('lightning', resolve_voice(VoiceSettings(sample_rate=8000)), text).key}.flac"


def site_clips(site: Site, page: Path) -> list[Path]:
    return site.clips(str(page.relative_to(site.root / "site")))


@pytest.mark.parametrize("hanging", [False, True], ids=["while answers come", "while no answer comes"])
def test_ctrl_c_ends_a_build_at_once_and_keeps_what_has_arrived(
    big_site: Site, service: Service, hanging: bool, figure: Callable[[str, object], None]
) -> None:
    build = Build.start(big_site, timeout=60)
    while len(service.spoken) < 20:
        assert build.process.poll() is None
        time.sleep(0.001)
    if hanging:
        hanging_now: list[int] = []

        def hang(number: int, _body: object) -> Fault:
            hanging_now.append(number)
            return Fault.HANG

        service.faults = hang
        while len(hanging_now) < 4:  # as many as are asked for at once
            time.sleep(0.001)
    interrupted = time.monotonic()
    build.process.send_signal(signal.SIGINT)
    said = build.end()
    seconds = time.monotonic() - interrupted

    assert build.process.returncode != 0
    assert "Traceback" not in said
    kept = stored(big_site)
    assert len(service.spoken) - 8 <= len(kept) <= len(service.spoken)
    assert seconds < 10, "it has waited for an answer"  # they would take a minute; the figure says how long it was
    figure("seconds from Ctrl-C to the end", f"{seconds:.2f}")


@contextmanager
def small_disk(directory: Path, kilobytes: int) -> Iterator[None]:
    """A file system that has room for so much."""
    directory.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", directory], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", directory], check=True)


def test_a_full_disk_stops_the_spending_and_keeps_what_fits(big_site: Site, service: Service, tmp_path: Path) -> None:
    """The cache is on another file system than the site, which has room for about half of it."""
    disk = tmp_path / "small"
    with small_disk(disk, kilobytes=4096):
        build = Build.start(big_site, cache_dir=str(disk / "cache"))
        said = build.end()

        assert "Traceback" not in said
        assert re.search(r"the cache .+ cannot be written \(No space left on device\); see cache_dir", said), said
        assert build.process.returncode == 1, "strict, and something is not voiced"
        cache = Cache(disk / "cache")
        assert verify(cache) == []
        kept = len([entry for entry in cache.entries() if entry.kind == "segment"])
        assert 0 < kept <= len(service.spoken) <= kept + 8, "it went on paying for what it could not keep"
        assert not list((disk / "cache").rglob("*.tmp"))


def test_a_cache_that_can_only_be_read_is_played_and_nothing_more_is_paid_for(
    big_site: Site, service: Service, tmp_path: Path
) -> None:
    disk = tmp_path / "small"
    with small_disk(disk, kilobytes=65536):
        options = {"cache_dir": str(disk / "cache"), "audio_dir": "sound"}
        Build.start(big_site, **options).end()
        service.clear()
        new = ":::speak\nThis sentence is new, and there is nowhere to keep it.\n:::\n"
        source = (big_site.root / "docs/index.md").read_text(encoding="utf-8")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

        warm = Build.start(big_site, **options)
        said = warm.end()
        assert warm.process.returncode == 0, said
        assert len(big_site.clips("index.html")) == BLOCKS

        big_site.write({"index.md": f"{source}\n{new}"})
        build = Build.start(big_site, **options)
        said = build.end()

    assert re.search(r"the cache .+ cannot be written \(Read-only file system\); see cache_dir", said), said
    assert "Traceback" not in said
    assert service.requests == []
    assert build.process.returncode == 1, "strict, and something is not voiced"
    assert len(big_site.clips("index.html")) == BLOCKS


def test_what_was_made_is_published_though_something_else_cannot_be_kept(
    big_site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    big_site.build(strict=True)
    cache = big_site.root / ".cache/plugin/lightning"
    first = big_site.clips("index.html")[0].name
    for entry in Cache(cache).entries():
        if entry.kind == "clip":
            Cache(cache).remove(entry)
    shutil.rmtree(cache / "clips" / first[:2])
    (cache / "clips" / first[:2]).symlink_to(big_site.root / "nowhere")
    service.clear()
    expect_warning("the cache .+ cannot be written")

    big_site.build()

    assert service.requests == []
    assert first not in [clip.name for clip in big_site.clips("index.html")]
    assert len(big_site.clips("index.html")) >= BLOCKS - 1
    assert len(big_site.clips("page-1/index.html")) >= BLOCKS - 1


def test_a_clock_that_jumps_back_changes_nothing(big_site: Site, service: Service) -> None:
    Build.start(big_site).end()
    asked = len(service.requests)
    for path in (big_site.root / ".cache").rglob("*"):
        os.utime(path, (0, 4_000_000_000))  # in the year 2096

    said = Build.start(big_site).end()

    assert len(service.requests) == asked, said
    assert stored(big_site)


def test_a_file_system_without_hard_links_will_do(
    big_site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    big_site.build(strict=True)

    assert len(big_site.clips("index.html")) == BLOCKS
    assert len(service.spoken) == PAGES * BLOCKS * SENTENCES
