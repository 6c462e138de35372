"""An engine for any server that speaks OpenAI's `/v1/audio/speech`, such as one of your own."""

from __future__ import annotations

import io
import os
from dataclasses import replace

import requests
import soundfile

from mkdocs_lightning import (
    Audio,
    BusyError,
    Engine,
    EngineError,
    EngineOptions,
    EngineStoppedError,
    TextRefusedError,
    TransientError,
    Voice,
)

SAMPLE_RATE = 24000  # Hz; what these servers send, whatever is asked for


class OpenAISpeech(Engine):
    """One server; `model` and `voice_id` are its own names."""

    name = "openai_speech"  # part of what a sentence is stored under: never change it
    max_concurrency = 8

    def __init__(self, base_url: str, api_key: str | None, timeout: float) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/audio/speech"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = timeout

    def normalize_voice(self, voice: Voice) -> Voice:
        """Drop what the server ignores, so that changing it costs nothing."""
        return replace(
            voice,
            language="en",
            sample_rate=SAMPLE_RATE,
            pronunciation_dicts=(),
            number_pronunciation_language=None,
            math_notation=False,
        )

    def synthesize(self, text: str, voice: Voice) -> Audio:
        order = {"model": voice.model, "voice": voice.voice_id, "input": text, "speed": voice.speed}
        try:
            reply = requests.post(
                self._url,
                json={**order, "response_format": "wav"},
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TransientError(f"{self._url} cannot be reached ({type(error).__name__})") from None
        if reply.status_code != requests.codes.ok:
            raise refusal(reply)
        try:
            samples, sample_rate = soundfile.read(io.BytesIO(reply.content), dtype="int16")
        except soundfile.SoundFileError:
            raise TransientError("the server sent something that is no sound") from None
        return Audio(samples, sample_rate)


def refusal(reply: requests.Response) -> EngineError:
    """Whom a refusal concerns: this try, this text, or the whole run."""
    words = f"the server answered {reply.status_code}: {reply.text[:200]}"
    if reply.status_code == requests.codes.too_many_requests:
        return BusyError(words)
    if reply.status_code in {requests.codes.bad_request, requests.codes.unprocessable_entity}:
        return TextRefusedError(words)
    if reply.status_code < requests.codes.server_error:
        return EngineStoppedError(f"{words}; check base_url and OPENAI_API_KEY")
    return TransientError(words)


def make_engine(options: EngineOptions) -> Engine:
    """What the entry point names. `options.api_key` may be another service's, so it is not sent to this one."""
    assert options.base_url
    return OpenAISpeech(options.base_url, os.environ.get("OPENAI_API_KEY"), options.timeout)
