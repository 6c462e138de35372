"""What both the text and the Markdown of a site's changes say: of voices, of runs of like changes, of prices."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from itertools import groupby
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import count, listed
from mkdocs_lightning.cli.site_report import dollars
from mkdocs_lightning.exports.changes.narration_diff import ChangeKind, PageState
from mkdocs_lightning.synthesis.plan import total_price

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.cli.changes.since import ChangesSince
    from mkdocs_lightning.exports.changes.narration_diff import (
        ChangeFigures,
        NarrationDiff,
        PageChanges,
        PlayerChanges,
        SentenceChange,
    )
    from mkdocs_lightning.reading.segment import Segment

OF_SITE = "Missing in the whole site"
"""Where the cost of the changes stands beside it."""

COLUMNS = ("page", "added", "changed", "removed", "moved", "missing", "characters", "price")


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes that follow one another and are told as one: one edit, or many sentences in another voice or place.

    Attributes:
        kind: Of all of them.
        about: Of another voice, what is different; of a move or a copy, the page where the sentences were, if that was
            another; else empty.
        changes: At least one.
    """

    kind: ChangeKind
    about: str
    changes: tuple[SentenceChange, ...]

    @property
    def characters(self) -> int:
        """Those that a build would send."""
        return sum(change.characters for change in self.changes)

    @property
    def price(self) -> str:
        """What a build would pay, in words."""
        return dollars(total_price(change.price_usd for change in self.changes))


def groups_of(page: PageChanges, player: PlayerChanges) -> Iterator[ChangeGroup]:
    """A player's changes, in order; those of another voice, and moved ones, together."""
    numbered = enumerate(player.sentences)
    for (kind, about, _), group in groupby(numbered, lambda pair: _group_key(page, *pair)):
        yield ChangeGroup(kind, about, tuple(change for _, change in group))


def _group_key(page: PageChanges, number: int, change: SentenceChange) -> tuple[ChangeKind, str, int]:
    if change.kind is ChangeKind.REVOICED:
        return change.kind, voice_difference(change), -1
    if change.kind in (ChangeKind.MOVED, ChangeKind.COPIED):
        return change.kind, change.origin.uri if change.origin and not page.was_here(change) else "", -1
    return change.kind, "", number


def voice_difference(change: SentenceChange) -> str:
    """What differs between the voices of a sentence as it was and as it is: `kaitlyn → sophie, speed 1.0 → 1.2`."""
    if change.before is None or change.after is None:
        return ""
    pairs = zip(_sound(change.before), _sound(change.after), strict=True)
    return listed(f"{name}{old} → {new}" for (name, old), (_, new) in pairs if old != new)


def _sound(sentence: Segment) -> Iterator[tuple[str, str]]:
    """All that makes a sentence sound as it does but its text, each with its name; that of a voice needs none."""
    voice = sentence.voice
    yield "", voice.voice_id
    yield "engine ", sentence.engine
    for field in fields(voice):
        if field.name != "voice_id":
            value = getattr(voice, field.name)
            yield f"{field.name} ", listed(value) or "none" if isinstance(value, tuple) else str(value)


def summary_of(changes: ChangesSince) -> str:
    """All changes in one sentence."""
    if changes.diff is None:
        return f"The site as it was at {changes.revision} cannot be read, so the changes are not known: {changes.note}"
    since = f"Since {changes.revision}"
    note = f" {changes.note[0].upper()}{changes.note[1:]}." if changes.note else ""
    if amounts := listed(_amounts(changes.diff)):
        return f"{since}: {amounts}.{note}"
    return f"{since}, nothing that is heard has changed.{note}"


def _amounts(diff: NarrationDiff) -> Iterator[str]:
    figures = diff.figures
    words = {"added": figures.added, "changed": figures.changed, "removed": figures.removed, "moved": figures.moved}
    told = [(number, word) for word, number in words.items() if number]
    yield from (
        f"{number:,} {word}" if place else f"{count(number, 'sentence')} {word}"
        for place, (number, word) in enumerate(told)
    )
    states = [page.state for page in diff.pages]
    for state in (PageState.NEW, PageState.GONE, PageState.RENAMED):
        if number := states.count(state):
            yield f"{count(number, 'page')} {state.value}"


def cost_of(figures: ChangeFigures) -> str:
    """What the changes cost."""
    if not figures.missing:
        return "These changes cost nothing."
    price = "free" if figures.price_usd == 0 else f"price {dollars(figures.price_usd)}"
    sentences, characters = count(figures.missing, "sentence"), count(figures.characters, "character")
    return f"Missing because of these changes: {sentences}, {characters}, {price}."


def row_of(name: str, figures: ChangeFigures) -> tuple[str, ...]:
    """A row of the table, for `COLUMNS`."""
    numbers = (figures.added, figures.changed, figures.removed, figures.moved, figures.missing, figures.characters)
    return (name, *(f"{number:,}" for number in numbers), dollars(figures.price_usd))


def named(pages: Sequence[PageChanges]) -> list[tuple[str, PageChanges]]:
    """Pages with what they are called: their paths, what has happened to them, and a language that tells two apart."""
    times = Counter(page.name.uri for page in pages)
    return [(_name_of(page, is_one=times[page.name.uri] == 1), page) for page in pages]


def _name_of(page: PageChanges, *, is_one: bool) -> str:
    name = page.name.uri if is_one or not page.name.locale else f"{page.name.uri} [{page.name.locale}]"
    if page.state is PageState.CHANGED:
        return name
    if page.state is PageState.RENAMED and page.before:
        return f"{name} (was {page.before.name.uri})"
    return f"{name} ({page.state.value})"
