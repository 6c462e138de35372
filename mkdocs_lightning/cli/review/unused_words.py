"""Tells of words of the lexicon that have no effect on a site, before its audio is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mkdocs_lightning.base.errors import listed
from mkdocs_lightning.cli.output import warn
from mkdocs_lightning.cli.site_report import distinct_uses, location_of
from mkdocs_lightning.reading.other_case import words_in_other_case, words_on_no_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_lightning.reading.lexicon import Lexicon
    from mkdocs_lightning.site.narration import Narration

_SHOWN_WORDS = 5
"""How many words of the lexicon that no page has are named, as a lexicon may be shared by several sites."""


def tell_of_unused_words(lexicon: Lexicon, narrations: Sequence[Narration]) -> None:
    """Tell of words of a lexicon without effect, because the pages have them in another case, or not at all."""
    spoken = [
        (use, sentence.written, voice.language)
        for use in (distinct_uses(narrations) if lexicon.words else ())
        for sentence, voice in zip(use.block.sentences, use.block.voices, strict=True)
    ]
    sentences = [(written, language) for _, written, language in spoken]
    for other in words_in_other_case(lexicon, sentences):
        place = location_of(spoken[other.index][0])
        warn(
            f"lexicon: {other.word!r} matches nothing, because case counts; the pages have {other.written!r} ({place})"
            ". Correct it, or add an entry"
        )
    if unused := words_on_no_page(lexicon, sentences):
        rest = len(unused) - _SHOWN_WORDS
        more = f" and {rest} more" if rest > 0 else ""
        click.echo(f"lexicon: no page has {listed(map(repr, unused[:_SHOWN_WORDS]))}{more}", err=True)
