"""The commands that show what a site needs, and send nothing: `plan`, `check`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.base.errors import count, listed, printable
from mkdocs_lightning.cache.files import pointer_notice
from mkdocs_lightning.cli.changes.as_json import changes_as_json
from mkdocs_lightning.cli.changes.markdown import markdown_of_changes, markdown_of_report
from mkdocs_lightning.cli.changes.markdown_text import plain
from mkdocs_lightning.cli.changes.since import reading_since
from mkdocs_lightning.cli.changes.text import text_of_changes
from mkdocs_lightning.cli.changes.wording import OF_SITE, summary_of
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import (
    BAD_USAGE,
    FAILED,
    fail,
    json_option,
    print_json,
    usage_errors_shown,
    warn,
)
from mkdocs_lightning.cli.review.unused_words import tell_of_unused_words
from mkdocs_lightning.cli.site_reader import read_site, warn_if_disabled
from mkdocs_lightning.cli.site_report import (
    Move,
    dollars,
    line_of,
    location_of,
    moved_voices,
    unspoken_notice,
)
from mkdocs_lightning.plugin.annotations import Level, github_annotation, is_on_github
from mkdocs_lightning.plugin.build import open_lexicon
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.cli.site_report import SiteReport


class Form(StrEnum):
    """How `plan` prints; the values are those of `--format`."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


_IS_JSON = f"{__name__}.is_json"
"""Where click's context remembers the option `--json`, which is read before `--format`."""

_LIMIT = f"{__name__}.limit"
"""Where it remembers the option `--fail-above`, which concerns nothing that is printed."""


def _note_json(context: click.Context, _parameter: click.Parameter, is_json: object) -> None:
    context.meta[_IS_JSON] = is_json


def _note_limit(context: click.Context, _parameter: click.Parameter, limit: float | None) -> None:
    context.meta[_LIMIT] = limit


def _form(context: click.Context, _parameter: click.Parameter, chosen: str | None) -> Form:
    """How to print, from two options that must agree."""
    if not context.meta[_IS_JSON]:
        return Form(chosen or Form.TEXT)
    if chosen not in (None, Form.JSON):
        fail(f"--json cannot be combined with --format {chosen}", BAD_USAGE)
    return Form.JSON


@click.command(short_help="Show what the site needs, and what it will cost.")
@click.option("--since", metavar="REF", help="Show what has changed since this branch, tag or commit.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    callback=_form,
    help="The output format. Default: text.",
)
@click.option(
    "--json", is_flag=True, is_eager=True, expose_value=False, callback=_note_json, help="The same as --format json."
)
@click.option("--model", help="Show what it would cost to move the site to this Lightning model.")
@click.option("--voice-id", help="Show what it would cost if this voice spoke the whole site.")
@click.option(
    "--fail-above",
    metavar="DOLLARS",
    type=click.FloatRange(min=0),
    expose_value=False,
    callback=_note_limit,
    help="Exit with 1 if it costs more; with --since, if the changes do. A price that is not known is more, too.",
)
@config_file_option
@click.pass_obj
def plan(config_file: str | None, since: str | None, form: Form, model: str | None, voice_id: str | None) -> None:
    """Show what the site needs, what is cached, and what the rest will cost. Sends nothing."""
    if model is not None or voice_id is not None:
        if since is not None:
            fail("--since cannot be combined with --model or --voice-id: ask for one after the other", BAD_USAGE)
        price = _plan_move(config_file, model, voice_id, form)
    elif since is not None:
        price = _plan_since(config_file, since, form)
    else:
        site, report = _read_report(config_file)
        with usage_errors_shown():
            tell_of_unused_words(open_lexicon(site.options), site.narrations)
        _print_report(report, site, form)
        price = report.figures.price_usd
    _check_price(price)


def _check_price(price: float | None) -> None:
    """End the command if `--fail-above` is given, and it is not certain that the price is not above it."""
    limit: float | None = click.get_current_context().meta[_LIMIT]
    if limit is not None and not (price is not None and price <= limit):
        fail(f"the price is {dollars(price)}, and --fail-above is {limit:g}", FAILED)


def _print_report(report: SiteReport, site: Site, form: Form) -> None:
    if form is Form.JSON:
        print_json(report.as_json())
    elif form is Form.MARKDOWN:
        click.echo(markdown_of_report(report, site.engine), nl=False)
    else:
        click.echo(report.as_text(site.engine))


def _plan_since(config_file: str | None, since: str, form: Form) -> float | None:
    """Show what has changed since a revision; where that cannot be told, the plan alone, and why.

    Returns:
        The price of the changes, or else of all that is missing; None if it is not known.
    """
    with usage_errors_shown(), reading_since(config_file, since) as earlier:
        site, report = _read_report(config_file)
        changes = earlier.changes_until(site, report)
    if changes.diff is None:
        warn(summary_of(changes))
    if form is Form.JSON:
        print_json({**report.as_json(), "changes": changes_as_json(changes)})
    elif form is Form.MARKDOWN:
        click.echo(markdown_of_changes(changes, report, site.engine), nl=False)
    elif changes.diff is None:
        click.echo(report.as_text(site.engine))
    else:
        click.echo("\n".join([text_of_changes(changes), *report.summary(site.engine, OF_SITE)]))
    return report.figures.price_usd if changes.diff is None else changes.diff.figures.price_usd


def _plan_move(config_file: str | None, model: str | None, voice_id: str | None, form: Form) -> float | None:
    """Show what moving a site to another model or voice would cost; returns that price, None if it is not known."""
    with usage_errors_shown():
        move = Move(model, voice_id)
    site = read_site(config_file, Purpose.PLAN, engine="lightning")
    with usage_errors_shown():
        report = site.report(move)
        changed = moved_voices(site.narrations, move)
    _warn_of_voices(site, report)
    if form is Form.JSON:
        print_json({**report.as_json(), "moved_voices": changed})
        return report.figures.price_usd
    _print_report(report, site, form)
    for before, after in changed.items():
        line = f"{before} would be replaced by {listed(after)}."
        click.echo(f"\n{plain(line)}" if form is Form.MARKDOWN else line)
    return report.figures.price_usd


@click.command(short_help="For CI: exit with 1 if audio is missing, or a block cannot be spoken.")
@json_option
@click.option("--verify", is_flag=True, help="Read each cached sentence in full, and count damaged ones as missing.")
@config_file_option
@click.pass_obj
def check(config_file: str | None, *, as_json: bool, verify: bool) -> None:
    """For CI: list what is missing from the cache, or cannot be spoken; exit with 1 if there is any. Sends nothing."""
    site, report = _read_report(config_file, verify=verify)
    missing = report.plan.missing
    is_complete = not (missing or report.unspoken or site.cache.pointers)
    if as_json:
        print_json(report.as_json())
    elif missing:
        click.echo(f"{count(len(missing), 'sentence')} missing: {report.figures.cost}.")
        for line in _missing_lines(report, site.docs_dir):
            click.echo(line)
        click.echo("Synthesize with 'mkdocs-lightning synth'.")
    elif is_complete:
        click.echo(f"Nothing missing: {count(len(report.plan.segments), 'sentence')} cached.")
    if report.unspoken and not as_json:
        click.echo(unspoken_notice(report.unspoken))
    sys.exit(0 if is_complete else FAILED)


def _read_report(config_file: str | None, *, verify: bool = False) -> tuple[Site, SiteReport]:
    """Read a site, and find out what it needs.

    Args:
        config_file: The site's configuration.
        verify: Whether to read the cached sentences whole; otherwise a look at both ends of each file has to do.
    """
    site = read_site(config_file, Purpose.PLAN)
    with usage_errors_shown():
        if verify and (damaged := site.quarantine_damaged()):
            warn(f"{count(damaged, 'damaged file')} of the cache moved to damaged/")
        report = site.report()
    if site.cache.pointers:
        warn(pointer_notice(site.cache.pointers.values()))
    _warn_of_voices(site, report)
    warn_if_disabled(site)
    if site.read and not any(language.pages for language in site.read):
        fail(
            "docs_dir has no pages. For a site that another program builds, run 'mkdocs-lightning publish SITE_DIR "
            "--dry-run'",
            BAD_USAGE,
        )
    return site, report


def _warn_of_voices(site: Site, report: SiteReport) -> None:
    """Warn of voices that a build would warn of, too."""
    for notice in report.voice_notices(site.engine):
        warn(notice)


def _missing_lines(report: SiteReport, docs_dir: Path) -> list[str]:
    """The missing sentences, by page and block; on GitHub as annotations of the pages' sources."""
    lines = []
    for page in report.pages:
        for use in page.uses:
            missing = [segment.text for segment in page.missing_of(use)]
            if missing and is_on_github():
                file = docs_dir / page.page
                text = "; ".join(missing)
                lines.append(github_annotation(Level.WARNING, text, "Missing audio", file, line_of(use) or 1))
            elif missing:
                lines += [location_of(use), *(f"  {printable(text)}" for text in missing)]
    return lines
