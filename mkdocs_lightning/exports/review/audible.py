"""What can be heard of a clip: all of it, or those of its sentences that are cached. Nothing is synthesized."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from mkdocs_lightning.player.captions import sentence_times
from mkdocs_lightning.synthesis.clip_file import find_or_build_clip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.reading.segment import Clip, Segment
    from mkdocs_lightning.reading.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Audible:
    """The audio of a clip, or of a part of it.

    Attributes:
        cached: The file and its times.
        times: Start and end of the sentences that it has, in seconds, by their number in the script.
        is_whole: Whether it has all of them.
    """

    cached: CachedClip
    times: dict[int, tuple[float, float]]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence of a script, with its part of a clip.

    Attributes:
        number: Its place in the script.
        segments: One for each of its parts.
        pauses: Seconds of silence after each segment.
    """

    number: int
    sentence: Sentence
    segments: tuple[Segment, ...]
    pauses: tuple[float, ...]


def make_audible(
    clip: Clip, sentences: Sequence[Sentence], cached: CachedClip | None, cache: Cache, scratch: Cache
) -> Audible | None:
    """Find what can be heard of a clip, and join it if there is no file of it yet.

    Args:
        clip: Of a block or page.
        sentences: Its script.
        cached: Its file; None if there is none.
        cache: Has the audio of its sentences; it is only read, but for damaged files, which it moves away.
        scratch: Stores a file that is made for the review alone.

    Returns:
        None if no sentence is cached.

    Raises:
        StoreError: `scratch` cannot be written.
    """
    spoken = list(spoken_sentences(clip, sentences))
    if cached is not None:
        return _audible(clip, cached, spoken, is_whole=True)
    audio = _audio_of(clip, cache)
    heard = [one for one in spoken if all(segment.key in audio for segment in one.segments)]
    if not heard:
        return None
    is_whole = len(heard) == len(spoken)
    part = clip if is_whole else _part(clip, heard)
    built = find_or_build_clip(part, scratch, audio)
    return _audible(part, built, heard, is_whole=is_whole) if built else None


def _audio_of(clip: Clip, cache: Cache) -> dict[str, Audio]:
    distinct = {segment.key: segment for segment in clip.segments}
    return {key: audio for key, segment in distinct.items() if (audio := cache.read_segment(segment)) is not None}


def spoken_sentences(clip: Clip, sentences: Sequence[Sentence]) -> Iterator[SpokenSentence]:
    """The sentences of a script, each with its part of the clip."""
    segments, pauses = iter(clip.segments), iter((*clip.pauses, 0.0))
    for number, sentence in enumerate(sentences):
        count = len(sentence.parts)
        yield SpokenSentence(number, sentence, tuple(islice(segments, count)), tuple(islice(pauses, count)))


def _part(clip: Clip, heard: Sequence[SpokenSentence]) -> Clip:
    """The clip of some of its sentences; it belongs to no page, so it has no tags of one."""
    segments = tuple(segment for one in heard for segment in one.segments)
    pauses = [pause for one in heard for pause in one.pauses]
    return replace(clip, segments=segments, pauses=tuple(pauses[:-1]), tags=None)


def _audible(clip: Clip, cached: CachedClip, spoken: Sequence[SpokenSentence], *, is_whole: bool) -> Audible:
    times = sentence_times([one.sentence for one in spoken], cached.lengths, clip.pauses)
    return Audible(cached, {one.number: time for one, time in zip(spoken, times, strict=True)}, is_whole)
