"""A built site on loopback, served as real hosts serve it: ranges, media types, directories and 404.html.

`with WebServer(directory) as server:` serves at `server.url` until the block ends; its fields are knobs that may
be turned while it runs, and `server.requests` is what was asked for.

For people: `python -m tests.support.web_server site --port 8766`.
"""

from __future__ import annotations

import argparse
import contextlib
import mimetypes
import re
import sys
import threading
from dataclasses import KW_ONLY, dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import unquote

from tests.support.http_server import Exchange, HttpServer

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".flac": "audio/flac",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".wav": "audio/wav",
    ".xml": "application/xml",
}
"""The same on every machine; the rest is as `mimetypes` finds it."""


STALL: Final = 120.0
"""Seconds after which what stalls goes on, so that nothing waits for ever."""


class Request(NamedTuple):
    """A request as it came: its path is not decoded, and has the query; its range is the header, if any."""

    method: str
    path: str
    range: str | None


@dataclass(frozen=True)
class Reply:
    """What goes back to the browser."""

    status: HTTPStatus
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Stall:
    """A network on which sound stops, after so many bytes of each reply, until `end` is set."""

    after: int = 0
    end: threading.Event = field(default_factory=threading.Event)


@dataclass
class WebServer:
    """The server, as a context manager. Its fields are knobs, and may be turned while it runs."""

    directory: Path
    _: KW_ONLY
    port: int = 0  # 0: any that is free
    headers: Mapping[str, str] = field(default_factory=dict)  # on every reply, such as a Content-Security-Policy
    without_ranges: bool = False  # as the plainest of servers: the whole file, whatever part was asked for
    is_old: bool = False  # HTTP/1.0: a connection for each request
    stall: Stall | None = None  # how the sound comes

    requests: list[Request] = field(default_factory=list, init=False)  # in the order of arrival
    url: str = field(default="", init=False)  # where it is, once it runs; without a slash at its end

    def __enter__(self) -> Self:
        self._server = HttpServer(self._serve, port=self.port, methods=("GET", "HEAD")).__enter__()
        self.url = self._server.url
        return self

    def __exit__(self, *_: object) -> None:
        if self.stall:
            self.stall.end.set()
        self._server.__exit__()

    def _serve(self, exchange: Exchange) -> None:
        reply = self.respond(Request(exchange.command, exchange.path, exchange.headers["Range"]))
        headers = {"Content-Length": str(len(reply.body)), **reply.headers, **self.headers}
        if self.is_old:
            exchange.protocol_version = "HTTP/1.0"
            exchange.close_connection = True
        exchange.start(reply.status, headers)
        if exchange.command == "HEAD":
            return
        if self.stall and headers.get("Content-Type", "").startswith("audio/"):
            exchange.wfile.write(reply.body[: self.stall.after])
            self.stall.end.wait(STALL)
            exchange.wfile.write(reply.body[self.stall.after :])
        else:
            exchange.wfile.write(reply.body)

    def respond(self, request: Request) -> Reply:
        """Answer a request, and keep the record."""
        self.requests.append(request)
        path, mark, query = request.path.partition("?")
        file = self._find(path)
        if file is None:
            own = self.directory / "404.html"
            body = own.read_bytes() if own.is_file() else b"<!doctype html><title>404</title><p>There is no such page."
            return Reply(HTTPStatus.NOT_FOUND, body, {"Content-Type": MEDIA_TYPES[".html"]})
        if file.is_dir():
            return Reply(HTTPStatus.MOVED_PERMANENTLY, headers={"Location": f"{path}/{mark}{query}"})
        whole = Reply(HTTPStatus.OK, file.read_bytes(), {"Content-Type": media_type(file)})
        if self.without_ranges:
            return whole
        whole = replace(whole, headers={**whole.headers, "Accept-Ranges": "bytes"})
        return cut(whole, request.range) if request.method == "GET" and request.range else whole

    def _find(self, path: str) -> Path | None:
        """The file that a path means; a directory, if only the slash at its end is missing; None for neither."""
        root = self.directory.resolve()
        try:
            found = (root / unquote(path).lstrip("/")).resolve()
            if not found.is_relative_to(root):
                return None
            if found.is_dir():
                index = found / "index.html"
                return None if not index.is_file() else index if path.endswith("/") else found
            return found if found.is_file() and not path.endswith("/") else None
        except (OSError, ValueError):  # a name too long, or with a null in it
            return None


def media_type(file: Path) -> str:
    """The Content-Type of a file, by its name."""
    known = MEDIA_TYPES.get(file.suffix.lower())
    return known or mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def cut(whole: Reply, wanted: str) -> Reply:
    """The part that a Range header asks for (RFC 9110, section 14.2).

    As with other hosts, a part that does not exist is refused, and so is what cannot be understood; who wants
    several parts at once, or counts in another unit than bytes, gets the whole.
    """
    if not wanted.startswith("bytes=") or "," in wanted:
        return whole
    size = len(whole.body)
    match = re.fullmatch(r"bytes=\s*(\d*)-(\d*)\s*", wanted, re.ASCII)
    first, last = match.groups() if match else ("", "")
    if first:
        start, end = int(first), min(int(last) if last else size, size - 1)
    else:
        start, end = max(0, size - int(last or 0)), size - 1
    if start > end:
        return Reply(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    headers = {**whole.headers, "Content-Range": f"bytes {start}-{end}/{size}"}
    return Reply(HTTPStatus.PARTIAL_CONTENT, whole.body[start : end + 1], headers)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve a built site on loopback, as a real host would.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--without-ranges", action="store_true")
    chosen = parser.parse_args()
    with WebServer(**vars(chosen)) as server, contextlib.suppress(KeyboardInterrupt):
        sys.stderr.write(f"{server.url}/ is {chosen.directory}\n")
        threading.Event().wait()


if __name__ == "__main__":
    main()
