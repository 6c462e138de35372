"""What has changed between two readings of a site, as values: by page, player and sentence, with what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript
    from mkdocs_lightning.reading.segment import Segment


class ChangeKind(Enum):
    """What has happened to a sentence; the values are those in JSON."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REVOICED = "revoiced"
    """The same text in another voice."""
    MOVED = "moved"
    """It was at another place, and is no longer there."""
    COPIED = "copied"
    """It was elsewhere, and still is."""


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """What has happened to one sentence of a player.

    Attributes:
        before: As it was; None for one that is added.
        after: As it is; None for one that is removed. Of one that was moved or copied, both are the same sentence.
        origin: The page where a sentence that was moved or copied was first; else None.
        is_new: Whether the site did not have this sentence in this voice anywhere before.
        is_missing: Whether its audio is not in the cache; False for one that is removed.
        is_caused: Whether it is missing because of the changes: the site as it was would not miss it.
        price_usd: What this change costs: 0 unless they cause that it is missing, None if the price is not known.
    """

    kind: ChangeKind
    before: Segment | None
    after: Segment | None
    origin: PageName | None = None
    is_new: bool = False
    is_missing: bool = False
    is_caused: bool = False
    price_usd: float | None = 0.0

    @property
    def characters(self) -> int:
        """Those that a build would send because of it."""
        return len(self.after.text) if self.after and self.is_caused else 0


@dataclass(frozen=True, slots=True)
class PlayerChanges:
    """What has changed in one player.

    Attributes:
        before: The player as it was; None for a new one.
        after: The player as it is; None for one that is gone.
        sentences: At least one, in the order of the player.
    """

    before: PlayerScript | None
    after: PlayerScript | None
    sentences: tuple[SentenceChange, ...]


class PageState(Enum):
    """What has happened to a page; the values are those in JSON."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class ChangeFigures:
    """How much has changed in a page or a site, by the names in JSON.

    Attributes:
        added: Sentences.
        changed: In their text or in their voice.
        removed: Sentences.
        moved: Moved or copied ones.
        missing: All sentences, changed or not, each once, that are missing because of the changes. Where the cache has
            only the clip of a block, a change to one of its sentences makes all others missing.
        characters: In these.
        price_usd: Of these, in US dollars; None if it is not known.
    """

    added: int
    changed: int
    removed: int
    moved: int
    missing: int
    characters: int
    price_usd: float | None


@dataclass(frozen=True, slots=True)
class PageChanges:
    """What has changed on one page.

    Attributes:
        before: The page as it was; None for a new one.
        after: The page as it is; None for one that is gone.
        players: Those whose sentences have changed: none of a page that is only renamed, or needs other clips of the
            same sentences.
        figures: A sentence of several pages counts for each of them.
        is_translation: Whether a language shows it from another source because somebody has translated it, or removed
            the translation; then it is not renamed.
    """

    before: PageScript | None
    after: PageScript | None
    players: tuple[PlayerChanges, ...]
    figures: ChangeFigures
    is_translation: bool = False

    @property
    def name(self) -> PageName:
        """Its present name; the last one of a page that is gone."""
        page = self.after or self.before
        assert page is not None
        return page.name

    @property
    def state(self) -> PageState:
        """What has happened to it as a whole."""
        if self.before is None:
            return PageState.NEW
        if self.after is None:
            return PageState.GONE
        is_renamed = self.before.name.uri != self.after.name.uri and not self.is_translation
        return PageState.RENAMED if is_renamed else PageState.CHANGED

    def was_here(self, change: SentenceChange) -> bool:
        """Whether a sentence that was moved or copied was on this page before, too."""
        return change.origin in [page.name for page in (self.before, self.after) if page]


@dataclass(frozen=True, slots=True)
class NarrationDiff:
    """What has changed between two readings of a site.

    Attributes:
        pages: Those that have changed: in the order of the site, then those that are gone.
        figures: A sentence that is missing on several pages counts once, as it is paid for.
    """

    pages: tuple[PageChanges, ...]
    figures: ChangeFigures
