"""The rows of `benchmarks.build`: what each measures, and against what."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.bench import (
    COMMAND,
    HERE,
    STRESS,
    USUAL,
    Bench,
    Figure,
    Pace,
    Question,
    blocks_a_page,
    build,
    in_seconds,
    plan_of,
    timed,
    wall,
)
from benchmarks.corpus import Page
from benchmarks.growth import growth_of, many_pages, many_sentences, memory_of
from benchmarks.measure import Run, Spread, alternate, medians_of, ratio_of, run
from benchmarks.piper import FRONT_MATTER, Piper
from benchmarks.serving import serve
from benchmarks.site import Script, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.growth import SmallSite
    from benchmarks.measure import Pair
    from benchmarks.serving import Edit, Server
    from benchmarks.site import Site


def warm(bench: Bench, blocks: int, goal: float) -> Iterator[Figure]:
    """All is cached."""
    plain, spoken = bench.sites(f"warm-{blocks}", Script(blocks))
    pairs = alternate(partial(build, plain), partial(build, spoken), bench.size.pairs)
    yield from timed(Question(f"warm-{blocks}", f"warm build, {blocks_a_page(blocks)}", "plain build", goal), pairs)


def cold(bench: Bench, name: str, blocks: int, pace: Pace, goal: float | None, **options: object) -> Iterator[Figure]:
    """Nothing is cached."""
    plain = bench.plain(name, bench.corpus.pages, Script(blocks))
    spoken = bench.site(name, bench.corpus.pages, Script(blocks), cache=name, **bench.options(name, pace), **options)
    least = pace.seconds(plan_of(spoken)["sentences"])

    def build_cold() -> Run:
        shutil.rmtree(bench.cache(name), ignore_errors=True)
        return build(spoken)

    yield cold_figure(
        name,
        f"cold build, {blocks_a_page(blocks)}, {pace}" + "".join(f", {key}: {it}" for key, it in options.items()),
        least,
        alternate(partial(build, plain), build_cold, min(bench.size.pairs, 5)),  # five: these runs are long
        goal,
    )


def cold_figure(name: str, what: str, least: float, pairs: Sequence[Pair[Run]], goal: float | None) -> Figure:
    """Cold builds beside what they would take if all ran in parallel."""
    against = [(replace(base, wall=max(base.wall, least)), ours) for base, ours in pairs]
    return Figure(
        name,
        what,
        f"the larger of: plain build, {medians_of(pairs, wall)[0]:.1f} s; requests, {least:.1f} s",
        in_seconds(against, wall),
        ratio_of(against, wall),
        goal,
    )


def example(bench: Bench) -> Iterator[Figure]:
    """The service's own example as a step before a plain build: it sends all sentences each time."""
    plain = bench.plain("example", bench.corpus.pages, Script(1))
    sentences = plan_of(bench.site("example", bench.corpus.pages, Script(1), cache="example"))["sentences"]
    url, program = bench.urls[USUAL], "import sys; from benchmarks.engine import run_example, sentences; "
    program += "run_example(sys.argv[1], sentences(int(sys.argv[2]), 'a site'), int(sys.argv[3]))"
    command = [sys.executable, "-c", program, url, str(sentences), str(USUAL.concurrency)]

    def send_and_build() -> Run:
        sent, built = run(command, HERE.parent), build(plain)
        return Run(sent.wall + built.wall, sent.processor + built.processor, max(sent.memory, built.memory))

    pairs = alternate(partial(build, plain), send_and_build, min(bench.size.pairs, 5))
    what = f"the service's `asyncio` example, then a plain build, 1 block a page, {USUAL}"
    yield cold_figure("example", what, USUAL.seconds(sentences), pairs, None)


def new_format(bench: Bench) -> Iterator[Figure]:
    """All sentences are cached, and no clip: what encoding costs."""
    plain, spoken = bench.sites("new-format", Script(1))

    def build_clips() -> Run:
        shutil.rmtree(bench.cache("filled") / "clips")
        return build(spoken)

    pairs = alternate(partial(build, plain), build_clips, min(bench.size.pairs, 5))
    yield Figure(
        "new-format", "all clips rebuilt from cached sentences, 1 block a page", "plain build",
        in_seconds(pairs, wall), ratio_of(pairs, wall), 1.5,
    )  # fmt: skip


def ten_new(bench: Bench) -> Iterator[Figure]:
    """Ten sentences are new since the last build, on ten pages."""
    _, spoken = bench.sites("new", Script(1))
    pages = bench.corpus.sample(10).pages
    numbers = count()

    def build_edited() -> Run:
        number = next(numbers)
        spoken.write(pages, Script(1, {page.name: f"Edit {number} is new on {page.name}." for page in pages}))
        return build(spoken)

    pairs = alternate(partial(build, spoken), build_edited, bench.size.pairs)
    yield Figure(
        "new-10", "ten new sentences, 1 block a page", "warm build",
        in_seconds(pairs, wall), ratio_of(pairs, wall), 1.03,
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
        ("rebuilt", "without MkDocs' polling", lambda edit: edit.rebuilt),
    ):
        theirs_took, ours_took = medians_of(pairs, quantity)
        yield Figure(
            f"serve-{blocks}-{name}",
            f"an edit under `serve`, {blocks_a_page(blocks)}, {what}",
            "the same edit, plugin off",
            (f"{theirs_took:.2f} s", f"{ours_took:.2f} s"),
            ratio_of(pairs, quantity),
            1.05 if blocks == 1 else 1.10,
            is_held=name == "rebuilt",
        )


def checked(bench: Bench, blocks: int) -> Iterator[Figure]:
    """`mkdocs-lightning check`, beside a build of the same site."""
    _, spoken = bench.sites(f"check-{blocks}", Script(blocks))
    command = [*COMMAND, "-f", str(spoken.config_file), "check"]
    pairs = alternate(partial(build, spoken), partial(run, command, spoken.root), bench.size.pairs)
    what = f"`check`, {blocks_a_page(blocks)}"
    yield from timed(Question(f"check-{blocks}", what, "`mkdocs build` of the same site", 0.8, least=0.0), pairs)


def beside(bench: Bench) -> Iterator[Figure]:
    """Sentences that are synthesized and stored beside a main thread that never rests."""
    sentences, at_once = 224, STRESS.concurrency

    def seconds(way: str) -> float:
        command = [sys.executable, "-m", "benchmarks.beside", bench.urls[STRESS], way, str(sentences), str(at_once)]
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
            shutil.rmtree(bench.cache("small"), ignore_errors=True)
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
    """What is synthesized again after an edit of one sentence, where whole pages are narrated."""
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
        "piper", "sentences synthesized again after an edit of one, whole pages narrated", "mkdocs-piper-tts 0.2.6",
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
    "warm-1": Row(lambda bench: warm(bench, 1, 1.04)),
    "warm-10": Row(lambda bench: warm(bench, 10, 1.12)),
    "cold-1": Row(lambda bench: cold(bench, "cold-1", 1, USUAL, 1.15)),
    "cold-10": Row(lambda bench: cold(bench, "cold-10", 10, USUAL, 1.15), is_quick=False, is_usual=False),
    "stress-1": Row(lambda bench: cold(bench, "stress-1", 1, STRESS, 1.5)),
    "stress-1-wav": Row(
        lambda bench: cold(bench, "stress-1-wav", 1, STRESS, None, output_format="wav"), is_quick=False
    ),
    "new-format": Row(new_format),
    "example": Row(example, is_quick=False),
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
