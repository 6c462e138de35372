"""A sentence that is cached, and how it sounds."""

from __future__ import annotations

import numpy as np

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

VOICE = resolve_voice(VoiceSettings(sample_rate=8000))
SEGMENT = Segment("lightning", VOICE, "A sentence.")
SOUND = Audio(np.random.default_rng(1).integers(-9000, 9000, 800, np.int16), 8000)
OTHER_SOUND = Audio(np.random.default_rng(2).integers(-9000, 9000, 800, np.int16), 8000)
