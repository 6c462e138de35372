"""The plugin: MkDocs' events, each handed on to the step that it belongs to."""

from __future__ import annotations

from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, cast

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File

from mkdocs_lightning.audio import OutputFormat
from mkdocs_lightning.cache import Cache
from mkdocs_lightning.config import LightningConfig
from mkdocs_lightning.engines import make_engine
from mkdocs_lightning.errors import SettingError
from mkdocs_lightning.markdown import SpeakExtension
from mkdocs_lightning.narration import Narration, NarrationSettings, Page
from mkdocs_lightning.player import PLAYER_MARK, STYLESHEET, PlayerTemplate, has_slots
from mkdocs_lightning.voice import VoiceSettings, resolve_voice

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page as MkDocsPage

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.markdown import Block, Mistake

Command = Literal["build", "gh-deploy", "serve"]

log = get_plugin_logger(__name__)

_SPENDING_COMMANDS = frozenset(["build", "gh-deploy"])


class LightningPlugin(BasePlugin[LightningConfig]):
    """Speaks a site's `:::speak` blocks."""

    def __init__(self) -> None:
        super().__init__()
        self._command = "build"
        self._extension = SpeakExtension(self._add_block, self._complain)
        self._engine: Engine | None = None
        self._narration: Narration | None = None
        self._template: PlayerTemplate | None = None
        self._clip_files: dict[str, File] = {}
        self._stylesheet: File | None = None

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
        self._narration.begin_page(Page(page.file.src_uri, _page_voice(page), lambda: page.file.content_string))

    @event_priority(50)  # before others read the finished content, such as search
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002
        """Voice the site: all pages are rendered now, and files may still be added."""
        if self._narration is None:
            return
        self._narration.voice()
        self._raise_for_unvoiced(self._narration)
        self._publish(self._narration, config, files)
        for file in files.documentation_pages():
            if file.page and file.page.content and has_slots(file.page.content):
                file.page.content = self._fill(file.page.content, file)

    @event_priority(50)  # before a minifier
    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str | None:  # noqa: ARG002
        """Fill the slots that were rendered late, such as a blog's excerpts, and bring in the style sheet."""
        if has_slots(output):
            output = self._fill(output, page.file)
        if PLAYER_MARK not in output or self._stylesheet is None:
            return output
        link = f'<link rel="stylesheet" href="{escape(self._stylesheet.url_relative_to(page.file))}">'
        return output.replace("</head>", f"{link}\n</head>", 1)

    def on_post_build(self, *, config: MkDocsConfig) -> None:  # noqa: ARG002
        """Say in one line what was done."""
        if self._narration and self._narration.report.clips:
            log.info("%s", self._narration.report)
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
        if not self.config.enabled:
            return
        _check_audio_dir(self.config.audio_dir)
        settings = NarrationSettings(
            voice=self.config.voice_settings(),
            output_format=OutputFormat(self.config.output_format),
            effort=self.config.effort(),
            silent_because=self._silent_because(),
            max_characters=self.config.max_characters,
        )
        resolve_voice(settings.voice)
        self._engine = make_engine(self.config.engine, self.config.engine_options())
        self._template = PlayerTemplate(config.theme.dirs)
        self._narration = Narration(settings, self._engine, Cache(Path(self.config.cache_dir)), log)

    def _silent_because(self) -> str | None:
        if self.config.synthesize == "never":
            return "synthesize is 'never'"
        if self.config.synthesize == "build" and self._command not in _SPENDING_COMMANDS:
            return "'mkdocs serve' plays what is cached; run 'mkdocs build', or set synthesize to 'always'"
        return None

    def _add_block(self, block: Block) -> str | None:
        return self._narration.add(block) if self._narration else None

    def _complain(self, mistake: Mistake) -> None:
        if self._narration:
            self._narration.complain(mistake)

    def _raise_for_unvoiced(self, narration: Narration) -> None:
        must_stop = self.config.on_error == "fail" and self._command in _SPENDING_COMMANDS
        if must_stop and narration.report.unvoiced and not self._silent_because():
            raise PluginError("the site was not built, because on_error is 'fail' and blocks could not be voiced")

    def _publish(self, narration: Narration, config: MkDocsConfig, files: Files) -> None:
        """Add the clips, and what the player needs, to the files of the site."""
        if not narration.stored:
            return
        for stored in narration.stored.values():
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


def _page_voice(page: MkDocsPage) -> VoiceSettings | None:
    """The voice that a page's front matter sets; None, with a warning, when it cannot be used."""
    raw = page.meta.get("lightning") or {}
    try:
        if not isinstance(raw, dict):
            raise SettingError("lightning", f"{raw!r} is not a list of settings with their values")  # noqa: TRY301
        return VoiceSettings.parse(raw)
    except SettingError as error:
        log.warning(
            "%s: front matter, lightning: %s. Correct it; until then the page's blocks are shown unspoken",
            page.file.src_uri,
            error,
        )
        return None


def _check_audio_dir(audio_dir: str) -> None:
    parts = PurePosixPath(audio_dir).parts
    if not parts or audio_dir.startswith("/") or any(part.startswith(".") for part in parts) or "\\" in audio_dir:
        raise SettingError("audio_dir", f"{audio_dir!r} is not a directory within the site, such as assets/lightning")
