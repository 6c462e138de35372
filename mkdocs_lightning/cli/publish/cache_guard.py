"""Ends `publish` before it pays for audio that another cache may have, as where it is run in another folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import count
from mkdocs_lightning.base.host import CONFIG_FILES
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import is_empty
from mkdocs_lightning.cli.output import FAILED, fail, log
from mkdocs_lightning.cli.site_options import lists_plugin
from mkdocs_lightning.engines import costs_nothing
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.site.standalone_options import CACHE, MKDOCS_CACHE

if TYPE_CHECKING:
    from mkdocs_lightning.plugin.build import Build
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.site.published.built_site import BuiltSite


def check_cache(
    site: BuiltSite, build: Build, options: LightningConfig, config_file: str | None, *, is_dry_run: bool
) -> None:
    """End the command if its cache is empty, and the site seems to have another one; a dry run only warns.

    Args:
        site: What is published.
        build: Has the cache.
        options: From `read_options`.
        config_file: None if the site has none.
        is_dry_run: Whether nothing is sent in any case.
    """
    if not _pays(build, options, is_dry_run=is_dry_run) or build.cache.remote or not is_empty(build.cache):
        return
    found = "" if config_file else _home_elsewhere(site.root)
    found = found or _players_without_cache(site, build.cache)
    if found and is_dry_run:
        log.warning("%s", found)
    elif found:
        fail(f"{found}. Nothing was sent, and no page was changed", FAILED)


def _pays(build: Build, options: LightningConfig, *, is_dry_run: bool) -> bool:
    sends = options.synthesize != "never" and (is_dry_run or build.engine.unavailable_reason is None)
    return sends and not costs_nothing(build.engine, resolve_voice(options.voice_settings()))


def _players_without_cache(site: BuiltSite, cache: Cache) -> str:
    """The message for pages that have players, although nothing is cached; empty if none has."""
    playing = sum(page.has_player and bool(page.slots or page.spoken) for page in site.pages)
    if not playing:
        return ""
    return (
        f"the cache '{cache.files.root}' is empty, but {count(playing, 'page')} already "
        f"{'has' if playing == 1 else 'have'} players: all of their audio would be paid for, perhaps again. "
        "Run the command in the folder from which the site was published, or set cache_dir. "
        "To pay for it, add --new-cache"
    )


def _home_elsewhere(root: Path) -> str:
    """The message for a configuration or a cache of ours in a folder above the site; empty if there is none."""
    for folder in root.resolve().parents:
        for path in filter(Path.is_file, (folder / name for name in CONFIG_FILES)):
            if lists_plugin(path):
                return (
                    f"this folder has no mkdocs.yml and no cache, but '{path}' lists the plugin 'lightning': without "
                    "its options and its cache, all audio would be paid for, perhaps again. "
                    f"To use them, add -f '{path}'. To pay for it, add --new-cache"
                )
        for path in (folder / CACHE, folder / MKDOCS_CACHE):
            if not is_empty(Cache(path)):
                return (
                    f"this folder has no cache, but there is one in '{path}': all audio would be paid for, perhaps "
                    f"again. Run the command in '{folder}'. To pay for it, add --new-cache"
                )
    return ""
