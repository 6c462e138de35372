"""A worker process that loads SoundSwallower, which finds words in speech. Run as a program; never imported.

Each line of standard input is a request, {"model", "words", "bytes"}, followed by that many bytes of samples (mono, 16
bit, 16 kHz, little-endian): the words are those that are said, in order, each as phones of the model. Each answer is a
line, {"starts", "bytes", "failure"}: the second at which each word begins, or nothing if they cannot be found.

The dictionary of the model is not loaded: documentation is full of names that are not in it. So all words come as
phones.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundswallower import Decoder

SAMPLE_RATE = 16_000
FRAMES_A_SECOND = 200  # twice what the models were made with: it halves the largest errors, as speech is fast
MOST_WORDS = 4_000  # in one decoder's dictionary
PREFIX = "w"  # of a word's name; silences have names in brackets


class Aligner:
    """Finds words with one model.

    Args:
        model: The name of one that is in the package: `en-us` or `fr-fr`.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._names: dict[str, str] = {}  # by phones
        self._decoder = self._load()

    def starts(self, words: Sequence[str], samples: bytes) -> list[float]:
        """The second at which each word begins; empty if they cannot be found.

        Args:
            words: At least one, as phones with spaces between them.
            samples: The whole speech.
        """
        if len(self._names) > MOST_WORDS:
            self._names.clear()
            self._decoder = self._load()
        decoder = self._decoder
        decoder.set_align_text(" ".join(map(self._name_of, words)))
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
        found = [segment.start for segment in decoder.seg if segment.text.startswith(PREFIX)]
        return found if len(found) == len(words) else []

    def _load(self) -> Decoder:
        from soundswallower import Decoder, get_model_path

        decoder = Decoder.create(
            hmm=get_model_path(self._model),
            samprate=SAMPLE_RATE,
            frate=FRAMES_A_SECOND,
            cionly=True,
            beam=0.0,  # no hypothesis is given up: all words are known, so there are few
            pbeam=0.0,
            wbeam=0.0,
            loglevel="FATAL",
        )
        del decoder.config["dict"]
        decoder.initialize()
        return decoder

    def _name_of(self, phones: str) -> str:
        if phones not in self._names:
            self._names[phones] = f"{PREFIX}{len(self._names)}"
            self._decoder.add_word(self._names[phones], phones, update=False)
        return self._names[phones]


def main() -> None:
    """Answer requests until standard input ends."""
    aligners: dict[str, Aligner] = {}
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        samples = sys.stdin.buffer.read(request["bytes"])
        starts: list[float] = []
        failure = ""
        try:
            model = request["model"]
            aligner = aligners[model] = aligners.get(model) or Aligner(model)
            starts = aligner.starts(request["words"], samples)
        except ImportError as error:
            failure = f"{type(error).__name__}: {error}"
        except (RuntimeError, ValueError):  # the words do not fit into the speech: there is no answer
            starts = []
        answer = {"starts": starts, "bytes": 0, "failure": failure}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
