"""Chooses the program that reads a site for the command: MkDocs, or its fork ProperDocs, which runs the same plugins.

This module is imported before MkDocs, and must not import it: so it cannot be in `plugin/`, which does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from mkdocs_lightning.base.errors import LightningError

_NAMES = ("mkdocs.yml", "mkdocs.yaml")
_NAMES_OF_PROPERDOCS = ("properdocs.yml", "properdocs.yaml")
CONFIG_FILES = (*_NAMES, *_NAMES_OF_PROPERDOCS)


def default_config_file() -> str | None:
    """The name of the configuration in this directory, that of an installed program first; None if there is none."""
    is_properdocs = find_spec("properdocs") is not None
    names = (*_NAMES_OF_PROPERDOCS, *_NAMES) if is_properdocs else CONFIG_FILES
    return next((name for name in names if Path(name).exists()), None)


def provide_mkdocs(config_file: str | None) -> None:
    """Make `import mkdocs` work; call this before the first module that imports it.

    It imports MkDocs, or ProperDocs where MkDocs is missing or the configuration has a name of ProperDocs. An MkDocs
    that is imported already stays.

    Args:
        config_file: The site's configuration; None for the one that `default_config_file` finds.

    Raises:
        LightningError: Neither program is installed.
    """
    if "mkdocs" in sys.modules:
        return
    has_mkdocs, has_properdocs = bool(find_spec("mkdocs")), bool(find_spec("properdocs"))
    if not has_mkdocs and not has_properdocs:
        raise LightningError("neither MkDocs nor ProperDocs is installed to read the site; run 'pip install mkdocs'")
    names_properdocs = Path(config_file or default_config_file() or "").name in _NAMES_OF_PROPERDOCS
    if has_properdocs and (names_properdocs or not has_mkdocs):
        import_module("properdocs.replacement")  # registers ProperDocs as `mkdocs`; its own command does the same
