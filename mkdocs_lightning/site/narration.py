"""One build's narration: collects the blocks of all pages, voices them, and fills their slots.

Knows no MkDocs: a page is a name, its settings and a way to its source.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from markupsafe import Markup

from mkdocs_lightning.base.errors import SettingError, StoreError
from mkdocs_lightning.cache.shared import finish_sharing
from mkdocs_lightning.exports.jsonld import RULE_BASED_MODELS, AudioObject
from mkdocs_lightning.player.captions import make_cues, to_webvtt
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from mkdocs_lightning.player.slots import fill_slots, insert_under_title, with_script
from mkdocs_lightning.player.ui_strings import is_same_language
from mkdocs_lightning.player.view import PLAYER_CLASS, PlayerView
from mkdocs_lightning.reading.block import BlockOptions, Origin
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.reading.page_settings import PageSettings
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.reading.voice import Voice, VoiceSettings, resolve_voice
from mkdocs_lightning.synthesis.plan import make_plan
from mkdocs_lightning.synthesis.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from logging import Logger, LoggerAdapter
    from pathlib import Path

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.player.captions import Cue
    from mkdocs_lightning.player.view import PageContext, PlayerTemplate
    from mkdocs_lightning.reading.block import Block, Diagnostic
    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.synthesis.clip_builder import ClipBuilder
    from mkdocs_lightning.synthesis.plan import Plan

_ROUNDS = 2  # a second one makes again what was found damaged in the first
_LISTED = 20  # places that one warning names
_EXCERPT = 40  # characters of a block that tell which one it is
_SUMMARY = 200  # characters of a page that tell what it is about
_PAGE_ID = "speak-page"  # whatever its words: links to a moment in it last
_PAGE_OPTIONS = BlockOptions()
_PAGE_ORIGIN = Origin("the whole page")
_CONTAINER = re.compile(r"^[\s>]*(?:[-*+:]|\d+[.)]|\[\^[^\]]+\]:)?(?:[\s>]+|$)")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is being read.

    Attributes:
        uri: As the author knows it, such as `guide/start.md`.
        settings: What its front matter and its folders say; None where that cannot be used: nothing is spoken.
        read_source: Reads its source, for the line of a message.
    """

    uri: str
    settings: PageSettings | None
    read_source: Callable[[], str]


@dataclass(frozen=True, slots=True)
class NarrationSettings:
    """What a site asks for.

    Attributes:
        silent_because: Why nothing may be synthesized in this build; None when it may.
        max_characters: A build that would send more sends nothing.
        lexicon: How words are to be said.
        is_early: Whether a page's sentences are asked for as soon as it is read, while others still are. Where there
            is a limit, all of them have to be known first.
    """

    voice: VoiceSettings
    output_format: OutputFormat
    policy: Policy
    silent_because: str | None = None
    max_characters: int | None = None
    lexicon: Lexicon = field(default_factory=Lexicon)
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands; its line is looked up only when somebody is told.

    Attributes:
        page: None for a block outside of any page.
        nth: Which one of several blocks of the page that begin with the same words, counted from 0.
    """

    page: Page | None
    origin: Origin
    nth: int

    @property
    def line(self) -> int | None:
        """The number of the block's first line in the page's file, from 1; None when it is not in that file."""
        return find_line(self.page.read_source(), self.origin, self.nth) if self.page else None

    def __str__(self) -> str:
        if self.page is None:
            return "a block"
        line = self.line
        return f"{self.page.uri}:{line}" if line else self.page.uri


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is played in a slot, and how it looks.

    Attributes:
        voice: As the author set it, whatever the engine makes of it.
        language: Of the text, where the block, its page or the site names one; `auto` names none.
        is_page: Whether it is a whole page.
    """

    slot: str
    sentences: tuple[Sentence, ...]
    voice: Voice
    clip: Clip
    options: BlockOptions
    language: str | None
    is_page: bool = False

    @property
    def transcript(self) -> str:
        """All that is said, as it stands on the page."""
        return " ".join(sentence.written for sentence in self.sentences)

    def cues(self, stored: CachedClip) -> tuple[Cue, ...]:
        """When each sentence is heard in a file."""
        return make_cues(self.sentences, stored.lengths)

    @property
    def excerpt(self) -> str:
        """The first words."""
        return _first_words(self.sentences[0].written, _EXCERPT)

    @property
    def summary(self) -> str:
        """What it begins with after its title."""
        return _first_words(" ".join(sentence.written for sentence in self.sentences[1:]), _SUMMARY) or self.excerpt


@dataclass(frozen=True, slots=True)
class Use:
    """One block of the site that is spoken."""

    place: Place
    spoken: Spoken

    def __str__(self) -> str:
        return f"{self.place} '{self.spoken.excerpt}'"


@dataclass(frozen=True, slots=True)
class Filled:
    """HTML with players in it.

    Attributes:
        clips: What its players play, but for drafts.
    """

    html: str
    clips: tuple[AudioObject, ...]


@dataclass(slots=True)
class Report:
    """What a build did, for its last line.

    Attributes:
        unvoiced: How many clips could not be published.
        spent: Characters sent and answered with audio.
        failed: Whether the engine failed at something that it was asked for.
        seconds: Time spent in synthesis and encoding.
    """

    clips: int = 0
    segments: int = 0
    cached: int = 0
    new: int = 0
    spent: int = 0
    unvoiced: int = 0
    failed: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        missing = f", {count(self.unvoiced, 'clip')} not voiced" if self.unvoiced else ""
        return (
            f"{count(self.clips, 'clip')}, {count(self.segments, 'sentence')}: {self.cached:,} cached, "
            f"{self.new:,} new ({count(self.spent, 'character')}){missing}, {self.seconds:.1f} s"
        )


class Narration:
    """The blocks of one build, from the first page read to the last slot filled.

    Args:
        settings: What the site asks for.
        engine: Names the segments, and speaks those that are missing.
        cache: Where they are kept.
        log: Where an author is told what happened.
        draft_engine: Speaks, for nothing, what is not voiced: for an author who is still writing, not for a site.

    Attributes:
        uses: The blocks that are spoken, in the order in which they were read.
        stored: The clips that can be published, by the key of the clip; complete after `voice()`.
        drafts: For clips that cannot, what the draft engine made instead, by the key of the clip that is missing.
        report: What was done, after `voice()`.
    """

    def __init__(
        self,
        settings: NarrationSettings,
        engine: Engine,
        cache: Cache,
        log: Logger | LoggerAdapter[Logger],
        draft_engine: Engine | None = None,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._builder: ClipBuilder | None = None
        self._asked: set[str] = set()  # keys of segments that were asked for early
        self._cautioned: set[str] = set()
        self._ended_pages = 0  # of the uses, those that belong to them
        self._draft_engine = draft_engine
        self._cache = cache
        self._log = log
        self._page: Page | None = None
        self._has_ended = False
        self._spoken: dict[str, Spoken] = {}
        self._seen: defaultdict[tuple[Page | None, Origin], int] = defaultdict(int)
        self.uses: list[Use] = []
        self.stored: dict[str, CachedClip] = {}
        self.drafts: dict[str, CachedClip] = {}
        self.report = Report()

    def begin_page(self, page: Page) -> None:
        """What is added from now on stands in this page."""
        self._page = page

    def add(self, block: Block) -> str | None:
        """Take a block; the name of its slot, or None when it stays text (and why was said)."""
        if self._has_ended:
            return self._slot_of_earlier(block)
        if (found := self._voice_of(block.origin, block.options)) is None:
            return None
        voice, language = found
        sentences = read_script(block.body, block.raw_html, voice.language, self._settings.lexicon)
        if not sentences:
            self._warn(block.origin, "there is nothing to speak in this block", "Write a sentence in it, or remove it")
            return None
        return self._add(block.origin, self._spoken_of(sentences, voice, block.options, language))

    def add_sentences(self, origin: Origin, sentences: tuple[Sentence, ...], options: BlockOptions) -> str | None:
        """Take a block whose script was read before; the name of its slot, or None when it stays text.

        Args:
            origin: What a message says of where it stands in its page.
            sentences: The script, respelled.
            options: Of the block.
        """
        if (found := self._voice_of(origin, options)) is None:
            return None
        voice, language = found
        return self._add(origin, self._spoken_of(sentences, voice, options, language))

    def spoken_in(self, slot: str) -> Spoken:
        """What is spoken in a slot that this narration has named."""
        return self._spoken[slot]

    def add_page(self, html: str) -> str | None:
        """Take the whole page that is being read, if it is to be narrated; the name of its slot, or None.

        Args:
            html: The page's content, with the slots of its blocks.
        """
        page = self._page
        if page is None or page.settings is None or not page.settings.narrate:
            return None
        try:
            voice = resolve_voice(page.settings.voice.over(self._settings.voice))
        except SettingError as error:
            self._log.warning("%s: %s. Correct %s; until then the page is not narrated", page.uri, error, error.setting)
            return None
        sentences = read_page_script(html, voice.language, self._settings.lexicon)
        if not sentences:
            self._log.warning("%s: there is nothing to narrate on this page. Take narrate from it", page.uri)
            return None
        language = page.settings.voice.language or self._settings.voice.language
        return self._add(_PAGE_ORIGIN, self._spoken_of(sentences, voice, _PAGE_OPTIONS, language, is_page=True))

    def report_diagnostic(self, diagnostic: Diagnostic) -> None:
        """Tell an author what cannot be spoken."""
        if not self._has_ended:  # else it was told when the page itself was read
            self._warn(diagnostic.origin, diagnostic.message, diagnostic.fix)

    def end_page(self) -> None:
        """The page is read: what it lacks may be spoken while others are."""
        if self._builder is not None:
            self._builder.look()
        clips = [use.spoken.clip for use in self.uses[self._ended_pages :]]
        self._ended_pages = len(self.uses)
        if not self._settings.is_early:
            return
        self._look_up(clips)
        lacking = [clip for clip in clips if clip.key not in self.stored]
        try:
            self._cache.prefetch(lacking)
            ended = list(self._cache.take_fetched())
            self._look_up(ended)
            self._ask_early(ended)
        except StoreError:
            return  # voice() will say so

    def _ask_early(self, clips: Sequence[Clip]) -> None:
        """Have clips made while pages are still read, where no more has to be known before anything is sent.

        Raises:
            StoreError: It could not be kept.
        """
        is_allowed = self._settings.silent_because is None and self._settings.max_characters is None
        plan = self.plan_of(clips)
        lacking = [clip for clip in plan.clips if clip.key not in self.stored]
        if not lacking or not is_allowed or self._engine.unavailable_reason:
            return
        self._ask(lacking, plan.missing)
        self._asked |= {segment.key for segment in plan.missing}

    def end_pages(self) -> None:
        """All pages were read: what is still rendered, such as a blog's excerpts, repeats what was there before."""
        self._has_ended = True

    def plan(self) -> Plan:
        """What the whole site needs; looks in the cache for what is there."""
        clips = [use.spoken.clip for use in self.uses]
        self._look_up(clips)
        return self.plan_of(clips)

    def plan_of(self, clips: Iterable[Clip]) -> Plan:
        """What some clips need, by what `plan()` has found."""
        clips = list(clips)
        lacking = (clip for clip in clips if clip.key not in self.stored)
        return make_plan(clips, self._cache.cached_segments(lacking), self.stored)

    def voice(self) -> None:
        """Synthesize what is missing and make the clips; afterwards `stored` and `report` are complete."""
        begun = time.monotonic()
        self._fetch(use.spoken.clip for use in self.uses[self._ended_pages :])
        plan = self.plan()
        asked = {segment.key for segment in plan.missing} | self._asked
        self.report = Report(clips=len(plan.clips), segments=len(plan.segments), cached=len(plan.segments) - len(asked))
        try:
            for _ in range(_ROUNDS):
                if not self._make_clips(plan):
                    break
                self._fetch(clip for clip in plan.clips if clip.key not in self.stored)
                plan = self.plan_of(plan.clips)
        except StoreError as error:
            self._log.warning("%s. What is not in it was not voiced", error)
        if self._draft_engine is not None and self._draft_engine.unavailable_reason is None:
            self._make_drafts(self._draft_engine)
        if self._cache.damaged:
            self._log.info("%s in the cache found damaged, and set aside", count(len(self._cache.damaged), "file"))
        self.report.unvoiced = len([clip for clip in plan.clips if clip.key not in self.stored])
        self.report.seconds = time.monotonic() - begun

    def finish_sharing(self) -> None:
        """Wait for what is still being stored in a remote cache, and say what did not work there."""
        finish_sharing(self._cache, self._log)

    def close(self, *, is_urgent: bool) -> None:
        """Ask for nothing more; let what is in flight arrive for a moment, unless somebody waits for the end."""
        if self._builder is not None:
            self._builder.close(is_urgent=is_urgent)
            self._builder = None

    def store_usage(self, site: str, today: date) -> None:
        """Note in the cache what this site uses, for `cache prune`; a cache that cannot be written goes without.

        Args:
            site: Which site it is, in which version and language, in words.
            today: The day from which what is no longer used has its time of grace.
        """
        try:
            self._cache.store_usage(site, [use.spoken.clip for use in self.uses], today)
        except StoreError as error:
            self._log.info("%s", error)

    def playable(self, spoken: Spoken) -> CachedClip | None:
        """What a reader of this build hears of it."""
        return self.stored.get(spoken.clip.key) or self.drafts.get(spoken.clip.key)

    def captions(self) -> Mapping[str, Path | str]:
        """The cues of all that can be played, as WebVTT, by their names in the site: files, or texts without one."""
        played = ((spoken, self.playable(spoken)) for spoken in self._spoken.values())
        texts = {captions_name(spoken, stored): to_webvtt(spoken.cues(stored)) for spoken, stored in played if stored}
        return {name: self._track(name, text) for name, text in texts.items()}

    def fill(self, html: str, template: PlayerTemplate, context: PageContext, url_of: Callable[[str], str]) -> Filled:
        """A page's HTML with players, or text alone, in the place of its slots.

        Args:
            html: The page, or a part of it.
            template: Renders each player.
            context: What the players should know of the page.
            url_of: The URL of a clip's or a track's file, relative to the page, by its name.
        """
        ids = _Ids(html)
        clips: list[AudioObject] = []
        has_script = False

        def render(slot: str, inner: str) -> str:
            nonlocal has_script
            spoken = self._spoken.get(slot)
            if spoken is None:  # a page kept from another build
                return inner
            view = self._view(spoken, context, url_of, ids)
            if view.url:
                sentences = [sentence.written for sentence in spoken.sentences]
                inner = highlight_sentences(inner, sentences, view.id, is_page=spoken.is_page)
            if stored := self.stored.get(spoken.clip.key):
                clips.append(_audio_object(spoken, stored, view))
            text_html = "" if spoken.is_page else inner.strip()
            player = template.render(replace(view, text_html=Markup(text_html)))  # noqa: S704 - the page's own HTML
            if view.url and context.script and not has_script and PLAYER_CLASS in player:
                player = with_script(player, context.script)
                has_script = True
            return insert_under_title(inner, player) if spoken.is_page else player

        filled = fill_slots(html, render)
        return Filled(filled, tuple(clips))

    def _voice_of(self, origin: Origin, options: BlockOptions) -> tuple[Voice, str | None] | None:
        """A block's voice, and the language that somebody names for its text; None (and why was said) without one."""
        settings = self._page.settings if self._page else PageSettings()
        if settings is None:
            return None
        wanted = options.voice.over(settings.voice).over(self._settings.voice)
        try:
            return resolve_voice(wanted), wanted.language
        except SettingError as error:
            self._warn(origin, str(error), f"Correct {error.setting}; until then the text is shown unspoken")
            return None

    def _spoken_of(
        self,
        sentences: tuple[Sentence, ...],
        voice: Voice,
        options: BlockOptions,
        language: str | None,
        *,
        is_page: bool = False,
    ) -> Spoken:
        language = None if language == "auto" else language
        clip = make_clip(
            sentences, self._engine.name, self._engine.normalize_voice(voice), self._settings.output_format
        )
        slot = _slot_name(clip, sentences, options, language, is_page=is_page)
        return Spoken(slot, sentences, voice, clip, options, language, is_page)

    def _add(self, origin: Origin, spoken: Spoken) -> str:
        spoken = self._spoken.setdefault(spoken.slot, spoken)
        self.uses.append(Use(self._place(origin), spoken))
        return spoken.slot

    def _slot_of_earlier(self, block: Block) -> str | None:
        """The slot of the same block where it was read first: what repeats it knows nothing of that page's voice."""
        language = block.options.voice.language or self._settings.voice.language or "en"
        sentences = read_script(block.body, block.raw_html, language, self._settings.lexicon)
        repeated = (
            spoken.slot
            for spoken in self._spoken.values()
            if spoken.sentences == sentences and spoken.options == block.options
        )
        return next(repeated, None)

    def _fetch(self, clips: Iterable[Clip]) -> None:
        """Have here what a remote cache has of some clips, and of all that it was asked for before."""
        clips = list(clips)
        self._look_up(clips)
        self._cache.prefetch([clip for clip in clips if clip.key not in self.stored])
        try:
            self._look_up(self._cache.await_fetched())
        except StoreError as error:
            self._log.warning("%s. What a remote cache has was not fetched", error)

    def _look_up(self, clips: Iterable[Clip]) -> None:
        """Find those of some clips that are in the cache."""
        for clip in clips:
            if clip.key not in self.stored and (stored := self._cache.find_clip(clip)):
                self.stored[clip.key] = stored

    def _make_clips(self, plan: Plan) -> bool:
        """Have the clips of a plan made that are not here yet; whether one turned out to have a damaged segment.

        Raises:
            StoreError: The cache cannot be written.
        """
        clips = [clip for clip in plan.clips if clip.key not in self.stored]
        lacking = self._synthesize(plan, clips) if plan.missing or self._asked else set()
        ready = [clip for clip in clips if not any(segment.key in lacking for segment in clip.segments)]
        if not ready:
            return False
        self._ask(ready, [])
        self._ready_builder().collect(self.stored)
        return any(clip.key not in self.stored for clip in ready)

    def _synthesize(self, plan: Plan, clips: Iterable[Clip]) -> set[str]:
        """Have the missing segments of a plan spoken; the keys of those that still lack audio."""
        if self._settings.silent_because:
            self._log.info("%s not voiced: %s", count(len(plan.missing), "sentence"), self._settings.silent_because)
            return {segment.key for segment in plan.missing}
        obstacle = self._obstacle(plan)
        if obstacle:
            self._tell_unvoiced(plan.missing, obstacle)
            return {segment.key for segment in plan.missing}
        asked, self._asked = self._asked, set()
        segments = [segment for segment in plan.segments if segment.key in asked]
        more = [segment for segment in plan.missing if segment.key not in asked]
        self._ask(clips, more)
        unvoiced = self._follow([*segments, *more])
        self.report.failed |= bool(unvoiced)
        for reason, failed in unvoiced.items():
            self._tell_unvoiced(failed, reason)
        return {segment.key for failed in unvoiced.values() for segment in failed}

    def _ask(self, clips: Iterable[Clip], missing: Sequence[Segment]) -> None:
        """Have clips made, and first what is missing of them spoken.

        Raises:
            StoreError: It could not be kept.
        """
        if missing:
            self._cache.check_writable()
        cautions = {self._engine.voice_warning(segment.voice) or "" for segment in missing} - {""} - self._cautioned
        for caution in sorted(cautions):
            self._log.warning("%s", caution)
        self._cautioned |= cautions
        self._ready_builder().ask(clips, missing)
        self._ready_builder().look()

    def _ready_builder(self) -> ClipBuilder:
        from mkdocs_lightning.synthesis.clip_builder import ClipBuilder

        self._builder = self._builder or ClipBuilder(self._engine, self._settings.policy, self._cache)
        return self._builder

    def _obstacle(self, plan: Plan) -> str | None:
        """Why a plan may not be carried out, known before anything is sent."""
        return self._engine.unavailable_reason or plan.excess(self._settings.max_characters)

    def _follow(self, segments: Sequence[Segment]) -> Mapping[str, list[Segment]]:
        """Wait for segments that were asked for; those that failed, by the reason."""
        from mkdocs_lightning.synthesis.outcome import follow

        builder = self._ready_builder()
        outcome = follow(builder.results(), segments, lambda: builder.throttle.in_flight, self._log)
        self.report.new += outcome.new
        self.report.cached += outcome.found
        self.report.spent += outcome.characters
        return outcome.unvoiced

    def _make_drafts(self, engine: Engine) -> None:
        """Speak what is not voiced with the draft engine; what it cannot speak stays text."""
        drafts = {
            spoken.clip.key: make_clip(
                spoken.sentences, engine.name, engine.normalize_voice(spoken.voice), self._settings.output_format
            )
            for spoken in self._spoken.values()
            if spoken.clip.key not in self.stored
        }
        missing = make_plan(drafts.values(), self._cache.cached_segments(drafts.values())).missing
        from mkdocs_lightning.synthesis.clip_builder import ClipBuilder

        builder = ClipBuilder(engine, Policy(), self._cache)
        builder.ask(drafts.values(), missing)
        failed = [result.error for result in builder.results() if result.error]
        if failed:
            self._log.info("%s without a draft voice: %s", count(len(failed), "sentence"), failed[0])
        made: dict[str, CachedClip] = {}
        try:
            builder.collect(made)
        except StoreError as error:
            self._log.info("%s. Some draft voices are missing", error)
        builder.close(is_urgent=False)
        self.drafts = {key: made[draft.key] for key, draft in drafts.items() if draft.key in made}
        engine.close()

    def _track(self, name: str, text: str) -> Path | str:
        try:
            return self._cache.store_captions(name, text)
        except StoreError:  # which was said where it matters, and does not here
            return text

    def _tell_unvoiced(self, segments: Iterable[Segment], reason: str) -> None:
        tell_unvoiced(self.uses, segments, reason, self._log)

    def _view(self, spoken: Spoken, context: PageContext, url_of: Callable[[str], str], ids: _Ids) -> PlayerView:
        """The player of a block, or of a page, without its text."""
        playable = self.playable(spoken)
        options = spoken.options
        words = context.strings
        title = options.title or (words.this_page if spoken.is_page else words.listen)
        heading = options.title or (context.title if spoken.is_page else "") or spoken.excerpt
        is_foreign = spoken.language and not is_same_language(spoken.language, context.language)
        return PlayerView(
            id=ids.unused(options.id or (_PAGE_ID if spoken.is_page else f"speak-{spoken.slot}")),
            classes=options.classes,
            title=title,
            heading=heading,
            label=f"{words.listen}: {heading}",
            text=options.text,
            text_html=Markup(),
            url=url_of(playable.path.name) if playable else None,
            captions_url=url_of(captions_name(spoken, playable)) if playable else "",
            media_type=spoken.clip.output_format.media_type,
            duration=playable.duration if playable else 0.0,
            cues=spoken.cues(playable) if playable else (),
            language=spoken.language if is_foreign else None,
            context=context,
            is_page=spoken.is_page,
            is_draft=playable is not None and spoken.clip.key not in self.stored,
            is_pending=playable is None and self._draft_engine is not None,
        )

    def _warn(self, origin: Origin, message: str, fix: str) -> None:
        self._log.warning("%s '%s': %s. %s", self._place(origin), origin.opener, message, fix)

    def _place(self, origin: Origin) -> Place:
        nth = self._seen[self._page, origin]
        self._seen[self._page, origin] += 1
        return Place(self._page, origin, nth)


def tell_unvoiced(
    uses: Iterable[Use], segments: Iterable[Segment], reason: str, log: Logger | LoggerAdapter[Logger]
) -> None:
    """One warning for all that one reason kept silent, with the places where it stands.

    Args:
        uses: The blocks of the site.
        segments: Those without audio.
        reason: Why.
        log: Where it is told.
    """
    keys = {segment.key for segment in segments}
    silent = [use for use in uses if any(segment.key in keys for segment in use.spoken.clip.segments)]
    listed = "".join(f"\n    {use}" for use in silent[:_LISTED])
    if len(silent) > _LISTED:
        listed += f"\n    and {len(silent) - _LISTED} more"
    log.warning("%s not voiced: %s. These blocks have no player:%s", count(len(keys), "sentence"), reason, listed)


def find_line(source: str, origin: Origin, nth: int) -> int | None:
    """The number of the line where a block opens, counted from 1; None when it is not in this file.

    Args:
        source: The whole file.
        origin: The block's first words.
        nth: Which one of several that begin with the same words, counted from 0.
    """
    lines = _plain_lines(source)
    openers = [number for number, line in enumerate(lines, start=1) if line == origin.opener]
    first_line = _CONTAINER.sub("", origin.first_line)
    matching = [number for number in openers if _first_filled(lines, number) == first_line]
    found = matching or openers
    return found[nth] if nth < len(found) else None


@lru_cache(maxsize=1)  # a page with one mistake may have many
def _plain_lines(source: str) -> tuple[str, ...]:
    """The lines of a page's source without what they stand in."""
    return tuple(_CONTAINER.sub("", line.expandtabs(4)).strip() for line in source.splitlines())


def _first_filled(lines: Sequence[str], start: int) -> str:
    """The first line from some place on that is not empty; empty where there is none."""
    return next((lines[place] for place in range(start, len(lines)) if lines[place]), "")


def count(number: int, noun: str) -> str:
    """A number with its noun in singular or plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _first_words(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + "…"


def captions_name(spoken: Spoken, stored: CachedClip) -> str:
    """The name of the file with a clip's cues: two texts may sound the same."""
    digest = hashlib.sha256(spoken.transcript.encode()).hexdigest()
    return f"{stored.path.stem}-{digest[:8]}.vtt"


def _audio_object(spoken: Spoken, stored: CachedClip, view: PlayerView) -> AudioObject:
    language = spoken.voice.language
    return AudioObject(
        name=view.heading,
        content_url=urljoin(view.context.url, view.url),
        media_type=view.media_type,
        duration=stored.duration,
        transcript=spoken.transcript,
        language=None if language == "auto" else language,
        disclosure=view.strings.synthetic,
        size=stored.size,
        is_trained=spoken.clip.segments[0].voice.model not in RULE_BASED_MODELS,
    )


def _slot_name(
    clip: Clip, sentences: Sequence[Sentence], options: BlockOptions, language: str | None, *, is_page: bool
) -> str:
    text = [sentence.written for sentence in sentences]
    look = (clip.key, text, language, options.title, options.text.value, options.id, options.classes, is_page)
    return hashlib.sha256(repr(look).encode()).hexdigest()[:12]


class _Ids:
    """The ids of a page's elements."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._added: set[str] = set()

    def unused(self, name: str) -> str:
        """The name, or with a number that makes it the page's only one."""
        unused, number = name, 2
        while unused in self._added or f'id="{unused}"' in self._html:
            unused, number = f"{name}-{number}", number + 1
        self._added.add(unused)
        return unused
