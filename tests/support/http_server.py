"""HTTP on loopback: the server that stand-ins are built on, and one that sends any bytes, be they HTTP or not."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping


class HttpServer(http.server.ThreadingHTTPServer):
    """A server on a thread of its own, as a context manager; when it stops, it cuts all connections.

    Attributes:
        answer: Called with each exchange, on a thread of its connection.
        methods: What it knows; to others it says so.
        connections: Accepted so far.
        url: Where it is, without a slash at its end.
    """

    daemon_threads = True
    request_queue_size = 128  # as many may come before a busy machine has taken the first

    def __init__(
        self, answer: Callable[[Exchange], None], *, port: int = 0, methods: tuple[str, ...] = ("GET", "HEAD", "POST")
    ) -> None:
        self.answer = answer
        self.methods = methods
        self.connections = 0
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Exchange)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def server_bind(self) -> None:
        """Bind, without asking a name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self._open.add(connection)
        self.connections += 1
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in self._open.copy():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client may lose interest and cut its connection: that is no error here."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Exchange(http.server.BaseHTTPRequestHandler):
    """A connection with its current request, `command` and `path`, which is answered with `reply` or by hand."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def _serve(self) -> None:
        if self.command in self.server.methods:
            self.server.answer(self)
        else:
            self.send_error(501)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - named by http.server

    def body(self) -> bytes:
        """What came with the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the beginning of an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def reply(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send an answer whole; of one to HEAD, all but its body."""
        self.start(status, {"Content-Length": str(len(body)), **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Say nothing."""


@contextlib.contextmanager
def nobody() -> Iterator[str]:
    """The address of a port where nobody listens, and that nobody else can have meanwhile."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


@contextlib.contextmanager
def answering(*pieces: bytes, pause: float = 0, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that sends the same bytes to everyone, a pause after each piece, and closes; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as connections:
        stopped = threading.Event()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection = connections.enter_context(listener.accept()[0])
                    with contextlib.suppress(OSError):
                        if tls:
                            connection = connections.enter_context(tls.wrap_socket(connection, server_side=True))
                        _receive(connection)
                        for piece in pieces:
                            connection.sendall(piece)
                            stopped.wait(pause)
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _receive(connection: socket.socket) -> None:
    """Read a whole request: a connection closed before that is reset, and the answer may be lost."""
    with connection.makefile("rb") as file:
        length = 0
        while (line := file.readline()) not in {b"", b"\r\n"}:
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        file.read(length)


def http_reply(status: str, body: bytes, *headers: str) -> bytes:
    """A whole answer for `answering`, which closes its connection, and says so."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
