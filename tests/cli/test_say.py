"""The command `mkdocs-lightning`: what it writes, what it says, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from mkdocs_lightning import __version__
from mkdocs_lightning.__main__ import config_file_in
from mkdocs_lightning.audio.codec import decode, encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.tags.tags import Tags
from mkdocs_lightning.cli.command import main
from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.service import Failure, Fault, every
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from tests.support.service import AnyFault, Service

TEXT = "The page is ready."
LONG = (
    "This sentence has no end for a long while, because its author thought of one thing and then of another, "
    "and of a third one; it has commas where the voice can take a breath, it has a semicolon, it has words enough "
    "for more than one request, and it comes to its end only here. The next one follows it at once, as it should."
)


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lightning(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The service, and a site here that uses it."""
    monkeypatch.setenv("SMALLEST_API_KEY", KEY)
    write_site(f"base_url: {service.url}", "sample_rate: 8000")
    return service


def write_site(*options: str, name: str = "mkdocs.yml") -> None:
    Path("docs").mkdir()
    plugin = "".join(f"\n    {option}" for option in options)
    Path(name).write_text(f"site_name: Test\nplugins:\n- lightning:{plugin}\n", encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def offline(*arguments: str) -> Result:
    return run("say", "--engine", "offline", *arguments)


@pytest.mark.parametrize("output_format", OutputFormat)
def test_the_ending_names_the_format(output_format: OutputFormat) -> None:
    name = f"a.{output_format.value.upper()}"

    result = offline(TEXT, "-o", name)

    engine = OfflineEngine()
    expected = engine.synthesize(TEXT, engine.normalize_voice(resolve_voice(VoiceSettings())))
    engine.close()
    assert result.exit_code == 0
    assert result.output == f"{name}: {expected.duration:.1f} s, {len(TEXT)} characters\n"
    data = Path(name).read_bytes()
    assert data[:4] == encode(expected, output_format, Tags(TEXT))[:4]
    assert decode(data).duration == expected.duration


@pytest.mark.parametrize(("name", "head"), [("a.ogg", b"OggS"), ("a.wave", b"RIFF")])
def test_a_containers_own_ending_is_understood(name: str, head: bytes) -> None:
    assert offline(TEXT, "-o", name).exit_code == 0
    assert Path(name).read_bytes()[:4] == head


@pytest.mark.parametrize(
    ("language", "voice_id"), [("es", "mateo"), ("fr", "manon"), ("en", "sophie"), ("nl", "sophie")]
)
def test_a_language_has_the_site_s_voice_for_it(
    service: Service, monkeypatch: pytest.MonkeyPatch, language: str, voice_id: str
) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", KEY)
    write_site(f"base_url: {service.url}", "voice_id: sophie", "voices: {es: mateo}")

    assert run("say", TEXT, "-o", "a.wav", "--language", language).exit_code == 0

    (request,) = service.requests
    assert (request.body or {})["voice_id"] == voice_id


def test_voice_and_speed_go_to_the_service_under_the_sites_options(lightning: Service) -> None:
    result = run("say", TEXT, "-o", "a.wav", "--voice-id", "magnus", "--language", "es", "--speed", "1.5")

    assert result.exit_code == 0, result.output
    (request,) = lightning.requests
    assert request.body
    assert request.headers["authorization"] == f"Bearer {KEY}"
    sent = {name: request.body[name] for name in ("text", "model", "voice_id", "language", "speed", "sample_rate")}
    assert sent == {
        "text": TEXT,
        "model": "lightning_v3.1",
        "voice_id": "magnus",
        "language": "es",
        "speed": 1.5,
        "sample_rate": 8000,  # as mkdocs.yml has it
    }
    assert decode(Path("a.wav").read_bytes()).sample_rate == 8000


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--voice-id", "louis"], "fr"),
        (["--voice-id", "louis", "--language", "en"], "en"),
        (["--voice-id", "sophie"], "en"),
        (["--voice-id", "newcomer"], "en"),
    ],
)
def test_a_voice_that_does_not_speak_the_site_s_language_speaks_its_own(
    lightning: Service, arguments: list[str], language: str
) -> None:
    lightning.cloned["newcomer"] = PRO_MODEL
    result = run("say", TEXT, "-o", "a.wav", *arguments)
    assert result.exit_code == 0, result.output
    assert [(each.body or {})["language"] for each in lightning.requests] == [language]
    assert ("is a voice for fr, but the language is en" in result.stderr) == ("louis" in arguments and language == "en")


def test_a_voice_newer_than_the_catalogue_is_tried_with_its_model(lightning: Service) -> None:
    lightning.cloned["newcomer"] = "lightning_v3.1_pro"
    result = run("say", TEXT, "-o", "a.wav", "--voice-id", "newcomer", "--model", "lightning_v3.1_pro_10_26")
    assert result.exit_code == 0, result.output
    assert lightning.spoken == [TEXT]


def test_a_long_text_is_cut_and_joined(lightning: Service) -> None:
    result = run("say", f"  {LONG}\n\n", "-o", "a.wav")

    assert result.exit_code == 0, result.output
    assert " ".join(lightning.spoken) == LONG
    assert len(lightning.spoken) == 3
    assert max(map(len, lightning.spoken)) <= 250
    whole = decode(Path("a.wav").read_bytes())
    assert whole.duration == pytest.approx(len(LONG) / 15, rel=0.1)
    assert f"{whole.duration:.1f} s, {sum(map(len, lightning.spoken))} characters" in result.output


def test_the_sites_budget_is_kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", KEY)
    write_site(f"base_url: {service.url}", f"max_characters: {len(TEXT)}")
    result = run("say", f"{TEXT} {TEXT}", "-o", "a.wav")
    assert (result.exit_code, service.requests, Path("a.wav").exists()) == (1, [], False)
    assert f" characters to send, and max_characters is {len(TEXT)}. Nothing was sent" in result.stderr
    assert run("say", TEXT, "-o", "a.wav").exit_code == 0
    assert offline(f"{TEXT} {TEXT}", "-o", "a.wav").exit_code == 0  # which costs nothing


def test_the_sites_lexicon_is_used(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", KEY)
    Path("words.yml").write_text("en:\n  MkDocs: em kay docs\n", encoding="utf-8")
    write_site(f"base_url: {service.url}", "lexicon: words.yml")
    result = run("say", "MkDocs is ready.", "-o", "a.wav")
    assert result.exit_code == 0, result.output
    assert service.spoken == ["em kay docs is ready."]


def test_a_text_that_is_not_utf_8_is_not_sent(lightning: Service) -> None:
    result = run("say", "The page is \udcff ready.", "-o", "a.wav")
    assert (result.exit_code, lightning.requests) == (2, [])
    assert "this text is not UTF-8" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--voice-id", "sophie"], "'sophie'"),
        (["--model", PRO_MODEL], f"'{PRO_MODEL}'"),
        (["--voice-id", "sophie", "--model", PRO_MODEL], f"'sophie' or '{PRO_MODEL}'"),
    ],
)
def test_a_voice_that_the_engine_does_not_have_is_warned_of(arguments: list[str], names: str) -> None:
    write_site("engine: offline")
    result = run("say", TEXT, "-o", "a.wav", *arguments)
    assert result.exit_code == 0
    assert result.stderr.startswith(f"WARNING -  engine 'offline' does not have {names}: you hear its own voice, '")
    assert result.stderr.endswith("'. Name the engine that has it, such as --engine lightning\n")


@pytest.mark.parametrize("options", [["voice_id: sophie"], ["voice_id: sophie", "speed: 2"], []])
def test_a_voice_of_the_site_is_not_warned_of(options: list[str]) -> None:
    write_site("engine: offline", *options)
    assert run("say", TEXT, "-o", "a.wav").stderr == ""


@pytest.mark.parametrize("name", ["mkdocs.yml", "mkdocs.yaml"])
def test_the_sites_own_engine_speaks(name: str) -> None:
    write_site("engine: offline", "speed: 2", name=name)
    assert run("say", TEXT, "-o", "a.wav").exit_code == 0
    assert offline(TEXT, "-o", "b.wav", "--speed", "1").exit_code == 0
    fast, slow = (decode(Path(name).read_bytes()).duration for name in ("a.wav", "b.wav"))
    assert slow > 1.5 * fast


def test_another_configuration_file_may_be_named() -> None:
    write_site("engine: offline", name="other.yml")
    assert run("-f", "other.yml", "say", TEXT, "-o", "a.wav").exit_code == 0


@pytest.mark.parametrize("spelling", [("-f", "other.yml"), ("-fother.yml",), ("--config-file=other.yml",)])
def test_it_may_be_named_after_the_command_too(spelling: tuple[str, ...]) -> None:
    write_site("engine: offline", name="other.yml")
    assert run("say", *spelling, TEXT, "-o", "a.wav").exit_code == 0
    assert run("-f", "missing.yml", "say", TEXT, "-o", "b.wav", *spelling).exit_code == 0
    assert run("cache", "stats", *spelling).output == run("cache", *spelling, "stats").output
    assert config_file_in(["say", *spelling, TEXT]) == config_file_in([*spelling, "say", TEXT]) == "other.yml"


@pytest.mark.parametrize(
    ("arguments", "config_file"),
    [
        ("plan", None),
        ("-f a.yml plan --config-file b.yml", "b.yml"),
        ("say -o out.wav -- -f no.yml", None),
        ("say -oof.wav --format x", None),
        ("plan -f", None),
    ],
)
def test_the_configuration_is_found_before_the_command_line_is_parsed(arguments: str, config_file: str | None) -> None:
    assert config_file_in(arguments.split()) == config_file


def test_every_command_that_reads_a_site_takes_a_configuration() -> None:
    groups = [main, *(command for command in main.commands.values() if isinstance(command, click.Group))]
    for command in (command for group in groups for command in (group, *group.commands.values())):
        if command.name in {"lint", "schema"}:  # which read no site
            continue
        assert any("-f" in parameter.opts for parameter in command.params), command.name


@pytest.mark.parametrize("arguments", [("say", TEXT, "-o", "a.wav"), ("voices", "--live")])
def test_nothing_but_the_options_of_the_site_has_to_be_usable(lightning: Service, arguments: tuple[str, ...]) -> None:
    Path("docs").rmdir()
    site = Path("mkdocs.yml").read_text(encoding="utf-8")
    site += "- a-plugin-that-is-not-installed\ntheme: a-theme-that-is-not-installed\nhooks: [not_there.py]\n"
    Path("mkdocs.yml").write_text(site, encoding="utf-8")
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert lightning.requests


def test_a_site_without_the_plugin_has_the_defaults() -> None:
    Path("docs").mkdir()
    Path("mkdocs.yml").write_text("site_name: Test\n", encoding="utf-8")
    assert offline(TEXT, "-o", "a.wav").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (TEXT, "-o", "a.aac"),
            "a.aac does not end in a known extension: mp3, wav, flac, opus, pcm, ulaw, alaw, ogg, wave",
        ),
        (
            (TEXT, "-o", "sound"),
            "sound does not end in a known extension: mp3, wav, flac, opus, pcm, ulaw, alaw, ogg, wave",
        ),
        ((TEXT, "-o", "no/a.wav"), "there is no directory no; create it first"),
        (("... !", "-o", "a.wav"), "there is nothing to speak in this text"),
        (("-", "-o", "a.wav"), "there is nothing to speak in this text"),
        (("", "-o", "a.wav"), "there is nothing to speak in this text"),
        ((TEXT, "-o", "a.wav", "--speed", "3"), "speed: 3.0 is out of range: 0.5 to 2.0"),
        (
            (TEXT, "-o", "a.wav", "--model", "lightning_v4"),
            (
                "model: 'lightning_v4' is offered over a WebSocket only, not over the REST API, which takes whole "
                "sentences: set model to lightning_v3.1_pro"
            ),
        ),
        (
            (TEXT, "-o", "a.wav", "--engine", "other"),
            (
                "engine: there is no engine 'other'; installed engines: auto, lightning, offline. "
                "If you have just added this entry point to a package, install the package again"
            ),
        ),
        (
            (TEXT, "-o", "a.wav", "--engine", "lightning"),
            "there is no API key; set the environment variable SMALLEST_API_KEY",
        ),
    ],
)
def test_a_mistake_ends_with_2_and_one_line(arguments: tuple[str, ...], message: str) -> None:
    result = run("say", *arguments)
    assert (result.exit_code, result.output) == (2, f"mkdocs-lightning: {message}\n")
    assert list(Path().iterdir()) == []


def test_standard_input_may_have_the_text(lightning: Service) -> None:
    text = "Größer ist er.\n"
    result = CliRunner().invoke(main, ["say", "-", "-o", "a.wav"], input=text.encode())
    assert (result.exit_code, lightning.spoken) == (0, [text.strip()])


def test_standard_input_of_another_encoding_is_not_spoken(lightning: Service) -> None:
    result = CliRunner().invoke(main, ["say", "-", "-o", "a.wav"], input="Größer ist er.".encode("latin-1"))
    assert (result.exit_code, result.output) == (2, "mkdocs-lightning: this text is not UTF-8\n")
    assert not lightning.requests


@pytest.mark.parametrize("arguments", [("say",), ("say", TEXT), ("say", TEXT, "-o", "."), ("sing",), ("--loud",)])
def test_a_wrong_command_line_ends_with_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.output


def test_a_configuration_file_that_is_named_must_be_there() -> None:
    result = run("-f", "other.yml", "say", TEXT, "-o", "a.wav")
    message = "the configuration 'other.yml' cannot be read (No such file or directory); name a file"
    assert (result.exit_code, result.output) == (2, f"mkdocs-lightning: {message}\n")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("retries: -1", "retries: -1 is not a whole number of 0 or more (mkdocs.yml:4)"),
        ("max_character: 9", "max_character: unknown option 'max_character' (did you mean 'max_characters'?)"),
    ],
)
def test_a_wrong_option_of_the_site_ends_with_2(lightning: Service, option: str, message: str) -> None:
    Path("mkdocs.yml").write_text(f"site_name: Test\nplugins:\n- lightning:\n    {option}\n", encoding="utf-8")
    result = run("say", TEXT, "-o", "a.wav")
    assert (result.exit_code, result.output) == (2, f"mkdocs-lightning: {message}\n")
    assert not lightning.requests


def test_a_wrong_voice_of_the_site_ends_with_2() -> None:
    write_site("speed: fast")
    result = run("say", TEXT, "-o", "a.wav")
    assert (result.exit_code, result.output) == (2, "mkdocs-lightning: speed: 'fast' is not a number\n")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Failure(503, message="No capacity today"), "No capacity today"),
        (Failure(400, message="This text is blocked"), "This text is blocked"),
        (Fault.TRUNCATED_WAV, "is cut short"),
        (Fault.WRONG_RATE, "the audio has 16000 Hz instead of 8000 Hz"),
        (Fault.SILENCE, "the audio is silent"),
        (Fault.RESET, "the connection to the service"),
    ],
)
def test_what_the_service_does_not_speak_ends_with_1(lightning: Service, fault: AnyFault, message: str) -> None:
    lightning.faults = every(1, fault)
    result = run("say", TEXT, "-o", "a.wav")
    assert result.exit_code == 1
    assert result.output.startswith("mkdocs-lightning: ")
    assert message in result.output
    assert result.output.count("\n") == 1
    assert not Path("a.wav").exists()


def test_a_wrong_key_is_not_repeated(lightning: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", "sk_wrong_key")
    result = run("say", TEXT, "-o", "a.wav")
    assert (result.exit_code, lightning.spoken) == (2, [])
    assert "SMALLEST_API_KEY" in result.output
    assert "sk_wrong_key" not in result.output


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (None, f"{'a' * 300}.wav", "cannot be written (File name too long)"),
        (os.mkfifo, "a.wav", "is not a regular file"),
        (lambda name: Path(name).symlink_to("/dev/full"), "a.wav", "is not a regular file"),
        (lambda name: Path(name).symlink_to("gone"), "a.wav", "is not a regular file"),
    ],
    ids=["long name", "pipe", "device", "dangling link"],
)
def test_nothing_is_sent_for_a_file_that_cannot_be_written(
    lightning: Service, make: Callable[[str], object] | None, name: str, reason: str
) -> None:
    if make:
        make(name)
    result = run("say", TEXT, "-o", name)
    assert (result.exit_code, result.output) == (1, f"mkdocs-lightning: '{name}' {reason}\n")
    assert lightning.requests == []


def test_a_file_keeps_its_content_until_there_is_another(lightning: Service) -> None:
    Path("a.wav").write_bytes(b"before")
    lightning.faults = every(1, Failure(503))
    assert run("say", TEXT, "-o", "a.wav").exit_code == 1
    assert Path("a.wav").read_bytes() == b"before"


def test_it_is_installed_as_a_command() -> None:
    command = Path(sys.executable).with_name("mkdocs-lightning")
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"mkdocs-lightning, version {__version__}\n"
    spoken = subprocess.run([command, "say", TEXT, "-o", "a.mp3", "--engine", "offline"], check=False)
    assert spoken.returncode == 0
    assert decode(Path("a.mp3").read_bytes()).duration > 0.5
    failed = subprocess.run([command, "say", TEXT, "-o", "a.mp3"], capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("mkdocs-lightning: there is no API key")


def test_a_voice_that_the_catalogue_lacks_is_warned_of_and_tried(lightning: Service) -> None:
    lightning.cloned["newcomer"] = PRO_MODEL
    result = run("say", TEXT, "-o", "a.wav", "--voice-id", "newcomer")
    assert (result.exit_code, len(lightning.spoken)) == (0, 1)
    assert result.stderr.startswith("WARNING -  voice_id 'newcomer' is not a voice that this version knows; trying ")
