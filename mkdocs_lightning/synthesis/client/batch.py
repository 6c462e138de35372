"""The texts of one call, from being read to being handed out as speeches. Knows neither threads nor loops."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.engines import TextRefusedError
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.sentence_ends import has_words
from mkdocs_lightning.reading.sentences import spoken_text
from mkdocs_lightning.synthesis.client.speech import Speech
from mkdocs_lightning.synthesis.run import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_lightning.reading.settings.voice import Voice


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call of `synthesize_all` has come.

    Attributes:
        done: Texts that are finished, with audio or with an error.
        total: All texts; None if it is not known, as for a generator.
        cached: Finished texts whose audio came from the cache.
        failed: Finished texts that have an error.
        characters: Sent for this call, and answered with audio.
    """

    done: int
    total: int | None
    cached: int
    failed: int
    characters: int


class Batch:
    """The texts of one call. All methods belong to one thread.

    A text: read ──► waiting for its result ──`finish`──► finished ──`ready`──► handed out
                └──(empty, or the same as an earlier one that is kept)──▲

    Args:
        engine: The engine's name.
        voice: Who speaks, as the engine normalized it.
        window: Maximum number of texts that are read and not handed out: it bounds the memory.
        as_completed: Whether speeches are handed out as they finish, and not in the order of the texts.
        texts: All texts, if they are known: the audio of a text that comes again is kept until then.
        progress: Told after each text.
    """

    def __init__(  # noqa: PLR0913 - one argument a choice of the caller
        self,
        engine: str,
        voice: Voice,
        *,
        window: int,
        as_completed: bool = False,
        texts: Sequence[str] | None = None,
        progress: Callable[[Progress], object] | None = None,
    ) -> None:
        self._engine = engine
        self._voice = voice
        self._window = window
        self._as_completed = as_completed
        self._to_come = Counter(map(spoken_text, texts or ()))
        self._total = None if texts is None else len(texts)
        self._progress = progress
        self._read = self._handed_out = 0
        self._cached = self._failed = self._done = self._characters = 0
        self._waiting: dict[str, list[tuple[int, str]]] = {}  # by what is spoken; texts with their places
        self._kept: dict[str, Result] = {}  # likewise
        self._finished: dict[int, Speech] = {}  # in the order in which they finished

    @property
    def has_room(self) -> bool:
        """Whether another text may be read."""
        return self._read - self._handed_out < self._window

    @property
    def is_done(self) -> bool:
        """Whether all texts that were read are handed out."""
        return self._read == self._handed_out

    @property
    def read_count(self) -> int:
        """Number of texts that were read."""
        return self._read

    def read(self, text: str) -> Segment | None:
        """Take the next text.

        Returns:
            What has to be synthesized, and then passed to `finish`; None if there is nothing to do for this text.
        """
        place = (self._read, text)
        self._read += 1
        segment = Segment(self._engine, self._voice, spoken_text(text))
        self._to_come[segment.text] -= 1
        if not has_words(segment.text):
            self._end(place, Result(segment, error=TextRefusedError("there is nothing to speak in this text")))
        elif segment.text in self._kept:
            self._end(place, self._kept[segment.text])
            self._keep_or_drop(self._kept[segment.text])
        elif segment.text in self._waiting:
            self._waiting[segment.text].append(place)
        else:
            self._waiting[segment.text] = [place]
            return segment
        return None

    def finish(self, result: Result) -> None:
        """Take the result for a segment that `read` has returned."""
        if result.audio is not None and not result.was_cached:
            self._characters += len(result.segment.text)
        for place in self._waiting.pop(result.segment.text):
            self._end(place, result)
        self._keep_or_drop(result)

    def ready(self) -> Iterator[Speech]:
        """Hand out the speeches whose turn it is."""
        while self._finished:
            index = next(iter(self._finished)) if self._as_completed else self._handed_out
            if index not in self._finished:
                return
            self._handed_out += 1
            yield self._finished.pop(index)

    def _keep_or_drop(self, result: Result) -> None:
        if self._to_come[result.segment.text] > 0:
            self._kept[result.segment.text] = result
        else:
            self._kept.pop(result.segment.text, None)

    def _end(self, place: tuple[int, str], result: Result) -> None:
        index, text = place
        self._finished[index] = Speech(
            text, self._voice, index, error=result.error, is_cached=result.was_cached, _audio=result.audio
        )
        self._done += 1
        self._cached += result.was_cached
        self._failed += result.error is not None
        if self._progress:
            self._progress(Progress(self._done, self._total, self._cached, self._failed, self._characters))
