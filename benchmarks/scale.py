"""A million segments: what a plan and its look-ups take, measured; and what large sites take, on paper.

    python -m benchmarks.scale                      a million segments
    python -m benchmarks.scale --segments 100000    fewer
    python -m benchmarks.scale --json               the same, an object a line
    python -m benchmarks.scale --paper              the tables of docs/explanation/scale.md
    python -m benchmarks.scale --sizes              bytes for a second of speech, measured with the offline voice

Each row is a process of its own, which holds the plan of the whole site and looks up each segment once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bucket import URL, bucket
from benchmarks.large import clips_of, fill, is_local, is_remote
from benchmarks.measure import Run, run
from mkdocs_lightning.cache.clip_record import segment_name
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.remote import Remote
from mkdocs_lightning.cache.remote_stores import RemoteMode
from mkdocs_lightning.cache.shared import SharedCache
from mkdocs_lightning.synthesis.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mkdocs_lightning.reading.segment import Segment

MEMORY_GOAL = 2e9
"""Bytes, for a million segments."""

HEAD = [
    "| cache | clips and keys | listing | plan | lookup of a segment | requests | peak memory | a segment |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
]


@dataclass(frozen=True)
class Times:
    """What a process took, in seconds.

    Attributes:
        clips: To make the site's clips, and the keys of all segments.
        listing: To ask the remote cache; to read the directory, where that takes the place of look-ups.
        plan: To make the plan, which looks up each segment once.
        cached: How many segments the plan has found.
    """

    clips: float
    listing: float
    plan: float
    cached: int


@dataclass(frozen=True)
class Case:
    """Where a plan's segments are looked up.

    Attributes:
        is_cached: Whether a segment, by its number, is there.
    """

    name: str
    is_cached: Callable[[int], bool]
    needs_files: bool = False
    needs_bucket: bool = False


CASES = {
    "none": Case("none: the plan alone", lambda _: False),
    "empty": Case("local, empty", lambda _: False),
    "local": Case("local, a tenth is there", is_local, needs_files=True),
    "directory": Case("the same, by reading the directory", is_local, needs_files=True),
    "remote": Case("local empty, remote with nine tenths", is_remote, needs_bucket=True),
}


@dataclass(frozen=True)
class Measured:
    """What a case came to.

    Attributes:
        requests: Sent to the remote cache.
    """

    case: Case
    segments: int
    times: Times
    run: Run
    requests: int

    @property
    def line(self) -> str:
        """A row of the table."""
        look_up = (self.times.listing + self.times.plan) / self.segments * 1e6
        return (
            f"| {self.case.name} | {self.times.clips:.1f} s | {self.times.listing:.1f} s | {self.times.plan:.1f} s "
            f"| {look_up:.1f} µs | {self.requests:,} | {self.run.memory / 1e6:,.0f} MB "
            f"| {self.run.memory / self.segments:,.0f} B |"
        )

    @property
    def json(self) -> str:
        """The same for programs: seconds and bytes."""
        figures = {"segments": self.segments, "requests": self.requests, "memory": self.run.memory}
        return json.dumps({"case": self.case.name, **figures, **asdict(self.times)})


def measure(name: str, segments: int, root: Path) -> Measured:
    """Run a case in a process of its own.

    Args:
        name: One of `CASES`.
        segments: Of the site.
        root: An empty directory, or one that earlier cases have used.

    Raises:
        RuntimeError: It failed, or did not find what is there.
    """
    case = CASES[name]
    filled, empty = root / "filled", root / "empty"
    if case.needs_files and not filled.exists():
        fill(filled, segments)
    result = root / f"{name}.json"
    place = filled if case.needs_files else empty
    command = [sys.executable, "-m", "benchmarks.scale", "--segments", str(segments)]
    command += ["--case", name, "--cache", str(place), "--result", str(result)]
    with bucket(segments) if case.needs_bucket else nullcontext() as remote:
        ran = run(command, Path(__file__).parents[1], **(remote.environment if remote else {}))
        requests = remote.requests() if remote else 0
    times = Times(**json.loads(result.read_text(encoding="utf-8")))
    expected = sum(map(case.is_cached, range(segments)))
    if times.cached != expected:
        raise RuntimeError(f"{case.name}: {times.cached:,} of {segments:,} segments were found instead of {expected:,}")
    return Measured(case, segments, times, ran, requests)


def work(name: str, segments: int, root: Path) -> Times:
    """What a case's process does."""
    begun = time.perf_counter()
    clips = list(clips_of(segments))
    made = time.perf_counter()
    cache = SharedCache(root, Remote(URL, RemoteMode.READ)) if CASES[name].needs_bucket else Cache(root)
    cache.look_up(clips)
    is_cached = cache.has_segment
    if name == "none":
        is_cached = partial(is_named, frozenset())  # no look-up at all
    elif name == "directory":
        is_cached = partial(is_named, names_in(root))
    listed = time.perf_counter()
    distinct = {segment.key: segment for clip in clips for segment in clip.segments}
    plan = make_plan(clips, frozenset(key for key, segment in distinct.items() if is_cached(segment)))
    return Times(made - begun, listed - made, time.perf_counter() - listed, plan.cached)


def is_named(names: Collection[str], segment: Segment) -> bool:
    """Whether a segment's file is among some names: what a look-up is compared with."""
    return segment_name(segment) in names


def names_in(root: Path) -> set[str]:
    """The names of all segments' files, with a look at each one's size, as a pointer of git LFS has to be told."""
    return {
        entry.name
        for directory in os.scandir(root / "segments")
        for entry in os.scandir(directory)
        if entry.stat().st_size
    }


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description="Plans and look-ups of large sites.")
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--json", action="store_true", help="print an object a line instead of a table")
    parser.add_argument("--paper", action="store_true", help="print the tables of docs/explanation/scale.md")
    parser.add_argument("--sizes", action="store_true", help="measure bytes for a second of speech")
    for name in ("case", "cache", "result"):  # for the processes that are measured
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Print what was asked for."""
    arguments = parse()
    if arguments.case:
        times = work(arguments.case, arguments.segments, Path(arguments.cache))
        Path(arguments.result).write_text(json.dumps(asdict(times)), encoding="utf-8")
        return
    if arguments.paper or arguments.sizes:
        from benchmarks import paper  # noqa: PLC0415 - what is measured needs none of it

        print(paper.tables() if arguments.paper else "\n".join(paper.measure_sizes()))
        return
    if not arguments.json:
        print("\n".join([f"{arguments.segments:,} segments, {os.cpu_count()} processor cores", "", *HEAD]), flush=True)
    with tempfile.TemporaryDirectory() as root:
        for name in arguments.only:
            measured = measure(name, arguments.segments, Path(root))
            print(measured.json if arguments.json else measured.line, flush=True)


if __name__ == "__main__":
    main()
