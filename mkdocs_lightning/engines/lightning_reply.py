"""Replies of the Lightning service: reading them within limits, and turning a refusal into an error.

Source: the service's documentation of its responses and errors, November 2026.
"""

from __future__ import annotations

import codecs
import json
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from mkdocs_lightning.engines import (
    BusyError,
    DefectError,
    EngineError,
    EngineStoppedError,
    KeyRefusedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3 import BaseHTTPResponse

WireFormat = Literal["wav", "pcm", "mp3", "ulaw", "alaw"]

MAX_MESSAGE = 300
"""Maximum number of characters of an error body that a message quotes."""

HIDDEN = "[the key]"

_PIECE = 64 * 2**10
_HEAD = 64
_TRANSIENT = frozenset([408, 409, 425])  # besides 5xx, and statuses that are neither success nor refusal
_SERVER_ERROR = 500
_RUN_STOPPING = {
    401: "check the API key in {key_source}",
    402: "the account has no credit left",
    403: "the key does not permit this, or the account's limit is used up",
    404: "there is no such address; check base_url",
    405: "there is no such address; check base_url",
    410: "model {model} is retired; set model to another (cached audio keeps playing)",
}
_NO_ACCESS = "model_access_denied"
"""The code of a refusal that concerns one model, and no other request of the account."""

_FIELD_ADVICE = {
    "model": "set model to another if {model} is retired (cached audio keeps playing)",
    "voice_id": "choose a voice_id of model {model}",
    "language": "set language to one that model {model} speaks",
}
_FIELD_PATTERNS = {  # messages that refuse a field without naming its path
    "voice_id": re.compile(r"voice '.*' is not available|invalid voice", re.IGNORECASE),
    "language": re.compile(r"language '.*' is not supported", re.IGNORECASE),
}
_AUDIO_FILE = re.compile(rb"RIFF|ID3|\xff[\xe0-\xff]")
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f\x7f]")  # what no error's JSON or HTML begins with
_TEXT = re.compile(rb"\s*[{\[<]")  # how JSON and HTML begin; raw samples may, too, but are not text


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply.

    Attributes:
        headers: With case-insensitive names.
        secret: The API key, which no message repeats, even if the service echoes it.
        has_length: Whether the reply says where its body ends. If not, the body may have been cut off anywhere.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    secret: str = field(repr=False)
    has_length: bool = True

    @property
    def is_ok(self) -> bool:
        """Whether the status is 200."""
        return self.status == HTTPStatus.OK

    @property
    def json(self) -> object:
        """The body, read as JSON; None if it is not JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def is_binary(self) -> bool:
        """Whether the body is not text: audio of some kind, perhaps, and then charged for."""
        try:
            head, _ = codecs.utf_8_decode(self.content[:_HEAD])  # it may end within a character
        except UnicodeDecodeError:
            return True
        return bool(_CONTROL.search(head))

    @property
    def request_id(self) -> str | None:
        """By which the service's support can find the request; None if the reply has none."""
        body = self.json if not self.is_ok else None
        of_error = body.get("error") if isinstance(body, dict) else None
        places = (each for each in (body, of_error) if isinstance(each, dict))
        request_id = next((place["request_id"] for place in places if place.get("request_id")), None)
        return self.header("x-request-id") or (self.quotable(str(request_id)) if request_id else None)

    @property
    def message(self) -> str:
        """The body's message, quoted; or a description of the body. Reads all shapes in which the service answers."""
        if not self.content.strip():
            return "an empty body"
        if b"\0" in self.content[:_HEAD]:
            return f"{len(self.content):,} bytes of something else"
        messages = "; ".join(_messages(self.json))
        if not messages:  # HTML, or an unknown shape
            content = self.content.replace(self.secret.encode(), HIDDEN.encode())[: 10 * MAX_MESSAGE]
            messages = re.sub(r"<[^>]*>", " ", content.decode("utf-8", "replace"))
        return f"'{self.quotable(messages)}'"

    def header(self, name: str) -> str:
        """A header, made safe to be quoted; empty if there is none."""
        return self.quotable(self.headers.get(name, ""))

    def quotable(self, text: str) -> str:
        """As the function `quotable`."""
        return quotable(text, self.secret)


def quotable(text: str, secret: str) -> str:
    """Make a text of the service safe to be quoted: printable, on one line, short, and without the key."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.replace(secret, HIDDEN).split())[:MAX_MESSAGE]


def read_body(response: BaseHTTPResponse, max_bytes: int) -> bytes | None:
    """Read a body; None if it is larger than `max_bytes`. It is never decompressed: requests accept no compression."""
    length = response.length_remaining
    if length is not None and length <= max_bytes:
        return response.read(decode_content=False)  # as few reads as can be: after each, a busy main thread goes first
    content = bytearray()
    while piece := response.read1(_PIECE, decode_content=False):
        content += piece
        if len(content) > max_bytes:
            return None
    return bytes(content)


def audio_bytes(reply: Reply, model: str, wire_format: WireFormat, key_source: str) -> bytes:
    """The audio of a reply. Looks at the bytes, as the Content-Type cannot be relied on.

    Args:
        reply: To a request for audio.
        model: That was asked for.
        wire_format: Likewise.
        key_source: As for `refusal`.

    Raises:
        EngineError: The reply is a refusal, or something else than audio.
    """
    if not reply.is_ok:
        raise refusal(reply, model, key_source)
    if wire_format in {"wav", "mp3"}:
        is_audio = bool(_AUDIO_FILE.match(reply.content))
    else:
        is_audio = reply.is_binary or (reply.content != b"" and not _TEXT.match(reply.content))
    if not is_audio:
        message = f"the service sent {reply.message} instead of audio"
        if reply.is_binary:  # in a format that nobody asked for, or compressed
            raise DefectError(message, reply.request_id, kind="not audio")
        raise TransientError(message, reply.request_id)
    return reply.content


def refusal(reply: Reply, model: str, key_source: str) -> EngineError:
    """The error for a status, with the service's message.

    Args:
        reply: Not ok.
        model: That was asked for.
        key_source: The name of the option or variable that the API key was read from.
    """
    message, request_id = f"the service answered {reply.status}, {reply.message}", reply.request_id
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return BusyError(message, request_id, _retry_after(reply.headers))
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        message = f"the service redirects to {reply.header('location')!r}, which is not followed"
    if reply.status < HTTPStatus.BAD_REQUEST or reply.status in _TRANSIENT or reply.status >= _SERVER_ERROR:
        was_answered = reply.status < HTTPStatus.MULTIPLE_CHOICES and reply.is_binary
        return TransientError(message, request_id, _retry_after(reply.headers), was_answered=was_answered)
    if _error_code(reply.json) == _NO_ACCESS:
        return VoiceRefusedError(f"{message}: the account has no access to model {model}; set another", request_id)
    if reply.status in _RUN_STOPPING:
        advice = _RUN_STOPPING[reply.status].format(model=model, key_source=key_source)
        kind = KeyRefusedError if reply.status == HTTPStatus.UNAUTHORIZED else EngineStoppedError
        return kind(f"{message}: {advice}", request_id)
    fields = set(_refused_fields(reply.json))
    if not fields or "text" in fields:
        return TextRefusedError(message, request_id)
    of_fields = [_FIELD_ADVICE[name].format(model=model) for name in _FIELD_ADVICE if name in fields]
    return VoiceRefusedError(": ".join([message, *of_fields[:1]]), request_id)


def _messages(body: object, depth: int = 6) -> Iterator[str]:
    """The messages in an error body.

    They are a list of issues (A), `message` (B, C), `error` as text (C, D) or as an object with `code` and `message`
    (F), `details` (D).
    """
    if not depth:
        return
    if isinstance(body, list):
        for item in body:
            yield from _messages(item, depth - 1)
    elif isinstance(body, dict):
        path = body.get("path")
        where = ".".join(map(str, path)) + ": " if isinstance(path, list) and path else ""
        if code := _error_code(body):
            yield code
        for name in ("error_code", "error", "message", "details", "recommended_endpoint"):
            yield from (where + message for message in _messages(body.get(name), depth - 1))
    elif isinstance(body, str) and body:
        yield body


def _refused_fields(body: object) -> Iterator[str]:
    """The refused fields of a request: named by an issue (shapes A and F), or mentioned in a message."""
    found = body.get("error") if isinstance(body, dict) else None
    for issue in found if isinstance(found, list) else [found]:
        path = issue.get("path") if isinstance(issue, dict) else None
        if isinstance(path, list) and path:
            yield str(path[0])
    for message in _messages(body):
        yield from (name for name, pattern in _FIELD_PATTERNS.items() if pattern.search(message))


def _error_code(body: object) -> str:
    """The code in an error of shape F; those of issues (A) are left out, as they only say what their messages say."""
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3); by the service's clock, if known."""
    value, now = headers.get("retry-after", "").strip(), headers.get("date", "")
    try:
        if value[:1].isdecimal():
            seconds = float(value)
        else:
            seconds = _timestamp(value) - (_timestamp(now) if now else time.time())
    except (ValueError, OverflowError):  # missing, or malformed
        return None
    return max(0.0, seconds)


def _timestamp(value: str) -> float:
    return parsedate_to_datetime(value).timestamp()
