"""Firefox over WebDriver BiDi, which it speaks by itself: there is no other program between."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from websockets.sync.client import ClientConnection, connect

from tests.support.browsers.desktop import home, running, sound_card
from tests.support.browsers.keys import key_actions, pointer_actions
from tests.support.browsers.tab import PATIENCE, PageChangedError, Step, Tab
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PACKAGES: Final = "firefox-esr pulseaudio"
PROGRAMS: Final = ("firefox", "pulseaudio")
PREFERENCES: Final[Mapping[str, object]] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.min_background_timeout_value": 10,
    "media.autoplay.default": 1,  # no sound without a click, as for everybody
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    # No way out: other hosts are asked for through a proxy that is not there.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "remote.active-protocols": 1,  # WebDriver BiDi
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
TRIES: Final = 3  # to load a page
LATE: Final = 10.0
"""Seconds without an answer after which there will be none: the page has gone, or is not loaded."""
GONE: Final = {"no such frame", "no such window", "unknown error"}
"""Errors that come when a page goes away while its script runs."""


class BidiError(Exception):
    """An error that the browser answers with."""


class Bidi:
    """A connection: commands with their results, and the events that came meanwhile."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def __call__(self, method: str, /, **params: object) -> Any:
        """Send a command; its result."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = self._receive(2 * PATIENCE if method != "script.callFunction" else LATE)
            if message.get("id") != self._number:
                continue
            if message["type"] == "error":
                raise BidiError(message["error"], message["message"])
            return message["result"]

    def _receive(self, patience: float) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._connection.recv(timeout=patience))
        if message["type"] == "event":
            self.events.append(message)
        return message

    def wait_for(self, event: str, name: str, value: object) -> bool:
        """Wait for an event with a value; whether it came."""
        with suppress(TimeoutError):
            while not any(one["method"] == event and one["params"][name] == value for one in self.events):
                self._receive(LATE)
            return True
        return False


class FirefoxTab(Tab):
    """A tab in a container of its own."""

    def __init__(self, bidi: Bidi, user: str = "") -> None:
        self._bidi = bidi
        self._user = user or bidi("browser.createUserContext")["userContext"]
        self._is_first = not user
        self._context = bidi("browsingContext.create", type="tab", userContext=self._user)["context"]

    def another(self) -> FirefoxTab:
        return FirefoxTab(self._bidi, self._user)

    def goto(self, url: str) -> None:
        if "#" in url and self.call("(url) => location.href.split('#')[0] === url.split('#')[0]", url):
            self._bidi("browsingContext.navigate", context=self._context, url=url, wait="none")  # loads nothing
            return
        for _ in range(TRIES):  # a page with instant navigation may come back after the new one
            asked = self._bidi("browsingContext.navigate", context=self._context, url=url, wait="none")["navigation"]
            if self._bidi.wait_for("browsingContext.load", "navigation", asked) and self._is_at(url):
                return
        raise AssertionError(f"Firefox does not load {url}")

    def _is_at(self, url: str) -> bool:
        return bool(self.call("(url) => location.href === new URL(url).href", url))

    def ask(self, function: str, given: str) -> str | None:
        try:
            answer = self._bidi(
                "script.callFunction",
                functionDeclaration=function,
                arguments=[{"type": "string", "value": given}],
                target={"context": self._context},
                awaitPromise=True,
            )
        except TimeoutError as error:
            raise PageChangedError from error
        except BidiError as error:
            if error.args[0] in GONE:
                raise PageChangedError from error
            raise
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        value: str | None = answer["result"].get("value")
        return value

    def point(self, *steps: Step) -> None:
        self._bidi("input.performActions", context=self._context, actions=pointer_actions(steps))

    def press(self, keys: str) -> None:
        self._bidi("input.performActions", context=self._context, actions=key_actions(keys))

    def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self._bidi("browsingContext.setViewport", context=self._context, viewport=viewport)

    def picture(self) -> bytes:
        return base64.b64decode(self._bidi("browsingContext.captureScreenshot", context=self._context)["data"])

    def errors(self) -> Sequence[str]:
        self._bidi("session.status")  # what there was to tell comes before the answer
        entries = [event["params"] for event in self._bidi.events if event["method"] == "log.entryAdded"]
        own = [entry for entry in entries if entry["source"].get("context") == self._context]
        return [f"{entry['type']}: {entry['text']}" for entry in own if entry["level"] == "error"]

    def close(self) -> None:
        if self._is_first:
            self._bidi("browser.removeUserContext", userContext=self._user)
        else:
            self._bidi("browsingContext.close", context=self._context)


@contextmanager
def firefox() -> Iterator[Bidi]:
    """A headless Firefox, until the block ends; `FirefoxTab` opens tabs."""
    with home() as env, TemporaryDirectory(prefix="profile", ignore_cleanup_errors=True) as profile:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
        Path(profile, "user.js").write_text("".join(lines))
        command = ["firefox", "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"]
        listens = Path(profile, "WebDriverBiDiServer.json")
        with sound_card(env), running(command, env):
            wait_until(listens.is_file, "Firefox listens")
            port = json.loads(listens.read_text())["ws_port"]
            with connect(f"ws://127.0.0.1:{port}/session", max_size=None) as connection:
                bidi = Bidi(connection)
                bidi("session.new", capabilities={})
                bidi("session.subscribe", events=["log.entryAdded", "browsingContext.load"])
                yield bidi
                bidi("browser.close")
