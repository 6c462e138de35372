"""Lines of colons in the source of a document: what they look like, and which of them are hidden from the grammar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENER = re.compile(
    r"^(?P<indent> *)(?P<fence>:{3,})[ \t]*speak(?P<options>[ \t]+\S.*|\{.*|:{3,})?[ \t]*$", re.MULTILINE
)
"""A line that opens a block; its group `options` is the rest of the line."""

CLOSER = re.compile(r"\s*(?P<fence>:{3,})\s*")
"""Matches in full a line that closes a block."""

COLON_LINE = re.compile(r"^[ \t]*::.*", re.MULTILINE)
"""Any line that begins with two colons."""

MIN_FENCE = 3
"""Colons of the shortest opener."""

MAX_INDENT = 3
"""Spaces before an opener; four make it a list's text, or code."""

_NEAR_MISS = re.compile(r":{2,}\s*\{?\.?(?P<word>[A-Za-z]+)(?=[\s{}]|:*\s*$)")
_MAX_WORD = 10  # letters of a word that may be a misspelt `speak`
_CODE_SPAN_OR_COMMENT = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)|<!--(?:(?!<!--|-->).)*-->", re.DOTALL)
_CODE_OR_COMMENT_START = re.compile("`|<!--")


def find_opener(block: str, start: int = 0) -> re.Match[str] | None:
    """The first opener in some source lines.

    Args:
        block: The lines.
        start: The offset of the line where the search begins. Code spans and comments begin after it, too.
    """
    return next((each for each in visible(OPENER, block, start) if len(each["indent"]) <= MAX_INDENT), None)


def visible(pattern: re.Pattern[str], block: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The matches of a pattern in some source lines, from an offset on, except in code spans and comments."""
    spans: Iterator[re.Match[str]] | None = None  # of code and comments; most source lines have none
    span: re.Match[str] | None = None
    searched = hidden_until = start
    for found in pattern.finditer(block, start):
        if spans is None:
            if _CODE_OR_COMMENT_START.search(block, searched, found.start()):
                spans = _CODE_SPAN_OR_COMMENT.finditer(block, searched)
                span = next(spans, None)
            searched = found.start()
        while spans is not None and span is not None and span.start() < found.start():
            hidden_until = span.end()
            span = next(spans, None)
        if found.start() >= hidden_until:
            yield found


def is_near_miss(line: str) -> bool:
    """Whether a line of colons, which opens nothing, was meant to open a block."""
    found = _NEAR_MISS.match(line)
    if found is None or len(found["word"]) > _MAX_WORD:
        return False
    import difflib

    return bool(difflib.get_close_matches(found["word"].lower(), ["speak"], cutoff=0.75))
