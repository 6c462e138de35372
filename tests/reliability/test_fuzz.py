"""Fuzzing for some seconds in each run; `python -m tests.reliability.fuzz` goes on as long as one likes."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.reliability.conftest import chosen
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TARGETS = ("audio", "grammar", "settings")
SECONDS = 22  # for all of them at once; each has most of a processor
PATIENCE = 1200.0  # seconds, which nobody waits but where something hangs
HAS_WHEELS = sys.platform == "linux" and (3, 11) <= sys.version_info[:2] <= (3, 13)


@dataclass(frozen=True)
class Fuzzing:
    """One target's process.

    Attributes:
        said: The file to which it writes.
    """

    process: subprocess.Popen[bytes]
    said: Path

    def end(self) -> str:
        """Wait for it; what it said."""
        self.process.wait(timeout=PATIENCE)
        return self.said.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def all_at_once(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[object, Fuzzing]]:
    """The targets that are to be tried, each in a process of its own that has begun."""
    if importlib.util.find_spec("atheris") is None:
        if os.environ.get("CI") == "true" and HAS_WHEELS:
            pytest.fail("atheris is not installed, and has wheels for this Python")
        pytest.skip("atheris is not installed")
    begun: dict[object, Fuzzing] = {}
    for target in chosen(request, "target"):
        said = tmp_path_factory.mktemp("fuzz") / "said.txt"
        command = [sys.executable, "-m", "tests.reliability.fuzz", str(target), "--seconds", str(SECONDS)]
        with said.open("wb") as file:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=file)
        begun[target] = Fuzzing(process, said)
    yield begun
    for each in begun.values():
        each.process.kill()
        each.process.wait()


@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_and_no_text_break_what_reads_them(
    all_at_once: dict[object, Fuzzing], target: str, figure: Callable[[str, object], None]
) -> None:
    said = all_at_once[target].end()

    assert all_at_once[target].process.returncode == 0, said[-5000:]
    tried = re.search(r"tried (\d+) inputs", said)
    assert tried, said[-2000:]
    figure(f"inputs tried on {target} in {SECONDS} s", f"{int(tried[1]):,}")
