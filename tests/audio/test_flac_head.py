"""What the two ends of a segment's file tell, without decoding it."""

from __future__ import annotations

import numpy as np
import pytest

from mkdocs_lightning.audio.flac import from_flac, to_flac
from mkdocs_lightning.audio.flac_head import HEAD_BYTES, TAIL_BYTES, may_be_whole
from mkdocs_lightning.audio.samples import Audio

KEY = "0a" * 32
RATE = 24000
SOUND = Audio(np.random.default_rng(1).integers(-9000, 9000, 3 * RATE, np.int16), RATE)
FILE = to_flac(SOUND, KEY)


def judged(data: bytes, key: str = KEY, rate: int = RATE) -> bool:
    return may_be_whole(data[:HEAD_BYTES], data[-TAIL_BYTES:], key, rate)


@pytest.mark.parametrize("seconds", [0.01, 0.2, 1, 3])
@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100])
def test_a_whole_file_may_be_whole(rate: int, seconds: float) -> None:
    sound = Audio(np.resize(SOUND.samples, round(rate * seconds)), rate)
    pauses = Audio(np.concatenate([sound.samples, np.zeros(rate, np.int16), sound.samples]), rate)
    for audio in (sound, pauses):
        assert judged(to_flac(audio, KEY), rate=rate)


SIZES = [0, 1, 4, 41, 42, 100, HEAD_BYTES, *(len(FILE) * tenth // 10 for tenth in range(1, 10)), len(FILE) - 9000]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_that_was_cut_is_not(size: int) -> None:
    assert from_flac(FILE[:size], KEY) is None
    assert not judged(FILE[:size])


def test_what_is_no_flac_or_another_sentence_is_not() -> None:
    assert not judged(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n")
    assert not judged(bytes(len(FILE)))
    assert not judged(b"fLaC" + bytes(len(FILE)))
    assert not judged(FILE, key="0b" * 32)
    assert not judged(FILE, rate=8000)
