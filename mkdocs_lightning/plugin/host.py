"""Which program reads a site for the command: MkDocs, or ProperDocs, its fork, which takes the same plugins."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from mkdocs_lightning.base.errors import LightningError

_NAMES = ("mkdocs.yml", "mkdocs.yaml")
_NAMES_OF_PROPERDOCS = ("properdocs.yml", "properdocs.yaml")


def default_config_file() -> str | None:
    """The configuration in this folder, by the names that the installed generators look for; None if there is none."""
    names = (*_NAMES_OF_PROPERDOCS, *_NAMES) if find_spec("properdocs") else _NAMES
    return next((name for name in names if Path(name).exists()), None)


def provide_mkdocs(config_file: str | None) -> None:
    """Have an `mkdocs` to import; to be called before the first module that imports it.

    That is MkDocs, unless it is missing, or the site's configuration is called as ProperDocs calls it. Where MkDocs is
    imported already, it stays.

    Args:
        config_file: The site's configuration; None for the one that `default_config_file` finds.

    Raises:
        LightningError: Neither is installed.
    """
    if "mkdocs" in sys.modules:
        return
    has_mkdocs, has_properdocs = bool(find_spec("mkdocs")), bool(find_spec("properdocs"))
    if not has_mkdocs and not has_properdocs:
        raise LightningError("neither MkDocs nor ProperDocs is installed, to read the site; run 'pip install mkdocs'")
    is_of_properdocs = Path(config_file or default_config_file() or "").name in _NAMES_OF_PROPERDOCS
    if has_properdocs and (is_of_properdocs or not has_mkdocs):
        import_module("properdocs.replacement")  # what its own command imports first: it is `mkdocs` from here on
