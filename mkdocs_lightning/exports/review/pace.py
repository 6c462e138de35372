"""How long a text will take to say, before it is synthesized."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.reading.settings.voice import Voice

_SECONDS_A_LETTER = 1 / 15  # in languages with an alphabet
_SECONDS_A_SYLLABLE = 0.2  # of a character that is one, as in Chinese
_ENOUGH = 5.0  # seconds of a voice that tell how fast it is


def usual_seconds(text: str, speed: float) -> float:
    """How long an average voice takes to say a text."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text) if not text.isascii() else 0
    return (wide * _SECONDS_A_SYLLABLE + (len(text) - wide) * _SECONDS_A_LETTER) / speed


@dataclass(slots=True)
class Pace:
    """How fast the voices of a site are, as far as some of their audio is cached.

    Attributes:
        measured: Of each voice: the seconds of its audio, and those of an average voice.
    """

    measured: defaultdict[Voice, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))

    def learn(self, spoken: Iterable[tuple[Voice, str, float]]) -> None:
        """Measure some audio.

        Args:
            spoken: A voice, a text, and its seconds.
        """
        for voice, text, seconds in spoken:
            of_voice = self.measured[voice]
            of_voice[0] += seconds
            of_voice[1] += usual_seconds(text, voice.speed)

    def estimate(self, text: str, voice: Voice) -> float:
        """The seconds that a voice may take to say a text."""
        seconds, usual = self.measured.get(voice, (0.0, 0.0))
        factor = seconds / usual if seconds >= _ENOUGH else 1.0
        return usual_seconds(text, voice.speed) * factor
