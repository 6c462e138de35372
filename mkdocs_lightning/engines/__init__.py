"""What turns a segment into samples: the protocol that every engine keeps, and how one is found by its name.

Engines are registered under the entry-point group `mkdocs_lightning.engines`; each entry is a callable that takes
`EngineOptions` and returns an `Engine`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from mkdocs_lightning.base.errors import LightningError, SettingError

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.voice import Voice

ENTRY_POINT_GROUP = "mkdocs_lightning.engines"
BUILT_IN = {"lightning": "lightning:LightningEngine", "preview": "offline:PreviewEngine"}
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


class Speaker(Protocol):
    """Speaks one text at a time, from any thread."""

    @property
    def max_concurrency(self) -> int:
        """How many requests at once are of any use."""
        ...

    def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak one text, in one try.

        Args:
            text: 1 to 250 characters.
            voice: As the engine settled it; the audio has its sample rate.

        Raises:
            EngineError: One of its kinds.
        """
        ...


class Engine(Speaker, Protocol):
    """A speaker that also knows its voices, and what they cost."""

    @property
    def name(self) -> str:
        """Part of every segment's key."""
        ...

    @property
    def unavailable(self) -> str | None:
        """Why it cannot speak now, and what to do about it; None when it can."""
        ...

    def settle(self, voice: Voice) -> Voice:
        """The voice as this engine speaks it: what it ignores is set to one value, so that keys agree."""
        ...

    def caution(self, voice: Voice) -> str | None:
        """What to know about a voice that still works, but may not for long; None when all is well."""
        ...

    @property
    def prices_of(self) -> str | None:
        """When the prices were listed, such as `September 2026`; None where nothing is paid."""
        ...

    def price_per_character(self, voice: Voice) -> float | None:
        """US dollars for one character in a voice; 0 where nothing is paid, None where the price is not known."""
        ...

    def close(self) -> None:
        """Let go of connections and processes."""
        ...


def make_engine(name: str, options: EngineOptions) -> Engine:
    """The engine of that name; `auto` is `lightning` when there is a key, else `preview`.

    Raises:
        SettingError: No such engine.
    """
    if name == AUTO:
        name = "lightning" if options.api_key else "preview"
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
