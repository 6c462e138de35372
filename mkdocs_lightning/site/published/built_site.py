"""A site that another program has built: the slots of its pages, and which of its files may be read and written.

Others have made the site, so anything may stand in it. Only regular files are read, and only inside the site's
directory is anything written.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urljoin

from mkdocs_lightning.base.address import without_index
from mkdocs_lightning.base.errors import SettingError, count, printable
from mkdocs_lightning.base.file_system import folder_of_site, read_regular
from mkdocs_lightning.player.view import PLAYER_CLASS
from mkdocs_lightning.site.kept_diagnostics import DIAGNOSTICS_TAG, DiagnosticReport
from mkdocs_lightning.site.lasting_slot import (
    LASTING_TAG,
    Slot,
    around,
    as_text,
    count_unusable_slots,
    map_lasting_slots,
)
from mkdocs_lightning.site.published.page_marks import PAGE_MARK, has_player, without_page_player
from mkdocs_lightning.site.published.whole_pages import metadata_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.base.html_scanner import PageMetadata
    from mkdocs_lightning.reading.settings.page_settings import PageSettings
    from mkdocs_lightning.site.published.whole_pages import PageRules, SpokenPage

MOST_NAMED = 3
"""How many pages a message names."""

MAX_PAGE_BYTES = 64 * 2**20
"""The largest page that is read. Pages with embedded audio have some megabytes."""

_OF_MKDOCS = re.compile(
    rb'<meta name="?generator"? content="?(?:mkdocs|properdocs)-|<!--\s*+MkDocs version', re.IGNORECASE
)
_MARKS = (f"<{LASTING_TAG}".encode(), f"<{DIAGNOSTICS_TAG}".encode(), PAGE_MARK.encode())
"""What a page has that `publish` has to fill or to report, or has filled before."""

_ANYWHERE = "https://site.invalid/"
"""In place of the site's address, where a page does not say its own."""

_SETTINGS = re.compile(rb"""<meta\s[^<>]*name=["']?lightning\b""", re.IGNORECASE)
_Named = TypeVar("_Named")


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """A page that has slots, keeps diagnostics, is narrated as a whole, or was when it was last published.

    Attributes:
        path: The page's file.
        uri: The path within the site, as messages name it.
        slots: By the value of `data-script`; without slots that cannot be read.
        generator: The program that built the page, as its `<meta name="generator">` says; empty if it says nothing.
        language: As its `<html lang>` says; empty likewise.
        is_whole: False if a slot cannot be read, of which a warning has told.
        has_player: Whether it has a player of ours, from an earlier time.
        was_narrated: Whether it has the player of a narrated page, from an earlier time.
        spoken: What is spoken of it as a whole; None if it is not narrated.
        base: The `href` of its `<base>`, if relative URLs lead to another folder by it; else empty.
        keeps_player: Whether it has a player of ours that is not marked, so that it can be neither filled nor removed.
        is_mistaken: Whether a mistake in it, of which a warning tells, keeps it from being narrated.
        of_blocks: The page's own settings for its blocks that their slots do not have; None if they are wrong.
    """

    path: Path
    uri: str
    slots: Mapping[str, Slot]
    generator: str
    language: str
    is_whole: bool
    has_player: bool = False
    was_narrated: bool = False
    spoken: SpokenPage | None = None
    base: str = ""
    keeps_player: bool = False
    is_mistaken: bool = False
    of_blocks: PageSettings | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether nobody wants the page to be narrated: not even somebody who mistyped how."""
        return not self.spoken and not self.is_mistaken


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """A finished site.

    Attributes:
        root: The site's directory.
        pages: Those that `publish` fills or reports.
        uris: The paths of all pages that were read, within the site.
        is_whole: False if a page or a slot cannot be read, of which a warning has told, or if a page keeps an error.
        is_of_mkdocs: Whether MkDocs has built a page without slots.
        keeping: The paths of the pages that keep a player, because it is not marked; without those of which a
            warning has told.
        is_spoken_whole: False if it is not whole, or if a mistake keeps a block or a page from being spoken.
    """

    root: Path
    pages: tuple[BuiltPage, ...]
    uris: tuple[str, ...]
    is_whole: bool
    is_of_mkdocs: bool
    keeping: tuple[str, ...]
    is_spoken_whole: bool

    def engine(self) -> str | None:
        """The engine that the pages name; None if they name none.

        Raises:
            SettingError: They name more than one.
        """
        return _agreed("engine", {each.engine for each in self._spoken()})

    def output_format(self) -> OutputFormat | None:
        """The format that the pages name; None if they name none.

        Raises:
            SettingError: They name more than one.
        """
        return _agreed("output_format", {each.output_format for each in self._spoken()})

    def is_built_by(self, program: str) -> bool:
        """Whether a page names this program as its generator."""
        return any(page.generator.lower().startswith(program) for page in self.pages)

    def url(self) -> str:
        """The site's address, as a narrated page says its own; empty if none does."""
        for page in self.pages:
            for path in map(quote, (page.uri, without_index(page.uri))):
                if page.spoken and page.spoken.url.endswith(f"/{path}"):
                    return page.spoken.url.removesuffix(path)
        return ""

    def home_language(self) -> str:
        """The language of the site's home page, as its `<html lang>` says; empty if it is not known."""
        try:
            home = metadata_of(read_page(self.root / "index.html").decode())
        except (OSError, UnicodeDecodeError):
            return ""
        return "" if home.is_redirect else home.language

    def folder(self, name: str) -> Path:
        """A directory of the site, which need not exist.

        Raises:
            SettingError: As `folder_of_site`.
        """
        return folder_of_site(self.root, name)

    def _spoken(self) -> Iterator[Slot | SpokenPage]:
        for page in self.pages:
            yield from page.slots.values()
            if page.spoken:
                yield page.spoken


def read_site(root: Path, rules: PageRules, log: Log) -> BuiltSite:
    """Read the slots of all pages of a site, and the pages that are narrated; report the diagnostics that pages keep.

    Args:
        root: The site's directory.
        rules: Which pages are narrated.
        log: Receives a warning for each page and slot that cannot be read.

    Raises:
        OSError: The directory cannot be read.
    """
    pages: list[BuiltPage] = []
    report = DiagnosticReport()
    uris: list[str] = []
    keeping: list[str] = []
    is_whole, is_of_mkdocs = True, False
    for path in page_files(root):
        uri = path.relative_to(root).as_posix()
        try:
            data = read_page(path)
            uris.append(uri)
            report.read(data, uri, log)
            page = _read(data, path, uri, rules, log) if not path.is_symlink() or _is_marked(data) else None
            if uri not in rules.refused and _keeps_player(page, path, data):
                keeping.append(uri)
            if page is None:
                is_of_mkdocs = is_of_mkdocs or (not _is_marked(data) and _OF_MKDOCS.search(data) is not None)
            elif not is_inside(path, root):
                log.warning("%s is a link to a place outside the site, %s. It stays as it is", uri, _real(path))
                is_whole = False
            elif page.base:
                log.warning(
                    '%s: <base href="%s"> would have browsers look for the player elsewhere. Remove it; until then the '
                    "page stays as it is",
                    uri,
                    printable(page.base),
                )
                is_whole = False
            elif not path.is_symlink():  # a link to a page of the site shows that page
                pages.append(page)
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s cannot be read: %s. It stays as it is", uri, _reason(error))
            is_whole = False
    report.log_to(log)
    is_whole = is_whole and report.is_whole and all(page.is_whole for page in pages)
    is_spoken_whole = is_whole and report.is_empty and not rules.mistaken
    return BuiltSite(root, tuple(pages), tuple(uris), is_whole, is_of_mkdocs, tuple(keeping), is_spoken_whole)


def page_files(root: Path) -> list[Path]:
    """The files of all pages of a site, sorted.

    Raises:
        OSError: The directory cannot be read.
    """
    return sorted(path for path in root.rglob("*.html") if not path.is_dir())


def read_page(path: Path) -> bytes:
    """The HTML of a page.

    Raises:
        OSError: It is no regular file, is larger than `MAX_PAGE_BYTES`, or cannot be read.
    """
    return read_regular(path, MAX_PAGE_BYTES)


def page_names(uris: Sequence[str]) -> str:
    """Pages as a message names them: the first few."""
    more = ", …" if len(uris) > MOST_NAMED else ""
    return ", ".join(map(printable, uris[:MOST_NAMED])) + more


def is_inside(path: Path, root: Path) -> bool:
    """Whether a path leads to a place inside a directory, also through links. It need not exist."""
    return _real(path).is_relative_to(_real(root))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # `Path.resolve` raises errors of its own for links in a circle


def _is_marked(data: bytes) -> bool:
    """Whether a page has slots, keeps diagnostics, or was narrated when it was last published."""
    return any(mark in data for mark in _MARKS)


def _keeps_player(page: BuiltPage | None, path: Path, data: bytes) -> bool:
    """Whether a page has a player that is not marked, such as one in HTML that was minified since."""
    if PLAYER_CLASS.encode() not in data or path.is_symlink():
        return False
    return page.keeps_player if page else has_player(data.decode(errors="replace"))


def _read(data: bytes, path: Path, uri: str, rules: PageRules, log: Log) -> BuiltPage | None:
    """Read a page; None if there is nothing to fill.

    Raises:
        UnicodeDecodeError: It is no UTF-8, and something in it may have to be filled.
    """
    if not _is_marked(data) and not rules.may_narrate and not _SETTINGS.search(data):
        return None
    written = data.decode()
    html = without_page_player(written)
    slots, plain, is_whole = _read_slots(html, uri, log) if _is_marked(data) else ({}, html, True)
    metadata = metadata_of(plain)
    own = rules.own_settings(metadata, uri, log)
    spoken = rules.read(plain, metadata, own, uri, log) if own else None
    keeps_player = uri in rules.refused or (is_whole and has_player(plain))
    if spoken is None and (keeps_player or not _is_marked(data)) and is_whole and not slots:
        return None
    return BuiltPage(
        path,
        uri,
        slots,
        metadata.generator,
        metadata.language,
        is_whole,
        has_player=has_player(written),
        was_narrated=PAGE_MARK in written and not keeps_player,
        spoken=spoken,
        base=_foreign_base(metadata, uri),
        keeps_player=keeps_player,
        is_mistaken=uri in rules.mistaken,
        of_blocks=own.of_blocks if own else None,
    )


def _foreign_base(metadata: PageMetadata, uri: str) -> str:
    """The `<base>` of a page by which its relative URLs begin in another folder than its own; empty if none does."""
    url = urljoin(_ANYWHERE, metadata.canonical_url or quote(uri))
    is_foreign = urljoin(urljoin(url, metadata.base), ".") != urljoin(url, ".")
    return metadata.base if is_foreign else ""


def _read_slots(html: str, uri: str, log: Log) -> tuple[Mapping[str, Slot], str, bool]:
    """The slots of a page that can be read, the page without players in them, and whether all can."""
    slots: dict[str, Slot] = {}
    is_whole = True

    def read(script: str, text: str) -> str:
        nonlocal is_whole
        try:
            slots[script] = Slot.parse(script)
        except SettingError as error:
            log.warning("%s: a block cannot be read: %s. Build the site again", uri, error)
            is_whole = False
        return around(script, as_text(text))

    plain = map_lasting_slots(html, read)
    if unusable := count_unusable_slots(html):
        log.warning(
            "%s: %s cannot be filled: they have no end tag '</%s>', or are nested too deeply. Build the site again",
            uri,
            count(unusable, "slot"),
            LASTING_TAG,
        )
    return slots, plain, is_whole and not unusable


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start + 1:,}); save it as UTF-8"
    if error.errno == errno.EFBIG:
        return f"it has more than {MAX_PAGE_BYTES // 2**20} MB"
    if error.errno == errno.EINVAL:
        return "it is not a regular file"
    return error.strerror or str(error)


def _agreed(setting: str, named: set[_Named | None]) -> _Named | None:
    names = named - {None}
    if len(names) > 1:
        raise SettingError(
            setting, "the pages were built with different values; build the whole site again with only one of them"
        )
    return next(iter(names), None)
