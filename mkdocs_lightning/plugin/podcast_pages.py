"""The podcast of a site's narrated pages: an episode for each page, in the order of the navigation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File

from mkdocs_lightning.exports.podcast import Channel, Episode, make_feed
from mkdocs_lightning.player.ui_strings import ui_strings_for
from mkdocs_lightning.plugin.page_context import audio_url, build_language, language_of, plain_text
from mkdocs_lightning.plugin.site_files import remove_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.spoken_block import SpokenBlock

_log = get_plugin_logger(__name__)


@dataclass(frozen=True, slots=True)
class _NarratedPage:
    """A page whose clip can be published."""

    page: Page
    block: SpokenBlock
    clip: CachedClip


class Feed:
    """The feed of one build: pages are given its address before its clips are there, and it is written at the end.

    With mkdocs-static-i18n, each language has a feed of its own. It has the pages of that language's site, among them
    those that nobody has translated.

    Args:
        narration: Has at least one clip of a page, or all clips.
        nav_pages: In the order of the site; pages outside the navigation follow. None if not all pages were read: then
            the feed that an earlier build has put into the site stays.
        audio_dir: Where the clips are, relative to the site.
        config: MkDocs' own.
        files: The files of the site.

    Attributes:
        file: None if there is none, of which an author is warned if no page is narrated.
    """

    def __init__(
        self,
        narration: Narration,
        nav_pages: Iterable[Page] | None,
        audio_dir: str,
        config: MkDocsConfig,
        files: Files,
    ) -> None:
        self._narration = narration
        self._nav_pages = nav_pages
        self._audio_dir = audio_dir
        self._config = config
        self._files = files
        self.file = self._find_file()

    def write(self) -> None:
        """Write the feed into the site, once all clips are there.

        Raises:
            OSError: The site cannot be written.
        """
        if self._nav_pages is None or self.file is None:
            return
        narrated = _narrated_pages(self._narration, self._nav_pages, self._files)
        text = _feed_of(narrated, self._audio_dir, self._config)
        remove_link(self.file)
        File.generated(self._config, self.file.src_uri, content=text).copy_file()

    def _find_file(self) -> File | None:
        feed = File.generated(self._config, _feed_name(self._config), content="")
        if self._nav_pages is None:
            return feed if Path(feed.abs_dest_path).is_file() else None
        if _narrated_pages(self._narration, self._nav_pages, self._files):
            return feed
        _log.warning("feed: no page is narrated, so there is nothing to subscribe to; see the option narrate")
        return None


def _feed_of(narrated: Sequence[_NarratedPage], audio_dir: str, config: MkDocsConfig) -> str:
    language = (build_language(config) or language_of(narrated[0].page, config)).replace("_", "-")
    channel = Channel(
        title=config.site_name,
        url=config.site_url or "",
        feed_url=urljoin(config.site_url or "", _feed_name(config)),
        description=f"{config.site_description or config.site_name}. {ui_strings_for(language).synthetic}.",
        author=config.site_author or config.site_name,
        language=language,
        copyright=plain_text(config.copyright),
    )
    # A program that sorts by date puts episodes without one anywhere, so either all have a date or none has.
    dates = [_date_of(each.page) for each in narrated]
    dates = dates if all(dates) else [None] * len(narrated)
    episodes = [
        _make_episode(each, published, audio_dir, config) for each, published in zip(narrated, dates, strict=True)
    ]
    return make_feed(channel, episodes)


def _feed_name(config: MkDocsConfig) -> str:
    language = build_language(config)
    return f"podcast.{language.replace('_', '-')}.xml" if language else "podcast.xml"


def _narrated_pages(narration: Narration, nav_pages: Iterable[Page], files: Files) -> list[_NarratedPage]:
    found: dict[str, tuple[SpokenBlock, CachedClip]] = {}
    for use in narration.collector.uses:
        clip = narration.supply.cached.get(use.block.clip.key)
        if use.block.is_page and use.location.page and clip:
            found[use.location.page.uri] = use.block, clip
    in_nav = {page.file.src_uri: page for page in nav_pages}
    others = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    return [_NarratedPage(page, *found[uri]) for uri, page in (in_nav | others).items() if uri in found]


def _make_episode(narrated: _NarratedPage, published: datetime | None, audio_dir: str, config: MkDocsConfig) -> Episode:
    page, block, clip = narrated.page, narrated.block, narrated.clip
    site_url = config.site_url or ""
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
    )


def _date_of(page: Page) -> datetime | None:
    """The date in a page's front matter, in UTC unless it says otherwise; a file's own age says too little."""
    named = page.meta.get("date")
    day = named.get("created") if isinstance(named, Mapping) else named  # Material's blog has a table of dates
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.combine(day, datetime.min.time(), UTC) if isinstance(day, date) else None
