"""Speaking segments on a Dask cluster that somebody else runs: one task a segment, stored before it counts as done.

This side, the client's, keeps a bounded number of tasks at the scheduler. A worker looks whether the remote cache has
the segment, speaks it as one machine would, with the key of its own environment, and stores it. All workers
share the leases of one semaphore, one for each request: that is the account's limit, wherever the requests are made.

What goes through the scheduler: texts, voices, the addresses of the service and of the remote cache, what went wrong,
and, where the remote cache did not take it, the audio. Never a key.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from mkdocs_lightning.base.errors import LightningError, SettingError, StoreError
from mkdocs_lightning.cache.local import is_audio_of, segment_name
from mkdocs_lightning.cache.remote import SEGMENTS, Remote
from mkdocs_lightning.cache.remote_stores import RemoteMode
from mkdocs_lightning.engines import (
    API_KEY_VARIABLE,
    Engine,
    EngineOptions,
    EngineStoppedError,
    TransientError,
    make_engine,
)
from mkdocs_lightning.synthesis.policy import GIVE_UP_AFTER, Policy
from mkdocs_lightning.synthesis.run import Result, Run
from mkdocs_lightning.synthesis.synthesizer import Store, Synthesizer

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.voice import Voice

CONNECT_SECONDS = 15.0
"""For a scheduler to answer, and for a first worker to be there."""

LEASE_SECONDS = 15.0
"""After which the lease of a worker that says nothing any more is another's; a worker says so five times in that time.
The scheduler looks every `distributed.scheduler.locks.lease-validation-interval`, ten seconds by default."""

_TASKS_A_LEASE = 4  # one asks, others look, store and are on their way
_SECONDS_TO_HEAR = 30.0  # why a worker has ended the run, from itself
_STORE_TRIES = 3
_STORE_WAIT = 1.0  # seconds between two of them
_LEASE_TIMEOUT = "distributed.scheduler.locks.lease-timeout"  # whoever registers the semaphore says it to the scheduler

_making = threading.Lock()


def installed_version() -> str:
    """The version of this package."""
    return metadata.version("mkdocs-lightning")


class CalledOffError(EngineStoppedError):
    """The run has ended: this segment was not asked for."""


@dataclass(frozen=True, slots=True)
class Order:
    """What workers have to know of a run; the same for all of its segments.

    Attributes:
        engine: The name under which it is found.
        base_url: Where the service is.
        timeout: Seconds for one request.
        retries: Further tries of one segment.
        concurrency: Most requests in flight, of all workers together.
        remote_cache: The address of the store; each worker has its own credentials for it.
        run: Tells it from other runs on the same cluster.
        version: Of this package, which is to be the workers', too.
    """

    engine: str
    base_url: str
    timeout: float
    retries: int
    concurrency: int
    remote_cache: str
    run: str = field(default_factory=lambda: f"lightning-{uuid.uuid4().hex}")
    version: str = field(default_factory=installed_version)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker has to say of one segment.

    Attributes:
        is_new: Whether it was asked for; False where the remote cache had it.
        error: Why it is not in the remote cache.
        unstored: Its FLAC file, where it was paid for and could not be stored.
    """

    is_new: bool = False
    error: LightningError | None = None
    unstored: bytes | None = None


# The client's side


class Cluster:
    """A cluster, as long as a run lasts; a context manager.

    Args:
        address: The scheduler's, such as `tcp://10.0.0.1:8786`.
        order: What its workers are told.

    Attributes:
        failure_reason: Why the remote cache did not take what was spoken, which is kept here then; None while it does.

    Raises:
        SettingError: There is no such scheduler, or no worker, or the package is missing.
    """

    def __init__(self, address: str, order: Order) -> None:
        if find_spec("distributed") is None:
            raise SettingError(
                "--scheduler", "needs the package distributed: pip install 'mkdocs-lightning[distributed]'"
            )
        self._address = address
        self._order = order
        self._waiting: set[str] = set()  # keys of segments that a worker has, or is to have
        self.failure_reason: StoreError | None = None

    def __enter__(self) -> Self:
        self._client = _connect(self._address)
        try:
            self._wait_for_a_worker()
            self._leases = _leases_of(self._client, self._order.concurrency)
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leases.refresh_callback.stop()
        self._client.close()  # what was not begun by then is forgotten

    @property
    def in_flight(self) -> int:
        """How many requests there are now."""
        with suppress(OSError):  # whether the scheduler is still there is told by the segments
            return int(self._leases.get_value()) if self._is_connected else 0
        return 0

    def synthesize(self, segments: Sequence[Segment], store: Store) -> Generator[Result, None, None]:
        """Have segments spoken; one result for each, in the order in which they end, without audio.

        To close the generator, or to leave it by an exception such as Ctrl-C, starts nothing more.

        Args:
            segments: Each once.
            store: Stores the audio that the remote cache did not take, and then the run ends; called from several
                threads.
        """
        most = _TASKS_A_LEASE * self._order.concurrency

        def work_on(segment: Segment, stopped: threading.Event) -> Result | None:
            answer = None if stopped.is_set() else self._ask(segment)
            if answer is None or (isinstance(answer.error, CalledOffError) and stopped.wait(_SECONDS_TO_HEAR)):
                return None
            if answer.unstored is None:
                return Result(segment, error=answer.error, is_new=answer.is_new)
            assert isinstance(answer.error, StoreError)
            run.end(answer.error)
            self._store(segment, answer.unstored, store)
            self.failure_reason = answer.error
            return Result(segment)

        run = Run(work_on, most_workers=lambda: most, give_up_after=GIVE_UP_AFTER, wake=self._call_off)
        run.add(segments)
        yield from run.results()

    def _ask(self, segment: Segment) -> Answer:
        """Have one segment spoken by some worker."""
        from distributed import KilledWorker

        self._waiting.add(segment.key)
        try:
            future = self._client.submit(
                synthesize, self._order, segment, key=f"{self._order.run}-{segment.key}", pure=False
            )
            answer = future.result()
        except KilledWorker:
            words = "each worker that had it has ended unexpectedly; see the workers' logs, and their memory"
            raise TransientError(words) from None
        except Exception as error:
            raise EngineStoppedError(self._words(error)) from error
        finally:
            self._waiting.discard(segment.key)
        assert isinstance(answer, Answer)
        return answer

    @property
    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    def _words(self, error: Exception) -> str:
        if not self._is_connected:
            return f"the connection to the scheduler {self._address} was lost; what is stored is not paid for again"
        return (
            f"a worker failed ({type(error).__name__}: {error}); "
            f"all of them need mkdocs-lightning[distributed] {installed_version()}, and the same Python"
        )

    def _store(self, segment: Segment, data: bytes, store: Store) -> None:
        from mkdocs_lightning.audio.flac import from_flac

        audio = from_flac(data, segment.key, requires_key=True)
        if audio is None:
            raise TransientError("the audio that a worker sent is damaged")
        store(segment, audio)

    def _call_off(self) -> None:
        """Let no worker begin another request."""
        if self._waiting and self._is_connected:
            from distributed import Event

            with suppress(OSError):  # a scheduler that is not there any more has no workers either
                Event(self._order.run, client=self._client).set()

    def _wait_for_a_worker(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise SettingError(
                "--scheduler", f"the scheduler {self._address} has no workers; start some: dask worker {self._address}"
            ) from None


def _connect(address: str) -> Any:  # noqa: ANN401 - distributed's own client, where it is installed
    """A client of a scheduler.

    Raises:
        SettingError: There is none at this address.
    """
    import asyncio

    from distributed import Client
    from distributed.comm.core import connect

    # What it has to say is said here. Not earlier: its import sets the levels of its loggers.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    async def knock() -> None:
        """A client that finds nobody needs half a minute to say so."""
        async with asyncio.timeout(CONNECT_SECONDS):
            (await connect(address, timeout=CONNECT_SECONDS)).abort()

    try:
        asyncio.run(knock())
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (ValueError, TypeError) as error:  # TLS is set up by Dask's own configuration
        raise SettingError("--scheduler", f"{address!r} cannot be used: {error}") from None
    except OSError:
        raise SettingError(
            "--scheduler", f"no Dask scheduler answers at {address}; start one with: dask scheduler"
        ) from None


def _leases_of(member: Any, concurrency: int) -> Any:  # noqa: ANN401 - distributed's own client, worker and semaphore
    """The semaphore that all runs of one limit share on a cluster, as one member of it sees it."""
    import dask
    from distributed import Semaphore

    with dask.config.set({_LEASE_TIMEOUT: f"{LEASE_SECONDS} s"}):  # read when it is made, and when it is registered
        leases = Semaphore(concurrency, f"lightning-{concurrency}", member.scheduler, member.loop)
        leases.register()
    return leases


# The workers' side


def synthesize(order: Order, segment: Segment) -> Answer:
    """Have one segment in the remote cache; what a task does, on a worker.

    Args:
        order: Of the run.
        segment: That the remote cache did not have when the run began.
    """
    from distributed import get_worker

    worker = get_worker()
    try:
        with _making:
            bench = _bench_of(order, worker)
        return bench.synthesize(segment)
    except SettingError as error:
        return Answer(error=EngineStoppedError(f"worker {worker.address}: {error.setting}: {error}"))


class _Bench:
    """What a worker process speaks the segments of a run with; safe to use from all of its threads."""

    def __init__(self, order: Order, worker: Any) -> None:  # noqa: ANN401 - distributed's own
        if order.version != installed_version():
            words = f"mkdocs-lightning is {installed_version()} here, and {order.version} where the command runs"
            raise SettingError("version", words)
        options = EngineOptions(os.environ.get(API_KEY_VARIABLE), order.base_url, order.timeout)
        self._place = f"worker {worker.address}"
        self._engine = make_engine(order.engine, options)
        self._remote = Remote(order.remote_cache, RemoteMode.WRITE)
        self._synthesizer = Synthesizer(
            _Leased(self._engine, order, worker), Policy(concurrency=order.concurrency, retries=order.retries)
        )

    def synthesize(self, segment: Segment) -> Answer:
        """Have one segment stored, and spoken before if nobody has."""
        if self._is_stored(segment):
            return Answer()
        if not self._remote.may_write:
            return Answer(error=self._store_error())
        if self._engine.unavailable_reason:
            return Answer(error=EngineStoppedError(f"{self._place}: {self._engine.unavailable_reason}"))
        (result,) = self._synthesizer.run([segment])
        if result.audio is None:
            return Answer(error=self._placed(result.error))
        return self._stored(segment, result.audio)

    def _is_stored(self, segment: Segment) -> bool:
        found = self._remote.read(SEGMENTS, [segment_name(segment)])
        return any(data is not None and is_audio_of(segment, data) for _, data in found)

    def _stored(self, segment: Segment, audio: Audio) -> Answer:
        from mkdocs_lightning.audio.flac import to_flac

        data = to_flac(audio, segment.key)
        for tries_left in reversed(range(_STORE_TRIES)):
            if self._remote.write(SEGMENTS, segment_name(segment), data):
                return Answer(is_new=True)
            if tries_left and self._remote.may_write:
                time.sleep(_STORE_WAIT)
        return Answer(is_new=True, error=self._store_error(), unstored=data)

    def _store_error(self) -> StoreError:
        reason = self._remote.write_failure_reason or self._remote.failure_reason or "it fails again and again"
        return StoreError(f"{self._place} cannot store what it speaks in remote_cache {self._remote.url}: {reason}")

    def _placed(self, error: LightningError | None) -> LightningError | None:
        """What ends a run may be one worker's fault, such as its key: say whose."""
        if isinstance(error, EngineStoppedError) and not isinstance(error, CalledOffError):
            return EngineStoppedError(f"{self._place}: {error}", error.request_id)
        return error


class _Leased(Engine):
    """An engine that holds one of the cluster's leases for each request, and none while it waits or stores."""

    def __init__(self, engine: Engine, order: Order, worker: Any) -> None:  # noqa: ANN401 - distributed's own
        self.name = engine.name
        self.max_concurrency = engine.max_concurrency
        self._engine = engine
        self._run = order.run
        self._worker = worker
        self._leases = _worker_leases(worker, order.concurrency)

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text, when it is this request's turn among those of all workers."""
        from distributed.utils import sync

        loop, scheduler = self._worker.loop, self._worker.scheduler
        with self._leases:
            if sync(loop, scheduler.event_is_set, name=self._run):
                raise CalledOffError("a worker has ended the run, and was lost before it could say why")
            try:
                return self._engine.synthesize(text, voice)
            except EngineStoppedError:
                sync(loop, scheduler.event_set, name=self._run)  # before this lease ends, and another begins
                raise


@lru_cache(maxsize=4)  # runs that go on at the same time, and so each worker's throttle is one
def _bench_of(order: Order, worker: Any) -> _Bench:  # noqa: ANN401 - distributed's own
    return _Bench(order, worker)


_worker_leases = lru_cache(_leases_of)  # one in a process: each says for as long as that lives that it is there
