"""What has changed since a revision, side by side, as a review shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_lightning.exports.changes.narration_diff import ChangeKind
from mkdocs_lightning.exports.changes.words import differences
from mkdocs_lightning.synthesis.plan import total_price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_lightning.exports.changes.narration_diff import NarrationDiff, PageChanges, SentenceChange
    from mkdocs_lightning.exports.changes.words import Piece

MOST_ROWS = 2000
"""Changes that are shown side by side; of more, a reader makes nothing, nor does a browser."""

_SAME_WORDS = (ChangeKind.REVOICED, ChangeKind.MOVED, ChangeKind.COPIED)
"""Nothing is to be compared in these, and there may be very many: a site's new voice changes each sentence."""


@dataclass(frozen=True, slots=True)
class ChangedSentence:
    """A sentence before and after.

    Attributes:
        kind: What has happened to it.
        before: None for one that is added.
        after: None for one that is removed.
        speakers: Who spoke it, and who speaks it now, if that has changed; else empty.
        cost: Of one that is new and missing, in words; else empty, as the change costs nothing.
        language: The language code of its text.
    """

    kind: str
    before: tuple[Piece, ...] | None
    after: tuple[Piece, ...] | None
    speakers: str
    cost: str
    language: str


@dataclass(frozen=True, slots=True)
class SentenceGroup:
    """Sentences of one page that have kept their words, but have another voice or another place.

    Attributes:
        about: What has happened to them.
        first: The words of the first one.
        language: The language code of these.
        number: How many they are.
        characters: Those that a build would send because of it.
        cost: Of these, in words; empty if there are none.
    """

    about: str
    first: str
    language: str
    number: int
    characters: int
    cost: str


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """What has changed on one page.

    Attributes:
        uri: The path of its source in the docs directory.
        state: What has happened to the page as a whole.
        formerly: The path of its source at the revision, if that was another.
        sentences: Those whose words have changed.
        groups: The others.
    """

    uri: str
    state: str
    formerly: str
    sentences: tuple[ChangedSentence, ...]
    groups: tuple[SentenceGroup, ...]


@dataclass(frozen=True, slots=True)
class ReviewChanges:
    """What has changed since a revision.

    Attributes:
        since: What the revision is called.
        summary: How much has changed; or why that is not known.
        cost: Of what is new and missing, in words; empty if that is not known.
        pages: At most `MOST_ROWS` changes of sentences.
        left_out: Changes beyond these.
        new_keys: The keys of the sentences that the site did not have then.
    """

    since: str
    summary: str
    cost: str = ""
    pages: tuple[ChangedPage, ...] = ()
    left_out: int = 0
    new_keys: frozenset[str] = frozenset()


class Wording(NamedTuple):
    """How changes are told.

    Attributes:
        price: A price in words.
        voices: What differs between the voices of a sentence before and after; empty if nothing does.
    """

    price: Callable[[float | None], str]
    voices: Callable[[SentenceChange], str]


def changes_of(diff: NarrationDiff, since: str, summary: str, cost: str, wording: Wording) -> ReviewChanges:
    """Prepare the changes of a site for a review; for the texts see `ReviewChanges`."""
    pages: list[ChangedPage] = []
    room = MOST_ROWS
    for page in diff.pages:
        pages.append(_page(page, room, wording))
        room -= len(pages[-1].sentences)
    everything = [change for page in diff.pages for change in _all_of(page)]
    return ReviewChanges(
        since=since,
        summary=summary,
        cost=cost,
        pages=tuple(pages),
        left_out=sum(change.kind not in _SAME_WORDS for change in everything) - (MOST_ROWS - room),
        new_keys=frozenset(change.after.key for change in everything if change.after and change.is_new),
    )


def _all_of(page: PageChanges) -> list[SentenceChange]:
    return [change for player in page.players for change in player.sentences]


def _page(page: PageChanges, most: int, wording: Wording) -> ChangedPage:
    changes = _all_of(page)
    told = [change for change in changes if change.kind not in _SAME_WORDS]
    return ChangedPage(
        uri=page.name.uri,
        state=page.state.value,
        formerly=page.before.name.uri if page.before and page.before.name.uri != page.name.uri else "",
        sentences=tuple(_sentence(change, wording) for change in told[:most]),
        groups=tuple(_groups(page, wording)),
    )


def _groups(page: PageChanges, wording: Wording) -> Iterator[SentenceGroup]:
    """The sentences that have kept their words, by what has happened to them."""
    alike: dict[str, list[SentenceChange]] = {}
    for change in _all_of(page):
        if change.kind in _SAME_WORDS:
            alike.setdefault(_about(change, page, wording), []).append(change)
    for about, changes in alike.items():
        first = changes[0].after
        assert first is not None, "what has kept its words is still there"
        paid = [change.price_usd for change in changes if change.characters]
        yield SentenceGroup(
            about=about,
            first=first.text,
            language=first.voice.language,
            number=len(changes),
            characters=sum(change.characters for change in changes),
            cost=wording.price(total_price(paid)) if paid else "",
        )


def _about(change: SentenceChange, page: PageChanges, wording: Wording) -> str:
    """What has happened to a sentence that has kept its words."""
    if change.kind is ChangeKind.REVOICED:
        return f"another voice: {wording.voices(change)}"
    is_moved = change.kind is ChangeKind.MOVED
    if change.origin is None or page.was_here(change):
        return "moved within the page" if is_moved else "repeated on the page"
    return f"{'moved from' if is_moved else 'also in'} {change.origin.uri}"


def _sentence(change: SentenceChange, wording: Wording) -> ChangedSentence:
    before, after = change.before, change.after
    present = after or before
    assert present is not None, "there is one of the two"
    old, new = differences(before.text if before else "", after.text if after else "")
    return ChangedSentence(
        kind=change.kind.value,
        before=old if before else None,
        after=new if after else None,
        speakers=wording.voices(change),
        cost=wording.price(change.price_usd) if change.characters else "",
        language=present.voice.language,
    )
