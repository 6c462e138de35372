"""Sentences that are synthesized beside a main thread that never rests, as one that renders pages.

    python -m benchmarks.beside URL requests 224 16    plain `requests` on 16 threads, replies thrown away
    python -m benchmarks.beside URL engine 224 16      ours: replies checked, and stored in a cache

Prints the seconds from the first request to the last sentence. A thread that has let go of the interpreter's lock, as
for a call to the system, may wait 5 ms to have it again; so what counts is how often ours does.
"""

from __future__ import annotations

import argparse
import queue
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from benchmarks.engine import KEY, body
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.engines.lightning import ROUTES, LightningEngine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.policy import Policy
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SAMPLE_RATE = 24000
LOADED_LATE = ("audio.flac", "cache.locks", "engines.lightning_transport")
"""What our engine imports when it is first needed; here, like `requests`, before the clock starts."""


def with_requests(url: str, texts: Sequence[str], concurrency: int) -> Callable[[], bool]:
    """Start to send all texts; tells whether all are done."""
    session = requests.Session()
    session.mount(url, requests.adapters.HTTPAdapter(pool_maxsize=concurrency))
    waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    for text in [*texts, *[None] * concurrency]:
        waiting.put(text)

    def work() -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        while text := waiting.get():
            json = {**body(text), "sample_rate": SAMPLE_RATE}
            reply = session.post(url + ROUTES[0], headers=headers, json=json, timeout=60)
            reply.raise_for_status()
            assert reply.content

    workers = [threading.Thread(target=work, daemon=True) for _ in range(concurrency)]
    for worker in workers:
        worker.start()
    return lambda: not any(worker.is_alive() for worker in workers)


def with_engine(url: str, texts: Sequence[str], concurrency: int, directory: Path) -> Callable[[], bool]:
    """The same with our engine and a cache."""
    cache = Cache(directory)
    voice = resolve_voice(VoiceSettings(sample_rate=SAMPLE_RATE))
    engine = LightningEngine(KEY, url)
    run = Synthesizer(engine, Policy(concurrency=concurrency)).start(cache.store_segment, cache.claim, with_audio=False)
    run.add(Segment(engine.name, voice, text) for text in texts)
    left = len(texts)

    def is_done() -> bool:
        nonlocal left
        for result in run.take():
            assert result.error is None, result.error
            left -= 1
        return not left

    return is_done


def never_rest(is_done: Callable[[], bool]) -> None:
    """Compute until all is done, and look for that a thousand times a second or so."""
    while not is_done():
        for _ in range(20_000):
            pass


def main() -> None:
    """Print the seconds."""
    parser = argparse.ArgumentParser(prog="benchmarks.beside", description="Sentences beside a busy main thread.")
    parser.add_argument("url")
    parser.add_argument("way", choices=["requests", "engine"])
    parser.add_argument("sentences", type=int)
    parser.add_argument("concurrency", type=int)
    given = parser.parse_args()
    for module in LOADED_LATE:
        import_module(f"mkdocs_lightning.{module}")
    texts = [f"This is sentence {number}, as long as those of documentation are." for number in range(given.sentences)]
    with tempfile.TemporaryDirectory() as directory:
        begun = time.perf_counter()
        if given.way == "requests":
            is_done = with_requests(given.url, texts, given.concurrency)
        else:
            is_done = with_engine(given.url, texts, given.concurrency, Path(directory))
        never_rest(is_done)
        print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
