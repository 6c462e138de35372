"""Calls in the background of a build."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.base.interruptible import CHECK_INTERVAL, get_interruptibly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Done = TypeVar("Done")


class BackgroundPool:
    """Runs calls on a few daemon threads, so that a store that never answers cannot keep the program from ending.

    A thread starts when a call is submitted and ends when no call is waiting. A call must handle its own exceptions.
    Waiting, in `map` and `finish`, can be interrupted by Ctrl-C.

    Args:
        threads: How many calls may run at once.
        name: Of the threads.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._threads = threads
        self._name = name
        self._waiting: deque[Callable[[], object]] = deque()
        self._running = 0  # threads
        self._changed = threading.Condition()  # guards the two above; notified when a thread ends

    def submit(self, call: Callable[[], object]) -> None:
        """Run a call as soon as a thread is free, and return at once."""
        with self._changed:
            self._waiting.append(call)
            if self._running < self._threads:
                self._running += 1
                threading.Thread(target=self._work, daemon=True, name=self._name).start()

    def map(self, function: Callable[[Item], Done], items: Iterable[Item]) -> Iterator[Done]:
        """Call a function with each item.

        The calls run ahead of the caller by twice the number of threads at most, so that results do not pile up in
        memory. When the caller stops early, the calls that have not begun are dropped.

        Returns:
            The results, in the order in which they arrive.
        """
        results: queue.SimpleQueue[Done] = queue.SimpleQueue()
        remaining = iter(items)

        def run(item: Item) -> None:
            results.put(function(item))

        def submit(most: int) -> int:
            batch = list(islice(remaining, most))
            for item in batch:
                self.submit(partial(run, item))
            return len(batch)

        ahead = submit(2 * self._threads)
        try:
            while ahead:
                result = get_interruptibly(results)
                ahead += submit(1) - 1
                yield result
        finally:
            self.finish(0)

    def finish(self, seconds: float) -> None:
        """Wait for all calls to end, at most so many seconds; then drop those that have not begun."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._running and (left := until - time.monotonic()) > 0:
                self._changed.wait(min(left, CHECK_INTERVAL))
            self._waiting.clear()

    def _work(self) -> None:
        while (call := self._next()) is not None:
            call()

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            if self._waiting:
                return self._waiting.popleft()
            self._running -= 1
            self._changed.notify_all()
            return None
