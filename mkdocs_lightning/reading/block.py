"""A `:::speak` block as a value: its options, its text, where it was written, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, unknown_name
from mkdocs_lightning.reading.voice import NO_SETTINGS, SETTING_NAMES, VoiceSettings

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


SLOT_TAG = "speak-block"
"""The element that holds a block's text until its player is known: `<speak-block data-speak="SLOT">`."""

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


class TextMode(StrEnum):
    """How a block's text stands beside its player."""

    SHOW = "show"
    COLLAPSE = "collapse"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class BlockOptions:
    """What a block's opening line asks for."""

    voice: VoiceSettings = NO_SETTINGS
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
        written, rest = _split_options(line)
        if rest:
            raise SettingError("options", f"cannot read {rest!r}; options are written as name=value")
        if written.startswith("{") and not written.endswith("}"):
            raise SettingError("options", f"the options {written!r} lack a closing brace")
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


_NO_OPTIONS = BlockOptions()


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
class Diagnostic:
    """Something an author wrote that cannot be spoken: what is wrong, and how to mend it."""

    message: str
    fix: str
    origin: Origin


def _split_options(line: str) -> tuple[str, str]:
    """A block's options as they are written, and the rest of the line: what is none."""
    line = line.strip()
    start = _BRACE.match(line)
    end = start.end() if start else 0
    while option := _OPTION.match(line, end):
        end = option.end()
    if start and (brace := _END_BRACE.match(line, end)):
        end = brace.end()
    return line[:end], line[end:].strip()
