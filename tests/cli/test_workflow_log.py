"""What a log of GitHub Actions shows of pages that somebody else wrote: it takes a line `::command::` for an order."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sites import Site

NAMES = ["::error::a.md", " ::add-mask::e.md", "two\n::stop-commands::x.md", "three\r::warning::x.md"]
PAGE = "# Page\n\n:::speak\nThe page {} has a sentence.\n:::\n\n:::speak speed=fast\nThis is text alone.\n:::\n"


@pytest.fixture
def strange(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose pages have such names, on a machine without a key."""
    if sys.platform == "win32":
        pytest.skip("no file has such a name there")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    site.write({name: PAGE.format(number) for number, name in enumerate(NAMES)})
    del site.options["api_key"]
    return site


def orders(text: str) -> list[str]:
    """The lines that a runner would take for a command, other than our annotations."""
    begun = [line.lstrip() for line in text.splitlines() if line.lstrip().startswith("::")]
    ours = ("::warning file=", "::error file=", "::warning title=mkdocs-lightning::")
    return [line for line in begun if not line.startswith(ours)]


@pytest.mark.parametrize("command", [["plan"], ["check"], ["synth"]], ids=lambda command: str(command[0]))
def test_a_command_prints_no_order_of_a_pages_name(
    strange: Site, command: list[str], expect_warning: Callable[[str], None]
) -> None:
    expect_warning("'fast' is not a number")
    if command == ["synth"]:
        expect_warning("4 sentences missing: there is no API key")

    ended = run(strange, *command)

    assert "add-mask" in ended.output
    assert orders(ended.output) == []


def test_lint_prints_no_order_of_a_pages_name(strange: Site) -> None:
    said = run(strange, "lint", str(strange.root / "docs")).output

    assert "add-mask" in said
    assert said.count("\n::error file=") == len(NAMES)
    assert orders(said) == []


def test_outside_of_github_the_places_are_as_harmless(
    strange: Site, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    expect_warning("'fast' is not a number")

    said = run(strange, "check").output

    assert "./::error::a.md:3" in said
    assert orders(said) == []


def test_a_build_logs_no_order_of_a_pages_name(
    strange: Site,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("'fast' is not a number")
    expect_warning("4 sentences missing: there is no API key")
    strange.build()

    printed = capfd.readouterr().err
    assert len(re.findall("^::warning (?:file|title)=", printed, re.MULTILINE)) == len(NAMES) + 1
    assert orders(printed) == []

    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == len(NAMES) + 1
    assert orders("\n".join(said)) == []
