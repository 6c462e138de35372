"""Waiting that Ctrl-C interrupts. Windows delivers Ctrl-C only between two waits, so no single wait may be long."""

from __future__ import annotations

import queue
from typing import TypeVar

CHECK_INTERVAL = 0.5
"""Seconds that one wait may last."""

Item = TypeVar("Item")


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
