"""The local web server does what a site's real host does, seen by a client over a real socket."""

from __future__ import annotations

import http.client
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from tests.support.web_server import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIP = bytes(range(100))
PATIENCE = 60.0  # seconds


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    """A site with a clip; beside its directory lies what is not of the site."""
    site = tmp_path / "site"
    (site / "a guide").mkdir(parents=True)
    (site / "empty").mkdir()
    (site / "clip.mp3").write_bytes(CLIP)
    (site / "index.html").write_text("home")
    (site / "a guide" / "index.html").write_text("guide")
    (site / "a guide" / "Übung.html").write_text("exercise")
    (tmp_path / "secret.txt").write_text("secret")
    if sys.platform != "win32":  # where a link needs a privilege
        (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    with WebServer(site) as running:
        yield running


def part(server: WebServer, wanted: str) -> requests.Response:
    return requests.get(f"{server.url}/clip.mp3", headers={"Range": wanted}, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 99),
        ("bytes=10-19", 10, 19),
        ("bytes=90-", 90, 99),
        ("bytes=90-5000", 90, 99),
        ("bytes=-5", 95, 99),
        ("bytes=-5000", 0, 99),
    ],
)
def test_a_range_is_cut_from_the_file(server: WebServer, wanted: str, start: int, end: int) -> None:
    reply = part(server, wanted)

    assert reply.status_code == 206
    assert reply.content == CLIP[start : end + 1]
    assert reply.headers["Content-Range"] == f"bytes {start}-{end}/100"
    assert reply.headers["Content-Length"] == str(end + 1 - start)
    assert reply.headers["Content-Type"] == "audio/mpeg"


@pytest.mark.parametrize("wanted", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=-", "bytes=20-10", "bytes=x-y"])
def test_a_range_outside_of_the_file_is_refused(server: WebServer, wanted: str) -> None:
    reply = part(server, wanted)

    assert reply.status_code == 416
    assert reply.headers["Content-Range"] == "bytes */100"
    assert reply.content == b""


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "seconds=0-1"])
def test_other_ranges_are_answered_with_the_whole_file(server: WebServer, wanted: str) -> None:
    reply = part(server, wanted)

    assert reply.status_code == 200
    assert reply.content == CLIP


def test_a_host_without_ranges_does_not_offer_them(server: WebServer) -> None:
    assert part(server, "bytes=0-").headers["Accept-Ranges"] == "bytes"

    server.without_ranges = True
    reply = part(server, "bytes=10-19")

    assert reply.status_code == 200
    assert reply.content == CLIP
    assert "Accept-Ranges" not in reply.headers


def test_head_is_get_without_the_body(server: WebServer) -> None:
    reply = requests.head(f"{server.url}/clip.mp3", headers={"Range": "bytes=0-1"}, timeout=PATIENCE)

    assert reply.status_code == 200
    assert reply.content == b""
    assert reply.headers["Content-Length"] == "100"
    assert reply.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.mp3", "audio/mpeg"),
        ("a.MP3", "audio/mpeg"),
        ("a.opus", "audio/ogg"),
        ("a.flac", "audio/flac"),
        ("a.wav", "audio/wav"),
        ("a.vtt", "text/vtt; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("feed.xml", "application/xml"),
        ("a.png", "image/png"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_a_file_has_its_media_type(server: WebServer, name: str, expected: str) -> None:
    (server.directory / name).write_bytes(b"")

    assert requests.get(f"{server.url}/{name}", timeout=PATIENCE).headers["Content-Type"] == expected


def test_a_directory_is_its_index_and_leads_to_its_slash(server: WebServer) -> None:
    assert requests.get(server.url, timeout=PATIENCE).text == "home"
    assert requests.get(f"{server.url}/a%20guide/?q=1", timeout=PATIENCE).text == "guide"

    reply = requests.get(f"{server.url}/a%20guide?q=1", timeout=PATIENCE)

    assert reply.text == "guide"
    assert reply.url == f"{server.url}/a%20guide/?q=1"
    assert [step.status_code for step in reply.history] == [301]


def test_paths_are_percent_decoded(server: WebServer) -> None:
    assert requests.get(f"{server.url}/a%20guide/%C3%9Cbung.html", timeout=PATIENCE).text == "exercise"


@pytest.mark.parametrize("path", ["/nothing", "/empty/", "/empty", "/clip.mp3/", "/%00", "/" + "a" * 5000])
def test_what_is_not_there_is_the_sites_own_page_404(server: WebServer, path: str) -> None:
    assert requests.get(f"{server.url}{path}", timeout=PATIENCE).status_code == 404

    (server.directory / "404.html").write_text("the site's own page")
    reply = requests.get(f"{server.url}{path}", headers={"Range": "bytes=0-1"}, timeout=PATIENCE)

    assert reply.status_code == 404
    assert reply.text == "the site's own page"
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/a%20guide/..%2F..%2Fsecret.txt", "//etc/passwd", "/link.txt"]
)
def test_nothing_outside_of_the_directory_is_served(server: WebServer, path: str) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", path)  # unlike `requests`, this sends the path as it is
    reply = connection.getresponse()

    assert reply.status == 404
    assert b"secret" not in reply.read()
    connection.close()


def test_headers_can_be_added_while_it_runs(server: WebServer) -> None:
    policy = {"Content-Security-Policy": "default-src 'self'"}
    assert policy.items().isdisjoint(requests.get(server.url, timeout=PATIENCE).headers.items())

    server.headers = policy

    assert policy.items() <= requests.get(server.url, timeout=PATIENCE).headers.items()


def test_the_requests_are_on_record(server: WebServer) -> None:
    part(server, "bytes=5-")
    requests.head(f"{server.url}/a%20guide/?q=1", timeout=PATIENCE)

    assert server.requests == [("GET", "/clip.mp3", "bytes=5-"), ("HEAD", "/a%20guide/?q=1", None)]


def test_a_connection_is_kept_for_further_requests(server: WebServer) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENCE)
    sockets = set()
    for path in ("/", "/clip.mp3", "/nothing", "/a%20guide"):
        connection.request("GET", path)
        sockets.add(connection.sock)
        connection.getresponse().read()

    assert len(sockets) == 1
    connection.close()


def test_many_ask_at_once(server: WebServer) -> None:
    together = threading.Barrier(40, timeout=PATIENCE)

    def ask(start: int) -> bytes:
        with requests.Session() as session:
            session.get(server.url, timeout=PATIENCE)
            together.wait()  # every one of them has a connection open by now
            return session.get(f"{server.url}/clip.mp3", headers={"Range": f"bytes={start}-"}, timeout=PATIENCE).content

    with ThreadPoolExecutor(40) as threads:
        assert list(threads.map(ask, range(40))) == [CLIP[start:] for start in range(40)]


def test_it_stops_though_connections_are_open(server: WebServer) -> None:
    with WebServer(server.directory) as short:
        connection = http.client.HTTPConnection(short.url.removeprefix("http://"), timeout=PATIENCE)
        connection.request("GET", "/")
        connection.getresponse().read()

    assert connection.sock.recv(1) == b""
    connection.close()
