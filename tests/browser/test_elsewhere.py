"""Pages that MkDocs has not built, in a real browser: a site of Zensical, and a page with its sound inside."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import markdown
import pytest

from tests.ecosystem.environment import HERE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import OpenTab, Screenshot, Serve

PAGE = """\
# A page

::: speak {title="An overview" #overview}
The first sentence of this page is here. And this is the **second** one, a little longer, with `code` in it.
:::

After it there is some text that nobody speaks.
"""
CONFIG = {
    "site_name": "Zen",
    "theme": {"font": False, "palette": [{"scheme": "slate"}]},
    "markdown_extensions": [{"mkdocs_lightning": {"engine": "offline"}}],
}
RECORD_MARKS = """
  window.marked = [];
  new MutationObserver(() => {
    const text = [...document.querySelectorAll(".speak-now")].map((one) => one.textContent).join("");
    if (text !== (marked.at(-1) ?? "")) marked.push(text);
  }).observe(document.body, { subtree: true, attributeFilter: ["class"] });
"""
"""Notes what is marked when it is: a look from outside may come too late."""


@pytest.fixture(scope="module")
def zen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that Zensical has built, and that was published afterward."""
    folder = tmp_path_factory.mktemp("zen")
    (folder / "docs/guide").mkdir(parents=True)
    (folder / "docs/index.md").write_text("# Home\n", encoding="utf-8")
    (folder / "docs/guide/page.md").write_text(PAGE, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(json.dumps(CONFIG), encoding="utf-8")
    for command in (("zensical", "build"), ("mkdocs-lightning", "publish", "site")):
        HERE.run(*command, cwd=folder).check_returncode()
    return folder


def play(tab: Page) -> None:
    """Start the page's player, and wait until it has marked each of its sentences in its turn."""
    tab.evaluate(RECORD_MARKS)
    tab.locator("speak-player").get_by_role("button", name=re.compile("^Play: ")).click()
    tab.wait_for_function("document.querySelector('audio').ended")
    assert tab.evaluate("marked") == [
        "The first sentence of this page is here.",
        "And this is the second one, a little longer, with code in it.",
        "",
    ]


def test_a_site_of_zensical_plays_and_follows_the_voice(
    zen: Path, open_tab: OpenTab, serve: Serve, screenshot: Screenshot
) -> None:
    tab = open_tab(autoplay=True)
    tab.goto(f"{serve(zen / 'site')}/guide/page/")
    play(tab)
    assert tab.locator("audio").evaluate("audio => audio.duration") > 4
    screenshot(tab, "zensical")


def test_a_page_with_its_sound_inside_plays_from_one_file(
    zen: Path, open_tab: OpenTab, serve: Serve, tmp_path: Path
) -> None:
    """What a plain program gets for a block that is cached: the browser's own player, and no other file."""
    options = {"engine": "offline", "cache_dir": str(zen / ".lightning")}
    html = markdown.markdown(PAGE, extensions=["mkdocs_lightning"], extension_configs={"mkdocs_lightning": options})
    (tmp_path / "index.html").write_text(f"<!doctype html><title>Page</title>{html}", encoding="utf-8")
    tab = open_tab(autoplay=True)
    tab.goto(serve(tmp_path))
    audio = tab.locator("audio")
    audio.evaluate("audio => { audio.currentTime = 3; return audio.play(); }")
    tab.wait_for_function("document.querySelector('audio').currentTime > 3.3")
    assert audio.evaluate("audio => audio.duration") > 4
