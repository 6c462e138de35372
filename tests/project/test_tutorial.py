"""Pages that lead through steps, done as they are written: each file, each command, and what each command prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.fences import fences
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from tests.support.service import Service

SET_UP = ("python -m venv", ". .venv", "pip install")
"""Commands that the tests' own environment has done."""


class Reader:
    """Somebody who does what a page says.

    Attributes:
        printed: What the last command has printed.
    """

    def __init__(self, folder: Path, service: Service) -> None:
        self._folder = folder
        self._service = service
        self._variables = {**os.environ, "PYTHONUTF8": "1"}
        self.printed = ""

    def write(self, name: str, text: str) -> None:
        """Write a file that a page shows; mkdocs.yml ends with our options, and gets one more: where the service is."""
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        further = f"      base_url: {self._service.url}\n" if name == "mkdocs.yml" else ""
        path.write_text(text + further, encoding="utf-8")

    def run(self, line: str) -> None:
        """Run a line of a shell: a command of MkDocs or of ours, or an `export` of the key."""
        if line.startswith(SET_UP):
            return
        if line == 'export SMALLEST_API_KEY="…"':
            self._variables["SMALLEST_API_KEY"] = KEY
            return
        program, *arguments = line.split()
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        ran = subprocess.run(
            command,
            cwd=self._folder,
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
        self.printed = ran.stdout


def same(text: str) -> str:
    """A text without what differs from run to run."""
    return re.sub(r"\d+\.\d s$", "… s", text, flags=re.MULTILINE)


@pytest.mark.parametrize("page", ["tutorial.md", "how-to/add-to-your-site.md", "how-to/publish.md"])
def test_the_steps_of_the_page_do_what_it_says(tmp_path: Path, service: Service, page: str) -> None:
    reader = Reader(tmp_path, service)
    if page != "tutorial.md":  # they begin with a site
        reader.write("docs/index.md", "# Handbook\n\n:::speak\nThis site was there before.\n:::\n")
    for fence in fences(page):
        if fence.title:
            reader.write(fence.title, fence.code)
        elif fence.language == "bash":
            for line in fence.code.splitlines():
                reader.run(line)
        elif fence.language == "text":
            assert same(fence.code) in same(reader.printed)

    (clip,) = Site(tmp_path, {}).clips("index.html")
    assert duration(clip) > 1
    assert bool(service.requests) is ("export" in "".join(fence.code for fence in fences(page)))
