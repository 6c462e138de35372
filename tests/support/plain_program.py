"""A site that a plain program has built, for `mkdocs-lightning publish`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import markdown
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from tests.support.published import FIRST, SECOND
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from click.testing import Result

    from tests.support.service import Service

THIRD = "A third sentence stands on another page."
HOME = f"# Home & more\n\n:::speak\n{FIRST} {SECOND}\n:::\n\nAfter.\n"
GUIDE = f':::speak {{title="Guide" text=collapse #guide}}\n{THIRD} **{FIRST}**\n:::\n'
FRAME = """\
<!DOCTYPE html>
<html lang="de">
<head><meta charset="utf-8"><title>A page &amp; its site</title>
<link href="https://docs.example.org/{url}" rel="canonical">
</head>
<body>
{content}
</body>
</html>
"""


@dataclass
class Program:
    """A site that somebody's own script builds, from Markdown.

    Attributes:
        root: Where it is built, and where `publish` is run.
        service: Speaks.
    """

    root: Path
    service: Service

    @property
    def output(self) -> Path:
        return self.root / "public"

    def build(self, pages: Mapping[str, str], frame: str = FRAME, **options: object) -> None:
        """Convert pages, by their path in the site."""
        configs = {"mkdocs_lightning": options}
        for url, source in pages.items():
            content = markdown.markdown(source, extensions=["mkdocs_lightning", "extra"], extension_configs=configs)
            self.write(url, frame.format(content=content, url=url))

    def write(self, url: str, html: str) -> None:
        """Write a page, by its path in the site."""
        path = self.output / url
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8", newline="")

    def configure(self, **options: object) -> None:
        """Write mkdocs.yml, with things in it that only another program knows."""
        options = {"base_url": self.service.url, "retries": 1, **options}
        self.root.joinpath("mkdocs.yml").write_text(
            "site_name: Elsewhere\ntheme: {name: of-another-program}\n"
            "markdown_extensions: [{x: {y: !!python/name:not.installed.at_all ''}}, mkdocs_lightning]\n"
            f"plugins: [search, of-another-program, lightning: {json.dumps(options)}]\n",
            encoding="utf-8",
        )

    def publish(self, *arguments: str, key: str | None = KEY) -> Result:
        """Run the command as in a shell; without a key, as a fork's CI does."""
        return CliRunner(env={"SMALLEST_API_KEY": key}).invoke(main, ["publish", str(self.output), *arguments])

    def asked(self, *, status: int | None = None) -> list[str]:
        """The texts that the service was asked for, sorted; only those that it has answered so, if that is given."""
        received = [each for each in self.service.requests if status in {None, each.status}]
        return sorted(str((each.body or {})["text"]) for each in received)

    def html(self, url: str) -> str:
        return self.output.joinpath(url).read_text(encoding="utf-8")

    def clips(self, url: str) -> list[Path]:
        """The files that a page's players point to."""
        sources = re.findall(r'<audio [^>]*\bsrc="([^"]+)"', self.html(url))
        return [self.output.joinpath(url).parent / unquote(unescape(source)) for source in sources]
