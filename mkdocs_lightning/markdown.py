"""The `:::speak` grammar: a Python-Markdown extension that finds blocks and leaves a slot for each.

A block is captured raw and parsed once, after its closer was found, so that nothing inside it can end it or
leak out of it. Works in every container that Python-Markdown feeds block by block: the capture goes on
whenever the parser comes back to the same parent.
"""

from __future__ import annotations

import difflib
import logging
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from mkdocs_lightning.errors import SettingError
from mkdocs_lightning.voice import SETTING_NAMES, VoiceSettings, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown import Markdown
    from markdown.blockparser import BlockParser

SLOT_TAG = "speak-block"
"""The element that holds a block's text until its player is known: `<speak-block data-speak="SLOT">`."""

BLOCK_PRIORITY = 110  # before admonitions, tabs, details and md_in_html (105), and mkdocstrings (75)
UNCLOSED_PRIORITY = 1000  # before footnotes (50) and inline markup (20) see the tree
READ_PRIORITY = -10  # after unescape (0): inline markup is elements, escapes are characters

_OPENER = re.compile(r"^ {0,3}(?P<fence>:{3,})[ \t]*speak(?P<options>[ \t]+\S.*?|\{.*?)?[ \t]*$", re.MULTILINE)
_CLOSER = re.compile(r"\s*(:{3,})\s*")
_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_NEAR_MISS = re.compile(r"\s*:{2,}\s*(?P<word>[A-Za-z]+)(?=[\s:{]|$)")
_OPTION = re.compile(
    r"""\s*(?:
        \#(?P<id>[A-Za-z][\w:.-]*)
      | \.(?P<class>[A-Za-z_-][\w-]*)
      | (?P<name>[A-Za-z][\w-]*)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{}=]+))
    )(?=\s|$)""",
    re.VERBOSE,
)
_MARK = "data-speak-number"


class TextMode(StrEnum):
    """How a block's text stands beside its player."""

    SHOW = "show"
    COLLAPSE = "collapse"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class BlockOptions:
    """What a block's opening line asks for."""

    voice: VoiceSettings = field(default_factory=VoiceSettings)
    title: str | None = None
    text: TextMode = TextMode.SHOW
    id: str | None = None
    classes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, line: str) -> BlockOptions:
        """Read `voice_id=olivia speed=1.2 title="Overview" #intro .wide`, bare or in braces.

        Raises:
            SettingError: Anything else; nothing is guessed.
        """
        line = line.strip()
        if line.startswith("{"):
            if not line.endswith("}"):
                raise SettingError("options", f"the options {line!r} lack a closing brace")
            line = line[1:-1].removeprefix(":")
        values: dict[str, object] = {}
        classes: list[str] = []
        end = 0
        while line[end:].strip():
            found = _OPTION.match(line, end)
            if found is None:
                raise SettingError("options", f"cannot read {line[end:].strip()!r}; options are written as name=value")
            end = found.end()
            if found["class"]:
                classes.append(found["class"])
                continue
            name = "#id" if found["id"] else found["name"]
            if name in values:
                raise SettingError(name, f"{name} is given twice")
            values[name] = next(
                part for part in (found["id"], found["double"], found["single"], found["bare"]) if part is not None
            )
        return cls._from_values(values, tuple(classes))

    @classmethod
    def _from_values(cls, values: dict[str, object], classes: tuple[str, ...]) -> BlockOptions:
        own_id = values.pop("#id", None)
        title = values.pop("title", None)
        text = values.pop("text", TextMode.SHOW)
        for name in values:
            if name not in SETTING_NAMES:
                raise SettingError(name, unknown_name(name, (*SETTING_NAMES, "title", "text")))
        if text not in tuple(TextMode):
            raise SettingError("text", f"text={text} is not one of {', '.join(TextMode)}")
        return cls(
            voice=VoiceSettings.parse(values),
            title=str(title) if title else None,
            text=TextMode(str(text)),
            id=str(own_id) if own_id else None,
            classes=classes,
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Words of the source by which a block is found again: its opening line and the first line within."""

    opener: str
    first_line: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A well-formed block, its text as the element tree after inline processing.

    Attributes:
        body: The element that holds the block's content.
        raw_html: What Python-Markdown took out of the tree (code, raw HTML, entities), by placeholder number.
    """

    body: Element
    raw_html: tuple[str, ...]
    options: BlockOptions
    origin: Origin


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something an author wrote that cannot be spoken: what is wrong, and how to mend it."""

    message: str
    fix: str
    origin: Origin


OnBlock = Callable[[Block], str | None]
"""Takes a block, answers the name of its slot, or None for a block that stays plain text."""

OnMistake = Callable[[Mistake], None]


def _leave_as_text(_block: Block) -> None:
    return None


def _log_mistake(mistake: Mistake) -> None:
    logging.getLogger(__name__).warning("%s: %s. %s", mistake.origin.opener, mistake.message, mistake.fix)


class SpeakExtension(Extension):
    """`:::speak` for Python-Markdown, with or without MkDocs.

    One instance may serve many `Markdown` instances: what is captured belongs to each of them, what is found
    goes to the two callbacks. Without callbacks the blocks are rendered as plain `<div class="speak">`.
    """

    def __init__(self, on_block: OnBlock = _leave_as_text, on_mistake: OnMistake = _log_mistake) -> None:
        super().__init__()
        self._on_block = on_block
        self._on_mistake = on_mistake

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Register the three processors that share one document's blocks."""
        document = _Document()
        md.registerExtension(document)
        md.parser.blockprocessors.register(_SpeakBlocks(md.parser, document), "speak", BLOCK_PRIORITY)
        md.treeprocessors.register(_UnclosedBlocks(md, document), "speak-unclosed", UNCLOSED_PRIORITY)
        reader = _SpeakReader(md, document, self._on_block, self._on_mistake)
        md.treeprocessors.register(reader, "speak-read", READ_PRIORITY)


def makeExtension(**kwargs: object) -> SpeakExtension:  # noqa: N802 - Python-Markdown looks for this name
    """Build the extension for `markdown_extensions: [mkdocs_lightning]`; it has no options."""
    if kwargs:
        raise SettingError(next(iter(kwargs)), "the Markdown extension mkdocs_lightning has no options")
    return SpeakExtension()


@dataclass(slots=True, eq=False)
class _Capture:
    """A block whose opener was read, and its raw text so far."""

    parent: Element
    element: Element
    fence: int
    opener: str
    options: str
    chunks: list[str] = field(default_factory=list)
    mistake: Mistake | None = None

    @property
    def origin(self) -> Origin:
        lines = (line.strip() for chunk in self.chunks for line in chunk.split("\n"))
        return Origin(self.opener, next((line for line in lines if line), ""))

    def blame(self, message: str, fix: str) -> None:
        """Keep this block from being spoken; the first reason stands."""
        self.mistake = self.mistake or Mistake(message, fix, self.origin)

    def parse(self, parser: BlockParser) -> None:
        """Parse what was captured, once, into the block's element."""
        parser.state.set("speak")  # whatever the list around it: paragraphs are paragraphs
        parser.parseChunk(self.element, textwrap.dedent("\n\n".join(self.chunks)).strip("\n"))
        parser.state.reset()


class _Document(Extension):
    """The blocks of the document that one `Markdown` instance is converting; an extension to be reset."""

    def __init__(self) -> None:
        super().__init__()
        self.captures: list[_Capture] = []
        self.open: list[_Capture] = []
        self.has_colons = False

    def reset(self) -> None:
        self.captures.clear()
        self.open.clear()
        self.has_colons = False


class _SpeakBlocks(BlockProcessor):
    """Captures the raw text between an opener and its closer."""

    def __init__(self, parser: BlockParser, document: _Document) -> None:
        super().__init__(parser)
        self._document = document

    def test(self, parent: Element, block: str) -> bool:
        if self._open_in(parent):
            return True
        if "::" not in block:
            return False
        self._document.has_colons = True
        return _find_opener(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        capture = self._open_in(parent)
        if capture is None:
            opener = _find_opener(block)
            assert opener, "run() follows a test() that found it"
            if before := block[: opener.start()].strip("\n"):
                self.parser.parseBlocks(parent, [before])
            capture = self._start(parent, opener)
            block = block[opener.end() :].removeprefix("\n")
        rest = self._take(capture, block)
        if rest.strip():
            blocks.insert(0, rest)

    def _open_in(self, parent: Element) -> _Capture | None:
        return next((capture for capture in self._document.open if capture.parent is parent), None)

    def _start(self, parent: Element, opener: re.Match[str]) -> _Capture:
        if parent.tag == "li" and parent.text and parent.text.strip() and not len(parent):
            paragraph = SubElement(parent, "p")  # a tight item's text must not run into the block
            paragraph.text, parent.text = parent.text, ""
        element = SubElement(parent, "div", {_MARK: str(len(self._document.captures))})
        capture = _Capture(parent, element, len(opener["fence"]), opener[0].strip(), opener["options"] or "")
        self._document.captures.append(capture)
        self._document.open.append(capture)
        return capture

    def _take(self, capture: _Capture, text: str) -> str:
        """Add lines to a capture until it ends; answer what comes after its end."""
        lines = text.split("\n")
        for number, line in enumerate(lines):
            closer = _CLOSER.fullmatch(line)
            if closer and len(closer[1]) >= capture.fence:
                capture.chunks.append("\n".join(lines[:number]))
                self._document.open.remove(capture)
                capture.parse(self.parser)
                return "\n".join(lines[number + 1 :])
            opener = _OPENER.fullmatch(line)
            if opener and len(opener["fence"]) >= capture.fence:
                capture.chunks.append("\n".join(lines[:number]))
                capture.blame(
                    "this block is not closed before the next one begins",
                    "End it with a line of colons; a block that holds another needs more colons than that one",
                )
                self._document.open.remove(capture)
                capture.parse(self.parser)
                return "\n".join(lines[number:])
        capture.chunks.append(text)
        return ""


class _UnclosedBlocks(Treeprocessor):
    """Gives the text of blocks that never ended back to the page, unspoken."""

    def __init__(self, md: Markdown, document: _Document) -> None:
        super().__init__(md)
        self._document = document

    def run(self, _root: Element) -> None:
        while self._document.open:  # parsing one may find another inside
            capture = self._document.open.pop(0)
            capture.blame("this block is never closed", f"End it with a line of {':' * capture.fence}")
            capture.parse(self.md.parser)


class _SpeakReader(Treeprocessor):
    """Hands the finished blocks on, and looks for what was meant to be one."""

    def __init__(self, md: Markdown, document: _Document, on_block: OnBlock, on_mistake: OnMistake) -> None:
        super().__init__(md)
        self._document = document
        self._on_block = on_block
        self._on_mistake = on_mistake

    def run(self, root: Element) -> None:
        if self._document.captures:
            raw_html = tuple(part if isinstance(part, str) else "" for part in self.md.htmlStash.rawHtmlBlocks)
            for element in list(root.iter("div")):
                number = element.attrib.pop(_MARK, None)
                if number is not None:
                    self._read(self._document.captures[int(number)], element, raw_html)
        if self._document.has_colons:
            for line in _text_lines(root):
                self._look_for_near_miss(line)

    def _read(self, capture: _Capture, element: Element, raw_html: tuple[str, ...]) -> None:
        element.set("class", "speak")
        if capture.mistake is None:
            try:
                options = BlockOptions.parse(capture.options)
            except SettingError as error:
                capture.blame(str(error), "Correct the block's first line; until then its text is shown unspoken")
        if capture.mistake is not None:
            self._on_mistake(capture.mistake)
            return
        slot = self._on_block(Block(element, raw_html, options, capture.origin))
        if slot is not None:
            element.tag = SLOT_TAG
            element.attrib.clear()
            element.set("data-speak", slot)

    def _look_for_near_miss(self, line: str) -> None:
        miss = _NEAR_MISS.match(line)
        if miss is None or not difflib.get_close_matches(miss["word"].lower(), ["speak"], cutoff=0.75):
            return
        if miss["word"] == "speak" and ":::" in line:
            fix = (
                "In a list, leave an empty line before it and indent it by four spaces; let nothing follow its options"
            )
        else:
            fix = "Write :::speak"
        self._on_mistake(
            Mistake(
                "this looks like a block that was meant to be spoken, but is not one",
                fix,
                Origin(line.strip()),
            )
        )


def _find_opener(block: str) -> re.Match[str] | None:
    """The first opener in a block of source lines that does not stand inside a code span."""
    spans = [span.span() for span in _CODE_SPAN.finditer(block)] if "`" in block else []
    for opener in _OPENER.finditer(block):
        if not any(start < opener.start() < end for start, end in spans):
            return opener
    return None


def _text_lines(element: Element) -> Iterator[str]:
    """The lines of a tree's text that begin where a line of the source may begin; none from code."""
    if element.tag in {"code", "pre", "script", "style"}:
        return
    yield from (element.text or "").split("\n")
    for child in element:
        yield from _text_lines(child)
        yield from (child.tail or "").split("\n")[1:]
