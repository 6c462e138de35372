"""The oldest Python that there may be: 3.11.2, which Debian 12 has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

POSSESSIVE_GROUP = re.compile(r"(?<!\()\)(?:[*+?]|\{[0-9,]+\})\+")
MODULES = sorted((ROOT / "mkdocs_lightning").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_pattern_repeats_a_group_possessively(path: Path) -> None:
    """Before 3.11.5, such a group may not match what it should: https://github.com/python/cpython/issues/106052.

    An atomic group around it says the same: `(?>(?:…)*)`.
    """
    assert POSSESSIVE_GROUP.findall(path.read_text(encoding="utf-8")) == []
