"""What takes part when Python-Markdown parses blocks: the capture of `:::speak`, and a look at other lines of colons.

A block's lines are captured as text, and parsed once when its closer is found, so that nothing inside can end it or
leak out of it. This works in every container that Python-Markdown parses block by block: the capture goes on whenever
the parser comes back to the same parent element.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from inspect import currentframe
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.blockprocessors import BlockProcessor
from markdown.treeprocessors import Treeprocessor

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.grammar.block import BlockOptions, split_options
from mkdocs_lightning.reading.grammar.capture import Capture, NearMiss
from mkdocs_lightning.reading.grammar.colon_lines import (
    CLOSER,
    COLON_LINE,
    MAX_INDENT,
    MIN_FENCE,
    OPENER,
    find_opener,
    is_near_miss,
    visible,
)

if TYPE_CHECKING:
    from markdown import Markdown
    from markdown.blockparser import BlockParser

    from mkdocs_lightning.reading.grammar.capture import Document

_ITEM_TAGS = frozenset(["li", "dd"])
_LISTS = frozenset(["ul", "ol"])
_ITEM_INDENT = 2
"""The width of the shortest marker of an item: fewer spaces end a list."""
_TABLE_START = re.compile(r"[^\n]*\|[^\n]*\n[ ]*[|:-][|:\- ]*\n")
"""The head of a table, and the line below it."""
_SPARE_FRAMES = 100  # of Python's recursion limit; Python-Markdown leaves as many


class SpeakBlocks(BlockProcessor):
    """Captures the raw text between an opener and its closer."""

    def __init__(self, parser: BlockParser, document: Document) -> None:
        super().__init__(parser)
        self._document = document

    def test(self, parent: Element, block: str) -> bool:
        """Whether a block is open here, or opens in some source lines."""
        if self._document.open_capture(parent) is not None:
            return True
        if ":::" not in block:  # as in most of a page
            return False
        return find_opener(block) is not None and not _is_nested_too_deeply()

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Capture lines, or split them at blocks so that each is captured when it is parsed."""
        text = blocks.pop(0)
        start = 0
        capture = self._document.open_capture(parent)
        if capture is None:
            if len(pieces := _split_at_blocks(text)) > 1:
                blocks[:0] = pieces  # the first may open a container that the next is in
                return
            opener = find_opener(text)
            assert opener, "test() has found it"
            capture = self._start(parent, opener)
            start = opener.end() + 1
        if capture.is_open:
            start = self._add_lines(capture, text, start)
        if text[start:].strip():
            blocks.insert(0, text[start:])

    def _start(self, parent: Element, opener: re.Match[str]) -> Capture:
        home = _home_of(parent, len(opener["indent"]))
        _part_from_text(home)
        capture = Capture(parent, home, SubElement(home, "div"), len(opener["fence"]), opener[0].strip())
        self._document.add(capture)
        line = (opener["options"] or "").rstrip()
        is_one_line = _is_one_line(opener)
        if is_one_line:
            line = line.rstrip(":").rstrip()
            capture.reject(
                "this block ends on the line where it begins",
                "Give its text and its closing colons lines of their own, "
                "with empty lines around the text if a formatter joins them",
            )
        if line:
            _read_options(capture, line)
        if is_one_line:
            capture.end(self.parser)
        return capture

    def _add_lines(self, capture: Capture, text: str, start: int) -> int:
        """Add the lines from an offset on to a capture until it ends.

        Returns:
            The offset after its end.
        """
        scan = _scan(text, start, capture.fence, capture.inner)
        capture.inner = scan.inner
        capture.chunks.append(text[start : scan.end])
        if scan.has_opener:
            capture.reject(
                "this block is not closed before the next one begins",
                "End it with a line of colons; a block that contains another needs more colons than the inner one",
            )
        if scan.is_ended_by_opener:
            self._document.expected_closers[capture.parent] += 1
        if scan.is_ended:
            capture.end(self.parser)
        return scan.next


def _home_of(parent: Element, indent: int) -> Element:
    """The element that a block belongs into: below a list, its last item, if the block is indented as its text is.

    Python-Markdown asks for four spaces there. With fewer, as in CommonMark, the block would split the list.
    """
    last = parent[-1] if len(parent) else None
    is_below_list = last is not None and last.tag in _LISTS and len(last) > 0
    return last[-1] if last is not None and is_below_list and indent >= _ITEM_INDENT else parent


def _part_from_text(parent: Element) -> None:
    """Make the text of a tight item a paragraph, so that it does not run into the block after it."""
    if parent.tag in _ITEM_TAGS and parent.text and parent.text.strip() and not len(parent):
        paragraph = SubElement(parent, "p")
        paragraph.text, parent.text = parent.text, ""


def _read_options(capture: Capture, line: str) -> None:
    """Read the options in the opening line of a block, and reject the block if they cannot be used."""
    capture.extra_text = split_options(line)[1]
    try:
        capture.options = BlockOptions.parse(line)
    except SettingError as error:
        capture.reject(str(error), "Correct the block's first line; until then its text is shown without a player")
    if capture.options.id:
        capture.element.set("id", capture.options.id)  # MkDocs checks links against ids in the tree


class NearMissesBelowTables(BlockProcessor):
    """Ends a table before a line that was meant to open a block, which would be a row."""

    def test(self, _parent: Element, block: str) -> bool:
        """Whether there may be such a line."""
        return "::" in block and _TABLE_START.match(block) is not None

    def run(self, _parent: Element, blocks: list[str]) -> bool:
        """Make the line, and what follows it, a block of source lines of its own."""
        for found in visible(COLON_LINE, blocks[0]):
            if is_near_miss(found[0].strip()):
                text, end = blocks[0], found.start()
                blocks[:1] = [text[:end].rstrip("\n"), text[end:]]
                break
        return False  # not handled: the table is read next


class ColonLines(BlockProcessor):
    """Checks text that is about to become a paragraph for lines of colons that were meant to be more than text."""

    def __init__(self, parser: BlockParser, document: Document) -> None:
        super().__init__(parser)
        self._document = document

    def test(self, _parent: Element, block: str) -> bool:
        """Whether there may be such a line."""
        return "::" in block

    def run(self, parent: Element, blocks: list[str]) -> bool:
        """Check the lines; they become a paragraph nevertheless."""
        text = blocks[0]
        for found in visible(COLON_LINE, text):
            line = found[0].strip()
            if not CLOSER.fullmatch(line):
                if is_miss := is_near_miss(line):
                    self._document.met.append(_near_miss(line, text, found.end(), blocks))
                self._document.expected_closers[parent] += 1 if is_miss or line.startswith(":::") else 0
            elif self._document.expected_closers[parent]:
                self._document.expected_closers[parent] -= 1
            elif (left_open := self._document.left_open) is not None:
                _reject_outside(left_open)
            elif parent in self._document.latest:
                self._document.latest[parent].reject(
                    "a line of colons further down closes nothing: this block may have ended too early",
                    "Remove that line, or open and close the block with more colons than any line inside it has",
                )
        return False  # not handled: it becomes a paragraph


def _reject_outside(capture: Capture) -> None:
    """Reject a block whose container ends before its text, or before its closer."""
    is_quoted = capture.parent.tag == "blockquote"
    capture.reject(
        "this block is not closed inside the element in which it begins",
        "Begin its text and its closing line with >, too"
        if is_quoted
        else "Indent its text and its closing line as far as :::speak",
    )


class UnclosedBlocks(Treeprocessor):
    """Rejects blocks that never ended; their text goes back to the page."""

    def __init__(self, md: Markdown, document: Document) -> None:
        super().__init__(md)
        self._document = document

    def run(self, root: Element) -> None:
        """End them all, and those that are found inside of them."""
        for capture in self._document.captures:
            if capture.is_open:
                if not capture.first_line and capture.parent is not root:
                    _reject_outside(capture)
                capture.reject("this block is never closed", f"End it with a line of {':' * capture.fence}")
                capture.end(self.md.parser)


@dataclass(frozen=True, slots=True)
class _Scan:
    """What was found in some lines of a block.

    Attributes:
        end: The offset where the block's lines end.
        next: The offset of what follows them.
        inner: How many indented openers wait for their closers.
        has_opener: Whether there was another opener.
        is_ended: Whether the block ends here.
        is_ended_by_opener: Whether it does so because another begins.
    """

    end: int
    next: int
    inner: int
    has_opener: bool
    is_ended: bool = True
    is_ended_by_opener: bool = False


def _scan(text: str, start: int, fence: int, inner: int) -> _Scan:
    """Look for the end of a block.

    Args:
        text: Source lines.
        start: The offset of the first line that belongs to the block.
        fence: The number of colons of its opener.
        inner: How many indented openers wait for their closers.
    """
    has_opener = False
    position = start
    while (colons := text.find(":::", position)) >= 0:
        begin = max(text.rfind("\n", 0, colons) + 1, start)
        position = text.find("\n", colons) + 1 or len(text) + 1
        line = text[begin : position - 1]
        opener = OPENER.fullmatch(line)
        found = opener or CLOSER.fullmatch(line)
        if found is None or len(found["fence"]) < fence:
            continue
        has_opener = has_opener or opener is not None
        if opener and len(opener["indent"]) > MAX_INDENT:
            inner += 1  # in a list or in code, so the lines after it are still inside
        elif inner and not opener:
            inner -= 1
        else:
            end = max(begin - 1, start)
            return _Scan(end, begin if opener else position, inner, has_opener, is_ended_by_opener=opener is not None)
    return _Scan(len(text), len(text), inner, has_opener, is_ended=False)


def _split_at_blocks(text: str) -> list[str]:
    """Split source lines into blocks and what is between them, all at once: each piece is parsed by itself."""
    pieces: list[str] = []
    start = 0
    while opener := find_opener(text, start):
        pieces.append(text[start : opener.start()].strip("\n"))
        start = opener.end() + 1
        if not _is_one_line(opener):
            start = _scan(text, start, len(opener["fence"]), inner=0).next
        pieces.append(text[opener.start() : start].rstrip("\n"))
    pieces.append(text[start:].strip("\n"))
    return [piece for piece in pieces if piece]


def _is_one_line(opener: re.Match[str]) -> bool:
    """Whether a block ends on the line where it begins."""
    line = (opener["options"] or "").rstrip()
    return len(line) - len(line.rstrip(":")) >= MIN_FENCE


def _near_miss(line: str, text: str, end: int, blocks: list[str]) -> NearMiss:
    after = text[end:].strip() or (blocks[1].strip() if len(blocks) > 1 else "")
    fix = "Write :::speak, then its options"
    if OPENER.fullmatch(line):
        fix = "Leave an empty line before it, and in a list indent it by four spaces"
    rejection = "this line looks like the start of a block, but is not one", fix
    return NearMiss(line, after.partition("\n")[0].strip(), rejection)


def _is_nested_too_deeply() -> bool:
    """Whether a block inside of this one might pass Python's recursion limit."""
    frame = currentframe()
    left = sys.getrecursionlimit() - _SPARE_FRAMES
    while frame is not None and left:
        frame, left = frame.f_back, left - 1
    return frame is not None
