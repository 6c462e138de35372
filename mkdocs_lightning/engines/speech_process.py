"""Speech synthesizers in their own processes: started when needed, reused, and replaced after a crash."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from mkdocs_lightning.engines import (
    DefectError,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import IO

    from mkdocs_lightning.audio.samples import Audio


ESPEAK = "espeak-ng"

_ENDED = "the offline voice's process ended unexpectedly"

_SECONDS_TO_START = 60.0
_SECONDS_A_CHARACTER = 0.5
"""What a text may need at most: the neural voice loads for some seconds, and speaks a character in 0.1 s on a slow and
busy machine. A process that takes longer has stopped."""

_SECRET = re.compile("KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)

_FIRST_FATAL_STATUS = 0xC000_0000
"""From here on, an exit code on Windows names the exception that ended a program, such as 0xC0000005."""


class SpeechProcess(Protocol):
    """A process that synthesizes one text at a time.

    idle ◄──synthesize──► busy
      │                    │
      └─────── close ──────┴── crash ──► ended
    """

    def synthesize(self, text: str, voice_id: str, rate: float) -> Audio:
        """Synthesize one text.

        Args:
            text: Any length.
            voice_id: The process's own name of a voice.
            rate: In the process's own unit.

        Raises:
            EngineError: What went wrong; the process must be closed.
        """
        ...

    def close(self) -> None:
        """End the process."""
        ...


Kind = TypeVar("Kind", bound=SpeechProcess)


class ProcessPool(Generic[Kind]):
    """Processes of one kind, started when needed and kept for the next text. Thread-safe.

    Args:
        start: Starts a process.
        max_processes: Maximum number of processes at once.
    """

    def __init__(self, start: Callable[[], Kind], max_processes: int) -> None:
        self._start = start
        self._idle: queue.SimpleQueue[Kind] = queue.SimpleQueue()
        self._slots = threading.BoundedSemaphore(max_processes)
        self._is_closed = False

    @contextlib.contextmanager
    def process(self) -> Iterator[Kind]:
        """A process, as soon as one is free; it is closed if the caller fails."""
        with self._slots:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                process = self._start()
            try:
                yield process
            except BaseException:
                process.close()
                raise
            self._idle.put(process)
        if self._is_closed:  # while the process was busy
            self.close()

    def close(self) -> None:
        """End the idle processes, and each busy one as soon as it is idle."""
        self._is_closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


class EspeakProgram:
    """The system's program espeak-ng, started anew for each text."""

    def synthesize(self, text: str, voice_id: str, rate: float) -> Audio:
        """As `SpeechProcess.synthesize`; the rate is in words per minute."""
        from mkdocs_lightning.audio.codec import decode
        from mkdocs_lightning.audio.samples import AudioError

        options = ["-v", voice_id, "-s", str(rate), "-b", "1", "-z", "--stdin", "--stdout"]
        text = text.replace("[[", "[ [")  # which would begin the names of phonemes
        try:
            ended = subprocess.run(  # noqa: S603
                [ESPEAK, *options],
                input=text.encode(),
                capture_output=True,
                check=False,
                env=_environment(),
                creationflags=_no_window(),
                timeout=_seconds_for(text),
            )
            if has_crashed(ended.returncode):  # the audio may end in the middle of a word
                raise TransientError(_ENDED)
            if ended.returncode:
                raise TextRefusedError(f"the offline voice refused: {ended.stderr.decode(errors='replace').strip()}")
            return decode(ended.stdout)
        except subprocess.TimeoutExpired:
            raise _no_answer(text) from None
        except (OSError, AudioError) as error:
            raise TransientError(f"{_ENDED}: {error}") from error

    def close(self) -> None:
        """Do nothing: no process outlasts its text."""


class WorkerProcess:
    """A Python process that keeps a voice or a model loaded: one of the programs `…_worker.py`.

    Requests and answers go through its standard input and output; `espeak_worker.py` describes them.

    Args:
        program: The file of the worker.

    Raises:
        EngineStoppedError: The process cannot be started.
    """

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
        """As `SpeechProcess.synthesize`; the worker defines the unit of the rate."""
        import numpy as np

        from mkdocs_lightning.audio.samples import Audio

        answer, samples = self.ask({"text": text, "voice_id": voice_id, "rate": rate}, text)
        return Audio(np.frombuffer(samples, "<i2").astype(np.int16), int(answer["sample_rate"]))

    def ask(self, request: Mapping[str, object], text: str, data: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a request, and wait for its answer.

        Args:
            request: As the worker describes it.
            text: What it is about; a longer one has more time.
            data: Follows the request.

        Returns:
            The answer, and the bytes that follow it.

        Raises:
            EngineError: What went wrong; the process must be closed.
        """
        is_late = threading.Event()

        def end_late_process() -> None:
            is_late.set()
            self._process.kill()  # so that the reads below end

        timer = threading.Timer(_seconds_for(text), end_late_process)
        timer.daemon = True
        timer.start()
        try:
            _pipe(self._process.stdin).write(json.dumps(request).encode() + b"\n" + data)
            _pipe(self._process.stdin).flush()
            answer = json.loads(_pipe(self._process.stdout).readline())
            content = _pipe(self._process.stdout).read(answer["bytes"])
        except (OSError, ValueError) as error:  # a line that was cut off is not JSON
            if is_late.is_set():
                raise _no_answer(text) from None
            raise TransientError(_ENDED) from error
        finally:
            timer.cancel()
        if is_late.is_set():
            raise _no_answer(text)
        if len(content) < answer["bytes"]:
            raise TransientError(_ENDED)
        if answer["failure"]:
            raise EngineStoppedError(f"the offline voice cannot be used: {answer['failure']}")
        return answer, content

    def close(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # a buffered request can no longer be written
            _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()


def _seconds_for(text: str) -> float:
    return _SECONDS_TO_START + _SECONDS_A_CHARACTER * len(text)


def _no_answer(text: str) -> DefectError:
    """The error for a process that was ended because it did not answer. One that is tried again may hang again."""
    message = f"the offline voice's process did not answer within {_seconds_for(text):.0f} s, and was stopped"
    return DefectError(message, kind="no answer", was_answered=False)


def _no_window() -> int:
    """On Windows, start a process without a console window, and out of reach of the Ctrl-C of ours."""
    return int(getattr(subprocess, "CREATE_NO_WINDOW", 0))


def has_crashed(exit_code: int) -> bool:
    """Whether a program was ended by a signal, or by Windows, instead of exiting with this code by itself."""
    return exit_code < 0 or exit_code >= _FIRST_FATAL_STATUS


def _environment() -> dict[str, str]:
    """The environment without variables whose names suggest a secret, such as the API key: no voice needs any."""
    return {name: value for name, value in os.environ.items() if not _SECRET.search(name)}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "Popen opens both pipes"
    return pipe
