"""The command `mkdocs-lightning`: see what a site needs, synthesize it, look after the cache."""

from mkdocs_lightning.cli.command import main

__all__ = ["main"]
