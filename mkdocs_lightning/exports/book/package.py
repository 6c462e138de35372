"""Writes the package document (EPUB 3.3, section 5): what a book is, its files, and in which order to read."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from mkdocs_lightning.exports.book.model import MP3
from mkdocs_lightning.exports.book.overlay import clock
from mkdocs_lightning.exports.xml_text import DUBLIN_CORE, XML, to_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.exports.book.model import Item, Metadata

_OPF = "{http://www.idpf.org/2007/opf}"
ACTIVE_CLASS = "-epub-media-overlay-active"
"""Which readers give to the element that is heard; the style sheet knows it."""
PLAYING_CLASS = "-epub-media-overlay-playing"
"""Which readers give to a page while it is read aloud."""

_SUMMARY = (
    "All text can be enlarged, and read by a screen reader; the table of contents and the headings give its structure."
)
_SUMMARY_OF_AUDIO = " Pages are read aloud by a synthetic voice, and each sentence is highlighted while it is heard."


def to_package(metadata: Metadata, items: Sequence[Item], spine: Iterable[str]) -> bytes:
    """The package document.

    Args:
        metadata: Of the book.
        items: All files, among them one with the property `nav`.
        spine: The ids of the items in the order in which they are read.
    """
    attributes = {"version": "3.0", "unique-identifier": "identifier", f"{XML}lang": metadata.language}
    package = Element(f"{_OPF}package", {**attributes, "dir": metadata.direction})
    _add_metadata(SubElement(package, f"{_OPF}metadata"), metadata, items)
    manifest = SubElement(package, f"{_OPF}manifest")
    for item in items:
        SubElement(manifest, f"{_OPF}item", _manifest_attributes(item))
    order = SubElement(package, f"{_OPF}spine", {"page-progression-direction": metadata.direction})
    for id_ in spine:
        SubElement(order, f"{_OPF}itemref", {"idref": id_})
    return to_xml(package)


def _manifest_attributes(item: Item) -> dict[str, str]:
    attributes = {"id": item.id, "href": item.name, "media-type": item.media_type}
    if item.properties:
        attributes["properties"] = " ".join(sorted(item.properties))
    if item.overlay:
        attributes["media-overlay"] = item.overlay
    return attributes


def _add_metadata(parent: Element, metadata: Metadata, items: Sequence[Item]) -> None:
    SubElement(parent, f"{DUBLIN_CORE}identifier", {"id": "identifier"}).text = metadata.identifier
    texts = {
        "title": metadata.title,
        "language": metadata.language,
        "creator": metadata.author,
        "description": metadata.description,
        "rights": metadata.rights,
    }
    for name, text in texts.items():
        if text:
            SubElement(parent, f"{DUBLIN_CORE}{name}").text = text
    _add(parent, "dcterms:modified", metadata.modified.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    overlays = [item for item in items if item.duration]
    if overlays:
        for overlay in overlays:
            _add(parent, "media:duration", clock(overlay.duration), refines=f"#{overlay.id}")
        _add(parent, "media:duration", clock(sum(overlay.duration for overlay in overlays)))
        _add(parent, "media:active-class", ACTIVE_CLASS)
        _add(parent, "media:playback-active-class", PLAYING_CLASS)
        _add(parent, "media:narrator", metadata.disclosure)
    for name, text in _accessibility(items):
        _add(parent, f"schema:{name}", text, **({f"{XML}lang": "en"} if name == "accessibilitySummary" else {}))


def _accessibility(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """What schema.org asks of an accessible book: https://www.w3.org/TR/epub-a11y-111/#sec-disc-package."""
    has_audio = any(item.media_type == MP3 for item in items)
    has_images = any(item.media_type.startswith("image/") or "svg" in item.properties for item in items)
    yield "accessMode", "textual"
    if has_images:
        yield "accessMode", "visual"
    if has_audio:
        yield "accessMode", "auditory"
    yield "accessModeSufficient", "textual,visual" if has_images else "textual"
    features = ["displayTransformability", "readingOrder", "structuralNavigation", "tableOfContents"]
    if any("mathml" in item.properties for item in items):
        features.append("MathML")
    if has_audio:
        features.append("synchronizedAudioText")
    for feature in features:
        yield "accessibilityFeature", feature
    yield "accessibilityHazard", "none" if not _may_flash(items) else "unknown"
    yield "accessibilitySummary", _SUMMARY + (_SUMMARY_OF_AUDIO if has_audio else "")


def _may_flash(items: Sequence[Item]) -> bool:
    return any(item.media_type in ("image/gif", "image/webp") for item in items)


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, f"{_OPF}meta", {"property": name, **attributes}).text = text
