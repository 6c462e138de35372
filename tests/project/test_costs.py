"""The page on costs: its tables and pictures are those of the program, and the prices those of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.costs import COUNTS, tables, write_plots
from tests.project.test_scale import tables_in
from tests.support.repository import DOCS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = DOCS / "explanation" / "cost.md"


def test_the_tables_of_the_page_are_those_of_the_program() -> None:
    assert tables_in(PAGE.read_text(encoding="utf-8")) == tables_in(tables())


def test_the_pictures_are_those_of_the_program(tmp_path: Path) -> None:
    write_plots(tmp_path)
    drawn = sorted(tmp_path.iterdir())
    assert [picture.name for picture in drawn] == ["cost-dark.svg", "cost-light.svg"]
    for picture in drawn:
        assert picture.read_text(encoding="utf-8") == (DOCS / "assets" / picture.name).read_text(encoding="utf-8")


def test_every_site_of_the_table_is_named_with_its_commit() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for count in COUNTS:
        assert count.commit.split(",")[0] in text


def test_the_start_page_names_the_same_figures() -> None:
    figures = {row.split("|")[-3].strip(): row.split("|")[-2].strip() for row in tables().splitlines() if row}
    (table,) = tables_in((DOCS / "index.md").read_text(encoding="utf-8"))
    for row in table[2:]:
        *_, price, _ = (cell.strip() for cell in row.split("|"))
        assert price in figures.values(), row
