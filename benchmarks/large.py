"""The segments of a large site: made up, all different, of the usual length, and the same in every process."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

import numpy as np

from mkdocs_lightning.audio.flac import to_flac
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.cache.clip_record import segment_name
from mkdocs_lightning.reading.segment import Clip, Segment, make_clip
from mkdocs_lightning.reading.sentences import Pause, Sentence
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL
from mkdocs_lightning.reading.settings.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENTENCES_IN_CLIP = 3

_VOICE = Voice(model=PRO_MODEL, voice_id="kaitlyn")
_THINGS = "server client cache page theme builder index parser schema token worker router".split()
_QUALITIES = "first second remote local current former shared public hidden nested".split()
_DEEDS = "reads the settings of,waits for an answer from,hands its result over to,keeps a copy of".split(",")
_TENTH = 10


def clips_of(segments: int) -> Iterator[Clip]:
    """The clips of so many segments, three in each; the last may have fewer."""
    for first in range(0, segments, SENTENCES_IN_CLIP):
        numbers = range(first, min(first + SENTENCES_IN_CLIP, segments))
        sentences = [Sentence(text, (text,), Pause.SENTENCE) for text in map(text_of, numbers)]
        yield make_clip(sentences, "lightning", [_VOICE] * len(sentences), OutputFormat.MP3)


def segments_of(segments: int) -> Iterator[Segment]:
    """Those segments themselves, in order."""
    return itertools.chain.from_iterable(clip.segments for clip in clips_of(segments))


def text_of(number: int) -> str:
    """A sentence of about 90 characters, like no other."""
    thing, other = _THINGS[number % len(_THINGS)], _THINGS[number // 7 % len(_THINGS)]
    deed, quality = _DEEDS[number // 3 % len(_DEEDS)], _QUALITIES[number // 5 % len(_QUALITIES)]
    return f"In step {number:,}, the {quality} {thing} {deed} the {other}, which then goes on with its own work."


def is_remote(number: int) -> bool:
    """Whether the remote cache has the segment: nine tenths of all."""
    return number % _TENTH != _TENTH - 1


def is_local(number: int) -> bool:
    """Whether the partly filled local cache has it: one tenth of all."""
    return number % _TENTH == 0


def remote_names(segments: int) -> Iterator[str]:
    """What a remote cache has: as many files as there are segments, a tenth of which no segment of ours needs."""
    for number, segment in enumerate(segments_of(segments)):
        is_ours = is_remote(number)
        yield segment_name(segment) if is_ours else f"{hashlib.sha256(str(number).encode()).hexdigest()}.flac"


def fill(root: Path, segments: int) -> None:
    """Fill a local cache partly: with files of eight samples each, as a look-up sees only both ends of a file."""
    any_key = "0" * 64
    file = to_flac(Audio(np.arange(8, dtype=np.int16), _VOICE.sample_rate), any_key)
    for number in filter(is_local, range(segments)):
        segment = Segment("lightning", _VOICE, text_of(number))
        directory = root / "segments" / segment.key[:2]
        directory.mkdir(parents=True, exist_ok=True)
        (directory / segment_name(segment)).write_bytes(file.replace(any_key.encode(), segment.key.encode()))
