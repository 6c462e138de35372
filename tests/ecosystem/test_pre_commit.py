"""The hooks for pre-commit, installed and run by it as in a repository of somebody else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.git import commit, git
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from tests.support.service import Service
    from tests.support.sites import Site

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
RIGHT = ":::speak\nThis is the sentence that the page has to say.\n:::\n"
WRONG = ":::speak speed=9\nThis is the sentence that the page has to say.\n:::\n"


def copy_of_ours(folder: Path) -> Path:
    """What a release has, as a repository."""
    for name in git(ROOT, "ls-files", "mkdocs_lightning", "*.md", "*.toml", "*.py", ".pre-commit-hooks.yaml").split(
        "\n"
    ):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_hooks_run_a_command_that_there_is() -> None:
    assert {hook["id"]: hook["entry"] for hook in HOOKS} == {
        "mkdocs-lightning-check": "mkdocs-lightning check",
        "mkdocs-lightning-lint": "mkdocs-lightning lint",
    }


def test_pre_commit_installs_and_runs_them(site: Site, service: Service, tmp_path: Path) -> None:
    ours = copy_of_ours(tmp_path / "ours")
    hooks = {
        "repo": str(ours),
        "rev": commit(ours),
        "hooks": [{"id": "mkdocs-lightning-lint"}, {"id": "mkdocs-lightning-check"}],
    }
    (site.root / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [hooks]}), encoding="utf-8")
    site.write({"index.md": RIGHT, "guide/start.md": "# Start\n"})
    site.write_config()
    commit(site.root)

    def pre_commit(hook: str) -> tuple[int, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PRE_COMMIT_HOME": str(tmp_path / "home")}
        command = [sys.executable, "-m", "pre_commit", "run", f"mkdocs-lightning-{hook}", "--all-files"]
        ran = subprocess.run(command, cwd=site.root, env=environment, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr

    code, said = pre_commit("lint")
    assert (code, said.count("Passed")) == (0, 1), said
    code, said = pre_commit("check")
    assert (code, said.count("1 sentence missing")) == (1, 1), said
    site.build()
    git(site.root, "add", "--all")
    code, said = pre_commit("check")
    assert (code, said.count("Passed")) == (0, 1), said
    assert "[WARNING]" not in said, "a name that pre-commit is about to drop"

    (site.root / "--help.md").write_text(RIGHT, encoding="utf-8")
    git(site.root, "add", "--all")
    code, said = pre_commit("lint")
    assert (code, said.count("Passed")) == (0, 1), said

    (site.root / "docs/guide/start.md").write_text(WRONG, encoding="utf-8")
    code, said = pre_commit("lint")
    assert (code, said.count("docs/guide/start.md:1: ':::speak speed=9': 9.0 is out of range")) == (1, 1), said
    assert len(service.spoken) == 1


@pytest.mark.parametrize("name", ["lint", "check"])
def test_the_guide_names_the_hooks(name: str) -> None:
    assert f"- id: mkdocs-lightning-{name}" in (ROOT / "docs/how-to/ci.md").read_text(encoding="utf-8")
