"""What real sites cost to narrate whole: counted once with `mkdocs-lightning plan`, priced as the package prices them.

    python -m benchmarks.costs           print the tables of docs/explanation/cost.md
    python -m benchmarks.costs --plot    draw its pictures anew

How a site was counted: check out its documentation at the commit, add `lightning: {narrate: true}` to its plugins,
and run `mkdocs-lightning plan --json`, which sends nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.plot import SCHEMES
from mkdocs_lightning.engines.lightning import PRICES_USD
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.plot import Scheme

PICTURES = Path(__file__).parents[1] / "docs" / "assets"
CHARACTERS_A_SECOND = 15
"""Of speech at speed 1, as docs/explanation/scale.md assumes."""

WIDTH, LABELS, VALUES = 860, 290, 110  # pixels in all, of the names on the left, of the figures on the right
ROW, TOP = 44, 12


@dataclass(frozen=True)
class Count:
    """What a plan says of a site whose pages are all narrated, with an empty cache.

    Attributes:
        site: Its name.
        commit: Of its repository, with its date.
    """

    site: str
    commit: str
    pages: int
    sentences: int
    characters: int

    @property
    def price(self) -> float:
        """US dollars."""
        return self.characters * PRICES_USD[PRO_MODEL]

    @property
    def hours(self) -> float:
        """Of speech."""
        return self.characters / CHARACTERS_A_SECOND / 3600


COUNTS = (
    Count("HTTPX", "ae1b9f6, December 2025", 23, 1239, 84_104),
    Count("uv", "26a9dd4, August 2026", 81, 4047, 351_229),
    Count("FastAPI, in English, without its release notes", "c3f316b, August 2026", 154, 7429, 557_266),
    Count("FastAPI, in English, all of it", "c3f316b, August 2026", 155, 12_119, 894_010),
)
"""Counted on 28 November 2026."""

SENTENCE = 75
"""Characters of a usual sentence of these sites."""


@dataclass(frozen=True)
class Change:
    """Something that changes after the first build.

    Attributes:
        what: In words.
        characters: That the next build sends.
    """

    what: str
    characters: int


CHANGES = (
    Change("a typo in one sentence", SENTENCE),
    Change("a new page of 30 sentences", 30 * SENTENCE),
    Change("a busy month: 200 sentences, new or edited", 200 * SENTENCE),
    Change("another voice for all of uv's documentation", COUNTS[1].characters),
)


_CENT = 0.01


def dollars(amount: float) -> str:
    """With as many decimals as a small amount needs."""
    return f"${amount:.4f}" if amount < _CENT else f"${amount:.2f}"


def tables() -> str:
    """Both tables of the page: the first build, and what follows."""
    first = [
        "| documentation | pages | sentences | characters | speech | price, once |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {count.site} | {count.pages} | {count.sentences:,} | {count.characters:,} | {count.hours:.1f} h "
            f"| {dollars(count.price)} |"
            for count in COUNTS
        ),
    ]
    later = [
        "| what changes | characters | price |",
        "| --- | ---: | ---: |",
        *(f"| {c.what} | {c.characters:,} | {dollars(c.characters * PRICES_USD[PRO_MODEL])} |" for c in CHANGES),
    ]
    return "\n".join([*first, "", *later])


def plot(scheme: Scheme) -> str:
    """The price of each site as a bar, and that of a busy month beside them, as SVG."""
    month = CHANGES[2]
    bars = [(count.site, count.price) for count in COUNTS]
    bars.append((month.what, month.characters * PRICES_USD[PRO_MODEL]))
    return "\n".join([_head(len(bars), scheme), *_bars(bars, scheme), "</svg>", ""])


def _head(rows: int, scheme: Scheme) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {2 * TOP + rows * ROW}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{scheme.text}" role="img" '
        'aria-label="What it costs to narrate four documentation sites once, and a month of edits">'
    )


def _bars(bars: list[tuple[str, float]], scheme: Scheme) -> Iterator[str]:
    most = max(price for _, price in bars)
    for number, (name, price) in enumerate(bars):
        middle = TOP + number * ROW + ROW / 2
        width = max(price / most * (WIDTH - LABELS - VALUES), 2)
        color = scheme.met if number < len(COUNTS) else scheme.missed
        yield f'<text x="{LABELS - 12}" y="{middle + 4.5}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect x="{LABELS}" y="{middle - 11}" width="{width:.1f}" height="22" rx="3" fill="{color}"/>'
        yield f'<text x="{LABELS + width + 8:.1f}" y="{middle + 4.5}" font-weight="600">{dollars(price)}</text>'


def write_plots(directory: Path) -> None:
    """Write `cost-light.svg` and `cost-dark.svg`."""
    for scheme in SCHEMES:
        (directory / f"cost-{scheme.name}.svg").write_text(plot(scheme), encoding="utf-8")


def main() -> None:
    """Print the tables, or draw the pictures."""
    parser = argparse.ArgumentParser(description="What real sites cost to narrate.")
    parser.add_argument("--plot", action="store_true", help="draw the pictures of docs/explanation/cost.md anew")
    if parser.parse_args().plot:
        write_plots(PICTURES)
    else:
        print(tables())


if __name__ == "__main__":
    main()
