"""What makes listening pleasant, in Chromium, Firefox and WebKitGTK: each once failed in Chromium and Firefox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.listener import BAR, PLAY, SLIDER
from tests.browser.listening_site import MANY
from tests.support.web_server import Stall

if TYPE_CHECKING:
    from tests.browser.conftest import Host
    from tests.browser.listener import Listener
    from tests.browser.sites import ServedSite

LOADS = """(place) => [...document.querySelectorAll(`${place} speak-player *`)].some((one) => one.checkVisibility() &&
  ["", "::before", "::after"].some((part) => getComputedStyle(one, part).animationName !== "none"))
"""
"""JavaScript: whether something moves in a player, as it does while it loads."""


@pytest.fixture(scope="module")
def url(listening_site: ServedSite) -> str:
    return listening_site.url


# Following the voice


def test_the_page_stays_while_the_slider_is_dragged_and_goes_to_the_sentence_after(
    url: str, listener: Listener
) -> None:
    listener.tab.goto(f"{url}/read/")
    listener.play("long")

    listener.drag(listener.point_at_slider("long", 0.02), listener.point_at_slider("long", 0.7))
    listener.tab.draw()
    assert listener.scrolled() == 0

    listener.release()
    listener.wait_to_read("The fifth")


def test_a_link_to_a_moment_shows_its_sentence_and_follows_from_there(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/read/")
    start = listener.starts("long")[2]

    listener.tab.goto(f"{url}/second/")
    listener.follow_link(f"{url}/read/#long&t={start + 0.1}", "long")

    listener.wait_to_read("The third sentence")
    listener.wait_to_read("The fourth sentence")


def test_the_title_in_the_bar_leads_to_the_sentence(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/read/")
    listener.play("long")
    listener.skip_sentences("long", 3)
    listener.wait_to_read("The fourth sentence")
    listener.scroll(900)

    listener.tab.click(f"{BAR} a", "^Long$")

    listener.wait_to_read("The fourth sentence")


def test_play_the_page_follows_into_the_next_block(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/short/")
    listener.open_menu("#first")
    listener.tab.click("#first button", "^Play the page$")
    listener.wait_to_hear("first")
    listener.skip_sentences("first", 1)

    listener.wait_to_read("What the second part says")


def test_play_the_page_needs_no_other_audio_element_than_the_one_that_was_clicked(url: str, listener: Listener) -> None:
    """Safari lets an element play that the reader has started, and long after the click no other."""
    listener.tab.goto(f"{url}/short/")
    listener.tab.call("""() => {
      const { play } = HTMLMediaElement.prototype;
      let started = null;
      HTMLMediaElement.prototype.play = function () {
        started ??= this;
        return this === started ? play.call(this) : Promise.reject(new DOMException("", "NotAllowedError"));
      };
    }""")
    listener.open_menu("#first")
    listener.tab.click("#first button", "^Play the page$")
    listener.wait_to_hear("first")
    listener.skip_sentences("first", 1)

    listener.wait_to_read("What the second part says")
    listener.wait_to_hear("second")
    listener.tab.click(f"{BAR} button, #second button", "^Forward 10")
    listener.wait_to_hear("second", 9.5)
    assert listener.hears() == ["second"]


def test_the_next_block_is_shown_when_the_bar_goes_there(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")
    listener.scroll(700)

    listener.tab.click(f"{BAR} button", "^Next")

    listener.wait_to_read("What is told in detail")


def test_who_scrolls_away_is_left_in_peace_until_they_want_back(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/read/")
    listener.play("long")
    listener.scroll(1200)
    before = listener.scrolled()

    listener.tab.wait_for("() => document.querySelector('.speak-now')?.textContent.startsWith('The second')")
    listener.tab.draw()
    assert listener.scrolled() == before

    listener.tab.click(f"{BAR} button", "^Back to the voice")
    listener.wait_to_read("The third")


def test_what_is_hidden_is_opened_when_it_is_heard(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/hidden/")
    listener.play("speak-page")

    listener.skip_sentences("speak-page", 5)
    listener.wait_to_read("On Windows you click")
    listener.skip_sentences("speak-page", 2)
    listener.wait_to_read("Folded away")
    listener.skip_sentences("speak-page", 3)
    listener.wait_to_read("After all of it")


def test_what_the_reader_closes_again_stays_closed(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/hidden/")
    listener.play("speak-page")
    listener.skip_sentences("speak-page", 7)
    listener.wait_to_read("Folded away")

    listener.tab.click("details summary", "^More")
    listener.tab.wait_for("() => document.querySelector('.speak-now')?.textContent.startsWith('Nor do they')")

    assert not listener.tab.call("() => document.querySelector('details').open")
    listener.skip_sentences("speak-page", 2)
    listener.wait_to_read("After all of it")


@pytest.mark.parametrize("name", ["tabbed", "folded"])
def test_a_link_to_a_moment_that_is_hidden_opens_what_hides_it(url: str, listener: Listener, name: str) -> None:
    listener.tab.goto(url)
    listener.tab.goto(f"{url}/tabbed/")
    start = listener.starts(name)[1]
    listener.tab.goto(url)

    listener.follow_link(f"{url}/tabbed/#{name}&t={start + 0.1}", name)

    listener.wait_to_read("The second sentence of the")
    listener.wait_to_hear(name, start)


# Plain and slow servers


@pytest.mark.parametrize("knobs", [{"without_ranges": True}, {"without_ranges": True, "is_old": True}])
def test_a_server_without_ranges_is_as_good(
    listening_site: ServedSite, host: Host, listener: Listener, knobs: dict[str, bool]
) -> None:
    tab = listener.tab
    listener.follow_link(f"{host(listening_site.directory, **knobs).url}/#overview&t=31", "overview")

    listener.wait_to_hear("overview", 31)
    listener.wait_to_read("The fourth sentence")
    tab.click("#overview button", "^Forward 10")

    listener.wait_to_hear("overview", 41)
    assert listener.elapsed("#overview") >= 41


def test_who_waits_is_told_so_and_nothing_is_highlighted_meanwhile(
    listening_site: ServedSite, host: Host, listener: Listener
) -> None:
    server = host(listening_site.directory, stall=Stall())
    assert server.stall
    listener.tab.goto(server.url)
    listener.tab.click("#overview button", PLAY)

    listener.tab.wait_for(LOADS, "#overview")
    listener.tab.wait_for("() => /^Loading/.test(document.querySelector('[role=status]').textContent)")
    assert listener.highlighted() == ""

    server.stall.end.set()
    listener.wait_to_hear("overview")
    listener.wait_to_read("The first sentence")
    listener.tab.wait_for(f"(place) => !({LOADS})(place)", "#overview")


# What is remembered


@pytest.mark.parametrize("way", ["reload", "back"])
def test_who_comes_back_can_go_on_where_they_were(url: str, listener: Listener, way: str) -> None:
    tab = listener.tab
    tab.goto(url)
    listener.play("overview")
    tab.click("#overview button", "^Forward 10")
    tab.click("#overview button", "^Forward 10")
    listener.wait_to_hear("overview", 20.2)

    if way == "back":
        tab.goto(f"{url}/second/")
    tab.goto(url)
    tab.click("#overview button", "^Continue at 0:2[0-9]")

    listener.wait_to_hear("overview", 19.5)
    assert listener.position("overview") < 40


def test_one_voice_in_all_tabs(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")
    other = type(listener)(listener.tab.another())
    try:
        other.tab.goto(f"{url}/read/")

        other.play("long")

        listener.tab.wait_for("() => document.querySelector('#overview audio').paused")
        assert other.hears() == ["long"]
    finally:
        other.tab.close()


# What is pressed, clicked and copied


def test_a_link_that_cannot_be_copied_is_there_to_be_copied_by_hand(url: str, listener: Listener) -> None:
    tab = listener.tab
    tab.goto(url)
    tab.call("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    listener.open_menu("#overview")

    tab.click("#overview button", "^Copy link")

    tab.wait_for("""() => [...document.querySelectorAll("input, textarea")].some((one) =>
      one.checkVisibility() && one.value.includes("#overview&t=0") && one === document.activeElement &&
      one.selectionEnd - one.selectionStart === one.value.length)""")


def test_a_double_click_selects_a_word_and_leaves_the_voice_where_it_is(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.double_click("[data-cue='overview 3']")
    listener.wait_to_hear("overview", 1.5)

    assert len(listener.tab.call("() => getSelection().toString().trim()").split()) == 1
    assert listener.position("overview") < listener.starts("overview")[2]


def test_hundreds_of_players_cost_no_more_than_those_in_view(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/many/")
    listener.tab.wait_to_see("#overview button", PLAY)
    made = "() => [...document.querySelectorAll('speak-player')].filter((one) => one.querySelector('button')).length"

    assert listener.tab.call(made) < 40
    listener.play(f"block-{MANY - 1}")

    assert listener.tab.call(made) < 80


def test_the_slider_tells_where_it_is_in_words_before_it_has_the_focus(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    said = "() => document.querySelector('#overview input[type=range]')?.ariaValueText"

    assert listener.tab.wait_for(said).startswith("0:00 ")


def test_each_button_names_its_clip(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.tab.wait_to_see("#overview button", "^Play: Overview$")
    listener.tab.call("() => document.querySelector('#details').scrollIntoView()")
    listener.tab.wait_to_see("#details button", "^Play: Details$")


def test_the_focus_is_in_view_after_the_bar_is_closed(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")
    listener.scroll(1200)
    listener.tab.focus(f"{BAR} button", "^Close")

    listener.tab.press("Enter")

    listener.tab.wait_for("() => !document.querySelector('.speak-bar')?.checkVisibility()")
    box = listener.tab.call("() => document.activeElement.getBoundingClientRect().toJSON()")
    assert box["bottom"] > 0
    assert box["top"] < 720


def test_the_controls_of_a_phone_are_all_there(url: str, listener: Listener) -> None:
    listener.tab.resize(450, 800)
    listener.tab.goto(url)
    for name in ("^Back 10", "^Forward 10", PLAY):
        listener.tab.wait_to_see("#overview button", name)
    width = listener.tab.call("() => document.querySelector('#overview input[type=range]').clientWidth")
    assert width > 250, SLIDER
