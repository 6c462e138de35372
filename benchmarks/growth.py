"""How the plugin's own time and memory grow with a site: small synthetic pages, all cached.

Its own time is the processor time of a build with it less that of the same build without it, less the same difference
for the smallest site, which is what starting costs. The pages are not in the navigation, which a theme would otherwise
render whole on every page: MkDocs' own time would grow with the square, and hide ours.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.corpus import Page
from benchmarks.measure import Spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.measure import Pair, Run


_PAGES = 50  # of a site that has ever more sentences
_SENTENCES = 2  # in each of its blocks
_LEAST = 1e-4  # seconds: a small site may by chance seem to take less than none


@dataclass(frozen=True)
class Growth:
    """How something grew.

    Attributes:
        exponent: 1 where twice as much takes twice as long.
        milliseconds: For one more, on the average, by how many there were.
    """

    exponent: Spread
    milliseconds: Mapping[int, float]


@dataclass(frozen=True)
class SmallSite:
    """What a synthetic site consists of."""

    pages: int
    blocks: int
    sentences: int

    def text(self) -> list[Page]:
        """Its pages: a title, and paragraphs to be blocks; every sentence is another."""
        return [Page(f"page-{number}.md", self._text_of(number)) for number in range(self.pages)]

    def _text_of(self, page: int) -> str:
        blocks = [
            " ".join(f"Sentence {n} of block {block} is on page {page}." for n in range(self.sentences))
            for block in range(self.blocks)
        ]
        return "\n\n".join([f"# Page {page}", *blocks])


def many_pages(pages: int) -> SmallSite:
    """So many pages, each with a block of one sentence; 0 stands for a single page."""
    return SmallSite(pages or 1, 1, 1)


def many_sentences(sentences: int) -> SmallSite:
    """So many sentences, a multiple of 100, on the same few pages."""
    return SmallSite(_PAGES, sentences // (_PAGES * _SENTENCES), _SENTENCES)


def growth_of(runs: Mapping[int, Sequence[Pair[Run]]], groups: int) -> Growth:
    """What the runs of sites of different sizes come to.

    Args:
        runs: By the size of the site; size 0 is what starting costs.
        groups: Of runs, each of which gives an exponent of its own.
    """
    sizes = sorted(runs)[1:]
    start = _own_time(runs[0])
    times = {size: [_own_time(runs[size][group::groups]) - start for group in range(groups)] for size in sizes}
    exponents = [_slope({size: times[size][group] for size in sizes}) for group in range(groups)]
    return Growth(Spread.of(exponents), {size: 1000 * statistics.median(times[size]) / size for size in sizes})


def memory_of(runs: Mapping[int, Sequence[Pair[Run]]], fewer: int, more: int) -> Spread:
    """Bytes of the plugin's own for one sentence more, between two sizes of a site."""
    own = [[ours.memory - theirs.memory for theirs, ours in runs[size]] for size in (fewer, more)]
    return Spread.of((much - little) / (more - fewer) for little, much in zip(*own, strict=False))


def _own_time(pairs: Sequence[Pair[Run]]) -> float:
    return statistics.median(ours.processor - theirs.processor for theirs, ours in pairs)


def _slope(times: Mapping[int, float]) -> float:
    """The exponent, by least squares of the logarithms."""
    logarithms = [math.log(max(time, _LEAST)) for time in times.values()]
    return statistics.linear_regression([math.log(size) for size in times], logarithms).slope
