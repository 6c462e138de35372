"""From a block's element tree to its script: the sentences that are spoken, as plain text.

A script has what a narrator would read aloud, and leaves out what only the eye can use. Markup, line breaks and
entities leave no trace, so that re-wrapping or re-styling the source changes no sentence and costs nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.element_text import NO_BLOCK_VOICES, ParagraphReader
from mkdocs_lightning.reading.elements.page_tree import parse_page
from mkdocs_lightning.reading.lexicon import NO_LEXICON, Lexicon
from mkdocs_lightning.reading.sentences import Sentence, split_paragraph
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
    from mkdocs_lightning.reading.paragraphs import Paragraph
    from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings


def read_script(
    body: Element,
    raw_html: Sequence[str],
    voice: PlaceVoice,
    lexicon: Lexicon = NO_LEXICON,
    *,
    reads_math: bool = False,
) -> tuple[Sentence, ...]:
    """The sentences of a block, in reading order.

    Args:
        body: The block's element, after inline processing.
        raw_html: What stands behind Python-Markdown's placeholders, by number.
        voice: At the start of the text. Its language decides where sentences end, unless an element sets another.
        lexicon: Respells words of each sentence.
        reads_math: Whether formulas are spoken, by their TeX source.

    Raises:
        SettingError: A pause or the settings of an element cannot be used.
    """
    reader = ParagraphReader(raw_html, voice=voice, reads_math=reads_math)
    reader.read_children(body)
    return _sentences(reader.finish(), voice.text_language, lexicon)


def read_page_script(
    html: str,
    voice: PlaceVoice,
    lexicon: Lexicon = NO_LEXICON,
    *,
    reads_math: bool = False,
    block_voices: Mapping[str, VoiceSettings] = NO_BLOCK_VOICES,
) -> tuple[Sentence, ...]:
    """The sentences of a whole page's content, in reading order.

    Unlike a block's script, a page's leaves out tables of contents, navigation and footnotes, and begins the items of
    ordered lists with their numbers.

    Args:
        html: The page's content as HTML, with or without slots.
        voice: At the start of the text. Its language decides where sentences end, unless an element sets another.
        lexicon: Respells words of each sentence.
        reads_math: Whether formulas are spoken, by their TeX source.
        block_voices: The settings of the blocks on the page, by the names or the scripts of their slots.

    Raises:
        SettingError: A pause or the settings of an element cannot be used.
    """
    reader = ParagraphReader(voice=voice, is_page=True, reads_math=reads_math, block_voices=block_voices)
    reader.read_children(parse_page(html))
    return _sentences(reader.finish(), voice.text_language, lexicon)


def _sentences(paragraphs: Sequence[Paragraph], language: str, lexicon: Lexicon) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    row: list[Sentence] = []
    for paragraph in paragraphs:
        found = split_paragraph(paragraph.text, paragraph.voice.language or language, lexicon, paragraph.pause)
        if paragraph.voice != NO_SETTINGS:
            found = [replace(sentence, voice=paragraph.voice) for sentence in found]
        if paragraph.is_pause_fixed and found:
            found[-1] = replace(found[-1], is_pause_fixed=True)
        if paragraph.heading and found:
            found[0] = replace(found[0], heading=paragraph.heading)
        if row or paragraph.continues_row:
            row += found
        else:
            sentences += found
        if row and not paragraph.continues_row:
            sentences += [*(replace(sentence, joins_next=True) for sentence in row[:-1]), row[-1]]
            row = []
    return tuple(sentences)
