"""WebKitGTK over WebDriver: Debian's WebKitWebDriver with its MiniBrowser, on a screen that nobody sees."""

from __future__ import annotations

import base64
import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import requests

from tests.support.browsers.desktop import home, running, screen
from tests.support.browsers.keys import key_actions, pointer_actions
from tests.support.browsers.tab import PATIENCE, PageChangedError, Step, Tab
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGES: Final = "webkit2gtk-driver xvfb pulseaudio"
PROGRAMS: Final = ("WebKitWebDriver", "Xvfb", "pulseaudio")
NOWHERE: Final = "127.0.0.1:9"
"""A proxy that is not there: no way out for what is not on loopback."""
EXECUTE: Final = """
  const [given, done] = arguments;
  const fail = (error) => done([null, `${error}\\n${error.stack}`]);
  (async () => (FUNCTION)(given))().then((value) => done([value]), fail);
"""
OWN_WISH: Final = "favicon.ico"
"""What the browser asks for by itself."""


class WebDriverError(Exception):
    """An error that the driver answers with."""


@dataclass(frozen=True)
class Driver:
    """A running WebKitWebDriver: where it is, the browser that it starts, and where that writes its console."""

    url: str
    browser: str
    console: Path

    def __call__(self, method: str, path: str, **body: object) -> Any:
        """Send a command; its value."""
        answer = requests.request(
            method, f"{self.url}{path}", json=body if method == "POST" else None, timeout=2 * PATIENCE
        )
        value = answer.json()["value"]
        if not answer.ok:
            raise WebDriverError(value["error"], value["message"])
        return value


class WebKitTab(Tab):
    """The one tab of a browser of its own: WebKitWebDriver has one at a time."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._seen = driver.console.stat().st_size
        options = {
            "binary": driver.browser,
            "args": ["--automation", "--enable-write-console-messages-to-stdout=true"],
        }
        proxy = {
            "proxyType": "manual",
            "httpProxy": NOWHERE,
            "sslProxy": NOWHERE,
            "noProxy": ["127.0.0.1", "localhost"],
        }
        wanted = {"webkitgtk:browserOptions": options, "proxy": proxy}
        session = driver("POST", "/session", capabilities={"alwaysMatch": wanted})
        self._session = f"/session/{session['sessionId']}"

    def _post(self, command: str, **body: object) -> Any:
        return self._driver("POST", f"{self._session}/{command}", **body)

    def goto(self, url: str) -> None:
        self._post("url", url=url)

    def ask(self, function: str, given: str) -> str | None:
        try:
            answer = self._post("execute/async", script=EXECUTE.replace("FUNCTION", function), args=[given])
        except WebDriverError as error:
            raise PageChangedError(*error.args) from error
        value, *trouble = answer
        if trouble:
            raise AssertionError(trouble[0])
        found: str | None = value
        return found

    def point(self, *steps: Step) -> None:
        self._post("actions", actions=pointer_actions(steps))

    def press(self, keys: str) -> None:
        self._post("actions", actions=key_actions(keys))

    def resize(self, width: int, height: int) -> None:
        for _ in range(2):  # once to learn how much of it is not the page's
            own = self.call("() => [outerWidth - innerWidth, outerHeight - innerHeight]")
            self._post("window/rect", x=0, y=0, width=width + own[0], height=height + own[1])

    def picture(self) -> bytes:
        return base64.b64decode(self._driver("GET", f"{self._session}/screenshot"))

    def errors(self) -> Sequence[str]:
        with self._driver.console.open(errors="replace") as console:
            console.seek(self._seen)
            return [line.strip() for line in console if re.search(r"CONSOLE \S+ ERROR", line) and OWN_WISH not in line]

    def close(self) -> None:
        self._driver("DELETE", self._session)


def find_browser() -> str | None:
    """Where Debian has MiniBrowser."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[-1]) if found else None


@contextmanager
def webkit() -> Iterator[Driver]:
    """A WebKitWebDriver, until the block ends; `WebKitTab` opens tabs."""
    browser = find_browser()
    assert browser
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with home() as env, screen() as display, TemporaryDirectory() as directory:
        console = Path(directory, "console")
        wanted = {**env, "DISPLAY": display, "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}
        command = ["WebKitWebDriver", f"--port={port}"]
        with console.open("w") as output, running(command, wanted, output=output):
            driver = Driver(f"http://127.0.0.1:{port}", browser, console)
            wait_until(lambda: _answers(driver), "WebKitWebDriver answers")
            yield driver


def _answers(driver: Driver) -> bool:
    try:
        return bool(driver("GET", "/status")["ready"])
    except requests.ConnectionError:
        return False
