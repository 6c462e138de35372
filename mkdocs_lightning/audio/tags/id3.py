"""ID3v2.4 (id3.org), with its addendum for chapters, as it stands before the frames of an MP3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.audio.tags.tags import COMMENT, ENCODER, as_bytes
from mkdocs_lightning.base.address import ascii_url

if TYPE_CHECKING:
    from mkdocs_lightning.audio.tags.tags import ChapterTag, Tags

_UTF_8 = b"\x03"
_NO_OFFSET = b"\xff" * 4
_TOP_LEVEL_AND_ORDERED = 0b11
_MOST_CHAPTERS = 255  # that one table of contents can count
_MAX_TIME = 2**32 - 1  # milliseconds
LANGUAGE_CODES = {
    "ar": "ara", "bn": "ben", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "fi": "fin", "fr": "fra",
    "gu": "guj", "hi": "hin", "id": "ind", "it": "ita", "ja": "jpn", "kn": "kan", "ko": "kor", "ml": "mal",
    "mr": "mar", "ms": "msa", "nl": "nld", "no": "nor", "or": "ori", "pa": "pan", "pl": "pol", "pt": "por",
    "ru": "rus", "sv": "swe", "ta": "tam", "te": "tel", "tr": "tur", "vi": "vie", "zh": "zho",
}  # fmt: skip
"""ISO 639-2, which ID3 asks for, by ISO 639-1."""


def id3(tags: Tags) -> bytes:
    """The tag that is put before an MP3."""
    chapters = tags.chapters[:_MOST_CHAPTERS]
    language = LANGUAGE_CODES.get(tags.language.partition("-")[0], "")
    frames = b"".join(
        [
            _text("TIT2", tags.title),
            _text("TALB", tags.site),
            _text("TLAN", language),
            _text("TSSE", f"{ENCODER} (LAME)"),
            _frame("WOAF", ascii_url(as_bytes(tags.url).decode()).encode()) if tags.url else b"",
            _frame("COMM", _UTF_8 + b"eng\0" + COMMENT.encode()),
            _table_of_contents(len(chapters)) if chapters else b"",
            *(_chapter(number, chapter) for number, chapter in enumerate(chapters)),
        ]
    )
    return b"ID3\x04\x00\x00" + _syncsafe(len(frames)) + frames


def _text(name: str, text: str) -> bytes:
    return _frame(name, _UTF_8 + as_bytes(text)) if text else b""


def _frame(name: str, content: bytes) -> bytes:
    return name.encode() + _syncsafe(len(content)) + bytes(2) + content


def _syncsafe(number: int) -> bytes:
    """28 bits in four bytes, none of which can be taken for the start of a frame of sound."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _table_of_contents(count: int) -> bytes:
    entries = b"".join(_id_of(number) for number in range(count))
    return _frame("CTOC", b"toc\0" + bytes([_TOP_LEVEL_AND_ORDERED, count]) + entries)


def _chapter(number: int, chapter: ChapterTag) -> bytes:
    times = b"".join(
        min(round(seconds * 1000), _MAX_TIME).to_bytes(4, "big") for seconds in (chapter.start, chapter.end)
    )
    return _frame("CHAP", _id_of(number) + times + 2 * _NO_OFFSET + _text("TIT2", chapter.title))


def _id_of(number: int) -> bytes:
    return f"chapter{number}".encode() + b"\0"
