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
import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from mkdocs_lightning.base.errors import SettingError, StoreError
from mkdocs_lightning.engines import EngineStoppedError, TransientError
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
    from collections.abc import Generator, Sequence

    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.synthesis.synthesizer import Store

CONNECT_SECONDS = 15.0
"""Seconds in which a scheduler has to answer, and a first worker to be there."""

WATCH_SECONDS = 5.0
"""Seconds between two looks at the workers."""

SILENT_SECONDS = 20.0
"""Seconds after which a worker that the scheduler does not hear from counts as silent. Its leases are lost before.

A worker reports each half second, and on a cluster of 2,000 workers every eleven seconds.
"""

_MAX_RUNS = 10_000  # at once on one cluster: enough never to wait
_NUMBER = re.compile(r"expected: (\d+)")  # the number of leases, in distributed's message
_log = logging.getLogger("mkdocs_lightning")
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
            f"concurrency: another run on this cluster makes {limit} requests at once, so both together "
            f"make {limit}, not {wanted}"
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
                except (TimeoutError, UnboundLocalError):  # the latter if another wait's end has ended this one, too:
                    # https://github.com/dask/distributed/issues/8514
                    if future.status in {"error", "cancelled"}:
                        return future.result()  # which raises the task's own error
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


class WorkerWatch:
    """Looks now and then at which workers the scheduler hears from. Thread-safe.

    Args:
        client: Of distributed, connected to the scheduler.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - distributed's own
        self._client = client
        self._lock = threading.Lock()  # guards the fields below
        self._looked_at = 0.0
        self._last_seen: dict[str, tuple[float, float]] = {}  # by worker: by the scheduler's clock, when that was new
        self._tasks: dict[str, set[str]] = {}  # by worker: keys of the tasks that it has, also of finished ones
        self._told: set[str] = set()  # workers

    def others_than_the_silent_one(self, key: str) -> list[str] | None:
        """The workers that answer, if the one that has a task does not.

        A worker keeps the result of a task that it has finished until the client fetches it.

        Args:
            key: The task's.

        Returns:
            Addresses; None if the task's worker answers, or is not known, or no other one does.
        """
        with self._lock:
            if time.monotonic() - self._looked_at >= WATCH_SECONDS:
                self._look()
            silent = {worker for worker in self._last_seen if self._is_silent(worker)}
            holders = {worker for worker in silent if key in self._tasks.get(worker, ())}
            others = sorted(self._last_seen.keys() - silent)
            if holders:
                self._tell(holders, has_others=bool(others))
            return others or None if holders else None

    def _look(self) -> None:
        now = self._looked_at = time.monotonic()
        workers = self._client.sync(self._client.scheduler.identity)["workers"]
        seen = {address: float(worker["last_seen"]) for address, worker in workers.items()}
        before = self._last_seen
        self._last_seen = {
            address: before[address] if before.get(address, (None,))[0] == moment else (moment, now)
            for address, moment in seen.items()
        }
        processing, finished = self._client.processing(), self._client.has_what()
        self._tasks = {
            worker: {*map(str, processing.get(worker, ())), *map(str, finished.get(worker, ()))} for worker in seen
        }

    def _is_silent(self, worker: str) -> bool:
        return self._looked_at - self._last_seen[worker][1] >= SILENT_SECONDS

    def _tell(self, workers: set[str], *, has_others: bool) -> None:
        what = "its sentences go to other workers" if has_others else "no other worker can take its sentences"
        for worker in sorted(workers - self._told):
            _log.warning("worker %s has not answered for %.0f s; %s", worker, SILENT_SECONDS, what)
        self._told |= workers


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
        raise SettingError("--scheduler", f"{address!r} cannot be used: {error}. Correct it, or set up TLS") from None
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
