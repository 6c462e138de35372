"""A worker process that loads espeak-ng's library. Run as a program; never imported.

Each line of standard input is a request, {"text", "voice_id", "rate"}: the voice is a language as espeak-ng names it,
the rate is in words per minute. Each answer is a line, {"sample_rate", "bytes", "failure"}, followed by that many bytes
of samples (mono, 16 bit, little-endian). No samples without a failure mean that the voice cannot pronounce the text.

A request with "wants_events" is answered with what is heard when, {"sample_rate", "bytes", "failure", "events",
"length"}, and without samples: each event is the index in the text where a word begins, or a phoneme in IPA, and the
sample at which it begins; the length is that of all in samples.

Source of the calls: espeak-ng's speak_lib.h. The library carries noise and phase over from one utterance to the next,
and has no call that resets them. It is loaded anew for each text, so that the same text gives the same samples.
"""

from __future__ import annotations

import _ctypes
import ctypes
import json
import sys
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUT_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS
DO_NOT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
PHONEME_EVENTS = 0x0003  # espeakINITIALIZE_PHONEME_EVENTS, and espeakINITIALIZE_PHONEME_IPA for their names
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


class EventId(ctypes.Union):
    """`id` of `espeak_EVENT`."""

    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class RawEvent(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", EventId),
    )


LIST_TERMINATED, WORD, PHONEME = 0, 1, 7  # espeak_EVENT_TYPE

SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(RawEvent))


class Answer(NamedTuple):
    """The answer to one request: samples, and events if they are wanted; or in `failure` why there are none."""

    samples: bytes = b""
    sample_rate: int = 0
    failure: str = ""
    events: tuple[tuple[int | str, int], ...] = ()


def read_events(raw: ctypes._Pointer[RawEvent]) -> Iterator[tuple[int | str, int]]:
    """The words and phonemes of a list of events."""
    for number in count():
        event = raw[number]
        if event.type == LIST_TERMINATED:
            return
        if event.type == WORD:
            yield event.text_position - 1, event.sample
        elif event.type == PHONEME:
            yield event.id.string.decode(errors="replace"), event.sample


def synthesize(text: str, language: str, words_per_minute: int, *, wants_events: bool = False) -> Answer:
    """Load the library, synthesize one text, and unload the library again."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        data_path = espeakng_loader.get_data_path().encode(FILE_NAMES)
        options = DO_NOT_EXIT | (PHONEME_EVENTS if wants_events else 0)
        sample_rate = library.espeak_Initialize(OUTPUT_SYNCHRONOUS, BUFFER_MS, data_path, options)
        if sample_rate <= 0:
            return Answer(failure="espeak-ng found no data for its voices")
        samples = bytearray()
        events: list[tuple[int | str, int]] = []

        def collect(wave: int | None, length: int, raw_events: ctypes._Pointer[RawEvent]) -> int:
            if wave and length > 0:
                samples.extend(ctypes.string_at(wave, 2 * length))
            if wants_events:
                events.extend(read_events(raw_events))
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
        return Answer(bytes(samples), sample_rate, events=tuple(events))
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
        wants_events = request.get("wants_events", False)
        try:
            answer = synthesize(request["text"], request["voice_id"], request["rate"], wants_events=wants_events)
        except (ImportError, OSError, AttributeError, RuntimeError, UnicodeEncodeError) as error:
            answer = Answer(failure=f"{type(error).__name__}: {error}")
        samples = b"" if wants_events else answer.samples
        head: dict[str, object] = {"sample_rate": answer.sample_rate, "bytes": len(samples), "failure": answer.failure}
        if wants_events:
            head |= {"events": answer.events, "length": len(answer.samples) // 2}
        output.write(json.dumps(head).encode() + b"\n" + samples)
        output.flush()


if __name__ == "__main__":
    main()
