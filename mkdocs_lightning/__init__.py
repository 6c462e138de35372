"""Spoken documentation: finds `:::speak` blocks while a site builds, and gives each a player."""

from mkdocs_lightning.engines import (
    BusyError,
    Engine,
    EngineError,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
)
from mkdocs_lightning.errors import LightningError, SettingError
from mkdocs_lightning.markdown import SpeakExtension, makeExtension
from mkdocs_lightning.voice import Voice

__all__ = [
    "BusyError",
    "Engine",
    "EngineError",
    "EngineOptions",
    "EngineStoppedError",
    "LightningError",
    "SettingError",
    "SpeakExtension",
    "TextRefusedError",
    "TransientError",
    "Voice",
    "makeExtension",
]

__version__ = "0.1.0"
