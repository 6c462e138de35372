"""Draws the table of `benchmarks.build`: a bar for each ratio, its spread, and its goal; once for each color scheme."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.bench import Figure

WIDTH = 860
LABELS = 400  # pixels of the names on the left
ROW = 40
TOP, BOTTOM = 30, 34
MOST = 2.5
"""The greatest ratio that is drawn to scale."""


@dataclass(frozen=True)
class Scheme:
    """The colors of a plot."""

    name: str
    text: str
    line: str
    met: str
    missed: str


SCHEMES = (
    Scheme("light", "#24292f", "#8c959f", "#1a7f64", "#bc4c00"),
    Scheme("dark", "#e6edf3", "#7d8590", "#3fb68b", "#f0883e"),
)


def write_plots(figures: Sequence[Figure], directory: Path) -> None:
    """Write `performance-light.svg` and `performance-dark.svg`.

    Args:
        figures: Those that have both what they are measured against and ours; memory and growth are no ratios of these.
        directory: Of the documentation's pictures.
    """
    shown = [figure for figure in figures if all(figure.both) and not figure.name.startswith(("growth", "memory"))]
    for scheme in SCHEMES:
        lines = [_head(len(shown), scheme), *_axis(len(shown), scheme)]
        for number, figure in enumerate(shown):
            lines += _bar(figure, TOP + number * ROW, scheme)
        text = "\n".join([*lines, "</svg>", ""])
        (directory / f"performance-{scheme.name}.svg").write_text(text, encoding="utf-8")


def _head(rows: int, scheme: Scheme) -> str:
    height = TOP + rows * ROW + BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" '
        f'font-size="13" fill="{scheme.text}" role="img" aria-label="The ratios of the table of benchmarks">'
    )


def _axis(rows: int, scheme: Scheme) -> Iterator[str]:
    bottom = TOP + rows * ROW
    for ratio in range(int(MOST) + 1):
        dashes = "" if ratio == 1 else ' stroke-dasharray="2 4"'
        yield f'<line x1="{_x(ratio)}" y1="{TOP - 8}" x2="{_x(ratio)}" y2="{bottom}" stroke="{scheme.line}"{dashes}/>'
        yield f'<text x="{_x(ratio)}" y="{bottom + 18}" text-anchor="middle">{ratio}</text>'
    yield f'<text x="{_x(1)}" y="{TOP - 14}" text-anchor="middle">1 = what it is measured against</text>'


def _bar(figure: Figure, y: float, scheme: Scheme) -> Iterator[str]:
    value = figure.value
    is_met = figure.goal is None or value.median <= figure.goal
    color = scheme.line if figure.goal is None else scheme.met if is_met else scheme.missed
    labels = textwrap.wrap(figure.what.replace("`", ""), 58)[:2]
    first = y + ROW / 2 + (4 if len(labels) == 1 else -3)
    for number, label in enumerate(labels):
        yield f'<text x="{LABELS - 12}" y="{first + 15 * number}" text-anchor="end">{escape(label)}</text>'
    middle = y + ROW / 2
    end = _x(value.median)
    yield f'<rect x="{_x(0)}" y="{middle - 9}" width="{end - _x(0):.1f}" height="18" rx="2" fill="{color}"/>'
    yield (
        f'<line x1="{_x(value.least)}" y1="{middle}" x2="{_x(value.most)}" y2="{middle}" stroke="{scheme.text}" '
        'stroke-width="1.5"/>'
    )
    if figure.goal is not None:
        x = _x(figure.goal)
        yield f'<line x1="{x}" y1="{middle - 13}" x2="{x}" y2="{middle + 13}" stroke="{scheme.text}" stroke-width="2"/>'
    beside = _x(max(value.most, figure.goal or 0)) + 8
    yield f'<text x="{beside}" y="{middle + 5}" font-weight="600">{value.median:.2f}</text>'


def _x(ratio: float) -> float:
    """Pixels from the left."""
    return round(LABELS + min(ratio, MOST) * (WIDTH - LABELS - 60) / MOST, 1)
