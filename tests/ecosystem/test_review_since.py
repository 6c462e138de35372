"""`review --since`: what has changed since a revision stands in the review, side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.changed_site import commit_and_change
from tests.support.commands import run
from tests.support.git import commit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

HOSTILE = "Then <script>alert(1)</script> & more of it came along."
pytestmark = pytest.mark.usefixtures("git_without_settings")


@pytest.fixture
def written(site: Site) -> Site:
    """A site with two sentences, committed; in its work tree one has changed, and one is new."""
    commit_and_change(site, f" `{HOSTILE}`")
    return site


def made(site: Site, *arguments: str) -> tuple[str, str]:
    """The page, and the warnings."""
    directory: Path = site.root / "review"
    result = run(site, "review", "-o", str(directory), *arguments)
    assert result.exit_code == 0, result.stderr
    return (directory / "index.html").read_text(encoding="utf-8"), result.stderr


def test_changed_sentences_stand_side_by_side(written: Site, service: Service) -> None:
    html, warnings = made(written, "--since", "HEAD")

    assert warnings == ""
    assert "<del>first</del>" in html
    assert "<ins>second</ins>" in html
    flags = re.findall(r'<li data-flags="([^"]*)"', html)
    assert [("changed" in of_one.split()) for of_one in flags] == [True, False, True]
    assert 'data-filter="changed"' in html
    assert "<script>alert" not in html
    assert service.requests == []


def test_a_new_voice_is_one_line_beside_what_was_rewritten(written: Site) -> None:
    written.options["voice_id"] = "sophie"
    written.write_config()

    html, _ = made(written, "--since", "HEAD")

    assert re.search(r"1 sentence · <bdi>another voice: \w+ → sophie</bdi> · <strong>missing</strong> \d+ char", html)
    assert "<ins>second</ins>" in html
    assert html.count('class="pair"') == 2


def test_without_a_change_it_says_so(written: Site) -> None:
    commit(written.root)

    html, _ = made(written, "--since", "HEAD")

    assert "nothing that is heard has changed" in html
    assert 'data-filter="changed"' not in html


def test_a_revision_that_cannot_be_read_is_told_in_the_page_too(written: Site) -> None:
    (written.root / "mkdocs.yml").write_text("plugins: [no-such-plugin]\n", encoding="utf-8")
    broken = commit(written.root)
    written.write_config()

    html, warnings = made(written, "--since", broken)

    assert "cannot be read" in html
    assert "cannot be read" in warnings


def test_a_revision_that_is_not_there_writes_nothing(written: Site) -> None:
    result = run(written, "review", "-o", str(written.root / "review"), "--since", "no-such-branch")

    assert result.exit_code == 2
    assert "no-such-branch" in result.stderr
    assert not (written.root / "review").exists()
