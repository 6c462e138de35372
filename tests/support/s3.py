"""An S3 server on loopback, moto's, that can be made slow, damaged, read-only, or be stopped in the middle."""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Self
from urllib.request import Request, urlopen

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

BUCKET = "voices"
_OWNER = "AWS4-HMAC-SHA256 Credential=owner/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


def failure(status: str, code: str) -> tuple[str, bytes]:
    """An answer of S3 that is an error."""
    return status, f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>No</Message></Error>'.encode()


FORBIDDEN = failure("403 Forbidden", "AccessDenied")
UNAVAILABLE = failure("503 Service Unavailable", "SlowDown")
BROKEN = failure("500 Internal Server Error", "InternalError")


class S3:
    """The server; a context manager.

    Attributes:
        url: Of its one bucket, for `remote_cache`.
        endpoint: For `AWS_ENDPOINT_URL`.
        requests: Method and path of all that was asked for.
        latency: Seconds before each answer.
        may_write: Whether it takes anything.
        damage: What is done to each file that it gives out.
        dies_after: So many requests; it then closes every connection without a word.
        answer: Given a method and a path with its query, the status and the body to answer with; None for its own.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.latency = 0.0
        self.may_write = True
        self.damage: Callable[[bytes], bytes] | None = None
        self.dies_after: int | None = None
        self.answer: Callable[[str, str], tuple[str, bytes] | None] | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()  # ends what an answer waits for
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL + 1)
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"s3://{BUCKET}/docs"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._ask("POST", "/moto-api/reset")
        self._ask("PUT", f"/{BUCKET}")
        self.requests.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """What a build has to be told, by the ways of AWS's own library."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "LEAKME-id",
            "AWS_SECRET_ACCESS_KEY": "LEAKME-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def names(self) -> list[str]:
        """Of all files in the bucket, without their directory."""
        answer = self._ask("GET", f"/{BUCKET}?list-type=2&max-keys=100000").decode()
        return [part.partition("</Key>")[0].removeprefix("docs/") for part in answer.split("<Key>")[1:]]

    def read(self, name: str) -> bytes:
        """One file."""
        return self._ask("GET", f"/{BUCKET}/docs/{name}")

    def write(self, name: str, data: bytes) -> None:
        """Put a file there."""
        self._ask("PUT", f"/{BUCKET}/docs/{name}", data)

    def delete(self, name: str) -> None:
        """Take a file away."""
        self._ask("DELETE", f"/{BUCKET}/docs/{name}")

    def count(self, method: str) -> int:
        """How many requests of one kind there were."""
        return sum(request.startswith(f"{method} ") for request in self.requests)

    def _ask(self, method: str, path: str, data: bytes | None = None) -> bytes:
        """As the owner of the bucket, whatever the server is set to, and unseen."""
        headers = {"X-Owner": "yes", "Authorization": _OWNER, "Content-Type": "application/octet-stream"}
        request = Request(self.endpoint + path, data=data, method=method, headers=headers)
        with urlopen(request) as answer:
            return bytes(answer.read())

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_X_OWNER"):
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        method = environ["REQUEST_METHOD"]
        with self._lock:
            self.requests.append(f"{method} {environ['PATH_INFO']}")
            number = len(self.requests)
        is_dead = self.dies_after is not None and number > self.dies_after
        if is_dead or self._stopped.wait(self.latency):  # after its end it would write into the bucket of the next test
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return []
        answer = self.answer and self.answer(method, f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        if method not in {"GET", "HEAD"} and not self.may_write:
            answer = FORBIDDEN
        if answer:
            status, body = answer
            start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]
        if self.damage is None or method != "GET" or environ["QUERY_STRING"]:
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        return self._damaged(self.damage, environ, start_response)

    def _damaged(
        self, damage: Callable[[bytes], bytes], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def remember(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            head.append((status, headers))
            return lambda _data: None

        body = damage(b"".join(self._app(environ, remember)))
        status, headers = head[0]
        kept = [(name, value) for name, value in headers if name.lower() not in {"content-length", "etag"}]
        kept = [(name, value) for name, value in kept if not name.lower().startswith("x-amz-checksum")]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]
