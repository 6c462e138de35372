"""Collects the blocks and narrated pages of a site while it is read, and names their slots."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.block import BlockOptions, Origin
from mkdocs_lightning.reading.page_settings import PageSettings
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.reading.voice import resolve_voice
from mkdocs_lightning.site.spoken_block import BlockUse, SourceLocation, SpokenBlock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.block import Block, Diagnostic
    from mkdocs_lightning.reading.lexicon import Lexicon
    from mkdocs_lightning.reading.segment import Clip
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.reading.voice import Voice, VoiceSettings
    from mkdocs_lightning.site.report import Log
    from mkdocs_lightning.site.spoken_block import Page

_PAGE_OPTIONS = BlockOptions()
_PAGE_ORIGIN = Origin("the whole page")


class BlockCollector:
    """The blocks of one site in one language, in the order in which they are read.

        begin_page ─► add … add ─► add_page ─► begin_page ─► … ─► end_pages ─► add (repeats only)

    Args:
        voice: The site's settings of a voice; blocks and pages override them.
        lexicon: Its respellings are applied to each sentence.
        output_format: Of the clips.
        engine: Its name and its normalized voices are part of the keys.
        log: Receives a warning for each block that cannot be synthesized.
    """

    def __init__(
        self, voice: VoiceSettings, lexicon: Lexicon, output_format: OutputFormat, engine: Engine, log: Log
    ) -> None:
        self._voice = voice
        self._lexicon = lexicon
        self._output_format = output_format
        self._engine = engine
        self._log = log
        self._page: Page | None = None
        self._has_ended = False
        self._blocks: dict[str, SpokenBlock] = {}
        self._seen: defaultdict[tuple[Page | None, Origin], int] = defaultdict(int)
        self._uses: list[BlockUse] = []

    @property
    def uses(self) -> Sequence[BlockUse]:
        """All occurrences of blocks."""
        return self._uses

    @property
    def blocks(self) -> Mapping[str, SpokenBlock]:
        """The distinct blocks, by the names of their slots."""
        return self._blocks

    def begin_page(self, page: Page) -> None:
        """Blocks that are added from now on belong to this page."""
        self._page = page

    def add(self, block: Block) -> str | None:
        """Add a block.

        Returns:
            The name of its slot; None if it stays text, after a warning that says why.
        """
        if self._has_ended:
            return self._slot_of_repeated(block)
        if (found := self._voice_of(block.origin, block.options)) is None:
            return None
        voice, language = found
        sentences = read_script(block.body, block.raw_html, voice.language, self._lexicon)
        if not sentences:
            self._warn(block.origin, "there is nothing to speak in this block", "Write a sentence in it, or remove it")
            return None
        return self._add(block.origin, self._spoken_block(sentences, voice, block.options, language))

    def add_sentences(self, origin: Origin, sentences: tuple[Sentence, ...], options: BlockOptions) -> str | None:
        """Add a block whose script was read before; as `add`.

        Args:
            origin: Names the block in messages.
            sentences: The script, with the lexicon applied.
            options: The block's own.
        """
        if (found := self._voice_of(origin, options)) is None:
            return None
        voice, language = found
        return self._add(origin, self._spoken_block(sentences, voice, options, language))

    def add_page(self, html: str) -> str | None:
        """Add the current page as a whole, if its settings narrate it.

        Args:
            html: The page's content, with the slots of its blocks.

        Returns:
            The name of its slot; None if the page is not narrated.
        """
        page = self._page
        if page is None or page.settings is None or not page.settings.narrate:
            return None
        try:
            voice = resolve_voice(page.settings.voice.over(self._voice))
        except SettingError as error:
            self._log.warning("%s: %s. Correct %s; until then the page is not narrated", page.uri, error, error.setting)
            return None
        sentences = read_page_script(html, voice.language, self._lexicon)
        if not sentences:
            if page.settings.is_for_many:
                return None
            self._log.warning("%s: there is nothing to narrate on this page. Remove narrate from it", page.uri)
            return None
        language = page.settings.voice.language or self._voice.language
        return self._add(_PAGE_ORIGIN, self._spoken_block(sentences, voice, _PAGE_OPTIONS, language, is_page=True))

    def report_diagnostic(self, diagnostic: Diagnostic) -> None:
        """Warn of something that an author wrote wrongly."""
        if not self._has_ended:  # a repeat was warned of when its page was read
            self._warn(diagnostic.origin, diagnostic.message, diagnostic.fix)

    def end_pages(self) -> None:
        """All pages were read; blocks that are added from now on are repeats, as in the excerpts of a blog."""
        self._has_ended = True

    def _voice_of(self, origin: Origin, options: BlockOptions) -> tuple[Voice, str | None] | None:
        """A block's voice, and the language that its settings name; None, after a warning, if they are invalid."""
        settings = self._page.settings if self._page else PageSettings()
        if settings is None:
            return None
        wanted = options.voice.over(settings.voice).over(self._voice)
        try:
            return resolve_voice(wanted), wanted.language
        except SettingError as error:
            self._warn(origin, str(error), f"Correct {error.setting}; until then the text is shown without a player")
            return None

    def _spoken_block(
        self,
        sentences: tuple[Sentence, ...],
        voice: Voice,
        options: BlockOptions,
        language: str | None,
        *,
        is_page: bool = False,
    ) -> SpokenBlock:
        language = None if language == "auto" else language
        clip = make_clip(sentences, self._engine.name, self._engine.normalize_voice(voice), self._output_format)
        slot = _slot_name(clip, sentences, options, language, is_page=is_page)
        return SpokenBlock(slot, sentences, voice, clip, options, language, is_page)

    def _add(self, origin: Origin, block: SpokenBlock) -> str:
        block = self._blocks.setdefault(block.slot, block)
        self._uses.append(BlockUse(self._locate(origin), block))
        return block.slot

    def _slot_of_repeated(self, block: Block) -> str | None:
        """The slot of the same block on the page where it was first read; the voice of that page is not known here."""
        language = block.options.voice.language or self._voice.language or "en"
        sentences = read_script(block.body, block.raw_html, language, self._lexicon)
        repeated = (
            known.slot
            for known in self._blocks.values()
            if known.sentences == sentences and known.options == block.options
        )
        return next(repeated, None)

    def _warn(self, origin: Origin, message: str, fix: str) -> None:
        self._log.warning("%s '%s': %s. %s", self._locate(origin), origin.opener, message, fix)

    def _locate(self, origin: Origin) -> SourceLocation:
        nth = self._seen[self._page, origin]
        self._seen[self._page, origin] += 1
        return SourceLocation(self._page, origin, nth)


def _slot_name(
    clip: Clip, sentences: Sequence[Sentence], options: BlockOptions, language: str | None, *, is_page: bool
) -> str:
    text = [sentence.written for sentence in sentences]
    look = (clip.key, text, language, options.title, options.text.value, options.id, options.classes, is_page)
    return hashlib.sha256(repr(look).encode()).hexdigest()[:12]
