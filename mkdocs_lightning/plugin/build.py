"""What one build needs, made from the options in one place: for the plugin, the command and `publish` alike."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mkdocs.exceptions import PluginError
from mkdocs.plugins import get_plugin_logger

from mkdocs_lightning.audio.formats import ClipSettings
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.engines import EngineOptions, costs_nothing, make_engine, make_stand_in
from mkdocs_lightning.player.view import PlayerTemplate
from mkdocs_lightning.plugin.annotations import Annotations, run_log
from mkdocs_lightning.plugin.run_mode import Purpose, RunMode
from mkdocs_lightning.reading.lexicon import NO_LEXICON, read_lexicon
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.site.clip_supply import SupplySettings
from mkdocs_lightning.site.narration import Narration, NarrationSettings
from mkdocs_lightning.synthesis.policy import Budget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.livereload import LiveReloadServer

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.plugin.run_mode import Command
    from mkdocs_lightning.reading.lexicon import Lexicon

RETRY_AFTER = 60.0
"""Seconds for which `serve` does not ask a service again that has just failed."""

_log = get_plugin_logger(__name__)


@dataclass(frozen=True, slots=True)
class Build:
    """What one build needs; of a site in several languages, each language is a build of its own.

    Attributes:
        mode: How MkDocs was started.
        engine: Names the site's sentences, and synthesizes the missing ones.
        stand_in: Speaks them where `auto` has no key; else None.
        cache: Where audio is looked up and stored.
        budget: The characters that may still be sent; shared by all builds of one run.
        narration: Collects the blocks, gets their audio, and renders their players.
        template: Renders one player.
        audio_dir: Where the clips are in the site.
    """

    mode: RunMode
    engine: Engine
    stand_in: Engine | None
    cache: Cache
    budget: Budget
    narration: Narration
    template: PlayerTemplate
    audio_dir: str

    def close(self, *, is_urgent: bool) -> None:
        """Start no further request, and close the engine.

        Args:
            is_urgent: Whether a signal ends the program. Replies to requests in flight, which are paid for, have up to
                5 s to arrive and to be stored then; otherwise up to 10 s.
        """
        self.narration.close(is_urgent=is_urgent)
        self.engine.close()
        if self.stand_in:
            self.stand_in.close()

    def stop(self, *, is_urgent: bool) -> None:
        """End a build that has not come to its end: as `close`, and with uploads to a remote cache.

        Args:
            is_urgent: As for `close`.
        """
        self.close(is_urgent=is_urgent)
        self.narration.finish_transfers(is_urgent=is_urgent)


def limit_of(engine: Engine, config: LightningConfig) -> int | None:
    """The option max_characters; None if there is no limit, as for an engine that costs nothing."""
    return None if costs_nothing(engine, resolve_voice(config.voice_settings())) else config.max_characters


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the builds of one run share: a site may have one for each of its languages.

    Attributes:
        budget: What may be sent.
        log: Receives each warning once.
        told_voices: The warnings of voices that were told, which do not go through the log.
    """

    budget: Budget
    log: Log
    told_voices: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, config: LightningConfig) -> Self:
        """That of a run with these options."""
        return cls(Budget(config.max_characters), run_log(__name__))


def prepare_build(
    config: LightningConfig,
    mode: RunMode,
    *,
    run: RunContext | None = None,
    cache: Cache | None = None,
    template_dirs: Sequence[str] = (),
) -> Build:
    """Make what a build needs, once all options are checked; sends nothing.

    Args:
        config: The plugin's options.
        mode: How MkDocs was started.
        run: That this build belongs to; by default this build is a run of its own.
        cache: By default the one that the options name.
        template_dirs: Where a site's own player template is looked for first.

    Raises:
        SettingError: An option that cannot be used.
    """
    config.check_names()
    config.check_audio_dir()
    engine = open_engine(config, mode)
    stand_in = make_stand_in(config.engine, engine)
    is_free = costs_nothing(stand_in or engine, resolve_voice(config.voice_settings()))
    run = run or RunContext.begin(config)
    budget = Budget() if is_free else run.budget
    settings = NarrationSettings(
        voices=config.site_voices(),
        clips=ClipSettings(mode.output_format(config.output_format), config.loudness),
        lexicon=open_lexicon(config),
        supply=SupplySettings(
            policy=mode.limit_policy(config.policy()),
            budget=budget,
            hold_reason=mode.hold_reason(config.synthesize, is_free=is_free),
            stand_in=stand_in,
            is_early=mode.purpose is not Purpose.PLAN and stand_in is None,
            finds_words=config.highlight == "word" and mode.purpose is not Purpose.PLAN,
            told_voices=run.told_voices,
        ),
    )
    cache = cache or open_cache(config)
    draft_engine = make_engine("offline", EngineOptions()) if mode.is_serve and not is_free else None
    return Build(
        mode=mode,
        engine=engine,
        stand_in=stand_in,
        cache=cache,
        budget=budget,
        narration=Narration(settings, engine, cache, run.log, draft_engine),
        template=PlayerTemplate(template_dirs),
        audio_dir=config.audio_dir,
    )


def report_build(build: Build, identity: str | None) -> None:
    """Report in one line what was done, and note what the site uses, for `cache prune`.

    Args:
        build: Its synthesis has ended.
        identity: The site's; None to leave the note as it is, since not all pages were read.
    """
    narration = build.narration
    if not narration.supply.report.clips:
        return
    _log.info("%s", narration.supply.report)
    if identity is not None:
        narration.store_usage(identity, datetime.now(UTC).date())
    narration.finish_transfers()


def open_lexicon(config: LightningConfig) -> Lexicon:
    """The site's lexicon; an empty one if it has none.

    Raises:
        SettingError: It cannot be read.
    """
    return read_lexicon(Path(config.lexicon)) if config.lexicon else NO_LEXICON


def open_engine(config: LightningConfig, mode: RunMode) -> Engine:
    """The site's engine; it connects to nothing before it is asked for audio.

    Raises:
        SettingError: There is no engine of that name, or an option that it cannot use.
    """
    return make_engine(config.engine, mode.limit_engine(config.engine_options()))


def open_cache(config: LightningConfig, remote: Remote | None = None) -> Cache:
    """The site's cache, with the remote one behind it if the site has one.

    Args:
        config: The plugin's options.
        remote: The remote cache, if an earlier build has opened it: it knows what is there.

    Raises:
        SettingError: The address of the remote cache cannot be used.
    """
    remote = remote or config.remote()
    if not remote:
        return Cache(Path(config.cache_dir))
    from mkdocs_lightning.cache.shared import SharedCache

    return SharedCache(Path(config.cache_dir), remote)


class Session:
    """What outlasts one build in a process of MkDocs.

        serve, or one command
        ├── run: one configuration as MkDocs has loaded it, with one budget
        │   ├── build: the site, or its first language
        │   └── build: its next language, with mkdocs-static-i18n
        └── run: the next rebuild of `serve`

    Args:
        command: The command of MkDocs.
        is_dirty: Whether MkDocs reads only the pages that have changed.

    Attributes:
        annotations: Of the warnings of all builds.
    """

    def __init__(self, command: Command = "build", *, is_dirty: bool = False) -> None:
        self.annotations = Annotations()
        self._command = command
        self._is_dirty = is_dirty
        self._config: LightningConfig | None = None
        self._run: RunContext | None = None
        self._remote: Remote | None = None
        self._retry_at = 0.0
        self._server: LiveReloadServer | None = None  # None before its first build has ended
        self._watched: set[str] = set()

    def watch(self, server: LiveReloadServer) -> None:
        """Have `serve` rebuild the site when a file changes that the options name, now or in a later rebuild."""
        self._server = server
        if self._config is not None:
            self._watch_files_of(self._config)

    def run_of(self, config: LightningConfig) -> RunContext:
        """What the builds of one configuration share; a new one, once MkDocs has loaded it again."""
        if self._run is None or config is not self._config:
            self._config, self._run = config, RunContext.begin(config)
            self._watch_files_of(config)
        return self._run

    def start_build(self, config: LightningConfig, purpose: Purpose, template_dirs: Sequence[str]) -> Build:
        """As `prepare_build`, for the next build of this process."""
        is_service_down = time.monotonic() < self._retry_at
        mode = RunMode(self._command, purpose, self._is_dirty, is_service_down)
        cache = self.cache(config)
        return prepare_build(config, mode, run=self.run_of(config), cache=cache, template_dirs=template_dirs)

    def cache(self, config: LightningConfig) -> Cache:
        """As `open_cache`, with what this process has learned of the remote cache."""
        remote = config.remote()
        if remote is None or self._remote is None or remote.address != self._remote.address:
            self._remote = remote
        return open_cache(config, self._remote)

    def _watch_files_of(self, config: LightningConfig) -> None:
        """Watch the lexicon, which need not be in the docs directory."""
        if self._server is not None and config.lexicon and config.lexicon not in self._watched:
            self._watched.add(config.lexicon)
            self._server.watch(config.lexicon)

    def begin_synthesis(self, build: Build, config: LightningConfig) -> None:
        """Request what is missing, once all pages were read.

        Each page then waits for clips of its own, so that the next ones are synthesized while MkDocs writes it. Under
        `serve`, this waits for everything, and so it does where a single failure stops the build: a site of which
        nothing can be published is not written either.

        Raises:
            PluginError: As for `end_synthesis`.
        """
        waits = build.mode.is_serve or config.on_error == "fail"
        build.narration.end_pages(waits=waits, has_feed=config.feed is not False)
        if build.narration.is_complete:
            self.end_synthesis(build, config)

    def end_synthesis(self, build: Build, config: LightningConfig) -> None:
        """Wait for what is missing; under `serve`, a service that fails is not asked again for `RETRY_AFTER`.

        Raises:
            PluginError: Something is still missing, and on_error is `fail`.
        """
        if not build.narration.is_complete:
            build.narration.synthesize()
        report = build.narration.supply.report
        if build.mode.is_serve:
            self._retry_at = time.monotonic() + RETRY_AFTER if report.has_failed else self._retry_at
        elif report.missing and config.on_error == "fail" and config.synthesize != "never":
            raise PluginError("the site was not built: on_error is 'fail', and some blocks could not be synthesized")
