"""Whole pages, spoken: what is read, in which order, and where the player stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

PAGE = """\
---
lightning: {narrate: true}
---
# How to brew

[TOC]

Tea is made with water, and with patience as well.[^1]

!!! note "Mind the kettle"
    The kettle is hot when it has just been used.

1. Boil the water in the kettle until it sings.
2. Pour the water over the leaves at once.

=== "Green tea"

    Let the leaves of green tea steep for two minutes.

=== "Black tea"

    Let the leaves of black tea steep for four minutes.

```python
print("never spoken")
```

:::speak
A block of its own has a player of its own.
:::

| Tea | Minutes |
| --- | --- |
| Oolong | three |

[^1]: A footnote that nobody wants to hear in between.
"""
CONFIG = {
    "markdown_extensions": [
        "admonition",
        "footnotes",
        "tables",
        {"toc": {"permalink": True}},
        "pymdownx.superfences",
        {"pymdownx.tabbed": {"alternate_style": True}},
    ]
}


def test_a_page_is_read_in_its_order_without_what_is_for_the_eye(site: Site, service: Service) -> None:
    site.config = dict(CONFIG)
    site.write({"index.md": PAGE})

    site.build(strict=True, concurrency=1)

    assert " ".join(service.spoken[1:]) == (  # the block was read first, and is spoken once
        "How to brew "
        "Tea is made with water, and with patience as well. "
        "Mind the kettle The kettle is hot when it has just been used. "
        "1. Boil the water in the kettle until it sings. 2. Pour the water over the leaves at once. "
        "Green tea Let the leaves of green tea steep for two minutes. "
        "Black tea Let the leaves of black tea steep for four minutes. "
        "Tea Minutes Oolong three"
    )
    assert service.spoken[0] == "A block of its own has a player of its own."


def test_the_player_stands_under_the_title_and_the_block_keeps_its_own(site: Site) -> None:
    site.config = dict(CONFIG)
    site.write({"index.md": PAGE})

    site.build(strict=True)

    html = site.html("index.html")
    assert len(set(site.clips("index.html"))) == 2
    assert re.search(r"</h1>\s*<div class=\"speak\"[^>]*>\s*<speak-player class=\"speak-player\" data-page", html)
    assert 'aria-label="Listen: How to brew, ' in html
    assert 'data-text="Listen to this page · 1 min"' in html
    assert html.split("</head>")[1].count("A block of its own has a player of its own.") == 1


@pytest.mark.parametrize(
    ("narrate", "front_matter", "narrated"),
    [
        (["guide/*"], "", True),
        ("guide/\n!guide/start.md\n", "", False),
        (["*.md"], "---\nlightning: {narrate: false}\n---\n", False),
        (True, "", True),
        (False, "", False),
        (True, "---\nlightning: {narrate: false}\n---\n", False),
        ([], "---\nlightning: {narrate: true, speed: 1.5}\n---\n", True),
    ],
)
def test_pages_are_chosen_by_pattern_and_by_front_matter(
    site: Site, service: Service, narrate: object, front_matter: str, narrated: bool
) -> None:
    site.write({"guide/start.md": f"{front_matter}# Start here\n\nThis page is chosen by a pattern.\n"})

    site.build(strict=True, narrate=narrate)

    assert bool(service.spoken) == narrated
    assert bool(site.clips("guide/start/index.html")) == narrated


def test_a_narrated_page_shares_its_sentences_with_blocks(site: Site, service: Service) -> None:
    site.write({"index.md": "# Home\n\n:::speak\nA sentence for a block and for its page.\n:::\n"})
    site.build(strict=True)
    service.clear()

    site.build(strict=True, narrate=["index.md"])

    assert service.spoken == ["Home"]


@pytest.mark.parametrize(
    ("block", "warning"),
    [
        (":::speak language=french\nBonjour à tous.\n:::", "'french' is not a language"),
        (":::speak speed=fast\nBonjour à tous.\n:::", "'fast' is not a number"),
        (":::speak\nBonjour à tous.\n{: language=french }\n:::", "'french' is not a language"),
        (":::speak\nBonjour à tous.\n\n:::speak\nA block that is closed.\n:::", "not closed before the next"),
        ("::: {.speak language=fr}\nBonjour à tous.\n:::", "looks like the start of a block, but is not one"),
        ("1. :::speek\n   Bonjour à tous.\n   :::", "looks like the start of a block, but is not one"),
    ],
)
def test_what_is_wrong_in_a_block_is_not_spoken_with_its_page(
    site: Site, service: Service, expect_warning: Callable[[str], None], block: str, warning: str
) -> None:
    """Its author would pay for it in the page's voice, and again in its own when it is corrected."""
    expect_warning(rf"index\.md:\d+ .*{warning}")
    site.config["markdown_extensions"] = ["attr_list"]
    site.write({"index.md": f"# Welcome\n\nBefore it.\n\n{block}\n\nAnd after it.\n"})

    site.build(narrate=True)

    spoken = " ".join(service.spoken)
    assert "Before it." in spoken
    assert "And after it." in spoken
    assert "Bonjour" not in spoken
    assert "Bonjour à tous." in site.html("index.html")


@pytest.mark.parametrize(
    ("page", "warning"),
    [
        ("---\nlightning: {narrate: true}\n---\n```\ncode\n```\n", r"index\.md: there is nothing to narrate"),
        (
            "---\nlightning: {narrate: often}\n---\n# Hi\n",
            r"index\.md:2: front matter.*'often' is neither true nor false",
        ),
        ("---\nlightning: {narrate: true, voice_id: voice_1}\n---\n# Hi\n", r"index\.md: 'voice_1' is a cloned voice"),
    ],
)
def test_what_cannot_be_narrated_is_told(
    site: Site, service: Service, expect_warning: Callable[[str], None], page: str, warning: str
) -> None:
    expect_warning(warning)
    site.write({"index.md": page})

    site.build()

    assert service.requests == []
    assert site.clips("index.html") == []


def test_a_page_without_prose_is_passed_over_where_many_are_narrated(site: Site, service: Service) -> None:
    """Such as one that only leads to another; its own front matter did not ask for a voice."""
    code = "```\ncode\n```\n"
    site.write({"index.md": "# Title\n\nHome\n", "moved.md": code, "guide/code.md": code})
    site.write({"guide/.meta.yml": "lightning: {narrate: true}\n", "2026.md": "# A list of posts\n"})

    site.build(strict=True, narrate=["moved.md", "index.md", "2026.md"])

    assert set(service.spoken) == {"Title", "Home"}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (3, r"\[3\] is not a list of patterns"),
        (r"guide\voices\*.md", r"'guide\\voices\\\*\.md' has a backslash; write 'guide/voices/\*\.md'"),
        (r"guide\\*.md", r"'guide\\\\\*\.md' has a backslash; write 'guide/\*\.md'"),
    ],
)
def test_a_wrong_pattern_stops_the_build(
    site: Site, expect_warning: Callable[[str], None], pattern: object, words: str
) -> None:
    expect_warning("option 'narrate': " + words)
    site.write({"index.md": "# Hi\n"})

    with pytest.raises(SystemExit):
        site.build(narrate=[pattern])


@pytest.mark.parametrize("flag", ["true", "False "])
def test_a_flag_in_quotes_stops_the_build(site: Site, expect_warning: Callable[[str], None], flag: str) -> None:
    expect_warning(f"option 'narrate': '{flag}' is text; write {flag.strip().lower()} without quotes")
    site.write({"index.md": "# Hi\n"})
    with pytest.raises(SystemExit):
        site.build(narrate=flag)


def test_a_backslash_escapes_what_would_be_special(site: Site, service: Service) -> None:
    site.write({"#1.md": "Number one\n", "index.md": "# Hi\n"})
    site.build(strict=True, narrate=[r"\#1.md"])
    assert service.spoken == ["Number one"]
