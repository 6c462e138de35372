"""Waiting that hears Ctrl-C on Windows, too, where it is told only between two waits, not in the middle of one."""

from __future__ import annotations

import queue
from typing import TypeVar

CHECK_INTERVAL = 0.5
"""Seconds after which somebody who waits looks whether there was a Ctrl-C."""

Coming = TypeVar("Coming")


def next_of(coming: queue.SimpleQueue[Coming]) -> Coming:
    """What comes next out of a queue, however long that takes."""
    while True:
        try:
            return coming.get(timeout=CHECK_INTERVAL)
        except queue.Empty:
            continue
