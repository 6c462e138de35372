"""Audio that has just been synthesized, for the clips that wait for it: they need not read it back from the cache."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.segment import Clip, Segment

MAX_BYTES = 32 * 2**20
"""Of samples: what arrives beyond is read back. Clips wait for a few sentences each, so this is seldom reached."""


class ArrivedAudio:
    """Samples of the segments that some clip waits for. Thread-safe.

    Args:
        max_bytes: Of all samples together.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()  # guards the next three
        self._wanted: Counter[str] = Counter()  # clips that wait, by the key of a segment
        self._audio: dict[str, Audio] = {}
        self._bytes = 0

    def want(self, clip: Clip) -> None:
        """A clip waits for its segments from now on."""
        with self._lock:
            self._wanted.update({segment.key for segment in clip.segments})

    def add(self, segment: Segment, audio: Audio) -> None:
        """A segment has arrived, and is stored: hold its audio, if a clip waits for it and there is room."""
        with self._lock:
            has_room = self._bytes + audio.samples.nbytes <= self._max_bytes
            if segment.key in self._wanted and segment.key not in self._audio and has_room:
                self._audio[segment.key] = audio
                self._bytes += audio.samples.nbytes

    def take(self, clip: Clip) -> Mapping[str, Audio]:
        """A clip waits no longer: what is held of it, by the keys of its segments.

        What no other clip waits for is let go.
        """
        keys = {segment.key for segment in clip.segments}
        with self._lock:
            taken = {key: self._audio[key] for key in keys if key in self._audio}
            self._wanted.subtract(keys)
            for key in keys:
                if self._wanted[key] <= 0:
                    del self._wanted[key]
                    audio = self._audio.pop(key, None)
                    self._bytes -= audio.samples.nbytes if audio else 0
        return taken
