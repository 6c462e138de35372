"""Starts the command `mkdocs-lightning`: first chooses MkDocs or ProperDocs, then imports what needs either of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.base.host import provide_mkdocs

if TYPE_CHECKING:
    from collections.abc import Iterable

BAD_USAGE = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command."""
    try:
        provide_mkdocs(config_file_in(sys.argv[1:]))
        from mkdocs_lightning.cli.command import main as run
    except LightningError as error:
        click.echo(f"mkdocs-lightning: {error}", err=True)
        sys.exit(BAD_USAGE)
    except KeyboardInterrupt:  # while modules are loaded
        sys.exit(INTERRUPTED)
    run(prog_name="mkdocs-lightning")  # however it was started


def config_file_in(arguments: Iterable[str]) -> str | None:
    """The value of `-f` in a command line that is not parsed yet: the last one before `--`; None if there is none."""
    found: str | None = None
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            break
        if argument in {"-f", "--config-file"}:
            found = next(remaining, None)
        elif argument.startswith("--config-file="):
            found = argument.removeprefix("--config-file=")
        elif argument.startswith("-f"):
            found = argument.removeprefix("-f")
    return found


if __name__ == "__main__":
    main()
