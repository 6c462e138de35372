"""The whole log of a first build, by MkDocs' own command: nothing but what concerns its author."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.sites import Site

BLOCK = "# Home\n\n:::speak\nThese are the words of the first block.\n:::\n"
BUILDING = [r"INFO    -  Cleaning site directory", r"INFO    -  Building documentation to directory: .*"]
BUILT = r"INFO    -  Documentation built in [\d.]+ seconds"
WITHOUT_KEY = [
    *BUILDING,
    r"WARNING -  mkdocs_lightning: 1 sentence missing: there is no API key; .*",
    r"    index\.md:3 'These are the words of the first block\.'",
    r"INFO    -  mkdocs_lightning: 1 clip, .* 1 clip missing, .*",
    BUILT,
]
OFFLINE = [*BUILDING, r"INFO    -  mkdocs_lightning: 1 clip, .* 1 synthesized .*", BUILT]


@pytest.mark.parametrize(("engine", "lines"), [("lightning", WITHOUT_KEY), ("offline", OFFLINE)])
def test_the_log_of_a_first_build_without_a_key_has_no_line_for_developers(
    site: Site, engine: str, lines: list[str]
) -> None:
    site.options = {"engine": engine}
    site.write({"index.md": BLOCK})
    mkdocs = Path(sys.executable).with_name("mkdocs")

    built = subprocess.run([mkdocs, "build", "-f", site.write_config()], capture_output=True, text=True, check=True)

    log = built.stderr.splitlines()
    assert len(log) == len(lines), built.stderr
    for line, pattern in zip(log, lines, strict=True):
        assert re.fullmatch(pattern, line), built.stderr
