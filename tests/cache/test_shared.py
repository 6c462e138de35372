"""A cache that machines share: real builds beside a real S3 server that is whole, slow, read-only, damaged or dead."""

from __future__ import annotations

import itertools
import logging
import shutil
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.cache.clip_record import segment_name
from mkdocs_lightning.cache.remote import TRANSFERS, Remote
from mkdocs_lightning.cache.remote_stores import RemoteMode
from mkdocs_lightning.cache.shared import SharedCache
from mkdocs_lightning.reading.segment import Segment
from tests.cache.test_local import CLIP
from tests.support.commands import run
from tests.support.s3 import BROKEN, FORBIDDEN, S3, UNAVAILABLE, failure
from tests.support.segments import VOICE
from tests.support.service import Failure, Service
from tests.support.sites import KEY, Site
from tests.support.web_server import Reply, Request, WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

FOURTH = "The fourth one is on the last page, quite alone."
PAGES = {
    "index.md": "# Home\n\n:::speak\nThe first sentence of this site is here. The second follows it at once.\n:::\n",
    "guide.md": "# Guide\n\n:::speak\nA third sentence stands on another page.\n:::\n",
    "more.md": f"# More\n\n:::speak\n{FOURTH}\n:::\n",
}
SENTENCES, FILES = 4, 7  # and three clips


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A bucket, and what a build has to know of it; it is waited for as long as a test can wait."""
    monkeypatch.setattr("mkdocs_lightning.cache.patience.READ_SECONDS", 1.0)
    monkeypatch.setattr("mkdocs_lightning.cache.patience.WRITE_SECONDS", 0.5)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path_factory.mktemp("aws") / "config"))
    with S3() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def machine(tmp_path: Path, service: Service, s3: S3) -> Callable[[], Site]:
    """A new machine each time: the same pages, an empty local cache, the same remote one."""
    options = {"api_key": KEY, "base_url": service.url, "retries": 0, "sample_rate": 8000, "remote_cache": s3.url}

    def make() -> Site:
        site = Site(tmp_path / f"machine-{len(list(tmp_path.iterdir()))}", dict(options))
        site.root.mkdir()
        site.write(PAGES)
        return site

    return make


def clips_of(site: Site) -> list[bytes]:
    """What a reader hears on each page."""
    return [
        path.read_bytes() for page in ("index.html", "guide/index.html", "more/index.html") for path in site.clips(page)
    ]


def test_a_second_machine_builds_the_same_site_and_sends_nothing(
    machine: Callable[[], Site], service: Service, s3: S3, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first, second = machine(), machine()
    first.build()
    assert len(service.requests) == SENTENCES
    assert len(s3.names()) == FILES
    assert "7 stored" in caplog.text
    second.build(strict=True, max_characters=0, api_key="")
    assert len(service.requests) == SENTENCES
    assert clips_of(second) == clips_of(first)
    assert "4 cached, 0 synthesized" in caplog.text
    assert "3 files fetched, 0 stored" in caplog.text  # the clips, and no segment


def test_a_full_local_cache_asks_the_remote_one_nothing(machine: Callable[[], Site], s3: S3) -> None:
    site = machine()
    site.build()
    s3.requests.clear()
    site.build()
    assert s3.requests == []


def test_one_new_sentence_is_asked_for_and_shared(machine: Callable[[], Site], service: Service, s3: S3) -> None:
    machine().build()
    second = machine()
    second.write(
        {
            "guide.md": PAGES["guide.md"].replace(
                "page.", "page. Nobody has ever spoken these words of the second machine."
            )
        }
    )
    second.build()
    texts = [request.body["text"] for request in service.requests if request.body]
    assert texts[SENTENCES:] == ["Nobody has ever spoken these words of the second machine."]
    assert len(s3.names()) == FILES + 2
    third = machine()
    third.write(
        {
            "guide.md": PAGES["guide.md"].replace(
                "page.", "page. Nobody has ever spoken these words of the second machine."
            )
        }
    )
    third.build()
    assert len(service.requests) == SENTENCES + 1


@pytest.mark.slow
def test_lists_at_most_once_a_shard_and_never_file_by_file(machine: Callable[[], Site], s3: S3) -> None:
    pages = {
        f"page{n}.md": f"# Page {n}\n\n:::speak\nThis is sentence {n} of very many that are here.\n:::\n"
        for n in range(60)
    }
    first, second = machine(), machine()
    first.write(pages)
    first.build()
    s3.requests.clear()
    second.write({**pages, "new.md": "# New\n\n:::speak\nNobody has ever spoken this sentence.\n:::\n"})
    assert "new.md" in run(second, "check").output
    asked = len(s3.requests)
    assert asked <= 16
    s3.requests.clear()
    second.build()
    gets = [request for request in s3.requests if request.endswith(".mp3") and request.startswith("GET")]
    assert len(gets) == 63  # each clip once
    assert s3.count("GET") - len(gets) <= 16 + 3  # shards of clips, and those of segments that are new


def test_commands_know_what_is_in_the_remote_cache_and_fetch_nothing(machine: Callable[[], Site], s3: S3) -> None:
    site = machine()
    ended = run(site, "check")
    assert ended.exit_code == 1
    assert "4 sentences missing" in ended.output
    machine().build()
    s3.requests.clear()
    ended = run(site, "check")
    assert ended.exit_code == 0, ended.output
    assert "Nothing missing: 4 sentences cached" in ended.output
    assert "Missing:" not in run(site, "plan").output
    assert not any(request.endswith((".flac", ".mp3")) for request in s3.requests)


def test_synth_fills_the_remote_cache(machine: Callable[[], Site], service: Service, s3: S3) -> None:
    ended = run(machine(), "synth")
    assert ended.exit_code == 0, ended.output
    assert len(s3.names()) == FILES
    second = machine()
    second.build()
    assert len(service.requests) == SENTENCES


def test_push_stores_what_was_made_before_there_was_a_remote_cache(
    machine: Callable[[], Site], service: Service, s3: S3
) -> None:
    first = machine()
    url = first.options.pop("remote_cache")
    first.build()
    assert s3.names() == []
    ended = run(first, "cache", "push")
    assert ended.exit_code == 2
    assert "there is no remote cache: set remote_cache" in ended.stderr
    first.options["remote_cache"] = url
    ended = run(first, "cache", "push")
    assert ended.exit_code == 0, ended.stderr
    assert f"7 files stored in {url}" in ended.output
    assert "0 files stored" in run(first, "cache", "push").output
    machine().build()
    assert len(service.requests) == SENTENCES


def test_a_pull_that_is_refused_sentences_says_so(machine: Callable[[], Site], service: Service, s3: S3) -> None:
    machine().build()
    second = machine()
    s3.answer = lambda _, path: FORBIDDEN if ".flac" in path else None
    ended = run(second, "cache", "pull")
    assert ended.exit_code == 1
    assert ended.stdout == f"3 files fetched from {s3.url}\n"
    assert f"remote_cache {s3.url}: 4 sentences could not be fetched: access is denied" in ended.stderr
    assert ended.stderr.endswith(". Run 'mkdocs-lightning cache pull' again later\n")
    s3.answer = None
    assert run(second, "cache", "pull").stdout == f"4 files fetched from {s3.url}\n"
    assert len(service.requests) == SENTENCES


def test_a_fork_reads_and_never_writes(machine: Callable[[], Site], service: Service, s3: S3) -> None:
    machine().build()
    names = s3.names()
    s3.may_write = False
    fork = machine()
    fork.write({"new.md": "# New\n\n:::speak\nA sentence of the fork's own.\n:::\n"})
    s3.requests.clear()
    fork.build(strict=True)
    assert s3.names() == names
    assert s3.count("PUT") <= 2  # it was told no, and tried nothing more
    assert len(service.requests) == SENTENCES + 1
    s3.requests.clear()
    other = machine()
    other.build(remote_cache_mode="read", strict=True)
    assert s3.count("PUT") == 0


def test_who_must_write_and_may_not_is_told(
    machine: Callable[[], Site], s3: S3, expect_warning: Callable[[str], None]
) -> None:
    s3.may_write = False
    expect_warning(r"remote_cache s3://voices/docs: 7 files could not be stored there: access is denied")
    site = machine()
    site.build(remote_cache_mode="write")
    assert len(clips_of(site)) == 3
    ended = run(site, "cache", "push")
    assert ended.exit_code == 1
    assert "cannot be written" in ended.stderr


@pytest.mark.parametrize("requests", [0, 3, 7])
def test_a_server_that_dies_in_the_middle_costs_warnings_and_pays_for_nothing_that_was_seen_there(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None], requests: int
) -> None:
    machine().build()
    s3.requests.clear()
    s3.dies_after = requests
    expect_warning("remote_cache s3://voices/docs: ")
    site = machine()
    site.write({"new.md": "# New\n\n:::speak\nA sentence that nobody has.\n:::\n"})
    site.build()
    assert len(site.clips("new/index.html")) == 1
    seen = {0: 0, 3: 1, 7: 3}[requests]  # clips, of which each has one sentence or two
    assert SENTENCES + 1 <= len(service.requests) <= 2 * SENTENCES + 1 - seen
    assert requests or len(clips_of(site)) == 3, "what could not be looked up was made anew"
    s3.dies_after = None
    paid = len(service.requests)
    machine().build(strict=True)
    assert len(service.requests) == paid


def many(number: int) -> dict[str, str]:
    return {
        f"page{n}.md": f"# Page {n}\n\n:::speak\nThis is sentence {n} of very many here.\n:::\n" for n in range(number)
    }


@pytest.mark.slow
def test_a_dead_server_is_not_asked_for_each_file(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None]
) -> None:
    first, second = machine(), machine()
    for site in (first, second):
        site.write(many(80))
    first.build()
    s3.requests.clear()
    s3.dies_after = 16  # when it has listed the clips
    expect_warning("remote_cache s3://voices/docs: ")
    second.build()
    assert len(s3.requests) < 16 + 2 * TRANSFERS * 8 * 4  # by each of three libraries twice, and for a second
    paid_again = len(service.requests) - 80 - SENTENCES
    assert paid_again < 80 + SENTENCES, "what the listings have shown is not paid for again"
    silent = sum(not second.clips(f"page{n}/index.html") for n in range(80))
    fetched = sum(is_file(request) for request in s3.requests[: s3.dies_after])
    assert 80 <= silent + paid_again + fetched <= 80 + SENTENCES + fetched


WITHHELD = (
    r"remote_cache s3://voices/docs: 30 stored sentences could not be fetched: {}\. "
    "You have already paid for them, so they are not requested again and stay missing; build again later"
)


def is_file(path: str) -> bool:
    return path.partition("?")[0].endswith((".flac", ".mp3"))


@pytest.mark.slow
@pytest.mark.parametrize("hiccups", [(0.5, 1), (2.0, 1), (0.3, 3)])
def test_a_store_that_hiccups_is_waited_for(
    machine: Callable[[], Site], service: Service, s3: S3, monkeypatch: pytest.MonkeyPatch, hiccups: tuple[float, int]
) -> None:
    """It answers 503 for so many seconds, once or more often."""
    seconds, parts = hiccups
    monkeypatch.setattr("mkdocs_lightning.cache.patience.READ_SECONDS", 20.0)
    first, second = machine(), machine()
    for site in (first, second):
        site.write(many(60))
    first.build()
    paid = len(service.requests)
    gets, down_until = [0], [0.0]

    def hiccup(method: str, path: str) -> tuple[str, bytes] | None:
        if method == "GET" and is_file(path):
            gets[0] += 1
            if gets[0] % (60 // parts) == 5 and gets[0] < 60:
                down_until[0] = time.monotonic() + seconds
        return UNAVAILABLE if time.monotonic() < down_until[0] else None

    s3.answer = hiccup
    second.build(strict=True)
    assert gets[0] > 60, "else it did not hiccup"
    assert len(service.requests) == paid


@pytest.mark.slow
def test_a_store_that_stays_away_is_not_paid_for_again(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None]
) -> None:
    """All is listed, and no file can be had."""
    first, second = machine(), machine()
    for site in (first, second):
        site.write(many(30 - SENTENCES))
    first.build()
    paid = len(service.requests)
    s3.answer = lambda method, path: BROKEN if method == "GET" and is_file(path) else None
    expect_warning(WITHHELD.format(r"it cannot be reached, or failed \(OSError\)"))
    second.build()
    assert len(service.requests) == paid
    assert second.clips("page7/index.html") == []
    assert "This is sentence 7 of very many here." in second.html("page7/index.html")
    s3.answer = None
    second.build(strict=True)
    assert len(service.requests) == paid
    assert len(second.clips("page7/index.html")) == 1


@pytest.mark.slow
def test_some_files_that_are_refused_are_no_dead_store(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None]
) -> None:
    first, second = machine(), machine()
    pages = many(60)
    for site in (first, second):
        site.write({**pages, **dict.fromkeys(PAGES, "# Nothing\n")})
    first.build()
    paid = len(service.requests)
    names = {site.name.rpartition(".")[0]: site for n in range(60) for site in first.clips(f"page{n}/index.html")}
    refused = set(sorted(names)[::2])
    segments = [name for name in s3.names() if name.startswith("segments/")]
    for name in segments:  # so that a clip that is refused cannot be joined from them
        s3.delete(name)
    s3.answer = lambda _, path: FORBIDDEN if any(name in path for name in refused) else None
    expect_warning(WITHHELD.format("access is denied; check the credentials"))
    second.build()
    assert len(service.requests) == paid
    assert sum(len(second.clips(f"page{n}/index.html")) for n in range(60)) == 30


@pytest.mark.slow
def test_every_third_file_that_fails_is_asked_for_once_more(
    machine: Callable[[], Site], service: Service, s3: S3
) -> None:
    first, second = machine(), machine()
    for site in (first, second):
        site.write(many(60))
    first.build()
    paid, gets = len(service.requests), itertools.count(1)
    s3.answer = lambda _, path: BROKEN if is_file(path) and next(gets) % 3 == 0 else None
    second.build(strict=True)
    assert len(service.requests) == paid


LISTING = """<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Name>voices</Name><Prefix>x</Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>
<Contents><Key>{key}</Key><Size>9</Size></Contents><NextContinuationToken>{token}</NextContinuationToken>
</ListBucketResult>"""


@pytest.mark.parametrize(
    ("key", "token"),
    [
        ("docs/segments/a/a1.flac", "again"),  # repeats its token
        ("docs/segments/a/a1.flac", "{number}"),  # has no new name
        ("docs/segments/a/no-name-of-ours-{number}", "{number}"),
        ("docs/segments/a/a{number:063}.flac", "{number}"),  # has a new name each time, for ever
    ],
)
def test_a_listing_has_an_end(s3: S3, monkeypatch: pytest.MonkeyPatch, key: str, token: str) -> None:
    if token != "again":  # which is seen without a limit
        monkeypatch.setattr("mkdocs_lightning.cache.remote_stores.LISTING_SECONDS", 3.0)
    numbers = itertools.count()

    def list_on(_method: str, _path: str) -> tuple[str, bytes]:
        number = next(numbers)
        return "200 OK", LISTING.format(key=key.format(number=number), token=token.format(number=number)).encode()

    s3.answer = list_on
    remote = Remote(s3.url)
    began = time.monotonic()
    assert remote.names("segments", "a") == frozenset()
    assert time.monotonic() - began < 30
    assert remote.failure_reason == "its listing never ends"
    assert token != "again" or next(numbers) == 2


@pytest.mark.slow
def test_a_slow_server_is_waited_for(machine: Callable[[], Site], service: Service, s3: S3) -> None:
    machine().build()
    s3.latency = 2.0
    site = machine()
    site.build(strict=True)
    assert len(clips_of(site)) == 3
    assert len(service.requests) == SENTENCES


@pytest.mark.slow
def test_a_server_that_never_answers_is_left_alone(
    machine: Callable[[], Site],
    service: Service,
    s3: S3,
    expect_warning: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine().build()
    monkeypatch.setattr("mkdocs_lightning.cache.remote_stores.TIMEOUT", 1.0)
    s3.latency = 60.0
    expect_warning("remote_cache s3://voices/docs: it did not answer within 1 s")
    expect_warning("7 files could not be stored there: it did not answer within 1 s")
    site = machine()
    site.build()
    assert len(clips_of(site)) == 3
    assert len(service.requests) == 2 * SENTENCES


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _data: b"",
    "half of it": lambda data: data[: len(data) // 2],
    "a bit flipped": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "an error page": lambda _data: b"<html>Sorry</html>",
    "the record alone": lambda data: data.partition(b"\n")[0],
    "another record": lambda data: b"{}\n" + data.partition(b"\n")[2],
    "deep JSON": lambda _data: b"[" * 100_000 + b"\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_comes_damaged_is_made_anew_and_never_heard(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None], damage: str
) -> None:
    first = machine()
    first.build()
    s3.damage = DAMAGES[damage]
    expect_warning("failed verification")
    site = machine()
    site.build()
    assert clips_of(site) == clips_of(first)
    s3.damage = None
    before = len(service.requests)
    machine().build()
    assert len(service.requests) == before


def test_what_is_damaged_there_is_mended_by_who_finds_it(
    machine: Callable[[], Site], s3: S3, expect_warning: Callable[[str], None]
) -> None:
    machine().build()
    whole = {name: s3.read(name) for name in s3.names()}
    for name in whole:
        s3.write(name, whole[name][:100])
    expect_warning("7 files failed verification")
    machine().build()
    assert {name: s3.read(name) for name in s3.names()} == whole


def test_a_forged_segment_is_not_taken(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None]
) -> None:
    first = machine()
    first.build()
    segments = [name for name in s3.names() if name.startswith("segments/")]
    for name in s3.names():
        if name.startswith("clips/"):
            s3.write(name, b"")
    bodies = [s3.read(name) for name in segments]
    for name, body in zip(segments, bodies[1:] + bodies[:1], strict=True):  # each whole, and another's
        s3.write(name, body)
    expect_warning("7 files failed verification")
    site = machine()
    site.build()
    assert clips_of(site) == clips_of(first)
    assert len(service.requests) == 2 * SENTENCES


def test_a_damaged_local_segment_is_fetched_again(machine: Callable[[], Site], service: Service, s3: S3) -> None:
    site = machine()
    site.build()
    cache = site.root / ".cache/plugin/lightning"
    for path in cache.glob("clips/*/*"):
        path.unlink()
    for name in s3.names():
        if name.startswith("clips/"):
            s3.delete(name)
    damaged = next(cache.glob("segments/*/*.flac"))
    damaged.write_bytes(damaged.read_bytes()[:-50])
    site.build(remote_cache_mode="read")
    assert len(clips_of(site)) == 3
    assert len(service.requests) == SENTENCES


@pytest.mark.slow
def test_no_credential_is_ever_said_or_stored(
    machine: Callable[[], Site], s3: S3, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mkdocs")
    s3.may_write = False
    expect_warning("could not be stored")
    site = machine()
    site.build(remote_cache_mode="write")
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("mkdocs"))
    files = b"".join(path.read_bytes() for path in site.root.rglob("*") if path.is_file())
    assert "LEAKME" not in said
    assert b"LEAKME" not in files
    s3.may_write = True
    machine().build()
    assert not any(KEY.encode() in s3.read(name) for name in s3.names())


@pytest.mark.parametrize(
    ("url", "mode", "words"),
    [
        ("s3://key:secret@voices/docs", "auto", "credentials in the environment"),
        ("https://name:secret@example.org/x", "auto", "credentials in the environment"),
        ("https://example.org/x?sig=secret", "auto", "credentials in the environment"),
        ("voices", "auto", "is not an address, such as s3://bucket/directory"),
        ("s3://", "auto", "is not an address"),
        ("http://example.org/voices", "auto", "is not https"),
        ("https://example.org/voices", "write", "can only be read"),
        ("gs://voices/docs", "auto", "gs:// needs the package gcsfs"),
        ("nfs://voices", "auto", "fsspec does not support nfs://"),
        ("s3://[voices", "auto", "is not an address"),
        ("s3://our voices/docs", "auto", "is not an address"),
        ("file:///voices\0/docs", "auto", "is not an address"),
        ("file:///voices\ud83d/docs", "auto", "is not an address"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(url: str, mode: str, words: str) -> None:
    with pytest.raises(SettingError, match=words) as raised:
        Remote(url, RemoteMode(mode))
    assert "secret" not in str(raised.value)


def test_a_wrong_address_stops_a_build_and_the_commands(
    machine: Callable[[], Site], expect_warning: Callable[[str], None]
) -> None:
    expect_warning("option 'remote_cache'")
    site = machine()
    ended = run(site, "check", remote_cache="voices")
    assert ended.exit_code == 2
    assert "option 'remote_cache'" in ended.stderr
    assert run(site, "cache", "stats", remote_cache="voices").exit_code == 2


@pytest.mark.parametrize("protocol", ["file", "memory"])
def test_other_stores_work_alike(machine: Callable[[], Site], service: Service, tmp_path: Path, protocol: str) -> None:
    url = f"{protocol}://{tmp_path}/shared" if protocol == "file" else f"memory://{tmp_path.name}"
    first, second = machine(), machine()
    first.build(remote_cache=url)
    second.build(remote_cache=url, strict=True)
    assert len(service.requests) == SENTENCES
    assert clips_of(second) == clips_of(first)


def test_an_https_store_is_read_and_nothing_more(machine: Callable[[], Site], service: Service, tmp_path: Path) -> None:
    first, second = machine(), machine()
    first.build(remote_cache=f"file://{tmp_path}/shared")
    (tmp_path / "shared").mkdir(exist_ok=True)
    with WebServer(tmp_path / "shared") as server:
        assert run(second, "check", remote_cache=server.url).exit_code == 0
        assert not (second.root / ".cache").exists()
        second.write({"new.md": "# New\n\n:::speak\nA sentence that is not there.\n:::\n"})
        second.build(remote_cache=server.url, strict=True)
    assert {request.method for request in server.requests} == {"GET"}
    assert len(service.requests) == SENTENCES + 1
    assert clips_of(second) == clips_of(first)


class BusyServer(WebServer):
    """Refuses some files for now."""

    refused: Collection[str] = ()

    def respond(self, request: Request) -> Reply:
        if request.path.rpartition("/")[2] in self.refused:
            return Reply(HTTPStatus.SERVICE_UNAVAILABLE)
        return super().respond(request)


@pytest.mark.parametrize("kept", ["segments", "clips"])
def test_what_an_https_store_may_have_and_does_not_give_is_told(
    machine: Callable[[], Site],
    service: Service,
    tmp_path: Path,
    expect_warning: Callable[[str], None],
    kept: str,
) -> None:
    """As nobody can list it: what it does not give is paid for, though it may be there."""
    first, second = machine(), machine()
    first.build(remote_cache=f"file://{tmp_path}/shared")
    (clip,) = first.clips("more/index.html")
    if kept == "clips":  # nobody has the sentences any more
        shutil.rmtree(tmp_path / "shared/segments")
    expect_warning(
        r"remote_cache http.*: it cannot be reached, or failed \(ClientResponseError\)\. "
        r"What could not be looked up there \(1 sentence\) counts as missing"
    )
    with BusyServer(tmp_path / "shared") as server:
        server.refused = {clip.name, segment_name(Segment("lightning", VOICE, FOURTH))}
        second.build(remote_cache=server.url)

    assert len(service.requests) == SENTENCES + 1
    assert clips_of(second) == clips_of(first)


def test_what_the_offline_voice_says_is_not_shared(machine: Callable[[], Site], s3: S3) -> None:
    pytest.importorskip("espeakng_loader")
    site = machine()
    site.build(engine="offline")
    assert len(clips_of(site)) == 3
    assert s3.requests == []
    assert s3.names() == []


def test_a_failed_build_has_shared_what_it_paid_for(
    machine: Callable[[], Site], service: Service, s3: S3, expect_warning: Callable[[str], None]
) -> None:
    service.faults = lambda _number, body: Failure(400) if "fourth" in str(body["text"]) else None
    site = machine()
    expect_warning(" missing")
    expect_warning("the site was not built")
    with pytest.raises(Abort):
        site.build(on_error="fail")
    assert len([name for name in s3.names() if name.startswith("segments/")]) == 3


def test_a_full_disk_does_not_end_a_fetch_in_a_traceback(
    machine: Callable[[], Site], expect_warning: Callable[[str], None]
) -> None:
    machine().build()
    site = machine()
    (site.root / "cache").write_text("a file in the way")
    expect_warning("cannot be written")
    site.build(cache_dir=str(site.root / "cache"))


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "key"), [("auto", KEY), ("auto", ""), ("read", KEY)])
def test_a_bucket_that_does_not_exist_is_an_error_before_anything_is_sent(
    machine: Callable[[], Site], service: Service, expect_warning: Callable[[str], None], mode: str, key: str
) -> None:
    words = "the bucket of s3://no-such/docs does not exist; nothing was sent"
    expect_warning(f"option 'remote_cache': {words}")
    site = machine()
    site.options |= {"remote_cache": "s3://no-such/docs", "remote_cache_mode": mode, "api_key": key}
    with pytest.raises(Abort):
        site.build()
    for command in ("synth", "plan", "check", "synth --shard=1/2"):
        ended = run(site, *command.split())
        assert ended.exit_code == 2
        assert words in ended.stderr
    assert service.requests == []


@pytest.mark.parametrize("mode_and_place", ["auto a/b", "write a/b", "read a", "read a/b"])
def test_a_directory_that_does_not_exist_is_an_error_before_anything_is_sent(
    machine: Callable[[], Site],
    service: Service,
    tmp_path: Path,
    expect_warning: Callable[[str], None],
    mode_and_place: str,
) -> None:
    """Who may write makes it, but not the one above: that may be a disk that is not mounted now."""
    mode, place = mode_and_place.split()
    expect_warning(r"option 'remote_cache': the directory /.*/nowhere.* does not exist; nothing was sent")
    site = machine()
    with pytest.raises(Abort):
        site.build(remote_cache=f"file://{tmp_path}/nowhere/{place}", remote_cache_mode=mode)
    assert service.requests == []
    assert not (tmp_path / "nowhere").exists()
    remote = Remote(f"file://{tmp_path}/nowhere/{place}")
    assert not remote.write("segments", "a1.flac", b"a1")
    assert remote.write_failure_reason == "there is no such bucket or directory"


@pytest.mark.parametrize(
    ("bucket", "answer"),
    [("Bad_Name", failure("400 Bad Request", "InvalidBucketName")), ("bad_näme", None), ("b" * 256, None)],
)
def test_a_bucket_that_cannot_exist_is_an_error_before_anything_is_sent(
    machine: Callable[[], Site],
    s3: S3,
    service: Service,
    expect_warning: Callable[[str], None],
    *,
    bucket: str,
    answer: tuple[str, bytes] | None,
) -> None:
    """S3 itself refuses the first name, and its library the others."""
    s3.answer = lambda _method, _path: answer
    words = f"the bucket of s3://{bucket}/docs has a name that the store does not allow; nothing was sent"
    expect_warning(f"option 'remote_cache': {words}")
    site = machine()
    with pytest.raises(Abort):
        site.build(remote_cache=f"s3://{bucket}/docs")
    checked = run(site, "check", remote_cache=f"s3://{bucket}/docs")
    assert checked.exit_code == 2
    assert words in checked.stderr
    assert service.requests == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
@pytest.mark.parametrize("place", ["/proc/voices", "/proc", "FILE", "FILE/", f"DIRECTORY/{'x' * 300}"])
def test_a_directory_that_cannot_be_made_is_an_error_before_anything_is_sent(
    machine: Callable[[], Site], service: Service, tmp_path: Path, expect_warning: Callable[[str], None], place: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    url = "file://" + place.replace("FILE", str(tmp_path / "file")).replace("DIRECTORY", str(tmp_path))
    expect_warning(r"option 'remote_cache': the directory /.* of file:///.* cannot be used \(.*\); nothing was sent")
    site = machine()
    with pytest.raises(Abort):
        site.build(remote_cache=url)
    assert service.requests == []


@pytest.mark.parametrize("folders", ["", "store", "store/segments"])
def test_looking_whether_a_directory_can_be_used_leaves_no_trace(
    machine: Callable[[], Site], tmp_path: Path, folders: str
) -> None:
    (tmp_path / folders).mkdir(parents=True, exist_ok=True)
    site = machine()
    before = set(tmp_path.rglob("*")) - set(site.root.rglob("*"))
    assert run(site, "plan", remote_cache=f"file://{tmp_path}/store").exit_code == 0
    assert set(tmp_path.rglob("*")) - set(site.root.rglob("*")) == before


def test_what_may_not_be_listed_is_told_from_what_is_not_there(
    machine: Callable[[], Site], s3: S3, expect_warning: Callable[[str], None]
) -> None:
    s3.answer = lambda _method, _path: FORBIDDEN
    expect_warning("remote_cache s3://voices/docs: access is denied; check the credentials. What could not be looked")
    expect_warning("7 files could not be stored there: access is denied")
    site = machine()
    site.build()
    assert len(clips_of(site)) == 3


def test_a_lookup_that_failed_is_no_answer(tmp_path: Path, s3: S3) -> None:
    cache = SharedCache(tmp_path, Remote(s3.url))
    s3.dies_after = 0
    cache.look_up([CLIP])
    assert not any(cache.has_segment(segment) for segment in CLIP.segments)


def test_a_rebuild_under_serve_lists_nothing_anew(machine: Callable[[], Site], s3: S3) -> None:
    site = machine()
    config = load_config(site.write_config())
    config.plugins.on_startup(command="serve", dirty=False)
    asked = []
    for number in range(3):
        site.write({"index.md": f"# Home\n\n:::speak\nSomebody has edited this sentence {number} times by now.\n:::\n"})
        build(config)
        asked.append(len(s3.requests))
    config.plugins.on_shutdown()
    assert asked[2] - asked[1] <= 2 * 3  # two shards at most, which no earlier sentence was in
