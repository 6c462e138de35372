"""What the Lightning service answers: a reply within bounds, and the error that a refusal stands for.

Source: the service's contract, sections 3 (success) and 4 (errors), November 2026.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from mkdocs_lightning.engines import (
    BusyError,
    EngineError,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3 import BaseHTTPResponse

WireFormat = Literal["wav", "pcm", "mp3", "ulaw", "alaw"]

MAX_WORDS = 300
"""Characters of an error body that are worth repeating."""

HIDDEN = "[the key]"

_PIECE = 64 * 2**10
_HEAD = 64
_TRANSIENT = frozenset([408, 409, 425])  # beside all of 5xx, and what is neither speech nor a refusal
_SERVER_ERROR = 500
_RUN_STOPPING = {
    401: "check the API key in SMALLEST_API_KEY",
    402: "the account has no credit left",
    403: "the key may not do this, or the account's limit is used up",
    404: "there is no such address; check base_url",
    405: "there is no such address; check base_url",
    410: "model {model} is retired; set model to another (what is cached keeps playing)",
}
_FIELD_ADVICE = {
    "model": "set model to another than {model}, if it is retired (what is cached keeps playing)",
    "voice_id": "choose a voice_id of model {model}",
    "language": "set language to one that model {model} speaks",
}
_FIELD_WORDS = {  # what refuses a field in words alone, where no path names it
    "voice_id": re.compile(r"voice '.*' is not available|invalid voice", re.IGNORECASE),
    "language": re.compile(r"language '.*' is not supported", re.IGNORECASE),
}
_AUDIO_FILE = re.compile(rb"RIFF|ID3|\xff[\xe0-\xff]")
_TEXT = re.compile(rb"\s*[{\[<][\t\n\r -~]*")  # JSON or HTML; raw samples may begin so, but not go on


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply.

    Attributes:
        headers: Found by their names in any case.
        secret: What is never repeated, should the service echo it.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    secret: str = field(repr=False)

    @property
    def is_ok(self) -> bool:
        """Whether the status says success."""
        return self.status == HTTPStatus.OK

    @property
    def json(self) -> object:
        """The body, read as JSON; None where it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def request_id(self) -> str | None:
        """By which the service's support finds the request."""
        body = self.json if not self.is_ok else None
        said = body.get("request_id") if isinstance(body, dict) else None
        return self.header("x-request-id") or (self.quotable(str(said)) if said else None)

    @property
    def words(self) -> str:
        """What the body says, quoted, in any of the shapes of contract section 4.1."""
        if not self.content.strip():
            return "an empty body"
        if b"\0" in self.content[:_HEAD]:
            return f"{len(self.content):,} bytes of something else"
        messages = "; ".join(_messages(self.json))
        if not messages:  # HTML, or nothing that we know
            content = self.content.replace(self.secret.encode(), HIDDEN.encode())[: 10 * MAX_WORDS]
            messages = re.sub(r"<[^>]*>", " ", content.decode("utf-8", "replace"))
        return f"'{self.quotable(messages)}'"

    def header(self, name: str) -> str:
        """A header that is fit to be repeated; empty where there is none."""
        return self.quotable(self.headers.get(name, ""))

    def quotable(self, words: str) -> str:
        """Words of the service that are fit to be repeated: printable, on one line, few, and without the key."""
        printable = "".join(character if character.isprintable() else " " for character in words)
        return " ".join(printable.replace(self.secret, HIDDEN).split())[:MAX_WORDS]


def read_body(response: BaseHTTPResponse, most: int) -> bytes:
    """The whole body; never unpacked, for we ask for nothing packed.

    Args:
        response: Its body not yet read.
        most: Bytes.

    Raises:
        TransientError: Larger.
    """
    content = bytearray()
    while piece := response.read1(_PIECE, decode_content=False):
        content += piece
        if len(content) > most:
            raise TransientError(f"the service's reply is larger than {most / 2**20:.0f} MB")
    return bytes(content)


def audio_bytes(reply: Reply, model: str, wire_format: WireFormat) -> bytes:
    """The audio of a reply that has any; the Content-Type is no sign of it (contract section 3).

    Raises:
        EngineError: The kind that the refusal stands for.
    """
    if not reply.is_ok:
        raise refusal(reply, model)
    if wire_format in {"wav", "mp3"}:
        is_audio = bool(_AUDIO_FILE.match(reply.content))
    else:
        is_audio = reply.content != b"" and not _TEXT.fullmatch(reply.content[:_HEAD])
    if not is_audio:
        raise TransientError(f"the service sent {reply.words} instead of audio", reply.request_id)
    return reply.content


def refusal(reply: Reply, model: str) -> EngineError:
    """The error that a status stands for (contract section 4.2), in the service's own words."""
    said, request_id = f"the service answered {reply.status}, {reply.words}", reply.request_id
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return BusyError(said, request_id, _retry_after(reply.headers))
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        said = f"the service redirects to {reply.header('location')!r}, which is not followed"
    if reply.status < HTTPStatus.BAD_REQUEST or reply.status in _TRANSIENT or reply.status >= _SERVER_ERROR:
        return TransientError(said, request_id, _retry_after(reply.headers))
    if reply.status in _RUN_STOPPING:
        return EngineStoppedError(f"{said}: {_RUN_STOPPING[reply.status].format(model=model)}", request_id)
    fields = set(_refused_fields(reply.json))
    if not fields or "text" in fields:
        return TextRefusedError(said, request_id)
    advice = [_FIELD_ADVICE[name].format(model=model) for name in _FIELD_ADVICE if name in fields]
    return VoiceRefusedError(": ".join([said, *advice[:1]]), request_id)


def _messages(body: object, depth: int = 6) -> Iterator[str]:
    """The texts of an error body: lists of issues (A), message (B, C), error as text (C, D), details (D)."""
    if not depth:
        return
    if isinstance(body, list):
        for item in body:
            yield from _messages(item, depth - 1)
    elif isinstance(body, dict):
        path = body.get("path")
        where = ".".join(map(str, path)) + ": " if isinstance(path, list) and path else ""
        for name in ("error_code", "error", "message", "details", "recommended_endpoint"):
            yield from (where + words for words in _messages(body.get(name), depth - 1))
    elif isinstance(body, str) and body:
        yield body


def _refused_fields(body: object) -> Iterator[str]:
    """The request's fields that are refused: a list of issues (shape A) names them, others tell in words."""
    issues = body.get("error") if isinstance(body, dict) else None
    for issue in issues if isinstance(issues, list) else []:
        path = issue.get("path") if isinstance(issue, dict) else None
        if isinstance(path, list) and path:
            yield str(path[0])
    for words in _messages(body):
        yield from (name for name, pattern in _FIELD_WORDS.items() if pattern.search(words))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3); by the service's clock, if it tells it."""
    value, now = headers.get("retry-after", "").strip(), headers.get("date", "")
    try:
        if value[:1].isdecimal():
            seconds = float(value)
        else:
            seconds = _timestamp(value) - (_timestamp(now) if now else time.time())
    except (ValueError, OverflowError):  # not said, or nonsense
        return None
    return max(0.0, seconds)


def _timestamp(value: str) -> float:
    return parsedate_to_datetime(value).timestamp()
