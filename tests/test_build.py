"""Whole builds, as an author runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import duration

if TYPE_CHECKING:
    from tests.conftest import Site
    from tests.service import Service

PAGES = {
    "index.md": """
        # Home

        :::speak
        The first sentence of this site is here. And this is the second one, a little longer.
        :::
        """,
    "guide/start.md": """
        # Start

        :::speak title="Start"
        A page further down has its own words to say.
        :::
        """,
}


def test_a_build_gives_every_block_a_player_whose_clip_plays(site: Site, service: Service) -> None:
    site.write(PAGES)

    site.build(strict=True, concurrency=1)

    assert service.spoken == [
        "The first sentence of this site is here.",
        "And this is the second one, a little longer.",
        "A page further down has its own words to say.",
    ]
    for page in ("index.html", "guide/start/index.html"):
        (clip,) = site.clips(page)
        assert duration(clip) > 1
