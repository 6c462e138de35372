"""The run says what it ran with: the packages that the page on compatibility names, in the versions that are here."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import pytest

from tests.ecosystem.versions import versions_in
from tests.support.repository import DOCS

PAGE = DOCS / "reference/compatibility.md"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the versions, if any of these tests was run."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    if not any(report.nodeid.startswith("tests/ecosystem") for report in reports):
        return
    names = dict.fromkeys(name for name, _ in versions_in(PAGE.read_text(encoding="utf-8")))
    terminalreporter.section("run with")
    terminalreporter.line(", ".join([f"Python {platform.python_version()}", *map(_with_version, names)]))


def _with_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


@pytest.fixture
def git_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests away from git."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
