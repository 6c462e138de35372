"""`mkdocs serve`, run for real: it plays what is cached, never spends unasked, and rebuilds once for an edit."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.service import Failure, Service, every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Site

PAGE = "# Home\n\n:::speak\nThis sentence was voiced by an earlier build of the site.\n:::\n"
EDITED = PAGE + "\n:::speak\nThis sentence was written while the site was served.\n:::\n"


class Server:
    """A running `mkdocs serve`; its log tells when it has built."""

    def __init__(self, site: Site) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-a", self._address]
        self._process = subprocess.Popen(
            command, cwd=site.root, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        self.log: list[str] = []
        self.wait_for("Serving on")

    def wait_for(self, words: str) -> None:
        """Read the log until a line has these words."""
        assert self._process.stderr
        for line in self._process.stderr:
            self.log.append(line)
            if words in line:
                return
        pytest.fail(f"the server ended without {words!r}: {self.log}")

    def html(self) -> str:
        with urllib.request.urlopen(f"http://{self._address}/", timeout=30) as reply:
            return str(reply.read().decode())

    def stop(self) -> list[str]:
        """End it as Ctrl-C does; the whole log."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            _, rest = self._process.communicate(timeout=30)
            self.log += rest.splitlines()
        return self.log


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
    serve: Callable[..., Server], site: Site, service: Service
) -> None:
    server = serve()
    assert server.html().count("<audio") == 1
    assert "Draft voice" not in server.html()

    site.write({"index.md": EDITED})
    server.wait_for("Documentation built")

    html = server.html()
    assert html.count("<audio") == 2
    assert html.count("Draft voice") == 1
    log = server.stop()
    assert sum("Documentation built" in line for line in log) == 2
    assert service.requests == []
    assert any("1 sentence not voiced: 'mkdocs serve' plays what is cached" in line for line in log)


def test_always_asks_for_exactly_the_edited_sentence(
    serve: Callable[..., Server], site: Site, service: Service
) -> None:
    server = serve(synthesize="always")

    site.write({"index.md": EDITED})
    server.wait_for("Documentation built")

    assert service.spoken == ["This sentence was written while the site was served."]
    assert server.html().count("<audio") == 2
    assert "Draft voice" not in server.html()


def test_a_service_that_fails_does_not_freeze_the_server(
    serve: Callable[..., Server], site: Site, service: Service
) -> None:
    service.faults = None
    server = serve(synthesize="always")
    service.faults = every(1, Failure(503))

    site.write({"index.md": EDITED})
    server.wait_for("Documentation built")
    asked = len(service.requests)
    site.write({"index.md": EDITED.replace("written", "rewritten")})
    server.wait_for("Documentation built")

    assert asked == 1
    assert len(service.requests) == asked
    assert "This sentence was rewritten" in server.html()
    assert any("left in peace for a minute" in line for line in server.stop())


def test_nothing_is_written_under_docs(serve: Callable[..., Server], site: Site) -> None:
    server = serve()
    site.write({"index.md": EDITED})
    server.wait_for("Documentation built")

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

    site.write({"index.md": EDITED})
    server.wait_for("Documentation built")

    html = server.html()
    assert html.count("<audio") == 1
    assert html.count("Not voiced yet: run mkdocs build") == 1
    assert "player.css" in html


def test_the_offline_voice_is_no_draft_where_it_is_the_site_s_own(serve: Callable[..., Server], site: Site) -> None:
    server = serve(engine="preview")

    site.write({"index.md": EDITED})
    server.wait_for("Documentation built")

    assert server.html().count("<audio") == 2
    assert "Draft voice" not in server.html()
