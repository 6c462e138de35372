"""The command `mkdocs-lightning`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from mkdocs_lightning import __version__
from mkdocs_lightning.audio import OutputFormat, encode, join
from mkdocs_lightning.config import LightningConfig
from mkdocs_lightning.engines import make_engine
from mkdocs_lightning.errors import LightningError
from mkdocs_lightning.script import split_paragraph, spoken_text
from mkdocs_lightning.voice import VoiceSettings, resolve_voice

BAD_USAGE = 2
"""The exit code of a wrong command line or configuration."""


@click.group()
@click.version_option(__version__, prog_name="mkdocs-lightning")
@click.option(
    "-f", "--config-file", default="mkdocs.yml", show_default=True, help="The site's configuration.", metavar="FILE"
)
@click.pass_context
def main(context: click.Context, config_file: str) -> None:
    """Spoken documentation, beside `mkdocs build`."""
    context.obj = config_file


@main.command()
@click.argument("text")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An audio file.")
@click.option("--engine", help="lightning, preview or auto; the site's own by default.")
@click.option("--voice-id", help="A voice of the catalogue, or a cloned one.")
@click.option("--language", help="The language's code, such as en or hi.")
@click.option("--speed", type=float, help="0.5 to 2.")
@click.pass_obj
def say(  # noqa: PLR0913, PLR0917 - one argument an option
    config_file: str,
    text: str,
    output: Path,
    engine: str | None,
    voice_id: str | None,
    language: str | None,
    speed: float | None,
) -> None:
    """Try a voice: speak TEXT into a file, in the format that the file's ending names."""
    try:
        config = _plugin_config(config_file)
        wanted = VoiceSettings(voice_id=voice_id, language=language, speed=speed)
        voice = resolve_voice(wanted.over(config.voice_settings()))
        output_format = OutputFormat(output.suffix.removeprefix(".").lower())
        speaker = make_engine(engine or config.engine, config.engine_options())
    except (LightningError, MkDocsException) as error:
        _end(str(error), BAD_USAGE)
    except ValueError:
        _end(f"{output} does not end in a format: {', '.join(known.value for known in OutputFormat)}", BAD_USAGE)
    if speaker.unavailable:
        _end(speaker.unavailable, BAD_USAGE)
    sentences = split_paragraph(spoken_text(text), voice.language)
    if not sentences:
        _end("there is nothing to speak in this text", BAD_USAGE)
    try:
        voice = speaker.settle(voice)
        parts = [speaker.synthesize(sentence.text, voice) for sentence in sentences]
    except LightningError as error:
        _end(str(error), 1)
    finally:
        speaker.close()
    whole = join(parts, [sentence.pause.value / 1000 for sentence in sentences[:-1]])
    output.write_bytes(encode(whole, output_format))
    click.echo(f"{output}: {whole.duration:.1f} s, {sum(len(sentence.text) for sentence in sentences)} characters")


def _plugin_config(config_file: str) -> LightningConfig:
    """The plugin's options in a site's configuration; the defaults where there is no such site or plugin."""
    if Path(config_file).exists():
        plugin = load_config(config_file).plugins.get("lightning")
        if plugin is not None:
            assert isinstance(plugin.config, LightningConfig)
            return plugin.config
    config = LightningConfig()
    config.validate()
    return config


def _end(message: str, code: int) -> None:
    click.echo(f"mkdocs-lightning: {message}", err=True)
    sys.exit(code)
