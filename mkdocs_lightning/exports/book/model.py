"""What a book is made of: the values that its maker gives, and the files that are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_lightning.player.ui_strings import direction_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from mkdocs_lightning.player.captions import Cue

DIRECTORY = "EPUB"
"""Of all files of a book but those that tell a reader where this directory is."""
STYLE_SHEET = "book.css"
MP3 = "audio/mpeg"


@dataclass(frozen=True, slots=True)
class Reading:
    """A clip that reads a page, or a part of it.

    Attributes:
        clip: The file, as MP3.
        duration: Seconds.
        cues: When each sentence is heard. Sentence 7 of reading 2 is what stands in `<span data-cue="2 7">`.
    """

    clip: Path
    duration: float
    cues: Sequence[Cue]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site.

    Attributes:
        uri: Of its source, for messages.
        url: In the site, relative to its root, such as `guide/start/`.
        title: Plain text.
        sections: The titles of the navigation's sections that it stands in, the outer one first.
        language: A BCP 47 tag.
        html: Its content, without the theme, with the cues of its readings.
        readings: In the order of the page.
    """

    uri: str
    url: str
    title: str
    sections: tuple[str, ...]
    language: str
    html: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """How a catalog describes a book. All texts are plain.

    Attributes:
        identifier: A URI, the same for each edition of the site.
        modified: In UTC.
        language: A BCP 47 tag.
        author: May be empty, as may be `description` and `rights`.
        disclosure: The sentence, in the language of the book, that tells people that the voice is synthetic.
    """

    identifier: str
    title: str
    language: str
    modified: datetime
    disclosure: str
    author: str = ""
    description: str = ""
    rights: str = ""

    @property
    def direction(self) -> str:
        """`rtl` if the language is written from right to left, else `ltr`."""
        return direction_of(self.language)


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The site around the pages.

    Attributes:
        url: Its absolute URL; empty if it is not known.
        read: By the path of each file below that URL, not encoded: a function that reads the file.
    """

    url: str = ""
    read: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the book, as its manifest names it.

    Attributes:
        name: Relative to `DIRECTORY`.
        data: The content, or the path of a file that has it.
        properties: What a reader should know before it opens the file, such as `svg`.
        overlay: The id of the overlay that reads this page.
        duration: Of an overlay, in milliseconds.
    """

    id: str
    name: str
    media_type: str
    data: bytes | Path
    properties: frozenset[str] = frozenset()
    overlay: str | None = None
    duration: int = 0
