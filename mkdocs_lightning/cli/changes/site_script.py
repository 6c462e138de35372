"""What MkDocs has read of a site, as a value that can be compared with another reading of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.cli.site_report import distinct_uses, line_of, page_of
from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript, SiteScript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_lightning.plugin.read_site import ReadSite
    from mkdocs_lightning.site.spoken_block import BlockUse


def script_of(languages: Sequence[ReadSite]) -> SiteScript:
    """What a site speaks; a block of a page that several languages share, untranslated, counts once.

    Call this while the sources of the pages are there: it looks for the lines of blocks.
    """
    locale_of = {id(use): language.locale for language in languages for use in language.build.narration.collector.uses}
    pages: dict[PageName, list[PlayerScript]] = {}
    for use in distinct_uses([language.build.narration for language in languages]):
        pages.setdefault(PageName(page_of(use), locale_of[id(use)]), []).append(_player(use))
    return SiteScript(tuple(PageScript(name, tuple(players)) for name, players in pages.items()))


def _player(use: BlockUse) -> PlayerScript:
    options = use.block.options
    return PlayerScript(
        name=options.title or options.id or "",
        line=None if use.block.is_page else line_of(use),
        is_page=use.block.is_page,
        sentences=use.block.clip.segments,
        clip=use.block.clip.file_name,
    )
