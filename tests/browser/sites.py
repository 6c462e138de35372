"""Sites for the tests in a browser: built by `mkdocs build`, once for all tests of a module, and served until then."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - of a NamedTuple
from typing import TYPE_CHECKING, NamedTuple

from tests.support.service import Service
from tests.support.sites import KEY, Site
from tests.support.web_server import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

THEMES: Mapping[str, Mapping[str, object]] = {
    "mkdocs": {"name": "mkdocs", "highlightjs": False},  # which it would load from elsewhere
    "readthedocs": {"name": "readthedocs", "highlightjs": False},
    "material": {"name": "material", "font": False},
}
"""Each theme so that it asks no other server for anything."""


NARRATED = """---
lightning: {narrate: true}
---
# TITLE

What stands before the parts is read first of all.

## One part

The first part has a sentence that is long enough.

## Another part

The second part has a sentence that is long enough, too.
"""
"""A page that is narrated, with chapters."""


class ServedSite(NamedTuple):
    """A built site: where it is served, without a slash at its end, and where its files are."""

    url: str
    directory: Path


@contextmanager
def published(
    root: Path,
    pages: Mapping[str, str],
    *,
    theme: Mapping[str, object],
    config: Mapping[str, object],
    **options: object,
) -> Iterator[str]:
    """Build a site and serve it: its URL, which `site_url` is too, without a slash at its end.

    Args:
        root: An empty directory.
        pages: By their path under docs/.
        theme: One of `THEMES`, or more than that.
        config: The rest of mkdocs.yml.
        options: Of the plugin.
    """
    output = root / "site"
    output.mkdir()
    with WebServer(output) as server, Service() as service:
        plugin: dict[str, object] = {"api_key": KEY, "base_url": service.url, **options}
        site = Site(root, plugin, {"site_url": f"{server.url}/", "theme": dict(theme), **config})
        site.write(pages)
        site.build()
        yield server.url
