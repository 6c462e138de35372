"""YAML files that authors write: read, or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from mkdocs_lightning.errors import LightningError

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
    try:
        with path.open(encoding="utf-8") as file:  # which a message then names, with the line
            return yaml.safe_load(file)
    except OSError:
        raise
    except Exception as error:
        # PyYAML lets through what Python says of a value: ValueError of the date 2024-13-45, KeyError of `!!bool x`.
        raise NotYamlError(str(error)) from error
