"""Any text within the Markdown of GitHub and GitLab, so that it is shown as it is, and does nothing."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import printable
from mkdocs_lightning.exports.changes.words import differences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.exports.changes.words import Piece

_ACTIVE = re.compile(r"[!#$%&*+/<=>@\[\\\]^_`{|}~]|[.:-](?=\w)|(?<=[wW]{3})\.")
"""Punctuation that may be syntax, or may begin or join a mention, a reference, a web address or the name of an emoji.
Full stops, colons and hyphens are so only within a word."""

_JOINING = re.compile(r"[!#$%&*+<=>@\[\\\]^`{|}~]|:(?=\S)|(?<=[wW]{3})\.|\b[^\W\d]\w*-(?=\d)|/(?=\S*>)")
"""Ends where a host may see a mention, a reference, an address, a ticket or a project in the finished text. What only
the parser takes for syntax is not here: so a reader can search for the names of files, and copy them."""

_HASH = re.compile(r"[0-9a-f]{4}(?=[0-9a-f]{3})", re.IGNORECASE)
"""Begins what may be the hash of a commit, which has 7 digits or more."""

_NOTHING = "&#8203;"
"""A space without width: both hosts look for mentions in the finished text, where `&#64;` has become `@` again."""

_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that would turn around what follows them; names of pages may have them."""


def plain(text: str) -> str:
    """A text for a line or a table's cell: without syntax, HTML, links, mentions, references and emoji."""
    return "".join(_characters(text))


def _characters(text: str) -> list[str]:
    """Each character of a text as it is written; a part of them is plain beside any other part, too."""
    text = _DIRECTION.sub("\N{REPLACEMENT CHARACTER}", printable(text))
    written = list(text)
    for found in _ACTIVE.finditer(text):
        written[found.start()] = f"&#{ord(found[0])};"
    for found in chain(_JOINING.finditer(text), _HASH.finditer(text)):
        if text[found.end() : found.end() + 1].strip():
            written[found.end() - 1] += _NOTHING
    return written


def differing(before: str, after: str) -> tuple[str, str]:
    """Two versions of a text, as `plain`, with what differs as deleted in the first, and as inserted in the second."""
    old, new = differences(before, after)
    return _marked(before, old, "del"), _marked(after, new, "ins")


def _marked(text: str, pieces: Iterable[Piece], name: str) -> str:
    """A text, with an element of some name around each piece that differs."""
    characters = iter(_characters(text))
    written = ((piece, "".join(islice(characters, len(piece.text)))) for piece in pieces)
    return "".join(f"<{name}>{part}</{name}>" if piece.differs else part for piece, part in written)


def figure(text: str) -> str:
    """A number or a price, for a table's cell; unlike `plain`, it stays on one line."""
    return text.replace("<", "&lt;").replace("$", "&#36;")
