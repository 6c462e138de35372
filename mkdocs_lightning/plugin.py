"""The plugin: MkDocs' events, each handed on to the step that it belongs to."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, cast

from jinja2 import FunctionLoader
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File
from pathspec import GitIgnoreSpec

from mkdocs_lightning.audio import OutputFormat
from mkdocs_lightning.cache import Cache
from mkdocs_lightning.config import LightningConfig
from mkdocs_lightning.engines import EngineOptions, make_engine
from mkdocs_lightning.errors import SettingError
from mkdocs_lightning.lexicon import Lexicon, read_lexicon
from mkdocs_lightning.markdown import SpeakExtension
from mkdocs_lightning.narration import Narration, NarrationSettings, Page
from mkdocs_lightning.page import META_KEY, FolderSettings, PageSettings
from mkdocs_lightning.player import PLAYER_MARK, STYLESHEET, PlayerTemplate, has_slots, put_slot_under_title
from mkdocs_lightning.voice import resolve_voice, unknown_name

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page as MkDocsPage

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.markdown import Block, Mistake
    from mkdocs_lightning.synthesis import Effort

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
        self._extension = SpeakExtension(self._add_block, self._complain)
        self._engine: Engine | None = None
        self._narration: Narration | None = None
        self._template: PlayerTemplate | None = None
        self._folders = FolderSettings(Path())
        self._narrated = GitIgnoreSpec([])
        self._clip_files: dict[str, File] = {}
        self._stylesheet: File | None = None
        self._rest_until = 0.0

    def on_startup(self, *, command: Command, dirty: bool) -> None:  # noqa: ARG002 - MkDocs names both
        """Remember whether this is a build, which may spend, or a preview; keeps one instance under `serve`."""
        self._command = command

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Check the options and take part in Markdown; runs again for each rebuild and language, offline."""
        extensions = cast("list[object]", config.markdown_extensions)  # names, and instances
        if self._extension not in extensions:
            extensions.append(self._extension)
        self._close()
        try:
            self._begin(config)
        except SettingError as error:
            raise PluginError(f"mkdocs.yml, plugin 'lightning', option '{error.setting}': {error}") from error
        return config

    def on_page_markdown(self, _markdown: str, /, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002
        """Know which page the blocks that are read next stand in, and its voice."""
        if self._narration is None:
            return
        self._narration.begin_page(Page(page.file.src_uri, self._page_settings(page), lambda: page.file.content_string))

    @event_priority(-50)  # after others have changed the content
    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Narrate the whole page, if that is asked for: its player stands under the title."""
        slot = self._narration.add_page(html) if self._narration else None
        return html if slot is None else put_slot_under_title(html, slot)

    @event_priority(50)  # before others read the finished content, such as search
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Voice the site: all pages are rendered now, and files may still be added."""
        if self._narration is not None:
            self._narration.end_pages()
        if self.purpose is not Purpose.SITE:
            return self._end_early(env, config, files)
        if self._narration is None:
            return env
        self._narration.voice()
        if self._command == "serve" and self._narration.report.failed:
            self._rest_until = time.monotonic() + REST_SECONDS
        self._raise_for_unvoiced(self._narration)
        self._publish(self._narration, config, files)
        for file in files.documentation_pages():
            if file.page and file.page.content and has_slots(file.page.content):
                file.page.content = self._fill(file.page.content, file)
        return env

    @event_priority(50)  # before a minifier
    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str | None:  # noqa: ARG002
        """Fill the slots that were rendered late, such as a blog's excerpts, and bring in the style sheet."""
        if has_slots(output):
            output = self._fill(output, page.file)
        if PLAYER_MARK not in output or self._stylesheet is None:
            return output
        link = f'<link rel="stylesheet" href="{escape(self._stylesheet.url_relative_to(page.file))}">'
        return output.replace("</head>", f"{link}\n</head>", 1)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Say in one line what was done."""
        if self._narration and self._narration.report.clips:
            log.info("%s", self._narration.report)
            if self._command in _SPENDING_COMMANDS:
                self._narration.record_usage(_site_identity(config), datetime.now(UTC).date())
        self._close()

    def on_build_error(self, *, error: Exception) -> None:  # noqa: ARG002
        """Let go of the engine."""
        self._close()

    def on_shutdown(self) -> None:
        """Let go of the engine, also after Ctrl-C."""
        self._close()

    def _begin(self, config: MkDocsConfig) -> None:
        """Make ready for one build.

        Raises:
            SettingError: An option that cannot be used.
        """
        self._narration = None
        self._clip_files = {}
        self._stylesheet = None
        self._folders = FolderSettings(Path(config.docs_dir))
        self._narrated = self.config.narrate_spec()
        if not self.config.enabled:
            return
        _check_names(self.config)
        _check_directories(self.config, Path(config.docs_dir))
        voice = resolve_voice(self.config.voice_settings())
        engine = make_engine(self.config.engine, self._engine_options())
        is_free = engine.price_per_character(engine.settle(voice)) == 0
        settings = NarrationSettings(
            voice=self.config.voice_settings(),
            output_format=OutputFormat(self.config.output_format),
            effort=self._effort(),
            silent_because=self._silent_because(is_free=is_free),
            max_characters=self.config.max_characters,
            lexicon=read_lexicon(Path(self.config.lexicon)) if self.config.lexicon else Lexicon(),
        )
        self._engine = engine
        self._template = PlayerTemplate(config.theme.dirs)
        draft_engine = make_engine("preview", EngineOptions()) if self._command == "serve" and not is_free else None
        self._narration = Narration(settings, self._engine, Cache(Path(self.config.cache_dir)), log, draft_engine)

    def _end_early(self, env: Environment, config: MkDocsConfig, files: Files) -> Environment:
        """Have what was wanted, and let the rest of the run write nothing: every template is empty."""
        if self._narration is not None:
            self.narrations.append((_site_identity(config), self._narration))
            if self.purpose is Purpose.AUDIO:
                self._narration.voice()
        for file in list(files):
            if not file.is_documentation_page() and file.src_uri not in config.extra_templates:
                files.remove(file)
        return env.overlay(loader=FunctionLoader(lambda _name: ""))

    def _engine_options(self) -> EngineOptions:
        options = self.config.engine_options()
        if self._command != "serve":
            return options
        return replace(options, timeout=min(options.timeout, SERVE_TIMEOUT))  # readers wait while a page is rebuilt

    def _effort(self) -> Effort:
        effort = self.config.effort()
        return effort if self._command != "serve" else replace(effort, retries=0, give_up_after=1)

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
        try:
            settings = PageSettings.parse(page.meta.get(META_KEY)).over(of_folders)
        except SettingError as error:
            log.warning(
                "%s: front matter, %s: %s. Correct it; until then the page's blocks are shown unspoken",
                uri,
                META_KEY,
                error,
            )
            return None
        return settings.over(PageSettings(narrate=self._narrated.match_file(uri)))

    def _add_block(self, block: Block) -> str | None:
        return self._narration.add(block) if self._narration else None

    def _complain(self, mistake: Mistake) -> None:
        if self._narration:
            self._narration.complain(mistake)

    def _raise_for_unvoiced(self, narration: Narration) -> None:
        must_stop = self.config.on_error == "fail" and self._command in _SPENDING_COMMANDS
        if must_stop and narration.report.unvoiced and self.config.synthesize != "never":
            raise PluginError("the site was not built, because on_error is 'fail' and blocks could not be voiced")

    def _publish(self, narration: Narration, config: MkDocsConfig, files: Files) -> None:
        """Add the clips, and what the player needs, to the files of the site."""
        playable = [*narration.stored.values(), *narration.drafts.values()]
        if not playable and self._command in _SPENDING_COMMANDS:
            return
        for stored in playable:
            self._clip_files[stored.path.name] = self._add_file(stored.path, config, files)
        self._stylesheet = self._add_file(STYLESHEET, config, files)

    def _add_file(self, path: Path, config: MkDocsConfig, files: Files) -> File:
        uri = f"{self.config.audio_dir}/{path.name}"
        file = files.get_file_from_path(uri)
        if file is None:
            file = File.generated(config, uri, abs_src_path=str(path))
            files.append(file)
        return file

    def _fill(self, html: str, page_file: File) -> str:
        if self._narration is None or self._template is None:
            return html
        return self._narration.fill(
            html, self._template, lambda stored: self._clip_files[stored.path.name].url_relative_to(page_file)
        )

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _site_identity(config: MkDocsConfig) -> str:
    """A site's name, with its version (mike names it to the build) and its language."""
    version = os.environ.get("MIKE_DOCS_VERSION", "")
    language = str(config.theme.get("language") or config.theme.locale or "")
    return " ".join(part for part in (config.site_name, config.site_url or "", version, language) if part)


def _check_names(config: LightningConfig) -> None:
    """Stop at an option that does not exist: a limit with a slip in its name limits nothing."""
    known = dict(LightningConfig._schema)  # noqa: SLF001 - MkDocs has no public way
    for name in config:
        if name not in known:
            raise SettingError(name, unknown_name(name, known))


def _check_directories(config: LightningConfig, docs_dir: Path) -> None:
    parts = PurePosixPath(config.audio_dir).parts
    is_within_site = parts and not any(part.startswith((".", "/")) or "\\" in part for part in parts)
    if not is_within_site:
        raise SettingError(
            "audio_dir", f"{config.audio_dir!r} is not a directory within the site, such as assets/lightning"
        )
    if Path(config.cache_dir).resolve().is_relative_to(docs_dir.resolve()):
        raise SettingError(
            "cache_dir", f"{config.cache_dir!r} is under docs_dir, where 'mkdocs serve' would rebuild for ever"
        )
