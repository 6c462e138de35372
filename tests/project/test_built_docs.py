"""The documentation as it is built: it speaks, and each page shows what its source says."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_lightning.plugin.config import LightningConfig
from tests.support.fences import PAGES, fences
from tests.support.html import Page
from tests.support.repository import DOCS, ROOT
from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
NAMES = [path.relative_to(DOCS).as_posix() for path in PAGES]
SILENT_TAGS = frozenset(["pre", "code", "script", "style"])
UNFINISHED = re.compile(r":::+ ?speak|--8<--|\{: ?\w|\{pause|\{\.nospeak|</?speak-block|^:::+$", re.MULTILINE)
"""What a page's text shows only if an extension has not read it."""


@dataclass
class Built(Site):
    """The documentation, built.

    Attributes:
        warnings: What MkDocs and its plugins warned of.
    """

    warnings: list[str] = field(default_factory=list)


class _Warnings(logging.Handler):
    """Notes warnings, and what is worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The documentation, built with an empty cache."""
    root = tmp_path_factory.mktemp("docs")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(root / "site"))
    plugin = config.plugins["lightning"].config
    assert isinstance(plugin, LightningConfig)
    plugin.cache_dir = str(root / "cache")
    noted = _Warnings()
    logging.getLogger("mkdocs").addHandler(noted)
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
        logging.getLogger("mkdocs").removeHandler(noted)
    return Built(root, {}, warnings=noted.messages)


def address(name: str) -> str:
    """Where the page of a source is in the site."""
    return re.sub(r"(^|/)index/index\.html$", r"\1index.html", f"{name.removesuffix('.md')}/index.html")


class Shown(HTMLParser):
    """A page's text, apart from code, and its blocks of code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._open: list[str] = []
        self.prose = ""
        self.code: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in SILENT_TAGS:
            self._open.append(tag)
        if tag == "pre":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if "pre" in self._open:
            self.code[-1] += data
        elif not self._open:
            self.prose += data


def test_it_builds_without_a_warning(built: Built) -> None:
    assert built.warnings == []


def test_it_speaks_and_every_player_plays(built: Built) -> None:
    site = built.root / "site"
    players = {page: built.clips(page.relative_to(site).as_posix()) for page in site.rglob("*.html")}
    assert all(duration(clip) > 1 for clips in players.values() for clip in clips)
    assert len([page for page, clips in players.items() if clips]) >= 10
    for name in NAMES:
        if "\nlightning: {narrate: true}\n" in (DOCS / name).read_text(encoding="utf-8"):
            (clip,) = players[site / address(name)]
            assert duration(clip) > 60
    assert not any("://" in source for page in players for source in sources(page) if "smallest.ai" not in source)


def sources(page: Path) -> list[str]:
    """What a browser fetches for a page by itself."""
    html = page.read_text(encoding="utf-8")
    return re.findall(r'<(?:script|img|audio|source)[^>]*\bsrc="([^"]+)"', html) + re.findall(
        r'<link[^>]*\brel="(?:stylesheet|preconnect|icon)"[^>]*\bhref="([^"]+)"', html
    )


def trimmed(code: str) -> str:
    """Without spaces at the ends of lines, and without empty lines around."""
    return "\n".join(line.rstrip() for line in code.strip("\n").splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_of_the_source_is_on_the_page_and_nothing_is_left_unread(built: Built, name: str) -> None:
    shown = Shown(built.html(address(name)))

    code = [trimmed(block) for block in shown.code]
    for fence in fences(name):
        assert trimmed(fence.code), f"{fence} is empty"
        assert trimmed(fence.code) in code, f"{fence} is not on the page"
    assert not [block for block in code if re.search(r"--\s*8\s*<", block) or not block]
    assert not UNFINISHED.search(shown.prose), UNFINISHED.findall(shown.prose)


@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_the_source_has_its_player(built: Built, name: str) -> None:
    source = re.sub(
        r"^( *)(`{3,}).*?^\1\2$", "", (DOCS / name).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    blocks = re.findall(r"^ *:::+ ?speak\b", source, re.MULTILINE)
    is_narrated = "\nlightning: {narrate: true}\n" in source
    assert len(built.clips(address(name))) == len(blocks) + is_narrated


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere_and_every_picture_has_a_text(built: Built, name: str) -> None:
    page = built.root / "site" / address(name)
    found = Page(page.read_text(encoding="utf-8")).elements
    targets = [attributes[key] for _, attributes in found for key in ("href", "src") if attributes.get(key)]
    for target in filter(None, targets):
        url = urlsplit(target)
        if url.scheme or url.netloc:
            assert url.scheme in {"https", "mailto"}, target
            continue
        file = (page.parent / unquote(url.path)).resolve() if url.path else page
        file = file / "index.html" if file.is_dir() else file
        assert file.is_file(), target
        anchor = unquote(url.fragment).partition("&t=")[0]
        if anchor and file.suffix == ".html":
            assert f'id="{anchor}"' in file.read_text(encoding="utf-8"), target
    assert all(attributes.get("alt") for tag, attributes in found if tag == "img")


def test_every_page_can_be_searched_for(built: Built) -> None:
    index = json.loads((built.root / "site/search/search_index.json").read_text(encoding="utf-8"))
    searched = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert searched == {address(name).removesuffix("index.html") for name in NAMES}


def test_it_stays_small(built: Built) -> None:
    """Everybody who checks the project out builds it, with all of its sound."""
    files = [path for path in (built.root / "site").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25_000_000
