"""Synthesis on a Dask cluster that the user runs: one task a segment, stored before it counts as done.

This is the client, which keeps a bounded number of tasks at the scheduler; `cluster_worker` is what a task does. Both
share the leases of one semaphore, one for each request: the account's limit holds for the whole cluster.

What passes through the scheduler: texts, voices, the addresses of the service and of the remote cache, error messages,
and audio that the remote cache did not accept. Never a key.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from mkdocs_lightning.base.errors import SettingError, StoreError
from mkdocs_lightning.engines import EngineStoppedError, TransientError
from mkdocs_lightning.synthesis.cluster_watch import WATCH_SECONDS, WorkerWatch
from mkdocs_lightning.synthesis.cluster_worker import (
    Answer,
    RunEndedError,
    RunSettings,
    installed_version,
    leases_name,
    run_task,
    semaphore_of,
    stop_renewing,
)
from mkdocs_lightning.synthesis.policy import GIVE_UP_AFTER, Spending
from mkdocs_lightning.synthesis.run import Result, Run

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Sequence

    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.synthesis.synthesizer import Store

CONNECT_SECONDS = 15.0
"""For a scheduler to answer, and for a first worker to be there."""

_MAX_RUNS = 10_000  # at once on one cluster: enough never to wait
_NUMBER = re.compile(r"expected: (\d+)")  # the number of leases, in distributed's message
_TASKS_PER_LEASE = 4  # one sends its request; the others look in the remote cache, store, or are on their way
_SECONDS_FOR_REASON = 30.0  # in which the worker that ended the run tells why


class Cluster:
    """A connection to a cluster, for one run; a context manager.

    Args:
        address: Of the scheduler, such as `tcp://10.0.0.1:8786`.
        settings: Sent to the workers with each segment.

    Attributes:
        spending: What the workers have sent.
        failure_reason: Why the remote cache did not accept some audio, which was then stored on this machine; None if
            it accepted all.
        limit_notice: Why another number of requests at once is used than the settings name; None if it is theirs.

    Raises:
        SettingError: There is no such scheduler, it has no workers, or the package distributed is not installed.
    """

    def __init__(self, address: str, settings: RunSettings) -> None:
        if find_spec("distributed") is None:
            raise SettingError(
                "--scheduler", "needs the package distributed: pip install 'mkdocs-lightning[distributed]'"
            )
        self._address = address
        self._settings = settings
        self._at_workers: set[str] = set()  # keys of the segments that were submitted and have no answer yet
        self.spending = Spending()
        self.failure_reason: StoreError | None = None
        self.limit_notice: str | None = None

    def __enter__(self) -> Self:
        self._client = _connect(self._address)
        try:
            _wait_for_a_worker(self._client, self._address)
            self._watch = WorkerWatch(self._client)
            self._runs = semaphore_of(self._client, f"{leases_name(self._settings.base_url)}-runs", _MAX_RUNS)
            self._runs.acquire()  # held to the end of the run, so that others know of it
            self._leases = self._agree_on_leases()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, RuntimeError):  # a lost scheduler takes no lease back
            if self._is_connected:
                self._runs.release()
        for semaphore in (self._leases, self._runs):
            stop_renewing(self._client, semaphore)
        self._client.close()  # the scheduler forgets the tasks that have not started

    def _agree_on_leases(self) -> Any:  # noqa: ANN401 - distributed's own
        """The semaphore of the service. While another run uses it, its number of leases stays.

        Raises:
            SettingError: The other run's number is not known.
        """
        name, wanted = leases_name(self._settings.base_url), self._settings.concurrency
        try:
            return semaphore_of(self._client, name, wanted)
        except ValueError as error:  # it has another number
            present = _NUMBER.search(str(error))
        if self._runs.get_value() <= 1 and not self._client.sync(self._client.scheduler.semaphore_value, name=name):
            self._client.sync(self._client.scheduler.semaphore_close, name=name)
            return semaphore_of(self._client, name, wanted)
        if present is None:
            raise SettingError("concurrency", "another run on this cluster uses another number; set the same one")
        limit = int(present[1])
        self.limit_notice = (
            f"concurrency: another run on this cluster makes {limit} requests at once, so {limit} are made by both "
            f"together, and not {wanted}"
        )
        self._settings = replace(self._settings, concurrency=limit)
        return semaphore_of(self._client, name, limit)

    @property
    def in_flight(self) -> int:
        """Number of requests in flight now, on all workers."""
        with suppress(OSError):  # a lost scheduler is reported by the segments
            return int(self._leases.get_value()) if self._is_connected else 0
        return 0

    def synthesize(self, segments: Sequence[Segment], store: Store) -> Generator[Result, None, None]:
        """Synthesize segments on the workers; yields one result for each, without audio, in the order of arrival.

        Closing the generator, or leaving it by an exception such as Ctrl-C, starts no further request.

        Args:
            segments: Without duplicates.
            store: Stores on this machine the audio that the remote cache did not accept, after which the run ends;
                called from several threads.
        """
        max_tasks = _TASKS_PER_LEASE * self._settings.concurrency

        def process(segment: Segment, stopped: threading.Event) -> Result | None:
            answer = None if stopped.is_set() else self._ask_worker(segment)
            if answer is None or (isinstance(answer.error, RunEndedError) and stopped.wait(_SECONDS_FOR_REASON)):
                return None
            if answer.unstored is None:
                return Result(segment, error=answer.error, was_cached=answer.was_cached)
            assert isinstance(answer.error, StoreError)
            run.abort(answer.error)
            self._store(segment, answer.unstored, store)
            self.failure_reason = answer.error
            return Result(segment)

        run = Run(process, max_workers=lambda: max_tasks, give_up_after=GIVE_UP_AFTER, wake=self._end_run)
        run.add(segments)
        yield from run.results()

    def _ask_worker(self, segment: Segment) -> Answer:
        """Submit one segment, and wait for the answer.

        Raises:
            TransientError: All workers that tried it have died.
            EngineStoppedError: No worker can do it.
        """
        from distributed import KilledWorker

        self._at_workers.add(segment.key)
        try:
            answer = self._answer_to(segment)
        except KilledWorker:
            raise TransientError(
                "every worker that tried it ended unexpectedly; see the workers' logs and their memory use"
            ) from None
        except Exception as error:
            if not self._is_connected:
                raise EngineStoppedError(
                    f"the connection to the scheduler {self._address} was lost; what is stored is not paid for again"
                ) from error
            raise EngineStoppedError(
                f"a worker failed ({type(error).__name__}: {error}); "
                f"all workers need mkdocs-lightning[distributed] {installed_version()} and the same Python"
            ) from error
        finally:
            self._at_workers.discard(segment.key)
        if isinstance(answer, str):
            raise EngineStoppedError(answer)
        assert isinstance(answer, Answer)
        self.spending.add(answer.answered, answer.refused)
        return answer

    def _answer_to(self, segment: Segment) -> object:
        """What a worker answers; if one falls silent, another worker is asked."""
        task = json.dumps([asdict(self._settings), segment.engine, asdict(segment.voice), segment.text])
        workers: list[str] | None = None  # any
        for number in itertools.count():
            key = f"{self._settings.run}-{segment.key}-{number}"
            future = self._client.submit(run_task, installed_version(), task, key=key, pure=False, workers=workers)
            workers = None
            while workers is None:
                try:
                    return future.result(timeout=WATCH_SECONDS)
                except TimeoutError:
                    if future.done():  # the task's own
                        raise
                    workers = self._watch.others_than_the_silent_one(key)
            future.release()  # a silent worker that comes back finds what the other has stored
        raise AssertionError

    @property
    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    def _store(self, segment: Segment, data: bytes, store: Store) -> None:
        from mkdocs_lightning.audio.flac import from_flac

        audio = from_flac(data, segment.key, requires_key=True)
        if audio is None:
            raise TransientError("the audio that a worker sent is damaged")
        store(segment, audio)

    def _end_run(self) -> None:
        """Make all workers start no further request."""
        if self._at_workers and self._is_connected:
            from distributed import Event

            with suppress(OSError):  # without a scheduler there are no workers either
                Event(self._settings.run, client=self._client).set()


def _connect(address: str) -> Any:  # noqa: ANN401 - distributed's own client, where it is installed
    """Connect to a scheduler.

    Raises:
        SettingError: There is none at this address.
    """
    import asyncio

    from distributed import Client
    from distributed.comm.core import connect

    # Our own messages replace its logs. Set here, as importing distributed sets the levels of its loggers.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    async def probe() -> None:
        """Check that something answers; a `Client` takes half a minute to find out that nothing does."""
        async with asyncio.timeout(CONNECT_SECONDS):
            (await connect(address, timeout=CONNECT_SECONDS)).abort()

    try:
        asyncio.run(probe())
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (ValueError, TypeError) as error:  # such as TLS, which Dask's own configuration sets up
        raise SettingError("--scheduler", f"{address!r} cannot be used: {error}") from None
    except OSError:
        raise SettingError(
            "--scheduler", f"no Dask scheduler answers at {address}; start one with: dask scheduler"
        ) from None


def _wait_for_a_worker(client: Any, address: str) -> None:  # noqa: ANN401 - distributed's own
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise SettingError(
            "--scheduler", f"the scheduler {address} has no workers; start some: dask worker {address}"
        ) from None
