"""The Lightning engine beside the `aiohttp` example of the service's own page, against the local service.

    python -m benchmarks.engine            all rows, under 6 minutes
    python -m benchmarks.engine --quick    smaller rows, under 1 minute

The engine does not know the account's limit and has to find it. The example cannot find one, so it is told: it gets
exactly so many connections. Both speak the same sentences, and take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from mkdocs_lightning.engines import BusyError
from mkdocs_lightning.engines.lightning import MAX_CONCURRENCY, ROUTES, LightningEngine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.policy import Policy
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.settings.voice import Voice

KEY = "sk_test_key"
VOICE = resolve_voice(VoiceSettings(sample_rate=8000))  # the rate that costs the local service least


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        latency: Seconds that the service takes for a request.
        limit: Requests at once that the service takes; None for any number.
        sentences: As many as a run speaks.
        runs: Of each of the two; their medians count.
    """

    latency: float
    limit: int | None
    sentences: int
    runs: int

    @property
    def connections(self) -> int:
        """What the example is given."""
        return self.limit or MAX_CONCURRENCY

    def ideal(self, sentences: int) -> float:
        """Seconds for so many requests, were there nothing but the latency."""
        return sentences * self.latency / self.connections


@dataclass
class Run:
    """What one run came to.

    Attributes:
        wall: Seconds in all.
        second_half: Seconds for the later half of the sentences, when the limit is long found.
        processor: Seconds of processor time that the client took.
    """

    wall: float
    second_half: float
    processor: float
    refused: int = 0
    failed: int = 0


ROWS = [
    Row(0.05, 1, 60, 5),
    Row(0.05, 3, 200, 5),
    Row(0.05, 10, 400, 5),
    Row(0.05, None, 1000, 5),
    Row(0.3, 1, 36, 2),
    Row(0.3, 3, 100, 2),
    Row(0.3, 10, 400, 2),
    Row(0.3, None, 2000, 2),
]
QUICK_ROWS = [
    Row(0.05, 1, 40, 2),
    Row(0.05, 3, 100, 2),
    Row(0.05, 10, 200, 2),
    Row(0.05, None, 300, 2),
    Row(0.3, 3, 40, 1),
    Row(0.3, 10, 200, 1),
]


@dataclass
class CountingEngine(LightningEngine):
    """Counts how often the service had too much to do."""

    url: str
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        super().__init__(KEY, self.url)

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text."""
        try:
            return super().synthesize(text, voice)
        except BusyError:
            with self._lock:
                self.refused += 1
            raise


def run_engine(url: str, texts: list[str]) -> Run:
    """Our engine, as a build uses it."""
    engine = CountingEngine(url)
    segments = [Segment(engine.name, VOICE, text) for text in texts]
    begun, processor = time.perf_counter(), time.process_time()
    ended, failed = [], 0
    for result in Synthesizer(engine, Policy()).run(segments):
        ended.append(time.perf_counter())
        failed += result.audio is None
    processor = time.process_time() - processor
    engine.close()
    return Run(ended[-1] - begun, ended[-1] - ended[len(ended) // 2 - 1], processor, engine.refused, failed)


def run_example(url: str, texts: list[str], connections: int) -> Run:
    """The page's example: every text a task, all gathered, over one session."""
    ended: list[float] = []
    failed = 0

    async def synthesize(session: aiohttp.ClientSession, text: str) -> None:
        nonlocal failed
        async with session.post(url + ROUTES[0], headers={"Authorization": f"Bearer {KEY}"}, json=body(text)) as reply:
            await reply.read()
            failed += reply.status != http.client.OK
            ended.append(time.perf_counter())

    async def main() -> None:
        connector = aiohttp.TCPConnector(limit=connections)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*(synthesize(session, text) for text in texts))

    begun, processor = time.perf_counter(), time.process_time()
    asyncio.run(main())
    processor = time.process_time() - processor
    return Run(ended[-1] - begun, ended[-1] - ended[len(ended) // 2 - 1], processor, failed=failed)


def body(text: str) -> dict[str, object]:
    """What the engine asks for, too."""
    return {
        "text": text,
        "model": VOICE.model,
        "voice_id": VOICE.voice_id,
        "language": VOICE.language,
        "speed": VOICE.speed,
        "sample_rate": VOICE.sample_rate,
        "output_format": "wav",
    }


@contextlib.contextmanager
def service(latency: float, limit: int | None) -> Iterator[str]:
    """The local service, in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.support.service", "--port", "0", "--latency", str(latency)]
    if limit:
        command += ["--limit", str(limit)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


def sentences(number: int, label: str) -> list[str]:
    """Different ones, of a usual length."""
    return [f"This is sentence {index} of {label}, about as long as most are." for index in range(number)]


def service_cost(requests: int = 200) -> float:
    """Seconds that the local service itself takes for a request, with no latency and the barest client."""
    with service(0, None) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        walls = []
        for text in sentences(requests, "the service's cost"):
            begun = time.perf_counter()
            connection.request("POST", ROUTES[0], json.dumps(body(text)), headers)
            connection.getresponse().read()
            walls.append(time.perf_counter() - begun)
        connection.close()
    return statistics.median(walls)


def measure(row: Row) -> str:
    """One line of the table."""
    engine_runs, example_runs = [], []
    with service(row.latency, row.limit) as url:
        run_example(url, sentences(row.connections, "the warm-up"), row.connections)
        for number in range(row.runs):
            texts = sentences(row.sentences, f"run {number}")
            engine_runs.append(run_engine(url, texts))
            example_runs.append(run_example(url, texts, row.connections))
    wall, example = (statistics.median(run.wall for run in runs) for runs in (engine_runs, example_runs))
    half, example_half = (statistics.median(run.second_half for run in runs) for runs in (engine_runs, example_runs))
    ideal, ideal_half = row.ideal(row.sentences), row.ideal(row.sentences - row.sentences // 2)
    requests = row.sentences * row.runs + sum(run.refused for run in engine_runs)
    processor = [
        1000 * sum(run.processor for run in runs) / row.sentences / row.runs for runs in (engine_runs, example_runs)
    ]
    return " | ".join(
        [
            f"| {row.latency * 1000:.0f} ms",
            str(row.limit or "none"),
            str(row.sentences),
            str(row.runs),
            f"{wall:.2f} s",
            f"{wall / ideal:.2f}",
            f"{half / ideal_half:.2f}",
            f"{example / ideal:.2f}",
            f"{wall / example:.2f}",
            f"{half / example_half:.2f}",
            f"{100 * sum(run.refused for run in engine_runs) / requests:.1f}%",
            str(sum(run.failed for run in engine_runs)),
            f"{processor[0]:.1f} / {processor[1]:.1f} ms |",
        ]
    )


COLUMNS = (
    "latency", "limit", "sentences", "runs", "wall", "wall / ideal", "2nd half / ideal", "example / ideal",
    "wall / example", "2nd half / example", "refused", "failed", "processor a request",
)  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.engine", description="The engine beside the page's own example.")
    parser.add_argument("--quick", action="store_true", help="smaller rows, under a minute")
    rows = QUICK_ROWS if parser.parse_args().quick else ROWS
    print(f"The local service itself takes {service_cost() * 1000:.1f} ms for a request.\n")
    print("| " + " | ".join(COLUMNS) + " |")
    print("| ---: " * len(COLUMNS) + "|", flush=True)
    for row in rows:
        print(measure(row), flush=True)


if __name__ == "__main__":
    main()
