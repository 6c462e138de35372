"""Builds with the plugin beside builds without it, on real documentation pages, against the local service.

    python -m benchmarks.build             all rows
    python -m benchmarks.build --quick     fewer pages, fewer rows
    python -m benchmarks.build --check     the same, held against reference.json: exit 1 if one is much worse

With --update, the first writes its table into README.md and draws it for the documentation, and the last writes
reference.json.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bench import CHECK, FULL, HEAD, QUICK, STRESS, USUAL, Bench
from benchmarks.corpus import load_corpus
from benchmarks.measure import service
from benchmarks.plot import write_plots
from benchmarks.rows import ROWS
from tests.support.corpus import default_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.bench import Figure

HERE = Path(__file__).parent
README = HERE / "README.md"
REFERENCE = HERE / "reference.json"
TOLERANCE = 1.35
"""How many times its reference a figure may be."""


def compare(bench: Bench, figures: Mapping[str, Sequence[Figure]]) -> int:
    """Hold the figures of each row against their references; the exit code.

    A row with a figure that is too much is measured once more, with more runs, and the better of the two counts:
    machines are shared.
    """
    references = read_references().get(bench.corpus.kind, {})
    failures = []
    for name, shown in figures.items():
        measured = [figure for figure in shown if figure.is_held]
        unknown = [figure.name for figure in measured if figure.name not in references]
        if unknown:
            failures.append(f"{', '.join(unknown)}: no reference; python -m benchmarks.build --check --update has one")
        exceeding = exceeding_of(measured, references)
        if exceeding:
            print(f"\n{name} is more than it may be, and measured once more:", flush=True)
            again = show(ROWS[name].measure(replace(bench, size=QUICK)))
            still = {figure.name for figure in exceeding_of(again, references)}
            failures += [
                f"{figure.name}: {figure.value.median:.2f} is more than {TOLERANCE:.2f} x {references[figure.name]:.2f}"
                for figure in exceeding
                if figure.name in still
            ]
    print("\n".join(["", *failures]) if failures else f"All are within {TOLERANCE:.2f} times their references.")
    return 1 if failures else 0


def show(figures: Iterable[Figure]) -> list[Figure]:
    """Print figures as they come; all of them."""
    shown = []
    for figure in figures:
        print(figure.line, flush=True)
        shown.append(figure)
    return shown


def exceeding_of(figures: Iterable[Figure], references: Mapping[str, float]) -> list[Figure]:
    """The figures that are more than they may be."""
    return [figure for figure in figures if figure.value.median > TOLERANCE * references.get(figure.name, math.inf)]


def read_references() -> dict[str, dict[str, float]]:
    """The figures that were committed, by the kind of the corpus and their names."""
    references: dict[str, dict[str, float]] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return references


def update_reference(kind: str, figures: Sequence[Figure]) -> None:
    """Write the figures of one kind of corpus."""
    references = read_references() if REFERENCE.exists() else {}
    references[kind] = {
        figure.name: round(max(figure.value.median, figure.least), 3) for figure in figures if figure.is_held
    }
    REFERENCE.write_text(json.dumps(references, indent=2) + "\n", encoding="utf-8")


def update_readme(lines: Sequence[str]) -> None:
    """Write the table into the README, between its two comments."""
    readme = README.read_text(encoding="utf-8")
    before, begin, rest = readme.partition("<!-- benchmarks.build: begin -->\n")
    _, end, after = rest.partition("<!-- benchmarks.build: end -->")
    assert begin, "README.md lacks the comment where the table begins"
    assert end, "README.md lacks the comment where the table ends"
    README.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n\n{end}{after}", encoding="utf-8")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.build", description="Builds with and without the plugin.")
    parser.add_argument("--quick", action="store_true", help="fewer pages, fewer rows")
    parser.add_argument("--check", action="store_true", help="the same; exit 1 if one is much above its reference")
    parser.add_argument("--update", action="store_true", help="write README.md; with --check, reference.json")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--corpus", type=Path, default=default_directory(), metavar="DIR", help="keeps the pages")
    parser.add_argument("--generated", action="store_true", help="made-up pages, without a look at the network")
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    arguments = parse()
    is_short = arguments.quick or arguments.check
    is_compared = arguments.check and not arguments.update
    size = CHECK if is_compared else QUICK if is_short else FULL
    names = arguments.only or [name for name, row in ROWS.items() if (row.is_quick if is_short else row.is_usual)]
    corpus = load_corpus(arguments.corpus, generated=arguments.generated).sample(size.pages)
    print(f"{len(corpus.pages)} {corpus.kind} pages, {os.cpu_count()} processor cores\n")
    print("\n".join(HEAD), flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as root, service(0) as fast_url, ExitStack() as services:
        urls = {pace: services.enter_context(service(pace.latency)) for pace in (USUAL, STRESS)}
        bench = Bench(Path(root), corpus, size, urls, fast_url)
        figures = {}
        for name in names:
            row_begun = time.monotonic()
            figures[name] = show(ROWS[name].measure(bench))
            print(f"{name}: {time.monotonic() - row_begun:.0f} s", file=sys.stderr)
        print(f"\nIn {time.monotonic() - begun:.0f} s.", flush=True)
        if is_compared:
            sys.exit(compare(bench, figures))
    every = list(chain.from_iterable(figures.values()))
    if arguments.update and arguments.check:
        update_reference(corpus.kind, every)
    elif arguments.update:
        update_readme([*HEAD, *(figure.line for figure in every)])
        write_plots(every, HERE.parent / "docs" / "assets")


if __name__ == "__main__":
    main()
