"""What a site needs, for people and for programs: by page and in total, with what the missing part will cost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.synthesis.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.voice import Voice
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.spoken_block import BlockUse

_COLUMNS = ("page", "clips", "sentences", "cached", "new", "characters", "price")


@dataclass(frozen=True, slots=True)
class PageOverview:
    """One page's part; a sentence that several pages share is in the part of each.

    Attributes:
        price_usd: For the missing sentences, in US dollars; None when it is not known.
    """

    page: str
    uses: tuple[BlockUse, ...]
    plan: Plan
    price_usd: float | None

    def missing_of(self, use: BlockUse) -> list[Segment]:
        """The missing sentences of one block, each once."""
        missing = {segment.key for segment in self.plan.missing}
        return [segment for segment in dict.fromkeys(use.block.clip.segments) if segment.key in missing]


@dataclass(frozen=True, slots=True)
class Overview:
    """A whole site: each sentence counted once, as it is paid for."""

    pages: tuple[PageOverview, ...]
    plan: Plan
    price_usd: float | None

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        pages = [
            {
                "page": part.page,
                **_figures(part.plan, part.price_usd),
                "missing_sentences": [segment.text for segment in part.plan.missing],
            }
            for part in self.pages
        ]
        return {**_figures(self.plan, self.price_usd), "pages": pages}

    def as_table(self) -> str:
        """One line a page, and the total."""
        rows = [_COLUMNS, *(_row(part.page, part.plan, part.price_usd) for part in self.pages)]
        rows.append(_row("total", self.plan, self.price_usd))
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        lines = [
            "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
            )
            for row in rows
        ]
        return "\n".join(lines)


def make_overview(
    narrations: Sequence[Narration],
    cached_segments: Container[str],
    price: Callable[[Voice], float | None],
) -> Overview:
    """Look up what a site needs.

    Args:
        narrations: Of one run, one for each language.
        cached_segments: Keys of the segments whose audio is cached.
        price: An engine's price of one character in a voice, in US dollars.
    """
    for narration in narrations:
        narration.plan()
    whole = {key for narration in narrations for key in narration.cached}
    by_page: defaultdict[str, list[BlockUse]] = defaultdict(list)
    for use in distinct_uses(narrations):
        by_page[page_of(use)].append(use)

    def plan_of(uses: Sequence[BlockUse]) -> Plan:
        return make_plan([use.block.clip for use in uses], cached_segments, whole)

    pages = []
    for page, uses in by_page.items():
        plan = plan_of(uses)
        pages.append(PageOverview(page, tuple(uses), plan, plan.price(price)))
    total = plan_of([use for uses in by_page.values() for use in uses])
    return Overview(tuple(pages), total, total.price(price))


def distinct_uses(narrations: Sequence[Narration]) -> list[BlockUse]:
    """The blocks of all languages; one that a language takes over from another, untranslated, once."""
    uses = (use for narration in narrations for use in narration.collector.uses)
    return list({(page_of(use), use.location.origin, use.location.nth, use.block.slot): use for use in uses}.values())


def page_of(use: BlockUse) -> str:
    """The page where a block stands, as the author knows it."""
    return use.location.page.uri if use.location.page else ""


def dollars(price: float | None) -> str:
    """A price in words: never 0 where it is only small, or not known."""
    if price is None:
        return "unknown"
    if price == 0:
        return "-"
    return f"${price:,.2f}" if price >= 1 else f"${price:.4f}" if price >= 0.0001 else "<$0.0001"  # noqa: PLR2004


def _figures(plan: Plan, price_usd: float | None) -> dict[str, object]:
    return {
        "clips": len(plan.clips),
        "segments": len(plan.segments),
        "cached": plan.cached,
        "missing": len(plan.missing),
        "characters": plan.characters,
        "price_usd": None if price_usd is None else float(f"{price_usd:.10g}"),  # without the noise of a sum
    }


def _row(name: str, plan: Plan, price_usd: float | None) -> tuple[str, ...]:
    numbers = (len(plan.clips), len(plan.segments), plan.cached, len(plan.missing), plan.characters)
    return (name, *(f"{number:,}" for number in numbers), dollars(price_usd))
