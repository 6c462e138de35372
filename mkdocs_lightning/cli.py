"""The command `mkdocs-lightning`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from mkdocs_lightning import __version__
from mkdocs_lightning.audio import OutputFormat, check, encode, join
from mkdocs_lightning.config import LightningConfig
from mkdocs_lightning.engines import make_engine
from mkdocs_lightning.errors import LightningError, SettingError
from mkdocs_lightning.script import split_paragraph, spoken_text
from mkdocs_lightning.voice import VoiceSettings, resolve_voice

if TYPE_CHECKING:
    from mkdocs_lightning.audio import Audio
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.voice import Voice

BAD_USAGE = 2
"""The exit code of a wrong command line or configuration."""


@click.group()
@click.version_option(__version__, prog_name="mkdocs-lightning")
@click.option("-f", "--config-file", show_default="mkdocs.yml", help="The site's configuration.", metavar="FILE")
@click.pass_context
def main(context: click.Context, config_file: str | None) -> None:
    """Spoken documentation, beside `mkdocs build`."""
    context.obj = config_file


@main.command()
@click.argument("text")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An audio file.")
@click.option("--engine", help="lightning, preview or auto; the site's own by default.")
@click.option("--model", help="The one that owns the voice by default.")
@click.option("--voice-id", help="A voice of the catalogue, or a cloned one.")
@click.option("--language", help="The language's code, such as en or hi.")
@click.option("--speed", type=float, help="0.5 to 2.")
@click.pass_obj
def say(  # noqa: PLR0913, PLR0917 - one argument an option
    config_file: str | None,
    text: str,
    output: Path,
    engine: str | None,
    model: str | None,
    voice_id: str | None,
    language: str | None,
    speed: float | None,
) -> None:
    """Try a voice: speak TEXT into a file, in the format that the file's ending names."""
    output_format = _format_of(output)
    if not any(character.isalnum() for character in text):
        _end("there is nothing to speak in this text", BAD_USAGE)
    try:
        config = _plugin_config(config_file)
        wanted = VoiceSettings(model=model, voice_id=voice_id, language=language, speed=speed)
        voice = resolve_voice(wanted.over(config.voice_settings()))
        speaker = make_engine(engine or config.engine, config.engine_options())
    except SettingError as error:
        _end(f"{error.setting}: {error}", BAD_USAGE)
    except (LightningError, MkDocsException) as error:
        _end(str(error), BAD_USAGE)
    if speaker.unavailable:
        _end(speaker.unavailable, BAD_USAGE)
    sentences = split_paragraph(spoken_text(text), voice.language)
    try:
        parts = [_speak(speaker, sentence.text, speaker.settle(voice)) for sentence in sentences]
        whole = join(parts, [sentence.pause.value / 1000 for sentence in sentences[:-1]])
        output.write_bytes(encode(whole, output_format))
    except (LightningError, OSError) as error:
        _end(str(error), 1)
    finally:
        speaker.close()
    click.echo(f"{output}: {whole.duration:.1f} s, {sum(len(sentence.text) for sentence in sentences)} characters")


def _format_of(output: Path) -> OutputFormat:
    """The format that a file's ending names, where such a file can be written."""
    try:
        output_format = OutputFormat(output.suffix.removeprefix(".").lower())
    except ValueError:
        _end(f"{output} does not end in a format: {', '.join(known.value for known in OutputFormat)}", BAD_USAGE)
    if not output.parent.is_dir():
        _end(f"there is no directory {output.parent}", BAD_USAGE)
    return output_format


def _plugin_config(config_file: str | None) -> LightningConfig:
    """The plugin's options in a site's configuration; the defaults where there is no site, or no such plugin."""
    if config_file or any(Path(name).exists() for name in ("mkdocs.yml", "mkdocs.yaml")):  # as `mkdocs` looks
        plugin = load_config(config_file).plugins.get("lightning")
        if plugin is not None:
            assert isinstance(plugin.config, LightningConfig)
            return plugin.config
    config = LightningConfig()
    config.validate()
    return config


def _speak(speaker: Engine, text: str, voice: Voice) -> Audio:
    """One sentence, checked as a build checks it."""
    audio = speaker.synthesize(text, voice)
    check(audio, text=text, sample_rate=voice.sample_rate, speed=voice.speed)
    return audio


def _end(message: str, code: int) -> NoReturn:
    click.echo(f"mkdocs-lightning: {message}", err=True)
    sys.exit(code)
