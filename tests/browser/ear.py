"""Hears what a tab plays, and sees what its page marks meanwhile, both by the page's own clock.

The samples are those that the `<audio>` puts out, and their times do not come from what the page believes
(`currentTime`, events): a browser stamps each chunk of samples with the time at which it was asked for, less the
time until it is heard, as if it had been recorded. That latency is the same for all chunks, and the least by which
any of them arrives after its stamp; so each is heard twice the latency after its stamp. A busy machine delays the
arrival of some, which does no harm.

`Whistler` is a voice whose sentences can be told apart, in any format and at any speed.
"""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.engines import Engine, TextRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Locator

    from mkdocs_lightning.engines import EngineOptions
    from mkdocs_lightning.reading.settings.voice import Voice

Floats = npt.NDArray[np.float64]

PITCH = re.compile(r"(\d+) hertz")
AMPLITUDE = 0.16  # of a whistle in a clip, of -19 LUFS; full scale is 1
WINDOW = 0.0107  # seconds in which a pitch is looked for
HOP = WINDOW / 4
LASTS = 12  # windows, one after the other, make a whistle: 40 ms; less may be where a seek cuts one
PURE = 0.6  # of a window's power is in the one pitch
FRAME = 1000 / 60  # ms that a browser takes from one picture to the next, if nothing keeps it

_START = """async (audio) => {
  const heard = (window.heard = { chunks: [], frames: [] });
  const stream = audio.captureStream();
  const tracks = new Set();
  const listen = async (track) => {
    if (tracks.has(track)) return;
    tracks.add(track);
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 1000 }).readable.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const { timestamp, sampleRate, numberOfFrames } = chunk.value;
      const samples = new Float32Array(numberOfFrames);
      chunk.value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      heard.chunks.push({ samples, arrival: performance.now(), stamp: timestamp / 1000, rate: sampleRate });
      chunk.value.close();
    }
  };
  stream.onaddtrack = ({ track }) => listen(track); // there is none before it plays
  stream.getAudioTracks().forEach(listen);
  const look = () => {
    const marked = [...document.querySelectorAll(".speak-now")].map((mark) => mark.textContent).join("");
    heard.frames.push([performance.now(), marked]);
    heard.next = requestAnimationFrame(look);
  };
  look();
}"""
_STOP = """() => {
  const { chunks, frames, next } = window.heard;
  cancelAnimationFrame(next);
  const packed = ({ buffer }) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return { frames, chunks: chunks.map((chunk) => ({ ...chunk, samples: packed(chunk.samples) })) };
}"""


class Whistle(NamedTuple):
    """A pitch that is heard.

    Attributes:
        pitch: Hz.
        time: When it begins: ms of `performance.now`, or in a file ms from its start.
        length: ms of it that are heard: without the silence in it, such as that of a browser that cannot keep up.
    """

    pitch: int
    time: float
    length: float


class Frame(NamedTuple):
    """What a page was like when a picture of it was made."""

    time: float  # ms of performance.now
    marked: str  # the text of all that is marked


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples from -1 to 1, each with its time in ms, and their rate in Hz."""

    samples: Floats
    times: Floats
    rate: int

    @classmethod
    def of_file(cls, samples: Floats, rate: int) -> Self:
        """The sound of a file, by its own clock."""
        return cls(samples, np.arange(len(samples)) * 1000 / rate, rate)

    def whistles(self, pitches: Sequence[int]) -> list[Whistle]:
        """What is heard, in its order; silence between two whistles of the same pitch parts none.

        What is not of one pitch, as where a seek cuts the sound, tells nothing.
        """
        size, hop = round(WINDOW * self.rate), round(HOP * self.rate)
        windows = np.lib.stride_tricks.sliding_window_view(self.samples, size)[::hop]
        middles = self.times[size // 2 :: hop]
        power = np.square(windows).mean(axis=1)
        is_loud = power > AMPLITUDE**2 / 4  # half of the window is full: its middle is the edge
        waves = np.exp(-2j * np.pi * np.outer(np.arange(size), pitches) / self.rate)
        shares = 2 * np.square(np.abs(windows @ waves / size)) / np.maximum(power, 1e-9)[:, None]
        found = np.where(is_loud & (shares.max(axis=1) > PURE), shares.argmax(axis=1), -1)
        whistles: list[Whistle] = []
        for run in np.split(np.arange(len(found)), np.flatnonzero(np.diff(found)) + 1):
            if found[run[0]] < 0 or len(run) < LASTS:
                continue
            pitch, length = pitches[found[run[0]]], len(run) * hop * 1000 / self.rate
            if whistles and whistles[-1].pitch == pitch:
                whistles[-1] = whistles[-1]._replace(length=whistles[-1].length + length)
            else:
                whistles.append(Whistle(pitch, float(middles[run[0]]), length))
        return whistles


@dataclass(frozen=True, eq=False)
class Recording:
    """What was heard, and what was seen meanwhile."""

    sound: Sound
    frames: Sequence[Frame]

    def marks(self) -> list[int]:
        """The pitches of the sentences that are marked, one after the other."""
        named = [int(found[1]) for frame in self.frames if (found := PITCH.search(frame.marked))]
        return [pitch for pitch, _ in groupby(named)]

    def lateness(self, heard: Sequence[Whistle]) -> dict[int, float]:
        """For each pitch, ms from its whistle to the first picture where the mark has come to it, or gone beyond.

        A browser that is kept busy makes none for a while, and it is not the mark that is late then: what counts is
        the moment of that while which is nearest to the whistle.
        """
        order = {whistle.pitch: number for number, whistle in enumerate(heard)}
        reached: list[int] = []  # in each picture, the number of the last whistle whose mark has been seen
        for frame in self.frames:
            found = PITCH.search(frame.marked)
            reached.append(order[int(found[1])] if found else reached[-1] if reached else -1)
        if not self.frames[-1].marked:
            last = max(number for number, frame in enumerate(self.frames) if frame.marked)
            reached[last + 1 :] = [len(heard)] * (len(reached) - last - 1)
        times = [*(frame.time for frame in self.frames), math.inf]  # a mark may come after the last picture
        late: dict[int, float] = {}
        for number, whistle in enumerate(heard):
            first = next((at for at, one in enumerate(reached) if one >= number), len(reached))
            latest = times[first]
            earliest = min(latest, times[max(first - 1, 0)] + FRAME)
            late[whistle.pitch] = min(max(whistle.time, earliest), latest) - whistle.time
        return late


class Ear:
    """Listens to an `<audio>` from now on, until `stop`. It may be started before the audio plays."""

    def __init__(self, audio: Locator) -> None:
        self._audio = audio
        audio.evaluate(_START)

    def stop(self) -> Recording:
        """What was heard and seen."""
        noted: dict[str, Any] = self._audio.evaluate(_STOP)
        chunks = noted["chunks"]
        latency = np.percentile([chunk["arrival"] - chunk["stamp"] for chunk in chunks], 5)  # the first has none yet
        pieces = [np.frombuffer(base64.b64decode(chunk["samples"]), "<f4").astype(np.float64) for chunk in chunks]
        times = [
            chunk["stamp"] + 2 * latency + np.arange(len(piece)) * 1000 / chunk["rate"]
            for chunk, piece in zip(chunks, pieces, strict=True)
        ]
        sound = Sound(np.concatenate(pieces), np.concatenate(times), round(chunks[0]["rate"]))
        return Recording(sound, [Frame(*frame) for frame in noted["frames"]])


class Whistler(Engine):
    """An engine, as any other package may bring one: it whistles each text at the pitch that is named in it."""

    name = "whistler"

    @classmethod
    def from_options(cls, _options: EngineOptions) -> Self:
        return cls()

    def price_per_character(self, _voice: Voice) -> float | None:
        return 0.0

    def synthesize(self, text: str, voice: Voice) -> Audio:
        named = PITCH.search(text)
        if named is None:
            raise TextRefusedError(f"{text!r} does not name its pitch")
        seconds = sum(character.isalnum() for character in text) / 56  # near the fastest that may be
        at = np.arange(round(seconds * voice.sample_rate)) / voice.sample_rate
        wave = AMPLITUDE * 32767 * np.sin(2 * np.pi * int(named[1]) * at)
        return Audio(wave.astype(np.int16), voice.sample_rate)
