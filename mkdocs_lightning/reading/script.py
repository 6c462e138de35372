"""From a block's element tree to its script: the sentences that are spoken, as plain text.

What a reader would say aloud is kept, what only the eye can use is left out. Markup, line breaks and entities
leave no trace, so that re-wrapping or re-styling the source changes no sentence and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.reading.element_text import (
    ParagraphReader,
    _Paragraph,
    _TreeOfPage,
)
from mkdocs_lightning.reading.lexicon import NO_LEXICON, Lexicon
from mkdocs_lightning.reading.sentences import (
    Sentence,
    split_paragraph,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element


def read_script(
    body: Element, raw_html: Sequence[str], language: str, lexicon: Lexicon = NO_LEXICON
) -> tuple[Sentence, ...]:
    """The sentences of a block, in reading order.

    Args:
        body: The block's element after inline processing.
        raw_html: What stands behind Python-Markdown's placeholders, by number.
        language: The code of the language, for the rules of where a sentence ends.
        lexicon: Its respellings are applied to each sentence.
    """
    reader = ParagraphReader(raw_html)
    reader.read_children(body)
    return _sentences(reader.finish(), language, lexicon)


def read_page_script(html: str, language: str, lexicon: Lexicon = NO_LEXICON) -> tuple[Sentence, ...]:
    """The sentences of a whole page's content, in reading order.

    Beside what no script speaks, a page's own tables of contents, navigation and footnotes are left out; the
    items of ordered lists begin with their number.

    Args:
        html: The page's content as HTML, with or without slots.
        language: The code of the language, for the rules of where a sentence ends.
        lexicon: Its respellings are applied to each sentence.
    """
    builder = _TreeOfPage()
    builder.feed(html)
    builder.close()
    reader = ParagraphReader(is_page=True)
    reader.read_children(builder.root)
    return _sentences(reader.finish(), language, lexicon)


def _sentences(paragraphs: Sequence[_Paragraph], language: str, lexicon: Lexicon) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    for paragraph in paragraphs:
        sentences += split_paragraph(paragraph.text, language, lexicon, paragraph.pause)
    return tuple(sentences)
