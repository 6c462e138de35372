"""The narration of a site in one language, from the first page read to the last page rendered.

A facade over three steps: `BlockCollector` reads, `ClipSupply` supplies, `PageRenderer` renders. It knows no MkDocs: a
page is a name, its settings and a way to its source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.base.hard_links import copy_over, link_or_copy
from mkdocs_lightning.cache.maintenance import store_usage
from mkdocs_lightning.cache.shared import finish_sharing
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.site.block_collector import BlockCollector
from mkdocs_lightning.site.clip_supply import ClipSupply, Supply, SupplySettings
from mkdocs_lightning.site.page_renderer import PageRenderer

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import date
    from pathlib import Path

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.voice import VoiceSettings


@dataclass(frozen=True, slots=True)
class NarrationSettings:
    """What a site asks for.

    Attributes:
        voice: What blocks and pages start from.
        supply: What may be synthesized, and how.
    """

    voice: VoiceSettings
    output_format: OutputFormat
    lexicon: Lexicon = field(default_factory=Lexicon)
    supply: SupplySettings = field(default_factory=SupplySettings)


class Narration:
    """Collect blocks page by page, `synthesize` once, then render pages; see the head of this module.

    Args:
        settings: What the site asks for.
        engine: Synthesizes what is missing.
        cache: Stores sentences and clips.
        log: Receives what an author should know.
        draft_engine: Synthesizes, at no cost, what stays missing: for an author who is still writing, not for a site.

    Attributes:
        collector: The blocks; pages and blocks are added to it.
        supply: The clips; empty before `synthesize`.
    """

    def __init__(
        self, settings: NarrationSettings, engine: Engine, cache: Cache, log: Log, draft_engine: Engine | None = None
    ) -> None:
        self.collector = BlockCollector(settings.voice, settings.lexicon, settings.output_format, engine, log)
        self.supply = Supply()
        self._supplier = ClipSupply(settings.supply, engine, cache, log)
        self._cache = cache
        self._log = log
        self._draft_engine = draft_engine
        self._wanted = 0  # of the uses, those whose clips were wanted

    def supply_early(self) -> None:
        """Fetch and synthesize what has been added since the last call, while other pages are read."""
        uses = self.collector.uses[self._wanted :]
        self._wanted = len(self.collector.uses)
        self._supplier.want([use.block.clip for use in uses])

    def find_cached(self) -> None:
        """Look for the site's clips in the cache, so that `cached` has them; sends nothing."""
        self._supplier.find_cached(use.block.clip for use in self.collector.uses)

    @property
    def cached(self) -> Mapping[str, CachedClip]:
        """The clips that were found or built so far, by the key of the clip."""
        return self._supplier.cached

    def synthesize(self) -> Supply:
        """Synthesize what is missing and build the clips; `supply` from then on."""
        self.supply = self._supplier.complete(self.collector.uses, self._draft_engine)
        return self.supply

    def renderer(self) -> PageRenderer:
        """Renders the site's pages with the clips that there are now."""
        return PageRenderer(self.collector.blocks, self.supply, has_drafts=self._draft_engine is not None)

    def captions(self) -> dict[str, Path | str]:
        """The caption files of the site by their names: files of the cache, or their text if it cannot be written."""
        return {name: self._stored_captions(name, text) for name, text in self.renderer().captions().items()}

    def link_audio(self, directory: Path, foreign: Container[str] = ()) -> list[str]:
        """Put all clips and captions that can be played into a directory of the site.

        Args:
            directory: Created if it is missing.
            foreign: Names of files, in lower case, that others write there as well: these are copied, as a link would
                have them write into the cache.

        Returns:
            Names of foreign files that are clips or captions of this site.

        Raises:
            OSError: The directory cannot be written.
        """
        clips = (*self.supply.cached.values(), *self.supply.drafts.values())
        files = {clip.path.name: clip.path for clip in clips} | self.captions()
        directory.mkdir(parents=True, exist_ok=True)
        found = []
        for name, file in files.items():
            if name in foreign:
                found.append(name)
                copy_over(file, directory / name)
            else:
                link_or_copy(file, directory / name)
        return found

    def finish_transfers(self) -> None:
        """Wait for uploads to a remote cache, and report what was transferred and what failed."""
        finish_sharing(self._cache, self._log)

    def store_usage(self, site: str, today: date) -> None:
        """Store which files of the cache this site uses, for `cache prune`; a read-only cache goes without.

        Args:
            site: Identifies the site, its version and its language.
            today: The first day of the grace period of what the site no longer uses.
        """
        try:
            store_usage(self._cache, site, [use.block.clip for use in self.collector.uses], today)
        except StoreError as error:
            self._log.info("%s", error)

    def close(self, *, is_urgent: bool) -> None:
        """Start no further request. Wait up to 10 s for those in flight, or not at all if `is_urgent`."""
        self._supplier.close(is_urgent=is_urgent)

    def _stored_captions(self, name: str, text: str) -> Path | str:
        try:
            return self._cache.store_captions(name, text)
        except StoreError:  # has been reported for the clips, which matter more
            return text
