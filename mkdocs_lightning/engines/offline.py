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

import importlib.metadata
import importlib.util
import os
import re
import shutil
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.engines import (
    Engine,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    VoiceRefusedError,
)
from mkdocs_lightning.engines.speech_process import (
    ESPEAK,
    EspeakProgram,
    ProcessPool,
    WorkerProcess,
)
from mkdocs_lightning.reading.voice import Voice

if TYPE_CHECKING:
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

_ADVICE = 'run pip install "mkdocs-lightning[offline]", or install espeak-ng'
_NEURAL_TEXT = re.compile(
    r"(?=.*[^\W_])"  # something to say
    # ASCII without what it drops, Latin-1 without what it drops, some letters more; dashes, quotes, a bullet, an arrow
    r"(?:[\s!-#%-)+-[\]-~\xa1\xa7\xa9-\xab\xad\xb0-\xb3\xb5-\xb7\xba-\xc7\xc9\xca\xcc-\xcf\xd1-\xd8\xda\xdc\xde-\xff"
    r"āĂăąĆćČčĎďđĒēęěĞğīİŁłńňŌōőŒœŘřŚśŞşŠšťūŮůŰźŻżŽž\u2010-\u201f\u2022\u2026\u2192]"
    r"|[$\xa3\xa5\u20ac](?=\d))+",  # "$5", and not "$HOME"
    re.DOTALL,
)
"""What hibari-tts reads to the last sign; seen with the version above."""
_ESPEAK_WORKER = Path(__file__).with_name("espeak_worker.py")
_NEURAL_WORKER = Path(__file__).with_name("hibari_worker.py")
_ESPEAK_LANGUAGES = {"auto": "en-us", "en": "en-us", "no": "nb", "zh": "cmn", "fr": "fr-fr"}
"""Where espeak-ng names a language otherwise than the service."""


class OfflineEngine(Engine):
    """Speaks offline, for nothing."""

    name = "offline"

    def __init__(self) -> None:
        self.max_concurrency = os.cpu_count() or 1
        self._plain = ProcessPool(
            lambda: WorkerProcess(_ESPEAK_WORKER) if _is_library_installed() else EspeakProgram(), self.max_concurrency
        )
        self._neural = ProcessPool(lambda: WorkerProcess(_NEURAL_WORKER), min(self.max_concurrency, NEURAL_PROCESSES))

    @classmethod
    def from_options(cls, _options: EngineOptions) -> Self:
        """Build the engine for a site; it has nothing to be told."""
        return cls()

    @property
    def unavailable_reason(self) -> str | None:
        """Why it cannot speak: its voice is an extra."""
        if self._is_neural_installed or _is_espeak_installed():
            return None
        return f"the offline voice is not installed: {_ADVICE}"

    def normalize_voice(self, voice: Voice) -> Voice:
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

    def voice_warning(self, voice: Voice) -> str | None:
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
        from mkdocs_lightning.audio.samples import resample

        if self.unavailable_reason:
            raise EngineStoppedError(self.unavailable_reason)
        audio = None
        if voice.model == NEURAL_MODEL and _NEURAL_TEXT.fullmatch(text):
            audio = self._neural.synthesize(text, voice.voice_id, voice.speed)
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
        audio = self._plain.synthesize(text, language, round(WORDS_PER_MINUTE * voice.speed))
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
    return _is_library_installed() or shutil.which(ESPEAK) is not None


def _is_library_installed() -> bool:
    return importlib.util.find_spec("espeakng_loader") is not None
