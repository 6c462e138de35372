"""One part of a site's sentences, for one of several jobs that share the work and know nothing of one another.

Which part a sentence is in depends on all sentences of the site and on nothing else: not on what is cached, which
differs between jobs that start at different times, nor on the order of the pages. Longest first, each goes to the part
that has the fewest characters by then; where several are equal, the key and the part's number decide.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.reading.segment import Segment

_FORM = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """A part.

    Attributes:
        number: From 1 to `of`.
        of: How many parts there are.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The part that somebody writes as `2/5`.

        Raises:
            SettingError: It is none.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise SettingError("--shard", f"{text!r} is not a part such as 2/5: the second of five")
        number, of = int(found[1]), int(found[2])
        if not 1 <= number <= of:
            raise SettingError("--shard", f"{text!r} is not a part: the first of {of} is 1/{of}, the last {of}/{of}")
        return cls(number, of)

    def __str__(self) -> str:
        return f"part {self.number} of {self.of}"

    def keys(self, segments: Iterable[Segment]) -> frozenset[str]:
        """The keys of the segments that are in this part.

        Args:
            segments: All of the site, cached or not, in any order; one that comes several times counts once.
        """
        lengths = {segment.key: len(segment.text) for segment in segments}
        loads = [(0, number) for number in range(1, self.of + 1)]  # a heap: the lightest first
        keys = []
        for key in sorted(lengths, key=lambda key: (-lengths[key], key)):
            load, number = loads[0]
            heapq.heapreplace(loads, (load + lengths[key], number))
            if number == self.number:
                keys.append(key)
        return frozenset(keys)
