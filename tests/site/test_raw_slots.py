"""Tags of slots that an author writes by hand, ended or not: no page loses a player that was paid for in silence."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

import pytest

from tests.support.published import FIRST, SECOND
from tests.support.sites import duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program
    from tests.support.sites import Site

TAGS = ('<speak-block data-speak="x">', "<!--speak-block x-->")
NARRATED = "---\nlightning: {narrate: true}\n---\n"


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize(
    "source",
    [
        "# Title\n\n{tag}\n\n:::speak\n{first}\n:::\n",
        "# Title\n\n:::speak\n{first}\n\n{tag}\n\nMore of it.\n:::\n",
        NARRATED + "# Title\n\n{first}\n\n{tag}\n\nMore of it.\n",
        NARRATED + "{tag}\n\n# Title\n\n{first}\n",
    ],
    ids=["before a block", "in a block", "in a narrated page", "at the start of a narrated page"],
)
def test_an_unfinished_slot_is_told_with_its_line_and_takes_no_player(
    site: Site, expect_warning: Callable[[str], None], tag: str, source: str
) -> None:
    text = source.replace("{tag}", tag).replace("{first}", FIRST)
    line = text.splitlines().index(tag) + 1
    expect_warning(f"^mkdocs_lightning: index.md:{line}: '{tag}' is never closed. Remove it")
    site.write({"index.md": text})

    site.build()

    (clip,) = site.clips("index.html")
    assert duration(clip) > 1
    html = site.html("index.html")
    assert "speak-block" not in html
    assert "More of it." in html or "More" not in text


def test_the_player_of_a_page_is_not_in_hidden_text(site: Site) -> None:
    site.write({"index.md": f"{NARRATED}:::speak text=hide\n# Title\n\n{FIRST}\n:::\n\n{SECOND}\n"})

    site.build(strict=True)

    html = site.html("index.html")
    assert html.index('id="speak-page"') < html.index("speak-text--hidden")
    assert len(site.clips("index.html")) == 2


@pytest.mark.parametrize(
    "script",
    [
        {"script": [["Half \ud800 of it.", 60]]},
        {"script": [["Written.", 60, ["Half \udfff of it."]]]},
        {"script": [["Written \ud800.", 60, ["Spoken."]]]},
        {"script": [["Written.", 60]], "title": "\ud83d"},
        {"script": [["Written.", 60]], "voice": {"voice_id": "\ud83d"}},
        {"script": [["Written.", 60]], "engine": "\ud83d"},
        {"script": [["Written.", 60]], "\ud83d": 1},
    ],
)
def test_half_of_a_character_in_a_slot_is_told_before_anything_is_sent_for_it(
    program: Program, expect_warning: Callable[[str], None], script: object
) -> None:
    expect_warning("has an unpaired surrogate")
    slot = f'<speak-slot data-script="{escape(json.dumps(script))}">Text.</speak-slot>'
    program.output.joinpath("bad.html").write_text(slot, encoding="utf-8")
    result = program.publish()
    assert result.exit_code == 1
    assert "bad.html: a block cannot be read: " in result.stderr
    assert program.html("bad.html") == slot
    assert len(program.asked()) == 3
    assert len(program.clips("index.html")) == 1


def test_slots_that_are_not_whole_are_told(program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("cannot be filled")
    page = program.html("index.html")
    broken = page.replace("</speak-slot>", "")
    program.output.joinpath("broken.html").write_text(broken, encoding="utf-8")
    start, end = page.index("<speak-slot"), page.index(">", page.index("<speak-slot")) + 1
    deep = page[start:end] * 25 + "Text." + "</speak-slot>" * 25
    program.output.joinpath("deep.html").write_text(deep, encoding="utf-8")
    result = program.publish()
    assert result.exit_code == 1
    assert "broken.html: 1 slot cannot be filled: they have no end tag '</speak-slot>'" in result.stderr
    assert "deep.html: 5 slots cannot be filled" in result.stderr
    assert FIRST in program.html("broken.html")
    assert len(program.clips("deep.html")) == 20
    assert "Text." in program.html("deep.html")
