"""The way from a reply to a stored sentence and to its clip, step by step: milliseconds of processor time a sentence.

    python -m benchmarks.steps

Each step is done alone, on one thread, with a sentence of 6 s at 24 kHz from the local service; the median counts. A
clip has two sentences. (The encoder of the clip has rows of its own in `benchmarks.build`.)
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import KEY, service
from mkdocs_lightning.audio.codec import decode, encode
from mkdocs_lightning.audio.flac import from_flac, to_flac
from mkdocs_lightning.audio.formats import DEFAULT_LOUDNESS, OutputFormat
from mkdocs_lightning.audio.mastering.finish import finish
from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.audio.silences import find_silences
from mkdocs_lightning.cache.clip_record import ClipTimes
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.engines.lightning import LightningEngine
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_lightning.audio.samples import Audio

RUNS = 100
VOICE = resolve_voice(VoiceSettings(sample_rate=24000))
TEXT = "This is a sentence of documentation, which is as long as most are, and lasts for nearly six seconds."
MP3_BYTES = 48_000


class Steps:
    """What each step needs of those before it."""

    def __init__(self, url: str, directory: Path) -> None:
        self.engine = LightningEngine(KEY, url)
        self.cache = Cache(directory)
        self.segments = [Segment("lightning", VOICE, f"{number}: {TEXT}") for number in range(2 * RUNS)]
        self.audio = self.ask()
        self.content = encode(self.audio, OutputFormat.WAV)
        self.flac = to_flac(self.audio, self.segments[0].key)
        self.clip = Clip(tuple(self.segments[:2]), (0.1,), OutputFormat.MP3)

    def ask(self) -> Audio:
        """Send a request, read its reply, and decode it."""
        return self.engine.synthesize(self.segments[0].text, VOICE)

    def claim(self) -> None:
        """Claim a segment, and give it up."""
        with self.cache.claim(self.segments.pop(), threading.Event()):
            pass

    def write(self) -> None:
        """Write a segment's file."""
        segment = self.segments.pop()
        path = self.cache.files.root / "segments" / segment.key[:2] / f"{segment.key}.flac"
        self.cache.files.write(path, self.flac)

    def store_clip(self) -> None:
        """Write a clip and its record."""
        self.cache.store_clip(self.clip, b"x" * MP3_BYTES, ClipTimes(duration=12.0, lengths=(6.0, 6.0)))


def milliseconds(step: Callable[[], object]) -> float:
    """Of processor time, on this thread."""
    spent = []
    for _ in range(RUNS):
        begun = time.thread_time()
        step()
        spent.append(time.thread_time() - begun)
    return 1000 * statistics.median(spent)


def main() -> None:
    """Print the table."""
    with service(0) as url, tempfile.TemporaryDirectory() as directory:
        steps = Steps(url, Path(directory))
        key, audio = steps.segments[0].key, steps.audio
        decoding = milliseconds(lambda: decode(steps.content))
        sentence = {
            "claim the sentence, and look for room": milliseconds(steps.claim),
            "send the request, read the reply": milliseconds(steps.ask) - decoding,
            "decode it": decoding,
            "check it against its text": milliseconds(
                lambda: check(audio, text=TEXT, sample_rate=VOICE.sample_rate, speed=1.0)
            ),
            "encode it as FLAC": milliseconds(lambda: to_flac(audio, key)),
            "write and flush the file": milliseconds(steps.write),
        }
        clip = {
            "read and decode FLAC (where its samples are no longer in memory)": milliseconds(
                lambda: from_flac(steps.flac, key)
            ),
            "trim, join and bring to one loudness": milliseconds(
                lambda: finish([audio, audio], ["", ""], [0.1], DEFAULT_LOUDNESS)
            )
            / 2,
            "find silences": milliseconds(lambda: find_silences(audio)),
            "write the clip and its record": milliseconds(steps.store_clip) / 2,
        }
    print(f"{audio.duration:.1f} s of audio\n")
    for name, steps_of in (("to a stored sentence", sentence), ("and to its clip, without the encoder", clip)):
        for step, spent in steps_of.items():
            print(f"| {step} | {spent:.2f} ms |")
        print(f"| **{name}** | {sum(steps_of.values()):.2f} ms |")


if __name__ == "__main__":
    main()
