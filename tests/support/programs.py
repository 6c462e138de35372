"""Programs that a test writes for itself, to be run in the place of real ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def program(path: Path, body: str) -> str:
    """A program for this test, written in Python; its path."""
    if sys.platform == "win32":
        pytest.skip("Windows does not start a script by its first line")
    path.write_text(f"#!{sys.executable}\n{body}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)
