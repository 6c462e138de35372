"""Documentation sites that tests build for real."""

from __future__ import annotations

import io
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import soundfile
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY = "sk_test_key"
Command = Literal["build", "gh-deploy", "serve"]


@dataclass
class Site:
    """A documentation site in a directory of its own.

    Attributes:
        root: Holds mkdocs.yml, docs/, site/ and the cache.
        options: Of the plugin `lightning`.
        config: The rest of mkdocs.yml. Among its plugins "lightning" has a place, or else it is the last one.
    """

    root: Path
    options: dict[str, object]
    config: dict[str, object] = field(default_factory=dict)

    def write(self, pages: Mapping[str, str]) -> None:
        """Write pages, by their path under docs/; their common indentation is taken off."""
        for name, text in pages.items():
            path = self.root / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")

    def write_config(self, **options: object) -> str:
        """Write mkdocs.yml, with further options of the plugin; its path."""
        config_file = self.root / "mkdocs.yml"
        settings: dict[str, object] = {"site_name": "Test site", "theme": {"name": "mkdocs"}, **self.config}
        plugins = settings.pop("plugins", ["search"])
        assert isinstance(plugins, list)
        if "lightning" not in plugins:
            plugins = [*plugins, "lightning"]
        own = {"lightning": {**self.options, **options}}
        settings["plugins"] = [own if plugin == "lightning" else plugin for plugin in plugins]
        config_file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return str(config_file)

    def build(self, command: Command = "build", *, strict: bool = False, **options: object) -> None:
        """Run `mkdocs build`, in this process."""
        config = load_config(self.write_config(**options), strict=strict)
        config.plugins.on_startup(command=command, dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()

    def html(self, page: str) -> str:
        """A built page."""
        return (self.root / "site" / page).read_text(encoding="utf-8")

    def clips(self, page: str) -> list[Path]:
        """The files that a built page's players point to, in their order; each link is followed as a browser does."""
        sources = re.findall(r'<audio [^>]*\bsrc="([^"]+)"', self.html(page))
        return [(self.root / "site" / page).parent.joinpath(source).resolve() for source in sources]

    def ids(self, page: str) -> list[str]:
        """The ids of a built page's players, in their order."""
        return re.findall(r'\bid="(speak-[^"]+)"', self.html(page))


def duration(path: Path) -> float:
    """Seconds of sound in a file, decoded to its end."""
    samples, sample_rate = soundfile.read(io.BytesIO(path.read_bytes()))
    return float(len(samples) / sample_rate)


def three_languages(structure: str = "suffix") -> dict[str, object]:
    """The plugin mkdocs-static-i18n for a site in English, German and Spanish, as an entry of `plugins`.

    Args:
        structure: `suffix` for `index.de.md`, `folder` for `de/index.md`.
    """
    languages = [
        {"locale": "en", "name": "English", "default": True, "build": True},
        {"locale": "de", "name": "Deutsch", "build": True},
        {"locale": "es", "name": "Español", "build": True},
    ]
    return {"i18n": {"docs_structure": structure, "languages": languages}}
