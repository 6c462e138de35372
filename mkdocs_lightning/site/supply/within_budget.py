"""What a build would send of a site within its budget, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import listed
from mkdocs_lightning.synthesis.plan import characters_within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.reading.segment import Segment

_PASSED_ON = "In the table, a page without a translation counts for its first language; the first that fits sends it."


@dataclass(frozen=True, slots=True)
class WithinBudget:
    """What a build would send.

    Attributes:
        budget: The characters that a run may send, `max_characters`; None for any number.
        characters_sent: Those that a build would send, by language; None for one that does not fit into the budget.
        passes_pages_on: Whether a language that does not fit leaves pages without a translation to another one.
    """

    budget: int | None
    characters_sent: Mapping[str, int | None]
    passes_pages_on: bool

    def notice(self) -> list[str]:
        """Lines about the budget; none if it is enough."""
        if self.budget is None or None not in self.characters_sent.values():
            return []
        notice = f"A build would send {self._sent()}: max_characters is {self.budget:,}."
        return [notice, _PASSED_ON] if self.passes_pages_on else [notice]

    def _sent(self) -> str:
        fitting = {locale: characters for locale, characters in self.characters_sent.items() if characters}
        others = [locale for locale, characters in self.characters_sent.items() if characters is None]
        if not fitting:
            return "nothing"
        total = sum(fitting.values())
        verb = "does" if len(others) == 1 else "do"
        return f"{total:,} of these characters, for {listed(fitting)}; {listed(others)} {verb} not fit"


def within_budget(
    needed: Mapping[str, Sequence[Segment]], listed_for: Mapping[str, Sequence[Segment]], budget: int | None
) -> WithinBudget:
    """Find out what a build would send within its budget.

    Args:
        needed: What is missing in each language, in the order in which a run reads them.
        listed_for: Likewise, but what several languages share is only with the first.
        budget: None for any number of characters.
    """
    sent = characters_within(needed, budget)
    own = {locale: {segment.key for segment in part} for locale, part in listed_for.items()}
    taken_over = {locale: {segment.key for segment in part} - own[locale] for locale, part in needed.items()}
    unsent = set[str]().union(*(keys for locale, keys in own.items() if sent[locale] is None))
    return WithinBudget(budget, sent, any(not unsent.isdisjoint(keys) for keys in taken_over.values()))
