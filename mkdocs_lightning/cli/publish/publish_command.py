"""The command `publish`: gives players to a site that another program has built."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click
from mkdocs.config.base import ValidationError

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import SettingError, count, printable
from mkdocs_lightning.base.interruptible import INTERRUPTIONS
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import FAILED, fail, log, usage_errors_shown, warnings_shown
from mkdocs_lightning.cli.publish.cache_guard import check_cache
from mkdocs_lightning.cli.publish.site_warnings import (
    warn_of_cache,
    warn_of_hosts,
    warn_of_languages,
    warn_of_lexicon,
    warn_of_players_that_stay,
    warn_of_removal,
    warn_of_silence,
    warn_of_unusable_pages,
)
from mkdocs_lightning.cli.review.transcript_command import missing_scripts
from mkdocs_lightning.cli.review.unused_words import tell_of_unused_words
from mkdocs_lightning.cli.site_options import read_facts, read_options, sets_option
from mkdocs_lightning.cli.site_reader import report_on
from mkdocs_lightning.plugin.build import limit_of, open_lexicon, prepare_build
from mkdocs_lightning.plugin.option_types import WholeNumber
from mkdocs_lightning.plugin.run_mode import Purpose, RunMode
from mkdocs_lightning.reading.settings.narrate_patterns import (
    ineffective,
    meant_by,
    unmatched,
    warn_of_ineffective,
    warn_of_unmatched,
    with_meant_exclusions,
)
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.site.published.built_site import page_files, read_site
from mkdocs_lightning.site.published.feed import PublishedFeed
from mkdocs_lightning.site.published.publish import Publication, add_blocks
from mkdocs_lightning.site.published.publish import publish as publish_site
from mkdocs_lightning.site.published.selection import Choice
from mkdocs_lightning.site.published.selectors import Selector
from mkdocs_lightning.site.published.whole_pages import PageRules, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
            warn_of_unusable_pages(rules)
            has_all = warn_of_silence(site, rules)
            _check_selectors(site, rules, is_dry_run=dry_run)
            warn_of_removal(site)
            warn_of_players_that_stay(site)
            warn_of_languages(site, rules)
            warn_of_lexicon(site, lexicon := open_lexicon(options))
            warn_of_cache(site, Path(options.cache_dir))
            _overrule(options, site, engine, max_characters)
            feed = _feed(options, facts, site)
            with _open_build(options, Purpose.PLAN if dry_run else Purpose.SITE) as build:
                click.echo(f"options: {source}")
                if not new_cache:
                    check_cache(site, build, options, config_file, is_dry_run=dry_run)
                publication = Publication(build.narration, rules, site.folder(options.audio_dir), feed)
                names = add_blocks(site, rules, build.narration)
                if dry_run:
                    tell_of_unused_words(lexicon, [build.narration])
                    limit = limit_of(build.engine, options)
                    report = report_on({"": build.narration}, build.cache, build.engine, limit)
                    for notice in report.voice_notices(build.engine):
                        log.warning("%s", notice)
                    click.echo("\n".join([report.as_text(build.engine), *missing_scripts(report, build.engine)]))
                    return
                changed = publish_site(site, names, publication, log)
                identity, today = f"published {site_dir.resolve()}", datetime.now(UTC).date()
                build.narration.store_usage(identity, today, is_whole=site.is_spoken_whole)
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
    warn_of_hosts(site, facts.url)
    return feed


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
    tried, read = len(rules.tried), len(site.uris)
    named = "; ".join(_names_nothing(option, text, tried, read) for option, text in rules.unmatched())
    if named and is_dry_run:
        log.warning("%s", named)
    elif named:
        fail(f"{named}. Nothing was sent, and no page was changed", FAILED)
    losing = sum(page.was_narrated and page.is_given_up for page in site.pages)
    if losing and rules.may_narrate and not is_dry_run and not any(page.spoken for page in site.pages):
        lost = "1 page would lose its player" if losing == 1 else f"{losing:,} pages would lose their players"
        fail(f"{lost}. Nothing was sent, and no page was changed", FAILED)


def _names_nothing(option: str, text: str, tried: int, read: int) -> str:
    """The message for a selector that names nothing, with the numbers of the pages where it was tried, and of all."""
    if tried == read:
        return f"{option} '{printable(text)}' matches nothing on any page ({count(read, 'page')} read)"
    return f"{option} '{printable(text)}' matches nothing on any page that is to be narrated ({tried:,} of {read:,})"


def _narrated(options: LightningConfig, site_dir: Path) -> GitIgnoreSpec:
    """The pages that `narrate` names; warns of patterns that name, or exclude, none.

    Raises:
        SettingError: A value that is not a pattern.
        OSError: The site's directory cannot be read.
    """
    patterns = options.narrate_patterns()
    pages = [names_of(path.relative_to(site_dir).as_posix()) for path in page_files(site_dir)]
    names = [name for names in pages for name in names]
    without_effect = ineffective(patterns, pages)
    warn_of_ineffective(patterns, without_effect, log)
    meant = _named_as_pages(meant_by(unmatched(patterns, names) if pages else [], names), pages)
    warn_of_unmatched(meant, "SITE_DIR", log)
    is_corrected = meant or without_effect
    return with_meant_exclusions(patterns, meant, without_effect) if is_corrected else options.narrate_spec()


def _named_as_pages(meant: Mapping[str, str | None], pages: Sequence[Sequence[str]]) -> dict[str, str | None]:
    """What patterns mean, as paths of the site, which may have no Markdown; only for Markdown, as their sources.

    Args:
        meant: As `meant_by` returns it.
        pages: The names of each page.
    """
    paths = {name: names[0] for names in pages for name in names}
    return {
        pattern: name if name is None or pattern.endswith(".md") else paths.get(name, name)
        for pattern, name in meant.items()
    }
