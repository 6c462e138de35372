"""The command `review`: what a page says of a site, and that it sends nothing and plays what is cached."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import contents, plan, run
from tests.support.html import attributes
from tests.support.sites import duration, three_languages

if TYPE_CHECKING:
    from tests.support.service import Service
    from tests.support.sites import Site

FIRST = "The first sentence of this page is here."
SECOND = "And this is the second one, a little longer."
NEW = "A sentence that nobody has heard until now."
PAGE = f'# Title\n\n:::speak {{title="A block"}}\n{FIRST} {SECOND}\n:::\n'


@pytest.fixture
def half(site: Site, service: Service) -> Site:
    """A site of which a sentence is missing, with a lexicon."""
    site.write({"index.md": PAGE, "guide/b.md": PAGE.replace("A block", "Another")})
    (site.root / "lexicon.yml").write_text("en: {nobody: no one}", encoding="utf-8")
    site.options["lexicon"] = str(site.root / "lexicon.yml")
    site.build()
    site.write({"index.md": PAGE.replace(FIRST, f"{FIRST} {NEW}")})
    service.clear()
    return site


class Page:
    """The page of a review."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.html = (directory / "index.html").read_text(encoding="utf-8")

    @property
    def sentences(self) -> list[str]:
        """Each sentence's text, with its flags before it."""
        items = re.findall(r'<li data-flags="([^"]*)"><span[^>]*>(.*?)</span>', self.html)
        return [f"{flags}: {text}".removeprefix(": ") for flags, text in items]

    @property
    def clips(self) -> list[Path]:
        """The files that its players play."""
        return [self.directory / (audio["src"] or "") for audio in attributes(self.html, "audio")]

    @property
    def starts(self) -> list[list[float]]:
        """When each player's sentences begin."""
        players = attributes(self.html, "speak-player")
        return [[float(start) for start in (player["data-starts"] or "").split()] for player in players]


def made(site: Site, *arguments: str, **options: object) -> Page:
    result = run(site, "review", "-o", str(site.root / "review"), *arguments, **options)
    assert (result.exit_code, result.stderr) == (0, "")
    return Page(site.root / "review")


def test_it_shows_what_is_missing_with_its_price_and_plays_the_rest(half: Site, service: Service) -> None:
    figures = plan(half)
    before = contents(half.root / ".cache")

    page = made(half)

    assert page.sentences == [FIRST, f"missing: {NEW}", SECOND, FIRST, SECOND]
    assert (figures["missing"], figures["characters"]) == (1, len(NEW.replace("nobody", "no one")))
    assert f"sends {figures['characters']} characters, price ${figures['price_usd']:.4f}" in page.html
    assert NEW.replace("nobody", "no one") in page.html
    partial, whole = page.clips
    assert [len(starts) for starts in page.starts] == [2, 2]
    assert duration(partial) == pytest.approx(duration(whole), abs=0.2)
    assert service.requests == []
    assert contents(half.root / ".cache") == before


def test_a_sentence_without_its_audio_has_no_place_in_the_clip(half: Site) -> None:
    html = made(half).html

    assert re.findall(r'data-cue="(\S+) (\d+)"', html) == [
        ("page-1-clip-1", "0"),
        ("page-1-clip-1", "1"),
        ("page-2-clip-1", "0"),
        ("page-2-clip-1", "1"),
    ]


def test_a_clip_that_was_not_joined_yet_is_joined_in_the_review_alone(half: Site, service: Service) -> None:
    for path in (half.root / ".cache").rglob("clips"):
        path.rename(path.with_name("gone"))

    page = made(half)

    assert all(duration(clip) > 1 for clip in page.clips)
    assert "parts/" in str(page.clips[1])
    assert not list((half.root / ".cache").rglob("clips"))
    assert service.requests == []


def test_it_is_replaced_when_it_is_made_again_and_what_it_no_longer_plays_goes(half: Site) -> None:
    before = made(half)
    again = made(half)
    assert contents(again.directory).keys() == contents(before.directory).keys()
    half.build()

    after = made(half)

    assert after.sentences[1] == NEW
    played = {str(clip.relative_to(after.directory)) for clip in after.clips}
    audio = {name for name in contents(after.directory) if name.endswith((".mp3", ".json"))}
    assert {Path(name).as_posix() for name in audio} == {Path(name).as_posix() for name in played}


def test_a_site_without_audio_has_no_player_and_an_estimate(site: Site, service: Service) -> None:
    site.write({"index.md": PAGE})

    page = made(site)

    assert page.clips == []
    assert page.sentences == [f"missing: {FIRST}", f"missing: {SECOND}"]
    assert "about 2.7 s" in page.html
    assert "about 0:06 · " in page.html, "with the pause"
    assert service.requests == []


def test_a_site_that_speaks_nothing_says_so(site: Site) -> None:
    site.write({"index.md": "# Title\n"})

    assert "Nothing is spoken on this site yet." in made(site).html


def test_each_language_has_its_own(site: Site) -> None:
    site.config = {"plugins": ["search", three_languages()]}
    site.write({"index.md": PAGE, "index.de.md": ":::speak\nDas ist ein Satz auf Deutsch.\n:::\n"})

    html = made(site).html

    assert 'lang="de"' in html
    assert "Das ist ein Satz auf Deutsch." in html


def test_text_runs_from_right_to_left_where_it_does(site: Site) -> None:
    site.write({"index.md": ":::speak language=ar\nمرحبا بكم في هذا الدليل الجديد.\n:::\n"})  # noqa: RUF001

    assert '<ol class="script" lang="ar" dir="rtl">' in made(site).html


HOSTILE = (
    """<script>alert(1)</script> "quoted" 'text' &amp; {{ 7 * 7 }} `</title></script><img src=x onerror=alert(1)>`"""
)


def test_nothing_that_an_author_writes_becomes_part_of_the_page(site: Site) -> None:
    site.config = {"site_name": HOSTILE}
    title = HOSTILE.replace("'", "")
    site.write({"index.md": f"---\ntitle: '{title}'\n---\n\n:::speak title='</p><b onclick=x>'\n{HOSTILE}\n:::\n"})

    html = made(site).html

    elements = set(re.findall(r"<([a-z-]+)", html))
    assert not elements & {"img", "b"}
    assert [script["src"] for script in attributes(html, "script")] == ["player.js", "review.js"]
    assert "onclick=x" not in re.sub(r'"[^"]*"', "", re.sub(r">[^<]*<", "><", html))
    assert "{{ 7 * 7 }}" in html
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def refused(site: Site, directory: Path) -> str:
    result = run(site, "review", "-o", str(directory))
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


@pytest.mark.parametrize("name", ["docs/review", "site/review", ".cache/plugin/lightning/review", "docs"])
def test_it_is_not_made_where_a_build_reads_or_writes(half: Site, name: str) -> None:
    before = contents(half.root)

    assert "review" in refused(half, half.root / name)

    assert contents(half.root).keys() == before.keys()


def test_a_directory_of_others_is_refused_before_the_site_is_read(half: Site) -> None:
    assert "do not belong to a review" in refused(half, half.root)
    assert "is not a directory" in refused(half, half.root / "lexicon.yml")


def test_without_the_plugin_there_is_nothing_to_review(half: Site) -> None:
    result = run(half, "review", "-o", str(half.root / "review"), enabled=False)

    assert result.exit_code == 2
    assert "nothing to review" in result.stderr
    assert not (half.root / "review").exists()


def test_a_directory_that_cannot_be_written_is_an_error_in_words(half: Site) -> None:
    result = run(half, "review", "-o", str(half.root / "lexicon.yml" / "review"))

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_a_damaged_sentence_counts_as_missing(half: Site) -> None:
    for path in (half.root / ".cache").rglob("clips"):
        path.rename(path.with_name("gone"))
    for path in (half.root / ".cache").rglob("*.flac"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)

    result = run(half, "review", "-o", str(half.root / "review"))

    assert result.exit_code == 0
    assert all(sentence.startswith("missing") for sentence in Page(half.root / "review").sentences)


def test_what_other_machines_have_stored_is_heard_too(half: Site, service: Service, tmp_path: Path) -> None:
    shared = f"file://{tmp_path}/shared"
    half.build()
    assert run(half, "cache", "push", remote_cache=shared).exit_code == 0
    service.clear()
    shutil.rmtree(half.root / ".cache")

    page = made(half, remote_cache=shared)

    assert page.sentences == [FIRST, NEW, SECOND, FIRST, SECOND]
    assert all(duration(clip) > 1 for clip in page.clips)
    assert service.requests == []


def test_it_names_the_voice_that_is_heard(site: Site) -> None:
    site.options["engine"] = "offline"
    site.write({"index.md": PAGE})

    html = made(site).html

    assert "offline" in re.findall(r'<p class="about">.*? · (.*?), en · block', html)[0]
    assert "kaitlyn" not in html


def test_one_clip_is_in_the_review_once_however_often_it_is_spoken(site: Site) -> None:
    site.write({"index.md": PAGE + PAGE, "b.md": PAGE})
    site.build()

    page = made(site)

    assert len(page.clips) == 3
    assert len(set(page.clips)) == 1
