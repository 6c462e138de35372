"""Ctrl-C and SIGTERM: waiting that they interrupt, and an orderly end after either.

Windows delivers Ctrl-C only between two waits, so no single wait may be long.
"""

from __future__ import annotations

import queue
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

CHECK_INTERVAL = 0.5
"""Seconds that one wait may last."""

Item = TypeVar("Item")


class TerminatedError(SystemExit):
    """SIGTERM has arrived: the program ends, with the exit code that shells give it."""


INTERRUPTIONS = (KeyboardInterrupt, TerminatedError)
"""What the two signals raise in the main thread. Only the program's outermost level may swallow these."""


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """Have SIGTERM raise an exception meanwhile, as Ctrl-C does: otherwise it ends Python without any cleanup.

    Does nothing in another thread, or in a program that handles the signal itself.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _end:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    raise TerminatedError(128 + number)


def get_interruptibly(items: queue.SimpleQueue[Item]) -> Item:
    """The next item of a queue; waits for it without a limit.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed, at most `CHECK_INTERVAL` ago.
    """
    while True:
        try:
            return items.get(timeout=CHECK_INTERVAL)
        except queue.Empty:
            continue
