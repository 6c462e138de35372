"""The `:::speak` grammar: a Python-Markdown extension that finds blocks and leaves a slot for each.

A block's lines are captured as text, and parsed once when its closer is found, so that nothing inside can end it or
leak out of it. This works in every container that Python-Markdown parses block by block: the capture goes on whenever
the parser comes back to the same parent element.
"""

from __future__ import annotations

import difflib
import logging
import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import nearing_recursion_limit

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.block import (
    NO_OPTIONS,
    SLOT_TAG,
    Block,
    BlockOptions,
    Diagnostic,
    OnBlock,
    OnDiagnostic,
    Origin,
    split_options,
)
from mkdocs_lightning.reading.element_settings import add_element_settings
from mkdocs_lightning.reading.spoken_fences import add_fence_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from markdown import Markdown
    from markdown.blockparser import BlockParser


BLOCK_PRIORITY = 110  # before admonitions, tabs, details and md_in_html (105), and mkdocstrings (75)
COLON_LINES_PRIORITY = 11  # just before paragraphs (10), which take what no other processor wants
UNCLOSED_PRIORITIES = (1000, 49)  # before footnotes (50) need their content, and after footnotes are parsed
READ_PRIORITY = -10  # after unescape (0): inline markup is elements now, and escapes are characters

_OPENER = re.compile(
    r"^(?P<indent> *)(?P<fence>:{3,})[ \t]*speak(?P<options>[ \t]+\S.*|\{.*|:{3,})?[ \t]*$", re.MULTILINE
)
_CLOSER = re.compile(r"\s*(?P<fence>:{3,})\s*")
_COLON_LINE = re.compile(r"^[ \t]*::.*", re.MULTILINE)
_NEAR_MISS = re.compile(r":{2,}\s*\{?\.?(?P<word>[A-Za-z]+)(?=[\s{}]|:*\s*$)")
_CODE_SPAN_OR_COMMENT = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)|<!--(?:(?!<!--|-->).)*-->", re.DOTALL)
_INDENTED = re.compile(r"^[^\S\n]", re.MULTILINE)
_MIN_FENCE = 3
_CODE_OR_COMMENT_START = re.compile("`|<!--")
_MAX_INDENT = 3  # spaces before an opener; four make it a list's text, or code
_ITEM_TAGS = frozenset(["li", "dd"])


def _leave_as_text(_block: Block) -> None:
    return None


def _log_diagnostic(diagnostic: Diagnostic) -> None:
    logging.getLogger(__name__).warning("%s: %s. %s", diagnostic.origin.opener, diagnostic.message, diagnostic.fix)


class SpeakExtension(Extension):
    """`:::speak` for Python-Markdown, with or without MkDocs.

    One instance may serve many `Markdown` instances, as each of them gets its own state.

    Args:
        on_block: Called with each block. By default every block stays text: `<div class="speak">`.
        on_diagnostic: Called for each block that cannot be spoken. By default it is logged as a warning.
        is_page_narrated: Whether the present document will be read from its HTML, which then keeps marks.
    """

    def __init__(
        self,
        on_block: OnBlock = _leave_as_text,
        on_diagnostic: OnDiagnostic = _log_diagnostic,
        is_page_narrated: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._on_block = on_block
        self._on_diagnostic = on_diagnostic
        self._is_page_narrated = is_page_narrated

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Register the processors, which share the state of one document."""
        document = _Document()
        md.registerExtension(document)
        md.parser.blockprocessors.register(_SpeakBlocks(md.parser, document), "speak", BLOCK_PRIORITY)
        md.parser.blockprocessors.register(_ColonLines(md.parser, document), "speak-colon-lines", COLON_LINES_PRIORITY)
        for priority in UNCLOSED_PRIORITIES:
            md.treeprocessors.register(_UnclosedBlocks(md, document), f"speak-unclosed-{priority}", priority)
        add_element_settings(md, document.elements, self._is_page_narrated)
        add_fence_check(md, self._on_diagnostic, self._is_page_narrated)
        reader = _SpeakReader(md, document, self._on_block, self._on_diagnostic)
        md.treeprocessors.register(reader, "speak-read", READ_PRIORITY)


@dataclass(slots=True, eq=False)
class _Capture:
    """A block whose opener was read, with its text so far.

        open --its closer, the next block's opener, or the end of the document--> parsed

    A capture that was rejected before it is handed on becomes a diagnostic instead of a block.

    Attributes:
        parent: The element that the block is in.
        element: The block's own element.
        fence: The number of colons of the opener.
        opener: The opening line.
        options: Its options.
        extra_text: The rest of the opening line, which is not options. The page shows it.
        chunks: The block's lines so far.
        inner: How many indented openers inside wait for their closers. With one, the block is rejected.
        rejection: Why it cannot be spoken, and how to fix it.
    """

    parent: Element
    element: Element
    fence: int
    opener: str
    options: BlockOptions = NO_OPTIONS
    extra_text: str = ""
    chunks: list[str] = field(default_factory=list)
    inner: int = 0
    rejection: tuple[str, str] | None = None

    @property
    def origin(self) -> Origin:
        lines = (line.strip() for chunk in self.chunks for line in chunk.split("\n"))
        return Origin(self.opener, next((line for line in lines if line), ""))

    @property
    def is_detached(self) -> bool:
        """Whether the parent no longer contains it: the footnotes extension empties and reuses elements."""
        return all(child is not self.element for child in self.parent)

    def reject(self, message: str, fix: str) -> None:
        """Keep this block from being spoken. Of several reasons the first is reported."""
        self.rejection = self.rejection or (message, fix)

    def parse(self, parser: BlockParser) -> None:
        """Parse the captured text into the block's element."""
        text = "\n\n".join(self.chunks)
        if _INDENTED.search(text):
            # After a bullet (`- :::speak`) the first lines keep an indentation that the parser removes from later ones.
            first, gap, later = textwrap.dedent(text).partition("\n\n")
            text = textwrap.dedent(first) + gap + later
        parser.state.set("speak")  # not that of a list around it, in which paragraphs get no `<p>`
        parser.parseChunk(self.element, f"{self.extra_text}\n\n{text}".strip("\n"))
        parser.state.reset()


class _Document(Extension):
    """The state of the document that one `Markdown` instance converts. It is an extension in order to be reset.

    Attributes:
        captures: All blocks, in order.
        open: Those that have not ended.
        near_misses: Lines that look like openers, but are not.
        expected_closers: For each element, how many lines of colons may still come that end what was not captured.
    """

    def __init__(self) -> None:
        super().__init__()
        self.captures: list[_Capture] = []
        self.open: list[_Capture] = []
        self.near_misses: list[Diagnostic] = []
        self.expected_closers: Counter[Element] = Counter()

    def elements(self) -> Iterator[Element]:
        return (capture.element for capture in self.captures)

    def reset(self) -> None:
        self.captures.clear()
        self.open.clear()
        self.near_misses.clear()
        self.expected_closers.clear()


class _SpeakBlocks(BlockProcessor):
    """Captures the raw text between an opener and its closer."""

    def __init__(self, parser: BlockParser, document: _Document) -> None:
        super().__init__(parser)
        self._document = document

    def test(self, parent: Element, block: str) -> bool:
        if self._open_capture(parent) is not None:
            return True
        if ":::" not in block:  # as in most of a page
            return False
        return (
            _find_opener(block) is not None and not nearing_recursion_limit()
        )  # Python-Markdown limits quotes the same way

    def run(self, parent: Element, blocks: list[str]) -> None:
        rest = blocks.pop(0)
        capture = self._open_capture(parent)
        if capture is None:
            opener = _find_opener(rest)
            assert opener, "test() has found it"
            if before := rest[: opener.start()].strip("\n"):
                blocks[:0] = [before, rest[opener.start() :]]  # it may open a container that the block is in
                return
            capture = self._start(parent, opener)
            rest = rest[opener.end() :].removeprefix("\n")
        if capture in self._document.open:
            rest = self._add_lines(capture, rest)
        if rest.strip():
            blocks.insert(0, rest)

    def _open_capture(self, parent: Element) -> _Capture | None:
        for capture in self._document.open:
            if capture.parent is parent and not capture.is_detached:
                return capture
        return None

    def _start(self, parent: Element, opener: re.Match[str]) -> _Capture:
        if parent.tag in _ITEM_TAGS and parent.text and parent.text.strip() and not len(parent):
            paragraph = SubElement(parent, "p")  # so that a tight item's text does not run into the block
            paragraph.text, parent.text = parent.text, ""
        capture = _Capture(parent, SubElement(parent, "div"), len(opener["fence"]), opener[0].strip())
        self._document.captures.append(capture)
        self._document.open.append(capture)
        line = (opener["options"] or "").rstrip()
        before = line.rstrip(":")
        is_one_line = len(line) - len(before) >= _MIN_FENCE
        if is_one_line:
            line = before.rstrip()
            capture.reject(
                "this block ends on the line where it begins",
                "Give its text and its closing colons lines of their own, "
                "with empty lines around the text if a formatter joins them",
            )
        if line:
            capture.extra_text = split_options(line)[1]
            try:
                capture.options = BlockOptions.parse(line)
            except SettingError as error:
                capture.reject(
                    str(error), "Correct the block's first line; until then its text is shown without a player"
                )
        if capture.options.id:
            capture.element.set("id", capture.options.id)  # MkDocs checks links against ids in the tree
        if is_one_line:
            self._end(capture)
        return capture

    def _add_lines(self, capture: _Capture, text: str) -> str:
        """Add lines to a capture until it ends; return the text after its end."""
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if ":::" not in line:
                continue
            opener = _OPENER.fullmatch(line)
            colons = opener or _CLOSER.fullmatch(line)
            if colons is None or len(colons["fence"]) < capture.fence:
                continue
            if opener:
                capture.reject(
                    "this block is not closed before the next one begins",
                    "End it with a line of colons; a block that contains another needs more colons than the inner one",
                )
            if (
                opener and len(opener["indent"]) > _MAX_INDENT
            ):  # in a list or in code, so the lines after it are still inside
                capture.inner += 1
            elif capture.inner and not opener:
                capture.inner -= 1
            else:
                capture.chunks.append("\n".join(lines[:number]))
                self._document.expected_closers[capture.parent] += 1 if opener else 0
                self._end(capture)
                return "\n".join(lines[number if opener else number + 1 :])
        capture.chunks.append(text)
        return ""

    def _end(self, capture: _Capture) -> None:
        self._document.open.remove(capture)
        capture.parse(self.parser)


class _ColonLines(BlockProcessor):
    """Checks text that is about to become a paragraph for lines of colons that were meant to be more than text."""

    def __init__(self, parser: BlockParser, document: _Document) -> None:
        super().__init__(parser)
        self._document = document

    def test(self, _parent: Element, block: str) -> bool:
        return "::" in block

    def run(self, parent: Element, blocks: list[str]) -> bool:
        for found in _visible(_COLON_LINE, blocks[0]):
            line = found[0].strip()
            if not _CLOSER.fullmatch(line):
                is_near_miss = self._report_near_miss(line)
                self._document.expected_closers[parent] += 1 if is_near_miss or line.startswith(":::") else 0
            elif self._document.expected_closers[parent]:
                self._document.expected_closers[parent] -= 1
            else:
                self._reject_block_before(parent)
        return False  # not handled: it becomes a paragraph

    def _reject_block_before(self, parent: Element) -> None:
        for capture in reversed(self._document.captures):
            if capture.parent is parent:
                capture.reject(
                    "a line of colons further down closes nothing: this block may have ended too early",
                    "Remove that line, or open and close the block with more colons than any line inside it has",
                )
                return

    def _report_near_miss(self, line: str) -> bool:
        found = _NEAR_MISS.match(line)
        if found is None or not difflib.get_close_matches(found["word"].lower(), ["speak"], cutoff=0.75):
            return False
        fix = "Write :::speak, then its options"
        if _OPENER.fullmatch(line):
            fix = "Leave an empty line before it, and in a list indent it by four spaces"
        self._document.near_misses.append(
            Diagnostic("this line looks like the start of a block, but is not one", fix, Origin(line))
        )
        return True


class _UnclosedBlocks(Treeprocessor):
    """Rejects blocks that never ended; their text goes back to the page."""

    def __init__(self, md: Markdown, document: _Document) -> None:
        super().__init__(md)
        self._document = document

    def run(self, _root: Element) -> None:
        while self._document.open:  # as parsing one may find another inside
            capture = self._document.open.pop(0)
            capture.reject("this block is never closed", f"End it with a line of {':' * capture.fence}")
            capture.parse(self.md.parser)


class _SpeakReader(Treeprocessor):
    """Hands finished blocks and diagnostics to the callbacks."""

    def __init__(self, md: Markdown, document: _Document, on_block: OnBlock, on_diagnostic: OnDiagnostic) -> None:
        super().__init__(md)
        self._document = document
        self._on_block = on_block
        self._on_diagnostic = on_diagnostic

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.get("say") is not None:  # asking for `attrib` would give every element a dictionary
                element.set("data-say", element.attrib.pop("say"))  # as HTML allows it
        captures = {capture.element: capture for capture in self._document.captures}
        if captures:
            raw_html = tuple(part if isinstance(part, str) else "" for part in self.md.htmlStash.rawHtmlBlocks)
            for element in list(root.iter("div")):
                if element in captures:
                    self._read(captures[element], raw_html)
        for diagnostic in self._document.near_misses:
            self._on_diagnostic(diagnostic)

    def _read(self, capture: _Capture, raw_html: tuple[str, ...]) -> None:
        slot = None
        if capture.rejection:
            self._on_diagnostic(Diagnostic(*capture.rejection, capture.origin))
        else:
            slot = self._on_block(Block(capture.element, raw_html, capture.options, capture.origin))
        if slot is not None:
            capture.element.tag = SLOT_TAG
            capture.element.attrib = {"data-speak": slot}
            return
        capture.element.set("class", " ".join(("speak", *capture.options.classes)))


def _find_opener(block: str) -> re.Match[str] | None:
    """The first opener in some source lines."""
    return next((opener for opener in _visible(_OPENER, block) if len(opener["indent"]) <= _MAX_INDENT), None)


def _visible(pattern: re.Pattern[str], block: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern in some source lines, except in code spans and comments."""
    hidden: list[tuple[int, int]] | None = None  # code spans and comments
    for found in pattern.finditer(block):
        if hidden is None and _CODE_OR_COMMENT_START.search(block, 0, found.start()):
            hidden = [each.span() for each in _CODE_SPAN_OR_COMMENT.finditer(block)]
        if not any(start < found.start() < end for start, end in hidden or ()):
            yield found
