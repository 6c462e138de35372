"""Drafts: what `serve` plays before a sentence is synthesized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import count
from mkdocs_lightning.synthesis.plan import make_plan
from mkdocs_lightning.synthesis.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine, WordFinder
    from mkdocs_lightning.site.spoken_block import SpokenBlock


def make_drafts(
    missing: Mapping[str, SpokenBlock], engine: Engine, cache: Cache, *, finder: WordFinder | None, log: Log
) -> Mapping[str, CachedClip]:
    """Synthesize drafts of what is missing; a text that the draft engine cannot pronounce has none.

    Args:
        missing: The blocks without a clip, by the key of the clip.
        engine: Speaks the drafts, at no cost; it is closed then.
        cache: Stores them, under keys of their own.
        finder: Finds the word times; None if they are not asked for.
        log: Receives the progress, and how many sentences have no draft.

    Returns:
        By the key of the clip that is missing.
    """
    if engine.unavailable_reason:
        return {}
    from mkdocs_lightning.synthesis.clip_builder import ClipBuilder
    from mkdocs_lightning.synthesis.progress import follow

    drafts = {key: block.clip_by(engine) for key, block in missing.items()}
    plan = make_plan(drafts.values(), cache.cached_segments(drafts.values()))
    builder = ClipBuilder(engine, Policy(), cache, finder=finder)
    builder.request(drafts.values(), plan.missing)
    if plan.missing:
        log.info("Drafts of %s by the offline voice", count(len(plan.missing), "sentence"))
    failed = follow(builder.results(), plan.missing, lambda: builder.throttle.in_flight, log).missing
    if failed:
        log.info("%s without a draft: %s", count(sum(map(len, failed.values())), "sentence"), next(iter(failed)))
    built = builder.collect()
    if built.error:
        log.info("%s. Some drafts are missing", built.error)
    builder.close(is_urgent=False)
    engine.close()
    return {key: built.clips[draft.key] for key, draft in drafts.items() if draft.key in built.clips}
