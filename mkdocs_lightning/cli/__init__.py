"""The command `mkdocs-lightning`: shows what a site needs, synthesizes it, looks after the cache."""

from mkdocs_lightning.cli.command import main

__all__ = ["main"]
