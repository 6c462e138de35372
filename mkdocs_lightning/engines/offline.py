"""The offline voice: espeak-ng for all languages of the service, and a neural voice for English if it is installed.

espeak-ng's library crashes if two threads use it at once, sounds different each time unless it is loaded anew, and is
GPL. Worker processes, which alone load it, solve all three problems. If the library is not installed, the system's
program `espeak-ng` is used instead.

The neural voice, hibari-tts, runs in worker processes, too: its runtime is heavy, and a build that finds everything in
the cache must not load it. English is normalized to a model and voice of its own, so neural sentences have their own
keys. The neural voice silently skips characters that it cannot read, so espeak-ng synthesizes the texts that
contain one, under the same key. The text alone decides this, so that a key means the same audio on every machine.
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
    SpeechProcess,
    WorkerProcess,
)
from mkdocs_lightning.reading.settings.voice import Voice

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio

MODEL = "espeak-ng"
WORDS_PER_MINUTE = 160
"""espeak-ng's rate at speed 1."""

NEURAL_PACKAGE = "hibari-tts"
NEURAL_VERSION = "0.2.1"
"""No other version is used: it may sound different, and a key means the same audio on every machine."""
NEURAL_MODEL = f"{NEURAL_PACKAGE}-{NEURAL_VERSION}"
NEURAL_VOICE = "heart"
"""The one in its wheel. hibari-tts would download any other."""
NEURAL_PROCESSES = 4
"""Maximum number of processes: each takes 200 MB of memory or more."""

_ADVICE = 'run pip install "mkdocs-lightning[offline]", or install espeak-ng'
_NEURAL_TEXT = re.compile(
    r"(?=.*[^\W_])"  # at least one letter or digit
    # ASCII and Latin-1 without what it skips, a few more letters; dashes, quotes, a bullet, an arrow
    r"(?:[\s!-#%-)+-[\]-~\xa1\xa7\xa9-\xab\xad\xb0-\xb3\xb5-\xb7\xba-\xc7\xc9\xca\xcc-\xcf\xd1-\xd8\xda\xdc\xde-\xff"
    r"āĂăąĆćČčĎďđĒēęěĞğīİŁłńňŌōőŒœŘřŚśŞşŠšťūŮůŰźŻżŽž\u2010-\u201f\u2022\u2026\u2192]"
    r"|[$\xa3\xa5\u20ac](?=\d))+",  # "$5", but not "$HOME"
    re.DOTALL,
)
"""A text that hibari-tts reads completely; found out by trying, with the version above."""
_ESPEAK_WORKER = Path(__file__).with_name("espeak_worker.py")
_NEURAL_WORKER = Path(__file__).with_name("hibari_worker.py")
_ESPEAK_LANGUAGES = {"auto": "en-us", "en": "en-us", "no": "nb", "zh": "cmn", "fr": "fr-fr"}
"""The languages that espeak-ng names differently than the service does."""


class OfflineEngine(Engine):
    """Synthesizes on this machine, for free."""

    name = "offline"

    def __init__(self) -> None:
        self.max_concurrency = os.cpu_count() or 1
        self._plain_voices: ProcessPool[SpeechProcess] = ProcessPool(
            lambda: WorkerProcess(_ESPEAK_WORKER) if _is_library_installed() else EspeakProgram(), self.max_concurrency
        )
        self._neural_voices = ProcessPool(
            lambda: WorkerProcess(_NEURAL_WORKER), min(self.max_concurrency, NEURAL_PROCESSES)
        )

    @classmethod
    def from_options(cls, _options: EngineOptions) -> Self:
        """Make the engine for a site; it uses none of the options."""
        return cls()

    @property
    def unavailable_reason(self) -> str | None:
        """Why the engine cannot synthesize: no offline voice is installed."""
        if self._is_neural_installed or _is_espeak_installed():
            return None
        return f"the offline voice is not installed: {_ADVICE}"

    def normalize_voice(self, voice: Voice) -> Voice:
        """Keep only language, speed and sample rate; English becomes the neural voice if that is installed."""
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
        """Warn if English uses the plain voice because the neural one has another version than the supported one."""
        if _espeak_language(voice) != _ESPEAK_LANGUAGES["en"] or self._neural_version in (None, NEURAL_VERSION):
            return None
        return (
            f"{NEURAL_PACKAGE} {self._neural_version} is not supported, only {NEURAL_VERSION} is; English uses the "
            'plain offline voice. For the neural voice, run pip install "mkdocs-lightning[neural]"'
        )

    def price_per_character(self, voice: Voice) -> float | None:  # noqa: ARG002 - the same for all
        """The offline voice is free."""
        return 0.0

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Synthesize one text.

        Raises:
            TransientError: The worker process died; the next one may not.
            TextRefusedError: The voice cannot pronounce the text, or there is no such language.
            VoiceRefusedError: Only the neural voice is installed, and it does not speak this language.
            EngineStoppedError: The voice cannot be used.
        """
        from mkdocs_lightning.audio.samples import resample

        if self.unavailable_reason:
            raise EngineStoppedError(self.unavailable_reason)
        audio = None
        if voice.model == NEURAL_MODEL and _NEURAL_TEXT.fullmatch(text):
            with self._neural_voices.process() as process:
                audio = process.synthesize(text, voice.voice_id, voice.speed)
        if audio is None or audio.is_silent:
            audio = self._synthesize_plain(text, voice)
        return resample(audio, voice.sample_rate)

    def _synthesize_plain(self, text: str, voice: Voice) -> Audio:
        """Synthesize with espeak-ng."""
        is_neural = voice.model == NEURAL_MODEL
        if not _is_espeak_installed():
            if is_neural:
                raise TextRefusedError(
                    f"the neural voice cannot read all of this text, but the plain one may: {_ADVICE}"
                )
            raise VoiceRefusedError(f"the neural voice speaks English only; for {voice.language!r} {_ADVICE}")
        language = _espeak_language(voice) if is_neural else voice.voice_id
        with self._plain_voices.process() as process:
            audio = process.synthesize(text, language, round(WORDS_PER_MINUTE * voice.speed))
        if audio.is_silent:
            raise TextRefusedError(f"the offline voice cannot pronounce this text in {language!r}")
        return audio

    def close(self) -> None:
        """End the worker processes; one that is busy ends when it has finished its text."""
        self._plain_voices.close()
        self._neural_voices.close()

    @cached_property
    def _neural_version(self) -> str | None:
        """The installed version of hibari-tts, found without loading it; None if it is not installed."""
        if importlib.util.find_spec("hibari") is None:  # quick, unlike the lookup below, which reads files
            return None
        try:
            return importlib.metadata.version(NEURAL_PACKAGE)
        except importlib.metadata.PackageNotFoundError:  # another package's module of that name
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
