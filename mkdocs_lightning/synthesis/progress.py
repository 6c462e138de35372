"""Follows a run: shows its progress, and counts how its segments ended.

On a terminal the progress is a bar; elsewhere it is a line in the log every few seconds, even while nothing arrives.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import defaultdict
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO, TypeAlias

import click

from mkdocs_lightning.base.errors import PROGRESS
from mkdocs_lightning.engines import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from mkdocs_lightning.base.errors import LightningError, Log
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.synthesis.run import Result

LOG_SECONDS = 10.0
"""Seconds between two lines in a log while sentences arrive."""

PULSE_SECONDS = 15.0
"""Half of the longest time without a line, or without a new bar, while none arrive."""

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


WaitsUntil: TypeAlias = "Callable[[], float | None]"
Advance: TypeAlias = "Callable[[Result], None]"
"""Called with the result of each segment."""


def _never() -> None:
    pass


class Follower:
    """Shows the progress of a run, and counts how its segments ended. Results may come in several parts.

        add ─► … ─► add ─► close

    Args:
        segments: All segments of the run.
        in_flight: Tells how many requests are in flight now.
        log: Where progress lines go if there is no terminal.
        waits_until: Tells when a wait for the service ends at the latest, by `time.monotonic`; None if there is none.
    """

    def __init__(
        self, segments: Sequence[Segment], in_flight: Callable[[], int], log: Log, waits_until: WaitsUntil = _never
    ) -> None:
        self._synthesized = self._found = 0
        self._failed: list[tuple[Segment, LightningError]] = []
        self._display = ExitStack()
        self._advance = self._display.enter_context(show_progress(segments, in_flight, log, waits_until=waits_until))

    def add(self, results: Iterable[Result]) -> None:
        """Count results as they arrive."""
        for result in results:
            if result.error is not None:
                self._failed.append((result.segment, result.error))
            elif result.was_cached:
                self._found += 1
            else:
                self._synthesized += 1
            self._advance(result)

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
    waits_until: WaitsUntil = _never,
) -> RunOutcome:
    """Wait for the results of a run, and show its progress.

    Args:
        results: One result for each segment; always closed at the end, so that no further request starts.
        segments: As for `Follower`.
        in_flight: As for `Follower`.
        log: As for `Follower`.
        waits_until: As for `Follower`.
    """
    with closing(Follower(segments, in_flight, log, waits_until)) as follower, closing(results):
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
    """Counts what has audio, what has failed and what is left of a run."""

    def __init__(self, segments: Sequence[Segment], in_flight: Callable[[], int], waits_until: WaitsUntil) -> None:
        self.characters = self._characters_left = sum(len(segment.text) for segment in segments)
        self.characters_done = 0
        self._sentences = len(segments)
        self._sentences_done = self._sentences_failed = 0
        self._in_flight = in_flight
        self._waits_until = waits_until
        self._began_at = time.monotonic()

    def advance(self, result: Result) -> None:
        characters = len(result.segment.text)
        self._characters_left -= characters
        if result.error is None:
            self._sentences_done += 1
            self.characters_done += characters
        else:
            self._sentences_failed += 1

    @property
    def is_complete(self) -> bool:
        return self._sentences_done + self._sentences_failed == self._sentences

    @property
    def seconds_left(self) -> float:
        """An estimate, from the average rate so far."""
        elapsed = time.monotonic() - self._began_at
        return elapsed * self._characters_left / max(self.characters_done, 1)

    def __str__(self) -> str:
        failed = f", {self._sentences_failed:,} failed" if self._sentences_failed else ""
        return (
            f"{self._sentences_done:,} of {self._sentences:,} sentences, "
            f"{self.characters_done:,} of {self.characters:,} characters{failed}, {self._in_flight()} in flight"
            f"{self._outlook()}"
        )

    def _outlook(self) -> str:
        """How long a wait for the service lasts, or else the whole run."""
        wait = (self._waits_until() or 0.0) - time.monotonic()
        if self.is_complete:
            return ""
        if wait > 0:
            return f", waiting for the service for up to {_duration(wait)} more"
        return f", about {_duration(self.seconds_left)} left" if self.characters_done else ""


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTES_FROM else f"{seconds / 60:.0f} min"


@contextmanager
def show_progress(
    segments: Sequence[Segment],
    in_flight: Callable[[], int],
    log: Log,
    terminal: TextIO | None = None,
    waits_until: WaitsUntil = _never,
) -> Iterator[Advance]:
    """Show the progress of a run while the context lasts; yields a function to call with each result.

    Args:
        segments: All segments of the run.
        in_flight: Tells how many requests are in flight now.
        log: Where progress lines go if there is no terminal.
        terminal: Where the bar goes, if this is a terminal; standard error by default.
        waits_until: As for `Follower`.
    """
    terminal = terminal or sys.stderr
    progress = _Progress(segments, in_flight, waits_until)
    if not terminal.isatty():
        lines = _Lines(progress, log)
        with _pulse(lines.pulse):
            yield lines.advance
        return
    room = shutil.get_terminal_size().columns - _BAR - 4  # a line that wraps could not be overwritten
    lock = threading.Lock()
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

        def advance(result: Result) -> None:
            with lock:
                progress.advance(result)
                if result.error is None:
                    bar.update(len(result.segment.text), result.segment)
                else:
                    bar.render_progress()

        def pulse() -> None:
            with lock:
                bar.render_progress()

        with _pulse(pulse):
            yield advance


@contextmanager
def _pulse(act: Callable[[], None]) -> Iterator[None]:
    """Call a function now and then, on a thread of its own, while the context lasts."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(PULSE_SECONDS):
            act()

    thread = threading.Thread(target=beat, daemon=True, name="progress")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Lines:
    """Progress as lines in a log. Thread-safe."""

    def __init__(self, progress: _Progress, log: Log) -> None:
        self._progress = progress
        self._log = log
        self._lock = threading.Lock()  # guards the fields below, and the progress
        self._next_line_at = time.monotonic() + LOG_SECONDS
        self._is_silent = False  # since the last pulse

    def advance(self, result: Result) -> None:
        with self._lock:
            self._progress.advance(result)
            if time.monotonic() >= self._next_line_at:
                self._print()

    def pulse(self) -> None:
        """Print a line if there was none since the last pulse, and something is left to wait for."""
        with self._lock:
            if self._is_silent and not self._progress.is_complete:
                self._print()
            else:
                self._is_silent = True

    def _print(self) -> None:
        self._next_line_at = time.monotonic() + LOG_SECONDS
        self._is_silent = False
        text = str(self._progress)  # now, as a handler may format the record later
        self._log.info("Synthesizing: %s", text, extra={PROGRESS: True})
