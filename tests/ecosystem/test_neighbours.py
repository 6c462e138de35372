"""Beside other plugins: the same players, words and files wherever ours stands among them."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.ecosystem.neighbourhood import (
    ALL,
    GENERIC,
    MATERIAL,
    PRINT,
    PRINT_PAGE,
    SAYS,
    Document,
    expected,
    files_of,
    neighbourhood,
    read_site,
)
from tests.support.commands import plan, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.ecosystem.neighbourhood import PageRead
    from tests.support.sites import Site

READTHEDOCS = {"name": "readthedocs", "highlightjs": False}
MATERIAL_THEME = {"name": "material", "font": False}
OTHERS = [name for name in ALL if name != PRINT]
SEEDS = (1, 2, 3, 4)
GIT = "git-revision-date-localized"

Found: TypeAlias = "tuple[dict[str, PageRead], dict[str, int]]"


def check(site: Site, says: Mapping[str, Sequence[Sequence[str]]]) -> Found:
    """Build, without a warning, and find on each page what its author has written; all of that, and our files."""
    site.build(strict=True)
    read = read_site(site)
    captions = {page: [list(player.captions) for player in found.players] for page, found in read.items()}
    assert captions == {page: [list(texts) for texts in players] for page, players in says.items()}
    for found in read.values():
        assert [player.marked for player in found.players] == [player.captions for player in found.players]
    return read, files_of(site)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is spoken once is not spoken again."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", [name for name in GENERIC if name != PRINT])
def test_one_neighbour_before_and_behind(tmp_path: Path, cache: Path, name: str) -> None:
    before, behind = (
        check(neighbourhood(tmp_path, order, GENERIC, READTHEDOCS, cache), expected(order, GENERIC))
        for order in ([name, "lightning"], ["lightning", name])
    )
    assert before == behind


@pytest.mark.parametrize("name", [name for name in MATERIAL if name != "search"])
def test_one_of_material_s_own_before_and_behind(tmp_path: Path, cache: Path, name: str) -> None:
    names = [name, *MATERIAL[name].needs]
    before, behind = (
        check(neighbourhood(tmp_path, order, MATERIAL, MATERIAL_THEME, cache), expected(order, MATERIAL))
        for order in ([*names, "lightning"], ["lightning", *names])
    )
    assert before == behind


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site with all plugins is: it is built anew for each order."""
    return tmp_path_factory.mktemp("all")


@pytest.fixture(scope="module")
def reference(root: Path, cache: Path) -> Found:
    """The site with all plugins, ours first."""
    order = ["lightning", *OTHERS, PRINT]
    return check(neighbourhood(root, order, ALL, MATERIAL_THEME, cache), expected(order, ALL))


@pytest.mark.parametrize("place", range(1, len(OTHERS) + 1))
def test_between_any_two_of_all(root: Path, cache: Path, reference: Found, place: int) -> None:
    order = [*OTHERS[:place], "lightning", *OTHERS[place:], PRINT]
    assert check(neighbourhood(root, order, ALL, MATERIAL_THEME, cache), expected(order, ALL)) == reference


@pytest.mark.parametrize("seed", SEEDS)
def test_all_in_any_order(root: Path, cache: Path, reference: Found, seed: int) -> None:
    order = ["lightning", *OTHERS]
    random.Random(seed).shuffle(order)
    order.append(PRINT)  # which insists on the last place
    assert check(neighbourhood(root, order, ALL, MATERIAL_THEME, cache), expected(order, ALL)) == reference


def test_by_the_commands_themselves(root: Path, cache: Path, reference: Found) -> None:
    """As processes, with git asked in parallel; then the command line reads the site, whatever else looks at it."""
    git = replace(ALL[GIT], options={**ALL[GIT].options, "enable_parallel_processing": True})
    order = ["lightning", *reversed(OTHERS), PRINT]
    site = neighbourhood(root, order, {**ALL, GIT: git}, MATERIAL_THEME, cache)

    built = command(site, "mkdocs", "build", "--strict")
    checked = command(site, "mkdocs-lightning", "check")

    assert (built.returncode, "WARNING" in built.stderr) == (0, False), built.stderr
    assert (read_site(site), files_of(site)) == reference
    assert (checked.returncode, checked.stderr) == (0, "")
    assert re.fullmatch(r"Nothing missing: \d+ sentences cached\.\n", checked.stdout)


def test_the_command_line_needs_nothing_of_what_others_do_to_a_finished_site(
    root: Path, cache: Path, reference: Found
) -> None:
    """Such as minifying a file that is not there, or rendering all pages for print."""
    del reference  # what is spoken is cached
    site = neighbourhood(root, [*OTHERS, "lightning", PRINT], ALL, MATERIAL_THEME, cache)

    planned = plan(site)

    assert planned["missing"] == 0
    says = {Path(page).stem for page in expected(OTHERS, ALL)}
    assert {"macros", "module", "changes", "tagged"} <= {Path(part["page"]).stem for part in planned["pages"]} & says
    assert printed(site, "transcript", "macros.md").count("Acme Rocket") == 2
    assert printed(site, "synth").count(f" {planned['sentences']} sentences: {planned['cached']} cached, ") == 1


def test_minified_pages_have_all_that_others_have(tmp_path: Path, cache: Path) -> None:
    plain = neighbourhood(tmp_path / "plain", ["lightning"], GENERIC, MATERIAL_THEME, cache)
    small = neighbourhood(tmp_path / "small", ["minify", "lightning"], GENERIC, MATERIAL_THEME, cache)

    assert check(small, SAYS) == check(plain, SAYS)

    assert "<audio controls preload=none src=assets/lightning/" in small.html("index.html")
    assert "<!--" not in small.html("index.html")
    assert small.html("index.html").count("\n") < plain.html("index.html").count("\n") / 10
    assert (small.root / "site/js/own.min.js").exists()


def test_the_print_page_has_all_texts_and_no_players(root: Path, cache: Path, reference: Found) -> None:
    """Who prints, or makes a PDF, can only read; and `text=hide` hides what can be heard."""
    del reference
    order = ["lightning", *OTHERS, PRINT]
    site = neighbourhood(root, order, ALL, MATERIAL_THEME, cache)
    site.build(strict=True)
    html = site.html(PRINT_PAGE)
    page = Document(html)

    in_nav = {name: says for name, says in expected(order, ALL).items() if not name.startswith("blog/")}
    read = " ".join(page.text.split())
    for captions in {tuple(player) for players in in_nav.values() for player in players if len(player) == 1}:
        assert read.count(captions[0]) == 1, captions
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"audio", "track", "speak-player"}
    assert not re.search(r"speak-(page|cue|text|\w{12}\b)|assets/lightning|ld\+json|<!--speak", html)
    assert [name for name, times in page.ids.items() if times > 1] == []


@pytest.mark.parametrize("order", [[PRINT, "lightning"], [PRINT, "minify", "lightning"]], ids=len)
def test_before_print_site_ours_is_the_same_and_that_plugin_says_what_it_wants(
    tmp_path: Path, cache: Path, expect_warning: Callable[[str], None], order: list[str]
) -> None:
    expect_warning(r"'print-site' should be defined as the \*last\* plugin")
    found = {}
    for plugins in (order, sorted(order, key=PRINT.__eq__)):
        site = neighbourhood(tmp_path, plugins, GENERIC, READTHEDOCS, cache)
        site.build()
        found[plugins[0]] = read_site(site), files_of(site), Document(site.html(PRINT_PAGE)).text

    first, last = found.values()
    assert first == last


def command(site: Site, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command, run on a site as people run it."""
    return subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=site.root,
        env={**os.environ, "DISABLE_MKDOCS_2_WARNING": "true"},  # section-index would print an advertisement
        capture_output=True,
        text=True,
        check=False,
    )
