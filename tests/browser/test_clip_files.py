"""The files of clips, as a browser decodes them: each as long as its samples, with each sound at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Serve

STARTS = (0.25, 1.5, 2.75)  # seconds
LENGTH = 0.2
HEARD = 0.15  # of full scale; the tone has 0.4
NEAR = 0.001  # seconds: a tone reaches that level after a fraction of its first wave
DECODE = """async ([file, rate, level]) => {
  const audio = new Audio(file);
  audio.preload = "metadata";
  await new Promise((done, failed) => { audio.onloadedmetadata = done; audio.onerror = failed; });
  const bytes = await (await fetch(file)).arrayBuffer();
  const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
  const starts = [];
  let last = -Infinity;
  decoded.getChannelData(0).forEach((sample, at) => {
    if (Math.abs(sample) < level) return;
    if (at - last > rate / 10) starts.push(at / rate);
    last = at;
  });
  return { duration: audio.duration, samples: decoded.length, starts };
}"""


def tones(sample_rate: int, count: int) -> Audio:
    samples = np.zeros(count, np.int16)
    wave = 0.4 * 32767 * np.sin(2 * np.pi * 1000 * np.arange(round(LENGTH * sample_rate)) / sample_rate)
    for start in STARTS:
        samples[round(start * sample_rate) :][: len(wave)] = wave
    return Audio(samples, sample_rate)


@pytest.mark.parametrize("more", [0, 1, 577])
@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
def test_an_mp3_lasts_to_the_sample_and_begins_where_its_samples_do(
    serve: Serve, tab: Page, tmp_path: Path, sample_rate: int, more: int
) -> None:
    """Without its first frame it would begin 25 to 138 ms late."""
    audio = tones(sample_rate, 3 * sample_rate + more)
    (tmp_path / "clip.mp3").write_bytes(encode(audio, OutputFormat.MP3))
    (tmp_path / "index.html").write_text("<!doctype html><title>Page</title>")
    tab.goto(serve(tmp_path))

    decoded: dict[str, Any] = tab.evaluate(DECODE, ["clip.mp3", sample_rate, HEARD])

    assert decoded["samples"] == len(audio.samples)
    assert decoded["duration"] == pytest.approx(audio.duration, abs=2e-6)  # a browser counts in microseconds
    assert decoded["starts"] == pytest.approx(STARTS, abs=NEAR)
