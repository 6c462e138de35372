"""The versions that the documentation says were run."""

from __future__ import annotations

import re


def versions_in(page: str) -> list[tuple[str, str]]:
    """The packages that a page names, each with a version, in its order and without repetitions."""
    return list(dict.fromkeys(re.findall(r"`([a-z][a-z0-9-]+)` (\d+\.[\d.]*\d)", page)))
