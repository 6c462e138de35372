"""Options, and the plugin itself, where nothing reads them: a build and the commands stop, and nothing is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from mkdocs_lightning.cli.command import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

PAGE = ":::speak\nThis sentence costs something, if it is sent.\n:::\n"
TWICE = "plugins: lightning is listed twice; remove one of the two entries"
OPTION = "max_characters: this is an option of lightning; write it below '- lightning:' in plugins: (mkdocs.yml:1)"
EXTRA = "lightning: this is a plugin; write it below plugins: as '- lightning:' (mkdocs.yml:2)"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("", "- lightning: {narrate: true}\n", TWICE),
        ("", "- lightning\n", TWICE),
        ("max_characters: 1\n", "", OPTION),
        ("extra:\n  lightning: {engine: offline}\n", "", EXTRA),
    ],
    ids=["two entries", "one without options", "top level", "extra"],
)
def test_a_build_and_the_commands_stop(
    site: Site, service: Service, expect_warning: Callable[[str], None], *, before: str, after: str, message: str
) -> None:
    expect_warning("^Config value '")
    site.write({"index.md": PAGE})
    entry = yaml.safe_dump([{"lightning": site.options}])
    text = f"{before}site_name: S\nplugins:\n- search\n{entry}{after}"
    config = str(site.root / "mkdocs.yml")
    (site.root / "mkdocs.yml").write_text(text, encoding="utf-8")
    with pytest.raises(Abort):
        build(load_config(config))
    for command in ("plan", "check", "synth"):
        result = CliRunner().invoke(main, ["-f", config, command])
        assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"mkdocs-lightning: {message}")
    assert service.requests == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("lighting: {engine: offline}", "there is no plugin 'lighting'; write 'lightning' (mkdocs.yml:3)"),
        ("mkdocs-lightning: {}", "there is no plugin 'mkdocs-lightning'; write 'lightning' (mkdocs.yml:3)"),
    ],
)
def test_plan_says_how_the_plugin_is_called(
    site: Site, expect_warning: Callable[[str], None], entry: str, message: str
) -> None:
    expect_warning("plugin is not installed")
    site.write({"index.md": PAGE})
    config = site.root / "mkdocs.yml"
    config.write_text(f"site_name: S\nplugins:\n- {entry}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["-f", str(config), "plan"])
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"mkdocs-lightning: plugins: {message}")
