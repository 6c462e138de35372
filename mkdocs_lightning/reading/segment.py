"""Keys: which segments and clips are the same, so that nothing is paid for, or encoded, twice.

A key depends on everything that can be heard and on nothing else: no page, path, API key, base URL or version of this
package. A field that is added later must not change the keys of segments with its default (see `audible_settings`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass, field, replace
from itertools import accumulate, pairwise
from textwrap import shorten
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.audio.formats import DEFAULT_LOUDNESS
from mkdocs_lightning.audio.tags.tags import ChapterTag, PageTags, Tags
from mkdocs_lightning.reading.sentences import Pause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.reading.sentences import Sentence
    from mkdocs_lightning.reading.settings.voice import Voice

FEWEST_CHAPTERS = 2
"""A single chapter tells a listener nothing."""

_TITLE_LENGTH = 60  # characters

WordTimes: TypeAlias = "tuple[tuple[int, float], ...]"
"""The words of a segment: the index of each in the segment's text, and the second at which it begins, in order. Empty
if they are not known."""

KEY_VERSION = 1
"""Of segments."""

CLIP_VERSION = 2
"""Of clips: how sentences become a clip, as far as nothing else in the key tells it."""

_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)  # created once, as a site has thousands of keys


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence, or a part of a long one, in one voice: the unit that is requested, paid for, cached and shared.

    Attributes:
        engine: The name of the engine.
        voice: The voice, as the engine normalized it.
        text: The text that is sent. Its length is billed.
        key: The hash of all of these: 64 hexadecimal digits.
    """

    engine: str
    voice: Voice
    text: str
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = {"version": KEY_VERSION, "engine": self.engine, "text": self.text, **audible_settings(self.voice)}
        object.__setattr__(self, "key", _digest(parts))


@dataclass(frozen=True, slots=True)
class Clip:
    """The audio file of a block or page: its segments joined with pauses.

    Attributes:
        segments: One or more, in the order of the script.
        pauses: Seconds of silence between the segments; one fewer than segments.
        output_format: The format of the file.
        loudness: LUFS of the whole; None leaves each sentence as it was synthesized.
        tags: What its file says of the page, if it belongs to one alone.
        key: The hash of all of these: 64 hexadecimal digits.
    """

    segments: tuple[Segment, ...]
    pauses: tuple[float, ...]
    output_format: OutputFormat
    loudness: float | None = DEFAULT_LOUDNESS
    tags: PageTags | None = None
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts: dict[str, object] = {
            "version": CLIP_VERSION,
            "segments": [segment.key for segment in self.segments],
            "pauses_ms": [round(pause * 1000) for pause in self.pauses],
            "format": self.output_format.value,
            "encoder": self.output_format.encoder,
            "loudness": None if self.loudness is None else float(self.loudness),
        }
        if self.tags:
            parts["tags"] = astuple(self.tags)
        object.__setattr__(self, "key", _digest(parts))

    @property
    def file_name(self) -> str:
        """The name of the file in the cache and in the site."""
        return self.key[:32] + self.output_format.suffix

    @property
    def speakers(self) -> tuple[tuple[str, ...], ...]:
        """Who speaks each segment: equal where one gain serves for two."""
        voices = ((segment.engine, segment.voice) for segment in self.segments)
        return tuple((engine, voice.model, voice.voice_id, voice.language) for engine, voice in voices)

    def file_tags(self, lengths: Sequence[float]) -> Tags:
        """What the file says of itself. Without a page, its first words are its title.

        Args:
            lengths: Seconds of each segment, without the pauses.
        """
        about = self.tags or PageTags(shorten(self.segments[0].text, _TITLE_LENGTH, placeholder="…"))
        starts = [0.0, *accumulate(length + pause for length, pause in zip(lengths, (*self.pauses, 0.0), strict=True))]
        edges = [*(starts[number] for number, _ in about.chapters), starts[-1]]
        languages = {segment.voice.language for segment in self.segments}
        return Tags(
            title=about.title,
            site=about.site,
            url=about.url,
            language=languages.pop() if len(languages) == 1 and languages != {"auto"} else "",
            chapters=tuple(
                ChapterTag(start, end, title)
                for (start, end), (_, title) in zip(pairwise(edges), about.chapters, strict=True)
            ),
        )


def make_clip(
    sentences: Sequence[Sentence],
    engine: str,
    voices: Sequence[Voice],
    output_format: OutputFormat,
    loudness: float | None = DEFAULT_LOUDNESS,
) -> Clip:
    """The clip of a script.

    The usual pauses follow the speed of the voice before them; those that an author has set do not.

    Args:
        sentences: At least one.
        engine: The engine's name.
        voices: The voice of each sentence, as the engine normalized it.
        output_format: The format of the clip's file.
        loudness: LUFS of the whole; None leaves each sentence as it was synthesized.
    """
    spoken = list(zip(sentences, voices, strict=True))
    segments = tuple(Segment(engine, voice, part) for sentence, voice in spoken for part in sentence.parts)
    pauses = [pause for sentence, voice in spoken for pause in _pauses(sentence, voice.speed)]
    return Clip(
        segments=segments,
        pauses=tuple(pauses[:-1]),
        output_format=output_format,
        loudness=loudness,
    )


def clip_of_page(clip: Clip, sentences: Sequence[Sentence], tags: PageTags) -> Clip:
    """The clip that belongs to one page alone.

    Args:
        clip: Of the page's script.
        sentences: The script; its headings become chapters.
        tags: Without chapters.
    """
    return replace(clip, tags=replace(tags, chapters=_chapters(sentences)))


def _chapters(sentences: Sequence[Sentence]) -> tuple[tuple[int, str], ...]:
    """The headings with the numbers of their first segments: none, or at least two."""
    firsts = accumulate((len(sentence.parts) for sentence in sentences), initial=0)
    found = [
        (first, sentence.heading.title) for first, sentence in zip(firsts, sentences, strict=False) if sentence.heading
    ]
    return tuple(found) if len(found) >= FEWEST_CHAPTERS else ()


def _pauses(sentence: Sentence, speed: float) -> list[float]:
    """The seconds of silence after each part of a sentence."""
    last = sentence.pause if sentence.is_pause_fixed else sentence.pause / speed
    return [round(pause) / 1000 for pause in (*[Pause.CUT / speed] * (len(sentence.parts) - 1), last)]


def audible_settings(voice: Voice) -> dict[str, object]:
    """The settings of a voice by name: its part of a key. Those whose default means "not used" are left out then."""
    parts: dict[str, object] = {
        "model": voice.model,
        "voice_id": voice.voice_id,
        "language": voice.language,
        "speed": float(voice.speed),
        "sample_rate": voice.sample_rate,
    }
    if voice.pronunciation_dicts:
        parts["pronunciation_dicts"] = list(voice.pronunciation_dicts)
    if voice.number_pronunciation_language:
        parts["number_pronunciation_language"] = voice.number_pronunciation_language
    if voice.math_notation:
        parts["math_notation"] = True
    return parts


def _digest(parts: Mapping[str, object]) -> str:
    return hashlib.sha256(_CANONICAL.encode(parts).encode(errors="surrogatepass")).hexdigest()
