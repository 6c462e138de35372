"""What a site needs and what is missing, by page and in total: as a table for people, as JSON for programs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, count, listed, printable_path
from mkdocs_lightning.cli.output import sentence_as_json
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import move_voice, resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.site.supply.voice_notices import place_of_voice, voice_notices
from mkdocs_lightning.site.supply.within_budget import within_budget
from mkdocs_lightning.synthesis.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.segment import Clip
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.site.narration import Narration
    from mkdocs_lightning.site.spoken_block import BlockUse
    from mkdocs_lightning.site.supply.within_budget import WithinBudget

_PLACES = 5
"""Of blocks that cannot be spoken, those that are named; warnings above have told of all."""

COLUMNS = ("page", "players", "sentences", "cached", "missing", "characters", "price")
LANGUAGE_COLUMNS = ("language", *COLUMNS[1:])


@dataclass(frozen=True, slots=True)
class Figures:
    """How much a page or a site needs, by the names in JSON; each sentence counts once.

    Attributes:
        players: Its blocks and narrated pages.
        characters: In the missing sentences.
        price_usd: List price of the missing sentences in US dollars; None if it is not known.
    """

    players: int
    sentences: int
    cached: int
    missing: int
    characters: int
    price_usd: float | None

    def as_row(self, name: str) -> tuple[str, ...]:
        """A row of the table."""
        numbers = (self.players, self.sentences, self.cached, self.missing, self.characters)
        return (name, *(f"{number:,}" for number in numbers), dollars(self.price_usd))

    @property
    def cost(self) -> str:
        """The missing sentences' characters and price, in words."""
        price = "free" if self.price_usd == 0 else f"price {dollars(self.price_usd)}"
        return f"{count(self.characters, 'character')}, {price}"


@dataclass(frozen=True, slots=True)
class _Part:
    """What a page or a site needs.

    Attributes:
        uses: Its blocks and narrated pages: each has a player.
        plan: Its sentences, each once.
    """

    uses: tuple[BlockUse, ...]
    plan: Plan
    figures: Figures


@dataclass(frozen=True, slots=True)
class PageReport(_Part):
    """What one page needs; a sentence of several pages counts for each of them.

    Attributes:
        page: The path of its source in the docs directory.
        locale: Of a site in several languages, the page's; else empty.
    """

    page: str
    locale: str

    def missing_of(self, use: BlockUse) -> list[Segment]:
        """The missing sentences of one block, each once."""
        missing = {segment.key for segment in self.plan.missing}
        return [segment for segment in dict.fromkeys(use.block.clip.segments) if segment.key in missing]

    def as_json(self) -> dict[str, object]:
        """The page's object within the site's."""
        return {
            "page": self.page,
            "locale": self.locale or None,
            **asdict(self.figures),
            "missing_sentences": [sentence_as_json(segment) for segment in self.plan.missing],
        }


@dataclass(frozen=True, slots=True)
class LanguageReport(_Part):
    """What one language of a site needs; a page that several languages share, untranslated, counts for the first.

    Attributes:
        locale: As mkdocs-static-i18n names it.
    """

    locale: str

    def as_json(self) -> dict[str, object]:
        """The language's object within the site's."""
        return {"locale": self.locale, **asdict(self.figures)}


@dataclass(frozen=True, slots=True)
class SiteReport(_Part):
    """What a whole site needs; each sentence counts once, as it is paid for.

    Attributes:
        engine: The name of the engine whose prices these are.
        pages: Those on which something is spoken.
        languages: Those of a site in several languages, in the order in which a run reads them; else none.
        within_budget: What a build would send.
        stand_in_reason: Why another engine would speak what is missing, where `auto` has no key; else None.
        unspoken: The places of the blocks and pages that cannot be spoken, because of what is written wrongly there.
    """

    engine: str
    pages: tuple[PageReport, ...]
    languages: tuple[LanguageReport, ...]
    within_budget: WithinBudget
    stand_in_reason: str | None = None
    unspoken: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        return {
            **asdict(self.figures),
            "engine": self.engine,
            "languages": [language.as_json() for language in self.languages],
            "pages": [page.as_json() for page in self.pages],
            "unspoken": [*self.unspoken],
        }

    def as_text(self, engine: Engine) -> str:
        """What the site needs, and what a build would do about it.

        Args:
            engine: Whose prices these are.
        """
        summary = self.summary(engine)
        return "\n".join([self._as_table(), *([""] if summary else []), *summary])

    def summary(self, engine: Engine, missing: str = "Missing") -> list[str]:
        """What is missing of the whole site, and what a build would do about it, and what cannot be spoken.

        Args:
            engine: Whose prices these are.
            missing: The first words.
        """
        lines = []
        if self.plan.missing:
            lines += [f"{missing}: {self.figures.cost} ({self.engine}). A sentence on several pages counts once."]
        if note := self.price_note(engine):
            lines += [note]
        lines += self.within_budget.notice()
        if self.plan.missing and self.stand_in_reason:
            lines += [f"Here, the offline voice would speak them: {self.stand_in_reason}."]
        if self.unspoken:
            lines += [unspoken_notice(self.unspoken)]
        return lines

    def price_note(self, engine: Engine) -> str:
        """Where the prices are from; empty if nothing has one."""
        if not self.figures.price_usd or not engine.prices_listed_in:
            return ""
        return f"Prices are those listed in {engine.prices_listed_in}; your account's prices may differ."

    def voice_notices(self, engine: Engine) -> Collection[str]:
        """What a build would warn of before it sends what is missing, and models that retire; as `voice_notices`.

        Args:
            engine: Knows the voices.
        """
        return voice_notices(engine, self.plan.missing, self.uses, spoken=self.plan.segments).values()

    def language_rows(self) -> list[tuple[str, ...]]:
        """A row of the table for each language of a site in several."""
        return [language.figures.as_row(language.locale) for language in self.languages]

    def _as_table(self) -> str:
        """One line a page, and the total; of a site in several languages, also one line a language."""
        rows = (page.figures.as_row(printable_path(page.page)) for page in self.pages)
        table = table_of([COLUMNS, *rows, self.figures.as_row("total")])
        if not self.languages:
            return table
        return f"{table}\n\n{table_of([LANGUAGE_COLUMNS, *self.language_rows()])}"


@dataclass(frozen=True, slots=True)
class Move:
    """Another model or voice that a site might move to.

    Attributes:
        model: To move to; None for the model of `voice_id`.
        voice_id: Who speaks from then on; None for voices of the model.

    Raises:
        SettingError: The service would refuse the one with the other.
    """

    model: str | None = None
    voice_id: str | None = None

    def __post_init__(self) -> None:
        resolve_voice(VoiceSettings(model=self.model, voice_id=self.voice_id))

    @property
    def _stays(self) -> bool:
        return self.model is None and self.voice_id is None

    def voice(self, voice: Voice) -> Voice:
        """The voice that takes the place of another.

        Raises:
            SettingError: It does not speak the other's language.
        """
        if self._stays:
            return voice
        model = self.model or resolve_voice(VoiceSettings(voice_id=self.voice_id)).model
        return move_voice(voice, model, self.voice_id)

    def clip_of(self, use: BlockUse) -> Clip:
        """The clip that takes the place of a block's; raises as `voice`, and names the block."""
        clip = use.block.clip
        if self._stays:
            return clip
        moved = (Segment(segment.engine, self._voice_in(use, segment.voice), segment.text) for segment in clip.segments)
        return replace(clip, segments=tuple(moved))

    def _voice_in(self, use: BlockUse, voice: Voice) -> Voice:
        try:
            return self.voice(voice)
        except SettingError as error:
            raise SettingError(error.setting, f"{error}; needed first in {place_of_voice(voice, [use])}") from error


STAY = Move()
"""The site as it is."""


def moved_voices(narrations: Sequence[Narration], move: Move) -> dict[str, list[str]]:
    """For each voice_id that changes, who takes its place: one voice_id a language, sorted."""
    clips = [use.block.clip for narration in narrations for use in narration.collector.uses]
    voices = {segment.voice for clip in clips for segment in clip.segments}
    changed: defaultdict[str, set[str]] = defaultdict(set)
    for voice in voices:
        if (successor := move.voice(voice).voice_id) != voice.voice_id:
            changed[voice.voice_id].add(successor)
    return {voice_id: sorted(successors) for voice_id, successors in sorted(changed.items())}


def make_report(
    narrations: Mapping[str, Narration], cache: Cache, engine: Engine, max_characters: int | None, move: Move = STAY
) -> SiteReport:
    """Find out what a site needs.

    Args:
        narrations: Of one run, by the locale of each language, in the order of the run; empty for a site in one.
        cache: Has what is cached.
        engine: Whose prices count.
        max_characters: The budget of a run; None for any number.
        move: The model or voice that the site would move to; `STAY` for none.

    Raises:
        SettingError: As for `Move.voice`.
    """
    for narration in narrations.values():
        narration.find_cached()
    clips = [move.clip_of(use) for narration in narrations.values() for use in narration.collector.uses]
    cached_clips = {key for narration in narrations.values() for key in narration.supply.cached}
    cached_segments = cache.cached_segments(clip for clip in clips if clip.key not in cached_clips)
    locales: dict[str, str] = {}  # by page, of the first language that has it
    for locale, narration in narrations.items():
        for use in narration.collector.uses:
            locales.setdefault(page_of(use), locale)
    by_page: defaultdict[str, list[BlockUse]] = defaultdict(list)
    by_locale: dict[str, list[BlockUse]] = {locale: [] for locale in narrations}
    for use in distinct_uses(list(narrations.values())):
        by_page[page_of(use)].append(use)
        by_locale[locales[page_of(use)]].append(use)

    def plan_of(uses: Sequence[BlockUse]) -> Plan:
        return make_plan([move.clip_of(use) for use in uses], cached_segments, cached_clips)

    def part_of(uses: Sequence[BlockUse]) -> tuple[tuple[BlockUse, ...], Plan, Figures]:
        plan = plan_of(uses)
        figures = Figures(
            players=len(uses),
            sentences=len(plan.segments),
            cached=plan.cached,
            missing=len(plan.missing),
            characters=plan.characters,
            price_usd=plan.price(engine.price_per_character),
        )
        return tuple(uses), plan, figures

    uses, plan, figures = part_of([use for uses in by_page.values() for use in uses])
    missing = {locale: plan_of(narration.collector.uses).missing for locale, narration in narrations.items()}
    languages = tuple(LanguageReport(*part_of(uses), locale) for locale, uses in by_locale.items())
    return SiteReport(
        uses,
        plan,
        figures,
        engine=engine.name,
        pages=tuple(PageReport(*part_of(uses), page, locales[page]) for page, uses in by_page.items()),
        languages=languages if len(languages) > 1 else (),
        within_budget=within_budget(missing, {each.locale: each.plan.missing for each in languages}, max_characters),
        stand_in_reason=next((narration.stand_in_reason for narration in narrations.values()), None),
        unspoken=unspoken_of(narrations.values()),
    )


def unspoken_of(narrations: Iterable[Narration]) -> tuple[str, ...]:
    """The places of the blocks and pages, in any language, that cannot be spoken; one that languages share is one."""
    return tuple(dict.fromkeys(place for narration in narrations for place in narration.collector.unspoken))


def unspoken_notice(places: Sequence[str]) -> str:
    """How many blocks and pages cannot be spoken, and where the first of them are; warnings have told why."""
    named = [*places[:_PLACES], *(["…"] if len(places) > _PLACES else [])]
    return f"{count(len(places), 'block')} cannot be spoken: {listed(named)}"


def distinct_uses(narrations: Sequence[Narration]) -> list[BlockUse]:
    """The blocks of all languages; one of a page that several languages share, untranslated, counts once."""
    found: dict[tuple[object, ...], BlockUse] = {}
    for narration in narrations:
        for use in narration.collector.uses:
            found.setdefault((page_of(use), use.location.origin, use.location.nth, use.block.slot), use)
    return list(found.values())


def page_of(use: BlockUse) -> str:
    """The path of a block's page in the docs directory; empty for a block outside of any page."""
    return use.location.page.uri if use.location.page else ""


def line_of(use: BlockUse) -> int | None:
    """The line of a block in its page, from 1; None if it is not known, or the page's file is gone after the run."""
    try:
        return use.location.line
    except OSError:
        return None


def speaker_of(voice: Voice, engine: Engine) -> str:
    """Who speaks, and how fast: of an engine that ignores settings of a voice, what it speaks with instead."""
    spoken = engine.normalize_voice(voice)
    name = voice.voice_id if spoken.voice_id == voice.voice_id else f"{engine.name} {spoken.voice_id}"
    return f"{name}, {voice.language}" if spoken.speed == 1 else f"{name}, {voice.language}, speed={spoken.speed:g}"


def location_of(use: BlockUse) -> str:
    """A block's page, with its line if that is known."""
    page, line = printable_path(page_of(use)), line_of(use)
    return f"{page}:{line}" if line else page


def dollars(price: float | None) -> str:
    """A price in words; a small or an unknown one never looks like 0."""
    if price is None:
        return "unknown"
    if price == 0:
        return "-"
    return f"${price:,.2f}" if price >= 1 else f"${price:.4f}" if price >= 0.0001 else "<$0.0001"  # noqa: PLR2004


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """A table of text, with its head as the first row."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(_aligned(row, widths)) for row in rows)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The cells of a row: the first to the left, numbers to the right."""
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
