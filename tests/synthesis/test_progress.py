"""What somebody sees who waits: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import io
import logging
import os
import queue
import re
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.engines import EngineStoppedError, TextRefusedError, TransientError
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis import progress
from mkdocs_lightning.synthesis.progress import Follower, follow, show_progress
from mkdocs_lightning.synthesis.run import Result
from mkdocs_lightning.synthesis.throttle import RequestOutcome, Throttle

if TYPE_CHECKING:
    from collections.abc import Generator

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX's")

VOICE = resolve_voice(VoiceSettings())
SEGMENTS = [Segment("lightning", VOICE, f"Sentence {index}.") for index in range(4)]
log = logging.getLogger("mkdocs.plugins.lightning")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands still until another is put here: what is said of it does not depend on the machine."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def throttle() -> Throttle:
    """Three requests are in flight."""
    throttle = Throttle(8, 8)
    for _ in range(3):
        throttle.acquire(lambda: False)
    return throttle


class Screen:
    """A pseudo-terminal, and all that was ever written to it."""

    def __init__(self) -> None:
        self._screen, line = pty.openpty()
        self.line = os.fdopen(line, "w", encoding="utf-8")
        self._shown = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while piece := os.read(self._screen, 4096):
                self._shown += piece
        except OSError:  # how a pseudo-terminal tells its end
            pass

    def close(self) -> str:
        """End it; what was shown."""
        self.line.close()
        self._reader.join()
        os.close(self._screen)
        return self._shown.decode()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("COLUMNS", "200")
    return Screen()


def test_a_bar_on_a_terminal(screen: Screen, throttle: Throttle, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with show_progress(SEGMENTS, lambda: throttle.in_flight, log, screen.line) as advance:
        for segment in SEGMENTS:
            advance(Result(segment))
            throttle.release(RequestOutcome.SUCCEEDED, 1)
            throttle.acquire(lambda: False)
    shown = screen.close()
    assert "[#####---------------] 1 of 4 sentences, 11 of 44 characters, 3 in flight, about 0 s left" in shown
    assert "[####################] 4 of 4 sentences, 44 of 44 characters, 3 in flight" in shown
    assert shown.endswith("\r\n")  # what is printed next has a line of its own
    assert caplog.records == []


@pytest.mark.parametrize("columns", [40, 80])
def test_a_bar_fits_its_line(monkeypatch: pytest.MonkeyPatch, screen: Screen, throttle: Throttle, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with show_progress(SEGMENTS * 1000, lambda: throttle.in_flight, log, screen.line) as advance:
        advance(Result(SEGMENTS[0]))
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[\S*?[a-zA-Z]", "", screen.close()))
    assert columns / 2 < max(map(len, lines)) < columns


def test_a_bar_ends_with_the_run(screen: Screen, throttle: Throttle) -> None:
    def fail() -> None:
        with show_progress(SEGMENTS, lambda: throttle.in_flight, log, screen.line) as advance:
            advance(Result(SEGMENTS[0]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert screen.close().endswith("\r\n")


def test_what_is_left_in_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, now: list[float]
) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0)
    caplog.set_level("INFO")
    with show_progress(SEGMENTS, lambda: 0, log, io.StringIO()) as advance:
        for seconds in (30, 400, 600):
            now[0] = 100.0 + seconds
            advance(Result(SEGMENTS[0]))
    assert [record.getMessage().rpartition(", ")[2] for record in caplog.records] == [
        "about 90 s left",
        "about 7 min left",
        "about 3 min left",
    ]


@pytest.mark.parametrize("seconds", [0.0, 3600.0])
def test_lines_in_a_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, throttle: Throttle, seconds: float
) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", seconds)
    caplog.set_level("INFO")
    file = io.StringIO()
    with show_progress(SEGMENTS, lambda: throttle.in_flight, log, file) as advance:
        for segment in SEGMENTS[:2]:
            advance(Result(segment))
    said = [record.getMessage() for record in caplog.records]
    assert file.getvalue() == ""
    if seconds:
        assert said == []
    else:
        assert said == [
            "Synthesizing: 1 of 4 sentences, 11 of 44 characters, 3 in flight, about 0 s left",
            "Synthesizing: 2 of 4 sentences, 22 of 44 characters, 3 in flight, about 0 s left",
        ]


def test_a_run_is_counted_and_what_is_missing_has_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    down, refused = EngineStoppedError("no credit", "r-1"), TextRefusedError("not this")

    def results() -> Generator[Result, None, None]:
        yield Result(SEGMENTS[0])
        yield Result(SEGMENTS[1], was_cached=True)
        yield Result(SEGMENTS[2], error=down)
        yield Result(SEGMENTS[3], error=refused)

    outcome = follow(results(), SEGMENTS, lambda: 0, log)

    assert (outcome.synthesized, outcome.found) == (1, 1)
    assert outcome.missing == {"no credit (request r-1)": [SEGMENTS[2]], "not this": [SEGMENTS[3]]}


def test_results_may_come_in_parts_and_the_bar_ends_where_nobody_waits_for_the_rest(
    monkeypatch: pytest.MonkeyPatch, screen: Screen, throttle: Throttle
) -> None:
    """Pages are written between the parts. Where a build breaks, the terminal has its cursor back."""
    monkeypatch.setattr(sys, "stderr", screen.line)
    follower = Follower(SEGMENTS, lambda: throttle.in_flight, log)
    follower.add([Result(SEGMENTS[0])])
    follower.add([])
    follower.add([Result(SEGMENTS[1], was_cached=True), Result(SEGMENTS[2], error=TextRefusedError("not this"))])
    outcome = follower.outcome()
    follower.close()
    follower.close()

    shown = screen.close()
    assert (outcome.synthesized, outcome.found, outcome.missing) == (1, 1, {"not this": [SEGMENTS[2]]})
    assert "2 of 4 sentences, 22 of 44 characters, 1 failed, 3 in flight" in shown
    assert "##########----------] 2 of 4" in shown
    assert shown.count("\n") == 1
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_standard_error_is_where_it_goes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], screen: Screen, throttle: Throttle
) -> None:
    monkeypatch.setattr(sys, "stderr", screen.line)
    with show_progress(SEGMENTS, lambda: throttle.in_flight, log) as advance:
        advance(Result(SEGMENTS[0]))
    assert "1 of 4 sentences" in screen.close()
    assert capsys.readouterr().out == ""


def test_failures_are_counted_apart(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """And neither as done nor as still to do."""
    monkeypatch.setattr(progress, "LOG_SECONDS", 0)
    caplog.set_level("INFO")
    down = TransientError("the service is down")
    with show_progress(SEGMENTS, lambda: 0, log, io.StringIO()) as advance:
        for segment in SEGMENTS[:3]:
            advance(Result(segment, error=down))
        advance(Result(SEGMENTS[3]))
    assert [record.getMessage() for record in caplog.records] == [
        "Synthesizing: 0 of 4 sentences, 0 of 44 characters, 1 failed, 0 in flight",
        "Synthesizing: 0 of 4 sentences, 0 of 44 characters, 2 failed, 0 in flight",
        "Synthesizing: 0 of 4 sentences, 0 of 44 characters, 3 failed, 0 in flight",
        "Synthesizing: 1 of 4 sentences, 11 of 44 characters, 3 failed, 0 in flight",
    ]


class Lines(logging.Handler):
    """What was logged; somebody may wait for a line."""

    def __init__(self) -> None:
        super().__init__()
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.put(record.getMessage())


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Generator[Lines, None, None]:
    lines = Lines()
    log.addHandler(lines)
    caplog.set_level("INFO")
    yield lines
    log.removeHandler(lines)


def test_a_wait_is_told_while_nothing_arrives(monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    monkeypatch.setattr(progress, "PULSE_SECONDS", 0.01)
    ends = [None, 140.0, 400.0, 90.0]  # it is 100 now
    counts = "Synthesizing: 0 of 4 sentences, 0 of 44 characters, 1 in flight"
    with show_progress(SEGMENTS, lambda: 1, log, io.StringIO(), lambda: ends.pop(0) if ends[1:] else ends[0]):
        assert [lines.said.get(timeout=60) for _ in range(4)] == [
            counts,
            f"{counts}, waiting for the service for up to 40 s more",
            f"{counts}, waiting for the service for up to 5 min more",
            counts,
        ]


def test_nothing_is_told_when_nothing_is_left(monkeypatch: pytest.MonkeyPatch, lines: Lines, screen: Screen) -> None:
    """A build then writes its pages, which may take long. A bar is drawn anew as long as something is left."""
    monkeypatch.setattr(progress, "PULSE_SECONDS", 0.001)
    drawn = threading.Semaphore(0)

    def in_flight() -> int:
        drawn.release()
        return 1

    with show_progress(SEGMENTS[:1], lambda: 0, log, io.StringIO()) as advance:
        lines.said.get(timeout=60)
        advance(Result(SEGMENTS[0]))
        while not lines.said.empty():
            lines.said.get()
        with show_progress(SEGMENTS[:1], in_flight, log, screen.line):
            for _ in range(20):
                assert drawn.acquire(timeout=60)
    screen.close()
    assert lines.said.empty()
