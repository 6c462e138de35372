"""The podcast of a site's narrated pages: an episode for each page, in the order of the navigation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.exports.podcast import (
    Channel,
    Episode,
    chapters_json,
    chapters_name,
    dates_of_all,
    disclosed,
    make_feed,
    one_line,
)
from mkdocs_lightning.exports.podcast_settings import EPISODIC, MAX_TEXT, FeedSettings
from mkdocs_lightning.plugin.page_context import (
    audio_url,
    build_language,
    language_of,
    pages_in_order,
    plain_text,
    site_url_of,
)
from mkdocs_lightning.plugin.site_files import remove_link
from mkdocs_lightning.site.report import warn_of_empty_feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.spoken_block import SpokenBlock

_log = get_plugin_logger(__name__)


@dataclass(frozen=True, slots=True)
class _NarratedPage:
    """A page whose clip can be published."""

    page: Page
    block: SpokenBlock
    clip: CachedClip


@dataclass(frozen=True, slots=True)
class _ChaptersFile:
    """The chapters of one episode.

    Attributes:
        uri: The path within the site.
        text: What stands in it.
    """

    uri: str
    text: str


class Feed:
    """The feed of one build: pages are given its address before its clips are there, and it is written at the end.

    With mkdocs-static-i18n, each language has a feed of its own. It has the pages of that language's site, among them
    those that nobody has translated.

    Args:
        narration: Has at least one clip of a page, or all clips.
        nav_pages: In the order of the site; pages outside the navigation follow. None if not all pages were read: then
            the feed that an earlier build has put into the site stays.
        options: The plugin's own.
        config: MkDocs' own.
        files: The files of the site.

    Attributes:
        file: None if there is no feed: no page is narrated, of which the author is warned, or not all were read.
        title: Of the podcast.

    Raises:
        SettingError: The option `feed` cannot be used.
    """

    def __init__(
        self,
        narration: Narration,
        nav_pages: Iterable[Page] | None,
        options: LightningConfig,
        config: MkDocsConfig,
        files: Files,
    ) -> None:
        self._narration = narration
        self._nav_pages = nav_pages
        self._settings = options.feed_settings() or FeedSettings()
        self._audio_dir = options.audio_dir
        self._output_format = options.output_format
        self._config = config
        self._files = files
        self.title = self._settings.title or config.site_name
        self.file = self._find_file()

    def write(self) -> None:
        """Write the feed into the site, once all clips are there.

        Raises:
            OSError: The site cannot be written.
        """
        if self._nav_pages is None or self.file is None:
            return
        narrated = _narrated_pages(self._narration, self._nav_pages, self._files)
        _warn_of_long_titles(narrated, self._settings, self._config)
        _warn_of_missing_date(narrated, self._settings)
        _warn_of_format(self._output_format)
        chapters = {each.page.file.src_uri: _chapters_of(each, self._audio_dir) for each in narrated}
        for file in filter(None, chapters.values()):
            self._write(file.uri, file.text)
        self._write(self.file.src_uri, self._text(narrated, chapters))

    def _write(self, uri: str, text: str) -> None:
        file = File.generated(self._config, uri, content=text)
        remove_link(file)
        file.copy_file()

    def _text(self, narrated: Sequence[_NarratedPage], chapters: Mapping[str, _ChaptersFile | None]) -> str:
        dates = dates_of_all([_date_of(each.page) for each in narrated])
        episodes = [
            _make_episode(each, published, chapters[each.page.file.src_uri], self._audio_dir, self._config)
            for each, published in zip(narrated, dates, strict=True)
        ]
        return make_feed(_make_channel(narrated, self._settings, self._config), episodes)

    def _find_file(self) -> File | None:
        feed = File.generated(self._config, _feed_name(self._config), content="")
        if self._nav_pages is None:
            return feed if Path(feed.abs_dest_path).is_file() else None
        if _narrated_pages(self._narration, self._nav_pages, self._files):
            return feed
        warn_of_empty_feed(self._narration.collector.uses, _log)
        return None


def _make_channel(narrated: Sequence[_NarratedPage], settings: FeedSettings, config: MkDocsConfig) -> Channel:
    language = (build_language(config) or language_of(narrated[0].page, config)).replace("_", "-")
    site_url, title = site_url_of(config), settings.title or config.site_name
    description = settings.description or config.site_description or title
    return Channel(
        title=title,
        url=_home_url(config),
        feed_url=urljoin(site_url, _feed_name(config)),
        description=disclosed(description, language),
        author=settings.author or config.site_author or title,
        language=language,
        copyright=plain_text(config.copyright),
        image_url=_image_url(settings, config),
        settings=settings if _is_default_language(config) else replace(settings, guid=None),
    )


def _home_url(config: MkDocsConfig) -> str:
    """Where the site begins in the podcast's language: mkdocs-static-i18n has a folder for each but the default one."""
    return urljoin(site_url_of(config), "" if _is_default_language(config) else f"{build_language(config)}/")


def _is_default_language(config: MkDocsConfig) -> bool:
    """Whether the site has one language, or is built in its default one: only one podcast can have the guid."""
    default = getattr(config.plugins.get("i18n"), "default_language", None)
    return build_language(config) in {None, default}


def _image_url(settings: FeedSettings, config: MkDocsConfig) -> str | None:
    """The absolute URL of the podcast's image; with mkdocs-static-i18n, of the one that all languages share."""
    if settings.image_path is None:
        return settings.image
    return urljoin(site_url_of(config), quote(PurePosixPath(settings.image_path).as_posix()))


def _chapters_of(narrated: _NarratedPage, audio_dir: str) -> _ChaptersFile | None:
    """The file with an episode's chapters; None if it has none."""
    if not (chapters := narrated.block.chapters(narrated.clip)):
        return None
    page = narrated.page
    text = chapters_json(chapters, plain_text(page.title), page.canonical_url or "")
    name = chapters_name(narrated.clip.path.stem, text)
    return _ChaptersFile(f"{PurePosixPath(audio_dir).as_posix()}/{name}", text)


def _warn_of_long_titles(narrated: Sequence[_NarratedPage], settings: FeedSettings, config: MkDocsConfig) -> None:
    """Warn of titles that are cut in the feed, because directories refuse longer ones."""
    titles = {page.file.src_uri: plain_text(page.title) for page in (each.page for each in narrated)}
    if settings.title is None:
        titles["site_name"] = config.site_name
    for place, title in titles.items():
        if len(one_line(title, len(title) or 1)) > MAX_TEXT:
            _log.warning(
                "feed: the title of '%s' has %s characters, and podcast directories accept %s: it is truncated "
                "in the feed",
                place,
                f"{len(title):,}",
                MAX_TEXT,
            )


def _warn_of_format(output_format: str) -> None:
    """Warn of a format that Apple's directory refuses, and many podcast apps do not play."""
    if output_format != OutputFormat.MP3.value:
        _log.warning(
            "feed: many podcast apps, Apple's among them, do not play output_format '%s'. Set output_format to mp3",
            output_format,
        )


def _warn_of_missing_date(narrated: Sequence[_NarratedPage], settings: FeedSettings) -> None:
    """Warn of the first page without a date where episodes are to be sorted by date."""
    undated = next((each.page.file.src_uri for each in narrated if _date_of(each.page) is None), None)
    if settings.type == EPISODIC and undated:
        _log.warning(
            "feed: type 'episodic' sorts episodes by date, but '%s' has none, so the feed has no dates. Set date in "
            "the front matter of each narrated page, or set type to serial",
            undated,
        )


def _feed_name(config: MkDocsConfig) -> str:
    language = build_language(config)
    return f"podcast.{language.replace('_', '-')}.xml" if language else "podcast.xml"


def _narrated_pages(narration: Narration, nav_pages: Iterable[Page], files: Files) -> list[_NarratedPage]:
    found: dict[str, tuple[SpokenBlock, CachedClip]] = {}
    for use in narration.collector.uses:
        clip = narration.supply.cached.get(use.block.clip.key)
        if use.block.is_page and use.location.page and clip:
            found[use.location.page.uri] = use.block, clip
    pages = pages_in_order(nav_pages, files)
    return [_NarratedPage(page, *found[page.file.src_uri]) for page in pages if page.file.src_uri in found]


def _make_episode(
    narrated: _NarratedPage,
    published: datetime | None,
    chapters: _ChaptersFile | None,
    audio_dir: str,
    config: MkDocsConfig,
) -> Episode:
    page, block, clip = narrated.page, narrated.block, narrated.clip
    site_url = site_url_of(config)
    return Episode(
        title=plain_text(page.title),
        url=page.canonical_url or "",
        audio_url=urljoin(site_url, audio_url(audio_dir, clip.path.name)),
        size=clip.size,
        media_type=block.clip.output_format.media_type,
        duration=clip.duration,
        transcript_url=urljoin(site_url, audio_url(audio_dir, block.captions_name(clip))),
        transcript_language=block.language or language_of(page, config),
        summary=plain_text(page.meta.get("description")) or block.summary,
        published=published,
        chapters_url=urljoin(site_url, quote(chapters.uri)) if chapters else None,
        author=_author_of(page),
    )


def _author_of(page: Page) -> str | None:
    """The author in a page's front matter, if it is a name."""
    author = page.meta.get("author")
    return plain_text(author) if isinstance(author, str) and author.strip() else None


def _date_of(page: Page) -> datetime | None:
    """The date in a page's front matter, in UTC unless it says otherwise; a file's own age says too little."""
    named = page.meta.get("date")
    day = named.get("created") if isinstance(named, Mapping) else named  # Material's blog has a table of dates
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.combine(day, datetime.min.time(), UTC) if isinstance(day, date) else None
