"""The formats in which a site may serve its clips. Knows them by name only, so that it costs nothing to ask."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Encoding(NamedTuple):
    """How libsndfile writes a format; `encoder` goes into the clip's key."""

    suffix: str
    media_type: str
    container: str
    subtype: str
    bitrate_mode: str | None = None
    compression_level: float | None = None


class OutputFormat(Enum):
    """What the site serves. The service's raw formats stand in a WAV container: browsers play no raw ones."""

    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OPUS = "opus"
    PCM = "pcm"
    ULAW = "ulaw"
    ALAW = "alaw"

    @property
    def suffix(self) -> str:
        """The file's ending, with its dot."""
        return _ENCODINGS[self].suffix

    @property
    def media_type(self) -> str:
        """For the `type` of a `<source>`."""
        return _ENCODINGS[self].media_type

    @property
    def encoder(self) -> str:
        """The encoder's settings in words; part of a clip's key."""
        return "/".join(str(part) for part in _ENCODINGS[self][2:] if part is not None)

    @property
    def encoding(self) -> Encoding:
        """How it is written."""
        return _ENCODINGS[self]


_ENCODINGS = {
    # Constant bit rate: every player seeks in it exactly. 0.6 is 64 kbit/s at 24 kHz.
    OutputFormat.MP3: Encoding(".mp3", "audio/mpeg", "MP3", "MPEG_LAYER_III", "CONSTANT", 0.6),
    OutputFormat.WAV: Encoding(".wav", "audio/wav", "WAV", "PCM_16"),
    OutputFormat.FLAC: Encoding(".flac", "audio/flac", "FLAC", "PCM_16"),
    OutputFormat.OPUS: Encoding(".opus", "audio/ogg", "OGG", "OPUS"),
    OutputFormat.PCM: Encoding(".wav", "audio/wav", "WAV", "PCM_16"),
    OutputFormat.ULAW: Encoding(".wav", "audio/wav", "WAV", "ULAW"),
    OutputFormat.ALAW: Encoding(".wav", "audio/wav", "WAV", "ALAW"),
}
