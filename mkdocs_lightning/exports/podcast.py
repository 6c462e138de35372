"""A podcast of a site's narrated pages: an RSS 2.0 feed with one item per page.

See https://www.rssboard.org/rss-profile, https://help.apple.com/itc/podcasts_connect/#/itcb54353390, and
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
"""Characters that XML 1.0 cannot hold, escaped or not: https://www.w3.org/TR/xml/#charsets."""

_URI = "%:/?#[]@!$&'()*+,;="
"""Characters that stay in a URL besides letters, digits and -._~ (RFC 3986, 2.2), and % of what is encoded already."""

for _prefix, _namespace in (("itunes", _ITUNES), ("podcast", _PODCAST), ("atom", _ATOM)):
    ET.register_namespace(_prefix, _namespace)


@dataclass(frozen=True, slots=True)
class Channel:
    """The podcast as a whole. Texts are plain, URLs absolute.

    Attributes:
        url: The URL of the site.
        feed_url: The URL of the feed itself.
        description: If it is empty, the title takes its place, as RSS requires a description.
        author: May be empty.
        language: A BCP 47 tag; None if unknown.
        copyright: None if the site has none.
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
    """One narrated page. Texts are plain, URLs absolute.

    Attributes:
        url: The page's canonical URL. It identifies the episode, even when the page's text changes.
        size: Bytes of the audio file.
        media_type: The MIME type of the audio file.
        duration: Seconds.
        transcript_url: The URL of the WebVTT file.
        transcript_language: A BCP 47 tag; None if it is the channel's or unknown.
        summary: May be empty.
        published: A time with its time zone; None if unknown.
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
    """The feed as XML, to be encoded in UTF-8. The same input always gives the same feed.

    Args:
        channel: The podcast.
        episodes: The episodes in the order in which to listen to them. They are numbered from 1.
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
    _add(root, "generator", "mkdocs-lightning")  # without a version, so that an update does not change the feed
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
        # The only text that podcast apps read as HTML, some of them only if it has a tag. Not all know &#x27;.
        _add(item, "description", f"<p>{escape(summary, quote=False)}</p>")
    if episode.published:
        _add(item, "pubDate", format_datetime(episode.published))
    _add(item, "enclosure", url=_uri(episode.audio_url), length=str(episode.size), type=episode.media_type)
    _add(item, f"{{{_ITUNES}}}duration", str(max(1, round(episode.duration))))  # 0 would mean unknown
    _add(item, f"{{{_ITUNES}}}episode", str(number))
    _add(item, f"{{{_ITUNES}}}explicit", "false")
    language = {"language": episode.transcript_language} if episode.transcript_language else {}
    # "captions" says that the file has times.
    transcript = {"url": _uri(episode.transcript_url), "type": "text/vtt", "rel": "captions"}
    _add(item, f"{{{_PODCAST}}}transcript", **transcript, **language)


def _add(parent: ET.Element, tag: str, text: str = "", /, **attributes: str) -> None:
    element = ET.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})
    element.text = _clean(text)


def _clean(text: str) -> str:
    """Remove what XML cannot hold, and white space at both ends, which Apple rejects."""
    return _NOT_XML.sub("", text).strip()


def _uri(url: str) -> str:
    """A URL in ASCII, as RSS requires (RFC 3987, 3.1). What is encoded already stays as it is."""
    return quote(_clean(url), safe=_URI)
