"""What the head of a page says of what can be heard: the clip of the page as a whole, and the site's podcast.

See https://ogp.me/#structured and https://html.spec.whatwg.org/multipage/links.html#rel-alternate.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

_OG_AUDIO = 'property="og:audio'
_REL = "alternate enclosure"
"""With the first word alone, Material takes the clip for a site in another language and asks for its sitemap."""


@dataclass(frozen=True, slots=True)
class PageAudio:
    """The clip of a whole page.

    Attributes:
        url: Relative to the page.
        absolute_url: Empty if the page does not know its own URL.
        media_type: The MIME type of the audio file.
        title: Plain text.
    """

    url: str
    absolute_url: str
    media_type: str
    title: str


def head_elements(audio: PageAudio | None, html: str) -> str:
    """The elements for the head of a page; empty if the page is not narrated.

    Args:
        audio: The page's clip; None if it has none.
        html: The page. If somebody has described an audio file in it for Open Graph, that stays the only one.
    """
    if audio is None:
        return ""
    link = _element("link", rel=_REL, type=audio.media_type, title=audio.title, href=audio.url)
    return link if _OG_AUDIO in html else link + _open_graph(audio)


def feed_link(url: str, title: str) -> str:
    """The link to the podcast.

    Args:
        url: Of the feed, relative to the page.
        title: Of the podcast.
    """
    return _element("link", rel="alternate", type="application/rss+xml", title=title, href=url)


def _open_graph(audio: PageAudio) -> str:
    """Metadata for programs that show a preview of a link; they need an absolute URL."""
    if not audio.absolute_url:
        return ""
    secure = {"og:audio:secure_url": audio.absolute_url} if audio.absolute_url.startswith("https:") else {}
    properties = {"og:audio": audio.absolute_url, **secure, "og:audio:type": audio.media_type}
    return "".join(_element("meta", property=name, content=content) for name, content in properties.items())


def _element(tag: str, **attributes: str) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>\n"
