"""What some texts would cost, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import has_surrogate
from mkdocs_lightning.engines.lightning import MAX_TEXT
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.sentence_ends import has_words
from mkdocs_lightning.reading.sentences import spoken_text
from mkdocs_lightning.synthesis.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.synthesis.client.speech_cache import NoCache


@dataclass(frozen=True, slots=True)
class SpeechPlan:
    """What `synthesize_all` would do with some texts. The texts are as they are sent, each once, in their order.

    Attributes:
        cached: Those that are in the cache, and cost nothing.
        missing: Those that would be sent.
        refused: Those that are never sent, as there is nothing to speak in them, or they are too long.
        characters: Of the missing texts; further tries are not counted.
        price_usd: List price of the missing texts in US dollars; None if it is not known.
    """

    cached: tuple[str, ...]
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    characters: int
    price_usd: float | None


def make_speech_plan(texts: Iterable[str], engine: Engine, voice: Voice, cache: NoCache) -> SpeechPlan:
    """Find out what some texts would cost. Reads files.

    Args:
        texts: As they were given; duplicates are allowed.
        engine: Whose price counts.
        voice: Who speaks.
        cache: Has what is cached.
    """
    sendable = {text: _is_sendable(text) for text in map(spoken_text, texts)}
    segments = tuple(Segment(engine.name, voice, text) for text, is_sendable in sendable.items() if is_sendable)
    plan = Plan((), segments, tuple(segment for segment in segments if not cache.has(segment)))
    missing = tuple(segment.text for segment in plan.missing)
    not_cached = {*missing}
    return SpeechPlan(
        cached=tuple(segment.text for segment in segments if segment.text not in not_cached),
        missing=missing,
        refused=tuple(text for text, is_sendable in sendable.items() if not is_sendable),
        characters=plan.characters,
        price_usd=plan.price(engine.price_per_character),
    )


def _is_sendable(text: str) -> bool:
    return has_words(text) and len(text) <= MAX_TEXT and not has_surrogate(text)
