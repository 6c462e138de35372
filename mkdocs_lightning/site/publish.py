"""Publishes a site that another program has built: reads the lasting slots of its pages, and fills them with players.

Publishing again gives the same bytes. A block that cannot be synthesized stays text, and a page that would lose a
working player is not changed.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.file_system import long_path
from mkdocs_lightning.exports.jsonld import script_element
from mkdocs_lightning.player.html_scanner import head_end, read_metadata
from mkdocs_lightning.player.slots import block_slot, style_sheet_link
from mkdocs_lightning.player.view import PLAYER_CLASS, SCRIPT, STYLESHEET, PageContext, PlayerTemplate
from mkdocs_lightning.reading.block import Origin
from mkdocs_lightning.reading.page_settings import PageSettings
from mkdocs_lightning.site.lasting_slot import LASTING_TAG, Slot, around, as_text, has_lasting_slots, map_lasting_slots
from mkdocs_lightning.site.spoken_block import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from logging import Logger, LoggerAdapter
    from typing import TypeAlias

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.site.narration import Narration

    Log: TypeAlias = Logger | LoggerAdapter[Logger]

_Named = TypeVar("_Named")

_ORIGIN = Origin(":::speak")
_HEAD = re.compile(r"<!--speak-head-->(?:(?!<!--speak-head-->).)*?<!--/speak-head-->\n?", re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """A page that has slots.

    Attributes:
        path: The page's file.
        uri: The path within the site, as messages name it.
        slots: By the value of `data-script`; without slots that cannot be read.
        generator: The program that built the page, as its `<meta name="generator">` says; empty if it says nothing.
    """

    path: Path
    uri: str
    slots: Mapping[str, Slot]
    generator: str


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """A finished site.

    Attributes:
        root: The site's directory.
        pages: The pages that have slots.
    """

    root: Path
    pages: tuple[BuiltPage, ...]

    def engine(self) -> str | None:
        """The engine that the pages name; None if they name none.

        Raises:
            SettingError: They name more than one.
        """
        return _agreed("engine", {slot.engine for slot in self._slots()})

    def output_format(self) -> OutputFormat | None:
        """The format that the pages name; None if they name none.

        Raises:
            SettingError: They name more than one.
        """
        return _agreed("output_format", {slot.output_format for slot in self._slots()})

    def is_built_by(self, program: str) -> bool:
        """Whether a page names this program as its generator."""
        return any(page.generator.lower().startswith(program) for page in self.pages)

    def _slots(self) -> Iterator[Slot]:
        return (slot for page in self.pages for slot in page.slots.values())


def read_site(root: Path, log: Log) -> BuiltSite:
    """Read the slots of all pages of a site.

    Args:
        root: The site's directory.
        log: Receives a warning for each page and slot that cannot be read.
    """
    pages = (_read_page(path, path.relative_to(root).as_posix(), log) for path in sorted(root.rglob("*.html")))
    return BuiltSite(root, tuple(page for page in pages if page is not None))


def add_blocks(site: BuiltSite, narration: Narration) -> list[Mapping[str, str]]:
    """Add a site's blocks to a narration.

    Returns:
        For each page, the names of its slots by the value of `data-script`; without blocks that stay text, of which
        the narration has warned.
    """
    return [_add_blocks(page, narration) for page in site.pages]


def publish(
    site: BuiltSite, blocks: Sequence[Mapping[str, str]], narration: Narration, audio_dir: str, log: Log
) -> int:
    """Synthesize what a site needs, add the clips to it, and fill its slots.

    Args:
        site: From `read_site`.
        blocks: From `add_blocks`.
        narration: Its `supply` is complete afterwards.
        audio_dir: The directory of the clips within the site, such as `assets/lightning`.
        log: Receives a warning for each page that is not changed.

    Returns:
        The number of pages that changed.

    Raises:
        OSError: A page cannot be read, or the site cannot be written.
    """
    supply = narration.synthesize()
    audio_path = site.root / audio_dir
    if supply.cached:
        directory = long_path(audio_path.resolve())
        narration.link_audio(directory)
        for asset in (STYLESHEET, SCRIPT):
            if not (directory / asset.name).is_file() or not filecmp.cmp(asset, directory / asset.name, shallow=False):
                shutil.copyfile(asset, directory / asset.name)
    template = PlayerTemplate(())
    changed = 0
    for page, names in zip(site.pages, blocks, strict=True):
        before = page.path.read_bytes()
        after = _filled(before.decode(), page.path, names, narration, template, audio_path).encode()
        if after == before:
            continue
        if _players(page.path, after) < _players(page.path, before):
            log.warning("%s: not changed, as it would lose players that work", page.uri)
            continue
        atomic_write(page.path, after, keeps_mode=True)
        changed += 1
    return changed


def _read_page(path: Path, uri: str, log: Log) -> BuiltPage | None:
    """A page's slots; None if it has none or, after a warning, if it cannot be read."""
    try:
        html = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        log.warning("%s cannot be read: %s. It stays as it is", uri, error)
        return None
    if not has_lasting_slots(html):
        return None
    slots: dict[str, Slot] = {}

    def read(script: str, _text: str) -> str:
        try:
            slots[script] = Slot.parse(script)
        except SettingError as error:
            log.warning("%s: a block cannot be read: %s. Build the site again", uri, error)
        return ""

    map_lasting_slots(html, read)
    return BuiltPage(path, uri, slots, read_metadata(html).generator)


def _add_blocks(page: BuiltPage, narration: Narration) -> Mapping[str, str]:
    narration.collector.begin_page(Page(page.uri, PageSettings(), str))
    names = {
        script: narration.collector.add_sentences(_ORIGIN, slot.sentences, slot.options)
        for script, slot in page.slots.items()
    }
    narration.end_page()
    return {script: name for script, name in names.items() if name is not None}


def _filled(  # noqa: PLR0913, PLR0917 - a page, and what it is filled with
    html: str,
    path: Path,
    names: Mapping[str, str],
    narration: Narration,
    template: PlayerTemplate,
    audio_path: Path,
) -> str:
    """The page with players, whatever it held before."""

    def begin_again(script: str, text: str) -> str:
        return around(script, block_slot(as_text(text), names[script]) if script in names else text)

    html = map_lasting_slots(_HEAD.sub("", html), begin_again)
    to_audio = quote(Path(os.path.relpath(audio_path, path.parent)).as_posix())
    context = _page_context(html, f"{to_audio}/{SCRIPT.name}")
    filled = narration.renderer().render(html, template, context, lambda name: f"{to_audio}/{name}")
    if PLAYER_CLASS not in filled.html:
        return filled.html
    head = style_sheet_link(f"{to_audio}/{STYLESHEET.name}") + script_element(filled.clips)
    place = head_end(filled.html)
    if place is None:  # a page may do without a head
        place = filled.html.index(f"<{LASTING_TAG}")
    return f"{filled.html[:place]}<!--speak-head-->{head}<!--/speak-head-->\n{filled.html[place:]}"


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


def _players(path: Path, html: bytes) -> int:
    """The number of players whose clip exists."""
    urls = read_metadata(html.decode()).audio_urls
    return sum(url.startswith("data:") or (path.parent / unquote(url)).is_file() for url in urls)


def _agreed(setting: str, named: set[_Named | None]) -> _Named | None:
    names = named - {None}
    if len(names) > 1:
        raise SettingError(setting, "the pages do not agree on it; build the whole site again, with one setting")
    return next(iter(names), None)
