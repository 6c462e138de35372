"""Writes the Media Overlay of a page (EPUB 3.3, section 9): which element is shown while which part of a clip plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from mkdocs_lightning.exports.xml_text import EPUB, to_xml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_lightning.exports.book.cue_elements import CueIds
    from mkdocs_lightning.exports.book.model import Reading

_SMIL = "{http://www.w3.org/ns/SMIL}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """An element of a page, and the part of a clip that reads it.

    Attributes:
        element: Its id.
        audio: The clip's file in the book.
        begin: Milliseconds from the start of the clip.
        end: Milliseconds from the start of the clip, with the pause that follows.
    """

    element: str
    audio: str
    begin: int
    end: int


def phrases_of(number: int, reading: Reading, audio: str, ids: CueIds) -> list[Phrase]:
    """The phrases of a reading, from the start of its clip to its end, without a gap.

    A cue that the page does not show, such as the text of an image, is heard with the one before it.

    Args:
        number: Of the reading.
        reading: Its clip and cues.
        audio: The clip's file in the book.
        ids: Of the page's cues.
    """
    shown = [(ids[number, at], round(cue.start * 1000)) for at, cue in enumerate(reading.cues) if (number, at) in ids]
    begins = [0, *(begin for _, begin in shown[1:])]
    ends = [*begins[1:], round(reading.duration * 1000)]
    return [
        Phrase(element, audio, begin, end)
        for (element, _), begin, end in zip(shown, begins, ends, strict=False)
        if begin < end
    ]


def to_smil(page: str, phrases: Sequence[Phrase]) -> bytes:
    """The overlay of a page.

    Args:
        page: The page's file in the book.
        phrases: What is heard, in its order.
    """
    smil = Element(f"{_SMIL}smil", {"version": "3.0"})
    body = SubElement(smil, f"{_SMIL}body", {f"{EPUB}textref": page})
    for number, phrase in enumerate(phrases, start=1):
        pair = SubElement(body, f"{_SMIL}par", {"id": f"p{number}"})
        SubElement(pair, f"{_SMIL}text", {"src": f"{page}#{phrase.element}"})
        times = {"clipBegin": clock(phrase.begin), "clipEnd": clock(phrase.end)}
        SubElement(pair, f"{_SMIL}audio", {"src": phrase.audio, **times})
    return to_xml(smil)


def clock(milliseconds: int) -> str:
    """A time as SMIL writes it: `1:02:03.456`."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{rest:03}"
