"""`synth --scheduler` on a real Dask cluster of several processes: what is paid for, and who sees the key."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from distributed import Client

from mkdocs_lightning.synthesis.cluster_worker import installed_version, run_task
from tests.support.commands import plan, printed, run
from tests.support.dask_cluster import DaskCluster
from tests.support.holding import Holding
from tests.support.s3 import BUCKET, FORBIDDEN, S3
from tests.support.service import Failure, Service
from tests.support.sites import KEY, Site
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.service import Answer, Json

WORKERS = ("one", "two", "three", "four")
MINE = "sk_LEAKME_the_authors_own"
"""A key that this machine has, in mkdocs.yml, and that no worker is to see."""
SENTENCES = [f"This is sentence number {n} of a site that many machines speak." for n in range(24)]
PATIENCE = 180.0  # seconds
SYNTH = "from mkdocs_lightning.cli.command import main; main()"
OLD_SYNTH = f"from mkdocs_lightning.synthesis import cluster; cluster.installed_version = lambda: '0.0.1'; {SYNTH}"
INTERRUPTED_SYNTH = f"""\
from distributed import Future
result, interrupted = Future.result, set()
def interrupted_once(future, timeout=None):
    if future.key in interrupted:
        return result(future, timeout)
    interrupted.add(future.key)
    raise UnboundLocalError
Future.result = interrupted_once
{SYNTH}"""
"""With each wait for an answer ended as distributed may end it: when another one has waited long enough."""

pytestmark = pytest.mark.slow
stops_processes = pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no process")


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with S3() as running:
        yield running


@pytest.fixture(scope="module")
def shared_cluster(s3: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("dask"), s3.environment()) as running:
        for name in WORKERS:
            running.start_worker(name, SMALLEST_API_KEY=KEY)
        running.wait_for(*WORKERS)
        yield running


@pytest.fixture
def cluster(shared_cluster: DaskCluster, s3: S3, monkeypatch: pytest.MonkeyPatch) -> DaskCluster:
    """Four workers of four threads, and this machine in its environment."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    s3.may_write = True
    shared_cluster.wire.forget()
    return shared_cluster


@pytest.fixture
def large(site: Site, tmp_path: Path) -> Site:
    """A site whose sentences stand in blocks of four."""
    remote = f"s3://{BUCKET}/{tmp_path.name}"
    site.options |= {"api_key": MINE, "sample_rate": 8000, "concurrency": 3, "remote_cache": remote}
    blocks = [":::speak\n" + "\n\n".join(SENTENCES[n : n + 4]) + "\n:::\n" for n in range(0, len(SENTENCES), 4)]
    site.write({"index.md": "\n".join(blocks)})
    return site


def start(site: Site, cluster: DaskCluster | str, program: str = SYNTH, /, **options: object) -> subprocess.Popen[str]:
    """The command, as a process of its own."""
    address = cluster if isinstance(cluster, str) else cluster.address
    command = [sys.executable, "-c", program, "-f", site.write_config(**options), "synth", "--scheduler", address]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@dataclass(frozen=True)
class Ended:
    code: int
    said: str
    complained: str


def end(process: subprocess.Popen[str]) -> Ended:
    try:
        said, complained = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()  # or it would ask on beside the next test
        process.communicate()
        raise
    assert "Traceback" not in complained, complained
    warned = "".join(line for line in complained.splitlines(keepends=True) if not line.startswith("INFO "))
    return Ended(process.returncode, said, warned)  # on a slow machine, there are lines of progress, too


def synth(site: Site, cluster: DaskCluster | str, **options: object) -> Ended:
    return end(start(site, cluster, **options))


def local_segments(site: Site) -> list[Path]:
    return sorted((site.root / ".cache").rglob("*.flac"))


def test_each_sentence_is_spoken_once_and_stored_within_one_limit(
    large: Site, cluster: DaskCluster, service: Service
) -> None:
    service.latency = 0.1  # in which a fourth could begin
    three = threading.Barrier(3)

    def meet(number: int, _body: Json) -> None:
        if number <= 3:
            three.wait(PATIENCE)

    service.faults = meet

    first = synth(large, cluster)

    characters = sum(map(len, SENTENCES))
    assert (first.code, first.complained) == (0, "")
    assert first.said.startswith(f"24 sentences: 0 cached, 24 synthesized ({characters:,} characters), ")
    assert Counter(service.spoken) == Counter(SENTENCES)
    assert service.peak == 3, "of 16 threads"
    assert {request.headers["authorization"] for request in service.requests} == {f"Bearer {KEY}"}
    assert local_segments(large) == []
    heard = cluster.wire.heard
    assert SENTENCES[7].encode() in heard, "else nothing was listened to"
    assert not [secret for secret in (KEY, MINE, "LEAKME") if secret.encode() in heard]

    again = synth(large, cluster)
    assert again.said.startswith("24 sentences: 24 cached, 0 synthesized (0 characters), ")
    assert plan(large)["missing"] == 0
    assert len(service.requests) == 24


def test_what_another_run_has_stored_meanwhile_is_not_paid_for(
    large: Site, cluster: DaskCluster, service: Service
) -> None:
    """Two at once: each looks before it asks, and both keep to one limit."""
    service.faults = holding = Holding(range(2, 3))
    slow = start(large, cluster, concurrency=1, timeout=PATIENCE)
    wait_until(lambda: holding.held, "the first run has spoken one, and asks for another")
    printed(large, "synth", "--shard=1/1", api_key=KEY, concurrency=4)
    holding.let_go.set()
    done = end(slow)

    assert done.code == 0
    new = int(done.said.split(" cached, ")[1].split(" synthesized")[0])
    assert 0 < new <= 5, "the first, and what four tasks had looked for before"
    assert f"24 sentences: {24 - new} cached" in done.said
    assert Counter(service.spoken).keys() == set(SENTENCES)


@pytest.mark.parametrize(("first", "second"), [(6, 6), (4, 6)])
def test_two_runs_at_once_pay_for_a_sentence_once_and_keep_one_limit(
    large: Site, cluster: DaskCluster, service: Service, first: int, second: int
) -> None:
    """Of one site, as by two jobs that begin together: both have the same sentences in the same order."""
    service.latency = 0.3
    other = Site(large.root / "other", large.options)
    other.write({"index.md": (large.root / "docs/index.md").read_text(encoding="utf-8")})
    runs = [start(site, cluster, concurrency=number) for site, number in ((large, first), (other, second))]
    done = [end(run) for run in runs]

    assert [run.code for run in done] == [0, 0], done
    assert Counter(service.spoken) == Counter(SENTENCES)
    used = {first} if first == second else {first, second}  # of whichever came first
    assert service.peak in used
    told = [run.complained for run in done if run.complained]
    assert len(told) == len(used) - 1
    for complaint in told:
        assert "another run on this cluster makes" in complaint


def test_the_limit_of_an_ended_run_is_not_that_of_the_next(large: Site, cluster: DaskCluster, service: Service) -> None:
    for number in (2, 5):
        large.write({"index.md": f":::speak\n{SENTENCES[number]} {SENTENCES[number + 1]}\n:::\n"})
        ended = synth(large, cluster, concurrency=number)
        assert (ended.code, ended.complained) == (0, "")
    assert len(service.spoken) == 4


def test_what_the_store_does_not_tell_is_not_paid_for(
    large: Site, cluster: DaskCluster, s3: S3, service: Service
) -> None:
    """It can be listed, and gives no file: nobody knows what is there."""
    s3.answer = lambda method, path: FORBIDDEN if method == "GET" and ".flac" in path else None
    try:
        ended = synth(large, cluster)
    finally:
        s3.answer = None
    assert ended.code == 1
    assert f"cannot read remote_cache {large.options['remote_cache']}: access is denied" in ended.complained
    assert service.requests == []


def test_a_wait_that_ends_with_another_one_is_begun_anew(large: Site, cluster: DaskCluster, service: Service) -> None:
    ended = end(start(large, cluster, INTERRUPTED_SYNTH))
    assert ended.code == 0, ended.complained
    assert Counter(service.spoken) == Counter(SENTENCES)


@stops_processes
def test_a_frozen_worker_is_named_and_its_sentences_are_given_to_others(
    large: Site, tmp_path: Path, service: Service
) -> None:
    (tmp_path / "dask").mkdir()
    remote = (tmp_path / "remote").as_uri()
    with DaskCluster(tmp_path / "dask", {}) as cluster:
        for name in ("one", "two"):
            cluster.start_worker(name, SMALLEST_API_KEY=KEY)
        cluster.wait_for("one", "two")
        service.faults = holding = Holding(range(5, 7))
        process = start(large, cluster, remote_cache=remote, timeout=PATIENCE)
        wait_until(lambda: holding.held, "it is in the middle")
        cluster.freeze("one")
        holding.let_go.set()
        ended = end(process)

    assert ended.code == 0, ended.complained
    assert re.search(
        r"worker tcp://127\.0\.0\.1:\d+ has not answered for 20 s; its sentences go to other workers", ended.complained
    )
    assert len(list((tmp_path / "remote").rglob("*.flac"))) == 24
    assert len(service.spoken) <= 24 + 3, "no more than was in flight"


@stops_processes
def test_what_a_worker_finished_before_it_froze_is_asked_of_another(
    large: Site, tmp_path: Path, service: Service
) -> None:
    """The scheduler takes such a task for done, and its result lies at a worker that hands nothing out."""
    (tmp_path / "dask").mkdir()
    large.write({"index.md": f":::speak\n{SENTENCES[0]}\n:::\n"})
    service.faults = holding = Holding(range(1, 2))
    with DaskCluster(tmp_path / "dask", {}) as cluster:
        cluster.start_worker("one", SMALLEST_API_KEY=KEY)
        cluster.wait_for("one")
        process = start(large, cluster, remote_cache=(tmp_path / "remote").as_uri(), timeout=PATIENCE)
        wait_until(lambda: holding.held, "the sentence is being synthesized")
        process.send_signal(signal.SIGSTOP)  # so that it fetches nothing
        holding.let_go.set()
        with Client(cluster.address, set_as_default=False) as observer:
            wait_until(lambda: any(observer.has_what().values()), "the worker has finished")
        cluster.start_worker("two", SMALLEST_API_KEY=KEY)
        cluster.wait_for("two")
        cluster.freeze("one")
        process.send_signal(signal.SIGCONT)
        ended = end(process)

    assert ended.code == 0, ended.complained
    assert "has not answered for 20 s; its sentences go to other workers" in ended.complained
    assert service.spoken == [SENTENCES[0]]


def test_a_refused_sentence_is_told_with_its_place(large: Site, cluster: DaskCluster, service: Service) -> None:
    service.faults = lambda _, body: Failure(400, message="Not this") if body["text"] == SENTENCES[5] else None

    ended = synth(large, cluster)

    assert ended.code == 1
    assert "23 synthesized" in ended.said
    assert "1 missing" in ended.said
    assert "1 sentence missing: the service answered 400" in ended.complained
    assert f"index.md:11 '{SENTENCES[4][:20]}" in ended.complained


def test_a_wrong_key_ends_the_run(large: Site, cluster: DaskCluster, service: Service) -> None:
    service.keys = {"sk_another"}

    ended = synth(large, cluster)

    assert ended.code == 1
    assert "0 synthesized (0 characters), 24 missing" in ended.said
    assert "missing: worker tcp://127.0.0.1:" in ended.complained
    assert "check the API key in SMALLEST_API_KEY" in ended.complained
    assert len(service.requests) <= 3, "the rest was called off"


def test_a_service_that_is_down_is_given_up(large: Site, cluster: DaskCluster, service: Service) -> None:
    service.faults = lambda *_: Failure(503)

    ended = synth(large, cluster, retries=0)

    assert ended.code == 1
    assert "the service seems to be down: the service answered 503" in ended.complained
    assert len(service.requests) < 24


def test_a_worker_of_another_version_says_so_before_it_reads_a_task(
    large: Site, cluster: DaskCluster, service: Service
) -> None:
    ended = end(start(large, cluster, OLD_SYNTH))

    assert ended.code == 1
    assert "24 missing" in ended.said
    assert "missing: worker tcp://127.0.0.1:" in ended.complained
    assert f": mkdocs-lightning is {installed_version()} here, and 0.0.1 where the command runs" in ended.complained
    assert service.requests == []
    assert re.findall(rb"mkdocs_lightning\.(\w+)", cluster.wire.heard), "else nothing was listened to"
    assert set(re.findall(rb"mkdocs_lightning\.(\w+)", cluster.wire.heard)) == {b"synthesis"}, (
        "pickles name one function"
    )


def test_a_worker_of_another_version_builds_nothing_from_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distributed.get_worker", lambda: SimpleNamespace(address="tcp://10.0.0.2:1"))
    assert run_task("0.0.1", "what only version 0.0.1 can read") == (
        f"worker tcp://10.0.0.2:1: mkdocs-lightning is {installed_version()} here, and 0.0.1 where the command runs"
    )


def test_one_budget_for_the_whole_plan(large: Site, cluster: DaskCluster, service: Service) -> None:
    characters = sum(map(len, SENTENCES))

    ended = synth(large, cluster, max_characters=characters - 1)

    assert ended.code == 1
    assert f"{characters} characters to send, and max_characters is {characters - 1}. These have" in ended.complained
    assert service.requests == []
    assert b"sentence number" not in cluster.wire.heard


def test_what_the_store_refuses_is_kept_here(large: Site, cluster: DaskCluster, s3: S3, service: Service) -> None:
    s3.may_write = False

    refused = synth(large, cluster)

    paid = service.spoken
    assert refused.code == 1
    assert 1 <= len(paid) <= 16, "no worker asks for another when it knows that it cannot store it"
    assert len(local_segments(large)) == len(set(paid)) == len(paid)
    assert f"{len(paid)} synthesized ({sum(map(len, paid))} characters), {24 - len(paid)} missing" in refused.said
    assert f"remote_cache {large.options['remote_cache']}: access is denied" in refused.complained
    assert "Its audio is in this machine's cache_dir; 'mkdocs-lightning cache push' shares it" in refused.complained

    s3.may_write = True
    printed(large, "cache", "push")
    assert synth(large, cluster).code == 0
    assert Counter(service.spoken) == Counter(SENTENCES)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-C for one process alone")
def test_ctrl_c_calls_off_what_waits(large: Site, cluster: DaskCluster, s3: S3, service: Service) -> None:
    service.faults = holding = Holding(range(4, 25))
    process = start(large, cluster, timeout=PATIENCE)
    wait_until(lambda: len(holding.held) == 3, "three are spoken, and three more are asked for")
    process.send_signal(signal.SIGINT)

    ended = end(process)

    assert ended.code == 130
    holding.let_go.set()
    segments = f"{large.root.name}/segments/"
    wait_until(lambda: sum(name.startswith(segments) for name in s3.names()) >= 6, "what was in flight is stored, too")
    rest = synth(large, cluster)
    assert rest.code == 0
    assert "6 cached, 18 synthesized" in rest.said, "no more than was in flight"
    assert Counter(service.spoken) == Counter(SENTENCES)


@dataclass(eq=False)
class Watched(Service):
    """Knows who asks now, by the key.

    Attributes:
        asking: Key and body of each request that has no answer yet.
    """

    asking: list[tuple[str, bytes]] = field(default_factory=list, init=False)

    def respond(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> Answer:
        entry = (headers["authorization"].removeprefix("Bearer "), raw)
        self.asking.append(entry)
        try:
            return super().respond(method, path, headers, raw)
        finally:
            self.asking.remove(entry)


def test_a_worker_that_is_killed_costs_what_it_had_in_flight(
    large: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one lease for all, which the killed one holds: it comes back, and the others finish."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT", "1 hour")  # Dask's own, which is not ours
    names = [f"sk_{name}" for name in WORKERS]
    remote = (tmp_path / "remote").as_uri()
    (tmp_path / "dask").mkdir()
    with Watched(keys=set(names)) as service, DaskCluster(tmp_path / "dask", {}) as cluster:
        for name in names:
            cluster.start_worker(name, SMALLEST_API_KEY=name)
        cluster.wait_for(*names)
        service.faults = holding = Holding(range(7, 8))
        process = start(large, cluster, base_url=service.url, remote_cache=remote, concurrency=1, timeout=PATIENCE)
        wait_until(lambda: holding.held, "it is in the middle")
        ((victim, body),) = service.asking
        cluster.kill(victim)
        killed_at = time.monotonic()
        holding.let_go.set()
        ended = end(process)

    (lost,) = [text for text in SENTENCES if text.encode() in body]
    assert (ended.code, ended.complained) == (0, "")
    assert Counter(service.spoken) == Counter([*SENTENCES, lost])
    assert service.peak == 1
    assert len(list((tmp_path / "remote").rglob("*.flac"))) == 24
    begun = sorted(request.started for request in service.requests)
    assert min(start for start in begun if start > killed_at) - killed_at > 5, "the lease came back in its time"


def test_workers_without_a_key_and_no_workers_and_no_scheduler(
    large: Site, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = (tmp_path / "remote").as_uri()
    (tmp_path / "dask").mkdir()
    with DaskCluster(tmp_path / "dask", {}) as cluster:
        with monkeypatch.context() as environment:
            environment.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1 hour")  # Dask's own, which is not ours
            lonely = start(large, cluster, remote_cache=remote)
            nobody = start(large, "tcp://127.0.0.1:1", remote_cache=remote)
        alone, none = end(lonely), end(nobody)
        assert (alone.code, none.code) == (2, 2)
        assert alone.complained.startswith(
            f"mkdocs-lightning: --scheduler: the scheduler {cluster.address} has no workers"
        )
        assert none.complained.startswith(
            "mkdocs-lightning: --scheduler: no Dask scheduler answers at tcp://127.0.0.1:1"
        )
        assert none.complained.count("\n") == alone.complained.count("\n") == 1

        cluster.start_worker("keyless")
        cluster.wait_for("keyless")
        ended = synth(large, cluster, remote_cache=remote)
        assert ended.code == 1
        assert "missing: worker tcp://127.0.0.1:" in ended.complained
        assert "there is no API key; set the environment variable SMALLEST_API_KEY" in ended.complained
        assert service.requests == []

        cluster.start_worker("keyed", SMALLEST_API_KEY=KEY)
        cluster.kill("keyless")
        cluster.wait_for("keyed")
        service.faults = holding = Holding(range(4, 25))
        process = start(large, cluster, remote_cache=remote, timeout=PATIENCE)
        wait_until(lambda: holding.held, "it speaks")
        cluster.kill("scheduler")
        ended = end(process)
        holding.let_go.set()
        assert ended.code == 1
        assert f"the connection to the scheduler {cluster.address} was lost" in ended.complained


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"concurrency": "auto"}, "concurrency: 'auto' finds the limit for one machine; set the number"),
        ({"requests_per_minute": 60}, "requests_per_minute: is not supported on a cluster"),
        ({"remote_cache": None}, "remote_cache: a cluster's workers store their audio there"),
        ({"remote_cache_mode": "read"}, "remote_cache: a cluster's workers store their audio there"),
        ({"remote_cache": "https://docs.example/audio"}, "remote_cache: a cluster's workers store"),
        ({"engine": "offline"}, "engine: 'offline' costs nothing on any machine"),
    ],
)
def test_options_that_a_cluster_cannot_keep(large: Site, options: dict[str, object], message: str) -> None:
    result = run(large, "synth", "--scheduler=tcp://127.0.0.1:1", **options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"mkdocs-lightning: {message}")


def test_without_the_extra(large: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run(large, "synth", "--scheduler=tcp://127.0.0.1:1")
    assert result.exit_code == 2
    assert "pip install 'mkdocs-lightning[distributed]'" in result.stderr


def test_a_part_on_a_cluster_is_a_contradiction(large: Site) -> None:
    result = run(large, "synth", "--scheduler=tcp://127.0.0.1:1", "--shard=1/2")
    assert result.exit_code == 2
    assert "--shard and --scheduler cannot be combined" in result.stderr


@pytest.mark.parametrize("address", ["nonsense", "nobody://x:1", "tls://127.0.0.1:1"])
def test_addresses_that_are_none(large: Site, address: str) -> None:
    ended = synth(large, address)
    assert ended.code == 2
    assert ended.complained.startswith(f"mkdocs-lightning: --scheduler: '{address}' cannot be used: ")
