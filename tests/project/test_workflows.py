"""The project's own workflows run what there is, on what the package says that it runs on."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # where `on` is a word
    return workflow


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_no_more_unless_it_says_so(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"]["contents"] == "read"
    for step in steps(workflow):
        assert "${{ github.event" not in step.get("run", "")  # what strangers write is no command


def test_every_script_that_a_workflow_runs_is_there() -> None:
    commands = [step["run"] for path in WORKFLOWS for step in steps(read(path)) if "run" in step]
    scripts = {name for command in commands for name in re.findall(r"\bbash (\S+)", command)}
    assert scripts == {".ci/run", ".ci/packages"}
    assert all((ROOT / name).is_file() for name in scripts)


def test_the_gate_runs_on_every_python_that_the_package_names() -> None:
    named = [name.removeprefix("Programming Language :: Python :: ") for name in PROJECT["classifiers"]]
    versions = [version for version in named if re.fullmatch(r"3\.\d+", version)]
    gate = read(ROOT / ".github/workflows/ci.yml")["jobs"]["gate"]
    tried = gate["strategy"]["matrix"]["python-version"]
    assert tried[: len(versions)] == versions
    for newer in tried[len(versions) :]:  # nobody has promised anything yet
        assert f"matrix.python-version == '{newer}'" in gate["continue-on-error"]
    assert f">={versions[0]}" in PROJECT["requires-python"]


def test_a_release_is_tried_before_it_is_published_and_needs_no_token() -> None:
    release = read(ROOT / ".github/workflows/release.yml")
    publish = release["jobs"]["publish"]
    assert publish["needs"] == "packages"
    assert publish["permissions"] == {"id-token": "write"}
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    assert any("bash .ci/packages" in step.get("run", "") for step in release["jobs"]["packages"]["steps"])
