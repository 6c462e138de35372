"""The command `lint`: what is written wrongly in Markdown files, without a site, a key or a cache."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from mkdocs.utils import is_markdown_file

from mkdocs_lightning.base.errors import count, printable
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, fail
from mkdocs_lightning.cli.writing.source_checker import Finding, SourceChecker
from mkdocs_lightning.plugin.annotations import Level, github_annotation, is_on_github

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_OURS = re.compile(r":::|^[ \t>*+-]*::|narrate|voice_id|^[ \t]*li\w{3,9}:", re.MULTILINE | re.IGNORECASE)
"""What each file has that may have a mistake: colons, settings, or a key that resembles `lightning`."""


@click.command(short_help="Check Markdown files, without building the site.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
def lint(paths: tuple[Path, ...]) -> None:
    """Find mistakes in the blocks and the front matter of Markdown files.

    PATH is such a file, or a folder that contains some. Needs no mkdocs.yml, and sends nothing.
    """
    checker = SourceChecker()
    files = list(dict.fromkeys(_files_in(paths)))
    found = [(file, finding) for file in files for finding in _check(checker, file)]
    for file, finding in found:
        place = f"{file.as_posix()}:{finding.line}" if finding.line else file.as_posix()
        click.echo(f"{printable(place)}: {finding.text}")
        if is_on_github():  # whose log does not show an annotation's place
            click.echo(github_annotation(Level.ERROR, finding.text, "Narration", file.absolute(), finding.line or 1))
    click.echo(f"{count(len(found), 'diagnostic')} in {count(len(files), 'file')}.", err=bool(found))
    sys.exit(FAILED if found else 0)


def _files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that were named, and the Markdown files in folders; ends the command if there is none of a name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if _is_source(file.relative_to(path)) and file.is_file())
        elif path.is_file():
            yield path
        else:
            fail(f"there is no file '{printable(str(path))}'", BAD_USAGE)


def _is_source(file: Path) -> bool:
    """Whether a file, relative to a folder that was named, is Markdown, and not within a hidden folder."""
    return is_markdown_file(file.name) and not any(part.startswith(".") for part in file.parts)


def _check(checker: SourceChecker, file: Path) -> Sequence[Finding]:
    """What is wrong in a file; ends the command if it cannot be read."""
    try:
        source = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"'{printable(str(file))}' cannot be read ({error.strerror})", BAD_USAGE)
    except UnicodeDecodeError as error:
        return [Finding(None, f"the file is not UTF-8 (byte {error.start + 1:,}). Save it as UTF-8")]
    return checker.check(source) if _OURS.search(source) else []
