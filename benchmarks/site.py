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

Plugins = dict[str, dict[str, object]]
"""The options of each, by its name."""

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
        plugins: All of them.
        config: More of mkdocs.yml.
    """

    root: Path
    plugins: Plugins
    config: Mapping[str, object] = field(default_factory=dict)

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

    @property
    def is_spoken(self) -> bool:
        """Whether our plugin is on."""
        return "lightning" in self.plugins

    def write(self, pages: Sequence[Page], script: Script) -> None:
        """Write pages, with what is spoken on them."""
        for page in pages:
            path = self.docs / page.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(script.text_of(page, spoken=self.is_spoken), encoding="utf-8")

    def write_config(self, **options: object) -> None:
        """Write mkdocs.yml, with other options of our plugin."""
        plugins = {name: {**own, **options} if name == "lightning" else own for name, own in self.plugins.items()}
        whole = {
            "site_name": "Benchmark",
            "theme": {"name": "material"},
            "markdown_extensions": markdown_extensions(),
            "plugins": plugins,
            "validation": _NO_WARNINGS,
            **self.config,
        }
        self.config_file.write_text(yaml.safe_dump(whole), encoding="utf-8")


@dataclass(frozen=True)
class Script:
    """What is spoken on the pages of a site.

    Attributes:
        blocks: On each page, of its own prose; where it has too little, sentences that name the page are added.
        further: A sentence more for some pages, each a block, by the name of the page.
    """

    blocks: int
    further: Mapping[str, str] = field(default_factory=dict)

    def text_of(self, page: Page, *, spoken: bool) -> str:
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


def write_site(root: Path, pages: Sequence[Page], script: Script, plugins: Plugins, **config: object) -> Site:
    """Write a site.

    Args:
        root: Its directory.
        pages: Of which corpus.
        script: What is spoken, with our plugin among the plugins; else the same words as plain text.
        plugins: All of them.
        config: More of mkdocs.yml.
    """
    site = Site(root, plugins, config)
    site.write(pages, script)
    site.write_config()
    return site


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
