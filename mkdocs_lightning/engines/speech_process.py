"""Speech synthesizers in processes of their own: started when needed, reused, ended, and restarted after a crash."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Protocol

from mkdocs_lightning.engines import (
    API_KEY_VARIABLE,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

    from mkdocs_lightning.audio.samples import Audio


ESPEAK = "espeak-ng"

_ENDED = "the offline voice's process ended unexpectedly"

_FIRST_FATAL_STATUS = 0xC000_0000
"""From here on Windows names what ended a program, such as 0xC0000005, an access violation."""


class SpeechProcess(Protocol):
    """Speaks one text at a time."""

    def synthesize(self, text: str, voice_id: str, rate: float) -> Audio:
        """Speak; the rate is in the measure of who speaks."""
        ...

    def close(self) -> None:
        """End the process."""
        ...


class ProcessPool:
    """Speakers of one kind, made when they are needed and kept for the next text; each serves one thread at a time."""

    def __init__(self, make: Callable[[], SpeechProcess], most: int) -> None:
        self._make = make
        self._idle: queue.SimpleQueue[SpeechProcess] = queue.SimpleQueue()
        self._places = threading.BoundedSemaphore(most)
        self._is_closed = False

    def synthesize(self, text: str, voice_id: str, rate: float) -> Audio:
        """Speak one text, as soon as a speaker is free."""
        with self._places:
            try:
                speaker = self._idle.get_nowait()
            except queue.Empty:
                speaker = self._make()
            try:
                audio = speaker.synthesize(text, voice_id, rate)
            except BaseException:
                speaker.close()
                raise
            self._idle.put(speaker)
        if self._is_closed:  # while it spoke
            self.close()
        return audio

    def close(self) -> None:
        """End the speakers that are idle, now and from now on."""
        self._is_closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


class EspeakProgram:
    """The system's espeak-ng, started anew for each text."""

    def synthesize(self, text: str, voice_id: str, rate: float) -> Audio:
        """As `SpeechProcess.speak`; the rate is in words per minute."""
        from mkdocs_lightning.audio.codec import decode
        from mkdocs_lightning.audio.samples import AudioError

        options = ["-v", voice_id, "-s", str(rate), "-b", "1", "-z", "--stdin", "--stdout"]
        text = text.replace("[[", "[ [")  # in which the program would see the names of phonemes
        try:
            ended = subprocess.run(  # noqa: S603
                [ESPEAK, *options],
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


class WorkerProcess:
    """A process that keeps a voice ready."""

    def __init__(self, program: Path) -> None:
        command = [sys.executable, "-P", str(program)]
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

    def synthesize(self, text: str, voice_id: str, rate: float) -> Audio:
        """As `SpeechProcess.speak`; the rate is in the unit of the worker's program."""
        import numpy as np

        from mkdocs_lightning.audio.samples import Audio

        request = {"text": text, "voice_id": voice_id, "rate": rate}
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
        """End the process, at once."""
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
