"""Ctrl-C and SIGTERM end a program that synthesizes: replies in flight are paid for, and stored if they come soon."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.base.interruptible import TerminatedError, ending_on_sigterm
from tests.support.commands import plan, start
from tests.support.holding import Holding
from tests.support.waiting import BUILD_PATIENCE, wait_until

if TYPE_CHECKING:
    import subprocess

    from tests.support.service import Service
    from tests.support.sites import Site

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither signal for one process alone")

SENTENCES = [f"This is the sentence that has the number {number} on this page." for number in range(30)]
BEFORE, CONCURRENCY = 4, 3
HELD = range(BEFORE + 1, BEFORE + CONCURRENCY + 1)
ALL_AFTER = range(BEFORE + 1, len(SENTENCES) + 1)
COMMANDS = {
    "mkdocs build": ("mkdocs", "build", "-f", "CONFIG"),
    "synth": ("mkdocs-lightning", "-f", "CONFIG", "synth"),
    "synth --shard": ("mkdocs-lightning", "-f", "CONFIG", "synth", "--shard", "1/1"),
    "publish": ("mkdocs-lightning", "-f", "CONFIG", "publish", "ROOT/built", "--select", "main p"),
}
OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in list(COMMANDS)[1:]]
every_command = pytest.mark.parametrize("name", ["mkdocs build", *OTHERS])


@pytest.fixture
def long_page(site: Site) -> Site:
    site.options |= {"concurrency": CONCURRENCY, "sample_rate": 8000, "output_format": "wav", "cache_dir": "voices"}
    text = " ".join(SENTENCES)
    site.write({"index.md": f"# Home\n\n:::speak\n{text}\n:::\n"})
    (site.root / "built").mkdir()
    (site.root / "built/index.html").write_text(f"<html><body><main><p>{text}</p></main></body></html>", "utf-8")
    return site


def begin(site: Site, service: Service, name: str, numbers: range) -> tuple[subprocess.Popen[str], Holding]:
    """Begin a command, and wait until some replies are stored, and as many requests as may be in flight have none."""
    service.faults = holding = Holding(numbers)
    process = start(site, *(part.replace("ROOT", str(site.root)) for part in COMMANDS[name]))
    wait_until(lambda: (stored(site), len(holding.held)) == (BEFORE, CONCURRENCY), "all that may be in flight is so")
    return process, holding


def end(process: subprocess.Popen[str]) -> str:
    said = process.communicate(timeout=BUILD_PATIENCE)[1]
    assert "Traceback" not in said
    return said


def stored(site: Site) -> int:
    return len(list((site.root / "voices/segments").rglob("*.flac")))


@every_command
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_in_flight_is_awaited_and_nothing_more_is_sent(
    long_page: Site, service: Service, name: str, number: signal.Signals
) -> None:
    process, holding = begin(long_page, service, name, HELD)
    process.send_signal(number)
    service.latency = 0.5  # of what would be sent from now on, which is far more than is in flight
    holding.let_go.set()

    said = end(process)

    of_ctrl_c = 1 if name == "mkdocs build" else 130  # the former is MkDocs' own
    assert process.returncode == (of_ctrl_c if number == signal.SIGINT else 143), said
    paid = len(service.spoken)
    assert BEFORE + CONCURRENCY <= paid < len(SENTENCES)
    assert stored(long_page) == paid
    assert f"{paid} sentences synthesized and stored, and nothing that was sent is lost" in said
    service.latency = 0
    process = start(long_page, *(part.replace("ROOT", str(long_page.root)) for part in COMMANDS[name]))
    assert end(process) is not None
    assert sorted(service.spoken) == sorted(SENTENCES), "the next run has paid for the rest alone"


@pytest.mark.parametrize("name", ["mkdocs build", *OTHERS[1:2]])
def test_what_is_not_answered_is_not_awaited_for_long(long_page: Site, service: Service, name: str) -> None:
    process, holding = begin(long_page, service, name, ALL_AFTER)
    process.send_signal(signal.SIGTERM)

    said = end(process)

    assert f"{BEFORE} sentences synthesized and stored; 3 requests had no reply yet, and the next run sends" in said
    assert sorted(holding.held) == list(HELD), "nothing more was sent"
    assert stored(long_page) == BEFORE
    holding.let_go.set()


@every_command
def test_a_second_signal_ends_it_at_once(long_page: Site, service: Service, name: str) -> None:
    process, holding = begin(long_page, service, name, ALL_AFTER)

    def has_ended() -> bool:
        process.send_signal(signal.SIGINT)
        return process.poll() is not None

    wait_until(has_ended, "one of many signals has ended it")

    assert "had no reply yet" not in process.communicate()[1], "it has not waited to the end"
    assert stored(long_page) == BEFORE
    holding.let_go.set()
    assert plan(long_page)["missing"] == len(SENTENCES) - BEFORE


def test_a_program_that_handles_the_signal_itself_keeps_its_handler() -> None:
    def own(*_: object) -> None:
        """Handle it as the program wants."""

    before = signal.signal(signal.SIGTERM, own)
    try:
        with ending_on_sigterm():
            assert signal.getsignal(signal.SIGTERM) is own
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with ending_on_sigterm():
            signal.signal(signal.SIGTERM, own)
        assert signal.getsignal(signal.SIGTERM) is own
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with pytest.raises(TerminatedError, match="143"), ending_on_sigterm():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_a_thread_the_signal_is_left_alone() -> None:
    seen = []

    def look() -> None:
        with ending_on_sigterm():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
