"""Where paths are, whatever the links on their way lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_lightning.base.file_system import is_within

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_that_leads_to_itself_is_where_it_stands(tmp_path: Path) -> None:
    link = tmp_path / "site/cache"
    link.parent.mkdir()
    link.symlink_to("cache")
    assert is_within(link, tmp_path / "site")
    assert not is_within(link, tmp_path / "docs")


def test_a_link_is_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "cache").symlink_to("docs", target_is_directory=True)
    assert is_within(tmp_path / "cache/voices", tmp_path / "docs")
