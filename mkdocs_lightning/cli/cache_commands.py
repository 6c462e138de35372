"""The commands that look after the cache: `cache stats`, `push`, `verify`, `prune`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.base.errors import LightningError, count
from mkdocs_lightning.cache.maintenance import is_gone, prune, stats_of, usage_name, usages, verify
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, fail, size_text, usage_errors_shown
from mkdocs_lightning.cli.site_reader import config_file_option, load_site, read_site
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_DAYS = 36_500  # a century


@click.group()
@config_file_option
def cache() -> None:
    """Look after the audio that is stored."""


@cache.command()
@config_file_option
@click.pass_obj
def stats(config_file: str | None) -> None:
    """Show how much is stored."""
    with usage_errors_shown():
        figures = stats_of(load_site(config_file).cache)
    for kind in ("sentence", "clip"):
        click.echo(f"{count(figures.files.get(kind, 0), kind)}, {size_text(figures.sizes.get(kind, 0))}")
    for site in figures.sites:
        click.echo(f"used by {site}")
    _tell_of_gone(figures.sites)


@cache.command(name="push")
@config_file_option
@click.pass_obj
def push_cache(config_file: str | None) -> None:
    """Store in the remote cache what is only on this machine. Exit 1 if some of it could not be stored."""
    with usage_errors_shown():
        transfers = load_site(config_file).cache.push()
    if transfers is None:
        fail("there is no remote cache: set remote_cache in mkdocs.yml", BAD_USAGE)
    click.echo(f"{count(transfers.stored, 'file')} stored in {transfers.remote.url}")
    for reason in transfers.failure_reasons:
        fail(reason, FAILED)
    if transfers.lost:
        fail(f"{transfers.remote.url} cannot be written; see remote_cache_mode", FAILED)


@cache.command(name="verify")
@config_file_option
@click.pass_obj
def verify_cache(config_file: str | None) -> None:
    """Check every stored file, and move damaged ones to damaged/. Exit 1 if there are any."""
    with usage_errors_shown():
        damaged = verify(load_site(config_file).cache)
    for entry in damaged:
        click.echo(f"damaged: {entry.kind} {entry.name}")
    click.echo(f"{count(len(damaged), 'file')} damaged, and moved to damaged/" if damaged else "No damaged files.")
    sys.exit(FAILED if damaged else 0)


@cache.command(name="prune", short_help="Remove what no site uses any more.")
@click.option(
    "--days",
    default=30,
    show_default=True,
    metavar="NUMBER",
    type=click.IntRange(0, _MOST_DAYS),
    help="Keep files used or created in the last NUMBER days.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@config_file_option
@click.pass_obj
def prune_cache(config_file: str | None, days: int, *, dry_run: bool) -> None:
    """Remove what no version and no language of the site has used in the last 30 days, or as --days says."""
    today = datetime.now(UTC).date()
    site = read_site(config_file, Purpose.PLAN)
    for language in site.read:
        language.build.narration.store_usage(language.identity, today)
    needed = [use.block.clip for narration in site.narrations for use in narration.collector.uses]
    with usage_errors_shown():
        pruned = site.plugin.cache()  # not the one whose usage could not be written
    try:
        removed = prune(pruned, needed, timedelta(days=days), today, dry_run=dry_run)
    except LightningError as error:
        fail(str(error), FAILED)
    for entry in removed:
        click.echo(f"{entry.kind} {entry.name} of {entry.created}")
    _tell_of_gone([usage.site for usage in usages(pruned)])
    size = size_text(sum(entry.size for entry in removed))
    click.echo(f"{count(len(removed), 'file')} {'would be ' if dry_run else ''}removed, {size}")


def _tell_of_gone(sites: Iterable[str]) -> None:
    """Name the sites whose files are kept although their folder is not on this machine."""
    for site in filter(is_gone, sites):
        click.echo(
            f"the folder of '{site}' is not on this machine; if it was moved or given up, delete {usage_name(site)} "
            "in cache_dir, and prune",
            err=True,
        )
