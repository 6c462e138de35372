"""The rules that a podcast feed has to keep, as Apple's directory and PSP-1 write them down, and a checker of them.

- Apple: "A Podcaster's Guide to RSS" (https://help.apple.com/itc/podcasts_connect/#/itcb54353390), its artwork
  requirements, and its list of categories.
- PSP-1: https://github.com/Podcast-Standards-Project/PSP-1-Podcast-RSS-Specification.
- The namespace: https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md.

Written from these texts, not from the code under test, so that a mistake is not made twice.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"

APPLE_TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/x-m4a"}
"""The audio that Apple accepts: the ending of the URL, and the type."""

MEDIUMS = "podcast music video film audiobook newsletter blog publisher course".split()
TRANSCRIPTS = "text/plain text/html text/vtt application/json application/x-subrip".split()
UUID_V5 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ISO_639 = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

ONE_OF_A_CHANNEL = (
    *("title", "description", "link", "language", "copyright", f"{ITUNES}image", f"{ITUNES}explicit"),
    *(f"{ITUNES}author", f"{ITUNES}type", f"{ITUNES}owner", f"{PODCAST}guid", f"{PODCAST}medium", f"{PODCAST}locked"),
)
ONE_OF_AN_ITEM = (
    *("title", "description", "link", "guid", "pubDate", "enclosure", f"{ITUNES}duration", f"{ITUNES}episode"),
    *(f"{ITUNES}explicit", f"{PODCAST}chapters"),
)
LONG = {"description"}
"""The elements of which more than 255 characters are allowed: 4,000 bytes."""


def complaints(feed: str) -> list[str]:
    """What Apple's directory, or a validator for PSP-1, would say of a feed; empty if it passes."""
    rss = ET.fromstring(feed.encode())
    channel = rss.find("channel")
    if rss.tag != "rss" or rss.get("version") != "2.0" or channel is None:
        return ["it is not RSS 2.0"]
    items = channel.findall("item")
    found = [
        *_texts(rss),
        *_channel(channel),
        *(f"item {number}: {each}" for number, item in enumerate(items, 1) for each in _item(item)),
        *_identities(items),
    ]
    if channel.findtext(f"{ITUNES}type") == "serial":
        found += ["serial: an item has no number" for item in items if item.find(f"{ITUNES}episode") is None]
    else:
        found += ["episodic: an item has no date" for item in items if item.find("pubDate") is None]
    return found


def _texts(rss: ET.Element) -> Iterator[str]:
    for element in rss.iter():
        for text in (element.text if not len(element) else "", *element.attrib.values()):
            if text and text != text.strip():
                yield f"{element.tag}: white space at an end of {text!r}"
        text = element.text or ""
        if element.tag in LONG:
            if len(text.encode()) > 4000:
                yield f"{element.tag}: {len(text.encode())} bytes"
        elif len(text) > 255 and not len(element):
            yield f"{element.tag}: {len(text)} characters"
    for element in rss.iter():
        if element.tag in {f"{PODCAST}funding", f"{PODCAST}person"} and not 0 < len(element.text or "") <= 128:
            yield f"{element.tag}: {len(element.text or '')} characters"


def _channel(channel: ET.Element) -> Iterator[str]:
    for tag in ("title", "description", "link", "language"):
        if not channel.findtext(tag):
            yield f"no {tag}"
    yield from (f"more than one {tag}" for tag in ONE_OF_A_CHANNEL if len(channel.findall(tag)) > 1)
    links = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(links) != 1 or links[0].get("type") != "application/rss+xml" or not _is_url(links[0].get("href")):
        yield "no atom:link to itself"
    if not ISO_639.fullmatch(channel.findtext("language") or ""):
        yield "its language is none"
    if not _is_url(channel.findtext("link")):
        yield "its link is no URL"
    if channel.findtext(f"{ITUNES}explicit") not in {"true", "false"}:
        yield "explicit is neither true nor false"
    if channel.findtext(f"{ITUNES}type") not in {"serial", "episodic"}:
        yield "its type is none"
    image = channel.find(f"{ITUNES}image")
    href = image.get("href") if image is not None else None
    if not _is_url(href) or not urlsplit(href or "").path.lower().endswith((".jpg", ".jpeg", ".png")):
        yield "no image"
    categories = channel.findall(f"{ITUNES}category")
    if not categories or not all(each.get("text") for each in channel.iter(f"{ITUNES}category")):
        yield "no category"
    yield from _namespace(channel)


def _namespace(channel: ET.Element) -> Iterator[str]:
    if not UUID_V5.fullmatch(channel.findtext(f"{PODCAST}guid") or ""):
        yield "podcast:guid is no UUID of version 5"
    if channel.findtext(f"{PODCAST}medium") not in MEDIUMS:
        yield "podcast:medium is none of the list"
    if channel.findtext(f"{PODCAST}locked") not in {"yes", "no"}:
        yield "podcast:locked is neither yes nor no"
    if not channel.findtext(f"{ITUNES}author"):
        yield "no author"
    for funding in channel.findall(f"{PODCAST}funding"):
        if not _is_url(funding.get("url")):
            yield "podcast:funding has no URL"


def _item(item: ET.Element) -> Iterator[str]:
    yield from (f"no {tag}" for tag in ("title", "enclosure", "guid", "link", "description") if item.find(tag) is None)
    yield from (f"more than one {tag}" for tag in ONE_OF_AN_ITEM if len(item.findall(tag)) > 1)
    enclosure = item.find("enclosure")
    if enclosure is not None:
        url = enclosure.get("url") or ""
        ending = re.search(r"\.\w+$", urlsplit(url).path)
        if not _is_url(url) or not ending or APPLE_TYPES.get(ending[0]) != enclosure.get("type"):
            yield f"Apple does not accept {url} of type {enclosure.get('type')}"
        if not re.fullmatch("[1-9][0-9]*", enclosure.get("length") or ""):
            yield "its length is no number of bytes"
    for tag in (f"{ITUNES}duration", f"{ITUNES}episode"):
        if not re.fullmatch("[1-9][0-9]*", item.findtext(tag) or "1"):
            yield f"{tag} is no number above 0"
    if (date := item.findtext("pubDate")) is not None and not _is_date(date):
        yield f"{date} is no date of RFC 2822"
    yield from _further_files(item)


def _further_files(item: ET.Element) -> Iterator[str]:
    transcripts = item.findall(f"{PODCAST}transcript")
    if not transcripts:
        yield "no transcript"
    if not all(_is_url(each.get("url")) and each.get("type") in TRANSCRIPTS for each in transcripts):
        yield "a transcript has no URL, or no type of the list"
    for chapters in item.findall(f"{PODCAST}chapters"):
        if not _is_url(chapters.get("url")) or chapters.get("type") != "application/json+chapters":
            yield "its chapters have no URL, or another type"


def _identities(items: list[ET.Element]) -> Iterator[str]:
    for name, values in (
        ("guid", [item.findtext("guid") for item in items]),
        ("enclosure", [each.get("url") for item in items for each in item.findall("enclosure")]),
        ("number", [item.findtext(f"{ITUNES}episode") for item in items]),
    ):
        if len(set(values)) != len(values):
            yield f"two items have one {name}"


def _is_url(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return (
        parts.scheme in {"http", "https"} and bool(parts.hostname) and (url or "").isascii() and " " not in (url or "")
    )


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT)", text):
        return False
    return parsedate_to_datetime(text).strftime("%a") == text[:3]
