"""What a clip sounds like: one loudness, whoever speaks, and pauses that are what they say."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.formats import DEFAULT_LOUDNESS, LOUDEST, SOFTEST, OutputFormat
from mkdocs_lightning.audio.mastering.edges import MARGIN
from mkdocs_lightning.audio.mastering.finish import Finished, finish
from mkdocs_lightning.audio.mastering.loudness import LoudnessMeter
from mkdocs_lightning.audio.samples import Audio, resample
from tests.support.loudness import measure, needs_ffmpeg
from tests.support.speech import speech, with_silence

if TYPE_CHECKING:
    from pathlib import Path

TARGET = DEFAULT_LOUDNESS
DIALOG = [
    ("a", -12.0, 2.4),
    ("b", -31.0, 3.1),
    ("a", -14.5, 0.7),
    ("b", -28.0, 0.3),
    ("c", -3.0, 5.0),
    ("a", -9.0, 1.0),
]
"""Who speaks, at which peak in dBFS, for how many seconds."""
PAUSES = (0.4, 0.7, 0.1, 1.5, 0.4)


def dialog(sample_rates: tuple[int, ...] = (24000,)) -> list[Audio]:
    return [
        with_silence(speech(seconds, level, sample_rates[number % len(sample_rates)], seed=ord(voice)), 0.3, 0.4)
        for number, (voice, level, seconds) in enumerate(DIALOG)
    ]


def finished(parts: list[Audio], loudness: float | None = TARGET) -> Finished:
    return finish(parts, [voice for voice, _, _ in DIALOG][: len(parts)], PAUSES[: len(parts) - 1], loudness)


def spans_of(clip: Finished, pauses: tuple[float, ...] = PAUSES) -> list[tuple[int, int]]:
    """Where each sentence is in a clip, by the lengths that go into its record."""
    spans, at = [], 0.0
    for length, pause in zip(clip.lengths, (*pauses, 0.0), strict=False):
        spans.append((round(at * clip.audio.sample_rate), round((at + length) * clip.audio.sample_rate)))
        at += length + pause
    return spans


def loudness_of_sentences(clip: Finished) -> list[float]:
    meter = LoudnessMeter(clip.audio, spans_of(clip))
    return [found for number in range(len(clip.sentences)) if (found := meter.of_parts([number])) is not None]


@needs_ffmpeg
@pytest.mark.parametrize("output_format", OutputFormat)
def test_a_clip_of_three_voices_has_one_loudness_in_every_format(output_format: OutputFormat, tmp_path: Path) -> None:
    path = tmp_path / f"clip{output_format.suffix}"
    clip = finished(dialog())
    path.write_bytes(encode(clip.audio, output_format))

    measured = measure(path)

    assert measured.loudness == pytest.approx(TARGET, abs=0.5)
    assert measured.peak <= -1.0


def test_a_sentence_is_less_than_one_lu_from_its_neighbour() -> None:
    found = loudness_of_sentences(finished(dialog()))
    assert len(found) == len(DIALOG)
    assert max(abs(one - other) for one, other in pairwise(found)) < 1.0


def test_a_voice_keeps_what_is_small_of_its_dynamics() -> None:
    """A sentence that is a little softer than the one before it stays so."""
    parts = [speech(2.0, -10.0), speech(2.0, -10.6)]
    clip = finish(parts, ["a", "a"], [0.4], TARGET)

    meter = LoudnessMeter(clip.audio, spans_of(clip, (0.4,)))
    first, second = meter.of_parts([0]), meter.of_parts([1])
    assert first is not None
    assert second is not None
    assert first - second == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("loudness", [SOFTEST, -23.0, -16.0])
def test_the_loudness_is_what_was_asked_for(loudness: float) -> None:
    clip = finished(dialog(), loudness)
    assert LoudnessMeter(clip.audio, []).of_all() == pytest.approx(loudness, abs=0.3)


@pytest.mark.parametrize("loudness", [TARGET, LOUDEST])
def test_where_both_cannot_be_had_the_peak_is_held(loudness: float) -> None:
    """A voice of clicks: soft, with high peaks."""
    samples = speech(4.0, -40).samples.copy()
    samples[::300] = 20000
    clip = finish([Audio(samples, 24000)], ["a"], [], loudness)

    assert np.abs(clip.audio.samples.astype(int)).max() <= 32767 * 10 ** (-1 / 20)
    whole = LoudnessMeter(clip.audio, []).of_all()
    assert whole is not None
    assert whole < loudness - 0.5


def test_none_leaves_the_samples_as_they_are() -> None:
    parts = [speech(1.0, -12.0), speech(1.0, -31.0, seed=2)]
    clip = finish(parts, ["a", "b"], [0.4], None)

    for (start, stop), part in zip(spans_of(clip, (0.4,)), parts, strict=True):
        fade = 240
        np.testing.assert_array_equal(clip.audio.samples[start + fade : stop - fade], part.samples[fade:-fade])


def test_a_pause_is_what_it_says() -> None:
    parts = dialog()
    clip = finished(parts)

    for length, (_, _, seconds) in zip(clip.lengths, DIALOG, strict=True):
        assert length == pytest.approx(seconds, abs=2 * MARGIN + 0.011)
    assert clip.audio.duration == pytest.approx(sum(clip.lengths) + sum(PAUSES), abs=0.001)
    for (_, stop), (start, _) in pairwise(spans_of(clip)):
        assert not clip.audio.samples[stop + 1 : start - 1].any()


@pytest.mark.parametrize(
    "parts",
    [
        [Audio(np.zeros(0, np.int16), 24000)],
        [Audio(np.zeros(24000, np.int16), 24000)],
        [Audio(np.array([1], np.int16), 24000)],
        [Audio(np.zeros(3000, np.int16), 24000), speech(0.3, -20)],
    ],
    ids=["nothing", "silence", "one sample", "silence and a word"],
)
def test_silence_and_nothing_have_a_clip(parts: list[Audio]) -> None:
    clip = finished(parts)

    assert len(clip.audio.samples) >= sum(len(part.samples) for part in clip.sentences)
    if len(parts) == 1:
        np.testing.assert_array_equal(clip.audio.samples, finished(parts, None).audio.samples)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.39, 0.41, 1.0])
def test_a_short_sentence_alone_has_the_loudness(seconds: float) -> None:
    clip = finish([with_silence(speech(seconds, -33), 0.2, 0.2)], ["a"], [], TARGET)
    assert LoudnessMeter(clip.audio, []).of_all() == pytest.approx(TARGET, abs=0.5)


def test_voices_of_other_sample_rates_are_brought_to_it_as_well() -> None:
    found = loudness_of_sentences(finished(dialog((24000, 8000, 44100))))
    assert max(found) - min(found) < 1.0


def test_a_clip_does_not_depend_on_others() -> None:
    first, again = (finished(dialog()) for _ in range(2))
    finished([resample(part, 16000) for part in dialog()])
    np.testing.assert_array_equal(first.audio.samples, again.audio.samples)
