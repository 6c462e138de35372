"""Somebody who listens to a page, in any browser: what they do, and what they see and hear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.support.browsers.tab import Down, Move, Up

if TYPE_CHECKING:
    from tests.support.browsers.tab import Tab

PLAY: Final = r"^Play(:|$)"
PAUSE: Final = r"^Pause(:|$)"
BAR: Final = ".speak-bar"
SLIDER: Final = "input[type=range]"
HIGHLIGHTED: Final = """() => [...document.querySelectorAll(".speak-now")].map((one) => one.textContent).join("")"""
READS: Final = """(text) => {
  const now = [...document.querySelectorAll(".speak-now")].filter((one) => one.checkVisibility());
  if (now.length === 0) return false;
  const { x, y, width, height } = now[0].getClientRects()[0];
  const seen = document.elementFromPoint(x + Math.min(width, 40) / 2, y + height / 2);
  return now.map((one) => one.textContent).join("").startsWith(text) && now.some((one) => one.contains(seen));
}"""
"""JavaScript: whether a sentence is highlighted, and nothing is above its beginning, be it the edge of the window."""
VOICE: Final = "[...document.querySelectorAll('audio')].find((one) => !one.paused)"

LED: Final = f"""(name) => {{
  const label = document.activeElement?.ariaLabel ?? "";
  const audio = document.querySelector(`#${{name}} audio`);
  return audio?.paused === false ? "plays" : /{PLAY}/.test(label) && "asked";
}}"""
"""JavaScript: what has become of a link to a moment."""


@dataclass(frozen=True)
class Listener:
    """A reader with their ears open."""

    tab: Tab

    # What they do

    def play(self, name: str) -> None:
        """Scroll to a block, press play, and wait until there is sound."""
        self.tab.call(
            "(name) => document.querySelector(`#${name} speak-player`).scrollIntoView({ block: 'center' })", name
        )
        self.tab.click(f"#{name} speak-player button", PLAY)
        self.wait_to_hear(name)

    def follow_link(self, url: str, name: str) -> None:
        """Open a link to a moment; where the browser wants it, press the button that has the focus."""
        self.tab.goto(url)
        if self.tab.wait_for(LED, name) == "asked":
            self.tab.press("Enter")
        self.wait_to_hear(name)

    def double_click(self, selector: str) -> None:
        """Click twice on the first word of an element."""
        point = self.tab.where(selector, across=0.03)
        self.tab.point(point, Down(), Up(), Down(), Up())

    def pause(self, name: str) -> None:
        self.tab.click(f"#{name} speak-player button", PAUSE)
        self.tab.wait_to_see(f"#{name} speak-player button", PLAY)

    def skip_sentences(self, name: str, count: int) -> None:
        """Go on from sentence to sentence, by keyboard."""
        self.tab.focus(f"#{name} {SLIDER}")
        for _ in range(count):
            self.tab.press("PageUp")

    def point_at_slider(self, name: str, share: float) -> Move:
        """Where to press the button for a share of a clip."""
        return self.tab.where(f"#{name} {SLIDER}", across=share)

    def drag(self, start: Move, to: Move) -> None:
        """Press the button, and go on a little at a time, without releasing it."""
        ways = [Move(start.x + (to.x - start.x) * part / 8, to.y) for part in range(1, 9)]
        self.tab.point(start, Down(), *ways)

    def release(self) -> None:
        self.tab.point(Up())

    def scroll(self, top: float) -> None:
        """Go to elsewhere in the page, as with the wheel, which says that the reader wants to be there."""
        self.tab.call(
            """(top) => {
              document.body.dispatchEvent(new WheelEvent("wheel", { deltaY: top - scrollY, bubbles: true }));
              scrollTo({ top, behavior: "instant" });
            }""",
            top,
        )
        self.tab.draw()

    def open_menu(self, place: str) -> None:
        self.tab.click(f"{place} button", "^More")

    # What they hear

    def wait_to_hear(self, name: str, beyond: float = 0.05) -> None:
        """Wait until a block plays, and has come further than that many seconds."""
        self.tab.wait_for(
            "(...given) => { const audio = document.querySelector(`#${given[0]} audio`); "
            "return audio && !audio.paused && !audio.seeking && audio.currentTime > given[1]; }",
            name,
            beyond,
        )

    def wait_to_hear_more(self) -> None:
        """Wait until what is heard goes on, wherever it is."""
        self.tab.wait_for(f"() => {VOICE}?.currentTime > 0.05")
        position = self.tab.call(f"() => {VOICE}.currentTime")
        self.tab.wait_for(f"(before) => {VOICE}?.currentTime > before", position)

    def hears(self) -> list[str]:
        """The ids of the blocks that play; an empty one stands for a block that is not on this page."""
        playing = "[...document.querySelectorAll('audio')].filter((one) => !one.paused)"
        return list(self.tab.call(f"() => {playing}.map((one) => one.closest('[id]')?.id ?? '')"))

    def position(self, name: str) -> float:
        """Seconds."""
        return float(self.tab.call("(name) => document.querySelector(`#${name} audio`).currentTime", name))

    def duration(self, name: str) -> float:
        """Seconds."""
        return float(self.tab.call("(name) => document.querySelector(`#${name} speak-player`).dataset.duration", name))

    def volume(self, name: str) -> float:
        """From 0, of a player that is muted, too, to 1."""
        audio = "document.querySelector(`#${name} audio`)"
        return float(self.tab.call(f"(name) => {audio}.muted ? 0 : {audio}.volume", name))

    def starts(self, name: str) -> list[float]:
        """When each sentence of a block begins, in seconds."""
        text = self.tab.call("(name) => document.querySelector(`#${name} speak-player`).dataset.starts", name)
        return [float(start) for start in text.split()]

    # What they see

    def elapsed(self, place: str) -> int:
        """Seconds, as a player or the bar shows them."""
        text = self.tab.call(
            "(place) => document.querySelector(place).querySelector('.speak-elapsed').textContent", place
        )
        minutes, seconds = re.findall(r"\d+", text)[:2]
        return 60 * int(minutes) + int(seconds)

    def wait_to_read(self, text: str) -> None:
        """Wait until a sentence is highlighted, by its first words, and can be read without scrolling."""
        self.tab.wait_for(READS, text)

    def highlighted(self) -> str:
        return str(self.tab.call(HIGHLIGHTED))

    def scrolled(self) -> float:
        return float(self.tab.call("() => scrollY"))
