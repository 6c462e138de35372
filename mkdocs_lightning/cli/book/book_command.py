"""The command `book`: a site as an EPUB that reads itself aloud."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mkdocs_lightning.base.errors import LightningError, count
from mkdocs_lightning.cli.book.book_pages import files_of, metadata_of, missing_in, pages_of
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, check_writable, fail, log, size_text, warnings_shown
from mkdocs_lightning.cli.site_reader import load_site, read_site
from mkdocs_lightning.exports.book.book_file import write_book
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from mkdocs_lightning.exports.book.book_file import BookReport
    from mkdocs_lightning.plugin.read_site import ReadSite

_SUFFIX = ".epub"


@click.command(short_help="Make a talking book (EPUB) of the site.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The EPUB file to write."
)
@config_file_option
@click.pass_obj
def book(config_file: str | None, output: Path) -> None:
    """Synthesize what is missing, and make a talking book of the site. Costs money."""
    _check_usage(output, config_file)
    site = read_site(config_file, Purpose.BOOK)
    if not site.read:
        _fail_without_book()
    paths = [_path_for(language, output, is_one=len(site.read) == 1) for language in site.read]
    with warnings_shown():
        for language, path in zip(site.read, paths, strict=True):
            _make(language, path)
    sys.exit(FAILED if any(narration.supply.report.missing for narration in site.narrations) else 0)


def _check_usage(output: Path, config_file: str | None) -> None:
    """End the command, before anything is paid for, if no book can be made."""
    if output.suffix.lower() != _SUFFIX:
        fail(f"'{output}' does not end in .epub; the command makes no other kind of file", BAD_USAGE)
    if not output.parent.is_dir():
        fail(f"there is no directory {output.parent}; create it first", BAD_USAGE)
    if find_spec("tinyhtml5") is None:
        if not load_site(config_file).options.enabled:  # nobody installs a package for a site that has no book
            _fail_without_book()
        fail("book needs the package tinyhtml5: pip install 'mkdocs-lightning[book]'", BAD_USAGE)
    check_writable(output)


def _fail_without_book() -> NoReturn:
    fail("the book was not made: the plugin 'lightning' is not enabled in mkdocs.yml", BAD_USAGE)


def _path_for(language: ReadSite, output: Path, *, is_one: bool) -> Path:
    """The file for one language; of a site in several, its code stands before the suffix."""
    return output if is_one else output.with_suffix(f".{language.locale}{output.suffix}")


def _make(language: ReadSite, path: Path) -> None:
    """Make the book of one language, and say what is in it."""
    pages = list(pages_of(language))
    if not pages:
        fail("the book was not made: the site has no pages", BAD_USAGE)
    for uri, missing in missing_in(language).items():
        log.warning(
            "%s: %s missing, so the book has only text there. Run the command again to try once more",
            uri,
            count(missing, "clip"),
        )
    try:
        report = write_book(path, metadata_of(language), pages, files_of(language))
    except LightningError as error:
        fail(str(error), FAILED)
    except OSError as error:
        fail(f"'{path}' cannot be written ({error.strerror})", FAILED)
    click.echo(f"{path}: {_summary(report)}, {size_text(path.stat().st_size)}")


def _summary(report: BookReport) -> str:
    minutes, seconds = divmod(round(report.seconds), 60)
    return f"{count(report.pages, 'page')}, {report.read} of them read aloud, {minutes}:{seconds:02} of audio"
