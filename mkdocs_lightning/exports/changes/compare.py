"""Compares two readings of a site."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_lightning.exports.changes.align import differing_runs
from mkdocs_lightning.exports.changes.narration_diff import (
    ChangeFigures,
    ChangeKind,
    NarrationDiff,
    PageChanges,
    PageState,
    PlayerChanges,
    SentenceChange,
)
from mkdocs_lightning.exports.changes.pairs import pair_pages, pair_players, pair_sentences
from mkdocs_lightning.synthesis.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript, SiteScript
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.settings.voice import Voice


def compare_narrations(
    before: SiteScript,
    after: SiteScript,
    missing: Container[str],
    has_clip: Callable[[PlayerScript], bool],
    price_per_character: Callable[[Voice], float | None],
) -> NarrationDiff:
    """Find out what has changed between two readings of a site.

    Args:
        before: The site as it was.
        after: The site as it is.
        missing: Keys of the sentences whose audio the site needs, and that are not in the cache now.
        has_clip: Whether a player's clip is in the cache now: then the player needs none of its sentences.
        price_per_character: The engine's price of one character in a voice, in US dollars; None if it is not known.
    """
    return _Comparison(before, after, missing, has_clip, price_per_character).result()


class _Gap(NamedTuple):
    """A run of a player's sentences that differs: some of them may have been moved."""

    origin: PageName | None  # the page as it was
    before: tuple[Segment, ...]
    after: tuple[Segment, ...]


class _PlayerPair(NamedTuple):
    """Two versions of a player, and where they differ."""

    before: PlayerScript | None
    after: PlayerScript | None
    gaps: tuple[_Gap, ...]


class _PagePair(NamedTuple):
    """Two versions of a page, and those of their players that differ."""

    before: PageScript | None
    after: PageScript | None
    players: tuple[_PlayerPair, ...]


class _Moves:
    """Which of the sentences that appear in one place are those that have disappeared from another.

    Each appearance takes one disappearance of the same sentence, in the order of the pages.
    """

    def __init__(self, gaps: Sequence[_Gap]) -> None:
        self._origins: defaultdict[str, deque[PageName]] = defaultdict(deque)
        for gap in gaps:
            for sentence in gap.before:
                assert gap.origin is not None, "what has disappeared was on a page"
                self._origins[sentence.key].append(gap.origin)
        appeared = Counter(sentence.key for gap in gaps for sentence in gap.after)
        moved = {key: min(number, len(self._origins[key])) for key, number in appeared.items()}
        self._arrivals, self._departures = Counter(moved), Counter(moved)

    def take_departure(self, sentence: Segment) -> bool:
        """Whether this disappearance is half of a move."""
        return _take(self._departures, sentence.key)

    def take_origin(self, sentence: Segment) -> PageName | None:
        """The page from which this sentence has moved; None if it has not."""
        return self._origins[sentence.key].popleft() if _take(self._arrivals, sentence.key) else None


def _take(counter: Counter[str], key: str) -> bool:
    if counter[key] <= 0:
        return False
    counter[key] -= 1
    return True


class _Comparison:
    """One comparison; see `compare_narrations`."""

    def __init__(
        self,
        before: SiteScript,
        after: SiteScript,
        missing: Container[str],
        has_clip: Callable[[PlayerScript], bool],
        price_per_character: Callable[[Voice], float | None],
    ) -> None:
        self._earlier = before.pages_by_key
        self._earlier_uris = {page.name.uri for page in before.pages}
        self._uris = {page.name.uri for page in after.pages}
        self._missing = missing
        self._has_clip = has_clip
        self._missing_before = {
            sentence.key for page in before.pages for sentence in self._needs(page) if sentence.key in missing
        }
        self._price_per_character = price_per_character
        self._pages = [_page_pair(old, new) for old, new in pair_pages(before, after)]
        self._moves = _Moves([gap for page in self._pages for player in page.players for gap in player.gaps])

    def result(self) -> NarrationDiff:
        pages = tuple(changes for page in self._pages if (changes := self._page_changes(page)))
        told = (change for page in pages for change in _changes_of(page.players))
        sentences = (sentence for page in pages for sentence in self._needs(page.after))
        return NarrationDiff(pages, self._figures(told, sentences))

    def _needs(self, page: PageScript | None) -> Iterator[Segment]:
        """The sentences of those players of a page that miss some, and have no clip."""
        for player in page.players if page else ():
            if any(sentence.key in self._missing for sentence in player.sentences) and not self._has_clip(player):
                yield from player.sentences

    def _page_changes(self, page: _PagePair) -> PageChanges | None:
        players = tuple(
            PlayerChanges(player.before, player.after, changes)
            for player in page.players
            if (changes := tuple(change for gap in player.gaps for change in self._changes(gap)))
        )
        figures = self._figures(_changes_of(players), self._needs(page.after))
        found = PageChanges(page.before, page.after, players, figures, self._is_translation(page))
        return found if players or figures.missing or found.state is not PageState.CHANGED else None

    def _is_translation(self, page: _PagePair) -> bool:
        """Whether one language shows a page from another source, and either source is there before and after."""
        if not page.before or not page.after or page.before.name.locale != page.after.name.locale:
            return False
        uris = page.before.name.uri, page.after.name.uri
        return uris[0] != uris[1] and any(uri in self._earlier_uris and uri in self._uris for uri in uris)

    def _changes(self, gap: _Gap) -> Iterator[SentenceChange]:
        """What has changed in a run, in the present order."""
        stayed = [sentence for sentence in gap.before if not self._moves.take_departure(sentence)]
        moved = {place: origin for place, one in enumerate(gap.after) if (origin := self._moves.take_origin(one))}
        rest = [sentence for place, sentence in enumerate(gap.after) if place not in moved]
        place = 0
        for old, new in pair_sentences(stayed, rest):
            while new is not None and place in moved:
                yield self._moved(gap.after[place], moved[place])
                place += 1
            yield self._change(old, new)
            place += new is not None
        yield from (self._moved(gap.after[later], moved[later]) for later in range(place, len(gap.after)))

    def _moved(self, sentence: Segment, origin: PageName, kind: ChangeKind = ChangeKind.MOVED) -> SentenceChange:
        return self._told(SentenceChange(kind, sentence, sentence, origin), sentence)

    def _change(self, old: Segment | None, new: Segment | None) -> SentenceChange:
        if new is None:
            return SentenceChange(ChangeKind.REMOVED, old, None)
        origin = self._earlier.get(new.key)
        if old is None and origin is not None:
            return self._moved(new, origin, ChangeKind.COPIED)
        return self._told(SentenceChange(_kind(old, new), old, new, is_new=origin is None), new)

    def _told(self, change: SentenceChange, sentence: Segment) -> SentenceChange:
        """A change with what is missing of its sentence, and what that costs."""
        plan = self._plan([sentence])
        return replace(
            change,
            is_missing=sentence.key in self._missing,
            is_caused=bool(plan.missing),
            price_usd=plan.price(self._price_per_character),
        )

    def _plan(self, sentences: Iterable[Segment]) -> Plan:
        """What some sentences, each once, need because of the changes."""
        distinct = tuple({sentence.key: sentence for sentence in sentences}.values())
        return Plan((), distinct, tuple(sentence for sentence in distinct if self._is_caused(sentence.key)))

    def _is_caused(self, key: str) -> bool:
        return key in self._missing and key not in self._missing_before

    def _figures(self, changes: Iterable[SentenceChange], sentences: Iterable[Segment]) -> ChangeFigures:
        kinds = Counter(change.kind for change in changes)
        plan = self._plan(sentences)
        return ChangeFigures(
            added=kinds[ChangeKind.ADDED],
            changed=kinds[ChangeKind.CHANGED] + kinds[ChangeKind.REVOICED],
            removed=kinds[ChangeKind.REMOVED],
            moved=kinds[ChangeKind.MOVED] + kinds[ChangeKind.COPIED],
            missing=len(plan.missing),
            characters=plan.characters,
            price_usd=plan.price(self._price_per_character),
        )


def _kind(old: Segment | None, new: Segment) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    return ChangeKind.REVOICED if old.text == new.text else ChangeKind.CHANGED


def _changes_of(players: Iterable[PlayerChanges]) -> Iterator[SentenceChange]:
    return (change for player in players for change in player.sentences)


def _page_pair(before: PageScript | None, after: PageScript | None) -> _PagePair:
    """Two versions of a page, and where their players differ."""
    players = tuple(
        _PlayerPair(old, new, gaps)
        for old, new in pair_players(before, after)
        if (gaps := tuple(_gaps(before, old.sentences if old else (), new.sentences if new else ())))
    )
    return _PagePair(before, after, players)


def _gaps(page: PageScript | None, before: tuple[Segment, ...], after: tuple[Segment, ...]) -> Iterator[_Gap]:
    for run in differing_runs([sentence.key for sentence in before], [sentence.key for sentence in after]):
        yield _Gap(page.name if page else None, before[run.before], after[run.after])
