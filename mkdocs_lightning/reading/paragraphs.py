"""The spoken paragraphs of a text that is read piece by piece: their text, pauses and voices, and rows of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.elements.inline_text import LINE_BREAK, split_lines, without_colon_lines
from mkdocs_lightning.reading.lexicon import unmarked
from mkdocs_lightning.reading.sentence_ends import has_words
from mkdocs_lightning.reading.sentences import Heading, spoken_text
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEADING_SIGNS = re.compile(
    r"[.,;:!?\u2026)\]}\u00bb\u201d\u0964]+(?=\s|$)|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]+"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that no sentence crosses the edge of.

    Attributes:
        text: As `spoken_text` returns it.
        pause: The silence after it, in milliseconds.
        voice: The voice settings of the elements that it is in, the innermost over the others.
        continues_row: Whether the next paragraph is in the same row of a table.
        is_pause_fixed: Whether its author has set the pause.
        heading: The heading that begins with it.
    """

    text: str
    pause: int
    voice: VoiceSettings = NO_SETTINGS
    continues_row: bool = False
    is_pause_fixed: bool = False
    heading: Heading | None = None


class Paragraphs:
    """Collects pieces of text into paragraphs.

    Attributes:
        ended: The paragraphs so far, without the present one.
        voice: The voice settings at this place.
        is_after_cut: Whether the present paragraph goes on where another one was cut, such as by a pause. Then the
            signs at its start belong to the word before them.
    """

    def __init__(self) -> None:
        self.ended: list[Paragraph] = []
        self.voice = NO_SETTINGS
        self.is_after_cut = False
        self._text: list[str] = []
        self._row_start: int | None = None  # the number of the first paragraph of the present row
        self._heading: tuple[int, str] | None = None  # likewise of the present heading, with its id

    @property
    def last_piece(self) -> str:
        """The last piece of the present paragraph; empty if it has none."""
        return self._text[-1] if self._text else ""

    def add(self, text: str) -> None:
        """Add a piece of text to the present paragraph."""
        self._text.append(text)

    def begin_with(self, texts: Iterable[str]) -> None:
        """Put some texts before the present paragraph."""
        self._text[:0] = texts

    def fix_pause(self, pause: int) -> None:
        """The pause after the last paragraph was set by its author, unless a longer one follows it anyway."""
        if self.ended and self.ended[-1].pause == pause:
            self.ended[-1] = replace(self.ended[-1], is_pause_fixed=True)

    def start_row(self) -> None:
        """A row of a table starts."""
        self._row_start = len(self.ended)

    def end_row(self) -> None:
        """The row has ended."""
        self._row_start = None

    def start_heading(self, anchor: str) -> None:
        """A heading with this id starts."""
        self._heading = len(self.ended), anchor

    def end_heading(self) -> None:
        """The heading has ended, if one has started. One without paragraphs is none."""
        if self._heading is None:
            return
        start, anchor = self._heading
        self._heading = None
        if start < len(self.ended):
            title = unmarked(" ".join(paragraph.text for paragraph in self.ended[start:]))
            self.ended[start] = replace(self.ended[start], heading=Heading(title, anchor))

    def end(self, pause: int) -> int:
        """End the present paragraph, and begin the next.

        Args:
            pause: The silence after it, in milliseconds. Of several ends without text between them the longest counts.

        Returns:
            How many paragraphs the text has become: none without a letter or digit, several if its lines are broken.
        """
        count = len(self.ended)
        text = "".join(self._text) if self._text else ""
        self._text.clear()
        text = without_colon_lines(text)
        if LINE_BREAK in text:
            *pieces, (text, _) = split_lines(text)
            for piece, pause_after in pieces:
                self._add(spoken_text(piece), pause_after)
        self._add("" if not text or text.isspace() else spoken_text(text), pause)
        return len(self.ended) - count

    def drop_after(self, count: int) -> None:
        """Drop all but so many of the paragraphs."""
        del self.ended[count:]
        if self._row_start is not None and count > self._row_start:
            self.ended[-1] = replace(self.ended[-1], continues_row=False)

    def _add(self, text: str, pause: int) -> None:
        if self.is_after_cut:
            text = self._give_back_signs(text)
        self.is_after_cut = False
        if has_words(text):
            if self._row_start is not None and len(self.ended) > self._row_start:
                self.ended[-1] = replace(self.ended[-1], continues_row=True)
            self.ended.append(Paragraph(text, pause, self.voice))
        elif self.ended and pause > self.ended[-1].pause:  # such as the end of a row
            last = self.ended[-1]  # built anew: `replace` is slow, and paragraphs often end in two elements
            self.ended[-1] = Paragraph(last.text, pause, last.voice, last.continues_row, heading=last.heading)

    def _give_back_signs(self, text: str) -> str:
        """Move the period or comma at the start of a piece, whose word was cut off, to the end of that word."""
        signs = _LEADING_SIGNS.match(text)
        if signs:
            last = self.ended[-1]
            self.ended[-1] = replace(last, text=last.text + signs[0])
            text = text[signs.end() :].lstrip()
        return text
