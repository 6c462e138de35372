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
from markdown.util import HTML_PLACEHOLDER_RE, STX

from mkdocs_lightning.reading.grammar.block import Diagnostic, Origin
from mkdocs_lightning.reading.grammar.element_settings import VOICES_PRIORITY
from mkdocs_lightning.reading.grammar.text_marks import MARK_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from markdown import Markdown

    from mkdocs_lightning.reading.grammar.block import CurrentPage, OnDiagnostic

LINES_PRIORITY = 28  # after line breaks are normalized (30), before fences become HTML (25)

_FENCE = re.compile(r"[ >]*(?:(?:[-*+]|\d+[.)])[ ]+)*(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_SAY = re.compile(
    r"""(?<![\w-])(?:data-)?say[ ]*=[ ]*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{}]+))"""
)
_SAY_IN_HTML = re.compile(r'<[^<>]*\bsay="([^"]*)"')
_TILDES = re.compile(r"\s*~{3,}(?P<info>.*)")
_QUOTE = re.compile(f"[\"'{STX}]")  # or the placeholder of one, as `smarty` makes it
_OPENER = re.compile(r"\s*:{3,}\s*speak\b")
_CLOSER = re.compile(r"\s*:{3,}\s*$")
_WITH_BRACES = re.compile(r"[\w#.+-]*[ ]*\{.*")
"""What may open a fence; with a language before the braces, for superfences alone."""

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
            self.found = [fence for _, fence in _fences(lines, is_narrated=self._page.is_narrated)]
        return lines


def fences_without_braces(source: str, *, is_narrated: bool) -> Iterator[tuple[int, str]]:
    """What opens no fence with any extension, because `say` is not in braces, on lines that would be spoken.

    Args:
        source: The whole file.
        is_narrated: Whether the whole page is spoken, and not only its blocks.

    Yields:
        The number of the line, from 1, and what follows the backticks.
    """
    for number, fence in _fences(source.split("\n"), is_narrated=is_narrated):
        if not _WITH_BRACES.fullmatch(_info_of(fence)):
            yield number, _info_of(fence)


def _fences(lines: Sequence[str], *, is_narrated: bool) -> Iterator[tuple[int, re.Match[str]]]:
    """The opening lines of fences with `say` that are in a block or on a narrated page, with their numbers from 1."""
    closing, blocks = "", 0
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if closing:
            if fence and fence["fence"].startswith(closing) and not fence["info"].strip():
                closing = ""
        elif fence:
            closing = fence["fence"]
            if (blocks or is_narrated) and _SAY.search(fence["info"]):
                yield number, fence
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
        shown = self._shown_lines(root) if without_effect else {}
        for fence in without_effect:
            info = _info_of(fence)
            for element in (elements := shown.get(info) or shown.get(_start_of(info), [])):
                SubElement(element, MARK_TAG, {"data-fence": info})
            if not elements:
                self._on_diagnostic(Diagnostic(_MESSAGE, _FIX, Origin(fence[0].strip()), is_spoken=True))

    def _spoken_values(self) -> set[str]:
        """What `say` and `data-say` are in the HTML of the document's fences, as it is written there."""
        stash = self.md.htmlStash.rawHtmlBlocks
        return {value for part in stash if isinstance(part, str) for value in _SAY_IN_HTML.findall(part)}

    def _shown_lines(self, root: Element) -> Mapping[str, list[Element]]:
        """The elements that show what was to open a fence.

        With backticks, it has become inline code, here by its lines; with tildes, a paragraph, by the start of its
        lines.
        """
        found: defaultdict[str, list[Element]] = defaultdict(list)
        for element in root.iter():
            if element.tag == "code":
                code = unescape(HTML_PLACEHOLDER_RE.sub(self._stashed, element.text or ""))
                lines = {line.strip() for line in code.split("\n")}
            else:
                tildes = map(_TILDES.match, (element.text or "").split("\n"))
                lines = {_start_of(line["info"]) for line in tildes if line}
            for line in lines:
                found[line].append(element)
        return found

    def _stashed(self, placeholder: re.Match[str]) -> str:
        """The code that an extension such as pymdownx.inlinehilite keeps outside of the tree."""
        return str(self.md.htmlStash.rawHtmlBlocks[int(placeholder[1])])


def _start_of(info: str) -> str:
    """The part of a line that no other extension changes."""
    return _QUOTE.split(info, maxsplit=1)[0].strip()


def _info_of(fence: re.Match[str]) -> str:
    return fence["info"].strip()


def _values_of(fence: re.Match[str]) -> set[str]:
    """The text of a fence's `say`, in each form in which an extension may write it into the HTML."""
    said = _SAY.search(fence["info"])
    text = next((value for value in said.groups() if value is not None), "") if said else ""
    return {form.partition('"')[0] for form in (text, escape(text), escape(text, quote=False))}
