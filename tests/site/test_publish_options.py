"""Where `publish` finds the plugin's options: none is dropped without a word, as it may be the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.published import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program


@pytest.fixture
def plain(empty_program: Program) -> Program:
    """A site of plain HTML with one page, without a configuration."""
    empty_program.root.joinpath("mkdocs.yml").unlink()
    empty_program.write("index.html", f"<main><p>{FIRST}</p></main>")
    return empty_program


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "plugins:\n- search\n- lightning:\n  engine: offline\n  max_characters: 9\n",
            "plugins: 'engine', 'max_characters' must be indented below 'lightning:', or begin with '-' (mkdocs.yml:3)",
        ),
        (
            "plugins:\n- lightning\n- engine: offline\n",
            "plugins: 'engine' is an option of lightning; write it below 'lightning:', indented further (mkdocs.yml:3)",
        ),
        (
            "plugins:\n  lightning:\n  max_characters: 9\n",
            "plugins: 'max_characters' is an option of lightning; write it below 'lightning:', indented further",
        ),
        (
            "plugins: [lightning]\nlightning:\n  engine: offline\n",
            "lightning: this is a plugin; write it below plugins: as '- lightning:' (mkdocs.yml:2)",
        ),
        (
            "plugins:\n- lightening:\n    engine: offline\n",
            "plugins: there is no plugin 'lightening'; write 'lightning' (mkdocs.yml:2)",
        ),
        (
            "plugins: [{mkdocs-lightning: {engine: offline}}]\n",
            "plugins: there is no plugin 'mkdocs-lightning'; write 'lightning' (mkdocs.yml:1)",
        ),
        ("site_name: A\nplugin: [lightning: {engine: offline}]\n", "plugin: write 'plugins:' (mkdocs.yml:2)"),
        (
            "site_name: A\nmax_characters: 9\n",
            "max_characters: this is an option of lightning; write it below '- lightning:' in plugins: (mkdocs.yml:2)",
        ),
        (
            "plugins: [lightning]\nengine: offline\n",
            "engine: this is an option of lightning; write it below '- lightning:' in plugins: (mkdocs.yml:2)",
        ),
        (
            "mkdocs_lightning: {engine: offline}\n",
            "mkdocs_lightning: this is a plugin; write it below plugins: as '- lightning:' (mkdocs.yml:1)",
        ),
        (
            "extra:\n  lightning: {engine: offline}\n",
            "lightning: this is a plugin; write it below plugins: as '- lightning:' (mkdocs.yml:2)",
        ),
        (
            "plugins:\n- name: lightning\n  options: {max_characters: 9}\n",
            "plugins: write '- lightning:' instead of '- name: lightning', and its options below it (mkdocs.yml:2)",
        ),
        (
            "plugins: [lightning: {max_characters: 9}]\nplugins: [search]\n",
            "config-file: mkdocs.yml cannot be read: 'plugins' appears twice, first on line 1",
        ),
        ("plugins: [lightning, lightning: {engine: offline}]\n", "plugins: lightning is listed twice; remove one"),
    ],
)
def test_options_that_nothing_would_read_stop_it(plain: Program, text: str, message: str) -> None:
    plain.root.joinpath("mkdocs.yml").write_text(text, encoding="utf-8")
    result = plain.publish("--select", "main")
    assert (result.exit_code, result.stdout, plain.service.requests) == (2, "", [])
    assert f"mkdocs-lightning: {message}" in result.stderr


@pytest.mark.parametrize("pattern", ["**", "*.md", "*drafts", "!search.html", "!drafts/**"])
def test_a_pattern_without_quotation_marks_is_explained(plain: Program, pattern: str) -> None:
    plain.root.joinpath("mkdocs.yml").write_text(
        f"plugins:\n- lightning:\n    narrate:\n    - {pattern}\n", encoding="utf-8"
    )
    result = plain.publish()
    assert (result.exit_code, plain.service.requests) == (2, [])
    assert '"mkdocs.yml", line 4' in result.stderr
    assert "Put quotation marks around text that begins with !, *, " in result.stderr


def test_a_language_that_is_none_is_all_that_it_says(plain: Program) -> None:
    """No page is compared with it."""
    plain.write("german.html", f'<html lang="de"><main><p>{FIRST}</p></main>')
    plain.root.joinpath("mkdocs.yml").write_text("plugins: [lightning: {language: german}]\n", encoding="utf-8")
    result = plain.publish("--select", "main")
    assert (result.exit_code, result.stdout, plain.service.requests) == (2, "", [])
    assert result.stderr.startswith("mkdocs-lightning: language: 'german' is not a language of ")


def test_the_budget_is_written_as_in_the_configuration(plain: Program) -> None:
    result = plain.publish("--select", "main", "--max-characters", "1,000")
    assert (result.exit_code, plain.service.requests) == (2, [])
    assert "'1,000' is not a whole number of 0 or more; write 1000." in result.stderr
    assert plain.publish("--select", "main", "--max-characters", "-1").exit_code == 2


@pytest.mark.parametrize("of_others", ["name", "highlight", "glightbox", "plugin-of-others", "lightgallery"])
def test_plugins_of_others_are_left_alone(plain: Program, of_others: str) -> None:
    """Although `highlight` is the name of an option, too."""
    plain.root.joinpath("mkdocs.yml").write_text(
        f"plugin: 1\nextra: {{lightning: true}}\nplugins: [{of_others}: {{}}]\n", encoding="utf-8"
    )
    result = plain.publish("--select", "main", "--engine", "offline", "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("options: defaults, because mkdocs.yml does not list the plugin 'lightning'\n")


def test_it_says_which_file_its_options_are_from(plain: Program) -> None:
    said = plain.publish("--select", "main", "--engine", "offline", "--dry-run").stdout
    assert said.startswith("options: defaults, because this folder has no mkdocs.yml\n")
    for name in ("mkdocs.yaml", "properdocs.yml"):
        plain.root.joinpath(name).write_text("plugins: [lightning: {engine: offline}]\n", encoding="utf-8")
        said = plain.publish("--select", "main", "--dry-run").stdout
        assert said.startswith(f"options: {name}\n")
        assert "(offline)" in said


def test_options_are_inherited_one_by_one(plain: Program, expect_warning: Callable[[str], None]) -> None:
    """As MkDocs merges mappings: a budget in the file below holds, too."""
    expect_warning("max_characters is 9")
    below = "plugins: {lightning: {max_characters: 9, engine: steam}, search: {}}\n"
    plain.root.joinpath("base.yml").write_text(below, encoding="utf-8")
    above = f"INHERIT: base.yml\nplugins: {{lightning: {{engine: lightning, base_url: '{plain.service.url}'}}}}\n"
    plain.root.joinpath("mkdocs.yml").write_text(above, encoding="utf-8")
    result = plain.publish("--select", "main")
    assert (result.exit_code, plain.service.requests) == (1, [])
    assert "max_characters is 9" in result.stderr


def test_the_engine_of_the_pages_takes_precedence_and_is_named(
    empty_program: Program, expect_warning: Callable[[str], None]
) -> None:
    empty_program.build({"index.html": f":::speak\n{FIRST}\n:::\n"}, engine="offline")
    result = empty_program.publish()
    assert (result.exit_code, result.stderr) == (0, "")
    assert "; engine offline; 1 page changed" in result.stdout

    expect_warning("engine: the pages name 'offline', and this takes precedence over 'lightning' in mkdocs.yml")
    empty_program.configure(engine="lightning")
    assert empty_program.publish().stderr.count("add --engine lightning") == 1
    assert empty_program.service.requests == []
    result = empty_program.publish("--engine", "lightning")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "; engine lightning; 1 page changed" in result.stdout
