"""Commands as tests run them on a site: `mkdocs-lightning` in this process, and any in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.testing import Result

    from tests.support.sites import Site


def run(site: Site, *arguments: str, **options: object) -> Result:
    """Run a command on a site whose plugin has further options."""
    return CliRunner().invoke(main, ["-f", site.write_config(**options), *arguments])


def printed(site: Site, *arguments: str, **options: object) -> str:
    """What a command that goes well prints."""
    result = run(site, *arguments, **options)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def plan(site: Site, **options: object) -> dict[str, Any]:
    """The object that `plan --json` prints, beside any warning of a voice."""
    result = run(site, "plan", "--json", **options)
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def missing_texts(page: Mapping[str, Any]) -> list[str]:
    """The texts of the sentences that a page of this object misses."""
    return [sentence["text"] for sentence in page["missing_sentences"]]


def start(site: Site, *command: str, **options: object) -> subprocess.Popen[str]:
    """Begin a command in a process of its own, which has the key; `CONFIG` in it stands for the site's mkdocs.yml."""
    config = site.write_config(**options)
    name, *arguments = (part.replace("CONFIG", config) for part in command)
    return subprocess.Popen(
        [Path(sys.executable).with_name(name), *arguments],
        env={**os.environ, "SMALLEST_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    """All files with the time of their last change."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {str(path.relative_to(directory)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
