"""Finds code fences whose `say` has no effect: what becomes of a fence's attributes is up to other extensions.

With `attr_list`, most make an attribute in the HTML of `data-say` in braces, and the reader speaks it. `say` is dropped
by most. Without braces the lines are no fence at all, and their code would be spoken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape, unescape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import SubElement

from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from mkdocs_lightning.reading.grammar.block import Diagnostic, Origin
from mkdocs_lightning.reading.grammar.element_settings import MARK_TAG, VOICES_PRIORITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from markdown import Markdown

    from mkdocs_lightning.reading.grammar.block import CurrentPage, OnDiagnostic

LINES_PRIORITY = 28  # after line breaks are normalized (30), before fences become HTML (25)

_FENCE = re.compile(r"[ >]*(?:(?:[-*+]|\d+[.)])[ ]+)*(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_SAY = re.compile(
    r"""(?<![\w-])(?:data-)?say[ ]*=[ ]*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{}]+))"""
)
_SAY_IN_HTML = re.compile(r'say="([^"]*)"')
_OPENER = re.compile(r"\s*:{3,}\s*speak\b")
_CLOSER = re.compile(r"\s*:{3,}\s*$")
_MESSAGE = "say has no effect on this code fence"
_FIX = (
    'Write data-say in braces, as in { .py data-say="Text" }, and turn on attr_list; '
    "codehilite drops it, pymdownx.superfences does not"
)


def add_fence_check(md: Markdown, on_diagnostic: OnDiagnostic, page: CurrentPage) -> None:
    """Have a `Markdown` instance report fences in blocks, and on narrated pages, whose `say` has no effect."""
    lines = _FenceLines(md, page)
    md.preprocessors.register(lines, "speak-fence-lines", LINES_PRIORITY)
    md.treeprocessors.register(_FenceCheck(md, lines, on_diagnostic), "speak-fences", VOICES_PRIORITY)


class _FenceLines(Preprocessor):
    """Notes the opening lines of fences with `say`, before other extensions replace them."""

    def __init__(self, md: Markdown, page: CurrentPage) -> None:
        super().__init__(md)
        self._page = page
        self.found: list[re.Match[str]] = []

    def run(self, lines: list[str]) -> list[str]:
        self.found = []
        if any("say" in line for line in lines):
            self.found = [fence for fence, is_in_block in _fences(lines) if is_in_block or self._page.is_narrated]
        return lines


def _fences(lines: list[str]) -> Iterator[tuple[re.Match[str], bool]]:
    """The opening lines of fences with `say`, and whether each is in a block."""
    closing, blocks = "", 0
    for line in lines:
        fence = _FENCE.match(line)
        if closing:
            if fence and fence["fence"].startswith(closing) and not fence["info"].strip():
                closing = ""
        elif fence:
            closing = fence["fence"]
            if _SAY.search(fence["info"]):
                yield fence, blocks > 0
        elif _OPENER.match(line):
            blocks += 1
        elif _CLOSER.match(line):
            blocks = max(0, blocks - 1)


class _FenceCheck(Treeprocessor):
    """Reports fences whose `say` is not in the HTML; where the code became text, its block cannot be spoken."""

    def __init__(self, md: Markdown, lines: _FenceLines, on_diagnostic: OnDiagnostic) -> None:
        super().__init__(md)
        self._lines = lines
        self._on_diagnostic = on_diagnostic

    def run(self, root: Element) -> None:
        if not self._lines.found:
            return
        spoken = self._spoken_values()
        without_effect = [fence for fence in self._lines.found if spoken.isdisjoint(_values_of(fence))]
        codes = _codes_by_line(root) if without_effect else {}
        for info in {_info_of(fence) for fence in without_effect} & codes.keys():
            for code in codes[info]:
                SubElement(code, MARK_TAG, {"data-fence": info})
        for fence in without_effect:
            if _info_of(fence) not in codes:
                self._on_diagnostic(Diagnostic(_MESSAGE, _FIX, Origin(fence[0].strip())))

    def _spoken_values(self) -> set[str]:
        """What `say` and `data-say` are in the HTML of the document's fences, as it is written there."""
        stash = self.md.htmlStash.rawHtmlBlocks
        return {value for part in stash if isinstance(part, str) for value in _SAY_IN_HTML.findall(part)}


def _info_of(fence: re.Match[str]) -> str:
    return fence["info"].strip()


def _values_of(fence: re.Match[str]) -> set[str]:
    """The text of a fence's `say`, in each form in which an extension may write it into the HTML."""
    said = _SAY.search(fence["info"])
    text = next((value for value in said.groups() if value is not None), "") if said else ""
    return {form.partition('"')[0] for form in (text, escape(text), escape(text, quote=False))}


def _codes_by_line(root: Element) -> Mapping[str, list[Element]]:
    """The inline code of a document, by each line of it."""
    codes: defaultdict[str, list[Element]] = defaultdict(list)
    for code in root.iter("code"):
        for line in {line.strip() for line in unescape(code.text or "").split("\n")}:
            codes[line].append(code)
    return codes
