"""Pages as people write them by hand: published twice they stay the same, and without narration they are as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.plain_program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service

SIGNS = "Take a < b.<br>It is <3, <em>or <- that</em>, or <= this."


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(f"<main><h1 title='</h1>'>Title</h1><p>{SIGNS}</p></main>", id="signs"),
        pytest.param("<!doctype html><title>Title</title><p>It has no head and no heading.", id="no head"),
        pytest.param("Some text before all tags.<p>A paragraph.</p>", id="fragment"),
        pytest.param("<p>A paragraph.</p><h1>Title</h1><p>Another.</p>", id="heading below"),
        pytest.param("<main><h1>Title</h1><p>Text.</p><xmp><b>make</b></xmp><p>More.</p></main>", id="xmp"),
        pytest.param("<main><h1>Title</h1><p>Text.</p><plaintext><p>As it is.</main>", id="plaintext"),
        pytest.param("<HTML><BODY><MAIN><H1>Title</H1><P>One.<P>Two.</MAIN></BODY></HTML>\r\n", id="old"),
    ],
)
def test_a_page_is_published_twice_and_restored(
    html: str,
    tmp_path: Path,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("1 page is no longer narrated")
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, service)
    program.configure()
    path = program.output / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8", newline="")
    select = "--select", "main, p"
    assert program.publish(*select).exit_code == 0
    published = path.read_bytes()
    assert published.count(b"<audio ") == 1
    assert program.publish(*select).exit_code == 0
    assert path.read_bytes() == published
    assert program.publish().exit_code == 0
    assert path.read_bytes().decode() == html


def test_skip_alone_takes_no_narration_away(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, service)
    program.configure()
    program.output.mkdir(parents=True, exist_ok=True)
    path = program.output / "index.html"
    path.write_text("<main><h1>Title</h1><p>Text.</p></main>", encoding="utf-8")
    assert program.publish("--select", "main").exit_code == 0
    published = path.read_bytes()
    result = program.publish("--skip", "p")
    assert (result.exit_code, "Add --select" in result.stderr) == (2, True)
    assert path.read_bytes() == published


@pytest.mark.parametrize(("select", "code"), [((), 0), (("--select", "p"), 1)])
def test_a_folder_without_pages(  # noqa: PLR0917 - what is tested, and fixtures
    select: tuple[str, ...],
    code: int,
    tmp_path: Path,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
) -> None:
    monkeypatch.chdir(tmp_path)
    expect_warning("it has no file whose name ends in .html")
    program = Program(tmp_path, service)
    program.configure()
    program.output.mkdir(parents=True, exist_ok=True)
    result = program.publish(*select)
    assert (result.exit_code, "narrate" in result.stderr) == (code, False)
