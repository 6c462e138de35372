"""Writes a cache's layout as the present version does, to be kept for the versions that come after it.

    python -m tests.reliability.layouts.make NAME REMOTE_NAME

makes the directories NAME and REMOTE_NAME, of the remote cache, beside this file; `-` for one that is not wanted. It is
for a layout that is new; one that is there is never written again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.support.service import Service
from tests.support.sites import KEY, Site

HERE = Path(__file__).parent

# Kept as they are, for the layouts that are there were made of them.
PAGE = {
    "index.md": """
        # Home

        :::speak
        Nobody must ever pay for this sentence again. It was spoken when the layout was new.
        :::
        """
}
OPTIONS: dict[str, object] = {"sample_rate": 8000, "speed": 2.0, "output_format": "mp3"}
CONFIG: dict[str, object] = {"site_name": "Layout"}


def site_in(directory: Path, service: Service) -> Site:
    """The site whose cache is kept."""
    site = Site(directory, {**OPTIONS, "api_key": KEY, "base_url": service.url}, dict(CONFIG))
    site.write(PAGE)
    return site


def main(name: str, remote_name: str) -> None:
    """Build the site and keep its caches."""
    with tempfile.TemporaryDirectory() as directory, Service() as service:
        site = site_in(Path(directory), service)
        site.build(strict=True, cache_dir="cache", remote_cache=(Path(directory) / "remote").as_uri())
        for made, kept in (("cache", name), ("remote", remote_name)):
            if kept != "-":
                shutil.copytree(Path(directory) / made, HERE / kept)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
