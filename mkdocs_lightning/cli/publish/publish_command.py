"""The command `publish`: gives players to a site that another program has built."""

from __future__ import annotations

import sys
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import click
from mkdocs.config.base import ValidationError

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import SettingError, count, printable
from mkdocs_lightning.base.interruptible import INTERRUPTIONS
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import FAILED, fail, log, usage_errors_shown, warnings_shown
from mkdocs_lightning.cli.publish.cache_guard import check_cache
from mkdocs_lightning.cli.site_options import read_facts, read_options, sets_option
from mkdocs_lightning.cli.site_reader import report_on
from mkdocs_lightning.plugin.build import limit_of, prepare_build
from mkdocs_lightning.plugin.option_types import WholeNumber
from mkdocs_lightning.plugin.run_mode import Purpose, RunMode
from mkdocs_lightning.reading.settings.narrate_patterns import (
    meant_by,
    unmatched,
    warn_of_ineffective,
    warn_of_unmatched,
    with_meant_exclusions,
)
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.site.published.built_site import page_files, page_names, read_site
from mkdocs_lightning.site.published.feed import PublishedFeed
from mkdocs_lightning.site.published.publish import Publication, add_blocks
from mkdocs_lightning.site.published.publish import publish as publish_site
from mkdocs_lightning.site.published.selection import Choice
from mkdocs_lightning.site.published.selectors import Selector
from mkdocs_lightning.site.published.whole_pages import PageRules, names_of
from mkdocs_lightning.site.standalone_options import CACHE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathspec import GitIgnoreSpec

    from mkdocs_lightning.plugin.build import Build
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.site.published.built_site import BuiltSite
    from mkdocs_lightning.site.published.feed import SiteFacts


def _checked_directory(_context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """What click lets through although it is no directory: a device, or a pipe.

    Raises:
        click.BadParameter: It is one of these.
    """
    if not path.is_dir():
        raise click.BadParameter(f"'{path}' is not a directory.")
    return path


def _checked_number(_context: click.Context, _parameter: click.Parameter, written: str | None) -> int | None:
    """As the option `max_characters` of mkdocs.yml.

    Raises:
        click.BadParameter: It is no whole number of 0 or more.
    """
    try:
        return None if written is None else WholeNumber(least=0).run_validation(written)
    except ValidationError as error:
        raise click.BadParameter(f"{error}.") from error


@click.command(short_help="Add players to a site that is already built.")
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path), callback=_checked_directory)
@click.option(
    "--select",
    metavar="CSS",
    multiple=True,
    help="Narrate what this selector matches, such as 'article p', with one player per page. May be repeated.",
)
@click.option("--skip", metavar="CSS", multiple=True, help="Leave out what this selector matches. May be repeated.")
@click.option("--engine", metavar="NAME", help="The engine. Default: the one set in the pages or in mkdocs.yml.")
@click.option(
    "--max-characters",
    metavar="NUMBER",
    callback=_checked_number,
    help="Send nothing if more characters than this are missing.",
)
@click.option("--dry-run", is_flag=True, help="Only show what is cached, and what the rest will cost.")
@click.option("--new-cache", is_flag=True, help="Pay, although the cache is empty and the site may have another one.")
@config_file_option
@click.pass_obj
def publish(  # noqa: PLR0913, PLR0917 - an argument for each option
    config_file: str | None,
    site_dir: Path,
    select: tuple[str, ...],
    skip: tuple[str, ...],
    engine: str | None,
    max_characters: int | None,
    *,
    dry_run: bool,
    new_cache: bool,
) -> None:
    """Synthesize what is missing, and add players to the site in SITE_DIR, built by another program. Costs money."""
    with warnings_shown(), usage_errors_shown():
        options, source = read_options(config_file)
        if not options.enabled:
            click.echo(
                f"the plugin 'lightning' is not enabled in {config_file}: nothing was sent, and no page was changed"
            )
            return
        options.check_built_site(site_dir)
        resolve_voice(options.voice_settings())  # before pages are compared with its language
        facts = read_facts(config_file)
        try:
            rules = _rules(options, facts, select, skip, site_dir)
            site = read_site(site_dir, rules, log)
            _check_skip(site, rules)
            has_all = _warn_of_silence(site, rules)
            _check_selectors(site, rules, is_dry_run=dry_run)
            _warn_of_removal(site)
            _warn_of_languages(site, rules)
            _warn_of_cache(site, Path(options.cache_dir))
            _overrule(options, site, engine, max_characters)
            feed = _feed(options, facts, site)
            with _open_build(options, Purpose.PLAN if dry_run else Purpose.SITE) as build:
                click.echo(f"options: {source}")
                if not new_cache:
                    check_cache(site, build, options, config_file, is_dry_run=dry_run)
                publication = Publication(build.narration, rules, site.folder(options.audio_dir), feed)
                names = add_blocks(site, rules, build.narration)
                if dry_run:
                    limit = limit_of(build.engine, options)
                    report = report_on({"": build.narration}, build.cache, build.engine, limit)
                    for notice in report.voice_notices(build.engine):
                        log.warning("%s", notice)
                    click.echo(report.as_text(build.engine))
                    return
                changed = publish_site(site, names, publication, log)
                identity, today = f"published {site_dir.resolve()}", datetime.now(UTC).date()
                build.narration.store_usage(identity, today, is_whole=site.is_whole)
                build.narration.finish_transfers()
        except OSError as error:
            fail(f"{site_dir} cannot be published: {error}", FAILED)
    click.echo(f"{build.narration.supply.report}; engine {build.engine.name}; {count(changed, 'page')} changed")
    is_whole = site.is_whole and all(
        len(of_page.blocks) == len(page.slots) for of_page, page in zip(names, site.pages, strict=True)
    )
    has_failed = build.narration.supply.report.missing and options.synthesize != "never"
    sys.exit(FAILED if has_failed or not is_whole or not has_all else 0)


def _feed(options: LightningConfig, facts: SiteFacts, site: BuiltSite) -> PublishedFeed | None:
    """The site's podcast; None if it has none.

    Raises:
        SettingError: It cannot be made of what the options and the site say.
    """
    if (settings := options.feed_settings()) is None:
        return None
    facts = replace(facts, url=facts.url or site.url())
    feed = PublishedFeed(settings, facts, PurePosixPath(options.audio_dir).as_posix())
    feed.check(site.root)
    _warn_of_hosts(site, facts.url)
    return feed


def _warn_of_hosts(site: BuiltSite, site_url: str) -> None:
    """Warn of a podcast whose episodes link to pages at another host than their audio: one of the two is wrong."""
    host = urlsplit(site_url).netloc.lower()
    elsewhere = [
        page.uri
        for page in site.pages
        if page.spoken and urlsplit(urljoin(site_url, page.spoken.url)).netloc.lower() != host
    ]
    if elsewhere:
        log.warning(
            "feed: its audio is at %s, but the canonical link of %s leads to another host: %s. "
            "Correct site_url, or the canonical links",
            printable(site_url),
            count(len(elsewhere), "page"),
            page_names(elsewhere),
        )


def _rules(
    options: LightningConfig, facts: SiteFacts, select: tuple[str, ...], skip: tuple[str, ...], site_dir: Path
) -> PageRules:
    """Which pages are narrated, and what of them.

    Raises:
        SettingError: A selector or an option cannot be used.
        OSError: The site's directory cannot be read.
    """
    choice = Choice(
        select=tuple(Selector.parse("--select", text) for text in select),
        skip=tuple(Selector.parse("--skip", text) for text in skip),
    )
    return PageRules(
        choice=choice,
        narrated=_narrated(options, site_dir) if options.narrate else None,
        voices=options.site_voices(),
        site_url=facts.url,
        site_name=facts.name,
    )


def _overrule(options: LightningConfig, site: BuiltSite, engine: str | None, max_characters: int | None) -> None:
    """Set the options that the command line or the pages name: the first of the two goes before mkdocs.yml.

    Raises:
        SettingError: The pages do not agree on one.
    """
    of_pages = site.engine()
    if of_pages and not engine and sets_option(options, "engine") and options.engine != of_pages:
        log.warning(
            "engine: the pages name '%s', and this takes precedence over '%s' in mkdocs.yml. To use '%s', remove "
            "engine from the options of the Markdown extension and build again, or add --engine %s",
            *(of_pages, options.engine, options.engine, options.engine),
        )
    options.engine = engine or of_pages or options.engine
    options.output_format = (site.output_format() or OutputFormat(options.output_format)).value
    if max_characters is not None:
        options.max_characters = max_characters


@contextmanager
def _open_build(options: LightningConfig, purpose: Purpose) -> Iterator[Build]:
    """What the command needs; stopped at its end, also after an error or a signal: what is paid for is kept.

    Raises:
        SettingError: An option that cannot be used.
    """
    build = prepare_build(options, RunMode(purpose=purpose))
    try:
        yield build
    except BaseException as error:
        build.stop(is_urgent=isinstance(error, INTERRUPTIONS))
        raise
    build.close(is_urgent=True)


def _check_skip(site: BuiltSite, rules: PageRules) -> None:
    """Find a `--skip` without anything that it could be left out of: publishing would take all narration away.

    Raises:
        SettingError: There is one.
    """
    if rules.choice.skip and not rules.may_narrate and not any(page.spoken for page in site.pages):
        raise SettingError("--skip", "no page is narrated. Add --select, or set narrate")


def _check_selectors(site: BuiltSite, rules: PageRules, *, is_dry_run: bool) -> None:
    """End the command before it costs money or players: for selectors that name nothing, and if no page is narrated.

    What was meant to be skipped would be paid for, and pages would lose their players. A dry run only warns.
    """
    unmatched = rules.unmatched()
    named = "; ".join(
        f"{option} '{printable(text)}' matches nothing on any page ({count(len(site.uris), 'page')} read)"
        for option, text in unmatched
    )
    if named and is_dry_run:
        log.warning("%s", named)
    elif named:
        fail(f"{named}. Nothing was sent, and no page was changed", FAILED)
    losing = sum(page.was_narrated for page in site.pages)
    if losing and rules.may_narrate and not is_dry_run and not any(page.spoken for page in site.pages):
        lost = "1 page would lose its player" if losing == 1 else f"{losing:,} pages would lose their players"
        fail(f"{lost}. Nothing was sent, and no page was changed", FAILED)


def _warn_of_silence(site: BuiltSite, rules: PageRules) -> bool:
    """Warn of a site without anything to speak.

    Returns:
        Whether all that was asked for is there: a page to narrate.
    """
    if not site.uris:
        log.warning(
            "no page in %s: it has no file whose name ends in .html. Is it the folder into which the site is built?",
            site.root,
        )
        return not rules.may_narrate
    is_silent = rules.may_narrate and not any(page.spoken for page in site.pages)
    if not site.pages and site.is_of_mkdocs:
        log.warning(
            "no page in %s has a slot: MkDocs has built this site. With its plugin 'lightning', 'mkdocs build' itself "
            "adds the players, and 'publish' is not needed",
            site.root,
        )
    elif is_silent and site.is_whole and not rules.unmatched() and not rules.refused:
        log.warning("no page in %s is narrated: %s", site.root, _cause_of_silence(rules))
    elif rules.without_content:
        log.warning(
            "narrate: no <main> and no <article> on %s, so nothing is narrated there: %s. Name what is read with "
            "--select, or exclude these pages",
            count(len(rules.without_content), "page"),
            page_names(rules.without_content),
        )
    elif not site.pages and not rules.may_narrate:
        log.warning(
            "no page in %s has a block. Is mkdocs_lightning among its markdown_extensions? "
            "Pages without blocks are narrated with --select 'article p' or the like",
            site.root,
        )
    return not is_silent


def _cause_of_silence(rules: PageRules) -> str:
    """Why no page of a site is narrated, although each selector names something, or none was tried on any page."""
    if not rules.choice.select:
        return "narrate matches no page that has a <main> or an <article>"
    if rules.matched:
        return "what --select matches is hidden on every page, or left out by --skip"
    if rules.narrated is not None:
        return "narrate names none of its pages, so --select was tried on none"
    return "--select was tried on none, because 404.html and pages with 'narrate: false' are left out"


def _narrated(options: LightningConfig, site_dir: Path) -> GitIgnoreSpec:
    """The pages that `narrate` names; warns of patterns that name, or exclude, none.

    Raises:
        SettingError: A value that is not a pattern.
        OSError: The site's directory cannot be read.
    """
    patterns = options.narrate_patterns()
    pages = [names_of(path.relative_to(site_dir).as_posix()) for path in page_files(site_dir)]
    names = [name for names in pages for name in names]
    warn_of_ineffective(patterns, pages, log)
    meant = meant_by(unmatched(patterns, names) if pages else [], names)
    warn_of_unmatched(meant, "SITE_DIR", log)
    return with_meant_exclusions(patterns, meant) if meant else options.narrate_spec()


def _warn_of_removal(site: BuiltSite) -> None:
    """Warn of pages that were narrated when they were last published: whoever forgets an option would lose players."""
    removed = [page.uri for page in site.pages if page.was_narrated and not page.spoken]
    if removed:
        one = "page is no longer narrated, and loses its player"
        many = "pages are no longer narrated, and lose their players"
        log.warning(
            "%s: %s. To prevent this, repeat --select, or set narrate",
            f"{len(removed):,} {one if len(removed) == 1 else many}",
            page_names(removed),
        )


def _warn_of_languages(site: BuiltSite, rules: PageRules) -> None:
    """Warn of pages that the option `language` has read in another language than their own: it would be paid for."""
    overruled: defaultdict[str, list[str]] = defaultdict(list)
    for page in site.pages:
        if page.spoken and (language := rules.overruled_language(page.spoken)):
            overruled[language].append(page.uri)
    for language, uris in overruled.items():
        log.warning(
            '%s lang="%s", but %s read as %s, because language is set: %s. Leave language out, add voices: {%s: …}, '
            "or correct <html lang>",
            "1 page says" if len(uris) == 1 else f"{len(uris):,} pages say",
            language,
            "is" if len(uris) == 1 else "are",
            rules.voices.everywhere.language,
            page_names(uris),
            language,
        )


def _warn_of_cache(site: BuiltSite, cache_dir: Path) -> None:
    """Warn of a cache that the site's own program deletes."""
    if site.is_built_by("zensical") and ".cache" in cache_dir.parts:
        log.warning(
            "'zensical build --clean' deletes the directory .cache, and with it audio that was paid for. "
            "Move the cache %s to %s, where 'publish' finds it without an option; for MkDocs, set cache_dir",
            cache_dir,
            CACHE,
        )
