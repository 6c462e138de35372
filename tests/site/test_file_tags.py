"""What the files of a site say of themselves: that of a page names the page, that of a block names none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import mutagen
import pytest

from mkdocs_lightning.audio.tags.tags import COMMENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

PAGE = """\
---
lightning: {narrate: true}
---
# Tea & patience

Tea is made with water, and with patience as well.

## Boil *the* water

Boil the water in the kettle until it sings to you.

## Wait

Let the leaves of green tea steep for two whole minutes.
"""
BLOCK = ":::speak\nA block of its own has a player of its own.\n:::\n"


def tags_of(path: Path) -> Any:
    return mutagen.File(io.BytesIO(path.read_bytes())).tags


@pytest.fixture
def tea(site: Site) -> Site:
    site.config |= {"site_url": "https://example.org/docs/", "site_name": "Brewing"}
    site.write({"index.md": "# Home\n", "tea.md": PAGE, "one.md": f"# One\n\n{BLOCK}", "two.md": f"# Two\n\n{BLOCK}"})
    site.build(strict=True)
    return site


def test_the_file_of_a_page_names_it_and_its_chapters(tea: Site) -> None:
    (clip,) = tea.clips("tea/index.html")
    tags = tags_of(clip)

    assert (tags["TIT2"].text, tags["TALB"].text, tags["TLAN"].text) == (["Tea & patience"], ["Brewing"], ["eng"])
    assert tags["WOAF"].url == "https://example.org/docs/tea/"
    assert tags["COMM::eng"].text == [COMMENT]
    chapters = sorted(tags.getall("CHAP"), key=lambda one: int(one.start_time))
    assert [str(one.sub_frames["TIT2"]) for one in chapters] == ["Tea & patience", "Boil the water", "Wait"]
    starts = tea.html("tea/index.html").partition('data-chapters="')[2].partition('"')[0]
    for chapter in chapters:
        assert f"[{chapter.start_time / 1000}," in starts
        assert chapter.start_time < chapter.end_time


def test_a_block_that_pages_share_is_one_file_that_names_none_of_them(tea: Site) -> None:
    (one,), (two,) = tea.clips("one/index.html"), tea.clips("two/index.html")
    assert one == two
    tags = tags_of(one)

    assert tags["TIT2"].text == ["A block of its own has a player of its own."]
    assert tags["COMM::eng"].text == [COMMENT]
    assert "WOAF" not in tags
    assert "TALB" not in tags


def test_a_new_title_is_another_file_and_costs_nothing(tea: Site, service: Service) -> None:
    sent = len(service.requests)
    (before,) = tea.clips("tea/index.html")

    tea.config["site_name"] = "Tea house"
    tea.build(strict=True)

    (after,) = tea.clips("tea/index.html")
    assert after.name != before.name
    assert tags_of(after)["TALB"].text == ["Tea house"]
    assert len(service.requests) == sent


def test_pages_with_the_same_text_have_files_of_their_own(site: Site, service: Service) -> None:
    site.config["site_url"] = "https://example.org/"
    site.write({"one.md": PAGE, "two.md": PAGE})
    site.build(strict=True)

    assert site.clips("one/index.html") != site.clips("two/index.html")
    assert len(service.requests) == len({str(request.body) for request in service.requests})
