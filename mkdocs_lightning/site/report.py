"""What a build tells its author: how much was synthesized, what is missing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import count
from mkdocs_lightning.cache.files import pointer_notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.site.spoken_block import BlockUse
    from mkdocs_lightning.synthesis.run import RunStatus

_LISTED = 20  # locations in one warning
_UPLOAD_SECONDS_AFTER_SIGNAL = 2.0  # with those for replies in flight, less than GitHub gives a canceled job


@dataclass(frozen=True, slots=True)
class SynthesisReport:
    """Counts of sentences, each distinct one once; `str()` is a command's last line.

    Attributes:
        sentences: All that were needed.
        cached: Those that did not have to be synthesized.
        synthesized: Those that were.
        characters: Sent and answered with audio, in all tries.
        refused: Those of them whose audio could not be used.
        missing: Sentences that have no audio now.
        seconds: Wall time.
        is_shared: False if some audio could not be stored in the remote cache although that was the purpose.
    """

    sentences: int
    cached: int
    synthesized: int
    characters: int
    refused: int
    missing: int
    seconds: float
    is_shared: bool = True

    def __str__(self) -> str:
        missing = f", {self.missing:,} missing" if self.missing else ""
        return f"{_sentence_counts(self)}{missing}, {self.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Counts of a build, each distinct clip and sentence once; `str()` is the build's last line.

    Attributes:
        clips: All that were needed.
        sentences: All that were needed.
        cached: Sentences that did not have to be synthesized.
        synthesized: Sentences that were.
        characters: Sent and answered with audio, in all tries.
        refused: Those of them whose audio could not be used.
        missing: Clips that cannot be published.
        has_failed: Whether the engine failed to synthesize a sentence that it was asked for.
        seconds: Wall time that synthesis and encoding have kept the build, between pages and at its end.
    """

    clips: int = 0
    sentences: int = 0
    cached: int = 0
    synthesized: int = 0
    characters: int = 0
    refused: int = 0
    missing: int = 0
    has_failed: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        missing = f", {count(self.missing, 'clip')} missing" if self.missing else ""
        return f"{count(self.clips, 'clip')}, {_sentence_counts(self)}{missing}, {self.seconds:.1f} s"


def _sentence_counts(report: BuildReport | SynthesisReport) -> str:
    refused = f", of which {report.refused:,} rejected" if report.refused else ""
    return (
        f"{count(report.sentences, 'sentence')}: {report.cached:,} cached, "
        f"{report.synthesized:,} synthesized ({count(report.characters, 'character')}{refused})"
    )


def warn_of_missing(uses: Iterable[BlockUse], segments: Iterable[Segment], reason: str, log: Log) -> None:
    """Warn once of all sentences that are missing for one reason, and list the blocks that have no player for it.

    Args:
        uses: The blocks of the site.
        segments: The sentences without audio.
        reason: Why they have none.
        log: Receives the warning.
    """
    keys = {segment.key for segment in segments}
    silent = [use for use in uses if any(segment.key in keys for segment in use.block.clip.segments)]
    listed = "".join(f"\n    {use}" for use in silent[:_LISTED])
    if len(silent) > _LISTED:
        listed += f"\n    and {len(silent) - _LISTED} more"
    log.warning("%s missing: %s. These have no player:%s", count(len(keys), "sentence"), reason, listed)


def warn_of_stop(stopped: RunStatus, log: Log) -> None:
    """Say what is kept of a run that an error or a signal has stopped, and what is lost."""
    kept = count(stopped.synthesized, "sentence")
    if stopped.in_work:
        log.warning(
            "the synthesis was stopped: %s synthesized and stored; %s had no reply yet, "
            "and the next run sends them again",
            kept,
            count(stopped.in_work, "request"),
        )
    else:
        log.warning("the synthesis was stopped: %s synthesized and stored, and nothing that was sent is lost", kept)


def warn_of_unfinished(start_tag: str, place: str, log: Log) -> None:
    """Warn of the start of a slot that somebody wrote into a page, or copied, without an end."""
    log.warning("%s: '%s' is never closed. Remove it: only mkdocs-lightning writes this tag", place, start_tag)


def warn_of_empty_feed(uses: Iterable[BlockUse], log: Log, advice: str = "see the option narrate") -> None:
    """Warn that a site has no feed, although it asks for one; not if the sentences of its narrated pages are missing.

    Args:
        uses: The blocks and narrated pages of the site.
        log: Receives the warning.
        advice: Where to look for the cause.
    """
    if not any(use.block.is_page for use in uses):
        log.warning("feed: no page is narrated, so there is nothing to subscribe to; %s", advice)


def tell_of_files(cache: Cache, log: Log) -> None:
    """Say how many files of the cache were damaged, and warn of those that Git LFS has not fetched."""
    if cache.damaged:
        log.info("%s of the cache moved to damaged/", count(len(cache.damaged), "damaged file"))
    if cache.pointers:
        log.warning("%s", pointer_notice(cache.pointers.values()))


def finish_sharing(cache: Cache, log: Log, *, is_urgent: bool = False) -> None:
    """Wait for uploads to the remote cache, if there is one; log the counts, and what was lost or failed.

    Args:
        cache: Has stored what was synthesized.
        log: Receives a line or two.
        is_urgent: Wait 2 s at most, as a signal ends the program.
    """
    if cache.lost:
        characters = sum(len(segment.text) for segment in cache.lost)
        log.warning(
            "sentences that were synthesized but could not be stored: %s, with %s characters; "
            "the next build requests them again",
            f"{len(cache.lost):,}",
            f"{characters:,}",
        )
        cache.lost.clear()
    report = cache.finish(_UPLOAD_SECONDS_AFTER_SIGNAL) if is_urgent else cache.finish()
    if report is None:
        return
    if report.fetched or report.stored:
        log.info("%s", report)
    for reason in report.failure_reasons:
        log.warning("%s", reason)
