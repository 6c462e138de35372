"""Builds with the plugin beside builds without it, on real documentation pages, against the local service.

    python -m benchmarks.build             all rows
    python -m benchmarks.build --quick     fewer pages
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.corpus import Corpus, default_directory, load_corpus
from benchmarks.measure import Run, Spread, alternate, environment, ratio_of, run, service, walls_of
from benchmarks.site import Options, Script, Site, write_config, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATENCY = 0.3
CONCURRENCY = 10
COMMAND = [sys.executable, "-c", "from mkdocs_lightning.cli import main; main()"]
"""`mkdocs-lightning`, wherever it is installed."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    pages: int
    pairs: int


FULL = Size(pages=1000, pairs=5)
QUICK = Size(pages=60, pairs=5)


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    what: str
    times: str
    value: Spread
    goal: float

    def __str__(self) -> str:
        holds = "yes" if self.value.median <= self.goal else "no"
        value = self.value
        return (
            f"| {self.what} | {self.times} | {value.median:.2f} | {value.least:.2f}..{value.most:.2f} "
            f"| {self.goal:.2f} | {holds} |"
        )


@dataclass
class Bench:
    """Where the sites are, and what they are made of.

    Attributes:
        url: The local service.
        fast_url: Another one, without latency: fills caches.
    """

    root: Path
    corpus: Corpus
    size: Size
    url: str
    fast_url: str

    def options(self, cache: str = "filled", **more: object) -> Options:
        """Of the plugin, with a cache of some name."""
        place = str(self.root / "caches" / cache)
        return {"base_url": self.url, "concurrency": CONCURRENCY, "cache_dir": place, **more}

    def sites(self, name: str, script: Script) -> tuple[Site, Site]:
        """The same pages without the plugin, and with it, all of it cached."""
        plain = write_site(self.root / f"{name}-plain", self.corpus.pages, script, None)
        spoken = write_site(self.root / name, self.corpus.pages, script, self.options())
        self.fill(spoken)
        return plain, spoken

    def fill(self, site: Site) -> None:
        """Fill a site's cache."""
        assert site.options is not None
        write_config(replace(site, options={**site.options, "base_url": self.fast_url}))
        run([*COMMAND, "-f", str(site.config_file), "synth"], site.root)
        write_config(site)


def build(site: Site) -> Run:
    """Build a site, into nothing."""
    shutil.rmtree(site.output, ignore_errors=True)
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(site.config_file), "-d", str(site.output)]
    return run(command, site.root)


def check(site: Site) -> Run:
    """Have a site checked."""
    return run([*COMMAND, "-f", str(site.config_file), "check"], site.root)


def sentences_of(site: Site) -> int:
    """How many a site has, each counted once."""
    plan = subprocess.run(
        [*COMMAND, "-f", str(site.config_file), "plan", "--json"],
        cwd=site.root, env=environment(), check=True, capture_output=True,
    )  # fmt: skip
    return int(json.loads(plan.stdout)["segments"])


def seconds(base: float, ours: float) -> str:
    """Two times, for the table."""
    return f"{base:.2f} s, {ours:.2f} s"


def warm(bench: Bench, blocks: int, goal: float) -> Iterator[Figure]:
    """All is cached."""
    plain, spoken = bench.sites(f"warm-{blocks}", Script(blocks))
    pairs = alternate(lambda: build(plain), lambda: build(spoken), bench.size.pairs)
    what = f"warm build, {blocks} a page"
    yield Figure(f"warm-{blocks}-wall", f"{what}, wall", seconds(*walls_of(pairs)),
                 ratio_of(pairs, lambda run: run.wall), goal)  # fmt: skip
    yield Figure(f"warm-{blocks}-processor", f"{what}, processor", "", ratio_of(pairs, lambda run: run.processor), goal)


def cold(bench: Bench, blocks: int) -> Iterator[Figure]:
    """Nothing is cached."""
    name = f"cold-{blocks}"
    script = Script(blocks)
    plain = write_site(bench.root / f"{name}-plain", bench.corpus.pages, script, None)
    spoken = write_site(bench.root / name, bench.corpus.pages, script, bench.options(name))
    least = sentences_of(spoken) * LATENCY / CONCURRENCY

    def build_cold() -> Run:
        shutil.rmtree(bench.root / "caches" / name, ignore_errors=True)
        return build(spoken)

    pairs = alternate(lambda: build(plain), build_cold, bench.size.pairs)
    larger = [(Run(max(base.wall, least), 0, 0), ours) for base, ours in pairs]
    yield Figure(
        name,
        f"cold build, {blocks} a page (plain {walls_of(pairs)[0]:.2f} s, requests {least:.2f} s)",
        seconds(*walls_of(larger)),
        ratio_of(larger, lambda run: run.wall),
        1.10,
    )


def ten_new(bench: Bench) -> Iterator[Figure]:
    """Ten sentences are new since the last build, on ten pages."""
    plain, spoken = bench.sites("new", Script(1))
    pages = bench.corpus.sample(10).pages
    numbers = count()

    def edited(site: Site) -> Callable[[], Run]:
        def build_edited() -> Run:
            number = next(numbers)
            script = Script(1, {page.name: f"Edit {number} brought this sentence to {page.name}." for page in pages})
            for page in pages:
                (site.docs / page.name).write_text(script.page(page, spoken=site is spoken), encoding="utf-8")
            return build(site)

        return build_edited

    pairs = alternate(edited(plain), edited(spoken), bench.size.pairs)
    yield Figure("new-10", "ten new sentences", seconds(*walls_of(pairs)), ratio_of(pairs, lambda run: run.wall), 1.05)


def checked(bench: Bench, blocks: int) -> Iterator[Figure]:
    """`mkdocs-lightning check`, beside a build of the same site."""
    _, spoken = bench.sites(f"check-{blocks}", Script(blocks))
    pairs = alternate(lambda: build(spoken), lambda: check(spoken), bench.size.pairs)
    yield Figure(f"check-{blocks}", f"check, {blocks} a page", seconds(*walls_of(pairs)),
                 ratio_of(pairs, lambda run: run.wall), 0.5)  # fmt: skip


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "warm-1": lambda bench: warm(bench, 1, 1.03),
    "warm-10": lambda bench: warm(bench, 10, 1.12),
    "cold-1": lambda bench: cold(bench, 1),
    "new-10": ten_new,
    "check-1": lambda bench: checked(bench, 1),
    "check-10": lambda bench: checked(bench, 10),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.build", description="Builds with and without the plugin.")
    parser.add_argument("--quick", action="store_true", help="fewer pages")
    parser.add_argument("--corpus", type=Path, default=default_directory(), metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS))
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    corpus = load_corpus(arguments.corpus).sample(size.pages)
    print(f"{len(corpus.pages)} {corpus.kind} pages")
    with tempfile.TemporaryDirectory() as root, service(LATENCY) as url, service(0) as fast_url:
        bench = Bench(Path(root), corpus, size, url, fast_url)
        for name in arguments.only:
            for figure in ROWS[name](bench):
                print(figure, flush=True)


if __name__ == "__main__":
    main()
