"""Spoken documentation: finds `:::speak` blocks while a site builds, and gives each a player."""

from mkdocs_lightning.audio import Audio, OutputFormat, encode
from mkdocs_lightning.client import Lightning, Spoken
from mkdocs_lightning.engines import (
    BusyError,
    Engine,
    EngineError,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.engines.lightning import CatalogueVoice, LightningEngine, RequestExtras
from mkdocs_lightning.errors import LightningError, SettingError
from mkdocs_lightning.markdown import SpeakExtension, makeExtension
from mkdocs_lightning.voice import Voice

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
    "TextRefusedError",
    "TransientError",
    "Voice",
    "VoiceRefusedError",
    "encode",
    "makeExtension",
]

__version__ = "0.1.0"
