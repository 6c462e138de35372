"""The spoken text of an element tree: which elements are silent, replaced or labels, and which end a paragraph."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.elements.accessible_names import Cells, checkbox_word, described, explicit_name
from mkdocs_lightning.reading.elements.element_stream import ElementStream
from mkdocs_lightning.reading.elements.formulas import SpokenSource
from mkdocs_lightning.reading.elements.inline_text import LINE_BREAK, Annotations, NoteLinks, RaisedText
from mkdocs_lightning.reading.elements.labels import LabelledGroups
from mkdocs_lightning.reading.elements.page_tree import TAB_TAG
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.elements.silence import (
    GAPLESS_TAGS,
    is_code_block,
    is_icon,
    is_not_prose,
    is_silent,
    is_silent_content,
)
from mkdocs_lightning.reading.grammar.element_settings import read_mark, voice_of_mark
from mkdocs_lightning.reading.grammar.text_marks import MARK_TAG
from mkdocs_lightning.reading.lexicon import as_said
from mkdocs_lightning.reading.paragraphs import Paragraphs
from mkdocs_lightning.reading.sentence_ends import has_words, mark_code
from mkdocs_lightning.reading.sentences import Pause
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.reading.paragraphs import Paragraph

_PARAGRAPH_TAGS = (
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre search section speak-block "
    "speak-slot summary table tbody tfoot thead tr ul".split()
)

_HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])

_LIST_TAGS = frozenset(["ol", "ul"])

_ENDS_BEFORE = {
    **dict.fromkeys((*_PARAGRAPH_TAGS, TAB_TAG), Pause.PARAGRAPH),
    **dict.fromkeys(("dd", "dt", "li", "tr", *_LIST_TAGS), Pause.ITEM),
    **dict.fromkeys(("td", "th", "label"), Pause.SENTENCE),
}
"""Elements whose start ends the paragraph before them, with the pause after that."""

_ENDS_WITH = _ENDS_BEFORE | dict.fromkeys(_LIST_TAGS, Pause.PARAGRAPH) | dict.fromkeys(_HEADING_TAGS, Pause.HEADING)
"""Elements whose end ends a paragraph, with the pause after that."""

_LANGUAGE_TAGS = frozenset(_ENDS_BEFORE) - {"body", "pre"}
"""Elements whose `lang` counts: not the whole page, nor code, nor a part of a sentence, which has one voice."""

_NAMED_TAGS = frozenset(["dd", "li", "td", "th"])
"""Elements whose signs are spoken where they have nothing else."""

_CODE_TAGS = frozenset(["code", "kbd", "samp", "var"])
"""Inline code and the like, in which no sentence ends."""

_INLINE_TAGS = frozenset(["a", "br", "input", "sub", "sup"])

_IN_TASK = frozenset(["input", "label", "p", "span"])
"""Elements that a task's checkbox may be in."""

_MOST_IN_TASK = 8

_AT_START = PlaceVoice("en")

NO_BLOCK_VOICES: Mapping[str, VoiceSettings] = {}

_SLOT_ATTRIBUTES = {"speak-block": "data-speak", "speak-slot": "data-script"}
"""The elements that hold a block on its page, with the attribute that tells which."""

_SILENCE = "\ufffc"  # stands for a silent element until `spoken_text` removes it with the spaces around it


class ParagraphReader(ElementStream):
    """Reads the spoken paragraphs of an element tree, or of HTML.

    Each tag and text passes through `start_tag`, `add_text`, `end_paragraph` and `end_tag`, which a subclass may
    extend. The reader is in one of these states:

        speaking --start of a silent element--> silent
        speaking --start of an element with `say`, or an image with `alt`--> silent and replaced
        silent, replaced --end of that element--> speaking

    Args:
        raw_html: What stands behind Python-Markdown's placeholders, by number.
        voice: At the start of the text. Its language is also that of the words of signs and tasks.
        is_page: Whether this is a whole page. Then footnotes and navigation are silent, and list numbers are spoken.
        reads_math: Whether formulas are spoken, by their source; a block may have that otherwise.
        block_voices: The settings of blocks, by the values of `_SLOT_ATTRIBUTES`.

    Attributes:
        silent_depth: How many tags were open when the present silence began; None while speaking.
        is_replaced: Whether the reader is silent because it spoke another text (`say`, `alt`) instead.
    """

    def __init__(
        self,
        raw_html: Sequence[str] = (),
        *,
        voice: PlaceVoice = _AT_START,
        is_page: bool = False,
        reads_math: bool = False,
        block_voices: Mapping[str, VoiceSettings] = NO_BLOCK_VOICES,
    ) -> None:
        super().__init__(raw_html)
        self._is_page = is_page
        self._paragraphs = Paragraphs()
        self._leads: list[tuple[int, str]] = []  # what begins the text of an item, with the depth of the item
        self._groups = LabelledGroups()
        self._cells = Cells(voice.text_language)
        self._source = SpokenSource(reads_math=reads_math)
        self._block_voices = block_voices
        self._raised = RaisedText()
        self._annotations = Annotations()
        self._note_links = NoteLinks()
        self._voice = voice
        # With the depth of the element that changed them, and whether formulas were spoken.
        self._outer_voices: list[tuple[int, PlaceVoice, bool]] = []
        self._is_code_block = False  # whether the present silence is that of a code block
        self._is_icon = False  # whether the present silence is that of an icon without a name so far
        self.silent_depth: int | None = None
        self.is_replaced = False

    def start_tag(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Read the start of an element.

        Raises:
            SettingError: The element marks settings or a pause that cannot be used.
        """
        if pause := _ENDS_BEFORE.get(tag):
            self.end_paragraph(pause)
        if tag == "tr":
            self._paragraphs.start_row()
        elif tag in _HEADING_TAGS and self.silent_depth is None:
            self._paragraphs.start_heading(attributes.get("id") or "")
        if attributes and self.silent_depth is None:
            self._read_mark(tag, attributes)
        if tag in ("ol", "li"):
            self._count_items(tag, attributes)
        if self.silent_depth is None:
            self._start_spoken(tag, attributes)
        else:
            self._start_inside_silence(tag, attributes)
        self._annotations.expect_no_list()

    def _count_items(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Add the number of an item of an ordered list, which HTML does not have as text."""
        if tag == "ol":
            self.numbers.start_list(attributes, is_numbered=self._is_page and not self._annotations.may_explain)
        elif tag == "li" and self._open[-1:] == ["ol"] and (number := self.numbers.next_item(attributes)):
            self.add_lead(number, len(self._open) + 1)

    def _start_spoken(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Read the start of an element that is not inside a silent one."""
        is_silenced = is_silent(tag, attributes) or (self._is_page and is_not_prose(tag, attributes))
        is_silenced = is_silenced or (tag == "ol" and self._annotations.is_of_code)
        replacement = _replacement(tag, attributes, is_silenced=is_silenced) if attributes else ""
        self._open.append(tag)
        has_name = self._start_groups(tag, attributes, is_named=not replacement)
        if tag in _INLINE_TAGS:
            self._read_inline(tag, attributes)
        if replacement:
            self._read_text(replacement)
        elif is_silenced or tag == "img":
            self._read_silence(tag, attributes)
        if replacement or is_silenced:
            self.silent_depth = len(self._open)
            self.is_replaced = bool(replacement)
            self._is_code_block = is_code_block(tag, attributes)
            self._is_icon = not replacement and not has_name and is_icon(tag, attributes)

    def _start_groups(self, tag: str, attributes: Mapping[str, str | None], *, is_named: bool) -> bool:
        """Take note of an element that holds others, or is in a cell.

        Args:
            tag: Its tag.
            attributes: Its attributes.
            is_named: Whether a name of the element is one of its cell.

        Returns:
            Whether it is an icon that names its cell.
        """
        depth = len(self._open)
        if tag in _NAMED_TAGS:
            self._cells.start(depth)
        self._groups.start(tag, attributes, depth, len(self._paragraphs.ended))
        if not attributes:
            return False
        self._annotations.start(attributes, depth)
        return is_named and bool(self._cells.opened) and self._cells.add_element(tag, attributes)

    def _read_inline(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Read the start of an element that matters to the text inside it or after it."""
        if tag == "br":
            self.add_text(LINE_BREAK)
        elif tag in ("sup", "sub"):
            self._raised.start(tag)
        elif tag == "a":
            self._note_links.start(attributes, len(self._open))
        elif attributes.get("type") == "checkbox":
            self._read_checkbox(attributes)

    def _read_checkbox(self, attributes: Mapping[str, str | None]) -> None:
        """Add whether a task is done, if this is the checkbox of one."""
        inner = list(takewhile(_IN_TASK.__contains__, reversed(self._open[-_MOST_IN_TASK:])))
        item = len(self._open) - len(inner)
        if item and self._open[item - 1] == "li" and "disabled" in attributes:
            self.add_lead(f"{checkbox_word(attributes, self._voice.language)}: ", item)

    def _read_silence(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        if is_silent_content(tag, attributes):
            self._groups.add_silence()
        if tag != "img":
            self._source.start(tag, attributes, len(self._open))
        if tag not in GAPLESS_TAGS and not self._source.is_open:
            self.add_text(_SILENCE)

    def _start_inside_silence(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Read the start of an element inside a silent one."""
        if tag == "code" and self._is_code_block and not self.is_replaced and (text := _said(attributes)):
            self._replace_code_block(text)
        self._open.append(tag)
        self._source.start_inside(tag, attributes, len(self._open))
        if self._is_icon and self._cells.add_element(tag, attributes):
            self._is_icon = False

    def _replace_code_block(self, replacement: str) -> None:
        """Speak a text for a code block: `fenced_code` gives the attributes of a fence to the inner element."""
        depth, self.silent_depth = self.silent_depth, None
        self._read_text(replacement)
        self.silent_depth, self.is_replaced = depth, True

    def end_tag(self, tag: str) -> None:
        """Read the end of an element."""
        if tag not in self._open:  # raw HTML may close what it never opened
            return
        closed = self._close(tag)
        depth = len(self._open)
        if self.silent_depth is not None:
            self._end_silence(depth)
        self._raised.end()
        if self._cells.opened and (name := self._cells.end(depth)):
            self.add_text(name)
        while self._leads and self._leads[-1][0] > depth:
            self._leads.pop()
        if pause := _ENDS_WITH.get(tag):
            self.end_paragraph(Pause.ITEM if tag in _LIST_TAGS and "li" in self._open else pause)
        if "tr" in closed:
            self._paragraphs.end_row()
        if not _HEADING_TAGS.isdisjoint(closed):
            self._paragraphs.end_heading()
        while self._outer_voices and depth < self._outer_voices[-1][0]:
            self._cut(Pause.CUT)
            _, self._voice, self._source.reads_math = self._outer_voices.pop()
            self._paragraphs.voice = self._voice.settings
        if self._groups.opened:
            self._drop_labels(depth)
        self._annotations.end(depth)

    def _close(self, tag: str) -> Sequence[str]:
        """Close an open element, and those inside it that have no end; the tags of all, from the inside out."""
        closed = [self._open.pop()]
        while closed[-1] != tag:
            closed.append(self._open.pop())
        for _ in range(closed.count("ol")):
            self.numbers.end_list()
        return closed

    def _end_silence(self, depth: int) -> None:
        was_open = self._source.is_open
        text = self._source.end(depth)
        if self.silent_depth is None or depth >= self.silent_depth:
            return
        self.silent_depth = None
        if self._is_code_block:
            self._is_code_block = False
            self._annotations.end_code(depth)
        if was_open:
            self.add_text(text or _SILENCE)

    def _drop_labels(self, depth: int) -> None:
        """Drop the labels of what has ended if they announced nothing but silence."""
        count = self._groups.end(depth, len(self._paragraphs.ended))
        if count < len(self._paragraphs.ended):
            self._paragraphs.drop_after(count)

    def note_text(self, text: str) -> None:
        """Take note of text that is on the page, spoken or not."""
        if self.silent_depth is None:
            self._cells.add_text(text)
            if not text.isspace():
                self._annotations.expect_no_list()
            return
        self._source.add(text)
        if self._is_code_block:
            self._annotations.add_code(text)

    def add_text(self, text: str) -> None:
        """Add text to the present paragraph, unless it is silent."""
        if self.silent_depth is not None or not text.isspace():
            self.note_text(text)
        if self.silent_depth is not None or not text:
            return
        if self.is_note_mark(text):
            text = _SILENCE
        if self._leads and has_words(text):
            self._paragraphs.begin_with([lead for _, lead in self._leads])
            self._leads.clear()
        text = self._raised.spoken(text, self._paragraphs.last_piece)
        if self._annotations.is_inside and len(spans := self.spoken_spans(text)) > 1:
            text = _SILENCE.join(text[start:end] for start, end in spans)
        self._paragraphs.add(text if _CODE_TAGS.isdisjoint(self._open) else mark_code(text))

    def is_note_mark(self, text: str) -> bool:
        """Whether some text, which would be spoken, is the mark of a footnote."""
        return self._note_links.is_mark(text, self._open)

    def spoken_spans(self, text: str) -> list[tuple[int, int]]:
        """Where the parts of some text of the page start and end that are spoken: all but annotation marks."""
        return self._annotations.spoken_spans(text) if _CODE_TAGS.isdisjoint(self._open) else [(0, len(text))]

    def add_lead(self, text: str, depth: int) -> None:
        """Begin the text of an item, if it has any, with a number or the like.

        Args:
            text: The number, with the space after it.
            depth: How many elements are open inside the item, with itself.
        """
        if self.silent_depth is None:
            self._leads.append((depth, text))

    def end_paragraph(self, pause: int) -> None:
        """End the present paragraph, unless it is silent; one without a letter or digit is dropped."""
        if self.silent_depth is not None:
            return
        self._raised.end_paragraph()
        self._groups.add_paragraphs(self._paragraphs.end(pause))

    def _read_mark(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        """Make a marked pause, or speak in another voice until the end of the element that starts."""
        if tag == MARK_TAG:
            self._cut(pause := read_mark(attributes))
            self._paragraphs.fix_pause(pause)
        of_block = self._voice_of_block(tag, attributes)
        voice = self._voice_inside(tag, attributes) if of_block is None else self._voice.of_block(of_block)
        if voice != self._voice:
            self._cut(Pause.CUT)
            self._outer_voices.append((len(self._open) + 1, self._voice, self._source.reads_math))
            self._voice, self._paragraphs.voice = voice, voice.settings
        if of_block and of_block.math_notation is not None:
            self._source.reads_math = of_block.math_notation

    def _voice_inside(self, tag: str, attributes: Mapping[str, str | None]) -> PlaceVoice:
        """The voice settings inside an element that starts here: its settings come before its `lang`."""
        voice = self._voice
        if (lang := attributes.get("lang")) and tag in _LANGUAGE_TAGS:
            voice = voice.with_lang(lang)
        settings = voice_of_mark(attributes)
        return voice.with_settings(settings) if settings else voice

    def _voice_of_block(self, tag: str, attributes: Mapping[str, str | None]) -> VoiceSettings | None:
        """The settings of the block that an element of a page holds; None if it holds none."""
        if not self._is_page or tag not in _SLOT_ATTRIBUTES:
            return None
        return self._block_voices.get(attributes.get(_SLOT_ATTRIBUTES[tag]) or "", NO_SETTINGS)

    def _cut(self, pause: int) -> None:
        """End a piece in the middle of a paragraph."""
        count = len(self._paragraphs.ended)
        self.end_paragraph(pause)
        self._paragraphs.is_after_cut = len(self._paragraphs.ended) > count

    def finish(self) -> list[Paragraph]:
        """End the last paragraph, and return all of them."""
        self.silent_depth = None
        self.end_paragraph(Pause.PARAGRAPH)
        self._drop_labels(0)
        return self._paragraphs.ended


def _replacement(tag: str, attributes: Mapping[str, str | None], *, is_silenced: bool) -> str:
    """What is spoken for an element instead of its text; empty if nothing is."""
    alternative = "" if tag != "img" or is_silenced else described(attributes)
    return _said(attributes) or explicit_name(tag, attributes) or alternative


def _said(attributes: Mapping[str, str | None]) -> str:
    text = attributes.get("say") or attributes.get("data-say")
    return as_said(text) if text else ""
