"""The line that a warning names, in a site that is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

WRONG = ":::speak speed=9\nText.\n:::\n"


@pytest.mark.parametrize(
    ("page", "place"),
    [
        (f'```md title="x"\n{WRONG}```\n\n{WRONG}', r"index\.md:7"),
        (f"---\ntitle: x\n---\n\n<div markdown>\n\n{WRONG}\n</div>\n", r"index\.md:7"),
        ('# Title\n\n--8<-- "part.md"\n', r"index\.md \(line not known\)"),
    ],
    ids=["after a fence", "in HTML", "in a snippet"],
)
def test_a_warning_names_the_line_of_its_block(
    site: Site, service: Service, expect_warning: Callable[[str], None], page: str, place: str
) -> None:
    expect_warning(rf"{place} ':::speak speed=9': 9\.0 is out of range")
    extensions = ["md_in_html", "pymdownx.superfences", {"pymdownx.snippets": {"base_path": [str(site.root)]}}]
    site.config = {"markdown_extensions": extensions}
    (site.root / "part.md").write_text(WRONG, encoding="utf-8")
    site.write({"index.md": page})

    site.build()

    assert service.spoken == []
    assert "Text." in site.html("index.html")


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("Text :::speak in the middle :::\n", [1]),
        ("| a | b |\n| - | - |\n| :::speak | x |\n| y ::: speak | z |\n", [3, 4]),
        ("**Bold** :::speak\n", [1]),
        ("> - Item :::speak{speed=1}\n", [1]),
        ("```\nCode :::speak\n```\n\nText `and :::speak` and\nmore :::speak\n", [6]),
        ("A `:::speak`, a :::speaker, :::\n\n<!-- a :::speak -->\n\n    code :::speak\n", []),
    ],
)
def test_an_opener_behind_other_text_is_warned_of(
    site: Site, service: Service, expect_warning: Callable[[str], None], page: str, lines: list[int]
) -> None:
    for line in lines:
        expect_warning(
            rf"index\.md:{line} '…:::speak': this :::speak does not open a block, because its line has other text"
        )
    site.config = {"markdown_extensions": ["tables", "fenced_code"]}
    site.write({"index.md": page})

    site.build()

    assert service.requests == []


@pytest.mark.parametrize(
    ("front_matter", "line"),
    [
        ("lightning: {speed: 1.2}\n", 1),
        ("---\nlightning:\n\tspeed: 1.2\n---\n", 3),
        ("\n---\nlightning: {speed: 1.2}\n---\n", 1),
        ("---\nLightning: {speed: 1.2}\n---\n", 2),
    ],
)
def test_front_matter_that_is_not_read_is_warned_of_and_nothing_is_sent(
    site: Site, service: Service, expect_warning: Callable[[str], None], front_matter: str, line: int
) -> None:
    expect_warning(rf"index\.md:{line}: .*front matter.*; until then the page's blocks are shown without players")
    site.write({"index.md": f"{front_matter}\n# Title\n\n:::speak\nText.\n:::\n"})

    site.build()

    assert service.spoken == []
