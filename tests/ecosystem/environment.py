"""Environments in which some of the packages that are installed here are missing: the rest is linked into them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.metadata import distribution, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 300.0  # seconds
COMMANDS = ("mike", "mkdocs", "mkdocs-lightning", "properdocs", "zensical")


@dataclass(frozen=True)
class Environment:
    """A Python with packages.

    Attributes:
        programs: The directory with its `python`, and with the commands of its packages.
    """

    programs: Path

    def run(
        self, *command: str, cwd: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment, or of the system; no variable of ours reaches it, least of all a key."""
        elsewhere = [name for name in os.environ["PATH"].split(os.pathsep) if Path(name) != HERE.programs]
        path = os.pathsep.join([str(self.programs), *elsewhere])
        program = shutil.which(command[0], path=path)
        assert program, command
        return subprocess.run(
            [program, *command[1:]],
            cwd=cwd,
            env={"PATH": path, "HOME": str(cwd), "NO_MKDOCS_2_WARNING": "1", **(variables or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )


HERE = Environment(Path(sys.executable).parent)


def make_environment(directory: Path, *, without: tuple[str, ...]) -> Environment:
    """Make one that has all of ours but these distributions: no module, no metadata and no command of theirs."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(directory)
    paths = sysconfig.get_paths(vars={"base": str(directory), "platbase": str(directory)})
    packages, programs = Path(paths["purelib"]), Path(paths["scripts"])
    missing = {file.parts[0] for name in without for file in distribution(name).files or []}
    for installed in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(installed).iterdir():
            if entry.name not in missing:
                (packages / entry.name).symlink_to(entry)
    for command in entry_points(group="console_scripts"):
        if command.name in COMMANDS and command.dist and command.dist.name not in without:
            script = programs / command.name
            script.write_text(
                f"#!{programs / 'python'}\nfrom {command.module} import {command.attr}\n{command.attr}()\n"
            )
            script.chmod(0o755)
    return Environment(programs)
