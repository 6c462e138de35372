"""The command `publish`: gives players to a site that another program has built."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import count
from mkdocs_lightning.cli.output import FAILED, fail, log, usage_errors_shown, warnings_shown
from mkdocs_lightning.cli.site_reader import config_file_option, report_on
from mkdocs_lightning.plugin.build import prepare_build
from mkdocs_lightning.plugin.config import read_options
from mkdocs_lightning.plugin.run_mode import Purpose, RunMode
from mkdocs_lightning.site.built_site import read_site
from mkdocs_lightning.site.publish import add_blocks
from mkdocs_lightning.site.publish import publish as publish_site
from mkdocs_lightning.site.standalone import CACHE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.plugin.build import Build
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.site.built_site import BuiltSite


def _checked_directory(_context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """What click lets through although it is no directory: a device, or a pipe.

    Raises:
        click.BadParameter: It is one of these.
    """
    if not path.is_dir():
        raise click.BadParameter(f"'{path}' is not a directory.")
    return path


@click.command(short_help="Add players to a site that is already built.")
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path), callback=_checked_directory)
@click.option("--engine", metavar="NAME", help="Engine to use. Default: as set in the pages or in mkdocs.yml.")
@click.option(
    "--max-characters",
    metavar="NUMBER",
    type=click.IntRange(min=0),
    help="Send nothing if more characters are missing.",
)
@click.option("--dry-run", is_flag=True, help="Only show what is cached, and what the rest will cost.")
@config_file_option
@click.pass_obj
def publish(
    config_file: str | None, site_dir: Path, engine: str | None, max_characters: int | None, *, dry_run: bool
) -> None:
    """Add players to a site in SITE_DIR that another program has built, and synthesize what is missing. Costs money."""
    with warnings_shown(), usage_errors_shown():
        options = read_options(config_file)
        options.check_built_site(site_dir)
        try:
            site = read_site(site_dir, log)
            _warn_of_site(site, Path(options.cache_dir))
            _overrule(options, site, engine, max_characters)
            with _open_build(options, Purpose.PLAN if dry_run else Purpose.SITE) as build:
                audio_path = site.folder(options.audio_dir)
                blocks = add_blocks(site, build.narration)
                if dry_run:
                    report = report_on([build.narration], build.cache, build.engine, options.max_characters)
                    click.echo(report.as_text(build.engine))
                    return
                changed = publish_site(site, blocks, build.narration, audio_path, log)
                build.narration.store_usage(f"published {site_dir.resolve()}", datetime.now(UTC).date())
                build.narration.finish_transfers()
        except OSError as error:
            fail(f"{site_dir} cannot be published: {error}", FAILED)
    click.echo(f"{build.narration.supply.report}; {count(changed, 'page')} changed")
    is_whole = site.is_whole and all(
        len(names) == len(page.slots) for names, page in zip(blocks, site.pages, strict=True)
    )
    has_failed = build.narration.supply.report.missing and options.synthesize != "never"
    sys.exit(FAILED if has_failed or not is_whole else 0)


def _overrule(options: LightningConfig, site: BuiltSite, engine: str | None, max_characters: int | None) -> None:
    """Set the options that the command line or the pages name: the first of the two goes before mkdocs.yml.

    Raises:
        SettingError: The pages do not agree on one.
    """
    options.engine = engine or site.engine() or options.engine
    options.output_format = (site.output_format() or OutputFormat(options.output_format)).value
    if max_characters is not None:
        options.max_characters = max_characters


@contextmanager
def _open_build(options: LightningConfig, purpose: Purpose) -> Iterator[Build]:
    """What the command needs; stopped at its end, also after Ctrl-C.

    Raises:
        SettingError: An option that cannot be used.
    """
    build = prepare_build(options, RunMode(purpose=purpose))
    try:
        yield build
    finally:
        build.close(is_urgent=True)


def _warn_of_site(site: BuiltSite, cache_dir: Path) -> None:
    """Warn of a site without blocks, and of a cache that the site's own program deletes."""
    if not site.pages and site.is_of_mkdocs:
        log.warning(
            "no page in %s has a slot: MkDocs has built this site. With its plugin 'lightning', 'mkdocs build' itself "
            "adds the players, and 'publish' is not needed",
            site.root,
        )
    elif not site.pages:
        log.warning("no page in %s has a block. Is mkdocs_lightning among its markdown_extensions?", site.root)
    if site.is_built_by("zensical") and ".cache" in cache_dir.parts:
        log.warning(
            "'zensical build --clean' deletes the directory .cache, and with it audio that was paid for. "
            "Move the cache %s to %s, where 'publish' finds it without an option; for MkDocs, set cache_dir",
            cache_dir,
            CACHE,
        )
