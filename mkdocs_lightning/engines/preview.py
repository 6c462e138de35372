"""An offline voice for all the service's languages: espeak-ng, in processes of its own.

Its library crashes when two threads enter it, sounds different each time unless it is loaded anew, and is GPL;
a process of its own, which alone loads it, answers all three. A worker reads one JSON request a line and answers
one JSON line, followed by the samples. Where the library is not installed, the system's program `espeak-ng` speaks.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from mkdocs_lightning.engines import (
    API_KEY_VARIABLE,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
)
from mkdocs_lightning.voice import Voice

if TYPE_CHECKING:
    from typing import IO

    from mkdocs_lightning.audio import Audio

MODEL = "espeak-ng"
WORDS_PER_MINUTE = 160
"""At speed 1."""

_PROGRAM = "espeak-ng"
_ENDED = "the offline voice's process ended unexpectedly"
_FIRST_FATAL_STATUS = 0xC000_0000
"""From here on Windows names what ended a program, such as 0xC0000005, an access violation."""
_WORKER = Path(__file__).with_name("espeak_worker.py")
_ESPEAK_LANGUAGES = {"auto": "en-us", "en": "en-us", "no": "nb", "zh": "cmn", "fr": "fr-fr"}
"""Where espeak-ng names a language otherwise than the service."""


class PreviewEngine:
    """Speaks offline, for nothing; plainly a machine, so that nobody takes a draft for the real voice."""

    name = "preview"
    prices_of = None

    def __init__(self) -> None:
        self.max_concurrency = os.cpu_count() or 1
        self._idle: queue.SimpleQueue[_Speaker] = queue.SimpleQueue()
        self._is_closed = False

    @classmethod
    def from_options(cls, _options: EngineOptions) -> Self:
        """Build the engine for a site; it has nothing to be told."""
        return cls()

    @property
    def unavailable(self) -> str | None:
        """Why it cannot speak: its voice is an extra."""
        if _is_library_installed() or shutil.which(_PROGRAM):
            return None
        return 'the offline voice is not installed: run pip install "mkdocs-lightning[preview]", or install espeak-ng'

    def settle(self, voice: Voice) -> Voice:
        """Only the language, the speed and the sample rate count."""
        return Voice(
            model=MODEL,
            voice_id=_ESPEAK_LANGUAGES.get(voice.language, voice.language),
            language=voice.language,
            speed=voice.speed,
            sample_rate=voice.sample_rate,
        )

    def caution(self, _voice: Voice) -> str | None:
        """Nothing to warn of."""
        return None

    def price_per_character(self, _voice: Voice) -> float | None:
        """Nothing is paid."""
        return 0.0

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text.

        Raises:
            TransientError: The process died; the next one may live.
            TextRefusedError: espeak-ng has no sound for this text, or no such language.
            EngineStoppedError: espeak-ng cannot be used.
        """
        from mkdocs_lightning.audio import resample  # noqa: PLC0415 - loads numpy, which a warm build can do without

        if self.unavailable:
            raise EngineStoppedError(self.unavailable)
        try:
            speaker = self._idle.get_nowait()
        except queue.Empty:
            speaker = _Worker() if _is_library_installed() else _Program()
        try:
            audio = speaker.speak(text, voice.voice_id, round(WORDS_PER_MINUTE * voice.speed))
        except BaseException:
            speaker.close()
            raise
        self._idle.put(speaker)
        if self._is_closed:  # while it spoke
            self.close()
        if audio.is_silent:
            raise TextRefusedError(f"the offline voice has no sound for this text in {voice.voice_id!r}")
        return resample(audio, voice.sample_rate)

    def close(self) -> None:
        """End the worker processes; one that is speaking ends when it has spoken."""
        self._is_closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


def _is_library_installed() -> bool:
    return importlib.util.find_spec("espeakng_loader") is not None


class _Speaker(Protocol):
    """Speaks one text at a time."""

    def speak(self, text: str, language: str, words_per_minute: int) -> Audio: ...

    def close(self) -> None: ...


class _Program:
    """The system's espeak-ng, started anew for each text."""

    def speak(self, text: str, language: str, words_per_minute: int) -> Audio:
        from mkdocs_lightning.audio import AudioError, decode  # noqa: PLC0415 - as above

        options = ["-v", language, "-s", str(words_per_minute), "-b", "1", "-z", "--stdin", "--stdout"]
        text = text.replace("[[", "[ [")  # in which the program would see the names of phonemes
        try:
            ended = subprocess.run(  # noqa: S603
                [_PROGRAM, *options],
                input=text.encode(),
                capture_output=True,
                check=False,
                env=_environment(),
                creationflags=_no_window(),
            )
            if has_crashed(ended.returncode):  # perhaps in the middle of a word
                raise TransientError(_ENDED)
            if ended.returncode:
                raise TextRefusedError(f"the offline voice refused: {ended.stderr.decode(errors='replace').strip()}")
            return decode(ended.stdout)
        except (OSError, AudioError) as error:
            raise TransientError(f"{_ENDED}: {error}") from error

    def close(self) -> None:
        """Nothing goes on between two texts."""


class _Worker:
    """A process that keeps the library ready."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", str(_WORKER)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                creationflags=_no_window(),
            )
        except OSError as error:
            raise EngineStoppedError(f"the offline voice's process cannot be started: {error}") from error

    def speak(self, text: str, language: str, words_per_minute: int) -> Audio:
        import numpy as np  # noqa: PLC0415 - as above

        from mkdocs_lightning.audio import Audio  # noqa: PLC0415 - as above

        request = {"text": text, "language": language, "words_per_minute": words_per_minute}
        try:
            _pipe(self._process.stdin).write(json.dumps(request).encode() + b"\n")
            _pipe(self._process.stdin).flush()
            answer = json.loads(_pipe(self._process.stdout).readline())
            samples = _pipe(self._process.stdout).read(answer["bytes"])
        except (OSError, ValueError) as error:  # a line that breaks off is no JSON
            raise TransientError(_ENDED) from error
        if len(samples) < answer["bytes"]:
            raise TransientError(_ENDED)
        if answer["failure"]:
            raise EngineStoppedError(f"the offline voice cannot be used: {answer['failure']}")
        return Audio(np.frombuffer(samples, "<i2").astype(np.int16), answer["sample_rate"])

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # a request that was never read is still to be written
            _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()


def _no_window() -> int:
    """For Windows: no console of its own that would flash up, nor ours, from which it would hear our Ctrl-C."""
    return int(getattr(subprocess, "CREATE_NO_WINDOW", 0))


def has_crashed(exit_code: int) -> bool:
    """Whether a program was ended, by a signal or by Windows, and did not end itself with this code."""
    return exit_code < 0 or exit_code >= _FIRST_FATAL_STATUS


def _environment() -> dict[str, str]:
    """What these processes may know: not the key, which is for the service alone."""
    return {name: value for name, value in os.environ.items() if name.upper() != API_KEY_VARIABLE}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "made by Popen above"
    return pipe
