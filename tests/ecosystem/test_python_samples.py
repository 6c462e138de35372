"""Each Python program of the documentation that speaks runs, against the service on loopback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import run
from tests.support.repository import DOCS
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from tests.support.service import Service

PAGES = [DOCS / "reference/python.md", DOCS / "how-to/from-the-service-page.md"]
FENCE = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SPEAKS = re.compile(r"\b(?:Async)?Lightning\(|api\.smallest\.ai")
SOURCES = [
    pytest.param(textwrap.dedent(block), id=f"{page.stem}-{number}")
    for page in PAGES
    for number, (_, block) in enumerate(FENCE.findall(page.read_text(encoding="utf-8")))
]
SAMPLES = [each for each in SOURCES if SPEAKS.search(str(each.values[0]))]


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 12


def test_a_function_that_collects_blocks_refuses_none_of_them() -> None:
    (source,) = (str(each.values[0]) for each in SOURCES if "on_block=" in str(each.values[0]))
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    spoken = '<speak-block data-speak="block-1">\n<p>Some <em>words</em>.</p>\n</speak-block>'
    assert ended.stdout.split("] ") == ["[('\\nSome words.\\n', 'Hello')", f"{spoken}\n"]


@pytest.fixture
def site(tmp_path: Path, service: Service) -> Site:
    """What a sample about a site finds in its folder."""
    site = Site(tmp_path, {"engine": "lightning", "base_url": service.url})
    site.write(
        {"index.md": ":::speak voice_id=henry speed=1.2\nIt is *ein Brot*{language=de}, and nothing else.\n:::\n"}
    )
    site.config["markdown_extensions"] = ["attr_list"]
    site.write_config()
    return site


def run_sample(source: str, service: Service, folder: Path) -> subprocess.CompletedProcess[str]:
    program = source.replace("https://api.smallest.ai", service.url)
    program = re.sub(r"\b((?:Async)?Lightning)\(", rf"\1(base_url={service.url!r}, ", program)
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={
            **os.environ,
            "SMALLEST_API_KEY": KEY,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_program_synthesizes_the_sentences_of_a_site_as_the_site_wants_them(site: Site, service: Service) -> None:
    (source,) = (str(each.values[0]) for each in SOURCES if "missing_sentences" in str(each.values[0]))
    run_sample(source, service, site.root)
    assert run(site, "check").exit_code == 0


@pytest.mark.parametrize("source", SAMPLES)
@pytest.mark.usefixtures("site")
def test_a_sample_runs_and_speaks(source: str, service: Service, tmp_path: Path) -> None:
    ended = run_sample(source, service, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "retired" not in ended.stderr
    assert service.spoken
    saved = re.findall(r'(?:save\(|open\(|, )f?"([\w{}.]+\.(?:mp3|wav))"', source)
    for name in saved:
        files = list(tmp_path.glob(re.sub(r"{.*?}", "*", name)))
        assert files, name
        assert all(file.stat().st_size > 500 for file in files)
