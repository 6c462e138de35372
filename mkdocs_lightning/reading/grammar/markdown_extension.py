"""The `:::speak` grammar: a Python-Markdown extension that finds blocks and leaves a slot for each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from mkdocs_lightning.base.errors import printable
from mkdocs_lightning.reading.grammar.block import SLOT_TAG, Block, CurrentPage, Diagnostic, OnBlock, OnDiagnostic
from mkdocs_lightning.reading.grammar.block_processors import (
    ColonLines,
    NearMissesBelowTables,
    SpeakBlocks,
    UnclosedBlocks,
)
from mkdocs_lightning.reading.grammar.capture import Capture, Document
from mkdocs_lightning.reading.grammar.colon_lines import is_near_miss
from mkdocs_lightning.reading.grammar.element_settings import SILENT_CLASS, add_element_settings
from mkdocs_lightning.reading.grammar.spoken_fences import add_fence_check
from mkdocs_lightning.reading.grammar.stray_openers import stray_openers

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown

    from mkdocs_lightning.reading.grammar.block import Origin

BLOCK_PRIORITY = 999.5
"""Before all that may take lines of colons, or what is inside a block: mkautodoc (110), admonitions, tabs, details and
md_in_html (105), pymdownx.blocks (90), mkdocstrings (75). The number is odd because no other extension may have it: of
equal ones, the first that is registered would win."""

TABLE_ENDS_PRIORITY = 75.5
"""Just before tables (75), whose rows are all the lines up to an empty one."""

COLON_LINES_PRIORITY = 10.01
"""Just before paragraphs (10), which take what no other processor wants."""

UNCLOSED_PRIORITIES = (1000, 49)
"""Before footnotes (50) need their content, and after footnotes are parsed."""

READ_PRIORITY = -10
"""After unescape (0): inline markup is elements now, and escapes are characters."""

_PARAGRAPHS = frozenset(["p", "li"])


def _log_diagnostic(diagnostic: Diagnostic) -> None:
    logging.getLogger(__name__).warning(
        "%s: %s. %s", printable(diagnostic.origin.opener), diagnostic.message, diagnostic.fix
    )


class SpeakExtension(Extension):
    """`:::speak` for Python-Markdown, with or without MkDocs.

    One instance may serve many `Markdown` instances, as each of them gets its own state.

    Args:
        on_block: Called with each well-formed `Block`, while its document is converted. If it returns a text, the block
            becomes `<speak-block data-speak="THE TEXT">`, for whoever puts something in its place. If it returns None,
            it refuses the block, which becomes `<div class="speak nospeak">`: whoever speaks the page leaves it out. By
            default, every block becomes `<div class="speak">`.
        on_diagnostic: Called with a `Diagnostic` for each block that is written wrongly, which `on_block` does not get;
            what it returns does not count. By default, it is logged as a warning.
        page: The page that is converted next; whoever converts pages changes it before each. By default no page is
            narrated.
    """

    def __init__(
        self,
        on_block: OnBlock | None = None,
        on_diagnostic: OnDiagnostic = _log_diagnostic,
        page: CurrentPage | None = None,
    ) -> None:
        super().__init__()
        self._on_block = on_block
        self._on_diagnostic = on_diagnostic
        self._page = page or CurrentPage()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Register the processors, which share the state of one document."""
        document = Document(self.extendMarkdown)
        md.registerExtension(document)
        md.parser.blockprocessors.register(SpeakBlocks(md.parser, document), "speak", BLOCK_PRIORITY)
        md.parser.blockprocessors.register(NearMissesBelowTables(md.parser), "speak-table-ends", TABLE_ENDS_PRIORITY)
        md.parser.blockprocessors.register(ColonLines(md.parser, document), "speak-colon-lines", COLON_LINES_PRIORITY)
        for priority in UNCLOSED_PRIORITIES:
            md.treeprocessors.register(UnclosedBlocks(md, document), f"speak-unclosed-{priority}", priority)
        add_element_settings(md, lambda: (capture.element for capture in document.captures), self._page)
        add_fence_check(md, self._on_diagnostic, self._page)
        reader = _SpeakReader(md, document, self._on_block, self._on_diagnostic)
        md.treeprocessors.register(reader, "speak-read", READ_PRIORITY)


class _SpeakReader(Treeprocessor):
    """Hands finished blocks and diagnostics to the callbacks."""

    def __init__(self, md: Markdown, document: Document, on_block: OnBlock | None, on_diagnostic: OnDiagnostic) -> None:
        super().__init__(md)
        self._document = document
        self._on_block = on_block
        self._on_diagnostic = on_diagnostic

    def run(self, root: Element) -> None:
        _rename_say(root)
        self._document.met += stray_openers(root)
        if not self._document.met:
            return
        found = {}
        near_misses = []
        for met, origin, diagnostic in self._document.findings():
            if isinstance(met, Capture):
                found[met.element] = met, origin, diagnostic
            elif diagnostic is not None:
                near_misses.append(diagnostic)
        if near_misses:
            _silence_near_misses(root)
        raw_html = tuple(part if isinstance(part, str) else "" for part in self.md.htmlStash.rawHtmlBlocks)
        spoken: set[Element] = set()
        for element in list(root.iter("div")):
            if element in found and self._read(*found[element], raw_html, is_spoken=element in spoken):
                spoken.update(element.iter("div"))
        for diagnostic in near_misses:
            self._on_diagnostic(diagnostic)

    def _read(
        self,
        capture: Capture,
        origin: Origin,
        diagnostic: Diagnostic | None,
        raw_html: tuple[str, ...],
        *,
        is_spoken: bool,
    ) -> bool:
        """Hand on a block, or what is wrong with it.

        Args:
            capture: The block.
            origin: Where it was written.
            diagnostic: What is wrong with it; None if nothing is.
            raw_html: As for `Block`.
            is_spoken: Whether a block around it speaks its words, too.

        Returns:
            Whether it has a slot.
        """
        slot = None
        is_refused = diagnostic is not None or self._on_block is not None
        if diagnostic is not None:
            self._on_diagnostic(diagnostic)
        elif self._on_block is not None:
            slot = self._on_block(Block(capture.element, raw_html, capture.options, origin))
        if slot is not None:
            capture.element.tag = SLOT_TAG
            capture.element.attrib = {"data-speak": slot}
            return True
        silence = (SILENT_CLASS,) if is_refused and not is_spoken else ()
        capture.element.set("class", " ".join(("speak", *silence, *capture.options.classes)))
        return False


def _rename_say(root: Element) -> None:
    """Make `say` an attribute that HTML allows."""
    for element in root.iter():
        if element.get("say") is not None:  # asking for `attrib` would give every element a dictionary
            element.set("data-say", element.attrib.pop("say"))


def _silence_near_misses(root: Element) -> None:
    """Have no narrated page speak a paragraph with a line that was meant to open a block, such as `:::speek`."""
    for element in root.iter():
        if element.tag in _PARAGRAPHS and any(is_near_miss(line.strip()) for line in (element.text or "").split("\n")):
            element.set("class", f"{element.get('class', '')} {SILENT_CLASS}".strip())
