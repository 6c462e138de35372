"""The Lightning service from Python, without MkDocs: one text, or many at once.

Implements the service's page "Sync & Async Synthesis", and handles what that page leaves to its reader: limits,
retries, damaged replies.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.engines import API_KEY_VARIABLE
from mkdocs_lightning.engines.lightning import BASE_URL, LightningEngine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.voice import Voice, VoiceSettings, resolve_voice
from mkdocs_lightning.synthesis.policy import Policy
from mkdocs_lightning.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from types import TracebackType

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.base.errors import LightningError
    from mkdocs_lightning.engines import CatalogueVoice
    from mkdocs_lightning.engines.lightning import RequestExtras
    from mkdocs_lightning.engines.lightning_reply import WireFormat


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """The result for one of several texts: audio, or an error.

    Attributes:
        index: Index of the text among those that were passed in, from 0.
        audio: None if there is an error.
        error: Why there is no audio; None if there is.
    """

    index: int
    text: str
    audio: Audio | None
    error: LightningError | None


class Lightning:
    """Synthesizes texts through the Lightning REST API. Thread-safe. Close it, or use it in a `with` statement.

    Args:
        api_key: By default, the value of the environment variable SMALLEST_API_KEY.
        base_url: https, or plain http to this machine.
        timeout: Seconds for one request.
        concurrency: Maximum number of requests in flight; None finds the account's limit.
        retries: Further tries of one text after a transient failure.
        requests_per_minute: Maximum rate of requests; None for no limit.
        wire_format: Format in which the service sends the audio; some are lossy.
        extras: Fields of each request besides the text and the voice.

    Raises:
        SettingError: An argument cannot be used.
    """

    def __init__(  # noqa: PLR0913 - one argument a setting
        self,
        api_key: str | None = None,
        *,
        base_url: str = BASE_URL,
        timeout: float = 60.0,
        concurrency: int | None = None,
        retries: int = 5,
        requests_per_minute: int | None = None,
        wire_format: WireFormat = "wav",
        extras: RequestExtras | None = None,
    ) -> None:
        api_key = api_key or os.environ.get(API_KEY_VARIABLE)
        self._engine = LightningEngine(api_key, base_url, timeout, wire_format, extras)
        self._synthesizer = Synthesizer(self._engine, Policy(concurrency, retries, requests_per_minute))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._engine.close()

    def synthesize(self, text: str, voice: Voice | None = None) -> Audio:
        """Synthesize one text: the synchronous mode.

        Args:
            text: 1 to 8000 characters; up to 250 sound best.
            voice: By default, the default voice of `lightning_v3.1_pro`.

        Raises:
            LightningError: The text could not be synthesized.
        """
        (result,) = self.synthesize_as_completed([text], voice)
        if result.audio is None:
            assert result.error, "a result has audio or an error"
            raise result.error
        return result.audio

    def synthesize_all(self, texts: Iterable[str], voice: Voice | None = None) -> list[Spoken]:
        """Synthesize many texts at once: the concurrent mode. Returns one result for each, in the order of the texts.

        Args:
            texts: As for `synthesize`; a text that occurs several times is sent once.
            voice: As for `synthesize`.
        """
        return sorted(self.synthesize_as_completed(texts, voice), key=lambda result: result.index)

    def synthesize_as_completed(
        self, texts: Iterable[str], voice: Voice | None = None
    ) -> Generator[Spoken, None, None]:
        """Synthesize many texts at once; yields one result for each, as soon as it is there.

        Closing the generator starts no further request.

        Args:
            texts: As for `synthesize`; a text that occurs several times is sent once.
            voice: As for `synthesize`.
        """
        voice = voice or resolve_voice(VoiceSettings())
        indexes: defaultdict[Segment, list[int]] = defaultdict(list)
        for index, text in enumerate(texts):
            indexes[Segment(self._engine.name, voice, text)].append(index)
        for result in self._synthesizer.run(list(indexes)):
            for index in indexes[result.segment]:
                yield Spoken(index, result.segment.text, result.audio, result.error)

    def voices(self, model: str) -> tuple[CatalogueVoice, ...]:
        """The voices that the service lists for a model now.

        Raises:
            EngineError: The service did not answer with a list.
        """
        return self._engine.voices(model)
