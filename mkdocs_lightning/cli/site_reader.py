"""Reads a site for the command: through MkDocs, with all of its plugins, up to the point where it would write pages."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, ConfigurationError

from mkdocs_lightning.base.errors import LightningError, shown
from mkdocs_lightning.base.yaml_file import yaml_advice
from mkdocs_lightning.cli.output import usage_errors_shown, warn, warnings_shown
from mkdocs_lightning.cli.site_options import check_file, unreadable
from mkdocs_lightning.cli.site_report import STAY, make_report
from mkdocs_lightning.engines import failure_of
from mkdocs_lightning.plugin import LightningPlugin
from mkdocs_lightning.plugin.build import limit_of, open_engine
from mkdocs_lightning.plugin.run_mode import Purpose, RunMode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.cli.site_report import Move, SiteReport
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.plugin.read_site import ReadSite
    from mkdocs_lightning.site.narration import Narration


@dataclass(frozen=True, slots=True)
class Site:
    """A site's configuration, and what MkDocs has read of the site.

    Attributes:
        config: MkDocs' own.
        plugin: The one of this site.
        site_dir: Where a build writes it. MkDocs' own configuration names another directory while the site is read.
        read: The site in each of its languages; empty before it is read, and if the plugin is not enabled.
    """

    config: MkDocsConfig
    plugin: LightningPlugin
    site_dir: Path
    read: list[ReadSite] = field(default_factory=list)

    @property
    def options(self) -> LightningConfig:
        """The plugin's options."""
        return self.plugin.config

    @property
    def narrations(self) -> list[Narration]:
        """The site in each of its languages."""
        return [language.build.narration for language in self.read]

    @property
    def docs_dir(self) -> Path:
        """Where the pages' sources are."""
        return Path(self.config.docs_dir)

    @property
    def cache(self) -> Cache:
        """The site's cache: that of its build, once it is read.

        Raises:
            SettingError: The address of the remote cache cannot be used.
        """
        return self.read[0].build.cache if self.read else self.plugin.cache()

    @property
    def engine(self) -> Engine:
        """The engine that names and prices the site's sentences; one that synthesizes is opened by itself.

        Raises:
            SettingError: There is none of that name; MkDocs does not find that out if the plugin is not enabled.
        """
        return self.read[0].build.engine if self.read else open_engine(self.options, RunMode())

    def quarantine_damaged(self) -> int:
        """Read the site's cached sentences and clips whole.

        Returns:
            The number of damaged files, which count as missing.
        """
        clips = {
            use.block.clip.key: use.block.clip for narration in self.narrations for use in narration.collector.uses
        }
        for clip in clips.values():
            self.cache.find_clip(clip)
        for segment in {segment.key: segment for clip in clips.values() for segment in clip.segments}.values():
            self.cache.read_segment(segment)
        return len(self.cache.damaged)

    def report(self, move: Move = STAY) -> SiteReport:
        """What the site needs, and what is missing; as `report_on`."""
        narrations = {language.locale: language.build.narration for language in self.read}
        return report_on(narrations, self.cache, self.engine, limit_of(self.engine, self.options), move)


def report_on(
    narrations: Mapping[str, Narration], cache: Cache, engine: Engine, max_characters: int | None, move: Move = STAY
) -> SiteReport:
    """What some narrations need, and what is missing both here and in the remote cache; warns if that fails.

    The arguments are those of `make_report`.

    Raises:
        SettingError: As for `Move.voice`.
    """
    clips = [move.clip_of(use) for narration in narrations.values() for use in narration.collector.uses]
    cache.look_up(clips)
    if transfers := cache.finish():
        for reason in transfers.failure_reasons:
            warn(reason)
    report = make_report(narrations, cache, engine, max_characters, move)
    for voice in {segment.voice for clip in clips for segment in clip.segments}:
        engine.normalize_voice(voice)  # another object did so when the site was read, and may have failed
    if failure := failure_of(engine):
        warn(failure)
    return report


class NoPluginError(LightningError):
    """A site does not use the plugin."""


def load_site(config_file: str | None, *, has_feed: bool = True) -> Site:
    """Load a site's configuration; end the command if it cannot be used, or the plugin is not in it.

    Args:
        config_file: The site's configuration.
        has_feed: Whether the command needs the podcast; else its settings are neither checked nor used.
    """
    with usage_errors_shown():
        return _load_site(config_file, has_feed=has_feed)


def _load_site(config_file: str | None, *, has_feed: bool) -> Site:
    """As `load_site`, without a word.

    Raises:
        NoPluginError: The plugin is not in it.
        LightningError: The file cannot be read, or the site's directories cannot be used.
        MkDocsException: The configuration cannot be used.
    """
    config = _load_config(config_file)
    plugins = [plugin for plugin in config.plugins.values() if isinstance(plugin, LightningPlugin)]
    if not plugins:
        raise NoPluginError(f"the plugin 'lightning' is not among the plugins of {config.config_file_path}")
    if not has_feed:
        plugins[0].config.feed = False
    plugins[0].config.check_site(config)  # `read_site` has MkDocs build into another directory than its site_dir
    return Site(config, plugins[0], Path(config.site_dir))


def _load_config(config_file: str | None) -> MkDocsConfig:
    """As MkDocs loads it, for which a directory is a traceback.

    Raises:
        LightningError: The file cannot be read, or the plugin's entry in it.
        MkDocsException: The configuration cannot be used.
    """
    try:
        return load_config(config_file, strict=False)
    except Abort:
        check_file(config_file)
        raise
    except ConfigurationError as error:
        raise LightningError(f"{error}{yaml_advice(error.__context__)}") from error
    except OSError as error:
        raise unreadable(str(config_file), error) from error


def read_site(
    config_file: str | None,
    purpose: Purpose,
    engine: str | None = None,
    *,
    pages: Collection[str] = (),
    has_feed: bool = True,
) -> Site:
    """Have MkDocs read a site as a build does, without writing to its site_dir; end the command if it cannot.

    Args:
        config_file: The site's configuration.
        purpose: What the site is read for.
        engine: Takes the place of the site's own.
        pages: As for `warnings_shown`.
        has_feed: As for `load_site`.
    """
    with warnings_shown(pages), usage_errors_shown():
        return read_quietly(config_file, purpose, engine, has_feed=has_feed)


def warn_if_disabled(site: Site) -> None:
    """Warn of a site whose plugin is not enabled: otherwise it seems that its audio is complete."""
    if not site.options.enabled:
        warn("the plugin 'lightning' is not enabled in mkdocs.yml, so nothing is spoken")


def read_quietly(
    config_file: str | None, purpose: Purpose, engine: str | None = None, *, has_feed: bool = True
) -> Site:
    """As `read_site`, without a word.

    Raises:
        NoPluginError: The site does not use the plugin.
        LightningError: Something else of the configuration cannot be used.
        MkDocsException: MkDocs cannot read the site.
    """
    source_date()  # where it cannot be used, MkDocs would end with a traceback
    with code_uncolored():
        site = _load_site(config_file, has_feed=has_feed)
        site.options.engine = engine or site.options.engine
        site.plugin.purpose, site.plugin.read = purpose, site.read
        with tempfile.TemporaryDirectory() as site_dir:
            site.config.site_dir = site_dir
            site.config.plugins.on_startup(command="build", dirty=False)
            try:
                build(site.config)
            finally:
                site.config.plugins.on_shutdown()
                site.plugin.purpose = Purpose.SITE  # MkDocs keeps the plugin for the next build of this process
    return site


def source_date() -> datetime | None:
    """The date of the site that `SOURCE_DATE_EPOCH` sets, in UTC; None if it sets none.

    Raises:
        LightningError: It is no date, which MkDocs would meet with a traceback.
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise LightningError(
            f"SOURCE_DATE_EPOCH is {shown(seconds)}, which is not a date; set it to seconds since 1970, or unset it"
        ) from None


@contextmanager
def code_uncolored() -> Iterator[None]:
    """Have Pygments take all code for plain text meanwhile: nobody hears colors, and looking for them takes long.

    All else, such as which fences are fences, is left to the extensions, as in a build.
    """
    try:
        from pygments.lexer import Lexer, RegexLexerMeta  # not every site has it
        from pygments.lexers.special import TextLexer
    except ModuleNotFoundError:
        yield
        return

    def read_plain(self: Lexer, text: str, *positional: bool, **named: bool) -> Iterator[tuple[_TokenType, str]]:
        return get_tokens(TextLexer(**self.options), text, *positional, **named)

    get_tokens = Lexer.get_tokens
    with (
        _replaced(Lexer, "get_tokens", read_plain),
        _replaced(RegexLexerMeta, "__call__", type.__call__),  # makes a lexer without its rules
    ):
        yield


@contextmanager
def _replaced(owner: type, name: str, method: Callable[..., object]) -> Iterator[None]:
    """Give a class of another package another method meanwhile."""
    original = getattr(owner, name)
    setattr(owner, name, method)
    try:
        yield
    finally:
        setattr(owner, name, original)
