"""Spoken documentation: an MkDocs plugin that gives each `:::speak` block a player.

The public names are imported on first use, so that a build with everything cached loads neither numpy nor requests.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_lightning.audio.codec import encode
    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.base.errors import LightningError, SettingError
    from mkdocs_lightning.engines import (
        BusyError,
        CatalogueVoice,
        Engine,
        EngineError,
        EngineOptions,
        EngineStoppedError,
        TextRefusedError,
        TransientError,
        VoiceRefusedError,
    )
    from mkdocs_lightning.engines.lightning import LightningEngine, RequestExtras
    from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
    from mkdocs_lightning.reading.voice import Voice
    from mkdocs_lightning.site.standalone import StandaloneExtension, makeExtension
    from mkdocs_lightning.synthesis.client import Lightning, Spoken

__all__ = [
    "Audio",
    "BusyError",
    "CatalogueVoice",
    "Engine",
    "EngineError",
    "EngineOptions",
    "EngineStoppedError",
    "Lightning",
    "LightningEngine",
    "LightningError",
    "OutputFormat",
    "RequestExtras",
    "SettingError",
    "SpeakExtension",
    "Spoken",
    "StandaloneExtension",
    "TextRefusedError",
    "TransientError",
    "Voice",
    "VoiceRefusedError",
    "encode",
    "makeExtension",
]

__version__ = "0.1.0"

_MODULES = {
    "audio.codec": ["encode"],
    "audio.samples": ["Audio"],
    "synthesis.client": ["Lightning", "Spoken"],
    "engines": [
        "BusyError",
        "CatalogueVoice",
        "Engine",
        "EngineError",
        "EngineOptions",
        "EngineStoppedError",
        "TextRefusedError",
        "TransientError",
        "VoiceRefusedError",
    ],
    "engines.lightning": ["LightningEngine", "RequestExtras"],
    "base.errors": ["LightningError", "SettingError"],
    "reading.grammar.markdown_extension": ["SpeakExtension"],
    "audio.formats": ["OutputFormat"],
    "site.standalone": ["StandaloneExtension", "makeExtension"],
    "reading.voice": ["Voice"],
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
