"""Makes a book: all of its files, in a container that has the same bytes for the same site."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.base.atomic_write import replaced_file
from mkdocs_lightning.exports.book.chapter import audio_name, items_of, make_chapter
from mkdocs_lightning.exports.book.contents import contents_page, reading_order, title_page
from mkdocs_lightning.exports.book.links import Images, Links, relink, site_path
from mkdocs_lightning.exports.book.model import DIRECTORY, MP3, STYLE_SHEET, Item
from mkdocs_lightning.exports.book.package import to_package
from mkdocs_lightning.player.ui_strings import ui_strings_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.exports.book.chapter import Chapter
    from mkdocs_lightning.exports.book.model import Metadata, Page, SiteFiles

_PACKAGE = f"{DIRECTORY}/package.opf"
_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    f'<rootfile full-path="{_PACKAGE}" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>\n"
)
_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can name; a later one would change with each book
_MODE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class BookReport:
    """What a book has.

    Attributes:
        pages: All of them.
        read: Those that are read aloud.
        seconds: Of audio.
    """

    pages: int
    read: int
    seconds: float


def write_book(path: Path, metadata: Metadata, pages: Sequence[Page], site: SiteFiles) -> BookReport:
    """Write the book of a site, as a whole or not at all.

    Args:
        path: The file to write or replace.
        metadata: Of the book.
        pages: At least one, in the order of the site, each with another `url`.
        site: Where the images of the pages are.

    Raises:
        OSError: The file cannot be written, or one of the site cannot be read.
    """
    images = Images(site)
    chapters = [
        make_chapter(page, number, ui_strings_for(page.language).synthetic, images)
        for number, page in enumerate(pages, start=1)
    ]
    _link_chapters(chapters, site.url)
    items = list(_items(metadata, chapters, images))
    package = to_package(metadata, items, reading_order(chapters))
    with replaced_file(path) as temporary:
        _write(temporary, package, items)
    return BookReport(len(pages), sum(bool(chapter.phrases) for chapter in chapters), _seconds(items))


def _link_chapters(chapters: Sequence[Chapter], site_url: str) -> None:
    files = {site_path("", chapter.page.url) or "": chapter.name for chapter in chapters}
    links = Links(site_url, files, {chapter.name: chapter.ids for chapter in chapters})
    for chapter in chapters:
        relink(chapter.body, chapter.page.url, links)


def _items(metadata: Metadata, chapters: Sequence[Chapter], images: Images) -> Iterator[Item]:
    yield title_page(metadata, is_read=any(chapter.phrases for chapter in chapters))
    yield contents_page(metadata, chapters)
    for number, chapter in enumerate(chapters, start=1):
        yield from items_of(chapter, number)
    style = resources.files(__package__).joinpath(STYLE_SHEET).read_bytes()
    yield Item("style", STYLE_SHEET, "text/css", style)
    yield from images.items.values()
    yield from _clips(chapters)


def _clips(chapters: Sequence[Chapter]) -> Iterator[Item]:
    """The clips that are heard, each once."""
    heard = {phrase.audio for chapter in chapters for phrase in chapter.phrases}
    clips = {audio_name(reading.clip.name): reading.clip for chapter in chapters for reading in chapter.page.readings}
    for number, name in enumerate(sorted(heard), start=1):
        yield Item(f"clip-{number}", name, MP3, clips[name])


def _seconds(items: Sequence[Item]) -> float:
    return sum(item.duration for item in items) / 1000


def _write(path: Path, package: bytes, items: Sequence[Item]) -> None:
    with zipfile.ZipFile(path, "w") as book:
        _add(book, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)  # the first bytes, which tell what it is
        _add(book, "META-INF/container.xml", _CONTAINER.encode(), zipfile.ZIP_DEFLATED)
        _add(book, _PACKAGE, package, zipfile.ZIP_DEFLATED)
        for item in items:
            data = item.data.read_bytes() if isinstance(item.data, Path) else item.data
            is_packed = item.media_type == MP3 or item.media_type.startswith("image/")
            method = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            _add(book, f"{DIRECTORY}/{item.name}", data, method)


def _add(book: zipfile.ZipFile, name: str, data: bytes, method: int) -> None:
    info = zipfile.ZipInfo(name, _DAY)
    info.compress_type, info.external_attr, info.create_system = method, _MODE, 3  # 3: Unix, on any system
    book.writestr(info, data)
