"""Every sample of the documentation does what its page says: it is loaded, built or parsed by what it is for."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import jinja2
import pytest
import yaml
from mkdocs.config import load_config
from playwright._impl._driver import compute_driver_executable

from mkdocs_lightning.cli.command import main
from mkdocs_lightning.engines.lightning import PRICES_USD
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.reading.lexicon import read_lexicon
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL
from mkdocs_lightning.reading.settings.page_settings import PageSettings
from tests.support.fences import FENCES, Fence, samples
from tests.support.images import png
from tests.support.repository import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

RUN_ELSEWHERE = {"python", "gitignore", "gitattributes"}
"""By test_docs.py and test_recipes.py."""
RUN_HERE = {"yaml", "markdown", "bash", "text", "css", "js", "html", "jinja", "toml", "json", "fish", "console"}
OPTIONS = {str(name) for name, _ in LightningConfig._schema}  # noqa: SLF001 - MkDocs has no public way
PROGRAMS = set(
    "mkdocs mkdocs-lightning pip python git mike dask zensical properdocs pelican sphinx-build npm npx hugo "
    "grep cp eval export . tea".split()
)
"""Those that samples run."""
EXTENSIONS = ["admonition", "attr_list", "footnotes", "md_in_html", "tables", "pymdownx.superfences"]
"""Those that samples of Markdown need."""


each = partial(pytest.mark.parametrize, "fence", ids=str)
"""A test for each of some samples."""


def test_every_sample_has_a_language_of_which_a_test_knows() -> None:
    assert len(FENCES) > 150
    assert {fence.language for fence in FENCES} <= RUN_HERE | RUN_ELSEWHERE
    assert not [str(fence) for fence in FENCES if not fence.code.strip()]


# Configuration


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site's folder, with the files that samples name."""
    for path in ("docs/assets", "docs/guide", "site/de", "output", "public", "SITE_DIR", "overrides"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "docs/index.md").write_text("# Home\n", encoding="utf-8")
    (tmp_path / "docs/assets/cover.png").write_bytes(png(1400, 1400))
    (tmp_path / "lexicon.yml").write_text("en: {SQL: sequel}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(folder: Path, text: str) -> None:
    """Have MkDocs load a configuration; a warning fails the test."""
    name = "" if re.search("^site_name:", text, re.MULTILINE) else "site_name: Handbook\n"
    (folder / "mkdocs.yml").write_text(name + text, encoding="utf-8")
    load_config(str(folder / "mkdocs.yml"), strict=True)


CONFIGURATIONS = [fence for fence in samples("yaml") if fence.title == "mkdocs.yml"]


@each(CONFIGURATIONS)
def test_mkdocs_loads_the_configuration(folder: Path, fence: Fence) -> None:
    load(folder, fence.code)


@each(CONFIGURATIONS)
def test_a_list_of_plugins_does_not_take_the_search_away(fence: Fence) -> None:
    if found := re.search(r"^plugins:\n((?: .*\n|\n)+)", fence.code, re.MULTILINE):
        assert found[1].startswith("  - search\n")


@each([fence for fence in samples("yaml") if fence not in CONFIGURATIONS])
def test_other_yaml_is_read_by_what_it_is_for(folder: Path, fence: Fence) -> None:
    if fence.title == "lexicon.yml":
        (folder / "lexicon.yml").write_text(fence.code, encoding="utf-8")
        read_lexicon(folder / "lexicon.yml")
    elif fence.title.endswith(".meta.yml"):
        PageSettings.parse(yaml.safe_load(fence.code)["lightning"])
    elif fence.code.startswith("---\n"):
        (meta, _) = yaml.safe_load_all(fence.code)
        assert PageSettings.parse(meta.get("lightning", {}))
    elif fence.title or "steps" in fence.code:
        assert isinstance(yaml.safe_load(fence.code), dict)  # recipes are run by test_recipes.py
    else:
        assert set(re.findall(r"^(\w+):", fence.code, re.MULTILINE)) <= OPTIONS
        indented = re.sub("^", " " * 6, fence.code, flags=re.MULTILINE)
        load(folder, f"plugins:\n  - search\n  - lightning:\n{indented}")


# Markdown


def test_every_markdown_sample_builds_without_a_warning_and_speaks(site: Site, service: Service) -> None:
    service.cloned["voice_Ab12Cd34"] = PRO_MODEL
    pages = {f"page{number}.md": fence for number, fence in enumerate(samples("markdown"))}
    site.config["markdown_extensions"] = EXTENSIONS
    site.write({name: fence.code for name, fence in pages.items()} | {"index.md": "# Home\n"})

    blocks = {name: len(re.findall("^ *:::+ ?speak", fence.code, re.MULTILINE)) for name, fence in pages.items()}
    site.build(strict=True, narrate=[name for name, count in blocks.items() if not count])

    for name, count in blocks.items():
        clips = site.clips(f"{name.removesuffix('.md')}/index.html")
        assert len(clips) == max(count, 1), pages[name]


@pytest.mark.parametrize("page", ["listening.md", "how-to/two-speakers.md"])
def test_what_is_shown_as_the_source_of_an_example_is_its_source(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    shown = [fence for fence in samples("markdown") if fence.page == page and "title=" in fence.code]
    assert shown
    for fence in shown:
        live = text.replace(f"```\n{fence.code}", "").replace(f'title="Source"\n{fence.code}', "")
        assert f"\n{fence.code}" in live, fence


# Commands


def lines_of(fence: Fence) -> list[str]:
    """The lines of a shell, each whole."""
    return fence.code.replace("\\\n", "").splitlines()


def commands(line: str) -> list[list[str]]:
    """The words of each command of a line of a shell, without variables that are set in front."""
    words = shlex.split(re.sub(r"\$\([^)]*\)", "1", line), comments=True)
    if any(word in {">", ">>"} for word in words):
        words = words[: min(words.index(sign) for sign in (">", ">>") if sign in words)]
    found: list[list[str]] = [[]]
    for word in words:
        if word in {"&&", "|", "||"}:
            found.append([])
        elif found[-1] or not re.match(r"[A-Z_]+=", word):
            found[-1].append(word)
    return [command for command in found if command]


def parse(words: list[str]) -> None:
    """Have click read a command line, without running it; raises a UsageError for one that it does not take."""
    group: click.Command = main
    context: click.Context | None = None
    while isinstance(group, click.Group):
        context = click.Context(group, parent=context)
        while words and words[0] in {"-f", "--config-file"}:
            words = words[2:]
        if words[:1] in (["--version"], ["--help"], []):
            return
        command = group.get_command(context, words[0])
        if command is None:
            raise click.UsageError(f"no command {words[0]}")
        group, words = command, words[1:]
    group.make_context(None, words, parent=context)


COMMANDS = [
    (fence, command)
    for fence in samples("bash", "console")
    for line in lines_of(fence)
    if fence.language == "bash" or line.startswith("$ ")
    for command in commands(line.removeprefix("$ "))
]  # fmt: skip


@each(samples("bash"))
def test_a_shell_reads_the_commands_and_programs_are_known(fence: Fence) -> None:
    subprocess.run(["bash", "-n"], input=fence.code, text=True, check=True)
    assert {command[0] for line in lines_of(fence) for command in commands(line)} <= PROGRAMS


def inline_commands() -> list[tuple[str, list[str]]]:
    """The commands of ours that are named within a paragraph or a table."""
    return [
        (path.relative_to(ROOT).as_posix(), shlex.split(found))
        for path in [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"]
        for found in re.findall(r"`mkdocs-lightning ([^`…]+)`", path.read_text(encoding="utf-8"))
        if "[" not in found and not found.startswith("COMMAND")  # no usage
    ]


OURS = [(str(fence), command[1:]) for fence, command in COMMANDS if command[0] == "mkdocs-lightning"]


@pytest.mark.parametrize(("place", "words"), [pytest.param(*ours, id=f"{ours[0]} {ours[1]}") for ours in OURS])
def test_our_command_takes_what_a_sample_has(folder: Path, place: str, words: list[str]) -> None:
    del folder, place
    parse(words)


@pytest.mark.parametrize(("place", "words"), inline_commands())
def test_our_command_takes_what_is_named_in_prose(folder: Path, place: str, words: list[str]) -> None:
    del folder, place
    with contextlib.suppress(click.MissingParameter):  # prose names a command without what it needs
        parse(words)


def test_a_shell_gets_its_completion() -> None:
    text = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    found = set(re.findall("(_MKDOCS_LIGHTNING_COMPLETE)=([a-z]+)_source mkdocs-lightning", text))
    assert {shell for _, shell in found} == {"bash", "zsh", "fish"}
    command = [str(Path(sys.executable).with_name("mkdocs-lightning"))]
    for variable, shell in found:
        settings = {**os.environ, variable: f"{shell}_source"}
        ran = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
        assert f"{variable}={shell}_complete" in ran.stdout
        assert "mkdocs-lightning" in ran.stdout


def test_extras_that_are_installed_are_offered() -> None:
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    texts = [path.read_text(encoding="utf-8") for path in [*DOCS.rglob("*.md"), ROOT / "README.md"]]
    installed = {extra for text in texts for extras in re.findall(r"mkdocs-lightning\[([\w,]+)\]", text)
                 for extra in extras.split(",")}  # fmt: skip
    assert installed <= set(offered)


PLANS = [fence for fence in samples("text") if "characters" in fence.code and "price\n" in fence.code]


@each(PLANS)
def test_a_plan_that_is_shown_adds_up(fence: Fence) -> None:
    for characters, dollars in re.findall(r" (\d+)  \$(\d+\.\d+)$", fence.code, re.MULTILINE):
        assert f"{int(characters) * PRICES_USD[PRO_MODEL]:.4f}" == dollars


# The rest


@each(samples("css", "html", "js"))
def test_names_in_the_samples_are_those_of_the_player(fence: Fence) -> None:
    files = [path for path in (ROOT / "mkdocs_lightning/player").rglob("*") if path.suffix in {".py", ".css", ".js"}]
    known = "".join(path.read_text(encoding="utf-8") for path in files)
    for name in re.findall(r"[.-](speak-[\w-]+)|(speak-word)", fence.code):
        assert (name[0] or name[1]) in known, name
    assert fence.code.count("{") == fence.code.count("}")


@each(samples("js"))
def test_a_script_is_one(tmp_path: Path, fence: Fence) -> None:
    (tmp_path / "sample.js").write_text(fence.code, encoding="utf-8")
    node = shutil.which("node") or compute_driver_executable()[0]
    subprocess.run([node, "--check", str(tmp_path / "sample.js")], check=True)


@each(samples("toml", "json", "jinja"))
def test_data_and_templates_are_read(fence: Fence) -> None:
    templates = jinja2.Environment(autoescape=True)
    read: dict[str, Callable[[str], object]] = {"toml": tomllib.loads, "json": json.loads, "jinja": templates.parse}
    assert read[fence.language](fence.code)


def test_a_template_of_the_documentation_gives_players(site: Site) -> None:
    (fence,) = (fence for fence in samples("jinja") if "speak" in fence.code)
    template = site.root / fence.title
    template.parent.mkdir(parents=True)
    template.write_text(fence.code, encoding="utf-8")
    site.config["theme"] = {"name": "mkdocs", "custom_dir": str(site.root / "overrides")}
    site.write({"index.md": ":::speak\nThis is the sentence that the page has to say.\n:::\n"})

    site.build(strict=True)

    assert len(site.clips("index.html")) == 1
