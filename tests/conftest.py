"""What all tests share: the service on loopback, sites built for real, and no warning unless it is expected."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.service import Service
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest_plugins = ["pytester"]
os.environ["NO_MKDOCS_2_WARNING"] = "1"  # Material's notice, on every build
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background: our children would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
def site(tmp_path: Path, service: Service) -> Site:
    """An empty site that is voiced by the service on loopback."""
    return Site(tmp_path, {"api_key": KEY, "base_url": service.url, "retries": 1})
