"""What a review shows: the pages of a site, their clips, and each sentence with its state and its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_lightning.exports.review.changes import ReviewChanges
    from mkdocs_lightning.exports.review.oddities import OddWord

LONG_CHARACTERS = 200
"""A sentence of more characters is long: a listener cannot look back to where it began."""

LONG_SECONDS = 15.0
"""Likewise, of more seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSentence:
    """One sentence of a clip.

    Attributes:
        written: The text as it is on the page.
        spoken: The text as it is sent, after the lexicon.
        language: The BCP 47 tag of the text.
        speaker: Who speaks it, if that is not the clip's own voice; else empty.
        requests: How many requests it takes; a long one is cut.
        characters: That are sent for it.
        is_cached: Whether the cache has all of its audio.
        seconds: Of its audio; an estimate if it is missing.
        price: Of a missing sentence, in words; else empty.
        odd: The words that a voice may get wrong.
        is_odd: Whether one of them is in no sentence before it.
        cue: Its number within the clip's audio; None if it cannot be heard.
        is_changed: Whether it is new or changed since the revision that the review compares with.
    """

    written: str
    spoken: str
    language: str
    speaker: str
    requests: int
    characters: int
    is_cached: bool
    seconds: float
    price: str
    odd: tuple[OddWord, ...]
    is_odd: bool
    cue: int | None
    is_changed: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is hard to follow by ear."""
        return self.characters > LONG_CHARACTERS or self.seconds > LONG_SECONDS

    @property
    def flags(self) -> str:
        """The filters that let it through, as words for the script."""
        flags = {
            "missing": not self.is_cached,
            "changed": self.is_changed,
            "long": self.is_long,
            "odd": self.is_odd,
        }
        return " ".join(name for name, is_set in flags.items() if is_set)


@dataclass(frozen=True, slots=True)
class ClipAudio:
    """What a player of the review plays.

    Attributes:
        url: Of the file, relative to the review's page.
        media_type: Its MIME type.
        duration: Seconds.
        starts: When each sentence begins that it has, in seconds.
        is_whole: Whether it has all sentences of the clip; else those that are cached.
    """

    url: str
    media_type: str
    duration: float
    starts: tuple[float, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ReviewClip:
    """One player of a page: a block, or the page as a whole.

    Attributes:
        title: The author's label, the page's title, or the first words.
        place: The page, with the line of the block if it is known.
        speaker: The voice and its language.
        language: The BCP 47 tag of the text.
        is_page: Whether it reads the whole page.
        audio: None if no sentence is cached.
        sentences: At least one.
        pauses: Seconds of silence between them.
    """

    title: str
    place: str
    speaker: str
    language: str
    is_page: bool
    audio: ClipAudio | None
    sentences: tuple[ReviewSentence, ...]
    pauses: float

    @property
    def seconds(self) -> float:
        """Of all of it, the missing sentences as long as they are expected to be."""
        if self.audio and self.audio.is_whole:
            return self.audio.duration
        return self.pauses + sum(sentence.seconds for sentence in self.sentences)

    @property
    def missing(self) -> int:
        """How many of its sentences are missing."""
        return sum(not sentence.is_cached for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page or a site needs; each sentence counts once.

    Attributes:
        players: Its blocks and narrated pages.
        characters: In all of its sentences.
        missing_characters: In those that are missing.
        price: Of the missing ones, in words.
    """

    players: int
    sentences: int
    missing: int
    characters: int
    missing_characters: int
    price: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A page on which something is spoken.

    Attributes:
        uri: The path of its source in the docs directory.
        title: As plain text; empty if it has none.
        language: The BCP 47 tag of the page.
    """

    uri: str
    title: str
    language: str
    cost: Cost
    clips: tuple[ReviewClip, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A whole review.

    Attributes:
        site_name: The site's.
        engine: The name of the engine whose prices these are.
        price_note: Where the prices are from; empty if there are none.
        cost: Of the whole site; a sentence of several pages counts once.
        pages: In the order of the site.
        changes: Since a revision; None if the review does not compare.
    """

    site_name: str
    engine: str
    price_note: str
    cost: Cost
    pages: tuple[ReviewPage, ...]
    changes: ReviewChanges | None = None

    @property
    def sentences(self) -> tuple[ReviewSentence, ...]:
        """Each sentence, as often as it is spoken."""
        return tuple(sentence for page in self.pages for clip in page.clips for sentence in clip.sentences)
