"""A podcast of a site's narrated pages: an RSS 2.0 feed with one item per page.

See https://www.rssboard.org/rss-profile, https://help.apple.com/itc/podcasts_connect/#/itcb54353390,
https://podcastindex.org/namespace/1.0, and for the three together
https://github.com/Podcast-Standards-Project/PSP-1-Podcast-RSS-Specification.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from email.utils import format_datetime
from html import escape
from operator import itemgetter
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from mkdocs_lightning.base.address import ascii_url
from mkdocs_lightning.exports.podcast_categories import PARENTS
from mkdocs_lightning.exports.podcast_settings import EPISODIC, MAX_DESCRIPTION, MAX_LABEL, MAX_TEXT, FeedSettings
from mkdocs_lightning.exports.xml_text import clean
from mkdocs_lightning.player.ui_strings import ui_strings_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mkdocs_lightning.player.chapters import Chapter

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST = "https://podcastindex.org/namespace/1.0"
_ATOM = "http://www.w3.org/2005/Atom"

_GUIDS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The UUID namespace of `podcast:guid`."""

_CHAPTERS_TYPE = "application/json+chapters"
_CHAPTERS_VERSION = "1.2.0"

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
        image_url: None if it has none.
        settings: All else that its author sets; its title, description, author and image are not used.
    """

    title: str
    url: str
    feed_url: str
    description: str
    author: str
    language: str | None
    copyright: str | None
    image_url: str | None = None
    settings: FeedSettings = field(default_factory=FeedSettings)

    @property
    def guid(self) -> str:
        """The identity of the podcast: its own, or a UUID made of the feed's URL as `podcast:guid` says it."""
        return self.settings.guid or str(uuid5(_GUIDS, _uri(self.feed_url).partition("://")[2].rstrip("/")))


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
        chapters_url: The URL of a file with `chapters_json`; None if there are no chapters.
        author: Who has written the page; None for the author of the podcast.
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
    chapters_url: str | None = None
    author: str | None = None


def one_line(text: str, most: int = MAX_TEXT) -> str:
    """A text as directories accept it: on one line, and not longer than `most` characters."""
    line = " ".join(_clean(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def disclosed(description: str, language: str) -> str:
    """A podcast's description, with the sentence that tells listeners that the voice is synthetic."""
    return f"{description.rstrip().rstrip('.')}. {ui_strings_for(language).synthetic}."


def dates_of_all(dates: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """The dates of all episodes, or none: programs that sort by date put an episode without one anywhere."""
    return dates if all(dates) else [None] * len(dates)


def chapters_name(clip: str, text: str) -> str:
    """The name of the file with an episode's chapters; it holds a hash of them, as two pages may share a clip.

    Args:
        clip: The name of the clip's file, without its suffix.
        text: As `chapters_json` returned it.
    """
    return f"{clip}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.chapters.json"


def chapters_json(chapters: Sequence[Chapter], title: str, page_url: str) -> str:
    """The chapters of an episode as podcast apps read them.

    See https://github.com/Podcastindex-org/podcast-namespace/blob/main/chapters/jsonChapters.md.

    Args:
        chapters: In the order of their times.
        title: Of the episode.
        page_url: Absolute; chapters link to their headings on the page.
    """
    listed = [
        {
            "startTime": chapter.start,
            "title": one_line(chapter.title),
            **({"url": _uri(f"{page_url}#{quote(chapter.anchor)}")} if chapter.anchor else {}),
        }
        for chapter in chapters
    ]
    found = {"version": _CHAPTERS_VERSION, "title": one_line(title), "chapters": listed}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def make_feed(channel: Channel, episodes: Sequence[Episode]) -> str:
    """The feed as XML, to be encoded in UTF-8. The same input always gives the same feed.

    Args:
        channel: The podcast.
        episodes: The episodes in the order of the site. They are numbered from 1.
    """
    rss = ET.Element("rss", version="2.0")
    root = ET.SubElement(rss, "channel")
    title = one_line(channel.title)
    _add(root, "title", title)
    _add(root, "link", _uri(channel.url))
    _add(root, "description", _cut(_clean(channel.description) or title, MAX_DESCRIPTION))
    if channel.language:
        _add(root, "language", channel.language)
    if channel.copyright:
        _add(root, "copyright", one_line(channel.copyright))
    _add(root, "generator", "mkdocs-lightning")  # without a version, so that an update does not change the feed
    _add(root, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=_uri(channel.feed_url))
    _add_itunes(root, channel)
    _add_podcast(root, channel)
    for number, episode in _numbered(episodes, is_episodic=channel.settings.type == EPISODIC):
        _add_episode(root, number, episode, channel)
    ET.indent(rss)
    feed: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return feed.decode() + "\n"


def _numbered(episodes: Sequence[Episode], *, is_episodic: bool) -> Sequence[tuple[int, Episode]]:
    """The episodes with their numbers, as they stand in the feed.

    They keep the order of the site, unless the podcast is episodic and each of them has a date: then the oldest is 1,
    and the newest comes first. Those of one date still keep the order of the site.
    """
    dated = [(episode.published, episode) for episode in episodes if episode.published]
    if not is_episodic or len(dated) < len(episodes):
        return list(enumerate(episodes, start=1))
    oldest_first = sorted(dated, key=itemgetter(0))
    numbered = [(number, *each) for number, each in enumerate(oldest_first, start=1)]
    newest_first = sorted(numbered, key=itemgetter(1), reverse=True)  # which keeps those of one date in their order
    return [(number, episode) for number, _, episode in newest_first]


def _add_itunes(root: ET.Element, channel: Channel) -> None:
    """Add Apple's elements of the podcast as a whole."""
    settings = channel.settings
    if channel.author:
        _add(root, f"{{{_ITUNES}}}author", one_line(channel.author))
    if settings.email:
        owner = _add(root, f"{{{_ITUNES}}}owner")
        _add(owner, f"{{{_ITUNES}}}name", one_line(channel.author))
        _add(owner, f"{{{_ITUNES}}}email", settings.email)
    if channel.image_url:
        _add(root, f"{{{_ITUNES}}}image", href=_uri(channel.image_url))
    for category, names in _grouped(settings.category).items():
        parent = _add(root, f"{{{_ITUNES}}}category", text=category)
        for name in names:
            _add(parent, f"{{{_ITUNES}}}category", text=name)
    _add(root, f"{{{_ITUNES}}}explicit", _boolean(is_true=settings.explicit))
    _add(root, f"{{{_ITUNES}}}type", settings.type)


def _grouped(names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The subcategories below their categories, each once, in the order in which they are first named."""
    found: dict[str, list[str]] = {}
    for name in names:
        below = found.setdefault(PARENTS.get(name, name), [])
        if name in PARENTS:
            below.append(name)
    return found


def _add_podcast(root: ET.Element, channel: Channel) -> None:
    """Add the elements of the podcast as a whole that newer apps read."""
    settings = channel.settings
    _add(root, f"{{{_PODCAST}}}guid", channel.guid)
    _add(root, f"{{{_PODCAST}}}medium", "podcast")
    if settings.locked is not None:
        owner = {"owner": settings.email} if settings.email else {}
        _add(root, f"{{{_PODCAST}}}locked", "yes" if settings.locked else "no", **owner)
    if settings.funding:
        text = one_line(settings.funding.text or channel.title, MAX_LABEL)
        _add(root, f"{{{_PODCAST}}}funding", text, url=_uri(settings.funding.url))
    if channel.author:
        _add_person(root, channel.author)


def _add_person(parent: ET.Element, name: str) -> None:
    """Name who wrote the text. Nobody has read it, so there is no other role."""
    _add(parent, f"{{{_PODCAST}}}person", one_line(name, MAX_LABEL), role="author", group="writing")


def _add_episode(root: ET.Element, number: int, episode: Episode, channel: Channel) -> None:
    item = ET.SubElement(root, "item")
    url = _uri(episode.url)
    _add(item, "title", one_line(episode.title))
    _add(item, "link", url)
    _add(item, "guid", url, isPermaLink="true")
    if summary := _clean(episode.summary):
        # The only text that podcast apps read as HTML, some of them only if it has a tag. Not all know &#x27;.
        _add(item, "description", _paragraph(summary))
    if episode.published:
        _add(item, "pubDate", format_datetime(episode.published))
    _add(item, "enclosure", url=_uri(episode.audio_url), length=str(episode.size), type=episode.media_type)
    _add(item, f"{{{_ITUNES}}}duration", str(max(1, round(episode.duration))))  # 0 would mean unknown
    _add(item, f"{{{_ITUNES}}}episode", str(number))
    _add(item, f"{{{_ITUNES}}}explicit", _boolean(is_true=channel.settings.explicit))
    language = {"language": episode.transcript_language} if episode.transcript_language else {}
    # "captions" says that the file has times.
    transcript = {"url": _uri(episode.transcript_url), "type": "text/vtt", "rel": "captions"}
    _add(item, f"{{{_PODCAST}}}transcript", **transcript, **language)
    if episode.chapters_url:
        _add(item, f"{{{_PODCAST}}}chapters", url=_uri(episode.chapters_url), type=_CHAPTERS_TYPE)
    if episode.author:
        _add_person(item, episode.author)


def _add(parent: ET.Element, tag: str, text: str = "", /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})
    element.text = _clean(text)
    return element


def _paragraph(text: str) -> str:
    """A text as HTML of at most `MAX_DESCRIPTION` bytes, whatever has to be escaped in it."""
    html = f"<p>{escape(text, quote=False)}</p>"
    if (size := len(html.encode())) <= MAX_DESCRIPTION:
        return html
    return _paragraph(_cut(text, min(len(text.encode()) - 1, len(text.encode()) * MAX_DESCRIPTION // size)))


def _boolean(*, is_true: bool) -> str:
    return "true" if is_true else "false"


def _cut(text: str, most: int) -> str:
    """A text of at most so many bytes in UTF-8, cut between characters."""
    data = text.encode()
    return text if len(data) <= most else data[: most - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def _clean(text: str) -> str:
    """Remove what XML cannot hold, and white space at both ends, which Apple rejects."""
    return clean(text).strip()


def _uri(url: str) -> str:
    """A URL as RSS requires it."""
    return ascii_url(_clean(url))
