"""What a worker of a Dask cluster does for one segment, with the API key of its own environment.

It looks in the remote cache for the segment, synthesizes it as a single machine would, and stores it.

Pickles name classes by their modules, which differ between versions. So the arguments of a task are plain texts, and
`run_task` compares the versions before it builds anything from them.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from mkdocs_lightning.base.errors import LightningError, SettingError, StoreError
from mkdocs_lightning.cache.clip_record import segment_name
from mkdocs_lightning.cache.local import is_audio_of
from mkdocs_lightning.cache.remote import SEGMENTS, Remote, Unread
from mkdocs_lightning.cache.remote_stores import RemoteMode
from mkdocs_lightning.engines import API_KEY_VARIABLE, Engine, EngineOptions, EngineStoppedError, make_engine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import Voice
from mkdocs_lightning.synthesis.policy import Budget, Policy, Spending
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_lightning.audio.samples import Audio

LEASE_SECONDS = 15.0
"""Seconds after which the lease of a silent worker is free; a worker renews its lease five times in that time. The
scheduler checks every `distributed.scheduler.locks.lease-validation-interval`, ten seconds by default."""

_CLAIM_DIGITS = 3  # of a segment's key: few enough names for a scheduler, and few segments that wait for a neighbor
_STORE_TRIES = 3
_STORE_WAIT = 1.0  # seconds between two tries
_LEASE_TIMEOUT = "distributed.scheduler.locks.lease-timeout"  # sent to the scheduler when the semaphore is registered
_sessions_lock = threading.Lock()


def installed_version() -> str:
    """The version of this package."""
    return metadata.version("mkdocs-lightning")


class RunEndedError(EngineStoppedError):
    """The run has ended; no request was sent for this segment."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What workers need to know of a run; the same for all of its segments.

    Attributes:
        engine: The name by which `make_engine` finds it.
        base_url: Address of the service.
        timeout: Seconds for one request.
        retries: Further tries of one segment.
        concurrency: Maximum number of requests in flight on all workers together, whichever run they are for.
        remote_cache: Address of the store; each worker has its own credentials for it.
        has_budget: Whether the run has one. Then a worker may have no more than one try of a segment answered with
            audio, as the client has asked its budget for each segment once.
        run: Identifies the run among others on the same cluster.
    """

    engine: str
    base_url: str
    timeout: float
    retries: int
    concurrency: int
    remote_cache: str
    has_budget: bool = False
    run: str = field(default_factory=lambda: f"lightning-{uuid.uuid4().hex}")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a segment ended on a worker.

    Attributes:
        was_cached: Whether the remote cache had it, so that nothing was sent.
        error: Why it is not in the remote cache; None if it is.
        unstored: Its FLAC file, if it was paid for and could not be stored.
        answered: Characters that the service answered with audio, in all tries.
        refused: Those of them whose audio could not be used.
    """

    was_cached: bool = False
    error: LightningError | None = None
    unstored: bytes | None = None
    answered: int = 0
    refused: int = 0


def run_task(version: str, task: str) -> Answer | str:
    """Synthesize one segment and store it in the remote cache.

    Clients of other versions call it, too: its module, name and arguments must stay as they are.

    Args:
        version: Of this package on the client.
        task: JSON, whose form belongs to the version: settings, engine, voice and text.

    Returns:
        How it ended; as text, why a worker of this version cannot do it.
    """
    from distributed import get_worker

    worker = get_worker()
    name = f"worker {worker.address}"
    if version != installed_version():
        return f"{name}: mkdocs-lightning is {installed_version()} here, and {version} where the command runs"
    settings, engine, voice, text = json.loads(task)
    voice["pronunciation_dicts"] = tuple(voice["pronunciation_dicts"])  # a list in JSON
    try:
        with _sessions_lock:
            session = _session_of(RunSettings(**settings), worker)
        return session.synthesize(Segment(engine, Voice(**voice), text))
    except SettingError as error:
        return Answer(error=EngineStoppedError(f"{name}: {error.setting}: {error}"))


class _Session:
    """What a worker process needs for the segments of one run. Thread-safe."""

    def __init__(self, settings: RunSettings, worker: Any) -> None:  # noqa: ANN401 - distributed's own
        options = EngineOptions(os.environ.get(API_KEY_VARIABLE), settings.base_url, settings.timeout)
        self._name = f"worker {worker.address}"
        self._has_budget = settings.has_budget
        self._worker = worker
        self._claims = f"lightning-claim-{_digest_of(settings.remote_cache)}"
        self._remote = Remote(settings.remote_cache, RemoteMode.WRITE)
        self._leased = _LeasedEngine(make_engine(settings.engine, options), settings, worker, self._read)
        self._synthesizer = Synthesizer(
            self._leased, Policy(concurrency=settings.concurrency, retries=settings.retries)
        )

    def synthesize(self, segment: Segment) -> Answer:
        """Store one segment in the remote cache, unless it is there already.

        The segment is claimed on the whole cluster, and is looked up again before anything is sent: another run may
        have stored it meanwhile.
        """
        try:
            if self._read(segment) is not None:
                return Answer(was_cached=True)
            if not self._remote.may_write:
                return Answer(error=self._store_error())
            if reason := self._leased.unavailable_reason:
                return Answer(error=EngineStoppedError(f"{self._name}: {reason}"))
            with claimed(self._worker, f"{self._claims}-{segment.key[:_CLAIM_DIGITS]}"):
                return self._synthesize(segment)
        except StoreError as error:
            return Answer(error=error)

    def _synthesize(self, segment: Segment) -> Answer:
        spending = Spending(Budget(len(segment.text) if self._has_budget else None))
        (result,) = self._synthesizer.run([segment], spending=spending)
        if self._leased.has_found(segment):
            return Answer(was_cached=True)
        if isinstance(result.error, StoreError):
            raise result.error
        if result.audio is None:
            answer = Answer(error=self._with_name(result.error))
        else:
            answer = self._store(segment, result.audio)
        return replace(answer, answered=spending.answered, refused=spending.refused)

    def _read(self, segment: Segment) -> Audio | None:
        """A segment's audio in the remote cache; None if it is not there, or is damaged.

        Raises:
            StoreError: The remote cache does not say, so that it might be paid for twice.
        """
        from mkdocs_lightning.audio.flac import from_flac

        ((_, data),) = self._remote.read(SEGMENTS, [segment_name(segment)])
        if data is Unread.FAILED:
            reason = self._remote.failure_reason or self._remote.read_failure_reason
            raise StoreError(f"{self._name} cannot read remote_cache {self._remote.url}: {reason}")
        if isinstance(data, Unread) or not is_audio_of(segment, data):
            return None
        return from_flac(data, segment.key, requires_key=True)

    def _store(self, segment: Segment, audio: Audio) -> Answer:
        from mkdocs_lightning.audio.flac import to_flac

        data = to_flac(audio, segment.key)
        for tries_left in reversed(range(_STORE_TRIES)):
            if self._remote.write(SEGMENTS, segment_name(segment), data):
                return Answer()
            if tries_left and self._remote.may_write:
                time.sleep(_STORE_WAIT)
        return Answer(error=self._store_error(), unstored=data)

    def _store_error(self) -> StoreError:
        reason = self._remote.write_failure_reason or self._remote.failure_reason or "every try failed"
        return StoreError(f"{self._name} cannot store audio in remote_cache {self._remote.url}: {reason}")

    def _with_name(self, error: LightningError | None) -> LightningError | None:
        """Name the worker in an error that ends the run: the reason may be this worker's alone, such as its key."""
        if isinstance(error, EngineStoppedError) and not isinstance(error, RunEndedError):
            return EngineStoppedError(f"{self._name}: {error}", error.request_id)
        return error


class _LeasedEngine(Engine):
    """An engine that holds one of the cluster's leases during each request, but not while it waits or stores.

    Args:
        engine: Sends the requests.
        settings: Of the run.
        worker: Of distributed.
        look_up: The audio of a segment that is stored meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        settings: RunSettings,
        worker: Any,  # noqa: ANN401 - distributed's own
        look_up: Callable[[Segment], Audio | None],
    ) -> None:
        self.name = engine.name
        self.max_concurrency = engine.max_concurrency
        self._engine = engine
        self._run = settings.run
        self._worker = worker
        self._leases = _worker_leases(worker, leases_name(settings.base_url), settings.concurrency)
        self._look_up = look_up
        self._found: set[str] = set()  # keys

    @property
    def unavailable_reason(self) -> str | None:
        """As the engine's own."""
        return self._engine.unavailable_reason

    def has_found(self, segment: Segment) -> bool:
        """Whether a segment was stored by somebody else, so that nothing was sent; asked once for each."""
        is_found = segment.key in self._found
        self._found.discard(segment.key)
        return is_found

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Synthesize one text, as soon as a lease is free; or return what is stored by then.

        Raises:
            RunEndedError: A worker or the client has ended the run; nothing was sent.
            StoreError: The remote cache does not say whether it has the segment; nothing was sent.
            EngineError: As the engine raises it.
        """
        from distributed.utils import sync

        loop, scheduler = self._worker.loop, self._worker.scheduler
        segment = Segment(self.name, voice, text)
        with self._leases:
            if sync(loop, scheduler.event_is_set, name=self._run):
                raise RunEndedError("a worker ended the run, and was lost before it could say why")
            if (stored := self._look_up(segment)) is not None:
                self._found.add(segment.key)
                return stored
            try:
                return self._engine.synthesize(text, voice)
            except EngineStoppedError:
                sync(loop, scheduler.event_set, name=self._run)  # while the lease is held: no other request starts
                raise


def leases_name(base_url: str) -> str:
    """The name of the semaphore for one service, which all runs on a cluster share."""
    return f"lightning-{_digest_of(base_url)}"


def semaphore_of(member: Any, name: str, leases: int) -> Any:  # noqa: ANN401 - distributed's own client, worker and semaphore
    """A semaphore of the cluster, for a client or a worker; `ValueError` if it has another number of leases."""
    import dask
    from distributed import Semaphore

    with dask.config.set({_LEASE_TIMEOUT: f"{LEASE_SECONDS} s"}):  # read when it is made, and when it is registered
        semaphore = Semaphore(leases, name, member.scheduler, member.loop)
        try:
            semaphore.register()
        except BaseException:
            stop_renewing(member, semaphore)
            raise
    return semaphore


def stop_renewing(member: Any, semaphore: Any) -> None:  # noqa: ANN401 - distributed's own
    """Have a semaphore renew its leases no longer."""
    member.loop.add_callback(semaphore.refresh_callback.stop)


@contextmanager
def claimed(member: Any, name: str) -> Iterator[None]:  # noqa: ANN401 - distributed's own
    """Be the only one on the cluster that holds a name; one who is silent loses it after `LEASE_SECONDS`."""
    claim = semaphore_of(member, name, 1)
    try:
        with claim:
            yield
    finally:
        stop_renewing(member, claim)


def _digest_of(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]


# One of each in a process: a session has the throttle of its run, and a semaphore renews its leases while it lives.
_session_of = lru_cache(maxsize=4)(_Session)
_worker_leases = lru_cache(semaphore_of)
