"""The option `highlight: word`: what it adds to a site, what it never changes, and when it is looked for."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.support.sites import Site

PAGE = ":::speak\nEach word of this sentence is heard. Another one follows, which is long enough.\n:::\n"


@pytest.fixture
def offline(site: Site) -> Site:
    site.options = {"engine": "offline"}
    site.write({"index.md": PAGE})
    return site


def times(site: Site) -> list[str]:
    return re.findall(r'data-times="([^"]*)"', site.html("index.html"))


def test_words_are_noted_only_if_they_are_wanted(offline: Site) -> None:
    offline.build(strict=True)
    assert times(offline) == []
    clips = [clip.name for clip in offline.clips("index.html")]

    offline.build(strict=True, highlight="word")
    first = times(offline)[0]
    assert [int(number) for number in first.split()[::3]] == [0, 5, 10, 13, 18, 27, 30]
    assert [clip.name for clip in offline.clips("index.html")] == clips, "no key depends on it"

    offline.build(strict=True)
    assert times(offline) == []


def test_words_are_looked_for_once(offline: Site, started: list[subprocess.Popen[bytes]]) -> None:
    offline.build(strict=True, highlight="word")
    found = times(offline)
    started.clear()

    offline.build(strict=True, highlight="word")
    assert times(offline) == found
    assert started == []

    for clip in (offline.root / ".cache/plugin/lightning/clips").rglob("*.*"):
        clip.unlink()
    offline.build(strict=True, highlight="word")
    assert times(offline) == found
    assert started == [], "those of a sentence are beside it"


def test_damaged_words_are_found_again(offline: Site) -> None:
    offline.build(strict=True, highlight="word")
    found = times(offline)
    cache = offline.root / ".cache/plugin/lightning"
    for path in [*cache.glob("words/*/*.json")]:
        path.write_text('{"sha256": "0", "words": [[0, 9.9]]', encoding="utf-8")
    for clip in (cache / "clips").rglob("*.*"):
        clip.unlink()

    offline.build(strict=True, highlight="word")

    assert times(offline) == found


def test_a_search_that_failed_is_made_again(offline: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = offline.root / "worker.py"
    broken.write_text("", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr("mkdocs_lightning.engines.words.times._ESPEAK_WORKER", broken)
        offline.build(strict=True, highlight="word")
    assert times(offline) == []

    offline.build(strict=True, highlight="word")

    assert times(offline)


def test_words_of_english_are_found_in_any_voice(site: Site) -> None:
    """The service on loopback does not speak: what is found is in order all the same, or nothing."""
    site.write({"index.md": PAGE})
    site.build(strict=True, highlight="word")
    for noted in times(site):
        seconds = [int(number) for number in noted.split()[2::3]]
        assert seconds == sorted(seconds)


def test_the_extra_is_named_where_it_is_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None]
) -> None:
    monkeypatch.setitem(sys.modules, "soundswallower", None)  # as if it were not there
    site.write({"index.md": PAGE})
    expect_warning(r"highlight: .*mkdocs-lightning\[words\]")

    site.build(highlight="word")

    assert times(site) == []


def test_nothing_is_loaded_without_the_option(site: Site) -> None:
    for name in [name for name in sys.modules if "lightning.engines.words" in name or "word_marks" in name]:
        del sys.modules[name]
    site.write({"index.md": PAGE})

    site.build(strict=True)

    assert not [name for name in sys.modules if "lightning.engines.words" in name or name == "soundswallower"]
