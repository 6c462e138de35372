"""An offline voice for all the service's languages: espeak-ng, in processes of its own; and a neural one for English.

espeak-ng's library crashes when two threads enter it, sounds different each time unless it is loaded anew, and is GPL;
a process of its own, which alone loads it, answers all three. A worker reads one JSON request a line and answers
one JSON line, followed by the samples. Where the library is not installed, the system's program `espeak-ng` speaks.

English is spoken by hibari-tts where it is installed, in processes of the same kind: its runtime is heavy, and a build
that finds everything in the cache loads nothing. It settles a voice of its own, so its sentences have keys of their
own. It passes over signs that it cannot read, without a word; a text that holds one is spoken by espeak-ng, under the
same key: the text alone decides, so that a key names one sound on every machine.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from mkdocs_lightning.engines import (
    API_KEY_VARIABLE,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.reading.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from mkdocs_lightning.audio.samples import Audio

MODEL = "espeak-ng"
WORDS_PER_MINUTE = 160
"""At speed 1."""

NEURAL_PACKAGE = "hibari-tts"
NEURAL_VERSION = "0.2.1"
"""Another one is not used: it may speak otherwise, and the key of a sentence names one sound."""
NEURAL_MODEL = f"{NEURAL_PACKAGE}-{NEURAL_VERSION}"
NEURAL_VOICE = "heart"
"""The one that lies in its wheel. It would fetch the others from the network, so they are never named."""
NEURAL_PROCESSES = 4
"""At most: each takes 200 MB of memory, and more for some."""

_ADVICE = 'run pip install "mkdocs-lightning[preview]", or install espeak-ng'
_NEURAL_TEXT = re.compile(
    r"(?=.*[^\W_])"  # something to say
    # ASCII without what it drops, Latin-1 without what it drops, some letters more; dashes, quotes, a bullet, an arrow
    r"(?:[\s!-#%-)+-[\]-~\xa1\xa7\xa9-\xab\xad\xb0-\xb3\xb5-\xb7\xba-\xc7\xc9\xca\xcc-\xcf\xd1-\xd8\xda\xdc\xde-\xff"
    r"āĂăąĆćČčĎďđĒēęěĞğīİŁłńňŌōőŒœŘřŚśŞşŠšťūŮůŰźŻżŽž\u2010-\u201f\u2022\u2026\u2192]"
    r"|[$\xa3\xa5\u20ac](?=\d))+",  # "$5", and not "$HOME"
    re.DOTALL,
)
"""What hibari-tts reads to the last sign; seen with the version above."""
_PROGRAM = "espeak-ng"
_ENDED = "the offline voice's process ended unexpectedly"
_FIRST_FATAL_STATUS = 0xC000_0000
"""From here on Windows names what ended a program, such as 0xC0000005, an access violation."""
_ESPEAK_WORKER = Path(__file__).with_name("espeak_worker.py")
_NEURAL_WORKER = Path(__file__).with_name("hibari_worker.py")
_ESPEAK_LANGUAGES = {"auto": "en-us", "en": "en-us", "no": "nb", "zh": "cmn", "fr": "fr-fr"}
"""Where espeak-ng names a language otherwise than the service."""


class PreviewEngine:
    """Speaks offline, for nothing."""

    name = "preview"
    prices_of = None

    def __init__(self) -> None:
        self.max_concurrency = os.cpu_count() or 1
        self._plain = _Pool(
            lambda: _Worker(_ESPEAK_WORKER) if _is_library_installed() else _Program(), self.max_concurrency
        )
        self._neural = _Pool(lambda: _Worker(_NEURAL_WORKER), min(self.max_concurrency, NEURAL_PROCESSES))

    @classmethod
    def from_options(cls, _options: EngineOptions) -> Self:
        """Build the engine for a site; it has nothing to be told."""
        return cls()

    @property
    def unavailable(self) -> str | None:
        """Why it cannot speak: its voice is an extra."""
        if self._is_neural_installed or _is_espeak_installed():
            return None
        return f"the offline voice is not installed: {_ADVICE}"

    def settle(self, voice: Voice) -> Voice:
        """Only the language, the speed and the sample rate count; and whether there is a better voice for English."""
        model, voice_id = MODEL, _espeak_language(voice)
        if voice_id == _ESPEAK_LANGUAGES["en"] and self._is_neural_installed:
            model, voice_id = NEURAL_MODEL, NEURAL_VOICE
        return Voice(
            model=model,
            voice_id=voice_id,
            language=voice.language,
            speed=voice.speed,
            sample_rate=voice.sample_rate,
        )

    def caution(self, voice: Voice) -> str | None:
        """Warn where English has the plain voice because the neural one is not of the version that is known."""
        if _espeak_language(voice) != _ESPEAK_LANGUAGES["en"] or self._neural_version in (None, NEURAL_VERSION):
            return None
        return (
            f"{NEURAL_PACKAGE} {self._neural_version} is not used, only {NEURAL_VERSION} is; English has the plain "
            'offline voice. For the neural one run pip install "mkdocs-lightning[neural]"'
        )

    def price_per_character(self, _voice: Voice) -> float | None:
        """Nothing is paid."""
        return 0.0

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text.

        Raises:
            TransientError: The process died; the next one may live.
            TextRefusedError: There is no sound for this text, or no such language.
            VoiceRefusedError: Only the neural voice is installed, and this is not its language.
            EngineStoppedError: The voice cannot be used.
        """
        from mkdocs_lightning.audio.samples import resample  # noqa: PLC0415 - loads numpy, which a warm build can do without

        if self.unavailable:
            raise EngineStoppedError(self.unavailable)
        audio = None
        if voice.model == NEURAL_MODEL and _NEURAL_TEXT.fullmatch(text):
            audio = self._neural.speak(text, voice.voice_id, voice.speed)
        if audio is None or audio.is_silent:
            audio = self._speak_plainly(text, voice)
        return resample(audio, voice.sample_rate)

    def _speak_plainly(self, text: str, voice: Voice) -> Audio:
        is_neural = voice.model == NEURAL_MODEL
        if not _is_espeak_installed():
            if is_neural:
                raise TextRefusedError(
                    f"the neural voice cannot read all of this text, and the plain one may: {_ADVICE}"
                )
            raise VoiceRefusedError(f"the neural voice speaks English only; for {voice.language!r} {_ADVICE}")
        language = _espeak_language(voice) if is_neural else voice.voice_id
        audio = self._plain.speak(text, language, round(WORDS_PER_MINUTE * voice.speed))
        if audio.is_silent:
            raise TextRefusedError(f"the offline voice has no sound for this text in {language!r}")
        return audio

    def close(self) -> None:
        """End the worker processes; one that is speaking ends when it has spoken."""
        self._plain.close()
        self._neural.close()

    @cached_property
    def _neural_version(self) -> str | None:
        """Of hibari-tts, looked up without loading it."""
        if importlib.util.find_spec("hibari") is None:  # quick; the rest reads files
            return None
        try:
            return importlib.metadata.version(NEURAL_PACKAGE)
        except importlib.metadata.PackageNotFoundError:  # somebody else's module
            return None

    @property
    def _is_neural_installed(self) -> bool:
        return self._neural_version == NEURAL_VERSION


def _espeak_language(voice: Voice) -> str:
    return _ESPEAK_LANGUAGES.get(voice.language, voice.language)


def _is_espeak_installed() -> bool:
    return _is_library_installed() or shutil.which(_PROGRAM) is not None


def _is_library_installed() -> bool:
    return importlib.util.find_spec("espeakng_loader") is not None


class _Speaker(Protocol):
    """Speaks one text at a time."""

    def speak(self, text: str, voice_id: str, rate: float) -> Audio:
        """Speak; the rate is in the measure of who speaks."""
        ...

    def close(self) -> None: ...


class _Pool:
    """Speakers of one kind, made when they are needed and kept for the next text; each serves one thread at a time."""

    def __init__(self, make: Callable[[], _Speaker], most: int) -> None:
        self._make = make
        self._idle: queue.SimpleQueue[_Speaker] = queue.SimpleQueue()
        self._places = threading.BoundedSemaphore(most)
        self._is_closed = False

    def speak(self, text: str, voice_id: str, rate: float) -> Audio:
        """Speak one text, as soon as a speaker is free."""
        with self._places:
            try:
                speaker = self._idle.get_nowait()
            except queue.Empty:
                speaker = self._make()
            try:
                audio = speaker.speak(text, voice_id, rate)
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


class _Program:
    """The system's espeak-ng, started anew for each text."""

    def speak(self, text: str, voice_id: str, rate: float) -> Audio:
        from mkdocs_lightning.audio.codec import decode  # noqa: PLC0415 - as above
        from mkdocs_lightning.audio.samples import AudioError  # noqa: PLC0415 - as above

        options = ["-v", voice_id, "-s", str(rate), "-b", "1", "-z", "--stdin", "--stdout"]
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

    def speak(self, text: str, voice_id: str, rate: float) -> Audio:
        import numpy as np  # noqa: PLC0415 - as above

        from mkdocs_lightning.audio.samples import Audio  # noqa: PLC0415 - as above

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
