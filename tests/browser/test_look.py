"""What can be said of the player's look by a program: where things stand, how large they are, what is above what."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.parts import choose_speed, expect_speed
from tests.browser.sites import THEMES, published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.conftest import OpenTab

LONG = "A title that goes on and on " * 12
PAGE = f"""
---
lightning: {{narrate: true}}
---
# A narrated page

It has a [link](#tea) in its first sentence. Then comes a second one.

## Tea

Another paragraph is spoken, too.

:::speak title="Short" #short
The first sentence of a block.
:::

:::speak title="{LONG}" #long
The first sentence of another block. It has a second one.
:::

:::speak {{#untitled}}
This block has no title.
:::

MORE

## The end

<p id="end">The end of the page.</p>
"""
MORE = "\n\n".join(f":::speak {{#more-{number}}}\nThe sentence of block number {number}.\n:::" for number in range(30))
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
BOXES = """
  (all) => all.map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y + scrollY, width, height].map(Math.round);
  })
"""


@pytest.fixture(scope="module", params=THEMES)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page in each theme."""
    pages = {"index.md": PAGE.lstrip().replace("MORE", MORE), "js/darkmode.js": ""}
    config = {"markdown_extensions": ["attr_list", "md_in_html"]}
    with published(tmp_path_factory.mktemp("look"), pages, theme=THEMES[request.param], config=config) as url:
        yield url


@pytest.fixture
def show(open_tab: OpenTab, url: str) -> Callable[..., Page]:
    """Opens the page; options are those of a context."""

    def show(**options: Any) -> Page:
        context: dict[str, Any] = {"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        tab = open_tab(endless=True, **context)
        tab.goto(url)
        expect(tab.locator("speak-player .speak-play").first).to_be_visible()
        return tab

    return show


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_play_stands_at_the_same_place_whatever_the_title(show: Callable[..., Page], viewport: dict[str, int]) -> None:
    tab = show(viewport=viewport)
    players = tab.locator("#speak-page speak-player, #short speak-player, #long speak-player, #untitled speak-player")
    expect(players.locator(".speak-play")).to_have_count(4)

    places = players.evaluate_all("""
      (all) => all.map((one) => {
        const [box, play] = [one, one.querySelector(".speak-play")].map((each) => each.getBoundingClientRect());
        return [play.x, play.y - box.y, play.width, play.height].map(Math.round).join();
      })
    """)
    heights = players.locator(".speak-title").evaluate_all("all => all.map(one => one.offsetHeight)")

    assert len(set(places)) == 1, places
    assert heights[2] < 2.2 * heights[1] or heights[2] < 45, "a long title has two lines"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_nothing_moves_when_the_controls_are_made(show: Callable[..., Page], viewport: dict[str, int]) -> None:
    tab = show(viewport=viewport)
    players = tab.locator("speak-player")
    assert players.last.locator(".speak-controls").count() == 0, "it is far below"
    before = players.evaluate_all(BOXES)

    players.last.scroll_into_view_if_needed()
    expect(players.last.locator(".speak-play")).to_be_visible()

    assert players.evaluate_all(BOXES) == before


def test_nothing_moves_while_the_clock_runs_or_shows_what_is_left(show: Callable[..., Page]) -> None:
    tab = show()
    player = tab.locator("#speak-page speak-player")
    controls = player.locator(".speak-position, .speak-elapsed, .speak-speed")
    before = controls.evaluate_all(BOXES)

    player.locator(".speak-elapsed").click()
    expect(player.locator(".speak-elapsed")).to_contain_text("\N{MINUS SIGN}")
    choose_speed(player, 1.25)

    assert controls.evaluate_all(BOXES) == before
    tab.reload()
    expect(player.locator(".speak-elapsed")).to_contain_text("\N{MINUS SIGN}")  # it is remembered
    player.locator(".speak-elapsed").click()
    expect(player.locator(".speak-elapsed")).not_to_contain_text("\N{MINUS SIGN}")


def test_the_slider_shows_how_far_it_is_and_where_chapters_begin(show: Callable[..., Page]) -> None:
    tab = show()
    slider = tab.locator("#speak-page .speak-position")

    slider.press("End")
    assert float(slider.evaluate("one => one.style.getPropertyValue('--speak-at')")) == pytest.approx(1, abs=0.01)
    slider.press("Home")
    assert float(slider.evaluate("one => one.style.getPropertyValue('--speak-at')")) == pytest.approx(0, abs=0.01)
    assert slider.evaluate("one => one.style.getPropertyValue('--speak-marks')").count("var(--_surface)") == 2
    assert "none" in tab.locator("#short .speak-position").get_attribute("style")  # type: ignore[operator]


def test_the_slider_tells_where_a_click_would_lead(show: Callable[..., Page]) -> None:
    tab = show()
    slider = tab.locator("#speak-page .speak-position")
    box = slider.bounding_box()
    assert box
    seconds = float(tab.locator("#speak-page speak-player").get_attribute("data-duration") or "")
    start, title, _ = json.loads(tab.locator("#speak-page speak-player").get_attribute("data-chapters") or "")[-1]

    slider.hover(position={"x": box["width"] - 1, "y": box["height"] / 2})

    told = slider.get_attribute("title") or ""
    minutes, _, rest = told.partition(":")
    assert 60 * int(minutes) + int(rest.partition(" · ")[0]) == pytest.approx(seconds, abs=1)
    assert told.endswith(f" · {title}")
    slider.hover(position={"x": 1, "y": box["height"] / 2})
    expect(slider).to_have_attribute("title", re.compile("^0:00 · "))
    assert start > 1


def test_speeds_are_a_menu_for_the_keyboard_and_for_screen_readers(show: Callable[..., Page]) -> None:
    tab = show()
    player = tab.locator("#short speak-player")
    opener = player.locator(".speak-speed")
    menu = player.get_by_role("menu", name="Speed")

    opener.press("ArrowDown")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("menuitemradio", checked=True)).to_be_focused()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    expect_speed(player, 1.25)
    opener.press("Enter")
    tab.keyboard.press("End")
    tab.keyboard.press("Enter")
    expect_speed(tab.locator("#long speak-player"), 3)
    opener.press("Enter")
    tab.keyboard.press("Home")
    tab.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    expect_speed(player, 3)


@pytest.mark.parametrize("has_touch", [False, True])
def test_a_sign_beside_a_paragraph_plays_it(show: Callable[..., Page], *, has_touch: bool) -> None:
    tab = show(has_touch=has_touch, viewport=PHONE if has_touch else DESKTOP)
    paragraph = tab.locator("p", has_text="Another paragraph is spoken")
    before = paragraph.evaluate_all(BOXES)

    (paragraph.tap if has_touch else paragraph.hover)()
    sign = tab.get_by_role("button", name="Play from here")
    expect(sign).to_have_count(1)
    assert paragraph.evaluate_all(BOXES) == before
    assert sign.evaluate("one => one.getBoundingClientRect().width") >= (44 if has_touch else 24)
    (sign.tap if has_touch else sign.click)()

    expect(paragraph.locator(".speak-now")).not_to_have_count(0)
    tab.mouse.move(1, 1)
    tab.get_by_role("link", name="link", exact=True).focus()
    expect(tab.locator("p", has_text="in its first sentence").locator(".speak-here")).to_have_count(1)
    tab.keyboard.press("Shift+Tab")
    expect(sign).to_be_focused()
    tab.locator("#end").hover()
    expect(sign).to_be_focused()  # it stays for as long as it has the focus


def test_a_site_sets_colours_corners_and_density_by_properties(show: Callable[..., Page]) -> None:
    tab = show()
    player = tab.locator("#short speak-player")
    height = player.evaluate("one => one.offsetHeight")
    tab.add_style_tag(content=":root { --speak-accent: rgb(1, 2, 3); --speak-radius: 3px; --speak-density: 0.5; }")

    expect(player.locator(".speak-play")).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(player).to_have_css("border-top-left-radius", "3px")
    assert player.evaluate("one => one.offsetHeight") < height
