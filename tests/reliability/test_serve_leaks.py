"""A server that rebuilds all day: no rebuild leaves a thread, an open file or a process."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.support.s3 import S3

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.support.sites import Site

REBUILDS = 30


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path_factory.mktemp("aws") / "config"))
    with S3() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


def threads() -> list[str]:
    """The names of all threads but those in which the servers of the test answer, and those that are about to end."""
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(10)  # the build does not wait for its idle threads
    return sorted(thread.name for thread in threading.enumerate() if "process_request" not in thread.name)


def open_files() -> int:
    """Without sockets, of which the servers of the test have as many as they like."""
    number = 0
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one with which they are listed
            number += not str(path.readlink()).startswith("socket:")
    return number


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
@pytest.mark.parametrize("synthesize", ["build", "always"])
def test_rebuilds_leave_nothing_behind(
    site: Site,
    s3: S3,
    started: list[subprocess.Popen[bytes]],
    synthesize: str,
    figure: Callable[[str, object], None],
) -> None:
    """With a remote cache, and drafts by the offline voice where nothing is synthesized."""
    site.options |= {"sample_rate": 8000, "remote_cache": s3.url, "synthesize": synthesize}
    site.config["theme"] = {"name": None, "custom_dir": "theme"}
    site.write({"../theme/main.html": "<html><head></head><body>{{ page.content }}</body></html>"})
    counted = []
    config = load_config(site.write_config())
    config.plugins.on_startup(command="serve", dirty=False)
    for number in range(REBUILDS):
        site.write({"index.md": f"# Home\n\n:::speak\nSomebody has edited this sentence {number} times.\n:::\n"})
        config = load_config(site.write_config())  # as MkDocs does for each rebuild, with the same plugin
        build(config)
        running = sum(process.poll() is None for process in started)
        counted.append((threads(), open_files(), running))
    config.plugins.on_shutdown()

    first, last = counted[2], counted[-1]  # the first ones load what stays
    assert len(last[0]) <= len(first[0]), last[0]
    assert last[1] <= first[1] + 1
    assert last[2] <= 1
    figures = "; ".join(f"{len(names)}, {files}, {running}" for names, files, running in (first, last))
    figure(f"threads, open files and processes after 3 and {REBUILDS} rebuilds, {synthesize}", figures)
