"""Style sheets that take margins, paddings and fonts from all elements: the player stands as it does without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import markdown
import pytest

from tests.ecosystem.environment import HERE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Host

SOURCE = """
# The press

The press takes two people. It is quite heavy.

:::speak title="A block"
The first sentence of a block.
:::
"""
FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head><style>{reset}</style><meta charset="utf-8"><title>The press</title></head>
<body><main style="width: {width}px; margin: 20px; font: 16px/1.5 sans-serif">{content}
<p style="padding-top: 3000px">The end.</p></main></body>
</html>
"""
BARE = "margin: 0; padding: 0; border: 0; font: inherit; vertical-align: baseline"
RESETS = {
    "of each element": f"html, body, div, span, h1, p, a, kbd, details, summary, label, audio {{{BARE}}}",
    "of elements in the body": f"body div, body span, body a, body label, body audio, body button {{{BARE}}}",
    "of everything": "* {margin: 0; padding: 0; border: 0}",
    "of Tailwind's kind": "*, ::before, ::after {box-sizing: border-box; margin: 0; padding: 0; border: 0 solid}"
    "button, input {font: inherit; letter-spacing: inherit; background: transparent; border-radius: 0}"
    "[type=button] {appearance: button; line-height: 1.15} svg, audio {display: block; vertical-align: middle}"
    "a {color: inherit; text-decoration: inherit}",
}
BOXES = """
  (root) => {
    const from = root.getBoundingClientRect();
    return [root, ...root.querySelectorAll("*")]
      .filter((one) => one.checkVisibility() && !one.closest("svg path, .speak-status"))
      .map((one) => [one.getAttribute("class")?.replace(" speak-loading", ""), one.getBoundingClientRect()])
      .map(([name, { x, y, width, height }]) => [name, x - from.x, y - from.y, width, height]);
  }
"""
Box = tuple[str, float, float, float, float]


@pytest.fixture(scope="module")
def resets_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with each reset and with none, in a wide and in a narrow column."""
    folder = tmp_path_factory.mktemp("resets")
    options = {"mkdocs_lightning": {"engine": "offline"}}
    content = markdown.markdown(SOURCE, extensions=["mkdocs_lightning"], extension_configs=options)
    (folder / "out").mkdir()
    for name, reset in {"none": "", **RESETS}.items():
        for width in (640, 300):
            html = FRAME.format(reset=reset, width=width, content=content)
            (folder / f"out/{name} {width}.html").write_text(html, encoding="utf-8")
    done = HERE.run("mkdocs-lightning", "publish", "out", "--select", "main", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def boxes(open_tab: Callable[..., Page], url: str, width: int) -> dict[str, list[Box]]:
    """The boxes of each part of the player, relative to its first one; of the page's, of its menu, and of the bar."""
    tab = open_tab(endless=True, viewport={"width": width + 60, "height": 800}, reduced_motion="reduce")
    tab.goto(url)
    player = tab.locator("speak-player").first
    found = {"player": player.evaluate(BOXES)}
    player.locator("[data-icon=more]").click()
    found["menu"] = player.locator(".speak-menu:not([hidden])").evaluate(BOXES)
    player.locator("[data-icon=more]").click()
    player.locator(".speak-play").click()
    tab.wait_for_function("document.querySelector('speak-player audio').currentTime > 0.1")
    tab.evaluate("scrollTo(0, 2500)")
    bar = tab.locator(".speak-bar:not([hidden])")
    bar.wait_for()
    tab.wait_for_function("getComputedStyle(document.querySelector('.speak-bar')).position === 'fixed'")
    found["bar"] = bar.evaluate(BOXES)
    tab.context.close()
    return found


def has_moved(one: Box, other: Box) -> bool:
    return any(abs(a - b) > 2 for a, b in zip(one[1:], other[1:], strict=True))


@pytest.mark.parametrize("width", [640, 300])
def test_the_player_stands_as_it_does_without_a_reset(
    resets_site: Path, host: Host, open_tab: Callable[..., Page], width: int
) -> None:
    url = host(resets_site).url
    without = boxes(open_tab, f"{url}/none {width}.html", width)
    assert {part: len(found) > 5 for part, found in without.items()} == dict.fromkeys(without, True)
    for name in RESETS:
        with_it = boxes(open_tab, f"{url}/{name} {width}.html", width)
        for part, found in with_it.items():
            assert [each[0] for each in found] == [each[0] for each in without[part]]
            moved = [pair for pair in zip(found, without[part], strict=True) if has_moved(*pair)]
            assert not moved, (name, part)
        of_player = {name: box for name, *box in with_it["player"]}
        play = of_player["speak-button speak-play"]
        assert play[0] + play[2] <= of_player["speak-title"][0]
