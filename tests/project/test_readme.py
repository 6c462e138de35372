"""The README: short, true, and whole wherever it is shown, in this repository or on a package index."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
GATE = (ROOT / ".ci/run").read_text(encoding="utf-8")
MOST_WORDS = 700
COMMANDS = [
    'python -m pip install -e ".[example]" && mkdocs build --strict -f example_site/mkdocs.yml',
    'python -m pip install -e ".[dev]" && python -m pytest',
]


def links(text: str) -> list[str]:
    """Where the links and pictures of a text lead, whether written as Markdown or as HTML."""
    return re.findall(r"\]\(([^)\s]+)[^)]*\)", text) + re.findall(r"""\b(?:src|srcset|href)=["']([^"']+)""", text)


def prose(text: str) -> str:
    """A text without its blocks of code and its comments."""
    return re.sub(r"^```.*?^```$|<!--.*?-->", "", text, flags=re.MULTILINE | re.DOTALL)


def test_it_takes_a_minute_to_read() -> None:
    assert len(prose(README).split()) <= MOST_WORDS


def test_tables_are_in_the_documentation_alone() -> None:
    assert not re.search(r"^\|", README, re.MULTILINE)


def test_every_link_and_picture_leads_to_a_file_of_the_repository_or_to_https() -> None:
    found = links(README)
    assert len(found) > 10
    for link in found:
        assert link.startswith("https://") or (ROOT / link).is_file(), link
    assert sum(link.endswith(".webp") for link in found) == 2, "light and dark"


def test_its_commands_are_those_that_the_gate_runs() -> None:
    (find,) = re.findall(r"^mapfile -t commands < <\((.+)\)$", GATE, re.MULTILINE)
    if shutil.which("bash") is None:
        pytest.skip("the gate is for Linux")

    found = subprocess.run(["bash", "-c", find], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout.splitlines() == COMMANDS
    assert re.findall(r'^bash -c "(.+)"$', GATE, re.MULTILINE) == ["${commands[0]}", "${commands[1]}"]


def description() -> str:
    """The long description that the packages carry, as hatchling makes it."""
    core = ProjectMetadata(str(ROOT), PluginManager()).core
    assert core.readme_content_type == "text/markdown"
    return core.readme


def test_no_link_on_an_index_is_broken_while_the_repository_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROJECT_URL", raising=False)
    text = description()
    assert all(link.startswith("https://") for link in links(text))
    assert "![" not in text
    assert "<picture" not in text
    assert "Tutorial (`docs/tutorial.md`)" in text
    assert prose(text).count("\n#") == prose(README).count("\n#")


def test_links_and_picture_on_an_index_lead_to_the_tag_of_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://git.example.org/owner/name"
    monkeypatch.setenv("PROJECT_URL", f"{address}/")
    metadata = ProjectMetadata(str(ROOT), PluginManager())
    tag = f"v{metadata.version}"

    expected = [
        link if link.startswith("https://") else f"{address}/{'raw' if link.endswith('.webp') else 'blob'}/{tag}/{link}"
        for link in links(README)
    ]
    assert links(metadata.core.readme) == expected
    assert metadata.core.urls["Source"] == address
    for url in (url for name, url in metadata.core.urls.items() if name != "Issues"):
        path = url.removeprefix(address).removeprefix(f"/blob/{tag}/")
        assert (ROOT / path.lstrip("/")).exists()


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/tutorial.md"])
def test_whoever_is_told_to_install_it_learns_that_nothing_is_released_yet(page: str) -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = [line for line in re.findall(r"^## (.+)", changes, re.MULTILINE) if "not yet released" not in line]
    text = (ROOT / page).read_text(encoding="utf-8")
    assert "pip install" in text
    assert ("Not released yet" in text) is (not releases)
