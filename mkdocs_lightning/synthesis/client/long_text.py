"""Texts that are too long for one request: split before, and joined after."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, shown
from mkdocs_lightning.reading.sentences import Pause, split_paragraph, spoken_text
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES, language_advice
from mkdocs_lightning.synthesis.client.settings import checked_text, kind
from mkdocs_lightning.synthesis.client.speech import Speech

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n")
_LONGEST_PAUSE = 60.0
_SHOWN_TEXT = 60  # characters


def split_text(text: str, language: str = "en") -> list[str]:
    """Split a text into parts that sound best: its sentences, as the plugin reads them.

    Short sentences of a paragraph stay together, long ones are cut; each part has at most 250 characters. Blank lines
    separate paragraphs. With the same voice, a part has the same key in the cache as on a site that says the same.

    Args:
        text: Of any length.
        language: Its code, or `auto`: where sentences end depends on it.

    Raises:
        TypeError: The text is not a `str`.
        SettingError: The service does not have the language.
    """
    _check_language(language)
    paragraphs = (spoken_text(paragraph) for paragraph in _BLANK_LINES.split(checked_text(text)))
    return [
        part for paragraph in paragraphs for sentence in split_paragraph(paragraph, language) for part in sentence.parts
    ]


def join_speeches(speeches: Iterable[Speech], pause: float = Pause.SENTENCE / 1000) -> Speech:
    """Join speeches into one, such as those of the parts of a text.

    Args:
        speeches: At least one, in the order in which they are heard. The voice and the sample rate of the first are
            those of the whole.
        pause: Seconds of silence between two.

    Raises:
        TypeError: These are not speeches.
        SettingError: There is no speech, or the pause cannot be used.
        LightningError: One of them has no audio: its `error`, with a note that says which text it is.
    """
    parts = _checked_speeches(speeches)
    if not parts:
        raise SettingError("speeches", "there is no speech to join")
    if isinstance(pause, bool) or not isinstance(pause, int | float) or not 0 <= pause <= _LONGEST_PAUSE:
        raise SettingError("pause", f"pause: {shown(pause)} is not a number of seconds from 0 to {_LONGEST_PAUSE:.0f}")
    from mkdocs_lightning.audio.samples import join

    joined = join([_audio_of(part, index) for index, part in enumerate(parts)], [float(pause)] * (len(parts) - 1))
    return Speech(
        text=" ".join(part.text for part in parts),
        voice=parts[0].voice,
        is_cached=all(part.is_cached for part in parts),
        _audio=joined.audio,
    )


def _audio_of(part: Speech, index: int) -> Audio:
    """The audio of one of several speeches.

    Raises:
        LightningError: There is none; a note names the text, as the message does not, and several may share the error.
    """
    text = part.text if len(part.text) <= _SHOWN_TEXT else f"{part.text[:_SHOWN_TEXT]}…"
    note = f"speeches[{index}] has no audio; its text is {text!r}"
    if part.error and note not in getattr(part.error, "__notes__", []):
        part.error.add_note(note)
    return part.audio


def _check_language(language: object) -> None:
    known = sorted([*LANGUAGE_NAMES, "auto"])
    if language not in known:
        advice = language_advice(language, known)
        raise SettingError("language", f"language: {shown(language)} is not a language; {advice}")


def _checked_speeches(speeches: object) -> list[Speech]:
    if not isinstance(speeches, Iterable):
        raise TypeError(f"speeches is not a list of speeches but {kind(speeches)}")
    parts = []
    for index, speech in enumerate(speeches):
        if not isinstance(speech, Speech):
            raise TypeError(f"speeches[{index}] is not a Speech but {kind(speech)}")
        parts.append(speech)
    return parts
