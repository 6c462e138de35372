"""A site of very many sentences: its plan, and what it asks its caches, take little memory and few requests.

python -m pytest tests/reliability/test_scale.py -m soak        a million sentences, about 4 minutes
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.scale import MEMORY_GOAL
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    Figure = Callable[[str, object], None]

SHARDS = 16
PAGE = 1000  # names in one answer of S3
MOST_BYTES = 2500  # for each further sentence, with the pages of the listings, of which few come at once

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no os.wait4, which tells a process's memory")


def measured(segments: int, *cases: str) -> dict[str, dict[str, float]]:
    """What the benchmark says, by case; it ends otherwise than well where a look-up finds what is not there.

    From a small process, for the memory of a process is at least that of the one that started it.
    """
    command = [sys.executable, "-m", "benchmarks.scale", "--json", "--segments", str(segments), "--only", *cases]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return dict(zip(cases, map(json.loads, ran.stdout.splitlines()), strict=True))


def most_requests(segments: int) -> int:
    """Pages of 16 listings, each a sixteenth of all names and a little more, by chance."""
    expected = segments / SHARDS
    return SHARDS * math.ceil((expected + 5 * math.sqrt(expected)) / PAGE)


def test_a_plan_takes_bounded_memory_for_each_further_sentence(figure: Figure) -> None:
    cases = ("none", "local", "remote")
    small, large = measured(2_000, *cases), measured(20_000, *cases)

    for case in cases:
        further = (large[case]["memory"] - small[case]["memory"]) / 18_000
        figure(f"bytes for each further sentence, {large[case]['case']}", f"{further:,.0f}")
        assert further < MOST_BYTES
    assert SHARDS < large["remote"]["requests"] <= most_requests(20_000)


@pytest.mark.soak
def test_a_million_sentences_fit_into_two_gigabytes(figure: Figure) -> None:
    for each in measured(1_000_000, "none", "local", "remote").values():
        seconds = each["clips"] + each["listing"] + each["plan"]
        figure(f"a million sentences, {each['case']}", f"{each['memory'] / 1e6:,.0f} MB, {seconds:.0f} s")
        assert each["memory"] < MEMORY_GOAL
        assert each["requests"] <= most_requests(1_000_000)
