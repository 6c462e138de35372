"""The player's rarer states, in Chromium: for assistive technology, on a phone, by one key; and short sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.axe import OURS, violations
from tests.browser.sites import NARRATED, THEMES, ServedSite, published
from tests.support.web_server import Stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Host, OpenTab

LONG = "{pause=10}{pause=10}"
WORDS = f"""
# Words

:::speak title="Words" #words
Red. Green. Blue. Black. White.
:::

:::speak title="Long" #long
The first sentence of a clip that takes a while. {LONG} The second sentence comes after that.
:::

FILLER

<p id="end">The end of the page.</p>
""".replace("FILLER", "\n\n".join(f"Paragraph {number} of what nobody reads aloud." for number in range(40)))
PAGES = {"index.md": WORDS, "narrated.md": NARRATED.replace("TITLE", "Narrated")}
PHONE = {"width": 390, "height": 800}
SMALLEST = 44  # pixels, for a finger
SIZES = """(controls) => controls.filter((one) => one.checkVisibility()).map((one) => {
  const { width, height } = one.getBoundingClientRect();
  return [one.ariaLabel || one.textContent, Math.round(Math.min(width, height))];
})"""
NOTES_WHAT_IS_READ = """() => {
  window.read = [];
  const note = () => {
    const now = [...document.querySelectorAll(".speak-now")].map((one) => one.textContent).join("");
    if (now && window.read.at(-1) !== now) window.read.push(now);
  };
  new MutationObserver(note).observe(document.body, { subtree: true, attributeFilter: ["class"] });
}"""


@pytest.fixture(scope="module", params=THEMES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The site in each theme."""
    root = tmp_path_factory.mktemp("states")
    pages = {**PAGES, "js/darkmode.js": ""}
    config: dict[str, object] = {"site_name": "Handbook", "markdown_extensions": ["attr_list"]}
    with published(root, pages, theme=THEMES[request.param], config=config) as url:
        yield ServedSite(url, root / "site")


def button(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("button", name=re.compile(f"^{name}")).first


def player(tab: Page, name: str) -> Locator:
    return tab.locator(f"#{name} speak-player")


def play(tab: Page, name: str) -> None:
    button(player(tab, name), "Play: ").click()
    tab.wait_for_function("name => document.querySelector(`#${name} audio`).currentTime > 0.05", arg=name)


def test_what_loads_is_accessible(site: ServedSite, host: Host, open_tab: OpenTab) -> None:
    tab = open_tab(reduced_motion="reduce")
    server = host(site.directory, stall=Stall())
    tab.goto(server.url)
    button(player(tab, "long"), "Play: ").click()
    expect(player(tab, "long").locator(".speak-loading")).to_be_visible()
    expect(player(tab, "long")).to_have_attribute("aria-busy", "true")

    assert violations(tab, OURS) == {}


def test_an_offer_to_go_on_is_accessible(site: ServedSite, open_tab: OpenTab) -> None:
    tab = open_tab(reduced_motion="reduce")
    tab.goto(site.url)
    play(tab, "long")
    button(player(tab, "long"), "Forward 10").click()
    tab.reload()
    expect(button(player(tab, "long"), "Continue at 0:1")).to_be_visible()

    assert violations(tab, OURS) == {}


def test_chapters_and_keys_are_accessible(site: ServedSite, open_tab: OpenTab) -> None:
    tab = open_tab(reduced_motion="reduce", endless=True)
    tab.goto(f"{site.url}/narrated/")
    own = tab.locator("speak-player")
    button(own, "Play: ").click()
    button(own, "More").click()
    expect(button(own, "Another part")).to_be_visible()
    assert violations(tab, OURS) == {}

    tab.keyboard.press("Escape")
    tab.wait_for_function("!!document.querySelector('.speak-now')")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert violations(tab, {"include": [["dialog"]]}) == {}


def test_an_error_is_accessible(site: ServedSite, open_tab: OpenTab, expect_trouble: Callable[[str], None]) -> None:
    expect_trouble("console: Failed to load resource")
    tab = open_tab(reduced_motion="reduce")
    tab.route("**/*.mp3", lambda route: route.fulfill(status=404))
    tab.goto(site.url)
    button(player(tab, "long"), "Play: ").click()
    expect(player(tab, "long").locator(".speak-note")).to_be_visible()

    assert violations(tab, OURS) == {}


def test_one_key_reaches_the_bar(site: ServedSite, open_tab: OpenTab) -> None:
    tab = open_tab(endless=True)
    tab.goto(site.url)
    play(tab, "long")
    tab.locator("#end").evaluate("one => one.scrollIntoView()")
    expect(tab.locator(".speak-bar")).to_be_visible()

    tab.keyboard.press("b")

    expect(button(tab.locator(".speak-bar"), "Pause")).to_be_focused()


def test_what_a_finger_has_to_hit_is_large_enough(site: ServedSite, open_tab: OpenTab) -> None:
    tab = open_tab(endless=True, viewport=PHONE, has_touch=True)
    tab.goto(site.url)
    play(tab, "long")
    sizes = tab.locator("#long speak-player :is(button, input)").evaluate_all(SIZES)
    button(player(tab, "long"), "More").click()
    sizes += tab.locator("#long .speak-item").evaluate_all(SIZES)
    tab.keyboard.press("Escape")
    tab.locator("#end").evaluate("one => one.scrollIntoView()")
    expect(tab.locator(".speak-bar")).to_be_visible()
    sizes += tab.locator(".speak-bar :is(button, input)").evaluate_all(SIZES)

    assert len(sizes) > 15
    assert [(name, size) for name, size in sizes if size < SMALLEST] == []


def test_short_sentences_are_highlighted_one_by_one(site: ServedSite, open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.goto(site.url)
    expect(button(player(tab, "words"), "Play: ")).to_be_visible()
    tab.evaluate(NOTES_WHAT_IS_READ)

    button(player(tab, "words"), "Play: ").click()
    tab.wait_for_function("document.querySelector('#words audio').ended")

    assert tab.evaluate("window.read") == ["Red.", "Green.", "Blue.", "Black.", "White."]
