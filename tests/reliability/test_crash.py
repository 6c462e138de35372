"""Builds that are killed, broken off, or cannot write: what had arrived is kept, and paid for once."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries, remove, verify
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.reliability.conftest import use_bare_theme
from tests.support.commands import plan, start
from tests.support.service import Failure, Fault
from tests.support.sites import Site, duration
from tests.support.waiting import BUILD_PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.service import Service

PAGES = 6
BLOCKS = 5
SENTENCES = 6  # a block
KILLS = 17  # for each seed: 51 in all
SECONDS_A_SENTENCE = 0.03
CONCURRENCY = 4
WORKERS = 6
"""Half as many again: while some store what they have received, others send."""


@dataclass
class Build:
    """One `mkdocs build` in a process of its own."""

    process: subprocess.Popen[str]
    began: float

    @classmethod
    def start(cls, site: Site, **options: object) -> Build:
        process = start(site, "mkdocs", "build", "--strict", "-f", "CONFIG", **options)
        return cls(process, time.monotonic())

    def end(self) -> str:
        """Wait for it; what it said."""
        return self.process.communicate(timeout=BUILD_PATIENCE)[1]


def sentence(page: int, block: int, number: int) -> str:
    return f"On page {page}, in block {block}, this is the sentence that has the number {number}."


@pytest.fixture
def big_site(site: Site, service: Service) -> Site:
    """180 sentences on six pages."""
    service.latency = SECONDS_A_SENTENCE
    use_bare_theme(site)
    for page in range(PAGES):
        blocks = [" ".join(sentence(page, block, number) for number in range(SENTENCES)) for block in range(BLOCKS)]
        text = "\n\n".join(f":::speak\n{block}\n:::" for block in blocks)
        site.write({f"page-{page}.md" if page else "index.md": f"# Page {page}\n\n{text}\n"})
    site.options |= {"concurrency": CONCURRENCY, "sample_rate": 8000}
    return site


def stored(site: Site) -> set[str]:
    """The names of all segments in the cache, each a whole file."""
    cache = Cache(site.root / ".cache/plugin/lightning")
    assert verify(cache) == []
    return {entry.name for entry in entries(cache) if entry.kind == "sentence"}


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
        assert len(names.keys() - kept[number + 1]) <= WORKERS, (
            "more was lost than can be in flight, or about to be stored"
        )
    sentences = PAGES * BLOCKS * SENTENCES
    assert len(kept[-1]) == sentences
    paid_twice = sum(names.total() for names in asked) - sentences
    clips = [clip for page in (big_site.root / "site").rglob("index.html") for clip in site_clips(big_site, page)]
    assert len(clips) == PAGES * BLOCKS
    assert all(duration(clip) > SENTENCES for clip in clips)
    figure("kills survived", KILLS)
    figure("sentences asked for again, all in flight or about to be stored at a kill", f"{paid_twice} of {sentences}")


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


def broken_off(site: Site, service: Service) -> float:
    """Break a build off by Ctrl-C, soon after its twentieth request; seconds until it has ended.

    What it would ask for after that has an answer that is slow: to go on would take most of a minute.
    """
    quick = 20 + 2 * CONCURRENCY
    latency, asked = service.latency, [0]
    is_far, counting = threading.Event(), threading.Lock()

    def slow_down(_number: int, _body: object) -> Fault | None:
        with counting:
            asked[0] += 1
            if asked[0] >= 20 + CONCURRENCY:
                is_far.set()
            if asked[0] <= quick:
                return None
            service.latency = 1.0
        return None

    service.faults = slow_down
    build = Build.start(site, timeout=60)
    assert is_far.wait(BUILD_PATIENCE)
    interrupted = time.monotonic()
    build.process.send_signal(signal.SIGINT)
    said = build.end()
    seconds = time.monotonic() - interrupted
    service.latency, service.faults = latency, None
    assert build.process.returncode != 0
    assert "Traceback" not in said
    return seconds


def test_ctrl_c_ends_a_build_soon_and_keeps_what_is_in_flight(
    big_site: Site, service: Service, figure: Callable[[str, object], None]
) -> None:
    """Within two seconds, one of which what is in flight takes; on a busy machine, three once in five times."""
    times: list[float] = []
    while min(times, default=9.0) >= 2 and len(times) < 5:
        times.append(broken_off(big_site, service))
        assert len(service.spoken) == len(stored(big_site)), "what was in flight is lost"

    assert min(times) < 3, times
    figure("seconds from Ctrl-C to the end", ", ".join(f"{seconds:.2f}" for seconds in times))


@contextmanager
def small_disk(directory: Path, kilobytes: int) -> Iterator[None]:
    """A file system that has room for so much."""
    directory.mkdir(parents=True)
    mounted = as_root("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=1777", "tmpfs", str(directory))
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        as_root("umount", str(directory)).check_returncode()


def as_root(*command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the system, as the machines of CI let everybody do."""
    sudo = ["sudo", "-n"] if os.geteuid() and shutil.which("sudo") else []
    return subprocess.run([*sudo, *command], check=False, capture_output=True)


def test_a_full_disk_stops_the_spending_and_keeps_what_fits(big_site: Site, service: Service, tmp_path: Path) -> None:
    """The cache is on another file system than the site, which has room for about half of it."""
    disk = tmp_path / "small"
    with small_disk(disk, kilobytes=4096):
        build = Build.start(big_site, cache_dir=str(disk / "cache"))
        said = build.end()

        assert "Traceback" not in said
        assert re.search(r"the cache .+ cannot be written \(No space left on device\); see cache_dir", said), said
        assert build.process.returncode == 1, "strict, and something is missing"
        cache = Cache(disk / "cache")
        assert verify(cache) == []
        kept = len([entry for entry in entries(cache) if entry.kind == "sentence"])
        assert 0 < kept == len(service.spoken), "it went on paying for what it could not keep"
        assert not list((disk / "cache").rglob("*.tmp"))


def test_a_disk_that_is_full_when_a_build_begins_costs_nothing(
    big_site: Site, service: Service, tmp_path: Path
) -> None:
    disk = tmp_path / "small"
    with small_disk(disk, kilobytes=512):
        with suppress(OSError), (disk / "full").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        for command in (("mkdocs", "build", "-f", "CONFIG"), ("mkdocs-lightning", "-f", "CONFIG", "synth")):
            for _ in range(2):
                build = start(big_site, *command, cache_dir=str(disk / "cache"))
                said = build.communicate(timeout=BUILD_PATIENCE)[1]
                assert "Traceback" not in said
                assert re.search(r"the cache .+ cannot be written \(No space left on device\); see cache_dir", said), (
                    said
                )
        assert service.requests == []


def test_what_was_paid_for_and_lost_is_told(
    big_site: Site, service: Service, tmp_path: Path, expect_warning: Callable[[str], None]
) -> None:
    """On a disk that does not tell how much room it has: what is in flight is lost, and no more."""
    disk = tmp_path / "small"
    with small_disk(disk, kilobytes=4096), pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _root: SimpleNamespace(total=0, free=0))
        expect_warning(r"the cache .+ cannot be written \(No space left on device\); see cache_dir")
        expect_warning(r"sentences that were synthesized but could not be stored: \d+, with [\d,]+ characters")
        big_site.build(cache_dir=str(disk / "cache"))

        kept = len([entry for entry in entries(Cache(disk / "cache")) if entry.kind == "sentence"])
        lost = len(service.spoken) - kept
        assert kept > 0
        assert 0 < lost <= 2 * service.peak, "those in flight, and those that had just arrived"


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
        as_root("mount", "-o", "remount,ro", str(disk)).check_returncode()

        warm = Build.start(big_site, **options)
        said = warm.end()
        assert warm.process.returncode == 0, said
        assert len(big_site.clips("index.html")) == BLOCKS
        assert all(duration(clip) > SENTENCES for clip in big_site.clips("index.html")), "copied to another file system"

        big_site.write({"index.md": f"{source}\n{new}"})
        build = Build.start(big_site, **options)
        said = build.end()

    assert re.search(r"the cache .+ cannot be written \(Read-only file system\); see cache_dir", said), said
    assert "Traceback" not in said
    assert service.requests == []
    assert build.process.returncode == 1, "strict, and something is missing"
    assert len(big_site.clips("index.html")) == BLOCKS


def test_what_was_made_is_published_though_something_else_cannot_be_kept(
    big_site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    big_site.build(strict=True)
    cache = big_site.root / ".cache/plugin/lightning"
    first = big_site.clips("index.html")[0].name
    for entry in entries(Cache(cache)):
        if entry.kind == "clip":
            remove(Cache(cache), entry)
    shutil.rmtree(cache / "clips" / first[:2])
    (cache / "clips" / first[:2]).symlink_to("/proc")
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


JUMPS = """\
import itertools, time
real, jumps = time.time, itertools.cycle([0, 4e9, -1.5e9])  # to the year 2153, and back to 1979
time.time = lambda: real() + next(jumps)
"""


def test_a_clock_that_jumps_while_a_build_asks_makes_it_wait_no_longer(big_site: Site, service: Service) -> None:
    """Also where the service tells the time until which it has too much to do."""
    (big_site.root / "jumps.py").write_text(JUMPS, encoding="utf-8")
    big_site.config["hooks"] = ["jumps.py"]
    service.faults = lambda number, _body: (
        Failure(429, retry_after=formatdate(time.time() + 1, usegmt=True)) if number in {30, 60} else None
    )
    build = Build.start(big_site)

    said = build.end()

    assert build.process.returncode == 0, said
    assert sorted(Counter(service.spoken).values()) == [1] * (PAGES * BLOCKS * SENTENCES)
    assert len(stored(big_site)) == PAGES * BLOCKS * SENTENCES


def test_a_file_system_without_hard_links_will_do(
    big_site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    big_site.build(strict=True)

    assert len(big_site.clips("index.html")) == BLOCKS
    assert len(service.spoken) == PAGES * BLOCKS * SENTENCES
