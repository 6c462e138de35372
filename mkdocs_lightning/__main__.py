"""The entry point of the command `mkdocs-lightning`, which decides whether `mkdocs` is MkDocs or ProperDocs."""

from __future__ import annotations

import sys

import click

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.plugin.host import provide_mkdocs

BAD_USAGE = 2


@click.command(
    add_help_option=False, context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True}
)
@click.option("-f", "--config-file")
@click.argument("_command", nargs=-1, type=click.UNPROCESSED)
def _first_options(config_file: str | None, _command: tuple[str, ...]) -> None:
    """Parses the options before the command's name. `cli` parses the whole line again, and reports errors."""


def main() -> None:
    """Run the command."""
    context = _first_options.make_context(None, sys.argv[1:], resilient_parsing=True)
    try:
        provide_mkdocs(context.params["config_file"])
    except LightningError as error:
        click.echo(f"mkdocs-lightning: {error}", err=True)
        sys.exit(BAD_USAGE)
    from mkdocs_lightning.cli.command import main as run_command

    run_command()


if __name__ == "__main__":
    main()
