"""What is said of large sites: the page's tables are those of the program, whose sums come out right."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.bucket import SEGMENTS, page_of
from benchmarks.large import clips_of, remote_names, segments_of
from benchmarks.paper import BYTES_A_SECOND, LargeSite, bytes_of, dollars, hours, prose, sizes_at, tables
from tests.support.repository import DOCS

PAGE = DOCS / "explanation" / "scale.md"


def tables_in(text: str) -> list[list[str]]:
    groups = itertools.groupby(text.splitlines(), lambda line: line.startswith("|"))
    return [list(lines) for is_table, lines in groups if is_table]


def test_the_tables_of_the_page_are_those_of_the_program() -> None:
    assert tables_in(PAGE.read_text(encoding="utf-8")) == tables_in(tables())


def test_a_large_site_comes_to_what_its_formulae_say() -> None:
    site = LargeSite(9_000_000)

    assert (site.sentences, site.clips, site.objects) == (100_000, 33_334, 133_334)
    assert site.speech == 600_000
    assert site.price == pytest.approx(175.5)
    assert site.duration(10) == pytest.approx(18_000)
    assert site.duration_at_pace(100) == pytest.approx(60_000)
    assert site.listings == 16 * 7 + 16 * 3
    assert site.size("segments, FLAC") == 600_000 * BYTES_A_SECOND["segments, FLAC"][24000]
    assert LargeSite(0).listings == 32


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (hours(0.00001), "under 1 ms"),
        (hours(90), "1.5 min"),
        (hours(3600 * 71), "71 h"),
        (hours(3600 * 240), "10 days"),
        (bytes_of(1234), "1.23 kB"),
        (bytes_of(5.5e12), "5.5 TB"),
        (dollars(0.000164), "$0.00016"),
        (dollars(19500), "$19,500.00"),
    ],
)
def test_figures_have_units_that_suit_them(said: str, words: str) -> None:
    assert said == words


@pytest.mark.slow
def test_speech_is_as_large_as_the_page_says() -> None:
    for kind, size in sizes_at(24000, prose()).items():
        assert size == pytest.approx(BYTES_A_SECOND[kind][24000], rel=0.15), kind


def test_a_large_site_has_sentences_of_the_usual_length_and_no_two_alike() -> None:
    texts = [segment.text for segment in segments_of(1000)]

    assert len(set(texts)) == 1000
    assert 80 < sum(map(len, texts)) / 1000 < 110
    assert [len(clip.segments) for clip in clips_of(7)] == [3, 3, 1]


def test_the_bucket_lists_each_name_once_and_in_pages() -> None:
    names = sorted(remote_names(30_000))
    listed: list[str] = []
    query = {"prefix": f"{SEGMENTS}a/"}
    while True:
        page = page_of(names, query)
        keys = [part.partition("</Key>")[0] for part in page.split("<Key>")[1:]]
        assert len(keys) <= 1000
        listed += keys
        _, has_more, rest = page.partition("<NextContinuationToken>")
        if not has_more:
            break
        query["continuation-token"] = rest.partition("<")[0]

    assert listed == [f"{SEGMENTS}a/{name}" for name in names if name.startswith("a")]
    assert "<Key>" not in page_of(names, {"prefix": "docs/clips/a/"})
