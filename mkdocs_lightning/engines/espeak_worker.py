"""A worker process that loads espeak-ng's library. Run as a program; never imported.

Each line of standard input is a request, {"text", "voice_id", "rate"}: the voice is a language as espeak-ng names it,
the rate is in words per minute. Each answer is a line, {"sample_rate", "bytes", "failure"}, followed by that many bytes
of samples (mono, 16 bit, little-endian). No samples without a failure mean that the voice cannot pronounce the text.

Source of the calls: espeak-ng's speak_lib.h. The library carries noise and phase over from one utterance to the next,
and has no call that resets them. It is loaded anew for each text, so that the same text gives the same samples.
"""

from __future__ import annotations

import _ctypes
import ctypes
import json
import sys
from typing import NamedTuple

OUTPUT_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS
DO_NOT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
RATE = 1  # espeakRATE
CHARS_UTF8 = 1  # espeakCHARS_UTF8
BUFFER_MS = 60_000  # one callback for each utterance
FILE_NAMES = "mbcs" if sys.platform == "win32" else "utf-8"  # encoding of file names in C's fopen


class VoiceProperties(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Answer(NamedTuple):
    """The answer to one request: samples, or in `failure` why the library cannot be used."""

    samples: bytes = b""
    sample_rate: int = 0
    failure: str = ""


def synthesize(text: str, language: str, words_per_minute: int) -> Answer:
    """Load the library, synthesize one text, and unload the library again."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        data_path = espeakng_loader.get_data_path().encode(FILE_NAMES)
        sample_rate = library.espeak_Initialize(OUTPUT_SYNCHRONOUS, BUFFER_MS, data_path, DO_NOT_EXIT)
        if sample_rate <= 0:
            return Answer(failure="espeak-ng found no data for its voices")
        samples = bytearray()

        def collect(wave: int | None, count: int, _events: object) -> int:
            if wave and count > 0:
                samples.extend(ctypes.string_at(wave, 2 * count))
            return 0

        callback = SynthCallback(collect)
        library.espeak_SetSynthCallback(callback)
        wanted = ctypes.create_string_buffer(language.encode())
        if library.espeak_SetVoiceByProperties(ctypes.byref(VoiceProperties(languages=ctypes.addressof(wanted)))):
            return Answer()
        library.espeak_SetParameter(RATE, words_per_minute, 0)
        data = text.encode()
        library.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, 1, 0, CHARS_UTF8, None, None)
        library.espeak_Synchronize()
        return Answer(bytes(samples), sample_rate)
    finally:
        library.espeak_Terminate()
        unload(library)


def unload(library: ctypes.CDLL) -> None:
    """Unload a library, and with it the state that it carries over between utterances."""
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)  # noqa: SLF001 - as below
    else:
        _ctypes.dlclose(library._handle)  # noqa: SLF001 - ctypes has no public way


def main() -> None:
    """Answer requests until standard input ends."""
    output = sys.stdout.buffer
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            answer = synthesize(request["text"], request["voice_id"], request["rate"])
        except (ImportError, OSError, AttributeError, RuntimeError, UnicodeEncodeError) as error:
            answer = Answer(failure=f"{type(error).__name__}: {error}")
        head = {"sample_rate": answer.sample_rate, "bytes": len(answer.samples), "failure": answer.failure}
        output.write(json.dumps(head).encode() + b"\n" + answer.samples)
        output.flush()


if __name__ == "__main__":
    main()
