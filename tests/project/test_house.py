"""The house: how many rooms there are, how large their modules are, and that no module escapes its room's contracts."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.repository import ROOT

PACKAGE = ROOT / "mkdocs_lightning"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
EDGE = {"plugin", "cli"}
WITH_CODE = {"plugin", "engines"}
"""Rooms whose `__init__` is a public door; the others' hold a docstring, so that to enter one loads nothing."""
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def contracts() -> dict[str, dict[str, object]]:
    """The import contracts, by the first words of their names."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {contract["name"].split(":")[0]: contract for contract in settings["contracts"]}


def test_the_entrance_is_small() -> None:
    entries = {path.name for path in PACKAGE.iterdir()} - {"py.typed", "__pycache__"}
    assert len(entries) <= 14, entries


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_neither_one_module_nor_a_crowd(room: str) -> None:
    modules = [path for path in (PACKAGE / room).glob("*.py") if path.name != "__init__.py" or room in WITH_CODE]
    assert 4 <= len(modules) <= 10, sorted(path.name for path in modules)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    most = 199 if path == PACKAGE / "plugin/__init__.py" else 400
    assert lines <= most, f"{lines} lines"


@pytest.mark.parametrize("room", sorted(set(ROOMS) - WITH_CODE))
def test_to_enter_a_room_loads_nothing(room: str) -> None:
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_under_each_contract_that_concerns_it(room: str) -> None:
    layers = contracts()["One direction"]
    assert layers["exhaustive"], "else a new room would have no place"
    assert isinstance(named := layers["layers"], list)
    assert room in named
    name = f"mkdocs_lightning.{room}"
    assert isinstance(without_mkdocs := contracts()["Only plugin/ and cli/ know MkDocs"]["source_modules"], list)
    assert (name in without_mkdocs) == (room not in EDGE)
    assert isinstance(without_service := contracts()["Only engines/ knows a service"]["source_modules"], list)
    assert (name in without_service) == (room != "engines")


def test_a_new_module_is_under_the_contracts_of_its_room(tmp_path: Path) -> None:
    """By import-linter itself: a module in each room that imports what it must not, and a room without a place."""
    shutil.copytree(PACKAGE, tmp_path / "mkdocs_lightning", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in ROOMS:
        newcomer = "import mkdocs\nimport requests\nimport mkdocs_lightning.cli.output\n"
        (tmp_path / "mkdocs_lightning" / room / "newcomer.py").write_text(newcomer, encoding="utf-8")
    (tmp_path / "mkdocs_lightning/annexe").mkdir()
    (tmp_path / "mkdocs_lightning/annexe/__init__.py").touch()

    ran = subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    said = "".join(ran.stdout.split())
    assert ran.returncode == 1
    assert "annexe" in said
    for room in ROOMS:
        newcomer = f"mkdocs_lightning.{room}.newcomer"
        assert (f"{newcomer}->mkdocs_lightning.cli.output" in said) == (room != "cli"), room
        assert (f"{newcomer}->mkdocs(" in said) == (room not in EDGE), room
        assert (f"{newcomer}->requests(" in said) == (room != "engines"), room
