"""An engine for any server with OpenAI's `/v1/audio/speech`, such as one that you run yourself."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from http import HTTPStatus

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

SAMPLE_RATE = 24000  # Hz; these servers send no other


class OpenAISpeech(Engine):
    """Synthesizes with one server; `model` and `voice_id` are the server's own names."""

    name = "openai_speech"  # part of the key of each cached sentence: never change it

    def __init__(self, base_url: str, api_key: str | None, timeout: float) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/audio/speech"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = timeout

    def normalize_voice(self, voice: Voice) -> Voice:
        """Drop the settings that the server ignores, so that changing them costs nothing."""
        return replace(
            voice,
            language="en",
            sample_rate=SAMPLE_RATE,
            pronunciation_dicts=(),
            number_pronunciation_language=None,
            math_notation=False,
        )

    def synthesize(self, text: str, voice: Voice) -> Audio:
        try:
            reply = requests.post(
                self._url,
                json={
                    "model": voice.model,
                    "voice": voice.voice_id,
                    "input": text,
                    "speed": voice.speed,
                    "response_format": "wav",
                },
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TransientError(f"{self._url} cannot be reached ({type(error).__name__})") from None
        if reply.status_code != HTTPStatus.OK:
            raise refusal(reply)
        try:
            samples, sample_rate = soundfile.read(io.BytesIO(reply.content), dtype="int16")
        except soundfile.SoundFileError:
            raise TransientError("the server sent something other than audio") from None
        return Audio(samples, sample_rate)


def refusal(reply: requests.Response) -> EngineError:
    """Return the error that says what a refusal affects: this try, this text, or the whole run."""
    message = f"the server answered {reply.status_code}: {reply.text[:200]}"
    if reply.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return BusyError(message)
    if reply.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
        return TextRefusedError(message)
    if reply.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return EngineStoppedError(f"{message}; check base_url and OPENAI_API_KEY")
    return TransientError(message)


def make_engine(options: EngineOptions) -> Engine:
    """The entry point. It does not use `options.api_key`, which may belong to another service."""
    assert options.base_url
    return OpenAISpeech(options.base_url, os.environ.get("OPENAI_API_KEY"), options.timeout)
