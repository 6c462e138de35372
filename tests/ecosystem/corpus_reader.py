"""Reads one site of the corpus twice, as a build and as a plan, in a process of its own: `CONFIG_FILE OUTPUT`.

Output is JSON: `build` and `plan` are the pages of each, `warnings` what the plugin said in both.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from mkdocs.commands.build import build
from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin, event_priority

from mkdocs_lightning.cli.site_reader import load_site, read_site
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.site.narration import Narration


class ReadPage(TypedDict):
    """One page.

    Attributes:
        uri: Its source, relative to the docs directory.
        html: Its content as the plugin gets it; empty in a plan.
        language: Of its voice.
        scripts: Of its blocks, and of itself: each sentence with all that is known of it.
    """

    uri: str
    html: str
    language: str
    scripts: list[list[dict[str, object]]]


class _Recorder(BasePlugin[LegacyConfig]):
    """Notes what the plugin is given, and what it makes of it."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site
        self._html: dict[str, str] = {}
        self.pages: list[ReadPage] = []

    @event_priority(-49)  # just before ours
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002
        self._html[page.file.src_uri] = html

    @event_priority(101)  # while the build is still there
    def on_post_build(self, *, config: MkDocsConfig) -> None:  # noqa: ARG002
        running = self._site.plugin._build  # noqa: SLF001 - a build hands its narration to nobody
        assert running
        self.pages += pages_of(running.narration, self._html)
        self._html.clear()


def pages_of(narration: Narration, html: dict[str, str]) -> list[ReadPage]:
    """The pages of a narration, in the order in which they were read."""
    pages: dict[str, ReadPage] = {}
    for use in narration.collector.uses:
        uri = use.location.page.uri if use.location.page else ""
        page = pages.setdefault(uri, ReadPage(uri=uri, html=html.get(uri, ""), language="", scripts=[]))
        page["language"] = use.block.voice.language
        page["scripts"].append([asdict(sentence) for sentence in use.block.sentences])
    return list(pages.values())


def read_build(config_file: str) -> list[ReadPage]:
    """What `mkdocs build` reads."""
    site = load_site(config_file)
    recorder = _Recorder(site)
    site.config.plugins["recorder"] = recorder
    site.config.plugins.on_startup(command="build", dirty=False)
    build(site.config)
    site.config.plugins.on_shutdown()
    return recorder.pages


def read_plan(config_file: str) -> list[ReadPage]:
    """What `mkdocs-lightning plan`, `check` and `transcript` read."""
    return [page for narration in read_site(config_file, Purpose.PLAN).narrations for page in pages_of(narration, {})]


class _Warnings(logging.Handler):
    """Keeps the plugin's own."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("mkdocs.plugins.mkdocs_lightning"):
            self.lines.append(record.getMessage())


def main() -> None:
    """Read a site."""
    config_file, output = sys.argv[1:]
    os.chdir(Path(config_file).parent)  # sites may rely on it
    warnings = _Warnings()
    logging.getLogger("mkdocs").addHandler(warnings)
    found = {"build": read_build(config_file), "plan": read_plan(config_file), "warnings": warnings.lines}
    Path(output).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
