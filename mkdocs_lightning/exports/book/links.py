"""Resolves what pages refer to: another page of the book, a file that comes along, or an address elsewhere."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit
from xml.etree import ElementTree as ET

from mkdocs_lightning.exports.book.clean_html import clean_drawing
from mkdocs_lightning.exports.book.content_model import SPAN
from mkdocs_lightning.exports.book.model import Item
from mkdocs_lightning.exports.xml_text import SVG, XHTML, to_xml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from urllib.parse import SplitResult
    from xml.etree.ElementTree import Element

    from mkdocs_lightning.exports.book.model import SiteFiles

_HOST = "site.invalid"
"""Stands for the site while links are resolved."""
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
_SCHEMES = frozenset(["http", "https", "mailto", "tel"])
_IMAGE_TYPES = {
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
"""What every reader of EPUB 3.3 shows: its core media types."""
_SIGNATURES = {
    "image/gif": re.compile(rb"GIF8"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


@dataclass(slots=True)
class Images:
    """The images of a book, each once.

    Attributes:
        site: Where they are read.
        items: By their content, in the order in which they are first shown.
    """

    site: SiteFiles
    items: dict[str, Item] = field(default_factory=dict)
    _names: dict[str, str | None] = field(default_factory=dict)

    def name_of(self, address: str, page_url: str) -> str | None:
        """The file of the book for an image of a page; None for one that cannot come along.

        Args:
            address: As the page has it.
            page_url: The page's own, relative to the site.
        """
        path = site_path(address, page_url, self.site.url)
        if path is None:
            return None
        if path not in self._names:
            self._names[path] = self._add(path)
        return self._names[path]

    def _add(self, path: str) -> str | None:
        media_type = _IMAGE_TYPES.get(path.rpartition(".")[2].lower())
        read = self.site.read.get(path)
        data = _image_data(read(), media_type) if read and media_type else None
        if data is None or media_type is None:
            return None
        digest = hashlib.sha256(data).hexdigest()[:16]
        name = f"images/{digest}.{media_type.partition('/')[2].partition('+')[0]}"
        self.items.setdefault(name, Item(f"image-{digest}", name, media_type, data))
        return name


def _image_data(data: bytes, media_type: str) -> bytes | None:
    """An image as a book may hold it; None if it is not what its name says."""
    if media_type == "image/svg+xml":
        return _clean_svg(data)
    return data if _SIGNATURES[media_type].match(data) else None


def _clean_svg(data: bytes) -> bytes | None:
    """A drawing as `clean_drawing` leaves it; None if the file is no SVG."""
    try:
        root = ET.fromstring(data)  # noqa: S314 - expat (2.4.1 or newer) bounds what entities grow to
    except (ET.ParseError, ValueError, LookupError):
        return None
    return to_xml(clean_drawing(root)) if root.tag == f"{SVG}svg" else None


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of the pages lead.

    Attributes:
        site_url: Absolute; empty if it is not known.
        files: By the URL of a page in the site: its file in the book.
        ids: By the file of a page: the ids of its elements.
    """

    site_url: str
    files: Mapping[str, str]
    ids: Mapping[str, Collection[str]]

    def target_of(self, address: str, page_url: str) -> str | None:
        """The address of a link in the book; None if it leads nowhere from there."""
        path = site_path(address, page_url, self.site_url)
        if path is None:
            return _valid_url(address)
        file = self.files.get(path) or self.files.get(path.removesuffix("index.html"))
        if file is None:
            return _valid_url(urljoin(urljoin(self.site_url, page_url), address)) if self.site_url else None
        fragment = unquote(urlsplit(address).fragment)
        if fragment in self.ids[file]:
            return f"{file}#{quote(fragment)}"
        return None if file == self.files.get(page_url) else file


def bring_images(body: Element, page_url: str, images: Images) -> None:
    """Point the images of a page to their files in the book; one that cannot come along becomes its text."""
    for element in body.iter(f"{XHTML}img"):
        source = element.attrib.pop("src", "")
        name = None if _is_for_dark(source) else images.name_of(source, page_url)
        if name is not None:
            element.set("src", name)
            continue
        element.tag = SPAN
        text = element.attrib.pop("alt", "")
        element.text = "" if _is_for_dark(source) else text
        for attribute in ("width", "height"):
            element.attrib.pop(attribute, None)


def _is_for_dark(address: str) -> bool:
    """Whether an image is the dark one of two: https://squidfunk.github.io/mkdocs-material/reference/images/."""
    return address.endswith(("#only-dark", "#gh-dark-mode-only"))


def relink(body: Element, page_url: str, links: Links) -> None:
    """Have the links of a page lead to where they lead in a book; what leads nowhere becomes text."""
    for element in body.iter(f"{XHTML}a"):
        if "href" in element.attrib:
            target = links.target_of(element.attrib.pop("href"), page_url)
            if target is not None:
                element.set("href", target)


def site_path(address: str, page_url: str, site_url: str = "") -> str | None:
    """The path below the site's root that an address names; None if it is one of another site, or none at all."""
    try:
        absolute = urljoin(f"https://{_HOST}/{page_url}", address.strip())
        if site_url and absolute.startswith(site_url):
            absolute = urljoin(f"https://{_HOST}/", absolute.removeprefix(site_url))
        parts = urlsplit(absolute)
    except ValueError:  # brackets that are no IPv6 address
        return None
    return unquote(parts.path).lstrip("/") if parts.netloc == _HOST else None


def _valid_url(address: str) -> str | None:
    """An absolute address as every reader accepts it; None if it is not one that a book may have."""
    try:
        parts = urlsplit(address.strip())
        host = _host(parts)
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in _SCHEMES or (parts.scheme.startswith("http") and not host):
        return None
    path, query, fragment = _encoded(parts.path), _encoded(parts.query, "?"), _encoded(parts.fragment, "?")
    return urlunsplit((parts.scheme, host, path, query, fragment))


def _host(parts: SplitResult) -> str:
    """The host, in ASCII, and the port.

    Raises:
        ValueError: It cannot be one.
    """
    port = f":{parts.port}" if parts.port is not None else ""
    host = parts.hostname or ""
    if ":" in host:
        return f"[{host}]{port}"
    return quote(host if host.isascii() else host.encode("idna").decode(), safe="") + port


def _encoded(part: str, also: str = "") -> str:
    """A part of an address with all characters encoded that must be (RFC 3986, 3.3); those that are stay so."""
    return quote(_STRAY_PERCENT.sub("%25", part), safe=f"%/:@!$&'()*+,;={also}")
