"""What the player offers beside playing, in Chromium: keys, chapters, events, memory, the next page, plain servers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.sites import NARRATED, THEMES, published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import OpenTab

LONG = "{pause=10}{pause=10}"
FIRST = f"""
# First

<input aria-label="A field of the page">

:::speak title="Long" #long
The first sentence of a clip that takes a while. {LONG} The second sentence comes after that. {LONG} And a third one.
:::
"""
PAGES = {
    "index.md": FIRST,
    "silent.md": "# Silent\n\nNothing is heard here.\n",
    "third.md": NARRATED.replace("TITLE", "Third"),
}
CONFIG = {
    "site_name": "Handbook",
    "nav": ["index.md", "silent.md", "third.md"],
    "markdown_extensions": ["attr_list"],
}


@pytest.fixture(scope="module", params=["mkdocs", "material"])
def any_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site in a theme that loads each page, and in one that does not."""
    theme = {**THEMES[request.param], **({"features": ["navigation.instant"]} if request.param == "material" else {})}
    with published(tmp_path_factory.mktemp("site"), PAGES, theme=theme, config=CONFIG) as url:
        yield url


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with published(tmp_path_factory.mktemp("site"), PAGES, theme=THEMES["mkdocs"], config=CONFIG) as url:
        yield url


def button(tab: Page | Locator, name: str) -> Locator:
    return tab.get_by_role("button", name=re.compile(f"^{name}")).first


def play(tab: Page) -> None:
    button(tab.locator("speak-player"), "Play: ").click()
    tab.wait_for_function("document.querySelector('audio').currentTime > 0.05")


def go_to(tab: Page, time: float) -> None:
    """Let the voice come to a time, as if it had gone on by itself, and wait for what it says there."""
    tab.evaluate("time => { document.querySelector('audio').currentTime = time }", time)
    tab.wait_for_function("time => document.querySelector('audio').currentTime > time + 0.1", arg=time)


def time(tab: Page) -> float:
    return float(tab.evaluate("document.querySelector('audio').currentTime"))


def starts(tab: Page) -> list[float]:
    return [float(start) for start in (tab.locator("speak-player").get_attribute("data-starts") or "").split()]


def is_paused(tab: Page) -> bool:
    return bool(tab.evaluate("document.querySelector('audio').paused"))


# Memory


def test_a_clip_goes_on_where_it_was_left_until_it_is_heard_to_its_end(url: str, tab: Page) -> None:
    tab.goto(url)
    play(tab)
    go_to(tab, 12)
    tab.reload()

    expect(button(tab, "Continue at 0:12")).to_be_visible()
    expect(tab.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile(r"^0:12 / "))
    play(tab)  # as good as the button
    assert 12 < time(tab) < 25
    expect(button(tab, "Continue at")).to_have_count(0)

    tab.get_by_role("slider").press("End")
    tab.wait_for_function("document.querySelector('audio').ended")
    tab.reload()
    expect(button(tab, "Play: Long")).to_be_visible()
    expect(button(tab, "Continue at")).to_have_count(0)


def test_what_is_remembered_is_little_and_not_for_ever(url: str, tab: Page) -> None:
    tab.goto(url)
    tab.evaluate("""
      const day = Math.floor(Date.now() / 864e5);
      const clips = Array.from({ length: 205 }, (_, at) => [`clip-${at}.mp3`, [9, day]]);
      const all = Object.fromEntries([["old.mp3", [9, day - 90]], ...clips]);
      localStorage.setItem("speak-positions", JSON.stringify(all));
    """)

    play(tab)
    go_to(tab, 12)
    tab.keyboard.press("k")

    tab.wait_for_function("Object.keys(JSON.parse(localStorage.getItem('speak-positions'))).length === 200")
    clips = tab.evaluate("Object.keys(JSON.parse(localStorage.getItem('speak-positions')))")
    assert "old.mp3" not in clips
    assert clips[-2] == "clip-204.mp3"


def test_what_others_have_stored_is_no_error(url: str, tab: Page) -> None:
    tab.goto(url)
    for name in ("positions", "speed", "play-on"):
        tab.evaluate("name => localStorage.setItem(name, '][')", f"speak-{name}")
    tab.reload()
    play(tab)


@pytest.mark.parametrize(
    "position",
    ["null", "7", '"ab"', "[]", "[null, 99999]", '["7", 99999]', "[[7], 99999]", "[-7, 99999]", "{}", "[1e999, 99999]"],
)
def test_a_position_that_others_have_stored_is_no_error(url: str, tab: Page, position: str) -> None:
    tab.goto(url)
    name = tab.evaluate("document.querySelector('audio').src.split('/').pop()")
    stored = f'{{"other.mp3": {position}, "{name}": {position}}}'
    tab.evaluate("stored => localStorage.setItem('speak-positions', stored)", stored)
    tab.reload()

    expect(button(tab, "Continue at")).to_have_count(0)
    play(tab)
    go_to(tab, 12)
    tab.keyboard.press("k")
    tab.wait_for_function("() => localStorage.getItem('speak-positions').includes('[12')")
    assert list(json.loads(tab.evaluate("localStorage.getItem('speak-positions')"))) == [name]


# Links


@pytest.mark.parametrize("moment", ["1e999,-5", "-5", "NaN", "9" * 400, "1,2,3", "", "%00", "5," + "9" * 400])
def test_a_link_to_no_moment_is_no_error(url: str, open_tab: OpenTab, moment: str) -> None:
    tab = open_tab(autoplay=True)
    tab.goto(f"{url}/#long&t={moment}")
    expect(tab.locator("speak-player .speak-controls")).to_be_visible()
    assert 0 <= time(tab) <= float(tab.locator("speak-player").get_attribute("data-duration") or 0) + 1


@pytest.mark.parametrize(
    "next_page", ["http://[", "https://elsewhere.example/", "javascript:document.title='run'", "data:text/html,x"]
)
def test_a_next_page_that_is_none_of_the_site_is_not_gone_to(url: str, tab: Page, next_page: str) -> None:
    tab.goto(url)
    tab.evaluate("href => document.body.insertAdjacentHTML('afterbegin', `<a rel=next href=\"${href}\">`)", next_page)
    play(tab)
    button(tab.locator("speak-player"), "More").click()
    expect(tab.get_by_role("button", name="Copy link")).to_be_visible()


def test_a_link_to_a_passage_stops_at_its_end(url: str, open_tab: OpenTab) -> None:
    tab = open_tab(autoplay=True)
    tab.goto(f"{url}/#long&t=12,13.5")
    tab.wait_for_function("document.querySelector('audio').currentTime > 13")
    expect(button(tab, "Play: Long")).to_be_visible()
    assert 13.4 < time(tab) < 14.5

    play(tab)  # goes on from there
    tab.wait_for_function("document.querySelector('audio').currentTime > 15")


# Keys


def test_keys_play_skip_and_explain_themselves(url: str, tab: Page) -> None:
    tab.goto(url)
    tab.keyboard.press("k")
    assert is_paused(tab)  # nothing has been started yet
    play(tab)

    tab.keyboard.press("k")
    expect(button(tab, "Play: Long")).to_be_visible()
    before = time(tab)
    tab.keyboard.press("l")
    assert time(tab) == pytest.approx(before + 10, abs=0.1)
    tab.keyboard.press("j")
    assert time(tab) == pytest.approx(before, abs=0.1)
    tab.keyboard.press("i")
    assert time(tab) == pytest.approx(starts(tab)[1], abs=0.15)
    tab.keyboard.press("b")
    expect(button(tab.locator("speak-player"), "Play: ")).to_be_focused()

    tab.keyboard.press("?")
    shortcuts = tab.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_be_visible()
    shortcuts.get_by_role("checkbox").uncheck()
    tab.keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()
    tab.keyboard.press("l")
    assert time(tab) < 20


def test_no_key_is_taken_from_a_field_or_from_a_modifier(url: str, tab: Page) -> None:
    tab.goto(url)
    play(tab)
    field = tab.get_by_label("A field of the page")

    field.focus()
    tab.keyboard.type("jkl?")
    expect(field).to_have_value("jkl?")
    field.blur()
    for keys in ("Control+k", "Alt+k", "Shift+K", "Meta+k"):
        tab.keyboard.press(keys)

    assert not is_paused(tab)
    assert time(tab) < 10
    expect(tab.get_by_role("dialog", name="Keyboard shortcuts")).to_have_count(0)


# Chapters


def test_the_headings_of_a_page_are_its_chapters(url: str, tab: Page) -> None:
    tab.goto(f"{url}/third/")
    player = tab.locator("speak-player")

    button(player, "More").click()
    button(player, "Another part").click()

    tab.wait_for_function("document.querySelector('.speak-now')?.textContent === 'Another part'")
    button(player, "More").click()
    expect(player.locator("[aria-current=true]")).to_have_text(re.compile("^Another part"))


# Events


def test_others_get_to_know_what_is_heard(url: str, tab: Page) -> None:
    tab.goto(url)
    tab.evaluate("""
      told = [];
      for (const type of ["play", "pause", "progress", "ended"]) {
        document.addEventListener(`speak:${type}`, (event) => told.push([type, event.detail, event.target.localName]));
      }
    """)
    play(tab)
    duration = float(tab.locator("speak-player").get_attribute("data-duration") or "")
    go_to(tab, duration * 0.8)
    tab.keyboard.press("k")
    tab.wait_for_function("told.at(-1)[0] === 'pause'")
    tab.keyboard.press("k")
    tab.get_by_role("slider").press("End")
    tab.wait_for_function("told.at(-1)[0] === 'ended'")

    told: list[Any] = tab.evaluate("told")
    assert [kind for kind, *_ in told] == ["play", "progress", "pause", "play", "ended"]
    assert {where for *_, where in told} == {"speak-player"}
    details = told[1][1]
    assert details["percent"] == 75
    assert details["page"] == f"{url}/"
    assert details["title"] == "Long"
    assert details["clip"].endswith(".mp3")
    assert details["sentence"] == sum(start <= duration * 0.8 for start in starts(tab)) - 1
    assert details["duration"] == pytest.approx(duration, abs=0.1)


# The next page


def test_the_voice_goes_on_with_the_next_page_that_has_one(any_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(autoplay=True)
    tab.goto(any_url)
    tab.wait_for_load_state("networkidle")
    button(tab.locator("speak-player"), "More").press("Enter")  # what a mouse is over, Material looks up
    on = button(tab.locator("speak-player"), "Continue with the next page")
    expect(on).to_have_attribute("aria-pressed", "false")
    on.press("Enter")
    expect(on).to_have_attribute("aria-pressed", "true")
    tab.keyboard.press("Escape")
    play(tab)

    tab.get_by_role("slider").first.press("End")

    expect(tab).to_have_url(f"{any_url}/third/")
    tab.wait_for_function("document.querySelector('#speak-page audio')?.currentTime > 0.1")
    tab.reload()  # by itself, nothing starts
    expect(button(tab.locator("speak-player"), "Play: ")).to_be_visible()
    assert is_paused(tab)


# Networks


def test_a_clip_that_failed_goes_on_where_it_did(url: str, tab: Page, expect_trouble: Any) -> None:
    expect_trouble("console: Failed to load resource")
    tab.goto(url)
    button(tab, "Forward 10").click()
    tab.route("**/*.mp3", lambda route: route.fulfill(status=404))
    button(tab.locator("speak-player"), "Play: ").click()
    expect(tab.locator("speak-player").get_by_text("Check your connection")).to_be_visible()

    tab.unroute("**/*.mp3")
    play(tab)

    assert time(tab) >= 9.9
    expect(tab.locator("speak-player").get_by_text("Check your connection")).to_be_hidden()
