"""From segments to a clip: made once, from all of its segments, or not at all."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.codec import decode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.clip_file import find_or_build_clip

if TYPE_CHECKING:
    from pathlib import Path

VOICE = resolve_voice(VoiceSettings(sample_rate=8000))
SEGMENTS = tuple(Segment("lightning", VOICE, f"Sentence {number}.") for number in range(3))
CLIP = Clip((*SEGMENTS, SEGMENTS[0]), (0.25, 0.6, 0.06), OutputFormat.WAV, loudness=None)


def sound_of(segment: Segment) -> Audio:
    """Each segment has a level and a length of its own."""
    number = SEGMENTS.index(segment)
    return Audio(np.full(800 + 80 * number, 1000 * (number + 1), np.int16), 8000)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    cache = Cache(tmp_path)
    for segment in SEGMENTS:
        cache.store_segment(segment, sound_of(segment))
    return cache


def segment_file(root: Path, segment: Segment) -> Path:
    (path,) = root.glob(f"segments/*/{segment.key}.flac")
    return path


def test_a_clip_is_its_segments_in_their_order_with_pauses(cache: Cache) -> None:
    stored = find_or_build_clip(CLIP, cache)

    assert stored
    whole = decode(stored.path.read_bytes())
    assert stored.duration == whole.duration == (800 + 2000 + 880 + 4800 + 960 + 480 + 800) / 8000
    assert stored.lengths == (800 / 8000, 880 / 8000, 960 / 8000, 800 / 8000)
    steady = np.flatnonzero(np.diff(whole.samples) == 0)  # all but the fades
    assert [level for level, _ in itertools.groupby(whole.samples[steady])] == [1000, 0, 2000, 0, 3000, 0, 1000]


def test_a_clip_is_made_once(cache: Cache, tmp_path: Path) -> None:
    made = find_or_build_clip(CLIP, cache)
    assert made
    before = made.path.stat().st_ino, made.path.stat().st_mtime_ns
    for segment in SEGMENTS:  # of which nothing more is needed
        segment_file(tmp_path, segment).unlink()

    found = find_or_build_clip(CLIP, Cache(tmp_path))

    assert found == made
    assert (made.path.stat().st_ino, made.path.stat().st_mtime_ns) == before


@pytest.mark.parametrize("missing", range(3))
def test_a_clip_that_lacks_a_segment_is_not_made(cache: Cache, tmp_path: Path, missing: int) -> None:
    segment_file(tmp_path, SEGMENTS[missing]).unlink()
    assert find_or_build_clip(CLIP, cache) is None
    assert not list(tmp_path.glob("clips/*/*"))


def test_all_damaged_segments_are_set_aside_at_once(cache: Cache, tmp_path: Path) -> None:
    """So that one more round of synthesis makes all of them again."""
    for segment in (SEGMENTS[0], SEGMENTS[2]):
        segment_file(tmp_path, segment).write_bytes(b"damaged")

    assert find_or_build_clip(CLIP, cache) is None

    assert [cache.has_segment(segment) for segment in SEGMENTS] == [False, True, False]
    assert len(cache.damaged) == 2
    assert not list(tmp_path.glob("clips/*/*"))


def test_a_damaged_clip_is_made_again_from_its_segments(cache: Cache) -> None:
    made = find_or_build_clip(CLIP, cache)
    assert made
    whole = made.path.read_bytes()
    made.path.write_bytes(whole[:-1])

    assert find_or_build_clip(CLIP, cache) == made
    assert made.path.read_bytes() == whole
