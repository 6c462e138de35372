"""What encoding costs: processor time for 27 s of speech in each format, and what threads gain.

    python -m benchmarks.encoding

The offline voice speaks the first sentences of the documentation. Beside MP3 stands what libsndfile takes for it, which
encodes it with LAME's quality 3, at the same bit rate.
"""

from __future__ import annotations

import io
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from benchmarks.paper import prose
from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL
from mkdocs_lightning.reading.settings.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 24000  # Hz
SECONDS = 27
MINUTE = 60
TRIES = 7
FORMATS = (OutputFormat.MP3, OutputFormat.OPUS, OutputFormat.FLAC, OutputFormat.WAV)


def speech(seconds: float) -> Audio:
    """So much of what the offline voice makes of the documentation, one sentence after the other."""
    engine = OfflineEngine()
    voice = engine.normalize_voice(Voice(model=PRO_MODEL, voice_id="kaitlyn", sample_rate=RATE))
    count, pieces = round(seconds * RATE), []
    for text in prose():
        pieces.append(engine.synthesize(text, voice).samples)
        if sum(map(len, pieces)) >= count:
            break
    engine.close()
    return Audio(np.concatenate(pieces)[:count], RATE)


def mp3_of_libsndfile(audio: Audio) -> bytes:
    """MP3 at the same bit rate."""
    file = io.BytesIO()
    options = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT", "compression_level": 0.6}
    soundfile.write(file, audio.samples, audio.sample_rate, **options)
    return file.getvalue()


def processor_seconds(work: Callable[[], object]) -> float:
    """Of several tries, the median."""

    def one() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return statistics.median(one() for _ in range(TRIES))


def wall_seconds(threads: int, audio: Audio) -> float:
    """To encode the audio as MP3 once on each thread: of several tries, the shortest."""

    def one() -> float:
        with ThreadPoolExecutor(threads) as pool:
            start = time.perf_counter()
            list(pool.map(lambda _: encode(audio, OutputFormat.MP3), range(threads)))
            return time.perf_counter() - start

    return min(one() for _ in range(TRIES))


def main() -> None:
    """Print the tables."""
    audio = speech(SECONDS)
    encoders: dict[str, Callable[[], bytes]] = {"mp3 by libsndfile": partial(mp3_of_libsndfile, audio)}
    encoders |= {known.value: partial(encode, audio, known) for known in FORMATS}
    print(f"| {SECONDS} s of speech | processor | times real time | bytes |\n| --- | --- | --- | --- |")
    for name, work in encoders.items():
        seconds = processor_seconds(work)
        print(f"| {name} | {seconds * 1000:.0f} ms | {SECONDS / seconds:.0f} | {len(work()):,} |")
    minute = Audio(np.resize(audio.samples, MINUTE * RATE), RATE)
    one, two = (wall_seconds(threads, minute) for threads in (1, 2))
    print(f"\nOne minute as MP3 on one thread: {one:.2f} s; two minutes on two threads: {two:.2f} s.")


if __name__ == "__main__":
    main()
