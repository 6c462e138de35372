"""What MkDocs has read of one language of a site, kept for the command: `end_early` removes the files from MkDocs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.plugin.page_context import (
    build_language,
    language_of,
    pages_in_order,
    plain_text,
    site_identity,
    site_url_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.plugin.build import Build


@dataclass(frozen=True, slots=True)
class ReadSite:
    """One language of a site. All texts are plain.

    Attributes:
        identity: Tells it from other sites, versions and languages.
        build: Its blocks, and their clips.
        pages: In the order of the site, each with its language; pages outside the navigation follow.
        files: All that MkDocs would have written.
        name: The site's.
        url: The site's; empty if it is not known.
        description: The site's; may be empty, as may `author` and `rights`.
        locale: Of a site in several languages, the one of these pages; else empty.
    """

    identity: str
    build: Build
    pages: tuple[tuple[Page, str], ...]
    files: tuple[File, ...]
    name: str
    url: str
    description: str
    author: str
    rights: str
    locale: str


def read_site_of(build: Build, nav_pages: Iterable[Page], files: Files, config: MkDocsConfig) -> ReadSite:
    """Gather what MkDocs has read of a language, before it reads the next one."""
    return ReadSite(
        identity=site_identity(config),
        build=build,
        pages=tuple((page, language_of(page, config)) for page in pages_in_order(nav_pages, files)),
        files=tuple(file for file in files if file.inclusion.is_included()),
        name=config.site_name,
        url=site_url_of(config),
        description=plain_text(config.site_description),
        author=config.site_author or "",
        rights=plain_text(config.copyright),
        locale=(build_language(config) or "").replace("_", "-"),
    )
