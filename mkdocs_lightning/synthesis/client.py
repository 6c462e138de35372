"""The Lightning service from Python, without MkDocs: one text, or many at once.

This is the service's page "Sync & Async Synthesis" as a class, with what that page leaves to its reader: limits,
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
    """One text of many, spoken or not.

    Attributes:
        index: Its place among the texts, from 0.
        audio: None where there is an error.
        error: Why it could not be spoken.
    """

    index: int
    text: str
    audio: Audio | None
    error: LightningError | None


class Lightning:
    """Speaks texts through the Lightning REST API; close it, or use it in a `with` statement.

    Args:
        api_key: By default what the environment variable SMALLEST_API_KEY holds.
        base_url: https, or plain http to this machine itself.
        timeout: Seconds for one request.
        concurrency: Most requests in flight; None finds the account's limit.
        retries: Further tries of one text after a transient failure.
        requests_per_minute: A pace to keep; None for any.
        wire_format: What the service is asked for; the audio is the same but for what a format loses.
        extras: What requests say beside the text and the voice.

    Raises:
        SettingError: A key or a base URL that cannot be used.
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
        """Speak one text: the synchronous mode.

        Args:
            text: 1 to 8000 characters; up to 250 are spoken best.
            voice: By default the default voice of `lightning_v3.1_pro`.

        Raises:
            LightningError: Why it could not be spoken.
        """
        (spoken,) = self.synthesize_as_completed([text], voice)
        if spoken.audio is None:
            assert spoken.error, "one of the two is there"
            raise spoken.error
        return spoken.audio

    def synthesize_all(self, texts: Iterable[str], voice: Voice | None = None) -> list[Spoken]:
        """Speak many texts at once: the concurrent mode; one result for each, in their order."""
        return sorted(self.synthesize_as_completed(texts, voice), key=lambda spoken: spoken.index)

    def synthesize_as_completed(
        self, texts: Iterable[str], voice: Voice | None = None
    ) -> Generator[Spoken, None, None]:
        """Speak many texts at once; one result for each, as they are done. A text given twice is sent once."""
        voice = voice or resolve_voice(VoiceSettings())
        places: defaultdict[Segment, list[int]] = defaultdict(list)
        for index, text in enumerate(texts):
            places[Segment(self._engine.name, voice, text)].append(index)
        for result in self._synthesizer.run(list(places)):
            for index in places[result.segment]:
                yield Spoken(index, result.segment.text, result.audio, result.error)

    def voices(self, model: str) -> tuple[CatalogueVoice, ...]:
        """The live catalogue of one model's voices.

        Raises:
            EngineError: The service did not answer with one.
        """
        return self._engine.voices(model)
