"""Which tests run when nobody says more, which by `-m slow`, and that a skipped one does not pass for a good one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.repository import ROOT

pytestmark = pytest.mark.slow


def run(*arguments: str, ci: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CI": ci, "SMALLEST_API_KEY": ""}
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def collected(*arguments: str) -> set[str]:
    """The names of the tests that would run."""
    lines = run("--collect-only", *arguments).stdout.splitlines()
    return {line.partition("::")[2] for line in lines if "::" in line}


def test_what_is_slow_or_takes_minutes_runs_only_by_its_name() -> None:
    file = "tests/reliability/test_soak.py"
    short, long = (f"test_a_{size}site_is_spoken_whole_by_a_service_with_all_faults" for size in ("", "large_"))
    assert collected(file) == set()
    assert collected(file, "-m", "slow") == {short}
    assert collected(file, "-m", "not live") == {short}
    assert collected(file, "-m", "soak") == {long}
    assert collected(file, "-m", "slow or soak") == {short, long}


def test_what_is_not_slow_runs_at_once() -> None:
    assert len(collected("tests/reading/test_segment.py")) > 20


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_skip_fails_in_ci(ci: str) -> None:
    ended = run("-m", "live", "tests/engines/test_live.py", ci=ci)
    fails = ci == "true" and sys.platform == "linux"
    assert ended.returncode == (1 if fails else 0), ended.stdout
    assert ("FAILED, as it was skipped in CI: tests/engines/test_live.py::" in ended.stdout) == fails
    assert ("SMALLEST_API_KEY is not set") in ended.stdout
