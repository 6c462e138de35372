"""The documentation says what the code does."""

from __future__ import annotations

import ast
import itertools
import json
import re
import textwrap
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
import yaml
from click.testing import CliRunner
from packaging.version import Version

import mkdocs_lightning
from mkdocs_lightning.cli.command import main
from mkdocs_lightning.engines.offline import NEURAL_PACKAGE, NEURAL_VERSION
from mkdocs_lightning.plugin.config import LightningConfig
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.ecosystem.versions import versions_in
from tests.support.repository import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.service import Service
    from tests.support.sites import Site


PAGES = sorted(DOCS.rglob("*.md"))


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the rows of all tables in a text of Markdown, without heads and rules."""
    lines = text.splitlines()
    for before, line in itertools.pairwise(lines):
        if line.startswith("| ") and not line.startswith("| ---") and before.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def code(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def section(text: str, heading: str) -> str:
    """What stands below a heading, to the next of its level or above."""
    level = heading.split(maxsplit=1)[0]
    _, _, rest = text.partition(f"\n{heading}\n")
    assert rest, f"no heading {heading!r}"
    return re.split(rf"^#{{2,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


OPTIONS = {str(name): option for name, option in LightningConfig._schema}  # noqa: SLF001 - MkDocs has no public way


def test_every_option_has_a_row_in_the_reference_and_no_other_has() -> None:
    text = (DOCS / "reference/options.md").read_text(encoding="utf-8")
    assert sorted(name for row in rows(text) for name in code(row[0])) == sorted(OPTIONS)


def test_the_reference_names_the_defaults_that_the_code_has() -> None:
    text = (DOCS / "reference/options.md").read_text(encoding="utf-8")
    voice = resolve_voice(VoiceSettings())
    of_voice = {name: getattr(voice, name) for name in OPTIONS if hasattr(voice, name)}
    for row in rows(text):
        (name,) = code(row[0])
        default = of_voice.get(name, OPTIONS[name].default)
        if name in {"api_key", "model"}:
            continue  # told in words
        written = "none" if default in (None, (), [], {}) else shown(default)
        assert (code(row[2]) or [row[2]])[0] == written, name


def shown(value: object) -> str:
    """A value as YAML has it, a number as short as can be."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and value != 1 else str(value)


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield path + name, command


def test_every_command_and_each_of_its_options_is_in_the_reference() -> None:
    text = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    table = [name for row in rows(text.split("\n## ")[0]) for name in code(row[0])]
    assert sorted(table) == sorted(name for name, _ in commands(main))
    for name, command in commands(main):
        told = section(text, f"## {name}")
        for parameter in command.params:
            words = parameter.opts if isinstance(parameter, click.Option) else [parameter.human_readable_name]
            assert any(word in told for word in words), f"{name}: {words}"


def test_every_key_of_the_json_is_in_the_reference(site: Site, service: Service) -> None:
    site.write({"index.md": ":::speak\nThis is the sentence that the page has to say.\n:::\n"})
    result = CliRunner().invoke(main, ["-f", site.write_config(), "plan", "--json"])
    printed = json.loads(result.stdout)
    (page,) = printed["pages"]
    text = section((DOCS / "reference/commands.md").read_text(encoding="utf-8"), "## JSON")
    told = [name for row in rows(text) for name in code(row[0])]
    (sentence,) = page["missing_sentences"]
    assert told == [*printed, *(name for name in page if name not in printed), *sentence]
    assert service.requests == []


def literals(tree: ast.AST) -> Iterator[str]:
    """All texts of a module but its docstrings, with a … for what differs."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in docstrings and (text := literal(node)):
            yield text


def literal(node: ast.AST) -> str:
    """A text as it is written in the code, with a … for what differs; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%[rs]|%\.\df|\{model\}", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) or "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return "".join(literal(part) or "…" for part in (node.left, node.right))
    return ""


TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(mkdocs_lightning.__path__[0]).rglob("*.py")]
LITERALS = [text for tree in TREES for text in literals(tree)]
MESSAGES = (DOCS / "reference/messages.md").read_text(encoding="utf-8")
TELLING = frozenset("warning info warn fail reject Diagnostic _warn".split())
"""Beside `…Error`, the calls that tell somebody something."""


def messages_of_the_code() -> Iterator[str]:
    for call in (node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in TELLING or (name.endswith("Error") and name != "TimeoutError"):
            said = [literal(argument) for argument in call.args]
            yield next((text for text in said if " " in text), "")


def pieces(message: str) -> list[str]:
    """The fixed parts of a message that are long enough to tell it from others."""
    parts = (part.strip(" .,:;'") for part in re.split(r"…|\b[45]\d\d\b|(?<=\w)[:.] |\n", message))
    return [part for part in parts if len(part) > 7]


@pytest.mark.parametrize("message", sorted({message for message in messages_of_the_code() if pieces(message)}))
def test_every_message_of_the_code_is_explained(message: str) -> None:
    assert pieces(message)[0] in MESSAGES


@pytest.mark.parametrize(
    "message",
    [name for row in rows(MESSAGES) for name in code(row[0]) if not name.startswith(("Config file", "Config value"))],
)
def test_every_explained_message_is_one_of_the_code(message: str) -> None:
    for piece in pieces(message):
        assert any(piece in text for text in LITERALS), piece


COMPATIBILITY = (DOCS / "reference/compatibility.md").read_text(encoding="utf-8")


def test_the_tests_that_show_compatibility_are_there() -> None:
    named = re.findall(r"`((?:tests|\.ci)/[\w./]+)(?:::(\w+))?`", COMPATIBILITY)
    assert len(named) > 20
    for path, test in named:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), test


@pytest.mark.parametrize(("package", "version"), versions_in(COMPATIBILITY))
def test_no_version_is_named_that_could_not_have_been_run(package: str, version: str) -> None:
    assert Version(version) <= Version(NEURAL_VERSION if package == NEURAL_PACKAGE else metadata.version(package))


PYTHON = [
    pytest.param(source, id=f"{path.relative_to(DOCS)}-{n}")
    for path in PAGES
    for n, source in enumerate(re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL))
]


@pytest.mark.parametrize("source", PYTHON)
def test_python_in_the_documentation_compiles_and_imports_what_there_is(source: str) -> None:
    tree = ast.parse(source)
    compile(tree, "<documentation>", "exec")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "mkdocs_lightning":
            assert {alias.name for alias in node.names} <= set(mkdocs_lightning.__all__)


YAML = [
    pytest.param(source, id=f"{path.relative_to(DOCS)}-{n}")
    for path in PAGES
    for n, source in enumerate(
        textwrap.dedent(block)
        for block in re.findall(r"^ *```yaml[^\n]*\n(.*?)^ *```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
    if "--8<--" not in source
]


class _AnyTag(yaml.SafeLoader):
    """Reads `!ENV` without looking anything up."""


_AnyTag.add_constructor("!ENV", lambda _loader, _node: None)


@pytest.mark.parametrize("source", YAML)
def test_yaml_in_the_documentation_names_options_that_there_are(source: str) -> None:
    for document in yaml.load_all(source, _AnyTag):
        for plugin in (document or {}).get("plugins", []):
            if isinstance(plugin, dict) and "lightning" in plugin:
                assert set(plugin["lightning"]) <= set(OPTIONS)


def test_every_snippet_is_written_as_its_extension_reads_it() -> None:
    """ruff formats Python in pages, and takes the mark of a snippet for a calculation."""
    found = [line.strip() for path in PAGES for line in path.read_text("utf-8").splitlines() if "--8" in line]
    assert len(found) > 5
    for line in found:
        snippet = re.fullmatch(r'--8<-- "([^"]+)"', line)
        assert snippet, line
        assert (ROOT / snippet[1]).is_file(), line
