"""The command `mkdocs-lightning` as a whole: the group of all its commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TypeVar

import click

from mkdocs_lightning import __version__
from mkdocs_lightning.base.host import default_config_file
from mkdocs_lightning.base.interruptible import ending_on_sigterm
from mkdocs_lightning.cli.output import INTERRUPTED, accept_any_character

_Function = TypeVar("_Function", bound=Callable[..., object])

_MODULES = {
    "book": "book.book_command",
    "cache": "cache_commands",
    "check": "plan_commands",
    "lint": "writing.lint_command",
    "plan": "plan_commands",
    "publish": "publish.publish_command",
    "review": "review.review_command",
    "say": "voice_commands",
    "schema": "writing.schema_command",
    "synth": "synth_command",
    "transcript": "review.transcript_command",
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


def config_file_option(function: _Function) -> _Function:
    """Give a command the option `-f`, also after its name; the value there goes before one that stands earlier.

    The value is the command's `obj`: the path of the site's configuration, or None if there is none.
    """
    return click.option(
        "-f",
        "--config-file",
        metavar="FILE",
        help="The site's configuration. Default: mkdocs.yml, or properdocs.yml.",
        expose_value=False,
        callback=_take_config_file,
    )(function)


def _take_config_file(context: click.Context, _parameter: click.Parameter, config_file: str | None) -> None:
    if config_file is not None:
        context.obj = config_file


class _Group(click.Group):
    """Ends with `INTERRUPTED` after Ctrl-C, as shells and other programs expect, and without a traceback.

    After SIGTERM, it ends just as cleanly, with the code 143.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was named."""
        try:
            with ending_on_sigterm():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nmkdocs-lightning: interrupted", err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=_Group, commands=_Commands())
@click.version_option(__version__, prog_name="mkdocs-lightning")
@config_file_option
@click.pass_context
def main(context: click.Context) -> None:
    """Plan, check and synthesize the audio of an MkDocs site."""
    context.obj = context.obj or default_config_file()
    accept_any_character()
