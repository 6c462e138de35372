"""The command `review`: a page to listen to before anything is paid."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.base.errors import StoreError, count
from mkdocs_lightning.cli.changes.since import reading_since
from mkdocs_lightning.cli.changes.wording import cost_of, summary_of, voice_difference
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, fail, usage_errors_shown, warn
from mkdocs_lightning.cli.review.review_pages import Reviewer, price_text
from mkdocs_lightning.cli.site_reader import read_site
from mkdocs_lightning.exports.review.changes import ReviewChanges, Wording, changes_of
from mkdocs_lightning.exports.review.directory import PAGE, ReviewDirectory
from mkdocs_lightning.exports.review.review_page import review_files
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from mkdocs_lightning.cli.changes.since import ChangesSince, EarlierSite
    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.cli.site_report import SiteReport


@click.command(short_help="Make a page to check the site before you pay.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="A directory: new, empty, or an earlier review.",
)
@click.option("--since", metavar="REF", help="Also show what has changed since this branch, tag or commit.")
@config_file_option
@click.pass_obj
def review(config_file: str | None, output: Path, since: str | None) -> None:
    """Make a page that lists each sentence of the site with its price, and plays what is cached. Sends nothing."""
    with usage_errors_shown():
        directory = ReviewDirectory(output)
        with reading_since(config_file, since) if since is not None else nullcontext() as earlier:
            report = _make(config_file, directory, earlier)
    click.echo(f"{output / PAGE}: {_summary(report)}")


def _make(config_file: str | None, directory: ReviewDirectory, earlier: EarlierSite | None) -> SiteReport:
    """Read the site, and write its review.

    Args:
        config_file: The site's configuration.
        directory: Receives the review.
        earlier: The site as it was, if the review is to compare; it is being read meanwhile.

    Raises:
        LightningError: The directory cannot be used.
    """
    site = read_site(config_file, Purpose.PLAN)
    if not site.read:
        fail("there is nothing to review: the plugin 'lightning' is not enabled in mkdocs.yml", BAD_USAGE)
    directory.check_apart(_taken(site))
    try:
        return _write(site, directory, earlier)
    except StoreError as error:
        fail(str(error), FAILED)
    except OSError as error:
        fail(f"'{directory.path}' cannot be written ({error.strerror})", FAILED)


def _taken(site: Site) -> dict[str, Path]:
    """Directories in which a review would be published, or deleted by the next build."""
    return {
        "docs_dir": site.docs_dir,
        "site_dir": site.site_dir,
        "cache_dir": Path(site.options.cache_dir),
    }


def _write(site: Site, directory: ReviewDirectory, earlier: EarlierSite | None) -> SiteReport:
    """Write the review of a site; for the arguments see `_make`.

    Raises:
        LightningError: The directory is not ours any more, or the remote cache does not exist.
        StoreError: A clip cannot be written.
        OSError: The directory cannot be written.
    """
    _fetch(site)
    directory.begin()
    reviewer = Reviewer(site, directory)
    changes = _changes(earlier.changes_until(site, reviewer.report)) if earlier else None
    directory.write(review_files(reviewer.review(changes)), reviewer.urls)
    for notice in reviewer.report.voice_notices(site.engine):
        warn(notice)
    return reviewer.report


def _changes(found: ChangesSince) -> ReviewChanges:
    """What the review shows of the changes since a revision; warns if they are not known."""
    summary = summary_of(found)
    if found.diff is None:
        warn(summary)
        return ReviewChanges(found.revision.name, summary)
    wording = Wording(price_text, voice_difference)
    return changes_of(found.diff, found.revision.name, summary, cost_of(found.diff.figures), wording)


def _fetch(site: Site) -> None:
    """Copy what a remote cache has of the site's clips into the local one.

    Raises:
        SettingError: The remote cache does not exist.
    """
    for narration in site.narrations:
        narration.find_cached()
    cached = {key for narration in site.narrations for key in narration.supply.cached}
    clips = {use.block.clip.key: use.block.clip for narration in site.narrations for use in narration.collector.uses}
    try:
        list(site.cache.fetch_all([clip for key, clip in clips.items() if key not in cached]))
    except StoreError as error:
        warn(f"{error}. Nothing was fetched from the remote cache")


def _summary(report: SiteReport) -> str:
    figures = report.figures
    missing = f"{figures.missing:,} of them missing: {figures.cost}" if figures.missing else "all of them cached"
    return f"{count(len(report.pages), 'page')}, {count(figures.sentences, 'sentence')}, {missing}"
