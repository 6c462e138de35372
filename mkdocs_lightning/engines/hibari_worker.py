"""A worker process that loads hibari-tts, an English voice. Run as a program; never imported.

Requests and answers are those of espeak_worker.py; the rate is a speed multiplier, 0.5 to 2.

Three precautions: the telemetry of its runtime, onnxruntime, is turned off (see onnxruntime's Privacy.md). scipy is
hidden, because hibari-tts gives other samples if it is installed. Only the voice in the wheel is used, because
hibari-tts would download any other.
"""

from __future__ import annotations

import json
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hibari import Hibari

SEED = 0  # of the voice's noise, so that the same text gives the same samples
MAX_SAMPLE = 32767

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
sys.modules["scipy"] = ModuleType("scipy")  # an empty module


def load(voice_id: str) -> Hibari:
    """Load a voice.

    Raises:
        ImportError: hibari-tts, or what it needs, is not installed or does not run here.
        FileNotFoundError: The voice is not in the wheel.
    """
    from hibari import Hibari
    from hibari.voices import voice_path

    voice = Hibari(voice_id, model=voice_path(voice_id, download_missing=False))
    voice.phonemize("a")  # loads its dictionaries now, so that a missing one fails here
    return voice


def synthesize(voice: Hibari, text: str, rate: float) -> bytes:
    """Synthesize one text; no samples if the voice cannot pronounce it."""
    import numpy as np

    text = text.replace("](", "] (")  # which would give the phonemes of a word
    try:
        wave = voice(text, speed=rate, seed=SEED)
    except Exception:  # noqa: BLE001 - fails in many ways on some texts, but not on the next one
        return b""
    samples: bytes = (np.clip(wave, -1, 1) * MAX_SAMPLE).astype("<i2").tobytes()
    return samples


def main() -> None:
    """Answer requests until standard input ends."""
    output = sys.stdout.buffer
    voices: dict[str, Hibari] = {}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        voice_id, sample_rate, samples, failure = request["voice_id"], 0, b"", ""
        try:
            voices[voice_id] = voices.get(voice_id) or load(voice_id)
            sample_rate = voices[voice_id].sample_rate
            samples = synthesize(voices[voice_id], request["text"], request["rate"])
        except Exception as error:  # noqa: BLE001 - onnxruntime has its own errors
            failure = f"{type(error).__name__}: {error}"
        head = {"sample_rate": sample_rate, "bytes": len(samples), "failure": failure}
        output.write(json.dumps(head).encode() + b"\n" + samples)
        output.flush()


if __name__ == "__main__":
    main()
