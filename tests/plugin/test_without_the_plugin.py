"""The Markdown extension alone, under MkDocs: text, and one hint at the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_lightning.site.standalone import _tell_of_plugin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = "# Page\n\n:::speak\nThis sentence waits for its player.\n:::\n"


@pytest.mark.parametrize("plugins", ["[]", "[lightning: {engine: offline, enabled: false}]"])
def test_the_extension_alone_hints_at_the_plugin_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, expect_warning: Callable[[str], None], plugins: str
) -> None:
    _tell_of_plugin.cache_clear()
    (tmp_path / "docs").mkdir()
    for name in ("index.md", "other.md"):
        (tmp_path / "docs" / name).write_text(PAGE, encoding="utf-8")
    config = tmp_path / "mkdocs.yml"
    config.write_text(f"site_name: T\nmarkdown_extensions: [mkdocs_lightning]\nplugins: {plugins}\n", encoding="utf-8")
    is_bare = plugins == "[]"
    if is_bare:
        expect_warning("^under MkDocs, the plugin adds the players: add 'lightning' to plugins in mkdocs.yml")
    build(load_config(str(config)))
    assert caplog.text.count("the plugin adds the players") == is_bare
    assert "This sentence waits" in (tmp_path / "site/index.html").read_text(encoding="utf-8")
