"""The blocks of one document while Python-Markdown parses it: what was met, and what is still open."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markdown.extensions import Extension

from mkdocs_lightning.reading.grammar.block import NO_OPTIONS, BlockOptions, Diagnostic, DocumentOpeners, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

    from markdown import Markdown
    from markdown.blockparser import BlockParser

_INDENTED = re.compile(r"^[^\S\n]", re.MULTILINE)


@dataclass(slots=True, eq=False)
class Capture:
    """A block whose opener was read, with its text so far.

        open --its closer, the next block's opener, or the end of the document--> parsed

    A capture that was rejected before it is handed on becomes a diagnostic instead of a block.

    Attributes:
        parent: The element in which the block's lines are parsed.
        home: The element that the block is in: `parent`, or the last item of a list at its end.
        element: The block's own element.
        fence: The number of colons of the opener.
        opener: The opening line.
        options: Its options.
        extra_text: The rest of the opening line, which is not options. The page shows it.
        chunks: The block's lines so far.
        inner: How many indented openers inside wait for their closers. With one, the block is rejected.
        rejection: Why it cannot be spoken, and how to fix it.
        is_open: Whether it has not ended yet.
    """

    parent: Element
    home: Element
    element: Element
    fence: int
    opener: str
    options: BlockOptions = NO_OPTIONS
    extra_text: str = ""
    chunks: list[str] = field(default_factory=list)
    inner: int = 0
    rejection: tuple[str, str] | None = None
    is_open: bool = True

    @property
    def first_line(self) -> str:
        """The first line that is not empty; empty if there is none."""
        lines = (line.strip() for chunk in self.chunks for line in chunk.split("\n"))
        return next((line for line in lines if line), "")

    @property
    def is_detached(self) -> bool:
        """Whether its home no longer contains it: the footnotes extension empties and reuses elements."""
        # From the end, as nothing follows an open block.
        return all(child is not self.element for child in reversed(self.home))

    def reject(self, message: str, fix: str) -> None:
        """Keep this block from being spoken. Of several reasons the first is reported."""
        self.rejection = self.rejection or (message, fix)

    def end(self, parser: BlockParser) -> None:
        """Parse the captured text into the block's element."""
        self.is_open = False
        text = "\n\n".join(self.chunks)
        if _INDENTED.search(text):
            # After a bullet (`- :::speak`) the first lines keep an indentation that the parser removes from later ones.
            first, gap, later = textwrap.dedent(text).partition("\n\n")
            text = textwrap.dedent(first) + gap + later
        parser.state.set("speak")  # not that of a list around it, in which paragraphs get no `<p>`
        parser.parseChunk(self.element, f"{self.extra_text}\n\n{text}".strip("\n"))
        parser.state.reset()


@dataclass(frozen=True, slots=True, eq=False)
class NearMiss:
    """A line that looks like an opener, but is not.

    Attributes:
        rejection: What is wrong, and how to fix it.
    """

    opener: str
    first_line: str
    rejection: tuple[str, str]


class Document(Extension):
    """The state of the document that one `Markdown` instance converts.

    It is an extension in order to be reset. Other extensions convert parts of a page with an instance of their own
    that has the same extensions; it gets the grammar, too, and a state of its own.

    Args:
        extend: Registers the grammar, with a new document, for another instance.

    Attributes:
        met: All blocks and near misses, in the order in which the parser met them.
        latest: For each element, the last block in it.
        expected_closers: For each element, how many lines of colons may still come that end what was not captured.
    """

    def __init__(self, extend: Callable[[Markdown], None]) -> None:
        super().__init__()
        self._extend = extend
        self.met: list[Capture | NearMiss] = []
        self.latest: dict[Element, Capture] = {}
        self.expected_closers: Counter[Element] = Counter()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Register the grammar for another instance."""
        self._extend(md)

    def reset(self) -> None:
        """Forget the document that was converted."""
        self.met.clear()
        self.latest.clear()
        self.expected_closers.clear()

    @property
    def captures(self) -> Iterator[Capture]:
        """All blocks, and those that are met while this iterates."""
        return (met for met in self.met if isinstance(met, Capture))

    def add(self, capture: Capture) -> None:
        """Add a block whose opener was read."""
        self.met.append(capture)
        self.latest[capture.parent] = capture

    def open_capture(self, parent: Element) -> Capture | None:
        """The block in an element that takes all further text of it."""
        capture = self.latest.get(parent)
        return capture if capture is not None and capture.is_open and not capture.is_detached else None

    @property
    def left_open(self) -> Capture | None:
        """The last block, if it is open although the parser is in no element that it takes text of."""
        last = next((met for met in reversed(self.met) if isinstance(met, Capture)), None)
        return last if last is not None and last.is_open else None

    def findings(self) -> Iterator[tuple[Capture | NearMiss, Origin, Diagnostic | None]]:
        """Each block and near miss, where it was written, and what is wrong with it; None if it can be spoken."""
        openers = DocumentOpeners(tuple((met.opener, met.first_line) for met in self.met))
        for index, (met, words) in enumerate(zip(self.met, openers.words, strict=True)):
            origin = Origin(*words, openers, index)
            yield met, origin, Diagnostic(*met.rejection, origin) if met.rejection else None
