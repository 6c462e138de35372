"""What YAML's own words do not explain to those who write a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.base.yaml_file import NotYamlError, read_mkdocs_yaml

if TYPE_CHECKING:
    from pathlib import Path

QUOTES = "\nPut quotation marks around text that begins with !, *, &, @, ` or %, such as a pattern"
SPACES = "\nIndent with spaces, because YAML does not accept tabs there"


def message(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mkdocs.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotYamlError) as found:
        read_mkdocs_yaml(path)
    return str(found.value)


@pytest.mark.parametrize("sign", ["!", "*", "&", "@", "`", "%"])
@pytest.mark.parametrize(
    "text",
    ["site_name: {}.a\n", "narrate:\n- {}.a\n", "narrate: ['**', {}.a]\n", "a: [{}.a]\n", "a:\n  [b,\n  {}.a]\n"],
)
def test_text_that_begins_with_a_sign(tmp_path: Path, sign: str, text: str) -> None:
    assert message(tmp_path, text.format(sign)).endswith(QUOTES)


@pytest.mark.parametrize("text", ["plugins:\n\t- search\n", "plugins:\n- lightning:\n\tengine: offline\n"])
def test_a_tab(tmp_path: Path, text: str) -> None:
    assert message(tmp_path, text).endswith(SPACES)


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("plugins:\n- lightning\n    engine: offline\n", "lightning", 2),
        ("plugins:\n  - lightning  # speak\n      engine: offline\n", "lightning", 2),
        ("plugins:\n- search\n- lightning\n\n# the pages\n    narrate:\n    - guide/\n", "lightning", 3),
        ("site_name: Test\nplugins\n  - lightning:\n      engine: offline\n", "plugins", 2),
    ],
)
def test_a_name_without_a_colon(tmp_path: Path, text: str, name: str, line: int) -> None:
    assert message(tmp_path, text).endswith(f"\nPut a colon after '{name}' on line {line}, or indent what follows less")


@pytest.mark.parametrize(
    "text",
    [
        "site_name: a: b\n",
        "description: one\n  two\n  three: four\n",
        "plugins: [search\n",
        "nav: ['!old.md'\n",
        "nav: [index.md, about.md\ncopyright: X  # not [!draft]\n",
        "nav: [index.md, about.md\nextra:\n  badge: '[![ci](x.svg)]'\nnarrate: ['**', '!old/']\n",
        "nav: [index.md\ncopyright: 'see [!note]'\n",
    ],
)
def test_anything_else_is_left_to_its_own_words(tmp_path: Path, text: str) -> None:
    said = message(tmp_path, text)
    assert "Put" not in said
    assert "Indent" not in said
