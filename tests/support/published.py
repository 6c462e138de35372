"""What a whole build has published: its pages, captions and descriptions, each link followed as a browser does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.support.html import Attributes, attributes, with_class

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.sites import Site


THEMES = ("mkdocs", "readthedocs", "material")
SITE_URL = "https://docs.example.org/book/"
FIRST = "The first sentence of this page is here."
SECOND = "And this is the second one, a little longer."
PAGE = f"# Title\n\n:::speak\n{FIRST} {SECOND}\n:::\n"
NARRATE = "---\nlightning: {narrate: true}\n---\n"
NARRATED = f"{NARRATE}# Narrated\n\n{FIRST}\n\n{SECOND}\n"


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def pages_of(site: Site) -> list[str]:
    """The built pages that have a player."""
    root = site.root / "site"
    pages = [str(path.relative_to(root)) for path in root.rglob("*.html")]
    return sorted(page for page in pages if "<audio" in site.html(page))


def data_of(site: Site, page: str) -> list[dict[str, Any]]:
    """What a page says of its clips in JSON-LD."""
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', site.html(page), re.DOTALL)
    graphs = [json.loads(script) for script in scripts]
    assert all(graph["@context"] == "https://schema.org" for graph in graphs)
    return [clip for graph in graphs for clip in graph["@graph"]]


def published(site: Site, url: str) -> Path:
    """The file that is behind a whole address of the site."""
    assert url.startswith(SITE_URL)
    return site.root / "site" / url.removeprefix(SITE_URL)


def tracks_of(site: Site, page: str) -> list[str]:
    """The WebVTT that each player of a page links to, in their order; each link is followed as a browser does."""
    folder = (site.root / "site" / page).parent
    return [
        (folder / (found["src"] or "")).read_text(encoding="utf-8") for found in attributes(site.html(page), "track")
    ]


def cues_of(track: str) -> list[tuple[float, float, str]]:
    """The cues of a WebVTT file: start, end, text."""
    head, *blocks = track.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    cues = []
    for block in blocks:
        times, text = block.split("\n")
        start, end = (re.fullmatch(r"(\d\d+):(\d\d):(\d\d\.\d{3})", time) for time in times.split(" --> "))
        assert start
        assert end
        seconds = [int(time[1]) * 3600 + int(time[2]) * 60 + float(time[3]) for time in (start, end)]
        cues.append((*seconds, text))
    return cues  # type: ignore[return-value]


def starts_of(player: Attributes) -> list[float]:
    return [float(start) for start in (player["data-starts"] or "").split()]


CHINESE = "这是一句很长的话"
SEARCHED = {
    "index.md": f"# Home\n\nBefore.\n\n:::speak\n{FIRST} {SECOND}\n\n- An *item* & `more`.\n:::\n\nAfter.\n",
    "hidden.md": f"# Hidden\n\n:::speak text=hide title=Zebra\n{FIRST}\n:::\n\n## Part\n\n:::speak\n{SECOND}\n:::\n",
    "shut.md": f"# Collapsed\n\n- Item\n\n    :::speak text=collapse title=Zebra\n    {FIRST}\n    :::\n\nAfter.\n",
    "nested.md": f"# Nested\n\n::::speak\n{FIRST}\n\n:::speak language=de\n{SECOND}\n:::\n\nEnd.\n::::\n",
    "narrated.md": NARRATED,
    "both.md": f"{NARRATE}No title.\n\n:::speak\n{FIRST}\n:::\n\n## Part\n\n{SECOND}\n",
    "chinese.md": f"# 中文\n\n:::speak\n{CHINESE * 4}。{CHINESE * 5}。\n:::\n\n## 第二\n\n日本語の文です。\n",
    "thai.md": f"{NARRATE}# ไทย\n\nนี่คือประโยคแรกของย่อหน้านี้\n",
}


def languages_of(site: Site, page: str = "index.html") -> list[tuple[str | None, str | None]]:
    return [(found.get("lang"), found.get("dir")) for found in with_class(site.html(page), "speak-text")]
