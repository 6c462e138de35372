"""Publishes a site that another program has built: fills the slots of its pages with players, and narrates pages.

Publishing again gives the same bytes. A block or a page that cannot be synthesized stays text, and a page that would
lose a working player is not changed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.errors import PROGRESS, count, printable
from mkdocs_lightning.base.file_system import long_path, read_regular
from mkdocs_lightning.base.html_scanner import head_end, read_metadata
from mkdocs_lightning.exports.jsonld import script_element
from mkdocs_lightning.exports.page_audio import feed_link, head_elements
from mkdocs_lightning.player.site_assets import ASSETS, DOCK_SCRIPT, SCRIPT, STYLESHEET, asset, style_sheet_link
from mkdocs_lightning.player.slots import block_slot, whole_page_slot
from mkdocs_lightning.player.view import PLAYER_ATTRIBUTE, PageContext, PlayerTemplate
from mkdocs_lightning.reading.grammar.block import Origin
from mkdocs_lightning.reading.settings.page_settings import PageSettings
from mkdocs_lightning.site.lasting_slot import around, as_text, map_lasting_slots
from mkdocs_lightning.site.page_renderer import PageParts
from mkdocs_lightning.site.published.built_site import page_names, read_page
from mkdocs_lightning.site.published.feed import (
    FEED,
    NarratedPage,
    divide,
    in_reading_order,
    is_in_language,
    language_of_feed,
)
from mkdocs_lightning.site.published.mistaken_marks import find_mark
from mkdocs_lightning.site.published.page_marks import (
    PAGE_MARK,
    docked_player,
    head_part,
    page_player,
    without_head_part,
    without_page_player,
)
from mkdocs_lightning.site.published.selection import select, spoken_part, with_player
from mkdocs_lightning.site.published.whole_pages import metadata_of
from mkdocs_lightning.site.report import warn_of_empty_feed, warn_of_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.reading.grammar.block import BlockOptions
    from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
    from mkdocs_lightning.site.lasting_slot import Slot
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.page_renderer import RenderedPage
    from mkdocs_lightning.site.published.built_site import BuiltPage, BuiltSite
    from mkdocs_lightning.site.published.feed import PublishedFeed
    from mkdocs_lightning.site.published.whole_pages import PageRules
    from mkdocs_lightning.site.spoken_block import SpokenBlock

_ORIGIN = Origin(":::speak")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]+")


class _Outcome(Enum):
    """What has become of a page's file."""

    CHANGED = auto()
    SAME = auto()
    KEPT = auto()
    """It would have lost a player that works."""


@dataclass(frozen=True, slots=True)
class SlotNames:
    """The names of one page's slots in a narration.

    Attributes:
        blocks: By the value of `data-script`; without blocks that stay text.
        page: Of the page as a whole; None if it is not narrated.
    """

    blocks: Mapping[str, str]
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What all pages of a site are filled with.

    Attributes:
        narration: Has the site's blocks.
        rules: What is spoken of its pages.
        audio_path: The directory of the clips, from `BuiltSite.folder`.
        feed: None if the site has none.
        template: Renders one player.
    """

    narration: Narration
    rules: PageRules
    audio_path: Path
    feed: PublishedFeed | None = None
    template: PlayerTemplate = field(default_factory=lambda: PlayerTemplate(()))


@dataclass(frozen=True, slots=True)
class _WrittenFeed:
    """The feed that is in the site.

    Attributes:
        path: Its file.
        title: Of the podcast.
        language: Of its pages; other pages do not link to it.
    """

    path: Path
    title: str
    language: str


def add_blocks(site: BuiltSite, rules: PageRules, narration: Narration) -> list[SlotNames]:
    """Add a site's blocks and narrated pages to a narration, which warns of blocks that stay text.

    Returns:
        The names of each page's slots.
    """
    return [_add_blocks(page, rules, narration) for page in site.pages]


def publish(site: BuiltSite, names: Sequence[SlotNames], publication: Publication, log: Log) -> int:
    """Synthesize what a site needs, add the clips to it, and fill its slots.

    Args:
        site: From `read_site`.
        names: From `add_blocks`.
        publication: Its narration's `supply` is complete afterward.
        log: Receives a warning if pages are not changed, because they would lose players.

    Returns:
        The number of pages that changed.

    Raises:
        OSError: A page cannot be read, or the site cannot be written.
    """
    supply = publication.narration.synthesize()
    if supply.cached:
        directory = long_path(publication.audio_path.resolve())
        publication.narration.link_audio(directory)
        is_docked = any(page.spoken and page.spoken.is_docked for page in site.pages)
        for name in (*ASSETS, DOCK_SCRIPT) if is_docked else ASSETS:
            _write_asset(asset(name).encode(), directory / name)
    feed = _write_feed(site, names, publication, log)
    pages = zip(site.pages, names, strict=True)
    outcomes = [_publish_page(page, of_page, publication, feed, log) for page, of_page in pages]
    kept = [page.uri for page, outcome in zip(site.pages, outcomes, strict=True) if outcome is _Outcome.KEPT]
    if kept:
        log.warning(
            "%s not changed, to keep players that work: %s",
            f"{count(len(kept), 'page')} {'is' if len(kept) == 1 else 'are'}",
            page_names(kept),
        )
    return outcomes.count(_Outcome.CHANGED)


def _write_feed(site: BuiltSite, names: Sequence[SlotNames], publication: Publication, log: Log) -> _WrittenFeed | None:
    """Write the site's feed: its pages in one language, as a podcast has only one.

    Returns:
        None if there is none.
    """
    if publication.feed is None:
        return None
    narrated = list(_narrated(site, names, publication.narration))
    if not narrated:
        advice = (
            "see the warnings about its pages"
            if (publication.rules.refused or publication.rules.mistaken)
            else "see the option narrate"
        )
        warn_of_empty_feed(publication.narration.collector.uses, log, advice)
        return None
    path = site.root / FEED
    if path.is_file() and b"<generator>mkdocs-lightning<" not in read_page(path):
        log.warning("feed: %s is a file of your own site, so it was not replaced", FEED)
        return None
    narrated = in_reading_order(narrated)
    language = language_of_feed(narrated, site.home_language())
    pages, others = divide(narrated, language)
    if others:
        _report_other_languages([each.uri for each in others], language, log)
    if undated := publication.feed.without_date(pages):
        log.warning(
            "feed: type 'episodic' sorts episodes by date, but '%s' has none, so the feed has no dates. Add <meta "
            'property="article:published_time" content="2026-04-01"> to the head of each narrated page, or set type '
            "to serial",
            undated,
        )
    for name, text in publication.feed.files(pages, language).items():
        _write_asset(text.encode(), long_path(site.root.resolve()) / name)
    return _WrittenFeed(path, publication.feed.title, language)


def _report_other_languages(uris: Sequence[str], language: str, log: Log) -> None:
    """Say which pages are not in the feed, because they are in another language."""
    log.info(
        "feed: the language of %s is '%s', so %s in another language %s no episode, only a player: %s. For a feed in "
        "that language, publish its folder by itself afterward, with a site_url of its own",
        FEED,
        printable(language),
        count(len(uris), "page"),
        "has" if len(uris) == 1 else "have",
        page_names(uris),
        extra={PROGRESS: True},
    )


def _narrated(site: BuiltSite, names: Sequence[SlotNames], narration: Narration) -> Iterator[NarratedPage]:
    """The pages whose clips can be published."""
    for page, of_page in zip(site.pages, names, strict=True):
        block = narration.collector.blocks[of_page.page] if of_page.page else None
        clip = narration.supply.cached.get(block.clip.key) if block else None
        if page.spoken and block and clip:
            yield NarratedPage(page.uri, page.spoken, block, clip)


def _publish_page(
    page: BuiltPage, names: SlotNames, publication: Publication, feed: _WrittenFeed | None, log: Log
) -> _Outcome:
    """Fill one page.

    Args:
        page: The page.
        names: Those of its slots.
        publication: What it is filled with.
        feed: The site's feed; None if it has none.
        log: Receives a warning for each slot without an end.
    """
    before = read_page(page.path)
    filled = _filled(before.decode(), page, names, publication, feed)
    for tag in filled.unfinished:
        warn_of_unfinished(tag, page.uri, log)
    after = filled.html.encode()
    if after == before:
        return _Outcome.SAME
    kept = _without_ours(before.decode()).encode() if page.is_given_up else before
    if _players(page.path, after) < _players(page.path, kept):
        return _Outcome.KEPT
    atomic_write(page.path, after, keeps_mode=True)
    return _Outcome.CHANGED


def _add_blocks(page: BuiltPage, rules: PageRules, narration: Narration) -> SlotNames:
    collector = narration.collector
    locale = page.spoken.settings.locale if page.spoken else None
    collector.begin_page(rules.source_page(page.uri, PageSettings(locale=locale) if page.of_blocks else None))
    options = {script: _options_of(slot, page, rules) for script, slot in page.slots.items()}
    blocks = {
        script: collector.add_sentences(_ORIGIN, slot.sentences, options[script]) for script, slot in page.slots.items()
    }
    whole = None
    if page.spoken:
        source = rules.source_page(page.uri, page.spoken.settings, page.spoken)
        collector.begin_page(replace(source, locate=lambda error: find_mark(read_page(page.path).decode(), error)))
        voices = {script: each.voice for script, each in options.items()}
        if page.spoken.settings.voice.voice_id:  # which may be the site's, as an extension writes it
            voices |= {
                script: _native(voices[script], collector.blocks[name]) for script, name in blocks.items() if name
            }
        whole = collector.add_page(page.spoken.spoken, voices)
    narration.supply_early()
    return SlotNames({script: name for script, name in blocks.items() if name is not None}, whole)


def _options_of(slot: Slot, page: BuiltPage, rules: PageRules) -> BlockOptions:
    """A block's options, with its page's settings, and the voice for its language if nothing else sets one of these."""
    if page.of_blocks is None:
        return slot.options
    of_page = page.spoken.settings if page.spoken else PageSettings()
    locale = None if of_page.voice.choose_speaker else of_page.locale
    options = slot.on_page(page.of_blocks.voice, locale, rules.voices.by_language)
    if options.voice.choose_speaker:
        return options
    return replace(options, voice=options.voice.over(rules.voice_of_blocks(page.language)))


def _native(settings: VoiceSettings, block: SpokenBlock) -> VoiceSettings:
    """A block's settings; if they set only its language, with the voice that speaks it in the block's own player."""
    if settings.language is None or settings.voice_id or settings.model:
        return settings
    return replace(settings, voice_id=block.voice.voice_id, model=block.voice.model)


def _filled(
    html: str, page: BuiltPage, names: SlotNames, publication: Publication, feed: _WrittenFeed | None
) -> RenderedPage:
    """The page with players, whatever it held before."""

    def begin_again(script: str, text: str) -> str:
        return around(script, block_slot(as_text(text), names.blocks[script]) if script in names.blocks else text)

    narration, audio_path = publication.narration, publication.audio_path
    html = map_lasting_slots(_without_ours(html), begin_again)
    selection = select(html, publication.rules.choice)[0] if names.page else None
    to_audio = _path_from(page, audio_path)
    context = _page_context(html, page, publication.rules, f"{to_audio}/{SCRIPT}")
    if selection is not None and names.page:
        html = whole_page_slot(selection.marked(html), names.page)
    dock = f"{to_audio}/{DOCK_SCRIPT}" if selection is not None and selection.is_docked else ""
    parts = PageParts(spoken_part, lambda html, player: _with_page_player(html, player, dock))
    filled = narration.renderer().render(html, publication.template, context, lambda name: f"{to_audio}/{name}", parts)
    filled = replace(filled, html=with_player(filled.html, ""))  # no mark of ours stays, whatever a page is like
    if PLAYER_ATTRIBUTE not in filled.html:
        return filled
    head = style_sheet_link(f"{to_audio}/{STYLESHEET}")
    if feed and filled.clips and is_in_language(page.language, feed.language):
        head += feed_link(_path_from(page, feed.path), feed.title)
    head += head_elements(filled.audio, filled.html) + script_element(filled.clips)
    place = head_end(filled.html)
    if filled.html.endswith(PAGE_MARK, 0, place):  # the player is the page's first element, and its mark belongs to it
        place -= len(PAGE_MARK)
    return replace(filled, html=f"{filled.html[:place]}{head_part(head)}{filled.html[place:]}")


def _without_ours(html: str) -> str:
    """A page without what was added to it as a whole."""
    return without_page_player(without_head_part(html))


def _path_from(page: BuiltPage, path: Path) -> str:
    """The URL of a file of the site, relative to a page."""
    return quote(Path(os.path.relpath(path, page.path.parent)).as_posix())


def _with_page_player(html: str, player: str, dock: str) -> str:
    if PLAYER_ATTRIBUTE not in player:
        return with_player(html, "")
    return with_player(html, docked_player(player, dock) if dock else page_player(player))


def _page_context(html: str, page: BuiltPage, rules: PageRules, script: str) -> PageContext:
    """What players need to know of the page, as it says it."""
    metadata = metadata_of(html)
    language = _LANGUAGE.match(metadata.language)
    return PageContext(
        site_name=(rules.site_name if page.spoken else "") or metadata.title,
        title=page.spoken.title if page.spoken else metadata.title,
        language=language[0] if language else "en",
        url=page.spoken.url if page.spoken else metadata.canonical_url,
        script=script,
    )


def _write_asset(data: bytes, path: Path) -> None:
    """Write a file of the player, unless it is there; in place of a link, not of what that leads to."""
    try:
        if not path.is_symlink() and read_regular(path, len(data)) == data:
            return
    except OSError:
        pass  # it is not there, or is another file
    atomic_write(path, data)


def _players(path: Path, html: bytes) -> int:
    """The number of players whose clip exists."""
    return sum(
        url.startswith("data:") or _is_file(path.parent / unquote(url))
        for url in read_metadata(html.decode()).audio_urls
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False
