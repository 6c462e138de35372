"""What the tests of reliability share: each tells its figures, and the run prints them at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sites import Site


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Call with a name and a value: what a test has measured, for the report at the end of the run."""
    told: list[tuple[str, object]] = request.node.user_properties  # as `record_property`, which warns of JUnit's files
    return lambda name, value: told.append((f"figure: {name}", value))


def chosen(request: pytest.FixtureRequest, parameter: str) -> list[object]:
    """The values of a parameter with which tests of this module are to be run."""
    calls = [item.callspec for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    return [call.params[parameter] for call in calls if parameter in call.params]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
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


def use_bare_theme(site: Site) -> None:
    """A theme of one file, and no search: what is built hundreds of times is to take no time."""
    site.config |= {"theme": {"name": None, "custom_dir": "theme"}, "plugins": []}
    site.write({"../theme/main.html": "<html><head></head><body>{{ page.content }}</body></html>"})
