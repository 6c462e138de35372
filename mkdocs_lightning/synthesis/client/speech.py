"""A text that was synthesized: its audio, and files of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.formats import OTHER_SUFFIXES, OutputFormat
from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.errors import SettingError, listed, shown

if TYPE_CHECKING:
    import os

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.base.errors import LightningError
    from mkdocs_lightning.reading.settings.voice import Voice

_FORMATS = (OutputFormat.MP3, OutputFormat.WAV, OutputFormat.FLAC, OutputFormat.OPUS)
_FILES = {each.value: each for each in _FORMATS} | OTHER_SUFFIXES
"""The formats of files, by suffix."""


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """One text as speech, or the reason why there is none.

    Attributes:
        text: As it was given.
        voice: Who speaks it, with all settings.
        index: The text's place among those of one call, from 0.
        error: Why there is no audio; None if there is.
        is_cached: Whether the audio came from a cache, so that nothing was sent or paid.
    """

    text: str
    voice: Voice
    index: int = 0
    error: LightningError | None = None
    is_cached: bool = False
    _audio: Audio | None = field(default=None, repr=False)

    @property
    def audio(self) -> Audio:
        """The samples: mono, 16 bits, as the service sent them.

        Raises:
            LightningError: There are none. It is `error`.
        """
        if self._audio is None:
            assert self.error, "a speech has audio or an error"
            raise self.error
        return self._audio

    @property
    def duration(self) -> float:
        """Seconds.

        Raises:
            LightningError: As for `audio`.
        """
        return self.audio.duration

    def to_bytes(self, output_format: str | OutputFormat) -> bytes:
        """Encode the audio as a complete file.

        Args:
            output_format: `mp3`, `wav`, `flac`, `opus`, `ogg` or `wave`. Raw samples are in `audio.samples`.

        Raises:
            SettingError: There is no such format.
            LightningError: As for `audio`.
        """
        from mkdocs_lightning.audio.codec import encode

        return encode(self.audio, _format_named(output_format))

    def save(self, path: str | os.PathLike[str], output_format: str | OutputFormat | None = None) -> None:
        """Write the audio into a file: all of it or, if that fails, nothing.

        Args:
            path: The file. An existing one is replaced; its folder has to exist.
            output_format: As for `to_bytes`. By default what the file's name ends with: `.mp3`, `.wav`, `.flac`,
                `.opus`, `.ogg` or `.wave`.

        Raises:
            SettingError: There is no such format, or the file's name ends with none.
            LightningError: As for `audio`.
            OSError: The file cannot be written.
        """
        file = Path(path)
        data = self.to_bytes(_format_of_file(file) if output_format is None else output_format)
        try:
            atomic_write(file, data, keeps_mode=True)
        except OSError as error:  # it names the temporary file
            raise type(error)(error.errno, error.strerror, str(file)) from error


def _format_named(name: object) -> OutputFormat:
    if isinstance(name, OutputFormat):
        return name
    known = _FILES.get(name.lower().removeprefix(".")) if isinstance(name, str) else None
    if known is None:
        raise SettingError("output_format", f"output_format: {shown(name)} is not one of {listed(_FILES)}{_hint(name)}")
    return known


def _format_of_file(file: Path) -> OutputFormat:
    known = _FILES.get(file.suffix.lower().removeprefix("."))
    if known is None:
        suffixes = listed(f".{suffix}" for suffix in _FILES)
        raise SettingError(
            "output_format", f"{str(file)!r} does not end in a known extension: {suffixes}{_hint(file.suffix)}"
        )
    return known


def _hint(name: object) -> str:
    """Where a format is that the service has, and no file."""
    name = str(name).lower().removeprefix(".")
    if name == "pcm":
        return "; raw samples are speech.audio.samples"
    return f"; encode(speech.audio, '{name}') makes a WAV file of it" if name in {"ulaw", "alaw"} else ""
