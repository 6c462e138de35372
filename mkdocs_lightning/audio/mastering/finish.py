"""From the sentences of a clip to its sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.mastering.edges import trim_edges
from mkdocs_lightning.audio.mastering.levels import level
from mkdocs_lightning.audio.samples import join

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from mkdocs_lightning.audio.samples import Audio


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A clip before it is encoded.

    Attributes:
        audio: The whole.
        sentences: Each sentence as it was synthesized, without the silence around it.
    """

    audio: Audio
    sentences: tuple[Audio, ...]

    @property
    def lengths(self) -> tuple[float, ...]:
        """Seconds of each sentence, without the pauses."""
        return tuple(sentence.duration for sentence in self.sentences)


def finish(
    sentences: Sequence[Audio], voices: Sequence[Hashable], pauses: Sequence[float], loudness: float | None
) -> Finished:
    """Trim the sentences, join them, and bring them to one loudness.

    Args:
        sentences: One or more, as they were synthesized.
        voices: Who speaks each.
        pauses: Seconds of silence between them; one fewer than sentences.
        loudness: LUFS; None leaves each sentence as it was synthesized.
    """
    trimmed = tuple(map(trim_edges, sentences))
    joined = join(trimmed, pauses)
    audio = joined.audio if loudness is None else level(joined.audio, joined.spans, voices, loudness)
    return Finished(audio, trimmed)
