"""`:::speak` for any program that uses Python-Markdown: `extensions=["mkdocs_lightning"]`, without MkDocs.

A cached block gets its player while the text is converted, with the clip inside the page as a `data:` URL. Nothing is
sent. A lasting slot stays around each block, so that `mkdocs-lightning publish` can synthesize what is missing in the
finished site, and store the clips as files.
"""

from __future__ import annotations

import base64
import logging
import os
import sys
from dataclasses import asdict, replace
from functools import cache
from html import escape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from mkdocs_lightning.audio.formats import ClipSettings, OutputFormat
from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.engines import API_KEY_VARIABLE, EngineOptions, make_engine, make_stand_in
from mkdocs_lightning.player.slots import block_slot, fill_slots
from mkdocs_lightning.player.view import PageContext, PlayerTemplate
from mkdocs_lightning.reading.grammar.block import CurrentPage
from mkdocs_lightning.reading.grammar.markdown_extension import READ_PRIORITY, SpeakExtension
from mkdocs_lightning.reading.settings.page_settings import PageSettings, settings_of_page
from mkdocs_lightning.reading.settings.site_voices import SiteVoices
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings
from mkdocs_lightning.site.clip_supply import SupplySettings
from mkdocs_lightning.site.kept_diagnostics import DocumentLog, KeptDiagnostic, element_of
from mkdocs_lightning.site.lasting_slot import IN_SLOTS, Slot, as_text
from mkdocs_lightning.site.narration import Narration, NarrationSettings
from mkdocs_lightning.site.report import warn_of_unfinished
from mkdocs_lightning.site.spoken_block import SourcePage
from mkdocs_lightning.site.standalone_options import StandaloneOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from markdown import Markdown

    from mkdocs_lightning.base.errors import Log
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic

SOURCE_PRIORITY = 1_000  # before every other preprocessor takes its part out of the text

SLOTS_PRIORITY = -10  # after every other postprocessor has put its part back into the HTML

_log = logging.getLogger("mkdocs_lightning")
_logged: set[str] = set()
_ZENSICAL_CONTEXT = "rendering_context"
_LINKS_OF_MKDOCS = "relpath"
"""What resolves links between pages; MkDocs registers it, and the plugin takes the blocks before they come here."""


class StandaloneExtension(Extension):
    """`:::speak` in Python-Markdown, with players for what is cached.

    Args:
        options: By name, such as `engine="offline"`.
    """

    def __init__(self, **options: object) -> None:
        super().__init__()
        self._prepared = _prepare(options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Register the grammar, and the postprocessor that fills its slots.

        Raises:
            SettingError: An unknown name or an invalid value, unless the program would not show this to its user.
        """
        if not isinstance(self._prepared, SettingError):
            _logged.clear()  # a program that serves may meet the same error once more
            document: _Document | _SilentDocument = _Document(md, *self._prepared)
        elif _hides_errors(md):
            error = f"{self._prepared}. Until it is corrected, blocks are shown without players"
            _log_once(error)
            document = _SilentDocument(md, error)
        else:
            raise self._prepared
        md.registerExtension(document)
        page = CurrentPage(may_be_narrated=True)  # `publish` decides it
        SpeakExtension(document.add, document.report_diagnostic, page).extendMarkdown(md)
        md.preprocessors.register(_Beginner(document), "speak-source", SOURCE_PRIORITY)
        md.treeprocessors.register(_Ender(document), "speak-read-all", READ_PRIORITY - 1)
        md.postprocessors.register(_Filler(document), "speak-slots", SLOTS_PRIORITY)


def _prepare(raw: Mapping[str, object]) -> tuple[StandaloneOptions, Engine] | SettingError:
    """Read the options, and make the engine whose name is part of the keys; it never synthesizes."""
    try:
        options = StandaloneOptions.parse(raw)
        resolve_voice(options.voice)  # else each block would be warned of
        engine_options = EngineOptions(api_key=os.environ.get(API_KEY_VARIABLE))
        return options, make_engine(options.engine or "lightning", engine_options)
    except SettingError as error:  # without a traceback, the message has to name its source
        words = f"the Markdown extension mkdocs_lightning, option '{error.setting}': {error}"
        return SettingError(error.setting, words)


def _hides_errors(md: Markdown) -> bool:
    """Whether the program that converts would not show an error to its user.

    Zensical ends, even while it serves, with a traceback of its own. Pelican leaves out each article, without a reason.
    """
    return _ZENSICAL_CONTEXT in md.preprocessors or "pelican.readers" in sys.modules


def _log_once(error: str) -> None:
    """Log an error of the options, which are read for each page."""
    if error not in _logged:
        _logged.add(error)
        _log.error("%s", error)


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
        self._log = DocumentLog(_log)
        self._source = ""
        self._is_read = False
        self._page: SourcePage | None = None
        self._slots: dict[str, Slot] = {}

    def begin(self, source: str) -> None:
        """The program converts this text next."""
        self._source = source

    def end_reading(self) -> None:
        """All blocks were added; the next HTML that is filled is that of the document, and not of a title in it."""
        self._is_read = True

    def add(self, block: Block) -> str | None:
        if _LINKS_OF_MKDOCS in self._md.treeprocessors and _ZENSICAL_CONTEXT not in self._md.preprocessors:
            _tell_of_plugin()
        collector = self._begun().collector
        name = collector.add(block)
        if name is not None:
            own, voice = block.options.voice, self._lasting_voice(block.options.voice)
            self._slots[name] = Slot(
                sentences=collector.blocks[name].sentences,
                options=replace(block.options, voice=voice),
                engine=self._options.engine,
                output_format=self._options.output_format,
                inherited=tuple(each for each in voice.set_names() if getattr(own, each) is None),
            )
        return name

    def report_diagnostic(self, diagnostic: Diagnostic) -> None:
        self._begun().collector.report_diagnostic(diagnostic)

    def fill(self, html: str) -> str:
        """The finished HTML: players for cached blocks, lasting slots around all blocks, and what was warned of."""
        if not self._is_read:
            return html
        page = self._current_page()
        kept = element_of(KeptDiagnostic(text, names_place=bool(page.uri)) for text in self._log.warnings)
        if page.uri and page.settings:
            kept += _settings_element(replace(page.settings, voice=self._lasting_voice()), self._options)
        return (self._with_players(html, self._narration) if self._narration and self._slots else html) + kept

    def _with_players(self, html: str, narration: Narration) -> str:
        if self._options.embed:
            narration.synthesize()
        narration.close(is_urgent=False)
        urls = _data_urls(narration)
        filled = fill_slots(html, self._slots, self._in_lasting_slot)
        for tag in filled.unfinished:
            warn_of_unfinished(tag, self._current_page().uri or "a page", _log)
        return narration.renderer().render(filled.html, _template(), PageContext(), lambda name: urls[name]).html

    def _in_lasting_slot(self, name: str, inner: str) -> str:
        return self._slots[name].holding(block_slot(as_text(inner), name))

    def _begun(self) -> Narration:
        """The narration of this document; it begins with the first block, or diagnostic."""
        if self._narration is None:
            settings = NarrationSettings(
                voices=SiteVoices(self._options.voice),
                clips=ClipSettings(self._options.output_format or OutputFormat.MP3),
                lexicon=self._options.lexicon,
                supply=SupplySettings(
                    hold_reason="'mkdocs-lightning publish' synthesizes what is missing",
                    stand_in=make_stand_in(self._options.engine or "", self._engine),
                ),
            )
            self._narration = Narration(settings, self._engine, Cache(self._options.cache_dir), self._log)
            self._narration.collector.begin_page(self._current_page())
        return self._narration

    def _current_page(self) -> SourcePage:
        if self._page is None:
            source = self._source
            self._page = _page_of(self._md, self._log) or SourcePage("", PageSettings(), lambda: source)
        return self._page

    def _lasting_voice(self, of_block: VoiceSettings = NO_SETTINGS) -> VoiceSettings:
        """The settings of a block, or of the page, over those of the site, as `publish` merges them, too."""
        page = self._current_page().settings
        return SiteVoices(self._options.voice).merge(of_block.over(page.voice) if page else of_block)


class _SilentDocument(Extension):
    """A document whose blocks stay text, as an option is wrong; where it has any, its page keeps the error.

    So does a page that is narrated as a whole.

    Args:
        md: Converts it.
        error: What is wrong.
    """

    def __init__(self, md: Markdown, error: str) -> None:
        super().__init__()
        self._md = md
        self._diagnostic = KeptDiagnostic(error, names_place=True, is_error=True)
        self.reset()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Nothing, as for `_Document`."""

    def reset(self) -> None:
        self._has_blocks = False
        self._is_read = False

    def begin(self, _source: str) -> None:
        """Nothing, as no line of the text is named."""

    def end_reading(self) -> None:
        """As for `_Document`."""
        self._is_read = True

    def add(self, _block: Block) -> None:
        self._has_blocks = True

    def report_diagnostic(self, _diagnostic: Diagnostic) -> None:
        self._has_blocks = True

    def fill(self, html: str) -> str:
        return html + element_of([self._diagnostic]) if self._has_blocks or self._is_narrated() else html

    def _is_narrated(self) -> bool:
        page = _page_of(self._md, _log) if self._is_read else None
        return bool(page and page.settings and page.settings.narrate)


class _Beginner(Preprocessor):
    """Tells a document its text as the program passed it."""

    def __init__(self, document: _Document | _SilentDocument) -> None:
        super().__init__()
        self._document = document

    def run(self, lines: list[str]) -> list[str]:
        self._document.begin("\n".join(lines))
        return lines


class _Ender(Treeprocessor):
    """Tells a document that its blocks were read."""

    def __init__(self, document: _Document | _SilentDocument) -> None:
        super().__init__()
        self._document = document

    def run(self, _root: Element) -> None:
        self._document.end_reading()


class _Filler(Postprocessor):
    """Fills the slots of a document when everything else is done."""

    def __init__(self, document: _Document | _SilentDocument) -> None:
        super().__init__()
        self._document = document

    def run(self, text: str) -> str:
        return self._document.fill(text)


@cache
def _tell_of_plugin() -> None:
    """Warn once that MkDocs converts a block without the plugin."""
    _log.warning(
        "under MkDocs, the plugin adds the players: add 'lightning' to plugins in mkdocs.yml, and remove "
        "mkdocs_lightning from markdown_extensions"
    )


@cache
def _template() -> PlayerTemplate:
    """Made once, and only when a text has blocks: some programs use a `Markdown` instance a page."""
    return PlayerTemplate(())


def _page_of(md: Markdown, log: Log) -> SourcePage | None:
    """The page that is being converted, if the program names it: Zensical does, by a preprocessor."""
    if _ZENSICAL_CONTEXT not in md.preprocessors:
        return None
    context = md.preprocessors[_ZENSICAL_CONTEXT]
    page, config = getattr(context, "page", None), getattr(context, "config", None)
    uri, meta = getattr(page, "path", None), getattr(page, "meta", None)
    if not (isinstance(uri, str) and isinstance(meta, dict) and isinstance(config, dict)):
        return None
    path = Path(str(config.get("docs_dir", "")), uri)

    def read_source() -> str:
        return path.read_text("utf-8") if path.is_file() else ""

    return SourcePage(uri, settings_of_page(uri, meta, read_source, log), read_source)


def _settings_element(settings: PageSettings, options: StandaloneOptions) -> str:
    """What front matter and the options say of a page, as `publish` reads it of any page; empty if they say nothing.

    A page without a block has the site's engine and format here, as it may be narrated as a whole.

    A page has it in its body, which browsers allow, as an extension writes nothing else.
    """
    of_site = {"engine": options.engine, "output_format": options.output_format and options.output_format.value}
    written = {**of_site, "narrate": settings.narrate, **asdict(settings.voice)}
    values = {name: _written(value) for name, value in written.items() if value is not None}
    content = "; ".join(f"{name}: {value}" for name, value in {**values, IN_SLOTS: "true"}.items())
    return f'<meta name="lightning" content="{escape(content)}">' if values else ""


def _written(value: object) -> str:
    """A setting's value as an author would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _data_urls(narration: Narration) -> Mapping[str, str]:
    """`data:` URLs of the clips and captions of a document, by the names of their files."""
    clips = {clip.path.name: clip.path.read_bytes() for clip in narration.supply.cached.values()}
    captions = {
        name: file if isinstance(file, bytes) else file.read_bytes()
        for name, file in narration.captions(narration.collector.blocks.values()).items()
    }
    return {name: _data_url(name, data) for name, data in (*clips.items(), *captions.items())}


def _data_url(name: str, data: bytes) -> str:
    suffix = PurePath(name).suffix
    media_type = next((known.media_type for known in OutputFormat if known.suffix == suffix), "text/vtt")
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
