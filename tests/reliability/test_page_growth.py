"""No page takes longer than it is long: twice the page is at most about twice the time, in a build and in `publish`.

Each shape is a part of a page, over and over, up to a page of a megabyte. The pages play a clip, so all that is done to
a page with a player is done to them.
"""

from __future__ import annotations

import json
import shutil
from html import escape
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from tests.support.growth import LINEAR, growth, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.sites import Site

LARGE = 1_000_000  # characters of the larger page
SENTENCE = "This is the sentence that is spoken here."
START = f'<speak-slot data-script="{escape(json.dumps({"script": [[SENTENCE, 60]]}))}">'
SLOT = f"{START}<p>{SENTENCE}</p></speak-slot>"

AROUND = {
    "unfinished tags": "<audio ",
    "the page's own tags": "<html ",
    "titles": "<title>a",
    "scripts": "<script>",
    "comments": "<!--",
    "declarations": "<![",
    "quotes": '<a b="',
    "our comments": "<!--speak-head-->",
    "our heads": "<!--speak-head--><link >",
    "ids": '<p id="a">',
    "ends": "</speak-block></speak-slot>",
    "raw slots": '<speak-block data-speak="x">',
    "raw slots of pages": "<!--speak-block x-->a",
    "unfinished slots": '<speak-slot data-script="{}">',
    "half a slot": "<speak-slot data-script='",
    "many slots": SLOT,
}
INSIDE = {
    "unfinished tags": "<audio ",
    "comments": "<!-- >",
    "declarations": "<![",
    "references": "&",
    "open elements": "<div>",
    "highlights": "<span class=speak-cue data-cue='a 1'>",
    "our marks": "<speak-text>",
    "slots": START,
}


def publish_seconds(folder: Path, content: str) -> float:
    """Of publishing a site with one page."""
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    (site / "index.html").write_text(f"<!doctype html><title>A</title><body>{content}</body>", encoding="utf-8")
    ran = []
    spent = seconds(lambda: ran.append(CliRunner().invoke(main, ["publish", str(site), "--engine", "offline"])))
    assert ran[0].exit_code in {0, 1}, ran[0].exception
    assert 'class="speak-player"' in (site / "index.html").read_text(encoding="utf-8")
    return spent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Path:
    """A folder with a cache that has the sentence."""
    monkeypatch.chdir(tmp_path)
    publish_seconds(tmp_path, SLOT)
    caplog.set_level("CRITICAL")  # pages with unfinished slots are warned of
    return tmp_path


@pytest.mark.parametrize("part", AROUND.values(), ids=AROUND)
def test_publish_takes_no_longer_than_a_page_is_long(folder: Path, part: str) -> None:
    def cost(size: int) -> float:
        return publish_seconds(folder, SLOT + part * (size // len(part)))

    assert growth(cost, LARGE // 2) < LINEAR


@pytest.mark.parametrize("part", INSIDE.values(), ids=INSIDE)
def test_publish_takes_no_longer_than_a_block_is_long(folder: Path, part: str) -> None:
    def cost(size: int) -> float:
        count = size // len(part)
        end = {"<speak-slot": "</speak-slot>", "<span class": "</span>"}.get(part[:11], "") * count
        return publish_seconds(folder, f"{SLOT}{START}<p>{SENTENCE}</p>{part * count}{end}</speak-slot>")

    assert growth(cost, LARGE // 2) < LINEAR


@pytest.mark.parametrize("part", AROUND.values(), ids=AROUND)
def test_a_build_takes_no_longer_than_a_page_is_long(site: Site, caplog: pytest.LogCaptureFixture, part: str) -> None:
    """What another plugin adds to a page; MkDocs itself does not look at it any more."""
    caplog.set_level("CRITICAL")  # unfinished slots are warned of
    site.config = {
        "theme": {"name": None, "custom_dir": str(site.root / "theme")},
        "plugins": [],
        "hooks": [str(site.root / "hook.py")],
    }
    (site.root / "theme").mkdir()
    (site.root / "theme/main.html").write_text("<head></head><body>{{ page.content }}</body>", encoding="utf-8")
    (site.root / "hook.py").write_text(
        "from pathlib import Path\n"
        "def on_page_content(html, **_):\n"
        f"    return html + Path({str(site.root / 'added.html')!r}).read_text('utf-8')\n",
        encoding="utf-8",
    )
    site.write({"index.md": f":::speak\n{SENTENCE}\n:::\n"})
    added = site.root / "added.html"
    added.write_text("", encoding="utf-8")
    site.build(engine="offline")

    def cost(size: int) -> float:
        added.write_text(part * (size // len(part)), encoding="utf-8")
        spent = seconds(lambda: site.build(engine="offline"))
        assert 'class="speak-player"' in site.html("index.html")
        return spent

    assert growth(cost, LARGE // 2) < LINEAR


SIGNS = '"""""'
SCRIPTS: dict[str, Callable[[int], tuple[str, list[str]]]] = {
    "sentences that are not there": lambda n: (
        "Some word is here. " * n,
        [f"Sentence {i} is not there." for i in range(n)],
    ),
    "nearly the same sentence": lambda n: ("ab" * 10 * n, ["ab" * 20 + "c"] * n),
    "a short sentence that never stands alone": lambda n: ("xb " * 6 * n, ["b"] * n),
    "sentences in the other order": lambda n: (
        " ".join(f"Sentence number {i} is there." for i in range(n)),
        [f"Sentence number {i} is there." for i in reversed(range(n))],
    ),
    "signs around a sentence": lambda n: (f"{SIGNS * n}Sentence number one.{SIGNS * n}", ["Sentence number one."] * n),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_sentences_are_looked_for_no_longer_than_their_text_is_long(
    script: Callable[[int], tuple[str, list[str]]],
) -> None:
    def cost(size: int) -> float:
        text, sentences = script(size)
        return seconds(lambda: highlight_sentences(f"<p>{text}</p>", sentences, "player", language="en"))

    assert growth(cost, 10_000) < LINEAR
