"""Fit README.md for a package index, where a path within this repository leads nowhere.

Build a release with PROJECT_URL set to the repository's web address, such as https://github.com/OWNER/NAME, as
.github/workflows/release.yml does. Links and pictures then lead to the tag of the release. Without PROJECT_URL there is
no address that could work: a link becomes its text and its path, and a picture is left out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

URL_VARIABLE = "PROJECT_URL"
PICTURE = re.compile(r"<picture>.*?</picture>\n*", re.DOTALL)
FILE_OF_PICTURE = re.compile(r"""\b(src|srcset)="(?!https://)([^"]+)\"""")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https://)([^)\s]+)\)")


class IndexMetadata(MetadataHookInterface):
    """Sets what of the metadata depends on where the project is published."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add `readme` and, if PROJECT_URL is set, `urls`. What an sdist has settled already stays."""
        url = os.environ.get(URL_VARIABLE, "").rstrip("/")
        tag = f"v{metadata['version']}"
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata.setdefault("readme", {"content-type": "text/markdown", "text": description(text, url, tag)})
        if url:
            changes, docs = f"{url}/blob/{tag}/CHANGELOG.md", f"{url}/blob/{tag}/docs/index.md"
            urls = {"Source": url, "Documentation": docs, "Changelog": changes, "Issues": f"{url}/issues"}
            metadata.setdefault("urls", urls)


def description(readme: str, url: str, tag: str) -> str:
    """The README with absolute links and pictures; without a URL, with none but those that were absolute before."""
    if url:
        readme = FILE_OF_PICTURE.sub(rf'\1="{url}/raw/{tag}/\2"', readme)
        return LINK.sub(rf"[\1]({url}/blob/{tag}/\2)", readme)
    return LINK.sub(r"\1 (`\2`)", PICTURE.sub("", readme))
