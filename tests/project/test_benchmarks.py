"""The benchmarks measure what they say: the same words with and without the plugin, and sums that come out right."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml

from benchmarks import build as benchmark
from benchmarks.bench import FULL, QUICK, STRESS, USUAL, Bench, Figure, build, plan_of
from benchmarks.build import compare, update_readme, update_reference
from benchmarks.corpus import SOURCES, Corpus, Page, generate_page, load_corpus
from benchmarks.growth import growth_of, many_pages, many_sentences, memory_of
from benchmarks.measure import Run, Spread, alternate, ratio_of, service
from benchmarks.plot import SCHEMES, WIDTH, write_plots
from benchmarks.rows import ROWS, Row
from benchmarks.serving import serve
from benchmarks.site import Script, Site, is_prose, split_chunks, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT = """\
# Start

The first paragraph has some words.
It has two lines.

```python
a = 1

This is code.
```

- An item of a list, with a period.

A second paragraph stands here, after a list.
"""
PAGE = Page("guide/start.md", TEXT)


NO_BENCH = Bench(Path(), Corpus("generated", ()), QUICK, {}, "")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    pages = tuple(generate_page(number) for number in range(3))
    with service(0) as url:
        yield Bench(tmp_path, Corpus("generated", pages), QUICK, dict.fromkeys((USUAL, STRESS), url), url)


def test_what_is_spoken_and_what_is_plain_are_the_same_words() -> None:
    script = Script(3, {PAGE.name: "A further sentence is on this page."})

    spoken, plain = (script.text_of(PAGE, spoken=spoken) for spoken in (True, False))

    assert spoken.count(":::speak\n") == 4
    assert plain == spoken.replace(":::speak\n", "").replace("\n:::", "")
    assert ":::speak\nThe first paragraph has some words.\nIt has two lines.\n:::" in spoken
    assert ":::speak\nThis is sentence 2 that was added to guide start.\n:::" in spoken


@pytest.mark.parametrize(
    "chunk",
    [
        "# A heading of several words.",
        "1. An item that is counted.",
        "A term of some length.\n:   And what it means.",
        "Words over a table here.\n| a | b |",
        "A short.",
        "This line ends in a colon:",
        "[link]: target of a link.",
        "A paragraph of words.\n- and a list.",
        "!!! note that is an admonition.",
    ],
)
def test_what_is_more_than_a_paragraph_is_left_alone(chunk: str) -> None:
    assert not is_prose(chunk)


def test_fenced_code_is_one_chunk() -> None:
    text = "A.\n\n````\n```\n\n```\n````\n\nB."

    assert split_chunks(text) == ["A.", "````\n```\n\n```\n````", "B."]


def test_a_sample_is_spread_evenly_and_always_the_same() -> None:
    pages = tuple(Page(f"{number}.md", "") for number in range(10))

    assert [page.name for page in Corpus("real", pages).sample(3).pages] == ["0.md", "3.md", "6.md"]
    assert Corpus("real", pages).sample(50).pages == pages


def test_pages_that_cannot_be_fetched_are_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setattr(subprocess, "run", fail)

    found = load_corpus(tmp_path)

    assert (found.kind, len(found.pages)) == ("generated", 150)
    assert "these figures are of generated ones" in capsys.readouterr().err
    assert load_corpus(tmp_path, generated=True).pages == found.pages


def test_pages_that_are_there_are_read_without_their_front_matter(tmp_path: Path) -> None:
    for source in SOURCES:
        (tmp_path / source.directory / source.docs).mkdir(parents=True)
    place = tmp_path / SOURCES[0].directory / SOURCES[0].docs
    (place / "page.md").write_text("---\ntemplate: home.html\n---\n" + "Words. " * 100, encoding="utf-8")
    (place / "stub.md").write_text("Moved.", encoding="utf-8")

    found = load_corpus(tmp_path)

    assert found.kind == "real"
    assert [page.name for page in found.pages] == [f"{SOURCES[0].name}/page.md"]
    assert found.pages[0].text.startswith("Words.")


def test_runs_take_turns_after_one_that_does_not_count() -> None:
    order: list[str] = []
    sizes = iter(range(1, 100))

    def runner(name: str) -> Callable[[], int]:
        def run() -> int:
            order.append(name)
            return next(sizes)

        return run

    pairs = alternate(runner("theirs"), runner("ours"), 2)

    assert order == ["theirs", "ours"] * 3
    assert pairs == [(3, 4), (5, 6)]
    assert ratio_of(pairs, float) == Spread((4 / 3 + 6 / 5) / 2, 6 / 5, 4 / 3)


@pytest.mark.parametrize("exponent", [1, 2])
def test_growth_is_found_whatever_starting_costs(exponent: int) -> None:
    def pair(size: int) -> tuple[Run, Run]:
        return Run(0, 5.0, 10_000), Run(0, 5.7 + 0.001 * size**exponent, 60_000 + 1500 * size)

    runs = {size: [pair(size)] * 4 for size in (0, 100, 1000)}

    growth = growth_of(runs, 2)
    assert growth.exponent.median == pytest.approx(exponent)
    assert growth.milliseconds[100] == pytest.approx(100 ** (exponent - 1))
    assert memory_of(runs, 100, 1000).median == pytest.approx(1500)


def test_synthetic_sites_have_as_many_sentences_as_they_say() -> None:
    for small, number in ((many_pages(7), 7), (many_pages(0), 1), (many_sentences(300), 300), (many_sentences(0), 0)):
        texts = [page.text for page in small.text()]
        assert len(texts) == small.pages
        assert sum(text.count("Sentence ") for text in texts) == number
        assert all(len([c for c in split_chunks(text) if is_prose(c)]) == small.blocks for text in texts)


def figure(value: float) -> Figure:
    return Figure("a", "what", "against", ("", ""), Spread(value, value, value), None)


@pytest.fixture
def _references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "REFERENCE", tmp_path / "reference.json")
    update_reference("generated", [figure(1.0)])


@pytest.mark.usefixtures("_references")
@pytest.mark.parametrize(("first", "second", "code"), [(1.3, 9.0, 0), (1.4, 1.3, 0), (1.4, 1.36, 1)])
def test_a_figure_that_is_twice_too_much_fails(
    monkeypatch: pytest.MonkeyPatch, first: float, second: float, code: int
) -> None:
    monkeypatch.setitem(ROWS, "row", Row(lambda _: iter([figure(second)])))

    assert compare(NO_BENCH, {"row": [figure(first)]}) == code


@pytest.mark.usefixtures("_references")
def test_a_figure_without_a_reference_fails(capsys: pytest.CaptureFixture[str]) -> None:
    unknown = Figure("b", "what", "against", ("", ""), Spread(1, 1, 1), None)

    assert compare(NO_BENCH, {"row": [unknown]}) == 1
    assert "b: no reference" in capsys.readouterr().out


def test_every_short_row_has_its_references() -> None:
    references = json.loads(benchmark.REFERENCE.read_text(encoding="utf-8"))
    quick = {name for name, row in ROWS.items() if row.is_quick} - {"sentences"} | {"growth-sentences", "memory-warm"}

    for kind in ("real", "generated"):
        assert {name for name in quick if not any(known.startswith(name) for known in references[kind])} == set()


def test_the_table_is_written_between_its_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(
        "Before.\n<!-- benchmarks.build: begin -->\n\nold\n\n<!-- benchmarks.build: end -->\nAfter.\n", encoding="utf-8"
    )
    monkeypatch.setattr(benchmark, "README", readme)

    update_readme(["| new |"])

    assert readme.read_text(encoding="utf-8") == (
        "Before.\n<!-- benchmarks.build: begin -->\n\n| new |\n\n<!-- benchmarks.build: end -->\nAfter.\n"
    )


def test_a_plot_has_a_bar_for_each_ratio_with_its_goal(tmp_path: Path) -> None:
    met = Figure("warm", "warm < cold", "plain", ("1 s", "1.1 s"), Spread(1.1, 1.0, 9.0), 2.0)
    missed = Figure("cold", "cold", "plain", ("1 s", "2.2 s"), Spread(2.2, 2.1, 2.3), 2.0)
    without_goal = Figure("other", "other", "plain", ("1 s", "2 s"), Spread(2.0, 2.0, 2.0), None)
    memory = Figure("memory-warm", "KB", "plain", ("1 MB", "2 MB"), Spread(2.0, 2.0, 2.0), 2.0)

    write_plots([met, missed, without_goal, memory], tmp_path)

    for scheme in SCHEMES:
        plot = ET.parse(tmp_path / f"performance-{scheme.name}.svg").getroot()
        bars = [element for element in plot if element.tag.endswith("rect")]
        assert [bar.get("fill") for bar in bars] == [scheme.met, scheme.missed, scheme.line]
        lengths = [float(bar.get("width", "")) for bar in bars]
        assert lengths[1] == pytest.approx(2 * lengths[0], abs=0.2)
        texts = [element.text for element in plot if element.tag.endswith("text")]
        assert {"warm < cold", "1.10", "2.20"} <= set(texts)
        ends = [float(element.get("x2", "")) for element in plot if element.tag.endswith("line")]
        assert max(ends) <= WIDTH, "a spread that is off the scale ends at its edge"


def test_every_row_is_in_the_readme() -> None:
    readme = benchmark.README.read_text(encoding="utf-8")

    assert [name for name in ROWS if f"`{name}`" not in readme] == []
    assert max(FULL.grown) >= 10_000


@pytest.mark.slow
def test_a_warm_build_is_warm_and_a_plain_one_is_plain(bench: Bench) -> None:
    plain, spoken = bench.sites("warm", Script(2))

    theirs, ours = build(plain), build(spoken)

    assert theirs.processor > 0
    assert min(ours.memory, theirs.memory) > 1_000_000  # of both, or of the process that started them
    assert plan_of(spoken)["missing"] == 0
    assert plan_of(spoken)["players"] == 6
    html = (spoken.output / "generated" / "page-00001" / "index.html").read_text(encoding="utf-8")
    assert html.count("<audio") == 2
    assert "<audio" not in (plain.output / "generated" / "page-00001" / "index.html").read_text(encoding="utf-8")
    assert "lightning" not in yaml.safe_load(plain.config_file.read_text(encoding="utf-8"))["plugins"]


@pytest.mark.slow
def test_an_edit_is_timed_from_saving_to_seeing_it(tmp_path: Path) -> None:
    site = write_site(tmp_path, [PAGE], Script(0), {"search": {}})

    with serve(site) as server:
        edits = [server.edit(PAGE.name, f"# Start\n\nEdit {n}.\n", f"Edit {n}") for n in range(2)]

    assert all(edit.rebuilt < edit.seen for edit in edits)  # the log may be read late, and then it took no time


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    site = Site(tmp_path, {"search": {}}, {"site_name": 5})
    site.write_config()

    with pytest.raises(RuntimeError, match="site_name"):
        build(site)
