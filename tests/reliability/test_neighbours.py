"""Several builds at once on one cache: each sentence is paid for once, and nobody sees half a file."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests

from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import verify
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.commands import start
from tests.support.sites import Site, duration
from tests.support.waiting import BUILD_PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.service import Json, Service

SHARED = [f"This sentence, with the number {number}, stands on the pages of all the sites." for number in range(12)]


def site_in(directory: Path, cache: Path, service: Service, own: str, language: str = "en") -> Site:
    """A site with one sentence of its own, and the shared ones, which are English in any site."""
    options = {
        "base_url": service.url, "cache_dir": str(cache), "concurrency": 4, "language": language,
        "timeout": BUILD_PATIENCE,
    }  # fmt: skip
    site = Site(directory, options, {"site_name": directory.name})
    directory.mkdir()
    english = "language=en voice_id=kaitlyn" if language != "en" else ""
    blocks = [f":::speak {english}\n{sentence}\n:::" for sentence in SHARED]
    text = "\n\n".join([f":::speak\n{own}\n:::", *blocks])
    site.write({"index.md": f"# {directory.name}\n\n{text}\n"})
    return site


BUILD = ("mkdocs", "build", "--strict", "-f", "CONFIG")
SYNTH = ("mkdocs-lightning", "-f", "CONFIG", "synth")


@pytest.mark.parametrize(
    ("commands", "languages"),
    [
        ((BUILD, BUILD), ("en", "en")),
        ((BUILD, BUILD), ("en", "de")),
        ((BUILD, SYNTH), ("en", "en")),
        ((BUILD, BUILD, SYNTH), ("en", "de", "hi")),
    ],
    ids=["two sites", "two languages", "synth beside build", "three of them"],
)
def test_builds_at_once_pay_for_a_sentence_once(
    tmp_path: Path,
    service: Service,
    commands: tuple[tuple[str, ...], ...],
    languages: tuple[str, ...],
    figure: Callable[[str, object], None],
) -> None:
    """They do meet: nothing is answered before each has asked for the sentence of its own, which is its first."""
    cache = tmp_path / "cache"
    owns = [f"And this sentence is on site number {number} only." for number in range(len(commands))]
    sites = [
        site_in(tmp_path / f"site-{number}", cache, service, own, language)
        for number, (own, language) in enumerate(zip(owns, languages, strict=True))
    ]

    awaited, all_ask = set(owns), threading.Event()

    def meet(_number: int, body: Json) -> None:
        awaited.discard(str(body["text"]))
        if not awaited:
            all_ask.set()
        assert all_ask.wait(BUILD_PATIENCE)

    service.faults = meet
    running = [start(site, *command) for site, command in zip(sites, commands, strict=True)]
    ended = [(process.communicate(timeout=BUILD_PATIENCE), process.returncode) for process in running]

    assert [code for _, code in ended] == [0] * len(ended), ended
    assert sorted(service.spoken) == sorted([*SHARED, *owns])
    assert verify(Cache(cache)) == []
    for site, command in zip(sites, commands, strict=True):
        clips = site.clips("index.html") if command is BUILD else []
        assert len(clips) == (len(SHARED) + 1 if command is BUILD else 0)
        assert all(duration(clip) > 1 for clip in clips)
    asked = {body["text"]: body["language"] for request in service.requests if (body := request.body)}
    assert [asked[own] for own in owns] == list(languages)
    figure("builds at once on one cache, and sentences paid for twice", f"{len(commands)}, none of {len(asked)}")


SEGMENT = Segment("lightning", resolve_voice(VoiceSettings()), SHARED[0])
HOLDER = """if True:
    import sys, threading
    from pathlib import Path
    import numpy as np
    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.local import Cache
    from tests.reliability.test_neighbours import SEGMENT
    cache = Cache(Path(sys.argv[1]))
    with cache.claim(SEGMENT, threading.Event()) as stored:
        assert stored is None
        print("claimed", flush=True)
        sys.stdin.readline()
        cache.store_segment(SEGMENT, Audio(np.zeros(24000, np.int16), SEGMENT.voice.sample_rate))
"""
OWN = "This sentence is for this one site only, and is not shared."


@contextmanager
def claimed(cache: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the claim of the first shared sentence; it writes its sound after a line of input."""
    command = [sys.executable, "-c", HOLDER, str(cache)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "claimed\n"
        try:
            yield holder
        finally:
            holder.kill()


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a process whatever happens, also if something is waited for in vain that it should print."""
    timer = threading.Timer(BUILD_PATIENCE, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        process.kill()


def wait_for_all_others(service: Service, *running: subprocess.Popen[str]) -> None:
    """Until builds have asked for all but the sentence that somebody else has claimed."""
    while len(service.spoken) < len(SHARED) - 1 + len(running):  # all but one, and an own one of each
        assert all(process.poll() is None for process in running)
        time.sleep(0.01)
    assert SEGMENT.text not in service.spoken


def test_a_build_that_waits_for_another_takes_what_that_one_has_paid_for(tmp_path: Path, service: Service) -> None:
    cache = tmp_path / "cache"
    site = site_in(tmp_path / "site", cache, service, OWN)
    with claimed(cache) as holder:
        building = start(site, *BUILD)
        wait_for_all_others(service, building)
        assert holder.stdin
        holder.stdin.write("go on\n")
        holder.stdin.flush()
        _, said = building.communicate(timeout=BUILD_PATIENCE)

    assert building.returncode == 0, said
    assert SEGMENT.text not in service.spoken
    assert len(site.clips("index.html")) == len(SHARED) + 1
    assert duration(site.clips("index.html")[1]) == pytest.approx(1, abs=0.1), "the first of the shared ones"


def test_a_killed_build_leaves_no_lock_behind(tmp_path: Path, service: Service) -> None:
    """One build is killed while it waits for an answer; the next one does not wait for it."""
    service.latency = 0.1  # or one who does not heed the claim might have the answer for it last
    cache = tmp_path / "cache"
    site = site_in(tmp_path / "site", cache, service, OWN)
    with claimed(cache) as holder:
        building = start(site, *BUILD)
        wait_for_all_others(service, building)
        killed = time.monotonic()
        holder.kill()
        _, said = building.communicate(timeout=BUILD_PATIENCE)

    assert building.returncode == 0, said
    (asked,) = [request for request in service.requests if request.body and request.body["text"] == SEGMENT.text]
    assert asked.started > killed
    assert asked.good


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-C for one process alone")
def test_a_build_says_for_whom_it_waits_and_may_be_ended(tmp_path: Path, service: Service) -> None:
    """The other one was stopped, as by Ctrl-Z."""
    cache = tmp_path / "cache"
    site = site_in(tmp_path / "site", cache, service, OWN)
    with claimed(cache) as holder:
        holder.send_signal(signal.SIGSTOP)
        with start(site, *BUILD) as building, ended(building):
            assert building.stderr
            said = next(line for line in building.stderr if "waiting for" in line)
            began = time.monotonic()
            building.send_signal(signal.SIGINT)
            building.communicate(timeout=BUILD_PATIENCE)
    assert time.monotonic() - began < 5
    assert said.startswith(f"waiting for another build (process {holder.pid} on {socket.gethostname()}), which")
    assert str(cache / "locks" / f"{SEGMENT.key[:2]}.lock") in said
    assert SEGMENT.text not in service.spoken


TELL_PORT = """\
    from pathlib import Path

    def on_serve(server, config, **_):
        activate = server.server_activate

        def tell():
            activate()
            Path(config.config_file_path).with_name("port").write_text(str(server.server_port))

        server.server_activate = tell
        return server
"""  # which was free when the server took it; one that is chosen before might be somebody else's by then


def test_serve_beside_build_pays_for_a_sentence_once(
    tmp_path: Path, service: Service, figure: Callable[[str, object], None]
) -> None:
    """Both have the same sentence to wait for; the one has it from the other."""
    cache = tmp_path / "cache"
    building_site = site_in(tmp_path / "building", cache, service, OWN)
    serving_site = site_in(
        tmp_path / "serving", cache, service, "This one is on the site that is served, and is not shared."
    )
    serving_site.options["synthesize"] = "always"
    serving_site.config["hooks"] = ["tell_port.py"]
    serving_site.write({"../tell_port.py": TELL_PORT})
    with claimed(cache) as holder:
        building = start(building_site, *BUILD)
        serve = ("mkdocs", "serve", "-a", "127.0.0.1:0", "-f", "CONFIG")
        with start(serving_site, *serve) as serving, ended(serving):
            wait_for_all_others(service, building, serving)
            holder.kill()
            _, said = building.communicate(timeout=BUILD_PATIENCE)
            assert serving.stderr
            while "Serving on" not in serving.stderr.readline():
                assert serving.poll() is None
            port = (serving_site.root / "port").read_text(encoding="utf-8")
            page = requests.get(f"http://127.0.0.1:{port}/", timeout=BUILD_PATIENCE).text

    assert building.returncode == 0, said
    assert service.spoken.count(SEGMENT.text) == 1
    assert len(set(service.spoken)) == len(service.spoken)
    assert len(building_site.clips("index.html")) == page.count("<audio") == len(SHARED) + 1
    assert verify(Cache(cache)) == []
    figure("serve beside build, and sentences paid for twice", f"2, none of {len(service.spoken)}")


def test_a_build_waits_for_nobody_where_there_are_no_locks(tmp_path: Path, service: Service) -> None:
    cache = tmp_path / "cache"
    for number in range(256):
        (cache / "locks" / f"{number:02x}.lock").mkdir(parents=True)  # a directory, where the file should be
    site = site_in(tmp_path / "site", cache, service, "This sentence is for this one site only, and is not shared.")

    building = start(site, *BUILD)
    _, said = building.communicate(timeout=BUILD_PATIENCE)

    assert building.returncode == 0, said
    assert len(service.spoken) == len(SHARED) + 1
