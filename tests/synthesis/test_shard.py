"""Jobs that each speak their part of a site: disjoint, complete, the same whatever is cached, and about equal."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.plan import Shard
from tests.support.commands import plan, printed, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

VOICE = resolve_voice(VoiceSettings())
SEGMENTS = [Segment("lightning", VOICE, f"Sentence {n} {'and on ' * (n * 7 % 30)}") for n in range(500)]
LENGTHS = {segment.key: len(segment.text) for segment in SEGMENTS}
PAGES = {
    f"page{n}.md": f":::speak\nPage {n} has this sentence{' indeed' * n}.\n\nAll pages share one.\n:::\n"
    for n in range(9)
}


@pytest.mark.parametrize("of", [1, 2, 3, 7, 64, 499, 700])
def test_parts_are_disjoint_complete_and_balanced(of: int) -> None:
    parts = [Shard(number, of).keys(SEGMENTS) for number in range(1, of + 1)]

    assert sum(map(len, parts)) == len(SEGMENTS)
    assert frozenset().union(*parts) == LENGTHS.keys()
    loads = [sum(LENGTHS[key] for key in part) for part in parts]
    assert max(loads) - min(loads) <= max(LENGTHS.values())
    if of < 100:
        assert max(loads) < 1.02 * sum(loads) / of, "longest first leaves the short ones to even it out"


def test_a_part_is_the_same_in_any_order_and_for_repeated_sentences() -> None:
    shuffled = random.Random(3).sample(SEGMENTS, len(SEGMENTS)) + SEGMENTS[:100]
    assert Shard(2, 5).keys(shuffled) == Shard(2, 5).keys(SEGMENTS)


def test_sentences_of_one_length_are_told_apart_by_their_keys() -> None:
    same = [Segment("lightning", VOICE, f"Sentence {n:03}.") for n in range(10)]
    parts = [Shard(number, 3).keys(same) for number in (1, 2, 3)]
    assert [len(part) for part in parts] == [4, 3, 3]
    assert min(segment.key for segment in same) in parts[0]


@pytest.mark.parametrize(
    "text",
    ["", "2", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1.0/2", "\N{ARABIC-INDIC DIGIT ONE}/2", "1/99999999"],
)
def test_what_is_no_part(text: str, site: Site) -> None:
    with pytest.raises(SettingError, match="part"):
        Shard.parse(text)
    result = run(site, "synth", f"--shard={text}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"mkdocs-lightning: --shard: '{text}' is not a part")
    assert result.stderr.count("\n") == 1


def test_a_part_is_written_as_number_and_count() -> None:
    assert Shard.parse(" 2/5 ") == Shard(2, 5)
    assert str(Shard.parse("5/5")) == "part 5 of 5"


@pytest.fixture
def nine_pages(site: Site) -> Site:
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write(PAGES)
    return site


def test_jobs_with_nothing_but_the_shared_cache_fill_it(nine_pages: Site, service: Service) -> None:
    remote = (nine_pages.root / "remote").as_uri()
    needed = plan(nine_pages)
    spoken = []
    for number in range(1, 5):
        service.clear()
        report = printed(nine_pages, "synth", f"--shard={number}/4", remote_cache=remote)
        spoken.append(service.spoken)
        characters = sum(map(len, service.spoken))
        assert report.startswith(f"{len(service.spoken)} sentence")
        assert f": 0 cached, {len(service.spoken)} synthesized ({characters} characters)," in report
        assert not (nine_pages.root / ".cache/plugin/lightning/clips").exists()
        shutil.rmtree(nine_pages.root / ".cache")  # each job is on a machine of its own

    texts = [text for part in spoken for text in part]
    assert len(texts) == len(set(texts)) == needed["sentences"] == 10
    loads = [sum(map(len, part)) for part in spoken]
    assert max(loads) - min(loads) <= max(map(len, texts))
    service.clear()
    nine_pages.build(strict=True, remote_cache=remote)
    assert service.requests == []


def test_a_part_does_not_depend_on_what_is_cached(nine_pages: Site, service: Service) -> None:
    def spoken_by(number: int) -> set[str]:
        service.clear()
        printed(nine_pages, "synth", f"--shard={number}/2")
        return set(service.spoken)

    first, second = spoken_by(1), spoken_by(2)
    assert first
    assert second
    for path in (nine_pages.root / ".cache/plugin/lightning/segments").rglob("*.flac"):
        path.unlink()

    assert spoken_by(2) == second
    assert spoken_by(2) == set()
    assert spoken_by(1) == first, "although the half that was there would have been shared out otherwise"


def test_a_limit_holds_for_all_parts_together(
    nine_pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    limit = plan(nine_pages)["characters"] - 1
    expect_warning(rf" missing: {limit + 1} characters to send, and max_characters is {limit}\. These have")

    result = run(nine_pages, "synth", "--shard=1/4", max_characters=limit)

    assert result.exit_code == 1
    assert "page0.md:1 'Page 0 has this sentence.'" in result.stderr
    assert "0 synthesized (0 characters)" in result.stdout
    assert "missing" in result.stdout
    assert service.requests == []


def test_without_a_key_a_part_says_so(nine_pages: Site, expect_warning: Callable[[str], None]) -> None:
    del nine_pages.options["api_key"]
    expect_warning(" missing: there is no API key")
    assert run(nine_pages, "synth", "--shard=1/1").exit_code == 1


def test_a_site_without_blocks_has_empty_parts(site: Site) -> None:
    site.write({"index.md": "# Silence\n"})
    assert printed(site, "synth", "--shard=3/3").startswith("0 sentences: 0 cached, 0 synthesized (0 characters), ")
