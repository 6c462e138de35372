"""Samples of the documentation that are whole files, and the commands that go with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.repository import DOCS

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLE = re.compile(
    r'^(?P<fence>`{3,})\w+ title="(?P<title>[^"]+)"\n(?P<text>.*?)^(?P=fence)$', re.MULTILINE | re.DOTALL
)


def samples_in(page: str, section: str) -> dict[str, str]:
    """The samples of one section of a page, by their titles.

    Args:
        page: The path of the page within the documentation.
        section: Its heading of the second level.
    """
    text = DOCS.joinpath(page).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n## {section}\n")
    assert found, f"{page} has no section {section!r}"
    samples = _SAMPLE.finditer(re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0])
    return {sample["title"]: sample["text"] for sample in samples}


def write_sample(samples: dict[str, str], title: str, folder: Path) -> None:
    """Write a sample into the file that its title names."""
    path = folder / title
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(samples[title], encoding="utf-8")
