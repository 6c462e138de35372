"""A clip is made of what has just arrived, as far as there is room for it; the rest is read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.codec import decode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.engines import Engine, TextRefusedError
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.synthesis import clip_builder
from mkdocs_lightning.synthesis.clip_builder import ArrivedAudio, ClipBuilder
from mkdocs_lightning.synthesis.policy import Policy
from tests.support.segments import SOUND, VOICE

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_lightning.reading.settings.voice import Voice

SEGMENTS = [Segment("lightning", VOICE, f"This is sentence number {number}.") for number in range(4)]
FIRST, SECOND = (
    Clip(tuple(SEGMENTS[:2]), (0.1,), OutputFormat.WAV),
    Clip(tuple(SEGMENTS[1:3]), (0.1,), OutputFormat.WAV),
)
SIZE = SOUND.samples.nbytes


def held(arrived: ArrivedAudio, clip: Clip) -> list[str]:
    """The texts of what is held of a clip."""
    audio = arrived.take(clip)
    return [segment.text for segment in clip.segments if segment.key in audio]


def texts(clip: Clip) -> list[str]:
    return [segment.text for segment in clip.segments]


def test_what_a_clip_waits_for_is_held_until_it_is_taken() -> None:
    arrived = ArrivedAudio()
    arrived.want(FIRST)
    for segment in SEGMENTS:
        arrived.add(segment, SOUND)
    assert held(arrived, FIRST) == texts(FIRST)
    arrived.want(FIRST)
    assert held(arrived, FIRST) == [], "it was let go"


def test_what_two_clips_wait_for_is_held_for_both() -> None:
    arrived = ArrivedAudio()
    arrived.want(FIRST)
    arrived.want(SECOND)
    for segment in SEGMENTS:
        arrived.add(segment, SOUND)
    assert held(arrived, FIRST) == texts(FIRST)
    assert held(arrived, SECOND) == texts(SECOND)


def test_there_is_room_for_so_much_and_again_when_it_was_taken() -> None:
    arrived = ArrivedAudio(max_bytes=2 * SIZE)
    for _ in range(3):
        for clip in (FIRST, SECOND):
            arrived.want(clip)
        for segment in [*SEGMENTS, *SEGMENTS]:  # a second time, it is held already
            arrived.add(segment, SOUND)
        assert held(arrived, FIRST) == texts(FIRST)
        assert held(arrived, SECOND) == texts(SECOND)[:1]


class OwnEngine(Engine):
    """Speaks noise; refuses one text."""

    name = "lightning"

    def __init__(self, refused: str = "") -> None:
        self._refused = refused

    def synthesize(self, text: str, voice: Voice) -> Audio:
        if text == self._refused:
            raise TextRefusedError("this text is refused")
        noise = np.random.default_rng(len(text)).integers(-9000, 9000, 2 * voice.sample_rate, np.int16)
        return Audio(noise, voice.sample_rate)


class CountingCache(Cache):
    """Counts the segments that are read from their files."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read: list[str] = []

    def read_segment(self, segment: Segment) -> Audio | None:
        audio = super().read_segment(segment)
        if audio is not None:
            self.read.append(segment.text)
        return audio


def build(cache: Cache, engine: Engine) -> tuple[dict[str, bytes], ClipBuilder]:
    """Have two clips built that share a segment; their files, by their keys."""
    builder = ClipBuilder(engine, Policy(), cache)
    builder.request([FIRST, SECOND], SEGMENTS[:3])
    list(builder.results())
    clips = builder.collect().clips
    builder.close(is_urgent=False)
    return {key: clip.path.read_bytes() for key, clip in clips.items()}, builder


def test_a_clip_is_built_without_reading_back_what_has_just_arrived(tmp_path: Path) -> None:
    cache = CountingCache(tmp_path / "arrived")
    built, _ = build(cache, OwnEngine())
    assert cache.read == []
    assert set(built) == {FIRST.key, SECOND.key}

    other = CountingCache(tmp_path / "read")
    for segment in SEGMENTS[:3]:
        other.store_segment(segment, OwnEngine().synthesize(segment.text, VOICE))
    builder = ClipBuilder(OwnEngine(), Policy(), other)
    builder.request([FIRST, SECOND], [])
    clips = builder.collect().clips
    builder.close(is_urgent=False)
    assert sorted(other.read) == sorted(texts(FIRST) + texts(SECOND))
    assert built == {key: clip.path.read_bytes() for key, clip in clips.items()}


def test_what_there_is_no_room_for_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_builder, "ArrivedAudio", lambda: ArrivedAudio(max_bytes=0))
    cache = CountingCache(tmp_path)
    built, _ = build(cache, OwnEngine())
    assert sorted(cache.read) == sorted(texts(FIRST) + texts(SECOND))
    assert decode(built[FIRST.key]).duration == pytest.approx(4.1)


def test_what_a_clip_that_failed_waited_for_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = ArrivedAudio(max_bytes=3 * 2 * 2 * VOICE.sample_rate)  # room for the three
    monkeypatch.setattr(clip_builder, "ArrivedAudio", lambda: arrived)
    built, _ = build(Cache(tmp_path), OwnEngine(refused=SEGMENTS[2].text))
    assert set(built) == {FIRST.key}
    arrived.want(FIRST)
    arrived.want(SECOND)
    assert (held(arrived, FIRST), held(arrived, SECOND)) == ([], [])
