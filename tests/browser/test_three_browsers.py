"""The ways that listeners take most, in Chromium, Firefox and WebKitGTK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.listener import BAR, PAUSE, PLAY

if TYPE_CHECKING:
    from tests.browser.listener import Listener
    from tests.browser.sites import ServedSite


@pytest.fixture(scope="module")
def url(listening_site: ServedSite) -> str:
    return listening_site.url


def test_play_and_pause(url: str, listener: Listener) -> None:
    listener.tab.goto(url)

    listener.play("overview")
    assert listener.hears() == ["overview"]

    listener.pause("overview")
    assert listener.hears() == []


def test_one_voice_at_a_time(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.play("details")

    assert listener.hears() == ["details"]


def test_the_slider_seeks_with_the_mouse(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.tab.click("#overview input[type=range]", across=0.75)

    duration = listener.duration("overview")
    listener.wait_to_hear("overview", 0.7 * duration)
    assert listener.elapsed("#overview") == pytest.approx(0.75 * duration, abs=0.07 * duration)


def test_ten_seconds_forward_and_back(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.tab.click("#overview button", "^Forward 10")
    listener.tab.click("#overview button", "^Forward 10")
    listener.wait_to_hear("overview", 20)
    listener.tab.click("#overview button", "^Back 10")

    listener.tab.wait_for("() => document.querySelector('#overview audio').currentTime < 15")
    listener.wait_to_hear("overview", 10)


def test_the_volume_holds_for_every_player_and_the_next_visit(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.open_menu("#overview")
    listener.tab.focus("#overview .speak-volume")
    for _ in range(10):
        listener.tab.press("ArrowLeft")

    listener.play("overview")
    assert listener.volume("overview") == pytest.approx(0.5)

    listener.tab.goto(url)
    listener.play("details")
    assert listener.volume("details") == pytest.approx(0.5)


def test_a_key_mutes_every_player_and_says_so(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.tab.press("m")
    assert listener.volume("overview") == 0
    listener.tab.wait_to_see("#overview .speak-note", "^Muted$")

    listener.play("details")
    assert listener.volume("details") == 0
    listener.tab.wait_to_see("#details .speak-note", "^Muted$")

    listener.tab.press("m")
    assert listener.volume("details") == 1
    listener.tab.wait_for("() => document.querySelector('#details .speak-note').hidden")


def test_a_digit_goes_to_a_tenth_of_the_clip(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")
    duration = listener.duration("overview")

    listener.tab.press("7")
    listener.wait_to_hear("overview", 0.7 * duration)
    assert listener.elapsed("#overview") < 0.9 * duration

    listener.tab.press("0")
    listener.tab.wait_for(f"() => document.querySelector('#overview audio').currentTime < {0.5 * duration}")


def test_a_clip_that_is_repeated_begins_again(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/short/")
    listener.open_menu("#first")
    listener.tab.click("#first .speak-item", "^Repeat$")
    listener.play("first")
    listener.wait_to_hear("first", 0.6 * listener.duration("first"))

    listener.tab.wait_for("() => document.querySelector('#first audio').currentTime < 2")

    assert listener.hears() == ["first"]


def test_the_highlight_goes_with_the_voice_and_the_page_follows(url: str, listener: Listener) -> None:
    listener.tab.goto(f"{url}/read/")
    listener.play("long")

    listener.wait_to_read("The first sentence")
    listener.wait_to_read("The second sentence")
    listener.wait_to_read("The third sentence")

    assert listener.scrolled() > 500


def test_a_click_on_a_sentence_plays_from_there(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.tab.click("#overview [data-cue='overview 2']")

    listener.wait_to_hear("overview", listener.starts("overview")[2] - 0.2)
    listener.wait_to_read("The third one")


def test_a_link_to_a_moment_leads_there(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    start = listener.starts("details")[1]

    listener.tab.goto(f"{url}/second/")
    listener.follow_link(f"{url}/#details&t={start + 0.2}", "details")

    listener.wait_to_hear("details", start)
    listener.wait_to_read("There is a second sentence")


def test_a_link_on_the_page_itself_leads_to_its_moment(url: str, listener: Listener) -> None:
    """Nothing is loaded then: only the fragment changes."""
    listener.tab.goto(url)
    start = listener.starts("details")[1]
    listener.tab.call(
        """(moment) => {
          const link = Object.assign(document.createElement("a"), { href: moment, id: "moment", textContent: "There" });
          document.querySelector("#overview").before(link);
        }""",
        f"#details&t={start + 0.2}",
    )

    listener.tab.click("#moment")

    listener.wait_to_hear("details", start)
    listener.wait_to_read("There is a second sentence")


def test_the_bar_has_what_is_heard(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.play("overview")

    listener.scroll(1200)
    listener.tab.wait_to_see(f"{BAR} a", "^Overview$")
    listener.tab.click(f"{BAR} button", PAUSE)
    assert listener.hears() == []
    listener.tab.click(f"{BAR} button", PLAY)
    listener.wait_to_hear("overview")
    listener.tab.click(f"{BAR} button", "^Close")

    listener.tab.wait_for("() => !document.querySelector('.speak-bar')?.checkVisibility()")
    assert listener.hears() == []
    assert listener.highlighted() == ""


def test_the_menu_by_keyboard(url: str, listener: Listener) -> None:
    listener.tab.goto(url)
    listener.tab.focus("#overview button", "^More")

    listener.tab.press("Enter")
    listener.tab.wait_to_see("#overview button", "^Play the page$")
    listener.tab.press("Escape")
    listener.tab.wait_for("() => !document.querySelector('#overview .speak-menu').checkVisibility()")
    listener.tab.press("Enter")
    listener.tab.click("#overview button", "^Next$")

    # It may have ended: WebKitGTK now and then takes the duration of a clip from its first bytes.
    listener.tab.wait_for("() => document.querySelector('#details audio').played.length")
    listener.tab.wait_for("() => document.querySelector('#overview audio').paused")


def test_the_page_plays_block_after_block(url: str, listener: Listener) -> None:
    """Even where a browser has long forgotten the click: WebKit lets no other sound begin 5 s after it."""
    listener.tab.goto(f"{url}/short/")
    listener.open_menu("#first")
    listener.tab.click("#first button", "^Play the page$")

    listener.wait_to_hear("second")

    assert listener.hears() == ["second"]
    browsers_own = listener.tab.call("() => document.querySelector('#second audio').duration")
    assert browsers_own == pytest.approx(listener.duration("second"), abs=0.2)


def test_the_voice_goes_on_while_the_reader_goes_on(url: str, listener: Listener) -> None:
    tab = listener.tab
    tab.goto(url)
    tab.wait_for("() => performance.getEntriesByType('resource').some((one) => one.name.endsWith('/sitemap.xml'))")
    tab.call("() => { window.isSame = true; }")
    listener.play("overview")

    tab.click(".md-nav--primary .md-nav__link .md-ellipsis", "^Second$", across=0.1)
    tab.wait_to_see("h1", "^Second")
    assert tab.call("() => window.isSame")
    listener.wait_to_hear_more()
    assert listener.hears() == [""]

    tab.click(f"{BAR} a", "^Overview$")
    tab.wait_to_see("#overview button", PAUSE)
    assert tab.call("() => window.isSame")
    listener.wait_to_hear_more()
    assert listener.hears() == ["overview"]
    listener.wait_to_read("The first sentence")
