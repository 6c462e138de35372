"""`mkdocs serve`, run for real: it plays what is cached, never spends unasked, and rebuilds once for an edit."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer

from benchmarks.serving import free_address
from tests.support.service import Failure, Service, every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.sites import Site

PATIENCE = 120.0  # seconds
PAGE = "# Home\n\n:::speak\nThis sentence was voiced by an earlier build of the site.\n:::\n"
EDITED = PAGE + "\n:::speak\nThis sentence was written while the site was served.\n:::\n"


class Server:
    """A running `mkdocs serve`; its log tells what it does.

    Attributes:
        log: Its lines, as far as they were read.
        saves: How often the first page was saved.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._address = free_address()
        command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-a", self._address]
        self._process = subprocess.Popen(
            command, cwd=site.root, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        self.log: list[str] = []
        self.saves = 0
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._says("Serving on", within=PATIENCE):
            raise AssertionError("".join(self.stop()))

    def _read(self) -> None:
        assert self._process.stderr
        with self._process.stderr as log:
            for line in log:
                self._lines.put(line)

    def _says(self, words: str, within: float) -> bool:
        """Whether a line with these words comes in so many seconds."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            try:
                self.log.append(self._lines.get(timeout=max(0.01, until - time.monotonic())))
            except queue.Empty:
                return False
            if words in self.log[-1]:
                return True
        return False

    def edit(self, page: str) -> None:
        """Save the first page, which has become longer, and wait until it is served with its last sentence.

        The server may begin to watch a moment after it says that it serves; what was saved before is saved again.
        """
        sentence = page.splitlines()[-2]
        until = time.monotonic() + PATIENCE
        self._save(page)
        while not self._says("Detected file changes", within=5):
            assert time.monotonic() < until, self.log
            self._save(page)
        while sentence not in self.html():  # as after a rebuild for an earlier save
            assert self._says("Reloading browsers", within=PATIENCE), "".join(self.log)

    def _save(self, page: str) -> None:
        """Write over the file in one go: a server that looks between two steps sees two changes."""
        with (self._site.root / "docs/index.md").open("r+b", buffering=0) as file:
            file.write(page.encode())
        self.saves += 1

    def html(self) -> str:
        with urllib.request.urlopen(f"http://{self._address}/", timeout=PATIENCE) as reply:
            return str(reply.read().decode())

    def stop(self) -> list[str]:
        """End it as Ctrl-C does; the whole log."""
        if self._process.poll() is None:
            if sys.platform == "win32":  # which has no Ctrl-C for one process alone
                self._process.terminate()
            else:
                self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=PATIENCE)
        self._reader.join()
        while not self._lines.empty():
            self.log.append(self._lines.get())
        return self.log


class WatchList(LiveReloadServer):
    """A server that does not run.

    Attributes:
        watched: What it is to watch.
    """

    @property
    def watched(self) -> list[str]:
        return list(self._watched_paths)


@pytest.fixture
def serve(site: Site, service: Service) -> Iterator[Callable[..., Server]]:
    """Starts a server on a site whose first page is voiced; the service has forgotten it."""
    servers: list[Server] = []

    def start(**options: object) -> Server:
        site.write({"index.md": PAGE})
        site.build(strict=True)
        service.clear()
        site.write_config(**options)
        servers.append(Server(site))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def test_an_edit_is_one_rebuild_and_no_request_and_speaks_with_a_draft_voice(
    serve: Callable[..., Server], service: Service
) -> None:
    server = serve()
    assert server.html().count("<audio") == 1
    assert "Draft voice" not in server.html()

    server.edit(EDITED)

    html = server.html()
    assert html.count("<audio") == 2
    assert html.count("Draft voice") == 1
    log = server.stop()
    assert 1 <= sum("Reloading browsers" in line for line in log) <= server.saves
    assert service.requests == []
    assert any("1 sentence missing: 'mkdocs serve' plays what is cached" in line for line in log)
    assert any("Drafts of 1 sentence by the offline voice" in line for line in log)


def test_a_feed_whose_pages_are_drafts_so_far_is_not_blamed(serve: Callable[..., Server], site: Site) -> None:
    site.config["site_url"] = "https://docs.example.org/"
    server = serve(narrate=True, feed=True)

    assert "Draft voice" in server.html()
    assert not [line for line in server.stop() if "no page is narrated" in line]


@pytest.mark.parametrize("is_named_later", [False, True])
def test_the_lexicon_is_watched(site: Site, is_named_later: bool) -> None:
    lexicon = site.root / "words.yml"
    lexicon.write_text("en: {SQL: sequel}\n", encoding="utf-8")
    site.write({"index.md": "# Home\n"})
    named = {"lexicon": "words.yml"}
    config = load_config(site.write_config(**{} if is_named_later else named))
    config.plugins.on_startup(command="serve", dirty=False)
    build(config)
    server = WatchList(builder=lambda: None, host="127.0.0.1", port=0, root=str(site.root))

    config.plugins.on_serve(server, config=config, builder=lambda _config: None)
    if is_named_later:
        build(load_config(site.write_config(**named)))
    build(load_config(site.write_config(**named)))
    config.plugins.on_shutdown()
    server.server_close()

    assert server.watched == [str(lexicon)]


def test_always_asks_for_exactly_the_edited_sentence(serve: Callable[..., Server], service: Service) -> None:
    server = serve(synthesize="always")

    server.edit(EDITED)

    assert service.spoken == ["This sentence was written while the site was served."]
    assert server.html().count("<audio") == 2
    assert "Draft voice" not in server.html()


def test_a_service_that_fails_does_not_freeze_the_server(serve: Callable[..., Server], service: Service) -> None:
    service.faults = None
    server = serve(synthesize="always")
    service.faults = every(1, Failure(503))

    server.edit(EDITED)
    asked = len(service.requests)
    server.edit(EDITED.replace("written", "rewritten"))

    assert asked == 1
    assert len(service.requests) == asked
    assert "This sentence was rewritten" in server.html()
    assert any("will not be retried for a minute" in line for line in server.stop())


def test_nothing_is_written_under_docs(serve: Callable[..., Server], site: Site) -> None:
    server = serve()
    server.edit(EDITED)

    assert [path.name for path in (site.root / "docs").rglob("*")] == ["index.md"]


def test_without_a_draft_voice_the_text_says_how_it_will_be_voiced(
    serve: Callable[..., Server], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = site.root / "hidden"  # takes the place of the extra `preview`, and of the program espeak-ng
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util, shutil\n"
        "find, which = importlib.util.find_spec, shutil.which\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'espeakng_loader' else find(name, *rest)\n"
        "shutil.which = lambda name, *rest, **more: None if name == 'espeak-ng' else which(name, *rest, **more)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(hidden))
    server = serve()

    server.edit(EDITED)

    html = server.html()
    assert html.count("<audio") == 1
    assert html.count("Not synthesized yet: run mkdocs build") == 1
    assert "player.css" in html


def test_the_offline_voice_is_no_draft_where_it_is_the_site_s_own(serve: Callable[..., Server]) -> None:
    server = serve(engine="offline")

    server.edit(EDITED)

    assert server.html().count("<audio") == 2
    assert "Draft voice" not in server.html()


def test_a_narrated_page_plays_the_file_of_the_build(site: Site, serve: Callable[..., Server]) -> None:
    """Though its file has the address of the page, which is another one under `serve`."""
    site.config["site_url"] = "https://example.org/docs/"
    site.options["narrate"] = True

    server = serve()

    assert server.html().count("<audio") == 2
    files = list((site.root / ".cache").rglob("clips/*/*.mp3"))
    assert len(files) == 2
    assert sum(b"https://example.org/docs/" in file.read_bytes() for file in files) == 1
