"""What all tests share: the service on loopback, sites built for real, and no warning unless it is expected."""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import subprocess
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest
import soundfile
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

os.environ["NO_MKDOCS_2_WARNING"] = "1"  # Material's notice, on every build
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background: our children would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
KEY = "sk_test_key"
Command = Literal["build", "gh-deploy", "serve"]


@pytest.fixture(autouse=True)
def _no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMALLEST_API_KEY", raising=False)


@pytest.fixture
def service() -> Iterator[Service]:
    """The Lightning service, on a free port of this machine."""
    with Service() as running:
        yield running


@pytest.fixture(autouse=True)
def expect_warning(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[str], None]]:
    """Call with a pattern for each warning that the test means to cause; any other fails it, and so does none."""
    expected: list[str] = []
    yield expected.append
    said = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    unexpected = [line for line in said if not any(re.search(pattern, line) for pattern in expected)]
    missing = [pattern for pattern in expected if not any(re.search(pattern, line) for line in said)]
    assert not unexpected, f"warnings that were not expected: {unexpected}"
    assert not missing, f"no warning matched: {missing}; there were {said}"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started from now on."""
    processes: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return processes


@dataclass
class Site:
    """A documentation site in a directory of its own.

    Attributes:
        root: Holds mkdocs.yml, docs/, site/ and the cache.
        options: Of the plugin `lightning`.
        config: The rest of mkdocs.yml. Among its plugins "lightning" has a place, or else it is the last one.
    """

    root: Path
    options: dict[str, object]
    config: dict[str, object] = field(default_factory=dict)

    def write(self, pages: Mapping[str, str]) -> None:
        """Write pages, by their path under docs/; their common indentation is taken off."""
        for name, text in pages.items():
            path = self.root / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")

    def write_config(self, **options: object) -> str:
        """Write mkdocs.yml, with further options of the plugin; its path."""
        config_file = self.root / "mkdocs.yml"
        settings: dict[str, object] = {"site_name": "Test site", "theme": {"name": "mkdocs"}, **self.config}
        plugins = settings.pop("plugins", ["search"])
        assert isinstance(plugins, list)
        if "lightning" not in plugins:
            plugins = [*plugins, "lightning"]
        own = {"lightning": {**self.options, **options}}
        settings["plugins"] = [own if plugin == "lightning" else plugin for plugin in plugins]
        config_file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return str(config_file)

    def build(self, command: Command = "build", *, strict: bool = False, **options: object) -> None:
        """Run `mkdocs build`, in this process."""
        config = load_config(self.write_config(**options), strict=strict)
        config.plugins.on_startup(command=command, dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()

    def html(self, page: str) -> str:
        """A built page."""
        return (self.root / "site" / page).read_text(encoding="utf-8")

    def clips(self, page: str) -> list[Path]:
        """The files that a built page's players point to, in their order; each link is followed as a browser does."""
        sources = re.findall(r'<audio [^>]*\bsrc="([^"]+)"', self.html(page))
        return [(self.root / "site" / page).parent.joinpath(source).resolve() for source in sources]

    def ids(self, page: str) -> list[str]:
        """The ids of a built page's players, in their order."""
        return re.findall(r'\bid="(speak-[^"]+)"', self.html(page))


@pytest.fixture
def site(tmp_path: Path, service: Service) -> Site:
    """An empty site that is voiced by the service on loopback."""
    return Site(tmp_path, {"api_key": KEY, "base_url": service.url, "retries": 1})


def duration(path: Path) -> float:
    """Seconds of sound in a file, decoded to its end."""
    samples, sample_rate = soundfile.read(io.BytesIO(path.read_bytes()))
    return float(len(samples) / sample_rate)
