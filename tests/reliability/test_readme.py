"""The page of promises names the tests that show them."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_each_line_of_the_figures_names_a_test_that_there_is() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    lines = [line.split(" | ") for line in text.splitlines() if re.match(r"\| (all|\d)", line)]
    assert len(lines) > 20
    file = ""
    for *_, named in lines:
        tests = re.findall(r"(?:`(test_\w+\.py)`: )?`(test_\w+)`", named)
        assert tests, f"no test is named: {named}"
        for of_file, test in tests:
            file = of_file or file
            code = (HERE / file).read_text(encoding="utf-8")
            assert f"def {test}(" in code, f"{file} has no {test}"
