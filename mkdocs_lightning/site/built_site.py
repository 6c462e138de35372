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

from mkdocs_lightning.base.errors import SettingError, count
from mkdocs_lightning.base.file_system import folder_of_site, read_regular
from mkdocs_lightning.base.html_scanner import read_metadata
from mkdocs_lightning.site.lasting_slot import LASTING_TAG, Slot, count_unusable_slots, map_lasting_slots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.base.errors import Log

MAX_PAGE_BYTES = 64 * 2**20
"""The largest page that is read. Pages with embedded audio have some megabytes."""

_OF_MKDOCS = re.compile(
    rb'class="speak-player"|<meta name="?generator"? content="?(?:mkdocs|properdocs)-|<!--\s*+MkDocs version',
    re.IGNORECASE,
)
_SLOT = f"<{LASTING_TAG}".encode()
_Named = TypeVar("_Named")


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """A page that has slots.

    Attributes:
        path: The page's file.
        uri: The path within the site, as messages name it.
        slots: By the value of `data-script`; without slots that cannot be read.
        generator: The program that built the page, as its `<meta name="generator">` says; empty if it says nothing.
        is_whole: False if a slot cannot be read, of which a warning has told.
    """

    path: Path
    uri: str
    slots: Mapping[str, Slot]
    generator: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """A finished site.

    Attributes:
        root: The site's directory.
        pages: The pages that have slots.
        is_whole: False if a page or a slot cannot be read, of which a warning has told.
        is_of_mkdocs: Whether MkDocs has built a page without slots.
    """

    root: Path
    pages: tuple[BuiltPage, ...]
    is_whole: bool
    is_of_mkdocs: bool

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

    def folder(self, name: str) -> Path:
        """A directory of the site, which need not exist.

        Raises:
            SettingError: As `folder_of_site`.
        """
        return folder_of_site(self.root, name)

    def _slots(self) -> Iterator[Slot]:
        return (slot for page in self.pages for slot in page.slots.values())


def read_site(root: Path, log: Log) -> BuiltSite:
    """Read the slots of all pages of a site.

    Args:
        root: The site's directory.
        log: Receives a warning for each page and slot that cannot be read.

    Raises:
        OSError: The directory cannot be read.
    """
    pages: list[BuiltPage] = []
    is_whole, is_of_mkdocs = True, False
    for path in sorted(root.rglob("*.html")):
        if path.is_dir():
            continue
        uri = path.relative_to(root).as_posix()
        try:
            data = read_page(path)
            if _SLOT not in data:
                is_of_mkdocs = is_of_mkdocs or _OF_MKDOCS.search(data) is not None
            elif not is_inside(path, root):
                log.warning("%s is a link out of the site, to %s. It stays as it is", uri, _real(path))
                is_whole = False
            elif not path.is_symlink():  # a link to a page of the site shows that page
                pages.append(_read_slots(data.decode(), path, uri, log))
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s cannot be read: %s. It stays as it is", uri, _reason(error))
            is_whole = False
    return BuiltSite(root, tuple(pages), is_whole and all(page.is_whole for page in pages), is_of_mkdocs)


def read_page(path: Path) -> bytes:
    """The HTML of a page.

    Raises:
        OSError: It is no regular file, is larger than `MAX_PAGE_BYTES`, or cannot be read.
    """
    return read_regular(path, MAX_PAGE_BYTES)


def is_inside(path: Path, root: Path) -> bool:
    """Whether a path leads to a place inside a directory, also through links. It need not exist."""
    return _real(path).is_relative_to(_real(root))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # `Path.resolve` raises errors of its own for links in a circle


def _read_slots(html: str, path: Path, uri: str, log: Log) -> BuiltPage:
    slots: dict[str, Slot] = {}
    is_whole = True

    def read(script: str, _text: str) -> str:
        nonlocal is_whole
        try:
            slots[script] = Slot.parse(script)
        except SettingError as error:
            log.warning("%s: a block cannot be read: %s. Build the site again", uri, error)
            is_whole = False
        return ""

    map_lasting_slots(html, read)
    if unusable := count_unusable_slots(html):
        log.warning(
            "%s: %s cannot be filled: they have no end tag '</%s>', or are nested too deeply. Build the site again",
            uri,
            count(unusable, "slot"),
            LASTING_TAG,
        )
    return BuiltPage(path, uri, slots, read_metadata(html).generator, is_whole and not unusable)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return str(error)
    if error.errno == errno.EFBIG:
        return f"it has more than {MAX_PAGE_BYTES // 2**20} MB"
    if error.errno == errno.EINVAL:
        return "it is not a regular file"
    return error.strerror or str(error)


def _agreed(setting: str, named: set[_Named | None]) -> _Named | None:
    names = named - {None}
    if len(names) > 1:
        raise SettingError(setting, "the pages do not agree on it; build the whole site again, with one setting")
    return next(iter(names), None)
