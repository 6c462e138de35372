"""The command `mkdocs-lightning` as tests run it: in this process, on a site."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from mkdocs_lightning.cli.command import main

if TYPE_CHECKING:
    from pathlib import Path

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
    """The object that `plan --json` prints."""
    found: dict[str, Any] = json.loads(printed(site, "plan", "--json", **options))
    return found


def contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    """All files with the time of their last change."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {str(path.relative_to(directory)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
