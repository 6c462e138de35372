"""When each word of a segment is heard."""

from __future__ import annotations

from typing import TypeAlias

WordTimes: TypeAlias = "tuple[tuple[int, float], ...]"
"""The words of a segment: the index of each in the segment's text, and the second at which it begins, in order. Empty
if they are not known."""
