"""An S3 server on loopback with a bucket of a million names and no files: all that it can do is list them.

    python -m benchmarks.bucket --segments 1000000

In a process of its own, so that its memory and its processor time are not those of what is measured. It lists as S3
does (ListObjectsV2): 1,000 keys a page, and a token for the next.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from bisect import bisect_left
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from benchmarks.large import remote_names
from tests.support.http_server import Exchange, HttpServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

URL = "s3://voices/docs"
SEGMENTS = "docs/segments/"
PAGE = 1000  # keys

_COUNT = "/-/requests"
_ENTRY = (
    "<Contents><Key>{key}</Key><LastModified>2026-11-22T12:00:00.000Z</LastModified>"
    "<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>161024</Size>"
    "<StorageClass>STANDARD</StorageClass></Contents>"
)
_ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>voices</Name><Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys>"
    "<IsTruncated>{more}</IsTruncated>{token}{entries}</ListBucketResult>"
)


def page_of(names: Sequence[str], query: Mapping[str, str]) -> str:
    """One answer to ListObjectsV2.

    Args:
        names: All of the bucket's segments, sorted.
        query: Of the request: `prefix`, and `continuation-token`, which is a place in `names`.
    """
    prefix = query.get("prefix", "")
    stem = prefix.removeprefix(SEGMENTS).rpartition("/")[0] if prefix.startswith(SEGMENTS) else "none"
    begin, end = bisect_left(names, stem), bisect_left(names, stem + "~")
    begin = int(query.get("continuation-token", begin))
    listed = names[begin : min(begin + PAGE, end)]
    has_more = begin + PAGE < end
    return _ANSWER.format(
        prefix=prefix,
        count=len(listed),
        more=str(has_more).lower(),
        token=f"<NextContinuationToken>{begin + PAGE}</NextContinuationToken>" if has_more else "",
        entries="".join(_ENTRY.format(key=f"{SEGMENTS}{name[0]}/{name}") for name in listed),
    )


class _Names:
    """What a bucket answers, from all of its segments' names, sorted."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._paths: list[str] = []  # of all requests

    def answer(self, exchange: Exchange) -> None:
        if exchange.path == _COUNT:
            return self._send(exchange, 200, str(len(self._paths)))
        self._paths.append(exchange.path)
        query = dict(parse_qsl(urlsplit(exchange.path).query))
        if exchange.command == "HEAD" or query.get("list-type") != "2":
            return self._send(exchange, 404, "")
        return self._send(exchange, 200, page_of(self._names, query))

    def _send(self, exchange: Exchange, status: int, text: str) -> None:
        exchange.reply(status, text.encode(), {"Content-Type": "application/xml"})


class Bucket:
    """A bucket's server.

    Attributes:
        environment: What a program has to be told, by the ways of AWS's own library.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def requests(self) -> int:
        """How many there were."""
        with urlopen(self._endpoint + _COUNT) as answer:
            return int(answer.read())


@contextmanager
def bucket(segments: int) -> Iterator[Bucket]:
    """A bucket of so many names, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bucket", "--segments", str(segments)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Bucket(process.stdout.readline().strip())
        finally:
            process.terminate()


def main() -> None:
    """Serve until ended; prints the address when it is ready."""
    parser = argparse.ArgumentParser(prog="benchmarks.bucket", description="Names of a large remote cache.")
    parser.add_argument("--segments", type=int, default=1_000_000)
    names = _Names(sorted(remote_names(parser.parse_args().segments)))
    with HttpServer(names.answer, methods=("GET", "HEAD")) as server:
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
