"""What was wrong when a page was built stays in it, and is reported each time the site is published."""

from __future__ import annotations

import json
import logging
import sys
from html import escape
from types import ModuleType
from typing import TYPE_CHECKING

import markdown
import pytest

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.site.kept_diagnostics import (
    DIAGNOSTICS_TAG,
    DiagnosticReport,
    DocumentLog,
    KeptDiagnostic,
    diagnostics_in,
    element_of,
)
from tests.support.pages import slots_in
from tests.support.plain_program import Program
from tests.support.published import FIRST, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service

OPEN = f":::speak\n{FIRST}\n"
WRONG = KeptDiagnostic("the option is wrong", names_place=True, is_error=True)
HOSTILE = KeptDiagnostic("of \"quotes\", <b>tags</b> & 'more' ütf --> </script>", names_place=False)


@pytest.fixture
def program(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, service)
    program.configure()
    return program


def test_they_are_read_back_as_they_were_written() -> None:
    page = f"<p>One</p>{element_of([HOSTILE, WRONG])}<!-- {element_of([WRONG])} --><p>Two</p>{element_of([HOSTILE])}"
    assert diagnostics_in(page) == [HOSTILE, WRONG, HOSTILE]
    assert not element_of([])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "no JSON",
        "[" * 100_000,
        "{}",
        "[1]",
        "[{}]",
        '[{"text":"","names_place":true,"is_error":false}]',
        '[{"text":5,"names_place":true,"is_error":false}]',
        '[{"text":"a","names_place":1,"is_error":false}]',
    ],
    ids=lambda written: written[:60],
)
def test_what_somebody_else_wrote_is_refused_in_words(written: str) -> None:
    with pytest.raises(SettingError):
        diagnostics_in(f'<{DIAGNOSTICS_TAG} data-list="{escape(written)}"></{DIAGNOSTICS_TAG}>')


def test_a_text_cannot_forge_a_line_of_the_terminal() -> None:
    raw = [{"text": "a\nERROR   -  b\x1b[31m\ud800" + "c" * 5000, "names_place": True, "is_error": False}]
    (diagnostic,) = diagnostics_in(f"<{DIAGNOSTICS_TAG} data-list='{escape(json.dumps(raw))}'>")
    assert diagnostic.text.startswith("a\N{REPLACEMENT CHARACTER}ERROR   -  b\N{REPLACEMENT CHARACTER}[31m")
    assert len(diagnostic.text) == 2000


def test_what_several_pages_keep_is_told_once(
    caplog: pytest.LogCaptureFixture, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(WRONG.text)
    expect_warning('of "quotes"')
    report = DiagnosticReport()
    report.add("a.html", [HOSTILE, HOSTILE, WRONG])
    report.add("b.html", [HOSTILE, WRONG])
    report.add("c.html", [HOSTILE])
    report.log_to(logging.getLogger(__name__))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"a.html and 2 other pages: {HOSTILE.text}"),
        ("ERROR", WRONG.text),
    ]
    assert not report.is_whole


def test_a_warning_that_the_program_does_not_show_is_kept_all_the_same(
    caplog: pytest.LogCaptureFixture, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("loud")
    parent = logging.getLogger(f"{__name__}.quiet")
    parent.setLevel(logging.ERROR)
    log = DocumentLog(parent)
    log.info("for %s", "information")
    log.warning("in %s\n  lines", "two")
    log.error("loud")
    assert log.warnings == ["in two lines", "loud"]
    assert [record.getMessage() for record in caplog.records] == ["loud"]


def test_warnings_are_reported_at_each_run_until_the_page_is_right(
    program: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"line \d ':::speak': this block is never closed")
    program.build({"index.html": OPEN, "blog/index.html": OPEN, "b.html": f":::speak\n{SECOND}\n:::\n\n{OPEN}"})
    for _ in range(2):
        said = program.publish()
        assert said.exit_code == 0, said.output
        assert said.stderr.count("never closed") == 2
        assert "blog/index.html and 1 other page: line 1 ':::speak': this block is never closed" in said.stderr
        assert "b.html: line 5 ':::speak': this block is never closed" in said.stderr
        assert "has a block" not in said.stderr
    program.build(dict.fromkeys(("index.html", "blog/index.html", "b.html"), f"{OPEN}:::\n"))
    assert program.publish().stderr == ""


def test_a_page_keeps_them_once_and_not_in_titles(expect_warning: Callable[[str], None]) -> None:
    """The extension `toc` has the postprocessors run for each title."""
    expect_warning("never closed")
    md = markdown.Markdown(extensions=["toc", "mkdocs_lightning"])
    for _ in range(2):
        html = md.reset().convert(f"[TOC]\n\n# One\n\n## Two\n\n{OPEN}")
        assert html.count(f"</{DIAGNOSTICS_TAG}>") == 1
        assert html.endswith(f"</{DIAGNOSTICS_TAG}>")


def test_a_page_without_faults_keeps_nothing(program: Program) -> None:
    program.build({"index.html": f"{OPEN}:::\n"})
    assert DIAGNOSTICS_TAG not in program.html("index.html")


def test_faults_of_the_cache_are_not_those_of_the_page(program: Program) -> None:
    program.build({"index.html": f"{OPEN}:::\n"})
    program.publish()
    for path in program.root.joinpath(".lightning").rglob("*.*"):
        path.write_bytes(path.read_bytes()[:-9])
    program.build({"index.html": f"{OPEN}:::\n"})
    assert DIAGNOSTICS_TAG not in program.html("index.html")


def test_what_cannot_be_read_is_told_and_fails(program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("its diagnostics cannot be read")
    program.build({"index.html": f"{OPEN}:::\n"})
    page = program.output / "index.html"
    page.write_text(f'{page.read_text("utf-8")}<{DIAGNOSTICS_TAG} data-list="[5]">', encoding="utf-8")
    said = program.publish()
    assert said.exit_code == 1
    assert "index.html: its diagnostics cannot be read: 5 is not a diagnostic. Build the site again" in said.stderr
    assert program.clips("index.html")


def test_a_program_that_hides_errors_has_text_and_one_error(
    program: Program, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None]
) -> None:
    """Pelican catches all exceptions, and leaves the article out without a word."""
    monkeypatch.setitem(sys.modules, "pelican.readers", ModuleType("pelican.readers"))
    wrong = "the Markdown extension mkdocs_lightning, option 'speeed': unknown option 'speeed'"
    expect_warning(wrong)
    program.build({"index.html": f"{OPEN}:::\n", "b.html": OPEN, "c.html": "No block.\n"}, speeed=1)
    assert FIRST in program.html("index.html")
    assert slots_in(program.html("index.html")) == []
    assert DIAGNOSTICS_TAG not in program.html("c.html")
    said = program.publish()
    assert said.exit_code == 1
    assert said.stderr.count(wrong) == 1
    assert markdown.markdown("Text.", extensions=["mkdocs_lightning"]) == "<p>Text.</p>"
