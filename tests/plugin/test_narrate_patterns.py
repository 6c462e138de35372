"""Patterns of `narrate` that name no page: what an author hears of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

PROSE = "# Title\n\nThese are the words of the page, in no block.\n"


@pytest.fixture
def guide(site: Site, service: Service) -> Site:  # noqa: ARG001 - which the site's clips come from
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write({"index.md": PROSE, "guide/start.md": PROSE})
    return site


@pytest.mark.parametrize(
    ("patterns", "warning"),
    [
        (
            ["docs/guide/"],
            r"'docs/guide/' matches no page \(did you mean 'guide/'\?\); patterns are relative to docs_dir$",
        ),
        (["/start.md"], r"'/start\.md' matches no page \(did you mean 'guide/start\.md'\?\)"),
        (["guides/"], r"'guides/' matches no page \(did you mean 'guide/'\?\)"),
        ("index", r"'index' matches no page \(did you mean 'index\.md'\?\)"),
        (["**", "start.html"], r"'start\.html' matches no page; "),
        (["guide/", "!guide/start.md", "elsewhere/**"], r"'elsewhere/\*\*' matches no page"),
        (["**", "!docs/index.md"], r"'!docs/index\.md' matches no page \(did you mean '!index\.md'\?\)"),
        (["**", "!guide/"], r"'!guide/' excludes no page, because other patterns name its pages; write '!guide/\*\*'"),
        (["!index.md"], r"'!index\.md' only excludes pages, and no pattern includes any; put '\*\*' first$"),
        (["!index.md", "**"], r"'!index\.md' excludes no page, because other patterns name its pages; move it below"),
    ],
)
@pytest.mark.parametrize("engine", ["lightning", "offline"])
def test_one_that_names_no_page_is_warned_of(
    guide: Site, expect_warning: Callable[[str], None], patterns: list[str], warning: str, engine: str
) -> None:
    expect_warning(rf"narrate: {warning}")
    guide.build(narrate=patterns, engine=engine)
    is_narrated = {"**", "guide/"} & {*patterns} and not {"!guide/start.md", "!guide/"} & {*patterns}
    assert bool(guide.clips("guide/start/index.html")) == bool(is_narrated)


@pytest.mark.parametrize(
    ("exclusion", "page", "meant"),
    [
        ("!chnagelog.md", "changelog.md", "!changelog.md"),
        ("!api.html", "api.md", "!api.md"),
        ("!api", "api.md", "!api.md"),
        ("!CHNAGELOG.md", "CHANGELOG.md", "!CHANGELOG.md"),
        ("!docs/drafts/old.md", "drafts/old.md", "!drafts/old.md"),
        ("!drfats/", "drafts/ready.md", "!drafts/**"),
        ("!notse [1].md", "notes [1].md", "!notes [1].md"),
    ],
)
def test_what_a_mistyped_exclusion_means_is_not_paid_for(
    guide: Site,
    service: Service,
    expect_warning: Callable[[str], None],
    *,
    exclusion: str,
    page: str,
    meant: str,
) -> None:
    name = meant.strip("!*")
    until = f". Until you correct it, {name} is not narrated either"
    told = f"narrate: '{exclusion}' matches no page (did you mean '{meant}'?); patterns are relative to docs_dir{until}"
    expect_warning(re.escape(told))
    guide.write({page: "# Changes\n\nNobody ever wants to hear any of these changes.\n"})
    patterns = ["**", exclusion]
    assert {each["page"] for each in plan(guide, narrate=patterns)["pages"]} == {"index.md", "guide/start.md"}
    guide.build(narrate=patterns)
    assert service.spoken
    assert not [text for text in service.spoken if "Nobody" in text]
    assert guide.clips("guide/start/index.html")


@pytest.mark.parametrize(
    ("patterns", "advice", "left_out"),
    [
        (["**", "!legal/"], "write '!legal/**'. Until you correct it, legal/ is not narrated either", True),
        (["**", "!legal"], "write '!legal/**'. Until you correct it, legal is not narrated either", True),
        (["**", "!terms/"], "write '!**/terms/**'. Until you correct it, terms/ is not narrated either", True),
        (["!legal/*.md", "**"], "move it below those. Until you correct it, legal/*.md is not narrated either", True),
        (["**", "!legal/*", "legal/terms/"], "move it below those", False),
    ],
)
def test_what_an_ineffective_exclusion_means_is_not_paid_for(
    guide: Site,
    service: Service,
    expect_warning: Callable[[str], None],
    *,
    patterns: list[str],
    advice: str,
    left_out: bool,
) -> None:
    exclusion = next(pattern for pattern in patterns if pattern.startswith("!"))
    told = f"narrate: '{exclusion}' excludes no page, because other patterns name its pages; {advice}"
    expect_warning(f"{re.escape(told)}$")
    name = "legal/page.md" if exclusion.endswith(".md") else "legal/terms/page.md"
    guide.write({name: "# Terms\n\nNobody ever wants to hear any of these terms.\n"})
    guide.build(narrate=patterns)
    assert left_out != any("Nobody" in text for text in service.spoken)
    assert bool(guide.clips("guide/start/index.html"))


def test_a_page_that_is_included_below_a_mistyped_exclusion_is_narrated(
    guide: Site, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("'!guides/' matches no page")
    guide.write({"guide/end.md": PROSE})
    guide.build(narrate=["**", "!guides/", "guide/end.md"])
    assert guide.clips("guide/end/index.html")
    assert not guide.clips("guide/start/index.html")


@pytest.mark.parametrize(
    "patterns",
    [
        True,
        False,
        [],
        "",
        ["**"],
        "*.md",
        ["guide"],
        ["/guide/*"],
        ["guide/", "!guide/start.md"],
        ["# words", "index.md"],
    ],
)
def test_others_are_not(guide: Site, patterns: object) -> None:
    guide.build(narrate=patterns, strict=True)


def test_one_whose_pages_are_in_the_docs_directory_is_not(guide: Site) -> None:
    guide.write({"de/index.md": PROSE})
    guide.config["exclude_docs"] = "de/"
    guide.build(narrate=["de/"], strict=True)


def test_a_feed_without_any_narrated_page_is_warned_of(guide: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning("feed: no page is narrated, so there is nothing to subscribe to; see the option narrate")
    guide.config["site_url"] = "https://docs.example.org/"
    guide.build(feed=True)
    assert not (guide.root / "site/podcast.xml").exists()
