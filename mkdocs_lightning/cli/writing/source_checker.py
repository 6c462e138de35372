"""Reads one Markdown file by the grammar, and finds what its author wrote wrongly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markdown import Markdown
from mkdocs.utils.meta import get_data

from mkdocs_lightning.base.errors import SettingError, printable
from mkdocs_lightning.cli.writing.neutral_source import neutral_source
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.block import CurrentPage
from mkdocs_lightning.reading.grammar.element_settings import fence_error
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.grammar.setting_lines import find_setting
from mkdocs_lightning.reading.grammar.source_lines import find_lines, unique_lines
from mkdocs_lightning.reading.grammar.spoken_fences import fences_without_braces
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL, is_cloned
from mkdocs_lightning.reading.settings.front_matter import META_KEY, mistake_in, settings_as_pairs
from mkdocs_lightning.reading.settings.page_settings import (
    PageSettings,
    front_matter_line,
    misplaced_settings,
)
from mkdocs_lightning.reading.settings.voice import resolve_voice, resolve_voices
from mkdocs_lightning.site.published.own_settings import OwnSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic, DocumentOpeners, Origin
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

_EXTENSIONS = ("admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables")
"""What most sites use; without them, a block in such a container would be taken for code."""

_OF_TEMPLATES = ("{{", "{%")


@dataclass(frozen=True, slots=True)
class Finding:
    """What an author wrote wrongly.

    Attributes:
        line: Of the file, from 1; None if it is not known.
        text: What is wrong, and how to correct it.
    """

    line: int | None
    text: str


class SourceChecker:
    """Checks one file after the other, without any configuration."""

    def __init__(self) -> None:
        self._page = CurrentPage()
        extension = SpeakExtension(self._check_block, self._note_diagnostic, self._page)
        self._markdown = Markdown(extensions=[*_EXTENSIONS, extension])
        self._settings = PageSettings()
        self._noted: list[tuple[Origin, str]] = []

    def check(self, source: str) -> Sequence[Finding]:
        """All findings in a file, by their lines.

        Args:
            source: The text of the whole file, with its front matter.
        """
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        text, meta = get_data(source)
        findings = list(self._read_front_matter(source, meta))
        self._page.is_narrated = bool(self._settings.narrate)
        self._noted = []
        fences = fences_without_braces(source, is_narrated=self._page.is_narrated)
        findings += [_finding(line, fence_error(info)) for line, info in fences]
        html = self._markdown.reset().convert(neutral_source(text))
        lines = _Lines(source)
        findings += [Finding(lines.of(origin), said) for origin, said in self._noted]
        if self._settings.narrate and not self._noted:
            findings += self._read_page(html, source)
        return sorted(findings, key=lambda finding: finding.line or 0)

    def _read_front_matter(self, source: str, meta: Mapping[str, object]) -> Sequence[Finding]:
        """Note the page's settings; the findings in them."""
        self._settings = PageSettings()
        if of_another_program := settings_as_pairs(source, meta):
            return self._read_pairs(*of_another_program)
        if mistake := mistake_in(source, meta):
            return [Finding(*mistake)]
        findings = [Finding(front_matter_line(source, name), said) for name, said in misplaced_settings(meta)]
        try:
            self._note_settings(PageSettings.parse(meta.get(META_KEY)))
        except SettingError as error:
            line = front_matter_line(source, error.setting, META_KEY)
            findings.append(_finding_in_front_matter(line, error))
        return findings

    def _read_pairs(self, line: int, pairs: str) -> Sequence[Finding]:
        """Note the page's settings as another program passes them on; the findings in them."""
        try:
            self._note_settings(OwnSettings.parse(pairs).of_page)
        except SettingError as error:
            return [_finding_in_front_matter(line, error)]
        return []

    def _note_settings(self, settings: PageSettings) -> None:
        """Note the page's settings.

        Raises:
            SettingError: They cannot be used on any site.
        """
        _check_voice(settings.voice)
        self._settings = settings

    def _check_block(self, block: Block) -> None:
        """Read a block as a build does. What depends on the site's own settings stays unchecked."""
        settings = block.options.voice.over(self._settings.voice)
        try:
            voice = _check_voice(settings)
            sentences = read_script(
                block.body, block.raw_html, PlaceVoice(voice.language), reads_math=voice.math_notation
            )
            _check_elements(sentences, settings)
        except SettingError as error:
            self._note(block.origin, f"{error}. {error.fix}")
        else:
            if not sentences:
                self._note(
                    block.origin, "there is nothing to speak in this block. Write a sentence in it, or remove it"
                )

    def _note_diagnostic(self, diagnostic: Diagnostic) -> None:
        self._note(diagnostic.origin, f"{diagnostic.message}. {diagnostic.fix}")

    def _note(self, origin: Origin, said: str) -> None:
        if any(mark in origin.opener for mark in _OF_TEMPLATES):
            return  # only the site knows what its macros make of it
        self._noted.append((origin, f"'{printable(origin.opener)}': {said}"))

    def _read_page(self, html: str, source: str) -> Sequence[Finding]:
        """The first setting in a narrated page that cannot be used."""
        try:
            voice = _check_voice(self._settings.voice)
            _check_elements(
                read_page_script(html, PlaceVoice(voice.language), reads_math=voice.math_notation), self._settings.voice
            )
        except SettingError as error:
            return [_finding(find_setting(source, error), error)]
        return []


def _finding(line: int | None, error: SettingError) -> Finding:
    return Finding(line, f"{error}. {error.fix}")


def _finding_in_front_matter(line: int | None, error: SettingError) -> Finding:
    return Finding(line, f"front matter, {META_KEY}: {error}. {error.fix}")


def _check_voice(settings: VoiceSettings) -> Voice:
    """The voice of settings that those of the site may add to.

    Raises:
        SettingError: They cannot be used on any site.
    """
    return resolve_voice(_completed(settings))


def _check_elements(sentences: Sequence[Sentence], settings: VoiceSettings) -> None:
    """Check the settings of elements.

    Raises:
        SettingError: Some cannot be used.
    """
    resolve_voices((sentence.voice for sentence in sentences), settings, _completed)


def _completed(settings: VoiceSettings) -> VoiceSettings:
    """Settings with a model for a cloned voice, as the site may set it."""
    is_open = settings.model is None and is_cloned(settings.voice_id or "")
    return replace(settings, model=PRO_MODEL) if is_open else settings


class _Lines:
    """The lines of one file on which blocks open; they are looked for once, and only if something is wrong."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._known: dict[DocumentOpeners, tuple[int | None, ...]] = {}

    def of(self, origin: Origin) -> int | None:
        """The line, from 1; None if it is not known."""
        document = origin.document
        if document is None:
            return unique_lines(self._source).get(origin.opener)
        if document not in self._known:
            self._known[document] = find_lines(self._source, document.words)
        return self._known[document][origin.index]
