"""Raised and lowered text, line breaks, and other signs inside a paragraph that a voice would run together."""

from __future__ import annotations

import re

from mkdocs_lightning.reading.sentences import Pause, spoken_text

LINE_BREAK = "\x1f"
"""Stands for `<br>` until the paragraph ends. Where it is not looked at, it counts as white space."""

ANNOTATION = re.compile(r"\(\d{1,3}\)!?")
"""A mark that Material for MkDocs shows as a button, in an element of the class `annotate`."""

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
            pieces.append((" ".join(present), Pause.PARAGRAPH if breaks > 1 else Pause.SENTENCE))
            present, length = [], 0
        present.append(raw)
        length += len(line)
        last, breaks = (line, 1) if line else (last, breaks + 1)
    return [*pieces, (" ".join(present), Pause.PARAGRAPH)]


def _ends_piece(line: str, length: int, following: str) -> bool:
    """Whether the author's break after a line is one for the ear, if so much runs on into it."""
    if _ENDS_LINE.search(line):
        return True
    return length <= _SHORT_LINE and not _first_letter(following).islower()


def _first_letter(text: str) -> str:
    return next(filter(str.isalnum, text), "")
