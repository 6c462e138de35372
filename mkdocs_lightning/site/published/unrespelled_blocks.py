"""Finds the blocks that were read without the site's lexicon: the Markdown extension has options of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.reading.lexicon import Lexicon
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.site.lasting_slot import Slot
    from mkdocs_lightning.site.published.built_site import BuiltPage


def unrespelled_blocks(pages: Iterable[BuiltPage], lexicon: Lexicon) -> dict[str, str]:
    """The blocks in which a word is left that a lexicon respells.

    Returns:
        For the script of each of them, the path of the first page that has it.
    """
    found: dict[str, str] = {}
    for page in pages:
        for script, slot in page.slots.items():
            if script not in found and _is_unrespelled(slot, lexicon):
                found[script] = page.uri
    return found


def _is_unrespelled(slot: Slot, lexicon: Lexicon) -> bool:
    language = slot.options.voice.language or "en"  # as the extension read it: it does not know the page's
    return any(_has_word(sentence, lexicon, sentence.voice.language or language) for sentence in slot.sentences)


def _has_word(sentence: Sentence, lexicon: Lexicon, language: str) -> bool:
    """Whether a word is left in what is spoken, not counting those that are in a respelling."""
    spoken = " ".join(sentence.parts)
    if lexicon.apply(spoken, language) == spoken:
        return False
    respelled = (lexicon.spoken(sentence.written, language), lexicon.apply(sentence.written, language))
    return _letters(spoken) not in map(_letters, respelled)  # the second, where `say` has addresses read in full


def _letters(text: str) -> str:
    """A text without what depends on where it was cut, or what it was merged with: spaces, and periods."""
    return "".join(filter(str.isalnum, text))
