"""The podcast of the narrated pages of a site that another program has built: an episode a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from mkdocs_lightning.base.address import as_base, ascii_url, without_index
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.exports.podcast import (
    Channel,
    Episode,
    chapters_json,
    chapters_name,
    dates_of_all,
    disclosed,
    make_feed,
)
from mkdocs_lightning.exports.podcast_settings import EPISODIC, FeedSettings, url_reason
from mkdocs_lightning.player.ui_strings import is_same_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.site.published.whole_pages import SpokenPage
    from mkdocs_lightning.site.spoken_block import SpokenBlock

FEED = "podcast.xml"


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a site's configuration says of it; empty texts where it does not.

    Attributes:
        url: Absolute.
        name: Plain text.
        description: Plain text.
        author: Plain text.
        copyright: Plain text.
    """

    url: str = ""
    name: str = ""
    description: str = ""
    author: str = ""
    copyright: str = ""


@dataclass(frozen=True, slots=True)
class NarratedPage:
    """A page whose clip can be published.

    Attributes:
        uri: Its path in the site.
        page: What it says of itself.
        block: What it plays.
        clip: The file that it plays.
    """

    uri: str
    page: SpokenPage
    block: SpokenBlock
    clip: CachedClip


@dataclass(frozen=True, slots=True)
class PublishedFeed:
    """The feed of a published site.

    Attributes:
        settings: What its author says of it.
        facts: What the site's configuration says.
        audio_dir: Where the clips are in the site.
    """

    settings: FeedSettings
    facts: SiteFacts = field(default_factory=SiteFacts)
    audio_dir: str = ""

    @property
    def title(self) -> str:
        """The podcast's title; empty if nothing says one."""
        return self.settings.title or self.facts.name

    def check(self, root: Path) -> None:
        """Refuse a podcast without absolute URLs, or without a title, or whose image the site does not have.

        Args:
            root: The site's directory.

        Raises:
            SettingError: It is one.
        """
        if not self.facts.url:
            words = (
                "a feed needs site_url, because podcast URLs must be absolute; set it in mkdocs.yml. A canonical link "
                "can take its place, but only on a narrated page, and only if it ends with that page's path in the site"
            )
            raise SettingError("feed", words)
        if reason := url_reason(self.facts.url):
            raise SettingError("feed", f"site_url: {self.facts.url!r} {reason}")
        if not self.title:
            raise SettingError("feed", "a feed needs a title: set title below feed, or site_name in mkdocs.yml")
        path = self.settings.image_path
        if path is not None and not (root / path).is_file():
            raise SettingError("feed", f"image: there is no {path!r} in {root}")

    def without_date(self, pages: Iterable[NarratedPage]) -> str | None:
        """The first page without a date, if its author wants the feed sorted by date."""
        is_sorted = self.settings.type == EPISODIC
        return next((each.uri for each in pages if is_sorted and _date_of(each.page) is None), None)

    def files(self, pages: Sequence[NarratedPage], language: str) -> dict[str, str]:
        """The feed, and a file with the chapters of each episode that has some: their texts by their paths in the site.

        Args:
            pages: In the order of the site.
            language: Of the feed, as a BCP 47 tag.
        """
        chapters = {each.uri: self._chapters_of(each) for each in pages}
        files = dict(filter(None, chapters.values()))
        dates = dates_of_all([_date_of(each.page) for each in pages])
        episodes = [
            self._episode(each, published, found[0] if (found := chapters[each.uri]) else None)
            for each, published in zip(pages, dates, strict=True)
        ]
        return {**files, FEED: make_feed(self._channel(language), episodes)}

    def _channel(self, language: str) -> Channel:
        settings, facts = self.settings, self.facts
        description = settings.description or facts.description or self.title
        image = settings.image if settings.image_path is None else self._absolute(settings.image_path)
        return Channel(
            title=self.title,
            url=facts.url,
            feed_url=self._absolute(FEED),
            description=disclosed(description, language),
            author=settings.author or facts.author or self.title,
            language=language,
            copyright=facts.copyright,
            image_url=image,
            settings=settings,
        )

    def _episode(self, narrated: NarratedPage, published: datetime | None, chapters: str | None) -> Episode:
        page, block, clip = narrated.page, narrated.block, narrated.clip
        return Episode(
            title=page.title,
            url=ascii_url(self._page_url(narrated)),
            audio_url=self._audio_url(clip.path.name),
            size=clip.size,
            media_type=block.clip.output_format.media_type,
            duration=clip.duration,
            transcript_url=self._audio_url(block.captions_name(clip)),
            transcript_language=block.language or page.language or None,
            summary=page.description or block.summary,
            published=published,
            chapters_url=self._absolute(chapters) if chapters else None,
        )

    def _chapters_of(self, narrated: NarratedPage) -> tuple[str, str] | None:
        """The path and the text of an episode's chapters; None if it has none."""
        if not (chapters := narrated.block.chapters(narrated.clip)):
            return None
        text = chapters_json(chapters, narrated.page.title, self._page_url(narrated))
        return f"{self.audio_dir}/{chapters_name(narrated.clip.path.stem, text)}", text

    def _page_url(self, narrated: NarratedPage) -> str:
        """A page's own address, or else the one that its path gives it: an episode is known by it."""
        return urljoin(self._absolute(without_index(narrated.uri)), narrated.page.url)

    def _audio_url(self, name: str) -> str:
        return self._absolute(f"{self.audio_dir}/{name}")

    def _absolute(self, path: str) -> str:
        return urljoin(as_base(self.facts.url), quote(path))


def in_reading_order(pages: Iterable[NarratedPage]) -> list[NarratedPage]:
    """Pages by their paths, the first page of each folder before the others."""
    return sorted(pages, key=lambda each: ["" if part == "index.html" else part for part in each.uri.split("/")])


def language_of_feed(pages: Sequence[NarratedPage], home_language: str) -> str:
    """The language of a site's feed: that of its home page if a narrated page has it, or if no narrated page has any.

    Otherwise it is that of the first page that has one.

    Args:
        pages: In the order of the site.
        home_language: Of the site's home page, narrated or not; empty if it is not known.

    Returns:
        A BCP 47 tag, as the first page in this language has it; `en` if no page has a language.
    """
    written = [each.page.language for each in pages if each.page.language]
    of_home = (each for each in written if home_language and is_same_language(each, home_language))
    return next(of_home, written[0] if written else home_language or "en")


def divide(pages: Iterable[NarratedPage], language: str) -> tuple[list[NarratedPage], list[NarratedPage]]:
    """The pages that belong into the feed of a language, and the others; as `is_in_language`."""
    inside: list[NarratedPage] = []
    outside: list[NarratedPage] = []
    for each in pages:
        (inside if is_in_language(each.page.language, language) else outside).append(each)
    return inside, outside


def is_in_language(page_language: str, feed_language: str) -> bool:
    """Whether a page belongs into the feed of a language, of any region; also a page that does not name its own."""
    return not page_language or is_same_language(page_language, feed_language)


def _date_of(page: SpokenPage) -> datetime | None:
    """The page's date, in UTC unless it says otherwise; None if it has none that can be read."""
    try:
        date = datetime.fromisoformat(page.published)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
