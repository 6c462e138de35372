"""What MkDocs knows of a page: its settings, its language, its URLs, and what its players need in its head."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from markupsafe import Markup
from mkdocs.plugins import get_plugin_logger
from mkdocs.utils import get_relative_url, is_markdown_file

from mkdocs_lightning.audio.tags.tags import PageTags
from mkdocs_lightning.base.address import as_base
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.html_scanner import head_end
from mkdocs_lightning.exports.jsonld import script_element
from mkdocs_lightning.exports.page_audio import feed_link, head_elements
from mkdocs_lightning.player.site_assets import style_sheet_link
from mkdocs_lightning.player.view import PLAYER_ATTRIBUTE, PageContext
from mkdocs_lightning.reading.settings.front_matter import has_unread_settings, mistake_in
from mkdocs_lightning.reading.settings.languages import language_code
from mkdocs_lightning.reading.settings.narrate_patterns import (
    ineffective,
    is_named,
    meant_by,
    unmatched,
    warn_of_ineffective,
    warn_of_unmatched,
    with_meant_exclusions,
)
from mkdocs_lightning.reading.settings.page_settings import FolderSettings, PageSettings, settings_of_page
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS
from mkdocs_lightning.site.report import warn_of_empty_feed, warn_of_unfinished
from mkdocs_lightning.site.spoken_block import SourcePage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.plugin.build import Build
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.plugin.site_files import SiteFiles
    from mkdocs_lightning.reading.grammar.block import CurrentPage
    from mkdocs_lightning.reading.settings.site_voices import SiteVoices
    from mkdocs_lightning.site.page_renderer import RenderedPage
    from mkdocs_lightning.site.spoken_block import BlockUse

_log = get_plugin_logger(__name__)

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")  # and no "custom", as Material has it


@dataclass(frozen=True)
class _Translations:
    """How mkdocs-static-i18n has the pages of several languages on disk.

    Attributes:
        locales: Its languages; none without that plugin.
        are_folders: Whether each has a folder, as in `de/index.md`, and no suffix, as in `index.de.md`.
    """

    locales: tuple[str, ...]
    are_folders: bool

    @classmethod
    def of_site(cls, config: MkDocsConfig) -> _Translations:
        """Those of a site that MkDocs has configured."""
        i18n = config.plugins.get("i18n")
        are_folders = i18n is not None and i18n.config.get("docs_structure") == "folder"
        return cls(tuple(map(str, getattr(i18n, "all_languages", ()))), are_folders)

    def names_of(self, uri: str) -> list[str]:
        """What patterns of `narrate` may call a page: its path, and that of the page whose translation it is."""
        if self.are_folders:
            folder, _, rest = uri.partition("/")
            return [uri, rest] if rest and folder in self.locales else [uri]
        path = PurePosixPath(uri)
        stem, _, locale = path.stem.rpartition(".")
        return [uri, path.with_name(stem + path.suffix).as_posix()] if stem and locale in self.locales else [uri]


class PageSettingsReader:
    """Reads the settings of each page: its own over its folders' over those of mkdocs.yml.

    Args:
        config: The plugin's options.
        site: MkDocs' own; its `docs_dir` has the pages' sources and the folders' `.meta.yml` files.
        current: Is told of each page, for the grammar.
        log: Receives warnings; of the whole run, as most of them are the same in each language of a site.

    Raises:
        SettingError: `narrate` or `voices` cannot be used.
    """

    def __init__(self, config: LightningConfig, site: MkDocsConfig, current: CurrentPage, log: Log) -> None:
        self._voices = config.site_voices()
        self._narrated = config.narrate_spec()
        self._patterns = config.narrate_patterns() if config.enabled else []
        self._docs_dir = Path(site.docs_dir)
        self._translations = _Translations.of_site(site)
        self._folders = FolderSettings(self._docs_dir)
        self._current = current
        self._log = log
        self._has_narrated_page = False

    def begin_pages(self, files: Files) -> None:
        """Warn of each pattern of `narrate` that names, or excludes, no page; leave out what it meant to exclude.

        Where each language is built by itself, a pattern may be for pages of another one: they are on disk.
        """
        names_of = self._translations.names_of
        pages = [names_of(file.src_uri) for file in files.documentation_pages()]
        without_effect = ineffective(self._patterns, pages)
        warn_of_ineffective(self._patterns, without_effect, self._log)
        meant = self._meant([name for each in pages for name in each])
        warn_of_unmatched(meant, "docs_dir", self._log)
        if meant or without_effect:
            self._narrated = with_meant_exclusions(self._patterns, meant, without_effect)

    def _meant(self, names: Sequence[str]) -> dict[str, str | None]:
        """What the patterns that match none of some names of pages mean."""
        names_of = self._translations.names_of
        if not (missed := unmatched(self._patterns, names)):
            return {}
        paths = (path.relative_to(self._docs_dir).as_posix() for path in self._docs_dir.rglob("*"))
        on_disk = [name for path in paths for name in names_of(path)]
        return meant_by(unmatched(missed, on_disk), {*names, *filter(is_markdown_file, on_disk)})

    def begin_page(self, page: Page, site: MkDocsConfig) -> SourcePage:
        """Read the settings of the page that is converted next."""
        settings = self._settings_of(page)
        self._current.is_narrated = bool(settings and settings.narrate)
        self._has_narrated_page |= self._current.is_narrated
        return SourcePage(page.file.src_uri, settings, lambda: page.file.content_string, lambda: _tags_of(page, site))

    def end_pages(self, build: Build | None, site: MkDocsConfig) -> None:
        """What is converted from now on repeats a page, as the excerpts of a blog do, which may be a narrated one."""
        self._current.is_narrated = self._has_narrated_page
        if build is not None:
            _warn_of_language(build.narration.collector.uses, self._voices, site, self._log)

    def warn_of_silence(self) -> None:
        """Warn of a feed without episodes, if none of the pages that were read is narrated."""
        if not self._has_narrated_page:
            warn_of_empty_feed((), self._log)

    def _settings_of(self, page: Page) -> PageSettings | None:
        """The settings of one page; None, with a warning, if its own or its folders' cannot be used."""
        uri = page.file.src_uri
        is_narrated = is_named(self._narrated, self._translations.names_of(uri))
        of_site = PageSettings(narrate=is_narrated, is_for_many=True, locale=_locale_of(page.file))
        try:
            of_folders = self._folders.of_page(uri)
        except SettingError as error:
            self._log.warning(
                "%s. Correct it; until then the pages below it, such as '%s', are shown without players", error, uri
            )
            return None
        if has_unread_settings(page.markdown or "", page.meta):
            source = page.file.content_string.replace("\r\n", "\n").replace("\r", "\n")
            if mistake := mistake_in(source, page.meta):
                line, message = mistake
                told = "%s: %s; until then the page's blocks are shown without players"
                self._log.warning(told, f"{uri}:{line}", message)
                return None
        settings = settings_of_page(uri, page.meta, lambda: page.file.content_string, self._log)
        if settings is None:
            return None
        return settings.over(replace(of_folders, is_for_many=True)).over(of_site)


def _locale_of(file: File) -> str | None:
    """The language of a page, if mkdocs-static-i18n names it."""
    locale = getattr(file, "locale", None)
    return str(locale) if locale else None


def _tags_of(page: Page, site: MkDocsConfig) -> PageTags:
    """What the file of a page's narration says of it: under `serve` the same as in the published site."""
    url = page.canonical_url or ""
    if urlsplit(url).netloc == str(site.dev_addr):
        written = _written_site_url(site)
        url = urljoin(written, page.file.url) if written else ""
    return PageTags(plain_text(page.title), plain_text(site.site_name), url)


def _written_site_url(site: MkDocsConfig) -> str:
    """The site's address as its author wrote it, where `serve` has replaced it; empty if there is none."""
    with warnings.catch_warnings():
        # MkDocs means to remove it, and would tell authors so; nothing else still knows the address
        warnings.simplefilter("ignore", DeprecationWarning)
        written = [config["site_url"] for config in site.user_configs if config.get("site_url")]
    return str(written[-1]) if written else ""


def _warn_of_unfinished_slots(filled: RenderedPage, page: Page) -> None:
    """Warn of slots that somebody wrote into a page without an end; the line is left out if another file has it."""
    for tag in filled.unfinished:
        before, found, _ = page.file.content_string.partition(tag)
        line = before.count("\n") + 1
        warn_of_unfinished(tag, f"{page.file.src_uri}:{line}" if found else page.file.src_uri, _log)


def fill_page(html: str, build: Build, page: Page, config: MkDocsConfig, files: SiteFiles) -> str:
    """A page with its players, and with what they need in its head; warns of slots that nobody ended.

    Args:
        html: The page, as the theme has rendered it.
        build: Its narration has waited for the page's clips.
        page: MkDocs' own.
        config: MkDocs' own.
        files: What the page refers to.
    """
    context = PageContext(
        site_name=config.site_name,
        title=plain_text(page.title),
        language=language_of(page, config),
        url=page.canonical_url or "",
        script=files.script.url_relative_to(page.file) if files.script else "",
    )
    url_of = _audio_url_from(page, build.audio_dir)
    filled = build.narration.renderer().render(html, build.template, context, url_of)
    _warn_of_unfinished_slots(filled, page)
    head = _make_head(filled, page, files)
    end = head_end(filled.html)
    return filled.html[:end] + head + filled.html[end:]


def _make_head(filled: RenderedPage, page: Page, files: SiteFiles) -> str:
    """The style sheet, a link to the feed, one to the page's clip, and all clips as JSON-LD."""
    head = ""
    if files.style_sheet and PLAYER_ATTRIBUTE in filled.html:
        head += style_sheet_link(files.style_sheet.url_relative_to(page.file))
    if files.feed and filled.clips:
        head += feed_link(files.feed.url_relative_to(page.file), files.feed_title)
    return head + head_elements(filled.audio, filled.html) + script_element(filled.clips)


def pages_in_order(nav_pages: Iterable[Page], files: Files) -> list[Page]:
    """All pages of a site: first those of the navigation, then the others."""
    in_nav = {page.file.src_uri: page for page in nav_pages}
    pages = (file.page for file in files.documentation_pages())
    return [*in_nav.values(), *(page for page in pages if page and page.file.src_uri not in in_nav)]


def site_url_of(config: MkDocsConfig) -> str:
    """The site's address, to which a relative one can be joined; empty if there is none.

    MkDocs gives it a slash at its end, but a plugin may set another one: that of mike names a version, without a slash.
    """
    return as_base(config.site_url or "")


def audio_url(audio_dir: str, name: str) -> str:
    """The URL of a file in `audio_dir`, relative to the site."""
    return f"{quote(PurePosixPath(audio_dir).as_posix())}/{name}"


def _audio_url_from(page: Page, audio_dir: str) -> Callable[[str], str]:
    """A function from the name of a file in `audio_dir` to its URL, relative to a page."""
    directory = get_relative_url(audio_url(audio_dir, ""), page.file.url)
    return lambda name: directory + name


def plain_text(text: object) -> str:
    """A title or another text without its markup; empty for None."""
    return Markup(text or "").striptags()  # noqa: S704 - the markup is taken off


def language_of(page: Page, config: MkDocsConfig) -> str:
    """The language that a page is written in, as a BCP 47 tag: its own, else the theme's, else `en`."""
    return (_locale_of(page.file) or _theme_language(config) or "en").replace("_", "-")


def _theme_language(config: MkDocsConfig) -> str:
    """The language of the theme, which most themes have as an option, and others as MkDocs' locale; empty if none."""
    return str(config.theme.get("language") or config.theme.locale or "")


def _warn_of_language(uses: Sequence[BlockUse], voices: SiteVoices, config: MkDocsConfig, log: Log) -> None:
    """Warn where pages are not spoken as the theme, or mkdocs-static-i18n, suggests, and nobody has decided that.

    Args:
        uses: All blocks and narrated pages of a site, or of one language of it.
        voices: The site's.
        config: MkDocs' own.
        log: Receives the warnings.
    """
    if voices.everywhere.language is not None or not uses:
        return
    if default := getattr(config.plugins.get("i18n"), "default_language", None):
        if build_language(config) == default and _is_replaced(str(default), voices):
            log.warning(
                "the default language of mkdocs-static-i18n is '%s', and language is not set, so voice_id speaks none "
                "of its pages; set language: %s (or language: en, to keep it)",
                default,
                language_code(default),
            )
        return
    name = "theme.language" if config.theme.get("language") else "theme.locale"
    written = _theme_language(config)
    code = language_code(written)
    if code == "en" or not _LANGUAGE_TAG.fullmatch(written) or all(_has_language(use) for use in uses):
        return
    if code is None:
        log.warning(
            "%s is '%s', which is not one of Lightning's languages, and language is not set, so pages are spoken as "
            "English; set language: auto, or enabled: false (or language: en, to keep it)",
            name,
            written,
        )
        return
    log.warning(
        "%s is '%s', and language is not set, so pages are spoken as English; "
        "set language: %s (or language: en, to keep it)",
        name,
        written,
        code,
    )


def _has_language(use: BlockUse) -> bool:
    """Whether a block's language was set, be it to `auto`."""
    return bool(use.block.language) or use.block.voice.language == "auto"


def _is_replaced(locale: str, voices: SiteVoices) -> bool:
    """Whether the site's own voice does not speak pages in a language, and nobody has named one that does."""
    own = voices.everywhere.voice_id
    is_named = language_code(locale) in voices.by_language
    return own is not None and not is_named and voices.complete(NO_SETTINGS, locale).voice_id != own


def build_language(config: MkDocsConfig) -> str | None:
    """The language that mkdocs-static-i18n builds the site in just now; None without that plugin."""
    language = getattr(config.plugins.get("i18n"), "current_language", None)
    return str(language) if language else None


def site_identity(config: MkDocsConfig) -> str:
    """Tells one site, version and language from another, also where two have one name.

    Returns:
        The site's name, its URL, mike's version, the theme's language, and the folder of the configuration.
    """
    version = os.environ.get("MIKE_DOCS_VERSION", "")
    folder = Path(config.config_file_path).resolve().parent if config.config_file_path else Path.cwd()
    parts = (config.site_name, config.site_url or "", version, _theme_language(config), f"in {folder}")
    return " ".join(part for part in parts if part)
