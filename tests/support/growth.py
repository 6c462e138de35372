"""How processor time grows with the size of an input, on a machine that has other work to do as well."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LINEAR = 2.6
"""The largest growth, when an input is doubled, that still counts as linear: a square would make it 4."""

_TRIES = 6
_LEAST = 0.05  # seconds; what takes less is within the noise


def seconds(work: Callable[[], object]) -> float:
    """The processor time of some work, without the collector's, which looks at all that other tests have left."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        gc.enable()


def growth(cost: Callable[[int], float], size: int) -> float:
    """By how much a cost grows when the size is doubled: the least of a few tries, as noise only adds to it.

    Args:
        cost: The processor seconds of an input of some size.
        size: The smaller one.
    """
    least = float("inf")
    for _ in range(_TRIES):
        least = min(least, cost(2 * size) / max(cost(size), _LEAST))
        if least < LINEAR:
            break
    return least
