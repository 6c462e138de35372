"""The command `synth`: fills the cache on this machine, as one of several jobs, or on a Dask cluster."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import click

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.interruptible import INTERRUPTIONS
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, fail, log, usage_errors_shown, warnings_shown
from mkdocs_lightning.cli.sentence_supply import SentenceSupply
from mkdocs_lightning.cli.site_reader import load_site, read_site, warn_if_disabled
from mkdocs_lightning.cli.site_report import distinct_uses, unspoken_notice, unspoken_of
from mkdocs_lightning.engines import AUTO, costs_nothing
from mkdocs_lightning.plugin.build import limit_of, open_engine
from mkdocs_lightning.plugin.run_mode import Purpose, RunMode
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.site.report import finish_sharing, warn_of_stop
from mkdocs_lightning.site.supply.voice_notices import voice_notices
from mkdocs_lightning.synthesis.clip_builder import SECONDS_AFTER_SIGNAL
from mkdocs_lightning.synthesis.cluster import Cluster
from mkdocs_lightning.synthesis.cluster_worker import RunSettings
from mkdocs_lightning.synthesis.plan import Shard
from mkdocs_lightning.synthesis.policy import Budget, Spending
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.site.report import SynthesisReport


@click.command(short_help="Synthesize what is missing, without a build.")
@click.option(
    "--shard", metavar="I/N", help="Synthesize only part I of N, such as 2/5, and make no clips: for N separate jobs."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Synthesize on this Dask cluster, such as tcp://10.0.0.1:8786, and make no clips.",
)
@config_file_option
@click.pass_obj
def synth(config_file: str | None, shard: str | None, scheduler: str | None) -> None:
    """Synthesize what is missing, without building the site. Costs money."""
    if shard is not None and scheduler is not None:
        fail("--shard and --scheduler cannot be combined: a cluster distributes the work itself", BAD_USAGE)
    if shard is None and scheduler is None:
        _synthesize_site(config_file)
    with usage_errors_shown():
        if scheduler is not None:
            report = _synthesize_on_cluster(config_file, scheduler)
        elif shard is not None:
            report = _synthesize_shard(config_file, Shard.parse(shard))
    click.echo(str(report))
    sys.exit(FAILED if report.missing or not report.is_shared else 0)


def _synthesize_site(config_file: str | None) -> NoReturn:
    """Have the plugin do as in a build, clips and all, and end the command."""
    site = read_site(config_file, Purpose.AUDIO)
    warn_if_disabled(site)
    for narration in site.narrations:
        click.echo(str(narration.supply.report))
    unspoken = unspoken_of(site.narrations)
    if unspoken:
        click.echo(unspoken_notice(unspoken))
    if any(narration.supply.report.missing for narration in site.narrations):
        sys.exit(BAD_USAGE if site.engine.unavailable_reason else FAILED)
    sys.exit(FAILED if unspoken else 0)


def _synthesize_shard(config_file: str | None, shard: Shard) -> SynthesisReport:
    """Synthesize one part of a site's missing sentences on this machine."""
    site = read_site(config_file, Purpose.PLAN)
    engine = open_engine(site.options, RunMode())
    supply = _sentence_supply(site, shard)
    budget = Budget(limit_of(engine, site.options))
    reason = engine.unavailable_reason or budget.refusal_reason(supply.plan.characters)
    synthesizer = Synthesizer(engine, site.options.policy(), Spending(budget))
    run = synthesizer.start(supply.cache.store_segment, supply.cache.claim, with_audio=False)
    with warnings_shown(), closing(engine):
        _warn_of_voices(engine, supply)
        try:
            return supply.complete(
                run.results_of,
                lambda: synthesizer.throttle.in_flight,
                synthesizer.spending,
                reason,
                synthesizer.waits_until,
            )
        except INTERRUPTIONS:
            run.stop()
            warn_of_stop(run.wait(SECONDS_AFTER_SIGNAL), log)
            finish_sharing(supply.cache, log, is_urgent=True)
            raise


def _synthesize_on_cluster(config_file: str | None, address: str) -> SynthesisReport:
    """Synthesize a site's missing sentences on a Dask cluster.

    Raises:
        SettingError: The cluster, or an option, cannot be used.
    """
    with Cluster(address, _run_settings(load_site(config_file))) as cluster:
        site = read_site(config_file, Purpose.PLAN)
        supply = _sentence_supply(site, Shard(1, 1))
        if supply.cache.remote and supply.cache.remote.failure_reason:
            raise SettingError("remote_cache", "nothing was sent, because what is stored there cannot be read")
        with warnings_shown():
            _warn_of_voices(site.engine, supply)
            if cluster.limit_notice:
                log.warning("%s", cluster.limit_notice)
            report = supply.complete(
                lambda segments: cluster.synthesize(segments, supply.cache.store_segment),
                lambda: cluster.in_flight,
                cluster.spending,
                Budget(site.options.max_characters).refusal_reason(supply.plan.characters),
            )
            if cluster.failure_reason:
                log.warning(
                    "%s. Its audio is in this machine's cache_dir; 'mkdocs-lightning cache push' shares it",
                    cluster.failure_reason,
                )
    return replace(report, is_shared=cluster.failure_reason is None)


def _warn_of_voices(engine: Engine, supply: SentenceSupply) -> None:
    for notice in voice_notices(engine, supply.plan.missing, supply.uses).values():
        log.warning("%s", notice)


def _sentence_supply(site: Site, shard: Shard) -> SentenceSupply:
    plan = site.report().plan
    return SentenceSupply(distinct_uses(site.narrations), plan, shard.keys(plan.segments), site.cache, log)


def _run_settings(site: Site) -> RunSettings:
    """What a cluster's workers need to know of a site's options.

    Raises:
        SettingError: An option that a cluster does not support.
    """
    options = site.options
    engine = site.engine
    if costs_nothing(engine, resolve_voice(options.voice_settings())):
        words = f"'{engine.name}' costs nothing on any machine, so it is not shared; a cluster is for 'lightning'"
        raise SettingError("engine", words)
    if options.concurrency is None:
        words = "'auto' finds the limit for one machine; set the number of requests that the whole cluster may make"
        raise SettingError("concurrency", words)
    if options.requests_per_minute is not None:
        words = "is not supported on a cluster; remove it, and set concurrency"
        raise SettingError("requests_per_minute", words)
    remote = site.cache.remote
    if remote is None or not remote.may_write:
        words = "a cluster's workers store their audio there; set it to an address that they can write to"
        raise SettingError("remote_cache", words)
    engine_options = options.engine_options()
    assert engine_options.base_url
    return RunSettings(
        engine=engine.name if options.engine == AUTO else options.engine,
        base_url=engine_options.base_url,
        timeout=engine_options.timeout,
        retries=options.retries,
        concurrency=options.concurrency,
        remote_cache=remote.url,
        has_budget=options.max_characters is not None,
    )
