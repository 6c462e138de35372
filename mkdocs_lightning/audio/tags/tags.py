"""What the file of a clip says of itself, whatever its format."""

from __future__ import annotations

import re
from dataclasses import dataclass

ENCODER = "mkdocs-lightning"
"""Without a version: the same clip is the same file, whichever version has made it."""

COMMENT = "Read by a synthetic voice"

_LONGEST = 1000  # characters: all texts of a file fit into one page of Ogg
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def as_bytes(text: str) -> bytes:
    """A text as UTF-8, in one line of at most 1,000 characters, without what no program would show."""
    return _CONTROL.sub(" ", text)[:_LONGEST].encode()


@dataclass(frozen=True, slots=True)
class ChapterTag:
    """A part of a clip.

    Attributes:
        start: Seconds.
        end: Seconds.
        title: Plain text.
    """

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file of a clip says of itself. Every file also says that its voice is synthetic, and who encoded it.

    Attributes:
        title: Plain text.
        site: The name of the site; empty if the file does not belong to one page.
        url: Of the page; empty likewise.
        language: A language code such as `en`; empty if it has several, or none is known.
        chapters: In order; may be empty.
    """

    title: str
    site: str = ""
    url: str = ""
    language: str = ""
    chapters: tuple[ChapterTag, ...] = ()


@dataclass(frozen=True, slots=True)
class PageTags:
    """What the clip of a whole page says of that page. Part of the clip's key.

    Attributes:
        title: Of the page, as plain text.
        site: The site's name.
        url: Of the page, absolute; empty if the site has no address.
        chapters: For each heading the number of the segment that begins with it, and its text.
    """

    title: str
    site: str = ""
    url: str = ""
    chapters: tuple[tuple[int, str], ...] = ()
