"""A `:::speak` block as a value: its options, its content, where it was written, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.base.errors import SettingError, unknown_name
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, SETTING_NAMES, VoiceSettings

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


SLOT_TAG = "speak-block"
"""The element that holds a block's text until it gets its player: `<speak-block data-speak="SLOT">`."""

_BRACE = re.compile(r"\{:?")

_END_BRACE = re.compile(r"\s*\}")

_OPTION = re.compile(
    r"""\s*(?:
        \#(?P<id>[A-Za-z][\w:.-]*)
      | \.(?P<class>[A-Za-z_-][\w-]*)
      | (?P<name>[A-Za-z][\w-]*)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{}=]+))
    )(?=[\s}]|$)""",
    re.VERBOSE,
)

_QUOTED = re.compile(r"""(?P<name>[A-Za-z][\w-]*)\s*=\s*(?P<quote>["'])""")

_COLON = re.compile(r"[\w-]+:\S")

_CURLY_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b"

_WITHOUT_SPACES = frozenset([*SETTING_NAMES, "text"])
"""Options whose values have no spaces, so what follows one is no part of it."""


class TextMode(StrEnum):
    """How a block's text is shown with its player."""

    SHOW = "show"
    COLLAPSE = "collapse"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class BlockOptions:
    """The options in a block's opening line.

    Attributes:
        voice: The voice settings.
        title: The player's label; None for the default.
        text: How the text is shown.
        id: The HTML id that the author gave the block.
        classes: The HTML classes that the author gave the block.
    """

    voice: VoiceSettings = NO_SETTINGS
    title: str | None = None
    text: TextMode = TextMode.SHOW
    id: str | None = None
    classes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, line: str) -> BlockOptions:
        """Parse options such as `voice_id=olivia speed=1.2 title="Overview" #intro .wide`, with or without braces.

        Raises:
            SettingError: A part of the line is not an option, an option is unknown, or a value cannot be used.
        """
        written, rest = split_options(line)
        _check_quotes(written)
        if rest:
            advice = _advice_on_rest(written, rest)
            raise SettingError("options", f"cannot read {rest!r}; options are written as name=value{advice}")
        if written.startswith("{") and not written.endswith("}"):
            raise SettingError("options", f"the options {written!r} have no closing brace")
        values: dict[str, object] = {}
        classes: list[str] = []
        for option in _OPTION.finditer(written):
            if option["class"]:
                classes.append(option["class"])
                continue
            name = "#id" if option["id"] else option["name"]
            if name in values:
                raise SettingError(name, f"{name} is given twice")
            values[name] = next(
                part for part in (option["id"], option["double"], option["single"], option["bare"]) if part is not None
            )
        return cls._from_values(values, tuple(classes))

    @classmethod
    def _from_values(cls, values: dict[str, object], classes: tuple[str, ...]) -> BlockOptions:
        html_id = values.pop("#id", None)
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
            id=str(html_id) if html_id else None,
            classes=classes,
        )


NO_OPTIONS = BlockOptions()


Words: TypeAlias = tuple[str, str]
"""The words by which a block is found in its source: its opening line, and the first line of its content."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentOpeners:
    """What the parser met in one document. It is one object for all of its blocks, and is compared as such.

    Attributes:
        words: Of all blocks, and of the lines that look like openers, in order.
    """

    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a block was written.

    Attributes:
        opener: Its opening line; empty for a whole page.
        first_line: The first line of its content.
        document: All that the parser met in the same document; None for what no parser has met.
        index: The place of this block among them.
    """

    opener: str
    first_line: str = ""
    document: DocumentOpeners | None = field(default=None, compare=False, repr=False)
    index: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A well-formed block.

    Attributes:
        body: The element with the block's content, after inline processing.
        raw_html: What Python-Markdown keeps outside of the tree (code, raw HTML, entities), by placeholder number.
        options: The options in its opening line.
        origin: Where it was written.
    """

    body: Element
    raw_html: tuple[str, ...]
    options: BlockOptions
    origin: Origin


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What an author wrote wrongly, so that a block is not spoken, or not in this way.

    Attributes:
        message: What is wrong.
        fix: How to correct it.
        origin: Where it was written.
        is_spoken: Whether the block is spoken all the same.
    """

    message: str
    fix: str
    origin: Origin
    is_spoken: bool = False


@dataclass(slots=True)
class CurrentPage:
    """The page that is being converted, as far as the grammar has to know it.

    Attributes:
        is_narrated: Whether the page will be read from its HTML as a whole. Then its pauses and voices have marks
            outside of blocks, too, which stay in the HTML until `remove_marks` is called.
        may_be_narrated: Whether another program may read it as a whole, from the finished site. Then its HTML has the
            same marks, and keeps them.
    """

    is_narrated: bool = False
    may_be_narrated: bool = False


OnBlock = Callable[[Block], str | None]
"""Called with each block; returns the name of its slot, or None if the block stays plain text."""

OnDiagnostic = Callable[[Diagnostic], None]
"""Called for each block that cannot be spoken."""


def _check_quotes(options: str) -> None:
    """Raise a SettingError if a value has quotes that a word processor makes."""
    for option in _OPTION.finditer(options):
        name, value = option["name"], option["bare"]
        if value and value[0] in _CURLY_QUOTES:
            raise SettingError(name, f'{name} begins with {value[0]}; use straight quotes: {name}="…"')


def _advice_on_rest(options: str, rest: str) -> str:
    """What to write instead of the rest of an opening line, which is not options."""
    if unended := _QUOTED.match(rest):
        name, quote = unended["name"], unended["quote"]
        if rest.count(quote) == 1:
            return f"; the value of {name} has no closing {quote}"
        other = "'" if quote == '"' else '"'
        return f"; the value of {name} has to end at its next {quote}, so put {other} around one that contains {quote}"
    *_, last = [None, *_OPTION.finditer(options)]
    if "=" in rest or not rest[0].isalnum() or options.endswith("}"):
        return ""
    if last is not None and last["bare"] and last["name"] not in _WITHOUT_SPACES:
        return f', and a value with spaces needs quotes: {last["name"]}="{last["bare"]} {rest}"'
    return "" if _COLON.match(rest) else ". The text of a block begins on the next line"


def split_options(line: str) -> tuple[str, str]:
    """Split an opening line, without its colons, into the part with the options and the rest."""
    line = line.strip()
    start = _BRACE.match(line)
    end = start.end() if start else 0
    while option := _OPTION.match(line, end):
        end = option.end()
    if start and (brace := _END_BRACE.match(line, end)):
        end = brace.end()
    return line[:end], line[end:].strip()
