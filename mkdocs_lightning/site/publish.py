"""Publishes a site that another program has built: fills the lasting slots of its pages with players.

Publishing again gives the same bytes. A block that cannot be synthesized stays text, and a page that would lose a
working player is not changed.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.file_system import long_path, read_regular
from mkdocs_lightning.base.html_scanner import head_end, read_metadata
from mkdocs_lightning.exports.jsonld import script_element
from mkdocs_lightning.exports.page_audio import head_elements
from mkdocs_lightning.player.site_assets import ASSETS, SCRIPT, STYLESHEET, asset
from mkdocs_lightning.player.slots import block_slot, style_sheet_link
from mkdocs_lightning.player.view import PLAYER_ATTRIBUTE, PageContext, PlayerTemplate
from mkdocs_lightning.reading.grammar.block import Origin
from mkdocs_lightning.reading.page_settings import PageSettings
from mkdocs_lightning.site.built_site import read_page
from mkdocs_lightning.site.lasting_slot import around, as_text, map_lasting_slots
from mkdocs_lightning.site.report import warn_of_unfinished
from mkdocs_lightning.site.spoken_block import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.site.built_site import BuiltPage, BuiltSite
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.page_renderer import RenderedPage

_ORIGIN = Origin(":::speak")
_HEAD = re.compile(
    r"""<!--speak-head-->(?:\s|<(?:link|meta)\s[^<>]*>|<script\stype=["']?application/ld\+json["']?>[^<]*</script>)*+"""
    r"<!--/speak-head-->\n?"
)
"""What was put into a head, and nothing else that somebody may have written between such comments."""

_LANGUAGE = re.compile(r"[A-Za-z0-9-]+")


def add_blocks(site: BuiltSite, narration: Narration) -> list[Mapping[str, str]]:
    """Add a site's blocks to a narration.

    Returns:
        For each page, the names of its slots by the value of `data-script`; without blocks that stay text, of which
        the narration has warned.
    """
    return [_add_blocks(page, narration) for page in site.pages]


def publish(
    site: BuiltSite, blocks: Sequence[Mapping[str, str]], narration: Narration, audio_path: Path, log: Log
) -> int:
    """Synthesize what a site needs, add the clips to it, and fill its slots.

    Args:
        site: From `read_site`.
        blocks: From `add_blocks`.
        narration: Its `supply` is complete afterwards.
        audio_path: The directory of the clips, from `site.folder`.
        log: Receives a warning for each page that is not changed.

    Returns:
        The number of pages that changed.

    Raises:
        OSError: A page cannot be read, or the site cannot be written.
    """
    supply = narration.synthesize()
    if supply.cached:
        directory = long_path(audio_path.resolve())
        narration.link_audio(directory)
        for name in ASSETS:
            _write_asset(asset(name).encode(), directory / name)
    template = PlayerTemplate(())
    changed = 0
    for page, names in zip(site.pages, blocks, strict=True):
        before = read_page(page.path)
        filled = _filled(before.decode(), page.path, names, narration, template, audio_path)
        for tag in filled.unfinished:
            warn_of_unfinished(tag, page.uri, log)
        after = filled.html.encode()
        if after == before:
            continue
        if _players(page.path, after) < _players(page.path, before):
            log.warning("%s: not changed, as it would lose players that work", page.uri)
            continue
        atomic_write(page.path, after, keeps_mode=True)
        changed += 1
    return changed


def _add_blocks(page: BuiltPage, narration: Narration) -> Mapping[str, str]:
    narration.collector.begin_page(Page(page.uri, PageSettings(), str))
    names = {
        script: narration.collector.add_sentences(_ORIGIN, slot.sentences, slot.options)
        for script, slot in page.slots.items()
    }
    narration.supply_early()
    return {script: name for script, name in names.items() if name is not None}


def _filled(  # noqa: PLR0913, PLR0917 - a page, and what it is filled with
    html: str,
    path: Path,
    names: Mapping[str, str],
    narration: Narration,
    template: PlayerTemplate,
    audio_path: Path,
) -> RenderedPage:
    """The page with players, whatever it held before."""

    def begin_again(script: str, text: str) -> str:
        return around(script, block_slot(as_text(text), names[script]) if script in names else text)

    html = map_lasting_slots(_HEAD.sub("", html), begin_again)
    to_audio = quote(Path(os.path.relpath(audio_path, path.parent)).as_posix())
    context = _page_context(html, f"{to_audio}/{SCRIPT}")
    filled = narration.renderer().render(html, template, context, lambda name: f"{to_audio}/{name}")
    if PLAYER_ATTRIBUTE not in filled.html:
        return filled
    head = style_sheet_link(f"{to_audio}/{STYLESHEET}")
    head += head_elements(filled.audio, filled.html) + script_element(filled.clips)
    place = head_end(filled.html)
    html = f"{filled.html[:place]}<!--speak-head-->{head}<!--/speak-head-->\n{filled.html[place:]}"
    return replace(filled, html=html)


def _page_context(html: str, script: str) -> PageContext:
    """What players need to know of the page, as its head says it."""
    page = read_metadata(html)
    language = _LANGUAGE.match(page.language)
    return PageContext(
        site_name=page.title,
        title=page.title,
        language=language[0] if language else "en",
        url=page.canonical_url,
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
