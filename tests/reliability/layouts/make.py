"""Writes a cache's layout as the present version does, to be kept for the versions that come after it.

    python -m tests.reliability.layouts.make NAME

makes the directory NAME beside this file. It is for a layout that is new; one that is there is never written again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import KEY, Site
from tests.service import Service

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


def main(name: str) -> None:
    """Build the site and keep its cache."""
    with tempfile.TemporaryDirectory() as directory, Service() as service:
        site = site_in(Path(directory), service)
        site.build(strict=True, cache_dir="cache")
        shutil.copytree(Path(directory) / "cache", HERE / name)


if __name__ == "__main__":
    main(sys.argv[1])
