"""What a site will cost, in words and numbers: known, unknown, or nothing, and never 0 by accident."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.cli.site_report import dollars
from tests.support.commands import plan, printed, run
from tests.support.sites import three_languages

if TYPE_CHECKING:
    from tests.support.sites import Site

SENTENCE = "This sentence has a price, or it has none at all."
OTHER = "That sentence has the price of its own model."
FIRST_PAGE = {"index.md": f":::speak\n{SENTENCE}\n:::\n"}
NEW_MODEL = "{model=lightning_v9 voice_id=newcomer}"


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (None, "unknown"),
        (0, "-"),
        (1e-9, "<$0.0001"),
        (0.00009, "<$0.0001"),
        (0.0001, "$0.0001"),
        (0.12345, "$0.1235"),
        (1, "$1.00"),
        (12345.678, "$12,345.68"),
    ],
)
def test_a_price_in_words(price: float | None, words: str) -> None:
    assert dollars(price) == words


@pytest.mark.parametrize(
    ("options", "price", "cell", "words"),
    [
        ({}, 0.0000195, "$0.0010", "price $0.0010"),
        ({"voice_id": "magnus"}, 0.0000175, "$0.0009", "price $0.0009"),
        ({"model": "lightning_v3.1_pro_10_26"}, None, "unknown", "price unknown"),
        ({"model": "lightning_v9", "voice_id": "newcomer"}, None, "unknown", "price unknown"),
        ({"engine": "offline"}, 0, "-", "free"),
        ({"engine": "auto", "api_key": ""}, 0.0000195, "$0.0010", "price $0.0010"),
    ],
)
def test_the_price_of_a_voice(
    site: Site, options: dict[str, object], price: float | None, cell: str, words: str
) -> None:
    site.write(FIRST_PAGE)

    planned = plan(site, **options)
    table = run(site, "plan", **options).stdout.splitlines()
    checked = run(site, "check", **options).stdout

    expected = None if price is None else pytest.approx(price * len(SENTENCE), rel=1e-9, abs=0)
    assert planned["price_usd"] == planned["pages"][0]["price_usd"] == expected
    assert [line.split()[-1] for line in table[1:3]] == [cell, cell]
    engine = planned["engine"]
    assert f"Missing: 49 characters, {words} ({engine}). A sentence on several pages counts once." in table
    assert any("listed in September 2026" in line for line in table) == bool(price)
    assert checked.startswith(f"1 sentence missing: 49 characters, {words}.\n")


def test_one_unknown_price_makes_the_total_unknown(site: Site) -> None:
    site.write({**FIRST_PAGE, "new.md": f"::: speak {NEW_MODEL}\n{SENTENCE}\n:::\n\n:::speak\n{OTHER}\n:::\n"})

    planned = plan(site)

    assert [part["price_usd"] is None for part in planned["pages"]] == [False, True]
    assert planned["price_usd"] is None
    table = run(site, "plan").stdout.splitlines()
    assert [line.split()[-1] for line in table[1:4]] == ["$0.0010", "unknown", "unknown"]


def test_two_models_add_up(site: Site) -> None:
    site.write({**FIRST_PAGE, "new.md": f"::: speak {{voice_id=magnus}}\n{OTHER}\n:::\n"})
    expected = len(SENTENCE) * 0.0000195 + len(OTHER) * 0.0000175
    assert plan(site)["price_usd"] == pytest.approx(expected)


def test_a_site_in_several_languages_has_a_price_for_each(site: Site) -> None:
    """A page without a translation counts for the language in which it is written."""
    site.config = {"plugins": [three_languages()]}
    german = "Dieser Satz hat einen anderen Preis."
    site.write({**FIRST_PAGE, "index.de.md": f":::speak\n{german}\n:::\n", "more.md": f":::speak\n{OTHER}\n:::\n"})

    planned = plan(site)
    text, markdown = (printed(site, "plan", *form).splitlines() for form in ([], ["--format", "markdown"]))

    languages = {"en": (2, len(SENTENCE) + len(OTHER)), "de": (1, len(german)), "es": (0, 0)}
    assert {each["locale"]: (each["missing"], each["characters"]) for each in planned["languages"]} == languages
    assert {each["page"]: each["locale"] for each in planned["pages"]} == {
        "index.md": "en",
        "index.de.md": "de",
        "more.md": "en",
    }
    head = next(number for number, line in enumerate(text) if line.startswith("language "))
    assert [line.split()[0] for line in text[head + 1 : head + 4]] == ["en", "de", "es"]
    assert text[head + 2].split() == ["de", "1", "1", "0", "1", "36", "$0.0007"]
    assert "| de | 1 | 1 | 0 | 1 | 36 | &#36;0.0007 |" in markdown


def test_a_site_in_one_language_has_no_table_of_languages(site: Site) -> None:
    site.write(FIRST_PAGE)
    planned = plan(site)
    assert (planned["languages"], planned["pages"][0]["locale"]) == ([], None)
    assert not [line for line in printed(site, "plan").splitlines() if line.startswith("language")]


def test_the_price_of_nothing_is_none_of_these(site: Site) -> None:
    """What is cached costs nothing, whether the model's price is known or not."""
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write(FIRST_PAGE)
    site.build()
    assert plan(site)["price_usd"] == 0
    assert [line.split()[-1] for line in printed(site, "plan").splitlines()[1:]] == ["-", "-"]


def test_a_clip_that_is_whole_needs_none_of_its_sentences(site: Site) -> None:
    """As a build has it: a segment that was lost is not asked for again while its clip is there."""
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write(FIRST_PAGE)
    site.build()
    for segment in (site.root / ".cache").rglob("*.flac"):
        segment.unlink()
    planned = plan(site)
    assert (planned["cached"], planned["missing"]) == (1, 0)
    assert plan(site, output_format="flac")["missing"] == 1


def test_columns_stand_below_each_other(site: Site) -> None:
    """Also where a page's name is long, and a number has a comma."""
    long = " ".join(f"Sentence number {number} of many, to be counted." for number in range(40))
    site.write({"a/very/long/name/of/a/page.md": f":::speak\n{long}\n:::\n", **FIRST_PAGE})
    lines = printed(site, "plan").splitlines()[:4]
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["page", "players", "sentences", "cached", "missing", "characters", "price"]
    assert all(line[: lines[0].index("players") - 2].rstrip() == line.split()[0] for line in lines)
    total = next(line for line in lines if line.startswith("total"))
    assert f"{len(long) - 39 + len(SENTENCE):,}" in total.split()


def test_what_is_damaged_inside_is_missing_once_it_is_verified(site: Site) -> None:
    """Without its clip, a build would need the sentence, and would find out the same."""
    site.write(FIRST_PAGE)
    site.build()
    cache = site.root / ".cache/plugin/lightning"
    shutil.rmtree(cache / "clips")
    (file,) = (cache / "segments").rglob("*.flac")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 255
    file.write_bytes(data)

    seen, verified, again = run(site, "check"), run(site, "check", "--verify"), run(site, "check", "--verify")

    assert (seen.exit_code, seen.stderr) == (0, "")
    assert (verified.exit_code, verified.stderr) == (1, "WARNING -  1 damaged file of the cache moved to damaged/\n")
    assert verified.stdout.startswith("1 sentence missing: ")
    assert (again.exit_code, again.stderr) == (1, "")
