"""The command `schema`: the JSON schema with which an editor completes and checks the options in mkdocs.yml."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from urllib.parse import quote

import click

from mkdocs_lightning import plugin
from mkdocs_lightning.cli.output import check_writable

_SCHEMA = "schema.json"


@click.command(short_help="Print the JSON schema of the options, for editors.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the schema into this file instead."
)
def schema(output: Path | None) -> None:
    """Print the JSON schema of the plugin's options in mkdocs.yml, so that your editor can check them."""
    text = resources.files(plugin).joinpath(_SCHEMA).read_text(encoding="utf-8")
    if output is None:
        click.echo(text, nl=False)
        return
    check_writable(output)
    output.write_text(text, encoding="utf-8", newline="\n")
    click.echo("Put this line at the top of mkdocs.yml:")
    click.echo(f"# yaml-language-server: $schema={quote(output.as_posix(), safe='/:')}")
