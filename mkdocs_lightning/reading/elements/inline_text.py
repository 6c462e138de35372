"""Raised and lowered text, line breaks, and other signs inside a paragraph that a voice would run together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.elements.silence import classes_of
from mkdocs_lightning.reading.sentences import Pause, spoken_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINE_BREAK = "\x1f"
"""Stands for `<br>` until the paragraph ends. Where it is not looked at, it counts as white space."""

_ANNOTATION = re.compile(r"\(\d{1,3}\)!?")
"""A mark that Material for MkDocs shows as a button, in an element of the class `annotate`."""

_CODE_ANNOTATION = re.compile(r"\(\d{1,3}\)!")
"""One in a code block: Material takes the exclamation mark as a sign to show nothing else of the comment."""

_OF_NOTE_MARK = {"a", "sup"}
_NOTE_MARK = re.compile(r"[\s\[\]()\d*\u2020\u2021\xa7\xb6]{1,9}")  # daggers, section and paragraph signs

_COLON_LINE = re.compile(r"^[ \t]*:{3,}[ \t]*$", re.MULTILINE)

_SHORT_LINE = 45  # characters; lines of prose are longer
_ENDS_LINE = re.compile(
    r"[.!?\u2026:;\u3002\uff01\uff1f\uff1a\uff1b\u0964\u061f\u061b\u06d4][\"')\]\u00bb\u201d\u2019]*$"
)

_SUPERSCRIPTS = str.maketrans(
    "0123456789+-\u2212",
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207b",
)
_NUMBER_SIGNS = "0123456789+-\u2212"
_LAST_WORD = re.compile(r"[^\W_]+\Z")
_ROMAN = re.compile(r"[IVXLC]+")
_ORDINAL_ENDINGS = frozenset(
    "st nd rd th e er re è eme ème ère ere nde de te ste os as o a ro ra do da to ta mo ma vo va no na".split()
)
_ABBREVIATIONS = frozenset(
    ["no", "nos", "mme", "mmes", "mlle", "mlles", "mr", "mrs", "ms", "dr", "st", "ste", "sto", "sta", "cie", "me"]
)


class RaisedText:
    """Follows superscripts and subscripts, which a voice would run together with the text around them.

    start ─► spoken (of its own text) ─► spoken (of the text after it)
    """

    def __init__(self) -> None:
        self._tag = ""  # `sup` or `sub` before its first text
        self._is_before_text = False  # whether the next text follows one that is a word of its own

    def start(self, tag: str) -> None:
        """A `sup` or `sub` starts."""
        self._tag = tag

    def end(self) -> None:
        """Some element ends: raised text without any is no longer waited for."""
        self._tag = ""

    def end_paragraph(self) -> None:
        """The paragraph ends: what follows is apart from it."""
        self._is_before_text = False

    def spoken(self, text: str, before: str) -> str:
        """A text as it is spoken here.

        Args:
            text: Not empty.
            before: The text before it in its paragraph, or the end of that text.
        """
        if self._tag and not text.isspace():
            text = raised(before, self._tag, text)
            self._is_before_text = text.startswith(" ")
            self._tag = ""
        elif self._is_before_text:
            text = f" {text}" if text[0].isalnum() else text
            self._is_before_text = False
        return text


class Annotations:
    """Follows elements with the class `annotate`, in which Material for MkDocs shows marks as buttons.

    Attributes:
        is_inside: Whether the present element is in one of them.
        may_explain: Whether a list that started now would explain the marks.
        is_of_code: Whether it would explain those in a code block, and be shown nowhere else.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._has_code_marks = False
        self.is_inside = False
        self.may_explain = False
        self.is_of_code = False

    def start(self, attributes: Mapping[str, str | None], depth: int) -> None:
        """An element starts, inside which so many are open, with itself."""
        if not self.is_inside and "annotate" in classes_of(attributes):
            self.is_inside, self._depth = True, depth

    def end(self, depth: int) -> None:
        """Some elements end, and so many remain open."""
        if self.is_inside and depth < self._depth:
            self.is_inside, self.may_explain = False, True

    def add_code(self, text: str) -> None:
        """Take note of text in a code block."""
        self._has_code_marks = self._has_code_marks or _CODE_ANNOTATION.search(text) is not None

    def end_code(self, depth: int) -> None:
        """A code block ends, and so many elements remain open; call this before `end`."""
        self.is_of_code = self._has_code_marks or (self.is_inside and depth < self._depth)
        self._has_code_marks = False

    def expect_no_list(self) -> None:
        """Something follows that is no list, or the list has started."""
        self.may_explain = self.is_of_code = False

    def spoken_spans(self, text: str) -> list[tuple[int, int]]:
        """Where the parts of a text start and end that are spoken: all but the marks."""
        if not self.is_inside or "(" not in text:
            return [(0, len(text))]
        marks = list(_ANNOTATION.finditer(text))
        starts = [0, *(mark.end() for mark in marks)]
        return list(zip(starts, [*(mark.start() for mark in marks), len(text)], strict=True))


class NoteLinks:
    """Follows links inside a page, whose raised marks lead to notes, as in `<sup><a href="#fn1">1</a></sup>`."""

    def __init__(self) -> None:
        self._depth = 0

    def start(self, attributes: Mapping[str, str | None], depth: int) -> None:
        """A link starts, inside which so many elements are open, with itself."""
        self._depth = depth if (attributes.get("href") or "").startswith("#") else 0

    def is_mark(self, text: str, opened: Sequence[str]) -> bool:
        """Whether a text is such a mark.

        Args:
            text: Of the innermost element.
            opened: The tags of the open elements, from the outside in.
        """
        if self._depth not in (len(opened), len(opened) - 1) or {*opened[-2:]} != _OF_NOTE_MARK:
            return False
        return _NOTE_MARK.fullmatch(text) is not None


def without_colon_lines(text: str) -> str:
    """A text without lines of colons: they are what is left of a block whose first line was deleted."""
    return _COLON_LINE.sub("", text) if ":::" in text else text


def raised(base: str, tag: str, text: str) -> str:
    """A superscript or subscript as it is spoken after its base: digits attached, letters as a word of their own.

    Args:
        base: The text before it, or its end.
        tag: `sup` or `sub`.
        text: Its own text.
    """
    found = _LAST_WORD.search(base)
    if not found:
        return text.translate(_SUPERSCRIPTS) if tag == "sup" and not text.strip(_NUMBER_SIGNS) else text
    word, script = found[0], text.strip()
    if not script.strip(_NUMBER_SIGNS):
        if tag == "sup":
            return text.translate(_SUPERSCRIPTS)  # 10^3^ is not 103
        return f" {text}" if word[-1].isdigit() else text  # H2O, but 101 to the base 2
    return text if _is_ending(word, tag, script) or not script[0].isalnum() else f" {text}"


def _is_ending(word: str, tag: str, script: str) -> bool:
    """Whether raised letters belong to their word, as in 1st, XIXe and Mme."""
    if tag != "sup":
        return False
    ending = script.rstrip(".").lower()
    if ending in _ORDINAL_ENDINGS and (word[-1].isdigit() or _ROMAN.fullmatch(word)):
        return True
    return ending == "th" or (word + ending).lower() in _ABBREVIATIONS


def split_lines(text: str) -> list[tuple[str, int]]:
    """A paragraph's pieces, each with the pause after it in milliseconds, where its author has broken the line.

    A line that runs on into the next, as in prose that was wrapped by hand, is one piece with it.

    Args:
        text: Not empty. Two breaks in a row end a paragraph.
    """
    pieces: list[tuple[str, int]] = []
    present: list[str] = []  # the lines of the present piece
    length = 0  # of its spoken text
    last = ""  # the last of its lines that is not empty
    breaks = 0  # since then
    for raw in text.split(LINE_BREAK):
        line = spoken_text(raw)
        if line and last and (breaks > 1 or _ends_piece(last, length, line)):
            pieces.append(("\n".join(present), Pause.PARAGRAPH if breaks > 1 else Pause.SENTENCE))
            present, length = [], 0
        present.append(raw)
        length += len(line)
        last, breaks = (line, 1) if line else (last, breaks + 1)
    return [*pieces, ("\n".join(present), Pause.PARAGRAPH)]


def _ends_piece(line: str, length: int, following: str) -> bool:
    """Whether the author's break after a line is one for the ear, if so much runs on into it."""
    if _ENDS_LINE.search(line):
        return True
    return length <= _SHORT_LINE and not _first_letter(following).islower()


def _first_letter(text: str) -> str:
    return next(filter(str.isalnum, text), "")
