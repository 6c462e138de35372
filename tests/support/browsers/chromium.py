"""Chromium over Playwright, with the same interface as the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error

from tests.support.browsers.tab import Down, Move, PageChangedError, Step, Tab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import BrowserContext, ConsoleMessage

GONE: Final = re.compile("context was destroyed|navigat|Target .* closed")
"""What Playwright says when a page goes away while its script runs."""


OWN_WISH: Final = "/favicon.ico"
"""What the browser asks for by itself; no site here has it."""


class ChromiumTab(Tab):
    """A tab in a context of its own."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self.page = context.new_page()
        self._errors: list[str] = []
        self.page.on("pageerror", lambda error: self._errors.append(f"javascript: {error}"))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(OWN_WISH):
            self._errors.append(f"console: {message.text} ({message.location['url']})")

    def another(self) -> ChromiumTab:
        return ChromiumTab(self._context)

    def goto(self, url: str) -> None:
        self.page.goto(url)

    def ask(self, function: str, given: str) -> str | None:
        try:
            value: str | None = self.page.evaluate(function, given)
        except Error as error:
            if GONE.search(error.message):
                raise PageChangedError from error
            raise
        return value

    def point(self, *steps: Step) -> None:
        mouse, clicks = self.page.mouse, 0
        for step in steps:
            if isinstance(step, Move):
                mouse.move(step.x, step.y)
                clicks = 0
            elif isinstance(step, Down):
                clicks += 1
                mouse.down(click_count=clicks)
            else:
                mouse.up(click_count=max(clicks, 1))

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def picture(self) -> bytes:
        return self.page.screenshot()

    def errors(self) -> Sequence[str]:
        self.page.title()  # what there was to tell comes before the answer
        return self._errors

    def close(self) -> None:
        self.page.close()
        if not self._context.pages:
            self._context.close()
