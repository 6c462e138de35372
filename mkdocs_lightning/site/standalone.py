"""`:::speak` for any program that uses Python-Markdown: `extensions=["mkdocs_lightning"]`, without MkDocs.

A cached block gets its player while the text is converted, with the clip inside the page as a `data:` URL. Nothing is
sent. A lasting slot stays around each block, so that `mkdocs-lightning publish` can synthesize what is missing in the
finished site, and store the clips as files.
"""

from __future__ import annotations

import base64
import logging
import os
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

from mkdocs_lightning.audio.formats import ClipSettings, OutputFormat
from mkdocs_lightning.base.errors import SettingError, unknown_name
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.engines import API_KEY_VARIABLE, EngineOptions, make_engine
from mkdocs_lightning.player.slots import block_slot, fill_slots
from mkdocs_lightning.player.view import PageContext, PlayerTemplate
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.lexicon import Lexicon, read_lexicon
from mkdocs_lightning.reading.page_settings import settings_of_page
from mkdocs_lightning.reading.voice import NO_SETTINGS, SETTING_NAMES, VoiceSettings
from mkdocs_lightning.site.clip_supply import SupplySettings
from mkdocs_lightning.site.lasting_slot import Slot, as_text, text_in
from mkdocs_lightning.site.narration import Narration, NarrationSettings
from mkdocs_lightning.site.report import warn_of_unfinished
from mkdocs_lightning.site.spoken_block import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markdown import Markdown

    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic

CACHE = ".lightning"
MKDOCS_CACHE = ".cache/plugin/lightning"
"""The default cache of an MkDocs build; `zensical build --clean` deletes it."""

SLOTS_PRIORITY = -10  # after every other postprocessor has put its part back into the HTML

_OWN_OPTIONS = ("engine", "output_format", "lexicon", "cache_dir")
_log = logging.getLogger("mkdocs_lightning")
_ZENSICAL_CONTEXT = "rendering_context"


@dataclass(frozen=True, slots=True)
class StandaloneOptions:
    """The extension's options: those of the plugin that make sense without a site.

    Attributes:
        engine: The name that pages carry; None leaves the choice to `publish`.
        output_format: The format that pages carry; None leaves the choice to `publish`.
        cache_dir: Where clips are looked for.
    """

    voice: VoiceSettings = NO_SETTINGS
    engine: str | None = None
    output_format: OutputFormat | None = None
    lexicon: Lexicon = field(default_factory=Lexicon)
    cache_dir: Path = Path(CACHE)

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> StandaloneOptions:
        """Read the options as a program passes them to Python-Markdown.

        Raises:
            SettingError: An unknown name or an invalid value.
        """
        for name in raw:
            if name not in (*SETTING_NAMES, *_OWN_OPTIONS):
                raise SettingError(name, unknown_name(name, (*SETTING_NAMES, *_OWN_OPTIONS)))
        texts = {name: text_in(raw, name) or None for name in _OWN_OPTIONS}
        try:
            output_format = OutputFormat(texts["output_format"]) if texts["output_format"] else None
        except ValueError as error:
            known = ", ".join(known.value for known in OutputFormat)
            words = f"{texts['output_format']!r} is not one of {known}"
            raise SettingError("output_format", words) from error
        return cls(
            voice=VoiceSettings.parse({name: value for name, value in raw.items() if name in SETTING_NAMES}),
            engine=texts["engine"],
            output_format=output_format,
            lexicon=read_lexicon(Path(texts["lexicon"])) if texts["lexicon"] else Lexicon(),
            cache_dir=Path(texts["cache_dir"]) if texts["cache_dir"] else default_cache_dir(Path()),
        )


def default_cache_dir(folder: Path) -> Path:
    """The default cache of a site that another program builds.

    Args:
        folder: Holds the site's configuration. A cache that MkDocs has filled there is used, so that nothing is paid
            for again.
    """
    own, of_mkdocs = folder / CACHE, folder / MKDOCS_CACHE
    return of_mkdocs if of_mkdocs.is_dir() and not own.is_dir() else own


class StandaloneExtension(Extension):
    """`:::speak` in Python-Markdown, with players for what is cached.

    Args:
        options: By name, such as `engine="offline"`.

    Raises:
        SettingError: An unknown name or an invalid value.
    """

    def __init__(self, **options: object) -> None:
        super().__init__()
        try:
            self._options = StandaloneOptions.parse(options)
            self._engine = _engine_of(self._options)
        except SettingError as error:  # programs show the message alone, so it has to name its source
            words = f"the Markdown extension mkdocs_lightning, option '{error.setting}': {error}"
            raise SettingError(error.setting, words) from error

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Register the grammar, and the postprocessor that fills its slots."""
        document = _Document(md, self._options, self._engine)
        md.registerExtension(document)
        SpeakExtension(document.add, document.report_diagnostic).extendMarkdown(md)
        md.postprocessors.register(_Filler(document), "speak-slots", SLOTS_PRIORITY)


def makeExtension(**options: object) -> StandaloneExtension:  # noqa: N802 - Python-Markdown looks for this name
    """Build the extension for `extensions=["mkdocs_lightning"]`."""
    return StandaloneExtension(**options)


class _Document(Extension):
    """The blocks of the document that one `Markdown` instance converts; an extension, so that it is reset with it."""

    def __init__(self, md: Markdown, options: StandaloneOptions, engine: Engine) -> None:
        super().__init__()
        self._md = md
        self._options = options
        self._engine = engine
        self.reset()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Nothing: blocks of a converter that another extension makes for a part of this document belong to it."""

    def reset(self) -> None:
        self._narration: Narration | None = None
        self._page_voice = NO_SETTINGS
        self._slots: dict[str, Slot] = {}

    def add(self, block: Block) -> str | None:
        collector = self._begun().collector
        name = collector.add(block)
        if name is not None:
            voice = block.options.voice.over(self._page_voice).over(self._options.voice)
            self._slots[name] = Slot(
                sentences=collector.blocks[name].sentences,
                options=replace(block.options, voice=voice),
                engine=self._options.engine,
                output_format=self._options.output_format,
            )
        return name

    def report_diagnostic(self, diagnostic: Diagnostic) -> None:
        self._begun().collector.report_diagnostic(diagnostic)

    def fill(self, html: str) -> str:
        """The finished HTML, with players for cached blocks and lasting slots around all blocks."""
        narration = self._narration
        if narration is None or not self._slots:
            return html
        narration.synthesize()
        narration.close(is_urgent=False)
        urls = _data_urls(narration)
        filled = fill_slots(html, self._slots, self._in_lasting_slot)
        for tag in filled.unfinished:
            page = _page_of(self._md)
            warn_of_unfinished(tag, page.uri if page else "a page", _log)
        return narration.renderer().render(filled.html, _template(), PageContext(), lambda name: urls[name]).html

    def _in_lasting_slot(self, name: str, inner: str) -> str:
        return self._slots[name].holding(block_slot(as_text(inner), name))

    def _begun(self) -> Narration:
        """The narration of this document; it begins with the first block, or diagnostic."""
        if self._narration is None:
            settings = NarrationSettings(
                voice=self._options.voice,
                clips=ClipSettings(self._options.output_format or OutputFormat.MP3),
                lexicon=self._options.lexicon,
                supply=SupplySettings(hold_reason="'mkdocs-lightning publish' synthesizes what is missing"),
            )
            self._narration = Narration(settings, self._engine, Cache(self._options.cache_dir), _log)
            if page := _page_of(self._md):
                self._narration.collector.begin_page(page)
                self._page_voice = page.settings.voice if page.settings else NO_SETTINGS
        return self._narration


class _Filler(Postprocessor):
    """Fills the slots of a document when everything else is done."""

    def __init__(self, document: _Document) -> None:
        super().__init__()
        self._document = document

    def run(self, text: str) -> str:
        return self._document.fill(text)


def _engine_of(options: StandaloneOptions) -> Engine:
    """The engine whose name is part of the keys; it never synthesizes.

    Raises:
        SettingError: No such engine.
    """
    return make_engine(options.engine or "lightning", EngineOptions(api_key=os.environ.get(API_KEY_VARIABLE)))


@cache
def _template() -> PlayerTemplate:
    """Made once, and only when a text has blocks: some programs use a `Markdown` instance a page."""
    return PlayerTemplate(())


def _page_of(md: Markdown) -> Page | None:
    """The page that is being converted, if the program names it: Zensical does, by a preprocessor."""
    if _ZENSICAL_CONTEXT not in md.preprocessors:
        return None
    context = md.preprocessors[_ZENSICAL_CONTEXT]
    page, config = getattr(context, "page", None), getattr(context, "config", None)
    uri, meta = getattr(page, "path", None), getattr(page, "meta", None)
    if not (isinstance(uri, str) and isinstance(meta, dict) and isinstance(config, dict)):
        return None
    settings = settings_of_page(uri, meta, _log)
    if settings and settings.narrate:
        _log.warning("%s: only MkDocs narrates whole pages. Put what is to be heard into blocks", uri)
    source = Path(str(config.get("docs_dir", "")), uri)
    return Page(uri, settings, lambda: source.read_text("utf-8") if source.is_file() else "")


def _data_urls(narration: Narration) -> Mapping[str, str]:
    """`data:` URLs of the clips and captions of a document, by the names of their files."""
    clips = {clip.path.name: clip.path.read_bytes() for clip in narration.supply.cached.values()}
    captions = {
        name: text.encode() if isinstance(text, str) else text.read_bytes()
        for name, text in narration.captions(narration.collector.blocks.values()).items()
    }
    return {name: _data_url(name, data) for name, data in (*clips.items(), *captions.items())}


def _data_url(name: str, data: bytes) -> str:
    suffix = PurePath(name).suffix
    media_type = next((known.media_type for known in OutputFormat if known.suffix == suffix), "text/vtt")
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
