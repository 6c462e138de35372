"""How far a run is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from logging import Logger, LoggerAdapter

    from mkdocs_lightning.reading.segment import Segment

LOG_SECONDS = 10.0
"""Between two lines in a log."""

_BAR = 20  # characters
_MINUTES_FROM = 120  # seconds


class _Progress:
    """What is done, and what is left."""

    def __init__(self, segments: Sequence[Segment], in_flight: Callable[[], int]) -> None:
        self.characters = sum(len(segment.text) for segment in segments)
        self.spoken = 0
        self._sentences = len(segments)
        self._done = 0
        self._in_flight = in_flight
        self._begun = time.monotonic()

    def advance(self, segment: Segment) -> None:
        self._done += 1
        self.spoken += len(segment.text)

    @property
    def seconds_left(self) -> float:
        spent = time.monotonic() - self._begun
        return spent * (self.characters - self.spoken) / max(self.spoken, 1)

    def __str__(self) -> str:
        left = f", about {_in_words(self.seconds_left)} left" if 0 < self.spoken < self.characters else ""
        return (
            f"{self._done:,} of {self._sentences:,} sentences, {self.spoken:,} of {self.characters:,} characters, "
            f"{self._in_flight()} in flight{left}"
        )


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTES_FROM else f"{seconds / 60:.0f} min"


@contextmanager
def show_progress(
    segments: Sequence[Segment],
    in_flight: Callable[[], int],
    log: Logger | LoggerAdapter[Logger],
    terminal: TextIO | None = None,
) -> Iterator[Callable[[Segment], None]]:
    """Show a run's progress while it lasts; call what is given with each segment that is done.

    Args:
        segments: All that the run will do.
        in_flight: How many requests there are now.
        log: Where lines go when there is no terminal.
        terminal: Where a bar goes if it is one; standard error by default.
    """
    terminal = terminal or sys.stderr
    progress = _Progress(segments, in_flight)
    if not terminal.isatty():
        yield _log_advance(progress, log)
        return
    room = shutil.get_terminal_size().columns - _BAR - 4  # a line that wraps would not be written over
    with (
        click.progressbar(
            segments,
            length=progress.characters,
            file=terminal,
            width=_BAR,
            bar_template="[%(bar)s] %(info)s",
            show_eta=False,  # click's own looks at the last few only, and jumps
            show_percent=False,
            item_show_func=lambda _: str(progress)[:room],
        ) as bar
    ):

        def advance(segment: Segment) -> None:
            progress.advance(segment)
            bar.update(len(segment.text), segment)

        yield advance


def _log_advance(progress: _Progress, log: Logger | LoggerAdapter[Logger]) -> Callable[[Segment], None]:
    next_line = time.monotonic() + LOG_SECONDS

    def advance(segment: Segment) -> None:
        nonlocal next_line
        progress.advance(segment)
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + LOG_SECONDS
            log.info("Speaking: %s", str(progress))  # as it is now: a handler may look later

    return advance
