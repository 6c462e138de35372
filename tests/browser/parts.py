"""Parts of a player, as tests in a browser find and use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

TIMES = "\N{MULTIPLICATION SIGN}"

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def choose_speed(place: Locator, speed: float) -> None:
    """Choose a speed in the menu of a player or of the bar."""
    place.locator(".speak-speed").click()
    place.get_by_role("menuitemradio", name=f"{speed:g}{TIMES}", exact=True).click()


def expect_speed(place: Locator, speed: float) -> None:
    """The speed that a player or the bar shows."""
    expect(place.locator(".speak-speed")).to_have_text(f"{speed:g}{TIMES}")
