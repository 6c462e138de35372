"""The samples of a page: its fenced blocks of code, as Markdown has them, wherever they are indented."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.repository import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = sorted(DOCS.rglob("*.md"))
_OPENER = re.compile(r"(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)")
_SNIPPET = re.compile(r'^--8<-- "([^"]+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """A sample.

    Attributes:
        page: Its path within docs/, with forward slashes.
        line: Of the page, on which it opens, from 1.
        language: The first word behind the ticks; empty if there is none.
        title: The name of the file that it shows; empty if it shows none.
        code: Without its indentation, with snippets put in.
    """

    page: str
    line: int
    language: str
    title: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def fences(page: str) -> Iterator[Fence]:
    """All samples of a page, in their order."""
    lines = iter(enumerate((DOCS / page).read_text(encoding="utf-8").splitlines(), start=1))
    for number, line in lines:
        if opener := _OPENER.fullmatch(line):
            code = "".join(f"{inner}\n" for inner in _inside(lines, opener["ticks"]))
            info = opener["info"].strip()
            title = re.search(r'title="([^"]+)"', info)
            yield Fence(
                page=page,
                line=number,
                language=info.split(maxsplit=1)[0] if info else "",
                title=title[1] if title else "",
                code=_SNIPPET.sub(lambda found: _snippet(found[1]), textwrap.dedent(code)),
            )


def _inside(lines: Iterator[tuple[int, str]], ticks: str) -> Iterator[str]:
    """The lines up to the one that closes a fence."""
    closer = re.compile(rf" *{ticks[0]}{{{len(ticks)},}} *")
    for _, line in lines:
        if closer.fullmatch(line):
            return
        yield line


def _snippet(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8").rstrip("\n")


FENCES = [fence for page in PAGES for fence in fences(page.relative_to(DOCS).as_posix())]


def samples(*languages: str) -> list[Fence]:
    """All samples of the documentation in one of these languages."""
    return [fence for fence in FENCES if fence.language in languages]
