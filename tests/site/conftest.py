"""What the tests of a site share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.plain_program import GUIDE, HOME, Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service


@pytest.fixture
def empty_program(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A script's site without a page, in whose folder the commands are run."""
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, service)
    program.configure()
    return program


@pytest.fixture
def program(empty_program: Program) -> Program:
    """A script's site with two pages."""
    program = empty_program
    program.build({"index.html": HOME, "guide/a page/index.html": GUIDE})
    return program
