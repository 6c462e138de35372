"""What became of segments that were asked for: shown while they come, counted, and by the reason where they did not."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_lightning.engines import EngineError
from mkdocs_lightning.synthesis.progress import show_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from logging import Logger, LoggerAdapter

    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.synthesis.run import Result


@dataclass(slots=True)
class Outcome:
    """How some segments ended.

    Attributes:
        new: Segments that were asked for, and came.
        found: Segments that another build had stored meanwhile.
        characters: Of the new ones.
        unvoiced: Segments that have no audio, by the reason.
    """

    new: int = 0
    found: int = 0
    characters: int = 0
    unvoiced: Mapping[str, list[Segment]] = field(default_factory=dict)


def follow(
    results: Generator[Result, None, None],
    segments: Sequence[Segment],
    in_flight: Callable[[], int],
    log: Logger | LoggerAdapter[Logger],
) -> Outcome:
    """Wait for segments that were asked for, and show how far they are.

    Args:
        results: One for each segment; closed in any case, which starts nothing more.
        segments: All that are awaited.
        in_flight: How many requests there are now.
        log: Where lines on the progress go when there is no terminal.
    """
    outcome = Outcome()
    unvoiced: defaultdict[str, list[Segment]] = defaultdict(list)
    request_ids: dict[str, str] = {}
    with show_progress(segments, in_flight, log) as advance, closing(results):
        for result in results:
            if result.error is None:
                outcome.new += result.is_new
                outcome.found += not result.is_new
                outcome.characters += len(result.segment.text) if result.is_new else 0
            else:
                unvoiced[str(result.error)].append(result.segment)
                if isinstance(result.error, EngineError) and result.error.request_id:
                    request_ids.setdefault(str(result.error), f" (request {result.error.request_id})")
            advance(result.segment)
    outcome.unvoiced = {reason + request_ids.get(reason, ""): failed for reason, failed in unvoiced.items()}
    return outcome
