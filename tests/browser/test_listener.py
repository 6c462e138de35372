"""What a listener does with the player, in Chromium: sites built for real, sound that is really played."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from mkdocs_lightning.player.site_assets import ASSETS, asset
from tests.browser.conftest import LET_END
from tests.browser.parts import choose_speed, expect_speed
from tests.browser.sites import THEMES, published

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page, Route

    from tests.browser.conftest import OpenTab, Serve
    from tests.support.sites import Site

WIDE = {"width": 1280, "height": 700}
NARROW = {"width": 320, "height": 640}
LOW = {"width": 1280, "height": 400}

FILLER = "\n\n".join(f"Paragraph {number} of what nobody reads aloud." for number in range(40))
CODE = "\n".join(["```", *["code"] * 24, "```"])
OVERVIEW = (
    "The first sentence has a link to elsewhere in it.",
    "The second has code in it and goes over two lines of text.",
    "The third one ends the paragraph, and leads below.",
    "The fourth sentence begins another paragraph.",
)
INDEX = f"""
# Guide

Some [words](second.md) before.

:::speak title="Overview" #overview
The *first* sentence has a [link to elsewhere](second.md) in it. The second has `code in it`
and goes<br>over two lines of text. **The third one** ends the paragraph, and leads [below](#details).

The fourth sentence begins another paragraph.
:::

{FILLER}

:::speak title="Details" #details
What is told in detail, for those who have come down here. There is a second sentence to it.
:::
"""
READ = f"""
# To read along

:::speak title="Long" #long
The first sentence stands at the top, beside its player.

{CODE}

The second sentence comes after some code, out of view.

{CODE}

The third sentence comes even further down than that.

{CODE}

The fourth sentence is the last one of this long text.
:::
"""
TITLES = ("First part", "Second part", "Third part")
PARTS = [f':::speak title="{title}" speed=2\nThis is what the {title} says.\n:::\n' for title in TITLES]
SHORT = "\n".join(PARTS)
NESTED = f"""
# Nested

::::speak title="First part" speed=2
This is what the first part says.

:::speak title="Within the first part" speed=2
This is heard with the first part.
:::
::::

{PARTS[1]}
{PARTS[2]}
"""
NARRATED = f"---\nlightning: {{narrate: true}}\n---\n# A page that is heard as a whole\n\nWords of its own.\n\n{SHORT}"
MODES = """
# Modes

:::speak #folded text=collapse
Words that are folded away until somebody wants them.
:::

:::speak #unseen text=hide
Words that are there for those who cannot see the page.
:::

:::speak #foreign language=ar
هذه جملة أولى باللغة العربية، وهي طويلة بما يكفي.
:::

:::speak #naïve
A block whose name is not written in ASCII alone.
:::
"""
PAGES = {
    "index.md": INDEX,
    "second.md": "# Second\n\nNothing is heard here. Back to [the guide](index.md).\n",
    "read.md": READ,
    "short.md": f"# Short\n\n{SHORT}",
    "narrated.md": NARRATED,
    "nested.md": NESTED,
    "modes.md": MODES,
}


@pytest.fixture(scope="module")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site of most tests."""
    root = tmp_path_factory.mktemp("site")
    with published(root, PAGES, theme=THEMES["mkdocs"], config={"site_name": "Handbook"}) as url:
        yield url


@pytest.fixture(scope="module")
def instant_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with Material, whose instant navigation shows another page without loading it anew."""
    theme = {**THEMES["material"], "features": ["navigation.instant"]}
    pages = {**PAGES, "index.md": f"{INDEX}\n[One of the short ones](short.md#third&t=0.2)\n"}
    pages["short.md"] = pages["short.md"].replace('Third part"', 'Third part" #third')
    with published(tmp_path_factory.mktemp("site"), pages, theme=theme, config={"site_name": "Handbook"}) as url:
        yield url


@pytest.fixture
def tab(endless_tab: Page) -> Page:
    """A tab where what plays still plays when a test gets to look."""
    return endless_tab


def block(tab: Page, name: str) -> Locator:
    """A block's player, by the block's id."""
    return tab.locator(f"#{name} speak-player")


def button(place: Locator, name: str) -> Locator:
    """A button by what it does; it may name its clip, too."""
    return place.get_by_role("button", name=re.compile(f"^{re.escape(name)}(: |, |$)"))


def bar(tab: Page) -> Locator:
    return tab.get_by_role("region", name="Audio player")


def start(tab: Page, name: str) -> None:
    """Press play, and wait until there is sound."""
    come_to(tab, name)
    button(block(tab, name), "Play").click()
    tab.wait_for_function("name => document.querySelector(`#${name} audio`).currentTime > 0.05", arg=name)


def come_to(tab: Page, name: str) -> None:
    """Bring a player near, so that it has its controls."""
    block(tab, name).scroll_into_view_if_needed()
    expect(button(block(tab, name), "More")).to_be_visible()


def pause(tab: Page, name: str) -> None:
    button(block(tab, name), "Pause").click()
    expect(button(block(tab, name), "Play")).to_be_visible()


def let_end(tab: Page, name: str) -> None:
    """Let a block that plays come to its end, after all."""
    tab.evaluate(f"name => ({LET_END})(document.querySelector(`#${{name}} audio`))", name)


NOTE_SEEKS = """
  window.sought = [];
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  Object.defineProperty(HTMLMediaElement.prototype, "currentTime", {
    get,
    set(time) {
      sought.push(time);
      set.call(this, time);
    },
  });
"""
"""Notes where the sound is sent: where it is then depends on when one looks."""


def position(tab: Page, name: str) -> float:
    """Where a block is, in seconds."""
    return float(tab.evaluate("name => document.querySelector(`#${name} audio`).currentTime", name))


def starts(tab: Page, name: str) -> list[float]:
    """When each sentence of a block begins, in seconds."""
    return [float(start) for start in (block(tab, name).get_attribute("data-starts") or "").split()]


def playing(tab: Page) -> list[str]:
    """The ids of the blocks that are heard now; the empty one stands for a block that is not on this page."""
    script = (
        "[...document.querySelectorAll('audio')].filter(one => !one.paused).map(one => one.closest('[id]')?.id ?? '')"
    )
    return list(tab.evaluate(script))


def wait_for_sentence(tab: Page, name: str, number: int) -> None:
    """Wait until all of a sentence is marked, and nothing else."""
    tab.wait_for_function(
        """cue => {
          const [marked, all] = [".speak-now", `[data-cue="${cue}"]`].map(one => [...document.querySelectorAll(one)]);
          return all.length > 0 && marked.length === all.length && all.every(one => marked.includes(one));
        }""",
        arg=f"{name} {number}",
    )


def sentence(tab: Page, name: str, number: int) -> Locator:
    """The last piece of a sentence, which has no link in it."""
    return tab.locator(f'[data-cue="{name} {number}"]').last


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def wait_for_frames(tab: Page) -> None:
    """Let the browser draw the page twice: what was to happen has happened."""
    tab.evaluate("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")


# The player in the page


def test_the_browser_s_controls_give_way_to_ours(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    player = tab.get_by_role("group", name="Listen: Overview")

    for name in ("Play", "Back 10 seconds", "Forward 10 seconds", "More"):
        expect(button(player, name)).to_be_visible()
    expect(player.get_by_role("slider", name="Position")).to_be_visible()
    expect_speed(player, 1)
    expect(player.locator(".speak-elapsed")).to_have_text(re.compile(r"^0:00 / "))
    expect(player.locator("audio")).to_be_hidden()
    expect(bar(tab)).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("page", ["", "modes/"])
def test_nothing_moves_when_the_controls_are_exchanged(
    site_url: str, open_tab: OpenTab, page: str, viewport: dict[str, int]
) -> None:
    tab = open_tab(viewport=viewport)
    held: list[Route] = []
    tab.route("**/player.js", lambda route: held.append(route))  # noqa: PLW0108 - it cannot be a method of C's
    with tab.expect_request("**/player.js"):
        tab.goto(f"{site_url}/{page}", wait_until="commit")
    tab.wait_for_function("performance.getEntriesByType('paint').length && document.readyState === 'interactive'")
    tab.wait_for_function("document.fonts.status === 'loaded'")
    boxes = (
        "[...document.querySelectorAll('.speak-player, .speak-text')].map(one => one.getBoundingClientRect().toJSON())"
    )
    before = tab.evaluate(boxes)
    tab.evaluate("""
      shifts = [];  // the theme's own, as when its font comes, are not our business
      const isOurs = ({ node }) => (node?.closest ? node : node?.parentElement)?.closest(".speak");
      const note = (list) => shifts.push(...list.getEntries().filter((one) => one.sources.some(isOurs)));
      new PerformanceObserver(note).observe({ type: "layout-shift" });
    """)

    held[0].continue_()
    expect(button(tab.locator("speak-player").first, "Play")).to_be_visible()
    wait_for_frames(tab)

    assert len(before) > 2
    assert tab.evaluate(boxes) == before
    assert tab.evaluate("shifts") == []


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_player_is_as_high_without_javascript(site_url: str, open_tab: OpenTab, viewport: dict[str, int]) -> None:
    with_script = open_tab(viewport=viewport)
    without = open_tab(viewport=viewport, java_script_enabled=False)
    for tab in (with_script, without):
        tab.goto(site_url)

    expect(button(block(with_script, "overview"), "Play")).to_be_visible()
    expect(without.locator("#overview audio")).to_be_visible()
    assert block(with_script, "overview").bounding_box() == block(without, "overview").bounding_box()


def test_play_and_pause_with_the_mouse(site_url: str, tab: Page) -> None:
    tab.goto(site_url)

    start(tab, "overview")
    expect(button(block(tab, "overview"), "Pause")).to_be_visible()
    assert playing(tab) == ["overview"]

    pause(tab, "overview")
    assert playing(tab) == []


def test_ten_seconds_forward_and_back(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    player = block(tab, "overview")

    button(player, "Forward 10 seconds").click()
    expect(player.locator(".speak-elapsed")).to_have_text(re.compile(r"^0:10 / "))
    button(player, "Back 10 seconds").click()
    expect(player.locator(".speak-elapsed")).to_have_text(re.compile(r"^0:00 / "))
    button(player, "Back 10 seconds").click()
    expect(player.locator(".speak-elapsed")).to_have_text(re.compile(r"^0:00 / "))


def test_the_keys_of_the_slider(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    slider = block(tab, "overview").get_by_role("slider")
    begins = starts(tab, "overview")
    duration = float(block(tab, "overview").get_attribute("data-duration") or "")
    slider.focus()
    slider.press("Space")
    tab.wait_for_function("document.querySelector('#overview audio').currentTime > 0.05")
    slider.press("Space")
    expect(button(block(tab, "overview"), "Play")).to_be_visible()
    slider.press("Home")

    for key, expected in (
        ("ArrowRight", 5),
        ("ArrowUp", 10),
        ("ArrowLeft", 5),
        ("ArrowDown", 0),
        ("ArrowDown", 0),
        ("PageUp", begins[1]),
        ("PageUp", begins[2]),
        ("PageDown", begins[1]),
        ("End", duration),
        ("Home", 0),
        ("PageDown", 0),
    ):
        slider.press(key)
        assert expected - 0.15 <= position(tab, "overview") <= expected + 0.05, key  # a sentence has a run-up
        said = tuple(f"0:{int(expected + shift):02} / " for shift in (-0.15, 0.05))
        assert (slider.get_attribute("aria-valuetext") or "").startswith(said), key
    expect(slider).to_be_focused()


def test_the_slider_seeks_with_the_mouse(site_url: str, tab: Page) -> None:
    tab.add_init_script(NOTE_SEEKS)
    tab.goto(site_url)
    start(tab, "overview")
    slider = block(tab, "overview").get_by_role("slider")
    box = slider.bounding_box()
    assert box is not None

    slider.click(position={"x": box["width"] * 0.75, "y": box["height"] / 2})

    duration = float(block(tab, "overview").get_attribute("data-duration") or "")
    assert tab.evaluate("sought.at(-1)") == pytest.approx(0.75 * duration, rel=0.07)
    tab.wait_for_function("document.querySelector('#overview audio').currentTime > sought.at(-1)")


def test_tab_goes_through_the_player_and_out_again(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    tab.get_by_role("link", name="words", exact=True).focus()
    focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    inside = ["Play: Overview", "Position, Overview", "Show time left, Overview", "Back 10 seconds, Overview"]
    inside += ["Forward 10 seconds, Overview", "Speed: 1\N{MULTIPLICATION SIGN}, Overview", "More, Overview"]
    sign = "Play from here"  # before the paragraph's text, once its link has had the focus

    forth = []
    for _ in range(8):
        tab.keyboard.press("Tab")
        forth.append(tab.evaluate(focused))
        assert tab.evaluate(outline) != "none", forth[-1]
    back = []
    for _ in range(9):
        tab.keyboard.press("Shift+Tab")
        back.append(tab.evaluate(focused))

    assert forth == [*inside, "link to elsewhere"]
    assert back == [sign, *reversed(inside), "words"]


def test_the_menu_by_keyboard(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    player = block(tab, "overview")
    more = button(player, "More")
    more.focus()

    tab.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    tab.keyboard.press("Tab")
    expect(button(player, "Play the page")).to_be_focused()
    tab.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(button(player, "Play the page")).to_be_hidden()

    tab.keyboard.press("Enter")
    for _ in range(9):  # play the page, next, repeat, next page, copy, download, keys, volume, and out of it
        tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="link to elsewhere")).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")

    more.click()
    tab.get_by_role("heading", name="Guide").click()
    expect(more).to_have_attribute("aria-expanded", "false")


def test_one_sound_at_a_time(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    start(tab, "overview")
    wait_for_sentence(tab, "overview", 0)

    start(tab, "details")

    assert playing(tab) == ["details"]
    wait_for_sentence(tab, "details", 0)
    expect(button(block(tab, "overview"), "Play")).to_be_attached()
    expect(tab.locator("#overview .speak-reachable")).to_have_count(0)


def test_sound_of_the_page_s_own_gives_way_too(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    tab.evaluate("""
      const own = document.createElement("audio");
      own.src = document.querySelector("#details audio").src;
      document.body.append(own);
      own.play();
    """)
    assert playing(tab) == [""]

    start(tab, "overview")

    assert playing(tab) == ["overview"]


def test_the_speed_holds_for_every_player_and_the_next_visit(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    choose_speed(block(tab, "overview"), 1.5)
    come_to(tab, "details")
    expect_speed(block(tab, "details"), 1.5)
    start(tab, "overview")
    assert tab.evaluate("document.querySelector('#overview audio').playbackRate") == 1.5

    tab.goto(f"{site_url}/read/")
    expect_speed(block(tab, "long"), 1.5)
    start(tab, "long")
    assert tab.evaluate("document.querySelector('#long audio').playbackRate") == 1.5
    choose_speed(block(tab, "long"), 2)
    assert tab.evaluate("document.querySelector('#long audio').playbackRate") == 2


def test_a_clip_that_cannot_be_loaded_is_told(site_url: str, tab: Page, expect_trouble: Any) -> None:
    expect_trouble("console: Failed to load resource.*404")
    tab.route("**/*.mp3", lambda route: route.fulfill(status=404))
    tab.goto(site_url)

    button(block(tab, "overview"), "Play").click()

    expect(block(tab, "overview").get_by_text("This audio cannot be played")).to_be_visible()
    expect(tab.get_by_role("status")).to_contain_text("Check your connection, then press play to try again")
    expect(bar(tab)).to_be_hidden()
    expect(button(block(tab, "overview"), "Play")).to_be_visible()

    tab.unroute("**/*.mp3")  # the network is back
    start(tab, "overview")
    expect(block(tab, "overview").get_by_text("This audio cannot be played")).to_be_hidden()


# Reading along


def test_each_sentence_is_marked_whole_whatever_stands_in_it(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    start(tab, "overview")
    pause(tab, "overview")
    block(tab, "overview").get_by_role("slider").press("Home")

    for number, text in enumerate(OVERVIEW):
        wait_for_sentence(tab, "overview", number)
        marked = "".join(tab.locator(".speak-now").all_text_contents())
        assert letters(marked) == letters(text)
        block(tab, "overview").get_by_role("slider").press("PageUp")


def test_the_mark_goes_on_with_the_voice_and_away_with_it(site_url: str, tab: Page) -> None:
    tab.goto(f"{site_url}/")
    come_to(tab, "details")
    choose_speed(block(tab, "details"), 2)

    start(tab, "details")
    for number in range(2):
        wait_for_sentence(tab, "details", number)
    let_end(tab, "details")
    tab.wait_for_function("document.querySelector('#details audio').ended")

    expect(tab.locator(".speak-now")).to_have_count(0)
    expect(tab.locator(".speak-reachable")).to_have_count(0)
    expect(button(block(tab, "details"), "Play")).to_be_visible()


def test_a_click_on_a_sentence_goes_there_while_it_plays(site_url: str, tab: Page) -> None:
    tab.add_init_script(NOTE_SEEKS)
    tab.goto(site_url)
    start(tab, "overview")

    for number in (3, 1):
        sentence(tab, "overview", number).click()
        wait_for_sentence(tab, "overview", number)
        begins = starts(tab, "overview")
        assert begins[number] - 0.15 <= tab.evaluate("sought.at(-1)") <= begins[number]
        tab.wait_for_function("document.querySelector('#overview audio').currentTime > sought.at(-1)")
    assert playing(tab) == ["overview"]


def test_a_click_does_nothing_while_nothing_plays(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    sentence(tab, "overview", 3).click()
    assert position(tab, "overview") == 0
    assert playing(tab) == []

    start(tab, "overview")
    pause(tab, "overview")
    before = position(tab, "overview")
    sentence(tab, "overview", 3).click()
    assert position(tab, "overview") == before
    assert playing(tab) == []


def test_alt_and_a_click_play_from_there_at_any_time(site_url: str, tab: Page) -> None:
    tab.goto(site_url)

    sentence(tab, "overview", 3).click(modifiers=["Alt"])
    wait_for_sentence(tab, "overview", 3)
    assert playing(tab) == ["overview"]

    sentence(tab, "details", 1).click(modifiers=["Alt"])
    wait_for_sentence(tab, "details", 1)
    assert playing(tab) == ["details"]


def test_a_link_in_a_sentence_is_a_link(site_url: str, tab: Page) -> None:
    tab.add_init_script(NOTE_SEEKS)
    tab.goto(site_url)
    start(tab, "overview")

    tab.get_by_role("link", name="below").click()  # in the third sentence
    expect(tab).to_have_url(f"{site_url}/#details")
    assert tab.evaluate("sought") == []

    tab.get_by_role("link", name="link to elsewhere").click()
    expect(tab).to_have_url(f"{site_url}/second/")


def test_selecting_text_does_not_seek(site_url: str, tab: Page) -> None:
    tab.add_init_script(NOTE_SEEKS)
    tab.goto(site_url)
    start(tab, "overview")
    box = sentence(tab, "overview", 3).bounding_box()
    assert box is not None

    tab.mouse.move(box["x"] + 4, box["y"] + 8)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 120, box["y"] + 8, steps=4)
    tab.mouse.up()

    assert tab.evaluate("getSelection().toString()").startswith("The fourth")
    assert tab.evaluate("sought") == []


@pytest.fixture
def scrolls(site_url: str, open_tab: OpenTab) -> Any:
    """Opens the long text, where each sentence is out of view of the others, and records what scrolls it.

    It has begun and is paused, as the voice would not wait in its first sentence until a test goes on.
    """

    def scrolls(**context_options: Any) -> Page:
        tab = open_tab(viewport=LOW, **context_options)
        tab.add_init_script("""
          addEventListener("playing", ({ target }) => target.pause(), true);
          window.scrolls = [];
          const { scrollIntoView } = Element.prototype;
          Element.prototype.scrollIntoView = function (options) {
            if (this.closest("[data-cue]")) scrolls.push(options.behavior);
            scrollIntoView.call(this, options);
          };
        """)
        tab.goto(f"{site_url}/read/")
        button(block(tab, "long"), "Play").click()
        wait_for_sentence(tab, "long", 0)
        expect(button(block(tab, "long"), "Play")).to_be_visible()
        return tab

    return scrolls


def say_sentence(tab: Page, name: str, number: int) -> None:
    """Let the voice come to a sentence of a paused block, as if it had gone on by itself."""
    time = starts(tab, name)[number] + 0.05
    tab.evaluate("([name, time]) => { document.querySelector(`#${name} audio`).currentTime = time }", [name, time])
    wait_for_sentence(tab, name, number)


def test_the_page_follows_the_voice(scrolls: Any) -> None:
    tab = scrolls()

    block(tab, "long").get_by_role("slider").press("PageUp")

    wait_for_sentence(tab, "long", 1)
    expect(sentence(tab, "long", 1)).to_be_in_viewport(ratio=1)
    assert set(tab.evaluate("scrolls")) == {"smooth"}


def test_who_scrolled_away_is_left_alone(scrolls: Any) -> None:
    tab = scrolls()
    tab.mouse.move(600, 200)
    tab.mouse.wheel(0, 5000)
    expect(sentence(tab, "long", 3)).to_be_in_viewport()

    say_sentence(tab, "long", 1)
    wait_for_frames(tab)
    assert tab.evaluate("scrolls") == []

    button(bar(tab), "Back to the voice").click()
    expect(sentence(tab, "long", 1)).to_be_in_viewport(ratio=1)
    say_sentence(tab, "long", 2)
    expect(sentence(tab, "long", 2)).to_be_in_viewport(ratio=1)
    expect(button(bar(tab), "Back to the voice")).to_be_hidden()


def test_who_wants_less_motion_is_taken_there_at_once(scrolls: Any) -> None:
    tab = scrolls(reduced_motion="reduce")

    block(tab, "long").get_by_role("slider").press("PageUp")

    expect(sentence(tab, "long", 1)).to_be_in_viewport(ratio=1)
    assert set(tab.evaluate("scrolls")) == {"instant"}


# Links to a moment, and the file itself


def test_a_copied_link_opens_at_its_moment(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.goto(f"{site_url}/#details")
    player = block(tab, "details")
    player.get_by_role("slider").focus()
    player.get_by_role("slider").press("PageUp")
    begins = starts(tab, "details")[1]

    button(player, "More").click()
    button(player, "Copy link to this moment").click()

    expect(button(player, "Link copied")).to_be_visible()
    expect(tab.get_by_role("status")).to_have_text("Link copied")
    link = tab.evaluate("navigator.clipboard.readText()")
    address, _, time = link.partition("&t=")
    assert address == f"{site_url}/#details"
    assert begins - 0.2 < float(time) <= begins

    other = open_tab(autoplay=True, endless=True, viewport=WIDE)
    other.add_init_script(NOTE_SEEKS)
    other.goto(link)
    other.wait_for_function(
        "then => document.querySelector('#details audio').currentTime > then", arg=float(time) + 0.05
    )
    expect(block(other, "details")).to_be_in_viewport()
    assert other.evaluate("sought") == [pytest.approx(float(time))]
    assert playing(other) == ["details"]


def test_a_link_that_cannot_be_copied_is_offered_selected(site_url: str, tab: Page) -> None:
    tab.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })")
    tab.goto(site_url)
    player = block(tab, "overview")
    button(player, "Forward 10 seconds").click()

    button(player, "More").click()
    button(player, "Copy link to this moment").click()

    field = player.get_by_role("textbox", name="Copy this link")
    expect(field).to_be_focused()
    assert tab.evaluate("getSelection().toString()") == f"{site_url}/#overview&t=10"
    expect(button(player, "Link copied")).to_have_count(0)


def test_a_link_to_a_moment_stands_ready_where_sound_needs_a_click(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(endless=True, viewport=WIDE)
    tab.goto(f"{site_url}/#details&t=2.5")

    player = block(tab, "details")
    expect(button(player, "Play")).to_be_focused()
    expect(player).to_be_in_viewport()
    expect(player.locator(".speak-elapsed")).to_have_text(re.compile(r"^0:02 / "))
    assert playing(tab) == []

    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelector('#details audio').currentTime > 2.55")


def test_a_link_to_a_moment_of_the_same_page(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(autoplay=True, endless=True, viewport=WIDE)
    tab.goto(site_url)
    expect(button(block(tab, "overview"), "Play")).to_be_attached()

    tab.goto(f"{site_url}/#details&t=2.5")

    tab.wait_for_function("document.querySelector('#details audio').currentTime > 2.55")
    expect(block(tab, "details")).to_be_in_viewport()


def test_a_link_to_a_block_whose_name_is_not_ascii(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(autoplay=True, endless=True)
    tab.goto(f"{site_url}/modes/#naïve&t=1")
    tab.wait_for_function("document.getElementById('naïve').querySelector('audio').currentTime > 1.05")


@pytest.mark.parametrize("page", ["", "modes/"])
def test_a_link_to_no_moment_does_nothing(site_url: str, open_tab: OpenTab, page: str) -> None:
    tab = open_tab(autoplay=True)
    tab.goto(f"{site_url}/{page}#nobody&t=3")
    expect(button(tab.locator("speak-player").first, "Play")).to_be_visible()

    for fragment in ("&t=3", "overview&t=", "overview&t=soon", "overview&t=-3", "overview&t=3x", "%22]&t=1", "%&t=1"):
        tab.evaluate("fragment => { location.hash = fragment }", fragment)
    wait_for_frames(tab)

    assert playing(tab) == []
    assert tab.evaluate("[...document.querySelectorAll('audio')].every(one => one.currentTime === 0)")
    assert tab.evaluate("scrollY") == 0


def test_a_link_far_beyond_the_end_is_no_error(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(autoplay=True)
    tab.goto(f"{site_url}/#overview&t=99999")
    tab.wait_for_function("document.querySelector('#overview audio').ended")
    expect(button(block(tab, "overview"), "Play")).to_be_visible()


def test_the_file_can_be_downloaded(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    button(block(tab, "overview"), "More").click()
    link = block(tab, "overview").get_by_role("link", name="Download")

    with tab.expect_download() as started:
        link.click()

    assert started.value.suggested_filename.endswith(".mp3")
    assert started.value.path().read_bytes()[:2] in {b"\xff\xf3", b"\xff\xfb", b"ID"}


# The whole page


RECORD_STATUS = """
  window.said = [];
  addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    const status = document.querySelector(".speak-status");
    if (status?.textContent && said.at(-1) !== status.textContent) said.push(status.textContent);
  }).observe(document.body, { subtree: true, childList: true, characterData: true }));
  window.order = [];
  addEventListener("play", event => order.push(event.target.closest("[data-heading]")?.dataset.heading), true);
"""


@pytest.mark.parametrize("page", ["short", "narrated", "nested"])
def test_the_page_is_played_from_its_first_block_to_its_last(site_url: str, open_tab: OpenTab, page: str) -> None:
    tab = open_tab()
    tab.add_init_script(RECORD_STATUS)
    tab.goto(f"{site_url}/{page}/")
    second = tab.get_by_role("group", name="Listen: Second part")
    choose_speed(second, 2)

    button(second, "More").click()
    button(second, "Play the page").click()
    tab.wait_for_function("order.length === 3 && [...document.querySelectorAll('audio')].at(-1).ended")

    assert tab.evaluate("order") == list(TITLES)
    assert tab.evaluate("said") == list(TITLES[1:])
    expect(bar(tab)).to_be_hidden()
    expect(tab.locator(".speak-now")).to_have_count(0)
    expect(tab.locator("html")).not_to_have_class(re.compile("speak-has-bar"))


def test_one_block_alone_ends_alone(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.add_init_script(RECORD_STATUS)
    tab.goto(f"{site_url}/short/")
    first = tab.get_by_role("group", name="Listen: First part")
    choose_speed(first, 2)

    button(first, "Play").click()
    tab.wait_for_function("document.querySelector('audio').ended")
    wait_for_frames(tab)

    assert tab.evaluate("order") == ["First part"]
    assert tab.evaluate("said") == []
    assert playing(tab) == []


def test_previous_and_next_in_the_menu(site_url: str, tab: Page) -> None:
    tab.goto(f"{site_url}/narrated/")
    players = {title: tab.get_by_role("group", name=f"Listen: {title}") for title in TITLES}
    always = ["Repeat", "Continue with the next page", "Copy link to this moment", "Download", "Keyboard shortcuts"]

    for here, items in (
        ("First part", ["Play the page", "Next", *always]),
        ("Second part", ["Play the page", "Previous", "Next", *always]),
        ("Third part", ["Play the page", "Previous", *always]),
    ):
        button(players[here], "More").click()
        assert players[here].locator(".speak-item").all_text_contents() == items
        tab.keyboard.press("Escape")
    button(players["Third part"], "More").click()
    button(players["Third part"], "Previous").click()
    expect(button(players["Second part"], "Pause")).to_be_visible()


def test_the_narrated_page_is_marked_all_over_and_stands_for_itself(site_url: str, tab: Page) -> None:
    tab.goto(f"{site_url}/narrated/")
    page = tab.get_by_role("group", name="Listen: A page that is heard as a whole")
    name = page.evaluate("player => player.closest('[id]').id")

    button(page, "More").click()
    assert "Next" not in page.locator(".speak-item").all_text_contents()
    button(page, "Play").click()
    for number in (0, 1, 2):
        tab.locator(f'[data-cue="{name} {number}"]').last.click()
        wait_for_sentence(tab, name, number)
    assert playing(tab) == [name]


# The bar


@pytest.fixture
def reading(site_url: str, open_tab: OpenTab) -> Page:
    """A page whose first block plays, and whose reader has scrolled on to where nothing is heard."""
    tab = open_tab(endless=True, viewport=WIDE)
    tab.goto(site_url)
    start(tab, "overview")
    expect(bar(tab)).to_be_hidden()
    tab.evaluate("scrollTo({ top: 900, behavior: 'instant' })")
    expect(bar(tab)).to_be_visible()
    return tab


def test_the_bar_is_there_while_the_player_is_not(reading: Page) -> None:
    expect(reading.locator("html")).to_have_class(re.compile("speak-has-bar"))
    assert reading.evaluate("parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom)") > 40

    reading.evaluate("scrollTo({ top: 0, behavior: 'instant' })")

    expect(bar(reading)).to_be_hidden()
    expect(reading.locator("html")).not_to_have_class(re.compile("speak-has-bar"))


def test_the_bar_plays_and_pauses_and_seeks(reading: Page) -> None:
    button(bar(reading), "Pause").click()
    expect(button(bar(reading), "Play")).to_be_visible()
    assert playing(reading) == []

    bar(reading).get_by_role("slider").press("Home")
    expect(bar(reading).locator(".speak-elapsed")).to_have_text(re.compile(r"^0:00 / "))
    button(bar(reading), "Forward 10 seconds").click()
    expect(bar(reading).locator(".speak-elapsed")).to_have_text(re.compile(r"^0:10 / 0:1\d$"))
    button(bar(reading), "Back 10 seconds").click()
    expect(bar(reading).locator(".speak-elapsed")).to_have_text(re.compile(r"^0:00 / "))

    choose_speed(bar(reading), 1.25)
    expect_speed(block(reading, "overview"), 1.25)
    assert reading.evaluate("document.querySelector('#overview audio').playbackRate") == 1.25

    button(bar(reading), "Play").click()
    assert playing(reading) == ["overview"]


def test_closing_the_bar_leaves_the_focus_on_what_is_in_view(reading: Page) -> None:
    button(bar(reading), "Close").focus()
    reading.keyboard.press("Enter")

    expect(bar(reading)).to_be_hidden()
    assert playing(reading) == []
    expect(reading.locator(".speak-now")).to_have_count(0)
    assert reading.evaluate("scrollY") > 500
    expect(reading.locator(":focus")).to_be_in_viewport()
    reading.keyboard.press("Tab")
    expect(reading.locator(":focus")).to_be_in_viewport()


def test_the_bar_stays_while_it_has_the_focus(reading: Page) -> None:
    button(bar(reading), "Pause").focus()
    reading.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    expect(block(reading, "overview")).to_be_in_viewport(ratio=1)
    wait_for_frames(reading)
    expect(bar(reading)).to_be_visible()

    button(block(reading, "overview"), "More").focus()
    expect(bar(reading)).to_be_hidden()


def test_the_title_in_the_bar_leads_to_the_block(reading: Page, site_url: str) -> None:
    bar(reading).get_by_role("link", name="Overview").click()

    expect(reading).to_have_url(f"{site_url}/#overview")
    expect(block(reading, "overview")).to_be_in_viewport()
    assert playing(reading) == ["overview"]


def test_previous_and_next_in_the_bar(reading: Page) -> None:
    button(bar(reading), "Next").click()
    expect(block(reading, "details")).to_be_in_viewport()  # the page follows into the next block
    assert playing(reading) == ["details"]

    pause(reading, "details")  # a few seconds after the start, "previous" would go back there
    block(reading, "details").get_by_role("slider").press("Home")
    reading.evaluate("scrollTo({ top: 900, behavior: 'instant' })")
    expect(button(bar(reading), "Next")).to_be_disabled()
    button(bar(reading), "Previous").click()
    expect(block(reading, "overview")).to_be_in_viewport()
    assert playing(reading) == ["overview"]


def test_the_page_is_played_from_the_bar(reading: Page) -> None:
    everything = button(bar(reading), "Play the page")
    expect(everything).to_have_attribute("aria-pressed", "false")
    everything.click()
    expect(everything).to_have_attribute("aria-pressed", "true")

    let_end(reading, "overview")
    bar(reading).get_by_role("slider").press("End")

    expect(bar(reading).get_by_role("link", name="Details")).to_be_visible()
    assert playing(reading) == ["details"]


def test_assistive_technology_is_left_in_peace_while_it_plays(reading: Page) -> None:
    bar(reading).get_by_role("slider").press("Home")
    reading.evaluate("""
      window.told = [];
      const observer = new MutationObserver(list => told.push(...list.map(one => one.type + " " + one.attributeName)));
      const all = { subtree: true, childList: true, characterData: true };
      observer.observe(document.querySelector(".speak-status"), all);
      observer.observe(document.activeElement, { attributes: true, attributeFilter: ["aria-valuetext", "aria-label"] });
      window.then = document.querySelector("#overview audio").currentTime;
    """)

    reading.wait_for_function("document.querySelector('#overview audio').currentTime > then + 3")

    assert reading.evaluate("told") == []


# Keys of the keyboard, lock screens


def test_the_system_knows_what_is_heard_and_controls_it(site_url: str, tab: Page) -> None:
    tab.add_init_script("""
      window.handlers = {}; window.states = [];
      const session = navigator.mediaSession;
      const { setActionHandler, setPositionState } = MediaSession.prototype;
      session.setActionHandler = (action, handler) => {
        handlers[action] = handler;
        setActionHandler.call(session, action, handler);
      };
      session.setPositionState = (state) => {
        states.push(state);
        setPositionState.call(session, state);
      };
    """)
    tab.goto(site_url)
    start(tab, "overview")

    metadata = "({ title: navigator.mediaSession.metadata.title, artist: navigator.mediaSession.metadata.artist })"
    assert tab.evaluate(metadata) == {"title": "Overview", "artist": "Handbook"}
    state = tab.evaluate("states.at(-1)")
    assert state["duration"] == pytest.approx(
        float(block(tab, "overview").get_attribute("data-duration") or ""), abs=0.1
    )
    assert state["playbackRate"] == 1
    assert tab.evaluate("handlers.previoustrack") is None

    tab.evaluate("handlers.pause()")
    expect(button(block(tab, "overview"), "Play")).to_be_visible()
    tab.evaluate("handlers.seekto({ seekTime: 4 })")
    tab.wait_for_function("Math.abs(states.at(-1).position - 4) < 0.05")
    tab.evaluate("handlers.seekforward({ seekOffset: 2 })")
    assert position(tab, "overview") == pytest.approx(6, abs=0.05)
    tab.evaluate("handlers.seekbackward({})")
    assert position(tab, "overview") == 0
    tab.evaluate("handlers.play()")
    expect(button(block(tab, "overview"), "Pause")).to_be_visible()
    tab.evaluate("handlers.nexttrack()")
    tab.wait_for_function("navigator.mediaSession.metadata.title === 'Details'")
    tab.wait_for_function("handlers.nexttrack === null")
    tab.evaluate("handlers.seekto({ seekTime: 0 }); handlers.previoustrack()")
    tab.wait_for_function("navigator.mediaSession.metadata.title === 'Overview'")
    tab.evaluate("handlers.stop()")
    assert tab.evaluate("navigator.mediaSession.metadata") is None
    assert playing(tab) == []


# A page that is shown without being loaded (Material's instant navigation)


COUNT_LISTENERS = """
  window.listeners = 0;
  const { addEventListener: add } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (...args) {
    const isOurs = new Error().stack.includes("player.js");
    if (isOurs && (this === document || this === window || this === document.body)) window.listeners += 1;
    return add.apply(this, args);
  };
"""


@pytest.fixture
def visit(instant_url: str, tab: Page) -> Any:
    """Goes to another page as a reader of an instant site does, and makes sure that it was not loaded anew."""

    def visit(title: str, heading: str | None = None) -> None:
        tab.locator(".md-nav--primary .md-nav__link", has_text=title).first.click()
        expect(tab.get_by_role("heading", level=1)).to_contain_text(heading or title)
        assert tab.evaluate("window.isSame")

    tab.set_viewport_size({"width": 1280, "height": 700})
    tab.add_init_script(COUNT_LISTENERS)
    tab.add_init_script(NOTE_SEEKS)
    tab.goto(instant_url)
    wait_until_instant(tab)
    return visit


def wait_until_instant(tab: Page) -> None:
    """Wait until the theme knows which pages there are: until then its links load theirs anew."""
    tab.wait_for_function("performance.getEntriesByType('resource').some(one => one.name.endsWith('/sitemap.xml'))")
    tab.wait_for_load_state("networkidle")
    wait_for_frames(tab)
    tab.evaluate("window.isSame = true")


def wait_for_more_of_the_voice(tab: Page) -> None:
    """Wait until that which is heard goes on, and make sure that nothing has sent it to where it is."""
    tab.evaluate("voice = [...document.querySelectorAll('audio')].find(one => !one.paused); then = voice.currentTime")
    tab.wait_for_function("voice.currentTime !== then")
    assert tab.evaluate("sought") == []


def test_the_voice_goes_on_while_the_reader_goes_on(visit: Any, tab: Page, instant_url: str) -> None:
    start(tab, "overview")

    visit("Second")
    expect(bar(tab).get_by_role("link", name="Overview")).to_have_attribute("href", f"{instant_url}/#overview")
    expect(bar(tab)).to_have_css("position", "fixed")  # though a page without players has no style sheet of ours
    assert playing(tab) == [""]
    wait_for_more_of_the_voice(tab)

    visit("To read along")
    expect(button(block(tab, "long"), "Play")).to_be_visible()
    assert playing(tab) == [""]

    visit("Guide")
    expect(bar(tab)).to_be_hidden()
    expect(button(block(tab, "overview"), "Pause")).to_be_visible()
    assert playing(tab) == ["overview"]
    wait_for_more_of_the_voice(tab)
    expect(tab.locator("#overview .speak-now")).not_to_have_count(0)
    expect(tab.locator("#overview audio")).to_have_count(1)


def test_another_block_is_started_while_the_voice_of_another_page_goes_on(visit: Any, tab: Page) -> None:
    start(tab, "overview")
    visit("To read along")

    start(tab, "long")

    assert playing(tab) == ["long"]
    expect(tab.locator("audio")).to_have_count(1)
    expect(bar(tab)).to_be_hidden()
    expect(bar(tab).get_by_role("link", include_hidden=True)).to_have_text("Long")


def test_the_title_in_the_bar_leads_back_to_the_page(visit: Any, tab: Page, instant_url: str) -> None:
    start(tab, "overview")
    visit("Second")

    bar(tab).get_by_role("link", name="Overview").click()

    expect(tab).to_have_url(f"{instant_url}/#overview")
    expect(button(block(tab, "overview"), "Pause")).to_be_visible()
    assert tab.evaluate("window.isSame")
    assert playing(tab) == ["overview"]


def test_who_comes_back_still_has_the_next_block(visit: Any, tab: Page) -> None:
    start(tab, "overview")
    visit("Second")
    button(bar(tab), "Play the page").click()
    visit("Guide")
    tab.evaluate("scrollTo({ top: 900, behavior: 'instant' })")

    expect(button(bar(tab), "Next")).to_be_visible()
    let_end(tab, "overview")
    bar(tab).get_by_role("slider").press("End")

    expect(button(block(tab, "details"), "Pause")).to_be_attached()
    assert playing(tab) == ["details"]


def test_the_next_block_of_a_page_that_was_left(visit: Any, tab: Page) -> None:
    tab.evaluate("""
      window.sounds = new Set();
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function () {
        sounds.add(this);
        this.loop = true; // it is on no page, where its tab would see it
        return play.call(this);
      };
      null;
    """)
    heard = "[...sounds].filter((one) => !one.paused && one.currentTime > 0.05).length"
    start(tab, "overview")
    visit("To read along")

    button(bar(tab), "Next").click()
    expect(bar(tab).get_by_role("link", name="Details")).to_be_visible()
    tab.wait_for_function(f"sounds.size === 2 && {heard} === 1")

    start(tab, "long")
    assert tab.evaluate(f"[sounds.size, {heard}]") == [3, 1]
    assert playing(tab) == ["long"]


def test_the_voice_of_another_page_ends_with_its_bar(visit: Any, tab: Page) -> None:
    start(tab, "overview")
    visit("Second")

    button(bar(tab), "Close").click()

    expect(bar(tab)).to_be_hidden()
    expect(tab.locator("audio")).to_have_count(0)


def test_a_page_with_players_after_one_without(visit: Any, tab: Page, instant_url: str) -> None:
    visit("Second")
    tab.reload()
    wait_until_instant(tab)
    assert tab.evaluate("customElements.get('speak-player')") is None

    visit("To read along")

    start(tab, "long")
    wait_for_sentence(tab, "long", 0)
    background = "getComputedStyle(document.querySelector('.speak-now')).backgroundColor"
    assert tab.evaluate(background) != "rgba(0, 0, 0, 0)"  # the style sheet has come too
    expect(tab).to_have_url(f"{instant_url}/read/")


def test_nothing_piles_up_over_many_pages(visit: Any, tab: Page) -> None:
    start(tab, "overview")
    listeners = tab.evaluate("window.listeners")

    for _ in range(5):
        visit("To read along")
        visit("Guide")

    assert listeners > 0
    assert tab.evaluate("window.listeners") == listeners
    expect(tab.locator(".speak-bar")).to_have_count(1)
    expect(tab.locator(".speak-status")).to_have_count(1)
    assert tab.locator(".speak-controls").count() <= 1 + tab.locator("speak-player").count()
    assert playing(tab) == ["overview"]


def test_a_link_to_a_moment_on_another_page(visit: Any, tab: Page) -> None:
    visit("Guide")
    tab.get_by_role("link", name="One of the short ones").click()

    tab.wait_for_function("document.querySelector('#third audio')?.currentTime > 0.25")
    assert tab.evaluate("window.isSame")
    assert playing(tab) == ["third"]


# Paper, and the reader's own colors


@pytest.mark.parametrize("site", ["site_url", "instant_url"])
def test_print_has_all_the_text_and_no_player(request: pytest.FixtureRequest, tab: Page, site: str) -> None:
    tab.goto(f"{request.getfixturevalue(site)}/modes/")
    button(block(tab, "folded"), "Play").click()
    expect(tab.locator("#folded .speak-now")).not_to_have_count(0)

    tab.emulate_media(media="print")

    expect(tab.locator("speak-player").first).to_be_hidden()
    expect(bar(tab)).to_be_hidden()
    heights = tab.evaluate("""
      Object.fromEntries([...document.querySelectorAll(".speak-text [data-cue]")].map((one) =>
        [one.closest(".speak").id, one.checkVisibility() && one.getBoundingClientRect().height]))
    """)
    assert set(heights) == {"folded", "unseen", "foreign", "naïve"}
    assert all(height > 10 for height in heights.values()), heights
    clip = "getComputedStyle(document.querySelector('.speak-text--hidden')).clipPath"
    assert tab.evaluate(clip) == "none"
    assert tab.evaluate("getComputedStyle(document.querySelector('.speak-now')).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_forced_colours_leave_mark_and_icons_to_be_seen(site_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(endless=True, forced_colors="active")
    tab.goto(site_url)
    start(tab, "overview")
    wait_for_sentence(tab, "overview", 0)

    mark = "getComputedStyle(document.querySelector('.speak-now')).textDecorationLine"
    assert tab.evaluate(mark) == "underline"
    icons = tab.evaluate("""
      [...document.querySelectorAll("#overview .speak-button")].map((one) =>
        [getComputedStyle(one.querySelector("svg")).fill, getComputedStyle(one).backgroundColor])
    """)
    assert len(icons) == 4
    assert all(fill != background for fill, background in icons), icons


# Languages


@pytest.mark.parametrize(
    ("language", "page_direction", "words"),
    [
        ("de", "ltr", ["10 Sekunden zurück", "Abspielen", "10 Sekunden vor", "Mehr"]),
        ("ar", "rtl", ["رجوع 10 ثوانٍ", "تشغيل", "تقديم 10 ثوانٍ", "المزيد"]),
    ],
)
def test_the_player_speaks_the_language_of_its_site(
    tmp_path: Path, open_tab: OpenTab, language: str, page_direction: str, words: Sequence[str]
) -> None:
    theme = {**THEMES["material"], "language": language}
    pages = {"index.md": INDEX, "second.md": "# Second"}
    with published(tmp_path, pages, theme=theme, config={}, language="auto") as url:
        tab = open_tab()
        tab.goto(url)
        player = block(tab, "overview")

        for word in words:
            expect(button(player, word)).to_be_visible()
        assert tab.evaluate("getComputedStyle(document.body).direction") == page_direction
        controls = player.locator(".speak-controls > :not(.speak-play, .speak-menu)").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().x)"
        )
        assert controls == sorted(controls)  # left to right in every language
        button(player, words[-1]).click()
        item = player.locator(".speak-item").first
        assert item.evaluate("one => getComputedStyle(one).direction") == page_direction
        tab.close()


def test_a_text_in_another_language_is_marked_as_such(site_url: str, tab: Page) -> None:
    tab.goto(f"{site_url}/modes/")
    text = tab.locator("#foreign .speak-text")

    expect(text).to_have_attribute("lang", "ar")
    expect(text).to_have_attribute("dir", "rtl")
    start(tab, "foreign")
    wait_for_sentence(tab, "foreign", 0)
    expect(tab.locator("#folded .speak-text")).not_to_have_attribute("lang", re.compile(""))


# Pages that are not as they were built


def test_a_script_that_runs_twice_does_nothing_bad(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    start(tab, "overview")

    tab.add_script_tag(url=f"{site_url}/assets/lightning/player.js")

    expect(tab.locator("#overview .speak-controls")).to_have_count(1)
    expect(tab.locator(".speak-status")).to_have_count(1)
    assert playing(tab) == ["overview"]
    pause(tab, "overview")
    block(tab, "overview").get_by_role("slider").press("Home")
    button(block(tab, "overview"), "Forward 10 seconds").click()
    assert position(tab, "overview") == pytest.approx(10, abs=0.05)


@pytest.mark.parametrize(
    "template",
    [
        '<div class="speak-player" id="{{ block.id }}"><audio controls src="{{ block.url }}"></audio></div>',
        """<div id="{{ block.id }}"><speak-player class="speak-player">
        <audio controls src="{{ block.url }}"></audio></speak-player></div>""",
    ],
    ids=["without the element", "without its data"],
)
def test_another_template_keeps_the_browser_s_controls(site: Site, serve: Serve, tab: Page, template: str) -> None:
    own = site.root / "theme" / "lightning" / "player.html"
    own.parent.mkdir(parents=True)
    own.write_text(f"{template}{{{{ block.text_html }}}}")
    site.config["theme"] = {**THEMES["mkdocs"], "custom_dir": str(site.root / "theme")}
    site.write({"index.md": ":::speak #own\nA sentence for the player of somebody else.\n:::\n"})
    site.build()
    tab.goto(serve(site.root / "site"))

    expect(tab.locator("audio")).to_have_attribute("controls", "")
    expect(tab.locator("audio")).to_be_visible()
    expect(tab.locator(".speak-controls")).to_have_count(0)
    tab.evaluate("location.hash = '#other'")
    tab.locator("[data-cue]").first.click(modifiers=["Alt"])
    tab.evaluate("document.querySelector('audio').play()")
    tab.wait_for_function("document.querySelector('audio').currentTime > 0.05")


def test_a_player_that_is_moved_goes_on(site_url: str, tab: Page) -> None:
    tab.goto(site_url)
    start(tab, "overview")
    before = position(tab, "overview")

    tab.evaluate("document.querySelector('h1').before(document.getElementById('overview'))")

    tab.wait_for_function("then => document.querySelector('#overview audio').currentTime > then", arg=before + 0.3)
    assert playing(tab) == ["overview"]
    expect(block(tab, "overview").locator(".speak-controls")).to_have_count(1)
    expect(block(tab, "overview")).to_be_in_viewport()
    expect(bar(tab)).to_be_hidden()
    pause(tab, "overview")


# What it costs a reader


def test_script_and_style_sheet_are_small() -> None:
    """As they are sent; a page without clips has neither."""
    assert sum(len(gzip.compress(asset(name).encode())) for name in ASSETS) < 18_100


def test_a_page_without_clips_loads_nothing_of_it(site_url: str, tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{site_url}/second/")
    tab.wait_for_load_state("networkidle")

    assert asked
    assert not [url for url in asked if "lightning" in url]


def test_a_page_loads_no_sound_before_it_is_asked_for(site_url: str, tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(site_url)
    tab.wait_for_load_state("networkidle")

    assert not [url for url in asked if url.endswith((".mp3", ".vtt"))]
