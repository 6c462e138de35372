"""The plugin: MkDocs' events, each handed on to the step that it belongs to."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import Enum
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import quote, urljoin

from markupsafe import Markup
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url
from pathspec import GitIgnoreSpec

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.file_system import case_conflict, is_same_file, is_within, long_path, to_nfc
from mkdocs_lightning.base.hard_links import link_or_copy
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.shared import SharedCache
from mkdocs_lightning.engines import EngineOptions, make_engine
from mkdocs_lightning.exports.jsonld import script_element
from mkdocs_lightning.player.html_scanner import head_end
from mkdocs_lightning.player.slots import has_slots, page_slot, style_sheet_link
from mkdocs_lightning.player.ui_strings import ui_strings_for
from mkdocs_lightning.player.view import PLAYER_CLASS, SCRIPT, STYLESHEET, PageContext, PlayerTemplate
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.reading.lexicon import Lexicon, read_lexicon
from mkdocs_lightning.reading.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.page_settings import FolderSettings, PageSettings, settings_of_page
from mkdocs_lightning.reading.voice import NO_SETTINGS, VoiceSettings, resolve_voice, settings_for_locale
from mkdocs_lightning.site.clip_supply import SupplySettings
from mkdocs_lightning.site.narration import Narration, NarrationSettings
from mkdocs_lightning.site.spoken_block import Page
from mkdocs_lightning.synthesis.policy import Budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page as MkDocsPage

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.exports.podcast import Episode
    from mkdocs_lightning.reading.block import Block, Diagnostic
    from mkdocs_lightning.site.page_renderer import RenderedPage
    from mkdocs_lightning.site.spoken_block import SpokenBlock
    from mkdocs_lightning.synthesis.policy import Policy

Command = Literal["build", "gh-deploy", "serve"]

log = get_plugin_logger(__name__)

SERVE_TIMEOUT = 10.0
"""Seconds for a request under `serve`, and one try: the server answers nobody while it rebuilds."""

REST_SECONDS = 60.0
"""How long `serve` lets a service alone that has just failed."""

_SPENDING_COMMANDS = frozenset(["build", "gh-deploy"])


class Purpose(Enum):
    """What a run of MkDocs is for."""

    SITE = "build the site"
    PLAN = "find out what the site needs"
    AUDIO = "fill the cache"


class LightningPlugin(BasePlugin[LightningConfig]):
    """Speaks a site's `:::speak` blocks.

    Attributes:
        purpose: Set by the command line before a run; anything but `SITE` ends before templates.
        narrations: What such a run has read: the site in each language that is built, by its name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.purpose = Purpose.SITE
        self.narrations: list[tuple[str, Narration]] = []
        self._command = "build"
        self._extension = SpeakExtension(self._add_block, self._report_diagnostic)
        self._engine: Engine | None = None
        self._narration: Narration | None = None
        self._template: PlayerTemplate | None = None
        self._folders = FolderSettings(Path())
        self._narrated = GitIgnoreSpec([])
        self._language_voices: Mapping[str, VoiceSettings] = {}
        self._assets: dict[str, File] = {}
        self._feed_file: File | None = None
        self._nav_pages: list[MkDocsPage] = []
        self._rest_until = 0.0
        self._remote: Remote | None = None

    def on_startup(self, *, command: Command, dirty: bool) -> None:  # noqa: ARG002 - MkDocs names both
        """Remember whether this is a build, which may spend, or a preview; keeps one instance under `serve`."""
        self._command = command
        self._remote = None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Check the options and take part in Markdown; runs again for each rebuild and language, offline."""
        extensions = cast("list[object]", config.markdown_extensions)  # names, and instances
        if self._extension not in extensions:
            extensions.append(self._extension)  # the last, so that it has the blocks, and not one that needs no plugin
        self._close()
        if self.purpose is not Purpose.SITE:
            _leave_code_plain(config)
        try:
            self._begin(config)
        except SettingError as error:
            file = Path(config.config_file_path or "mkdocs.yml").name
            raise PluginError(f"{file}, plugin 'lightning', option '{error.setting}': {error}") from error
        return config

    @event_priority(-100)  # after others have put it in order
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002
        """Know the order of the pages, for the feed."""
        self._nav_pages = nav.pages

    def on_page_markdown(self, _markdown: str, /, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002
        """Know which page the blocks that are read next stand in, and its voice."""
        if self._narration is None:
            return
        self._narration.collector.begin_page(
            Page(page.file.src_uri, self._page_settings(page), lambda: page.file.content_string)
        )

    @event_priority(-50)  # after others have changed the content
    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Narrate the whole page, if that is asked for."""
        if self._narration is None:
            return html
        slot = self._narration.collector.add_page(html)
        self._narration.end_page()
        return html if slot is None else page_slot(html, slot)

    @event_priority(50)  # before others read the finished content, such as search
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Voice the site: all pages are rendered now, and files may still be added."""
        if self._narration is not None:
            self._narration.collector.end_pages()
        if self.purpose is not Purpose.SITE:
            return self._end_early(env, config, files)
        if self._narration is None:
            return env
        self._narration.synthesize()
        if self._command == "serve" and self._narration.supply.report.has_failed:
            self._rest_until = time.monotonic() + REST_SECONDS
        self._raise_for_unvoiced(self._narration)
        self._publish(self._narration, config, files)
        return env

    @event_priority(50)  # before a minifier
    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Fill the slots: whatever looked at the page's content until now, such as a search, saw its text alone."""
        if self._narration is None or self._template is None or not has_slots(output):
            return output
        filled = self._narration.renderer().render(
            output, self._template, self._page_context(page, config), self._url_from(page)
        )
        end = head_end(filled.html)
        return filled.html if end is None else filled.html[:end] + self._head(filled, page, config) + filled.html[end:]

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Say in one line what was done."""
        if self._narration and self._narration.supply.report.clips:
            log.info("%s", self._narration.supply.report)
            if self._command in _SPENDING_COMMANDS:
                self._narration.store_usage(_site_identity(config), datetime.now(UTC).date())
            self._narration.finish_transfers()
        self._close()

    def on_build_error(self, *, error: Exception) -> None:  # noqa: ARG002
        """Let go of the engine; what is in flight has been paid for."""
        if self._narration is not None:
            self._narration.close(is_urgent=False)
            self._narration.finish_transfers()
        self._close()

    def on_shutdown(self) -> None:
        """Let go of the engine, also after Ctrl-C."""
        self._close()

    def cache(self) -> Cache:
        """The site's cache.

        Raises:
            SettingError: The address of the remote one cannot be used.
        """
        root, remote = Path(self.config.cache_dir), self.config.remote()
        if remote is None:
            return Cache(root)
        if self._remote is None or self._remote.address != remote.address:
            self._remote = remote  # it stays for the rebuilds of `serve`, with what it has learned
        return SharedCache(root, self._remote)

    def _begin(self, config: MkDocsConfig) -> None:
        """Make ready for one build.

        Raises:
            SettingError: An option that cannot be used.
        """
        self._narration = None
        self._assets = {}
        self._feed_file = None
        self._folders = FolderSettings(Path(config.docs_dir))
        self._narrated = self.config.narrate_spec()
        if not self.config.enabled:
            return
        self.config.check_names()
        self.config.check_audio_dir()
        _check_cache_dir(self.config, Path(config.docs_dir))
        if self.config.feed and not config.site_url:
            raise SettingError("feed", "a feed needs site_url, as its addresses are whole ones; set it in mkdocs.yml")
        voice = resolve_voice(self.config.voice_settings())
        self._language_voices = self.config.language_voices()
        engine = make_engine(self.config.engine, self._engine_options())
        is_free = engine.price_per_character(engine.normalize_voice(voice)) == 0
        settings = NarrationSettings(
            voice=self.config.voice_settings(),
            output_format=OutputFormat(self.config.output_format),
            supply=SupplySettings(
                policy=self._policy(),
                hold_reason=self._silent_because(is_free=is_free),
                budget=Budget(self.config.max_characters),
                is_early=self.purpose is not Purpose.PLAN,
            ),
            lexicon=read_lexicon(Path(self.config.lexicon)) if self.config.lexicon else Lexicon(),
        )
        self._engine = engine
        self._template = PlayerTemplate(config.theme.dirs)
        draft_engine = make_engine("offline", EngineOptions()) if self._command == "serve" and not is_free else None
        self._narration = Narration(settings, self._engine, self.cache(), log, draft_engine)

    def _end_early(self, env: Environment, config: MkDocsConfig, files: Files) -> Environment:
        """Have what was wanted, and let the rest of the run write nothing: there are no pages, and no templates."""
        if self._narration is not None:
            self.narrations.append((_site_identity(config), self._narration))
            if self.purpose is Purpose.AUDIO:
                self._narration.synthesize()
                self._narration.finish_transfers()
        for file in list(files):
            files.remove(file)
        config.theme.static_templates.clear()
        config.extra_templates.clear()
        # Nor is there a finished site, to be minified or printed. But mkdocs-static-i18n builds the next language then.
        still_needed = (self, config.plugins.get("i18n", self))
        after = config.plugins.events["post_build"]
        after[:] = [method for method in after if getattr(method, "__self__", None) in still_needed]
        return env

    def _engine_options(self) -> EngineOptions:
        options = self.config.engine_options()
        if self._command != "serve":
            return options
        return replace(options, timeout=min(options.timeout, SERVE_TIMEOUT))  # readers wait while a page is rebuilt

    def _policy(self) -> Policy:
        policy = self.config.policy()
        return policy if self._command != "serve" else replace(policy, retries=0, give_up_after=1)

    def _silent_because(self, *, is_free: bool) -> str | None:
        if self.purpose is Purpose.AUDIO:
            return None
        if self.config.synthesize == "never":
            return "synthesize is 'never'"
        if self.config.synthesize == "build" and self._command not in _SPENDING_COMMANDS and not is_free:
            return "'mkdocs serve' plays what is cached; run 'mkdocs build', or set synthesize to 'always'"
        if time.monotonic() < self._rest_until:
            return "the service failed a moment ago, and is left in peace for a minute"
        return None

    def _page_settings(self, page: MkDocsPage) -> PageSettings | None:
        """What a page and its folders say; None, with a warning, when that cannot be used."""
        uri = page.file.src_uri
        try:
            of_folders = self._folders.of_page(uri)
        except SettingError as error:
            log.warning("%s. Correct it; until then the pages below it are shown unspoken, such as '%s'", error, uri)
            return None
        settings = settings_of_page(uri, page.meta, log)
        if settings is None:
            return None
        of_site = PageSettings(self._locale_settings(page), self._narrated.match_file(to_nfc(uri)))
        return settings.over(of_folders).over(of_site)

    def _locale_settings(self, page: MkDocsPage) -> VoiceSettings:
        """The voice of a page's language, where mkdocs-static-i18n knows it."""
        locale = getattr(page.file, "locale", None)
        if not locale:
            return NO_SETTINGS
        return settings_for_locale(str(locale), self.config.voice_settings(), self._language_voices)

    def _add_block(self, block: Block) -> str | None:
        return self._narration.collector.add(block) if self._narration else None

    def _report_diagnostic(self, diagnostic: Diagnostic) -> None:
        if self._narration:
            self._narration.collector.report_diagnostic(diagnostic)

    def _raise_for_unvoiced(self, narration: Narration) -> None:
        must_stop = self.config.on_error == "fail" and self._command in _SPENDING_COMMANDS
        if must_stop and narration.supply.report.missing and self.config.synthesize != "never":
            raise PluginError("the site was not built, because on_error is 'fail' and blocks could not be voiced")

    def _publish(self, narration: Narration, config: MkDocsConfig, files: Files) -> None:
        """Add the clips, and what the player needs, to the files of the site."""
        playable = [*narration.supply.cached.values(), *narration.supply.drafts.values()]
        if not playable and self._command in _SPENDING_COMMANDS:
            return
        for asset in (STYLESHEET, SCRIPT):
            self._add_asset(asset, config, files)
        directory = long_path(Path(config.site_dir, self.config.audio_dir))
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for stored in playable:
                link_or_copy(stored.path, directory / stored.path.name)
            for name, track in narration.captions().items():
                link_or_copy(track, directory / name)
        except OSError as error:
            raise PluginError(f"the site's directory {directory} cannot be written ({error.strerror})") from error
        self._warn_of_other_spelling(config, files)
        if self.config.feed:
            self._publish_feed(narration, config, files)

    def _warn_of_other_spelling(self, config: MkDocsConfig, files: Files) -> None:
        """Windows and macOS put `Assets` and `assets` into one directory, under the name that came first: ours."""
        other = case_conflict(self.config.audio_dir, (file.dest_uri for file in files))
        if other is None:
            return
        own = self.config.audio_dir[: len(other)]
        if is_same_file(Path(config.site_dir, other), Path(config.site_dir, own)):
            log.warning(
                "audio_dir: '%s' and '%s' are one directory on this machine, and two on most web servers, "
                "which will miss the files of one. Write audio_dir with '%s'",
                own,
                other,
                other,
            )

    def _add_asset(self, asset: Path, config: MkDocsConfig, files: Files) -> None:
        """Add a file that the player needs, unless the site has its own."""
        uri = f"{self.config.audio_dir}/{asset.name}"
        file = files.get_file_from_path(uri)
        if file is None:
            file = File.generated(config, uri, abs_src_path=str(asset))
            files.append(file)
        self._assets[asset.name] = file

    def _publish_feed(self, narration: Narration, config: MkDocsConfig, files: Files) -> None:
        """Add the podcast of the narrated pages, in the order of the site."""
        from mkdocs_lightning.exports.podcast import Channel, make_feed

        narrated: dict[str, tuple[SpokenBlock, CachedClip]] = {}
        for use in narration.collector.uses:
            stored = narration.supply.cached.get(use.block.clip.key)
            if use.block.is_page and use.location.page and stored:
                narrated[use.location.page.uri] = use.block, stored
        in_nav = {page.file.src_uri: page for page in self._nav_pages}
        others = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
        pages = [page for uri, page in (in_nav | others).items() if uri in narrated]
        if not pages:
            log.warning("feed: no page is narrated, so there is nothing to subscribe to; see the option narrate")
            return
        language = _language(pages[0], config)
        name = "podcast.xml" if getattr(pages[0].file, "locale", None) is None else f"podcast.{language}.xml"
        channel = Channel(
            title=config.site_name,
            url=config.site_url or "",
            feed_url=urljoin(config.site_url or "", name),
            description=f"{config.site_description or config.site_name}. {ui_strings_for(language).synthetic}.",
            author=config.site_author or config.site_name,
            language=language,
            copyright=_plain(config.copyright),
        )
        # Programs that sort by date would put those without one anywhere: all have one, or none.
        dates = [_date_of(page) for page in pages]
        dates = dates if all(dates) else [None] * len(pages)
        episodes = [
            self._episode(page, *narrated[page.file.src_uri], published, config)
            for page, published in zip(pages, dates, strict=True)
        ]
        self._feed_file = File.generated(config, name, content=make_feed(channel, episodes))
        files.append(self._feed_file)

    def _episode(
        self,
        page: MkDocsPage,
        spoken: SpokenBlock,
        stored: CachedClip,
        published: datetime | None,
        config: MkDocsConfig,
    ) -> Episode:
        from mkdocs_lightning.exports.podcast import Episode

        site_url = config.site_url or ""
        language = _language(page, config)
        return Episode(
            title=_plain(page.title),
            url=page.canonical_url or "",
            audio_url=urljoin(site_url, self._audio_url(stored.path.name)),
            size=stored.size,
            media_type=spoken.clip.output_format.media_type,
            duration=stored.duration,
            transcript_url=urljoin(site_url, self._audio_url(spoken.captions_name(stored))),
            transcript_language=spoken.language or language,
            summary=_plain(page.meta.get("description")) or spoken.summary,
            published=published,
        )

    def _audio_url(self, name: str) -> str:
        """The URL of a clip's or a track's file, relative to the site."""
        return f"{quote(PurePosixPath(self.config.audio_dir).as_posix())}/{name}"

    def _url_from(self, page: MkDocsPage) -> Callable[[str], str]:
        """Gives the URLs of such files as a page has them."""
        directory = get_relative_url(self._audio_url(""), page.file.url)
        return lambda name: directory + name

    def _page_context(self, page: MkDocsPage, config: MkDocsConfig) -> PageContext:
        script = self._assets.get(SCRIPT.name)
        return PageContext(
            site_name=config.site_name,
            title=_plain(page.title),
            language=_language(page, config),
            url=page.canonical_url or "",
            script=script.url_relative_to(page.file) if script else "",
        )

    def _head(self, filled: RenderedPage, page: MkDocsPage, config: MkDocsConfig) -> str:
        """What a page with players has in its head: the style sheet, and what its clips are for other programs."""
        head = ""
        style_sheet = self._assets.get(STYLESHEET.name)
        if style_sheet and PLAYER_CLASS in filled.html:
            head += style_sheet_link(style_sheet.url_relative_to(page.file))
        if filled.clips and self._feed_file:
            url = escape(self._feed_file.url_relative_to(page.file))
            title = escape(config.site_name)
            head += f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{url}">\n'
        return head + script_element(filled.clips)

    def _close(self) -> None:
        if self._narration is not None:
            self._narration.close(is_urgent=True)
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _plain(text: object) -> str:
    """A title, as MkDocs or an author has it, without markup."""
    return Markup(text or "").striptags()  # noqa: S704 - to be stripped of it


def _date_of(page: MkDocsPage) -> datetime | None:
    """The day that a page's front matter names, as blogs have it; nothing else about a page's age is sure."""
    named = page.meta.get("date")
    day = named.get("created") if isinstance(named, Mapping) else named
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.combine(day, datetime.min.time(), UTC) if isinstance(day, date) else None


def _language(page: MkDocsPage, config: MkDocsConfig) -> str:
    """The language that a page is written in, as far as the site says it."""
    of_page = getattr(page.file, "locale", None)  # mkdocs-static-i18n knows it of each file
    return str(of_page or config.theme.get("language") or config.theme.locale or "en").replace("_", "-")


def _site_identity(config: MkDocsConfig) -> str:
    """A site's name, with its version (mike names it to the build) and its language."""
    version = os.environ.get("MIKE_DOCS_VERSION", "")
    language = str(config.theme.get("language") or config.theme.locale or "")
    return " ".join(part for part in (config.site_name, config.site_url or "", version, language) if part)


def _leave_code_plain(config: MkDocsConfig) -> None:
    """Highlight nothing where no page is to be seen: that takes a good part of a page's time, and is not heard."""
    for name in ("codehilite", "markdown.extensions.codehilite", "pymdownx.highlight"):
        if name in config.markdown_extensions:
            config.mdx_configs[name] = {**(config.mdx_configs.get(name) or {}), "use_pygments": False}


def _check_cache_dir(config: LightningConfig, docs_dir: Path) -> None:
    if is_within(Path(config.cache_dir), docs_dir):
        raise SettingError(
            "cache_dir", f"'{config.cache_dir}' is under docs_dir, where 'mkdocs serve' would rebuild for ever"
        )
