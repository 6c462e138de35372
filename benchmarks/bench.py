"""What the rows of `benchmarks.build` share: sites of the corpus, their builds, and the lines of the table."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Run, Spread, environment, medians_of, ratio_of, run
from benchmarks.site import Script, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.corpus import Corpus, Page
    from benchmarks.growth import SmallSite
    from benchmarks.measure import Pair
    from benchmarks.site import Plugins, Site

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-c", "from mkdocs_lightning.cli.command import main; main()"]
"""`mkdocs-lightning`, wherever it is installed."""


@dataclass(frozen=True)
class Pace:
    """How fast the local service is.

    Attributes:
        latency: Seconds that a request takes.
        concurrency: Requests at once.
    """

    latency: float
    concurrency: int

    def seconds(self, sentences: int) -> float:
        """What so many requests take at least."""
        return sentences * self.latency / self.concurrency

    def __str__(self) -> str:
        return f"{self.latency:g} s a request, {self.concurrency} at once"


USUAL = Pace(0.7, 10)
"""As the real service answers, and as many requests as it usually allows."""

STRESS = Pace(0.3, 16)


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        pages: Of the corpus.
        pairs: Of runs, with the plugin and without.
        grown: The numbers of synthetic pages, and of sentences.
        each: Pairs of runs in each group, by the size of the synthetic site; the small ones are over soon.
    """

    pages: int
    pairs: int
    grown: tuple[int, ...]
    groups: int
    each: Mapping[int, int]


FULL = Size(pages=1000, pairs=7, grown=(100, 1_000, 10_000), groups=5, each={0: 6, 100: 10})
QUICK = Size(pages=40, pairs=5, grown=(500, 2_000), groups=3, each={0: 4, 500: 2})
CHECK = replace(QUICK, pairs=3)
"""For a first look; what is conspicuous is then measured as often as in `QUICK`."""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        name: In reference.json.
        both: What it was measured against, and ours; empty where that says nothing.
        goal: The most that it should be; None where there is none.
        is_held: Whether it has a reference.
        least: What it cannot be below, but by chance; no reference is.
    """

    name: str
    what: str
    against: str
    both: tuple[str, str]
    value: Spread
    goal: float | None
    is_held: bool = True
    least: float = 1.0

    @property
    def line(self) -> str:
        """In Markdown."""
        goal, holds = "", ""
        if self.goal is not None:
            goal, holds = f"{self.goal:.2f}", "yes" if self.value.median <= self.goal else "**no**"
        value = f"{self.value.median:.2f} | {self.value.least:.2f} to {self.value.most:.2f}"
        return f"| {self.what} | {self.against} | {' | '.join(self.both)} | {value} | {goal} | {holds} |"


COLUMNS = ("what", "against", "theirs", "ours", "ratio", "from, to", "goal", "holds")
HEAD = [f"| {' | '.join(COLUMNS)} |", "| " + " | ".join("---" for _ in COLUMNS) + " |"]


@dataclass
class Bench:
    """Where the sites are, and what they are made of.

    Attributes:
        urls: The local service, at each pace.
        fast_url: Another one, without latency: fills caches.
    """

    root: Path
    corpus: Corpus
    size: Size
    urls: Mapping[Pace, str]
    fast_url: str

    def options(self, cache: str, pace: Pace = USUAL) -> dict[str, object]:
        """Of the plugin, with a cache of some name."""
        return {"base_url": self.urls[pace], "concurrency": pace.concurrency, "cache_dir": str(self.cache(cache))}

    def cache(self, name: str) -> Path:
        """The directory of a cache."""
        return self.root / "caches" / name

    def site(self, name: str, pages: Sequence[Page], script: Script, *, cache: str = "filled", **more: object) -> Site:
        """A site with the plugin, with a cache of some name; nothing is voiced yet."""
        plugins: Plugins = {"search": {}, "lightning": {**self.options(cache), **more}}
        return write_site(self.root / name, pages, script, plugins)

    def plain(self, name: str, pages: Sequence[Page], script: Script) -> Site:
        """The same without it."""
        return write_site(self.root / f"{name}-plain", pages, script, {"search": {}})

    def sites(self, name: str, script: Script) -> tuple[Site, Site]:
        """The corpus without the plugin, and with it, all of it cached."""
        spoken = self.site(name, self.corpus.pages, script)
        self.fill(spoken)
        return self.plain(name, self.corpus.pages, script), spoken

    def small_sites(self, name: str, small: SmallSite, **more: object) -> tuple[Site, Site]:
        """A synthetic site without the plugin, and with it; nothing is voiced yet."""
        pages, script = small.text(), Script(small.blocks)
        config: dict[str, object] = {"nav": ["page-0.md"], "markdown_extensions": []}
        options = {**self.options("small"), "sample_rate": 8000, **more}
        return (
            write_site(self.root / f"{name}-plain", pages, script, {}, **config),
            write_site(self.root / name, pages, script, {"lightning": options}, **config),
        )

    def fill(self, site: Site) -> None:
        """Voice a site, as fast as can be."""
        site.write_config(base_url=self.fast_url)
        run([*COMMAND, "-f", str(site.config_file), "synth"], site.root)
        site.write_config()


def build(site: Site) -> Run:
    """Build a site, into nothing."""
    shutil.rmtree(site.output, ignore_errors=True)
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(site.config_file), "-d", str(site.output)]
    return run(command, site.root)


def plan_of(site: Site) -> dict[str, int]:
    """What `mkdocs-lightning plan` counts."""
    command = [*COMMAND, "-f", str(site.config_file), "plan", "--json"]
    done = subprocess.run(command, cwd=site.root, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


def wall(run: Run) -> float:
    """Seconds."""
    return run.wall


def processor(run: Run) -> float:
    """Seconds of processor time."""
    return run.processor


def in_seconds(pairs: Sequence[Pair[Run]], quantity: Callable[[Run], float]) -> tuple[str, str]:
    """Two medians, for the table."""
    theirs, ours = medians_of(pairs, quantity)
    return f"{theirs:.2f} s", f"{ours:.2f} s"


def blocks_a_page(blocks: int) -> str:
    """For the table."""
    return f"{blocks} block{'s' if blocks > 1 else ''} a page"


@dataclass(frozen=True)
class Question:
    """What a row asks, before it is measured; as in `Figure`."""

    name: str
    what: str
    against: str
    goal: float | None
    least: float = 1.0


def timed(asked: Question, pairs: Sequence[Pair[Run]]) -> Iterator[Figure]:
    """Both times of what waits for nothing; the processor's is the steadier one, where others are at work beside it."""
    for kind, quantity in (("wall", wall), ("processor", processor)):
        yield Figure(
            f"{asked.name}-{kind}",
            f"{asked.what}, {kind}",
            asked.against,
            in_seconds(pairs, quantity),
            ratio_of(pairs, quantity),
            asked.goal,
            is_held=kind == "processor",
            least=asked.least,
        )
