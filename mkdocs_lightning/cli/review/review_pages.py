"""From the pages that MkDocs has read, and what is cached of them, to what a review shows."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from mkdocs_lightning.cli.site_report import dollars, location_of, speaker_of
from mkdocs_lightning.exports.review.audible import make_audible, spoken_sentences
from mkdocs_lightning.exports.review.model import (
    ClipAudio,
    Cost,
    Review,
    ReviewClip,
    ReviewPage,
    ReviewSentence,
)
from mkdocs_lightning.exports.review.oddities import odd_words, words_of
from mkdocs_lightning.exports.review.pace import Pace
from mkdocs_lightning.plugin.build import open_lexicon
from mkdocs_lightning.plugin.page_context import plain_text
from mkdocs_lightning.synthesis.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.cli.site_report import Figures, PageReport
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.exports.review.audible import Audible
    from mkdocs_lightning.exports.review.changes import ReviewChanges
    from mkdocs_lightning.exports.review.directory import ReviewDirectory
    from mkdocs_lightning.exports.review.oddities import OddWord
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.site.spoken_block import BlockUse, SpokenBlock


class Reviewer:
    """Gathers the review of a site that was read.

    Args:
        site: Its cached clips are here.
        directory: Receives the clips that can be heard.

    Attributes:
        report: What the site needs.
        urls: Of the clips that the review plays.

    Raises:
        StoreError: A clip cannot be written.
    """

    def __init__(self, site: Site, directory: ReviewDirectory) -> None:
        self._site = site
        self._directory = directory
        self._audible = self._make_audible()
        self.report = site.report()  # once damaged files are known
        self.urls: set[str] = set()
        self._missing = frozenset(segment.key for segment in self.report.plan.missing)
        self._known = words_of(open_lexicon(site.options))
        self._new_keys: frozenset[str] = frozenset()
        self._odd: set[str] = set()  # those of the sentences so far
        self._pace = Pace()
        for use in self.report.uses:
            self._pace.learn(_heard(use.block, self._audible.get(use.block.clip.key)))

    def review(self, changes: ReviewChanges | None = None) -> Review:
        """The whole review.

        Args:
            changes: Since a revision, if the review is to show them.

        Raises:
            OSError: A clip cannot be written.
        """
        languages = {
            page.file.src_uri: (plain_text(page.title), tag) for read in self._site.read for page, tag in read.pages
        }
        self._new_keys = changes.new_keys if changes else frozenset()
        return Review(
            site_name=self._site.read[0].name,
            engine=self.report.engine,
            price_note=self.report.price_note(self._site.engine),
            cost=_cost(self.report.figures, self.report.plan),
            pages=tuple(self._page(page, *languages.get(page.page, ("", "en"))) for page in self.report.pages),
            changes=changes,
        )

    def _make_audible(self) -> Mapping[str, Audible]:
        """What can be heard of each clip, by its key."""
        blocks = {
            use.block.clip.key: use.block for narration in self._site.narrations for use in narration.collector.uses
        }
        cached = {key: clip for narration in self._site.narrations for key, clip in narration.supply.cached.items()}
        parts = self._directory.parts

        def audible_of(block: SpokenBlock) -> Audible | None:
            clip = block.clip
            return make_audible(clip, block.sentences, cached.get(clip.key), self._site.cache, parts)

        with ThreadPoolExecutor(os.cpu_count()) as pool:  # the encoder releases the GIL
            found = zip(blocks, pool.map(audible_of, blocks.values()), strict=True)
            return {key: audible for key, audible in found if audible}

    def _page(self, page: PageReport, title: str, language: str) -> ReviewPage:
        return ReviewPage(
            uri=page.page,
            title=title,
            language=language,
            cost=_cost(page.figures, page.plan),
            clips=tuple(self._clip(use, title, language) for use in page.uses),
        )

    def _clip(self, use: BlockUse, page_title: str, page_language: str) -> ReviewClip:
        block = use.block
        audible = self._audible.get(block.clip.key)
        language = block.language or page_language
        return ReviewClip(
            title=block.options.title or (page_title if block.is_page else "") or block.excerpt,
            place=location_of(use) or "no page",
            speaker=speaker_of(block.voice, self._site.engine),
            language=language,
            is_page=block.is_page,
            audio=self._audio(block, audible) if audible else None,
            sentences=tuple(self._sentences(block, audible, language)),
            pauses=sum(block.clip.pauses),
        )

    def _audio(self, block: SpokenBlock, audible: Audible) -> ClipAudio:
        url = self._directory.add_clip(audible.cached.path)
        self.urls.add(url)
        return ClipAudio(
            url=url,
            media_type=block.clip.output_format.media_type,
            duration=audible.cached.duration,
            starts=tuple(start for start, _ in audible.times.values()),
            is_whole=audible.is_whole,
        )

    def _sentences(self, block: SpokenBlock, audible: Audible | None, language: str) -> Iterator[ReviewSentence]:
        times = audible.times if audible else {}
        cues = {number: cue for cue, number in enumerate(times)}
        for spoken in spoken_sentences(block.clip, block.sentences):
            sentence, voice = spoken.sentence, block.voices[spoken.number]
            text = " ".join(sentence.parts)
            is_cached = (audible is not None and audible.is_whole) or not any(
                segment.key in self._missing for segment in spoken.segments
            )
            start, end = times.get(spoken.number, (0.0, 0.0))
            odd = odd_words(text, voice.language, self._known)
            yield ReviewSentence(
                written=sentence.written,
                spoken=text,
                language=language if voice.language in (block.voice.language, "auto") else voice.language,
                speaker="" if voice == block.voice else speaker_of(voice, self._site.engine),
                requests=len(sentence.parts),
                characters=sum(map(len, sentence.parts)),
                is_cached=is_cached,
                seconds=end - start if spoken.number in times else self._pace.estimate(text, voice),
                price="" if is_cached else _price(self._site.engine, spoken.segments),
                odd=odd,
                is_odd=self._is_first(odd),
                cue=cues.get(spoken.number),
                is_changed=any(segment.key in self._new_keys for segment in spoken.segments),
            )

    def _is_first(self, odd: Sequence[OddWord]) -> bool:
        """Whether one of some odd words is met for the first time; notes them."""
        new = {word.text for word in odd} - self._odd
        self._odd |= new
        return bool(new)


def _heard(block: SpokenBlock, audible: Audible | None) -> Iterator[tuple[Voice, str, float]]:
    """Who says what in how many seconds, as far as it can be heard."""
    for number, (start, end) in audible.times.items() if audible else ():
        yield block.voices[number], " ".join(block.sentences[number].parts), end - start


def _cost(figures: Figures, plan: Plan) -> Cost:
    return Cost(
        players=figures.players,
        sentences=figures.sentences,
        missing=figures.missing,
        characters=sum(len(segment.text) for segment in plan.segments),
        missing_characters=figures.characters,
        price=price_text(figures.price_usd, figures.missing),
    )


def _price(engine: Engine, segments: tuple[Segment, ...]) -> str:
    """The price of a sentence that is missing, in words."""
    return price_text(Plan((), segments, segments).price(engine.price_per_character))


def price_text(price: float | None, missing: int = 1) -> str:
    """The price of some missing sentences in words."""
    if not missing:
        return dollars(0)
    return "free" if price == 0 else "price unknown" if price is None else dollars(price)
