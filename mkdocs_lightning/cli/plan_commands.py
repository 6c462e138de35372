"""The commands that show what a site needs, and send nothing: `plan`, `check`, `transcript`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from mkdocs.utils import is_markdown_file

from mkdocs_lightning.base.errors import count, did_you_mean, listed
from mkdocs_lightning.base.file_system import is_same_file, is_within, to_nfc
from mkdocs_lightning.cli.output import (
    BAD_USAGE,
    FAILED,
    fail,
    github_annotation,
    is_on_github,
    print_json,
    usage_errors_shown,
)
from mkdocs_lightning.cli.site_reader import config_file_option, read_site
from mkdocs_lightning.cli.site_report import Move, distinct_uses, line_of, location_of, moved_voices, page_of
from mkdocs_lightning.engines import voice_warnings
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from collections.abc import Collection

    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.cli.site_report import SiteReport
    from mkdocs_lightning.reading.voice import Voice
    from mkdocs_lightning.site.spoken_block import BlockUse

json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON object for programs.")


@click.command(short_help="Show what the site needs, and what it will cost.")
@json_option
@click.option("--model", help="What if the site moved to this model of Lightning?")
@click.option("--voice-id", help="What if this voice spoke the whole site?")
@config_file_option
@click.pass_obj
def plan(config_file: str | None, model: str | None, voice_id: str | None, *, as_json: bool) -> None:
    """Show what the site needs, what is cached, and what the rest will cost. Sends nothing."""
    if model is not None or voice_id is not None:
        _plan_move(config_file, model, voice_id, as_json=as_json)
        return
    site, report = _read_report(config_file)
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(report.as_text(site.engine))


def _plan_move(config_file: str | None, model: str | None, voice_id: str | None, *, as_json: bool) -> None:
    """Show what moving a site to another model or voice would cost."""
    with usage_errors_shown():
        move = Move(model, voice_id)
    site = read_site(config_file, Purpose.PLAN, engine="lightning")
    with usage_errors_shown():
        report = site.report(move)
        changed = moved_voices(site.narrations, move)
    _warn_of_voices(site, report)
    if as_json:
        print_json({**report.as_json(), "moved_voices": changed})
        return
    click.echo(report.as_text(site.engine))
    for before, after in changed.items():
        click.echo(f"{before} would be replaced by {listed(after)}.")


@click.command(short_help="Exit 1 if audio is missing from the cache (for CI).")
@json_option
@click.option("--verify", is_flag=True, help="Read each cached sentence whole, and count a damaged one as missing.")
@config_file_option
@click.pass_obj
def check(config_file: str | None, *, as_json: bool, verify: bool) -> None:
    """For CI: exit 1 if a sentence of the site is missing from the cache, and list those. Sends nothing."""
    site, report = _read_report(config_file, verify=verify)
    missing = report.plan.missing
    if as_json:
        print_json(report.as_json())
    elif missing:
        click.echo(f"{count(len(missing), 'sentence')} missing: {report.figures.cost}.")
        for line in _missing_lines(report, site.docs_dir):
            click.echo(line)
        click.echo("Synthesize with 'mkdocs-lightning synth'.")
    else:
        click.echo(f"Nothing missing: {count(len(report.plan.segments), 'sentence')} cached.")
    sys.exit(FAILED if missing else 0)


@click.command(short_help="Print what is spoken on one page.")
@click.argument("page")
@config_file_option
@click.pass_obj
def transcript(config_file: str | None, page: str) -> None:
    """Print what is spoken on PAGE, such as guide/start.md, sentence by sentence."""
    site = read_site(config_file, Purpose.PLAN)
    uses = distinct_uses(site.narrations)
    pages = {page_of(use) for use in uses}
    wanted = _page_uri(page, site.docs_dir, pages)
    if wanted not in pages:
        if _is_source(site.docs_dir / wanted, site.docs_dir):
            click.echo(f"nothing is spoken on {wanted}", err=True)
            return
        fail(f"there is no page {page!r}{did_you_mean(wanted, pages)}", BAD_USAGE)
    for use in uses:
        if page_of(use) == wanted:
            _print_script(use)


def _print_script(use: BlockUse) -> None:
    """Print what is spoken of a block or a page: where it is and who speaks, then the sentences."""
    click.echo(f"{location_of(use)} {_speaker(use.block.voice)}")
    for sentence, voice in zip(use.block.sentences, use.block.voices, strict=True):
        speaker = "" if voice == use.block.voice else f"{_speaker(voice)} "
        for part in sentence.parts:
            click.echo(f"  {speaker}{part}")


def _speaker(voice: Voice) -> str:
    return f"({voice.voice_id}, {voice.language})"


def _read_report(config_file: str | None, *, verify: bool = False) -> tuple[Site, SiteReport]:
    """Read a site, and find out what it needs.

    Args:
        config_file: The site's configuration.
        verify: Whether to read the cached sentences whole; otherwise a look at both ends of each file has to do.
    """
    site = read_site(config_file, Purpose.PLAN)
    with usage_errors_shown():
        if verify and (damaged := site.quarantine_damaged()):
            click.echo(f"WARNING -  {count(damaged, 'damaged file')} of the cache moved to damaged/", err=True)
        report = site.report()
    _warn_of_voices(site, report)
    return site, report


def _warn_of_voices(site: Site, report: SiteReport) -> None:
    """Warn of voices that a build would warn of, too."""
    for warning in voice_warnings(site.engine, (segment.voice for segment in report.plan.missing)):
        click.echo(f"WARNING -  {warning}", err=True)


def _missing_lines(report: SiteReport, docs_dir: Path) -> list[str]:
    """The missing sentences, by page and block; on GitHub as annotations of the pages' files."""
    lines = []
    on_github = is_on_github()
    for page in report.pages:
        for use in page.uses:
            missing = [segment.text for segment in page.missing_of(use)]
            if missing and on_github:
                file = docs_dir / page.page
                lines.append(github_annotation(file, line_of(use) or 1, "Missing audio", "; ".join(missing)))
            elif missing:
                lines += [location_of(use), *(f"  {text}" for text in missing)]
    return lines


def _is_source(file: Path, docs_dir: Path) -> bool:
    """Whether a file is the source of a page of the site."""
    return is_markdown_file(file.name) and is_within(file, docs_dir) and file.is_file()


def _page_uri(page: str, docs_dir: Path, pages: Collection[str]) -> str:
    """A page's path in the docs directory, also if the path of its file is given, or is spelled in another way.

    Args:
        page: As given.
        docs_dir: Where the pages' sources are.
        pages: The paths of those on which something is spoken.
    """
    path = Path(page)
    uri = path.as_posix()
    if path.exists() and path.resolve().is_relative_to(docs_dir.resolve()):
        uri = path.resolve().relative_to(docs_dir.resolve()).as_posix()
    if uri in pages:
        return uri
    file = path if path.exists() else docs_dir / path  # `Guide.md` for guide.md, where that is the same file
    same = (name for name in sorted(pages) if to_nfc(name) == to_nfc(uri) or is_same_file(docs_dir / name, file))
    return next(same, uri)
