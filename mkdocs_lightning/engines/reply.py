"""What the Lightning service answers: a reply within bounds, and the error that a refusal stands for.

Source: the service's contract, sections 3 (success) and 4 (errors), November 2026.
"""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

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

    import requests

MAX_REPLY = 64 * 2**20
"""Bytes: many times what the longest text at the highest rate needs."""

MAX_WORDS = 300
"""Characters of an error body that are worth repeating."""

_PIECE = 64 * 2**10
_TRANSIENT = frozenset([408, 409, 425])  # beside all of 5xx
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


class Reply(NamedTuple):
    """A whole reply; the names in `headers` are found in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the status says success."""
        return self.status == HTTPStatus.OK


def read_reply(response: requests.Response, deadline: float) -> Reply:
    """The whole body, within the bounds of time and size, and of the length that was announced.

    Args:
        response: Its body not yet read.
        deadline: On the clock of `time.monotonic`.

    Raises:
        TransientError: Out of bounds, or cut short.
    """
    content = bytearray()
    while piece := response.raw.read1(_PIECE, decode_content=False):  # what there is: a drip cannot hold us up
        content += piece
        if len(content) > MAX_REPLY:
            raise TransientError(f"the service's reply is larger than {MAX_REPLY // 2**20} MB")
        if time.monotonic() > deadline:
            raise TransientError("the service's reply took too long; see timeout")
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and len(content) < int(announced):
        raise TransientError(f"the service's reply was cut short: {len(content)} of {announced} bytes")
    return Reply(response.status_code, response.headers, bytes(content))


def audio_bytes(reply: Reply, model: str) -> bytes:
    """The audio of a reply that has any; the Content-Type is no sign of it (contract section 3).

    Raises:
        EngineError: The kind that the refusal stands for.
    """
    if not reply.is_ok:
        raise refusal(reply, model)
    if reply.content[:1] in {b"", b"{", b"<"}:
        raise TransientError(f"the service sent {_words(reply.content)} instead of audio")
    return reply.content


def refusal(reply: Reply, model: str) -> EngineError:
    """The error that a status stands for (contract section 4.2), in the service's own words."""
    said = f"the service answered {reply.status}, {_words(reply.content)}"
    request_id = reply.headers.get("x-request-id", "")[:MAX_WORDS] or None
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return BusyError(said, request_id, _retry_after(reply.headers))
    if reply.status in _TRANSIENT or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(said, request_id, _retry_after(reply.headers))
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        where = reply.headers.get("location", "")[:MAX_WORDS]
        return TransientError(f"the service redirects to {where!r}, which is not followed", request_id)
    if reply.status in _RUN_STOPPING:
        return EngineStoppedError(f"{said}: {_RUN_STOPPING[reply.status].format(model=model)}", request_id)
    fields = set(_refused_fields(_parsed(reply.content)))
    if not fields or "text" in fields:
        return TextRefusedError(said, request_id)
    advice = [_FIELD_ADVICE[name].format(model=model) for name in _FIELD_ADVICE if name in fields]
    return VoiceRefusedError(": ".join([said, *advice[:1]]), request_id)


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _words(content: bytes) -> str:
    """What a body says, quoted, in any of the shapes of contract section 4.1."""
    if not content.strip():
        return "with an empty body"
    messages = "; ".join(_messages(_parsed(content)))
    if not messages:  # HTML, or nothing that we know
        messages = re.sub(r"<[^>]*>", " ", content[: 10 * MAX_WORDS].decode("utf-8", "replace"))
    printable = "".join(character if character.isprintable() else " " for character in messages)
    return "'" + " ".join(printable.split())[:MAX_WORDS] + "'"


def _messages(body: object) -> Iterator[str]:
    """The texts of an error body: lists of issues (A), message (B, C), error as text (C, D), details (D)."""
    if isinstance(body, list):
        for item in body:
            yield from _messages(item)
    elif isinstance(body, dict):
        path = body.get("path")
        where = ".".join(map(str, path)) + ": " if isinstance(path, list) and path else ""
        for name in ("error_code", "error", "message", "details", "recommended_endpoint"):
            yield from (where + words for words in _messages(body.get(name)))
    elif isinstance(body, str) and body:
        yield body


def _refused_fields(body: object) -> Iterator[str]:
    """The request's fields that a list of issues (shape A) names."""
    issues = body.get("error") if isinstance(body, dict) else None
    for issue in issues if isinstance(issues, list) else []:
        path = issue.get("path") if isinstance(issue, dict) else None
        if isinstance(path, list) and path:
            yield str(path[0])


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value) if value[:1].isdecimal() else parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError):  # not said, or nonsense
        return None
    return max(0.0, seconds)
