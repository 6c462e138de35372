"""What the pages of a whole build say of their clips to programs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.support.published import FIRST, NARRATED, PAGE, SECOND, SITE_URL, THEMES, data_of, published
from tests.support.sites import Site, duration


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("output_format", ["mp3", "opus", "wav"])
def test_every_page_describes_its_clips(site: Site, theme: str, output_format: str) -> None:
    site.config = {"theme": {"name": theme}, "site_url": SITE_URL, "site_name": "</script> & Co."}
    site.write({"index.md": PAGE, "deep/er/page.md": NARRATED + f"\n:::speak title='<b>&</b>'\n{FIRST}\n:::\n"})

    site.build(strict=True, output_format=output_format)

    for page in ("index.html", "deep/er/page/index.html"):
        described = data_of(site, page)
        clips = site.clips(page)
        assert [published(site, clip["contentUrl"]) for clip in described] == clips or len(clips) > 1
        assert sorted(published(site, clip["contentUrl"]) for clip in described) == sorted(clips)
        for clip in described:
            file = published(site, clip["contentUrl"])
            assert clip["contentSize"] == f"{file.stat().st_size} B"
            assert (
                clip["encodingFormat"] == {"mp3": "audio/mpeg", "opus": "audio/ogg", "wav": "audio/wav"}[output_format]
            )
            assert clip["inLanguage"] == "en"
            seconds = re.fullmatch(r"PT0H0M(\d+)S", clip["duration"])
            assert seconds
            assert int(seconds[1]) == pytest.approx(duration(file), abs=0.6)
    assert [clip["transcript"] for clip in data_of(site, "index.html")] == [f"{FIRST} {SECOND}"]
    assert {clip["name"] for clip in data_of(site, "deep/er/page/index.html")} == {"Narrated", "<b>&</b>"}


def test_without_a_site_url_nothing_is_made_up(site: Site) -> None:
    site.write({"index.md": PAGE})

    site.build(strict=True)

    for clip in data_of(site, "index.html"):
        assert not urlsplit(clip["contentUrl"]).netloc
