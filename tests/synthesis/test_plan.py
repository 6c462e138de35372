"""What a build needs, what it would send, and what it may send."""

from __future__ import annotations

import pytest

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.plan import make_plan
from mkdocs_lightning.synthesis.policy import Budget, BudgetSpentError

VOICE = resolve_voice(VoiceSettings())
HELLO, WORLD, NEW = (Segment("lightning", VOICE, text) for text in ("Hello.", "World.", "Newly written."))


def clip(*segments: Segment) -> Clip:
    return Clip(segments, (0.25,) * (len(segments) - 1), OutputFormat.MP3)


def test_each_segment_is_planned_once_in_the_order_of_its_first_use() -> None:
    clips = [clip(WORLD, NEW), clip(HELLO, WORLD, HELLO), clip(NEW), clip(WORLD, NEW)]
    plan = make_plan(clips, {WORLD.key})

    assert plan.clips == tuple(clips[:3])
    assert plan.segments == (WORLD, NEW, HELLO)
    assert plan.missing == (NEW, HELLO)
    assert plan.cached == 1
    assert plan.characters == len("Newly written.") + len("Hello.")


def test_a_clip_that_is_whole_needs_none_of_its_segments() -> None:
    whole, other = clip(HELLO, WORLD), clip(WORLD, NEW)
    plan = make_plan([whole, other], frozenset(), {whole.key})
    assert plan.segments == (HELLO, WORLD, NEW)
    assert plan.missing == (WORLD, NEW)


def test_the_price_is_that_of_the_missing_characters_in_their_voices() -> None:
    magnus = resolve_voice(VoiceSettings(voice_id="magnus"))
    prices = {VOICE.model: 0.5, magnus.model: 0.25}
    plan = make_plan([clip(HELLO, WORLD), clip(Segment("lightning", magnus, "1234"))], {WORLD.key})
    assert plan.price(lambda voice: prices[voice.model]) == 0.5 * len("Hello.") + 0.25 * len("1234")
    assert plan.price(lambda voice: prices[voice.model] if voice == VOICE else None) is None


def test_a_site_without_blocks_needs_nothing() -> None:
    plan = make_plan([], frozenset())
    assert (plan.clips, plan.segments, plan.missing, plan.characters) == ((), (), (), 0)
    assert plan.price(lambda _voice: None) == 0


def test_a_budget_is_taken_whole_or_not_at_all() -> None:
    budget = Budget(10)
    assert budget.is_limited
    budget.take(6)
    assert budget.refusal_reason(4) is None
    assert budget.refusal_reason(5) == "5 characters to send, and max_characters is 10, of which this run has sent 6"
    with pytest.raises(BudgetSpentError, match="another request would exceed max_characters, 10"):
        budget.take(5)
    budget.take(4)
    budget.give_back(6)
    budget.take(5)
    assert Budget(4).refusal_reason(5) == "5 characters to send, and max_characters is 4"


def test_without_a_limit_all_may_be_sent() -> None:
    budget = Budget()
    assert not budget.is_limited
    budget.take(10**9)
    assert budget.refusal_reason(10**9) is None
