"""Encoding on several threads: the interpreter's lock is free meanwhile, and each thread gets what one alone would."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 24000
WORK = 0.005  # seconds that a thread computes, at least, while another one holds the lock
LOOK = 0.1  # seconds for which the lock is held
MOMENT = 0.001  # seconds for which it is free between two looks


def noise(seconds: float) -> Audio:
    return Audio(np.random.default_rng(1).integers(-9000, 9000, round(seconds * RATE), np.int16), RATE)


@pytest.fixture
def _greedy() -> Iterator[None]:
    """Who has the interpreter's lock keeps it, until it lets go of it by itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="no clock of another thread on this system")
@pytest.mark.usefixtures("_greedy")
@pytest.mark.parametrize(("output_format", "seconds"), [(OutputFormat.MP3, 300), (OutputFormat.OPUS, 40)])
def test_the_lock_is_free_while_a_clip_is_encoded(output_format: OutputFormat, seconds: float) -> None:
    """This thread holds the lock, and the other one computes all the same."""
    audio, begun, ended = noise(seconds), threading.Event(), threading.Event()
    encode(noise(0.1), output_format)  # loads what is loaded only once

    def work() -> None:
        begun.set()
        encode(audio, output_format)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    assert thread.ident
    clock = time.pthread_getcpuclockid(thread.ident)
    is_free = False
    with suppress(OSError):  # it has ended since
        while not is_free and not ended.wait(MOMENT):  # to wait lets it go on to where it computes
            until, before = time.monotonic() + LOOK, time.clock_gettime(clock)
            while time.monotonic() < until and not is_free:
                is_free = time.clock_gettime(clock) - before > WORK
    thread.join()
    assert is_free


@pytest.mark.parametrize("output_format", [OutputFormat.MP3, OutputFormat.FLAC, OutputFormat.WAV, OutputFormat.ULAW])
def test_threads_do_not_disturb_one_another(output_format: OutputFormat) -> None:
    sounds = [noise(0.2 + number / 7) for number in range(12)]
    alone = [encode(sound, output_format) for sound in sounds]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda sound: encode(sound, output_format), sounds)) == alone
