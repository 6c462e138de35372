"""`mkdocs serve`, as a browser with live reload sees it."""

from __future__ import annotations

import contextlib
import queue
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.measure import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.site import Site

_PATIENCE = 90.0  # seconds; the server's own answer comes after 60


@dataclass(frozen=True)
class Edit:
    """What an author waits for.

    Attributes:
        seen: Seconds from saving the file to the page's arrival; MkDocs looks out for changes twice a second.
        rebuilt: Seconds of these after MkDocs had noticed.
    """

    seen: float
    rebuilt: float


class Server:
    """A running `mkdocs serve`."""

    def __init__(self, site: Site, process: subprocess.Popen[str], address: str) -> None:
        self._site = site
        self._process = process
        self._address = address
        self._noticed: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._serves = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._serves.wait(_PATIENCE), "mkdocs serve did not start"

    def _read(self) -> None:
        """Note when the log says what matters."""
        assert self._process.stderr
        for line in self._process.stderr:
            if "Serving on" in line:
                self._serves.set()
            if "Detected file changes" in line:
                self._noticed.put(time.perf_counter())

    def edit(self, page: str, text: str, words: str) -> Edit:
        """Save a page, and wait until it is served with these words in it.

        Waits as a page with live reload does: the server answers when there is a newer site. So nothing is polled, and
        the server has nothing to do but to build.
        """
        epoch = self._get("livereload/0/0")
        while not self._noticed.empty():
            self._noticed.get()
        begun = time.perf_counter()
        self._save(page, text)
        html = ""
        while words not in html:
            assert time.perf_counter() < begun + _PATIENCE, f"the server has no '{words}' on {page}"
            newer = self._get(f"livereload/{epoch}/1")
            if newer == epoch:
                self._save(page, text)  # the server has only now begun to watch
            else:
                html = self._get(page.removesuffix(".md").removesuffix("index") + "/")
            epoch = newer  # of another rebuild, if the words are not there: of one for the edit before
        ended = time.perf_counter()
        return Edit(ended - begun, ended - self._noticed.get(timeout=_PATIENCE))

    def _save(self, page: str, text: str) -> None:
        """Write a file at once, as editors do: one that is seen half written is built twice."""
        draft = self._site.root / "draft.md"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._site.docs / page)

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self._address}/{path}", timeout=_PATIENCE) as reply:
            return str(reply.read().decode())


def free_address() -> str:
    """An address of this machine for a program that cannot look for a free port itself.

    Its port is none of those that systems give away, from 32768 or later on: nobody has it by chance a moment later.
    """
    while True:
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return f"127.0.0.1:{free.getsockname()[1]}"


@contextlib.contextmanager
def serve(site: Site) -> Iterator[Server]:
    """Serve a site on a free port of this machine."""
    address = free_address()
    command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-f", str(site.config_file), "-a", address]
    served = site.root / "served"
    served.mkdir(exist_ok=True)
    known = {**environment(), "PYTHONUNBUFFERED": "1", "TMPDIR": str(served)}  # a terminated server leaves its site
    with subprocess.Popen(command, cwd=site.root, env=known, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Server(site, process, address)
        finally:
            process.terminate()
