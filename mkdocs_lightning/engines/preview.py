"""An offline voice for all the service's languages: espeak-ng, in worker processes of its own.

Its library crashes when two threads enter it, sounds different each time unless it is loaded anew, and is GPL;
a process of its own, which alone loads it, answers all three. A worker reads one JSON request a line and answers
one JSON line, followed by the samples.
"""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from mkdocs_lightning.audio import Audio, resample
from mkdocs_lightning.engines import EngineOptions, EngineStoppedError, TextRefusedError, TransientError
from mkdocs_lightning.voice import Voice

if TYPE_CHECKING:
    from typing import IO

MODEL = "espeak-ng"
WORDS_PER_MINUTE = 160
"""At speed 1."""

_WORKER = Path(__file__).with_name("espeak_worker.py")
_ESPEAK_LANGUAGES = {"auto": "en-us", "en": "en-us", "no": "nb", "zh": "cmn", "fr": "fr-fr"}
"""Where espeak-ng names a language otherwise than the service."""


class PreviewEngine:
    """Speaks offline, for nothing; plainly a machine, so that nobody takes a draft for the real voice."""

    name = "preview"

    def __init__(self) -> None:
        self.max_concurrency = os.cpu_count() or 1
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()

    @classmethod
    def from_options(cls, _options: EngineOptions) -> Self:
        """Build the engine for a site; it has nothing to be told."""
        return cls()

    @property
    def unavailable(self) -> str | None:
        """Why it cannot speak: its voice is an extra."""
        if importlib.util.find_spec("espeakng_loader"):
            return None
        return 'the offline voice is not installed: run pip install "mkdocs-lightning[preview]"'

    def settle(self, voice: Voice) -> Voice:
        """Only the language, the speed and the sample rate count."""
        return Voice(
            model=MODEL,
            voice_id=_ESPEAK_LANGUAGES.get(voice.language, voice.language),
            language=voice.language,
            speed=voice.speed,
            sample_rate=voice.sample_rate,
        )

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text.

        Raises:
            TransientError: The worker died; the next one may live.
            TextRefusedError: espeak-ng has no sound for this text, or no such language.
            EngineStoppedError: espeak-ng cannot be loaded.
        """
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = _Worker()
        try:
            audio = worker.speak(text, voice.voice_id, round(WORDS_PER_MINUTE * voice.speed))
        except (TransientError, EngineStoppedError):
            worker.close()
            raise
        except TextRefusedError:
            self._idle.put(worker)
            raise
        self._idle.put(worker)
        return resample(audio, voice.sample_rate)

    def close(self) -> None:
        """End the worker processes."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


class _Worker:
    """One process that speaks one text at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def speak(self, text: str, language: str, words_per_minute: int) -> Audio:
        request = {"text": text, "language": language, "words_per_minute": words_per_minute}
        try:
            _pipe(self._process.stdin).write(json.dumps(request).encode() + b"\n")
            _pipe(self._process.stdin).flush()
            line = _pipe(self._process.stdout).readline()
            if not line:
                raise TransientError("the offline voice's process ended unexpectedly")
            answer = json.loads(line)
            samples = _pipe(self._process.stdout).read(answer["bytes"])
        except OSError as error:
            raise TransientError(f"the offline voice's process ended unexpectedly: {error}") from error
        if answer["failure"]:
            raise EngineStoppedError(f"the offline voice cannot be used: {answer['failure']}")
        if not samples:
            raise TextRefusedError(f"the offline voice has no sound for this text in {language!r}")
        return Audio(np.frombuffer(samples, "<i2").astype(np.int16), answer["sample_rate"])

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "made by Popen above"
    return pipe
