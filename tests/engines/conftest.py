"""What the tests of engines share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.engines.offline import OfflineEngine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def engine() -> Iterator[OfflineEngine]:
    """The offline voice, whose processes serve all tests of a module."""
    engine = OfflineEngine()
    yield engine
    engine.close()
