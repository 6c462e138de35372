"""The process that loads hibari-tts and speaks English; run as a program, imported by nothing.

Requests and answers are those of espeak_worker.py; the rate is a factor on the voice's natural one, 0.5 to 2.

Three things are seen to before it is loaded. Its runtime, onnxruntime, keeps an id of the device and reports to its
maker unless the environment forbids it (its Privacy.md). It would use scipy where that happens to be installed, and
then give other samples. And it is asked for no voice but the one in its wheel: others it would fetch.
"""

from __future__ import annotations

import json
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hibari import Hibari

SEED = 0  # of the noise in the voice: the same text gives the same samples
LOUDEST = 32767

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
sys.modules["scipy"] = ModuleType("scipy")  # without the parts that hibari-tts looks for


def load(voice_id: str) -> Hibari:
    """Load a voice.

    Raises:
        ImportError: hibari-tts, or what it needs, is not installed or does not run here.
        FileNotFoundError: The voice is not in the wheel.
    """
    from hibari import Hibari
    from hibari.voices import voice_path

    voice = Hibari(voice_id, model=voice_path(voice_id, download_missing=False))
    voice.phonemize("a")  # loads its dictionaries, so that it is here that one is missed
    return voice


def synthesize(voice: Hibari, text: str, rate: float) -> bytes:
    """Speak one text; no samples where there is no sound for it."""
    import numpy as np

    text = text.replace("](", "] (")  # in which it would see the phonemes of a word
    try:
        wave = voice(text, speed=rate, seed=SEED)
    except Exception:  # noqa: BLE001 - it fails in many ways on texts that it cannot read, and speaks the next
        return b""
    samples: bytes = (np.clip(wave, -1, 1) * LOUDEST).astype("<i2").tobytes()
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
        except Exception as error:  # noqa: BLE001 - its runtime has errors of its own
            failure = f"{type(error).__name__}: {error}"
        head = {"sample_rate": sample_rate, "bytes": len(samples), "failure": failure}
        output.write(json.dumps(head).encode() + b"\n" + samples)
        output.flush()


if __name__ == "__main__":
    main()
