"""mkdocs-piper-tts with a voice that is a stub, to see what it speaks again after an edit.

It is installed, without what it needs, into a directory that only its own runs know; a stub stands for `piper`, for
`onnxruntime` and for `ffmpeg`, and notes each sentence that it is given.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import run

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.site import Site

PACKAGE = "mkdocs-piper-tts==0.2.6"
FRONT_MATTER = "---\nlang: en\n---\n\n"
"""It reads pages that name their language, and no others."""

_MODEL = "en_US-lessac-medium.onnx"
_PIPER = '''
"""Stands for the package piper: notes what it should speak."""

import os
import re
from types import SimpleNamespace


class PiperVoice:
    def __init__(self, session, config):
        self.session, self.config = session, config

    def phonemize(self, text):
        sentences = [part for part in re.split(r"(?<=[.!?])\\s+", text) if part]
        with open(os.environ["PIPER_STUB_LOG"], "a", encoding="utf-8") as log:
            log.writelines(sentence + "\\n" for sentence in sentences)
        return [list(sentence) for sentence in sentences]

    def phonemes_to_ids(self, phonemes):
        return [1] * len(phonemes)
'''
_PIPER_CONFIG = '''
"""Stands for piper.config."""

from types import SimpleNamespace


class PiperConfig:
    @staticmethod
    def from_dict(values):
        return SimpleNamespace(length_scale=1.0, noise_scale=0.6, noise_w=0.8, num_speakers=1, sample_rate=8000)
'''
_ONNXRUNTIME = '''
"""Stands for onnxruntime: a tone, whatever is asked for."""

import numpy as np


def preload_dlls(**options):
    pass


class SessionOptions:
    pass


class InferenceSession:
    def __init__(self, *args, **options):
        pass

    def get_providers(self):
        return ["CPUExecutionProvider"]

    def run(self, outputs, inputs):
        ids = inputs["input"]
        tone = np.sin(np.arange(ids.shape[1] * 80, dtype=np.float32) / 10)
        return [np.broadcast_to(tone, (ids.shape[0], 1, 1, tone.size))]
'''
_FFMPEG = """#!{python}
import shutil, sys
shutil.copyfile(sys.argv[sys.argv.index("-i") + 1], sys.argv[-1])
"""


class Piper:
    """The plugin `piper-tts` with its stubs.

    Args:
        directory: Where they are put.

    Raises:
        OSError: It cannot be installed here.
        subprocess.SubprocessError: The same.
    """

    def __init__(self, directory: Path) -> None:
        self._packages, self._log = directory / "packages", directory / "spoken.txt"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--retries", "1", "--timeout", "15", "--target", str(self._packages), PACKAGE]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        for name, text in (
            ("piper/__init__.py", _PIPER), ("piper/config.py", _PIPER_CONFIG), ("onnxruntime.py", _ONNXRUNTIME),
        ):  # fmt: skip
            path = self._packages / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self._programs = directory / "programs"
        self._programs.mkdir()
        ffmpeg = self._programs / "ffmpeg"
        ffmpeg.write_text(_FFMPEG.format(python=sys.executable), encoding="utf-8")
        ffmpeg.chmod(ffmpeg.stat().st_mode | stat.S_IXUSR)

    def build(self, site: Site) -> list[str]:
        """Build a site; the sentences that it had spoken for it."""
        models = site.root / "models" / "piper-tts"
        models.mkdir(parents=True, exist_ok=True)
        for name in (_MODEL, f"{_MODEL}.json"):
            (models / name).write_text("{}", encoding="utf-8")
        self._log.write_text("", encoding="utf-8")
        path = os.pathsep.join([str(self._programs), os.environ.get("PATH", os.defpath)])
        command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(site.config_file), "-d", str(site.output)]
        run(command, site.root, PATH=path, PYTHONPATH=str(self._packages), PIPER_STUB_LOG=str(self._log))
        return self._log.read_text(encoding="utf-8").splitlines()
