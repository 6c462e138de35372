"""Sentences that are synthesized beside a main thread that never rests, as one that renders pages.

    python -m benchmarks.beside URL requests    plain `requests` on threads, replies thrown away
    python -m benchmarks.beside URL engine      ours: replies checked, and stored in a cache

Prints the seconds from the first request to the last sentence. A thread that has let go of the interpreter's lock, as
for a call to the system, may wait 5 ms to have it again; so what counts is how often ours does.
"""

from __future__ import annotations

import queue
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.engine import KEY, body
from mkdocs_lightning.engines.lightning import ROUTES, LightningEngine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.voice import VoiceSettings, resolve_voice

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCES = 224
CONCURRENCY = 16
SAMPLE_RATE = 24000
TEXTS = [f"This is sentence {number}, as long as those of documentation are, or nearly so." for number in range(SENTENCES)]


def with_requests(url: str) -> Callable[[], bool]:
    """Start to send all sentences; tells whether all are done."""
    import requests

    session = requests.Session()
    session.mount(url, requests.adapters.HTTPAdapter(pool_maxsize=CONCURRENCY))
    texts: queue.SimpleQueue[str] = queue.SimpleQueue()
    for text in TEXTS:
        texts.put(text)

    def work() -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        while not texts.empty():
            json = {**body(texts.get_nowait()), "sample_rate": SAMPLE_RATE}
            reply = session.post(url + ROUTES[0], headers=headers, json=json, timeout=60)
            reply.raise_for_status()
            assert reply.content

    workers = [threading.Thread(target=work, daemon=True) for _ in range(CONCURRENCY)]
    for worker in workers:
        worker.start()
    return lambda: not any(worker.is_alive() for worker in workers)


def with_engine(url: str, directory: Path) -> Callable[[], bool]:
    """The same with our engine and a cache."""
    import mkdocs_lightning.audio.flac
    import mkdocs_lightning.cache.locks
    import mkdocs_lightning.engines.lightning_transport  # noqa: F401 - as `requests` above, before the clock starts
    from mkdocs_lightning.cache.local import Cache
    from mkdocs_lightning.synthesis.policy import Policy
    from mkdocs_lightning.synthesis.synthesizer import Synthesizer

    cache = Cache(directory)
    voice = resolve_voice(VoiceSettings(sample_rate=SAMPLE_RATE))
    engine = LightningEngine(KEY, url)
    run = Synthesizer(engine, Policy(concurrency=CONCURRENCY)).start(cache.store_segment, cache.claim, with_audio=False)
    run.add(Segment(engine.name, voice, text) for text in TEXTS)
    left = len(TEXTS)

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
    url, way = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        is_done = with_requests(url) if way == "requests" else with_engine(url, Path(directory))
        begun = time.perf_counter()
        never_rest(is_done)
        print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
