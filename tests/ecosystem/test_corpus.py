"""Real documentation, read whole: a plan reads what a build reads, and what is spoken is what stands on the page.

A thousand pages of packages on the index, in English, Japanese, Korean and Chinese (`corpus_sites.py`).
They are fetched once, and kept on the machine. Without an index the tests are skipped, which fails in CI.
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import yaml

from tests.ecosystem.corpus_checks import differing, faults, written
from tests.ecosystem.corpus_sites import SITES, CorpusSite
from tests.support.corpus import FETCH_ERRORS, default_directory, fetch
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.ecosystem.corpus_reader import ReadPage

PATIENCE = 600.0  # seconds
GOLDEN = Path(__file__).with_name("golden_sentences.yml")
BY_NAME = {site.package.name: site for site in SITES}


@dataclass(frozen=True)
class Reading:
    """What was read of one site.

    Attributes:
        build: As `mkdocs build` reads it.
        plan: As `mkdocs-lightning plan` does.
        warnings: What the plugin said of it.
        failure: The end of the error output, if it could not be read.
    """

    build: Sequence[ReadPage] = ()
    plan: Sequence[ReadPage] = ()
    warnings: Sequence[str] = ()
    failure: str = ""


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Reading]:
    """All sites, each read in a process of its own, several at once; the one that takes longest comes first."""
    root = tmp_path_factory.mktemp("corpus")
    try:
        for site in SITES:
            fetch(site.package, default_directory())
    except FETCH_ERRORS as error:
        pytest.skip(f"the documentation cannot be fetched from the package index: {error}")
    in_order = sorted(SITES, key=lambda site: site.package.name != "openai-agents")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip((s.package.name for s in in_order), pool.map(lambda s: read(s, root), in_order), strict=True))


def read(site: CorpusSite, root: Path) -> Reading:
    """Read one site."""
    config_file = site.copy_to(root / site.package.name, default_directory())
    output = root / f"{site.package.name}.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.ecosystem.corpus_reader", config_file, output],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        return Reading(failure=done.stderr[-3000:])
    found = json.loads(output.read_text(encoding="utf-8"))
    return Reading(found["build"], found["plan"], found["warnings"])


def test_there_are_a_thousand_pages_in_four_languages(readings: Mapping[str, Reading]) -> None:
    pages = [page for reading in readings.values() for page in reading.build]

    narrated = {(name, page["uri"]) for name, reading in readings.items() for page in reading.build}
    assert len(narrated) >= 900, "of a thousand; the others have headings alone"
    assert {page["language"] for page in pages} == {"en", "ja", "ko", "zh"}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_site_is_built_without_a_wrong_warning(readings: Mapping[str, Reading], name: str) -> None:
    assert (readings[name].failure, list(readings[name].warnings)) == ("", [])


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_plan_reads_what_a_build_reads(readings: Mapping[str, Reading], name: str) -> None:
    assert readings[name].build
    assert differing(readings[name].build, readings[name].plan) == []


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_what_is_spoken_is_what_stands_on_the_page(readings: Mapping[str, Reading], name: str) -> None:
    found = [(page["uri"], *fault) for page in readings[name].build for fault in faults(page)]

    assert found == []


def test_no_sentence_of_the_golden_sample_has_changed(readings: Mapping[str, Reading]) -> None:
    """A person has read each of them. A new one that is right, too, takes the place of the old one in the file."""
    golden = cast("dict[str, dict[str, list[str]]]", yaml.safe_load(GOLDEN.read_text(encoding="utf-8")))
    changes = []
    for name, pages in golden.items():
        site = BY_NAME[name.rpartition("-")[0]]
        assert name == site.package.directory, f"the sample is of {name}, the corpus has {site.package.directory}"
        spoken = {page["uri"]: written(page) for page in readings[site.package.name].build}
        for uri, sentences in pages.items():
            now = spoken.get(uri, [])
            changes += [
                f"{name}, {uri}:\n  was {old!r}\n  now {nearest(old, now)!r}" for old in sentences if old not in now
            ]

    assert not changes, f"read these, and correct the reader or {GOLDEN.name}:\n" + "\n".join(changes)


def nearest(sentence: str, among: Sequence[str]) -> str | None:
    """The sentence that is most like another; None if none is much like it."""
    return next(iter(difflib.get_close_matches(sentence, among, 1, 0.4)), None)
