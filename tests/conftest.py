"""What all tests share: the service on loopback, sites built for real, and no warning unless it is expected."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.service import Service
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["pytester"]
os.environ["NO_MKDOCS_2_WARNING"] = "1"  # Material's notice, on every build
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background: our children would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

SLOW = ("tests/browser/", "tests/ecosystem/", "tests/reliability/")
ONE_PROCESS = (
    *SLOW,
    "tests/project/test_built_docs.py",
    "tests/project/test_example_site.py",
    "tests/synthesis/test_cluster.py",
)
"""Modules whose tests share what takes long to make, or count together what they have tried."""
ONLY_BY_NAME = ("live", "neural", "soak")
"""Marks of tests that cost money, need a package of their own, or take minutes each."""
ALLOWED_SKIPS = (
    {"tests/reliability/test_fuzz.py": "atheris has no wheels for it"} if sys.version_info >= (3, 14) else {}
)
"""What may be skipped in CI, with the reason."""


# First of all, so that pytest's own -m sees these marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow by its folder, and leave out what nobody has asked for by name."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
    # An -m on the command line takes the place of the one in pyproject.toml: -m slow would run soak, too.
    unnamed = [name for name in ONLY_BY_NAME if name not in config.option.markexpr]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in unnamed)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Send a test to whichever process is free, and the tests of some modules to one, in their order.

    The marks `xdist_group` would say the same, but with pytest 9.2 and xdist 3.8 they say nothing.
    """
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - others may run without xdist

    class ByModuleOrTest(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:  # the method that it is meant to be adapted by
            module = nodeid.partition("::")[0]
            return module if module.startswith(ONE_PROCESS) else nodeid

    return ByModuleOrTest(config, log)


def unwanted_skips(config: pytest.Config) -> list[str]:
    """What was skipped in CI on Linux, where everything can run, each with its reason."""
    if os.environ.get("CI") != "true" or sys.platform != "linux":
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return [
        f"{report.nodeid}: {report.longrepr[2]}"
        for report in skipped
        if not report.nodeid.startswith(tuple(ALLOWED_SKIPS))
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI where a test was skipped: it would look as if it had passed."""
    if session.exitstatus == pytest.ExitCode.OK and unwanted_skips(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which skips have failed the run."""
    for line in unwanted_skips(terminalreporter.config):
        terminalreporter.line(f"FAILED, as it was skipped in CI: {line}", red=True)


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, and no workflow, which would have warnings annotated."""
    for name in ("SMALLEST_API_KEY", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "RUNNER_TEMP"):
        monkeypatch.delenv(name, raising=False)


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
