"""Loudness and true peaks of files, as ffmpeg measures them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FFMPEG = shutil.which("ffmpeg")

needs_ffmpeg = pytest.mark.skipif(not FFMPEG and not os.environ.get("CI"), reason="there is no ffmpeg")


class Measured(NamedTuple):
    """What a file sounds like.

    Attributes:
        loudness: LUFS, to a tenth.
        peak: The true peak, dBTP, to a tenth.
    """

    loudness: float
    peak: float


def measure(path: Path) -> Measured:
    """Measure a file, by ffmpeg's filter `ebur128`."""
    assert FFMPEG, "ffmpeg is not installed"
    said = subprocess.run(
        [FFMPEG, "-hide_banner", "-nostats", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    loudness, peak = (re.findall(pattern, said)[-1] for pattern in (r"I:\s+(\S+) LUFS", r"Peak:\s+(\S+) dBFS"))
    return Measured(float(loudness), float(peak))
