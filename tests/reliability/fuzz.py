"""Coverage-guided fuzzing of what reads other people's bytes and texts, each target for some time.

    python -m tests.reliability.fuzz audio --seconds 60

What a target lets through are the errors that the code turns into messages; anything else is a finding: its input is
printed, and the process ends with the exit code 77. Needs atheris, which has no wheels for some Pythons.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import logging
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import atheris
import numpy as np
import soundfile

with atheris.instrument_imports(include=["mkdocs_lightning", "markdown", "yaml"]):
    import markdown

    from mkdocs_lightning.audio.codec import decode
    from mkdocs_lightning.audio.samples import AudioError, check
    from mkdocs_lightning.base.errors import SettingError
    from mkdocs_lightning.player.sentence_highlights import highlight_sentences
    from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
    from mkdocs_lightning.reading.grammar.block import BlockOptions
    from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
    from mkdocs_lightning.reading.lexicon import read_lexicon
    from mkdocs_lightning.reading.script import read_page_script, read_script
    from mkdocs_lightning.reading.segment import Segment
    from mkdocs_lightning.reading.sentences import MAX_SENTENCE
    from mkdocs_lightning.reading.settings.page_settings import FOLDER_FILE, FolderSettings
    from mkdocs_lightning.reading.settings.voice import resolve_voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_lightning.reading.grammar.block import Block

TEXT = "A text of some words."
LEAST = 200
"""Inputs that are tried, also where the time is over before, on a slow machine."""

SOUND = np.round(8000 * np.sin(np.arange(3000) / 9)).astype(np.int16)


def _sound(**options: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SOUND, 8000, **options)
    return file.getvalue()


def fuzz_audio(data: bytes) -> None:
    """Any bytes as a file of sound, or as raw samples."""
    wire_format = ("wav", "pcm", "ulaw", "alaw", "mp3")[data[0] % 5] if data else "wav"
    with contextlib.suppress(AudioError):
        found = decode(data[1:], wire_format, 8000)
        assert found.samples.ndim == 1
        assert len(found.samples) < 10**9
        check(found, text=TEXT, sample_rate=8000, speed=1.0)


def audio_seeds() -> list[bytes]:
    """A file of each kind that comes, and a header that knows no length."""
    wav = _sound(format="WAV", subtype="PCM_16")
    kinds = [
        wav,
        wav[:40] + b"\xff\xff\xff\xff" + wav[44:],
        _sound(format="FLAC", subtype="PCM_16"),
        _sound(format="MP3", subtype="MPEG_LAYER_III"),
        _sound(format="OGG", subtype="OPUS"),
        _sound(format="WAV", subtype="ULAW"),
        _sound(format="WAV", subtype="FLOAT"),
        _sound(format="AIFF", subtype="PCM_16"),
        SOUND.tobytes(),
    ]
    return [bytes([number % 5]) + kind for number, kind in enumerate(kinds)]


def fuzz_grammar(data: bytes) -> None:
    """Any text as a page, with its script and its marks."""
    source = data.decode("utf-8", "replace")
    try:
        markdown.markdown(source, extensions=["extra"])
    except Exception:  # noqa: BLE001 - Python-Markdown cannot read it without us either
        return

    def on_block(block: Block) -> str | None:
        try:
            sentences = read_script(block.body, block.raw_html, PlaceVoice("en"))
        except SettingError:  # of an element
            return None
        assert all(0 < len(part) <= MAX_SENTENCE for sentence in sentences for part in sentence.parts)
        return "slot"

    html = markdown.markdown(source, extensions=["extra", SpeakExtension(on_block, lambda _mistake: None)])
    for is_page in (False, True):
        try:
            sentences = [sentence.written for sentence in read_page_script(html, PlaceVoice("en"))]
        except SettingError:
            return
        marked = highlight_sentences(html, sentences, "player", is_page=is_page)
        unmarked, marks = re.subn(r'<span class="speak-cue" data-cue="player \d+">', "", marked)
        assert unmarked.count("</span>") == html.count("</span>") + marks
        assert unmarked.replace("</span>", "") == html.replace("</span>", "")
    with contextlib.suppress(SettingError):
        BlockOptions.parse(source.partition("\n")[0])


def grammar_seeds() -> list[bytes]:
    """The sources of the grammar's tests."""
    files = sorted((Path(__file__).parents[1] / "reading/grammar").glob("*.yml"))
    sources = [re.split(r"^\w+:", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1] for file in files]
    return [source.replace("\n  ", "\n").encode() for source in sources]


def fuzz_settings(data: bytes) -> None:
    """Any bytes as a lexicon, and as the settings of a folder."""
    with tempfile.TemporaryDirectory(dir=_fast_directory()) as directory:
        (Path(directory) / FOLDER_FILE).write_bytes(data)
        with contextlib.suppress(SettingError):
            sentence = read_lexicon(Path(directory) / FOLDER_FILE).apply("One kubectl is for the SQL of NASA.", "en")
            sentence.encode()
        with contextlib.suppress(SettingError):
            voice = resolve_voice(FolderSettings(Path(directory)).of_page("page.md").voice)
            assert Segment("lightning", voice, TEXT).key


def settings_seeds() -> list[bytes]:
    """Lexicons and settings, and what YAML has besides: tags, anchors, dates, numbers of all kinds."""
    return [
        b"en:\n  kubectl: kube control\n  SQL: sequel\nall:\n  NASA: nasser\n",
        b"lightning: {voice_id: sophie, speed: 1.25, narrate: true}\n",
        b"lightning:\n  pronunciation_dicts: [0123456789abcdef01234567]\n  sample_rate: 24000\n  math_notation: yes\n",
        b'en: &a {x: !!str "\\u00e9", y: 2024-01-31}\nde: *a\n<<: *a\n',
        b"lightning: {speed: 0x10, language: no, model: !!binary aGVsbG8=}\n",
        b"%YAML 1.1\n---\n? [a, b]\n: |\n  text\n  more\n...\n",
        b"en: {a: 1_000.5, b: 1:30:00, c: .inf, d: ~, e: 2001-12-14t21:59:43.10-05:00, f: !!set {g}, h: 0b1}\n",
    ]


def _fast_directory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "audio": (fuzz_audio, audio_seeds),
    "grammar": (fuzz_grammar, grammar_seeds),
    "settings": (fuzz_settings, settings_seeds),
}


def main() -> None:
    """Fuzz one target, and end the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.fuzz")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    target, seeds = TARGETS[arguments.target]
    tried = 0

    def look(data: bytes) -> None:
        nonlocal tried
        if tried >= LEAST and time.monotonic() > ends_at:
            sys.stderr.write(f"tried {tried} inputs\n")
            shutil.rmtree(directory)
            os._exit(0)  # not by an exception, which would be a finding
        tried += 1
        try:
            target(data)
        except Exception:
            sys.stderr.write(f"finding in {arguments.target}: {data!r}\nbase64: {base64.b64encode(data).decode()}\n")
            raise

    with tempfile.TemporaryDirectory() as directory:
        for number, data in enumerate(seeds()):
            target(data)
            (Path(directory) / str(number)).write_bytes(data)
        limits = ["-rss_limit_mb=2048", "-timeout=60", "-max_len=4096"]
        atheris.Setup(
            [sys.argv[0], directory, f"-seed={arguments.seed}", f"-artifact_prefix={directory}/", *limits], look
        )
        ends_at = time.monotonic() + arguments.seconds
        atheris.Fuzz()


if __name__ == "__main__":
    main()
