"""The player in every theme, in light and dark, wide and narrow: accessible, within the page, and to be looked at."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.axe import OURS, violations
from tests.browser.sites import THEMES, published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import OpenTab, Screenshot

PAGE = """
# A spoken page

Words before the first player.

:::speak title="An overview of all that there is to know" #first
The *first* sentence has `code` in it, and a [link](#second). The second one is **quite plain**.

- A third sentence stands in a list.
:::

!!! note "To be noted"

    :::speak #second
    This is said in an admonition. It has a second sentence as well.
    :::

1. An item of a list.

    :::speak #third text=collapse
    Words that are folded away until somebody wants them.
    :::

:::speak #fourth text=hide
Words for those who cannot see the page, or search it.
:::

FILLER

<p id="end">The end of the page.</p>
""".replace("FILLER", "\n\n".join(f"Paragraph {number} of what nobody reads aloud." for number in range(40)))
PAGES = {
    "index.md": PAGE,
    "js/darkmode.js": "",  # in the place of that of the theme mkdocs, which fails without highlight.js
}
FAINT = {"exclude": [[".speak-text a"], [".speak-text code"]]}
WIDTHS = (1280, 320)


class Look(NamedTuple):
    """A theme in one of its guises."""

    theme: Mapping[str, object]
    scheme: str = "light"
    is_right_to_left: bool = False
    has_faint_text: bool = False  # links and code without enough contrast, marked or not

    @property
    def name(self) -> str:
        return f"{self.theme['name']}-{'rtl-' * self.is_right_to_left}{self.scheme}"


LOOKS = (
    Look(THEMES["mkdocs"], has_faint_text=True),
    Look({**THEMES["mkdocs"], "color_mode": "dark"}, "dark"),
    Look(THEMES["readthedocs"], has_faint_text=True),
    Look({**THEMES["material"], "palette": {"scheme": "default"}}),
    Look({**THEMES["material"], "palette": {"scheme": "slate"}}, "dark"),
    Look({**THEMES["material"], "language": "ar"}, is_right_to_left=True),
)


class Urls(NamedTuple):
    """A page with players, and the same with the plugin turned off."""

    spoken: str
    plain: str


@pytest.fixture(scope="module")
def publish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Look], Urls]]:
    """Builds a page in one look, once."""
    known: dict[str, Urls] = {}
    with ExitStack() as sites:

        def build(look: Look, **options: object) -> str:
            root = tmp_path_factory.mktemp("site")
            config = {"markdown_extensions": ["admonition", "attr_list"]}
            return sites.enter_context(
                published(root, PAGES, theme=look.theme, config=config, language="auto", **options)
            )

        def publish(look: Look) -> Urls:
            if look.name not in known:
                known[look.name] = Urls(build(look), build(look, enabled=False))
            return known[look.name]

        yield publish


@pytest.fixture
def open_look(open_tab: OpenTab) -> Callable[[Look, int], Page]:
    """Opens a tab whose reader prefers this look, and no motion: what fades is not to be judged on its way."""

    def open_look(look: Look, width: int) -> Page:
        viewport = {"width": width, "height": 700}
        return open_tab(endless=True, viewport=viewport, color_scheme=look.scheme, reduced_motion="reduce")

    return open_look


def button(place: Locator, icon: str) -> Locator:
    return place.locator(f"[data-icon={icon}]")


def player(tab: Page, name: str) -> Locator:
    return tab.locator(f"#{name} speak-player")


def start(tab: Page, name: str) -> None:
    button(player(tab, name), "play").click()
    expect(tab.locator(f"#{name} .speak-now")).not_to_have_count(0)
    expect(player(tab, name)).to_be_in_viewport()
    expect(tab.locator(".speak-bar")).to_be_hidden()


def show_bar(tab: Page) -> Locator:
    """Scroll on to where no player is."""
    tab.evaluate("document.getElementById('end').scrollIntoView()")
    bar = tab.locator(".speak-bar")
    expect(bar).to_be_visible()
    return bar


looks = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
widths = pytest.mark.parametrize("width", WIDTHS)


@looks
@widths
def test_every_state_is_accessible(
    publish: Callable[[Look], Urls],
    open_look: Callable[[Look, int], Page],
    screenshot: Screenshot,
    expect_trouble: Callable[[str], None],
    *,
    look: Look,
    width: int,
) -> None:
    expect_trouble("console: Failed to load resource.*404")  # the last state
    found: dict[str, Any] = {}
    tab = open_look(look, width)

    def judge(state: str) -> None:
        screenshot(tab, f"{look.name}-{width}-{state}")
        context = {**OURS, **FAINT} if look.has_faint_text else OURS
        found.update({state: rules} if (rules := violations(tab, context)) else {})

    tab.goto(publish(look).spoken)
    expect(button(player(tab, "first"), "play")).to_be_visible()
    judge("idle")
    for name in ("first", "second"):
        start(tab, name)
        judge(f"playing-{name}")
    tab.locator("#third summary").click()
    start(tab, "third")
    judge("unfolded")
    button(player(tab, "first"), "more").click()
    judge("menu")
    tab.keyboard.press("Escape")
    show_bar(tab)
    judge("bar")
    button(tab.locator(".speak-bar"), "close").click()
    tab.route("**/*.mp3", lambda route: route.fulfill(status=404))
    button(player(tab, "fourth"), "play").click()
    expect(player(tab, "fourth").locator(".speak-note")).to_be_visible()
    judge("failed")

    assert found == {}


@looks
def test_the_page_has_no_fault_that_it_has_not_without_us(
    publish: Callable[[Look], Urls], open_look: Callable[[Look, int], Page], look: Look
) -> None:
    tab = open_look(look, WIDTHS[0])
    tab.goto(publish(look).plain)
    before = violations(tab)
    tab.goto(publish(look).spoken)
    start(tab, "first")
    show_bar(tab)

    new = {rule: where for rule, where in violations(tab).items() if rule not in before}

    assert new == {}


@looks
@widths
def test_nothing_sticks_out(
    publish: Callable[[Look], Urls], open_look: Callable[[Look, int], Page], look: Look, width: int
) -> None:
    tab = open_look(look, width)
    tab.goto(publish(look).spoken)
    start(tab, "first")
    button(player(tab, "first"), "more").click()
    misfits = """
      (all) => {
        const isOut = ({ left, right, bottom }) => left < 0 || right > innerWidth || bottom > innerHeight;
        const least = innerWidth < 480 ? 44 : 24;
        const isSmall = ({ width, height }) => width < least || height < least;
        return all.filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()])
          .filter(([_, box]) => isOut(box) || isSmall(box)).map(([one, box]) => [one.outerHTML, box.toJSON()]);
      }
    """
    controls = ".speak-button, .speak-position, .speak-elapsed, .speak-speed, .speak-item, .speak-heading"

    assert tab.locator("#first").locator(controls).evaluate_all(misfits) == []
    tab.keyboard.press("Escape")
    bar = show_bar(tab)
    assert bar.locator(controls).evaluate_all(misfits) == []
    assert bar.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@looks
@widths
def test_the_bar_leaves_the_end_of_the_page_to_be_seen(
    publish: Callable[[Look], Urls], open_look: Callable[[Look, int], Page], look: Look, width: int
) -> None:
    tab = open_look(look, width)
    tab.goto(publish(look).spoken)
    start(tab, "first")
    bar = show_bar(tab)

    tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")

    bottom = "one => one.getBoundingClientRect().bottom"
    assert tab.locator("#end").evaluate(bottom) <= bar.evaluate("one => one.getBoundingClientRect().top")
    for link in tab.locator("footer a:visible").all():
        assert link.evaluate(bottom) <= bar.evaluate("one => one.getBoundingClientRect().top")


@looks
def test_the_focus_is_seen_on_every_control(
    publish: Callable[[Look], Urls], open_look: Callable[[Look, int], Page], look: Look
) -> None:
    tab = open_look(look, WIDTHS[0])
    tab.goto(publish(look).spoken)
    start(tab, "first")
    button(player(tab, "first"), "more").click()
    outline = """
      () => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
              return [document.activeElement.className, outlineStyle, outlineWidth]; }
    """

    button(player(tab, "first"), "back").focus()
    for _ in range(8):
        tab.keyboard.press("Tab")
        focused = tab.evaluate(outline)
        assert focused[0].startswith("speak-")
        assert focused[1:] == ["solid", "2px"], focused
    tab.keyboard.press("Escape")
    bar = show_bar(tab)
    bar.locator("a").focus()
    for _ in range(9):
        focused = tab.evaluate(outline)
        assert focused[1:] == ["solid", "2px"], focused
        tab.keyboard.press("Tab")


def contrast(colours: list[list[int]]) -> float:
    """Between two colors, as WCAG 2 has it."""
    lights = []
    for colour in colours:
        parts = [part / 255 for part in colour[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        lights.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(lights) + 0.05) / (min(lights) + 0.05)


COLOURS = """
  (place) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const numbers = (...layers) => {  // one color above the other
      for (const layer of ["white", ...layers]) {
        canvas.fillStyle = layer;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const grounds = [];
    for (let each = place; each; each = each.parentElement) grounds.unshift(getComputedStyle(each).backgroundColor);
    const play = getComputedStyle(place.querySelector(".speak-play"));
    const probe = document.createElement("i");
    place.append(probe);
    probe.style.color = "var(--_line)";
    const line = getComputedStyle(probe).color;
    probe.remove();
    const [ground, fill, icon] = [numbers(...grounds), numbers(play.backgroundColor), numbers(play.color)];
    return { ground, line: numbers(line), play: fill, icon };
  }
"""


@looks
def test_controls_have_colours_that_are_seen(
    publish: Callable[[Look], Urls], open_look: Callable[[Look, int], Page], look: Look
) -> None:
    tab = open_look(look, WIDTHS[0])
    tab.goto(publish(look).spoken)
    start(tab, "first")
    tab.mouse.move(0, 0)

    for place in (player(tab, "first"), show_bar(tab)):
        own = place.evaluate("one => getComputedStyle(one).color")
        for control in place.locator(".speak-button:not(.speak-play), .speak-speed, .speak-elapsed").all():
            expect(control).to_have_css("color", own)
        found = place.evaluate(COLOURS)
        assert contrast([found["line"], found["ground"]]) > 3
        assert contrast([found["icon"], found["play"]]) > 3


ACCENTS = (
    "red pink purple deep-purple indigo blue light-blue cyan teal green light-green lime yellow amber orange "
    "deep-orange"
).split()


@pytest.mark.parametrize("look", [look for look in LOOKS if look.name in {"material-light", "material-dark"}])
def test_the_player_follows_every_accent_and_is_seen_in_it(
    publish: Callable[[Look], Urls], open_look: Callable[[Look, int], Page], look: Look
) -> None:
    tab = open_look(look, WIDTHS[0])
    tab.goto(publish(look).spoken)
    place = player(tab, "first")
    expect(place.locator(".speak-play")).to_be_visible()
    seen = set()

    for accent in ACCENTS:
        tab.evaluate("accent => document.body.setAttribute('data-md-color-accent', accent)", accent)
        found = place.evaluate(COLOURS)
        seen.add(tuple(found["play"]))
        assert contrast([found["line"], found["ground"]]) > 3, accent
        assert contrast([found["icon"], found["play"]]) > 3, accent

    assert len(seen) == len(ACCENTS)
