"""The commands that look after the cache: `cache path`, `stats`, `push`, `pull`, `verify`, `prune`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.base.errors import LightningError, StoreError, count
from mkdocs_lightning.cache.maintenance import (
    check_usages,
    damaged_usages,
    is_empty,
    is_gone,
    next_usage,
    place_of,
    prune,
    stats_of,
    usage_name,
    usages,
    verify,
)
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, WITHOUT_DOCS, fail, size_text, usage_errors_shown, warn
from mkdocs_lightning.cli.site_options import is_published, read_options
from mkdocs_lightning.cli.site_reader import load_site, read_site, warn_if_disabled
from mkdocs_lightning.plugin.build import open_cache
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.cache.maintenance import Usage
    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.plugin.config import LightningConfig

_MOST_DAYS = 36_500  # a century
_NO_REMOTE = "there is no remote cache: set remote_cache in mkdocs.yml"


@click.group()
@config_file_option
def cache() -> None:
    """Manage the cached audio."""


@cache.command(name="path")
@config_file_option
@click.pass_obj
def cache_path(config_file: str | None) -> None:
    """Print the path of the cache folder, relative to the current folder."""
    click.echo(_seen_from_here(_options_of(config_file).cache_dir))


def _options_of(config_file: str | None) -> LightningConfig:
    """The options of a site, whichever program builds it; end the command if they cannot be used."""
    with usage_errors_shown():
        if is_published(config_file):
            return read_options(config_file)[0]
    return load_site(config_file, has_feed=False).options


def _cache_of(config_file: str | None) -> Cache:
    """The cache of a site, whichever program builds it; end the command if its options cannot be used."""
    options = _options_of(config_file)
    with usage_errors_shown():
        return open_cache(options)


def _seen_from_here(folder: str) -> str:
    """A folder's path relative to this one, with slashes; absolute where there is none, as on another drive."""
    try:
        return Path(os.path.relpath(folder)).as_posix()
    except ValueError:
        return Path(folder).as_posix()


@cache.command()
@config_file_option
@click.pass_obj
def stats(config_file: str | None) -> None:
    """Show how much is stored, and which sites use it."""
    cache = _cache_of(config_file)
    figures = stats_of(cache)
    for kind in ("sentence", "clip"):
        click.echo(f"{count(figures.files.get(kind, 0), kind)}, {size_text(figures.sizes.get(kind, 0))}")
    for site in figures.sites:
        click.echo(f"used by {site}: {usage_name(site)}")
    _tell_of_gone(figures.sites)
    _warn_of_damaged_usages(cache)


@cache.command(name="push")
@config_file_option
@click.pass_obj
def push_cache(config_file: str | None) -> None:
    """Store in the remote cache what is only on this machine. Exit with 1 if a file could not be stored."""
    with usage_errors_shown():
        transfers = _cache_of(config_file).push()
    if transfers is None:
        fail(_NO_REMOTE, BAD_USAGE)
    click.echo(f"{count(transfers.stored, 'file')} stored in {transfers.remote.url}")
    for reason in transfers.failure_reasons:
        fail(reason, FAILED)
    if transfers.lost:
        fail(f"{transfers.remote.url} cannot be written; see remote_cache_mode", FAILED)


@cache.command(name="pull")
@config_file_option
@click.pass_obj
def pull_cache(config_file: str | None) -> None:
    """Fetch the site's sentences that this machine does not have. Exit with 1 if one could not be fetched."""
    if not _options_of(config_file).remote_cache:
        fail(_NO_REMOTE, BAD_USAGE)
    if is_published(config_file):
        fail(WITHOUT_DOCS, BAD_USAGE)
    site = read_site(config_file, Purpose.PLAN, has_feed=False)
    warn_if_disabled(site)
    with usage_errors_shown():
        cache = site.cache
        try:
            transfers = cache.pull(clip for narration in site.narrations for clip in narration.clips)
        except StoreError as error:
            fail(str(error), FAILED)
    if transfers is None:
        fail(_NO_REMOTE, BAD_USAGE)
    click.echo(f"{count(transfers.fetched, 'file')} fetched from {transfers.remote.url}")
    if reason := transfers.pull_failure_reason:
        fail(reason, FAILED)


@cache.command(name="verify")
@config_file_option
@click.pass_obj
def verify_cache(config_file: str | None) -> None:
    """Check every stored file, and move damaged audio to damaged/. Exit with 1 if anything is damaged."""
    cache = _cache_of(config_file)
    damaged = verify(cache)
    for entry in damaged:
        click.echo(f"{'Git LFS pointer' if entry.is_pointer else 'damaged'}: {entry.kind} {entry.name}")
    unfetched = sum(entry.is_pointer for entry in damaged)
    if moved := len(damaged) - unfetched:
        click.echo(f"{count(moved, 'file')} damaged and moved to damaged/")
    if unfetched:
        click.echo(f"{count(unfetched, 'file')} not fetched from Git LFS: run 'git lfs pull'")
    if _warn_of_damaged_usages(cache) or damaged:
        sys.exit(FAILED)
    click.echo("No damaged files.")


@cache.command(name="prune", short_help="Remove what no site uses anymore.")
@click.option(
    "--days",
    default=30,
    show_default=True,
    metavar="NUMBER",
    type=click.IntRange(0, _MOST_DAYS),
    help="Keep files used or created in the last NUMBER days.",
)
@click.option("--dry-run", is_flag=True, help="Only list what would be removed.")
@config_file_option
@click.pass_obj
def prune_cache(config_file: str | None, days: int, *, dry_run: bool) -> None:
    """Remove what no version or language of the site has used in the last 30 days, or in the time that --days sets."""
    today = datetime.now(UTC).date()
    site = None if is_published(config_file) else read_site(config_file, Purpose.PLAN, has_feed=False)
    with usage_errors_shown():
        cache = site.plugin.cache() if site else _cache_of(config_file)  # not the one whose usage could not be written
    try:
        check_usages(cache)  # before this site's own is written anew
    except LightningError as error:
        fail(str(error), FAILED)
    if site and not days:
        _check_mistakes(site)
    present = _usages_of(site, cache, today) if site else _recorded(cache)
    for language in site.read if site and not dry_run else []:
        language.build.narration.store_usage(language.identity, today)
    try:
        found = prune(cache, present, timedelta(days=days), today, dry_run=dry_run)
    except LightningError as error:
        fail(str(error), FAILED)
    for entry in found.removed:
        click.echo(f"{entry.kind} {entry.name} of {entry.created}")
    _tell_of_gone([usage.site for usage in usages(cache)])
    size = size_text(sum(entry.size for entry in found.removed))
    click.echo(f"{count(len(found.removed), 'file')} {'would be ' if dry_run else ''}removed, {size}")
    if found.kept:
        size = size_text(sum(entry.size for entry in found.kept))
        click.echo(
            f"{count(len(found.kept), 'unused file')} kept, {size}: used or created in the last {count(days, 'day')}; "
            "--days 0 removes them, too"
        )
    if found.of_others:
        size = size_text(sum(entry.size for entry in found.of_others))
        click.echo(
            f"{count(len(found.of_others), 'file')} kept, {size}: only other sites, versions or languages, or this "
            "site in another folder, use them. 'cache stats' names each with its record in cache_dir; delete the "
            "record of what no longer exists, and prune"
        )


def _check_mistakes(site: Site) -> None:
    """End the command if something of a site is not spoken because of a mistake: its audio would count as unused."""
    if any(narration.collector.unspoken for narration in site.narrations):
        fail(
            "nothing was removed: the blocks and pages that the warnings above name are not spoken now, so their "
            "audio would be removed. Correct them, or use --days 1 or more",
            FAILED,
        )


def _usages_of(site: Site, cache: Cache, today: date) -> list[Usage]:
    """What a site that MkDocs has read uses now, in each of its languages."""
    return [next_usage(cache, language.identity, language.build.narration.clips, today) for language in site.read]


def _recorded(cache: Cache) -> list[Usage]:
    """What the usage records name, where another program builds the site; end the command if `publish` wrote none.

    Then nobody knows what the site uses: the records of sites of MkDocs that share the cache say nothing of it.
    """
    recorded = usages(cache)
    if not is_empty(cache) and not any(place_of(usage.site)[1] for usage in recorded):
        fail(
            "nothing was removed: cache_dir has no usage record by 'publish', so nobody knows what the site uses. Run "
            "'mkdocs-lightning publish SITE_DIR' first, which writes one",
            FAILED,
        )
    return recorded


def _tell_of_gone(sites: Iterable[str]) -> None:
    """Name the sites whose files are kept although their folder is not on this machine."""
    for site in filter(is_gone, sites):
        click.echo(
            f"the folder of '{site}' is not on this machine; if it was moved or is no longer used, delete "
            f"{usage_name(site)} in cache_dir, and prune",
            err=True,
        )


def _warn_of_damaged_usages(cache: Cache) -> bool:
    """Name the damaged usage records, each with what to do; return whether there are any."""
    damaged = damaged_usages(cache)
    for record in damaged:
        warn(str(record))
    return bool(damaged)
