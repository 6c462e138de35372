"""WebKitGTK over WebDriver: Debian's WebKitWebDriver with its MiniBrowser, on a screen that nobody sees.

It has no sound card either, and then plays by a clock of its own, which is more exact than a sink of PulseAudio's.
"""

from __future__ import annotations

import base64
import re
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import requests

from tests.support.browsers.desktop import home, running, screen
from tests.support.browsers.keys import key_actions, pointer_actions
from tests.support.browsers.tab import PATIENCE, PageChangedError, Step, Tab
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PACKAGES: Final = "webkit2gtk-driver xvfb"
PROGRAMS: Final = ("WebKitWebDriver", "Xvfb")
LOOPBACK: Final = ["127.0.0.1", "localhost"]
STARTS: Final = (15.0, 30.0, 60.0)
"""Seconds for each try to start the browser."""
NOWHERE: Final = "127.0.0.1:9"
"""A proxy that is not there: no way out for what is not on loopback."""
EXECUTE: Final = """
  const [given, done] = arguments;
  const fail = (error) => done([null, `${error}\\n${error.stack}`]);
  (async () => (FUNCTION)(given))().then((value) => done([value]), fail);
"""
OWN_WISH: Final = "favicon.ico"
"""What the browser asks for by itself; no site here has it."""


class WebDriverError(Exception):
    """An error that the driver answers with."""


@dataclass
class Session:
    """A running WebKitWebDriver with one browser, whose windows share their storage.

    Attributes:
        url: Where the driver listens.
        console: The file where the browser writes its console.
    """

    url: str
    console: Path
    _path: str = ""
    _first: str = ""  # stays open, as the browser ends with its last one
    _window: str = ""  # that commands are for

    def start(self, browser: str, patience: float) -> None:
        """Start the browser."""
        arguments = ["--automation", "--enable-write-console-messages-to-stdout=true"]
        proxy = {"proxyType": "manual", "httpProxy": NOWHERE, "sslProxy": NOWHERE, "noProxy": LOOPBACK}
        wanted = {"webkitgtk:browserOptions": {"binary": browser, "args": arguments}, "proxy": proxy}
        answer = self.send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, patience)
        self._path = f"/session/{answer['sessionId']}"
        self._first = self._window = self.send("GET", f"{self._path}/window")

    def stop(self) -> None:
        """End the browser."""
        self.send("DELETE", self._path)

    def window(self, command: str, window: str, /, **body: object) -> Any:
        """Send a command to a window; its value."""
        if window != self._window:
            self.post("window", handle=window)
            self._window = window
        return self.post(command, **body)

    def post(self, command: str, /, **body: object) -> Any:
        """Send a command to the browser; its value."""
        return self.send("POST", f"{self._path}/{command}", body)

    def send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, patience: float = 2 * PATIENCE
    ) -> Any:
        """Send a command to the driver; its value."""
        answer = requests.request(method, f"{self.url}{path}", json=body, timeout=patience)
        value = answer.json()["value"]
        if not answer.ok:
            raise WebDriverError(value["error"], value["message"])
        return value

    def get(self, command: str, window: str) -> Any:
        """Ask a window for something."""
        self.window("window", window, handle=window)
        return self.send("GET", f"{self._path}/{command}")

    def close(self, window: str) -> None:
        """Close a window."""
        self.window("window", window, handle=window)
        self.send("DELETE", f"{self._path}/window")
        self.window("window", self._first, handle=self._first)


class WebKitTab(Tab):
    """A window. Its storage is that of the browser, and is cleared when the tab is closed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen = session.console.stat().st_size
        self._window: str = session.post("window/new", type="window")["handle"]

    def another(self) -> WebKitTab:
        return WebKitTab(self._session)

    def _post(self, command: str, **body: object) -> Any:
        return self._session.window(command, self._window, **body)

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
        for step in steps:  # one by one: in a single command, a button is pressed where the pointer was before
            self._post("actions", actions=pointer_actions((step,)))

    def press(self, keys: str) -> None:
        self._post("actions", actions=key_actions(keys))

    def resize(self, width: int, height: int) -> None:
        for _ in range(2):  # once to learn how much of it is not the page's
            own = self.call("() => [outerWidth - innerWidth, outerHeight - innerHeight]")
            self._post("window/rect", x=0, y=0, width=width + own[0], height=height + own[1])

    def picture(self) -> bytes:
        return base64.b64decode(self._session.get("screenshot", self._window))

    def errors(self) -> Sequence[str]:
        with self._session.console.open(errors="replace") as console:
            console.seek(self._seen)
            return [line.strip() for line in console if re.search(r"CONSOLE \S+ ERROR", line) and OWN_WISH not in line]

    def close(self) -> None:
        if (origin := self.call("() => location.origin")) != "null":
            self.goto(f"{origin}/{OWN_WISH}")  # a page that notes nothing when it is left
            self.call("() => localStorage.clear()")
        self._session.close(self._window)


def find_browser() -> str | None:
    """Where Debian has MiniBrowser."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[-1]) if found else None


@contextmanager
def webkit() -> Iterator[Session]:
    """A browser, until the block ends; `WebKitTab` opens tabs."""
    browser = find_browser()
    assert browser
    with home() as env, screen() as display, TemporaryDirectory() as directory:
        console = Path(directory, "console")
        console.touch()
        wanted = {**env, "DISPLAY": display, "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}
        with ExitStack() as driver:
            session = _start(driver, wanted, browser, console)
            yield session
            session.stop()


def _start(driver: ExitStack, env: Mapping[str, str], browser: str, console: Path) -> Session:
    """A session. On a busy machine the driver may miss its browser, and then waits for ever: it is started anew."""
    for patience in STARTS:
        with ExitStack() as trying, socket.socket() as free, console.open("a") as output:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            free.close()
            trying.enter_context(running(["WebKitWebDriver", f"--port={port}"], env, output=output))
            session = Session(f"http://127.0.0.1:{port}", console)
            wait_until(partial(_answers, session), "WebKitWebDriver answers")
            try:
                session.start(browser, patience)
            except requests.ReadTimeout:
                continue
            driver.push(trying.pop_all())
            return session
    raise AssertionError("WebKitWebDriver does not start its browser")


def _answers(session: Session) -> bool:
    try:
        return bool(session.send("GET", "/status")["ready"])
    except requests.ConnectionError:
        return False
