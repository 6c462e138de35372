"""What the offline engine keeps to, in whichever voice it speaks on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.engines import EngineOptions, make_engine
from mkdocs_lightning.testing import EngineConformance
from tests.support.programs import program

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_lightning.engines import Engine


class OfflineConformance(EngineConformance):
    """The conformance tests of the offline engine; skipped where it is not available."""

    is_built_in = True

    def make_engine(self) -> Engine:
        engine = make_engine("offline", EngineOptions())
        if engine.unavailable_reason:
            pytest.skip(engine.unavailable_reason)
        return engine

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tmp_path, self.monkeypatch = tmp_path, monkeypatch

    def make_broken_engine(self) -> Engine:
        """Its processes end without a word."""
        self.monkeypatch.setattr(sys, "executable", program(self.tmp_path / "python", ""))
        return self.make_engine()
