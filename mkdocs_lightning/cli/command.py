"""The command `mkdocs-lightning`: know what a site needs, voice it without building it, keep the cache in order."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NoReturn

import click
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from mkdocs_lightning import __version__
from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import check, join
from mkdocs_lightning.base.errors import LightningError, SettingError, did_you_mean
from mkdocs_lightning.base.file_system import composed, is_same_file
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import prune, stats_of, verify
from mkdocs_lightning.cache.shared import SharedCache
from mkdocs_lightning.cli.report import distinct_uses, dollars, make_overview, page_of
from mkdocs_lightning.engines import AUTO, make_engine
from mkdocs_lightning.plugin import LightningPlugin, Purpose, log
from mkdocs_lightning.plugin.config import LightningConfig, read_options
from mkdocs_lightning.plugin.host import default_config_file
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.reading.sentences import split_paragraph, spoken_text
from mkdocs_lightning.reading.voice import LANGUAGE_NAMES, LANGUAGES, VoiceSettings, resolve_voice
from mkdocs_lightning.site.filling import Filling
from mkdocs_lightning.site.narration import Narration, NarrationSettings, count
from mkdocs_lightning.site.publish import publish, read_site, take_blocks
from mkdocs_lightning.site.standalone import CACHE
from mkdocs_lightning.synthesis.client import Lightning
from mkdocs_lightning.synthesis.cluster import Cluster, Order
from mkdocs_lightning.synthesis.shard import Shard
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cli.report import Overview
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.voice import Voice
    from mkdocs_lightning.site.filling import Tally
    from mkdocs_lightning.site.narration import Use
    from mkdocs_lightning.site.publish import BuiltSite

BAD_USAGE = 2
"""The exit code of a wrong command line or configuration."""


@click.group()
@click.version_option(__version__, prog_name="mkdocs-lightning")
@click.option(
    "-f", "--config-file", show_default="mkdocs.yml or properdocs.yml", help="The site's configuration.", metavar="FILE"
)
@click.pass_context
def main(context: click.Context, config_file: str | None) -> None:
    """Spoken documentation, beside `mkdocs build`."""
    context.obj = config_file or default_config_file()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # of Windows' own encoding, say, which has no snowman: \u2603
            stream.reconfigure(errors="backslashreplace")


_as_json = click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")


@main.command()
@_as_json
@click.pass_obj
def plan(config_file: str | None, *, as_json: bool) -> None:
    """Show what the site needs, what is cached, and what the rest will cost. Sends nothing."""
    site = _read_site(config_file, Purpose.PLAN)
    overview = site.overview()
    if as_json:
        _print_json(overview)
        return
    _tell_plan(overview, site.engine(), site.plugin.config.max_characters)


@main.command(name="check")
@_as_json
@click.pass_obj
def check_cache(config_file: str | None, *, as_json: bool) -> None:
    """For CI: exit 1 if a sentence of the site is not cached, and say which. Sends nothing."""
    site = _read_site(config_file, Purpose.PLAN)
    overview = site.overview()
    if as_json:
        _print_json(overview)
    elif overview.plan.missing:
        click.echo(f"{count(len(overview.plan.missing), 'sentence')} not cached: {_cost(overview)}.")
        for line in _missing_lines(overview, site.docs_dir):
            click.echo(line)
        click.echo("Voice them with 'mkdocs-lightning synth'.")
    else:
        click.echo(
            f"All {count(len(overview.plan.segments), 'sentence')} of {count(len(overview.plan.clips), 'clip')} cached."
        )
    sys.exit(1 if overview.plan.missing else 0)


@main.command()
@click.option("--shard", metavar="I/N", help="Only one part of the sentences, such as 2/5, and no clips: for N jobs.")
@click.option("--scheduler", metavar="ADDRESS", help="On a Dask cluster, such as tcp://10.0.0.1:8786; no clips.")
@click.pass_obj
def synth(config_file: str | None, shard: str | None, scheduler: str | None) -> None:
    """Synthesize what is missing, without building the site. Spends."""
    if shard is not None and scheduler is not None:
        _end("--shard and --scheduler do not go together: a cluster shares the work by itself", BAD_USAGE)
    if shard is not None:
        _tell(lambda: _fill_part(config_file, Shard.parse(shard)))
    if scheduler is not None:
        _tell(lambda: _fill_on_cluster(config_file, scheduler))
    site = _read_site(config_file, Purpose.AUDIO)
    for narration in site.narrations:
        click.echo(str(narration.report))
    sys.exit(1 if any(narration.report.unvoiced for narration in site.narrations) else 0)


@main.command(name="publish")
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--engine", "engine_name", metavar="NAME", help="The one that the pages or the options name by default.")
@click.option(
    "--max-characters", metavar="NUMBER", type=click.IntRange(min=0), help="Send nothing if it would be more."
)
@click.option("--dry-run", is_flag=True, help="Only show what is cached, and what the rest will cost.")
@click.pass_obj
def publish_site(
    config_file: str | None, site_dir: Path, engine_name: str | None, max_characters: int | None, *, dry_run: bool
) -> None:
    """Voice a site that another program has built in SITE_DIR. Spends."""
    with _warnings_shown():
        try:
            config = read_options(config_file)
            if max_characters is not None:
                config.max_characters = max_characters
            site = read_site(site_dir, log)
            _warn_of_site(site, Path(config.cache_dir))
            engine = make_engine(engine_name or site.engine() or config.engine, config.engine_options())
            cache = _cache_of(config)
            narration = _narration_of(site, config, engine, cache, is_early=not dry_run)
            with closing(engine), _ended(narration):
                blocks = take_blocks(site, narration)
                if dry_run:
                    _tell_plan(_overview_of([narration], cache, engine), engine, config.max_characters)
                    return
                changed = publish(site, blocks, narration, config.audio_dir, log)
                narration.store_usage(f"published {site_dir.resolve().name}", datetime.now(UTC).date())
                narration.finish_sharing()
        except SettingError as error:
            _end(f"{error.setting}: {error}", BAD_USAGE)
        except OSError as error:
            _end(f"{site_dir} cannot be voiced: {error}", 1)
    click.echo(f"{narration.report}; {count(changed, 'page')} changed")
    sys.exit(1 if narration.report.unvoiced else 0)


@main.command()
@click.argument("page")
@click.pass_obj
def script(config_file: str | None, page: str) -> None:
    """Print what would be spoken on PAGE, such as guide/start.md, sentence by sentence."""
    site = _read_site(config_file, Purpose.PLAN)
    uses = distinct_uses(site.narrations)
    pages = {page_of(use) for use in uses}
    wanted = _page_uri(page, site.docs_dir, pages)
    if wanted not in pages:
        if (site.docs_dir / wanted).is_file():
            click.echo(f"nothing is spoken on {wanted}", err=True)
            return
        _end(f"there is no page {page!r}{did_you_mean(wanted, pages)}", BAD_USAGE)
    for use in uses:
        if page_of(use) == wanted:
            click.echo(f"{_place_of(use)} ({use.spoken.voice.voice_id}, {use.spoken.voice.language})")
            for segment in use.spoken.clip.segments:
                click.echo(f"  {segment.text}")


@main.command()
@click.argument("text")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An audio file.")
@click.option("--engine", help="lightning, offline or auto; the site's own by default.")
@click.option("--model", help="The one that owns the voice by default.")
@click.option("--voice-id", help="A voice of the catalogue, or a cloned one.")
@click.option("--language", help="The language's code, such as en or hi.")
@click.option("--speed", type=float, help="0.5 to 2.")
@click.pass_obj
def say(  # noqa: PLR0913, PLR0917 - one argument an option
    config_file: str | None,
    text: str,
    output: Path,
    engine: str | None,
    model: str | None,
    voice_id: str | None,
    language: str | None,
    speed: float | None,
) -> None:
    """Try a voice: speak TEXT into a file, in the format that the file's ending names."""
    output_format = _format_of(output)
    if not any(character.isalnum() for character in text):
        _end("there is nothing to speak in this text", BAD_USAGE)
    try:
        config = _plugin_config(config_file)
        wanted = VoiceSettings(model=model, voice_id=voice_id, language=language, speed=speed)
        voice = resolve_voice(wanted.over(config.voice_settings()))
        speaker = make_engine(engine or config.engine, config.engine_options())
    except SettingError as error:
        _end(f"{error.setting}: {error}", BAD_USAGE)
    except (LightningError, MkDocsException) as error:
        _end(str(error), BAD_USAGE)
    if speaker.unavailable_reason:
        _end(speaker.unavailable_reason, BAD_USAGE)
    sentences = split_paragraph(spoken_text(text), voice.language)
    clip = make_clip(sentences, speaker.name, speaker.normalize_voice(voice), output_format)
    try:
        whole = join([_speak(speaker, segment.text, segment.voice) for segment in clip.segments], clip.pauses)
        output.write_bytes(encode(whole, output_format))
    except (LightningError, OSError) as error:
        _end(str(error), 1)
    finally:
        speaker.close()
    click.echo(f"{output}: {whole.duration:.1f} s, {sum(len(segment.text) for segment in clip.segments)} characters")


@main.command()
@click.option("--language", help="Only voices that speak it: a code, such as hi.")
@click.pass_obj
def voices(config_file: str | None, language: str | None) -> None:
    """List the voices that the service has now."""
    if language is not None and language not in LANGUAGE_NAMES:
        _end(f"{language!r} is not a language: {', '.join(sorted(LANGUAGE_NAMES))}", BAD_USAGE)
    try:
        config = _plugin_config(config_file)
        options = config.engine_options()
        if not options.api_key:
            _end("there is no API key: set the environment variable SMALLEST_API_KEY", BAD_USAGE)
        with Lightning(options.api_key, base_url=config.base_url, timeout=options.timeout) as lightning:
            found = [voice for model in LANGUAGES for voice in lightning.voices(model)]
    except SettingError as error:
        _end(f"{error.setting}: {error}", BAD_USAGE)
    except MkDocsException as error:
        _end(str(error), BAD_USAGE)
    except LightningError as error:
        _end(str(error), 1)
    for voice in found:
        if language is None or LANGUAGE_NAMES[language] in voice.languages:
            about = ", ".join(part for part in (voice.gender, voice.accent, *voice.languages) if part)
            click.echo(f"{voice.voice_id:<20} {voice.model:<20} {about}")


@main.group()
def cache() -> None:
    """Look after what was synthesized."""


@cache.command()
@click.pass_obj
def stats(config_file: str | None) -> None:
    """Show how much is stored."""
    figures = stats_of(_load(config_file).cache())
    for kind, noun in (("segment", "sentence"), ("clip", "clip")):
        click.echo(f"{count(figures.files.get(kind, 0), noun)}, {_size(figures.sizes.get(kind, 0))}")
    for site in figures.sites:
        click.echo(f"used by {site}")


@cache.command(name="push")
@click.pass_obj
def push_cache(config_file: str | None) -> None:
    """Store in the remote cache all that is here and is not there. Exit 1 if some could not be stored."""
    transfers = _load(config_file).cache().push()
    if transfers is None:
        _end("there is no remote cache: set remote_cache in mkdocs.yml", BAD_USAGE)
    click.echo(f"{count(transfers.stored, 'file')} stored in {transfers.remote.url}")
    for failure_reason in transfers.failure_reasons:
        _end(failure_reason, 1)
    if transfers.lost:
        _end(f"{transfers.remote.url} may not be written; see remote_cache_mode", 1)


@cache.command(name="verify")
@click.pass_obj
def verify_cache(config_file: str | None) -> None:
    """Check every stored file; what is damaged is set aside and made again by the next build. Exit 1 if any is."""
    damaged = verify(_load(config_file).cache())
    for entry in damaged:
        click.echo(f"damaged: {entry.kind} {entry.name}")
    said = f"{count(len(damaged), 'file')} damaged, and set aside" if damaged else "all files are as they were written"
    click.echo(said)
    sys.exit(1 if damaged else 0)


@cache.command(name="prune")
@click.option(
    "--days",
    default=30,
    show_default=True,
    type=click.IntRange(min=0),
    help="Keep what was used, or made, in so many days before today.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.pass_obj
def prune_cache(config_file: str | None, days: int, *, dry_run: bool) -> None:
    """Remove what no version and no language of the site has used for some days."""
    today = datetime.now(UTC).date()
    site = _read_site(config_file, Purpose.PLAN)
    for name, narration in site.read:
        narration.store_usage(name, today)
    needed = [use.spoken.clip for narration in site.narrations for use in narration.uses]
    try:
        removed = prune(site.cache(), needed, timedelta(days=days), today, dry_run=dry_run)
    except LightningError as error:
        _end(str(error), 1)
    for entry in removed:
        click.echo(f"{entry.kind} {entry.name} of {entry.created}")
    size = _size(sum(entry.size for entry in removed))
    click.echo(f"{count(len(removed), 'file')} {'would be ' if dry_run else ''}removed, {size}")


def _overview_of(narrations: Sequence[Narration], cache: Cache, engine: Engine) -> Overview:
    """What a site needs that is neither here nor in the remote cache."""
    clips = [use.spoken.clip for narration in narrations for use in narration.uses]
    cache.look_up(clips)
    if transfers := cache.finish():
        for failure_reason in transfers.failure_reasons:
            click.echo(f"WARNING -  {failure_reason}", err=True)
    return make_overview(narrations, cache.cached_segments(clips), engine.price_per_character)


def _tell_plan(overview: Overview, engine: Engine, max_characters: int | None) -> None:
    """What a site needs, and what a build would do about it."""
    click.echo(overview.as_table())
    if overview.plan.missing:
        click.echo(f"\nNew: {_cost(overview)}. A sentence on several pages counts once.")
    if overview.price_usd:
        click.echo(f"Prices are those listed in {engine.prices_listed_in}; your account may have others.")
    if max_characters is not None and overview.plan.characters > max_characters:
        click.echo(f"A build would send nothing: max_characters is {max_characters:,}.")


def _warn_of_site(site: BuiltSite, cache_dir: Path) -> None:
    """Tell what would be a pity to find out later."""
    if not site.pages:
        log.warning("no page in %s has a block. Is mkdocs_lightning among its markdown_extensions?", site.root)
    if site.is_built_by("zensical") and ".cache" in cache_dir.parts:
        log.warning(
            "'zensical build --clean' deletes the folder .cache, and with it what was paid for. "
            "Move the cache %s to %s, which is found by itself; MkDocs finds it with cache_dir",
            cache_dir,
            CACHE,
        )


def _narration_of(
    site: BuiltSite, config: LightningConfig, engine: Engine, cache: Cache, *, is_early: bool
) -> Narration:
    """The narration of a site that was built before.

    Raises:
        SettingError: An option that cannot be used.
    """
    settings = NarrationSettings(
        voice=config.voice_settings(),
        output_format=site.output_format() or OutputFormat(config.output_format),
        policy=config.policy(),
        max_characters=config.max_characters,
        is_early=is_early,
    )
    return Narration(settings, engine, cache, log)


@contextmanager
def _ended(narration: Narration) -> Iterator[None]:
    """Ask for nothing more at the end, nor after Ctrl-C."""
    try:
        yield
    finally:
        narration.close(is_urgent=True)


def _cache_of(config: LightningConfig) -> Cache:
    remote, root = config.remote(), Path(config.cache_dir)
    return SharedCache(root, remote) if remote else Cache(root)


@dataclass(frozen=True, slots=True)
class _Site:
    """A site's configuration, and what of it MkDocs has read."""

    config: MkDocsConfig
    plugin: LightningPlugin
    read: list[tuple[str, Narration]] = field(default_factory=list)

    @property
    def narrations(self) -> list[Narration]:
        return [narration for _, narration in self.read]

    @property
    def docs_dir(self) -> Path:
        return Path(self.config.docs_dir)

    def cache(self) -> Cache:
        try:
            return self.plugin.cache()
        except SettingError as error:
            _end(f"{error.setting}: {error}", BAD_USAGE)

    def engine(self) -> Engine:
        """The site's engine, for what it knows of prices."""
        config = self.plugin.config
        try:
            return make_engine(config.engine, config.engine_options())
        except SettingError as error:  # MkDocs does not get as far where the plugin is not enabled
            _end(f"{error.setting}: {error}", BAD_USAGE)

    def overview(self, cache: Cache | None = None) -> Overview:
        return _overview_of(self.narrations, cache or self.cache(), self.engine())


def _tell(fill: Callable[[], Tally]) -> NoReturn:
    """Do something about some sentences, say in one line what was done, and end."""
    try:
        tally = fill()
    except SettingError as error:
        _end(f"{error.setting}: {error}", BAD_USAGE)
    click.echo(str(tally))
    sys.exit(1 if tally.unvoiced or not tally.is_shared else 0)


def _fill_part(config_file: str | None, shard: Shard) -> Tally:
    """Speak one part of a site's missing sentences on this machine."""
    site = _read_site(config_file, Purpose.PLAN)
    config, engine = site.plugin.config, site.engine()
    filling = _filling_of(site, shard)
    obstacle = engine.unavailable_reason or filling.plan.excess(config.max_characters)
    synthesizer = Synthesizer(engine, config.policy())
    with _warnings_shown(), closing(engine):
        for caution in sorted({engine.voice_warning(segment.voice) or "" for segment in filling.plan.missing} - {""}):
            log.warning("%s", caution)
        return filling.run(
            lambda segments: synthesizer.run(segments, filling.cache.store_segment, filling.cache.claim),
            lambda: synthesizer.throttle.in_flight,
            obstacle,
        )


def _fill_on_cluster(config_file: str | None, address: str) -> Tally:
    """Speak a site's missing sentences on a Dask cluster.

    Raises:
        SettingError: The cluster, or an option, cannot be used.
    """
    with Cluster(address, _order_of(_load(config_file))) as cluster:
        site = _read_site(config_file, Purpose.PLAN)
        filling = _filling_of(site, Shard(1, 1))
        if filling.cache.remote and filling.cache.remote.failure_reason:
            raise SettingError("remote_cache", "nothing was sent, as nobody knows what is stored there already")
        with _warnings_shown():
            tally = filling.run(
                lambda segments: cluster.synthesize(segments, filling.cache.store_segment),
                lambda: cluster.in_flight,
                filling.plan.excess(site.plugin.config.max_characters),
            )
            if cluster.failure_reason:
                log.warning(
                    "%s. It is in cache_dir of this machine; see 'mkdocs-lightning cache push'", cluster.failure_reason
                )
    return replace(tally, is_shared=cluster.failure_reason is None)


def _filling_of(site: _Site, shard: Shard) -> Filling:
    cache = site.cache()
    plan = site.overview(cache).plan
    return Filling(distinct_uses(site.narrations), plan, shard.keys(plan.segments), cache, log)


def _order_of(site: _Site) -> Order:
    """What a cluster's workers have to know of a site's options.

    Raises:
        SettingError: One that a cluster cannot keep to.
    """
    config = site.plugin.config
    engine = site.engine()
    if engine.price_per_character(engine.normalize_voice(resolve_voice(config.voice_settings()))) == 0:
        words = f"the voice '{engine.name}' is free on every machine, and not shared; a cluster is for 'lightning'"
        raise SettingError("engine", words)
    if config.concurrency is None:
        words = "'auto' finds the limit for one machine; set the number of requests that the whole cluster may make"
        raise SettingError("concurrency", words)
    if config.requests_per_minute is not None:
        words = "a cluster cannot keep it, as each worker would; take it out, and set concurrency"
        raise SettingError("requests_per_minute", words)
    remote = site.cache().remote
    if remote is None or not remote.may_write:
        words = "a cluster's workers store what they speak there; set it to an address that may be written"
        raise SettingError("remote_cache", words)
    options = config.engine_options()
    assert options.base_url
    return Order(
        engine=engine.name if config.engine == AUTO else config.engine,
        base_url=options.base_url,
        timeout=options.timeout,
        retries=config.retries,
        concurrency=config.concurrency,
        remote_cache=remote.url,
    )


def _read_site(config_file: str | None, purpose: Purpose) -> _Site:
    """Have MkDocs read the site as a build does, and end before templates; nothing is written to its site_dir."""
    with _warnings_shown():
        return _site_as_read(config_file, purpose)


@contextmanager
def _warnings_shown() -> Iterator[None]:
    """On standard error."""
    warnings = logging.StreamHandler()
    warnings.setLevel(logging.WARNING)
    loggers = [logging.getLogger(name) for name in ("mkdocs", "properdocs")]
    for logger in loggers:
        logger.addHandler(warnings)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(warnings)


def _site_as_read(config_file: str | None, purpose: Purpose) -> _Site:
    try:
        site = _load(config_file)
        site.plugin.purpose, site.plugin.narrations = purpose, site.read
        with tempfile.TemporaryDirectory() as site_dir:
            site.config.site_dir = site_dir
            site.config.plugins.on_startup(command="build", dirty=False)
            try:
                build(site.config)
            finally:
                site.config.plugins.on_shutdown()
                site.plugin.purpose = Purpose.SITE  # MkDocs keeps the plugin for the next build of this process
    except MkDocsException as error:
        _end(str(error), BAD_USAGE)
    return site


def _load(config_file: str | None) -> _Site:
    """A site's configuration; without it, or without the plugin in it, there is nothing to look after."""
    try:
        config = load_config(config_file, strict=False)
    except MkDocsException as error:
        _end(str(error), BAD_USAGE)
    plugins = [plugin for plugin in config.plugins.values() if isinstance(plugin, LightningPlugin)]
    if not plugins:
        _end(f"the plugin 'lightning' is not among the plugins of {config.config_file_path}", BAD_USAGE)
    return _Site(config, plugins[0])


def _print_json(overview: Overview) -> None:
    is_utf_8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"  # else programs would read something else
    click.echo(json.dumps(overview.as_json(), indent=2, ensure_ascii=not is_utf_8))


def _cost(overview: Overview) -> str:
    """The missing sentences' characters and price, in words."""
    price = "free" if overview.price_usd == 0 else f"price {dollars(overview.price_usd)}"
    return f"{count(overview.plan.characters, 'character')}, {price}"


def _missing_lines(overview: Overview, docs_dir: Path) -> list[str]:
    """The missing sentences, by page and block; on GitHub as annotations of the pages' files."""
    lines = []
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    for page in overview.pages:
        for use in page.uses:
            missing = [segment.text for segment in page.missing_of(use)]
            if not missing:
                continue
            if on_github:
                file = file_in(Path(os.environ.get("GITHUB_WORKSPACE", "")).absolute(), docs_dir / page.page)
                place = f"file={_escaped(file, ':,')},line={_line_of(use) or 1},title=Not voiced"
                lines.append(f"::error {place}::{_escaped('; '.join(missing))}")
            else:
                lines += [_place_of(use), *(f"  {text}" for text in missing)]
    return lines


def file_in(workspace: PurePath, file: PurePath) -> str:
    """A file's path as GitHub's annotations want it; the whole one where it is not in there, as on another drive."""
    return (file.relative_to(workspace) if file.is_relative_to(workspace) else file).as_posix()


def _place_of(use: Use) -> str:
    line = _line_of(use)
    return f"{page_of(use)}:{line}" if line else page_of(use)


def _line_of(use: Use) -> int | None:
    """A block's line; None also for the page of a plugin that has taken it away after the run."""
    try:
        return use.place.line
    except OSError:
        return None


def _escaped(text: str, further: str = "") -> str:
    """Text within a workflow command of GitHub Actions, which wants some characters percent-encoded."""
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _page_uri(page: str, docs_dir: Path, pages: Collection[str]) -> str:
    """A page's name within the docs directory, also for one who gives the path of its file, or spells it otherwise.

    Args:
        page: As it was given.
        docs_dir: Where the pages' sources are.
        pages: The names of those on which something is spoken.
    """
    path = Path(page)
    uri = path.as_posix()
    if path.exists() and path.resolve().is_relative_to(docs_dir.resolve()):
        uri = path.resolve().relative_to(docs_dir.resolve()).as_posix()
    if uri in pages:
        return uri
    file = path if path.exists() else docs_dir / path  # `Guide.md` for guide.md, where that is the same file
    same = (name for name in sorted(pages) if composed(name) == composed(uri) or is_same_file(docs_dir / name, file))
    return next(same, uri)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"  # noqa: PLR2004


def _format_of(output: Path) -> OutputFormat:
    """The format that a file's ending names, where such a file can be written."""
    try:
        output_format = OutputFormat(output.suffix.removeprefix(".").lower())
    except ValueError:
        _end(f"{output} does not end in a format: {', '.join(known.value for known in OutputFormat)}", BAD_USAGE)
    if not output.parent.is_dir():
        _end(f"there is no directory {output.parent}", BAD_USAGE)
    return output_format


def _plugin_config(config_file: str | None) -> LightningConfig:
    """The plugin's options in a site's configuration; the defaults where there is no site, or no such plugin."""
    if config_file:
        plugin = load_config(config_file).plugins.get("lightning")
        if plugin is not None:
            assert isinstance(plugin.config, LightningConfig)
            return plugin.config
    config = LightningConfig()
    config.validate()
    return config


def _speak(speaker: Engine, text: str, voice: Voice) -> Audio:
    """One sentence, checked as a build checks it."""
    audio = speaker.synthesize(text, voice)
    check(audio, text=text, sample_rate=voice.sample_rate, speed=voice.speed)
    return audio


def _end(message: str, code: int) -> NoReturn:
    click.echo(f"mkdocs-lightning: {message}", err=True)
    sys.exit(code)
