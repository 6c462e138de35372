"""Plain HTML of other generators, narrated by `publish --select`, in a real browser: Sphinx, and VitePress from npm."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import find_others
from tests.ecosystem.environment import HERE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Host

VITEPRESS = "vitepress@1.6.4"
RST = """\
The press
=========

The press takes two people. It is quite heavy, so lift it together.

.. note:: Mind your fingers when you close the lid of it.

1. Lift the lid with both hands.

.. code-block:: python

   print("nobody reads this")

.. toctree::

   other
"""
CONFIG = """\
const items = [{ text: "Start", link: "/guide/start" }, { text: "Later", link: "/guide/later" }];
export default { themeConfig: { sidebar: [{ text: "Guide", items }] } };
"""
HOME = "# The press\n\nThe press takes two people, and *time*.\n\n## How\n\nSee the [guide](/guide/start).\n"
GUIDE = "# The guide\n\nThe first sentence of the guide is here.\n"
LATER = "# What comes later\n\nThis page is long enough to be scrolled.\n\n" + "Another paragraph.\n\n" * 20
HITS = """button => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
"""JavaScript: whether a click on a button reaches it."""
PLAYED = "document.querySelector('speak-player audio').currentTime > 0.2"


@pytest.fixture(scope="module")
def sphinx_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that Sphinx has built, and that was published afterward."""
    folder = tmp_path_factory.mktemp("sphinx")
    (folder / "conf.py").write_text('project = "Handbook"\n', encoding="utf-8")
    (folder / "index.rst").write_text(RST, encoding="utf-8")
    (folder / "other.rst").write_text("Another page\n============\n\nThis is another page.\n", encoding="utf-8")
    HERE.run("sphinx-build", "-q", ".", "out", cwd=folder).check_returncode()
    publish(folder, "out", "[role=main] p", "[role=main] li", "[role=main] h1")
    return folder / "out"


@pytest.fixture(scope="module")
def vitepress_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that VitePress has built, and that was published afterward."""
    find_others(["npm"], "nodejs npm")
    folder = tmp_path_factory.mktemp("vitepress")
    (folder / "docs/guide").mkdir(parents=True)
    (folder / "docs/.vitepress").mkdir()
    (folder / "docs/.vitepress/config.mjs").write_text(CONFIG, encoding="utf-8")
    (folder / "docs/guide/later.md").write_text(LATER, encoding="utf-8")
    (folder / "docs/index.md").write_text(HOME, encoding="utf-8")
    (folder / "docs/guide/start.md").write_text(GUIDE, encoding="utf-8")
    (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
    npm = ("npm", "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", VITEPRESS)
    subprocess.run(npm, cwd=folder, check=True, timeout=300)
    subprocess.run(("npx", "vitepress", "build", "docs"), cwd=folder, check=True, timeout=300, capture_output=True)
    publish(folder, "docs/.vitepress/dist", ".vp-doc")
    return folder / "docs/.vitepress/dist"


def publish(folder: Path, site: str, *selectors: str) -> None:
    """Narrate a site offline, twice: the second time changes nothing."""
    options = [part for selector in selectors for part in ("--select", selector)]
    for expected in ("pages changed", "0 pages changed"):
        done = HERE.run("mkdocs-lightning", "publish", site, "--engine", "offline", *options, cwd=folder)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        assert expected in done.stdout


def play(tab: Page) -> None:
    tab.locator("speak-player").get_by_role("button", name=re.compile("^Play: ")).click()
    tab.wait_for_function(PLAYED)


def test_a_page_of_sphinx_plays_under_its_title_and_is_followed(sphinx_site: Path, host: Host, tab: Page) -> None:
    tab.goto(f"{host(sphinx_site).url}/index.html")
    assert tab.locator("h1 + .speak speak-player").count() == 1
    assert "nobody" not in "".join(tab.locator(".speak-cue").all_text_contents())
    play(tab)
    tab.wait_for_selector(".speak-now")


def test_a_page_of_vitepress_is_whole_and_plays_behind_it(vitepress_site: Path, host: Host, tab: Page) -> None:
    """Its script takes the page over when it has loaded, and would throw away what it did not write."""
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    url = host(vitepress_site).url
    tab.goto(f"{url}/index.html")
    tab.wait_for_function("document.querySelector('#app').__vue_app__")
    assert tab.locator(".vp-doc p").first.text_content() == "The press takes two people, and time."
    assert not [line for line in said if "ydration" in line]
    play(tab)
    first = tab.locator("speak-player audio").get_attribute("src")

    tab.locator(".vp-doc a[href*='guide']").click()  # without loading a page
    tab.wait_for_function("src => document.querySelector('speak-player audio')?.getAttribute('src') !== src", arg=first)
    tab.wait_for_selector("speak-player:defined")
    assert tab.locator("speak-player").get_attribute("data-heading") == "The guide"
    play(tab)


@pytest.mark.parametrize("width", [700, 1100, 1440, 1600])
def test_nothing_covers_the_docked_player_nor_the_bar(vitepress_site: Path, host: Host, tab: Page, width: int) -> None:
    """The theme's sidebar is as high as the window; the bar plays a page that the reader has left."""
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(f"{host(vitepress_site).url}/guide/start.html")
    tab.wait_for_function("document.querySelector('#app').__vue_app__")
    docked = tab.locator(".speak-dock").get_by_role("button", name=re.compile("^(Play|Pause): "))
    assert docked.evaluate(HITS)
    play(tab)
    tab.locator("a.pager-link.next").click()  # without loading a page
    tab.wait_for_selector(".speak-bar:not([hidden])")
    tab.wait_for_selector(".speak-dock speak-player:defined[data-heading='What comes later']")
    in_bar = tab.locator(".speak-bar").get_by_role("button", name=re.compile("^Pause"))
    for place in (0, 100_000):
        tab.evaluate("place => scrollTo(0, place)", place)
        assert docked.evaluate(HITS)
        assert in_bar.evaluate(HITS)
        bar, dock = (tab.locator(each).bounding_box() for each in (".speak-bar", ".speak-dock"))
        assert bar is not None
        assert dock is not None
        assert bar["y"] + bar["height"] <= dock["y"]
        assert dock["y"] + dock["height"] == pytest.approx(800, abs=2)


def test_without_javascript_it_plays_as_well(vitepress_site: Path, host: Host, open_tab: Callable[..., Page]) -> None:
    tab = open_tab(java_script_enabled=False)
    tab.goto(f"{host(vitepress_site).url}/index.html")
    assert tab.locator("audio[controls]").is_visible()
