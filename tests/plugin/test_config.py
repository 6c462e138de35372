"""The plugin's options: their defaults, what is refused in which words, and where the key is kept from."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.cli.command import main
from mkdocs_lightning.cli.site_options import read_options
from mkdocs_lightning.plugin.build import Session
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.plugin.run_mode import Purpose
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Load = Callable[[str], LightningConfig]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads the options that are written, in YAML, below `lightning:` in a mkdocs.yml."""

    def load_options(options: str) -> LightningConfig:
        (tmp_path / "docs").mkdir(exist_ok=True)
        mkdocs_yml = tmp_path / "mkdocs.yml"
        mkdocs_yml.write_text(f"site_name: Test\nplugins:\n- lightning: {options}\n", encoding="utf-8")
        config = load_config(str(mkdocs_yml)).plugins["lightning"].config
        assert isinstance(config, LightningConfig)
        return config

    return load_options


def test_nothing_needs_to_be_set(load: Load, tmp_path: Path) -> None:
    assert dict(load("{}")) == {
        "enabled": True,
        "engine": "lightning",
        "api_key": None,
        "base_url": "https://api.smallest.ai",
        "model": None,
        "voice_id": None,
        "language": None,
        "speed": None,
        "sample_rate": None,
        "pronunciation_dicts": None,
        "number_pronunciation_language": None,
        "math_notation": None,
        "output_format": "mp3",
        "loudness": -19.0,
        "highlight": "sentence",
        "concurrency": None,
        "requests_per_minute": None,
        "timeout": 60.0,
        "retries": 5,
        "synthesize": "build",
        "max_characters": None,
        "lexicon": None,
        "narrate": [],
        "feed": False,
        "on_error": "warn",
        "cache_dir": str(tmp_path / ".cache/plugin/lightning"),
        "voices": {},
        "remote_cache": None,
        "remote_cache_mode": "auto",
        "audio_dir": "assets/lightning",
    }


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("enabled: often", "true or false is expected, not text"),
        ("engine: 5", "the name of an engine is expected, not a number; put quotes around it"),
        ("api_key: [sk_secret]", "text is expected, not a list"),
        ("base_url: 5", "an address is expected, not a number; put quotes around it"),
        ("voices: petra", "a mapping of languages to voices, such as {de: petra}, is expected, not text"),
        ("narrate: 5", "true, a pattern or a list of patterns is expected, not a number"),
        ("narrate: {a: b}", "true, a pattern or a list of patterns is expected, not a mapping"),
        ("audio_dir: 2026-11-28", "a path is expected, not a date; put quotes around it"),
        ("remote_cache: true", "an address is expected, not true or false"),
        ("output_format: ogg", "'ogg' is not one of mp3, wav, flac, opus, pcm, ulaw, alaw (did you mean 'opus'?)"),
        ("output_format: MP3", "'MP3' is not one of mp3, wav, flac, opus, pcm, ulaw, alaw (did you mean 'mp3'?)"),
        ("output_format: [mp3]", "['mp3'] is not one of mp3, wav, flac, opus, pcm, ulaw, alaw"),
        ("concurrency: 0", "0 is not 'auto' or a whole number of 1 or more"),
        ("concurrency: true", "true is not 'auto' or a whole number of 1 or more"),
        ("concurrency: 2.5", "2.5 is not 'auto' or a whole number of 1 or more"),
        ("concurrency: many", "'many' is not 'auto' or a whole number of 1 or more"),
        ("requests_per_minute: 0", "0 is not a whole number of 1 or more"),
        ("timeout: 0", "0 is not a number of seconds above 0"),
        ("timeout: -1", "-1 is not a number of seconds above 0"),
        ("timeout: soon", "'soon' is not a number of seconds above 0"),
        ("timeout: .nan", "nan is not a number of seconds above 0"),
        ("timeout: .inf", "inf is not a number of seconds above 0"),
        ("timeout: true", "true is not a number of seconds above 0"),
        (f"timeout: {10**400}", f"{10**400} is not a number of seconds above 0"),
        *(
            (f"loudness: {value}", f"{shown} is not 'none' or a loudness from -36 to -16 LUFS")
            for value, shown in [
                ("loud", "'loud'"),
                ("-100", "-100"),
                ("0", "0"),
                ("5", "5"),
                (".nan", "nan"),
                ("-.inf", "-inf"),
                ("true", "true"),
                ("''", "''"),
                ("[-19]", "[-19]"),
            ]
        ),
        ("retries: -1", "-1 is not a whole number of 0 or more"),
        ("retries: '2.0'", "'2.0' is not a whole number of 0 or more"),
        ("retries: false", "false is not a whole number of 0 or more"),
        ("synthesize: serve", "'serve' is not one of build, always, never"),
        ("max_characters: -1", "-1 is not a whole number of 0 or more"),
        ("max_characters: 10k", "'10k' is not a whole number of 0 or more; write 10000"),
        ("max_characters: '1,234,567'", "'1,234,567' is not a whole number of 0 or more; write 1234567"),
        ("max_characters: 20.000", "20.0 is not a whole number of 0 or more; a period does not separate thousands"),
        ("highlight: words", "'words' is not one of sentence, word (did you mean 'word'?)"),
        ("lexicon: 5", "the path of a file is expected, not a number"),
        ("on_error: stop", "'stop' is not one of warn, fail"),
        ("cache_dir: 5", "a path is expected, not a number"),
        ("audio_dir: 5", "a path is expected, not a number; put quotes around it"),
    ],
)
def test_a_wrong_value_stops_the_build_and_says_what_is_allowed(
    load: Load, option: str, message: str, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    expect_warning("Config value 'plugins'")
    with pytest.raises(Abort):
        load(f"{{ {option} }}")
    (record,) = caplog.records
    name = option.partition(":")[0]
    assert (
        record.getMessage() == f"Config value 'plugins': Plugin 'lightning' option '{name}': {message} (mkdocs.yml:3)"
    )


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("speed: fast", "speed", "'fast' is not a number"),
        ("voice_id: 5", "voice_id", "5 is not a name"),
        ("sample_rate: [8000]", "sample_rate", "[8000] is not a number"),
        ("math_notation: 1", "math_notation", "1 is neither true nor false"),
    ],
)
def test_voice_settings_are_refused_as_in_a_block(load: Load, option: str, name: str, message: str) -> None:
    with pytest.raises(SettingError) as refused:
        load(f"{{ {option} }}").voice_settings()
    assert (refused.value.setting, str(refused.value)) == (name, message)


def test_voice_settings_are_those_that_are_set(load: Load) -> None:
    config = load("{ language: no, speed: 1, sample_rate: 8000, pronunciation_dicts: [a, b], math_notation: true }")
    assert config.voice_settings() == VoiceSettings(
        language="no", speed=1.0, sample_rate=8000, pronunciation_dicts=("a", "b"), math_notation=True
    )


@pytest.mark.parametrize(("value", "expected"), [("auto", None), ("4", 4), ("'4'", 4), ("1", 1), ("~", None)])
def test_concurrency_is_a_number_or_found_out(load: Load, value: str, expected: int | None) -> None:
    config = load(f"{{ concurrency: {value}, retries: 0, requests_per_minute: 60 }}")
    assert config.policy() == Policy(concurrency=expected, retries=0, requests_per_minute=60)


@pytest.mark.parametrize(
    ("option", "variable", "expected"),
    [
        ("enabled: true", "false", False),
        ("engine: lightning", "offline", "offline"),
        ("concurrency: 3", "auto", None),
        ("concurrency: 3", "7", 7),
        ("requests_per_minute: 60", "90", 90),
        ("timeout: 30", "2.5", 2.5),
        ("loudness: -16", "-23", -23.0),
        ("loudness: -16", "none", None),
        ("retries: 3", "0", 0),
        ("synthesize: build", "never", "never"),
        ("max_characters: 5000", "100", 100),
        ("on_error: warn", "fail", "fail"),
        ("output_format: mp3", "opus", "opus"),
        ("audio_dir: audio", "sound", "sound"),
    ],
)
def test_options_come_from_the_environment(
    load: Load, monkeypatch: pytest.MonkeyPatch, option: str, variable: str, expected: object
) -> None:
    name, _, default = option.partition(": ")
    options = f"{{ {name}: !ENV [X_LIGHTNING, {default}] }}"
    assert load(options)[name] == load(f"{{ {name}: {default} }}")[name] != expected
    monkeypatch.setenv("X_LIGHTNING", variable)
    assert load(options)[name] == expected


@pytest.mark.parametrize(
    "option", ["enabled: false", "engine: offline", "max_characters: 100", "on_error: fail", "synthesize: never"]
)
def test_an_empty_variable_does_not_lift_what_limits_a_build(
    load: Load, monkeypatch: pytest.MonkeyPatch, option: str, expect_warning: Callable[[str], None]
) -> None:
    """As CI sets one that its project does not have."""
    name, _, default = option.partition(": ")
    monkeypatch.setenv("X_LIGHTNING", "")
    expect_warning(f"option '{name}': it has no value, and its default may cost money or hide a failure.*mkdocs.yml:3")
    with pytest.raises(Abort):
        load(f"{{ {name}: !ENV [X_LIGHTNING, {default}] }}")


def test_voice_settings_come_from_the_environment(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"X_SPEED": "1.5", "X_RATE": "8000", "X_MATH": "true", "X_VOICE": "magnus"}.items():
        monkeypatch.setenv(name, value)
    options = "{ speed: !ENV X_SPEED, sample_rate: !ENV X_RATE, math_notation: !ENV X_MATH, voice_id: !ENV X_VOICE }"
    assert load(options).voice_settings() == VoiceSettings(
        speed=1.5, sample_rate=8000, math_notation=True, voice_id="magnus"
    )


def test_the_cache_is_beside_mkdocs_yml(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert load("{ cache_dir: sounds/cache }").cache_dir == str(tmp_path / "sounds" / "cache")
    absolute = str(tmp_path / "elsewhere")
    assert load(f"{{ cache_dir: {absolute!r} }}").cache_dir == absolute


@pytest.mark.parametrize(
    ("options", "variable", "expected"),
    [
        ("{}", None, None),
        ("{}", "sk_from_outside", "sk_from_outside"),
        ("{ api_key: sk_from_file }", "sk_from_outside", "sk_from_file"),
        ("{ api_key: !ENV MY_KEY }", "sk_from_outside", "sk_from_outside"),  # MY_KEY is not set
    ],
)
def test_the_key_is_read_when_it_is_needed(
    load: Load, monkeypatch: pytest.MonkeyPatch, options: str, variable: str | None, expected: str | None
) -> None:
    config = load(options)
    if variable is not None:
        monkeypatch.setenv("SMALLEST_API_KEY", variable)
    assert config.engine_options().api_key == expected


def test_the_key_is_shown_nowhere(
    load: Load, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SMALLEST_API_KEY", "sk_secret")
    for options in ("{}", "{ api_key: sk_secret }"):
        shown = load(options).engine_options()
        assert shown.api_key == "sk_secret"
        assert "sk_secret" not in f"{shown!r} {shown}"
    assert "plugins" in caplog.text  # MkDocs does tell its configuration
    assert "sk_secret" not in caplog.text


def test_the_engine_is_told_where_and_how_long(load: Load) -> None:
    told = load("{ base_url: 'http://localhost:1', timeout: 2 }").engine_options()
    assert (told.base_url, told.timeout) == ("http://localhost:1", 2.0)


def test_all_builds_of_a_run_share_one_budget(load: Load) -> None:
    """As mkdocs-static-i18n builds each language from one configuration; a rebuild of `serve` loads another."""
    session = Session("build")
    config = load("{max_characters: 10}")
    first, second = (session.start_build(config, Purpose.SITE, ()) for _ in range(2))
    rebuilt = session.start_build(load("{max_characters: 10}"), Purpose.SITE, ())
    assert first.budget is second.budget
    assert rebuilt.budget is not first.budget
    for build in (first, second, rebuilt):
        build.close(is_urgent=True)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("- lightning: true", "a mapping of options is expected, such as `lightning: {engine: offline}`, not true or"),
        ("- lightning: [offline]", "a mapping of options is expected, .*, not a list"),
        (
            "- search\n- lightning:\n  engine: offline",
            r"'engine' must be indented below 'lightning:', or begin with '-'",
        ),
    ],
)
def test_a_command_explains_an_entry_that_mkdocs_refuses_as_a_whole(
    tmp_path: Path, expect_warning: Callable[[str], None], entry: str, words: str
) -> None:
    (tmp_path / "docs").mkdir()
    mkdocs_yml = tmp_path / "mkdocs.yml"
    mkdocs_yml.write_text(f"site_name: Test\nplugins:\n{entry}\n", encoding="utf-8")
    expect_warning("Config value 'plugins': Invalid")
    result = CliRunner().invoke(main, ["plan", "-f", str(mkdocs_yml)])
    assert result.exit_code == 2
    assert re.search(rf"mkdocs-lightning: plugins: .*{words}.* \(mkdocs\.yml:\d\)\n$", result.stderr)
    published = CliRunner().invoke(main, ["publish", str(tmp_path), "-f", str(mkdocs_yml)])
    if "indented" not in words:
        assert (published.exit_code, re.search(words, published.stderr) is not None) == (2, True)


def test_an_inherited_option_is_named_by_its_own_file(tmp_path: Path, expect_warning: Callable[[str], None]) -> None:
    (tmp_path / "base.yml").write_text("site_name: T\nplugins:\n  lightning:\n\n    timeout: soon\n", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "own.yml").write_text("INHERIT: base.yml\nplugins: {search: {}}\n", encoding="utf-8")
    expect_warning(r"option 'timeout': .* \(base\.yml:5\)$")
    with pytest.raises(Abort):
        load_config(str(tmp_path / "own.yml"))


def test_a_configuration_that_inherits_from_itself_has_no_options(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("INHERIT: mkdocs.yml\n", encoding="utf-8")
    with pytest.raises(SettingError, match="inherits from itself"):
        read_options(str(tmp_path / "mkdocs.yml"))
