"""The JSON schema by which an editor completes and checks mkdocs.yml says what config.py does."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator

from mkdocs_lightning.cli.command import main
from mkdocs_lightning.exports.podcast_categories import CATEGORIES, PARENTS
from mkdocs_lightning.exports.podcast_settings import FeedSettings
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.plugin.option_types import Kind, OneOf
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES, SPEED_RANGE
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: dict[str, Any] = json.loads((ROOT / "mkdocs_lightning/plugin/schema.json").read_text(encoding="utf-8"))
OPTIONS: dict[str, Any] = SCHEMA["definitions"]["options"]["properties"]
CONFIG = dict(LightningConfig._schema)  # noqa: SLF001 - MkDocs has no public way


class EnvLoader(yaml.SafeLoader):
    """Reads `!ENV` as editors do: as what stands behind it."""


EnvLoader.add_multi_constructor(
    "!",
    lambda loader, _tag, node: (
        loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else str(node.value)
    ),
)


def mistakes(text: str) -> list[str]:
    """What an editor would underline in mkdocs.yml."""
    found = Draft7Validator(SCHEMA).iter_errors(yaml.load(text, EnvLoader))
    return [error.message for error in found]


def plugin(options: str) -> str:
    return f"plugins:\n  - search\n  - lightning:\n      {options}\n"


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_it_knows_all_options_and_no_other() -> None:
    assert list(OPTIONS) == list(CONFIG)


@pytest.mark.parametrize("name", CONFIG)
def test_an_option_has_its_default(name: str) -> None:
    assert OPTIONS[name].get("default") == CONFIG[name].default
    assert OPTIONS[name]["markdownDescription"].endswith(".")


CHOICES = {name: option.choices for name, option in CONFIG.items() if isinstance(option, OneOf)}


@pytest.mark.parametrize("name", CHOICES)
def test_an_option_has_its_choices(name: str) -> None:
    assert OPTIONS[name]["anyOf"][0]["enum"] == list(CHOICES[name])


KINDS = {name: option.types for name, option in CONFIG.items() if isinstance(option, Kind)}
SAMPLES = {bool: True, str: "https://example.org", list: [], dict: {}}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in KINDS.items() for kind in kinds])
def test_an_option_may_be_of_each_kind_that_a_build_takes(name: str, kind: type) -> None:
    assert mistakes(plugin(json.dumps({name: SAMPLES[kind]}))) == []


def test_the_voice_has_its_values() -> None:
    assert OPTIONS["language"]["anyOf"][0]["enum"] == [*LANGUAGE_NAMES, "auto"]
    assert OPTIONS["sample_rate"]["anyOf"][0]["enum"] == list(SAMPLE_RATES)
    speed = OPTIONS["speed"]["anyOf"][0]
    assert (speed["minimum"], speed["maximum"]) == SPEED_RANGE


def test_the_podcast_has_its_parts_and_its_categories() -> None:
    parts = OPTIONS["feed"]["anyOf"][1]["properties"]
    assert list(parts) == [field.name for field in fields(FeedSettings)]
    assert sorted(SCHEMA["definitions"]["category"]["examples"]) == sorted([*CATEGORIES, *PARENTS])


@pytest.mark.parametrize(
    "text",
    [
        "site_name: x\n",
        "plugins: [search, lightning]\n",
        "plugins: [search]\n",
        "plugins:\n  lightning:\n    speed: 1.2\n  search:\n",
        "plugins:\n  - lightning:\n",
        plugin("concurrency: auto"),
        plugin("concurrency: 4"),
        plugin("max_characters: !ENV [MAX_CHARACTERS, 20000]"),
        plugin("narrate: [guide/, '!guide/drafts/**']"),
        plugin("language: hi"),
        plugin("timeout: 0.5"),
        plugin("feed: true"),
        plugin("feed: {title: Book, image: cover.PNG, category: [how to, Technology], type: episodic, email: a@b.org}"),
        plugin("feed: {funding: https://example.org, locked: true, explicit: !ENV [EXPLICIT, false], guid:}"),
        plugin("feed: {funding: {url: https://example.org, text: Give}, category: Arts}"),
        plugin("voices: {de: petra, fr: {voice_id: louis, speed: 0.95}}"),
        *(path.read_text(encoding="utf-8") for path in (ROOT / "mkdocs.yml", ROOT / "example_site/mkdocs.yml")),
    ],
)
def test_what_can_be_built_has_no_mistake(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    "options",
    [
        "speeed: 1.2",
        "speed: fast",
        "speed: 3",
        "sample_rate: 48000",
        "language: klingon",
        "output_format: mp4",
        "concurrency: many",
        "concurrency: 0",
        "max_characters: -1",
        "feed: sometimes",
        "feed: {titel: Book}",
        "feed: {image: cover.gif}",
        "feed: {email: me}",
        "feed: {type: seriel}",
        "feed: {funding: {text: Give}}",
        "base_url: api.smallest.ai",
        "remote_cache: bucket",
        "on_error: ignore",
        "timeout: 0",
        "voices: {klingon: worf}",
        "voices: {de: {voice: petra}}",
    ],
)
def test_what_a_build_refuses_is_underlined(options: str) -> None:
    assert mistakes(plugin(options))


def test_the_command_prints_it_and_writes_it_with_the_line_that_activates_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(CliRunner().invoke(main, ["schema"]).stdout) == SCHEMA

    result = CliRunner().invoke(main, ["schema", "-o", "my schema.json"])

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads((tmp_path / "my schema.json").read_text(encoding="utf-8")) == SCHEMA
    line = result.stdout.splitlines()[-1]
    assert line == "# yaml-language-server: $schema=my%20schema.json", "as the language server reads it"


def test_a_schema_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["schema", "-o", str(tmp_path / "none/schema.json")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be written" in result.stderr
