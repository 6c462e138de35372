"""One build's narration: collects the blocks of all pages, voices them, and fills their slots.

Knows no MkDocs: a page is a name, its settings and a way to its source.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from mkdocs_lightning.clip import find_or_make_clip
from mkdocs_lightning.engines import EngineError
from mkdocs_lightning.errors import SettingError
from mkdocs_lightning.plan import make_plan
from mkdocs_lightning.player import PlayerView, fill_slots
from mkdocs_lightning.progress import show_progress
from mkdocs_lightning.script import read_script
from mkdocs_lightning.segment import make_clip
from mkdocs_lightning.synthesis import KeepError, Synthesizer
from mkdocs_lightning.voice import VoiceSettings, resolve_voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from logging import Logger, LoggerAdapter

    from mkdocs_lightning.audio import OutputFormat
    from mkdocs_lightning.cache import Cache, StoredClip
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.markdown import Block, BlockOptions, Mistake, Origin
    from mkdocs_lightning.plan import Plan
    from mkdocs_lightning.player import PlayerTemplate
    from mkdocs_lightning.segment import Clip, Segment
    from mkdocs_lightning.synthesis import Effort

_ROUNDS = 2  # a second one makes again what was found damaged in the first
_LISTED = 20  # places that one warning names
_EXCERPT = 40  # characters of a block that tell which one it is
_QUOTE_OR_LIST = re.compile(r"^[\s>]*(?:[-*+]|\d+[.)])?[\s>]*")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is being read.

    Attributes:
        uri: As the author knows it, such as `guide/start.md`.
        voice: The settings of its front matter; None where they cannot be used, and nothing is spoken.
        read_source: Reads its source, for the line of a message.
    """

    uri: str
    voice: VoiceSettings | None
    read_source: Callable[[], str]


@dataclass(frozen=True, slots=True)
class NarrationSettings:
    """What a site asks for.

    Attributes:
        silent_because: Why nothing may be synthesized in this build; None when it may.
        max_characters: A build that would send more sends nothing.
    """

    voice: VoiceSettings
    output_format: OutputFormat
    effort: Effort
    silent_because: str | None = None
    max_characters: int | None = None


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

    def __str__(self) -> str:
        if self.page is None:
            return "a block"
        line = find_line(self.page.read_source(), self.origin, self.nth)
        return f"{self.page.uri}:{line}" if line else self.page.uri


@dataclass(frozen=True, slots=True)
class Spoken:
    """A block that has a slot: what is played there, and how it looks."""

    slot: str
    clip: Clip
    options: BlockOptions
    excerpt: str


@dataclass(slots=True)
class Report:
    """What a build did, for its last line.

    Attributes:
        unvoiced: How many clips could not be published.
        spent: Characters sent and answered with audio.
        seconds: Time spent in synthesis and encoding.
    """

    clips: int = 0
    segments: int = 0
    new: int = 0
    spent: int = 0
    unvoiced: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        parts = f"{_count(self.clips, 'clip')}, {_count(self.segments, 'sentence')}: {self.segments - self.new} cached"
        parts += f", {self.new} new ({_count(self.spent, 'character')})"
        if self.unvoiced:
            parts += f", {_count(self.unvoiced, 'clip')} not voiced"
        return f"{parts}, {self.seconds:.1f} s"


class Narration:
    """The blocks of one build, from the first page read to the last slot filled.

    Attributes:
        report: What was done, after `voice()`.
        stored: The clips that can be published, by the key of the clip.
    """

    def __init__(
        self, settings: NarrationSettings, engine: Engine, cache: Cache, log: Logger | LoggerAdapter[Logger]
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._synthesizer = Synthesizer(engine, settings.effort)
        self._cache = cache
        self._log = log
        self._page: Page | None = None
        self._spoken: dict[str, Spoken] = {}
        self._seen: defaultdict[tuple[Page | None, Origin], int] = defaultdict(int)
        self._places: defaultdict[str, list[Place]] = defaultdict(list)
        self.stored: dict[str, StoredClip] = {}
        self.report = Report()

    def begin_page(self, page: Page) -> None:
        """What is added from now on stands in this page."""
        self._page = page

    def add(self, block: Block) -> str | None:
        """Take a block; the name of its slot, or None when it stays text (and why was said)."""
        page_voice = self._page.voice if self._page else VoiceSettings()
        if page_voice is None:
            return None
        try:
            voice = resolve_voice(block.options.voice.over(page_voice).over(self._settings.voice))
        except SettingError as error:
            self._warn(block.origin, str(error), f"Correct {error.setting}; until then the text is shown unspoken")
            return None
        sentences = read_script(block.body, block.raw_html, voice.language)
        if not sentences:
            self._warn(
                block.origin,
                "there is nothing to speak in this block",
                "Write a sentence in it, or remove it",
            )
            return None
        clip = make_clip(sentences, self._engine.name, self._engine.settle(voice), self._settings.output_format)
        spoken = Spoken(_slot_name(clip, block.options), clip, block.options, _shortened(sentences[0].text))
        self._spoken[spoken.slot] = spoken
        self._places[clip.key].append(self._place(block.origin))
        return spoken.slot

    def complain(self, mistake: Mistake) -> None:
        """Tell an author what cannot be spoken."""
        self._warn(mistake.origin, mistake.message, mistake.fix)

    def voice(self) -> None:
        """Synthesize what is missing and make the clips; afterwards `stored` and `report` are complete."""
        begun = time.monotonic()
        clips = list({spoken.clip.key: spoken.clip for spoken in self._spoken.values()}.values())
        self.report.clips = len(clips)
        self.report.segments = len({segment.key for clip in clips for segment in clip.segments})
        for clip in clips:
            if stored := self._cache.find_clip(clip):
                self.stored[clip.key] = stored
        unfinished = [clip for clip in clips if clip.key not in self.stored]
        try:
            for _ in range(_ROUNDS):
                lacking = self._synthesize(unfinished)
                unfinished = self._finish(unfinished, lacking)
        except KeepError as error:
            self._log.warning("%s. %s not voiced", error, _count(len(clips) - len(self.stored), "clip"))
        if self._cache.damaged:
            self._log.info("%s in the cache were damaged, and made again", _count(len(self._cache.damaged), "file"))
        self.report.unvoiced = len([clip for clip in clips if clip.key not in self.stored])
        self.report.seconds = time.monotonic() - begun

    def fill(self, html: str, template: PlayerTemplate, url_of: Callable[[StoredClip], str]) -> str:
        """A page's HTML with players, or text alone, in the place of its slots."""
        used_ids: set[str] = set()

        def render(slot: str, text_html: str) -> str:
            return self._render(slot, text_html, template, url_of, used_ids)

        return fill_slots(html, render)

    def _synthesize(self, clips: list[Clip]) -> set[str]:
        """Have the missing segments of some clips spoken; the keys of those that still lack audio."""
        plan = make_plan(clips, self._cache.has_segment)
        if not plan.missing:
            return set()
        if self._settings.silent_because:
            self._log.info("%s not voiced: %s", _count(len(plan.missing), "sentence"), self._settings.silent_because)
            return {segment.key for segment in plan.missing}
        obstacle = self._obstacle(plan)
        if obstacle:
            self._tell_unvoiced(plan.missing, obstacle)
            return {segment.key for segment in plan.missing}
        return self._spend(plan)

    def _obstacle(self, plan: Plan) -> str | None:
        """Why a plan may not be carried out, known before anything is sent."""
        limit = self._settings.max_characters
        if self._engine.unavailable:
            return self._engine.unavailable
        if limit is not None and plan.characters > limit:
            return f"they have {plan.characters} characters, and max_characters is {limit}"
        return None

    def _spend(self, plan: Plan) -> set[str]:
        self._cache.check_writable()
        for caution in sorted({self._engine.caution(segment.voice) or "" for segment in plan.missing} - {""}):
            self._log.warning("%s", caution)
        unvoiced: defaultdict[str, list[Segment]] = defaultdict(list)
        request_ids: dict[str, str] = {}
        with show_progress(plan.missing, self._synthesizer.throttle, self._log) as advance:
            for result in self._synthesizer.run(plan.missing, self._cache.write_segment):
                if result.error:
                    unvoiced[str(result.error)].append(result.segment)
                    if isinstance(result.error, EngineError) and result.error.request_id:
                        request_ids.setdefault(str(result.error), f" (request {result.error.request_id})")
                else:
                    self.report.new += 1
                    self.report.spent += len(result.segment.text)
                advance(result.segment)
        for reason, segments in unvoiced.items():
            self._tell_unvoiced(segments, reason + request_ids.get(reason, ""))
        return {segment.key for segments in unvoiced.values() for segment in segments}

    def _finish(self, clips: list[Clip], lacking: set[str]) -> list[Clip]:
        """Make the clips that lack nothing; those that turn out to have a damaged segment are answered."""
        again: list[Clip] = []
        for clip in clips:
            if any(segment.key in lacking for segment in clip.segments):
                continue
            stored = find_or_make_clip(clip, self._cache)
            if stored is None:
                again.append(clip)
            else:
                self.stored[clip.key] = stored
        return again

    def _tell_unvoiced(self, segments: Iterable[Segment], reason: str) -> None:
        """One warning for all that one reason kept silent, with the places where it stands."""
        keys = {segment.key for segment in segments}
        places = [
            f"{place} '{spoken.excerpt}'"
            for spoken in self._spoken.values()
            if any(segment.key in keys for segment in spoken.clip.segments)
            for place in self._places.pop(spoken.clip.key, [])
        ]
        listed = "".join(f"\n    {place}" for place in places[:_LISTED])
        if len(places) > _LISTED:
            listed += f"\n    and {len(places) - _LISTED} more"
        self._log.warning(
            "%s not voiced: %s. These blocks have no player:%s", _count(len(keys), "sentence"), reason, listed
        )

    def _render(
        self,
        slot: str,
        text_html: str,
        template: PlayerTemplate,
        url_of: Callable[[StoredClip], str],
        used_ids: set[str],
    ) -> str:
        spoken = self._spoken.get(slot)
        if spoken is None:  # a page kept from another build
            return text_html
        stored = self.stored.get(spoken.clip.key)
        options = spoken.options
        view = PlayerView(
            id=_unused(options.id or f"speak-{slot}", used_ids),
            classes=options.classes,
            title=options.title,
            label=f"Listen: {options.title or spoken.excerpt}",
            text=options.text,
            text_html=Markup(text_html.strip()),  # noqa: S704 - the page's own HTML
            url=url_of(stored) if stored else None,
            media_type=spoken.clip.output_format.media_type,
            duration=stored.duration if stored else 0.0,
        )
        return template.render(view)

    def _warn(self, origin: Origin, message: str, fix: str) -> None:
        self._log.warning("%s '%s': %s. %s", self._place(origin), origin.opener, message, fix)

    def _place(self, origin: Origin) -> Place:
        nth = self._seen[self._page, origin]
        self._seen[self._page, origin] += 1
        return Place(self._page, origin, nth)


def find_line(source: str, origin: Origin, nth: int) -> int | None:
    """The number of the line where a block opens, counted from 1; None when it is not in this file.

    Args:
        source: The whole file.
        origin: The block's first words.
        nth: Which one of several that begin with the same words, counted from 0.
    """
    lines = [_QUOTE_OR_LIST.sub("", line).strip() for line in source.splitlines()]
    found = [
        number
        for number, line in enumerate(lines, start=1)
        if line == origin.opener
        and next((later for later in lines[number:] if later), "") == _QUOTE_OR_LIST.sub("", origin.first_line)
    ]
    found = found or [number for number, line in enumerate(lines, start=1) if line == origin.opener]
    return found[nth] if nth < len(found) else None


def _slot_name(clip: Clip, options: BlockOptions) -> str:
    look = (clip.key, options.title, options.text.value, options.id, options.classes)
    return hashlib.sha256(repr(look).encode()).hexdigest()[:12]


def _unused(name: str, used: set[str]) -> str:
    """The name, or with a number that makes it the page's only one."""
    unused, number = name, 2
    while unused in used:
        unused, number = f"{name}-{number}", number + 1
    used.add(unused)
    return unused


def _shortened(text: str) -> str:
    if len(text) <= _EXCERPT:
        return text
    return text[:_EXCERPT].rsplit(" ", 1)[0] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
