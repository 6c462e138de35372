"""From the pages that MkDocs has read, and their clips, to what a book is made of."""

from __future__ import annotations

import errno
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.cli.site_reader import source_date
from mkdocs_lightning.exports.book.clean_html import language_element
from mkdocs_lightning.exports.book.model import Metadata, Page, Reading, SiteFiles
from mkdocs_lightning.exports.xml_text import clean
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from mkdocs_lightning.player.slots import fill_slots, slot_names
from mkdocs_lightning.player.ui_strings import is_same_language, ui_strings_for
from mkdocs_lightning.plugin.page_context import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs.structure.files import File
    from mkdocs.structure.pages import Page as SitePage

    from mkdocs_lightning.plugin.read_site import ReadSite
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.spoken_block import SpokenBlock

_OLDEST = 315532800  # 1980, in seconds: the date of a site whose pages are all made by plugins


def pages_of(site: ReadSite) -> Iterator[Page]:
    """The pages of a book, in the order of the site, without those that have no content."""
    for page, language in site.pages:
        if page.content:
            yield _page_of(page, language, site.build.narration)


def missing_in(site: ReadSite) -> Mapping[str, int]:
    """How many clips each page is missing, by the path of its source; pages that have all of theirs are left out."""
    missing: dict[str, int] = {}
    for use in site.build.narration.collector.uses:
        if use.location.page and not site.build.narration.supply.clip_of(use.block):
            missing[use.location.page.uri] = missing.get(use.location.page.uri, 0) + 1
    return missing


def metadata_of(site: ReadSite) -> Metadata:
    """How a catalog describes the book of a site."""
    language = site.locale or (site.pages[0][1] if site.pages else "en")
    identity = site.url or f"mkdocs-lightning:{site.name}"
    return Metadata(
        identifier=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, clean(f'{identity}#{site.locale}'))}",
        title=site.name,
        language=language,
        modified=source_date() or _modified(site),
        disclosure=ui_strings_for(language).synthetic,
        author=site.author,
        description=site.description,
        rights=site.rights,
    )


def files_of(site: ReadSite) -> SiteFiles:
    """The files that pages may show."""
    return SiteFiles(site.url, {file.dest_uri: partial(_read, file) for file in site.files})


def _read(file: File) -> bytes:
    """The content of a file.

    Raises:
        LightningError: It cannot be read, or is a pipe or a device, which are not.
    """
    source = file.abs_src_path
    if source and Path(source).exists() and not Path(source).is_file():
        raise _unreadable(file, os.strerror(errno.EINVAL))
    try:
        return file.content_bytes
    except OSError as error:
        raise _unreadable(file, error.strerror) from error


def _unreadable(file: File, reason: str | None) -> LightningError:
    return LightningError(f"'{file.src_uri}' cannot be read ({reason}), so the book was not made")


def _modified(site: ReadSite) -> datetime:
    """When the newest page of a site was changed."""
    sources = [page.file.abs_src_path for page, _ in site.pages]
    times = [Path(source).stat().st_mtime for source in sources if source and Path(source).is_file()]
    return datetime.fromtimestamp(max(times, default=_OLDEST), UTC)


def _page_of(page: SitePage, language: str, narration: Narration) -> Page:
    html = page.content or ""
    blocks = [block for name in slot_names(html) if (block := narration.collector.blocks.get(name))]
    filler = _Filler(narration, _language_of(blocks, language), _is_narrated(blocks, narration))
    filled = fill_slots(html, narration.collector.blocks, filler.fill)
    return Page(
        uri=page.file.src_uri,
        url=page.url,
        title=plain_text(page.title),
        sections=tuple(plain_text(section.title) for section in reversed(list(page.ancestors))),
        language=filler.language,
        html=filled.html,
        readings=tuple(filler.readings),
    )


def _language_of(blocks: Sequence[SpokenBlock], language: str) -> str:
    """The language of a page: that of its script if the whole page is narrated in another than the site's."""
    narrated = (block.language for block in blocks if block.is_page and block.language)
    return next((own for own in narrated if not is_same_language(own, language)), language)


def _is_narrated(blocks: Sequence[SpokenBlock], narration: Narration) -> bool:
    """Whether a page has a clip as a whole. That clip also reads the page's blocks, so theirs are left out."""
    return any(block.is_page and narration.supply.clip_of(block) for block in blocks)


@dataclass(slots=True)
class _Filler:
    """Puts the text of each slot of a page in its place, and notes what is read.

    Attributes:
        narration: Has the blocks and their clips.
        language: Of the page.
        is_narrated: Whether one clip reads the whole page.
        readings: Those so far.
    """

    narration: Narration
    language: str
    is_narrated: bool
    readings: list[Reading] = field(default_factory=list)

    def fill(self, slot: str, inner: str) -> str:
        """The text of a slot, with its sentences marked."""
        block = self.narration.collector.blocks[slot]
        clip = self.narration.supply.clip_of(block)
        if clip is not None and block.is_page == self.is_narrated:
            cues = block.cues(clip)
            inner = highlight_sentences(
                inner,
                [cue.text for cue in cues],
                str(len(self.readings)),
                language=block.voice.language,
                is_page=block.is_page,
                reads_math=block.voice.math_notation,
            )
            self.readings.append(Reading(clip.path, clip.duration, cues))
        return self._in_language(block, inner)

    def _in_language(self, block: SpokenBlock, inner: str) -> str:
        if block.is_page or block.language is None or is_same_language(block.language, self.language):
            return inner
        return language_element(inner, block.language)
