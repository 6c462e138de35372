"""The commands about voices: `say` tries one, `voices` lists them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.formats import OTHER_SUFFIXES, OutputFormat
from mkdocs_lightning.audio.mastering.finish import finish
from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.base.errors import LightningError, count, has_surrogate
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import BAD_USAGE, FAILED, check_writable, fail, usage_errors_shown, warn
from mkdocs_lightning.cli.site_options import read_options
from mkdocs_lightning.engines import (
    CatalogueVoice,
    EngineError,
    KeyRefusedError,
    make_stand_in,
    stand_in_reason,
    voice_warnings,
)
from mkdocs_lightning.plugin.build import limit_of, open_engine, open_lexicon
from mkdocs_lightning.plugin.run_mode import RunMode
from mkdocs_lightning.reading.segment import make_clip
from mkdocs_lightning.reading.sentences import split_paragraph, spoken_text
from mkdocs_lightning.reading.settings.catalogue import DEFAULT_VOICES, RETIRES_ON, catalogue, speaks
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES, language_advice
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.policy import Budget

if TYPE_CHECKING:
    from collections.abc import Container

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.reading.settings.voice import Voice


_FORMATS = {each.value: each for each in OutputFormat} | OTHER_SUFFIXES
"""The formats of files, by suffix."""


@click.command(short_help="Try a voice: synthesize a text into a file.")
@click.argument("text")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The audio file to write. Its extension sets the format.",
)
@click.option("--engine", help="lightning, offline, auto or another installed engine. Default: the site's.")
@click.option("--model", help="The model. Default: that of the voice.")
@click.option("--voice-id", help="A voice that 'mkdocs-lightning voices' lists, or a cloned one.")
@click.option("--language", help="A language code, such as en or hi. Default: the site's, if the voice speaks it.")
@click.option("--speed", type=float, help="The speed, from 0.5 to 2.")
@config_file_option
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
    """Try a voice: synthesize TEXT, or with - what standard input has, into a file. Costs money."""
    output_format = _format_of(output)
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape")
    if not any(character.isalnum() for character in text):
        fail("there is nothing to speak in this text", BAD_USAGE)
    if has_surrogate(text):
        fail("this text is not UTF-8", BAD_USAGE)
    with usage_errors_shown():
        options, _ = read_options(config_file)
        options.engine = engine or options.engine
        wanted = VoiceSettings(model=model, voice_id=voice_id, language=language, speed=speed)
        voices = options.site_voices()
        voice = resolve_voice(voices.complete(_in_own_language(wanted, voices.everywhere.language or "en")))
        lexicon = open_lexicon(options)
        speaker = _open_speaker(options)
    sentences = split_paragraph(spoken_text(text), voice.language, lexicon)
    speakers = [speaker.normalize_voice(voice)] * len(sentences)
    clip = make_clip(sentences, speaker.name, speakers, output_format, options.loudness)
    characters = sum(len(segment.text) for segment in clip.segments)
    check_writable(output)
    ignored = _warnings_of_ignored(speaker, voice, wanted)
    for warning in [*ignored, *voice_warnings(speaker, speakers)]:
        warn(warning)
    try:
        if reason := Budget(limit_of(speaker, options)).refusal_reason(characters):
            fail(f"{reason}. Nothing was sent", FAILED)
        spoken = [_synthesize(speaker, segment.text, segment.voice) for segment in clip.segments]
        finished = finish(spoken, clip.speakers, clip.pauses, clip.loudness)
        output.write_bytes(encode(finished.audio, output_format, clip.file_tags(finished.lengths)))
    except KeyRefusedError as error:
        fail(str(error), BAD_USAGE)
    except LightningError as error:
        fail(str(error), FAILED)
    except OSError as error:
        fail(f"'{output}' cannot be written ({error.strerror})", FAILED)
    finally:
        speaker.close()
    click.echo(f"{output}: {finished.audio.duration:.1f} s, {count(characters, 'character')}")


def _in_own_language(wanted: VoiceSettings, language: str) -> VoiceSettings:
    """What is wanted; with the language of its voice, if none is wanted and the voice is not one for the site's.

    Args:
        wanted: What the command line says.
        language: The site's.
    """
    voice_id = wanted.voice_id
    if voice_id is None or wanted.language is not None or speaks(voice_id, language):
        return wanted
    return replace(wanted, language=catalogue()[voice_id].languages[0])


@click.command(short_help="List the voices.")
@click.option("--language", help="List only voices that speak this language: a code, such as hi.")
@click.option("--live", is_flag=True, help="Ask the service, and include your cloned voices. Needs a key.")
@config_file_option
@click.pass_obj
def voices(config_file: str | None, language: str | None, *, live: bool) -> None:
    """List the voices that this version knows, or those that the service has now."""
    if language is not None and language not in LANGUAGE_NAMES:
        fail(f"{language!r} is not a language; {language_advice(language, sorted(LANGUAGE_NAMES))}", BAD_USAGE)
    listed = _live_voices(config_file) if live else _known_voices()
    listed = [voice for voice in listed if language is None or LANGUAGE_NAMES[language] in voice.languages]
    for voice in listed:
        retires = f"retires {RETIRES_ON[voice.model]}" if voice.model in RETIRES_ON else None
        about = ", ".join(part for part in (voice.gender, voice.accent, *voice.languages, retires) if part)
        click.echo(f"{voice.voice_id:<20} {voice.model:<20} {about}".rstrip())
    if not listed:
        click.echo(f"there is no native voice for {language!r}; the site's own voice speaks it", err=True)


def _known_voices() -> list[CatalogueVoice]:
    """The voices of the package's own table: those of the current model first."""
    known = [
        CatalogueVoice(
            voice_id=voice_id,
            name=voice_id.capitalize(),
            model=voice.model,
            languages=tuple(LANGUAGE_NAMES[code] for code in voice.languages),
            accent=voice.accent,
            gender=voice.gender,
        )
        for voice_id, voice in catalogue().items()
    ]
    return [voice for model in DEFAULT_VOICES for voice in known if voice.model == model]


def _live_voices(config_file: str | None) -> list[CatalogueVoice]:
    """The voices that the service lists, and then the account's cloned ones; ends the command if it does not answer."""
    with usage_errors_shown():
        options, _ = read_options(config_file)
        options.engine = "lightning"
        service = open_engine(options, RunMode())
    if service.unavailable_reason:
        fail(service.unavailable_reason, BAD_USAGE)
    try:
        listed = [voice for model in DEFAULT_VOICES for voice in service.voices(model)]
        return [*listed, *_cloned_voices(service, {voice.voice_id for voice in listed})]
    except KeyRefusedError as error:
        fail(str(error), BAD_USAGE)
    except LightningError as error:
        fail(str(error), FAILED)
    finally:
        service.close()


def _cloned_voices(service: Engine, listed: Container[str]) -> list[CatalogueVoice]:
    """The account's cloned voices that are not listed yet; without them, and a warning, if the service refuses."""
    try:
        return [voice for voice in service.cloned_voices() if voice.voice_id not in listed]
    except EngineError as error:
        warn(f"your cloned voices are not listed: {error}")
        return []


def _open_speaker(options: LightningConfig) -> Engine:
    """The engine that speaks here and now: that of the options, or where `auto` has no key the offline voice.

    Ends the command if it cannot speak.

    Raises:
        SettingError: As for `open_engine`.
    """
    engine = open_engine(options, RunMode())
    stand_in = make_stand_in(options.engine, engine)
    speaker = stand_in or engine
    if speaker.unavailable_reason:
        fail(stand_in_reason(engine, stand_in) or speaker.unavailable_reason, BAD_USAGE)
    return speaker


def _warnings_of_ignored(speaker: Engine, voice: Voice, wanted: VoiceSettings) -> list[str]:
    """A warning if the command line asks for a voice, and an engine without it speaks with one of its own."""
    speaking = speaker.normalize_voice(voice)
    names = ("voice_id", "model")
    asked = [getattr(wanted, name) for name in names if getattr(wanted, name) not in {None, getattr(speaking, name)}]
    if not asked:
        return []
    warning = (
        f"engine '{speaker.name}' does not have {' or '.join(map(repr, asked))}: you hear its own voice, "
        f"'{speaking.voice_id}'. Name the engine that has it, such as --engine lightning"
    )
    return [warning]


def _format_of(output: Path) -> OutputFormat:
    """The format that a file's name ends with; ends the command if such a file cannot be written."""
    output_format = _FORMATS.get(output.suffix.removeprefix(".").lower())
    if output_format is None:
        fail(f"{output} does not end in a known extension: {', '.join(_FORMATS)}", BAD_USAGE)
    if not output.parent.is_dir():
        fail(f"there is no directory {output.parent}; create it first", BAD_USAGE)
    return output_format


def _synthesize(engine: Engine, text: str, voice: Voice) -> Audio:
    """The audio of one sentence, checked as a build checks it."""
    audio = engine.synthesize(text, voice)
    check(audio, text=text, sample_rate=voice.sample_rate, speed=voice.speed)
    return audio
