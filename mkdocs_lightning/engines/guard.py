"""A guard around engines of other packages: whatever they raise or return, a build gets an error that names them.

What they say is passed on without the API key, which they are given.
"""

from __future__ import annotations

import logging
import re
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from mkdocs_lightning.base.errors import LightningError, shown
from mkdocs_lightning.base.interruptible import INTERRUPTIONS
from mkdocs_lightning.engines import (
    BUILT_IN,
    CatalogueVoice,
    DefectError,
    Engine,
    EngineError,
    EngineStoppedError,
    TransientError,
)
from mkdocs_lightning.engines.lightning_reply import HIDDEN
from mkdocs_lightning.reading.settings.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_lightning.audio.samples import Audio

_log = logging.getLogger("mkdocs.plugins.mkdocs_lightning")  # with -v, MkDocs shows it
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_MOST = 1e9
"""Dollars a character, or seconds of a wait: more is a mistake, and a sum of it may be no number."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Censor:
    """Takes the API key out of what an engine says.

    Attributes:
        key: Empty if there is none.
    """

    key: str = field(default="", repr=False)

    def text(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self.key, HIDDEN) if self.key else text

    def error(self, error: BaseException) -> str:
        """An exception on one line: its class, and its text if it has one."""
        said = str(traceback.TracebackException.from_exception(error))  # also where `str` fails
        text = " ".join(self.text(said).split())[:300]
        return f"{type(error).__name__}: {text}" if text else type(error).__name__

    def trace(self, error: BaseException) -> str:
        """An exception's traceback."""
        return self.text("".join(traceback.format_exception(error)))

    def cause(self, error: BaseException) -> BaseException | None:
        """An exception as the cause of another one; None if it would show the key."""
        return None if HIDDEN in self.trace(error) else error

    def attempt(self, what: str, ask: Callable[[], _T]) -> _T | BaseException:
        """What a function of an engine returns, or what it raises; an error of ours without the key.

        Args:
            what: The function, for the log.
            ask: Calls it.
        """
        try:
            return ask()
        except INTERRUPTIONS:
            raise
        except BaseException as error:  # noqa: BLE001 - code of others may raise anything, also end the program
            if isinstance(error, LightningError):
                self.clean(error)
            else:
                _log.debug("%s failed\n%s", what, self.trace(error))
            return error

    def clean(self, error: LightningError) -> None:
        """Remove the key from an error of ours that is passed on, and drop a cause that would show it."""
        if self.cause(error) is None:
            error.args = tuple(self.text(arg) if isinstance(arg, str) else arg for arg in error.args)
            error.__cause__ = None  # which also hides the context
        if isinstance(error, EngineError) and error.request_id:
            error.request_id = self.text(error.request_id)


def guarded(name: str, make: Callable[[], object], api_key: str | None) -> Engine:
    """Make an engine of another package, and guard it.

    Args:
        name: Under which it is registered.
        make: Loads and calls its factory.
        api_key: Which that may have been given.

    Returns:
        The engine; one that is unavailable if it cannot be made.

    Raises:
        LightningError: What the factory raises on purpose, such as a `SettingError`.
    """
    censor = _Censor((api_key or "").strip())

    def make_guarded() -> Engine:
        engine = make()
        if not isinstance(engine, Engine):
            return BrokenEngine(name, f"its factory returned {censor.text(shown(engine))} instead of an Engine")
        return GuardedEngine(engine, censor)

    engine = censor.attempt(f"the factory of engine {name!r}", make_guarded)
    if isinstance(engine, LightningError):
        raise engine
    if isinstance(engine, BaseException):
        return BrokenEngine(name, f"it could not be created: {censor.error(engine)}")
    return engine


class GuardedEngine(Engine):
    """An engine of another package. What it does wrong makes it unavailable, or fails one try.

    Attributes:
        failure: What it did wrong outside of `synthesize`, the first time; None if nothing.

    Raises:
        ValueError: Its attributes cannot be used.
    """

    def __init__(self, engine: Engine, censor: _Censor) -> None:
        self.name = _checked(engine.name, "name", _can_be_name)
        self.max_concurrency = _checked(
            engine.max_concurrency, "max_concurrency", lambda number: isinstance(number, int) and number >= 1
        )
        self.prices_listed_in = _checked(engine.prices_listed_in, "prices_listed_in", _is_text_or_none)
        self.failure: str | None = None
        self._engine = engine
        self._censor = censor

    @property
    def unavailable_reason(self) -> str | None:
        """The engine's own reason, or what it did wrong."""
        reason = self._asked_text("unavailable_reason", lambda: self._engine.unavailable_reason)
        return self.failure or reason

    def normalize_voice(self, voice: Voice) -> Voice:
        """As the engine does; the voice itself if it fails."""
        return self._asked(
            "normalize_voice",
            lambda: self._engine.normalize_voice(voice),
            lambda normalized: isinstance(normalized, Voice),
            voice,
        )

    def voice_warning(self, voice: Voice) -> str | None:
        """As the engine does; None if it fails."""
        return self._asked_text("voice_warning", lambda: self._engine.voice_warning(voice))

    def price_per_character(self, voice: Voice) -> float | None:
        """As the engine does; None if it fails."""
        return self._asked(
            "price_per_character", lambda: self._engine.price_per_character(voice), _is_price_or_none, None
        )

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Synthesize one text.

        Raises:
            EngineError: As the engine raises it. A `DefectError` if it raises or returns anything else than it should.
        """
        audio: object = self._attempt("synthesize", lambda: self._engine.synthesize(text, voice))
        if isinstance(audio, TransientError) and not _is_price_or_none(audio.retry_after):
            audio.retry_after = None
        if isinstance(audio, EngineError):
            raise audio
        if isinstance(audio, BaseException):
            message = f"engine {self.name!r} failed: {self._censor.error(audio)}"
            kind = type(audio).__name__
            raise DefectError(message, kind=kind, was_answered=False) from self._censor.cause(audio)
        return self._checked_audio(audio)

    def voices(self, model: str) -> tuple[CatalogueVoice, ...]:
        """As the engine does.

        Raises:
            EngineError: As the engine raises it; an `EngineStoppedError` if it raises anything else.
        """
        return self._voices_from(lambda: self._engine.voices(model))

    def cloned_voices(self) -> tuple[CatalogueVoice, ...]:
        """As the engine does.

        Raises:
            EngineError: As for `voices`.
        """
        return self._voices_from(self._engine.cloned_voices)

    def _voices_from(self, ask: Callable[[], tuple[CatalogueVoice, ...]]) -> tuple[CatalogueVoice, ...]:
        voices = self._attempt("voices", ask)
        if isinstance(voices, EngineError):
            raise voices
        if isinstance(voices, BaseException):
            message = f"engine {self.name!r} failed: {self._censor.error(voices)}"
            raise EngineStoppedError(message) from self._censor.cause(voices)
        return voices

    def close(self) -> None:
        """Close the engine; what it raises is too late to matter."""
        self._asked("close", self._engine.close, lambda _: True, None)

    def _checked_audio(self, audio: object) -> Audio:
        import numpy as np

        from mkdocs_lightning.audio.samples import Audio

        wrong = ""
        if not isinstance(audio, Audio):
            wrong = shown(audio)
        elif not isinstance(audio.samples, np.ndarray) or audio.samples.dtype != np.int16 or audio.samples.ndim != 1:
            shape, dtype = getattr(audio.samples, "shape", "no shape"), getattr(audio.samples, "dtype", "no dtype")
            wrong = f"samples of {dtype} in the shape {shape}"
        elif not isinstance(audio.sample_rate, int | np.integer) or audio.sample_rate <= 0:
            wrong = f"a sample rate of {shown(audio.sample_rate)}"
        if wrong:
            message = (
                f"engine {self.name!r} returned {self._censor.text(wrong)} instead of mono audio of 16-bit samples"
            )
            raise DefectError(message, kind="returned no audio")
        assert isinstance(audio, Audio)
        return audio

    def _asked(self, member: str, ask: Callable[[], object], is_valid: Callable[[object], bool], default: _T) -> _T:
        """What a member of the engine returns; the default, and a failure, if it raises or returns something else."""
        answer = self._attempt(member, ask)
        if isinstance(answer, BaseException):
            self._note_failure(f"{member} failed: {self._censor.error(answer)}")
            return default
        if not is_valid(answer):
            self._note_failure(f"{member} is {self._censor.text(shown(answer))}, which is not allowed")
            return default
        return answer  # type: ignore[return-value] # `is_valid` has looked at its type

    def _asked_text(self, member: str, ask: Callable[[], object]) -> str | None:
        text: str | None = self._asked(member, ask, _is_text_or_none, None)
        return self._censor.text(text) if text else text

    def _attempt(self, member: str, ask: Callable[[], _T]) -> _T | BaseException:
        """What a member of the engine returns, or what it raises; as `_Censor.attempt`."""
        return self._censor.attempt(f"{member} of engine {self.name!r}", ask)

    def _note_failure(self, what: str) -> None:
        self.failure = self.failure or f"engine {self.name!r} cannot be used: its {what}"


class BrokenEngine(GuardedEngine):
    """Stands for an engine that could not be created. It plans what a build would need, and is unavailable."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(_NoEngine(name), _Censor())
        self.failure = f"engine {name!r} cannot be used: {reason}"


class _NoEngine(Engine):
    def __init__(self, name: str) -> None:
        self.name = name if _NAME.fullmatch(name) else "none"

    def synthesize(self, text: str, voice: Voice) -> Audio:  # noqa: ARG002 - never called with success
        raise EngineStoppedError(f"engine {self.name!r} could not be created")


def _checked(value: _T, name: str, is_valid: Callable[[object], bool]) -> _T:
    if not is_valid(value):
        raise ValueError(f"its {name} is {shown(value)}, which is not allowed")
    return value


def _can_be_name(name: object) -> bool:
    """Not that of an engine of this package either: their keys, and the audio that was paid for, would be mixed up."""
    return isinstance(name, str) and bool(_NAME.fullmatch(name)) and name not in BUILT_IN


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_price_or_none(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value <= _MOST)
