"""Finds the line of a page's source on which an element has a setting that cannot be used, or that has no effect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.grammar.element_settings import UnusedSettingError
from mkdocs_lightning.reading.grammar.source_lines import without_fenced_code
from mkdocs_lightning.reading.settings.voice_settings import as_written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mkdocs_lightning.base.errors import SettingError

_BRACES = re.compile(r"\{[^{}\n]*\}")
_ASSIGNED = re.compile(r"""([\w-]+)=(?:"([^"]*)"|'([^']*)'|([^\s"'{}]*))""")
_WORDS = re.compile(r"\.?[A-Za-z][\w-]*+:?(?!=)")
_FENCE_INFO = re.compile(r"(?<=```|~~~)[^`~\n]*\bsay[ ]*=[^`\n]*")
_CONTAINERS = " \t>"
_ENDS_OF_INLINE = "*_`)]>~^=+"


def find_setting(source: str, error: SettingError) -> int | None:
    """The line on which an element has the setting that an error is about, from 1; None if it is not known.

    Lines of code fences count only where there are no others. Braces that have no effect may have one elsewhere, and
    the lines there do not count.
    """
    if error.written is None:
        return None
    lines = ["", *without_fenced_code(source, lambda _fence: "").splitlines()]
    found = _lines_with(error.written, lines)
    if not isinstance(error, UnusedSettingError):
        found = found or _lines_with(error.written, ["", *source.splitlines()])
    elif len(found) > 1:
        found = [number for number in found if _may_be_unused(error.written, lines[number], lines[number - 1])]
    return found[0] if found else None


def _lines_with(written: str, lines: Iterable[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if written in _written_on(line)]


def _written_on(line: str) -> Iterator[str]:
    """All on a line of a page's source that a setting may have been written with."""
    for braces in _BRACES.finditer(line):
        yield braces[0]
        for name, *quoted in _ASSIGNED.findall(braces[0]):
            yield as_written(name, "".join(quoted))
        yield from _WORDS.findall(braces[0])
    for fence in _FENCE_INFO.finditer(line):
        yield fence[0].strip()


def _may_be_unused(braces: str, line: str, line_before: str) -> bool:
    """Whether braces on a line stand neither under a paragraph nor after an element, nor in a heading or a table."""
    text = line.strip(_CONTAINERS)
    if text == braces:
        return not line_before.strip(_CONTAINERS)
    if text.startswith("#") or "|" in text:
        return False
    return any(not before or before[-1] not in _ENDS_OF_INLINE for before in line.split(braces)[:-1])
