"""Follows a run: shows its progress, and counts how its segments ended.

On a terminal the progress is a bar; elsewhere it is a line in the log every few seconds.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import defaultdict
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

import click

from mkdocs_lightning.engines import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from mkdocs_lightning.base.errors import LightningError, Log
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.synthesis.run import Result

LOG_SECONDS = 10.0
"""Seconds between two lines in a log."""

_BAR = 20  # characters
_MINUTES_FROM = 120  # seconds


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How the segments of a run ended.

    Attributes:
        synthesized: Number of segments that were sent, and came back as audio.
        found: Number of segments that another build stored in the meantime; nothing was sent for them.
        missing: The segments that have no audio, by the reason.
    """

    synthesized: int = 0
    found: int = 0
    missing: Mapping[str, Sequence[Segment]] = field(default_factory=dict)


class Follower:
    """Shows the progress of a run, and counts how its segments ended. Results may come in several parts.

        add ─► … ─► add ─► close

    Args:
        segments: All segments of the run.
        in_flight: Tells how many requests are in flight now.
        log: Where progress lines go if there is no terminal.
    """

    def __init__(self, segments: Sequence[Segment], in_flight: Callable[[], int], log: Log) -> None:
        self._synthesized = self._found = 0
        self._failed: list[tuple[Segment, LightningError]] = []
        self._display = ExitStack()
        self._advance = self._display.enter_context(show_progress(segments, in_flight, log))

    def add(self, results: Iterable[Result]) -> None:
        """Count results as they arrive."""
        for result in results:
            if result.error is not None:
                self._failed.append((result.segment, result.error))
            elif result.was_cached:
                self._found += 1
            else:
                self._synthesized += 1
            self._advance(result.segment)

    def outcome(self) -> RunOutcome:
        """How the segments have ended whose results were added."""
        return RunOutcome(self._synthesized, self._found, _by_reason(self._failed))

    def close(self) -> None:
        """End the line of the progress; may be called twice."""
        self._display.close()


def follow(
    results: Generator[Result, None, None],
    segments: Sequence[Segment],
    in_flight: Callable[[], int],
    log: Log,
) -> RunOutcome:
    """Wait for the results of a run, and show its progress.

    Args:
        results: One result for each segment; always closed at the end, so that no further request starts.
        segments: As for `Follower`.
        in_flight: As for `Follower`.
        log: As for `Follower`.
    """
    with closing(Follower(segments, in_flight, log)) as follower, closing(results):
        follower.add(results)
    return follower.outcome()


def _by_reason(failed: Sequence[tuple[Segment, LightningError]]) -> dict[str, list[Segment]]:
    """Group segments by the text of their errors, with the id of one request, if the service gave one."""
    segments: defaultdict[str, list[Segment]] = defaultdict(list)
    request_ids: dict[str, str] = {}
    for segment, error in failed:
        segments[str(error)].append(segment)
        if isinstance(error, EngineError) and error.request_id:
            request_ids.setdefault(str(error), f" (request {error.request_id})")
    return {reason + request_ids.get(reason, ""): group for reason, group in segments.items()}


class _Progress:
    """Counts what is done and what is left of a run."""

    def __init__(self, segments: Sequence[Segment], in_flight: Callable[[], int]) -> None:
        self.characters = sum(len(segment.text) for segment in segments)
        self.characters_done = 0
        self._sentences = len(segments)
        self._sentences_done = 0
        self._in_flight = in_flight
        self._began_at = time.monotonic()

    def advance(self, segment: Segment) -> None:
        self._sentences_done += 1
        self.characters_done += len(segment.text)

    @property
    def seconds_left(self) -> float:
        """An estimate, from the average rate so far."""
        elapsed = time.monotonic() - self._began_at
        return elapsed * (self.characters - self.characters_done) / max(self.characters_done, 1)

    def __str__(self) -> str:
        is_under_way = 0 < self.characters_done < self.characters
        left = f", about {_duration(self.seconds_left)} left" if is_under_way else ""
        return (
            f"{self._sentences_done:,} of {self._sentences:,} sentences, "
            f"{self.characters_done:,} of {self.characters:,} characters, {self._in_flight()} in flight{left}"
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTES_FROM else f"{seconds / 60:.0f} min"


@contextmanager
def show_progress(
    segments: Sequence[Segment],
    in_flight: Callable[[], int],
    log: Log,
    terminal: TextIO | None = None,
) -> Iterator[Callable[[Segment], None]]:
    """Show the progress of a run while the context lasts; yields a function to call with each finished segment.

    Args:
        segments: All segments of the run.
        in_flight: Tells how many requests are in flight now.
        log: Where progress lines go if there is no terminal.
        terminal: Where the bar goes, if this is a terminal; standard error by default.
    """
    terminal = terminal or sys.stderr
    progress = _Progress(segments, in_flight)
    if not terminal.isatty():
        yield _log_advance(progress, log)
        return
    room = shutil.get_terminal_size().columns - _BAR - 4  # a line that wraps could not be overwritten
    with (
        click.progressbar(
            segments,
            length=progress.characters,
            file=terminal,
            width=_BAR,
            bar_template="[%(bar)s] %(info)s",
            show_eta=False,  # click's own estimate uses only the last few steps, and jumps
            show_percent=False,
            item_show_func=lambda _: str(progress)[:room],
        ) as bar
    ):

        def advance(segment: Segment) -> None:
            progress.advance(segment)
            bar.update(len(segment.text), segment)

        yield advance


def _log_advance(progress: _Progress, log: Log) -> Callable[[Segment], None]:
    next_line_at = time.monotonic() + LOG_SECONDS

    def advance(segment: Segment) -> None:
        nonlocal next_line_at
        progress.advance(segment)
        if time.monotonic() >= next_line_at:
            next_line_at = time.monotonic() + LOG_SECONDS
            log.info("Synthesizing: %s", str(progress))  # as text: a handler may format the record later

    return advance
