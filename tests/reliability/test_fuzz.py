"""Fuzzing for some seconds in each run; `python -m tests.reliability.fuzz` goes on as long as one likes."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS = ("audio", "grammar", "settings")
SECONDS = 15
HAS_WHEELS = sys.platform == "linux" and (3, 11) <= sys.version_info[:2] <= (3, 13)


@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_and_no_text_break_what_reads_them(target: str, figure: Callable[[str, object], None]) -> None:
    if importlib.util.find_spec("atheris") is None:
        if os.environ.get("CI") == "true" and HAS_WHEELS:
            pytest.fail("atheris is not installed, and has wheels for this Python")
        pytest.skip("atheris is not installed")
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.reliability.fuzz", target, "--seconds", str(SECONDS)]

    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=20 * SECONDS, check=False)

    assert ended.returncode == 0, ended.stderr[-5000:]
    tried = re.search(r"Done (\d+) runs", ended.stderr)
    assert tried, ended.stderr[-2000:]
    assert int(tried[1]) > 100, "too few to tell anything"
    figure(f"inputs tried on {target} in {SECONDS} s", f"{int(tried[1]):,}")
