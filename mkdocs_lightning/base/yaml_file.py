"""YAML files that authors write: read, or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from yaml_env_tag import construct_env_tag

from mkdocs_lightning.base.errors import LightningError

if TYPE_CHECKING:
    from pathlib import Path


class NotYamlError(LightningError):
    """A file that is no YAML; its text says why, with the file and the line where they are known."""


def read_yaml(path: Path) -> object:
    """What a file holds.

    Raises:
        OSError: It cannot be read.
        NotYamlError: It is no YAML.
    """
    return _read(path, yaml.SafeLoader)


def read_mkdocs_yaml(path: Path) -> object:
    """What a site's configuration holds, with `!ENV` replaced and nothing in the place of names of Python.

    Raises:
        OSError: It cannot be read.
        NotYamlError: It is no YAML.
    """
    return _read(path, _MkDocsLoader)


class _MkDocsLoader(yaml.SafeLoader):
    """Reads what MkDocs reads, and runs nothing of it."""


_MkDocsLoader.add_constructor("!ENV", construct_env_tag)
_MkDocsLoader.add_constructor("!relative", lambda _loader, _node: None)
_MkDocsLoader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _name, _node: None)


def _read(path: Path, loader: type[yaml.SafeLoader]) -> object:
    try:
        with path.open(encoding="utf-8") as file:  # which a message then names, with the line
            return yaml.load(file, loader)  # noqa: S506 - a safe one
    except OSError:
        raise
    except Exception as error:
        # PyYAML lets through what Python says of a value: ValueError of the date 2024-13-45, KeyError of `!!bool x`.
        raise NotYamlError(str(error)) from error
