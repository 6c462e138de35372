"""What turns a segment into samples: the base class of all engines, their errors, and how one is found by its name.

Engines are registered under the entry-point group `mkdocs_lightning.engines`; each entry is a callable that takes
`EngineOptions` and returns an `Engine`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, SettingError

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.voice import Voice

ENTRY_POINT_GROUP = "mkdocs_lightning.engines"
BUILT_IN = {"lightning": "lightning:LightningEngine", "offline": "offline:OfflineEngine"}
"""This package's own, by their modules: found without a look at all that is installed."""

AUTO = "auto"
API_KEY_VARIABLE = "SMALLEST_API_KEY"


class EngineError(LightningError):
    """Base of what can go wrong with one segment; its text is the service's own words where there are any.

    Attributes:
        request_id: By which the service's support finds the request, if it said one.
    """

    def __init__(self, message: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class TransientError(EngineError):
    """May go well another time: a lost connection, a busy or broken service, damaged audio.

    Attributes:
        retry_after: Seconds that the service asked to wait, if it did.
    """

    def __init__(self, message: str, request_id: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, request_id)
        self.retry_after = retry_after


class BusyError(TransientError):
    """Refused because of too many requests: not a failure, the same request is due again."""


class TextRefusedError(EngineError):
    """Will never go well for this text; others are not concerned."""


class VoiceRefusedError(TextRefusedError):
    """Will never go well for any text in this voice."""


class EngineStoppedError(EngineError):
    """Will go well for no text of this run: a wrong key, no credit, a retired model."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What an engine may be told.

    Attributes:
        base_url: Where the service is; None for the engine's own.
        timeout: Seconds that one request may take.
    """

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class CatalogueVoice:
    """A voice as a service lists it (contract section 6.1).

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
    """Turns texts into samples; a new engine writes `name` and `synthesize`, and whatever else differs.

    Attributes:
        name: Part of the key of every sentence that it synthesizes: lower-case letters, digits, `_` and `-`.
        max_concurrency: How many requests at once are of any use.
        prices_listed_in: When its prices were listed, such as `September 2026`; None where nothing is paid, or where
            the prices are not known.
    """

    name: str
    max_concurrency: int = 8
    prices_listed_in: str | None = None

    @abstractmethod
    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Synthesize one text, in one try; called from several threads at once.

        Args:
            text: 1 to 250 characters.
            voice: As `normalize_voice` returned it. The audio has its sample rate, is mono, and has 16 bits a sample.

        Raises:
            EngineError: One of its kinds, by what the failure concerns: this try, this text, this voice, the run.
        """

    @property
    def unavailable_reason(self) -> str | None:
        """Why it cannot synthesize now, and what to do about it; None when it can."""
        return None

    def normalize_voice(self, voice: Voice) -> Voice:
        """The voice without what this engine ignores, so that voices that sound the same have the same key.

        To normalize twice changes nothing.
        """
        return voice

    def voice_warning(self, _voice: Voice) -> str | None:
        """What an author should know of a voice that still works, but not for long; None when all is well."""
        return None

    def price_per_character(self, _voice: Voice) -> float | None:
        """US dollars for one character in a voice; 0 where nothing is paid, None where the price is not known."""
        return None

    def voices(self, _model: str) -> tuple[CatalogueVoice, ...]:
        """The voices that the service lists for a model now; none where it lists none.

        Raises:
            EngineError: The service did not answer with a list.
        """
        return ()

    def close(self) -> None:  # noqa: B027 - an engine that holds nothing has nothing to close
        """Close connections and processes; may be called twice."""


def make_engine(name: str, options: EngineOptions) -> Engine:
    """The engine of that name; `auto` is `lightning` when there is a key, else `offline`.

    Raises:
        SettingError: No such engine.
    """
    if name == AUTO:
        name = "lightning" if options.api_key else "offline"
    if name in BUILT_IN:
        module, _, class_name = BUILT_IN[name].partition(":")
        own: Engine = getattr(import_module(f"{__name__}.{module}"), class_name).from_options(options)
        return own
    found = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in found:
        installed = ", ".join(sorted({*found, *BUILT_IN, AUTO}))
        raise SettingError("engine", f"there is no engine {name!r}; installed are {installed}")
    engine: Engine = found[name].load()(options)
    return engine
