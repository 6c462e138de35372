"""What the tests of reliability share: each tells its figures, and the run prints them at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(Protocol):
    def getreports(self, outcome: str) -> list[pytest.TestReport]: ...

    def section(self, title: str) -> None: ...

    def line(self, text: str) -> None: ...


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """Call with a name and a value: what a test has measured, for the report at the end of the run."""
    return lambda name, value: record_property(f"figure: {name}", value)


def pytest_terminal_summary(terminalreporter: Terminal) -> None:
    """Print all figures, each with the test that it is from."""
    told = [
        f"{name.removeprefix('figure: ')}: {value}  ({report.nodeid.partition('::')[2]})"
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for name, value in report.user_properties
        if name.startswith("figure: ")
    ]
    if told:
        terminalreporter.section("reliability")
        for line in told:
            terminalreporter.line(line)
