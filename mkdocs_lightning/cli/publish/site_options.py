"""The plugin's options, and what a configuration says of its site, for a site that another program has built."""

from __future__ import annotations

from pathlib import Path

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.yaml_file import NotYamlError, read_mkdocs_yaml
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.plugin.option_types import PLUGIN, not_a_mapping
from mkdocs_lightning.plugin.page_context import plain_text
from mkdocs_lightning.site.published.feed import SiteFacts

_MOST_INHERITED = 50  # files, one from the other


def read_options(config_file: str | None) -> LightningConfig:
    """Read the plugin's options for a site that another program builds; defaults for all that are missing.

    No theme and no other plugin in the configuration is looked at: they may not be installed. The cache is by default
    where no other program cleans up.

    Args:
        config_file: None if the site has none.

    Raises:
        SettingError: The file cannot be read, or an option cannot be used.
    """
    from mkdocs_lightning.site.standalone_options import default_cache_dir

    path = Path(config_file) if config_file else None
    config = LightningConfig(config_file_path=config_file)
    cache_dir = default_cache_dir(path.parent if path else Path()).resolve()
    try:
        config.load_dict({"cache_dir": str(cache_dir), **(_options_in(path) if path else {})})
    except (OSError, NotYamlError) as error:
        raise SettingError("config-file", f"{path} cannot be read: {error}") from error
    for setting, wrong in config.validate()[0]:
        raise SettingError(setting, str(wrong))
    return config


def read_facts(config_file: str | None) -> SiteFacts:
    """What the configuration says of the site itself; nothing if the site has none.

    Raises:
        SettingError: The file cannot be read.
    """
    if not config_file:
        return SiteFacts()
    try:
        settings = _inherited(Path(config_file))
    except (OSError, NotYamlError) as error:
        raise SettingError("config-file", f"{config_file} cannot be read: {error}") from error
    names = {"url": "site_url", "name": "site_name", "description": "site_description", "author": "site_author"}
    texts = {fact: settings.get(name) for fact, name in {**names, "copyright": "copyright"}.items()}
    return SiteFacts(**{fact: plain_text(text) for fact, text in texts.items() if isinstance(text, str)})


def _inherited(path: Path, depth: int = 0) -> dict[str, object]:
    """A configuration over the one that it inherits from."""
    if depth > _MOST_INHERITED:
        raise NotYamlError(f"'{path}' inherits from itself")
    raw = read_mkdocs_yaml(path)
    settings = {str(name): value for name, value in raw.items()} if isinstance(raw, dict) else {}
    inherited = settings.pop("INHERIT", None)
    return {**_inherited(path.parent / inherited, depth + 1), **settings} if isinstance(inherited, str) else settings


def _options_in(path: Path) -> dict[str, object]:
    """The plugin's options in a configuration, or in the one that it inherits from."""
    plugins = _inherited(path).get("plugins")
    entries = (
        plugins.items() if isinstance(plugins, dict) else map(_entry, plugins if isinstance(plugins, list) else [])
    )
    for name, options in entries:
        if name == PLUGIN:
            if not isinstance(options, dict | None):
                raise SettingError("plugins", not_a_mapping(options))
            return options or {}
    return {}


def _entry(plugin: object) -> tuple[object, object]:
    """The name and the options of one item in a list of plugins."""
    return next(iter(plugin.items()), (None, None)) if isinstance(plugin, dict) else (plugin, None)
