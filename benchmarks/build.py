"""Builds with the plugin beside builds without it, on real documentation pages, against the local service.

    python -m benchmarks.build             all rows
    python -m benchmarks.build --quick     fewer pages, fewer rows
    python -m benchmarks.build --check     the same, held against reference.json: exit 1 if one is much worse

With --update, the first writes its table into README.md, and the last writes reference.json.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.corpus import Corpus, Page, load_corpus
from benchmarks.growth import SmallSite, growth_of, many_pages, many_sentences, memory_of
from benchmarks.measure import Run, Spread, alternate, environment, medians_of, ratio_of, run, service
from benchmarks.piper import FRONT_MATTER, Piper
from benchmarks.serving import Edit, Server, serve
from benchmarks.site import Plugins, Script, Site, write_site
from tests.support.corpus import default_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from benchmarks.measure import Pair

LATENCY = 0.3
CONCURRENCY = 10
COMMAND = [sys.executable, "-c", "from mkdocs_lightning.cli.command import main; main()"]
"""`mkdocs-lightning`, wherever it is installed."""

HERE = Path(__file__).parent
README = HERE / "README.md"
REFERENCE = HERE / "reference.json"
TOLERANCE = 1.25
"""How many times its reference a figure may be."""


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
        url: The local service.
        fast_url: Another one, without latency: fills caches.
    """

    root: Path
    corpus: Corpus
    size: Size
    url: str
    fast_url: str

    def options(self, cache: str) -> dict[str, object]:
        """Of the plugin, with a cache of some name."""
        return {"base_url": self.url, "concurrency": CONCURRENCY, "cache_dir": str(self.root / "caches" / cache)}

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


def timed(  # noqa: PLR0913, PLR0917 - a row's words
    name: str, what: str, against: str, pairs: Sequence[Pair[Run]], goal: float, least: float = 1.0
) -> Iterator[Figure]:
    """Both times of what waits for nothing; the processor's is the steadier one, where others are at work beside it."""
    for kind, quantity in (("wall", wall), ("processor", processor)):
        yield Figure(
            f"{name}-{kind}",
            f"{what}, {kind}",
            against,
            in_seconds(pairs, quantity),
            ratio_of(pairs, quantity),
            goal,
            is_held=kind == "processor",
            least=least,
        )


def warm(bench: Bench, blocks: int, goal: float) -> Iterator[Figure]:
    """All is cached."""
    plain, spoken = bench.sites(f"warm-{blocks}", Script(blocks))
    pairs = alternate(partial(build, plain), partial(build, spoken), bench.size.pairs)
    yield from timed(f"warm-{blocks}", f"warm build, {blocks_a_page(blocks)}", "plain build", pairs, goal)


def cold(bench: Bench, name: str, blocks: int, goal: float | None, **options: object) -> Iterator[Figure]:
    """Nothing is cached."""
    plain = bench.plain(name, bench.corpus.pages, Script(blocks))
    spoken = bench.site(name, bench.corpus.pages, Script(blocks), cache=name, **options)
    least = plan_of(spoken)["sentences"] * LATENCY / CONCURRENCY

    def build_cold() -> Run:
        shutil.rmtree(bench.root / "caches" / name, ignore_errors=True)
        return build(spoken)

    pairs = alternate(partial(build, plain), build_cold, min(bench.size.pairs, 5))  # five: these runs are long
    against = [(replace(base, wall=max(base.wall, least)), ours) for base, ours in pairs]
    yield Figure(
        name,
        f"cold build, {blocks_a_page(blocks)}" + "".join(f", {key}: {value}" for key, value in options.items()),
        f"the larger of: plain build, {medians_of(pairs, wall)[0]:.1f} s; requests, {least:.1f} s",
        in_seconds(against, wall),
        ratio_of(against, wall),
        goal,
    )


def ten_new(bench: Bench) -> Iterator[Figure]:
    """Ten sentences are new since the last build, on ten pages."""
    plain, spoken = bench.sites("new", Script(1))
    pages = bench.corpus.sample(10).pages
    numbers = count()

    def build_edited(site: Site) -> Run:
        number = next(numbers)
        site.write(pages, Script(1, {page.name: f"Edit {number} is new on {page.name}." for page in pages}))
        return build(site)

    pairs = alternate(partial(build_edited, plain), partial(build_edited, spoken), bench.size.pairs)
    yield Figure(
        "new-10", "ten new sentences, 1 block a page", "plain build",
        in_seconds(pairs, wall), ratio_of(pairs, wall), 1.05,
    )  # fmt: skip


def edited(bench: Bench, blocks: int) -> Iterator[Figure]:
    """One sentence of a page is edited while the site is served."""
    plain, spoken = bench.sites(f"serve-{blocks}", Script(blocks))
    names = [page for page in bench.corpus.pages if not page.name.endswith(("index.md", "README.md"))]
    page = names[len(names) // 2]
    numbers = count()

    def edit(server: Server, site: Site) -> Edit:
        words = f"Edit {next(numbers)} changed this sentence"
        script = Script(blocks, {page.name: f"{words}."})
        return server.edit(page.name, script.text_of(page, spoken=site.is_spoken), words)

    with serve(plain) as theirs, serve(spoken) as ours:
        pairs = alternate(partial(edit, theirs, plain), partial(edit, ours, spoken), bench.size.pairs)
    for name, what, quantity in (
        ("seen", "from saving to seeing it", lambda edit: edit.seen),
        ("rebuilt", "without MkDocs' look-out", lambda edit: edit.rebuilt),
    ):
        theirs_took, ours_took = medians_of(pairs, quantity)
        yield Figure(
            f"serve-{blocks}-{name}",
            f"an edit under `serve`, {blocks_a_page(blocks)}, {what}",
            "the same edit, plugin off",
            (f"{theirs_took:.2f} s", f"{ours_took:.2f} s"),
            ratio_of(pairs, quantity),
            1.10,
            is_held=name == "rebuilt",
        )


def checked(bench: Bench, blocks: int) -> Iterator[Figure]:
    """`mkdocs-lightning check`, beside a build of the same site."""
    _, spoken = bench.sites(f"check-{blocks}", Script(blocks))
    command = [*COMMAND, "-f", str(spoken.config_file), "check"]
    pairs = alternate(partial(build, spoken), partial(run, command, spoken.root), bench.size.pairs)
    what = f"`check`, {blocks_a_page(blocks)}"
    yield from timed(f"check-{blocks}", what, "`mkdocs build` of the same site", pairs, 0.5, 0.0)


def beside(bench: Bench) -> Iterator[Figure]:
    """Sentences that are synthesized and stored beside a main thread that never rests."""
    sentences, at_once = 224, 16

    def seconds(way: str) -> float:
        command = [sys.executable, "-m", "benchmarks.beside", bench.url, way, str(sentences), str(at_once)]
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
        return float(done.stdout)

    pairs = alternate(partial(seconds, "requests"), partial(seconds, "engine"), min(bench.size.pairs, 5))
    theirs, ours = medians_of(pairs, float)
    yield Figure(
        "beside", f"{sentences} sentences, {at_once} at once, beside a busy main thread", "plain `requests`",
        (f"{theirs:.2f} s", f"{ours:.2f} s"), ratio_of(pairs, float), 1.2,
    )  # fmt: skip


def grown_runs(bench: Bench, noun: str, shape: Callable[[int], SmallSite]) -> dict[int, list[Pair[Run]]]:
    """Runs of synthetic sites of different sizes."""
    runs = {}
    for size in (0, *bench.size.grown):
        small = shape(size)
        theirs, ours = bench.small_sites(f"{noun}-{size}", small)
        bench.fill(ours)
        number = bench.size.groups * bench.size.each.get(size, 1)
        runs[size] = alternate(partial(build, theirs), partial(build, ours), number)
    return runs


def grown_figure(bench: Bench, noun: str, runs: dict[int, list[Pair[Run]]]) -> Figure:
    """How the plugin's own time grew."""
    growth = growth_of(runs, bench.size.groups)
    least, *_, most = bench.size.grown
    return Figure(
        f"growth-{noun}s", f"exponent of its own time a {noun}, {least:,} to {most:,} {noun}s", "itself",
        (f"{growth.milliseconds[least]:.2f} ms", f"{growth.milliseconds[most]:.2f} ms"), growth.exponent, 1.05,
    )  # fmt: skip


def more_pages(bench: Bench) -> Iterator[Figure]:
    """Time a page."""
    yield grown_figure(bench, "page", grown_runs(bench, "page", many_pages))


def more_sentences(bench: Bench) -> Iterator[Figure]:
    """Time and memory a sentence."""
    runs = grown_runs(bench, "sentence", many_sentences)
    yield grown_figure(bench, "sentence", runs)
    yield memory_figure("memory-warm", "warm", runs)


def cold_memory(bench: Bench) -> Iterator[Figure]:
    """Memory a sentence, where all are new."""
    runs: dict[int, list[Pair[Run]]] = {}
    for size in bench.size.grown[-2:]:
        theirs, ours = bench.small_sites(f"cold-{size}", many_sentences(size), base_url=bench.fast_url)
        runs[size] = []
        for _ in range(bench.size.groups):
            shutil.rmtree(bench.root / "caches" / "small", ignore_errors=True)
            runs[size].append((build(theirs), build(ours)))
    yield memory_figure("memory-cold", "cold", runs)


def memory_figure(name: str, state: str, runs: dict[int, list[Pair[Run]]]) -> Figure:
    """Kilobytes a sentence."""
    fewer, more = sorted(runs)[-2:]
    theirs, ours = medians_of(runs[more], lambda run: run.memory / 1e6)
    value = memory_of(runs, fewer, more)
    return Figure(
        name, f"peak memory, {state}: KB a sentence, {fewer:,} to {more:,} sentences", "plain build",
        (f"{theirs:.0f} MB", f"{ours:.0f} MB"),
        Spread(value.median / 1000, value.least / 1000, value.most / 1000), 2.0, least=0.0,
    )  # fmt: skip


def piper(bench: Bench) -> Iterator[Figure]:
    """What is spoken again after an edit of one sentence, where whole pages are narrated."""
    pages = [Page(page.name, FRONT_MATTER + page.text) for page in bench.corpus.sample(10).pages]
    ours = bench.site("piper-ours", pages, Script(0), cache="piper", narrate=["*.md"], sample_rate=8000)
    theirs = write_site(bench.root / "piper-theirs", pages, Script(0), {"piper-tts": {}})
    try:
        other = Piper(bench.root / "piper")
    except (OSError, subprocess.SubprocessError) as error:
        print(f"mkdocs-piper-tts cannot be installed here ({error}): nothing is known of it.", file=sys.stderr)
        return
    bench.fill(ours)
    other.build(theirs)
    counts = []
    for page in pages[:5]:
        edited_page = replace(page, text=f"{page.text}\n\nThis sentence of {page.name} was edited a moment ago.\n")
        for site in (ours, theirs):
            site.write([edited_page], Script(0))
        counts.append((plan_of(ours)["missing"], len(other.build(theirs))))
        bench.fill(ours)
    yield Figure(
        "piper", "sentences spoken again after an edit of one, whole pages narrated", "mkdocs-piper-tts 0.2.6",
        (f"{median(their for _, their in counts):.0f}", f"{median(our for our, _ in counts):.0f}"),
        Spread.of(our / their for our, their in counts), None,
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """Some lines of the table that are measured together."""

    measure: Callable[[Bench], Iterator[Figure]]
    is_quick: bool = True
    is_usual: bool = True


ROWS = {
    "warm-1": Row(lambda bench: warm(bench, 1, 1.03)),
    "warm-10": Row(lambda bench: warm(bench, 10, 1.12)),
    "cold-1": Row(lambda bench: cold(bench, "cold-1", 1, 1.10)),
    "cold-1-wav": Row(lambda bench: cold(bench, "cold-1-wav", 1, None, output_format="wav"), is_quick=False),
    "cold-10": Row(lambda bench: cold(bench, "cold-10", 10, 1.10), is_quick=False, is_usual=False),
    "new-10": Row(ten_new),
    "serve-1": Row(lambda bench: edited(bench, 1), is_quick=False),
    "serve-10": Row(lambda bench: edited(bench, 10)),
    "check-1": Row(lambda bench: checked(bench, 1), is_quick=False),
    "check-10": Row(lambda bench: checked(bench, 10)),
    "beside": Row(beside),
    "sentences": Row(more_sentences),
    "memory-cold": Row(cold_memory, is_quick=False),
    "pages": Row(more_pages, is_quick=False),
    "piper": Row(piper, is_quick=False),
}


def compare(bench: Bench, figures: Mapping[str, Sequence[Figure]]) -> int:
    """Hold the figures of each row against their references; the exit code.

    A row with a figure that is too much is measured once more, and the better of the two counts: machines are shared.
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
            still = {figure.name for figure in exceeding_of(show(ROWS[name].measure(bench)), references)}
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
    size = QUICK if is_short else FULL
    names = arguments.only or [name for name, row in ROWS.items() if (row.is_quick if is_short else row.is_usual)]
    corpus = load_corpus(arguments.corpus, generated=arguments.generated).sample(size.pages)
    print(f"{len(corpus.pages)} {corpus.kind} pages, {os.cpu_count()} processor cores\n")
    print("\n".join(HEAD), flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as root, service(LATENCY) as url, service(0) as fast_url:
        bench = Bench(Path(root), corpus, size, url, fast_url)
        figures = {}
        for name in names:
            row_begun = time.monotonic()
            figures[name] = show(ROWS[name].measure(bench))
            print(f"{name}: {time.monotonic() - row_begun:.0f} s", file=sys.stderr)
        print(f"\nIn {time.monotonic() - begun:.0f} s.", flush=True)
        if arguments.check and not arguments.update:
            sys.exit(compare(bench, figures))
    every = list(chain.from_iterable(figures.values()))
    if arguments.update and arguments.check:
        update_reference(corpus.kind, every)
    elif arguments.update:
        update_readme([*HEAD, *(figure.line for figure in every)])


if __name__ == "__main__":
    main()
