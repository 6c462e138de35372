"""Pages of other programs that are narrated as a whole: which they are, what of them is spoken, and in which voice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from mkdocs_lightning.audio.tags.tags import PageTags
from mkdocs_lightning.base.address import as_base, without_index
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.html_scanner import read_metadata
from mkdocs_lightning.reading.settings.languages import language_code, with_two_letters
from mkdocs_lightning.reading.settings.narrate_patterns import is_named
from mkdocs_lightning.reading.settings.page_settings import PageSettings
from mkdocs_lightning.reading.settings.site_voices import SiteVoices
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings
from mkdocs_lightning.site.published.own_settings import OwnSettings
from mkdocs_lightning.site.published.page_marks import has_player
from mkdocs_lightning.site.published.selection import Choice, select
from mkdocs_lightning.site.published.shown_blocks import shows_block
from mkdocs_lightning.site.published.taken_over import is_taken_over
from mkdocs_lightning.site.spoken_block import SourcePage

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.base.html_scanner import PageMetadata

_NOT_FOUND = "404.html"  # is shown at any address, where its links would lead nowhere
_SPACES = re.compile(r" {2,}")
_WAY_TO_LANGUAGE = 'add <meta name="lightning" content="language: auto"> to their heads'


@dataclass(frozen=True, slots=True)
class SpokenPage:
    """What is spoken of a page, and what it says of itself.

    Attributes:
        settings: Its voice, and that it is narrated.
        spoken: Its HTML, without what is not spoken.
        title: Plain text.
        url: Absolute; empty if it is not known.
        language: The page's language, as a BCP 47 tag; empty if it does not say.
        description: Its `<meta name="description">`; empty likewise.
        published: Its date as it is written; empty likewise.
        is_docked: As in `Selection`.
        asks_for_it: Whether the page itself says that it is narrated.
        engine: The engine of the whole site; None if the page names none.
        output_format: The format of the whole site; None likewise.
    """

    settings: PageSettings
    spoken: str
    title: str
    url: str
    language: str
    description: str = ""
    published: str = ""
    is_docked: bool = False
    asks_for_it: bool = False
    engine: str | None = None
    output_format: OutputFormat | None = None


@dataclass(frozen=True, slots=True)
class PageRules:
    """Which pages of a site are narrated, what of them, and how; by default none.

    Attributes:
        choice: What is spoken of a page.
        narrated: Patterns of pages, or of their sources; None for all pages of which selectors say what is spoken.
        voices: Who speaks, where pages do not say it.
        site_url: Absolute; empty if it is not known.
        site_name: May be empty.
        matched: For each selector of the choice, whether it has named anything so far.
        tried: Paths of the pages in which what is spoken was looked for.
        without_content: Paths of pages that patterns name, and that have no main content.
        refused: Paths of pages that have to stay as they are, because of a player that cannot be replaced. A warning
            has told of each.
        mistaken: Paths of pages with a mistake in them, so that they keep the player that they have. Likewise.
        showing_blocks: Those of pages that show a block as text. They are among the mistaken ones.
        taken_over: Those of pages that a script of the site takes over whole. Likewise.
    """

    choice: Choice = field(default_factory=Choice)
    narrated: GitIgnoreSpec | None = None
    voices: SiteVoices = field(default_factory=SiteVoices)
    site_url: str = ""
    site_name: str = ""
    matched: list[bool] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    without_content: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    mistaken: list[str] = field(default_factory=list)
    showing_blocks: list[str] = field(default_factory=list)
    taken_over: list[str] = field(default_factory=list)

    @property
    def may_narrate(self) -> bool:
        """Whether pages have to be looked at that have no slots."""
        return bool(self.choice.select) or self.narrated is not None

    def names(self, uri: str) -> bool:
        """Whether the patterns name a page; all pages if there are none."""
        return self.narrated is None or is_named(self.narrated, names_of(uri))

    def unmatched(self) -> list[tuple[str, str]]:
        """The selectors that named nothing on the pages that were looked at, if any were, each with its option."""
        options = [("--select", each) for each in self.choice.select] + [("--skip", each) for each in self.choice.skip]
        return [(option, each.text) for (option, each), found in zip(options, self.matched, strict=False) if not found]

    def own_settings(self, metadata: PageMetadata, uri: str, log: Log) -> OwnSettings | None:
        """The settings in `<meta name="lightning" content="narrate: true; voice_id: sophie">`; None if they are wrong.

        Args:
            metadata: That of the page.
            uri: Its path in the site.
            log: Receives a warning if they are.
        """
        try:
            return OwnSettings.parse(metadata.settings)
        except SettingError as error:
            log.warning(
                '%s: <meta name="lightning">: %s. Correct it; until then the page gets no new player', uri, error
            )
            self.mistaken.append(uri)
            return None

    def read(self, html: str, metadata: PageMetadata, own: OwnSettings, uri: str, log: Log) -> SpokenPage | None:
        """Find what is spoken of a page, if it is narrated.

        Args:
            html: The page, without players.
            metadata: What it says of itself.
            own: What it sets.
            uri: Its path in the site.
            log: Receives a warning if it should be narrated, and cannot be.
        """
        if metadata.is_redirect or not self._is_narrated(own.of_page, uri):
            return None
        if not self._takes_player(html, uri, log):
            return None
        self.tried.append(uri)
        selection, matches = select(html, self.choice)
        self.matched[:] = [a or b for a, b in zip(self.matched or [False] * len(matches), matches, strict=True)]
        if selection is None:
            self._report_nothing(own.of_page, uri, log)
            return None
        if shows_block(spoken := selection.script_of(html)):
            self.mistaken.append(uri)
            self.showing_blocks.append(uri)
            return None
        return SpokenPage(
            settings=PageSettings(
                own.of_page.voice,
                narrate=True,
                is_for_many=not (self.choice.select or own.of_page.narrate),
                locale=self._locale_of(metadata.language),
                html_lang=language_code(metadata.language),
            ),
            spoken=_SPACES.sub("  ", spoken),
            title=selection.title or metadata.title,
            url=metadata.canonical_url or self._url_of(uri),
            language=metadata.language,
            description=metadata.description,
            published=metadata.published,
            is_docked=selection.is_docked,
            asks_for_it=bool(own.of_page.narrate),
            engine=own.engine,
            output_format=own.output_format,
        )

    def _takes_player(self, html: str, uri: str, log: Log) -> bool:
        """Whether a player can be put into a page; if it has another, a warning says so."""
        if has_player(html):
            self.refused.append(uri)
            log.warning(
                "%s: not narrated, because it has a player that 'publish' cannot replace. If MkDocs built it, set "
                "narrate in the plugin. If its HTML was minified after 'publish', build it again, and minify before "
                "you publish",
                uri,
            )
            return False
        if is_taken_over(html):
            self.mistaken.append(uri)
            self.taken_over.append(uri)
            return False
        return True

    def _report_nothing(self, own: PageSettings, uri: str, log: Log) -> None:
        """Warn of a page that is to be narrated, and has nothing that could be; not if others are selected."""
        if own.narrate and self.choice.select:
            log.warning("%s: nothing on this page is narrated, because --select matches nothing that readers see", uri)
        elif own.narrate:
            log.warning(
                "%s: nothing on this page is narrated, because it has no <main>, and not exactly one <article>", uri
            )
        elif not self.choice.select:
            self.without_content.append(uri)

    def voice_of_blocks(self, language: str) -> VoiceSettings:
        """The voice for blocks on a page in a language, which know none of their own; only if `voices` has it."""
        has_voice = language and language_code(language) in self.voices.by_language
        return self.voices.of(language) if has_voice else NO_SETTINGS

    def overruled_language(self, page: SpokenPage) -> str | None:
        """The code of the language that a page says it is in, if it is read in another one that the options set."""
        written, of_site = language_code(page.language), self.voices.everywhere.language
        is_set_nearer = bool(page.settings.locale or page.settings.voice.language)
        return None if is_set_nearer or of_site in {None, "auto", written} else written

    def source_page(self, uri: str, settings: PageSettings | None, page: SpokenPage | None = None) -> SourcePage:
        """A page as the collector of blocks takes it.

        Args:
            uri: Its path in the site.
            settings: Those for what is added next; None if they are wrong.
            page: What is spoken of it, if it is added as a whole.
        """
        found = SourcePage(uri, settings, str, way_to_language=_WAY_TO_LANGUAGE)
        if page is None:
            return found
        tags = PageTags(page.title, self.site_name or page.title, page.url)
        found = replace(found, read_tags=lambda: tags)
        return found if page.asks_for_it else replace(found, way_to_silence=self._way_to_silence(uri))

    def _way_to_silence(self, uri: str) -> str:
        """How to leave out a page that `--select` narrates."""
        if self.narrated is None:
            return f"To leave it out, set narrate: ['**', '!{uri}'] in mkdocs.yml"
        return f"To leave it out, add '!{uri}' to narrate"

    def _locale_of(self, language: str) -> str | None:
        """The language that a page says it is in, unless the options set one that is for all pages."""
        is_overruled = self.voices.everywhere.language and language_code(language) not in self.voices.by_language
        return None if is_overruled else language or None

    def _is_narrated(self, own: PageSettings, uri: str) -> bool:
        if own.narrate is not None:
            return own.narrate
        if uri.rpartition("/")[2] == _NOT_FOUND:
            return False
        if self.narrated is None:
            return bool(self.choice.select)
        return self.names(uri)

    def _url_of(self, uri: str) -> str:
        return urljoin(as_base(self.site_url), quote(without_index(uri))) if self.site_url else ""


def metadata_of(html: str) -> PageMetadata:
    """What a page says about itself, with its language as a BCP 47 tag."""
    metadata = read_metadata(html)
    return replace(metadata, language=with_two_letters(metadata.language.strip()))


def names_of(uri: str) -> list[str]:
    """What patterns may call a page: its path, and those that its source may have had."""
    stem = uri.removesuffix(".html")
    names = [uri, f"{stem}.md"]
    if stem.endswith("/index"):
        names.append(f"{stem.removesuffix('/index')}.md")
    return names
