"""Several builds at once on one cache: each sentence is paid for once, and nobody sees half a file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.cache import Cache
from mkdocs_lightning.segment import Segment
from mkdocs_lightning.upkeep import verify
from mkdocs_lightning.voice import VoiceSettings, resolve_voice
from tests.conftest import Site, duration

if TYPE_CHECKING:
    from tests.service import Service

PATIENCE = 120.0  # seconds
SHARED = [f"This sentence, with the number {number}, stands on the pages of all the sites." for number in range(12)]


def site_in(directory: Path, cache: Path, service: Service, own: str) -> Site:
    """A site with the shared sentences, and one of its own."""
    options = {"base_url": service.url, "cache_dir": str(cache), "concurrency": 4}
    site = Site(directory, options, {"site_name": directory.name})
    directory.mkdir()
    blocks = "\n\n".join(f":::speak\n{sentence}\n:::" for sentence in [*SHARED, own])
    site.write({"index.md": f"# {directory.name}\n\n{blocks}\n"})
    return site


def start(site: Site, *command: str) -> subprocess.Popen[str]:
    """Run a command on a site, in a process of its own."""
    config = site.write_config()
    arguments = [part.replace("CONFIG", config) for part in command]
    program = Path(sys.executable).with_name(arguments.pop(0))
    environment = {**os.environ, "SMALLEST_API_KEY": "sk_test_key"}
    return subprocess.Popen(
        [program, *arguments], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


BUILD = ("mkdocs", "build", "--strict", "-f", "CONFIG")
SYNTH = ("mkdocs-lightning", "-f", "CONFIG", "synth")


@pytest.mark.parametrize("commands", [(BUILD, BUILD), (BUILD, SYNTH), (BUILD, BUILD, SYNTH)], ids=len)
def test_builds_at_once_pay_for_a_sentence_once(
    tmp_path: Path, service: Service, commands: tuple[tuple[str, ...], ...]
) -> None:
    service.latency = 0.1
    cache = tmp_path / "cache"
    owns = [f"And this sentence is on site number {number} only." for number in range(len(commands))]
    sites = [site_in(tmp_path / f"site-{number}", cache, service, own) for number, own in enumerate(owns)]

    running = [start(site, *command) for site, command in zip(sites, commands, strict=True)]
    ended = [(process.communicate(timeout=PATIENCE), process.returncode) for process in running]

    assert [code for _, code in ended] == [0] * len(ended), ended
    assert sorted(service.spoken) == sorted([*SHARED, *owns])
    assert verify(Cache(cache)) == []
    for site, command in zip(sites, commands, strict=True):
        clips = site.clips("index.html") if command is BUILD else []
        assert len(clips) == (len(SHARED) + 1 if command is BUILD else 0)
        assert all(duration(clip) > 1 for clip in clips)


def test_a_killed_build_leaves_no_lock_behind(tmp_path: Path, service: Service) -> None:
    """One build is killed while it waits for an answer; the next one does not wait for it."""
    segment = Segment("lightning", resolve_voice(VoiceSettings()), SHARED[0])
    program = """if True:
        import os, sys, threading
        from pathlib import Path
        from mkdocs_lightning.cache import Cache
        from tests.reliability.test_neighbours import SHARED, Segment, VoiceSettings, resolve_voice
        segment = Segment("lightning", resolve_voice(VoiceSettings()), SHARED[0])
        with Cache(Path(sys.argv[1])).claim(segment, threading.Event()) as stored:
            assert stored is None
            print("claimed", flush=True)
            sys.stdin.read()
    """
    cache = tmp_path / "cache"
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(cache)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "claimed\n"
        site = site_in(tmp_path / "site", cache, service, "This sentence is for this one site only, and is not shared.")
        building = start(site, *BUILD)
        while len(service.spoken) < len(SHARED):  # all but one, and its own
            assert building.poll() is None
            time.sleep(0.01)
        assert segment.text not in service.spoken  # it waits for who has claimed it
        holder.kill()
        _, said = building.communicate(timeout=PATIENCE)

    assert building.returncode == 0, said
    assert service.spoken.count(segment.text) == 1


def test_a_build_waits_for_nobody_where_there_are_no_locks(tmp_path: Path, service: Service) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "locks").touch()  # a file, where the directory should be
    site = site_in(tmp_path / "site", cache, service, "This sentence is for this one site only, and is not shared.")

    building = start(site, *BUILD)
    _, said = building.communicate(timeout=PATIENCE)

    assert building.returncode == 0, said
    assert len(service.spoken) == len(SHARED) + 1
