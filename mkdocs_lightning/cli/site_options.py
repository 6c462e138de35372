"""The plugin's options, and what a configuration says of its site, for commands that read no pages with MkDocs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, SettingError
from mkdocs_lightning.base.file_system import is_within
from mkdocs_lightning.base.yaml_file import NotYamlError, read_mkdocs_yaml
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import place_of, usages
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.plugin.option_types import PLUGIN, check_places, entries_of, error_in
from mkdocs_lightning.plugin.page_context import plain_text
from mkdocs_lightning.site.published.feed import SiteFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_INHERITED = 50  # files, one from the other


def read_options(config_file: str | None) -> tuple[LightningConfig, str]:
    """Read the plugin's options for a command that reads no pages with MkDocs; defaults for all that are missing.

    No theme, no other plugin and no directory in the configuration is looked at: they may not be there. The cache is by
    default where no other program cleans up.

    Args:
        config_file: None if the site has none.

    Returns:
        The options, and where they are from, in words.

    Raises:
        LightningError: The file cannot be read, or an option is unknown or cannot be used.
    """
    from mkdocs_lightning.site.standalone_options import default_cache_dir

    path = Path(config_file) if config_file else None
    config = LightningConfig(config_file_path=config_file)
    cache_dir = default_cache_dir(path.parent if path else Path()).resolve()
    written = _options_in(path) if path else None
    config.load_dict({"cache_dir": str(cache_dir), **(written or {})})
    for setting, wrong in config.validate()[0]:
        raise SettingError(setting, str(wrong))
    config.check_names()
    if path is None:
        return config, "defaults, because this folder has no mkdocs.yml"
    return config, str(path) if written is not None else f"defaults, because {path} does not list the plugin '{PLUGIN}'"


def check_file(config_file: str | None) -> None:
    """Find what MkDocs cannot tell: the plugin, or its options, where nothing reads them.

    Raises:
        LightningError: The file cannot be read, or has some.
    """
    _options_in(Path(config_file or "mkdocs.yml"))


def is_published(config_file: str | None) -> bool:
    """Whether another program than MkDocs builds a site, and `publish` adds the players.

    The usage records tell that. Without any, it is so where the cache is the one that `publish` makes by default, or
    where there is no docs directory, provided that MkDocs would have no other cache: the directory may be made later.
    Where MkDocs has something to say of the configuration, this is false.
    """
    from mkdocs_lightning.site.standalone_options import default_cache_dir

    if config_file is None:
        return default_cache_dir(Path()).is_dir()
    path = Path(config_file)
    with suppress(NotYamlError, OSError):
        try:
            return _has_cache_of_publish(path)
        except LightningError:  # an option that cannot be used: who reads it next says so
            return not _has_docs(path)
    return False


def _has_cache_of_publish(path: Path) -> bool:
    """As `is_published`, for a site with a configuration.

    Raises:
        LightningError: An option cannot be used.
        NotYamlError: The configuration cannot be read.
        OSError: Likewise, or a usage record cannot be.
    """
    from mkdocs_lightning.site.standalone_options import CACHE, MKDOCS_CACHE

    options, _ = read_options(str(path))
    is_set = "cache_dir" in (_options_in(path) or {})
    caches = [Path(options.cache_dir)] if is_set else [path.parent / CACHE, path.parent / MKDOCS_CACHE]
    if of_publish := [is_of_publish for each in caches for is_of_publish in _records_beside(path, Cache(each))]:
        return all(of_publish)
    if caches[0].name == CACHE and caches[0].is_dir():
        return is_set or not caches[1].is_dir()
    return is_set and not _has_docs(path)


def _records_beside(path: Path, cache: Cache) -> list[bool]:
    """Of each usage record of a site beside or below a configuration, whether `publish` has written it.

    Raises:
        OSError: A record cannot be read.
    """
    places = [place_of(usage.site) for usage in usages(cache)]
    return [is_of_publish for folder, is_of_publish in places if folder and is_within(folder, path.parent)]


def _has_docs(path: Path) -> bool:
    """Whether a configuration's docs directory exists.

    Raises:
        NotYamlError: The configuration cannot be read.
        OSError: Likewise.
    """
    docs_dir = _inherited(path).get("docs_dir", "docs")
    return not isinstance(docs_dir, str) or path.parent.joinpath(docs_dir).exists()


def sets_option(options: LightningConfig, name: str) -> bool:
    """Whether a configuration sets an option, if only to its default."""
    return any(name in written for written in options.user_configs)


def lists_plugin(path: Path) -> bool:
    """Whether a configuration lists the plugin; one that cannot be read does not."""
    try:
        return any(name == PLUGIN for name, _ in entries_of(_inherited(path).get("plugins")))
    except (NotYamlError, OSError):
        return False


def read_facts(config_file: str | None) -> SiteFacts:
    """What the configuration says of the site itself; nothing if the site has none.

    Raises:
        LightningError: The file cannot be read.
    """
    settings = _read(Path(config_file)) if config_file else {}
    names = {"url": "site_url", "name": "site_name", "description": "site_description", "author": "site_author"}
    texts = {fact: settings.get(name) for fact, name in {**names, "copyright": "copyright"}.items()}
    return SiteFacts(**{fact: plain_text(text) for fact, text in texts.items() if isinstance(text, str)})


def unreadable(path: str, error: OSError) -> LightningError:
    """The error of a configuration that cannot be read."""
    return LightningError(f"the configuration '{path}' cannot be read ({error.strerror}); name a file")


def _read(path: Path) -> dict[str, object]:
    """A configuration, over the one that it inherits from.

    Raises:
        LightningError: It cannot be read.
    """
    try:
        return _inherited(path)
    except NotYamlError as error:
        raise SettingError("config-file", f"{path} cannot be read: {error}") from error
    except OSError as error:
        raise unreadable(error.filename, error) from error


def _inherited(path: Path, depth: int = 0) -> dict[str, object]:
    """As `_read`, with the errors as they are."""
    if depth > _MOST_INHERITED:
        raise NotYamlError(f"'{path}' inherits from itself")
    raw = read_mkdocs_yaml(path)
    settings = {str(name): value for name, value in raw.items()} if isinstance(raw, dict) else {}
    inherited = settings.pop("INHERIT", None)
    return _merged(_inherited(path.parent / inherited, depth + 1), settings) if isinstance(inherited, str) else settings


def _merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """One mapping over another as MkDocs merges them: mappings in both are merged, all else is replaced."""
    merged = {**below, **above}
    for name in below.keys() & above.keys():
        lower, upper = below[name], above[name]
        if isinstance(lower, dict) and isinstance(upper, dict):
            merged[name] = _merged(lower, upper)
    return merged


def _options_in(path: Path) -> dict[str, object] | None:
    """The plugin's options in a configuration, or in the one that it inherits from; None if it is not listed there.

    Raises:
        LightningError: The file cannot be read, or has options that nothing would read: a budget, for example.
    """
    settings = _read(path)
    plugins = settings.get("plugins")
    if reason := error_in(plugins, str(path)):
        raise SettingError("plugins", reason)
    check_places(settings, str(path), LightningConfig())
    entries = dict(entries_of(plugins))
    if PLUGIN not in entries:
        return None
    options = entries[PLUGIN]
    return {str(name): value for name, value in options.items()} if isinstance(options, dict) else {}
