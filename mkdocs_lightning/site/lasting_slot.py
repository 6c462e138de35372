"""A slot that stays in the published page and holds all that is needed to synthesize its block again.

    <speak-slot data-script="{…}">the block's text, or its player with the text inside <speak-text></speak-slot>

An MkDocs build replaces its slots. On pages that other programs build, the slots stay, so that `mkdocs-lightning
publish` needs no source, and can publish the same page again when its clips have changed or are gone.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from html import escape, unescape
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import SettingError, has_surrogate, shown
from mkdocs_lightning.player.sentence_highlights import without_highlights
from mkdocs_lightning.player.slots import MAX_NESTING
from mkdocs_lightning.reading.grammar.block import BlockOptions, TextMode
from mkdocs_lightning.reading.grammar.element_settings import element_voice
from mkdocs_lightning.reading.sentences import MAX_SENTENCE, Heading, Sentence, spoken_text
from mkdocs_lightning.reading.settings.site_voices import SiteVoices
from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LASTING_TAG = "speak-slot"
TEXT_TAG = "speak-text"
"""Inside a slot: surrounds the block's text, wherever the player's template puts it."""

IN_SLOTS = "in_slots"
"""In a page's `<meta name="lightning">`: the slots of its blocks have these settings already."""

_EDGE = re.compile(
    rf"""<{LASTING_TAG}\s+data-script=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*>"""
    rf"|(?P<end></{LASTING_TAG}>)|(?P<text><{TEXT_TAG}>)|</{TEXT_TAG}>"
)
_ID = re.compile(r"[A-Za-z][\w:.-]*")
_CLASS = re.compile(r"[A-Za-z_-][\w-]*")
_MAX_PAUSE = 10_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Slot:
    """A block as a published page describes it.

    Attributes:
        sentences: At least one.
        options: The block's own, with the voice settings of its page and site merged in.
        engine: The engine of the whole site; None if the page names none.
        output_format: The format of the whole site; None if the page names none.
        inherited: The names of the voice settings that are not the block's own.
    """

    sentences: tuple[Sentence, ...]
    options: BlockOptions
    engine: str | None = None
    output_format: OutputFormat | None = None
    inherited: tuple[str, ...] = ()

    def on_page(
        self, settings: VoiceSettings, locale: str | None, by_language: Mapping[str, VoiceSettings]
    ) -> BlockOptions:
        """The block's options on a page with settings that are not merged in: the block's own win, then these.

        Args:
            settings: Those of the page.
            locale: The language in which the page is spoken, if neither it nor the block chooses a speaker; its own
                voice comes before an inherited one.
            by_language: The site's settings for single languages, as in `SiteVoices`.
        """
        voice = self.options.voice
        own = voice.only([name for name in SETTING_NAMES if name not in self.inherited])
        inherited, nearer = voice.only(self.inherited), own.over(settings)
        if own.language or not (settings.language or locale):  # then the inherited voice was chosen for the language
            return replace(self.options, voice=nearer.over(inherited))
        return replace(self.options, voice=SiteVoices(inherited, by_language).merge(nearer, locale))

    def to_json(self) -> str:
        """The value of `data-script`, without what is not set."""
        settings = {
            "engine": self.engine,
            "format": self.output_format.value if self.output_format else None,
            "voice": _set_values(self.options.voice),
            "inherited": self.inherited,
            "title": self.options.title,
            "text": None if self.options.text is TextMode.SHOW else self.options.text.value,
            "id": self.options.id,
            "classes": self.options.classes,
        }
        script = [_written(sentence) for sentence in self.sentences]
        parts = {**{name: value for name, value in settings.items() if value}, "script": script}
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            SettingError: Anything else; a page may come from anywhere.
        """
        raw = _read_object(text)
        voice = raw.get("voice", {})
        script = raw.get("script")
        if not isinstance(voice, dict) or not isinstance(script, list) or not script:
            raise SettingError("data-script", f"{shown(text)} has no voice, or no script")
        try:
            output_format = OutputFormat(raw["format"]) if "format" in raw else None
            options = _options(raw, VoiceSettings.parse(voice))
        except ValueError as error:
            raise SettingError("data-script", str(error)) from error
        return cls(tuple(map(_sentence, script)), options, text_in(raw, "engine"), output_format, _inherited(raw))

    def holding(self, html: str) -> str:
        """The slot as an element around some HTML."""
        return around(self.to_json(), html)


def _read_object(text: str) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        SettingError: It is none, or has text that could be neither sent nor written.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingError("data-script", f"{shown(text)} is not JSON") from error
    if not isinstance(raw, dict):
        raise SettingError("data-script", f"{shown(raw)} is not an object")
    if has_surrogate(json.dumps(raw, ensure_ascii=False)):
        raise SettingError("data-script", f"{shown(text)} has an unpaired surrogate (half of a character)")
    return raw


def _options(raw: Mapping[str, object], voice: VoiceSettings) -> BlockOptions:
    """Read the options of a block.

    Raises:
        SettingError: One that is not what its author may write.
        ValueError: There is no such way to show the text.
    """
    classes = raw.get("classes", [])
    if not isinstance(classes, list):
        raise SettingError("classes", f"{shown(classes)} is not a list of classes")
    return BlockOptions(
        voice=voice,
        title=text_in(raw, "title"),
        text=TextMode(str(raw.get("text", TextMode.SHOW))),
        id=_name("id", raw["id"], _ID) if "id" in raw else None,
        classes=tuple(_name("classes", name, _CLASS) for name in classes),
    )


def _inherited(raw: Mapping[str, object]) -> tuple[str, ...]:
    """Read the names of the settings that are not the block's own.

    Raises:
        SettingError: It is no list of such names.
    """
    names = raw.get("inherited", [])
    if not isinstance(names, list) or not all(name in SETTING_NAMES for name in names):
        raise SettingError("inherited", f"{shown(names)} is not a list of settings")
    return tuple(names)


def around(script: str, html: str) -> str:
    """A slot's element.

    Args:
        script: The value of `data-script`.
        html: The content.
    """
    return f'<{LASTING_TAG} data-script="{escape(script)}">{html}</{LASTING_TAG}>'


def as_text(html: str) -> str:
    """A block's text, marked so that it can be found inside a player."""
    return f"<{TEXT_TAG}>{html}</{TEXT_TAG}>"


def count_unusable_slots(html: str) -> int:
    """How many slots of a page `map_lasting_slots` leaves: those without an end tag, and those nested too deeply."""
    depth = deep = 0
    for edge in _EDGE.finditer(html):
        if _script(edge) is not None:
            depth += 1
            deep += depth > MAX_NESTING
        elif edge["end"] and depth:
            depth -= 1
    return min(depth, MAX_NESTING) + deep


def map_lasting_slots(html: str, replace: Callable[[str, str], str]) -> str:
    """Replace each slot of a page, the inner ones first.

    Args:
        html: The page. A slot without an end tag, and one inside `MAX_NESTING` others, stays as it is.
        replace: Called with the value of `data-script` and the block's text as HTML, without a player and without
            highlights; returns what takes the slot's place.
    """
    outside = _Open("", "")
    slots = [outside]
    end = deep = 0
    for edge in _EDGE.finditer(html):
        slots[-1].pieces.append(html[end : edge.start()])
        end = edge.end()
        script = _script(edge)
        if script is not None and len(slots) <= MAX_NESTING:
            slots.append(_Open(edge[0], unescape(script)))
        elif script is not None or deep:
            deep += (script is not None) - bool(edge["end"])
            slots[-1].pieces.append(edge[0])
        elif edge["end"] and len(slots) > 1:
            slot = slots.pop()
            slots[-1].pieces.append(replace(slot.script, slot.text()))
        elif edge["text"]:
            slots[-1].begin_text(edge[0])
        else:
            slots[-1].end_text(edge[0])
    slots[-1].pieces.append(html[end:])
    return "".join(slot.tag + "".join(slot.pieces) for slot in slots)


def _script(edge: re.Match[str]) -> str | None:
    """The value of a start tag, as it is written; None for another tag."""
    return edge["double"] if edge["double"] is not None else edge["single"]


@dataclass(slots=True)
class _Open:
    """A slot whose end tag has not been reached; the page around all slots has no tag.

    Attributes:
        pieces: The content, as far as it was read.
        start: The index of the piece that begins the text; None if nothing marks it.
        stop: The index of the piece after the text; None if nothing marks it.
    """

    tag: str
    script: str
    pieces: list[str] = field(default_factory=list)
    start: int | None = None
    stop: int | None = None

    def begin_text(self, tag: str) -> None:
        if self.tag and self.start is None:
            self.start = len(self.pieces)
        else:
            self.pieces.append(tag)

    def end_text(self, tag: str) -> None:
        if self.start is None:
            self.pieces.append(tag)
        else:
            self.stop = len(self.pieces)  # the last one counts: authors may have written others

    def text(self) -> str:
        return without_highlights("".join(self.pieces[self.start : self.stop]))


def _written(sentence: Sentence) -> list[object]:
    is_as_written = sentence.parts == (sentence.written,)
    facts = _set_values(sentence.voice)
    if sentence.phrases:
        facts["phrases"] = [len(phrase) for phrase in sentence.phrases]
    if sentence.joins_next:
        facts["joins_next"] = True
    if sentence.is_pause_fixed:
        facts["is_pause_fixed"] = True
    if sentence.heading:
        facts["heading"] = [sentence.heading.title, sentence.heading.anchor]
    return [
        sentence.written,
        int(sentence.pause),
        *([] if is_as_written else [list(sentence.parts)]),
        *([facts] if facts else []),
    ]


def _set_values(voice: VoiceSettings) -> dict[str, object]:
    return {name: value for name, value in asdict(voice).items() if value is not None}


def _sentence(raw: object) -> Sentence:
    """Read a sentence.

    Raises:
        SettingError: It is malformed, or its text would not be sent unchanged.
    """
    parts: list[object]
    facts: dict[str, object] = {}
    match raw:
        case [str(written), int(pause)]:
            parts = [written]
        case [str(written), int(pause), [*parts]]:
            pass
        case [str(written), int(pause), dict(facts)]:
            parts = [written]
        case [str(written), int(pause), [*parts], dict(facts)]:
            pass
        case _:
            raise SettingError("data-script", f"{shown(raw)} is not a sentence")
    texts = tuple(part for part in parts if isinstance(part, str) and part == spoken_text(part))
    is_valid = texts and len(texts) == len(parts) and all(1 <= len(part) <= MAX_SENTENCE for part in texts)
    if not is_valid or not 0 <= pause <= _MAX_PAUSE:
        raise SettingError("data-script", f"{shown(raw)} is not a sentence that can be spoken")
    phrases = _phrases(written, facts.pop("phrases", []))
    joins_next = facts.pop("joins_next", False)
    is_pause_fixed = facts.pop("is_pause_fixed", False)
    heading = _heading(facts.pop("heading", None))
    if phrases is None or not isinstance(joins_next, bool) or not isinstance(is_pause_fixed, bool):
        raise SettingError("data-script", f"{shown(raw)} is not a sentence")
    return Sentence(written, texts, pause, element_voice(facts), phrases, joins_next, is_pause_fixed, heading)


def _heading(raw: object) -> Heading | None:
    """The heading that begins with a sentence; None if none does.

    Raises:
        SettingError: It is malformed.
    """
    match raw:
        case None:
            return None
        case [str(title), str(anchor)]:
            return Heading(title, anchor)
        case _:
            raise SettingError("data-script", f"{shown(raw)} is not a heading")


def _phrases(written: str, lengths: object) -> tuple[str, ...] | None:
    """The phrases of a sentence, which are separated by spaces or nothing; None if they have not these lengths."""
    if not isinstance(lengths, list):
        return None
    phrases: list[str] = []
    rest = written
    for length in lengths:
        if not isinstance(length, int) or not 0 < length <= len(rest):
            return None
        phrases.append(rest[:length])
        rest = rest[length:].lstrip(" ")
    return tuple(phrases) if not rest or not phrases else None


def text_in(raw: Mapping[str, object], name: str) -> str | None:
    """A setting that is text; None if it is not set.

    Raises:
        SettingError: It is something else.
    """
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise SettingError(name, f"{shown(value)} is not text")
    return value


def _name(setting: str, value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise SettingError(setting, f"{shown(value)} cannot be a name")
    return value
