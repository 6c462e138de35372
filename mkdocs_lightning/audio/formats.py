"""The audio formats that a site can serve. Loads no audio library, to keep warm builds quick."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from mkdocs_lightning.base.errors import SettingError, listed, shown


class Mp3Setting(NamedTuple):
    """How MP3 of one sample rate is encoded.

    Attributes:
        bit_rate: kbit/s, the same for each frame, so that every player seeks exactly.
        target: The quality at which LAME's encoder for variable bit rates aims, from 0, the best, to 9; it is faster,
            and is held to the one bit rate. None: the encoder for constant bit rates, which uses all bits that it has.
    """

    bit_rate: int
    target: int | None = None

    @property
    def text(self) -> str:
        """For the key of a clip."""
        return f"{self.bit_rate}" if self.target is None else f"{self.bit_rate}V{self.target}"


MP3_SETTINGS = {
    8000: Mp3Setting(32),
    11025: Mp3Setting(32),
    12000: Mp3Setting(32),
    16000: Mp3Setting(64),
    22050: Mp3Setting(64, 0),
    24000: Mp3Setting(64, 0),
    32000: Mp3Setting(160),
    44100: Mp3Setting(160),
    48000: Mp3Setting(160),
}
"""By Hz, for all sample rates that MP3 knows. What else was measured is in benchmarks/README.md."""

MP3_QUALITY = 7
"""LAME's other setting of quality, from 0, which is slow, to 9."""


DEFAULT_LOUDNESS = -19.0
"""LUFS: what podcasts ask of mono."""

SOFTEST, LOUDEST = -36.0, -16.0
"""LUFS. Softer speech can hardly be heard; louder speech would have its peaks limited all the time."""


class Encoding(NamedTuple):
    """How a format is written. All but the first two are part of a clip's key: other settings, another clip.

    Attributes:
        suffix: Of the file, with its dot.
        media_type: The MIME type.
        container: libsndfile's name of the container.
        subtype: libsndfile's name of what is in it; or `LAME`, which writes MP3 without libsndfile.
        settings: Of LAME.
    """

    suffix: str
    media_type: str
    container: str
    subtype: str
    settings: str | None = None


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
        return "/".join(part for part in _ENCODINGS[self][2:] if part)

    @property
    def encoding(self) -> Encoding:
        """How it is written."""
        return _ENCODINGS[self]


_ENCODINGS = {
    OutputFormat.MP3: Encoding(
        ".mp3",
        "audio/mpeg",
        "MP3",
        "LAME",
        f"{' '.join(setting.text for setting in MP3_SETTINGS.values())}/{MP3_QUALITY}",
    ),
    OutputFormat.WAV: Encoding(".wav", "audio/wav", "WAV", "PCM_16"),
    OutputFormat.FLAC: Encoding(".flac", "audio/flac", "FLAC", "PCM_16"),
    OutputFormat.OPUS: Encoding(".opus", "audio/ogg", "OGG", "OPUS"),
    OutputFormat.PCM: Encoding(".wav", "audio/wav", "WAV", "PCM_16"),
    OutputFormat.ULAW: Encoding(".wav", "audio/wav", "WAV", "ULAW"),
    OutputFormat.ALAW: Encoding(".wav", "audio/wav", "WAV", "ALAW"),
}

OTHER_SUFFIXES = {"ogg": OutputFormat.OPUS, "wave": OutputFormat.WAV}
"""Further suffixes of files, after their containers, with their formats."""


def named_format(name: OutputFormat | str) -> OutputFormat:
    """A format, also by its name.

    Raises:
        SettingError: There is none of this name.
    """
    try:
        return OutputFormat(name)
    except ValueError as error:
        known = listed(output_format.value for output_format in OutputFormat)
        raise SettingError("output_format", f"{shown(name)} is not one of {known}") from error


class ClipSettings(NamedTuple):
    """How the clips of a site are made of their sentences.

    Attributes:
        output_format: Of their files.
        loudness: LUFS of each clip; None leaves sentences as they were synthesized.
    """

    output_format: OutputFormat = OutputFormat.MP3
    loudness: float | None = DEFAULT_LOUDNESS
