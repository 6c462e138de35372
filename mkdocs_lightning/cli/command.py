"""The command `mkdocs-lightning` as a whole: the group of all its commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from mkdocs_lightning import __version__
from mkdocs_lightning.base.host import default_config_file
from mkdocs_lightning.cli.output import accept_any_character
from mkdocs_lightning.cli.site_reader import config_file_option

_MODULES = {
    "book": "book.book_command",
    "cache": "cache_commands",
    "check": "plan_commands",
    "plan": "plan_commands",
    "publish": "publish_command",
    "say": "voice_commands",
    "synth": "synth_command",
    "transcript": "plan_commands",
    "voices": "voice_commands",
}


class _Commands(Mapping[str, click.Command]):
    """Imports a command when it is asked for: a `check` needs nothing that synthesizes."""

    def __getitem__(self, name: str) -> click.Command:
        command = getattr(import_module(f"mkdocs_lightning.cli.{_MODULES[name]}"), name)
        assert isinstance(command, click.Command)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


@click.group(commands=_Commands())
@click.version_option(__version__, prog_name="mkdocs-lightning")
@config_file_option
@click.pass_context
def main(context: click.Context) -> None:
    """Plan, check and synthesize the audio of an MkDocs site."""
    context.obj = context.obj or default_config_file()
    accept_any_character()
