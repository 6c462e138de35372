"""A podcast of a site's narrated pages: an RSS 2.0 feed, with an item for each page.

After https://www.rssboard.org/rss-profile, Apple's https://help.apple.com/itc/podcasts_connect/#/itcb54353390, and
https://podcastindex.org/namespace/1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST = "https://podcastindex.org/namespace/1.0"
_ATOM = "http://www.w3.org/2005/Atom"

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not: https://www.w3.org/TR/xml/#charsets."""

_URI = "%:/?#[]@!$&'()*+,;="
"""What stays in a URL besides letters, digits and -._~: RFC 3986, 2.2, and what is encoded already."""

for _prefix, _namespace in (("itunes", _ITUNES), ("podcast", _PODCAST), ("atom", _ATOM)):
    ET.register_namespace(_prefix, _namespace)


@dataclass(frozen=True, slots=True)
class Channel:
    """The podcast as a whole; its texts are plain, its URLs absolute.

    Attributes:
        url: Of the site.
        feed_url: Of the feed itself.
        description: May be empty: then the title stands for it, as RSS needs one.
        author: May be empty.
        language: BCP 47; None where it is not known.
    """

    title: str
    url: str
    feed_url: str
    description: str
    author: str
    language: str | None
    copyright: str | None


@dataclass(frozen=True, slots=True)
class Episode:
    """One narrated page; its texts are plain, its URLs absolute.

    Attributes:
        url: The page's canonical one. It identifies the episode, whatever becomes of the page's words.
        size: Of the audio file, in bytes.
        duration: In seconds.
        transcript_url: Of a WebVTT file.
        transcript_language: BCP 47; None where it is the channel's, or not known.
        summary: May be empty.
        published: With its time zone; None where it is not known.
    """

    title: str
    url: str
    audio_url: str
    size: int
    media_type: str
    duration: float
    transcript_url: str
    transcript_language: str | None
    summary: str
    published: datetime | None


def make_feed(channel: Channel, episodes: Sequence[Episode]) -> str:
    """The feed, to be stored in UTF-8; always the same for the same input.

    Args:
        channel: What the episodes belong to.
        episodes: In the order in which they are to be heard, which numbers them.
    """
    rss = ET.Element("rss", version="2.0")
    root = ET.SubElement(rss, "channel")
    _add(root, "title", channel.title)
    _add(root, "link", _uri(channel.url))
    _add(root, "description", _clean(channel.description) or channel.title)
    if channel.language:
        _add(root, "language", channel.language)
    if channel.copyright:
        _add(root, "copyright", channel.copyright)
    _add(root, "generator", "mkdocs-lightning")  # without its version: an update is no news
    _add(root, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=_uri(channel.feed_url))
    if channel.author:
        _add(root, f"{{{_ITUNES}}}author", channel.author)
    _add(root, f"{{{_ITUNES}}}explicit", "false")
    _add(root, f"{{{_ITUNES}}}type", "serial")
    for number, episode in enumerate(episodes, start=1):
        _add_episode(root, number, episode)
    ET.indent(rss)
    feed: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return feed.decode() + "\n"


def _add_episode(channel: ET.Element, number: int, episode: Episode) -> None:
    item = ET.SubElement(channel, "item")
    url = _uri(episode.url)
    _add(item, "title", episode.title)
    _add(item, "link", url)
    _add(item, "guid", url, isPermaLink="true")
    if summary := _clean(episode.summary):
        # The one text that is read as HTML: by most always, by some only where they see a tag. Not all know &#x27;.
        _add(item, "description", f"<p>{escape(summary, quote=False)}</p>")
    if episode.published:
        _add(item, "pubDate", format_datetime(episode.published))
    _add(item, "enclosure", url=_uri(episode.audio_url), length=str(episode.size), type=episode.media_type)
    _add(item, f"{{{_ITUNES}}}duration", str(max(1, round(episode.duration))))  # 0 would stand for an unknown one
    _add(item, f"{{{_ITUNES}}}episode", str(number))
    _add(item, f"{{{_ITUNES}}}explicit", "false")
    language = {"language": episode.transcript_language} if episode.transcript_language else {}
    # "captions" says, whatever the type, that there are times in the file.
    transcript = {"url": _uri(episode.transcript_url), "type": "text/vtt", "rel": "captions"}
    _add(item, f"{{{_PODCAST}}}transcript", **transcript, **language)


def _add(parent: ET.Element, tag: str, text: str = "", /, **attributes: str) -> None:
    element = ET.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})
    element.text = _clean(text)


def _clean(text: str) -> str:
    """A text that XML can hold, without white space around it, which Apple does not want."""
    return _NOT_XML.sub("", text).strip()


def _uri(url: str) -> str:
    """A URL in ASCII, as RSS wants it (RFC 3987, 3.1); one that is so already stays as it is."""
    return quote(_clean(url), safe=_URI)
