"""The run says what it ran with: the packages that the page on compatibility names, in the versions that are here."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ecosystem.versions import versions_in

if TYPE_CHECKING:
    from tests.reliability.conftest import Terminal

PAGE = Path(__file__).parents[2] / "docs/reference/compatibility.md"


def pytest_terminal_summary(terminalreporter: Terminal) -> None:
    """Print the versions."""
    names = dict.fromkeys(name for name, _ in versions_in(PAGE.read_text(encoding="utf-8")))
    terminalreporter.section("run with")
    terminalreporter.line(", ".join([f"Python {platform.python_version()}", *map(_with_version, names)]))


def _with_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"
