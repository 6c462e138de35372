"""The narration of a site in one language, from the first page read to the last page rendered.

    add blocks, end_page ─► … ─► request_all ─► wait_for, render ─► … ─► synthesize

A facade over three steps: `BlockCollector` reads, `ClipSupply` supplies, `PageRenderer` renders. It knows no MkDocs: a
page is a name, its settings and a way to its source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError, count
from mkdocs_lightning.base.hard_links import copy_over, link_or_copy
from mkdocs_lightning.cache.maintenance import store_usage
from mkdocs_lightning.engines import stand_in_reason
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.site.block_collector import BlockCollector
from mkdocs_lightning.site.clip_supply import ClipSupply, SupplySettings
from mkdocs_lightning.site.page_renderer import PageRenderer
from mkdocs_lightning.site.report import finish_sharing
from mkdocs_lightning.site.spoken_block import Supply

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from mkdocs_lightning.audio.formats import ClipSettings
    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Clip
    from mkdocs_lightning.reading.settings.site_voices import SiteVoices
    from mkdocs_lightning.site.spoken_block import SpokenBlock


@dataclass(frozen=True, slots=True)
class NarrationSettings:
    """What a site asks for.

    Attributes:
        voices: Who speaks, where blocks, pages and folders do not say it.
        clips: How clips are made of their sentences.
        supply: What may be synthesized, and how.
    """

    voices: SiteVoices
    clips: ClipSettings
    lexicon: Lexicon = field(default_factory=Lexicon)
    supply: SupplySettings = field(default_factory=SupplySettings)


class Narration:
    """Collect blocks page by page, `synthesize`, then render pages; see the head of this module.

    A page can be rendered before `synthesize`, once `wait_for` has waited for its clips.

    Args:
        settings: What the site asks for.
        engine: Synthesizes what is missing.
        cache: Stores sentences and clips.
        log: Receives what an author should know.
        draft_engine: Synthesizes, at no cost, what stays missing: for an author who is still writing, not for a site.

    Attributes:
        collector: The blocks; pages and blocks are added to it.
        supply: The clips that were found or built so far; complete, with a report, from `synthesize` on.
        stand_in_reason: Why the stand-in of the settings speaks what is missing; None if there is none.
        is_complete: Whether `synthesize` has waited for all that can be supplied.
    """

    def __init__(
        self, settings: NarrationSettings, engine: Engine, cache: Cache, log: Log, draft_engine: Engine | None = None
    ) -> None:
        self.collector = BlockCollector(settings.voices, settings.lexicon, settings.clips, engine, log)
        self._supplier = ClipSupply(settings.supply, engine, cache, log)
        self.supply = Supply(self._supplier.cached)
        self._cache = cache
        self._log = log
        self._draft_engine = draft_engine
        self._stand_in = settings.supply.stand_in
        self.stand_in_reason = stand_in_reason(engine, self._stand_in)
        self._is_held = settings.supply.hold_reason is not None
        self._shows_words = settings.supply.finds_words
        self._is_requested = False
        self._wanted = 0  # of the uses, those whose clips were wanted
        self.is_complete = False
        self._linked: set[str] = set()  # the slots whose files are in the site

    @property
    def clips(self) -> Sequence[Clip]:
        """Those of all occurrences of blocks."""
        return [use.block.clip for use in self.collector.uses]

    def supply_early(self) -> None:
        """Fetch and synthesize what has been added since the last call, while other pages are read."""
        uses = self.collector.uses[self._wanted :]
        self._wanted = len(self.collector.uses)
        self._supplier.want(uses)

    def find_cached(self) -> None:
        """Look for the site's clips in the cache, so that `supply` has them; sends nothing."""
        self._supplier.find_cached(self.clips)

    def end_pages(self, *, waits: bool, has_feed: bool) -> None:
        """All pages were read: request what is still missing; wait only for what pages show of the whole site.

        That is whether there is any clip, and whether there is a feed.

        Args:
            waits: Whether to wait for everything.
            has_feed: Whether a feed is asked for, of which each page tells if it has an episode.
        """
        self.collector.end_pages()
        self._request_all()
        if not waits:
            self._wait_for_first()
            if has_feed:
                self._wait_for_first(of_pages=True)
        if waits or not self._supplier.is_pending:
            self.synthesize()

    def wait_for(self, slots: Iterable[str]) -> None:
        """Wait until it is known what the players of some slots play. If one of them may play nothing, wait for all."""
        if not self.is_complete:
            blocks = (self.collector.blocks.get(slot) for slot in slots)
            if not self._supplier.wait_for([block.clip for block in blocks if block is not None]):
                self.synthesize()

    def _wait_for_first(self, *, of_pages: bool = False) -> None:
        """Wait until it is known whether there is any clip, or any of a narrated page."""
        uses = [use for use in self.collector.uses if use.block.is_page or not of_pages]
        if uses and not any(use.block.clip.key in self.supply.cached for use in uses):
            self.wait_for([uses[0].block.slot])

    def synthesize(self) -> Supply:
        """Wait until all is there that can be synthesized and built, once; `supply` from then on."""
        if not self.is_complete:
            self._request_all()
            self.supply = self._supplier.complete(self.collector.uses, self._draft_engine)
            self.is_complete = True
            self._tell_of_stand_in()
        return self.supply

    def _request_all(self) -> None:
        """Request what is still missing, once, after it is decided which blocks the stand-in speaks."""
        if self._is_requested:
            return
        self._is_requested = True
        if self._stand_in is not None:
            incomplete = self._supplier.incomplete(self.clips)
            clips = self.collector.clips_by(self._stand_in, {clip.key for clip in incomplete})
            if self._is_held or self._stand_in.unavailable_reason:  # then it speaks only what is cached
                silent = {clip.key for clip in self._supplier.incomplete([*clips.values()])}
                clips = {slot: clip for slot, clip in clips.items() if clip.key not in silent}
            self.collector.recast(clips)
        self._supplier.request_all(self.collector.uses)

    def _tell_of_stand_in(self) -> None:
        """Warn once of all sentences that the stand-in speaks."""
        if self._stand_in is None:
            return
        played = [block.clip for block in self.collector.blocks.values() if self.supply.clip_of(block)]
        spoken = {part.key for clip in played for part in clip.segments if part.engine == self._stand_in.name}
        if spoken:
            tell = self._log.info if self._is_held else self._log.warning
            tell("the offline voice speaks %s: %s", count(len(spoken), "sentence"), self.stand_in_reason)

    def renderer(self) -> PageRenderer:
        """Renders the site's pages with the clips that there are now."""
        return PageRenderer(
            self.collector.blocks,
            self.supply,
            has_drafts=self._draft_engine is not None,
            shows_words=self._shows_words,
        )

    def captions(self, blocks: Iterable[SpokenBlock]) -> dict[str, Path | bytes]:
        """The caption files of some blocks by their names, or the content of one that cannot be stored."""
        return {name: self._stored_captions(name, text) for name, text in self.renderer().captions(blocks).items()}

    def link_audio(
        self,
        directory: Path,
        foreign: Container[str] = (),
        slots: Iterable[str] | None = None,
        *,
        replaces_foreign: bool = True,
    ) -> list[str]:
        """Put clips and captions that can be played into a directory of the site, each once.

        Args:
            directory: Created if it is missing.
            foreign: Names of files, in lower case, that others write there as well: these are copied, as a link would
                have them write into the cache.
            slots: Those whose clips and captions are meant; all by default.
            replaces_foreign: Whether this comes before the others have written; afterward, their files stay.

        Returns:
            Names of foreign files that are clips or captions of this site.

        Raises:
            OSError: The directory cannot be written.
        """
        directory.mkdir(parents=True, exist_ok=True)
        found = []
        for name, file in self._new_files(self.collector.blocks if slots is None else slots).items():
            if name not in foreign:
                link_or_copy(file, directory / name)
                continue
            found.append(name)
            if replaces_foreign or not (directory / name).exists():
                copy_over(file, directory / name)
        return found

    def _new_files(self, slots: Iterable[str]) -> dict[str, Path | bytes]:
        """The clips and captions of some slots that are there and were not linked before, by their names."""
        new = (slot for slot in slots if slot not in self._linked)
        blocks = [block for slot in new if (block := self.collector.blocks.get(slot))]
        played = {block.slot: clip for block in blocks if (clip := self.supply.clip_of(block))}
        self._linked |= played.keys()
        return {clip.path.name: clip.path for clip in played.values()} | self.captions(blocks)

    def finish_transfers(self, *, is_urgent: bool = False) -> None:
        """Wait for uploads to a remote cache, and report what was transferred and what failed.

        Args:
            is_urgent: As for `finish_sharing`.
        """
        finish_sharing(self._cache, self._log, is_urgent=is_urgent)

    def store_usage(self, site: str, today: date, *, is_whole: bool = True) -> None:
        """Store which files of the cache this site uses, for `cache prune`; a read-only cache goes without.

        Args:
            site: Identifies the site, its version and its language.
            today: The first day of the grace period of what the site no longer uses.
            is_whole: False if a part of the site cannot be read, which may use what the site has used before.
        """
        try:
            store_usage(self._cache, site, self.clips, today, is_whole=is_whole)
        except StoreError as error:
            self._log.info("%s", error)

    def close(self, *, is_urgent: bool) -> None:
        """Start no further request. Wait up to 10 s for those in flight, or up to 5 s if `is_urgent`."""
        self._supplier.close(is_urgent=is_urgent)

    def _stored_captions(self, name: str, text: str) -> Path | bytes:
        try:
            return self._cache.store_captions(name, text)
        except StoreError:  # has been reported for the clips, which matter more
            return text.encode()
