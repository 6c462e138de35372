"""The wheel: what is in it beside the code, and what its metadata says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.repository import DOCS, ROOT

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

ADDRESS = "https://git.example.org/owner/name"


def build_wheel(directory: Path, project_url: str | None) -> Path:
    """Build the wheel as `python -m build` does, without an environment of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PROJECT_URL"}
    if project_url:
        environment["PROJECT_URL"] = project_url
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    return wheel


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


@pytest.mark.slow
def test_an_installed_wheel_has_the_schema_for_editors(tmp_path: Path) -> None:
    """As a user has it: installed, away from this repository."""
    wheel = build_wheel(tmp_path / "dist", None)
    installed = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(installed)]
    subprocess.run([*pip, str(wheel)], check=True)
    command = [sys.executable, "-m", "mkdocs_lightning", "schema", "-o", "lightning.schema.json"]

    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert ran.stdout.splitlines()[-1] == "# yaml-language-server: $schema=lightning.schema.json"
    written = json.loads((tmp_path / "lightning.schema.json").read_text(encoding="utf-8"))
    assert (installed / "mkdocs_lightning/plugin/schema.json").is_file()
    assert "max_characters" in written["definitions"]["options"]["properties"]


@pytest.mark.slow
def test_a_release_names_its_source_its_documentation_and_its_changes(tmp_path: Path) -> None:
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    (step,) = [step for step in release["jobs"]["packages"]["steps"] if "bash .ci/packages" in step.get("run", "")]
    assert step["env"] == {"PROJECT_URL": "${{ github.server_url }}/${{ github.repository }}"}

    urls = metadata_of(build_wheel(tmp_path / "with", ADDRESS)).get_all("Project-URL", [])

    assert sorted(url.split(", ")[0] for url in urls) == ["Changelog", "Documentation", "Issues", "Source"]
    assert all(url.split(", ")[1].startswith(ADDRESS) for url in urls)
    assert "Project-URL" not in metadata_of(build_wheel(tmp_path / "without", None)), "no address that leads nowhere"


@pytest.mark.slow
def test_the_wheel_has_all_files_of_the_package_and_no_other(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(tmp_path, None)) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    listed = subprocess.run(
        [shutil.which("git") or "git", "ls-files", "mkdocs_lightning"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert packed == set(listed.stdout.splitlines())


def test_the_page_on_packages_has_each_extra_for_users() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (DOCS / "reference/packages.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| ", text.partition("## Extras")[2], re.MULTILINE)
    assert sorted(told) == sorted(set(project["optional-dependencies"]) - {"dev", "example"})


def test_the_page_on_packages_names_what_is_large_or_under_another_kind_of_licence() -> None:
    """Of what we install ourselves; sizes and licenses were read from the wheels."""
    text = (DOCS / "reference/packages.md").read_text(encoding="utf-8").partition("## Extras")[0]
    for name in ("numpy", "soundfile", "soxr", "lameenc", "sentencex", "requests"):
        assert re.search(rf"^\| {name}\b", text, re.MULTILINE), name
