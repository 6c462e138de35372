"""What one place of a site plays, and where its author wrote it: the values that `site/` hands around."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import printable, printable_path
from mkdocs_lightning.engines import normalize_voices
from mkdocs_lightning.player.captions import make_cues
from mkdocs_lightning.player.chapters import make_chapters
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.reading.sentences import Pause
from mkdocs_lightning.site.report import BuildReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mkdocs_lightning.audio.tags.tags import PageTags
    from mkdocs_lightning.base.errors import SettingError
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.player.captions import Cue
    from mkdocs_lightning.player.chapters import Chapter
    from mkdocs_lightning.reading.grammar.block import BlockOptions, DocumentOpeners, Origin
    from mkdocs_lightning.reading.segment import Clip
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.reading.settings.page_settings import PageSettings
    from mkdocs_lightning.reading.settings.voice import Voice

_EXCERPT = 40  # characters of a block that tell which one it is
_SUMMARY = 200  # characters of a page that tell what it is about


_SIGNS = tuple(
    ".,;:!?\u2026\u3002\uff0c\u3001\uff1b\uff1a\uff01\uff1f\u0964\u0965\u060c\u061b\u061f\u06d4"
    "\u00b7"  # as NFC writes the Greek semicolon, U+0387
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d/\uff0f"  # dashes, hyphens and slashes
)
"""Signs after which another sentence, or the rest of this one, may follow."""
_CLOSING = "\"')]}\u00bb\u203a\u201c\u201d\u2019\u300d\u300f\uff09"
_STOPS = {"zh": "\u3002", "ja": "\u3002", **dict.fromkeys(("hi", "bn", "or", "pa"), "\u0964")}
_COMMAS = {"zh": "\uff0c", "ja": "\u3001", "ar": "\u060c"}
"""The signs that languages have in place of a period and a comma."""

_WAY_TO_LANGUAGE = (
    "set language, such as language: auto, below lightning: in their front matter or in their folder's .meta.yml"
)


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page whose blocks are being collected.

    Attributes:
        uri: Its source, relative to the docs directory, such as `guide/start.md`; empty if only its text is known.
        settings: From its front matter and its folders; None if they are invalid, and then nothing is synthesized.
        read_source: Returns the source's text; called only when a message needs a line number.
        read_tags: Returns what the clip of the whole page says of it; called when MkDocs has read the page.
        way_to_language: How its author sets the language in which it is spoken.
        way_to_silence: How its author has it left out, if there is nothing on it to narrate.
        locate: Finds the line of a wrong setting, and has its message say what is written there; None to look for it in
            the source.
    """

    uri: str
    settings: PageSettings | None
    read_source: Callable[[], str]
    read_tags: Callable[[], PageTags | None] = lambda: None
    way_to_language: str = _WAY_TO_LANGUAGE
    way_to_silence: str = "Remove narrate from it"
    locate: Callable[[SettingError], tuple[SettingError, int | None]] | None = None


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where a block was written. The line is looked up only when a message needs it.

    Attributes:
        page: None for a block outside of any page.
        nth: Counts blocks of the page that begin with the same words, from 0.
    """

    page: SourcePage | None
    origin: Origin
    nth: int

    @property
    def line(self) -> int | None:
        """The line of the block's opener in the page's source, from 1; None if the block is not in that file."""
        if self.page is None:
            return None
        if self.origin.document is None:  # the whole page, or a line that is no opener
            return _unique_lines_of(self.page).get(self.origin.opener) if self.origin.opener else None
        return _lines_of(self.page, self.origin.document)[self.origin.index]

    def __str__(self) -> str:
        if self.page is None:
            return "a block"
        uri, line = printable_path(self.page.uri), self.line
        if not uri:
            return f"line {line}" if line else "a block"
        if line:
            return f"{uri}:{line}"
        return uri if self.origin.document is None else f"{uri} (line not known)"


@dataclass(frozen=True, slots=True)
class SpokenBlock:
    """What one slot plays, and how its player looks. Blocks that look and sound the same share a slot.

    Attributes:
        slot: The slot's name: 12 hexadecimal digits of a hash of all that follows.
        sentences: At least one.
        voice: The block's own, as its author set it, before the engine normalized it.
        voices: The voice of each sentence: the block's own, but for elements with settings of theirs.
        language: Of the text, if the block, its page or the site sets one other than `auto`; else None.
        is_page: True for the player of a whole page.
    """

    slot: str
    sentences: tuple[Sentence, ...]
    voice: Voice
    voices: tuple[Voice, ...]
    clip: Clip
    options: BlockOptions
    language: str | None
    is_page: bool = False

    @property
    def transcript(self) -> str:
        """All sentences, as they are written on the page."""
        return " ".join(sentence.written for sentence in self.sentences)

    @property
    def excerpt(self) -> str:
        """The first words, at most 40 characters."""
        return _first_words(self.sentences[0].written, _EXCERPT)

    @property
    def summary(self) -> str:
        """The text without its headings, a page's title among them, as running text: at most 200 characters."""
        languages = (voice.language for voice in self.voices)
        spoken = zip(self.sentences, languages, strict=True)
        return _first_words(_as_running_text(list(_without_headings(spoken))), _SUMMARY) or self.excerpt

    def clip_by(self, engine: Engine) -> Clip:
        """The clip that another engine would make of the same text; it has no tags of a page."""
        voices = normalize_voices(engine, self.voices)
        return make_clip(self.sentences, engine.name, voices, self.clip.output_format, self.clip.loudness)

    def cues(self, clip: CachedClip, *, with_words: bool = False) -> tuple[Cue, ...]:
        """When each sentence begins and ends in a clip, and each of its words, if they are wanted and known."""
        words = (clip.words or ()) if with_words else ()
        return make_cues(self.sentences, clip.lengths, self.clip.pauses, clip.silences, words)

    def chapters(self, clip: CachedClip) -> tuple[Chapter, ...]:
        """When each heading is spoken in a clip; empty if there are fewer than two."""
        return make_chapters(self.sentences, clip.lengths, self.clip.pauses)

    def captions_name(self, clip: CachedClip) -> str:
        """The name of the WebVTT file. It holds a hash of the text and its rows, as two texts may share a clip."""
        text = "".join(sentence.written + ("\t" if sentence.joins_next else " ") for sentence in self.sentences)
        digest = hashlib.sha256(text.rstrip().encode()).hexdigest()
        return f"{clip.path.stem}-{digest[:8]}.vtt"


@dataclass(frozen=True, slots=True)
class Playback:
    """What a block's player plays.

    Attributes:
        clip: The file that is played.
        cues: When each sentence is spoken.
        chapters: When each heading is; empty if there are fewer than two.
        captions_name: The name of the WebVTT file.
        is_draft: Whether it is a draft by the offline voice.
    """

    clip: CachedClip
    cues: tuple[Cue, ...]
    chapters: tuple[Chapter, ...]
    captions_name: str
    is_draft: bool


@dataclass(frozen=True, slots=True)
class BlockUse:
    """One occurrence of a block in the site."""

    location: SourceLocation
    block: SpokenBlock

    def __str__(self) -> str:
        return f"{self.location} '{printable(self.block.excerpt)}'"


@lru_cache(maxsize=2)  # a page with one diagnostic often has several, and a document inside it its own
def _lines_of(page: SourcePage, document: DocumentOpeners) -> tuple[int | None, ...]:
    from mkdocs_lightning.reading.grammar.source_lines import find_lines

    return find_lines(page.read_source(), document.words)


@lru_cache(maxsize=1)
def _unique_lines_of(page: SourcePage) -> Mapping[str, int]:
    from mkdocs_lightning.reading.grammar.source_lines import unique_lines

    return unique_lines(page.read_source())


def _without_headings(spoken: Iterable[tuple[Sentence, str]]) -> Iterator[tuple[Sentence, str]]:
    """The sentences that are in no heading, each with its language."""
    rest = ""  # of the heading's text
    for sentence, language in spoken:
        if sentence.heading:
            rest = sentence.heading.title
        if rest.startswith(sentence.written):
            rest = rest.removeprefix(sentence.written).lstrip()
        elif not sentence.heading:
            rest = ""
            yield sentence, language


def _as_running_text(spoken: Sequence[tuple[Sentence, str]]) -> str:
    """Sentences in a row, with a sign between two that only the layout tells apart, such as items of a list."""
    *others, last = [sentence.written for sentence, _ in spoken] or [""]
    signs = [_sign_after(sentence, language) for sentence, language in spoken[:-1]]
    return " ".join([*map(str.__add__, others, signs), last])


def _sign_after(sentence: Sentence, language: str) -> str:
    """The sign that a sentence needs before another one; empty if it has one, or goes on there."""
    if sentence.written.rstrip(_CLOSING).endswith(_SIGNS) or sentence.is_pause_fixed or sentence.pause <= Pause.CUT:
        return ""
    return _COMMAS.get(language, ",") if sentence.joins_next else _STOPS.get(language, ".")


def _first_words(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + "…"


@dataclass(frozen=True, slots=True)
class Supply:
    """The clips that a build can publish.

    Attributes:
        cached: Whole clips, by the key of the clip.
        drafts: By the key of a clip that is missing: a clip of the same text from the draft engine.
        report: What was done to get them.
    """

    cached: Mapping[str, CachedClip] = field(default_factory=dict)
    drafts: Mapping[str, CachedClip] = field(default_factory=dict)
    report: BuildReport = field(default_factory=BuildReport)

    def clip_of(self, block: SpokenBlock) -> CachedClip | None:
        """What the block's player plays: its clip, else a draft, else nothing."""
        return self.cached.get(block.clip.key) or self.drafts.get(block.clip.key)

    def playback(self, block: SpokenBlock, *, with_words: bool = False) -> Playback | None:
        """What the block's player plays, with its times; None if it has nothing to play."""
        clip = self.clip_of(block)
        if clip is None:
            return None
        cues = block.cues(clip, with_words=with_words)
        is_draft = block.clip.key not in self.cached
        return Playback(clip, cues, block.chapters(clip), block.captions_name(clip), is_draft)
