"""Collects the blocks and narrated pages of a site while it is read, and names their slots."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.base.errors import SettingError, printable, printable_path
from mkdocs_lightning.engines import normalize_voices
from mkdocs_lightning.player.slots import page_slot
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.block import BlockOptions, Origin
from mkdocs_lightning.reading.grammar.element_settings import remove_marks
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.segment import clip_of_page, make_clip
from mkdocs_lightning.reading.settings.languages import language_code
from mkdocs_lightning.reading.settings.page_settings import PageSettings
from mkdocs_lightning.reading.settings.voice import is_usable, resolve_voice, resolve_voices
from mkdocs_lightning.site.spoken_block import BlockUse, SourceLocation, SpokenBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from mkdocs_lightning.audio.formats import ClipSettings
    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic
    from mkdocs_lightning.reading.lexicon import Lexicon
    from mkdocs_lightning.reading.segment import Clip
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.reading.settings.site_voices import SiteVoices
    from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
    from mkdocs_lightning.site.spoken_block import SourcePage

    _Repeatable: TypeAlias = tuple[tuple[Sentence, ...], BlockOptions]

_PAGE_OPTIONS = BlockOptions()
_PAGE_ORIGIN = Origin("")


class BlockCollector:
    """The blocks of one site in one language, in the order in which they are read.

        begin_page ─► add … add ─► end_page ─► begin_page ─► … ─► end_pages ─► add (repeats only)

    Args:
        voices: Who speaks, where blocks and pages do not say it.
        lexicon: Its respellings are applied to each sentence.
        clips: How clips are made of their sentences.
        engine: Its name and its normalized voices are part of the keys.
        log: Receives a warning for each block that cannot be synthesized.

    Attributes:
        unspoken: The places of the blocks and pages that have no player because something is written wrongly in them.
    """

    def __init__(self, voices: SiteVoices, lexicon: Lexicon, clips: ClipSettings, engine: Engine, log: Log) -> None:
        self._voices = voices
        self._lexicon = lexicon
        self._clips = clips
        self._engine = engine
        self._log = log
        self.unspoken: list[str] = []
        self._page: SourcePage | None = None
        self._languages_without_voice: set[str] = set()
        self._voices_on_page: dict[str, VoiceSettings] = {}  # of the blocks on the current page, by their slots' names
        self._repeatable: dict[_Repeatable, str] | None = None  # None until all pages are read
        self._blocks: dict[str, SpokenBlock] = {}
        self._seen: defaultdict[tuple[SourcePage | None, Origin], int] = defaultdict(int)
        self._uses: list[BlockUse] = []

    @property
    def uses(self) -> Sequence[BlockUse]:
        """All occurrences of blocks."""
        return self._uses

    @property
    def blocks(self) -> Mapping[str, SpokenBlock]:
        """The distinct blocks, by the names of their slots."""
        return self._blocks

    def begin_page(self, page: SourcePage) -> None:
        """Blocks that are added from now on belong to this page."""
        self._page = page
        if page.settings is None:
            self.unspoken.append(printable_path(page.uri))
        self._voices_on_page = {}

    def add(self, block: Block) -> str | None:
        """Add a block.

        Returns:
            The name of its slot; None if it stays text, after a warning that says why.
        """
        if self._repeatable is not None:
            return self._slot_of_repeated(block, self._repeatable)
        if (settings := self._settings_of(block.options)) is None:
            return None
        try:
            voice = resolve_voice(self._complete(settings))
            sentences = read_script(
                block.body,
                block.raw_html,
                PlaceVoice(voice.language, self._speaks_over(settings)),
                self._lexicon,
                reads_math=voice.math_notation,
            )
            if sentences:
                slot = self._add(block.origin, self._spoken_block(sentences, settings, block.options))
                self._voices_on_page[slot] = block.options.voice
                return slot
        except SettingError as error:
            self._warn_of_setting(block.origin, error)
            return None
        self._warn(block.origin, "there is nothing to speak in this block", "Write a sentence in it, or remove it")
        return None

    def add_sentences(self, origin: Origin, sentences: tuple[Sentence, ...], options: BlockOptions) -> str | None:
        """Add a block whose script was read before; as `add`.

        Args:
            origin: Names the block in messages.
            sentences: The script, with the lexicon applied.
            options: The block's own.
        """
        if (settings := self._settings_of(options)) is None:
            return None
        try:
            return self._add(origin, self._spoken_block(sentences, settings, options))
        except SettingError as error:
            self._warn_of_setting(origin, error)
            return None

    def end_page(self, html: str) -> str:
        """The current page is read; add it as a whole, if its settings narrate it.

        Args:
            html: The page's content, with the slots of its blocks. That of a narrated page has the marks of its pauses
                and voices, too.

        Returns:
            The content without marks, as one slot if there is something to narrate.
        """
        if self._page is None or self._page.settings is None or not self._page.settings.narrate:
            return html
        slot = self.add_page(html, self._voices_on_page)
        html = remove_marks(html)
        return html if slot is None else page_slot(html, slot)

    def add_page(self, html: str, block_voices: Mapping[str, VoiceSettings]) -> str | None:
        """Add the current page as a whole, if its settings narrate it.

        Args:
            html: What is spoken of the page.
            block_voices: The settings of the blocks in it, by the names or the scripts of their slots.

        Returns:
            The name of its slot; None if it has none, after a warning if its settings ask for one.
        """
        page = self._page
        if page is None or page.settings is None or not page.settings.narrate:
            return None
        of_parts = {slot: replace(voice, sample_rate=None) for slot, voice in block_voices.items()}  # a clip has one
        return self._add_page(page, page.settings, html, of_parts)

    def report_diagnostic(self, diagnostic: Diagnostic) -> None:
        """Warn of something that an author wrote wrongly."""
        if self._repeatable is None:  # a repeat was warned of when its page was read
            self._warn(diagnostic.origin, diagnostic.message, diagnostic.fix, is_spoken=diagnostic.is_spoken)

    def end_pages(self) -> None:
        """All pages were read; blocks that are added from now on are repeats, as in the excerpts of a blog."""
        self._repeatable = {}
        for block in self._blocks.values():
            self._repeatable.setdefault((block.sentences, block.options), block.slot)

    def clips_by(self, engine: Engine, keys: Container[str]) -> Mapping[str, Clip]:
        """The clips that another engine would make of the blocks with some clips, by the names of their slots.

        Args:
            engine: Names the new clips' sentences.
            keys: Of the blocks' own clips.
        """
        return {
            slot: replace(block.clip_by(engine), tags=block.clip.tags)
            for slot, block in self._blocks.items()
            if block.clip.key in keys
        }

    def recast(self, clips: Mapping[str, Clip]) -> None:
        """Give some blocks another clip of their text, by the names of their slots, which stay as they are."""
        self._blocks |= {slot: replace(self._blocks[slot], clip=clip) for slot, clip in clips.items()}
        self._uses[:] = [replace(use, block=self._blocks[use.block.slot]) for use in self._uses]

    def _add_page(
        self, page: SourcePage, page_settings: PageSettings, html: str, block_voices: Mapping[str, VoiceSettings]
    ) -> str | None:
        """Add a page as a whole.

        Returns:
            The name of its slot; None if there is nothing to narrate, after a warning.
        """
        settings = page_settings.voice
        if not self._has_language(settings, page_settings.locale):
            return None
        try:
            voice = resolve_voice(self._complete(settings))
            sentences = read_page_script(
                html,
                PlaceVoice(voice.language, self._speaks_over(settings)),
                self._lexicon,
                reads_math=voice.math_notation,
                block_voices=block_voices,
            )
            if page_settings.is_for_many and all(sentence.heading for sentence in sentences):
                return None  # as the lists of posts that a blog's plugin generates, whose pages have a title alone
            if sentences:
                return self._add(_PAGE_ORIGIN, self._spoken_block(sentences, settings, _PAGE_OPTIONS, page))
        except SettingError as error:
            self._warn_of_page(page, error)
            return None
        if not page_settings.is_for_many:
            self._log.warning("%s: there is nothing to narrate on this page. %s", page.uri, page.way_to_silence)
        return None

    def _settings_of(self, options: BlockOptions) -> VoiceSettings | None:
        """A block's voice settings, merged with those of its page; None if it cannot be spoken because of its page."""
        of_page = self._page.settings if self._page else PageSettings()
        if of_page is None:
            return None
        settings = options.voice.over(of_page.voice)
        return settings if self._has_language(settings, of_page.locale) else None

    def _has_language(self, settings: VoiceSettings, locale: str | None) -> bool:
        """Whether somebody speaks the language of a place on the current page; warns once of a page's that nobody does.

        Args:
            settings: Of the place, without those of the site.
            locale: Of the page.
        """
        is_set = settings.language is not None or self._voices.everywhere.language == "auto"
        if locale is None or is_set or language_code(locale) is not None:
            return True
        if self._page and locale not in self._languages_without_voice:
            self._languages_without_voice.add(locale)
            self._log.warning(
                "pages in '%s', such as '%s', are shown without players: Lightning does not speak this language. To "
                "have them spoken anyway, %s",
                locale,
                self._page.uri,
                self._page.way_to_language,
            )
        return False

    def _complete(self, settings: VoiceSettings) -> VoiceSettings:
        """Settings of a place on the current page, with those of the site below them."""
        of_page = self._page.settings if self._page else None
        return self._voices.complete(settings, of_page.locale if of_page else None)

    def _speaks_over(self, settings: VoiceSettings) -> Callable[[VoiceSettings], bool]:
        """Tells whether there is a voice for the settings of an element in a place with other settings.

        There is none for the language that `<html lang>` says if a setting overrules that.
        """
        of_page = (self._page and self._page.settings) or PageSettings()

        def speaks(of_element: VoiceSettings) -> bool:
            is_of_page = of_element.language is not None and of_element.language == of_page.html_lang
            if is_of_page and (self._complete(of_page.voice).language or "en") != of_page.html_lang:
                return False
            return is_usable(self._complete(of_element.over(settings)))

        return speaks

    def _spoken_block(
        self,
        sentences: tuple[Sentence, ...],
        settings: VoiceSettings,
        options: BlockOptions,
        page: SourcePage | None = None,
    ) -> SpokenBlock:
        """Make a block of a script.

        Args:
            sentences: The script.
            settings: Those of the block and its page.
            options: The block's own.
            page: Set if the script is that of a whole page.

        Raises:
            SettingError: The service would refuse the voice of the block, or of an element in it.
        """
        whole = self._complete(settings)
        voice = resolve_voice(whole)
        voices = resolve_voices((sentence.voice for sentence in sentences), settings, self._complete)
        clip = make_clip(sentences, self._engine.name, normalize_voices(self._engine, voices), *self._clips)
        if page and (tags := page.read_tags()):
            clip = clip_of_page(clip, sentences, tags)
        language = None if whole.language == "auto" else whole.language
        slot = _slot_name(clip, sentences, options, language, is_page=bool(page))
        return SpokenBlock(slot, sentences, voice, voices, clip, options, language, bool(page))

    def _add(self, origin: Origin, block: SpokenBlock) -> str:
        block = self._blocks.setdefault(block.slot, block)
        self._uses.append(BlockUse(self._locate(origin), block))
        return block.slot

    def _slot_of_repeated(self, block: Block, repeatable: Mapping[_Repeatable, str]) -> str | None:
        """The slot of the same block on the page where it was first read; the voice of that page is not known here."""
        settings = self._voices.complete(block.options.voice)
        language, reads_math = settings.language or "en", bool(settings.math_notation)
        try:
            sentences = read_script(
                block.body,
                block.raw_html,
                PlaceVoice(language, self._speaks_over(block.options.voice)),
                self._lexicon,
                reads_math=reads_math,
            )
        except SettingError:  # was warned of when its page was read
            return None
        return repeatable.get((sentences, block.options))

    def _warn_of_setting(self, origin: Origin, error: SettingError) -> None:
        self._warn(origin, str(error), f"{error.fix}; until then the text is shown without a player")

    def _warn_of_page(self, page: SourcePage, error: SettingError) -> None:
        """Warn of a setting that keeps a page from being narrated."""
        if page.locate:
            error, line = page.locate(error)
        else:
            from mkdocs_lightning.reading.grammar.setting_lines import find_setting

            line = find_setting(page.read_source(), error)
        place = f"{page.uri}:{line}" if line else page.uri
        self.unspoken.append(printable_path(place))
        self._log.warning("%s: %s. %s; until then the page is not narrated", place, error, error.fix)

    def _warn(self, origin: Origin, message: str, fix: str, *, is_spoken: bool = False) -> None:
        place = str(self._locate(origin))
        if not is_spoken:
            self.unspoken.append(place)
        self._log.warning("%s '%s': %s. %s", place, printable(origin.opener), message, fix)

    def _locate(self, origin: Origin) -> SourceLocation:
        nth = self._seen[self._page, origin]
        self._seen[self._page, origin] += 1
        return SourceLocation(self._page, origin, nth)


def _slot_name(
    clip: Clip, sentences: Sequence[Sentence], options: BlockOptions, language: str | None, *, is_page: bool
) -> str:
    text = [sentence.written for sentence in sentences]
    look: tuple[object, ...] = (
        clip.key,
        text,
        language,
        options.title,
        options.text.value,
        options.id,
        options.classes,
        is_page,
    )
    if anchors := [sentence.heading.anchor for sentence in sentences if sentence.heading]:
        look = (*look, anchors)
    return hashlib.sha256(repr(look).encode()).hexdigest()[:12]
