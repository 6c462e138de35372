"""The command `mkdocs-lightning` as a whole: the group of all its commands."""

from __future__ import annotations

import click

from mkdocs_lightning import __version__
from mkdocs_lightning.base.host import default_config_file
from mkdocs_lightning.cli.cache_commands import cache
from mkdocs_lightning.cli.output import accept_any_character
from mkdocs_lightning.cli.plan_commands import check, plan, transcript
from mkdocs_lightning.cli.publish_command import publish
from mkdocs_lightning.cli.site_reader import config_file_option
from mkdocs_lightning.cli.synth_command import synth
from mkdocs_lightning.cli.voice_commands import say, voices


@click.group()
@click.version_option(__version__, prog_name="mkdocs-lightning")
@config_file_option
@click.pass_context
def main(context: click.Context) -> None:
    """Plan, check and synthesize the audio of an MkDocs site."""
    context.obj = context.obj or default_config_file()
    accept_any_character()


for _command in (plan, check, synth, publish, transcript, say, voices, cache):
    main.add_command(_command)
