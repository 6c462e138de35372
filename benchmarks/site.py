"""Sites of one corpus: the same text with blocks and the plugin, or as plain text without it."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.corpus import Page

Options = dict[str, object]

_FENCE = re.compile(r" *(`{3,}|~{3,})")
_PROSE_LINE = re.compile(r"(?!\d+[.)] |\[\^|```)[\w`\"'(\[]")
_FEWEST_LETTERS = 20
_NO_WARNINGS = {
    "nav": {"omitted_files": "ignore", "not_found": "ignore", "absolute_links": "ignore"},
    "links": {"not_found": "ignore", "anchors": "ignore", "absolute_links": "ignore", "unrecognized_links": "ignore"},
}
"""The pages stand without their pictures, and without what other plugins would make."""

_BUILT_IN = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"]
_PYMDOWN = [
    "betterem", "blocks.admonition", "blocks.caption", "blocks.definition", "blocks.details", "blocks.html",
    "blocks.tab", "caret", "critic", "details", "emoji", "highlight", "inlinehilite", "keys", "magiclink", "mark",
    "progressbar", "saneheaders", "smartsymbols", "superfences", "tabbed", "tasklist", "tilde",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A site on the disk.

    Attributes:
        root: Holds mkdocs.yml and docs/.
        output: What a build writes, and each build anew.
    """

    root: Path
    options: Options | None

    @property
    def config_file(self) -> Path:
        """Its mkdocs.yml."""
        return self.root / "mkdocs.yml"

    @property
    def docs(self) -> Path:
        """Its pages."""
        return self.root / "docs"

    @property
    def output(self) -> Path:
        """What a build writes."""
        return self.root / "site"


@dataclass(frozen=True)
class Script:
    """What is spoken on the pages of a site.

    Attributes:
        blocks: On each page; those that its prose does not give are sentences that name the page.
        further: A sentence more for some pages, each a block, by the name of the page.
    """

    blocks: int
    further: Mapping[str, str] = field(default_factory=dict)

    def page(self, page: Page, *, spoken: bool) -> str:
        """A page's text, with its blocks or with the same words as plain paragraphs."""
        chunks = split_chunks(page.text)
        places = [place for place, chunk in enumerate(chunks) if is_prose(chunk)][: self.blocks]
        topic = page.name.removesuffix(".md").replace("/", " ")
        added = [f"This is sentence {n} that was added to {topic}." for n in range(len(places), self.blocks)]
        if page.name in self.further:
            added.append(self.further[page.name])
        places += range(len(chunks), len(chunks) + len(added))
        chunks += added
        if spoken:
            for place in places:
                chunks[place] = f":::speak\n{chunks[place]}\n:::"
        return "\n\n".join(chunks) + "\n"


def write_site(root: Path, pages: Sequence[Page], script: Script, options: Options | None, **config: object) -> Site:
    """Write a site.

    Args:
        root: Its directory.
        pages: Of which corpus.
        script: What is spoken.
        options: Of the plugin; None leaves it out, and the blocks are plain text.
        config: More of mkdocs.yml.
    """
    site = Site(root, options)
    for page in pages:
        path = site.docs / page.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script.page(page, spoken=options is not None), encoding="utf-8")
    write_config(site, **config)
    return site


def write_config(site: Site, **config: object) -> None:
    """Write a site's mkdocs.yml."""
    plugins: list[object] = ["search"]
    if site.options is not None:
        plugins.append({"lightning": site.options})
    whole = {
        "site_name": "Benchmark",
        "theme": {"name": "mkdocs"},
        "markdown_extensions": markdown_extensions(),
        "plugins": plugins,
        "validation": _NO_WARNINGS,
        **config,
    }
    site.config_file.write_text(yaml.safe_dump(whole), encoding="utf-8")


def markdown_extensions() -> list[str]:
    """What the pages need, as far as it is installed."""
    if importlib.util.find_spec("pymdownx") is None:
        return _BUILT_IN
    return [*_BUILT_IN, *(f"pymdownx.{name}" for name in _PYMDOWN)]


def split_chunks(text: str) -> list[str]:
    """What stands between empty lines; fenced code with its empty lines is one chunk."""
    chunks: list[list[str]] = [[]]
    fence = ""
    for line in text.splitlines():
        if not line.strip() and not fence:
            chunks.append([])
            continue
        chunks[-1].append(line)
        marker = _FENCE.match(line)
        if marker and not fence:
            fence = marker[1]
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
    return ["\n".join(chunk) for chunk in chunks if chunk]


def is_prose(chunk: str) -> bool:
    """Whether a chunk is a paragraph of whole sentences, and nothing else."""
    if not chunk[0].isalpha() or not chunk.endswith((".", "!", "?")):
        return False
    if not all(_PROSE_LINE.match(line) for line in chunk.splitlines()):
        return False
    return sum(character.isalpha() for character in chunk) >= _FEWEST_LETTERS and "|" not in chunk
