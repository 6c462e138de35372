"""Engines, which turn a text into audio: their base class, their errors, and how one is found by its name.

An engine is registered as an entry point of the group `mkdocs_lightning.engines`: a callable that takes
`EngineOptions` and returns an `Engine`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from mkdocs_lightning.base.errors import LightningError, SettingError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.segment import Segment, WordTimes
    from mkdocs_lightning.reading.settings.voice import Voice

ENTRY_POINT_GROUP = "mkdocs_lightning.engines"
_LIGHTNING = "lightning"
BUILT_IN = {_LIGHTNING: "lightning:LightningEngine", "offline": "offline:OfflineEngine"}
"""The engines of this package, found by module: searching all installed packages takes time."""

_OTHER_ENGINES = {"smallest": _LIGHTNING, "smallestai": _LIGHTNING, "espeak": "offline", "espeak-ng": "offline"}
"""What people call them."""

AUTO = "auto"
API_KEY_VARIABLE = "SMALLEST_API_KEY"


class EngineError(LightningError):
    """Base of all errors of an engine. Its text quotes the service, if the service gave a message.

    The subclasses say what the failure concerns: this try, this text, this voice, or the whole run.

    Attributes:
        request_id: By which the service's support can find the request; None if the service gave none.
    """

    def __init__(self, message: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class TransientError(EngineError):
    """Another try may succeed: a lost connection, a busy or broken service, damaged audio.

    Attributes:
        retry_after: Seconds that the service asks to wait; None if it does not say.
        was_answered: Whether the service answered with audio, which it charges for, though it cannot be used.
        is_pending: Whether the service may still be at work on the request, and may charge for it.
    """

    def __init__(
        self,
        message: str,
        request_id: str | None = None,
        retry_after: float | None = None,
        *,
        was_answered: bool = False,
        is_pending: bool = False,
    ) -> None:
        super().__init__(message, request_id)
        self.retry_after = retry_after
        self.was_answered = was_answered
        self.is_pending = is_pending


class DefectError(TransientError):
    """An answer that cannot be used: audio that is silent, say, or whatever a broken engine returns.

    One may be an accident. The same kind again, for one sentence or for several in a row, is not tried any more.

    Attributes:
        kind: The same for each answer with this defect, whatever the message's numbers are.
    """

    def __init__(
        self, message: str, request_id: str | None = None, *, kind: str = "", was_answered: bool = True
    ) -> None:
        super().__init__(message, request_id, was_answered=was_answered)
        self.kind = kind or message


class BusyError(TransientError):
    """Refused for too many requests. Does not count as a failure: the same request is sent again."""


class TextRefusedError(EngineError):
    """No try can succeed for this text; other texts are not affected."""


class VoiceRefusedError(TextRefusedError):
    """No try can succeed for any text in this voice."""


class EngineStoppedError(EngineError):
    """No try can succeed for any text of this run: a wrong key, no credit, a retired model."""


class KeyRefusedError(EngineStoppedError):
    """There is no key, or the service refuses it, so the configuration is wrong, and not the service."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The options of a site that an engine may use.

    Attributes:
        api_key: None if neither the option nor the environment variable is set; empty if one is set to nothing.
        base_url: Address of the service; None for the engine's default.
        timeout: Seconds for one request.
        key_source: The name of the option or variable that `api_key` was read from, for messages.
    """

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)  # somebody may have put a key into it
    timeout: float = 60.0
    key_source: str = API_KEY_VARIABLE


@dataclass(frozen=True, slots=True)
class CatalogueVoice:
    """A voice as a service lists it.

    Attributes:
        languages: English names, such as `english`.
    """

    voice_id: str
    name: str
    model: str
    languages: tuple[str, ...] = ()
    accent: str | None = None
    gender: str | None = None


class Engine(ABC):
    """Turns texts into audio. A new engine defines `name` and `synthesize`, and overrides other members as needed.

    Attributes:
        name: Part of the key of every sentence that the engine synthesizes, so it must never change. Lower-case
            letters, digits, `_` and `-`, beginning with a letter.
        max_concurrency: Maximum number of calls of `synthesize` at once.
        prices_listed_in: When its prices were listed, such as `September 2026`; None if it is free, or if its prices
            are not known.
    """

    name: str
    max_concurrency: int = 8
    prices_listed_in: str | None = None

    @abstractmethod
    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Synthesize one text, in one try. Called from several threads at once.

        Args:
            text: 1 to 250 characters.
            voice: As `normalize_voice` returned it.

        Returns:
            Mono audio of 16 bits a sample, at the voice's sample rate.

        Raises:
            EngineError: The subclass that says what the failure concerns: this try, this text, this voice, the run.
        """

    @property
    def unavailable_reason(self) -> str | None:
        """Why the engine cannot synthesize now, and what to do about it; None if it can."""
        return None

    def normalize_voice(self, voice: Voice) -> Voice:
        """Drop what this engine ignores, so that voices that sound the same have the same key.

        Normalizing a normalized voice must not change it.
        """
        return voice

    def voice_warning(self, voice: Voice) -> str | None:  # noqa: ARG002 - for those that override it
        """Warn of a voice that still works, but not for long; None if there is nothing to warn of."""
        return None

    def price_per_character(self, voice: Voice) -> float | None:  # noqa: ARG002 - likewise
        """Price of one character in a voice, in US dollars; 0 if it is free, None if the price is not known."""
        return None

    def voices(self, model: str) -> tuple[CatalogueVoice, ...]:  # noqa: ARG002 - likewise
        """The voices that the service lists for a model now; empty if the engine cannot list voices.

        Raises:
            EngineError: The service did not answer with a list.
        """
        return ()

    def cloned_voices(self) -> tuple[CatalogueVoice, ...]:
        """The voices that the account has cloned; empty if the engine cannot list them.

        Raises:
            EngineError: The service did not answer with a list.
        """
        return ()

    def close(self) -> None:  # noqa: B027 - many engines have nothing to close
        """Close connections and processes. May be called twice."""


class WordFinder(Protocol):
    """Finds when each word of a segment is heard, at no cost. Thread-safe."""

    def can_time(self, segment: Segment) -> bool:
        """Whether the words of a segment can be found on this machine."""
        ...

    def missing_extra(self, segment: Segment) -> str | None:
        """The extra of this package that would find the words of a segment; None if none would, or none is missing."""
        ...

    def find(self, segment: Segment, audio: Audio) -> WordTimes | None:
        """The words of a segment; empty if they cannot be found, None if the search failed and may succeed later."""
        ...

    def close(self) -> None:
        """End its processes; it may be used again."""
        ...


def make_word_finder() -> WordFinder:
    """Finds the words of the offline voice, and those in English and French; it loads nothing before it is used."""
    from mkdocs_lightning.engines.words.times import WordTimer

    return WordTimer()


def normalize_voices(engine: Engine, voices: Iterable[Voice]) -> tuple[Voice, ...]:
    """Each of some voices as an engine normalizes it."""
    normalized: dict[Voice, Voice] = {}
    result = []
    for voice in voices:
        if voice not in normalized:
            normalized[voice] = engine.normalize_voice(voice)
        result.append(normalized[voice])
    return tuple(result)


def voice_warnings(engine: Engine, voices: Iterable[Voice]) -> list[str]:
    """The warnings of some voices, each once, in alphabetical order."""
    return sorted({engine.voice_warning(voice) or "" for voice in voices} - {""})


def make_stand_in(name: str, engine: Engine) -> Engine | None:
    """What speaks the sentences that are not cached where `auto` has no API key: the offline voice; else None.

    Args:
        name: As the option `engine` has it.
        engine: The one that `make_engine` has made for it.
    """
    return make_engine("offline", EngineOptions()) if name == AUTO and engine.unavailable_reason else None


def stand_in_reason(engine: Engine, stand_in: Engine | None) -> str | None:
    """Why an engine needs a stand-in, and why that cannot speak either, if it cannot; None without a stand-in."""
    reasons = (engine.unavailable_reason, stand_in.unavailable_reason) if stand_in else ()
    return "; ".join(filter(None, reasons)) or None


def costs_nothing(engine: Engine, voice: Voice) -> bool:
    """Whether an engine speaks a voice for free, whether it is normalized or not."""
    return engine.price_per_character(engine.normalize_voice(voice)) == 0


def failure_of(engine: Engine) -> str | None:
    """What an engine of another package has done wrong so far, outside of `synthesize`; None if nothing."""
    from mkdocs_lightning.engines.guard import GuardedEngine

    return engine.failure if isinstance(engine, GuardedEngine) else None


def make_engine(name: str, options: EngineOptions) -> Engine:
    """Make the engine of this name; `auto` is `lightning`, with a key or without: see `make_stand_in`.

    Raises:
        SettingError: There is no such engine, or an option cannot be used. Whatever else goes wrong in an engine of
            another package makes it unavailable.
    """
    name = _LIGHTNING if name == AUTO else name  # so a sentence has the same key on each machine
    if name in BUILT_IN:
        module, _, class_name = BUILT_IN[name].partition(":")
        own: Engine = getattr(import_module(f"{__name__}.{module}"), class_name).from_options(options)
        return own
    found = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in found:
        installed = sorted({*found, *BUILT_IN, AUTO})
        meant = did_you_mean(_OTHER_ENGINES.get(name.lower(), name), installed)
        advice = meant or ". If you have just added this entry point to a package, install the package again"
        raise SettingError("engine", f"there is no engine {name!r}; installed engines: {', '.join(installed)}{advice}")
    from mkdocs_lightning.engines.guard import guarded

    return guarded(name, lambda: found[name].load()(options), options.api_key)
