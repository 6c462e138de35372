"""Spoken documentation: an MkDocs plugin that gives each `:::speak` block a player.

The public names are imported on first use, so that a build with everything cached loads neither numpy nor requests.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_lightning.audio.codec import encode
    from mkdocs_lightning.audio.formats import OutputFormat
    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.base.errors import LightningError, SettingError, StoreError
    from mkdocs_lightning.engines import (
        BusyError,
        CatalogueVoice,
        DefectError,
        Engine,
        EngineError,
        EngineOptions,
        EngineStoppedError,
        KeyRefusedError,
        TextRefusedError,
        TransientError,
        VoiceRefusedError,
    )
    from mkdocs_lightning.engines.lightning import LightningEngine
    from mkdocs_lightning.engines.lightning_request import RequestExtras
    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic
    from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
    from mkdocs_lightning.reading.settings.voice import Voice
    from mkdocs_lightning.site.standalone import StandaloneExtension, makeExtension
    from mkdocs_lightning.synthesis.client.asynchronous import AsyncLightning
    from mkdocs_lightning.synthesis.client.batch import Progress
    from mkdocs_lightning.synthesis.client.long_text import join_speeches, split_text
    from mkdocs_lightning.synthesis.client.plan import SpeechPlan
    from mkdocs_lightning.synthesis.client.settings import VoiceOptions
    from mkdocs_lightning.synthesis.client.speech import Speech
    from mkdocs_lightning.synthesis.client.threaded import Lightning
    from mkdocs_lightning.synthesis.policy import BudgetSpentError

__all__ = [
    "AsyncLightning",
    "Audio",
    "Block",
    "BudgetSpentError",
    "BusyError",
    "CatalogueVoice",
    "DefectError",
    "Diagnostic",
    "Engine",
    "EngineError",
    "EngineOptions",
    "EngineStoppedError",
    "KeyRefusedError",
    "Lightning",
    "LightningEngine",
    "LightningError",
    "OutputFormat",
    "Progress",
    "RequestExtras",
    "SettingError",
    "SpeakExtension",
    "Speech",
    "SpeechPlan",
    "StandaloneExtension",
    "StoreError",
    "TextRefusedError",
    "TransientError",
    "Voice",
    "VoiceOptions",
    "VoiceRefusedError",
    "encode",
    "join_speeches",
    "makeExtension",
    "split_text",
]

__version__ = "0.1.0"

_MODULES = {
    "audio.codec": ["encode"],
    "audio.samples": ["Audio"],
    "synthesis.client.asynchronous": ["AsyncLightning"],
    "synthesis.client.batch": ["Progress"],
    "synthesis.client.long_text": ["join_speeches", "split_text"],
    "synthesis.client.plan": ["SpeechPlan"],
    "synthesis.client.settings": ["VoiceOptions"],
    "synthesis.client.speech": ["Speech"],
    "synthesis.client.threaded": ["Lightning"],
    "synthesis.policy": ["BudgetSpentError"],
    "engines": [
        "BusyError",
        "CatalogueVoice",
        "DefectError",
        "Engine",
        "EngineError",
        "EngineOptions",
        "EngineStoppedError",
        "KeyRefusedError",
        "TextRefusedError",
        "TransientError",
        "VoiceRefusedError",
    ],
    "engines.lightning": ["LightningEngine"],
    "engines.lightning_request": ["RequestExtras"],
    "base.errors": ["LightningError", "SettingError", "StoreError"],
    "reading.grammar.block": ["Block", "Diagnostic"],
    "reading.grammar.markdown_extension": ["SpeakExtension"],
    "audio.formats": ["OutputFormat"],
    "site.standalone": ["StandaloneExtension", "makeExtension"],
    "reading.settings.voice": ["Voice"],
}


if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{module}"), name)
        raise AttributeError(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
