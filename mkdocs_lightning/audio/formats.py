"""The audio formats that a site can serve. Loads no audio library, to keep warm builds quick."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Encoding(NamedTuple):
    """The arguments with which libsndfile writes a format."""

    suffix: str
    media_type: str
    container: str
    subtype: str
    bitrate_mode: str | None = None
    compression_level: float | None = None


class OutputFormat(Enum):
    """A format that the site serves. The service's raw formats get a WAV container, for browsers."""

    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OPUS = "opus"
    PCM = "pcm"
    ULAW = "ulaw"
    ALAW = "alaw"

    @property
    def suffix(self) -> str:
        """The file's suffix, with its dot."""
        return _ENCODINGS[self].suffix

    @property
    def media_type(self) -> str:
        """The MIME type."""
        return _ENCODINGS[self].media_type

    @property
    def encoder(self) -> str:
        """The encoder's settings as text. Part of a clip's key."""
        return "/".join(str(part) for part in _ENCODINGS[self][2:] if part is not None)

    @property
    def encoding(self) -> Encoding:
        """How libsndfile writes it."""
        return _ENCODINGS[self]


_ENCODINGS = {
    # A constant bit rate lets every player seek exactly. 0.6 is 64 kbit/s at 24 kHz.
    OutputFormat.MP3: Encoding(".mp3", "audio/mpeg", "MP3", "MPEG_LAYER_III", "CONSTANT", 0.6),
    OutputFormat.WAV: Encoding(".wav", "audio/wav", "WAV", "PCM_16"),
    OutputFormat.FLAC: Encoding(".flac", "audio/flac", "FLAC", "PCM_16"),
    OutputFormat.OPUS: Encoding(".opus", "audio/ogg", "OGG", "OPUS"),
    OutputFormat.PCM: Encoding(".wav", "audio/wav", "WAV", "PCM_16"),
    OutputFormat.ULAW: Encoding(".wav", "audio/wav", "WAV", "ULAW"),
    OutputFormat.ALAW: Encoding(".wav", "audio/wav", "WAV", "ALAW"),
}
