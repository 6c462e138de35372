"""Processes measured one after the other, in turns, and what their figures come to."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

KEY = "sk_test_key"
"""Made up; the local service takes it."""


@dataclass(frozen=True)
class Run:
    """What a process came to, with the processes that it started.

    Attributes:
        wall: Seconds.
        processor: Seconds of processor time, its own and the system's for it.
        memory: The most that it held at one time, in bytes.
    """

    wall: float
    processor: float
    memory: int


@dataclass(frozen=True)
class Spread:
    """A median, and between what it lies."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of some values."""
        values = list(values)
        return cls(statistics.median(values), min(values), max(values))


AnyRun = TypeVar("AnyRun")

Pair = tuple[AnyRun, AnyRun]
"""A run of what is measured against, and the run of ours that came right after it."""


def environment() -> dict[str, str]:
    """What a measured process may know: this one's environment, with a made-up key, and with compiled modules.

    The modules of an installed package are compiled once. A machine that forbids that, as some that test do, would
    have our modules, but not those of MkDocs, compiled in each run.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "SMALLEST_API_KEY": KEY, "NO_MKDOCS_2_WARNING": "1"}


def run(command: Sequence[str], directory: Path, **variables: str) -> Run:
    """Run a program to its end, with further variables in its environment.

    The most memory of a process counts from its fork, when it is as large as this one: so this one imports little.

    Raises:
        RuntimeError: It failed; with what it said.
    """
    with tempfile.TemporaryFile("w+") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=directory, env={**environment(), **variables}, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{said.read()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def alternate(base: Callable[[], AnyRun], ours: Callable[[], AnyRun], pairs: int) -> list[Pair[AnyRun]]:
    """So many runs of each, in turns, after one of each that does not count."""
    base(), ours()
    return [(base(), ours()) for _ in range(pairs)]


def ratio_of(pairs: Iterable[Pair[AnyRun]], quantity: Callable[[AnyRun], float]) -> Spread:
    """How many times as much ours is, pair by pair."""
    return Spread.of(quantity(ours) / quantity(base) for base, ours in pairs)


def medians_of(pairs: Iterable[Pair[AnyRun]], quantity: Callable[[AnyRun], float]) -> tuple[float, float]:
    """How much of it both are."""
    bases, ours = zip(*pairs, strict=True)
    return statistics.median(map(quantity, bases)), statistics.median(map(quantity, ours))


@contextlib.contextmanager
def service(latency: float, limit: int | None = None) -> Iterator[str]:
    """The local service, in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.support.service", "--port", "0", "--key", KEY, "--latency", str(latency)]
    if limit:
        command += ["--limit", str(limit)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
