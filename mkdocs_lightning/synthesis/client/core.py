"""What the two clients have in common: the settings, and what all calls of one client share."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Literal, TypeAlias

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.engines import API_KEY_VARIABLE
from mkdocs_lightning.engines.lightning import BASE_URL, MAX_CONCURRENCY, LightningEngine
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, check_model_spelling
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.synthesis.client.batch import Batch
from mkdocs_lightning.synthesis.client.call import Call
from mkdocs_lightning.synthesis.client.plan import SpeechPlan, make_speech_plan
from mkdocs_lightning.synthesis.client.settings import (
    check_named,
    checked_cache,
    checked_concurrency,
    checked_extras,
    checked_language_name,
    checked_progress,
    checked_text_option,
    checked_wire_format,
    naming_settings,
    voice_settings,
)
from mkdocs_lightning.synthesis.client.speech_cache import NoCache, SpeechCache
from mkdocs_lightning.synthesis.policy import PATIENCE, Budget, Policy, Spending
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Never, Unpack

    from mkdocs_lightning.engines import CatalogueVoice
    from mkdocs_lightning.engines.lightning_reply import WireFormat
    from mkdocs_lightning.engines.lightning_request import RequestExtras
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.synthesis.client.batch import Progress
    from mkdocs_lightning.synthesis.client.settings import VoiceOptions
    from mkdocs_lightning.synthesis.run import Run

CacheFolder: TypeAlias = "str | os.PathLike[str]"
"""The path of a cache's folder."""

_SECONDS_TO_ARRIVE = 10.0  # that replies in flight have when a client is closed
_WINDOW = 2  # texts that are read and not handed out, for each request that may be in flight

_log = logging.getLogger("mkdocs_lightning")


class Client:
    """The settings of a client, checked, and what all of its calls share. See `Lightning`."""

    @naming_settings()
    def __init__(  # noqa: PLR0913 - one argument a setting
        self,
        *_unnamed: Never,
        api_key: str | None = None,
        cache: CacheFolder | None = None,
        max_characters: int | None = None,
        concurrency: int | Literal["auto"] = "auto",
        retries: int = 5,
        requests_per_minute: int | None = None,
        patience: float = PATIENCE,
        timeout: float = 60.0,
        base_url: str = BASE_URL,
        wire_format: WireFormat = "wav",
        extras: RequestExtras | None = None,
        **voice: Unpack[VoiceOptions],
    ) -> None:
        check_named(_unnamed, f"{type(self).__name__}(voice_id='sophie')")
        self._settings = voice_settings(dict(voice), is_call=False)
        resolve_voice(self._settings)
        policy = Policy(checked_concurrency(concurrency), retries, requests_per_minute, patience)
        key, source = _key_and_source(api_key)
        self._engine = LightningEngine(
            key,
            checked_text_option("base_url", base_url),
            timeout,
            checked_wire_format(wire_format),
            checked_extras(extras),
            key_source=source,
        )
        self._synthesizer = Synthesizer(self._engine, policy, Spending(Budget(max_characters)))
        self._window = _WINDOW * (policy.concurrency or MAX_CONCURRENCY)
        self._folder = checked_cache(cache)
        self._lock = threading.Lock()  # guards the fields below
        self._caches: dict[Path, SpeechCache] = {}
        self._runs: set[Run] = set()  # which may have requests in flight
        self._warned: set[Voice] = set()
        self._is_closed = False
        self._process = os.getpid()  # what a fork copies counts requests and holds locks of the other process

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._engine!r})"

    @property
    def characters(self) -> int:
        """Characters that the service has answered with audio so far, in all calls: those that it charges for."""
        return self._synthesizer.spending.answered

    @naming_settings()
    def _begin(  # noqa: PLR0913 - one argument a choice of the caller
        self,
        voice: Mapping[str, object],
        cache: CacheFolder | None,
        *,
        texts: Sequence[str] | None = None,
        as_completed: bool = False,
        progress: Callable[[Progress], object] | None = None,
        notify: Callable[[], None] = lambda: None,
    ) -> Call:
        """Check what a call was given, and prepare it; nothing is sent.

        Args:
            voice: Settings by name, over those of the client.
            cache: A folder; None for that of the client.
            texts: All texts of the call, if they are known.
            as_completed: As for `Batch`.
            progress: Likewise.
            notify: Called by another thread when there is something to collect.

        Raises:
            SettingError: A setting is unknown or cannot be used, or `progress` is an `async def`.
            TypeError: `progress` is not a function.
            RuntimeError: The client is closed, or was made in another process.
        """
        checked_progress(progress)
        speaker = self._speaker(voice)
        speech_cache = self._open_cache(checked_cache(cache) or self._folder)
        self._check_open()
        batch = Batch(
            self._engine.name,
            speaker,
            window=self._window,
            as_completed=as_completed,
            texts=texts,
            progress=progress,
        )
        run = self._synthesizer.start(speech_cache.store, speech_cache.claim, notify=notify)
        return Call(batch, speech_cache, run, lambda: self._admit(run, speaker))

    @naming_settings()
    def _plan(self, texts: Iterable[str], voice: Mapping[str, object], cache: CacheFolder | None) -> SpeechPlan:
        """Find out what some texts would cost; nothing is sent. Raises as `_begin`."""
        speaker = self._speaker(voice)
        speech_cache = self._open_cache(checked_cache(cache) or self._folder)
        self._check_open()
        return make_speech_plan(texts, self._engine, speaker, speech_cache)

    def _speaker(self, voice: Mapping[str, object]) -> Voice:
        """The voice of a call.

        Raises:
            SettingError: A setting is unknown or cannot be used.
        """
        return resolve_voice(voice_settings(voice, is_call=True).over(self._settings))

    def _open_cache(self, folder: Path | None) -> NoCache:
        """The cache in a folder: one object for all calls, as its locks are between the threads that use it."""
        if folder is None:
            return NoCache()
        with self._lock:
            if folder not in self._caches:
                self._caches[folder] = SpeechCache(folder)
            return self._caches[folder]

    def _check_open(self) -> None:
        if self._process != os.getpid():
            raise RuntimeError("this client was created in another process; create one in each process")
        if self._is_closed:
            raise RuntimeError("this client is closed; create another one")

    def _admit(self, run: Run, voice: Voice) -> None:
        """Let a run send something, and warn once of its voice.

        Raises:
            RuntimeError: The client is closed.
        """
        with self._lock:
            self._check_open()
            if run not in self._runs:
                self._runs = {run, *(each for each in self._runs if not each.is_idle)}
            is_new = voice not in self._warned
            self._warned.add(voice)
        if is_new and (warning := self._engine.voice_warning(voice)):
            _log.warning(warning)

    def _list_voices(self, model: str | None, language: str | None) -> tuple[CatalogueVoice, ...]:
        """The voices that the service lists now, for one model or for all, and for one language or for all."""
        self._check_open()
        name = None if language is None else checked_language_name(language)
        if model is not None:
            check_model_spelling(checked_text_option("model", model))
        models = LANGUAGES if model is None else [model]
        listed = (voice for each in models for voice in self._engine.voices(each))
        return tuple(voice for voice in listed if name is None or name in map(str.lower, voice.languages))

    def _close(self) -> None:
        """Send nothing more. Wait for replies in flight, for which a cache has a place."""
        with self._lock:
            self._is_closed = True
            runs, has_cache = list(self._runs), bool(self._caches)
        for run in runs:
            run.stop()
        for run in runs if has_cache else []:
            run.wait(_SECONDS_TO_ARRIVE)
        self._engine.close()


def _key_and_source(api_key: object) -> tuple[str | None, str]:
    """The key, and where it was read, for messages.

    Raises:
        SettingError: The argument is not text, or empty: the account of the environment would pay for somebody else.
    """
    if api_key is None:
        return os.environ.get(API_KEY_VARIABLE), API_KEY_VARIABLE
    given = checked_text_option("api_key", api_key)
    if not given.strip():
        raise SettingError("api_key", "api_key is empty: pass a key, or None to use the one from the environment")
    return given, "api_key"
