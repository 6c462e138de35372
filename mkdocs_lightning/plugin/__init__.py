"""The MkDocs plugin: each event of MkDocs is handed on to the module that acts on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from mkdocs.plugins import BasePlugin, event_priority

from mkdocs_lightning.player.slots import has_slots, slot_names
from mkdocs_lightning.plugin.build import Session, report_build
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.plugin.option_types import abort_on_wrong_option
from mkdocs_lightning.plugin.page_context import PageSettingsReader, fill_page, site_identity
from mkdocs_lightning.plugin.read_site import ReadSite, read_site_of
from mkdocs_lightning.plugin.run_mode import Purpose, end_early
from mkdocs_lightning.plugin.site_files import SiteFiles, SiteWriter, are_all_read
from mkdocs_lightning.reading.grammar.block import CurrentPage
from mkdocs_lightning.reading.grammar.element_settings import remove_marks
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.plugin.build import Build
    from mkdocs_lightning.plugin.run_mode import Command
    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic


class LightningPlugin(BasePlugin[LightningConfig]):
    """Gives a site's `:::speak` blocks, and its narrated pages, their players.

    One instance serves a whole process: under `serve` all rebuilds, with mkdocs-static-i18n all languages. The events
    of one build, in MkDocs' order:

        on_config ─► on_nav ─► for each page: on_page_markdown, blocks, on_page_content
                  ─► on_env ─► for each page: on_post_page ─► on_post_build

    Attributes:
        purpose: Set by the command line before a run; anything but `SITE` ends it in `on_env`.
        read: What such a run has read, one for each language of the site.
    """

    def __init__(self) -> None:
        super().__init__()
        self.purpose = Purpose.SITE
        self.read: list[ReadSite] = []
        self._session = Session()
        self._page = CurrentPage()
        self._extension = SpeakExtension(self._add_block, self._report_diagnostic, self._page)
        self._build: Build | None = None  # None between two builds, and if the plugin is not enabled
        self._page_settings: PageSettingsReader  # from `on_config` on
        self._nav_pages: list[Page] | None = []  # None if MkDocs has not read all pages
        self._site: SiteWriter | None = None  # None if there are no clips

    def on_startup(self, *, command: Command, dirty: bool) -> None:
        """Note which command runs; because of this event, MkDocs keeps one instance under `serve`."""
        self._session = Session(command, is_dirty=dirty)

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Check the options and register the block syntax; called for each rebuild and each language."""
        extensions = cast("list[object]", config.markdown_extensions)  # names, and instances
        if self._extension not in extensions:
            extensions.append(self._extension)  # last, so that it takes the blocks before the standalone extension
        self._stop(is_urgent=False)
        self._session.annotations.attach(config.docs_dir)
        with abort_on_wrong_option(config):
            self._prepare(config)
        return config

    @event_priority(-100)  # after plugins that sort the navigation
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
        """Note the order of the pages, for the feed, and which are narrated; all files are known by now."""
        self._nav_pages = nav.pages
        self._page_settings.begin_pages(files)
        if self._build is not None:
            with abort_on_wrong_option(config):
                published = {file.dest_uri for file in files if file.inclusion.is_included()}
                templates = {*config.theme.static_templates, *config.extra_templates}  # such as 404.html
                self.config.check_files(published | templates, Path(config.site_dir))

    def on_page_markdown(self, _markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002
        """Note the page, and its settings, for the blocks that are read next."""
        begun = self._page_settings.begin_page(page, config)
        if self._build is not None:
            self._build.narration.collector.begin_page(begun)

    @event_priority(-50)  # after plugins that change the content
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Narrate the whole page, if its settings ask for that."""
        if self._build is None:
            return remove_marks(html)
        content = self._build.narration.collector.end_page(html)
        self._build.narration.supply_early()
        return content

    @event_priority(50)  # before plugins that read the finished content, such as search
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Request what is still missing: all pages are read by now, and files may still be added to the site."""
        self._page_settings.end_pages(self._build, config)
        if self.purpose is not Purpose.SITE:
            self._finish_reading(config, files)
            end_early(config, files, self)
        elif self._build is not None:
            self._nav_pages = None if self._build.mode.is_dirty and not are_all_read(files) else self._nav_pages
            with abort_on_wrong_option(config):  # such as a remote cache that does not exist
                self._session.begin_synthesis(self._build, self.config)
            if (narration := self._build.narration).supply.cached or self._build.mode.is_serve:
                self._site = SiteWriter(narration, self.config, self._nav_pages, config, files)
            elif self.config.feed:
                self._page_settings.warn_of_silence()
        return env

    @event_priority(50)  # before a minifier
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Wait for the page's clips, and render its players; plugins such as search have seen the text alone."""
        if self._page.is_narrated:  # or one is that others repeat, as a blog's list of posts does
            output = remove_marks(output)
        if self._build is None or not has_slots(output):
            return output
        if self._site is not None:  # without, all is known, and no player plays anything
            self._site.link(slot_names(output))
        return fill_page(output, self._build, page, config, self._site.files if self._site else SiteFiles())

    @event_priority(100)  # before plugins that read the finished site
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Wait for what no page has waited for, and report in one line what was done."""
        if self._build is not None:
            if self.purpose is Purpose.SITE:
                self._session.end_synthesis(self._build, self.config)
            if self._site is not None:
                self._site.finish()
            is_whole = self._nav_pages is not None and not self._build.mode.is_serve
            is_of_site = is_whole and self.purpose is not Purpose.BOOK  # whose clips may be of another format
            report_build(self._build, site_identity(config) if is_of_site else None)
            self._build.close(is_urgent=False)
            self._build = None

    def on_serve(self, server: LiveReloadServer, /, **_: object) -> None:
        """Have MkDocs watch what the options name; called once, after the first build."""
        self._session.watch(server)

    def on_build_error(self, *, error: Exception) -> None:  # noqa: ARG002
        """Stop; replies to requests in flight are paid for, and still stored."""
        self._stop(is_urgent=False)

    def on_shutdown(self) -> None:
        """Stop, also after Ctrl-C or SIGTERM: replies to requests in flight are stored if they come soon."""
        self._stop(is_urgent=True)
        self._session.annotations.detach()

    def cache(self) -> Cache:
        """The site's cache, which knows what this process has already learned of the remote one.

        Raises:
            SettingError: The address of the remote cache cannot be used.
        """
        return self._session.cache(self.config)

    def _prepare(self, config: MkDocsConfig) -> None:
        """Make what one build needs.

        Raises:
            SettingError: An option that cannot be used.
        """
        self._page_settings = PageSettingsReader(self.config, config, self._page, self._session.run_of(self.config).log)
        self._site = None
        if self.config.enabled:
            if self.purpose is Purpose.SITE:  # a command has checked the site before it chose another site_dir
                self.config.check_site(config)
            self._build = self._session.start_build(self.config, self.purpose, config.theme.dirs)

    def _add_block(self, block: Block) -> str | None:
        return self._build.narration.collector.add(block) if self._build else None

    def _report_diagnostic(self, diagnostic: Diagnostic) -> None:
        if self._build:
            self._build.narration.collector.report_diagnostic(diagnostic)

    def _finish_reading(self, config: MkDocsConfig, files: Files) -> None:
        """Hand the build to the command that has started this run."""
        if self._build is None:
            return
        self._build.narration.collector.end_pages()
        self.read.append(read_site_of(self._build, self._nav_pages or (), files, config))
        if self.purpose.is_paid:
            self._build.narration.synthesize()

    def _stop(self, *, is_urgent: bool) -> None:
        """Stop a build that has not come to its end, and forget it."""
        build, self._build = self._build, None
        if build is not None:
            build.stop(is_urgent=is_urgent)
